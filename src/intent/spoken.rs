//! Whether some words are those that Herald itself has just said, heard back through the room.
//!
//! An echo comes back damaged: words are missing at both ends, some are taken for others, and words run together.
//! So what is compared is how it sounds: the best place for all that was heard within all that was said, by the same
//! costs as for names. A short piece must stand there as whole words, or "yes" would be found in "messages".

use super::{sound, token};
use crate::config::Lang;

/// Sounds from which a piece may begin and end within words.
const LONG: usize = 9;
/// How alike a long piece must be. Measured on transcripts of echoes against transcripts of other sentences: echoes
/// that kept half their words have 0.7 and more, unrelated sentences up to 0.6.
const LONG_LIKENESS: f32 = 0.66;
/// How alike a short piece must be to whole words.
const SHORT_LIKENESS: f32 = 0.74;
/// The same for one of at most so many sounds, which is soon found by chance: "yes" in "is".
const VERY_SHORT: usize = 4;
const VERY_SHORT_LIKENESS: f32 = 0.86;
/// One with less than so many sounds must be the very words: "oui", "no".
const SHORTEST: usize = 3;
/// Words that a short piece may be taken for.
const SHORT_WORDS: usize = 5;

/// Returns whether `heard` is, as far as its sound goes, a piece of `said`, words spoken in `lang`. Without any
/// word it is none.
pub fn echoes(heard: &str, said: &str, lang: Lang) -> bool {
    let words = sounding_words(said, lang);
    let spoken = token::tokens(heard);
    let heard: String = sounding_words(heard, lang).concat();
    if spoken.is_empty() {
        return false;
    }
    if heard.len() < SHORTEST {
        let said = token::tokens(said);
        return said.windows(spoken.len()).any(|words| words.iter().zip(&spoken).all(|(a, b)| a.fold == b.fold));
    }
    if heard.len() >= LONG {
        return sound::within(heard.as_bytes(), words.concat().as_bytes()) >= LONG_LIKENESS;
    }
    let least = if heard.len() <= VERY_SHORT { VERY_SHORT_LIKENESS } else { SHORT_LIKENESS };
    (0..words.len()).any(|from| {
        (1..=SHORT_WORDS)
            .filter_map(|count| words.get(from..from + count))
            .any(|piece| sound::likeness(heard.as_bytes(), piece.concat().as_bytes(), least).is_some())
    })
}

fn sounding_words(text: &str, lang: Lang) -> Vec<String> {
    let words = token::tokens(text).into_iter().map(|token| sound::sounds(&token.fold, lang));
    words.filter(|sounds| !sounds.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::echoes;
    use crate::config::Lang::{En, Fr};

    const READ: &str = "Message from Josselin. Yes, send it to everybody. Herald, call my mother and tell her that we \
                        arrive on Saturday at seven. The weather should be fine, so bring the children.";
    const LU: &str = "Message de Josselin. Oui, envoie à tout le monde. Herald, appelle ma mère et dis-lui que nous \
                      arrivons samedi à sept heures. Il devrait faire beau, alors amène les enfants.";

    #[test]
    fn pieces_of_what_was_said_are_found_although_some_words_were_misheard() {
        for heard in [
            "Yes, send it",
            "yes",
            "Herald call my mother",
            "sent it to every body",
            "tell her that we are I've on Saturday",
            "whether should be fine so bring the",
            "Carol called my mother and tell her",
            "arrive on satyr day at seven",
        ] {
            assert!(echoes(heard, READ, En), "{heard}");
        }
        for heard in [
            "Oui, envoie",
            "oui",
            "appelle ma mère et dit lui",
            "nous arrivons samedi à cette heure",
            "envoi à tout le monde",
            "il devrait faire beau alors amènent les",
        ] {
            assert!(echoes(heard, LU, Fr), "{heard}");
        }
    }

    #[test]
    fn what_somebody_else_says_is_not() {
        for heard in [
            "no",
            "read it again",
            "reply I will be there at noon",
            "message Marion that I'm on my way",
            "next",
            "what time is it",
            "I would like a large coffee with milk please",
            "turn the radio down a little bit",
            "stop",
            "cancel",
            "",
            "...",
        ] {
            assert!(!echoes(heard, READ, En), "{heard}");
        }
        for heard in [
            "non",
            "répète",
            "réponds que je serai là à midi",
            "arrête",
            "annule",
            "suivant",
            "je voudrais un grand café au lait",
        ] {
            assert!(!echoes(heard, LU, Fr), "{heard}");
        }
    }
}
