//! Changing the words of a message as the user says: replace, add, take out.

use crate::intent::letters;

/// Words that go on with the sentence before them when they are added; all else begins a sentence of its own.
const JOINING: [&str; 34] = [
    "and", "or", "but", "because", "so", "with", "without", "at", "on", "in", "to", "for", "from", "until", "if",
    "when", "et", "ou", "mais", "car", "parce", "donc", "avec", "sans", "à", "au", "aux", "en", "dans", "pour", "si",
    "quand", "vers", "jusqu",
];

/// The sentences of a message, with their marks.
pub(super) fn sentences(body: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = matches!(c, '.' | '!' | '?' | '…') && chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends {
            let end = at + c.len_utf8();
            found.extend(body.get(start..end).map(str::trim));
            start = end;
        }
    }
    found.extend(body.get(start..).map(str::trim));
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}

/// The message without its last sentence; `None` when nothing is left.
pub(super) fn without_last_sentence(body: &str) -> Option<String> {
    let sentences = sentences(body);
    let (_, rest) = sentences.split_last()?;
    (!rest.is_empty()).then(|| rest.join(" "))
}

/// Adds words: as a sentence of their own, unless they go on with the one before.
pub(super) fn add_words(body: &str, new: &str) -> String {
    let (body, new) = (body.trim(), new.trim());
    let first = new.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    if body.is_empty() {
        new.to_owned()
    } else if JOINING.contains(&first.as_str()) {
        format!("{} {new}", trim_end(body))
    } else {
        let mark = if body.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        format!("{}{mark} {}", body.trim_end_matches(','), capitalised(new))
    }
}

/// Replaces the first run of whole words equal to `old` (case and edge punctuation apart) by `new`, which may be
/// spelled.
pub(super) fn replace_words(body: &str, old: &str, new: &str) -> Option<String> {
    let words: Vec<&str> = body.split_whitespace().collect();
    let old: Vec<String> = old.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    if old.is_empty() || old.len() > words.len() {
        return None;
    }
    let at = (0..=words.len() - old.len())
        .find(|&start| words[start..start + old.len()].iter().zip(&old).all(|(word, old)| bare(word) == *old))?;
    let end = at + old.len();
    let tail = words[end - 1].rsplit(|c: char| c.is_alphanumeric()).next().unwrap_or_default();
    let spelled = letters(new).map(|word| word.to_lowercase());
    let new = spelled.as_deref().unwrap_or(new);
    let new = if new.is_empty() { String::new() } else { format!("{}{tail}", trim_end(new)) };
    let parts = words[..at].iter().copied().chain(new.split_whitespace()).chain(words[end..].iter().copied());
    Some(parts.collect::<Vec<_>>().join(" "))
}

fn trim_end(text: &str) -> &str {
    text.trim_end().trim_end_matches(['.', ','])
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A word without the punctuation at its edges, in lower case.
pub(super) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_takes_whole_words_and_keeps_the_punctuation_behind_them() {
        let body = "I'll be ten minutes late on Tuesday.";
        assert_eq!(replace_words(body, "ten", "fifteen").unwrap(), "I'll be fifteen minutes late on Tuesday.");
        assert_eq!(replace_words(body, "tuesday", "Thursday").unwrap(), "I'll be ten minutes late on Thursday.");
        assert_eq!(replace_words(body, "Ten minutes", "an hour").unwrap(), "I'll be an hour late on Tuesday.");
        assert_eq!(replace_words(body, "on Tuesday", "").unwrap(), "I'll be ten minutes late");
        assert_eq!(replace_words("the wire is at ten", "wire", "C H O I R").unwrap(), "the choir is at ten");
    }

    #[test]
    fn replacing_words_that_are_not_there_changes_nothing() {
        for old in ["te", "Wednesday", "", "?", "ten minutes late on Tuesday and Friday too"] {
            assert_eq!(replace_words("ten minutes late on Tuesday", old, "x"), None, "{old:?}");
        }
    }

    #[test]
    fn words_are_added_to_the_sentence_or_as_one() {
        let table = [
            ("dinner is ready", "bring bread", "dinner is ready. Bring bread"),
            ("dinner is ready", "and bring bread", "dinner is ready and bring bread"),
            ("Le dîner est prêt.", "à huit heures", "Le dîner est prêt à huit heures"),
            ("Tu viens ?", "j'ai faim", "Tu viens ? J'ai faim"),
            ("", "sorry", "sorry"),
        ];
        for (body, new, whole) in table {
            assert_eq!(add_words(body, new), whole);
        }
    }

    #[test]
    fn a_sentence_ends_at_its_mark_and_not_in_a_number() {
        assert_eq!(sentences("It costs 4.50. Is that fine? yes"), ["It costs 4.50.", "Is that fine?", "yes"]);
        assert_eq!(sentences("Tu viens ? Oui"), ["Tu viens ?", "Oui"]);
        assert_eq!(without_last_sentence("The train is late. I am hungry.").as_deref(), Some("The train is late."));
        assert_eq!(without_last_sentence("The train is late."), None);
        assert_eq!(without_last_sentence(""), None);
    }
}
