//! Opens the SQLite file that contacts, outbox and inbox share: versions, migrations.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// Name of the database below the data directory.
pub const FILE_NAME: &str = "herald.sqlite3";

/// The migrations, in order; the database's `user_version` counts how many were applied.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001.sql")];

/// An open database. Each thread opens its own.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the database below `data_dir`, making both if they are missing, and migrates it.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened, read or written, or comes from a newer Herald.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join(FILE_NAME);
        std::fs::create_dir_all(data_dir).map_err(|source| StoreError::Io { path: data_dir.to_owned(), source })?;
        Self::migrate(Connection::open(&path)?)
    }

    /// Opens an empty database in memory, for tests and throw-away turns.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] when SQLite fails.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::migrate(Connection::open_in_memory()?)
    }

    fn migrate(connection: Connection) -> Result<Self, StoreError> {
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
        let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for (index, migration) in MIGRATIONS.iter().enumerate().skip(version) {
            connection.execute_batch(&format!("BEGIN; {migration}; PRAGMA user_version = {}; COMMIT;", index + 1))?;
        }
        Ok(Self { connection })
    }

    /// The connection, for the modules that own tables.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connection, for transactions.
    pub const fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A directory or file cannot be made or opened.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite failed.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
}
