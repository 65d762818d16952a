//! What a message and a class of replies are made of: hashed words, pairs of words and pieces of words.

use super::Class;
use crate::{
    config::Lang,
    suggest::{About, Circle, From, Message, Suggestion, rules::Rules, text::Words, view::Read},
};

/// Rows of the table of messages and of that of replies; features share them by chance.
pub(super) const PROMPT_ROWS: u32 = 1 << 13;
pub(super) const REPLY_ROWS: u32 = 1 << 9;

/// Numbers of rows.
pub(super) type Features = Vec<u32>;

/// Returns the features of the last message, with what the rules found in it and what the user wrote before.
pub(super) fn of_prompt(rules: &Rules, messages: &[Message<'_>], about: &About, offered: &[Suggestion]) -> Features {
    let mut hasher = Hasher { lang: rules.lang, rows: PROMPT_ROWS, found: Features::new() };
    hasher.add("bias", "");
    if about.circle == Circle::Group {
        hasher.add("group", "");
    }
    for suggestion in offered {
        hasher.add("kind", suggestion.kind.name());
        hasher.add("rule", &suggestion.rule);
    }
    if let Some((last, before)) = messages.split_last() {
        let read = Read::new(rules, last.text);
        let asked = (0..read.words.tokens.len()).any(|at| read.words.sentence_of(at).0);
        hasher.add(if asked { "asked" } else { "told" }, "");
        hasher.words(&read.words);
        if let Some(mine) = before.iter().rev().find(|message| message.from == From::Me) {
            let read = Read::new(rules, mine.text);
            folds(&read.words).iter().for_each(|word| hasher.add("mine", word));
        }
    }
    hasher.done()
}

/// Returns the features of a class: its name and the words of its texts.
pub(super) fn of_class(lang: Lang, class: &Class) -> Features {
    let mut hasher = Hasher { lang, rows: REPLY_ROWS, found: Features::new() };
    hasher.add("class", class.name);
    for text in &class.texts {
        text.split_whitespace().for_each(|word| hasher.add("word", word));
    }
    hasher.done()
}

fn folds(words: &Words) -> Vec<String> {
    let fold =
        |fold: &str| if fold.starts_with(|c: char| c.is_ascii_digit()) { "#".to_owned() } else { fold.to_owned() };
    words.tokens.iter().map(|token| fold(&token.fold)).collect()
}

struct Hasher {
    lang: Lang,
    rows: u32,
    found: Features,
}

impl Hasher {
    fn words(&mut self, words: &Words) {
        let folds = folds(words);
        for word in &folds {
            self.add("word", word);
            let letters: Vec<char> = format!(" {word} ").chars().collect();
            for piece in letters.windows(4) {
                self.add("piece", &piece.iter().collect::<String>());
            }
        }
        for pair in folds.windows(2) {
            self.add("pair", &pair.join(" "));
        }
        if let (Some(first), Some(last)) = (folds.first(), folds.last()) {
            self.add("first", first);
            self.add("last", last);
        }
    }

    /// FNV-1a, the same on every machine.
    fn add(&mut self, kind: &str, what: &str) {
        let bytes = self.lang.code().bytes().chain(kind.bytes()).chain([0]).chain(what.bytes());
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        let row = (hash ^ (hash >> 32)) % u64::from(self.rows);
        self.found.extend(u32::try_from(row));
    }

    fn done(mut self) -> Features {
        self.found.sort_unstable();
        self.found.dedup();
        self.found
    }
}
