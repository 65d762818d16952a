//! A message ready for the rules: where its clauses begin and end, and where templates stand in it.

use std::ops::Range;

use super::{
    Message,
    rules::Rules,
    text::{Words, is_link},
};
use crate::{
    config::Lang,
    intent::patterns::{Found, Haystack, Numbers, Pattern, Token},
};

/// Words of the longest message that is looked at.
const MOST_WORDS: usize = 120;

/// Longest politeness after a clause, in words.
const LONGEST_TRAILING: usize = 6;

/// Places in a message where a sentence may begin.
const MOST_STARTS: usize = 24;

/// How much the language that the two write in counts, as a share of the words.
const PRIOR: f32 = 0.15;

/// How much a word counts that the rules know, beside one of the frequent words of the language.
const KNOWN: f32 = 0.3;

/// A message as words with their numbers.
pub(super) struct Read {
    pub words: Words,
    numbers: Numbers,
    /// There are more words than are looked at.
    pub is_cut: bool,
}

impl Read {
    pub fn new(rules: &Rules, text: &str) -> Self {
        let mut words = Words::read(text, &rules.spellings, |fold| rules.patterns.knows(fold));
        let is_cut = words.tokens.len() > MOST_WORDS;
        words.tokens.truncate(MOST_WORDS);
        let numbers = rules.patterns.numbers(&words.tokens);
        Self { words, numbers, is_cut }
    }

    /// How much speaks for the language of the rules, and how many words there are.
    fn evidence(&self, rules: &Rules, text: &str) -> (f32, usize) {
        let one = |yes: bool| f32::from(u8::from(yes));
        let weight = |token: &Token| {
            let letters = text.get(token.start..token.end).unwrap_or_default();
            let lettered = letters.to_lowercase().contains(|c| rules.letters.contains(c));
            one(rules.common.contains(&token.fold) || lettered) + KNOWN * one(rules.patterns.knows(&token.fold))
        };
        let words = self.words.tokens.iter().filter(|token| !is_link(token));
        (words.clone().map(weight).sum(), words.count())
    }
}

