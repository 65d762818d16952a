//! What every chat network offers, and the table of networks.
//!
//! An adapter is one file: implement [`Network`], add a line to [`open`] and a variant to
//! [`NetworkKind`]. The contract tests in `tests/` run against each.

use std::{fmt, path::PathBuf, rc::Rc};

use super::{
    Chat, ConversationId, EntryKind, Household, Local, MessageId, Networks, OutboxEntry, Person, Reason, Recording,
};
use crate::{
    config::{Config, NetworkKind},
    store::{Store, StoreError},
};

/// A chat network as the outbox and inbox use it.
pub trait Network: fmt::Debug {
    /// The network's name, as in the configuration: `local`.
    fn name(&self) -> &'static str;

    /// The names of all networks that are behind it; see [`Networks`](super::Networks). A conversation names its own.
    fn names(&self) -> Vec<&'static str> {
        vec![self.name()]
    }

    /// Whether it can be reached, as far as anybody knows: the one fact that sending and receiving share.
    fn is_reachable(&self) -> bool {
        true
    }

    /// The same of one of [`Self::names`].
    fn can_reach(&self, _network: &str) -> bool {
        self.is_reachable()
    }

    /// Whether a sender learns that a message was read.
    fn tells_read(&self) -> bool {
        false
    }

    /// Makes a voice message out of a voice, mono 16 kHz samples; `None` where the network has no such thing.
    fn record(&self, _samples: &[f32]) -> Option<Recording> {
        None
    }

    /// Whether [`Self::record`] makes voice messages.
    fn takes_recordings(&self) -> bool {
        false
    }

    /// Shows the others of a conversation that somebody is writing to them, for a few seconds, or that nobody is any more.
    /// Best effort: nothing depends on it.
    fn show_typing(&mut self, _conversation: &ConversationId, _is_typing: bool) {}

    /// Hands a message over, or what is done to one. The same [`MessageId`] handed over again is the same message:
    /// nothing is delivered twice, and the answer is that of the first time. Never waits for a server: while one
    /// thinks, the answer is [`Receipt::Pending`].
    ///
    /// # Errors
    /// [`NetworkError`]; [`NetworkError::retry`] says what to do next.
    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError>;

    /// Returns what arrived and was not [acknowledged](Self::acknowledge), oldest first. May return a message
    /// again: the inbox knows it by its id.
    ///
    /// # Errors
    /// [`NetworkError`]; what arrived meanwhile comes with a later call.
    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError>;

    /// Returns recordings that arrived since the last call: of which message, and where the sound is. They are the
    /// caller's to delete.
    fn recordings(&mut self) -> Vec<(MessageId, PathBuf)> {
        Vec::new()
    }

    /// Says that all that the last [`Self::poll`] returned is on disk and need not be polled again.
    ///
    /// # Errors
    /// [`NetworkError`]; it will be polled again, which does no harm.
    fn acknowledge(&mut self) -> Result<(), NetworkError>;
}

/// The network's answer to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is thinking: hand the message over again to learn the answer.
    Pending,
    /// It has the message, and calls it so.
    Accepted {
        /// The network's own id, where it differs from ours.
        network_id: Option<String>,
    },
    /// The recipients have it.
    Delivered,
}

/// What comes from a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// Somebody wrote.
    Message(IncomingMessage),
    /// Somebody has read a conversation up to this message, whoever wrote it.
    Seen(MessageId),
    /// Who wrote a message took it back.
    Withdrawn(MessageId),
    /// Who wrote a message changed it.
    Changed(MessageId, String),
    /// People and groups one can write to.
    People(Vec<Known>),
    /// What was said without the owner, who needs not hear of it: it counts as read, and as sent where it is theirs.
    Aside {
        /// What was said.
        message: IncomingMessage,
        /// It was said in the owner's name; then `from` is whom it was said to.
        mine: bool,
    },
}

/// Somebody on a network, as it knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The network that knows them.
    pub network: &'static str,
    /// What they call themselves.
    pub name: String,
    /// What else they are called.
    pub nickname: Option<String>,
    /// Their address.
    pub address: String,
    /// Several people under one address.
    pub is_group: bool,
}

/// A message as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingMessage {
    /// The network's identity of it.
    pub id: MessageId,
    /// What it is; of a reaction, the body is an emoji.
    pub kind: EntryKind,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub from: Person,
    /// Further members of the conversation, besides the sender and the one whose it is.
    pub others: Vec<Person>,
    /// The words.
    pub body: String,
    /// The message it answers or reacts to.
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
    /// This device is not signed in, or not any more.
    #[error("this device is not signed in")]
    SignedOut,
    /// This Herald was built without it.
    #[error("this Herald was built without the network {0}")]
    NotBuilt(&'static str),
    /// Its own files are damaged: it does not have the message.
    #[error("{0}")]
    Damaged(&'static str),
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
            Self::Unreachable
            | Self::NoAnswer
            | Self::SignedOut
            | Self::NotBuilt(_)
            | Self::Damaged(_)
            | Self::Store(_) => Retry::After(None),
        }
    }

    /// Returns whether the failure concerns everything sent now, not this message.
    pub const fn concerns_all(&self) -> bool {
        match self {
            Self::Unreachable
            | Self::Busy { .. }
            | Self::SignedOut
            | Self::NotBuilt(_)
            | Self::Damaged(_)
            | Self::Store(_) => true,
            Self::NoAnswer | Self::Refused(_) => false,
        }
    }
}

/// Opens the configured network and, where the owner's shop has one, the chat with visitors of its page beside it.
///
/// # Errors
/// [`NetworkError::SignedOut`], [`NetworkError::NotBuilt`], and [`NetworkError::Store`] when its files cannot be used.
pub fn open(config: &Config, store: Rc<Store>) -> Result<Box<dyn Network>, NetworkError> {
    let main = open_main(config.action.network, Rc::clone(&store), Household::new(&config.general))?;
    Ok(if config.chat.open {
        Box::new(Networks::new(main, Box::new(Chat::new(store, config.general.lang))))
    } else {
        main
    })
}

fn open_main(kind: NetworkKind, store: Rc<Store>, household: Household) -> Result<Box<dyn Network>, NetworkError> {
    Ok(match kind {
        NetworkKind::Local => Box::new(Local::new(store, household)),
        #[cfg(feature = "matrix")]
        NetworkKind::Matrix => {
            let dir = store.dir().ok_or(NetworkError::SignedOut)?;
            Box::new(super::matrix::Matrix::open(store, &dir)?)
        }
        #[cfg(not(feature = "matrix"))]
        NetworkKind::Matrix => return Err(NetworkError::NotBuilt("matrix")),
    })
}
