//! A word said letter by letter: "M, A, R", "M as in Mike", "deux N", "E accent aigu".

use unicode_normalization::UnicodeNormalization;

use super::token::{self, Token};

/// Letters as they are written when they are written as words, folded; only after "spell it", or among letters.
const NAMES: &[(&str, char)] = &[
    ("ay", 'a'),
    ("eh", 'a'),
    ("bee", 'b'),
    ("be", 'b'),
    ("see", 'c'),
    ("sea", 'c'),
    ("cee", 'c'),
    ("ce", 'c'),
    ("dee", 'd'),
    ("de", 'd'),
    ("ee", 'e'),
    ("eff", 'f'),
    ("ef", 'f'),
    ("effe", 'f'),
    ("gee", 'g'),
    ("ge", 'g'),
    ("aitch", 'h'),
    ("haitch", 'h'),
    ("ache", 'h'),
    ("hache", 'h'),
    ("eye", 'i'),
    ("jay", 'j'),
    ("ji", 'j'),
    ("kay", 'k'),
    ("ka", 'k'),
    ("el", 'l'),
    ("ell", 'l'),
    ("elle", 'l'),
    ("em", 'm'),
    ("emme", 'm'),
    ("aime", 'm'),
    ("en", 'n'),
    ("enne", 'n'),
    ("oh", 'o'),
    ("pee", 'p'),
    ("pea", 'p'),
    ("pe", 'p'),
    ("cue", 'q'),
    ("queue", 'q'),
    ("ku", 'q'),
    ("are", 'r'),
    ("ar", 'r'),
    ("erre", 'r'),
    ("air", 'r'),
    ("ess", 's'),
    ("esse", 's'),
    ("tee", 't'),
    ("tea", 't'),
    ("te", 't'),
    ("you", 'u'),
    ("vee", 'v'),
    ("ve", 'v'),
    ("ex", 'x'),
    ("ixe", 'x'),
    ("why", 'y'),
    ("igrec", 'y'),
    ("zed", 'z'),
    ("zee", 'z'),
    ("zede", 'z'),
    ("hyphen", '-'),
    ("tiret", '-'),
];

/// The spelling alphabet of radio, folded; each stands for its first letter.
const ALPHABET: &[&str] = &[
    "alpha", "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo",
    "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey",
    "xray", "yankee", "zulu",
];

/// What may be said around letters and means nothing.
const AROUND: &[&str] = &[
    "and",
    "then",
    "et",
    "puis",
    "capital",
    "majuscule",
    "accent",
    "with",
    "avec",
    "please",
    "um",
    "uh",
    "euh",
    "letter",
];

/// Marks said after their letter.
const ACCENTS: &[(&str, char)] = &[
    ("aigu", '\u{301}'),
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("circonflexe", '\u{302}'),
    ("circumflex", '\u{302}'),
    ("trema", '\u{308}'),
    ("umlaut", '\u{308}'),
    ("cedille", '\u{327}'),
    ("cedilla", '\u{327}'),
];

/// Fewest letters that make a word.
const FEWEST: usize = 2;

/// What was read so far.
#[derive(Debug, Default)]
struct Letters {
    word: String,
    letters: usize,
    /// Letters that were written as letters, or told by a word they begin.
    plain: usize,
    /// How often the next letter is meant.
    times: usize,
}

impl Letters {
    fn push(&mut self, letter: char, plain: bool) {
        let times = self.times.max(1);
        self.word.extend(std::iter::repeat_n(letter, times));
        self.letters += times;
        self.plain += if plain { times } else { 0 };
        self.times = 0;
    }

    /// The word itself is better heard than the letter it explains.
    fn correct(&mut self, word: &str) {
        if let (Some(_), Some(first)) = (self.word.pop(), word.chars().next()) {
            self.word.push(first);
        }
    }
}

/// Reads words as the letters of one word: "Marion" of "M, A, R, I, O, N". `None` where anything else is said.
///
/// Every second letter at least must be written as one: "are you" is no spelling.
pub fn letters(text: &str) -> Option<String> {
    read(&token::tokens(text)).filter(|read| 2 * read.plain >= read.letters).and_then(|read| written(&read))
}

