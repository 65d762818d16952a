//! One Herald per data directory: an advisory lock that the kernel releases when the process ends,
//! however it ends.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use super::{StoreError, files};

/// Name of the lock file below the data directory. It stays there; only the lock on it means something.
const LOCK_NAME: &str = "herald.lock";

/// Proof that this process is the only Herald that runs on a data directory, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the data directory for this process, making the directory if it is missing.
///
/// Commands that only read or change single rows need no lock; the daemon and replays, which send, do.
///
/// # Errors
/// [`StoreError::AlreadyRunning`] when another process, or this one, holds it; [`StoreError::Io`] when the
/// directory or the lock file cannot be made.
pub fn lock(data_dir: &Path) -> Result<Lock, StoreError> {
    files::make_dir(data_dir)?;
    let path = data_dir.join(LOCK_NAME);
    let file = files::open_private(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(StoreError::AlreadyRunning { path: data_dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(StoreError::io(path, source)),
    }
}
