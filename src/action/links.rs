//! Links that somebody sent and the user kept.

use std::rc::Rc;

use serde::Serialize;

use super::clock::rfc3339;
use crate::store::{Store, StoreError};

/// A link that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Where it leads.
    pub link: String,
    /// Who sent it: a full name.
    pub from: String,
    /// When it was kept: RFC 3339, UTC, milliseconds.
    pub at: String,
}

/// The links of one data directory.
#[derive(Debug)]
pub struct Links {
    store: Rc<Store>,
}

impl Links {
    /// Opens them.
    pub const fn new(store: Rc<Store>) -> Self {
        Self { store }
    }

    /// Keeps a link, once.
    ///
    /// # Errors
    /// [`StoreError`]; it was not kept.
    pub fn keep(&self, link: &str, from: &str, now_ms: i64) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            transaction.execute(
                "INSERT OR IGNORE INTO links (link, from_name, at) VALUES (?1, ?2, ?3)",
                (link, from, rfc3339(now_ms)),
            )?;
            Ok(())
        })
    }

    /// Returns all of them, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn all(&self) -> Result<Vec<Link>, StoreError> {
        let mut select =
            self.store.connection().prepare_cached("SELECT link, from_name, at FROM links ORDER BY seq DESC")?;
        let rows = select.query_map([], |row| Ok(Link { link: row.get(0)?, from: row.get(1)?, at: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets one.
    ///
    /// # Errors
    /// [`StoreError`]; it is still there.
    pub fn forget(&self, link: &str) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            transaction.execute("DELETE FROM links WHERE link = ?1", [link])?;
            Ok(())
        })
    }
}
