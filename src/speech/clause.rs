//! Cuts speakable text into clauses, so that the first one plays while the next is made.
//!
//! A clause is what one run of an engine gets: short enough to start soon, long enough to keep its melody.

use super::{Clip, SpeechError};

/// Shorter pieces join the next one: engines stumble over one short word.
const MIN_CHARS: usize = 8;
/// Pieces after the first join at commas and colons up to this length.
const JOIN_CHARS: usize = 80;
/// Longest clause; what has no punctuation is cut at a space, what has no space anywhere.
const MAX_CHARS: usize = 240;

/// A part of a text and the silence after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    /// The text with its punctuation.
    pub(super) text: String,
    /// Silence before the next clause, milliseconds; 0 after the last.
    pub(super) pause_ms: u32,
}

/// Renders a text clause by clause: `play` gets each with its pause, as soon as `render` has made it.
pub(super) fn in_turn(
    text: &str,
    play: &mut dyn FnMut(Clip),
    mut render: impl FnMut(&str) -> Result<Clip, SpeechError>,
) -> Result<(), SpeechError> {
    for clause in clauses(text) {
        let mut clip = render(&clause.text)?;
        clip.append_silence(clause.pause_ms);
        play(clip);
    }
    Ok(())
}

/// Cuts a text into clauses; text without any letter or digit gives none.
pub(super) fn clauses(text: &str) -> Vec<Clause> {
    let mut joined: Vec<String> = Vec::new();
    let mut current = String::new();
    for piece in pieces(text) {
        if current.is_empty() {
            current = piece;
        } else if joins(&current, &piece, joined.is_empty()) {
            current.push(' ');
            current.push_str(&piece);
        } else {
            joined.push(std::mem::replace(&mut current, piece));
        }
    }
    if !current.is_empty() {
        joined.push(current);
    }
    let mut cut: Vec<String> = joined.iter().flat_map(|clause| shorten(clause)).collect();
    cut.retain(|clause| clause.chars().any(char::is_alphanumeric));
    let last = cut.len().saturating_sub(1);
    cut.into_iter()
        .enumerate()
        .map(|(index, text)| Clause { pause_ms: if index == last { 0 } else { pause_ms(&text) }, text })
        .collect()
}

fn joins(current: &str, piece: &str, first: bool) -> bool {
    let length = current.chars().count();
    length < MIN_CHARS || (!first && ends_softly(current) && length + piece.chars().count() < JOIN_CHARS)
}

fn ends_softly(text: &str) -> bool {
    text.ends_with([',', ':', ';'])
}

fn pause_ms(text: &str) -> u32 {
    match text.chars().last() {
        Some('.' | '!' | '?' | '…') => 280,
        Some(':' | ';') => 180,
        Some(',') => 120,
        Some(_) | None => 40,
    }
}

/// Cuts after each run of punctuation that ends a word, and at line ends.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for line in text.lines() {
        let mut piece = String::new();
        for word in line.split_whitespace() {
            if !piece.is_empty() {
                piece.push(' ');
            }
            piece.push_str(word);
            if ends_clause(word) {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
    }
    pieces
}

fn ends_clause(word: &str) -> bool {
    let bare = word.trim_end_matches(['"', '”', '»', ')', '\'', '’']);
    if bare.ends_with([',', ':', ';', '!', '?', '…']) {
        return true;
    }
    // "M. Dupont" and "Dr. Martin" go on; so may a short sentence like "No.": it only joins the next.
    bare.ends_with('.') && bare.chars().count() > 3
}

/// Cuts a clause that is too long at spaces, a word that is too long anywhere.
fn shorten(clause: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut length = 0;
    for word in clause.split(' ') {
        for bit in bits(word) {
            let bit_length = bit.chars().count();
            if length > 0 && length + 1 + bit_length > MAX_CHARS {
                parts.push(std::mem::take(&mut part));
                length = 0;
            }
            if length > 0 {
                part.push(' ');
                length += 1;
            }
            part.push_str(&bit);
            length += bit_length;
        }
    }
    if length > 0 {
        parts.push(part);
    }
    parts
}

fn bits(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    chars.chunks(MAX_CHARS).map(|bit| bit.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        clauses(text).into_iter().map(|clause| clause.text).collect()
    }

    #[test]
    fn the_first_clause_is_short_and_later_ones_join() {
        assert_eq!(
            texts("To Marion: I'll be ten minutes late, sorry, really. Send it?"),
            ["To Marion:", "I'll be ten minutes late, sorry, really.", "Send it?"]
        );
    }

    #[test]
    fn french_spacing_keeps_the_sign_with_its_clause() {
        assert_eq!(
            texts("À Marion : j'aurai dix minutes de retard. J'envoie ?"),
            ["À Marion :", "j'aurai dix minutes de retard.", "J'envoie ?"]
        );
    }

    #[test]
    fn one_short_word_joins_the_next_clause() {
        assert_eq!(texts("Oui. C'est envoyé."), ["Oui. C'est envoyé."]);
        assert_eq!(texts("M. Dupont a écrit."), ["M. Dupont a écrit."]);
    }

    #[test]
    fn pauses_follow_the_punctuation_and_none_follows_the_last() {
        let pauses: Vec<u32> = clauses("Hello, everybody. Nice day, is it not?").iter().map(|c| c.pause_ms).collect();
        assert_eq!(pauses.last(), Some(&0));
        assert!(pauses[0] > 0);
    }

    #[test]
    fn nothing_speakable_gives_no_clause() {
        for text in ["", "  ", "...", "?!", "\n\n", "— —"] {
            assert!(clauses(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn no_clause_is_longer_than_the_limit_and_nothing_is_lost() {
        for text in ["a".repeat(5000), "mot ".repeat(2000), "é, ".repeat(700)] {
            let clauses = clauses(&text);
            assert!(clauses.iter().all(|clause| clause.text.chars().count() <= MAX_CHARS));
            let letters: usize = clauses.iter().map(|c| c.text.chars().filter(|c| c.is_alphabetic()).count()).sum();
            assert_eq!(letters, text.chars().filter(|c| c.is_alphabetic()).count());
        }
    }
}
