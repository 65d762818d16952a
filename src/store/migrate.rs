//! Brings a database to the version this program knows.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{StoreError, files};

/// The migrations, in order; the database's `user_version` counts how many were applied.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
];

/// Applies the migrations the database does not have yet. A database that holds anything is copied first when
/// `path` is given.
pub(super) fn migrate(connection: &Connection, path: Option<&Path>, migrations: &[&str]) -> Result<(), StoreError> {
    let found = version(connection)?;
    if found > migrations.len() {
        let path = path.map(Path::to_owned).unwrap_or_default();
        return Err(StoreError::Newer { path, found, known: migrations.len() });
    }
    if found == migrations.len() {
        return Ok(());
    }
    if let Some(path) = path.filter(|_| found > 0) {
        keep_copy(connection, path, found)?;
    }
    for (index, migration) in migrations.iter().enumerate().skip(found) {
        apply(connection, migration, index + 1)?;
    }
    Ok(())
}

/// Applies one migration in one transaction, unless another process was quicker.
fn apply(connection: &Connection, migration: &str, to: usize) -> Result<(), StoreError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    if version(&transaction)? < to {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", to)?;
    }
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<usize, StoreError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(version).map_err(|_| StoreError::Damaged(format!("its version is {version}")))
}

/// Where the copy of a database of `version` is kept.
pub(super) fn copy_path(path: &Path, version: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".v{version}.backup"));
    PathBuf::from(name)
}

/// Keeps a copy of the database as it is now. It is written under another name first: a copy that bears its
/// name is whole.
fn keep_copy(connection: &Connection, path: &Path, version: usize) -> Result<(), StoreError> {
    let target = copy_path(path, version);
    let partial = target.with_extension("partial");
    let file = files::open_private(&partial)?;
    // SQLite refuses to copy into a file that holds anything, such as what an interrupted copy left.
    file.set_len(0).map_err(|source| StoreError::io(&partial, source))?;
    connection.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
    file.sync_all().map_err(|source| StoreError::io(&partial, source))?;
    files::rename_durably(&partial, &target)
}
