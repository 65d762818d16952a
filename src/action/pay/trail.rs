//! The audit trail of money: a chain of rows, each with the hash of the row before, so that a row that was changed,
//! removed or moved is found. After Haber and Stornetta, "How to time-stamp a digital document" (1991), with SHA-256.
//!
//! It shows honest mistakes and clumsy hands. Whoever can write the whole file can also write a new chain: a copy kept
//! elsewhere (the CSV) tells.
//!
//! CSV is written by the `csv` crate (MIT or Unlicense, maintained): RFC 4180 with its quoting.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Money, PayError, PaymentId, error::unknown_word};
use crate::{
    action::{rfc3339, words::words},
    store::{Store, StoreError},
    telemetry::Redacted,
};
words! {
    /// What was done about money.
    PayEvent {
        /// A debt was written on the tab.
        Noted = "noted",
        /// A payment waits for the owner's bank.
        HandedOver = "handed_over",
        /// A payment was confirmed and goes to the wallet.
        Ordered = "ordered",
        /// The wallet was about to be told to move the money.
        Submitted = "submitted",
        /// The money moved.
        Posted = "posted",
        /// The payment is not made.
        Voided = "voided",
        /// Somebody was asked for money.
        Asked = "asked",
        /// What was asked for was given.
        Settled = "settled",
        /// What was asked for is not wanted any more.
        Withdrawn = "withdrawn",
        /// A tab was made even.
        Even = "even",
        /// The PIN was set.
        PinSet = "pin_set",
        /// The PIN was right.
        PinGiven = "pin_given",
        /// The PIN was wrong too often.
        PinLocked = "pin_locked",
        /// Somebody may be paid.
        PayeeTrusted = "payee_trusted",
        /// Somebody may not be paid any more.
        PayeeRemoved = "payee_removed",
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailLine {
    /// Its number, from 1.
    pub seq: u64,
    /// When: RFC 3339, UTC, milliseconds; by a clock that may have been wrong.
    pub at: String,
    /// What was done.
    pub event: PayEvent,
    /// Which payment; empty where it is about none.
    pub payment: String,
    /// Whose, as the name was then.
    #[serde(serialize_with = "bare")]
    pub name: Redacted<String>,
    /// How much, as a decimal number; empty where it is about no amount.
    #[serde(serialize_with = "bare")]
    pub amount: Redacted<String>,
    /// ISO 4217 code.
    pub currency: String,
    /// SHA-256 of the row before, in hexadecimal.
    pub before: String,
    /// SHA-256 of this row.
    pub hash: String,
}

/// The page shows what logs must not.
fn bare<S: serde::Serializer>(text: &Redacted<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text.0)
}

/// What the chain is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Every row is as it was written; how many there are.
    Whole(u64),
    /// The first row that is not: changed, out of its place, or missing.
    Broken(u64),
}

/// A row to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) at_ms: i64,
    pub(super) event: PayEvent,
    pub(super) name: &'a str,
    /// Which payment, and how much.
    pub(super) about: Option<(&'a PaymentId, Money)>,
}

/// A row as it is stored.
struct Stored {
    seq: u64,
    at_ms: i64,
    event: String,
    payment: String,
    name: String,
    amount: String,
    currency: String,
    before: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn of_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at_ms: row.get(1)?,
            event: row.get(2)?,
            payment: row.get(3)?,
            name: row.get(4)?,
            amount: row.get(5)?,
            currency: row.get(6)?,
            before: row.get(7)?,
            hash: row.get(8)?,
        })
    }

    /// Returns the hash its content has. Each text stands with its length, so that no two rows read the same.
    fn digest(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(&self.before);
        hash.update(self.seq.to_be_bytes());
        hash.update(self.at_ms.to_be_bytes());
        for text in [&self.event, &self.payment, &self.name, &self.amount, &self.currency] {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().to_vec()
    }

    fn line(self) -> Result<TrailLine, PayError> {
        Ok(TrailLine {
            seq: self.seq,
            at: rfc3339(self.at_ms),
            event: PayEvent::from_word(&self.event).ok_or_else(|| unknown_word("event"))?,
            payment: self.payment,
            name: Redacted(self.name),
            amount: Redacted(self.amount),
            currency: self.currency,
            before: hexadecimal(&self.before),
            hash: hexadecimal(&self.hash),
        })
    }
}

/// Appends a row, as part of the transaction that does what it tells.
pub(super) fn append(connection: &Connection, entry: &Entry<'_>) -> Result<(), PayError> {
    let before: Option<Vec<u8>> = connection
        .prepare_cached("SELECT hash FROM pay_trail ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let mut row = Stored {
        seq: written(connection)? + 1,
        at_ms: entry.at_ms,
        event: entry.event.as_str().to_owned(),
        payment: entry.about.map(|(id, _)| id.as_str().to_owned()).unwrap_or_default(),
        name: entry.name.to_owned(),
        amount: entry.about.map(|(_, money)| money.decimal()).unwrap_or_default(),
        currency: entry.about.map(|(_, money)| money.currency().code().to_owned()).unwrap_or_default(),
        before: before.unwrap_or_default(),
        hash: Vec::new(),
    };
    row.hash = row.digest();
    connection
        .prepare_cached(
            "INSERT INTO pay_trail (seq, at_ms, event, payment, name, amount, currency, before, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            row.seq,
            row.at_ms,
            row.event,
            row.payment,
            row.name,
            row.amount,
            row.currency,
            row.before,
            row.hash,
        ))?;
    Ok(())
}

/// Returns how many rows were ever written.
fn written(connection: &Connection) -> Result<u64, StoreError> {
    let mut select = connection.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'pay_trail'")?;
    Ok(select.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Reads the whole chain and checks each row against the one before.
///
/// # Errors
/// [`StoreError`] when the database cannot be read.
pub fn verify(store: &Store) -> Result<Chain, StoreError> {
    let connection = store.connection();
    let mut before: Vec<u8> = Vec::new();
    let mut count = 0;
    for row in rows(connection)? {
        count += 1;
        if row.seq != count || row.before != before || row.hash != row.digest() {
            return Ok(Chain::Broken(count));
        }
        before = row.hash;
    }
    Ok(if written(connection)? == count { Chain::Whole(count) } else { Chain::Broken(count + 1) })
}

fn rows(connection: &Connection) -> Result<Vec<Stored>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT seq, at_ms, event, payment, name, amount, currency, before, hash FROM pay_trail ORDER BY seq",
    )?;
    let rows = select.query_map([], Stored::of_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns every row, oldest first.
pub(super) fn lines(connection: &Connection) -> Result<Vec<TrailLine>, PayError> {
    rows(connection)?.into_iter().map(Stored::line).collect()
}

/// Writes every row as CSV (RFC 4180, with a line of titles). A cell that a spreadsheet would take for a formula gets an
/// apostrophe before it (OWASP, "CSV Injection").
pub(super) fn csv(connection: &Connection) -> Result<String, PayError> {
    let damaged = |_| PayError::Store(StoreError::Damaged("the trail cannot be written as CSV".to_owned()));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer
        .write_record(["seq", "at", "event", "payment", "name", "amount", "currency", "before", "hash"])
        .map_err(damaged)?;
    for line in lines(connection)? {
        let (seq, name) = (line.seq.to_string(), harmless(&line.name.0));
        let event = line.event.as_str();
        let cells: [&str; 9] =
            [&seq, &line.at, event, &line.payment, &name, &line.amount.0, &line.currency, &line.before, &line.hash];
        writer.write_record(cells).map_err(damaged)?;
    }
    let bytes = writer.into_inner().unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
