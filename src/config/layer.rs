//! Reads one layer: a TOML text, the environment or the flags become settings with their origin.
//!
//! `toml`'s recoverable reader gives every syntax error of a file and the place of every key, so that one
//! run shows all that has to be mended.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    problem::{Fault, Layer, Origin, Problem},
    schema::{self, Raw},
};

/// The keys that choose other layers.
const CHOICES: [&str; 2] = ["general.profile", "general.board"];

/// One value of one layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) value: toml::Value,
    pub(super) origin: Origin,
}

/// What reading gives: the usable settings, and the problems of the others.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) settings: Vec<Setting>,
    pub(super) problems: Vec<Problem>,
}

impl Reading {
    pub(super) fn problem(&mut self, place: impl Into<String>, key: impl Into<String>, fault: Fault) {
        self.problems.push(Problem { place: place.into(), key: key.into(), fault });
    }

    fn take(&mut self, key: (&'static str, schema::Rule), raw: Raw, origin: Origin) {
        let (key, rule) = key;
        match rule.check(key, raw) {
            Ok(value) => self.settings.push(Setting { key, value, origin }),
            Err(fault) => self.problem(origin.place, key, fault),
        }
    }

    /// Reads the bytes of a TOML file; `name` is how messages call it.
    pub(super) fn bytes(&mut self, layer: Layer, name: &str, bytes: &[u8]) {
        match str::from_utf8(bytes) {
            Ok(text) => self.toml(layer, name, text),
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let at = Position::of(&String::from_utf8_lossy(valid), valid.len());
                self.problem(at.place(name), "", Fault::Syntax { reason: "save the file as UTF-8 text".to_owned() });
            }
        }
    }

    /// Reads a TOML text; `name` is how messages call it.
    pub(super) fn toml(&mut self, layer: Layer, name: &str, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        let mut damaged = Vec::new();
        for error in errors {
            let span = error.span().unwrap_or_default();
            let at = Position::of(text, span.start);
            damaged.push(at.line);
            let reason = match text.get(span) {
                Some(word) if !word.trim().is_empty() => format!("{} at {word:?}", error.message()),
                _ => error.message().to_owned(),
            };
            self.problem(at.place(name), "", Fault::Syntax { reason });
        }
        if damaged.iter().any(|line| is_header(text, *line)) {
            // What follows a broken header would be blamed for standing in the wrong section.
            return;
        }
        let file = File { layer, name, text, damaged };
        for (section, value) in document.get_ref() {
            self.section(&file, section, value);
        }
    }

    fn section(&mut self, file: &File<'_>, section: &Spanned<toml::de::DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let name = section.get_ref().as_ref();
        let known = schema::sections().contains(&name);
        let Some(place) = file.place(section.span().start) else { return };
        let DeValue::Table(table) = value.get_ref() else {
            let fault = if known {
                Fault::WrongType { expected: format!("a section, [{name}]"), found: kind(value.get_ref()) }
            } else {
                Fault::UnknownKey { advice: schema::advise_key("", name) }
            };
            return self.problem(place, name, fault);
        };
        if !known {
            return self.problem(place, name, Fault::UnknownSection { advice: schema::advise_section(name) });
        }
        for (key, value) in table {
            self.key(file, name, key, value);
        }
    }

    fn key(
        &mut self,
        file: &File<'_>,
        section: &str,
        key: &Spanned<toml::de::DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let Some(place) = file.place(key.span().start) else { return };
        let full = format!("{section}.{}", key.get_ref());
        let Some(known) = schema::find(&full) else {
            let advice = schema::advise_key(section, key.get_ref());
            return self.problem(place, full, Fault::UnknownKey { advice });
        };
        if CHOICES.contains(&known.0) && matches!(file.layer, Layer::Board | Layer::Profile) {
            return self.problem(place, full, Fault::NotHere);
        }
        let Some(place) = file.place(value.span().start) else { return };
        self.take(known, raw(value.get_ref()), Origin { layer: file.layer, place });
    }

    /// Reads the variables `HERALD_SECTION_KEY`. Others that begin with `HERALD_` are left alone unless they are a
    /// slip of the keyboard away from one.
    pub(super) fn environment(&mut self, variables: &[(String, String)]) {
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix("HERALD_") else { continue };
            let wanted = rest.to_ascii_lowercase();
            if let Some(known) = schema::KEYS.iter().find(|(key, _)| key.replacen('.', "_", 1) == wanted) {
                let origin = Origin { layer: Layer::Environment, place: name.clone() };
                self.take(*known, Raw::from_variable(text, known.1), origin);
            } else if let Some((section, key)) = wanted.split_once('_') {
                let meant = if schema::sections().contains(&section) {
                    Some(schema::advise_key(section, key))
                } else {
                    schema::nearest_variable(&wanted).map(|variable| format!("did you mean {variable}?"))
                };
                if let Some(advice) = meant {
                    self.problem(name, "", Fault::UnknownKey { advice });
                }
            }
        }
    }

    /// Takes a flag of the command line.
    pub(super) fn flag(&mut self, flag: &str, key: &str, text: &str) {
        if let Some(known) = schema::find(key) {
            let origin = Origin { layer: Layer::Flag, place: flag.to_owned() };
            self.take(known, Raw::Text(text.to_owned()), origin);
        }
    }
}

/// A file while it is read.
struct File<'a> {
    layer: Layer,
    name: &'a str,
    text: &'a str,
    /// Lines with a syntax error: what was recovered there is guesswork and not worth a second message.
    damaged: Vec<usize>,
}

impl File<'_> {
    fn place(&self, offset: usize) -> Option<String> {
        let at = Position::of(self.text, offset);
        (!self.damaged.contains(&at.line)).then(|| at.place(self.name))
    }
}

/// Whether a line, counted from 1, begins a section.
fn is_header(text: &str, line: usize) -> bool {
    text.lines().nth(line.saturating_sub(1)).is_some_and(|line| line.trim_start().starts_with('['))
}

/// Line and column, both from 1; columns count characters.
struct Position {
    line: usize,
    column: usize,
}

impl Position {
    fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset.min(text.len())).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
        }
    }

    fn place(&self, name: &str) -> String {
        format!("{name}:{}:{}", self.line, self.column)
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Raw::Other("too large a number"), Raw::Whole)
        }
        DeValue::Float(number) => number.as_str().parse().map_or(Raw::Other("an unreadable number"), Raw::Real),
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
            let table = |table: &DeTable<'_>| {
                table.iter().map(|(key, value)| (key.get_ref().to_string(), raw(value.get_ref()))).collect()
            };
            let tables = items.iter().map(|item| item.get_ref().as_table().map(table));
            let tables = tables.collect::<Option<_>>().map(Raw::Tables);
            let texts = texts.collect::<Option<_>>().map(Raw::Texts);
            texts.or(tables).unwrap_or(Raw::Other("a list of something else"))
        }
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Datetime(_) | DeValue::Table(_) => Raw::Other(kind(value)),
    }
}

const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}
