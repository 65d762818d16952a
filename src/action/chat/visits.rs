//! The tables of the chat: visitors, and what their windows show.

use std::{fmt, rc::Rc};

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use uuid::Uuid;

use super::{
    bot::{Answer, Bot},
    token::Key,
};
use crate::{
    action::{EntryKind, MessageId, OutboxEntry, clock::rfc3339},
    config::Lang,
    intent::contacts,
    store::{Store, StoreError},
};

/// Messages of one visitor that are kept; older ones leave the window, not the owner's conversation.
const KEPT: i64 = 10_000;

/// 2025-01-01: an earlier clock has not learnt the time yet.
const EARLIEST_MS: i64 = 1_735_689_600_000;

/// The visits of one database.
pub(in crate::action) struct Visits {
    store: Rc<Store>,
}

impl fmt::Debug for Visits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visits")
    }
}

/// A line of a visitor's window.
#[derive(Serialize)]
pub(super) struct Line {
    /// Its place.
    pub seq: i64,
    pub id: String,
    /// `visitor`, `bot` or `shop`.
    pub by: String,
    pub body: String,
    pub at: String,
    /// What the window calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Instead of a message: which one was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<String>,
}

/// What a visitor wrote, and what came of it.
pub(super) struct Written {
    pub line: Line,
    /// The newest line of the window.
    pub newest: i64,
    /// The bot goes on answering.
    pub by_bot: bool,
}

/// A line as the owner's side fetches it.
pub(super) struct Fetched {
    pub id: String,
    pub visitor: String,
    pub number: i64,
    pub is_met: bool,
    pub by_visitor: bool,
    pub kind: EntryKind,
    pub body: String,
    pub at: String,
    pub is_aside: bool,
}

const LINE: &str = "seq, id, author, body, at, nonce, CASE kind WHEN 'redact' THEN about END";

impl Visits {
    pub const fn new(store: Rc<Store>) -> Self {
        Self { store }
    }

