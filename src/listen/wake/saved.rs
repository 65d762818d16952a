//! The words the user enrolled, kept in the database: embeddings of the takes and what a recogniser writes for them.
//! No audio.

use serde::{Deserialize, Serialize};

use super::Takes;
use crate::store::{Store, StoreError};

/// Where they are kept among the settings.
const KEY: &str = "wake.words";

/// A word of the user's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnrolledWord {
    /// Its name, in the form of [`word_name`].
    pub name: String,
    /// What recognisers write for it.
    pub phrases: Vec<String>,
    /// How it sounds.
    pub takes: Takes,
}

/// Returns a name in the form in which names are compared: lower case, `_` between words.
pub fn word_name(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c == '_' || c == '-').filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// Returns the enrolled words; none that a damaged entry would hold.
///
/// # Errors
/// [`StoreError`] when the database cannot be read.
pub fn enrolled_words(store: &Store) -> Result<Vec<EnrolledWord>, StoreError> {
    let Some(text) = store.setting(KEY)? else { return Ok(Vec::new()) };
    let mut words: Vec<EnrolledWord> = serde_json::from_str(&text).unwrap_or_else(|error| {
        tracing::error!(line = error.line(), column = error.column(), "the enrolled wake words cannot be read");
        Vec::new()
    });
    words.retain(|word| word.takes.is_sound());
    Ok(words)
}

/// Keeps a word, in place of one of the same name.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn save_enrolled_word(store: &Store, word: EnrolledWord) -> Result<(), StoreError> {
    let mut words = enrolled_words(store)?;
    words.retain(|known| known.name != word.name);
    words.push(word);
    keep(store, &words)
}

/// Forgets the word of this name and tells whether there was one.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn forget_enrolled_word(store: &Store, name: &str) -> Result<bool, StoreError> {
    let mut words = enrolled_words(store)?;
    let before = words.len();
    words.retain(|known| known.name != name);
    if words.len() == before {
        return Ok(false);
    }
    keep(store, &words)?;
    Ok(true)
}

fn keep(store: &Store, words: &[EnrolledWord]) -> Result<(), StoreError> {
    // Embeddings are finite and texts are texts: nothing here that JSON cannot hold.
    let text = serde_json::to_string(words).unwrap_or_default();
    store.set_setting(KEY, &text)
}

#[cfg(test)]
mod tests {
    use super::super::enrolled::Template;
    use super::*;

    fn word(name: &str, value: f32) -> EnrolledWord {
        let templates = vec![Template::new(&[[value; 96]; 5])];
        let takes = Takes { templates, spread: 0.1 };
        EnrolledWord { name: name.to_owned(), phrases: vec!["Amélie".to_owned()], takes }
    }

    #[test]
    fn a_word_is_kept_replaced_and_forgotten() {
        let store = Store::in_memory().unwrap();
        assert_eq!(enrolled_words(&store).unwrap(), []);
        save_enrolled_word(&store, word("amelie", 0.5)).unwrap();
        save_enrolled_word(&store, word("jarvis", 0.5)).unwrap();
        save_enrolled_word(&store, word("amelie", 0.25)).unwrap();
        assert_eq!(enrolled_words(&store).unwrap(), [word("jarvis", 0.5), word("amelie", 0.25)]);
        assert!(forget_enrolled_word(&store, "jarvis").unwrap());
        assert!(!forget_enrolled_word(&store, "jarvis").unwrap());
        assert_eq!(enrolled_words(&store).unwrap(), [word("amelie", 0.25)]);
    }

    #[test]
    fn a_damaged_entry_is_no_word() {
        let store = Store::in_memory().unwrap();
        for damaged in ["", "[", "{}", r#"[{"name":"a","phrases":[],"takes":{"templates":[],"spread":0.1}}]"#] {
            store.set_setting(KEY, damaged).unwrap();
            assert_eq!(enrolled_words(&store).unwrap(), [], "{damaged}");
        }
        store.set_setting(KEY, &serde_json::to_string(&[word("a", 0.5)]).unwrap().replace("0.5,", "")).unwrap();
        assert_eq!(enrolled_words(&store).unwrap(), [], "embeddings of one number");
    }

    #[test]
    fn names_are_compared_without_case_and_with_one_sign_between_words() {
        assert_eq!(word_name(" Hey  Jarvis"), "hey_jarvis");
        assert_eq!(word_name("hey-jarvis"), "hey_jarvis");
        assert_eq!(word_name("Dis-moi Élodie"), "dis_moi_élodie");
    }
}
