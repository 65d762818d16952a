//! The data directory, the room on its disk, the database in it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use super::{Check, Patient};
use crate::{
    action::pay::{Chain, verify_trail},
    cli::context,
    store::{self, Store, StoreError},
};

/// Room that must be left, in KiB: a device that runs out of it stops sending.
const LEAST_FREE_KIB: u64 = 100 * 1024;

/// The data directory exists, can be written, and is closed to others.
pub(super) fn directory(patient: &Patient<'_>) -> Vec<Check> {
    let data = &patient.dirs.data;
    if let Err(error) = context::make_writable(data) {
        return vec![Check::bad("data", error.message, error.hints.join("; "))];
    }
    let closed = is_closed(data) || (patient.fix && close(data));
    vec![if closed {
        Check::good("data", format!("{} can be written, by its owner alone", data.display()))
    } else {
        let fix = format!("chmod 700 {}, or herald doctor --fix", data.display());
        Check::bad("data", format!("{} is open to other users of this machine", data.display()), fix)
    }]
}

fn is_closed(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
}

fn close(folder: &Path) -> bool {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).is_ok()
}

/// There is room for messages and for models, as far as `df` can tell.
pub(super) fn disk(patient: &Patient<'_>) -> Vec<Check> {
    let places = [("data", &patient.dirs.data), ("models", &patient.dirs.models)];
    let checks = places.into_iter().filter_map(|(what, folder)| {
        let existing = folder.ancestors().find(|ancestor| ancestor.exists())?;
        let free = free_kib(existing)?;
        let detail = format!("{} MiB free for {what}", free / 1024);
        Some(if free >= LEAST_FREE_KIB {
            Check::good("disk", detail)
        } else {
            Check::bad("disk", detail, format!("free some space on the disk of {}", existing.display()))
        })
    });
    checks.collect()
}

/// Asks `df`, which every system has, as the standard library cannot tell.
fn free_kib(folder: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).env("LC_ALL", "C").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// The database opens and its pages agree; a damaged one is set aside by `--fix`.
pub(super) fn database(patient: &Patient<'_>) -> Vec<Check> {
    let data = &patient.dirs.data;
    let checked = Store::open(data).and_then(|store| store.check());
    let mended = match checked {
        Err(StoreError::Damaged(_)) if patient.fix => replace_database(data),
        checked => checked.map(|()| "opens, nothing damaged".to_owned()),
    };
    vec![mended.map_or_else(
        |error| Check::bad("database", error.to_string(), mend(&error)),
        |detail| Check::good("database", detail),
    )]
}

/// What was done about money is as it was written.
pub(super) fn trail(patient: &Patient<'_>) -> Vec<Check> {
    let checked = Store::open(&patient.dirs.data).and_then(|store| verify_trail(&store));
    vec![match checked {
        Ok(Chain::Whole(rows)) => {
            Check::good("payments", format!("{rows} rows of the audit trail, as they were written"))
        }
        Ok(Chain::Broken(row)) => Check::bad(
            "payments",
            format!("row {row} of the audit trail is not as it was written, or is missing"),
            "compare the list of the touch page with a copy of it: somebody or something changed the database",
        ),
        Err(error) => Check::bad("payments", error.to_string(), mend(&error)),
    }]
}

/// Sets a damaged database aside and makes a fresh one, unless a running Herald uses it.
fn replace_database(data: &Path) -> Result<String, StoreError> {
    let _lock = store::lock(data)?;
    let aside = store::set_aside(data)?;
    Store::open(data)?;
    Ok(format!("was damaged: it is now {}, and a fresh one was made", aside.display()))
}

const fn mend(error: &StoreError) -> &'static str {
    match error {
        StoreError::Io { .. } | StoreError::ReadOnly(_) => "mend the permissions of the data directory",
        StoreError::Full => "free some space on the disk",
        StoreError::Damaged(_) => {
            "herald doctor --fix sets it aside and makes a fresh one; a copy before each upgrade is beside it"
        }
        StoreError::Newer { .. } => "install the newer Herald again",
        StoreError::AlreadyRunning { .. } | StoreError::Busy => "stop the other program that uses it",
        StoreError::Sqlite(_) => "report this as a fault of Herald",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Dirs, Sources};

    fn examine(fix: bool, dirs: &Dirs, examination: super::super::Examination) -> Check {
        let config = config::load(&Sources::default()).unwrap().config;
        examination(&Patient { config: &config, dirs, fix }).remove(0)
    }

    fn dirs(data: &Path) -> Dirs {
        Dirs { data: data.to_owned(), models: data.join("models") }
    }

    #[test]
    fn a_data_directory_open_to_others_is_reported_and_closed_by_fix() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = dirs(folder.path());
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(!examine(false, &dirs, directory).ok);
        assert!(examine(true, &dirs, directory).ok);
        assert!(examine(false, &dirs, directory).ok);
    }

    #[test]
    fn the_room_on_the_disk_is_told_also_for_a_directory_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_kib(folder.path()).is_some());
        let config = config::load(&Sources::default()).unwrap().config;
        let dirs = dirs(&folder.path().join("not/yet"));
        assert_eq!(disk(&Patient { config: &config, dirs: &dirs, fix: false }).len(), 2);
    }

    #[test]
    fn a_trail_of_payments_that_was_changed_is_reported_with_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = dirs(folder.path());
        assert!(examine(false, &dirs, trail).ok);
        let row = "INSERT INTO pay_trail VALUES (1, 0, 'noted', '', '', '', '', x'', x'00')";
        Store::open(folder.path()).unwrap().connection().execute(row, []).unwrap();
        let check = examine(false, &dirs, trail);
        assert!(!check.ok && check.detail.contains("row 1"), "{check:?}");
    }

    #[test]
    fn a_damaged_database_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = dirs(folder.path());
        assert!(examine(false, &dirs, database).ok);
        fs::write(folder.path().join(store::FILE_NAME), vec![7; 8192]).unwrap();
        let check = examine(false, &dirs, database);
        assert!(!check.ok && check.fix.contains("doctor --fix"), "{check:?}");
    }
}
