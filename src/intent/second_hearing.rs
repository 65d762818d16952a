//! The second hearing: when what was written names nobody for sure, which names of the book the sound may hold.
//!
//! A name the recogniser does not know it writes as common words, and often it takes the command before it along ("Tell
//! Tatjana" becomes "Delta-jonna"). So where a name is in doubt, the names that sound like it are weighed against the
//! sound itself, after the words before it; and where no command was understood at all, after each beginning a command
//! may have. Who is meant is then decided by what was written and what was weighed together.

use std::collections::BTreeSet;

use super::{
    Expected, IntentName, Parser, Slot,
    contacts::{Book, Decision, Resolution, Surroundings, Via},
    token,
};
use crate::{
    asr::{Weighed, Wordings},
    config::Lang,
};

/// Beginnings of commands that name somebody next.
const ENGLISH: [&str; 7] = ["Tell", "Text", "Message", "Call", "Ask", "Let", "Send a message to"];
const FRENCH: [&str; 6] = ["Dis à", "Écris à", "Appelle", "Préviens", "Demande à", "Envoie un message à"];

/// Most names that are weighed: of spoken commands to a book of 500, the right one was among them in 19 of 20.
const MOST_NAMES: usize = 60;

/// Words of a lost beginning, the name included.
const MOST_WORDS: usize = 5;

/// Words behind a name that may belong to it.
const MORE_WORDS: usize = 2;

/// Logarithm of the probability from which a lost beginning may be that of a command.
const FITS_FROM: f32 = -12.0;

/// What is to be heard again, and why.
#[derive(Debug, Clone)]
pub struct SecondHearing {
    /// What is to be weighed.
    pub wordings: Wordings,
    /// Language of the words.
    pub lang: Lang,
    doubt: Doubt,
    /// The words of the utterance.
    words: String,
    /// What stands in them before the name, for each beginning of the wordings.
    heads: Vec<String>,
    /// The words that each of what was written takes for the name, or for the beginning and the name.
    taken: Vec<String>,
}

/// What is in doubt.
#[derive(Debug, Clone)]
enum Doubt {
    /// Who is meant by words that the understanding took for a name, and where they end.
    Name { said: String },
    /// Whether the words began as a command.
    Beginning,
}

/// What came of a second hearing.
#[derive(Debug, Clone, PartialEq)]
pub struct HeardAgain {
    /// The words of the utterance; others than before where its beginning was lost.
    pub words: String,
    /// The name in them.
    pub named: String,
    /// Who is meant by it.
    pub resolution: Resolution,
}

impl SecondHearing {
    /// Returns what is worth hearing again in an utterance; `words` are what its `transcript` says to Herald.
    pub fn of(
        (parser, book): (&Parser, &Book),
        transcript: &str,
        words: &str,
        lang: Lang,
        expected: Expected,
    ) -> Option<Self> {
        let lead = transcript.trim().strip_suffix(words.trim()).unwrap_or_default().trim();
        let intent = parser.parse(words, Some(lang), expected, book);
        let slots = [Slot::Recipient, Slot::Group, Slot::Sender];
        let mut said = slots.iter().filter_map(|slot| intent.slots.get(slot)).flatten();
        match (said.next(), said.next()) {
            (Some(said), None) => Self::of_name(book, lead, words, said, lang),
            (None, _) if intent.name == IntentName::Other && expected == Expected::Command => {
                Self::of_beginning(book, lead, words, lang)
            }
            _ => None,
        }
    }

    fn of_name(book: &Book, lead: &str, words: &str, said: &str, lang: Lang) -> Option<Self> {
        let found = book.resolve(said, Some(lang), Surroundings::default());
        let sounds = found.candidates.iter().any(|candidate| candidate.via == Via::Sound);
        if found.decision == Decision::One || found.decision == Decision::Several && !sounds {
            return None;
        }
        let (head, rest) = words.split_once(said)?;
        // A name of several words is often cut short: "Alexa Ngar".
        let taken: Vec<String> =
            (0..=MORE_WORDS).map_while(|more| first_words(rest, more)).map(|more| joined(said, &more)).collect();
        let names = taken.iter().step_by(MORE_WORDS).flat_map(|said| book.sounding_like(said, lang, MOST_NAMES / 2));
        let names = names.collect::<BTreeSet<_>>().into_iter().collect();
        let before = joined(lead, head);
        let wordings = Wordings {
            written: taken.iter().map(|taken| joined(&before, without_mark(taken))).collect(),
            beginnings: vec![before],
            names,
        };
        let doubt = Doubt::Name { said: said.to_owned() };
        let (words, heads) = (words.to_owned(), vec![head.to_owned()]);
        wordings.is_a_choice().then_some(Self { wordings, lang, doubt, words, heads, taken })
    }

