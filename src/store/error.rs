//! What can go wrong with the database, told apart by what to do about it.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

use super::FILE_NAME;

/// What can go wrong with the database. Messages name files and numbers, never content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A directory or file cannot be made, opened or written: mend its permissions or free space.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk is full; nothing was lost, and the same call works once there is space.
    #[error("cannot write {FILE_NAME}: the disk is full")]
    Full,
    /// The database can be read but not written.
    #[error("cannot write {FILE_NAME}: {0}")]
    ReadOnly(#[source] rusqlite::Error),
    /// The file is no database or its pages contradict each other: set it aside with [`super::set_aside`].
    #[error("{FILE_NAME} is damaged: {0}")]
    Damaged(String),
    /// The file was written by a newer Herald; this one leaves it as it is.
    #[error("{} has version {found}, this Herald knows versions up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// The newest version this program knows.
        known: usize,
    },
    /// Another Herald runs on the same data directory.
    #[error("another Herald is already running on {}", path.display())]
    AlreadyRunning {
        /// The data directory.
        path: PathBuf,
    },
    /// Another program kept the database locked for longer than [`super::BUSY_TIMEOUT_MS`].
    #[error("{FILE_NAME} is locked by another program")]
    Busy,
    /// SQLite failed in a way that is a fault of Herald.
    #[error("database: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl StoreError {
    /// Makes the error of a file operation.
    pub(super) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::ReadOnly(error),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Sqlite(error),
        }
    }
}
