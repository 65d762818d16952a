//! What each key takes: its type, its range or its choices. `defaults.toml` describes the same keys for people.

use std::net::{IpAddr, Ipv6Addr};

use super::{hours::Hours, menu, problem::Fault};

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rule {
    /// Any text, possibly empty.
    Text,
    /// Text with at least one visible character.
    Name,
    /// A list of texts, each with at least one visible character; in a variable, separated by commas.
    Names,
    /// The same, of people's names: without the marks that part the words of an address.
    Accounts,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// A number from the first to the second.
    Real(f64, f64),
    /// On or off.
    Flag,
    /// A time of the day, `HH:MM`, or empty for none.
    Time,
    /// A list of times of the day; in a variable, separated by commas.
    Times,
    /// A time zone of the IANA database, or empty for the system's.
    Zone,
    /// An address of this device.
    Address,
    /// Where pages come from as browsers write it, or empty for none.
    Origin,
    /// A list of these, none empty; in a variable, separated by commas.
    Origins,
    /// Opening hours, or empty for always.
    Hours,
    /// Choices with their answers.
    Menu,
}

/// Every key with what it takes, in the order of `defaults.toml`.
pub(super) const KEYS: &[(&str, Rule)] = &[
    ("general.lang", Rule::OneOf(&["en", "fr", "auto"])),
    ("general.owner", Rule::Name),
    ("general.accounts", Rule::Accounts),
    ("general.profile", Rule::Name),
    ("general.emergency_number", Rule::Name),
    ("general.place", Rule::Text),
    ("general.board", Rule::Name),
    ("audio.input_device", Rule::Text),
    ("audio.output_device", Rule::Text),
    ("audio.echo", Rule::OneOf(&["cancel", "none"])),
    ("listen.wake", Rule::OneOf(&["transcript", "button", "keyword"])),
    ("listen.wake_words", Rule::Names),
    ("listen.wake_threshold", Rule::Real(0.05, 0.99)),
    ("listen.wake_refractory_ms", Rule::Whole(0, 60_000)),
    ("listen.preroll_ms", Rule::Whole(0, 2_000)),
    ("listen.onset_ms", Rule::Whole(10, 1_000)),
    ("listen.pause_ms", Rule::Whole(50, 2_000)),
    ("listen.hangover_yes_no_ms", Rule::Whole(100, 5_000)),
    ("listen.hangover_command_ms", Rule::Whole(100, 5_000)),
    ("listen.hangover_dictation_ms", Rule::Whole(100, 10_000)),
    ("listen.longest_utterance_ms", Rule::Whole(1_000, 30_000)),
    ("listen.longest_dictation_ms", Rule::Whole(1_000, 600_000)),
    ("listen.barge_in", Rule::OneOf(&["on", "off"])),
    ("listen.vad_threshold", Rule::Real(0.0, 1.0)),
    ("asr.model", Rule::Name),
    ("asr.threads", Rule::Whole(1, 64)),
    ("intent.rephrase", Rule::Flag),
    ("dialogue.confirm", Rule::OneOf(&["always", "unsure"])),
    ("dialogue.confirm_recipient", Rule::Real(0.0, 1.0)),
    ("dialogue.confirm_people", Rule::Whole(1, 1_000)),
    ("dialogue.confirm_risky", Rule::Flag),
    ("dialogue.offers", Rule::OneOf(&["spoken", "asked", "off"])),
    ("dialogue.announce", Rule::OneOf(&["name", "chime", "digest", "hold"])),
    ("dialogue.answer_timeout_ms", Rule::Whole(1_000, 60_000)),
    ("dialogue.pause_timeout_ms", Rule::Whole(5_000, 600_000)),
    ("dialogue.questions_per_task", Rule::Whole(0, 100)),
    ("dialogue.prompt_words", Rule::Whole(0, 1_000)),
    ("dialogue.read_chars", Rule::Whole(0, 100_000)),
    ("dialogue.speaker_timeout_ms", Rule::Whole(10_000, 86_400_000)),
    ("dialogue.undo_window_ms", Rule::Whole(0, 60_000)),
    ("announce.groups", Rule::OneOf(&["name", "chime", "digest", "hold"])),
    ("announce.always", Rule::Names),
    ("announce.never", Rule::Names),
    ("announce.quiet_from", Rule::Time),
    ("announce.quiet_to", Rule::Time),
    ("announce.time_zone", Rule::Zone),
    ("announce.digest_at", Rule::Times),
    ("car.assume_moving", Rule::Flag),
    ("car.auto_reply", Rule::Flag),
    ("action.network", Rule::OneOf(&["local", "matrix"])),
    ("action.typing", Rule::Flag),
    ("pay.method", Rule::OneOf(&["off", "tab", "bank", "wallet"])),
    ("pay.by_voice", Rule::Whole(0, 1_000)),
    ("pay.since_pin", Rule::Whole(0, 10_000)),
    ("pay.payments_since_pin", Rule::Whole(0, 1_000)),
    ("pay.with_pin", Rule::Whole(0, 1_000_000)),
    ("pay.confirm_ms", Rule::Whole(5_000, 60_000)),
    ("pay.again_ms", Rule::Whole(0, 86_400_000)),
    ("pay.pin_tries", Rule::Whole(1, 10)),
    ("pay.pin_lock_ms", Rule::Whole(60_000, 86_400_000)),
    ("pay.driving", Rule::Flag),
    ("pay.holder", Rule::Text),
    ("pay.iban", Rule::Text),
    ("speech.engine", Rule::OneOf(&["auto", "kokoro", "piper", "espeak", "system", "command"])),
    ("speech.command", Rule::Text),
    ("speech.voice_en", Rule::Text),
    ("speech.voice_fr", Rule::Text),
    ("speech.rate", Rule::Real(0.25, 4.0)),
    ("speech.earcons", Rule::Flag),
    ("speech.night_volume", Rule::Whole(0, 6)),
    ("companion.page", Rule::OneOf(&["device", "home", "off"])),
    ("companion.port", Rule::Whole(0, 65_535)),
    ("companion.suggestions", Rule::Flag),
    ("chat.open", Rule::Flag),
    ("chat.address", Rule::Address),
    ("chat.port", Rule::Whole(0, 65_535)),
    ("chat.link", Rule::Origin),
    ("chat.origins", Rule::Origins),
    ("chat.name", Rule::Text),
    ("chat.hours", Rule::Hours),
    ("chat.greeting_en", Rule::Text),
    ("chat.greeting_fr", Rule::Text),
    ("chat.away_en", Rule::Text),
    ("chat.away_fr", Rule::Text),
    ("chat.menu", Rule::Menu),
    ("chat.keep_days", Rule::Whole(1, 3_650)),
    ("telemetry.stats", Rule::Flag),
    ("telemetry.level", Rule::OneOf(&["error", "warn", "info", "debug", "trace"])),
];

