//! Opens the SQLite file that contacts, outbox and inbox share: versions, migrations, one process at a time.
//!
//! `herald.sqlite3` stands below the data directory, readable by its owner alone. It runs in WAL mode with
//! `synchronous = FULL`: when a commit returns, it is on disk, whatever happens to the power. `user_version`
//! counts the migrations applied; each runs in one transaction, and before the first of them a copy of the old
//! file is kept beside it (`herald.sqlite3.v1.backup`). A file of a newer Herald is refused, untouched.
//!
//! SQLite itself comes from `rusqlite` (bundled, so that every machine has the same version); migrations are a
//! loop over SQL files, for which a crate would be longer than the loop.

mod error;
mod files;
mod lock;
mod migrate;

#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use files::write_private;
pub use lock::{Lock, lock};

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

/// Name of the database below the data directory.
pub const FILE_NAME: &str = "herald.sqlite3";

/// How long a write waits for another process (`herald contacts import` beside the daemon) before it fails.
pub const BUSY_TIMEOUT_MS: u64 = 5_000;

/// An open database. Each thread opens its own.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the database below `data_dir`, making both if they are missing, and migrates it.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened, read or written, is damaged, or comes from a newer Herald.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(data_dir, migrate::MIGRATIONS)
    }

    fn open_with(data_dir: &Path, migrations: &[&str]) -> Result<Self, StoreError> {
        files::make_dir(data_dir)?;
        // One opens at a time, by a lock on the directory: SQLite does not wait for its turn to switch to the journal
        // mode. The database itself must not be opened beside SQLite: closing it would drop SQLite's locks.
        let opening = File::open(data_dir).map_err(|source| StoreError::io(data_dir, source))?;
        opening.lock().map_err(|source| StoreError::io(data_dir, source))?;
        let path = data_dir.join(FILE_NAME);
        if path.exists() {
            #[cfg(unix)]
            files::tighten(&path)?;
        } else {
            drop(files::open_private(&path)?);
            files::sync_parent(&path)?;
        }
        let connection = Connection::open(&path)?;
        prepare(&connection)?;
        migrate::migrate(&connection, Some(&path), migrations)?;
        Ok(Self { connection })
    }

    /// Opens an empty database in memory, for tests and throw-away turns.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] when SQLite fails.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        prepare(&connection)?;
        migrate::migrate(&connection, None, migrate::MIGRATIONS)?;
        Ok(Self { connection })
    }

    /// The connection, for the modules that own tables.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The data directory; `None` in memory.
    pub fn dir(&self) -> Option<PathBuf> {
        let path = self.connection.path().filter(|path| !path.is_empty())?;
        Path::new(path).parent().map(Path::to_owned)
    }

    /// The connection, for transactions.
    pub const fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Runs `work` in one write transaction: all of it is on disk when this returns, or none of it happened.
    /// Transactions do not nest.
    ///
    /// # Errors
    /// Whatever `work` returns, and [`StoreError`] when the transaction cannot begin or commit.
    pub fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Returns what was kept under a settings key.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Keeps a value under a settings key, in place of an older one.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value],
        )?;
        Ok(())
    }

    /// Reads the whole file and checks that its pages agree with each other (SQLite's `quick_check`).
    /// Takes time in proportion to the file; damage met without it is reported all the same, when it is met.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] with SQLite's first finding.
    pub fn check(&self) -> Result<(), StoreError> {
        let finding: String = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if finding == "ok" { Ok(()) } else { Err(StoreError::Damaged(finding)) }
    }
}

/// Sets what holds for every connection, before anything is read.
fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    Ok(())
}

/// Renames a damaged database, so that the next [`Store::open`] makes a fresh one; returns its new place.
/// Nothing is deleted: the file may be mended by hand.
///
/// # Errors
/// [`StoreError::Io`] when a file cannot be renamed.
pub fn set_aside(data_dir: &Path) -> Result<PathBuf, StoreError> {
    let stamp = jiff::Timestamp::now().as_second();
    let target = data_dir.join(format!("{FILE_NAME}.damaged-{stamp}"));
    for suffix in ["-wal", "-shm", ""] {
        let from = data_dir.join(format!("{FILE_NAME}{suffix}"));
        if from.exists() {
            files::rename_durably(&from, &data_dir.join(format!("{FILE_NAME}.damaged-{stamp}{suffix}")))?;
        }
    }
    Ok(target)
}
