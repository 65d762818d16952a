//! What the page shows and what it can ask for, as JSON.

use serde::{Deserialize, Serialize};

use crate::{
    config::Lang,
    dialogue::{self, Asks, Person, Proposal},
};

/// What the microphone and the one behind it are doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Microphone {
    /// For a wake word or the button.
    Waiting,
    /// A sentence or an answer is expected.
    Listening,
    /// Somebody speaks.
    Hearing,
    /// What was said is being recognised, or an answer is being prepared.
    Thinking,
    /// Herald speaks.
    Speaking,
    /// It is off.
    Muted,
}

/// A person or group of the contact book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Id in the contact book.
    pub id: i64,
    /// Full name.
    pub name: String,
}

impl From<Person> for Named {
    fn from(person: Person) -> Self {
        Self { id: person.id, name: person.name }
    }
}

/// What waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// What would be done: `send`, `reply`, `react`, `share_location`, `voice`, `pay`, `request_payment`.
    pub kind: &'static str,
    /// For whom.
    pub to: Vec<Named>,
    /// The words, unless nothing is to be read.
    pub body: Option<String>,
    /// What is asked: `confirm`, `whom`, `what`, `which`, `change`, `amount`, `again`, `pin`.
    pub asks: &'static str,
    /// Who may be meant.
    pub choices: Vec<Named>,
}

impl From<Proposal> for Proposed {
    fn from(proposal: Proposal) -> Self {
        let kind = match proposal.kind {
            dialogue::Proposed::Send => "send",
            dialogue::Proposed::Reply => "reply",
            dialogue::Proposed::React => "react",
            dialogue::Proposed::ShareLocation => "share_location",
            dialogue::Proposed::Voice => "voice",
            dialogue::Proposed::Pay => "pay",
            dialogue::Proposed::RequestPayment => "request_payment",
        };
        let asks = match proposal.asks {
            Asks::Confirm => "confirm",
            Asks::Whom => "whom",
            Asks::What => "what",
            Asks::Which => "which",
            Asks::Change => "change",
            Asks::Amount => "amount",
            Asks::Again => "again",
            Asks::Pin => "pin",
        };
        let named = |people: Vec<Person>| people.into_iter().map(Named::from).collect();
        Self { kind, to: named(proposal.to), body: proposal.body, asks, choices: named(proposal.choices) }
    }
}

/// Something that could be done because of what somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// By which it is taken or dismissed.
    pub id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is called.
    pub label: String,
}

/// Everything the page shows without asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// Counts what was proposed, decided or changed.
    pub version: u64,
    /// Language of the conversation.
    pub lang: Lang,
    /// `home`, `car` or the name of a file.
    pub profile: String,
    /// The car profile holds and the car is not known to stand: nothing is to be read.
    pub moving: bool,
    /// The microphone is off.
    pub muted: bool,
    /// What it does.
    pub microphone: Microphone,
    /// What was heard last.
    pub heard: Option<String>,
    /// What is being said.
    pub saying: Option<String>,
    /// What waits for a decision.
    pub proposed: Option<Proposed>,
    /// Messages nobody has read.
    pub unread: u32,
    /// Confirmed messages that have not left.
    pub unsent: u32,
    /// Changes with every message that comes or goes: lists are old then.
    pub news: i64,
    /// The last message can still be stopped.
    pub undo: bool,
    /// What could be done because of what somebody wrote.
    pub chips: Vec<Chip>,
    /// How loud Herald speaks.
    pub volume: u8,
    /// The loudest there is.
    pub loudest: u8,
    /// Quiet hours begin, `22:00`; empty: there are none.
    pub quiet_from: String,
    /// Quiet hours end.
    pub quiet_to: String,
}

/// Something that is not an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The microphone off or on.
    pub muted: Option<bool>,
    /// How loud.
    pub volume: Option<u8>,
    /// The car moves or stands.
    pub moving: Option<bool>,
    /// Quiet hours begin: `22:00`; empty: there are none.
    pub quiet_from: Option<String>,
    /// Quiet hours end.
    pub quiet_to: Option<String>,
}

/// What somebody did on the page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Do what is proposed.
    Yes,
    /// Not so.
    No,
    /// Be silent and drop what was begun.
    Stop,
    /// This one of several, or this one for whom it is.
    Choose {
        /// Id in the contact book.
        contact: i64,
    },
    /// Other words.
    Edit {
        /// All of them.
        body: String,
    },
    /// Take the last message back.
    Undo,
    /// Say it again.
    Repeat,
    /// Take the next sentence as spoken to Herald.
    Listen,
    /// "Her" means this one.
    Point {
        /// Id in the contact book.
        contact: i64,
    },
    /// Take what is offered: it becomes a draft.
    Chip {
        /// Which chip.
        id: String,
    },
    /// Wave it away.
    Dismiss {
        /// Which chip.
        id: String,
    },
    /// Begin a message.
    Write {
        /// Id in the contact book.
        contact: i64,
        /// The words.
        body: String,
    },
}

impl Act {
    /// Its name, as it is written down.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Stop => "stop",
            Self::Choose { .. } => "choose",
            Self::Edit { .. } => "edit",
            Self::Undo => "undo",
            Self::Repeat => "repeat",
            Self::Listen => "listen",
            Self::Point { .. } => "point",
            Self::Chip { .. } => "chip",
            Self::Dismiss { .. } => "dismiss",
            Self::Write { .. } => "write",
        }
    }

    /// Whether it answers what is shown, and means nothing where something else is.
    pub const fn is_answer(&self) -> bool {
        match self {
            Self::Yes | Self::No | Self::Choose { .. } | Self::Edit { .. } | Self::Undo => true,
            Self::Stop
            | Self::Repeat
            | Self::Listen
            | Self::Point { .. }
            | Self::Chip { .. }
            | Self::Dismiss { .. }
            | Self::Write { .. } => false,
        }
    }

    /// Whether what is being said need not be said any more.
    pub const fn is_heard_out(&self) -> bool {
        match self {
            Self::Yes
            | Self::No
            | Self::Stop
            | Self::Choose { .. }
            | Self::Edit { .. }
            | Self::Chip { .. }
            | Self::Write { .. } => true,
            Self::Undo | Self::Repeat | Self::Listen | Self::Point { .. } | Self::Dismiss { .. } => false,
        }
    }

    /// Whether a driver may do it.
    pub const fn is_for_drivers(&self) -> bool {
        match self {
            Self::Yes | Self::No | Self::Stop | Self::Repeat | Self::Listen => true,
            Self::Choose { .. }
            | Self::Edit { .. }
            | Self::Undo
            | Self::Point { .. }
            | Self::Chip { .. }
            | Self::Dismiss { .. }
            | Self::Write { .. } => false,
        }
    }
}

/// A touch: what was done, and the [`State::version`] that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Touch {
    /// What was seen; only answers need it.
    #[serde(default)]
    pub version: Option<u64>,
    /// What was done.
    #[serde(flatten)]
    pub act: Act,
}
