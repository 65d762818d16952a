//! Checks between keys: values that are possible alone but not together.

use super::{
    load::Merged,
    problem::{Fault, Problem},
};

/// Returns every contradiction; `cores` is how many processor cores this machine has.
pub(super) fn validate(merged: &Merged, cores: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    let hangovers = ["listen.hangover_yes_no_ms", "listen.hangover_command_ms", "listen.hangover_dictation_ms"];
    for hangover in hangovers {
        let advice =
            "a decode starts at the pause and must come before the end: use a longer hangover or a shorter pause";
        problems.extend(at_least(merged, hangover, "listen.pause_ms", advice));
    }
    let advice = "an utterance must be longer than the speech that begins it";
    problems.extend(at_least(merged, "listen.longest_utterance_ms", "listen.onset_ms", advice));
    let advice = "one payment by voice must fit into what is paid since the last PIN, and with it: lower pay.by_voice";
    problems.extend(at_least(merged, "pay.since_pin", "pay.by_voice", advice));
    problems.extend(at_least(merged, "pay.with_pin", "pay.by_voice", advice));
    problems.extend(wake_words(merged));
    problems.extend(household(merged));
    problems.extend(voice_command(merged));
    problems.extend(threads(merged, cores));
    problems.extend(own_account(merged));
    problems.extend(shop(merged));
    problems
}

/// The value of `key` must not be below that of `other`.
fn at_least(merged: &Merged, key: &str, other: &str, advice: &'static str) -> Option<Problem> {
    let (value, bound) = (merged.get(key)?, merged.get(other)?);
    if value.value.as_integer()? >= bound.value.as_integer()? {
        return None;
    }
    // The place to mend is where somebody set something, not the default it collides with.
    let (place, at) =
        if value.origin.layer >= bound.origin.layer { (&value.origin, key) } else { (&bound.origin, other) };
    let (here, there) = if at == key { (value, bound) } else { (bound, value) };
    let fault = Fault::Contradiction {
        found: here.value.to_string(),
        other: format!("{} = {} ({})", there.key, there.value, there.origin),
        advice,
    };
    Some(Problem { place: place.to_string(), key: at.to_owned(), fault })
}

/// Money that is asked for must arrive.
fn own_account(merged: &Merged) -> Option<Problem> {
    let (iban, holder) = (merged.get("pay.iban")?, merged.get("pay.holder")?);
    let (account, name) = (iban.value.as_str()?, holder.value.as_str()?);
    let advice = match () {
        () if account.is_empty() => return None,
        () if account.parse::<iban::Iban>().is_err() => "this is no IBAN: compare it digit by digit",
        () if name.trim().is_empty() => "name the holder as your bank writes it",
        () => return None,
    };
    Some(Problem {
        place: iban.origin.to_string(),
        key: iban.key.to_owned(),
        fault: Fault::Contradiction {
            // An account is nobody else's business, also in an error.
            found: "the account".to_owned(),
            other: format!("{} ({})", holder.key, holder.origin),
            advice,
        },
    })
}

/// Without a word, Herald would never wake.
fn wake_words(merged: &Merged) -> Option<Problem> {
    let (wake, words) = (merged.get("listen.wake")?, merged.get("listen.wake_words")?);
    let is_silent = wake.value.as_str()? == "keyword" && words.value.as_array()?.is_empty();
    is_silent.then(|| Problem {
        place: wake.origin.to_string(),
        key: wake.key.to_owned(),
        fault: Fault::Contradiction {
            found: wake.value.to_string(),
            other: format!("{} = [] ({})", words.key, words.origin),
            advice: "name the words to wake by: one of `herald setup wake`, or a keyword model of `herald models list`",
        },
    })
}

