//! The double-entry book: accounts, and transfers between two of them.
//!
//! After the model of TigerBeetle's data model and its two-phase transfers: a transfer has the id of what caused it, is
//! posted at once or first pending and then posted or voided, never changes otherwise (triggers of the database see to
//! it), and doing the same again changes nothing. Balances are not kept but derived: debits less credits of what is
//! posted, so all of them together are zero.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::{
    Money, PaymentId, Standing,
    error::{PayError, unknown_word},
};
use crate::{
    intent::{Currency, contacts::ContactId},
    store::{Store, StoreError},
};

/// An account; each exists once for a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// What a contact owes the owner; below zero, what the owner owes them.
    Tab(ContactId),
    /// Money that went to a contact.
    Paid(ContactId),
    /// The other side of the tabs.
    Mine,
    /// Where money leaves from.
    Money,
}

impl Account {
    const fn kind(self) -> &'static str {
        match self {
            Self::Tab(_) => "tab",
            Self::Paid(_) => "paid",
            Self::Mine => "mine",
            Self::Money => "money",
        }
    }

    const fn contact(self) -> Option<i64> {
        match self {
            Self::Tab(contact) | Self::Paid(contact) => Some(contact.0),
            Self::Mine | Self::Money => None,
        }
    }

    fn id(self, currency: Currency) -> String {
        match self.contact() {
            Some(contact) => format!("{}:{contact}:{}", self.kind(), currency.code()),
            None => format!("{}:{}", self.kind(), currency.code()),
        }
    }

    /// Returns the id of the account, which exists afterwards.
    fn open(self, connection: &Connection, currency: Currency) -> Result<String, StoreError> {
        let id = self.id(currency);
        connection
            .prepare_cached(
                "INSERT INTO ledger_accounts (id, kind, contact, currency)
                 SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM ledger_accounts WHERE id = ?1)",
            )?
            .execute((&id, self.kind(), self.contact(), currency.code()))?;
        Ok(id)
    }
}

/// A transfer from one account to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transfer<'a> {
    pub(super) id: &'a str,
    pub(super) debit: Account,
    pub(super) credit: Account,
    pub(super) money: Money,
}

/// Runs `work` in one write transaction: all of it is on disk when this returns, or none of it happened.
pub(super) fn write<T>(
    store: &Store,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, PayError>,
) -> Result<T, PayError> {
    let transaction = Transaction::new_unchecked(store.connection(), TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// Writes a transfer down, pending or posted at once. The same again changes nothing.
///
/// # Errors
/// [`PayError::Conflict`] where the id stands for another transfer.
pub(super) fn record(connection: &Connection, transfer: &Transfer<'_>, as_: Standing) -> Result<(), PayError> {
    let currency = transfer.money.currency();
    let debit = transfer.debit.open(connection, currency)?;
    let credit = transfer.credit.open(connection, currency)?;
    let amount = transfer.money.minor();
    let known: Option<bool> = connection
        .prepare_cached("SELECT debit = ?2 AND credit = ?3 AND amount = ?4 FROM transfers WHERE id = ?1")?
        .query_row((transfer.id, &debit, &credit, amount), |row| row.get(0))
        .optional()?;
    match known {
        Some(true) => Ok(()),
        Some(false) => Err(PayError::Conflict),
        None => {
            connection
                .prepare_cached("INSERT INTO transfers (id, debit, credit, amount, state) VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute((transfer.id, debit, credit, amount, as_.as_str()))?;
            Ok(())
        }
    }
}

/// Brings a pending transfer to its end. The same end again changes nothing.
///
/// # Errors
/// [`PayError::Closed`] where it has come to the other end, [`PayError::NoSuchPayment`].
pub(super) fn end(connection: &Connection, id: &PaymentId, end: Standing) -> Result<(), PayError> {
    match standing(connection, id)?.ok_or(PayError::NoSuchPayment)? {
        Standing::Pending => {
            connection
                .prepare_cached("UPDATE transfers SET state = ?2 WHERE id = ?1")?
                .execute((id.as_str(), end.as_str()))?;
            Ok(())
        }
        before if before == end => Ok(()),
        Standing::Posted | Standing::Voided => Err(PayError::Closed),
    }
}

/// Returns where a transfer stands, if there is one.
pub(super) fn standing(connection: &Connection, id: &PaymentId) -> Result<Option<Standing>, PayError> {
    let word: Option<String> = connection
        .prepare_cached("SELECT state FROM transfers WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    word.map(|word| Standing::from_word(&word).ok_or_else(|| unknown_word("state"))).transpose()
}

/// Returns debits less credits of an account, in minor units.
pub(super) fn balance(connection: &Connection, account: Account, currency: Currency) -> Result<i64, PayError> {
    let sum = connection
        .prepare_cached("SELECT COALESCE(SUM(amount), 0) FROM postings WHERE account = ?1")?
        .query_row([account.id(currency)], |row| row.get(0))?;
    Ok(sum)
}
