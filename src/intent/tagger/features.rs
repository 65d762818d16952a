//! What the tagger looks at: a sentence, and each of its words, as a set of numbered features.
//!
//! A feature is a hash of its name and words, so that a model file holds no word of anybody, only numbers. Words are
//! folded (lower case, without accents), and next to the word itself stands its kind as the [`Lexicon`] tells it:
//! that is what carries over to names and words nobody has seen.

use super::{
    cues::{GROUPS, JOINS, MEDIA, leading, marks, sayings},
    lexicon::{Kind, Lexicon},
};
use crate::{config::Lang, intent::token::Token};

/// Words of a sentence that the first word of the command may come after.
const LEADING: usize = 7;

/// Longest distance that is told apart, in words.
const FAR: usize = 6;

/// Separates the parts of a feature before they are hashed.
const SEPARATOR: u8 = 0x1f;

/// A set of features.
pub(super) type Features = Vec<u32>;

/// A sentence prepared for reading features off it.
#[derive(Debug)]
pub(super) struct View<'a> {
    lang: Lang,
    words: Vec<&'a str>,
    /// Kind and shape of each word.
    kinds: Vec<String>,
    /// Punctuation before each word.
    broken: Vec<bool>,
    /// Where the command itself begins, after "can you please".
    first: usize,
    question: bool,
}

/// Where a word stands relative to the words that mark the parts of a sentence.
#[derive(Debug, Clone, Copy)]
struct Marked<'a> {
    /// The last such word before this one, and the one before that.
    last: &'a str,
    before: &'a str,
    distance: usize,
    /// A word such as "that", after which everything is content, came before; or is still to come.
    said: &'a str,
    to_come: &'a str,
}

/// Names in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    /// How many there are, and the place of the one in question.
    length: usize,
    place: usize,
    /// How many there are behind the "and" that follows them.
    joined: usize,
}

impl<'a> View<'a> {
    pub fn new(text: &str, tokens: &'a [Token], lang: Lang, lexicon: &Lexicon) -> Self {
        let capitals = tokens.iter().skip(1).filter(|token| token.capital).count();
        // All capitals or all small letters tell nothing; nor does the capital a sentence begins with.
        let mixed = capitals > 0 && capitals + 1 < tokens.len();
        let words: Vec<&str> = tokens.iter().map(|token| token.fold.as_str()).collect();
        let kinds = tokens
            .iter()
            .enumerate()
            .map(|(at, token)| {
                let kind = lexicon.kind(&token.fold);
                let word = text.get(token.start..token.end).unwrap_or_default();
                let shape = match (mixed, token.capital, at) {
                    (true, true, _) if word.len() > 1 && !word.contains(char::is_lowercase) => "A",
                    (true, true, 1..) => "C",
                    (true, false, _) => "c",
                    _ => "",
                };
                format!("{}{shape}", kind.code())
            })
            .collect();
        let first = command_from(&words, lang);
        let broken = tokens.iter().map(|token| token.broken).collect();
        Self { lang, words, kinds, broken, first, question: text.trim_end().ends_with('?') }
    }

