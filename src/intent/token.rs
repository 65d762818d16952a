//! Text to words. Every word knows its place in the text, so that slot values are pieces of the input as said.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A word of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// First byte in the text.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
    /// What is compared: lower case, without accents; a French elision keeps its apostrophe (`j'`).
    pub fold: String,
    /// The word begins with a capital letter.
    pub capital: bool,
    /// Punctuation between the word before and this one.
    pub broken: bool,
}

/// French words that lose their vowel before another one.
const ELISIONS: [&str; 13] = ["j", "l", "d", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"];

/// Returns the words of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut broken = false;
    while let Some((start, first)) = chars.next() {
        if !is_word(first) {
            broken |= !first.is_whitespace() && first != '-' && !is_apostrophe(first);
            continue;
        }
        let mut end = start + first.len_utf8();
        let mut elided = false;
        while let Some(&(at, c)) = chars.peek() {
            let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
            let joined = if is_apostrophe(c) {
                elided = is_elision(text.get(start..at).unwrap_or_default()) && next.is_some_and(char::is_alphabetic);
                elided || next.is_some_and(is_word)
            } else {
                is_word(c) || (is_inner_mark(c) && digit_at(text, at, end) && next.is_some_and(|n| n.is_ascii_digit()))
            };
            if !joined {
                break;
            }
            chars.next();
            end = at + c.len_utf8();
            if elided {
                break;
            }
        }
        let word = text.get(start..end).unwrap_or_default();
        found.push(Token { start, end, fold: fold_word(word, elided), capital: first.is_uppercase(), broken });
        broken = false;
    }
    found
}

/// Returns the text in lower case, without accents, apostrophes and punctuation, single spaces between words.
pub fn fold(text: &str) -> String {
    let words: Vec<String> = tokens(text).into_iter().map(|token| token.fold).collect();
    words.join(" ")
}

fn fold_word(word: &str, elided: bool) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !is_combining_mark(*c) && !is_apostrophe(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            other => folded.push(other),
        }
    }
    if elided {
        folded.push('\'');
    }
    folded
}

fn digit_at(text: &str, at: usize, end: usize) -> bool {
    at == end && text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()))
}

const fn is_inner_mark(c: char) -> bool {
    matches!(c, '.' | ',' | ':')
}

pub(super) const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´')
}

/// Letters, digits, and signs that stand for a word (currencies, emoji with their joiners).
fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        || is_combining_mark(c)
        || matches!(c, '€' | '$' | '£' | '%' | '&' | '@' | '#' | '\u{200d}' | '\u{fe0f}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

fn is_elision(word: &str) -> bool {
    ELISIONS.iter().any(|elision| elision.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::{fold, tokens};

    fn folds(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.fold).collect()
    }

    #[test]
    fn french_elisions_and_hyphens_are_split_english_contractions_are_not() {
        assert_eq!(folds("Dis-lui qu’il n'a rien"), ["dis", "lui", "qu'", "il", "n'", "a", "rien"]);
        assert_eq!(folds("I’ll see, don't wait"), ["ill", "see", "dont", "wait"]);
    }

    #[test]
    fn accents_do_not_matter_composed_or_not() {
        assert_eq!(fold("répète"), "repete");
        assert_eq!(fold("re\u{301}pe\u{300}te"), "repete");
        assert_eq!(fold("Cœur"), "coeur");
    }

    #[test]
    fn numbers_keep_their_inner_marks() {
        assert_eq!(folds("at 7:30, 12.50 €"), ["at", "7:30", "12.50", "€"]);
    }

    #[test]
    fn every_token_is_where_it_says() {
        let text = "Écris à l’équipe : ça va ?";
        for token in tokens(text) {
            assert!(text.get(token.start..token.end).is_some());
        }
        assert!(tokens(text).iter().any(|token| token.broken && token.fold == "ca"));
    }
}
