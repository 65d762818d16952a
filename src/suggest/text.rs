//! A message to words: links are one word each, numbers stand apart from their units, other spellings are written out,
//! and every word knows its place in the message.

use std::{collections::HashMap, ops::Range};

use crate::intent::patterns::{self, Token};

/// What stands in the templates for a link to a page, and to a whole site.
pub(super) const LINK: &str = "🔗";
pub(super) const SITE: &str = "🌐";

/// What stands for laughter, and the pictures that mean it.
const LAUGHTER: &str = "😂";
const LAUGHING: [char; 5] = ['😂', '🤣', '😅', '😆', '😹'];

/// A message as words.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub tokens: Vec<Token>,
    /// Whether a question mark comes between a word and the next.
    asked: Vec<bool>,
}

impl Words {
    /// Reads a message. `spellings` says what short forms stand for, `knows` which words are right as they are.
    pub fn read(text: &str, spellings: &HashMap<String, Vec<String>>, knows: impl Fn(&str) -> bool) -> Self {
        let mut plain = Vec::new();
        let mut broken = false;
        for token in with_links(text) {
            // A picture ends a clause as a full stop does.
            if !is_link(&token) && !token.fold.contains(is_spoken) {
                if token.fold.contains(LAUGHING) {
                    plain.push(Token { fold: LAUGHTER.to_owned(), broken: true, ..token });
                }
                broken = true;
                continue;
            }
            plain.push(Token { broken: token.broken || broken, ..token });
            broken = false;
        }
        let mut words = Self::default();
        for (at, token) in plain.iter().enumerate() {
            let next = plain.get(at + 1).map_or(text.len(), |next| next.start);
            let asked = text.get(token.end..next).is_some_and(|between| between.contains('?'));
            let pieces = pieces(text, token).into_iter().flat_map(|piece| spelled_out(text, &piece, spellings, &knows));
            words.tokens.extend(pieces);
            words.asked.resize(words.tokens.len().saturating_sub(1), false);
            words.asked.push(asked);
        }
        words
    }

    /// Whether the sentence that a word belongs to is a question, and where the next one begins.
    pub fn sentence_of(&self, at: usize) -> (bool, usize) {
        for word in at..self.tokens.len() {
            let asked = self.asked.get(word).copied().unwrap_or_default();
            if asked || self.is_broken(word + 1) {
                return (asked, word + 1);
            }
        }
        (false, self.tokens.len())
    }

    /// Whether punctuation stands before a word.
    pub fn is_broken(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.broken)
    }

    /// The piece of the message some words are.
    pub fn place(&self, words: &Range<usize>) -> Option<Range<usize>> {
        let first = self.tokens.get(words.start)?;
        let last = self.tokens.get(words.end.checked_sub(1)?)?;
        (first.start < last.end).then_some(first.start..last.end)
    }
}

fn is_spoken(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '€' | '$' | '£')
}

/// The tokens of a text, each link as one.
fn with_links(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut from = 0;
    for link in links(text) {
        found.extend(tokens_within(text, from..link.start));
        let fold = if is_site(text.get(link.clone()).unwrap_or_default()) { SITE } else { LINK };
        found.push(Token { start: link.start, end: link.end, fold: fold.to_owned(), capital: false, broken: false });
        from = link.end;
    }
    found.extend(tokens_within(text, from..text.len()));
    found
}

fn tokens_within(text: &str, range: Range<usize>) -> impl Iterator<Item = Token> {
    let from = range.start;
    let tokens = patterns::tokens(text.get(range).unwrap_or_default()).into_iter();
    tokens.map(move |token| Token { start: token.start + from, end: token.end + from, ..token })
}

/// Where links stand in a text.
pub(super) fn links(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let start = from + (word.len() - word.trim_start_matches(['(', '<', '«', '"']).len());
        let shown = text.get(start..from + word.len()).unwrap_or_default();
        let shown = shown.trim_end().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '>', '»', '"']);
        if links_somewhere(shown) {
            found.push(start..start + shown.len());
        }
        from += word.len();
    }
    found
}

/// Whether a word stands for a link.
pub(super) fn is_link(token: &Token) -> bool {
    token.fold == LINK || token.fold == SITE
}

/// Whether a link names no page.
fn is_site(link: &str) -> bool {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.split_once('/').is_none_or(|(_, page)| page.is_empty())
}

fn links_somewhere(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let after = |mark: &str| lower.strip_prefix(mark).is_some_and(|rest| rest.contains(char::is_alphanumeric));
    if after("https://") || after("http://") || after("www.") {
        return true;
    }
    // "example.org/page"
    let Some((host, _)) = lower.split_once('/') else { return false };
    let Some((name, end)) = host.rsplit_once('.') else { return false };
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    name.split('.').all(is_part) && end.len() > 1 && end.chars().all(|c| c.is_ascii_alphabetic())
}