    fn of_beginning(book: &Book, lead: &str, words: &str, lang: Lang) -> Option<Self> {
        let taken: Vec<String> = (1..=MOST_WORDS).map_while(|count| first_words(words, count)).collect();
        let heads = match lang {
            Lang::En => &ENGLISH[..],
            Lang::Fr => &FRENCH[..],
        };
        let wordings = Wordings {
            beginnings: heads.iter().map(|head| joined(lead, head)).collect(),
            names: book.sounding_like(taken.last()?, lang, MOST_NAMES),
            written: taken.iter().map(|taken| joined(lead, without_mark(taken))).collect(),
        };
        let (words, heads) = (words.to_owned(), heads.iter().map(|head| (*head).to_owned()).collect());
        wordings.is_a_choice().then_some(Self { wordings, lang, doubt: Doubt::Beginning, words, heads, taken })
    }

    /// Says who is meant, now that the sound was weighed; `None` where it holds no command.
    pub fn settle(self, weighed: &Weighed, book: &Book, surroundings: Surroundings<'_>) -> Option<HeardAgain> {
        let Self { wordings, lang, doubt, words, heads, taken } = self;
        let (_, best) = weighed.names.iter().zip(&wordings.names).max_by(|a, b| a.0.total_cmp(b.0))?;
        let beginning = wordings.beginnings.get(weighed.beginning)?;
        // What was written for it: the words that are spelled most like it.
        let heard = token::fold(&joined(beginning, best));
        let unlike = |(at, written): &(usize, &String)| (strsim::levenshtein(&token::fold(written), &heard), *at);
        let (at, _) = wordings.written.iter().enumerate().min_by_key(unlike)?;
        let (instead, written) = (taken.get(at)?, weighed.written.get(at)?);
        let odds = wordings.names.iter().zip(&weighed.names).map(|(name, weight)| (name.as_str(), weight - written));
        let resolution = book.resolve_weighed(instead, lang, surroundings, odds);
        match doubt {
            Doubt::Name { said } if *instead == said => Some(HeardAgain { words, named: said, resolution }),
            Doubt::Beginning if weighed.fit < FITS_FROM => None,
            Doubt::Name { .. } | Doubt::Beginning => {
                let named = resolution.candidates.first()?.name.clone();
                let words = joined(&joined(heads.get(weighed.beginning)?, &named), &weighed.rest);
                (resolution.decision != Decision::None).then_some(HeardAgain { words, named, resolution })
            }
        }
    }
}

/// The first words of a text, if it has so many.
fn first_words(text: &str, count: usize) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().take(count).collect();
    (words.len() == count).then(|| words.join(" "))
}

/// Leaves out the mark behind the last word, which is a matter of how the sentence goes on.
fn without_mark(text: &str) -> &str {
    text.trim_end_matches(|mark: char| mark.is_ascii_punctuation())
}

