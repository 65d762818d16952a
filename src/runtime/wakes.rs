//! The second stage of wake words: what was said with one must begin with its phrase, or nothing was heard.

use std::collections::VecDeque;

use crate::{intent::wake::Phrase, listen::Utterance};

/// A word counts for an utterance that begins this long after it, or ended this long before, milliseconds: the
/// voice detector and the wake word do not quite agree about when somebody speaks.
const SLACK_MS: u64 = 500;

/// Words that are remembered.
const MOST_WAITING: usize = 8;

/// A wake word that was heard.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Woken {
    /// Which.
    pub word: String,
    /// How well it matched.
    pub score: f32,
    /// Audio clock at its end.
    pub t_ms: u64,
}

/// The wake words there are, and those heard whose utterance has no text yet.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    phrases: Vec<(String, Phrase)>,
    waiting: VecDeque<Woken>,
}

impl Wakes {
    /// Knows the phrases of words by their names.
    pub const fn new(phrases: Vec<(String, Phrase)>) -> Self {
        Self { phrases, waiting: VecDeque::new() }
    }

    /// A word was heard.
    pub fn heard(&mut self, woken: Woken) {
        self.waiting.push_back(woken);
        if self.waiting.len() > MOST_WAITING {
            self.waiting.pop_front();
        }
    }

    /// Returns the word that an utterance begins with, if it was heard in it, and what follows it.
    pub fn confirm<'a>(&self, text: &'a str, utterance: &Utterance) -> Option<(&Woken, &'a str)> {
        let heard_in = utterance.voice_start_ms.saturating_sub(SLACK_MS)..=utterance.voice_end_ms + SLACK_MS;
        self.waiting.iter().filter(|woken| heard_in.contains(&woken.t_ms)).find_map(|woken| {
            let (_, phrase) = self.phrases.iter().find(|(word, _)| *word == woken.word)?;
            Some((woken, phrase.strip(text)?))
        })
    }

    /// Forgets the words heard up to the end of an utterance.
    pub fn forget(&mut self, utterance: &Utterance) {
        self.waiting.retain(|woken| woken.t_ms > utterance.voice_end_ms + SLACK_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wakes(heard: &[(&str, u64)]) -> Wakes {
        let mut wakes = Wakes::new(["alexa", "jarvis"].map(|name| (name.to_owned(), Phrase::of_name(name))).into());
        for (word, t_ms) in heard {
            wakes.heard(Woken { word: (*word).to_owned(), score: 0.9, t_ms: *t_ms });
        }
        wakes
    }

    fn utterance(voice_start_ms: u64, voice_end_ms: u64) -> Utterance {
        Utterance { id: 1, piece: 0, samples: Vec::new().into(), voice_start_ms, voice_end_ms, clear_ms: 500 }
    }

    #[test]
    fn an_utterance_that_begins_with_the_word_heard_in_it_is_confirmed() {
        let wakes = wakes(&[("alexa", 1_600)]);
        let (woken, rest) = wakes.confirm("Alexa, call Marion", &utterance(1_000, 3_000)).unwrap();
        assert_eq!((woken.word.as_str(), woken.t_ms, rest), ("alexa", 1_600, "call Marion"));
    }

    #[test]
    fn a_word_that_is_not_said_or_not_heard_wakes_nobody() {
        assert_eq!(wakes(&[("alexa", 1_600)]).confirm("I like that", &utterance(1_000, 3_000)), None);
        assert_eq!(wakes(&[("jarvis", 1_600)]).confirm("Alexa, call Marion", &utterance(1_000, 3_000)), None);
        assert_eq!(wakes(&[]).confirm("Alexa, call Marion", &utterance(1_000, 3_000)), None);
        assert_eq!(wakes(&[("alexa", 400)]).confirm("Alexa, call Marion", &utterance(1_000, 3_000)), None);
    }

    #[test]
    fn of_several_words_heard_the_one_that_is_said_counts_and_a_later_one_waits() {
        let mut wakes = wakes(&[("jarvis", 1_500), ("alexa", 1_600), ("jarvis", 6_000)]);
        let (woken, _) = wakes.confirm("Alexa", &utterance(1_000, 1_700)).unwrap();
        assert_eq!(woken.word, "alexa");
        wakes.forget(&utterance(1_000, 1_700));
        let (woken, rest) = wakes.confirm("Jarvis stop", &utterance(5_500, 6_600)).unwrap();
        assert_eq!((woken.word.as_str(), rest), ("jarvis", "stop"));
    }
}
