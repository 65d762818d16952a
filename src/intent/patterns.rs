//! The template language of `sentences/*.toml` for other rooms of the house: templates of their own, and where they
//! stand in a text.

use std::{collections::HashMap, ops::Range};

use unicode_normalization::UnicodeNormalization;

use super::{
    NoNames, Slot,
    grammar::{self, Definitions, Step},
    language::Language,
    matcher::{self, Sentence},
    people::PeopleReader,
    token,
};
pub(crate) use super::{language::in_order, token::Token};
use crate::config::Lang;

/// Templates of one language with their building blocks, and the words they are made of.
#[derive(Debug)]
pub(crate) struct Patterns {
    language: Language,
    definitions: Definitions,
}

/// A compiled template.
#[derive(Debug)]
pub(crate) struct Pattern {
    steps: Vec<Step>,
    /// The words it may begin with; any where there are none.
    firsts: Vec<u32>,
}

/// Where a template was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The token after it.
    pub end: usize,
    /// The tokens of its slots.
    pub captures: Vec<(Slot, Range<usize>)>,
    /// How specific it is: more is better.
    pub rank: f32,
}

/// Words in which templates can be looked for.
pub(crate) struct Haystack<'a> {
    sentence: Sentence<'a>,
}

/// The number of every word in the templates of a language.
pub(crate) type Numbers = Vec<u32>;

impl Patterns {
    /// Begins without any template.
    pub fn new(lang: Lang) -> Self {
        Self { language: Language::of_words(lang), definitions: Definitions::default() }
    }

    /// Adds a building block.
    pub fn block(&mut self, name: &str, template: &str) -> Result<(), String> {
        self.definitions.block(name, template)
    }

    /// Compiles a template.
    pub fn compile(&mut self, template: &str) -> Result<Pattern, String> {
        let steps = self.definitions.compile(template, &mut self.language.words)?;
        if grammar::matches_nothing(&steps) {
            return Err(format!("\"{template}\" would match where nothing is said: every word of it may be left out"));
        }
        let firsts = grammar::first_words(&steps).unwrap_or_default();
        Ok(Pattern { steps, firsts })
    }

    /// Whether a template holds this folded word.
    pub fn knows(&self, fold: &str) -> bool {
        self.language.words.number(fold) != grammar::Words::UNKNOWN
    }

    /// The numbers of the words, for [`Self::haystack`].
    pub fn numbers(&self, tokens: &[Token]) -> Numbers {
        self.language.numbers(tokens)
    }

    /// Makes words ready to be looked through.
    pub fn haystack<'a>(&'a self, text: &'a str, tokens: &'a [Token], numbers: &'a Numbers) -> Haystack<'a> {
        let people = PeopleReader::new(text, tokens, &self.language, &NoNames);
        Haystack { sentence: Sentence { text, tokens, numbers, people, language: &self.language, polite_from: None } }
    }
}

impl Haystack<'_> {
    /// Returns the best way a template stands from a token to one of the ends.
    pub fn best(&self, pattern: &Pattern, from: usize, ends: &[bool]) -> Option<Found> {
        if !self.may_begin(pattern, from) {
            return None;
        }
        let found = matcher::best(&self.sentence, &pattern.steps, from, ends)?;
        let captures = found.captures.into_iter().map(|(slot, from, end)| (slot, from..end)).collect();
        Some(Found { end: found.end, captures, rank: found.rank })
    }

    /// Returns where a template may end that begins at a token.
    pub fn ends(&self, pattern: &Pattern, from: usize) -> Vec<usize> {
        if self.may_begin(pattern, from) { matcher::ends(&self.sentence, &pattern.steps, from) } else { Vec::new() }
    }

    fn may_begin(&self, pattern: &Pattern, from: usize) -> bool {
        let first = self.sentence.numbers.get(from);
        first.is_some_and(|first| pattern.firsts.is_empty() || pattern.firsts.contains(first))
    }
}

/// Splits a text into words.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    token::tokens(text)
}

/// What is compared of a word that may be a piece of a token.
pub(crate) fn fold(text: &str) -> String {
    token::fold(text)
}

/// The key of a short form: in lower case, but with its accents and apostrophes, as "we'll" is not "well".
pub(crate) fn spelling_key(written: &str) -> String {
    written.nfc().flat_map(char::to_lowercase).map(|c| if token::is_apostrophe(c) { '\'' } else { c }).collect()
}

/// Reads the words of another spelling: what each stands for.
pub(crate) fn spellings(table: &[(String, String)]) -> HashMap<String, Vec<String>> {
    let folds = |text: &str| token::tokens(text).into_iter().map(|token| token.fold).collect();
    table.iter().map(|(written, meant)| (spelling_key(written), folds(meant))).collect()
}
