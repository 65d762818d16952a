//! The household's own network: conversations on this device, no account, no server.
//!
//! It keeps its messages in tables of its own (`local_messages`), apart from outbox and inbox, just as a server
//! would: what a household member sees is what is there. A message's id is its primary key, so a message sent
//! twice is there once, and everything sent is delivered at once.

use std::rc::Rc;

use rusqlite::Row;

use super::{
    ConversationId, IncomingMessage, MessageId, Network, NetworkError, OutboxEntry, Person, Reason, Receipt,
    clock::rfc3339, journal,
};
use crate::store::{Store, StoreError};

/// Name of the local network.
pub(super) const NAME: &str = "local";

/// Messages one [`Network::poll`] returns at most; the rest comes with the next.
const MESSAGES_PER_POLL: i64 = 1_000;

/// The local network of one data directory.
#[derive(Debug)]
pub struct Local {
    store: Rc<Store>,
}

impl Local {
    /// Opens it.
    pub const fn new(store: Rc<Store>) -> Self {
        Self { store }
    }

    /// Puts a message on the network as if `from` had written it to the owner and `others`; it arrives with the
    /// next [`Network::poll`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written.
    pub fn deliver(&self, from: &Person, others: &[Person], body: &str) -> Result<MessageId, StoreError> {
        let id = MessageId::new();
        let members: Vec<Person> = std::iter::once(from).chain(others).cloned().collect();
        let conversation = ConversationId::between(NAME, &members);
        self.keep(&conversation, &members, &id, (Some(&from.address), body, None))?;
        Ok(id)
    }

    /// Writes a message down unless it is there already. `content` is sender, body and the message it answers.
    fn keep(
        &self,
        conversation: &ConversationId,
        members: &[Person],
        id: &MessageId,
        content: (Option<&str>, &str, Option<&MessageId>),
    ) -> Result<(), StoreError> {
        let (sender, body, in_reply_to) = content;
        let at = rfc3339(jiff::Timestamp::now().as_millisecond());
        self.store.write(|transaction| {
            journal::register(transaction, conversation, members)?;
            transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO local_messages (id, conversation, sender, body, in_reply_to, at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((id.as_str(), conversation.as_str(), sender, body, in_reply_to.map(MessageId::as_str), at))?;
            Ok(())
        })
    }
}

impl Network for Local {
    fn name(&self) -> &'static str {
        NAME
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        let content = (None, entry.body.as_str(), entry.in_reply_to.as_ref());
        self.keep(&entry.conversation, &entry.to, &entry.id, content)?;
        Ok(Receipt::Delivered)
    }

    fn poll(&mut self) -> Result<Vec<IncomingMessage>, NetworkError> {
        let connection = self.store.connection();
        let mut select = connection
            .prepare_cached(
                "SELECT id, conversation, sender, body, in_reply_to, at FROM local_messages
                 WHERE fetched = 0 AND sender IS NOT NULL ORDER BY seq LIMIT ?1",
            )
            .map_err(StoreError::from)?;
        let rows = select.query_map([MESSAGES_PER_POLL], arrived).map_err(StoreError::from)?;
        let mut messages = Vec::new();
        for row in rows {
            let (sender, mut message) = row.map_err(StoreError::from)?;
            let members = journal::members(connection, message.conversation.as_str())?;
            (message.from, message.others) = journal::split_sender(members, sender);
            messages.push(message);
        }
        Ok(messages)
    }

    fn acknowledge(&mut self, ids: &[MessageId]) -> Result<(), NetworkError> {
        self.store.write(|transaction| {
            let mut update = transaction.prepare_cached("UPDATE local_messages SET fetched = 1 WHERE id = ?1")?;
            for id in ids {
                update.execute([id.as_str()])?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn take_back(&mut self, entry: &OutboxEntry) -> Result<(), NetworkError> {
        // The row stays, without its words: should the message be sent again after a crash, it is still known.
        let changed = self
            .store
            .connection()
            .execute(
                "UPDATE local_messages SET taken_back = 1, body = '' WHERE id = ?1 AND sender IS NULL",
                [entry.id.as_str()],
            )
            .map_err(StoreError::from)?;
        if changed == 0 { Err(NetworkError::Refused(Reason::Refused)) } else { Ok(()) }
    }
}

/// Reads a row of [`Local::poll`]: the sender's address, and the message still without its people.
fn arrived(row: &Row<'_>) -> rusqlite::Result<(String, IncomingMessage)> {
    let nobody = Person { contact_id: None, name: String::new(), address: String::new() };
    let message = IncomingMessage {
        id: MessageId::from_network(row.get(0)?),
        conversation: ConversationId::from_network(row.get(1)?),
        from: nobody,
        others: Vec::new(),
        body: row.get(3)?,
        in_reply_to: row.get::<_, Option<String>>(4)?.map(MessageId::from_network),
        at: row.get(5)?,
    };
    Ok((row.get(2)?, message))
}
