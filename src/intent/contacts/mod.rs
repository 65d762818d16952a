//! The contact book: who can be named, and who is meant by a name.
//!
//! | file | what it does |
//! |---|---|
//! | `vcard.rs` | vCard 3 and 4 to contacts; a broken entry is reported with its line and skipped |
//! | `book.rs` | the book: kept in SQLite, loaded into memory once |
//! | `corrections.rs` | what the user changes by hand: nicknames, what was learned wrongly |
//! | `index.rs` | all the ways contacts can be named, by spelling and by sound |
//! | `resolve.rs` | who is meant: one, several or none |
//! | `spelled.rs` | who is meant by the letters of a name |
//! | `evidence.rs` | what speaks for a name when something was heard: its sound and its letters |
//! | `channel.rs` | how names are misheard; trained |
//! | `choice.rs` | from evidence to probabilities; trained |
//! | `fit.rs`, `trained.rs` | the training, and the numbers that came of it |
//!
//! How a card names its contact: `FN` and `N` give the full, given and family name. `NICKNAME` holds whatever
//! else the person is called, several separated by commas. Family words go there, too ("maman"): words of one
//! meaning stand for each other in both languages, so `NICKNAME:maman` is found by "mom", "my mother" and
//! "ma mère". Groups are `KIND:group` with a `MEMBER` a line (Apple's `X-ADDRESSBOOKSERVER-KIND` and `-MEMBER`
//! are read as well). `TEL`, `EMAIL`, `IMPP`, `SOCIALPROFILE` and `X-MATRIX`, `X-SIGNAL`, ... are handles;
//! `LANG` is the language the person is written to.

mod book;
mod channel;
mod choice;
mod corrections;
mod evidence;
mod fit;
mod index;
mod resolve;
mod spelled;
mod trained;
mod vcard;

#[cfg(test)]
mod tests;

pub use book::Book;
pub use corrections::{edition, forget_addresses};
pub use fit::{Example, fit};
pub use vcard::Skipped;

use serde::Serialize;

use crate::config::Lang;

/// Number of a contact in the book; kept for ever, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ContactId(pub i64);

/// Address of a contact on one chat network.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Handle {
    /// Network in lower case: `tel`, `email`, `matrix`, `xmpp` ...
    pub network: String,
    /// Address on it.
    pub address: String,
}

/// A person or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// One person.
    Person,
    /// Several contacts under one name.
    Group,
}

/// A person or group the user can name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// Its number in this book.
    pub id: ContactId,
    /// Its identity across address books, if its card has one.
    #[serde(skip)]
    pub uid: Option<String>,
    /// Full name.
    pub name: String,
    /// Given name, empty if not known.
    #[serde(skip)]
    pub given: String,
    /// Family name, empty if not known.
    #[serde(skip)]
    pub family: String,
    /// What else it is called.
    pub nicknames: Vec<String>,
    /// Person or group.
    pub kind: ContactKind,
    /// Language it is written to.
    pub lang: Option<Lang>,
    /// Its birthday.
    #[serde(skip)]
    pub birthday: Option<DayOfYear>,
    /// Its addresses, the preferred one first.
    pub handles: Vec<Handle>,
    /// Of a group: its members as its card names them, UIDs or addresses.
    #[serde(skip)]
    pub members: Vec<String>,
}

/// A day of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayOfYear {
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

impl DayOfYear {
    /// Reads `09-18`.
    pub fn read(text: &str) -> Option<Self> {
        let (month, day) = text.split_once('-')?;
        Self::new(month.parse().ok()?, day.parse().ok()?)
    }

    /// A day that a year can have.
    pub fn new(month: u8, day: u8) -> Option<Self> {
        let longest = match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1..=longest).contains(&day).then_some(Self { month, day })
    }
}

impl std::fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// Somebody on a network, as they call themselves there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met<'a> {
    /// Their name.
    pub name: &'a str,
    /// What else they are called.
    pub nickname: Option<&'a str>,
    /// The network in lower case.
    pub network: &'a str,
    /// Their address on it.
    pub address: &'a str,
    /// Several people under one address.
    pub is_group: bool,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Entries that were new or had changed.
    pub imported: usize,
    /// Entries that were there already.
    pub unchanged: usize,
    /// Entries that could not be used.
    pub skipped: Vec<Skipped>,
}

/// Who is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The first candidate, and nobody else.
    One,
    /// One of the candidates: ask. A single candidate means "did you mean ...?".
    Several,
    /// Nobody in the book.
    None,
}

/// How a candidate was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// By a correction the user made before.
    Learned,
    /// By the full name.
    Exact,
    /// By a nickname or a family word.
    Nickname,
    /// By a part of the name: the given name, or the family name.
    Prefix,
    /// By the sound.
    Sound,
}

/// A contact that may be meant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Which contact.
    pub id: ContactId,
    /// Full name.
    pub name: String,
    /// Probability that it is meant, 0 to 1.
    pub score: f32,
    /// How it was found.
    pub via: Via,
    /// Of a group: how many people it has.
    #[serde(skip)]
    pub members: Option<u32>,
    /// What tells it from a candidate of the same name.
    #[serde(skip)]
    pub apart: Option<Apart>,
}

/// What tells people of one name apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Apart {
    /// What else one of them is called.
    Nickname(String),
    /// The last digits of the telephone number.
    Number(String),
    /// An address on a network.
    Address(String),
}

/// What became of a name that was heard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resolution {
    /// The name as it was heard.
    pub heard: String,
    /// Who is meant.
    pub decision: Decision,
    /// Best first: those in question, and behind them the next likeliest by sound.
    pub candidates: Vec<Candidate>,
    /// How many of them are in question.
    #[serde(skip)]
    pub close: usize,
    /// Somebody else's name sounds close to what was heard, or only a part of the name was said on weak ground:
    /// read the full name back.
    #[serde(skip)]
    pub near: bool,
}

impl Resolution {
    /// Returns the candidates in question: the one that is meant, or those to ask about.
    pub fn close(&self) -> &[Candidate] {
        self.candidates.get(..self.close).unwrap_or(&self.candidates)
    }
}

/// What is known beside the name; weak evidence, it orders candidates and never decides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// Contacts the user wrote to lately, the latest first.
    pub recent: &'a [ContactId],
    /// Whose conversation is open.
    pub open: Option<ContactId>,
}
