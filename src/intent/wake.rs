//! Whether an utterance begins with "Herald" or with a wake phrase, by transcript.
//!
//! "Herald" is the wake word that needs no keyword model: the transcript alone decides. A [`Phrase`] is the second
//! stage of a wake word that was heard already: weaker evidence is enough.

use super::{sound, token};
use crate::config::Lang;

/// What recognisers write for "Herald", folded; French ones drop the h and add endings.
const SPELLINGS: [&str; 44] = [
    "herald", "heralds", "harald", "harold", "harolds", "herold", "herauld", "heralde", "heraud", "herault", "herod",
    "gerald", "geralds", "gerold", "jerald", "errol", "erald", "eralde", "ehrald", "errald", "erold", "erolde",
    "arald", "aerald", "hairald", "heraldo", "harrold", "harrald", "herrald", "herild", "herilde", "heralt", "herhald",
    "et rald", "et ralde", "he rald", "hey rald", "air ald", "eh ralde", "er ald", "her old", "her all", "hair old",
    "et roald",
];

/// Words that may come before it.
const CALLS: [&str; 12] = ["hey", "hi", "hello", "ok", "okay", "he", "eh", "bonjour", "salut", "allo", "dis", "yo"];

/// How alike the first words must sound, read in English and in French. Measured on transcripts of "Herald" by nine
/// synthetic voices: "arraled" 0.77 and "err old" 0.81 in English, "rale" 0.94 in French; "he called" has 0.76 and
/// "or all" 0.93.
const ALIKE: [(Lang, f32); 2] = [(Lang::En, 0.765), (Lang::Fr, 0.93)];

/// Returns what follows "Herald" (or something recognisers write for it) at the beginning, `None` if the
/// utterance does not begin with it. The rest is empty when nothing follows.
pub fn strip(text: &str) -> Option<&str> {
    after_name(text, |said| SPELLINGS.contains(&said))
}

/// As [`strip`], for words that only sound like it: weak evidence, worth something when a command follows.
pub fn alike(text: &str) -> Option<&str> {
    after_name(text, |said| {
        ALIKE.iter().any(|&(lang, least)| {
            let (said, name) = (sound::sounds(said, lang), sound::sounds("herald", lang));
            sound::likeness(said.as_bytes(), name.as_bytes(), least).is_some()
        })
    })
}

/// How alike the beginning must sound to a phrase that was heard, when it has as many words and when it has not:
/// "Dwarvis" and "Jervis" are near "jarvis", but "call Alexa" and "I like" are not "alexa".
const ALIKE_PHRASE: f32 = 0.65;
const ALIKE_OTHER_WORDS: f32 = 0.8;

/// A wake phrase as recognisers may write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Each with its number of words, folded.
    spellings: Vec<(usize, String)>,
}

impl Phrase {
    /// The phrase that a keyword model is named after: `hey_jarvis`.
    pub fn of_name(name: &str) -> Self {
        Self::of_enrolled(name, &[])
    }

    /// The phrase of an enrolled word: its name, and what a recogniser wrote for the takes.
    pub fn of_enrolled(name: &str, written: &[String]) -> Self {
        let name = name.replace('_', " ");
        let mut spellings: Vec<(usize, String)> = Vec::new();
        for spelling in written.iter().chain([&name]) {
            let words: Vec<String> = token::tokens(spelling).into_iter().map(|token| token.fold).collect();
            let spelling = (words.len(), words.join(" "));
            if !words.is_empty() && !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
        Self { spellings }
    }

    /// Returns what follows the phrase, or what sounds like it, at the beginning; `None` if the text does not begin so.
    /// A phrase that is said twice is taken away twice.
    pub fn strip<'a>(&self, text: &'a str) -> Option<&'a str> {
        let rest = self.strip_once(text)?;
        match self.strip_once(rest) {
            Some(again) if !again.is_empty() || self.is_written(rest) => Some(again),
            _ => Some(rest),
        }
    }

    /// Whether `text` is the phrase to the letter.
    fn is_written(&self, text: &str) -> bool {
        let said: Vec<String> = token::tokens(text).into_iter().map(|token| token.fold).collect();
        self.spellings.iter().any(|(_, spelling)| *spelling == said.join(" "))
    }

    fn strip_once<'a>(&self, text: &'a str) -> Option<&'a str> {
        let tokens = token::tokens(text);
        let called = usize::from(tokens.first().is_some_and(|first| CALLS.contains(&first.fold.as_str())));
        let longest = self.spellings.iter().map(|(words, _)| words + 1).max()?;
        // The best match decides how many words are the phrase; among equals the shortest, without a call.
        let mut best: Option<(f32, usize)> = None;
        for from in 0..=called {
            for to in from + 1..=(from + longest).min(tokens.len()) {
                let words = tokens.get(from..to)?;
                let said = words.iter().map(|token| token.fold.as_str()).collect::<Vec<_>>().join(" ");
                let alike = self.alike(&said, words.len());
                if alike.is_some_and(|alike| best.is_none_or(|(most, _)| alike > most)) {
                    best = alike.map(|alike| (alike, words.last().map_or(0, |token| token.end)));
                }
            }
        }
        let rest = text.get(best?.1..)?;
        Some(rest.trim_start_matches(|c: char| !c.is_alphanumeric()))
    }

    /// How alike folded words are to the phrase, 1 for a known spelling; `None` when not enough.
    fn alike(&self, said: &str, words: usize) -> Option<f32> {
        let near = self.spellings.iter().filter(|(length, _)| words <= length + 1);
        let alike = near.filter_map(|(length, spelling)| {
            if spelling == said {
                return Some(1.0);
            }
            let least = if words == *length { ALIKE_PHRASE } else { ALIKE_OTHER_WORDS };
            let alike = Lang::ALL.into_iter().filter_map(|lang| {
                let (said, spelling) = (sound::sounds(said, lang), sound::sounds(spelling, lang));
                sound::likeness(said.as_bytes(), spelling.as_bytes(), least)
            });
            alike.reduce(f32::max)
        });
        alike.reduce(f32::max)
    }
}

