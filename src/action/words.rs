//! The words of this module: messages, people, states.

use std::fmt;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::config::General;

/// Identity of one message for ever: a UUIDv7, made when the message is confirmed. The transaction id a network
/// gets follows from it, so sending a message twice delivers it once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(String);

impl MessageId {
    /// Makes a new id.
    #[allow(clippy::new_without_default, reason = "each is different: a default would mislead")]
    pub fn new() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    /// Reads an id, as typed after `herald outbox retry`: a UUID, or what a network calls a message that arrived
    /// (Matrix: an event id, which begins with `$`).
    ///
    /// # Errors
    /// [`InvalidMessageId`] when the text is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidMessageId> {
        let text = text.trim();
        if text.len() > 1 && text.starts_with('$') {
            return Ok(Self(text.to_owned()));
        }
        Uuid::try_parse(text).map(|id| Self(id.to_string())).map_err(|_| InvalidMessageId)
    }

    /// Takes an id as a network or the journal gives it.
    pub(super) const fn from_network(text: String) -> Self {
        Self(text)
    }

    /// When it was made, milliseconds since 1970 by the clock of that moment; `None` for an id we did not make.
    pub fn made_at_ms(&self) -> Option<i64> {
        let (seconds, nanos) = Uuid::try_parse(&self.0).ok()?.get_timestamp()?.to_unix();
        Some(i64::try_from(seconds).ok()?.saturating_mul(1_000).saturating_add(i64::from(nanos / 1_000_000)))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What the ids of invitations begin with.
pub const INVITATION: &str = "$invite:";

/// A text that is no message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message id: `herald outbox` shows the ids")]
pub struct InvalidMessageId;

/// Who of those that share the device: its owner, or one of `general.accounts`. Each has conversations of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Account(String);

impl Account {
    /// The owner's.
    pub fn owner() -> Self {
        Self::default()
    }

    /// Somebody else's, by the name in the configuration, which holds neither `/` nor `:`.
    pub fn of(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Tells whether it is the owner's.
    pub fn is_owner(&self) -> bool {
        self.0.is_empty()
    }

    /// The name in the configuration; empty for the owner.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everybody who shares the device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Household {
    /// What the owner is called.
    pub owner: String,
    /// What the others are called: full names, as in the contact book.
    pub others: Vec<String>,
}

impl Household {
    /// Takes it out of the configuration.
    pub fn new(general: &General) -> Self {
        Self { owner: general.owner.clone(), others: general.accounts.clone() }
    }

    /// Returns what somebody is called.
    pub fn name<'a>(&'a self, account: &'a Account) -> &'a str {
        if account.is_owner() { &self.owner } else { account.as_str() }
    }

    /// Returns everybody's account, the owner's first.
    pub fn accounts(&self) -> impl Iterator<Item = Account> {
        std::iter::once(Account::owner()).chain(self.others.iter().map(Account::of))
    }
}

/// Identity of a conversation: the network's name, whose it is, and the addresses of its members, in order of the
/// alphabet, the one whose it is not counted. The same people are always the same conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ConversationId(String);

impl ConversationId {
    /// Returns the conversation of one of the household with these people on a network.
    pub fn between(network: &str, account: &Account, members: &[Person]) -> Self {
        let mut addresses: Vec<&str> = members.iter().map(|member| member.address.as_str()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let slash = if account.is_owner() { "" } else { "/" };
        Self(format!("{network}{slash}{}:{}", account.as_str(), addresses.join("+")))
    }

    /// Takes an id as a network or the journal gives it.
    pub const fn from_network(text: String) -> Self {
        Self(text)
    }

    /// Returns the name of its network.
    pub fn network(&self) -> &str {
        self.parts().0
    }

    /// Returns whose it is.
    pub fn account(&self) -> Account {
        Account::of(self.parts().1)
    }

    fn parts(&self) -> (&str, &str) {
        let head = self.0.split_once(':').map_or("", |(head, _)| head);
        head.split_once('/').unwrap_or((head, ""))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody a message comes from or goes to: a contact (a person, or a group under its own name), or a stranger.
/// Whose conversation it is is never a `Person` of it: where a sender is missing, it is that one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    /// The contact's id in the contact book; `None` for a stranger.
    pub contact_id: Option<i64>,
    /// Full name, as shown and spoken.
    pub name: String,
    /// Address on the network (the contact's handle).
    pub address: String,
}

impl Person {
    /// Returns a contact as the local network knows it, where its id is its address.
    pub fn on_local(contact_id: i64, name: impl Into<String>) -> Self {
        Self { contact_id: Some(contact_id), name: name.into(), address: contact_id.to_string() }
    }
}

/// Declares an enum whose variants are words in the database and in JSON.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Returns the word of the outer contract.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Returns what a word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(in crate::action) use words;

words! {
    /// What a message is; of an outbox row, what it asks the network to do.
    EntryKind {
        /// A message.
        Send = "send",
        /// A message that answers another one.
        Reply = "reply",
        /// A reaction to a message; the body is an emoji.
        React = "react",
        /// A place.
        ShareLocation = "share_location",
        /// What is answered for a driver.
        AutoReply = "auto_reply",
        /// The sender of a message learns that it was read. No message itself.
        Read = "read",
        /// A message is taken back from everybody's eyes. No message itself.
        Redact = "redact",
        /// An invitation is accepted. No message itself.
        Join = "join",
        /// Arrived: an invitation to a conversation; the body is its name.
        Invite = "invite",
        /// Arrived: the first message of a visitor of the shop's page.
        Visit = "visit",
        /// Arrived: a question with its answers.
        Poll = "poll",
        /// Arrived: a recording; the body is what is said in it.
        Voice = "voice",
        /// Arrived: a picture; the body is its caption or file name.
        Picture = "picture",
        /// Arrived: a file of another kind; the body is its name.
        File = "file",
    }
}

impl EntryKind {
    /// Whether it is something written, which inbox and outbox list; the others are done in silence.
    pub const fn is_message(self) -> bool {
        !matches!(self, Self::Read | Self::Redact | Self::Join)
    }
}

words! {
    /// What the audit trail remembers, and why it was done.
    Deed {
        /// Something was sent, after a yes.
        Confirmed = "confirmed",
        /// It was told that somebody wrote, by the rules of the profile.
        Told = "told",
        /// It was not told, because of quiet hours.
        KeptQuiet = "kept_quiet",
        /// It was not told, by the rules of the profile.
        Held = "held",
        /// Somebody was answered, because the user drives.
        Driving = "driving",
    }
}

words! {
    /// Where a message stands. Outgoing: `queued -> sending -> sent -> delivered`, or one of the ends
    /// `unverified`, `wedged`, `undone`, `expired`. Incoming: `received -> read`.
    Status {
        /// Confirmed and on disk; the network does not have it.
        Queued = "queued",
        /// Handed to the network, which has not answered; it may have it.
        Sending = "sending",
        /// The network has it.
        Sent = "sent",
        /// The recipients have it.
        Delivered = "delivered",
        /// Handed to the network, which never answered; nobody can tell any more.
        Unverified = "unverified",
        /// Stuck for good, with a reason; the user may retry or drop it.
        Wedged = "wedged",
        /// Taken back by the user.
        Undone = "undone",
        /// Waited too long for the network and was not sent; the user may retry or drop it.
        Expired = "expired",
        /// Incoming, not read.
        Received = "received",
        /// Incoming, read.
        Read = "read",
    }
}

words! {
    /// Why a message did not arrive.
    Reason {
        /// The network does not take messages of this size.
        TooLarge = "too_large",
        /// The network does not let the owner write there.
        Forbidden = "forbidden",
        /// The network does not know the recipient.
        UnknownRecipient = "unknown_recipient",
        /// The network refuses the message for another reason.
        Refused = "refused",
        /// There was no network for too long.
        NoNetwork = "no_network",
        /// The network took the message and never answered.
        NoAnswer = "no_answer",
    }
}

/// One thing to be sent, exactly as it was confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its identity.
    pub id: MessageId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// What to do.
    pub kind: EntryKind,
    /// The other members of the conversation.
    pub to: Vec<Person>,
    /// The words.
    pub body: String,
    /// The message it answers.
    pub in_reply_to: Option<MessageId>,
    /// Of a voice message, its sound. It is forgotten when the network has it.
    pub recording: Option<Recording>,
}

/// A voice as a network wants it.
#[derive(Clone, PartialEq, Eq)]
pub struct Recording {
    /// An Ogg file with Opus in it (RFC 7845).
    pub ogg: Vec<u8>,
    /// How long it is.
    pub duration_ms: u64,
}

impl fmt::Debug for Recording {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Recording").field("duration_ms", &self.duration_ms).finish_non_exhaustive()
    }
}

impl OutboxEntry {
    /// Makes a message of one of the household to the conversation with these people on a network, under a new id.
    pub fn send(network: &str, account: &Account, to: Vec<Person>, body: impl Into<String>) -> Self {
        Self {
            id: MessageId::new(),
            conversation: ConversationId::between(network, account, &to),
            kind: EntryKind::Send,
            to,
            body: body.into(),
            in_reply_to: None,
            recording: None,
        }
    }

    /// Makes what is done to a message of a conversation: answer it, react to it, read it, take it back.
    pub fn about(
        kind: EntryKind,
        message: MessageId,
        conversation: ConversationId,
        to: Vec<Person>,
        body: impl Into<String>,
    ) -> Self {
        let (id, body, in_reply_to) = (MessageId::new(), body.into(), Some(message));
        Self { id, conversation, kind, to, body, in_reply_to, recording: None }
    }
}

/// What became of an outbox row; one is returned each time its state changes for good or ill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Which message.
    pub id: MessageId,
    /// Where it stands now.
    pub status: Status,
    /// Why, for `unverified`, `wedged` and `expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// A message as `herald inbox` and `herald outbox` print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageLine {
    /// Its identity.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// What it is.
    pub kind: EntryKind,
    /// Whether one of the household wrote it.
    #[serde(skip)]
    pub mine: bool,
    /// Name of who wrote it.
    pub from: String,
    /// Names of everybody it went to.
    pub to: Vec<String>,
    /// The words.
    pub body: String,
    /// Where it stands.
    pub status: Status,
    /// When it was confirmed or written: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// Why it is stuck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
