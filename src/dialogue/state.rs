//! Where the conversation stands.

use std::collections::VecDeque;

use crate::intent::contacts::Resolution;

use super::{Reply, ReplyId, Withdrawal, draft::Draft, event::Unread, paying::Paying};

/// What a draft still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Recipient,
    /// The recipient, letter by letter.
    Letters,
    Content,
    /// The user said no: what should be different?
    Change,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asking {
    pub draft: Draft,
    pub missing: Missing,
    /// Silences and misunderstandings so far.
    pub failures: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choosing {
    pub draft: Draft,
    /// The name that means several people.
    pub open: Resolution,
    pub failures: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Confirming {
    /// Exactly what was read back; any change makes a new read-back.
    pub draft: Draft,
    /// The read-back: a "yes" that began before it answers something else.
    pub read_back: ReplyId,
    pub failures: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub current: Unread,
    /// What of the current message was not read yet.
    pub rest: Option<String>,
    pub queue: VecDeque<Unread>,
    /// The question that offered what [`Unread::offer`] holds; a "yes" that began before it answers something else.
    pub offered: Option<ReplyId>,
}

impl Reading {
    /// A message that was read to its end, alone.
    pub fn of(current: Unread) -> Self {
        Self { current, rest: None, queue: VecDeque::new(), offered: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paused {
    /// What waits for an answer.
    pub held: Box<State>,
    /// What was asked.
    pub question: Option<Reply>,
}

/// Where the conversation stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum State {
    /// Nobody owes anybody an answer.
    #[default]
    Idle,
    /// Asked whom, what, or what to change.
    Asking(Asking),
    /// Asked which of several people.
    Choosing(Choosing),
    /// Read back; waits for yes or no.
    Confirming(Confirming),
    /// Confirmed; waits until it is on disk.
    Acting(Draft),
    /// Waits for the unread messages.
    Fetching,
    /// Waits to hear whether the last action was stopped.
    TakingBack(Withdrawal),
    /// Told how many messages there are; waits to hear whether they shall be read.
    Offering(VecDeque<Unread>),
    /// Read a message aloud; next, repeat and reply mean that message.
    Reading(Reading),
    /// Held by the user, in the middle of a question or at rest.
    Paused(Paused),
    /// A payment is under way.
    Paying(Box<Paying>),
}

impl State {
    /// Tells whether the user is expected to say something.
    pub const fn awaits_answer(&self) -> bool {
        match self {
            Self::Asking(_)
            | Self::Choosing(_)
            | Self::Confirming(_)
            | Self::Offering(_)
            | Self::Reading(_)
            | Self::Paused(_) => true,
            Self::Paying(paying) => paying.step.awaits_answer(),
            Self::Idle | Self::Acting(_) | Self::Fetching | Self::TakingBack(_) => false,
        }
    }

    /// The message in the making, or being written down.
    pub fn draft(&self) -> Option<&Draft> {
        match self {
            Self::Asking(asking) => Some(&asking.draft),
            Self::Choosing(choosing) => Some(&choosing.draft),
            Self::Confirming(confirming) => Some(&confirming.draft),
            Self::Acting(draft) => Some(draft),
            Self::Paused(paused) => paused.held.draft(),
            Self::Idle
            | Self::Fetching
            | Self::TakingBack(_)
            | Self::Offering(_)
            | Self::Reading(_)
            | Self::Paying(_) => None,
        }
    }

    /// Returns the message in the making, which nobody confirmed.
    pub fn into_draft(self) -> Option<Draft> {
        match self {
            Self::Asking(asking) => Some(asking.draft),
            Self::Choosing(mut choosing) => {
                choosing.draft.open.insert(0, choosing.open);
                Some(choosing.draft)
            }
            Self::Confirming(confirming) => Some(confirming.draft),
            Self::Paused(paused) => paused.held.into_draft(),
            Self::Idle
            | Self::Acting(_)
            | Self::Fetching
            | Self::TakingBack(_)
            | Self::Offering(_)
            | Self::Reading(_)
            | Self::Paying(_) => None,
        }
    }
}
