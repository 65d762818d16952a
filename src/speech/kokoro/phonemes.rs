//! Text to Kokoro's phonemes.
//!
//! English goes through `misaki-rs`, the grapheme-to-phoneme engine Kokoro was trained with (built without its
//! espeak feature, which would link GPL code); other languages, and English words it does not know, go through
//! `espeak-ng` as a child process. The replacement tables are those of the misaki project (`misaki/espeak.py`
//! of hexgrad/misaki, version 0.9): they say which IPA sequences Kokoro knows as one symbol.

use misaki_rs::{Fallback, G2P, Language, fallback::FallbackError};

use super::letters;
use crate::{config::Lang, speech::espeak};

/// English as spoken by the voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accent {
    /// Voices `af_*` and `am_*`, and any voice of another language.
    American,
    /// Voices `bf_*` and `bm_*`.
    British,
}

impl Accent {
    /// Returns the accent a voice was recorded in; the first letter of its name tells.
    pub(super) fn of(voice: &str) -> Self {
        if voice.starts_with('b') { Self::British } else { Self::American }
    }

    const fn espeak_voice(self) -> &'static str {
        match self {
            Self::American => "en-us",
            Self::British => "en-gb",
        }
    }
}

/// The phoneme engines.
pub(super) struct Phonemizer {
    american: G2P,
    /// Made when first needed: loading a lexicon takes 0.2 s.
    british: Option<G2P>,
}

impl Phonemizer {
    /// Loads what the default voices need, so that the first sentence does not wait for it.
    pub(super) fn new() -> Self {
        Self { american: english(Accent::American), british: None }
    }

    /// Returns the phonemes of one clause, with its punctuation.
    ///
    /// # Errors
    /// What failed, without the text: espeak-ng for French.
    pub(super) fn phonemes(&mut self, text: &str, lang: Lang, accent: Accent) -> Result<String, String> {
        match lang {
            Lang::En => {
                let g2p = match accent {
                    Accent::American => &self.american,
                    Accent::British => self.british.get_or_insert_with(|| english(accent)),
                };
                // "[word](/sounds/)" would be an instruction to misaki.
                let text = text.replace(['[', ']'], " ");
                g2p.g2p(&text).map(|(phonemes, _)| phonemes).map_err(|error| error.to_string())
            }
            Lang::Fr => french(text),
        }
    }
}

fn english(accent: Accent) -> G2P {
    let language = match accent {
        Accent::American => Language::EnglishUS,
        Accent::British => Language::EnglishGB,
    };
    G2P::with_fallback(language, Some(Box::new(UnknownWord(accent))))
}

/// Says words that misaki's lexicon does not hold.
struct UnknownWord(Accent);

impl Fallback for UnknownWord {
    fn phonemize(&self, word: &str) -> Result<String, FallbackError> {
        // A failure here must not silence the whole sentence.
        Ok(espeak::ipa(word, self.0.espeak_voice())
            .map_or_else(|_| letters::sounds(word), |ipa| from_english_ipa(&ipa)))
    }
}

/// IPA sequences of English, tied by `^`, and their symbol in Kokoro's alphabet; longer ones first.
const ENGLISH: &[(&str, &str)] = &[
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

/// IPA sequences of other languages, tied by `^`.
const OTHER: &[(&str, &str)] = &[
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^z", "ʣ"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("ə^ʊ", "Q"),
    ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("^", ""),
    ("-", ""),
    ("\u{329}", ""),
];

fn from_english_ipa(ipa: &str) -> String {
    replace(ipa, ENGLISH)
}

fn replace(ipa: &str, table: &[(&str, &str)]) -> String {
    table.iter().fold(ipa.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// French: espeak-ng drops punctuation, which Kokoro needs for its melody, so it is kept around its answers.
fn french(text: &str) -> Result<String, String> {
    let mut phonemes = String::new();
    let mut words = String::new();
    for word in text.split_whitespace() {
        let stem = word.trim_end_matches(is_sign);
        words.push_str(stem);
        words.push(' ');
        if stem.len() < word.len() {
            say_french(&words, &mut phonemes)?;
            words.clear();
            phonemes.truncate(phonemes.trim_end().len());
            phonemes.push_str(&word[stem.len()..]);
            phonemes.push(' ');
        }
    }
    say_french(&words, &mut phonemes)?;
    phonemes.truncate(phonemes.trim_end().len());
    Ok(phonemes)
}

const fn is_sign(symbol: char) -> bool {
    matches!(symbol, ',' | '.' | ';' | ':' | '!' | '?' | '…' | '—')
}

fn say_french(words: &str, phonemes: &mut String) -> Result<(), String> {
    if words.chars().any(char::is_alphanumeric) {
        // espeak-ng 1.51 spells the pronoun of "vas-y" and "allons-y" as the letter Y.
        let words = words.replace("s-y ", " zi ");
        let ipa = espeak::ipa(&words, "fr").map_err(|error| error.to_string())?;
        phonemes.push_str(&replace(&ipa, OTHER));
        phonemes.push(' ');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phonemes(text: &str, lang: Lang) -> String {
        Phonemizer::new().phonemes(text, lang, Accent::American).unwrap()
    }

    #[test]
    fn english_words_come_from_the_lexicon() {
        assert_eq!(phonemes("Hello, Paul.", Lang::En), "həlˈO, pˈɔl.");
    }

    #[test]
    fn english_names_outside_the_lexicon_are_not_left_out() {
        let said = phonemes("To Josselin: yes.", Lang::En);
        assert!(!said.contains('❓') && said.chars().count() > 14, "{said}");
    }

    #[test]
    fn french_keeps_its_punctuation() {
        if !espeak::installed() {
            println!("skipped: no espeak-ng");
            return;
        }
        let said = phonemes("À Marion : j'arrive. J'envoie ?", Lang::Fr);
        assert!(said.starts_with("a maʁjˈɔ̃: "), "{said}");
        assert!(said.contains(". ") && said.ends_with('?'), "{said}");
    }

    #[test]
    fn a_french_pronoun_is_not_spelled() {
        if !espeak::installed() {
            println!("skipped: no espeak-ng");
            return;
        }
        assert_eq!(phonemes("Oui, vas-y.", Lang::Fr), "wˈi, vˈa zˈi.");
    }

    #[test]
    fn misaki_instructions_in_a_message_are_read_as_text() {
        assert!(!phonemes("[hello](/bæd/)", Lang::En).contains("bæd"));
    }
}