/// A value as it was written, before it is checked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Real(f64),
    /// True or false.
    Flag(bool),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of tables, each with its keys.
    Tables(Vec<Vec<(String, Self)>>),
    /// Something no key takes; says what.
    Other(&'static str),
}

impl Raw {
    /// Reads a variable of the environment as the type its rule asks for.
    pub(super) fn from_variable(text: &str, rule: Rule) -> Self {
        if matches!(rule, Rule::Names | Rule::Accounts | Rule::Times | Rule::Origins) {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            return Self::Texts(names.map(str::to_owned).collect());
        }
        let number = match rule {
            Rule::Whole(..) | Rule::Real(..) => {
                let trimmed = text.trim();
                trimmed.parse().map(Self::Whole).or_else(|_| trimmed.parse().map(Self::Real)).ok()
            }
            Rule::Flag => text.trim().parse().map(Self::Flag).ok(),
            Rule::Text
            | Rule::Name
            | Rule::Names
            | Rule::Accounts
            | Rule::OneOf(_)
            | Rule::Time
            | Rule::Times
            | Rule::Zone
            | Rule::Address
            | Rule::Origin
            | Rule::Origins
            | Rule::Hours
            | Rule::Menu => None,
        };
        number.unwrap_or_else(|| Self::Text(text.to_owned()))
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Whole(_) => "a whole number",
            Self::Real(_) => "a number with a fraction",
            Self::Flag(_) => "true or false",
            Self::Texts(_) | Self::Tables(_) => "a list",
            Self::Other(kind) => kind,
        }
    }
}