    fn word(&self, at: isize) -> &'a str {
        let index = usize::try_from(at).ok().and_then(|at| self.words.get(at));
        index.copied().unwrap_or(if at < 0 { "<s>" } else { "</s>" })
    }

    fn kind(&self, at: isize) -> &str {
        let index = usize::try_from(at).ok().and_then(|at| self.kinds.get(at));
        index.map_or("<>", String::as_str)
    }

    /// The word, or its kind where the word itself tells little.
    fn open(&self, at: isize) -> &str {
        let kind = self.kind(at);
        if kind.starts_with(Kind::Word.code()) { self.word(at) } else { kind }
    }

    /// The features of the sentence, by which its intent is told.
    pub fn sentence(&self) -> Features {
        let mut found = Collector::new(self.lang);
        let length = isize::try_from(self.words.len()).unwrap_or(isize::MAX);
        found.add(&["bias"]);
        found.add(&["length", &bucket(self.words.len()).to_string()]);
        if self.question {
            found.add(&["?", self.word(0)]);
        }
        for at in 0..length {
            let (word, next, third) = (self.word(at), self.word(at + 1), self.word(at + 2));
            found.add(&["1", word]);
            found.add(&["2", word, next]);
            found.add(&["3", word, next, third]);
            found.add(&["p", prefix(word, 4)]);
            found.add(&["p2", prefix(word, 4), prefix(next, 4)]);
            let open: Vec<&str> = (at..at + 4).map(|at| self.open(at)).collect();
            if let [a, b, c, d] = open.as_slice() {
                found.add(&["o2", a, b]);
                found.add(&["o3", a, b, c]);
                found.add(&["o4", a, b, c, d]);
            }
            for skip in 2..4 {
                found.add(&["s", word, self.word(at + skip)]);
            }
        }
        let first = isize::try_from(self.first).unwrap_or_default();
        for (name, from) in [("^", 0), ("^^", first)] {
            found.add(&[name, self.word(from)]);
            found.add(&[name, self.word(from), self.word(from + 1)]);
            found.add(&[name, self.word(from), self.word(from + 1), self.word(from + 2)]);
            found.add(&[name, "o", self.open(from), self.open(from + 1)]);
            found.add(&[name, "o", self.open(from), self.open(from + 1), self.open(from + 2)]);
            found.add(&[name, "o", self.open(from), self.open(from + 1), self.open(from + 2), self.open(from + 3)]);
        }
        for at in first + 1..length {
            found.add(&["f", prefix(self.word(first), 5), self.word(at)]);
        }
        found.add(&["$", self.open(length - 1)]);
        found.add(&["$", self.open(length - 2), self.open(length - 1)]);
        found.add(&["$n", &bucket(self.words.len().saturating_sub(self.first)).to_string(), self.word(first)]);
        found.done()
    }

    /// The features of each word, by which its slot is told. `intent` is what the sentence wants.
    pub fn labels(&self, intent: &str) -> Vec<Features> {
        (0..self.words.len()).map(|at| self.label(at, intent)).collect()
    }

    fn label(&self, index: usize, intent: &str) -> Features {
        let at = isize::try_from(index).unwrap_or_default();
        let mut found = Collector::new(self.lang);
        found.add(&["b"]);
        for offset in -3_isize..=3 {
            let name = offset.to_string();
            found.add(&["w", &name, self.word(at + offset)]);
            found.any(&["k", &name, self.kind(at + offset)]);
        }
        self.neighbours(at, &mut found);
        let word = self.word(at);
        found.any(&["suffix", suffix(word, 3)]);
        found.any(&["suffix", suffix(word, 2)]);
        found.add(&["prefix", prefix(word, 3)]);
        if word.chars().any(|c| c.is_ascii_digit()) {
            found.any(&["digits"]);
        }
        let marked = self.marked(index);
        let distance = marked.distance.min(FAR).to_string();
        let first = self.words.get(self.first).copied().unwrap_or_default();
        let kind = self.kind(at);
        found.add(&["m", marked.last]);
        found.add(&["m", marked.last, &distance]);
        found.add(&["m", marked.last, marked.before]);
        found.add(&["m", marked.last, marked.before, kind]);
        found.add(&["m", marked.last, &distance, kind]);
        found.add(&["said", marked.said]);
        found.add(&["said", marked.said, word]);
        found.add(&["said", marked.said, marked.last]);
        found.add(&["to come", marked.to_come]);
        found.add(&["to come", marked.to_come, kind]);
        found.add(&["said", marked.said, "to come", marked.to_come]);
        found.add(&["f", first]);
        found.add(&["f", first, self.word(at - 1)]);
        found.add(&["f", first, marked.last, marked.said]);
        found.add(&["f", first, kind, marked.last]);
        let from_first = index.saturating_sub(self.first).min(FAR).to_string();
        found.add(&["f", first, "at", &from_first]);
        found.add(&["f", first, "at", &from_first, kind, self.kind(at + 1)]);
        // What a video or a picture is about, nobody writes in it.
        if let Some(medium) = self.words.iter().take(index).find(|word| MEDIA.contains(word)) {
            found.any(&["medium"]);
            found.add(&["medium", marked.last]);
            found.add(&["medium", medium, marked.last, marked.said]);
            found.any(&["medium", "i", intent, kind]);
            found.add(&["medium", "last", self.word(at - 1)]);
        }
        if let Some(Row { length, place, joined }) = self.row(index) {
            let (length, place, joined) = (length.to_string(), place.to_string(), joined.to_string());
            found.any(&["row", &length, &place]);
            found.any(&["row", &length, &place, &joined]);
            found.any(&["row", &length, &place, &joined, kind]);
            found.any(&["row", &place, &joined, kind, self.kind(at - 1)]);
        }
        let group = self.to_group(index).to_string();
        found.any(&["group", &group]);
        found.any(&["group", &group, kind]);
        found.add(&["group", &group, marked.last]);
        found.any(&["end", &(self.words.len() - index).min(4).to_string()]);
        for (name, offset) in [("broken", 0), ("broken next", 1)] {
            if self.broken.get(index + offset).copied().unwrap_or_default() {
                found.any(&[name]);
                found.any(&[name, kind]);
            }
        }
        found.any(&["i", intent]);
        found.any(&["i", intent, kind]);
        found.any(&["i", intent, kind, self.kind(at + 1)]);
        for (name, word) in [("0", word), ("-", self.word(at - 1)), ("+", self.word(at + 1)), ("f", first)] {
            found.add(&["i", intent, name, word]);
        }
        found.add(&["i", intent, "m", marked.last, marked.said]);
        found.add(&["i", intent, "m", marked.last, kind]);
        found.add(&["i", intent, "-", self.word(at - 1), kind]);
        found.done()
    }

    fn neighbours(&self, at: isize, found: &mut Collector) {
        let word = |offset| self.word(at + offset);
        let kind = |offset| self.kind(at + offset);
        for (name, from, to) in [("-2", -2, -1), ("-1", -1, 0), ("0", 0, 1), ("1", 1, 2), ("skip", -1, 1)] {
            found.add(&["ww", name, word(from), word(to)]);
            found.any(&["kk", name, kind(from), kind(to)]);
            found.add(&["wk", name, word(from), kind(to)]);
            found.add(&["kw", name, kind(from), word(to)]);
        }
        found.add(&["www", word(-2), word(-1), word(0)]);
        found.add(&["www0", word(-1), word(0), word(1)]);
        found.add(&["www1", word(0), word(1), word(2)]);
        found.add(&["wwk", word(-2), word(-1), kind(0)]);
        found.add(&["wwk3", word(-3), word(-2), word(-1), kind(0)]);
        found.add(&["wkw", word(-1), kind(0), word(1)]);
        found.any(&["kkk", kind(-1), kind(0), kind(1)]);
        found.any(&["kkk1", kind(0), kind(1), kind(2)]);
        found.any(&["kkk-", kind(-2), kind(-1), kind(0)]);
    }

    /// Returns the row of names a word stands in, if it is more than one: "Ann Lee Tom Roy and Kim May" are three people,
    /// "Ann Lee Tom and Kim" are four, and without commas only such counts tell.
    fn row(&self, index: usize) -> Option<Row> {
        let is_name = |at: &usize| {
            let kind = self.kinds.get(*at).is_some_and(|kind| !kind.starts_with(['w', '#']));
            kind && self.words.get(*at).is_some_and(|word| !JOINS.contains(word))
        };
        let before = (0..index).rev().take_while(is_name).count();
        let after = (index..self.words.len()).take_while(is_name).count();
        let end = index + after;
        let is_joined = self.words.get(end).is_some_and(|word| JOINS.contains(word));
        let joined = if is_joined { (end + 1..self.words.len()).take_while(is_name).count() } else { 0 };
        let row = Row { length: (before + after).min(FAR), place: before.min(FAR - 1), joined: joined.min(3) };
        (after > 0 && row.length > 1).then_some(row)
    }

    /// Words until one that means a group, or as far as is told apart.
    fn to_group(&self, index: usize) -> usize {
        let after = self.words.get(index..).unwrap_or_default();
        after.iter().take(FAR).position(|word| GROUPS.contains(word)).unwrap_or(FAR)
    }

    fn marked(&self, index: usize) -> Marked<'a> {
        let marks = marks(self.lang);
        let before = self.words.get(self.first..index).unwrap_or_default();
        let mut left = before.iter().enumerate().rev().filter(|(_, word)| marks.contains(word));
        let (last_at, last) = left.next().map_or((0, "<s>"), |(at, word)| (at, *word));
        let sayings = sayings(self.lang);
        let after = self.words.get(index + 1..).unwrap_or_default();
        Marked {
            last,
            before: left.next().map_or("<s>", |(_, word)| *word),
            distance: before.len() - last_at.min(before.len()),
            said: before.iter().find(|word| sayings.contains(word)).copied().unwrap_or("<>"),
            to_come: after.iter().find(|word| sayings.contains(word)).copied().unwrap_or("<>"),
        }
    }
}