/// Two texts with a space between them.
fn joined(before: &str, after: &str) -> String {
    format!("{} {}", before.trim(), after.trim()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    /// Asked about an utterance, with a wake word before it.
    fn second(words: &str, expected: Expected) -> (Book, Option<SecondHearing>) {
        let store = Store::in_memory().unwrap();
        let mut book = Book::open(&store).unwrap();
        let cards =
            ["Tatjana", "Siobhan", "Paul"].map(|name| format!("BEGIN:VCARD\nVERSION:4.0\nFN:{name}\nEND:VCARD\n"));
        book.import(&store, &cards.concat()).unwrap();
        let parser = Parser::new().unwrap();
        let transcript = format!("Hey Jarvis, {words}");
        let second = SecondHearing::of((&parser, &book), &transcript, words, Lang::En, expected);
        (book, second)
    }

    /// What comes of it when the sound speaks for one name by so much against what was written.
    fn settled(words: &str, name: &str, odds: f32, fit: f32) -> Option<HeardAgain> {
        let (book, second) = second(words, Expected::Command);
        let second = second.unwrap();
        let Wordings { names, written, .. } = &second.wordings;
        let weighed = Weighed {
            beginning: 0,
            fit,
            names: names.iter().map(|known| if known == name { odds } else { -40.0 }).collect(),
            written: vec![0.0; written.len()],
            rest: " that the train is late.".to_owned(),
            took_ms: 0,
        };
        second.settle(&weighed, &book, Surroundings::default())
    }

    #[test]
    fn what_is_sure_is_not_heard_again() {
        for (words, expected) in [
            ("Tell Paul that I'm late.", Expected::Command),
            ("Yes, send it.", Expected::Command),
            ("Tell Siobhan and Paul that I'm late.", Expected::Command),
            ("What's the weather like?", Expected::Reading),
        ] {
            let (_, second) = second(words, expected);
            assert!(second.is_none(), "{words}: {second:?}");
        }
    }

    #[test]
    fn a_doubtful_name_is_weighed_behind_the_words_before_it() {
        let (_, second) = second("Tell Shavon that I'm late.", Expected::Command);
        let Wordings { beginnings, names, written } = second.unwrap().wordings;
        assert_eq!(beginnings, ["Hey Jarvis, Tell"]);
        assert_eq!(written[..2], ["Hey Jarvis, Tell Shavon", "Hey Jarvis, Tell Shavon that"]);
        assert!(names.contains(&"Siobhan".to_owned()), "{names:?}");
        let again = settled("Tell Shavon that I'm late.", "Siobhan", 6.0, 0.0).unwrap();
        assert_eq!((again.words.as_str(), again.named.as_str()), ("Tell Shavon that I'm late.", "Shavon"));
        assert_eq!(again.resolution.candidates[0].name, "Siobhan");
        assert_ne!(again.resolution.decision, Decision::None);
    }

    #[test]
    fn a_name_that_was_cut_short_takes_its_other_words_back() {
        let (book, _) = second("", Expected::Command);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let second = SecondHearing {
            wordings: Wordings {
                beginnings: words(&["Tell"]),
                names: words(&["Paul", "Tatjana"]),
                written: words(&["Tell Tat", "Tell Tat Jana"]),
            },
            lang: Lang::En,
            doubt: Doubt::Name { said: "Tat".to_owned() },
            words: "Tell Tat Jana that I'm late.".to_owned(),
            heads: words(&["Tell"]),
            taken: words(&["Tat", "Tat Jana"]),
        };
        let rest = " that I am late.".to_owned();
        let weighed =
            Weighed { beginning: 0, fit: 0.0, names: vec![-9.0, 4.0], written: vec![-30.0, 0.0], rest, took_ms: 0 };
        let again = second.settle(&weighed, &book, Surroundings::default()).unwrap();
        assert_eq!((again.words.as_str(), again.named.as_str()), ("Tell Tatjana that I am late.", "Tatjana"));
        assert_eq!(again.resolution.heard, "Tat Jana");
    }

    #[test]
    fn a_lost_beginning_is_found_where_the_sound_speaks_for_it() {
        let (_, second) = second("Delta-jonna, that the train is late.", Expected::Command);
        let Wordings { beginnings, written, .. } = second.unwrap().wordings;
        assert_eq!((beginnings.len(), beginnings[0].as_str()), (ENGLISH.len(), "Hey Jarvis, Tell"));
        assert_eq!((written.len(), written[0].as_str()), (MOST_WORDS, "Hey Jarvis, Delta-jonna"));
        let words = "Delta-jonna, that the train is late.";
        let again = settled(words, "Tatjana", 8.0, -2.0).unwrap();
        assert_eq!(again.words, "Tell Tatjana that the train is late.");
        assert_eq!((again.named.as_str(), again.resolution.heard.as_str()), ("Tatjana", "Delta-jonna,"));
        assert_eq!(settled(words, "Tatjana", -30.0, -2.0), None, "the sound holds none of the names");
        assert_eq!(settled(words, "Tatjana", 8.0, 2.0 * FITS_FROM), None, "it does not begin as a command");
    }
}
