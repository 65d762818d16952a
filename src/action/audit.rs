//! The audit trail: what Herald did and about whom, for 30 days, for "why did you do that?". No words of a message.

use std::rc::Rc;

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::{Account, Deed, clock::rfc3339};
use crate::store::{Store, StoreError};

/// How long a deed is remembered, milliseconds.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Something Herald did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditLine {
    /// When: RFC 3339, UTC, milliseconds.
    pub at: String,
    /// What, and why.
    pub deed: Deed,
    /// About whom: full names.
    pub who: String,
}

/// The audit trail of one data directory.
#[derive(Debug)]
pub struct Audit {
    store: Rc<Store>,
}

impl Audit {
    /// Opens it.
    pub const fn new(store: Rc<Store>) -> Self {
        Self { store }
    }

    /// Writes down what was done at a time, for whom of the household (`None`: by Herald itself) and about whom; what is
    /// older than 30 days is deleted.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was written.
    pub fn record(&self, at_ms: i64, account: Option<&Account>, deed: Deed, who: &str) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            transaction.execute("DELETE FROM audit WHERE at_ms < ?1", [at_ms - KEPT_MS])?;
            transaction
                .prepare_cached("INSERT INTO audit (at_ms, deed, who, account) VALUES (?1, ?2, ?3, ?4)")?
                .execute((at_ms, deed.as_str(), who, account.map(Account::as_str)))?;
            Ok(())
        })
    }

    /// Returns the last thing that was done in the 30 days before a time and is the business of one of the household.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn last(&self, at_ms: i64, account: &Account) -> Result<Option<(Deed, String)>, StoreError> {
        let mut select = self.store.connection().prepare_cached(
            "SELECT deed, who FROM audit WHERE at_ms >= ?1 AND (account IS NULL OR account = ?2)
             ORDER BY seq DESC LIMIT 1",
        )?;
        let of_row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
        let row = select.query_row((at_ms - KEPT_MS, account.as_str()), of_row).optional()?;
        row.map(|(word, who)| Ok((deed(&word)?, who))).transpose()
    }

    /// Returns everything that is remembered, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn list(&self) -> Result<Vec<AuditLine>, StoreError> {
        let mut select = self.store.connection().prepare_cached("SELECT at_ms, deed, who FROM audit ORDER BY seq")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
        rows.map(|row| {
            let (at_ms, word, who) = row?;
            Ok(AuditLine { at: rfc3339(at_ms), deed: deed(&word)?, who })
        })
        .collect()
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was deleted.
    pub fn forget(&self) -> Result<(), StoreError> {
        self.store.connection().execute("DELETE FROM audit", [])?;
        Ok(())
    }
}

fn deed(word: &str) -> Result<Deed, StoreError> {
    Deed::from_word(word).ok_or_else(|| StoreError::Damaged("the audit trail has an unknown word".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_is_remembered_for_thirty_days_or_until_it_is_forgotten() {
        let store = Rc::new(Store::in_memory().unwrap());
        let audit = Audit::new(Rc::clone(&store));
        let day = 24 * 60 * 60 * 1_000;
        let owner = Account::owner();
        assert_eq!(audit.last(0, &owner).unwrap(), None);
        audit.record(0, Some(&owner), Deed::Confirmed, "Marion Petit").unwrap();
        assert_eq!(audit.last(30 * day, &owner).unwrap(), Some((Deed::Confirmed, "Marion Petit".to_owned())));
        assert_eq!(audit.last(31 * day, &owner).unwrap(), None);
        audit.record(31 * day, None, Deed::Told, "Paul Martin").unwrap();
        let rows: i64 = store.connection().query_row("SELECT COUNT(*) FROM audit", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1, "what is too old is deleted");
        audit.forget().unwrap();
        assert_eq!(audit.last(31 * day, &owner).unwrap(), None);
    }

    #[test]
    fn what_one_of_the_household_wrote_is_nobody_elses_business() {
        let audit = Audit::new(Rc::new(Store::in_memory().unwrap()));
        let (owner, paul) = (Account::owner(), Account::of("Paul"));
        audit.record(0, None, Deed::Told, "Anna Keller").unwrap();
        audit.record(1, Some(&paul), Deed::Confirmed, "Marion Petit").unwrap();
        assert_eq!(audit.last(2, &owner).unwrap(), Some((Deed::Told, "Anna Keller".to_owned())));
        assert_eq!(audit.last(2, &paul).unwrap(), Some((Deed::Confirmed, "Marion Petit".to_owned())));
    }
}
