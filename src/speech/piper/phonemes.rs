//! Text to the phonemes Piper voices were trained with: those of `espeak-ng`, in IPA.
//!
//! English comes from misaki's lexicon, which needs no child process and knows more words, rewritten to espeak-ng's
//! IPA; the other languages come from `espeak-ng` itself.

use crate::speech::{
    english::{Accent, English},
    espeak,
};

/// Returns the phonemes of one clause, with its punctuation; `voice` is the name of the voice of espeak-ng whose
/// phonemes the Piper voice speaks.
///
/// # Errors
/// What failed, without the text: espeak-ng for other languages than English.
pub(super) fn phonemes(english: &English, text: &str, voice: &str) -> Result<String, String> {
    match accent_of(voice) {
        Some(accent) => Ok(from_misaki(&english.phonemes(text, accent)?, accent)),
        None => espeak::ipa_with_signs(text, voice).map(|ipa| ipa.replace('^', "")).map_err(|error| error.to_string()),
    }
}

/// Returns the English accent of a voice of espeak-ng; `None` for another language.
pub(super) fn accent_of(voice: &str) -> Option<Accent> {
    match voice {
        "en-us" | "en-us-nyc" => Some(Accent::American),
        _ if voice.starts_with("en") => Some(Accent::British),
        _ => None,
    }
}

/// Symbols of misaki's alphabet that are two sounds in IPA, and signs that Piper knows by another one.
const SYMBOLS: &[(&str, &str)] = &[
    ("A", "eɪ"),
    ("I", "aɪ"),
    ("W", "aʊ"),
    ("O", "oʊ"),
    ("Q", "əʊ"),
    ("Y", "ɔɪ"),
    ("ʤ", "dʒ"),
    ("ʧ", "tʃ"),
    ("ᵊ", "ə"),
    ("T", "ɾ"),
    ("…", "."),
    ("—", ", "),
];

/// American vowels that espeak-ng writes long or as one with their "r"; misaki's British ones are long already.
const AMERICAN: &[(&str, &str)] =
    &[("ɜɹ", "ɜː"), ("əɹ", "ɚ"), ("ɑ", "ɑː"), ("ɔ", "ɔː"), ("ɔːɪ", "ɔɪ"), ("ˈi", "ˈiː"), ("ˌi", "ˌiː"), ("u", "uː")];

fn from_misaki(phonemes: &str, accent: Accent) -> String {
    let ipa = espeak::replace(phonemes, SYMBOLS);
    match accent {
        Accent::British => ipa,
        Accent::American => {
            let long = espeak::replace(&ipa, AMERICAN);
            long.split(' ').map(long_in_little_words).collect::<Vec<_>>().join(" ")
        }
    }
}

/// "He", "be", "we" carry no stress, and are long all the same.
fn long_in_little_words(word: &str) -> String {
    let stem = word.trim_end_matches(|symbol: char| !symbol.is_alphabetic());
    if stem.ends_with('i') && !stem.contains(['ˈ', 'ˌ']) {
        format!("{stem}ː{}", &word[stem.len()..])
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn american_phonemes_are_those_of_espeak_ng() {
        let english = English::default();
        for (text, ipa) in [
            ("Hello, Paul.", "həlˈoʊ, pˈɔːl."),
            (
                "You see choose judge bird early father thought low now boy.",
                "jˌuː sˈiː tʃˈuːz dʒˈʌdʒ bˈɜːd ˈɜːli fˈɑːðɚ θˈɔːt lˈoʊ nˈaʊ bˈɔɪ.",
            ),
            ("The little water bottle…", "ðə lˈɪɾəl wˈɔːɾɚ bˈɑːɾəl."),
        ] {
            assert_eq!(phonemes(&english, text, "en-us").unwrap(), ipa);
        }
    }

    #[test]
    fn british_vowels_are_long_already() {
        let said = phonemes(&English::default(), "She saw the car.", "en-gb").unwrap();
        assert!(said.contains("ɔː") && said.contains("ɑː") && !said.contains("ːː"), "{said}");
    }

    #[test]
    fn other_languages_come_from_espeak_ng_without_its_ties() {
        if !espeak::installed() {
            println!("skipped: no espeak-ng");
            return;
        }
        let said = phonemes(&English::default(), "À Marion : un match.", "fr").unwrap();
        assert!(said.starts_with("a maʁjˈɔ̃: ") && said.ends_with('.') && !said.contains('^'), "{said}");
    }
}
