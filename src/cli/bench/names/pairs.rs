//! The list of names as they were heard: one line a pair, tab separated, `#` begins a comment.

use std::{fs, path::Path};

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::{
    cli::{CommandError, Kind},
    config::Lang,
};

/// A name that was spoken, and what the recogniser made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// The words where the name was; empty when the recogniser wrote none.
    pub heard: String,
    /// The name that was spoken.
    pub meant: String,
    /// Language of the transcript.
    pub lang: Lang,
    /// Who spoke.
    pub voice: String,
    /// Whether the name is one of the book.
    pub in_book: bool,
    /// Other names of the book that are pronounced the same in the language that was spoken.
    pub twins: Vec<String>,
}

/// Whether the trained numbers may come from what was heard for a name.
pub(super) fn is_for_tuning(name: &str) -> bool {
    Sha256::digest(name).first().is_some_and(|first| first % 2 == 0)
}

impl Pair {
    /// Returns the pair as a line of the list.
    pub fn line(&self) -> String {
        let Self { heard, meant, lang, voice, in_book, twins } = self;
        let place = if *in_book { "in" } else { "out" };
        format!("{heard}\t{meant}\t{lang}\t{voice}\t{place}\t{}", twins.join(","))
    }

    /// Whether the trained numbers may come from this pair: half of all names, whoever says them.
    pub fn is_for_tuning(&self) -> bool {
        is_for_tuning(&self.meant)
    }

    /// Returns the names that are as right as the one that was spoken.
    pub fn same_by_ear(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.meant).chain(&self.twins).map(String::as_str)
    }

    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut next = || fields.next();
        let (heard, meant, lang, voice, place, twins) = (next()?, next()?, next()?, next()?, next()?, next()?);
        Some(Self {
            heard: heard.to_owned(),
            meant: meant.to_owned(),
            lang: Lang::ALL.into_iter().find(|known| known.code() == lang)?,
            voice: voice.to_owned(),
            in_book: place == "in",
            twins: twins.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        })
    }
}

impl Pair {
    /// A name that differs from one of the book in accents alone is that one: "Jerome" is how Jérôme is called abroad.
    pub fn in_book_of(self, names: &[String]) -> Self {
        let bare = |name: &str| -> String {
            name.nfd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let own = names.iter().find(|name| !self.in_book && bare(name) == bare(&self.meant));
        match own {
            Some(name) => Self { in_book: true, meant: name.clone(), ..self },
            None => self,
        }
    }
}

/// Reads the list.
pub(super) fn read(path: &Path) -> Result<Vec<Pair>, CommandError> {
    let unusable = |reason: String| CommandError::new(Kind::Input, format!("{}: {reason}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(at, line)| Pair::read(line).ok_or_else(|| unusable(format!("line {} is no pair", at + 1)))).collect()
}
