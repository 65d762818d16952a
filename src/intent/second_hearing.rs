//! The second hearing: when what was written names nobody for sure, which names of the book the sound may hold.
//!
//! A name the recogniser does not know it writes as common words, and often it takes the command before it along ("Tell
//! Tatjana" becomes "Delta-jonna"). So where a name is in doubt, the names that sound like any of the first words are
//! weighed against the sound itself, after the words before it; and where no command was understood, or one to nobody,
//! after each beginning a command may have. Who is meant is then decided by what was written and what was weighed.

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

/// What is understood where the name, or all the beginning, was lost.
const NAMELESS: [IntentName; 3] = [IntentName::Other, IntentName::SendMessage, IntentName::Call];

/// Names that are weighed for each piece of what was written, and for the words that were taken for the name. Of 156
/// names in spoken commands, to a book of 500, the right one was among them for 143, of 65 to 70 that were weighed.
const MOST_NAMES: usize = 8;
const MOST_NAMES_FOR_A_NAME: usize = 30;

/// Pieces of what was written that may be a name: they begin with one of the first words, and have so many.
const FIRST_WORDS: usize = 5;
const MOST_PARTS: usize = 3;

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
    /// Pieces of them that may be a name.
    pieces: Vec<String>,
    /// What stands in them before the name, for each beginning of the wordings.
    heads: Vec<String>,
    /// What may have been written for the name, or for the beginning and the name.
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
            (None, _) if expected == Expected::Command && NAMELESS.contains(&intent.name) => {
                Self::of_beginning(book, lead, words, lang)
            }
            _ => None,
        }
    }

    fn of_name(book: &Book, lead: &str, words: &str, said: &str, lang: Lang) -> Option<Self> {
        let found = book.resolve(said, Some(lang), Surroundings::default());
        let sounds = found.close().iter().any(|candidate| candidate.via == Via::Sound);
        if found.decision == Decision::One || found.decision == Decision::Several && !sounds {
            return None;
        }
        let (head, rest) = words.split_once(said)?;
        // A name of several words is often cut short: "Alexa Ngar".
        let taken: Vec<String> =
            (0..=MORE_WORDS).map_while(|more| first_words(rest, more)).map(|more| joined(said, &more)).collect();
        let pieces = pieces(words);
        let mut names = book.sounding_like(&taken, lang, MOST_NAMES_FOR_A_NAME);
        names.extend(book.sounding_like(&pieces, lang, MOST_NAMES));
        let wordings = Wordings {
            beginnings: vec![joined(lead, head)],
            least_fit: f32::NEG_INFINITY,
            names: names.into_iter().collect(),
        };
        let doubt = Doubt::Name { said: said.to_owned() };
        let (words, heads) = (words.to_owned(), vec![head.to_owned()]);
        wordings.is_a_choice().then_some(Self { wordings, lang, doubt, words, pieces, heads, taken })
    }

    fn of_beginning(book: &Book, lead: &str, words: &str, lang: Lang) -> Option<Self> {
        let taken: Vec<String> = (1..=MOST_WORDS).map_while(|count| first_words(words, count)).collect();
        let heads = match lang {
            Lang::En => &ENGLISH[..],
            Lang::Fr => &FRENCH[..],
        };
        let pieces = pieces(words);
        let wordings = Wordings {
            beginnings: heads.iter().map(|head| joined(lead, head)).collect(),
            least_fit: FITS_FROM,
            names: book.sounding_like(&pieces, lang, MOST_NAMES).into_iter().collect(),
        };
        let (words, heads) = (words.to_owned(), heads.iter().map(|head| (*head).to_owned()).collect());
        let doubt = Doubt::Beginning;
        wordings.is_a_choice().then_some(Self { wordings, lang, doubt, words, pieces, heads, taken })
    }

    /// Says who is meant, now that the sound was weighed; `None` where it holds no command.
    pub fn settle(self, weighed: &Weighed, book: &Book, surroundings: Surroundings<'_>) -> Option<HeardAgain> {
        let Self { wordings, lang, doubt, words, pieces, heads, taken } = self;
        let (_, best) = weighed.names.iter().zip(&wordings.names).max_by(|a, b| a.0.total_cmp(b.0))?;
        let head = heads.get(weighed.beginning)?;
        // What was written for it: the words that are spelled most like it.
        let before = if matches!(doubt, Doubt::Beginning) { head.as_str() } else { "" };
        let heard = token::fold(&joined(before, best));
        let instead = taken.iter().min_by_key(|taken| strsim::levenshtein(&token::fold(taken), &heard))?;
        let weights = wordings.names.iter().map(String::as_str).zip(weighed.names.iter().copied());
        let resolution = book.resolve_weighed(instead, (&pieces, lang), surroundings, weights);
        match doubt {
            Doubt::Name { said } if *instead == said => Some(HeardAgain { words, named: said, resolution }),
            Doubt::Name { .. } | Doubt::Beginning => {
                let named = resolution.candidates.first()?.name.clone();
                let words = joined(&joined(head, &named), &weighed.rest);
                (resolution.decision != Decision::None).then_some(HeardAgain { words, named, resolution })
            }
        }
    }
}

