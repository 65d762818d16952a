//! The inbox: what arrived, what of it is unread, and the list of everything received and sent.
//!
//! The journal decides what is new, not the network: a message is recorded once, announced at most once, and
//! stays unread until it was read, whatever a network repeats.

use std::rc::Rc;

use super::{
    Account, EntryKind, Household, IncomingMessage, MessageId, MessageLine, Network, NetworkError,
    journal::{self, Message},
};
use crate::store::{Store, StoreError};

/// What has arrived somewhere: neither waiting nor stuck nor taken back.
const LISTED: &str = "status IN ('received', 'read', 'sent', 'delivered', 'unverified')";

/// The inbox of one data directory.
#[derive(Debug)]
pub struct Inbox {
    store: Rc<Store>,
    household: Household,
}

impl Inbox {
    /// Opens the inbox of all who share the device.
    pub const fn new(store: Rc<Store>, household: Household) -> Self {
        Self { store, household }
    }

    /// Fetches what arrived on the network and records it, unread and unannounced; returns how many messages
    /// are new.
    ///
    /// # Errors
    /// [`NetworkError`]; what was recorded stays, the rest comes with the next call.
    pub fn receive(&self, network: &mut dyn Network) -> Result<usize, NetworkError> {
        let arrived = network.poll()?;
        if arrived.is_empty() {
            return Ok(0);
        }
        let new = self.record(&arrived)?;
        let ids: Vec<MessageId> = arrived.into_iter().map(|message| message.id).collect();
        network.acknowledge(&ids)?;
        Ok(new)
    }

