//! English letters to sounds, for a word that no lexicon knows on a machine without espeak-ng.
//!
//! A name said roughly is better than a name left out. The longest spelling wins at each place.

/// Spellings and their sounds in Kokoro's alphabet, longest first.
const SPELLINGS: &[(&str, &str)] = &[
    ("tion", "ʃən"),
    ("sion", "ʒən"),
    ("eigh", "A"),
    ("ough", "O"),
    ("sch", "ʃ"),
    ("igh", "I"),
    ("tch", "ʧ"),
    ("ch", "ʧ"),
    ("sh", "ʃ"),
    ("th", "θ"),
    ("ph", "f"),
    ("gh", "ɡ"),
    ("ck", "k"),
    ("qu", "kw"),
    ("wh", "w"),
    ("wr", "ɹ"),
    ("kn", "n"),
    ("ng", "ŋ"),
    ("ee", "i"),
    ("ea", "i"),
    ("oo", "u"),
    ("ou", "W"),
    ("ow", "W"),
    ("oi", "Y"),
    ("oy", "Y"),
    ("ai", "A"),
    ("ay", "A"),
    ("au", "ɔ"),
    ("aw", "ɔ"),
    ("ie", "i"),
    ("ei", "A"),
    ("ll", "l"),
    ("ss", "s"),
    ("tt", "t"),
    ("nn", "n"),
    ("mm", "m"),
    ("rr", "ɹ"),
    ("pp", "p"),
    ("a", "æ"),
    ("b", "b"),
    ("c", "k"),
    ("d", "d"),
    ("e", "ɛ"),
    ("f", "f"),
    ("g", "ɡ"),
    ("h", "h"),
    ("i", "ɪ"),
    ("j", "ʤ"),
    ("k", "k"),
    ("l", "l"),
    ("m", "m"),
    ("n", "n"),
    ("o", "ɑ"),
    ("p", "p"),
    ("q", "k"),
    ("r", "ɹ"),
    ("s", "s"),
    ("t", "t"),
    ("u", "ʌ"),
    ("v", "v"),
    ("w", "w"),
    ("x", "ks"),
    ("y", "i"),
    ("z", "z"),
];

/// Returns a rough pronunciation; letters outside English are read without their accent, others left out.
pub(super) fn sounds(word: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    let plain: String =
        word.nfd().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect();
    let mut sounds = String::from("ˈ");
    // A final "e" after a consonant is silent: "Claire", "Simone".
    let mut rest = match plain.strip_suffix('e') {
        Some(stem) if stem.len() > 1 && !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => stem,
        Some(_) | None => plain.as_str(),
    };
    while let Some((spelling, sound)) = SPELLINGS.iter().find(|(spelling, _)| rest.starts_with(spelling)) {
        sounds.push_str(sound);
        rest = &rest[spelling.len()..];
    }
    sounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_sound_and_the_longest_spelling_wins() {
        assert_eq!(sounds("Josselin"), "ˈʤɑsɛlɪn");
        assert_eq!(sounds("Théo"), "ˈθɛɑ");
        assert_eq!(sounds("Claire"), "ˈklAɹ");
        assert_eq!(sounds("东京"), "ˈ");
        assert!(('a'..='z').all(|letter| sounds(&letter.to_string()).chars().count() > 1));
    }
}