/// The same where the user said that letters follow: any of them may be written as a word, and one word may be the
/// letters put together by the recogniser.
pub(super) fn announced(tokens: &[Token]) -> Option<String> {
    let together = match tokens {
        [only] => Some(only.fold.trim_end_matches('\'')).filter(|word| word.chars().count() >= FEWEST),
        _ => None,
    };
    together.map(capitalised).or_else(|| read(tokens).and_then(|read| written(&read)))
}

fn written(read: &Letters) -> Option<String> {
    (read.letters >= FEWEST).then(|| capitalised(&read.word.nfc().collect::<String>()))
}

fn read(tokens: &[Token]) -> Option<Letters> {
    let folds: Vec<&str> = tokens.iter().map(|token| token.fold.trim_end_matches('\'')).collect();
    let mut read = Letters::default();
    let mut rest = folds.as_slice();
    while !rest.is_empty() {
        rest = step(&mut read, rest)?;
    }
    (read.times == 0).then_some(read)
}

/// Reads one letter, or what is said around it.
fn step<'a, 'b>(read: &mut Letters, rest: &'b [&'a str]) -> Option<&'b [&'a str]> {
    match rest {
        // "W" is called by what it looks like.
        ["double", "u" | "you", after @ ..] | ["double", "v" | "ve", after @ ..] => {
            read.push('w', true);
            Some(after)
        }
        ["i", "grec", after @ ..] => {
            read.push('y', true);
            Some(after)
        }
        ["as", "in", word, after @ ..] | ["comme" | "like" | "for", word, after @ ..] if read.letters > 0 => {
            read.correct(word);
            Some(after)
        }
        ["trait", "d", "union", after @ ..] | ["dash", after @ ..] => {
            read.push('-', false);
            Some(after)
        }
        ["double" | "deux" | "two", after @ ..] => {
            read.times = 2;
            Some(after)
        }
        [word, after @ ..] => {
            one(read, word)?;
            Some(after)
        }
        [] => None,
    }
}

fn one(read: &mut Letters, word: &str) -> Option<()> {
    let mut chars = word.chars();
    let alone = chars.next().filter(|first| first.is_alphabetic() && chars.next().is_none());
    if let Some(letter) = alone {
        read.push(letter, true);
    } else if let Some((_, mark)) = ACCENTS.iter().find(|(name, _)| *name == word).filter(|_| read.letters > 0) {
        read.word.push(*mark);
    } else if ALPHABET.contains(&word) {
        read.push(word.chars().next()?, true);
    } else if let Some((_, letter)) = NAMES.iter().find(|(name, _)| *name == word) {
        read.push(*letter, false);
    } else if !AROUND.contains(&word) {
        return None;
    }
    Some(())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{announced, letters, token};

    #[test]
    fn letters_are_read_as_a_word() {
        let table = [
            ("M A R I O N", "Marion"),
            ("M, A, R, I, O, N.", "Marion"),
            ("M-A-R-I-O-N", "Marion"),
            ("m as in Mike, a, r", "Mar"),
            ("N as in Mike, A", "Ma"),
            ("J comme Jules, O, deux S, E, L, I, N", "Josselin"),
            ("A, double N, A", "Anna"),
            ("Z, E accent aigu, B, U", "Zébu"),
            ("Mike Alpha X", "Max"),
            ("M A are I", "Mari"),
            ("double V, E, I", "Wei"),
            ("Y V E S", "Yves"),
            ("J E A N tiret M A R C", "Jean-marc"),
        ];
        for (text, word) in table {
            assert_eq!(letters(text).as_deref(), Some(word), "{text:?}");
        }
    }

    #[test]
    fn words_are_no_letters() {
        for text in ["Marion", "are you", "I see you", "A", "", "to Paul", "j'ai dit", "as in", "double", "E F double"]
        {
            assert_eq!(letters(text), None, "{text:?}");
        }
    }

    #[test]
    fn after_spell_it_one_word_will_do() {
        assert_eq!(announced(&token::tokens("MARION")).as_deref(), Some("Marion"));
        assert_eq!(announced(&token::tokens("em ay are")).as_deref(), Some("Mar"));
        assert_eq!(announced(&token::tokens("how do you write it")), None);
    }
}
