//! Text to Kokoro's phonemes: misaki's for English, those of `espeak-ng` for other languages.
//!
//! The replacement table is that of the misaki project (`misaki/espeak.py` of hexgrad/misaki, version 0.9): it says
//! which IPA sequences Kokoro knows as one symbol.

use crate::{
    config::Lang,
    speech::{
        english::{Accent, English},
        espeak,
    },
};

/// Returns the accent a voice was recorded in; the first letter of its name tells: `bf_*` and `bm_*` are British.
pub(super) fn accent_of(voice: &str) -> Accent {
    if voice.starts_with('b') { Accent::British } else { Accent::American }
}

/// Returns the phonemes of one clause, with its punctuation.
///
/// # Errors
/// What failed, without the text: espeak-ng for French.
pub(super) fn phonemes(english: &English, text: &str, lang: Lang, accent: Accent) -> Result<String, String> {
    match lang {
        Lang::En => english.phonemes(text, accent),
        Lang::Fr => {
            let ipa = espeak::ipa_with_signs(text, "fr").map_err(|error| error.to_string())?;
            Ok(espeak::replace(&ipa, SYMBOLS))
        }
    }
}

/// IPA sequences, tied by `^`, and their symbol in Kokoro's alphabet.
const SYMBOLS: &[(&str, &str)] = &[
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_keeps_its_punctuation() {
        if !espeak::installed() {
            println!("skipped: no espeak-ng");
            return;
        }
        let said =
            phonemes(&English::default(), "À Marion : j'arrive. J'envoie ?", Lang::Fr, Accent::American).unwrap();
        assert!(said.starts_with("a maʁjˈɔ̃: "), "{said}");
        assert!(said.contains(". ") && said.ends_with('?'), "{said}");
    }
}