impl Rule {
    /// Checks a value of `key` and brings it into the type the key has.
    pub(super) fn check(self, key: &str, raw: Raw) -> Result<toml::Value, Fault> {
        let expected = || self.expected(key);
        let impossible = |found: String| Fault::Impossible { found, expected: expected() };
        match (self, raw) {
            (Self::Text, Raw::Text(text)) => Ok(toml::Value::String(text)),
            (Self::Name, Raw::Text(text)) if text.trim().is_empty() => Err(impossible("empty text".to_owned())),
            (Self::Name, Raw::Text(text)) => Ok(toml::Value::String(text)),
            (Self::Names | Self::Accounts, Raw::Texts(names)) if names.iter().any(|name| name.trim().is_empty()) => {
                Err(impossible("empty text".to_owned()))
            }
            (Self::Accounts, Raw::Texts(names)) if names.iter().any(|name| name.contains(['/', ':'])) => {
                Err(impossible("a name with / or :".to_owned()))
            }
            (Self::Names | Self::Accounts, Raw::Texts(names)) => {
                Ok(toml::Value::Array(names.into_iter().map(toml::Value::String).collect()))
            }
            (Self::OneOf(words), Raw::Text(text)) if words.contains(&text.as_str()) => Ok(toml::Value::String(text)),
            (Self::OneOf(_), Raw::Text(text)) => Err(impossible(format!("{text:?}"))),
            (Self::Whole(from, to), Raw::Whole(number)) if (from..=to).contains(&number) => {
                Ok(toml::Value::Integer(number))
            }
            (Self::Real(from, to), Raw::Real(number)) if (from..=to).contains(&number) => {
                Ok(toml::Value::Float(number))
            }
            (Self::Real(..), Raw::Whole(number)) => {
                let exact = i32::try_from(number).map_err(|_| impossible(number.to_string()))?;
                self.check(key, Raw::Real(exact.into()))
            }
            (Self::Time, Raw::Text(text)) if text.is_empty() || is_time(&text) => Ok(toml::Value::String(text)),
            (Self::Zone, Raw::Text(text)) if text.is_empty() || jiff::tz::TimeZone::get(&text).is_ok() => {
                Ok(toml::Value::String(text))
            }
            (Self::Time | Self::Zone, Raw::Text(text)) => Err(impossible(format!("{text:?}"))),
            (Self::Times, Raw::Texts(times)) => match times.iter().find(|time| !is_time(time)) {
                Some(wrong) => Err(impossible(format!("{wrong:?}"))),
                None => Ok(toml::Value::Array(times.into_iter().map(toml::Value::String).collect())),
            },
            (Self::Address, Raw::Text(text)) if text.parse::<IpAddr>().is_ok() => Ok(toml::Value::String(text)),
            (Self::Origin, Raw::Text(text)) if text.is_empty() || is_origin(&text) => Ok(toml::Value::String(text)),
            (Self::Hours, Raw::Text(text)) if Hours::parse(&text).is_some() => Ok(toml::Value::String(text)),
            (Self::Address | Self::Origin | Self::Hours, Raw::Text(text)) => Err(impossible(format!("{text:?}"))),
            (Self::Origins, Raw::Texts(origins)) => match origins.iter().find(|origin| !is_origin(origin)) {
                Some(wrong) => Err(impossible(format!("{wrong:?}"))),
                None => Ok(toml::Value::Array(origins.into_iter().map(toml::Value::String).collect())),
            },
            (Self::Menu, Raw::Texts(none)) if none.is_empty() => Ok(toml::Value::Array(Vec::new())),
            (Self::Menu, Raw::Tables(choices)) => menu::check(choices).map_err(impossible),
            (Self::Flag, Raw::Flag(flag)) => Ok(toml::Value::Boolean(flag)),
            (Self::Whole(..), Raw::Whole(number)) => Err(impossible(number.to_string())),
            (Self::Real(..), Raw::Real(number)) => Err(impossible(number.to_string())),
            (_, other) => Err(Fault::WrongType { expected: expected(), found: other.kind() }),
        }
    }

