//! Reads the lines of our own that the retriever learns from.

use std::path::Path;

use serde::Deserialize;

use super::labelled::{Line, Written};
use crate::{
    cli::{CommandError, Kind},
    config::Lang,
    suggest::From,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    answers: Vec<Answers>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    classes: Vec<String>,
    texts: Vec<String>,
}

/// Reads the file of a language.
pub(super) fn read(folder: &Path, lang: Lang) -> Result<Vec<Line>, CommandError> {
    let path = folder.join(format!("own.{lang}.toml"));
    let unusable = |error: String| CommandError::new(Kind::Input, format!("cannot read {}: {error}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|error| unusable(error.to_string()))?;
    let file: File = toml::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    let lines = file.answers.iter().flat_map(|answers| {
        answers.texts.iter().map(|text| Line::answered(lang, conversation(text), answers.classes.clone()))
    });
    Ok(lines.collect())
}

/// "me: ... | ..." or the message alone.
fn conversation(text: &str) -> Vec<Written> {
    let message = |part: &str| match part.strip_prefix("me: ") {
        Some(mine) => Written { from: From::Me, text: mine.to_owned() },
        None => Written { from: From::Them, text: part.to_owned() },
    };
    text.split(" | ").map(message).collect()
}
