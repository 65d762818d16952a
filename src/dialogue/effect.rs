//! What to do, in the imperative: all that a [`Dialogue`](super::Dialogue) can ask of the world.

use std::{ops::Range, time::Duration};

use serde::Serialize;

use crate::{config::Lang, intent::Expected, listen::Expect, suggest::Kind};

use super::{Payment, Person, RecordingId, ReplyId, TimerId, TurnId};

/// Why Herald speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyKind {
    /// What a "yes" would do.
    Readback,
    /// Something only the user knows.
    Question,
    /// What was done or found.
    Answer,
    /// What could not be done.
    Error,
    /// News that nobody asked for.
    Announce,
}

/// What Herald says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Counts up; comes back with [`Event::Spoken`](super::Event::Spoken).
    pub id: ReplyId,
    /// The words.
    pub text: String,
    /// Their language.
    pub lang: Lang,
    /// Why it is said.
    pub kind: ReplyKind,
    /// Which piece of the words is somebody else's, and in another language.
    pub quoted: Option<(Range<usize>, Lang)>,
}

impl Reply {
    /// The words as they are spoken: piece by piece, each by the voice of its language.
    pub fn parts(&self) -> Vec<(Lang, &str)> {
        let quoted = self.quoted.as_ref().and_then(|(range, lang)| {
            let (before, rest) = self.text.split_at_checked(range.start)?;
            let (quoted, after) = rest.split_at_checked(range.len())?;
            Some([(self.lang, before), (*lang, quoted), (self.lang, after)])
        });
        let parts = quoted.map_or_else(|| vec![(self.lang, self.text.as_str())], Vec::from);
        parts.into_iter().filter(|(_, part)| part.contains(char::is_alphanumeric)).collect()
    }
}

/// What the dialogue wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// How much waits.
    Waiting,
    /// What Herald did last, and why.
    Why,
    /// Nothing: what Herald did is forgotten.
    Forget,
    /// Whose account this name is: they speak from now on.
    Speaker(String),
    /// Who owes whom: the user and this person, or everybody.
    Owed(Option<Person>),
    /// The last payment.
    LastPaid,
}

/// What the user confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A new message to each of these.
    Send {
        /// To whom; never empty.
        to: Vec<Person>,
        /// The words.
        body: String,
        /// The sound of the words, which is what is sent.
        recording: Option<RecordingId>,
    },
    /// An answer in the conversation of a message that was read aloud.
    Reply {
        /// To whom.
        to: Person,
        /// Inbox id of the message that is answered.
        answers: String,
        /// The words.
        body: String,
        /// The sound of the words, which is what is sent.
        recording: Option<RecordingId>,
    },
    /// A reaction to a message that was read aloud.
    React {
        /// Who wrote the message.
        to: Person,
        /// Inbox id of the message.
        answers: String,
        /// An emoji.
        reaction: String,
    },
    /// Where the device is.
    ShareLocation {
        /// To whom; never empty.
        to: Vec<Person>,
        /// The place, in words.
        body: String,
    },
}

/// What became of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// It was said or shown.
    Shown,
    /// The user wants it: there is a draft.
    Taken,
    /// The user does not want it.
    Dismissed,
}

/// What was said to stop the last action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// "Undo" means it wherever it is.
    Undo,
    /// "Cancel" at rest means the message that is about to leave, if there is one.
    Cancel,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    // Voice.
    /// Speak a reply after those that are still being spoken.
    Say(Reply),
    /// The next utterance will probably be of this kind.
    Listen(Expect, Expected),

    // The world; the result comes back with the same turn.
    /// Write a confirmed action to the outbox.
    Act(TurnId, Action),
    /// Stop the last action, or delete it where it arrived.
    TakeBack(TurnId, Withdrawal),
    /// Find unread messages, of one person or of all.
    FetchUnread(TurnId, Option<Person>),
    /// Find something out.
    Look(TurnId, Look),
    /// These inbox ids were read aloud.
    MarkRead(Vec<String>),
    /// Accept the invitation with this inbox id.
    Join(String),

    /// By these words the user means this person, as a confirmed action has shown.
    Remember(String, Person),
    /// Something was offered, taken or waved away.
    Suggestion(Kind, Use),

    // Money; the result comes back with the same turn.
    /// Judge a payment that is about to be read back. One that was judged before is judged again when the user has said
    /// that the same is meant once more, and after a wrong PIN.
    CheckPayment(TurnId, Payment),
    /// Show on the page where to enter the PIN for a confirmed payment; comes back with
    /// [`Event::PinGiven`](super::Event::PinGiven).
    AskPin(TurnId, Payment),
    /// Pay what was confirmed, once.
    Pay(TurnId, Payment),
    /// Note that somebody is asked for money; the message to them is an [`Effect::Act`] of its own.
    RequestPayment(TurnId, Payment),

    // The house.
    /// Speak this loud, 1 to [`LOUDEST`](super::LOUDEST), also after a restart.
    SetVolume(u8),
    /// Hear nothing until the microphone is turned on by hand, also after a restart.
    Mute,

    // Time.
    /// Come back with [`Event::TimerFired`](super::Event::TimerFired) after this time.
    StartTimer(TimerId, Duration),
    /// A timer is no longer wanted.
    CancelTimer(TimerId),
}
