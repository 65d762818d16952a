//! Which one of several: "the second one", "la dernière".

use super::token;

/// A place in a list that was read out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The n-th, from 1.
    Nth(usize),
    /// The last.
    Last,
    /// All of them.
    All,
}

impl Position {
    /// Reads the value of an ordinal slot, in either language; `None` if it names no place.
    pub fn read(said: &str) -> Option<Self> {
        let words = token::tokens(said);
        // "les deux" and "the two" are all of two; "le deux" and "two" are the second.
        if let [article, number, ..] = words.as_slice()
            && matches!(article.fold.as_str(), "les" | "the")
            && matches!(number.fold.as_str(), "deux" | "two")
        {
            return Some(Self::All);
        }
        words.iter().find_map(|token| word(&token.fold))
    }
}

fn word(fold: &str) -> Option<Position> {
    Some(match fold {
        "first" | "1st" | "premier" | "premiere" | "1er" | "1ere" | "1" | "un" | "une" | "one" => Position::Nth(1),
        "second" | "2nd" | "seconde" | "deuxieme" | "2eme" | "2e" | "2" | "two" | "deux" => Position::Nth(2),
        "third" | "3rd" | "troisieme" | "3eme" | "3e" | "3" | "three" | "trois" => Position::Nth(3),
        "fourth" | "4th" | "quatrieme" | "4eme" | "4e" | "4" | "four" | "quatre" => Position::Nth(4),
        "fifth" | "5th" | "cinquieme" | "5eme" | "5e" | "5" | "five" | "cinq" => Position::Nth(5),
        "last" | "latest" | "newest" | "dernier" | "derniere" => Position::Last,
        "both" | "all" | "tous" | "toutes" => Position::All,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn places_are_read_in_both_languages() {
        assert_eq!(Position::read("the second one"), Some(Position::Nth(2)));
        assert_eq!(Position::read("La deuxième"), Some(Position::Nth(2)));
        assert_eq!(Position::read("le dernier"), Some(Position::Last));
        assert_eq!(Position::read("both"), Some(Position::All));
        assert_eq!(Position::read("Marion"), None);
    }
}