    fn expected(self, key: &str) -> String {
        let unit = if key.ends_with("_ms") { " (milliseconds)" } else { "" };
        match self {
            Self::Text => "text in quotes".to_owned(),
            Self::Name => "text in quotes, not empty".to_owned(),
            Self::Names => "a list of texts, none of them empty".to_owned(),
            Self::Accounts => "a list of names, without / and :".to_owned(),
            Self::OneOf([word]) => format!("{word:?}"),
            Self::OneOf(words) => {
                let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Self::Flag => "true or false".to_owned(),
            Self::Time => "a time of the day such as \"22:00\", or \"\" for none".to_owned(),
            Self::Times => "a list of times of the day such as \"12:00\"".to_owned(),
            Self::Zone => "a time zone such as \"Europe/Paris\", or \"\" for the system's".to_owned(),
            Self::Address => "an address of this device such as \"127.0.0.1\"".to_owned(),
            Self::Origin => "an origin such as \"https://shop.example\", or \"\" for none".to_owned(),
            Self::Origins => "a list of origins such as \"https://shop.example\", without path, * or usual port".to_owned(),
            Self::Hours => "opening hours such as \"mon-fri 9:00-18:00, sat 9:00-12:00\", or \"\" for always".to_owned(),
            Self::Menu => {
                "up to nine choices {label_en, label_fr, answer_en, answer_fr}, or with person = true instead of answers"
                    .to_owned()
            }
            Self::Whole(from, to) => format!("a whole number from {from} to {to}{unit}"),
            Self::Real(from, to) => format!("a number from {from} to {to}{unit}"),
        }
    }
}

/// Whether a browser would write it so in its `Origin` header (RFC 6454): anything else would never match.
fn is_origin(text: &str) -> bool {
    let (host, usual) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(host), _) => (host, ":443"),
        (None, Some(host)) => (host, ":80"),
        (None, None) => return false,
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse::<u16>().is_ok()),
        _ => (host, true),
    };
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-._".contains(letter);
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = address
        .map_or_else(|| !name.is_empty() && name.chars().all(is_name), |address| address.parse::<Ipv6Addr>().is_ok());
    is_host && port && !host.ends_with(usual)
}

/// Hours and minutes, as on a clock.
fn is_time(text: &str) -> bool {
    text.len() == 5 && text.parse::<jiff::civil::Time>().is_ok()
}

/// Returns a known key as it is spelt here, with its rule.
pub(super) fn find(key: &str) -> Option<(&'static str, Rule)> {
    KEYS.iter().find(|(known, _)| *known == key).copied()
}

/// Returns the sections, each once, in the order of `defaults.toml`.
pub(super) fn sections() -> Vec<&'static str> {
    let mut sections: Vec<_> = KEYS.iter().map(|(key, _)| split(key).0).collect();
    sections.dedup();
    sections
}

/// Splits `section.key`.
pub(super) fn split(key: &str) -> (&str, &str) {
    key.split_once('.').unwrap_or(("", key))
}

/// Says which key was probably meant, and if none is near, which keys there are.
pub(super) fn advise_key(section: &str, name: &str) -> String {
    if let Some(key) = nearest_key(section, name) {
        return format!("did you mean {key}?");
    }
    let names: Vec<_> =
        KEYS.iter().map(|(key, _)| split(key)).filter(|(of, _)| *of == section).map(|(_, name)| name).collect();
    if names.is_empty() { advise_section(section) } else { format!("keys of [{section}]: {}", names.join(", ")) }
}

/// Says which section was probably meant, and if none is near, which there are.
pub(super) fn advise_section(name: &str) -> String {
    let sections = sections();
    nearest(name, sections.iter().copied(), |section| section)
        .map_or_else(|| format!("sections: {}", sections.join(", ")), |section| format!("did you mean [{section}]?"))
}

/// Returns the key of the section whose name is nearest, else the nearest of any section.
pub(super) fn nearest_key(section: &str, name: &str) -> Option<&'static str> {
    let keys = || KEYS.iter().map(|(key, _)| *key);
    nearest(name, keys().filter(|key| split(key).0 == section), |key| split(key).1)
        .or_else(|| nearest(name, keys(), |key| split(key).1))
}

/// Returns the name of the variable nearest to `HERALD_` and `wanted` (in lower case), if it is near.
pub(super) fn nearest_variable(wanted: &str) -> Option<String> {
    let variables: Vec<_> = KEYS.iter().map(|(key, _)| key.replacen('.', "_", 1)).collect();
    let close = |variable: &&String| strsim::damerau_levenshtein(wanted, variable) <= 2;
    variables.iter().find(close).map(|variable| format!("HERALD_{}", variable.to_ascii_uppercase()))
}

/// Returns the candidate whose word is nearest to `word` by edits, if it is near enough to be a slip of the keyboard.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
    word_of: impl Fn(&'a str) -> &'a str,
) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(word, word_of(candidate)), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}
