//! Words that are said twice in a row count once for the tagger: people hesitate, and recognisers stutter.

use super::token::Token;

/// Words without repetitions: "send send a message" is "send a message".
#[derive(Debug)]
pub(super) struct Words {
    pub tokens: Vec<Token>,
    /// Where each begins among the words as said.
    starts: Vec<usize>,
    said: usize,
}

impl Words {
    pub fn once(tokens: &[Token]) -> Self {
        let mut words = Self { tokens: Vec::new(), starts: Vec::new(), said: tokens.len() };
        for (at, token) in tokens.iter().enumerate() {
            match words.tokens.last_mut() {
                Some(last) if last.fold == token.fold && !token.broken => last.end = token.end,
                _ => {
                    words.tokens.push(token.clone());
                    words.starts.push(at);
                }
            }
        }
        words
    }

    /// Returns the first word and the one after the last, among the words as said.
    pub fn place(&self, from: usize, end: usize) -> (usize, usize) {
        let at = |index: usize| self.starts.get(index).copied().unwrap_or(self.said);
        (at(from), at(end))
    }
}
