//! The choices that a shop's visitors get: a list of tables, each either with an answer or leading to a person.

use serde::Deserialize;

use super::schema::Raw;

/// More could not be spoken, and not be answered by one digit.
const MOST: usize = 9;
const TEXTS: [&str; 4] = ["label_en", "label_fr", "answer_en", "answer_fr"];

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What it is called in English.
    pub label_en: String,
    /// The same in French.
    pub label_fr: String,
    /// What is answered in English.
    #[serde(default)]
    pub answer_en: String,
    /// The same in French.
    #[serde(default)]
    pub answer_fr: String,
    /// Instead of an answer: a person takes over.
    #[serde(default)]
    pub person: bool,
}

/// Checks the choices; the error names every mistake.
pub(super) fn check(choices: Vec<Vec<(String, Raw)>>) -> Result<toml::Value, String> {
    let mut mistakes = Vec::new();
    if choices.len() > MOST {
        mistakes.push(format!("{} choices", choices.len()));
    }
    for (choice, number) in choices.iter().zip(1..) {
        mistakes.extend(mistakes_of(choice).into_iter().map(|mistake| format!("choice {number}: {mistake}")));
    }
    if !mistakes.is_empty() {
        return Err(mistakes.join("; "));
    }
    let value = |raw| match raw {
        Raw::Text(text) => toml::Value::String(text),
        Raw::Flag(flag) => toml::Value::Boolean(flag),
        Raw::Whole(_) | Raw::Real(_) | Raw::Texts(_) | Raw::Tables(_) | Raw::Other(_) => toml::Value::Boolean(false),
    };
    let table = |choice: Vec<(String, Raw)>| choice.into_iter().map(|(key, raw)| (key, value(raw))).collect();
    Ok(toml::Value::Array(choices.into_iter().map(|choice| toml::Value::Table(table(choice))).collect()))
}

fn mistakes_of(choice: &[(String, Raw)]) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (key, raw) in choice {
        if key == "person" {
            if !matches!(raw, Raw::Flag(_)) {
                mistakes.push("person is neither true nor false".to_owned());
            }
        } else if !TEXTS.contains(&key.as_str()) {
            mistakes.push(format!("there is no {key}"));
        } else if !matches!(raw, Raw::Text(_)) {
            mistakes.push(format!("{key} is no text"));
        }
    }
    let is_there = |wanted: &str| {
        choice.iter().any(|(key, raw)| key == wanted && matches!(raw, Raw::Text(text) if !text.trim().is_empty()))
    };
    let is_person = choice.iter().any(|(key, raw)| key == "person" && *raw == Raw::Flag(true));
    let needed: &[&str] = if is_person { &TEXTS[..2] } else { &TEXTS };
    mistakes.extend(needed.iter().filter(|key| !is_there(key)).map(|key| format!("{key} is missing")));
    if is_person && (is_there("answer_en") || is_there("answer_fr")) {
        mistakes.push("it has an answer and leads to a person".to_owned());
    }
    mistakes
}
