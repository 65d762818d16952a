//! A rule: what it finds in a text, and how that is said.
//!
//! Patterns are regular expressions (crate `regex`: linear in the text whatever it holds, and in the program already
//! through `misaki-rs`). A match never begins or ends inside a word or a number. What a group called `next` matches is
//! looked at and not taken.

use std::sync::OnceLock;

use regex::{Captures, Regex};

use crate::config::Lang;

/// What a rule found, and where.
pub(super) struct Found<'a> {
    /// Language of the reader.
    pub lang: Lang,
    /// The text before it.
    pub before: &'a str,
    /// The text after it.
    pub after: &'a str,
    groups: Captures<'a>,
}

impl<'a> Found<'a> {
    /// Returns what a group matched, empty if it did not; group 0 is everything.
    pub fn group(&self, number: usize) -> &'a str {
        self.groups.get(number).map_or("", |part| part.as_str())
    }

    /// Returns a group as a whole number.
    pub fn number(&self, group: usize) -> Option<u64> {
        self.group(group).parse().ok()
    }

    /// Returns the word right before it in small letters, without marks.
    pub fn word_before(&self) -> String {
        last_words(self.before, 1)
    }

    /// Returns the text of the reader's language.
    pub fn say(&self, en: &str, fr: &str) -> String {
        in_lang(self.lang, en, fr).to_owned()
    }
}

/// Chooses by language.
pub(super) const fn in_lang<'a>(lang: Lang, en: &'a str, fr: &'a str) -> &'a str {
    match lang {
        Lang::En => en,
        Lang::Fr => fr,
    }
}

/// Returns the last words of a text in small letters, without marks around them.
pub(super) fn last_words(text: &str, count: usize) -> String {
    let mut words: Vec<&str> = text.split_whitespace().rev().take(count).collect();
    words.reverse();
    words.join(" ").trim_matches(|mark: char| !mark.is_alphanumeric()).to_lowercase()
}

/// How a match is said; `None` leaves it as it is.
pub(super) type Say = fn(&Found<'_>) -> Option<String>;

/// A pattern and how its matches are said.
///
/// The pattern is compiled when it is first needed: most sentences need few of them.
pub(super) struct Rule {
    pattern: String,
    compiled: OnceLock<Option<Regex>>,
    say: Say,
}

impl Rule {
    /// Makes a rule; `\d` is an ASCII digit.
    pub fn new(pattern: &str, say: Say) -> Self {
        Self { pattern: pattern.replace(r"\d", "[0-9]"), compiled: OnceLock::new(), say }
    }

    /// Returns the compiled pattern; a test makes sure that each compiles.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }

    /// Says all matches in a text.
    pub fn apply(&self, text: String, lang: Lang) -> String {
        let Some(regex) = self.regex() else { return text };
        let mut out = String::new();
        let (mut done, mut from) = (0, 0);
        while let Some(groups) = regex.captures_at(&text, from) {
            let Some(all) = groups.get(0) else { break };
            let (start, end) = (all.start(), groups.name("next").map_or(all.end(), |next| next.start()));
            let (Some(before), Some(matched), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..))
            else {
                break;
            };
            let found = Found { lang, before, after, groups };
            let said = is_whole(before, matched, after).then(|| (self.say)(&found)).flatten();
            from = if let Some(said) = said.filter(|_| end > start) {
                out.push_str(text.get(done..start).unwrap_or_default());
                out.push_str(&said);
                done = end;
                end
            } else {
                start + text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
            };
            if from > text.len() {
                break;
            }
        }
        if done == 0 {
            return text;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }
}

/// Whether no word or number goes on over either end of a match.
fn is_whole(before: &str, all: &str, after: &str) -> bool {
    // Powers and fractions count as letters in Unicode.
    let in_word =
        |symbol: Option<char>| symbol.is_some_and(|symbol| symbol.is_alphanumeric() && !"²³½¼¾⅓⅔".contains(symbol));
    let joins = |left: Option<char>, right: Option<char>| in_word(left) && in_word(right);
    !joins(before.chars().next_back(), all.chars().next()) && !joins(all.chars().next_back(), after.chars().next())
}
