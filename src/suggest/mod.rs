//! What Herald offers because of what somebody wrote: an answer, a call, a reminder, a payment.
//!
//! | file | what it does |
//! |---|---|
//! | `rules/*.toml` | what is offered because of which words, readable, one file a language |
//! | `text.rs` | a message to words: links, numbers, short forms |
//! | `rules.rs` | a rule file, compiled |
//! | `view.rs` | a message ready for the rules: its clauses, and where templates stand in it |
//! | `slots.rs` | when, where, how much, for what, between which |
//! | `offer.rs` | the gates and the rules: a conversation to its suggestions |
//! | [`replies`] | which reply texts fit: a small trained retriever, its file in `models/suggest/` |
//!
//! Nothing is remembered, and nothing leaves: the same messages give the same suggestions. Each names the rule it comes
//! from. A suggestion is no action: when it is taken, it goes through the dialogue like a spoken wish.
//!
//! The kinds are those of M, the assistant in Messenger (2017): words of the last messages, a chip that can be ignored,
//! one tap. When to be silent (only the last message of somebody else, sensitive subjects) follows what ML Kit's smart
//! reply documents; a list of allowed texts in classes, of which the best three differ, is Kannan et al., "Smart Reply"
//! (KDD 2016).

mod offer;
pub mod replies;
mod rules;
mod slots;
mod text;
mod view;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use self::{replies::Ranker, rules::Rules};
pub use crate::intent::contacts::DayOfYear;
use crate::{config::Lang, intent::SentenceError};

/// What is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Wish somebody a happy birthday.
    Birthday,
    /// Share where the user is.
    ShareLocation,
    /// Pay somebody.
    Pay,
    /// Ask somebody for money.
    RequestPayment,
    /// Call somebody.
    Call,
    /// Set a reminder.
    Plan,
    /// Let a group choose.
    Poll,
    /// Keep a link.
    SaveLink,
    /// Answer with one of [`Suggestion::replies`].
    Answer,
    /// Answer with a sign.
    React,
}

impl Kind {
    /// All kinds, the most pressing first.
    pub const ALL: [Self; 10] = [
        Self::Birthday,
        Self::ShareLocation,
        Self::Pay,
        Self::RequestPayment,
        Self::Call,
        Self::Plan,
        Self::Poll,
        Self::SaveLink,
        Self::Answer,
        Self::React,
    ];

    /// Returns its word, as in `serde`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Birthday => "birthday",
            Self::ShareLocation => "share_location",
            Self::Pay => "pay",
            Self::RequestPayment => "request_payment",
            Self::Call => "call",
            Self::Plan => "plan",
            Self::Poll => "poll",
            Self::SaveLink => "save_link",
            Self::Answer => "answer",
            Self::React => "react",
        }
    }
}

/// The typed parts of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// When, with its preposition.
    Time,
    /// Where.
    Location,
    /// What it is about: to do, to remember, to pay for.
    Content,
    /// How much money.
    Amount,
    /// Who, when it is not the one who writes.
    Recipient,
    /// What there is to choose from.
    Option,
    /// The link to keep.
    Link,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Which of the messages.
    pub message: usize,
    /// The bytes of its text.
    pub range: Range<usize>,
}

impl Piece {
    /// Returns the words.
    pub fn of<'a>(&self, messages: &[Message<'a>]) -> &'a str {
        messages.get(self.message).and_then(|message| message.text.get(self.range.clone())).unwrap_or_default()
    }
}

/// A message of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Who wrote it.
    pub from: From,
    /// What it says.
    pub text: &'a str,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// The user.
    Me,
    /// Whoever writes to the user.
    Them,
}

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Circle {
    /// The user and one other person.
    #[default]
    Pair,
    /// The user and several people.
    Group,
}

/// What is known beside the messages.
#[derive(Debug, Clone, Copy, Default)]
pub struct About {
    /// Who takes part.
    pub circle: Circle,
    /// The language in which the two write to each other, where it is known; the words may tell another.
    pub lang: Option<Lang>,
    /// The day.
    pub today: Option<DayOfYear>,
    /// The birthday of whoever wrote last, by the contact book.
    pub birthday: Option<DayOfYear>,
}

/// Something to offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// What.
    pub kind: Kind,
    /// Its parts, as far as the messages say them.
    pub slots: BTreeMap<Slot, Vec<Piece>>,
    /// For [`Kind::React`]: with what.
    pub reaction: Option<String>,
    /// For [`Kind::Answer`]: at most three, each of another class, the likeliest first.
    pub replies: Vec<Reply>,
    /// The rule it comes from, by its name in the rule file.
    pub rule: String,
}

/// A text to answer with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// What it says; texts of one class say the same.
    pub class: String,
    /// The words.
    pub text: String,
}

/// Herald's suggestions: rules and reply texts of both languages.
///
/// Cheap to share between threads; holds no state between calls.
#[derive(Debug)]
pub struct Suggester {
    rules: Vec<Rules>,
    ranker: Ranker,
}

/// Why there are no suggestions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuggesterError {
    /// A mistake in a rule file.
    #[error(transparent)]
    Rules(#[from] SentenceError),
    /// A trained file that does not fit.
    #[error(transparent)]
    Trained(#[from] replies::FileError),
}

impl Suggester {
    /// Compiles the rules that come with Herald, and reads the trained retriever.
    ///
    /// # Errors
    /// [`SuggesterError`] with file and line when somebody extended the rules and made a mistake, or with what is wrong
    /// with the trained file.
    pub fn new() -> Result<Self, SuggesterError> {
        Ok(Self { rules: built_in_rules()?, ranker: Ranker::built_in()? })
    }

    /// Returns what to offer after the last of some messages, the most pressing first, at most one of a kind.
    ///
    /// Messages are given oldest first; a handful is enough.
    pub fn suggest(&self, messages: &[Message<'_>], about: &About) -> Vec<Suggestion> {
        if self.silent_because(messages).is_some() {
            return Vec::new();
        }
        let Some(rules) = view::language(&self.rules, messages, about.lang) else { return Vec::new() };
        let mut suggestions = offer::suggestions(rules, messages, about);
        if let Some(at) = suggestions.iter().position(|suggestion| suggestion.kind == Kind::Answer) {
            let replies = self.ranker.rank(rules, messages, about, &suggestions);
            suggestions.iter_mut().skip(at).take(1).for_each(|answer| answer.replies.clone_from(&replies));
        }
        suggestions
    }

    /// Returns the reply texts that fit best to the last message, whether or not one should be offered.
    pub fn replies(&self, messages: &[Message<'_>], about: &About) -> Vec<Reply> {
        let Some(rules) = view::language(&self.rules, messages, about.lang) else { return Vec::new() };
        self.ranker.rank(rules, messages, about, &offer::suggestions(rules, messages, about))
    }

    /// Returns the name of what keeps Herald silent: a sensitive subject, a machine that wrote the last message.
    ///
    /// All languages are asked: people change from one to the other within a message.
    pub fn silent_because(&self, messages: &[Message<'_>]) -> Option<&str> {
        self.rules.iter().find_map(|rules| offer::silent_because(rules, messages))
    }
}

fn built_in_rules() -> Result<Vec<Rules>, SentenceError> {
    Ok(vec![
        Rules::compile(Lang::En, "en.toml", include_str!("rules/en.toml"))?,
        Rules::compile(Lang::Fr, "fr.toml", include_str!("rules/fr.toml"))?,
    ])
}
