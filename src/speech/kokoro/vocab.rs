//! Kokoro's alphabet: which phoneme symbol is which number.

use std::{collections::HashMap, io, path::Path};

use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    vocab: HashMap<char, i32>,
}

/// Phoneme symbols and their numbers, read from `{"vocab": {symbol: number}}`.
#[derive(Debug)]
pub(super) struct Vocab(HashMap<char, i32>);

impl Vocab {
    /// Reads the alphabet.
    ///
    /// # Errors
    /// The file cannot be read or is not of this shape.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file: File = serde_json::from_slice(&std::fs::read(path)?)?;
        Ok(Self(file.vocab))
    }

    /// Returns the numbers of the symbols; a symbol Kokoro does not know becomes its neighbour in sound, or
    /// nothing.
    pub(super) fn ids(&self, phonemes: &str) -> Vec<i32> {
        let known = |symbol| self.0.get(&symbol).copied();
        phonemes.chars().filter_map(|symbol| known(symbol).or_else(|| neighbour(symbol).and_then(known))).collect()
    }
}

/// The nearest sound of Kokoro's alphabet.
const fn neighbour(symbol: char) -> Option<char> {
    Some(match symbol {
        'g' => 'ɡ',
        'ɫ' | 'ɬ' | 'ɭ' => 'l',
        'ʀ' => 'ʁ',
        'ɱ' => 'm',
        'ʍ' => 'w',
        'ʉ' => 'u',
        'ʏ' => 'y',
        'ɵ' => 'ø',
        'ɘ' => 'ə',
        'ɝ' => 'ɜ',
        'ɞ' => 'œ',
        'ɦ' | 'ħ' => 'h',
        '«' | '»' | '„' => '"',
        '–' => '—',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_symbols_become_their_neighbour_or_nothing() {
        let vocab = Vocab(HashMap::from([('ɡ', 92), ('a', 43), (' ', 16)]));
        assert_eq!(vocab.ids("ga ☃ɡ"), [92, 43, 16, 92]);
    }

    #[test]
    fn a_damaged_alphabet_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in ["", "[]", "{\"vocab\":{\"ab\":1}}", "{\"vocab\":{\"a\":\"x\"}}"] {
            std::fs::write(file.path(), text).unwrap();
            assert!(Vocab::open(file.path()).is_err(), "{text}");
        }
        std::fs::write(file.path(), "{\"vocab\":{\"a\":43}}").unwrap();
        assert_eq!(Vocab::open(file.path()).unwrap().ids("a"), [43]);
    }
}