/// Returns the rules in whose language the messages are most likely written.
pub(super) fn language<'a>(all: &'a [Rules], messages: &[Message<'_>], prior: Option<Lang>) -> Option<&'a Rules> {
    let mut best: Option<(&Rules, f32)> = None;
    for rules in all {
        let each = messages.iter().map(|message| Read::new(rules, message.text).evidence(rules, message.text));
        let (evidence, words) = each.fold((0.0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        #[allow(clippy::cast_precision_loss, reason = "a count of words")]
        let share = evidence / words.max(1) as f32 + if prior == Some(rules.lang) { PRIOR } else { 0.0 };
        if best.is_none_or(|(_, best)| best < share) {
            best = Some((rules, share));
        }
    }
    best.map(|(rules, _)| rules)
}

/// A message in which the templates of a language are looked for.
pub(super) struct View<'a> {
    pub rules: &'a Rules,
    pub text: &'a str,
    pub words: &'a Words,
    haystack: Haystack<'a>,
    starts: Vec<usize>,
    ends: Vec<bool>,
}

impl<'a> View<'a> {
    pub fn new(rules: &'a Rules, text: &'a str, read: &'a Read) -> Self {
        let haystack = rules.patterns.haystack(text, &read.words.tokens, &read.numbers);
        let mut view = Self { rules, text, words: &read.words, haystack, starts: Vec::new(), ends: Vec::new() };
        view.ends = view.clause_ends();
        view.starts = view.clause_starts();
        view
    }

    /// The best place of some sentences: from the beginning of a clause to the end of one.
    pub fn sentence(&self, patterns: &[Pattern]) -> Option<(usize, Found)> {
        let mut best: Option<(usize, Found)> = None;
        for pattern in patterns {
            for from in &self.starts {
                let Some(found) = self.haystack.best(pattern, *from, &self.ends) else { continue };
                if best.as_ref().is_none_or(|(_, best)| best.rank < found.rank) {
                    best = Some((*from, found));
                }
            }
        }
        best
    }

    /// The best place of some phrases, anywhere.
    pub fn phrase(&self, patterns: &[Pattern]) -> Option<(usize, Found)> {
        let anywhere = vec![true; self.words.tokens.len() + 1];
        let mut best: Option<(usize, Found)> = None;
        for pattern in patterns {
            for from in 0..self.words.tokens.len() {
                let Some(found) = self.haystack.best(pattern, from, &anywhere) else { continue };
                if best.as_ref().is_none_or(|(_, best)| best.rank < found.rank) {
                    best = Some((from, found));
                }
            }
        }
        best
    }

    /// Whether one of some phrases stands anywhere.
    pub fn holds(&self, patterns: &[Pattern]) -> bool {
        patterns.iter().any(|pattern| (0..self.words.tokens.len()).any(|from| !self.ends_of(pattern, from).is_empty()))
    }

    /// Whether the message begins with one of some phrases.
    pub fn begins_with(&self, patterns: &[Pattern]) -> bool {
        patterns.iter().any(|pattern| !self.ends_of(pattern, 0).is_empty())
    }

    /// Whether some words are only to whom something is said.
    pub fn is_address(&self, words: &Range<usize>) -> bool {
        self.rules.leading.iter().any(|pattern| self.ends_of(pattern, words.start).contains(&words.end))
    }

    /// Where a template may end that begins at a word.
    pub fn ends_of(&self, pattern: &Pattern, from: usize) -> Vec<usize> {
        self.haystack.ends(pattern, from)
    }

    /// The best way a template goes from a word to anywhere.
    pub fn best_at(&self, pattern: &Pattern, from: usize) -> Option<Found> {
        self.haystack.best(pattern, from, &vec![true; self.words.tokens.len() + 1])
    }

    /// Whether nothing but politeness follows.
    pub fn is_last(&self, at: usize) -> bool {
        let length = self.words.tokens.len();
        let (_, next) = self.words.sentence_of(at.saturating_sub(1));
        next >= length || self.trails(next).contains(&length)
    }

    /// Whether one of the sentences from a word to another is a question.
    pub fn is_asked(&self, from: usize, end: usize) -> bool {
        let mut at = from;
        while at < end {
            let (asked, next) = self.words.sentence_of(at);
            if asked {
                return true;
            }
            at = next;
        }
        false
    }

    /// Whether a clause ends before a word.
    pub fn is_end(&self, at: usize) -> bool {
        self.ends.get(at).copied().unwrap_or(true)
    }

    fn is_joint(&self, at: usize) -> bool {
        self.words.tokens.get(at).is_some_and(|token| self.rules.joints.contains(&token.fold))
    }

    fn trails(&self, from: usize) -> Vec<usize> {
        self.rules.trailing.iter().flat_map(|pattern| self.ends_of(pattern, from)).collect()
    }

    fn clause_ends(&self) -> Vec<bool> {
        let length = self.words.tokens.len();
        let mut ends: Vec<bool> =
            (0..=length).map(|at| at == length || self.words.is_broken(at) || self.is_joint(at)).collect();
        for from in (1..length).rev() {
            let trailed = self.trails(from).into_iter();
            if trailed.filter(|end| end - from <= LONGEST_TRAILING).any(|end| ends.get(end) == Some(&true))
                && let Some(here) = ends.get_mut(from)
            {
                *here = true;
            }
        }
        ends
    }

    fn clause_starts(&self) -> Vec<usize> {
        let length = self.words.tokens.len();
        let begins = |at: &usize| *at == 0 || self.words.is_broken(*at) || self.is_joint(*at - 1);
        let mut starts: Vec<usize> = (0..length).filter(begins).collect();
        let mut next = 0;
        while let Some(from) = starts.get(next).copied() {
            next += 1;
            for end in self.rules.leading.iter().flat_map(|pattern| self.ends_of(pattern, from)) {
                if end < length && starts.len() < MOST_STARTS && !starts.contains(&end) {
                    starts.push(end);
                }
            }
        }
        starts
    }
}