/// Splits numbers from what is written to them: "8h30", "10am", "25€"; "7:30" becomes "7 h 30".
fn pieces(text: &str, token: &Token) -> Vec<Token> {
    let written = text.get(token.start..token.end).unwrap_or_default();
    let begins = |c: char| c.is_ascii_digit() || matches!(c, '€' | '$' | '£');
    if !written.starts_with(begins) || !written.contains(|c: char| c.is_ascii_digit()) {
        return vec![token.clone()];
    }
    let mut cuts = vec![0];
    let mut before = None;
    for (at, c) in written.char_indices() {
        let kind = match c {
            ':' => 0_u8,
            '€' | '$' | '£' => 1,
            _ if c.is_ascii_digit() || matches!(c, '.' | ',') => 2,
            _ => 3,
        };
        if before.is_some_and(|before| before != kind) {
            cuts.push(at);
        }
        before = Some(kind);
    }
    cuts.push(written.len());
    let mut pieces = Vec::new();
    for cut in cuts.windows(2) {
        let &[from, end] = cut else { continue };
        let part = written.get(from..end).unwrap_or_default();
        let fold = if part == ":" { "h".to_owned() } else { patterns::fold(part) };
        let broken = token.broken && from == 0;
        pieces.push(Token { start: token.start + from, end: token.start + end, fold, capital: false, broken });
    }
    pieces
}

/// Writes a short form out; all its words stand in the same place.
fn spelled_out(
    text: &str,
    token: &Token,
    spellings: &HashMap<String, Vec<String>>,
    knows: &impl Fn(&str) -> bool,
) -> Vec<Token> {
    let known = |fold: &str| spellings.contains_key(fold) || knows(fold);
    let drawn_out = || [1, 2].into_iter().map(|most| shortened(&token.fold, most)).find(|fold| known(fold));
    let fold = if known(&token.fold) { token.fold.clone() } else { drawn_out().unwrap_or(token.fold.clone()) };
    let written = text.get(token.start..token.end).unwrap_or_default();
    let exact = spellings.get(&patterns::spelling_key(written));
    let Some(words) = exact.or_else(|| spellings.get(&fold)) else { return vec![Token { fold, ..token.clone() }] };
    let spelled = words.iter().enumerate();
    spelled.map(|(at, word)| Token { fold: word.clone(), broken: token.broken && at == 0, ..token.clone() }).collect()
}

/// "sooo" and "moiii" with at most so many of a letter that is written three times or more.
fn shortened(fold: &str, most: usize) -> String {
    let letters: Vec<char> = fold.chars().collect();
    let runs = letters.chunk_by(|a, b| a == b);
    runs.flat_map(|run| run.iter().take(if run.len() > 2 { most } else { run.len() })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folds(text: &str) -> Vec<String> {
        let spellings = patterns::spellings(&[("u".to_owned(), "you".to_owned())]);
        let words = Words::read(text, &spellings, |word| word == "so");
        words.tokens.into_iter().map(|token| token.fold).collect()
    }

    #[test]
    fn numbers_stand_apart_from_their_units() {
        assert_eq!(folds("8h30, 10am, £15, 25€"), ["8", "h", "30", "10", "am", "£", "15", "25", "€"]);
        assert_eq!(folds("12,50 at 7:30"), ["12,50", "at", "7", "h", "30"]);
    }

    #[test]
    fn a_link_is_one_word() {
        assert_eq!(folds("look: (https://a.example/b?c=1)."), ["look", LINK]);
        assert_eq!(folds("www.shop.example or shop.example/x, 14/03"), [SITE, "or", LINK, "14", "03"]);
        assert_eq!(folds("anna@post.example km/h"), ["anna@post", "example", "km", "h"]);
    }

    #[test]
    fn laughter_is_a_word_and_other_pictures_are_a_full_stop() {
        let words = Words::read("no 🤣🤣 yes 🌊 so", &HashMap::new(), |_| false);
        let folds: Vec<&str> = words.tokens.iter().map(|token| token.fold.as_str()).collect();
        assert_eq!(folds, ["no", "😂", "yes", "so"]);
        assert!((1..4).all(|at| words.is_broken(at)));
    }

    #[test]
    fn short_forms_and_drawn_out_words_are_written_out() {
        assert_eq!(folds("u sooo"), ["you", "so"]);
    }

    #[test]
    fn a_question_ends_with_its_mark() {
        let words = Words::read("are you in? see you 🙂 bye", &HashMap::new(), |_| false);
        assert_eq!(words.sentence_of(0), (true, 3));
        assert_eq!(words.sentence_of(3), (false, 5), "the picture ends it");
    }
}
