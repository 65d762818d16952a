//! The payments and requests behind the transfers: who, what for, by which way, and what the wallet calls them.

use rusqlite::{Connection, Row};

use super::{
    Closed, Money, Order, PayError, PaymentId, PaymentKind, Prepared, Refusal, Standing, error::unknown_word,
    moment::Moment,
};
use crate::{
    action::rfc3339,
    config::PayMethod,
    intent::{Currency, contacts::ContactId},
    telemetry::Redacted,
};

/// A payment or a request, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its identity.
    pub id: PaymentId,
    /// Whether the owner pays or is to get.
    pub kind: PaymentKind,
    /// The other one.
    pub contact: ContactId,
    /// Their name, as it was then.
    pub name: Redacted<String>,
    /// How much.
    pub money: Money,
    /// What for.
    pub reason: Redacted<String>,
    /// How the money moves.
    pub method: PayMethod,
    /// Where it stands; a request is on the tab from the beginning.
    pub standing: Standing,
    /// Why it was voided.
    pub refusal: Option<Refusal>,
    /// Of a request, how it ended.
    pub closed: Option<Closed>,
    /// The name on the payee's account; empty but for a bank.
    pub(super) holder: Redacted<String>,
    /// Where the money goes.
    pub(super) address: Redacted<String>,
    /// When it was confirmed.
    pub(super) made: Moment,
    /// What the wallet calls it; once this is there, money may have moved.
    pub(super) reference: Option<(Redacted<String>, Redacted<String>)>,
}

impl Payment {
    /// When it was confirmed: RFC 3339, UTC, milliseconds.
    pub fn at(&self) -> String {
        rfc3339(self.made.wall_ms)
    }

    /// The order it came from.
    pub(super) fn order(&self) -> Order {
        Order { id: self.id.clone(), payee: self.contact, money: self.money, reason: self.reason.clone() }
    }

    /// What the wallet prepared, if it did.
    pub(super) fn prepared(&self) -> Option<Prepared> {
        let (reference, details) = self.reference.clone()?;
        Some(Prepared { reference, details, debit: self.money })
    }

    fn of_row(row: &Row<'_>) -> Result<Self, PayError> {
        let word = |at: usize| row.get::<_, String>(at);
        let currency = Currency::from_code(&word(5)?).ok_or_else(|| unknown_word("currency"))?;
        let refusal: Option<String> = row.get(9)?;
        let closed: Option<String> = row.get(10)?;
        let reference = row.get::<_, Option<String>>(16)?.zip(row.get(17)?);
        Ok(Self {
            id: PaymentId::from_book(word(0)?),
            kind: PaymentKind::from_word(&word(1)?).ok_or_else(|| unknown_word("kind"))?,
            contact: ContactId(row.get(2)?),
            name: Redacted(row.get(3)?),
            money: Money::new(row.get(4)?, currency).ok_or_else(|| unknown_word("amount"))?,
            reason: Redacted(row.get(6)?),
            method: PayMethod::from_word(&word(7)?).ok_or_else(|| unknown_word("method"))?,
            standing: Standing::from_word(&word(8)?).ok_or_else(|| unknown_word("state"))?,
            refusal: refusal.as_deref().and_then(Refusal::from_word),
            closed: closed.as_deref().and_then(Closed::from_word),
            holder: Redacted(row.get(11)?),
            address: Redacted(row.get(12)?),
            made: Moment { wall_ms: row.get(13)?, steady_ms: row.get(14)?, boot: row.get(15)? },
            reference: reference.map(|(reference, details)| (Redacted(reference), Redacted(details))),
        })
    }
}

