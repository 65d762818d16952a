//! Texts to the tokens the model itself would write them with.
//!
//! Byte-pair encoding as GPT-2's (Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword
//! units", 2016), where the number of a token is its rank. The engine's own `tokenize` takes the longest token that fits
//! and breaks words at letters with accents, which the model never does: names it wrote so would look improbable.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;
use whisper_rs::WhisperTokenId;

/// Pieces of text that never share a token.
#[allow(clippy::expect_used, reason = "a constant, compiled in every test")]
static PIECES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+").expect("a valid pattern")
});

/// The text tokens of a model by their spelling.
pub(super) struct Spelling(HashMap<Box<[u8]>, WhisperTokenId>);

impl Spelling {
    pub(super) fn new<'a>(tokens: impl Iterator<Item = (&'a [u8], WhisperTokenId)>) -> Self {
        Self(tokens.map(|(spelling, token)| (spelling.into(), token)).collect())
    }

    /// Returns the tokens of a text; what the model cannot write is left out.
    pub(super) fn tokens(&self, text: &str) -> Vec<WhisperTokenId> {
        PIECES.find_iter(text).flat_map(|piece| self.merge(piece.as_str().as_bytes())).collect()
    }

    /// Joins neighbours, the pair with the lowest number first, until no two make a token.
    fn merge(&self, piece: &[u8]) -> Vec<WhisperTokenId> {
        let mut ends: Vec<usize> = (0..=piece.len()).collect();
        let token = |from: usize, to: usize| piece.get(from..to).and_then(|spelling| self.0.get(spelling)).copied();
        loop {
            let pairs = ends.windows(3).enumerate().filter_map(|(at, ends)| Some((token(ends[0], ends[2])?, at)));
            let Some((_, at)) = pairs.min() else { break };
            ends.remove(at + 1);
        }
        ends.windows(2).filter_map(|ends| token(ends[0], ends[1])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_with_the_lowest_number_is_joined_first() {
        let tokens = [" ", "T", "a", "t", "j", "n", "at", " T", "an", "ja", "jan", " Tat", "tj"];
        let spelling = Spelling::new(tokens.iter().zip(0..).map(|(token, number)| (token.as_bytes(), number)));
        let spelled = |text: &str| -> Vec<&str> {
            spelling.tokens(text).into_iter().map(|token| tokens[usize::try_from(token).unwrap()]).collect()
        };
        assert_eq!(spelled(" Tatjan"), [" Tat", "jan"]);
        assert_eq!(spelled("tjat"), ["tj", "at"], "\"at\" comes before \"ja\"");
        assert_eq!(spelled(" Tat-jan"), [" Tat", "jan"], "no token has a dash");
        assert!(spelled("").is_empty());
    }
}
