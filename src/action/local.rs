//! The household's own network: conversations on this device, no account, no server.
//!
//! It keeps its messages in tables of its own (`local_messages`), apart from outbox and inbox, just as a server
//! would: what a household member sees is what is there. A message's id is its primary key, so a message sent
//! twice is there once, and everything sent is delivered at once. For each recipient who shares the device, a copy in
//! a conversation of their own is written with it.

use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    Account, Arrived, ConversationId, EntryKind, Household, IncomingMessage, MessageId, Network, NetworkError,
    OutboxEntry, Person, Reason, Receipt, clock::rfc3339, journal,
};
use crate::store::{Store, StoreError};

/// Messages one [`Network::poll`] returns at most; the rest comes with the next.
const MESSAGES_PER_POLL: i64 = 1_000;

/// The local network of one data directory.
#[derive(Debug)]
pub struct Local {
    store: Rc<Store>,
    household: Household,
    /// What the last poll returned.
    polled: Vec<MessageId>,
}

/// A message as it is kept.
struct Letter<'a> {
    id: &'a MessageId,
    kind: EntryKind,
    /// Address of who wrote it; `None` is the one whose conversation it is.
    sender: Option<&'a str>,
    body: &'a str,
    in_reply_to: Option<&'a str>,
    /// Of a copy: the id of the message as it was sent.
    origin: Option<&'a MessageId>,
}

impl Local {
    /// Its name, as in the configuration.
    pub const NAME: &'static str = "local";

    /// Opens it; what one of the household writes to another arrives with that one.
    pub const fn new(store: Rc<Store>, household: Household) -> Self {
        Self { store, household, polled: Vec::new() }
    }

    /// Puts a message on the network as if `from` had written it to one of the household and `others`; it arrives with
    /// the next [`Network::poll`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written.
    pub fn deliver(
        &self,
        account: &Account,
        from: &Person,
        others: &[Person],
        body: &str,
    ) -> Result<MessageId, StoreError> {
        let id = MessageId::new();
        let members: Vec<Person> = std::iter::once(from).chain(others).cloned().collect();
        let conversation = ConversationId::between(Self::NAME, account, &members);
        let kind = EntryKind::Send;
        let letter = Letter { id: &id, kind, sender: Some(&from.address), body, in_reply_to: None, origin: None };
        self.store.write(|transaction| keep(transaction, &conversation, &members, &letter))?;
        Ok(id)
    }

    /// Puts copies of a message where others of the household find it.
    fn copy(&self, connection: &Connection, entry: &OutboxEntry) -> Result<(), StoreError> {
        let sender = entry.conversation.account();
        for account in self.household.accounts().filter(|account| *account != sender) {
            let name = self.household.name(&account);
            if !is_among(connection, name, &entry.to)? {
                continue;
            }
            let from = known(connection, self.household.name(&sender))?;
            let others = entry.to.iter().filter(|person| !is_called(person, name)).cloned();
            let members: Vec<Person> = std::iter::once(from.clone()).chain(others).collect();
            let answers = match &entry.in_reply_to {
                Some(answers) => as_seen_by(connection, answers, &account)?,
                None => None,
            };
            let letter = Letter {
                id: &MessageId::new(),
                kind: entry.kind,
                sender: Some(&from.address),
                body: &entry.body,
                in_reply_to: answers.as_deref(),
                origin: Some(&entry.id),
            };
            keep(connection, &ConversationId::between(Self::NAME, &account, &members), &members, &letter)?;
        }
        Ok(())
    }
}

/// Writes a message down unless it is there already; returns whether it is new.
fn keep(
    connection: &Connection,
    conversation: &ConversationId,
    members: &[Person],
    letter: &Letter<'_>,
) -> Result<bool, StoreError> {
    journal::register(connection, conversation, members)?;
    let added = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO local_messages (id, conversation, sender, body, in_reply_to, at, origin, kind)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            letter.id.as_str(),
            conversation.as_str(),
            letter.sender,
            letter.body,
            letter.in_reply_to,
            rfc3339(jiff::Timestamp::now().as_millisecond()),
            letter.origin.map(MessageId::as_str),
            letter.kind.as_str(),
        ))?;
    Ok(added > 0)
}

fn is_called(person: &Person, name: &str) -> bool {
    person.name.to_lowercase() == name.to_lowercase()
}

/// Whether somebody is one of these people, or a member of one of these groups.
fn is_among(connection: &Connection, name: &str, people: &[Person]) -> Result<bool, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM contact_members AS of_group
             JOIN contacts AS contact ON contact.name = ?2 COLLATE NOCASE
             WHERE of_group.contact = ?1 AND (contact.uid = of_group.member OR EXISTS (
                 SELECT 1 FROM contact_handles AS handle WHERE handle.contact = contact.id
                   AND handle.address = substr(of_group.member, instr(of_group.member, ':') + 1))))",
    )?;
    for person in people {
        if is_called(person, name) || select.query_row((person.contact_id, name), |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Somebody of the household as the contact book knows them.
fn known(connection: &Connection, name: &str) -> Result<Person, StoreError> {
    let mut select = connection.prepare_cached("SELECT id FROM contacts WHERE name = ?1 COLLATE NOCASE")?;
    let contact: Option<i64> = select.query_row([name], |row| row.get(0)).optional()?;
    Ok(match contact {
        Some(contact) => Person::on_local(contact, name),
        None => Person { contact_id: None, name: name.to_owned(), address: name.to_owned() },
    })
}

/// The id under which one of the household has a message that another has under this id.
fn as_seen_by(connection: &Connection, id: &MessageId, account: &Account) -> Result<Option<String>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT seen.id FROM local_messages AS own
         JOIN local_messages AS seen
           ON seen.id = own.origin OR seen.origin = own.id OR seen.origin = own.origin
         JOIN conversations AS conversation ON conversation.id = seen.conversation
         WHERE own.id = ?1 AND conversation.account = ?2",
    )?;
    Ok(select.query_row([id.as_str(), account.as_str()], |row| row.get(0)).optional()?)
}