    /// Writes messages down, all or none; those that are there already stay as they are. Returns how many were
    /// new.
    fn record(&self, arrived: &[IncomingMessage]) -> Result<usize, StoreError> {
        self.store.write(|transaction| {
            let mut new = 0;
            for message in arrived {
                journal::register(
                    transaction,
                    &message.conversation,
                    std::iter::once(&message.from).chain(&message.others),
                )?;
                let kind = if message.in_reply_to.is_some() { EntryKind::Reply } else { EntryKind::Send };
                new += transaction
                    .prepare_cached(
                        "INSERT OR IGNORE INTO messages
                             (id, conversation, kind, sender, body, in_reply_to, at, status, announced)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'received', 0)",
                    )?
                    .execute((
                        message.id.as_str(),
                        message.conversation.as_str(),
                        kind.as_str(),
                        &message.from.address,
                        &message.body,
                        message.in_reply_to.as_ref().map(MessageId::as_str),
                        &message.at,
                    ))?;
            }
            Ok(new)
        })
    }

    /// Returns what has arrived since the last call, also of an earlier run, oldest first. Each message is
    /// returned once: it is on disk as announced before this returns.
    ///
    /// # Errors
    /// [`StoreError`]; nothing counts as announced.
    pub fn announce(&self) -> Result<Vec<IncomingMessage>, StoreError> {
        // Looked at all the time and nearly always empty: no write transaction for that.
        if self.select("WHERE announced = 0 LIMIT 1", [])?.is_empty() {
            return Ok(Vec::new());
        }
        self.store.write(|transaction| {
            let messages = self.select("WHERE announced = 0 ORDER BY seq", [])?;
            transaction.execute("UPDATE messages SET announced = 1 WHERE announced = 0", [])?;
            Ok(messages)
        })
    }

    /// Keeps exactly these messages to be told together later; survives a restart.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed.
    pub fn keep_for_digest(&self, ids: &[MessageId]) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            transaction.execute("UPDATE messages SET announced = 1 WHERE announced = 2", [])?;
            let mut update = transaction.prepare_cached("UPDATE messages SET announced = 2 WHERE id = ?1")?;
            for id in ids {
                update.execute([id.as_str()])?;
            }
            Ok(())
        })
    }

    /// Returns what an earlier run kept to be told later and nobody has read since, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn kept_for_digest(&self) -> Result<Vec<IncomingMessage>, StoreError> {
        self.select("WHERE announced = 2 AND status = 'received' ORDER BY seq", [])
    }

    /// Returns what one of the household has not read, of one contact or of everybody: conversation by conversation,
    /// the one that waits longest first, each oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn unread(&self, account: &Account, from_contact: Option<i64>) -> Result<Vec<IncomingMessage>, StoreError> {
        self.select(
            "WHERE status = 'received'
               AND (SELECT account FROM conversations WHERE id = messages.conversation) = ?2
               AND (?1 IS NULL OR EXISTS (
                 SELECT 1 FROM conversation_members AS member
                 WHERE member.conversation = messages.conversation AND member.address = messages.sender
                   AND member.contact_id = ?1))
             ORDER BY MIN(seq) OVER (PARTITION BY conversation), seq",
            (from_contact, account.as_str()),
        )
    }

    /// Returns a message that arrived, `None` when there is none with this id.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn message(&self, id: &MessageId) -> Result<Option<IncomingMessage>, StoreError> {
        Ok(self.select("WHERE id = ?1 AND sender IS NOT NULL", [id.as_str()])?.into_iter().next())
    }

    /// Marks messages as read; unknown ids are passed over.
    ///
    /// # Errors
    /// [`StoreError`]; all of them stay as they were.
    pub fn mark_read(&self, ids: &[MessageId]) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            let mut update = transaction
                .prepare_cached("UPDATE messages SET status = 'read' WHERE id = ?1 AND status = 'received'")?;
            for id in ids {
                update.execute([id.as_str()])?;
            }
            Ok(())
        })
    }

    /// Returns everything received and sent, oldest first. What still waits or is stuck is in the outbox.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn list(&self) -> Result<Vec<MessageLine>, StoreError> {
        self.lines(&format!("WHERE {LISTED} ORDER BY seq"), [])
    }

    /// Returns the last so many of [`Self::list`], oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn last(&self, most: u32) -> Result<Vec<MessageLine>, StoreError> {
        let mut lines = self.lines(&format!("WHERE {LISTED} ORDER BY seq DESC LIMIT ?1"), [most])?;
        lines.reverse();
        Ok(lines)
    }

    /// Returns the last so many of [`Self::list`] that hold all these words or words that begin so, whatever their case
    /// and accents; the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn search(&self, words: &str, most: u32) -> Result<Vec<MessageLine>, StoreError> {
        let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let pattern: Vec<String> = words.map(|word| format!("\"{word}\"*")).collect();
        if pattern.is_empty() {
            return Ok(Vec::new());
        }
        self.lines(
            &format!(
                "JOIN (SELECT rowid AS found FROM messages_words WHERE messages_words MATCH ?1) ON found = messages.seq
                 WHERE {LISTED} ORDER BY found DESC LIMIT ?2"
            ),
            (pattern.join(" "), most),
        )
    }

    fn lines(&self, rest: &str, parameters: impl rusqlite::Params) -> Result<Vec<MessageLine>, StoreError> {
        let messages = journal::messages(self.store.connection(), rest, parameters)?;
        Ok(messages.into_iter().map(|message| self.line(message)).collect())
    }

    fn line(&self, message: Message) -> MessageLine {
        let names = |people: Vec<super::Person>| people.into_iter().map(|person| person.name);
        let own = self.household.name(&message.conversation.account()).to_owned();
        let (from, to) = match message.sender {
            None => (own, names(message.members).collect()),
            Some(sender) => {
                let (from, others) = journal::split_sender(message.members, sender);
                (from.name, std::iter::once(own).chain(names(others)).collect())
            }
        };
        MessageLine {
            id: message.id,
            conversation: message.conversation,
            from,
            to,
            body: message.body,
            status: message.status,
            at: message.at,
            reason: message.reason,
        }
    }

    fn select(&self, rest: &str, parameters: impl rusqlite::Params) -> Result<Vec<IncomingMessage>, StoreError> {
        let messages = journal::messages(self.store.connection(), rest, parameters)?;
        Ok(messages.into_iter().filter_map(incoming).collect())
    }
}

/// Turns a row back into what arrived; `None` for an outgoing message.
fn incoming(message: Message) -> Option<IncomingMessage> {
    let (from, others) = journal::split_sender(message.members, message.sender?);
    Some(IncomingMessage {
        id: message.id,
        conversation: message.conversation,
        from,
        others,
        body: message.body,
        in_reply_to: message.in_reply_to,
        at: message.at,
    })
}