/// Writes a payment down, whose transfer is there.
pub(super) fn insert(connection: &Connection, payment: &Payment, is_approved: bool) -> Result<(), PayError> {
    connection
        .prepare_cached(
            "INSERT INTO payments (id, kind, contact, name, amount, currency, reason, method, factor, at_ms, steady_ms,
                                   boot, holder, address)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute((
            payment.id.as_str(),
            payment.kind.as_str(),
            payment.contact.0,
            &payment.name.0,
            payment.money.minor(),
            payment.money.currency().code(),
            &payment.reason.0,
            payment.method.as_str(),
            if is_approved { "pin" } else { "voice" },
            payment.made.wall_ms,
            payment.made.steady_ms,
            &payment.made.boot,
            &payment.holder.0,
            &payment.address.0,
        ))?;
    Ok(())
}

/// Returns a payment or request, if there is one of this id.
pub(super) fn find(connection: &Connection, id: &PaymentId) -> Result<Option<Payment>, PayError> {
    Ok(list(connection, "WHERE payments.id = ?1", [id.as_str()])?.pop())
}

/// Reads payments and requests: `rest` is what follows `FROM payments`.
pub(super) fn list(
    connection: &Connection,
    rest: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Payment>, PayError> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT payments.id, kind, contact, name, payments.amount, currency, reason, method, state, refusal, closed,
                holder, address, at_ms, steady_ms, boot, reference, details
         FROM payments JOIN transfers ON transfers.id = payments.id {rest}"
    ))?;
    let mut rows = select.query(parameters)?;
    let mut payments = Vec::new();
    while let Some(row) = rows.next()? {
        payments.push(Payment::of_row(row)?);
    }
    Ok(payments)
}

/// Writes down what the wallet calls a payment: from now on it may have been made.
pub(super) fn journal(connection: &Connection, id: &PaymentId, prepared: &Prepared) -> Result<(), PayError> {
    connection.prepare_cached("UPDATE payments SET reference = ?2, details = ?3 WHERE id = ?1")?.execute((
        id.as_str(),
        &prepared.reference.0,
        &prepared.details.0,
    ))?;
    Ok(())
}

/// Writes down how it ended.
pub(super) fn note_end(
    connection: &Connection,
    id: &PaymentId,
    receipt: Option<&str>,
    refusal: Option<Refusal>,
) -> Result<(), PayError> {
    connection.prepare_cached("UPDATE payments SET receipt = ?2, refusal = ?3 WHERE id = ?1")?.execute((
        id.as_str(),
        receipt,
        refusal.map(Refusal::as_str),
    ))?;
    Ok(())
}

/// Writes down how a request ended.
pub(super) fn close(connection: &Connection, id: &PaymentId, closed: Closed) -> Result<(), PayError> {
    connection
        .prepare_cached("UPDATE payments SET closed = ?2 WHERE id = ?1")?
        .execute((id.as_str(), closed.as_str()))?;
    Ok(())
}

/// Returns what was paid by voice alone since the last PIN: cents of euros, and how many payments of any currency. What
/// may still be made counts; what was voided does not.
pub(super) fn since_pin(connection: &Connection) -> Result<(u64, u32), PayError> {
    let mut select = connection.prepare_cached(
        "SELECT COALESCE(SUM(payments.amount) FILTER (WHERE currency = 'EUR'), 0), COUNT(*)
         FROM payments JOIN transfers ON transfers.id = payments.id
         WHERE kind = 'pay' AND factor = 'voice' AND state <> 'voided'
           AND seq > COALESCE((SELECT counted_from FROM pay_pin), 0)",
    )?;
    Ok(select.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Returns when the same payee last got the same amount, if they ever did.
pub(super) fn last_same(connection: &Connection, order: &Order) -> Result<Option<Moment>, PayError> {
    let (contact, minor, code) = (order.payee.0, order.money.minor(), order.money.currency().code());
    let last = list(
        connection,
        "WHERE kind = 'pay' AND contact = ?1 AND payments.amount = ?2 AND currency = ?3 AND state <> 'voided'
         ORDER BY seq DESC LIMIT 1",
        (contact, minor, code),
    )?;
    Ok(last.into_iter().next().map(|payment| payment.made))
}
