//! What a transcript means: intent and slots; and who is meant by a name.
//!
//! | file | what it does |
//! |---|---|
//! | `sentences/*.toml` | the sentences Herald understands, readable, one file a language |
//! | `token.rs` | text to words; every word knows its place in the text |
//! | `grammar.rs`, `matcher.rs` | a sentence template to a small program; running it |
//! | `patterns.rs` | the same template language for the files of other rooms |
//! | `language.rs` | one sentence file, compiled |
//! | `people.rs` | where a name begins and ends |
//! | `repeated.rs` | words said twice in a row |
//! | `parser.rs` | the best reading of a transcript, given what is [`Expected`] |
//! | `control.rs` | words to the house rather than to somebody: louder, pause, what is waiting |
//! | `amount.rs` | a spoken amount of money to its worth |
//! | `rephrase.rs` | "ask her if she is coming" to "Are you coming?", where that is sure |
//! | [`tagger`] | free text that no template knows whole: trained, the files in `models/nlu/` |
//! | `sound.rs` | spelling to sound, English and French; how far two sounds are apart |
//! | `spoken.rs` | whether words are those that Herald has just said |
//! | `completeness.rs` | whether the words so far are all; decides how long to wait for more |
//! | `ending.rs` | the spoken end of a dictation |
//! | `sum.rs`, `reason.rs` | an amount said by itself; what a payment is for |
//! | `mend.rs` | what is said about the draft beside an intent: scratch that, wrong person, also to |
//! | `second_hearing.rs` | which names of the book the sound may hold, where what was written names nobody for sure |
//! | `letters.rs` | a word said letter by letter |
//! | `wake.rs` | whether an utterance begins with "Herald" |
//! | [`contacts`] | the contact book and who is meant by a name |
//!
//! Templates own the closed dialogues and whole sentences; the tagger reads the rest. All scores are probabilities.

mod amount;
mod completeness;
pub mod contacts;
mod control;
mod ending;
mod grammar;
mod language;
mod letters;
mod matcher;
mod mend;
mod parser;
pub(crate) mod patterns;
mod people;
mod position;
mod reason;
mod repeated;
mod rephrase;
mod second_hearing;
mod sound;
mod spoken;
mod sum;
pub mod tagger;
mod token;
pub mod wake;

pub use amount::{Amount, Currency};
pub use completeness::SoFar;
pub use control::{Control, Instruction};
pub use ending::spoken as before_spoken_end;
pub use grammar::SentenceError;
pub use letters::letters;
pub use mend::{Mend, mend};
pub use parser::{Parser, ParserError};
pub use position::Position;
pub use reason::reason;
pub use rephrase::rephrase;
pub use second_hearing::{HeardAgain, SecondHearing};
pub use spoken::echoes;
pub use token::fold;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Lang;

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the words of the outer contract")]
pub enum IntentName {
    SendMessage,
    ReplyMessage,
    ReadMessages,
    ReactMessage,
    Call,
    Cancel,
    Confirm,
    Deny,
    Repeat,
    Pay,
    RequestPayment,
    ShareLocation,
    Help,
    Undo,
    Edit,
    Choose,
    Next,
    Spell,
    /// Not for Herald, or not certain enough to act on.
    Other,
}

impl IntentName {
    /// Whether it does something that others notice.
    pub const fn acts(self) -> bool {
        matches!(
            self,
            Self::SendMessage
                | Self::ReplyMessage
                | Self::ReactMessage
                | Self::Call
                | Self::Pay
                | Self::RequestPayment
                | Self::ShareLocation
        )
    }
}

/// The typed parts of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the words of the outer contract")]
pub enum Slot {
    Recipient,
    Sender,
    Group,
    Content,
    Reaction,
    Amount,
    Location,
    App,
    Time,
    ContentType,
    Tag,
    Ordinal,
    Count,
    /// In an edit: the words to be replaced or removed.
    Old,
    /// In an edit: the words that take their place or are added.
    New,
    /// In an edit: says that the message goes as it was said.
    Verbatim,
}

/// Slot values, each a piece of the input as said.
pub type Slots = BTreeMap<Slot, Vec<String>>;

/// What was understood of one transcript.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Intent {
    /// What the user wants.
    pub name: IntentName,
    /// Its parts.
    pub slots: Slots,
    /// Calibrated probability that name and slots are right, 0 to 1.
    pub score: f32,
    /// Language of the sentence.
    #[serde(skip)]
    pub lang: Lang,
}

impl Intent {
    /// Returns the first value of a slot.
    pub fn slot(&self, slot: Slot) -> Option<&str> {
        self.slots.get(&slot).and_then(|values| values.first()).map(String::as_str)
    }
}

/// What the dialogue is waiting for: the same words mean different things at different moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Idle: a command.
    #[default]
    Command,
    /// The answer to "Send it?".
    YesNo,
    /// The answer to "Whom do you want to write to?".
    Recipient,
    /// The words of the message; only cancel and the like are taken as commands.
    Content,
    /// The answer to "Marion Petit or Marion Durand?".
    Choice,
    /// After a message was read aloud: next, repeat, reply, stop.
    Reading,
    /// The answer to "How much?".
    Amount,
    /// The answer to a payment that was read back: "yes, pay", or another amount.
    Payment,
}

impl Expected {
    /// What the sentences of the languages are asked for: amounts are no sentences of theirs.
    const fn in_sentences(self) -> Self {
        match self {
            Self::Amount | Self::Payment => Self::YesNo,
            Self::Command | Self::YesNo | Self::Recipient | Self::Content | Self::Choice | Self::Reading => self,
        }
    }
}

/// How well some words are known as a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Nobody is called so.
    No,
    /// Somebody's name sounds like it.
    Sound,
    /// Somebody is called exactly so.
    Exact,
}

/// The names the parser may rely on to see where a name ends ("message Jean Marc I'm late").
pub trait Names {
    /// Says how well `words`, a piece of the input, are known as somebody's name.
    fn knows(&self, words: &str) -> Known;
}

/// Knows nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn knows(&self, _words: &str) -> Known {
        Known::No
    }
}
