//! What outbox, inbox and local network share of the tables `messages`, `conversations` and
//! `conversation_members`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row};

use super::{ConversationId, EntryKind, MessageId, OutboxEntry, Person, Reason, Recording, Status};
use crate::store::StoreError;

/// Writes down a conversation and its members; members already known keep their place and get their new name.
pub(super) fn register<'a>(
    connection: &Connection,
    conversation: &ConversationId,
    members: impl IntoIterator<Item = &'a Person>,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO conversations (id, network, account) VALUES (?1, ?2, ?3)")?
        .execute([conversation.as_str(), conversation.network(), conversation.account().as_str()])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO conversation_members (conversation, address, position, contact_id, name)
         VALUES (?1, ?2, (SELECT COUNT(*) FROM conversation_members WHERE conversation = ?1), ?3, ?4)
         ON CONFLICT DO UPDATE SET contact_id = excluded.contact_id, name = excluded.name",
    )?;
    for member in members {
        insert.execute((conversation.as_str(), &member.address, member.contact_id, &member.name))?;
    }
    Ok(())
}

/// Returns the members of a conversation, the one whose it is not counted, in the order they became known. Where only an
/// address was known, the contact who has it is meant.
pub(super) fn members(connection: &Connection, conversation: &str) -> Result<Vec<Person>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT COALESCE(member.contact_id, contact.id), COALESCE(contact.name, member.name), member.address
         FROM conversation_members AS member
         JOIN conversations AS conversation ON conversation.id = member.conversation
         LEFT JOIN contact_handles AS handle
           ON member.contact_id IS NULL AND handle.network = conversation.network AND handle.address = member.address
         LEFT JOIN contacts AS contact ON contact.id = handle.contact
         WHERE member.conversation = ?1 GROUP BY member.address ORDER BY member.position",
    )?;
    let people = select.query_map([conversation], |row| {
        Ok(Person { contact_id: row.get(0)?, name: row.get(1)?, address: row.get(2)? })
    })?;
    Ok(people.collect::<Result<_, _>>()?)
}

/// Parts the members of a conversation into the one with this address and the others. One who is no longer a
/// member is a stranger who bears the address as name.
pub(super) fn split_sender(members: Vec<Person>, sender: String) -> (Person, Vec<Person>) {
    let (mut same, others): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| member.address == sender);
    let from = same.pop().unwrap_or_else(|| Person { contact_id: None, name: sender.clone(), address: sender });
    (from, others)
}

/// A row of `messages`.
pub(super) struct Message {
    pub(super) id: MessageId,
    pub(super) conversation: ConversationId,
    pub(super) kind: EntryKind,
    /// Address of who wrote it; `None` is whose conversation it is.
    pub(super) sender: Option<String>,
    /// All members of the conversation but the one whose it is.
    pub(super) members: Vec<Person>,
    pub(super) body: String,
    pub(super) in_reply_to: Option<MessageId>,
    pub(super) at: String,
    pub(super) status: Status,
    pub(super) reason: Option<Reason>,
}

impl Message {
    /// Turns an outgoing message back into what was queued.
    pub(super) fn into_entry(self) -> OutboxEntry {
        OutboxEntry {
            id: self.id,
            conversation: self.conversation,
            kind: self.kind,
            to: self.members,
            body: self.body,
            in_reply_to: self.in_reply_to,
            recording: None,
        }
    }
}

/// Reads messages: `rest` is what follows `FROM messages` in the statement, with its parameters.
pub(super) fn messages(
    connection: &Connection,
    rest: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Message>, StoreError> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT id, conversation, kind, sender, body, in_reply_to, at, status, reason FROM messages {rest}"
    ))?;
    let mut rows = select.query(parameters)?;
    let mut known = HashMap::new();
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        let conversation: String = row.get(1)?;
        if !known.contains_key(&conversation) {
            known.insert(conversation.clone(), members(connection, &conversation)?);
        }
        let members = known.get(&conversation).cloned().unwrap_or_default();
        messages.push(message(row, conversation, members)?);
    }
    Ok(messages)
}

fn message(row: &Row<'_>, conversation: String, members: Vec<Person>) -> Result<Message, StoreError> {
    let kind: String = row.get(2)?;
    let status: String = row.get(7)?;
    let reason: Option<String> = row.get(8)?;
    Ok(Message {
        id: MessageId::from_network(row.get(0)?),
        members,
        conversation: ConversationId::from_network(conversation),
        kind: EntryKind::from_word(&kind).ok_or_else(|| unknown_word("kind"))?,
        sender: row.get(3)?,
        body: row.get(4)?,
        in_reply_to: row.get::<_, Option<String>>(5)?.map(MessageId::from_network),
        at: row.get(6)?,
        status: Status::from_word(&status).ok_or_else(|| unknown_word("status"))?,
        reason: reason.as_deref().and_then(Reason::from_word),
    })
}

fn unknown_word(column: &str) -> StoreError {
    StoreError::Damaged(format!("a message has an unknown {column}"))
}

/// Writes down the sound of a message. The database forgets it with the need for it.
pub(super) fn record(connection: &Connection, id: &MessageId, recording: &Recording) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO recordings (message, duration_ms, ogg) VALUES (?1, ?2, ?3)")?
        .execute((id.as_str(), recording.duration_ms, &recording.ogg))?;
    Ok(())
}

/// Returns the sound of a message.
pub(super) fn recording(connection: &Connection, id: &MessageId) -> Result<Option<Recording>, StoreError> {
    let mut select = connection.prepare_cached("SELECT duration_ms, ogg FROM recordings WHERE message = ?1")?;
    let found = select.query_row([id.as_str()], |row| Ok(Recording { duration_ms: row.get(0)?, ogg: row.get(1)? }));
    Ok(found.optional()?)
}

/// Writes down what the network calls a message that was sent.
pub(super) fn name(connection: &Connection, id: &MessageId, network_id: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE messages SET network_id = ?2 WHERE id = ?1")?
        .execute([id.as_str(), network_id])?;
    Ok(())
}

/// Returns where a message stands.
pub(super) fn status(connection: &Connection, id: &MessageId) -> Result<Option<Status>, StoreError> {
    let mut select = connection.prepare_cached("SELECT status FROM messages WHERE id = ?1")?;
    let mut rows = select.query([id.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let word: String = row.get(0)?;
    Status::from_word(&word).map(Some).ok_or_else(|| unknown_word("status"))
}
