//! The one normaliser under which transcripts are compared, and the count of word errors.
//!
//! Lower case, NFC, punctuation to blanks, apostrophes kept inside words and hyphens not, numbers as digits whether
//! they were written as words or as digits. Numbers in words are read by the `text2num` crate (English and French).

use text2num::{Language, replace_numbers_in_text};
use unicode_normalization::UnicodeNormalization;

use crate::config::Lang;

/// Returns the words of a text in the form in which transcripts are compared.
pub fn normalise(text: &str, lang: Lang) -> Vec<String> {
    let letters: Vec<char> = text.nfc().flat_map(char::to_lowercase).collect();
    let at = |n: Option<usize>| n.and_then(|n| letters.get(n)).copied().unwrap_or(' ');
    let mut plain = String::with_capacity(text.len());
    for (n, &letter) in letters.iter().enumerate() {
        let (before, after) = (at(n.checked_sub(1)), at(n.checked_add(1)));
        match letter {
            '\'' | '’' | 'ʼ' if before.is_alphanumeric() && after.is_alphanumeric() => plain.push('\''),
            // The comma of "1,200" and the blank of "1 200" only group digits.
            ',' | '\u{a0}' | '\u{202f}' if before.is_numeric() && groups_digits(&letters[n + 1..]) => {}
            '%' => plain.push_str(if lang == Lang::En { " percent" } else { " pour cent" }),
            '&' => plain.push_str(if lang == Lang::En { " and " } else { " et " }),
            'œ' => plain.push_str("oe"),
            'æ' => plain.push_str("ae"),
            letter if letter.is_alphanumeric() => plain.push(letter),
            _ => plain.push(' '),
        }
    }
    let language = match lang {
        Lang::En => Language::english(),
        Lang::Fr => Language::french(),
    };
    replace_numbers_in_text(&plain, &language, 0.0).split_whitespace().map(str::to_owned).collect()
}

fn groups_digits(rest: &[char]) -> bool {
    let digits = rest.iter().take_while(|letter| letter.is_ascii_digit()).count();
    digits == 3
}

/// Word errors of one or more transcripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WordErrors {
    /// Words substituted, left out or added.
    pub errors: usize,
    /// Words of the references.
    pub words: usize,
}

impl WordErrors {
    /// Returns the errors per hundred words of the references.
    #[allow(clippy::cast_precision_loss, reason = "counts of words")]
    pub fn percent(self) -> f64 {
        100.0 * self.errors as f64 / self.words.max(1) as f64
    }
}

impl std::ops::AddAssign for WordErrors {
    fn add_assign(&mut self, other: Self) {
        self.errors += other.errors;
        self.words += other.words;
    }
}

/// Compares what was heard with what was said, both normalised.
pub fn word_errors(said: &str, heard: &str, lang: Lang) -> WordErrors {
    let (said, heard) = (normalise(said, lang), normalise(heard, lang));
    WordErrors { errors: strsim::generic_levenshtein(&said, &heard), words: said.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_speech_has_equal_form() {
        let table = [
            (Lang::En, "It's TWENTY-ONE, isn't it?", "it’s 21 isn't it"),
            (Lang::En, "'tis 1,200 men", "tis one thousand two hundred men"),
            (Lang::En, "fifty percent", "50%"),
            (Lang::Fr, "L’été, c'est à quatre-vingt-dix kilomètres", "l'été c'est à 90 kilomètres"),
            (Lang::Fr, "le cœur", "Le coeur."),
            (Lang::Fr, "cafe\u{301}", "café"),
        ];
        for (lang, one, other) in table {
            assert_eq!(normalise(one, lang), normalise(other, lang));
        }
    }

    #[test]
    fn different_words_stay_different() {
        assert_ne!(normalise("we're", Lang::En), normalise("were", Lang::En));
        assert_ne!(normalise("été", Lang::Fr), normalise("ete", Lang::Fr));
    }

    #[test]
    fn errors_are_substitutions_deletions_and_insertions() {
        let errors = |heard| word_errors("message marion that i am late", heard, Lang::En).errors;
        assert_eq!(errors("Message Marion that I am late."), 0);
        assert_eq!(errors("Message Mary on that I'm late"), 4);
        assert_eq!(errors(""), 6);
        assert_eq!(word_errors("yes", "oh yes", Lang::En), WordErrors { errors: 1, words: 1 });
    }
}