/// Where the command begins after politeness and wishes.
fn command_from(words: &[&str], lang: Lang) -> usize {
    let leading = leading(lang);
    let polite = words.iter().take(LEADING).take_while(|word| leading.contains(word)).count();
    if polite < words.len() { polite } else { 0 }
}

/// Lengths up to which sentences are told apart.
fn bucket(length: usize) -> usize {
    match length {
        0..=8 => length,
        9..=11 => 9,
        12..=15 => 12,
        16..=23 => 16,
        _ => 24,
    }
}

fn prefix(word: &str, letters: usize) -> &str {
    word.char_indices().nth(letters).map_or(word, |(end, _)| word.get(..end).unwrap_or(word))
}

fn suffix(word: &str, letters: usize) -> &str {
    let from = word.char_indices().rev().nth(letters.saturating_sub(1)).map_or(0, |(at, _)| at);
    word.get(from..).unwrap_or(word)
}

/// Gathers features.
struct Collector {
    lang: Lang,
    found: Features,
}

impl Collector {
    const fn new(lang: Lang) -> Self {
        Self { lang, found: Features::new() }
    }

    /// Adds a feature of the sentence's own language.
    fn add(&mut self, parts: &[&str]) {
        self.found.push(hash(self.lang.code(), parts));
    }

    /// Adds a feature that means the same in every language.
    fn any(&mut self, parts: &[&str]) {
        self.found.push(hash("", parts));
    }

    fn done(mut self) -> Features {
        self.found.sort_unstable();
        self.found.dedup();
        self.found
    }
}

/// Returns the number of a feature: FNV-1a (Fowler, Noll, Vo), folded to 32 bits.
pub(super) fn hash(lang: &str, parts: &[&str]) -> u32 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    let mut push = |byte: u8| state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    lang.bytes().for_each(&mut push);
    for part in parts {
        push(SEPARATOR);
        part.bytes().for_each(&mut push);
    }
    let [a, b, c, d, e, f, g, h] = state.to_le_bytes();
    u32::from_le_bytes([a, b, c, d]) ^ u32::from_le_bytes([e, f, g, h])
}
