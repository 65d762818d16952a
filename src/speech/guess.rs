//! Which language a written text is in: a guess from French letters and the commonest little words.
//!
//! Enough for a sentence typed at `herald say`; a text without any sign of either language is English.

use crate::config::Lang;

const FRENCH_LETTERS: &str = "éèêëàâçùûôîïœæÉÈÊËÀÂÇÙÛÔÎÏŒÆ";
const FRENCH_WORDS: &[&str] = &[
    "le", "la", "les", "un", "une", "des", "du", "de", "et", "est", "je", "tu", "il", "elle", "nous", "vous", "que",
    "qui", "pas", "pour", "dans", "sur", "avec", "mon", "ma", "mes", "ton", "ta", "tes", "au", "aux", "ce", "cette",
    "oui", "non", "merci", "bonjour", "salut", "dis", "lis", "envoie", "suis", "ai", "où", "quand", "ne", "se", "sont",
];
const ENGLISH_WORDS: &[&str] = &[
    "the", "a", "an", "and", "is", "are", "am", "i", "you", "he", "she", "it", "we", "they", "that", "this", "to",
    "of", "in", "on", "for", "with", "my", "your", "not", "yes", "no", "hello", "thanks", "what", "where", "when",
    "will", "be", "have", "has", "do", "don't", "i'm", "i'll", "send", "tell", "read", "from", "at", "was", "can",
];
/// French words before an apostrophe: "j'arrive", "qu'il".
const FRENCH_ELISIONS: &[&str] = &["j", "l", "d", "qu", "n", "s", "c", "m", "t"];

/// Returns the likelier language of a text.
pub fn guess_lang(text: &str) -> Lang {
    let mut french = usize::from(text.contains(|letter| FRENCH_LETTERS.contains(letter)));
    let mut english = 0;
    for word in text.split(|symbol: char| !symbol.is_alphanumeric() && symbol != '\'' && symbol != '’') {
        let word = word.to_lowercase().replace('’', "'");
        let elided =
            word.split_once('\'').is_some_and(|(before, after)| FRENCH_ELISIONS.contains(&before) && !after.is_empty());
        french += usize::from(elided || FRENCH_WORDS.contains(&word.as_str()));
        english += usize::from(ENGLISH_WORDS.contains(&word.as_str()));
    }
    if french > english { Lang::Fr } else { Lang::En }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_messages_get_their_language() {
        for (text, lang) in [
            ("Sent to Marion.", Lang::En),
            ("C'est envoyé à Marion.", Lang::Fr),
            ("J’arrive dans cinq minutes", Lang::Fr),
            ("I'm stuck in traffic", Lang::En),
            ("Oui", Lang::Fr),
            ("Yes", Lang::En),
            ("Le dîner est prêt", Lang::Fr),
            ("The café is closed", Lang::En),
            ("Marion", Lang::En),
            ("", Lang::En),
            ("🎉", Lang::En),
        ] {
            assert_eq!(guess_lang(text), lang, "{text:?}");
        }
    }
}