/// The pieces of a text that may be a name.
fn pieces(words: &str) -> Vec<String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let begin = |from: usize| words.get(from..).unwrap_or_default();
    let pieces = (0..FIRST_WORDS.min(words.len())).flat_map(|from| {
        let most = MOST_PARTS.min(words.len() - from);
        (1..=most).map(move |parts| (from, parts))
    });
    pieces.map(|(from, parts)| begin(from).iter().take(parts).copied().collect::<Vec<_>>().join(" ")).collect()
}

/// The first words of a text, if it has so many.
fn first_words(text: &str, count: usize) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().take(count).collect();
    (words.len() == count).then(|| words.join(" "))
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

    /// What comes of it when the sound speaks for one name by so much, and less for the others.
    fn settled(words: &str, name: &str, weight: f32) -> Option<HeardAgain> {
        let (book, second) = second(words, Expected::Command);
        let second = second.unwrap();
        let names = &second.wordings.names;
        let weighed = Weighed {
            beginning: 0,
            names: names.iter().map(|known| if known == name { weight } else { 5.0 }).collect(),
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
        let Wordings { beginnings, least_fit, names } = second.unwrap().wordings;
        assert_eq!((beginnings, least_fit), (vec!["Hey Jarvis, Tell".to_owned()], f32::NEG_INFINITY));
        assert!(names.contains(&"Siobhan".to_owned()), "{names:?}");
        let again = settled("Tell Shavon that I'm late.", "Siobhan", 30.0).unwrap();
        assert_eq!((again.words.as_str(), again.named.as_str()), ("Tell Shavon that I'm late.", "Shavon"));
        assert_eq!(again.resolution.candidates[0].name, "Siobhan");
        assert_ne!(again.resolution.decision, Decision::None);
    }

    #[test]
    fn a_name_that_was_cut_short_takes_its_other_words_back() {
        let (book, _) = second("", Expected::Command);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let names = words(&["Paul", "Tatjana"]);
        let second = SecondHearing {
            wordings: Wordings { beginnings: words(&["Tell"]), least_fit: f32::NEG_INFINITY, names },
            lang: Lang::En,
            doubt: Doubt::Name { said: "Tat".to_owned() },
            words: "Tell Tat Jana that I'm late.".to_owned(),
            pieces: words(&["Tell Tat", "Tat", "Tat Jana"]),
            heads: words(&["Tell"]),
            taken: words(&["Tat", "Tat Jana"]),
        };
        let rest = " that I am late.".to_owned();
        let weighed = Weighed { beginning: 0, names: vec![5.0, 30.0], rest, took_ms: 0 };
        let again = second.settle(&weighed, &book, Surroundings::default()).unwrap();
        assert_eq!((again.words.as_str(), again.named.as_str()), ("Tell Tatjana that I am late.", "Tatjana"));
        assert_eq!(again.resolution.heard, "Tat Jana");
    }

    #[test]
    fn a_lost_beginning_is_found_where_the_sound_speaks_for_it() {
        let (_, second) = second("Delta-jonna, that the train is late.", Expected::Command);
        let Wordings { beginnings, least_fit, .. } = second.unwrap().wordings;
        assert_eq!((beginnings.len(), beginnings[0].as_str()), (ENGLISH.len(), "Hey Jarvis, Tell"));
        assert!(least_fit.is_finite());
        let words = "Delta-jonna, that the train is late.";
        let again = settled(words, "Tatjana", 30.0).unwrap();
        assert_eq!(again.words, "Tell Tatjana that the train is late.");
        assert_eq!((again.named.as_str(), again.resolution.heard.as_str()), ("Tatjana", "Delta-jonna,"));
        assert_eq!(settled(words, "Tatjana", 5.0), None, "the sound holds none of the names");
    }

    #[test]
    fn a_command_to_nobody_may_have_lost_a_name() {
        let (_, lost) = second("Send a message, the Tatti Anna saying dinner is ready.", Expected::Command);
        assert!(lost.is_some());
        let again = settled("Send a message saying that the train is late.", "Paul", 8.0);
        assert_eq!(again, None, "nothing sounds like anybody");
    }
}