    /// What tokens are signed with; made when it is first needed.
    pub fn key(&self) -> Result<Key, StoreError> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|_| StoreError::Damaged("there is no randomness".to_owned()))?;
        let connection = self.store.connection();
        connection.execute("INSERT OR IGNORE INTO chat_site (one, key, visitors) VALUES (1, ?1, 0)", [random])?;
        let key: Vec<u8> = connection.query_row("SELECT key FROM chat_site", [], |row| row.get(0))?;
        Key::new(&key).ok_or_else(|| StoreError::Damaged("the key of the chat has the wrong length".to_owned()))
    }

    // ── the visitors' side ──────────────────────────────────────────────────

    /// Begins a visit, with the bot's greeting.
    pub fn begin(&self, id: Uuid, lang: Lang, bot: &Bot, now_ms: i64) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            let stage = if bot.answers() { "bot" } else { "new" };
            transaction
                .prepare_cached("INSERT INTO chat_visitors (id, lang, stage, seen_ms) VALUES (?1, ?2, ?3, ?4)")?
                .execute((id.to_string(), lang.code(), stage, now_ms))?;
            if let Some(greeting) = bot.greeting(lang) {
                // The owner's side fetches it when the visitor writes, if they ever do.
                say(transaction, &id.to_string(), &greeting, now_ms, true)?;
            }
            Ok(())
        })
    }

    /// Whether there is such a visit, and whether the bot answers there.
    pub fn stage(&self, visitor: &str) -> Result<Option<bool>, StoreError> {
        let mut select =
            self.store.connection().prepare_cached("SELECT stage = 'bot' FROM chat_visitors WHERE id = ?1")?;
        Ok(select.query_row([visitor], |row| row.get(0)).optional()?)
    }

    /// Writes down what a visitor wrote, and what the bot answers. The same nonce again is the same message. `None` when there
    /// is no such visit.
    pub fn write(
        &self,
        visitor: &str,
        nonce: &str,
        body: &str,
        bot: &Bot,
        now_ms: i64,
    ) -> Result<Option<Written>, StoreError> {
        self.store.write(|transaction| {
            let found = transaction
                .prepare_cached("SELECT number, lang, stage FROM chat_visitors WHERE id = ?1")?
                .query_row([visitor], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))
                .optional()?;
            let Some((number, lang, stage)) = found else { return Ok(None) };
            let written =
                |line: Line, by_bot| Ok(Some(Written { newest: newest(transaction, visitor)?, line, by_bot }));
            if let Some(line) = by_nonce(transaction, visitor, nonce)? {
                return written(line, stage == "bot");
            }
            let answer = if stage == "bot" {
                bot.hear(if lang == Lang::Fr.code() { Lang::Fr } else { Lang::En }, body)
            } else {
                Answer::HandsOver(None)
            };
            number_visitor(transaction, visitor, number)?;
            let is_aside = matches!(answer, Answer::Says(_));
            let kind = if is_aside || stage == "open" { EntryKind::Send } else { EntryKind::Visit };
            transaction
                .prepare_cached("UPDATE chat_visitors SET seen_ms = ?2, stage = ?3 WHERE id = ?1")?
                .execute((visitor, now_ms, if is_aside { "bot" } else { "open" }))?;
            transaction
                .prepare_cached(
                    "INSERT INTO chat_messages (id, visitor, author, kind, body, at, nonce, aside, fetched)
                     VALUES (?1, ?2, 'visitor', ?3, ?4, ?5, ?6, ?7, 0)",
                )?
                .execute((MessageId::new().as_str(), visitor, kind.as_str(), body, rfc3339(now_ms), nonce, is_aside))?;
            if let Answer::Says(text) | Answer::HandsOver(Some(text)) = &answer {
                say(transaction, visitor, text, now_ms, false)?;
            }
            trim(transaction, visitor)?;
            let Some(line) = by_nonce(transaction, visitor, nonce)? else { return Ok(None) };
            written(line, is_aside)
        })
    }

    /// Returns lines of a window after a place, oldest first.
    pub fn after(&self, visitor: &str, seq: i64, most: u32) -> Result<Vec<Line>, StoreError> {
        let mut select = self.store.connection().prepare_cached(&format!(
            "SELECT {LINE} FROM chat_messages WHERE visitor = ?1 AND seq > ?2 AND NOT taken_back ORDER BY seq LIMIT ?3"
        ))?;
        let lines = select.query_map((visitor, seq, most), line)?;
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// Returns the last lines of a window before a place, oldest first.
    pub fn before(&self, visitor: &str, seq: i64, most: u32) -> Result<Vec<Line>, StoreError> {
        let mut select = self.store.connection().prepare_cached(&format!(
            "SELECT {LINE} FROM chat_messages
             WHERE visitor = ?1 AND seq < ?2 AND NOT taken_back AND kind <> 'redact' ORDER BY seq DESC LIMIT ?3"
        ))?;
        let mut lines: Vec<Line> = select.query_map((visitor, seq, most), line)?.collect::<Result<_, _>>()?;
        lines.reverse();
        Ok(lines)
    }

    /// Returns whose windows have lines after a place, each with its newest.
    pub fn changed_since(&self, seq: i64) -> Result<Vec<(String, i64)>, StoreError> {
        let mut select = self
            .store
            .connection()
            .prepare_cached("SELECT visitor, MAX(seq) FROM chat_messages WHERE seq > ?1 GROUP BY visitor")?;
        let rows = select.query_map([seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The place of the newest line of all windows.
    pub fn newest(&self) -> Result<i64, StoreError> {
        let mut select = self.store.connection().prepare_cached("SELECT COALESCE(MAX(seq), 0) FROM chat_messages")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// SQLite's count of changes by other connections.
    pub fn version(&self) -> Result<i64, StoreError> {
        let mut pragma = self.store.connection().prepare_cached("PRAGMA data_version")?;
        Ok(pragma.query_row([], |row| row.get(0))?)
    }

    /// Deletes the visits in which nobody wrote for so many days, with all that was written there.
    pub fn forget_old(&self, days: u32, now_ms: i64) -> Result<(), StoreError> {
        if now_ms < EARLIEST_MS {
            return Ok(());
        }
        self.store.write(|transaction| {
            // What was written before the clock knew the time was written now.
            transaction.execute(
                "UPDATE chat_visitors SET seen_ms = ?1 WHERE seen_ms < ?2 OR seen_ms > ?1",
                (now_ms, EARLIEST_MS),
            )?;
            let before_ms = now_ms - i64::from(days) * 86_400_000;
            let mut select = transaction.prepare_cached("SELECT id FROM chat_visitors WHERE seen_ms < ?1")?;
            let old: Vec<String> = select.query_map([before_ms], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for visitor in &old {
                let conversation = format!("{}:{visitor}", super::Chat::NAME);
                for delete in [
                    "DELETE FROM messages WHERE conversation = ?1",
                    "DELETE FROM conversation_members WHERE conversation = ?1",
                    "DELETE FROM conversations WHERE id = ?1",
                ] {
                    transaction.prepare_cached(delete)?.execute([&conversation])?;
                }
                transaction.prepare_cached("DELETE FROM chat_visitors WHERE id = ?1")?.execute([visitor])?;
            }
            contacts::forget_addresses(transaction, super::Chat::NAME, &old)
        })
    }

    // ── the owner's side ────────────────────────────────────────────────────

    /// Puts a message of the shop into a window, once; `false` when there is no such visit.
    pub fn answer(&self, visitor: &str, entry: &OutboxEntry, now_ms: i64) -> Result<bool, StoreError> {
        self.store.write(|transaction| {
            let is_there = transaction
                .prepare_cached("UPDATE chat_visitors SET seen_ms = ?2, stage = 'open' WHERE id = ?1")?
                .execute((visitor, now_ms))?;
            if is_there == 0 {
                return Ok(false);
            }
            put(transaction, visitor, entry, None, now_ms)?;
            trim(transaction, visitor)?;
            Ok(true)
        })
    }

    /// Takes a message of the shop out of a window; `false` when it is not there.
    pub fn take_back(&self, visitor: &str, entry: &OutboxEntry, about: &str, now_ms: i64) -> Result<bool, StoreError> {
        self.store.write(|transaction| {
            // The row stays, without its words: should the message be sent again after a crash, it is still known.
            let changed = transaction
                .prepare_cached(
                    "UPDATE chat_messages SET taken_back = 1, body = ''
                     WHERE id = ?2 AND visitor = ?1 AND author = 'shop' AND kind <> 'redact'",
                )?
                .execute([visitor, about])?;
            if changed > 0 {
                put(transaction, visitor, entry, Some(about), now_ms)?;
            }
            Ok(changed > 0)
        })
    }

    /// Returns what the owner's side has not fetched, of visitors who have written, oldest first.
    pub fn unfetched(&self, most: u32) -> Result<Vec<Fetched>, StoreError> {
        let mut select = self.store.connection().prepare_cached(
            "SELECT message.id, visitor, number, met, author = 'visitor', kind, body, at, aside
             FROM chat_messages AS message JOIN chat_visitors AS who ON who.id = visitor
             WHERE fetched = 0 ORDER BY seq LIMIT ?1",
        )?;
        let rows = select.query_map([most], |row| {
            Ok(Fetched {
                id: row.get(0)?,
                visitor: row.get(1)?,
                number: row.get(2)?,
                is_met: row.get(3)?,
                by_visitor: row.get(4)?,
                kind: EntryKind::from_word(&row.get::<_, String>(5)?).unwrap_or(EntryKind::Send),
                body: row.get(6)?,
                at: row.get(7)?,
                is_aside: row.get(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes these as fetched, and these visitors as known to the contact book.
    pub fn were_fetched(&self, messages: &[MessageId], met: &[String]) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            let mut update = transaction.prepare_cached("UPDATE chat_messages SET fetched = 1 WHERE id = ?1")?;
            for id in messages {
                update.execute([id.as_str()])?;
            }
            let mut update = transaction.prepare_cached("UPDATE chat_visitors SET met = 1 WHERE id = ?1")?;
            for visitor in met {
                update.execute([visitor])?;
            }
            Ok(())
        })
    }
}

/// Deletes all visits; who comes back begins a new one.
pub(in crate::action) fn erase(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut select = transaction.prepare("SELECT id FROM chat_visitors")?;
    let all: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    transaction.execute("DELETE FROM chat_visitors", [])?;
    contacts::forget_addresses(transaction, super::Chat::NAME, &all)
}

/// Gives a visitor who writes for the first time the next number, and shows the owner what the bot has said until then.
fn number_visitor(connection: &Connection, visitor: &str, number: Option<i64>) -> Result<(), StoreError> {
    if number.is_some() {
        return Ok(());
    }
    let next: i64 = connection
        .prepare_cached("UPDATE chat_site SET visitors = visitors + 1 RETURNING visitors")?
        .query_row([], |row| row.get(0))?;
    connection.prepare_cached("UPDATE chat_visitors SET number = ?2 WHERE id = ?1")?.execute((visitor, next))?;
    connection.prepare_cached("UPDATE chat_messages SET fetched = 0 WHERE visitor = ?1")?.execute([visitor])?;
    Ok(())
}

/// The bot says something.
fn say(connection: &Connection, visitor: &str, body: &str, now_ms: i64, is_fetched: bool) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO chat_messages (id, visitor, author, kind, body, at, aside, fetched)
             VALUES (?1, ?2, 'bot', 'send', ?3, ?4, 1, ?5)",
        )?
        .execute((MessageId::new().as_str(), visitor, body, rfc3339(now_ms), is_fetched))?;
    Ok(())
}

/// The shop says something, or takes it back.
fn put(
    connection: &Connection,
    visitor: &str,
    entry: &OutboxEntry,
    about: Option<&str>,
    now_ms: i64,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO chat_messages (id, visitor, author, kind, about, body, at, aside, fetched)
             VALUES (?1, ?2, 'shop', ?3, ?4, ?5, ?6, 0, 1)",
        )?
        .execute((entry.id.as_str(), visitor, entry.kind.as_str(), about, &entry.body, rfc3339(now_ms)))?;
    Ok(())
}

fn trim(connection: &Connection, visitor: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM chat_messages WHERE visitor = ?1 AND fetched AND seq <=
                 (SELECT seq FROM chat_messages WHERE visitor = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute((visitor, KEPT))?;
    Ok(())
}

fn by_nonce(connection: &Connection, visitor: &str, nonce: &str) -> Result<Option<Line>, StoreError> {
    let mut select =
        connection.prepare_cached(&format!("SELECT {LINE} FROM chat_messages WHERE visitor = ?1 AND nonce = ?2"))?;
    Ok(select.query_row([visitor, nonce], line).optional()?)
}

fn newest(connection: &Connection, visitor: &str) -> Result<i64, StoreError> {
    let mut select = connection.prepare_cached("SELECT MAX(seq) FROM chat_messages WHERE visitor = ?1")?;
    Ok(select.query_row([visitor], |row| row.get(0))?)
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        seq: row.get(0)?,
        id: row.get(1)?,
        by: row.get(2)?,
        body: row.get(3)?,
        at: row.get(4)?,
        nonce: row.get(5)?,
        gone: row.get(6)?,
    })
}
