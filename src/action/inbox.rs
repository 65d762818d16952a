//! The inbox: what arrived, what of it is unread, and the list of everything received and sent.
//!
//! The journal decides what is new, not the network: a message is recorded once, announced at most once, and
//! stays unread until it was read, whatever a network repeats.

use std::rc::Rc;

use rusqlite::Connection;

use super::{
    Account, Arrived, ConversationId, EntryKind, Household, IncomingMessage, Known, MessageId, MessageLine, Network,
    NetworkError, Outcome, Person, Status, chat,
    journal::{self, Message},
};
use crate::store::{Store, StoreError};

/// What has arrived somewhere: neither waiting nor stuck nor taken back.
const LISTED: &str = "status IN ('received', 'read', 'sent', 'delivered', 'unverified')
                      AND kind NOT IN ('read', 'redact', 'join')";

/// What is a message to whoever reads a conversation.
const SHOWN: &str = "kind NOT IN ('read', 'redact', 'join')";

/// A conversation as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationLine {
    /// Its identity.
    pub id: ConversationId,
    /// Everybody in it but the one whose it is.
    pub people: Vec<Person>,
    /// How many of its messages nobody has read.
    pub unread: u32,
    /// The newest.
    pub last: Option<MessageLine>,
}

/// What a network brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// How many messages are new.
    pub messages: usize,
    /// Sent messages that are now known to be with their recipients.
    pub delivered: Vec<Outcome>,
    /// People and groups one can write to.
    pub people: Vec<Known>,
}

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

    /// Fetches what arrived on the network and records it, unread and unannounced.
    ///
    /// # Errors
    /// [`NetworkError`]; what was recorded stays, the rest comes with the next call.
    pub fn receive(&self, network: &mut dyn Network) -> Result<News, NetworkError> {
        let arrived = network.poll()?;
        let news = if arrived.is_empty() { News::default() } else { self.record(arrived)? };
        network.acknowledge()?;
        Ok(news)
    }

    /// Writes down what arrived, all or nothing; messages that are there already stay as they are.
    fn record(&self, arrived: Vec<Arrived>) -> Result<News, StoreError> {
        self.store.write(|transaction| {
            let mut news = News::default();
            for arrived in arrived {
                match arrived {
                    Arrived::Message(message) => news.messages += add(transaction, &message, Said::ToOwner)?,
                    Arrived::Aside { message, mine: false } => {
                        add(transaction, &message, Said::Aside)?;
                    }
                    Arrived::Aside { message, mine: true } => {
                        add(transaction, &message, Said::ByOwner)?;
                    }
                    Arrived::Seen(id) => news.delivered.extend(seen(transaction, &id)?),
                    Arrived::Withdrawn(id) => change(transaction, &id, None)?,
                    Arrived::Changed(id, body) => change(transaction, &id, Some(&body))?,
                    Arrived::People(people) => news.people.extend(people),
                }
            }
            Ok(news)
        })
    }

    /// Writes down what is said in a recording.
    ///
    /// # Errors
    /// [`StoreError`]; it stays without words.
    pub fn transcribed(&self, id: &MessageId, text: &str) -> Result<(), StoreError> {
        change(self.store.connection(), id, Some(text))
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
                   AND (member.contact_id = ?1 OR member.contact_id IS NULL AND EXISTS (
                     SELECT 1 FROM contact_handles AS handle WHERE handle.contact = ?1
                       AND handle.network = (SELECT network FROM conversations WHERE id = messages.conversation)
                       AND handle.address = member.address))))
             ORDER BY MIN(seq) OVER (PARTITION BY conversation), seq",
            (from_contact, account.as_str()),
        )
    }

    /// How many messages one of the household has not read.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn count_unread(&self, account: &Account) -> Result<u32, StoreError> {
        let mut select = self.store.connection().prepare_cached(
            "SELECT COUNT(*) FROM messages WHERE status = 'received'
               AND (SELECT account FROM conversations WHERE id = messages.conversation) = ?1",
        )?;
        Ok(select.query_row([account.as_str()], |row| row.get(0))?)
    }

    /// The number of the newest message, of whatever kind.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn newest(&self) -> Result<i64, StoreError> {
        let mut select = self.store.connection().prepare_cached("SELECT COALESCE(MAX(seq), 0) FROM messages")?;
        Ok(select.query_row([], |row| row.get(0))?)
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

    /// Returns the conversations of one of the household, the one with the newest message first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn conversations(&self, account: &Account) -> Result<Vec<ConversationLine>, StoreError> {
        let mut select = self.store.connection().prepare_cached(&format!(
            "SELECT id, (SELECT MAX(seq) FROM messages WHERE conversation = conversations.id AND {SHOWN}) AS newest,
                    (SELECT COUNT(*) FROM messages WHERE conversation = conversations.id AND status = 'received')
             FROM conversations WHERE account = ?1 AND newest IS NOT NULL ORDER BY newest DESC"
        ))?;
        let rows = select.query_map([account.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, u32>(2)?))
        })?;
        let mut lines = Vec::new();
        for row in rows {
            let (id, newest, unread) = row?;
            let people = journal::members(self.store.connection(), &id)?;
            let last = self.lines("WHERE seq = ?1", [newest])?.pop();
            lines.push(ConversationLine { id: ConversationId::from_network(id), people, unread, last });
        }
        Ok(lines)
    }

    /// Returns so many messages of a conversation, oldest first: the last ones, or the last ones before another. What
    /// waits and what is stuck is among them.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn conversation(
        &self,
        id: &ConversationId,
        before: Option<&MessageId>,
        most: u32,
    ) -> Result<Vec<MessageLine>, StoreError> {
        let mut lines = self.lines(
            &format!(
                "WHERE conversation = ?1 AND {SHOWN}
                   AND (?2 IS NULL OR seq < (SELECT seq FROM messages WHERE id = ?2))
                 ORDER BY seq DESC LIMIT ?3"
            ),
            (id.as_str(), before.map(MessageId::as_str), most),
        )?;
        lines.reverse();
        Ok(lines)
    }

    /// Returns so many messages of a conversation, oldest first, with one of them in their middle.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn around(&self, id: &ConversationId, middle: &MessageId, most: u32) -> Result<Vec<MessageLine>, StoreError> {
        let mut lines = self.conversation(id, Some(middle), most / 2)?;
        lines.extend(self.lines(
            &format!(
                "WHERE conversation = ?1 AND {SHOWN} AND seq >= (SELECT seq FROM messages WHERE id = ?2)
                 ORDER BY seq LIMIT ?3"
            ),
            (id.as_str(), middle.as_str(), most - most / 2),
        )?);
        Ok(lines)
    }

    /// Returns the ids of a conversation's messages that nobody has read, up to one of them, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn unread_up_to(&self, id: &ConversationId, last: &MessageId) -> Result<Vec<String>, StoreError> {
        let found = self.select(
            "WHERE conversation = ?1 AND status = 'received' AND seq <= (SELECT seq FROM messages WHERE id = ?2)
             ORDER BY seq",
            (id.as_str(), last.as_str()),
        )?;
        Ok(found.into_iter().map(|message| message.id.as_str().to_owned()).collect())
    }

    /// Deletes every message, what waits to be sent included, the audit trail, kept links and figures.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was deleted.
    pub fn erase(&self) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            transaction.execute_batch(
                "DELETE FROM messages; DELETE FROM local_messages; DELETE FROM conversation_members;
                 DELETE FROM conversations; DELETE FROM audit;
                 DELETE FROM links; DELETE FROM figures;",
            )?;
            chat::erase(transaction)
        })
    }

    fn lines(&self, rest: &str, parameters: impl rusqlite::Params) -> Result<Vec<MessageLine>, StoreError> {
        let messages = journal::messages(self.store.connection(), rest, parameters)?;
        Ok(messages.into_iter().map(|message| self.line(message)).collect())
    }

    fn line(&self, message: Message) -> MessageLine {
        let names = |people: Vec<Person>| people.into_iter().map(|person| person.name);
        let own = self.household.name(&message.conversation.account()).to_owned();
        let mine = message.sender.is_none();
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
            kind: message.kind,
            mine,
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

/// Of a message that arrives: who said it, and whether the owner is to hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    ToOwner,
    Aside,
    ByOwner,
}