/// Returns what follows the first one or two words, a call word apart, if they are the name.
fn after_name(text: &str, is_name: impl Fn(&str) -> bool) -> Option<&str> {
    let tokens = token::tokens(text);
    let called = usize::from(tokens.first().is_some_and(|first| CALLS.contains(&first.fold.as_str())));
    // "he rald" begins with a call word, too: the longer reading first, without the call.
    [0, called].into_iter().find_map(|from| {
        [2, 1].into_iter().find_map(|length| {
            let words = tokens.get(from..from + length)?;
            let said = words.iter().map(|token| token.fold.as_str()).collect::<Vec<_>>().join(" ");
            if !is_name(&said) {
                return None;
            }
            let rest = text.get(words.last()?.end..)?;
            Some(rest.trim_start_matches(|c: char| !c.is_alphanumeric()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Phrase, alike, strip};

    #[test]
    fn herald_and_its_sound_alikes_wake() {
        for said in ["Herald, read my messages", "Hey Harold read my messages", "hérald. read my messages"] {
            assert_eq!(strip(said), Some("read my messages"), "{said}");
        }
        assert_eq!(strip("Et rald, lis mes messages"), Some("lis mes messages"));
        assert_eq!(strip("Gerald!"), Some(""));
    }

    #[test]
    fn what_only_sounds_like_herald_is_told_apart() {
        for said in ["Arraled message Marion", "Err old message Marion", "Rald message Marion", "Rale, message Marion"]
        {
            assert_eq!((strip(said), alike(said)), (None, Some("message Marion")), "{said}");
        }
        for said in ["Carried message Marion", "he called Marion", "hello there Marion", "or all of them", "her mother"]
        {
            assert_eq!(alike(said), None, "{said}");
        }
    }

    #[test]
    fn any_phrase_is_taken_away_with_what_sounds_like_it() {
        let jarvis = Phrase::of_name("hey_jarvis");
        for said in ["Hey Jarvis, read my messages", "hey Jervis read my messages", "Hey Jar vis. Read my messages"] {
            assert_eq!(jarvis.strip(said).map(str::to_lowercase).as_deref(), Some("read my messages"), "{said}");
        }
        let alexa = Phrase::of_name("alexa");
        assert_eq!(alexa.strip("Alexa."), Some(""));
        assert_eq!(alexa.strip("Alexa, Alexa. Call Marion"), Some("Call Marion"));
        assert_eq!(alexa.strip("OK Alexa call Marion"), Some("call Marion"));
        for said in ["", "call Alexa", "I like that", "Hello there", "message Marion"] {
            assert_eq!(alexa.strip(said), None, "{said}");
        }
    }

    #[test]
    fn an_enrolled_phrase_is_known_by_what_the_recogniser_wrote_for_the_takes() {
        let written = ["I'm Yulia.".to_owned(), "familiar".to_owned()];
        let amelia = Phrase::of_enrolled("amelia", &written);
        assert_eq!(amelia.strip("I'm Yulia, read my messages"), Some("read my messages"));
        assert_eq!(amelia.strip("Amélia, lis mes messages"), Some("lis mes messages"));
        assert_eq!(amelia.strip("read my messages"), None);
        assert_eq!(Phrase::of_enrolled("...", &[]).strip("anything"), None);
    }

    #[test]
    fn other_utterances_do_not() {
        for said in ["read the herald", "Hello there", "her mother called", "", "hey", "Geraldine called", "he called"]
        {
            assert_eq!(strip(said), None, "{said}");
        }
    }
}
