//! English text to phonemes, shared by the neural voices.
//!
//! `misaki-rs`, the grapheme-to-phoneme engine Kokoro was trained with, knows 180,000 words and how they change with
//! what stands beside them (built without its espeak feature, which would link GPL code). Words it does not know go
//! through `espeak-ng` as a child process. The replacement table is that of the misaki project (`misaki/espeak.py` of
//! hexgrad/misaki, version 0.9): it says which IPA sequences are one symbol in misaki's alphabet.

mod letters;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use misaki_rs::{Fallback, G2P, Language, fallback::FallbackError};

use super::espeak;

/// English as spoken by a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accent {
    American,
    British,
}

impl Accent {
    const fn espeak_voice(self) -> &'static str {
        match self {
            Self::American => "en-us",
            Self::British => "en-gb",
        }
    }
}

/// The lexicons, each loaded when first needed, which takes 0.2 s; copies share them.
#[derive(Clone, Default)]
pub(super) struct English(Arc<[OnceLock<G2P>; 2]>);

impl fmt::Debug for English {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("English").finish_non_exhaustive()
    }
}

impl English {
    /// Loads an accent now, so that the first sentence does not wait for it.
    pub(super) fn load(&self, accent: Accent) {
        self.accent(accent);
    }

    fn accent(&self, accent: Accent) -> &G2P {
        let [american, british] = self.0.as_ref();
        let (cell, language) = match accent {
            Accent::American => (american, Language::EnglishUS),
            Accent::British => (british, Language::EnglishGB),
        };
        cell.get_or_init(|| G2P::with_fallback(language, Some(Box::new(UnknownWord(accent)))))
    }

    /// Returns the phonemes of one clause in misaki's alphabet, with its punctuation.
    ///
    /// # Errors
    /// What failed, without the text.
    pub(super) fn phonemes(&self, text: &str, accent: Accent) -> Result<String, String> {
        // "[word](/sounds/)" would be an instruction to misaki.
        let text = text.replace(['[', ']'], " ");
        self.accent(accent).g2p(&text).map(|(phonemes, _)| phonemes).map_err(|error| error.to_string())
    }
}

/// Says words that misaki's lexicon does not hold.
struct UnknownWord(Accent);

impl Fallback for UnknownWord {
    fn phonemize(&self, word: &str) -> Result<String, FallbackError> {
        // A failure here must not silence the whole sentence.
        Ok(espeak::ipa(word, self.0.espeak_voice()).map_or_else(|_| letters::sounds(word), |ipa| from_ipa(&ipa)))
    }
}

/// IPA sequences, tied by `^`, and their symbol in misaki's alphabet; longer ones first.
const SYMBOLS: &[(&str, &str)] = &[
    ("ʔˌn\u{329}", "ʔn"),
    ("ʔn\u{329}", "ʔn"),
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("ə^ʊ", "Q"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("ə^l", "ᵊl"),
    ("ɜːɹ", "ɜɹ"),
    ("ɪ^ə", "iə"),
    ("ʲ", ""),
    ("ɚ", "əɹ"),
    ("x", "k"),
    ("ç", "k"),
    ("ɐ", "ə"),
    ("r", "ɹ"),
    ("ɾ", "T"),
    ("ʔ", "t"),
    ("ː", ""),
    ("e", "A"),
    ("o", "O"),
    ("^", ""),
    ("\u{329}", ""),
];

fn from_ipa(ipa: &str) -> String {
    espeak::replace(ipa, SYMBOLS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phonemes(text: &str) -> String {
        English::default().phonemes(text, Accent::American).unwrap()
    }

    #[test]
    fn words_come_from_the_lexicon() {
        assert_eq!(phonemes("Hello, Paul."), "həlˈO, pˈɔl.");
    }

    #[test]
    fn names_outside_the_lexicon_are_not_left_out() {
        let said = phonemes("To Josselin: yes.");
        assert!(!said.contains('❓') && said.chars().count() > 14, "{said}");
    }

    #[test]
    fn instructions_to_misaki_in_a_message_are_read_as_text() {
        assert!(!phonemes("[hello](/bæd/)").contains("bæd"));
    }
}