/// Writes a message down unless it is there; returns how many are new.
fn add(connection: &Connection, message: &IncomingMessage, said: Said) -> Result<usize, StoreError> {
    let people = std::iter::once(&message.from).chain(&message.others);
    journal::register(connection, &message.conversation, people)?;
    let sender = (said != Said::ByOwner).then_some(&message.from.address);
    let (status, announced) = match said {
        Said::ToOwner => (Status::Received, Some(0)),
        Said::Aside => (Status::Read, Some(1)),
        Said::ByOwner => (Status::Sent, None),
    };
    Ok(connection
        .prepare_cached(
            "INSERT OR IGNORE INTO messages
                 (id, conversation, kind, sender, body, in_reply_to, at, status, announced)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            message.id.as_str(),
            message.conversation.as_str(),
            message.kind.as_str(),
            sender,
            &message.body,
            message.in_reply_to.as_ref().map(MessageId::as_str),
            &message.at,
            status.as_str(),
            announced,
        ))?)
}

/// Everything sent in a conversation up to a message is with its recipients: they have read that far.
fn seen(connection: &Connection, id: &MessageId) -> Result<Vec<Outcome>, StoreError> {
    let mut update = connection.prepare_cached(
        "UPDATE messages SET status = 'delivered'
         FROM (SELECT conversation AS of, seq AS up_to FROM messages WHERE id = ?1)
         WHERE conversation = of AND seq <= up_to AND sender IS NULL AND status = 'sent' RETURNING id, kind",
    )?;
    let rows = update.query_map([id.as_str()], |row| {
        Ok((MessageId::from_network(row.get(0)?), EntryKind::from_word(&row.get::<_, String>(1)?)))
    })?;
    let mut outcomes = Vec::new();
    for row in rows {
        let (id, kind) = row?;
        if kind.is_some_and(EntryKind::is_message) {
            outcomes.push(Outcome { id, status: Status::Delivered, reason: None });
        }
    }
    Ok(outcomes)
}

/// Who wrote a message changed its words, or took it back: then nobody reads it any more.
fn change(connection: &Connection, id: &MessageId, body: Option<&str>) -> Result<(), StoreError> {
    match body {
        Some(body) => connection
            .prepare_cached(
                "UPDATE messages SET body = ?2 WHERE id = ?1 AND sender IS NOT NULL AND status <> 'undone'",
            )?
            .execute([id.as_str(), body])?,
        None => connection
            .prepare_cached(
                "UPDATE messages SET body = '', status = 'undone', announced = 1
                 WHERE id = ?1 AND sender IS NOT NULL",
            )?
            .execute([id.as_str()])?,
    };
    Ok(())
}

/// Turns a row back into what arrived; `None` for an outgoing message.
fn incoming(message: Message) -> Option<IncomingMessage> {
    let (from, others) = journal::split_sender(message.members, message.sender?);
    Some(IncomingMessage {
        id: message.id,
        kind: message.kind,
        conversation: message.conversation,
        from,
        others,
        body: message.body,
        in_reply_to: message.in_reply_to,
        at: message.at,
    })
}