/// Without a program, the engine `command` has nothing to speak with.
fn voice_command(merged: &Merged) -> Option<Problem> {
    let (engine, command) = (merged.get("speech.engine")?, merged.get("speech.command")?);
    let is_silent = engine.value.as_str()? == "command" && command.value.as_str()?.trim().is_empty();
    is_silent.then(|| Problem {
        place: engine.origin.to_string(),
        key: engine.key.to_owned(),
        fault: Fault::Contradiction {
            found: engine.value.to_string(),
            other: format!("{} = \"\" ({})", command.key, command.origin),
            advice: "name the program that speaks: it reads text and writes a WAV",
        },
    })
}

/// "This is Paul" must mean one person.
fn household(merged: &Merged) -> Option<Problem> {
    let (owner, accounts) = (merged.get("general.owner")?, merged.get("general.accounts")?);
    let mut known = vec![owner.value.as_str()?.to_lowercase()];
    for name in accounts.value.as_array()?.iter().filter_map(toml::Value::as_str) {
        let folded = name.to_lowercase();
        if known.contains(&folded) {
            return Some(Problem {
                place: accounts.origin.to_string(),
                key: accounts.key.to_owned(),
                fault: Fault::Contradiction {
                    found: format!("{name:?}"),
                    other: format!("{} = {} ({}), or is there twice", owner.key, owner.value, owner.origin),
                    advice: "name the others who share the device, each once",
                },
            });
        }
        known.push(folded);
    }
    None
}

/// More than two threads a core only wait for each other.
fn threads(merged: &Merged, cores: usize) -> Option<Problem> {
    let setting = merged.get("asr.threads")?;
    let most = cores.saturating_mul(2);
    let threads = usize::try_from(setting.value.as_integer()?).ok()?;
    (threads > most).then(|| Problem {
        place: setting.origin.to_string(),
        key: setting.key.to_owned(),
        fault: Fault::Impossible {
            found: threads.to_string(),
            expected: format!("a whole number from 1 to {most} (this machine has {cores} cores)"),
        },
    })
}

/// An open chat serves somebody, has a port of its own, and speaks both languages.
fn shop(merged: &Merged) -> Vec<Problem> {
    let mut problems = Vec::new();
    let is_empty = |key: &str| {
        let value = merged.get(key).map(|setting| &setting.value);
        let items = value.and_then(toml::Value::as_array).map_or(0, Vec::len);
        items == 0 && value.and_then(toml::Value::as_str).is_none_or(|text| text.trim().is_empty())
    };
    let is_open = merged.get("chat.open").is_some_and(|setting| setting.value.as_bool() == Some(true));
    if is_open && is_empty("chat.origins") {
        let advice = "name the origin of the shop's pages, such as \"https://shop.example\"";
        problems.extend(contradiction(merged, "chat.open", "chat.origins", advice));
    }
    let port = |key: &str| merged.get(key).and_then(|setting| setting.value.as_integer()).filter(|port| *port != 0);
    let has_page = merged.get("companion.page").is_some_and(|setting| setting.value.as_str() != Some("off"));
    if is_open && has_page && port("chat.port").is_some_and(|own| port("companion.port") == Some(own)) {
        problems.extend(contradiction(merged, "chat.port", "companion.port", "each needs a port of its own"));
    }
    for (english, french) in [("chat.greeting_en", "chat.greeting_fr"), ("chat.away_en", "chat.away_fr")] {
        if is_empty(english) != is_empty(french) {
            let (written, missing) = if is_empty(english) { (french, english) } else { (english, french) };
            let advice = "visitors are spoken to in English and in French: write both, or none";
            problems.extend(contradiction(merged, written, missing, advice));
        }
    }
    problems
}

fn contradiction(merged: &Merged, key: &str, other: &str, advice: &'static str) -> Option<Problem> {
    let (here, there) = (merged.get(key)?, merged.get(other)?);
    let fault = Fault::Contradiction {
        found: here.value.to_string(),
        other: format!("{} = {} ({})", there.key, there.value, there.origin),
        advice,
    };
    Some(Problem { place: here.origin.to_string(), key: here.key.to_owned(), fault })
}
