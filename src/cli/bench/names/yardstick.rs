//! What names are usually found by: Double Metaphone, then Jaro-Winkler.
//!
//! Names with the code of what was heard come first, ordered by the likeness of their letters; then all others. Two
//! well-kept crates: `rphonetic` (Apache-2.0) and `strsim` (MIT).

use rphonetic::{DoubleMetaphone, DoubleMetaphoneResult};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest code that is compared, letters.
const LONGEST_CODE: usize = 16;

/// The names of a book, with their codes.
pub(super) struct Yardstick {
    coder: DoubleMetaphone,
    names: Vec<(String, String, DoubleMetaphoneResult)>,
}

impl Yardstick {
    pub fn new(names: &[String]) -> Self {
        let coder = DoubleMetaphone::new(Some(LONGEST_CODE));
        let coded = |name: &String| (name.clone(), letters(name), coder.double_metaphone(&letters(name)));
        let names = names.iter().map(coded).collect();
        Self { coder, names }
    }

    /// Returns the names nearest to what was heard, best first.
    pub fn best(&self, heard: &str, count: usize) -> Vec<&str> {
        let heard = letters(heard);
        let code = self.coder.double_metaphone(&heard);
        let mut ranked: Vec<(f64, &str)> = self
            .names
            .iter()
            .map(|(name, letters, other)| {
                let same = if share_a_code(&code, other) { 1.0 } else { 0.0 };
                (same + strsim::jaro_winkler(&heard, letters), name.as_str())
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranked.into_iter().take(count).map(|(_, name)| name).collect()
    }
}

fn share_a_code(a: &DoubleMetaphoneResult, b: &DoubleMetaphoneResult) -> bool {
    let codes = |of: &DoubleMetaphoneResult| [of.primary(), of.alternate()];
    codes(a).iter().any(|code| !code.is_empty() && codes(b).contains(code))
}

/// The letters of a name without accents, in lower case.
fn letters(text: &str) -> String {
    text.nfd().filter(|c| c.is_alphabetic() && !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}
