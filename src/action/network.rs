//! What every chat network offers, and the table of networks.
//!
//! An adapter is one file: implement [`Network`], add a line to [`open`] and a variant to
//! [`NetworkKind`]. The contract tests in `tests/` run against each.

use std::{fmt, rc::Rc};

use super::{ConversationId, Household, Local, MessageId, OutboxEntry, Person, Reason};
use crate::{
    config::NetworkKind,
    store::{Store, StoreError},
};

/// A chat network as the outbox and inbox use it.
pub trait Network: fmt::Debug {
    /// The network's name, as in the configuration: `local`.
    fn name(&self) -> &'static str;

    /// Hands a message over. The same [`MessageId`] handed over again is the same message: nothing is delivered
    /// twice, and the answer is that of the first time.
    ///
    /// # Errors
    /// [`NetworkError`]; [`NetworkError::retry`] says what to do next.
    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError>;

    /// Returns what arrived and was not [acknowledged](Self::acknowledge), oldest first. May return a message
    /// again: the inbox knows it by its id.
    ///
    /// # Errors
    /// [`NetworkError`]; what arrived meanwhile comes with a later call.
    fn poll(&mut self) -> Result<Vec<IncomingMessage>, NetworkError>;

    /// Says that these messages are on disk in the inbox and need not be polled again.
    ///
    /// # Errors
    /// [`NetworkError`]; the messages will be polled again, which does no harm.
    fn acknowledge(&mut self, ids: &[MessageId]) -> Result<(), NetworkError>;

    /// Withdraws a message the network already has, as far as it can, from everybody's eyes.
    ///
    /// # Errors
    /// [`NetworkError`]; the message stays as it was.
    fn take_back(&mut self, entry: &OutboxEntry) -> Result<(), NetworkError>;
}

/// The network's answer to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// It has the message.
    Accepted,
    /// The recipients have it.
    Delivered,
}

/// A message as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingMessage {
    /// The network's identity of it.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub from: Person,
    /// Further members of the conversation, besides the sender and the one whose it is.
    pub others: Vec<Person>,
    /// The words.
    pub body: String,
    /// The message it answers.
    pub in_reply_to: Option<MessageId>,
    /// When it was written, by the network's account: RFC 3339, UTC, milliseconds.
    pub at: String,
}

impl IncomingMessage {
    /// Returns everybody an answer goes to.
    pub fn reply_to(&self) -> Vec<Person> {
        std::iter::once(&self.from).chain(&self.others).cloned().collect()
    }
}

/// What to do about a failed sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail again for the same reason.
    Never(Reason),
    /// Send again, not before so many milliseconds if the network named a time.
    After(Option<u64>),
}

/// Why a network did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// It cannot be reached: it does not have the message.
    #[error("the network cannot be reached")]
    Unreachable,
    /// It is there but does not take messages now (too many requests): it does not have the message.
    #[error("the network asks to wait")]
    Busy {
        /// Not before so many milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// The connection broke, or it failed, after the message had left: it may have it.
    #[error("the network did not answer")]
    NoAnswer,
    /// It refuses the message for good.
    #[error("the network refuses the message: {0}")]
    Refused(Reason),
    /// The network's own files cannot be used: it does not have the message.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NetworkError {
    /// Says whether and when to send again.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Refused(reason) => Retry::Never(*reason),
            Self::Busy { retry_after_ms } => Retry::After(*retry_after_ms),
            Self::Unreachable | Self::NoAnswer | Self::Store(_) => Retry::After(None),
        }
    }

    /// Returns whether the failure concerns everything sent now, not this message.
    pub const fn concerns_all(&self) -> bool {
        match self {
            Self::Unreachable | Self::Busy { .. } | Self::Store(_) => true,
            Self::NoAnswer | Self::Refused(_) => false,
        }
    }
}

/// Opens the configured network.
pub fn open(kind: NetworkKind, store: Rc<Store>, household: Household) -> Box<dyn Network> {
    match kind {
        NetworkKind::Local => Box::new(Local::new(store, household)),
    }
}
