//! Reads the labelled conversations.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use crate::{
    cli::{CommandError, Kind},
    config::Lang,
    suggest::{About, Circle, DayOfYear, From, Kind as Offer, Message, replies::Example},
};

/// Which half a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Split {
    /// For developing.
    Dev,
    /// For figures alone.
    Test,
}

impl Split {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

/// A message as labelled.
#[derive(Debug, Deserialize)]
pub(super) struct Written {
    pub from: From,
    pub text: String,
}

/// What should be offered.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(rename = "type")]
    pub kind: Offer,
    pub slots: BTreeMap<String, Vec<String>>,
}

/// A labelled conversation.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub split: Split,
    pub messages: Vec<Written>,
    #[serde(default)]
    group: bool,
    today: Option<String>,
    birthday: Option<String>,
    pub suggest: Vec<Wanted>,
    #[serde(default)]
    pub may: Vec<Offer>,
    /// The classes that fit, the likeliest first.
    #[serde(default)]
    pub replies: Vec<String>,
    #[serde(skip, default = "english")]
    lang: Lang,
}

const fn english() -> Lang {
    Lang::En
}

impl Line {
    /// A message that may be answered so.
    pub fn answered(lang: Lang, messages: Vec<Written>, replies: Vec<String>) -> Self {
        let (group, today, birthday, suggest, may) = (false, None, None, Vec::new(), Vec::new());
        Self { split: Split::Dev, messages, group, today, birthday, suggest, may, replies, lang }
    }

    /// The messages as suggestions take them.
    pub fn messages(&self) -> Vec<Message<'_>> {
        self.messages.iter().map(|message| Message { from: message.from, text: &message.text }).collect()
    }

    /// What is known beside. The language is not: the words have to tell it.
    pub fn about(&self) -> About {
        let circle = if self.group { Circle::Group } else { Circle::Pair };
        let day = |written: &Option<String>| written.as_deref().and_then(DayOfYear::read);
        About { circle, lang: None, today: day(&self.today), birthday: day(&self.birthday) }
    }

    /// What the retriever learns from it.
    pub fn example(&self) -> Example<'_> {
        let classes = self.replies.iter().map(String::as_str).collect();
        Example { messages: self.messages(), about: self.about(), lang: self.lang, classes }
    }
}

/// Reads the conversations of a language; every line counts.
pub(super) fn read(folder: &Path, lang: Lang) -> Result<Vec<Line>, CommandError> {
    let path = folder.join(format!("{lang}.jsonl"));
    let unusable = |error: String| CommandError::new(Kind::Input, format!("cannot read {}: {error}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|error| unusable(error.to_string()))?;
    let line = |line: &str| {
        let read: Result<Line, _> = serde_json::from_str(line);
        read.map(|read| Line { lang, ..read }).map_err(|error| unusable(error.to_string()))
    };
    text.lines().map(line).collect()
}