impl Network for Local {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        match (entry.kind, &entry.in_reply_to) {
            (EntryKind::Redact, Some(message)) => return self.take_back(message),
            // Everybody sees what is on their own device.
            (EntryKind::Read | EntryKind::Join, _) => return Ok(Receipt::Delivered),
            _ => {}
        }
        let in_reply_to = entry.in_reply_to.as_ref().map(MessageId::as_str);
        let letter =
            Letter { id: &entry.id, kind: entry.kind, sender: None, body: &entry.body, in_reply_to, origin: None };
        self.store.write(|transaction| {
            if keep(transaction, &entry.conversation, &entry.to, &letter)? {
                self.copy(transaction, entry)?;
            }
            Ok(())
        })?;
        Ok(Receipt::Delivered)
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        let mut arrived = Vec::new();
        self.polled.clear();
        for message in self.unfetched()? {
            self.polled.push(message.id.clone());
            arrived.push(Arrived::Message(message));
        }
        for id in self.withdrawn()? {
            self.polled.push(id.clone());
            arrived.push(Arrived::Withdrawn(id));
        }
        Ok(arrived)
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        // Asked all the time and nearly always empty: no write transaction for that.
        if self.polled.is_empty() {
            return Ok(());
        }
        self.store.write(|transaction| {
            let mut update = transaction.prepare_cached("UPDATE local_messages SET fetched = 1 WHERE id = ?1")?;
            for id in &self.polled {
                update.execute([id.as_str()])?;
            }
            Ok(())
        })?;
        self.polled.clear();
        Ok(())
    }
}

impl Local {
    /// What arrived and was not fetched.
    fn unfetched(&self) -> Result<Vec<IncomingMessage>, StoreError> {
        let connection = self.store.connection();
        let mut select = connection.prepare_cached(
            "SELECT id, conversation, sender, body, in_reply_to, at, kind FROM local_messages
             WHERE fetched = 0 AND sender IS NOT NULL AND NOT taken_back ORDER BY seq LIMIT ?1",
        )?;
        let mut messages = Vec::new();
        for row in select.query_map([MESSAGES_PER_POLL], arrived)? {
            let (sender, mut message) = row?;
            let members = journal::members(connection, message.conversation.as_str())?;
            (message.from, message.others) = journal::split_sender(members, sender);
            messages.push(message);
        }
        Ok(messages)
    }

    /// Copies that were fetched, and were taken back since.
    fn withdrawn(&self) -> Result<Vec<MessageId>, StoreError> {
        let mut select = self.store.connection().prepare_cached(
            "SELECT id FROM local_messages WHERE fetched = 0 AND sender IS NOT NULL AND taken_back ORDER BY seq",
        )?;
        let ids = select.query_map([], |row| row.get(0).map(MessageId::from_network))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Takes a message back, and its copies.
    fn take_back(&self, id: &MessageId) -> Result<Receipt, NetworkError> {
        // The rows stay, without their words: should the message be sent again after a crash, it is still known. Who
        // has a copy learns of it with the next poll.
        let changed = self.store.write(|transaction| {
            transaction.execute(
                "UPDATE local_messages SET taken_back = 1, body = '', fetched = 0 WHERE origin = ?1 AND NOT taken_back",
                [id.as_str()],
            )?;
            Ok(transaction.execute(
                "UPDATE local_messages SET taken_back = 1, body = '' WHERE id = ?1 AND sender IS NULL",
                [id.as_str()],
            )?)
        })?;
        if changed == 0 { Err(NetworkError::Refused(Reason::Refused)) } else { Ok(Receipt::Delivered) }
    }
}

/// Reads a row of [`Local::unfetched`]: the sender's address, and the message still without its people.
fn arrived(row: &Row<'_>) -> rusqlite::Result<(String, IncomingMessage)> {
    let nobody = Person { contact_id: None, name: String::new(), address: String::new() };
    let message = IncomingMessage {
        id: MessageId::from_network(row.get(0)?),
        kind: EntryKind::from_word(&row.get::<_, String>(6)?).unwrap_or(EntryKind::Send),
        conversation: ConversationId::from_network(row.get(1)?),
        from: nobody,
        others: Vec::new(),
        body: row.get(3)?,
        in_reply_to: row.get::<_, Option<String>>(4)?.map(MessageId::from_network),
        at: row.get(5)?,
    };
    Ok((row.get(2)?, message))
}
