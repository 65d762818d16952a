//! Versions, copies, damage, rights.

use std::{fs, os::unix::fs::PermissionsExt};

use super::*;

const FIRST: &str = "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";
const SECOND: &str = "ALTER TABLE settings ADD COLUMN at TEXT;";
const BROKEN: &str = "CREATE TABLE half (x); CREATE TABLE settings (y);";

fn version(store: &Store) -> i64 {
    store.connection().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn settings_are_kept_and_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.setting("mute").unwrap(), None);
    store.set_setting("mute", "on").unwrap();
    store.set_setting("mute", "off").unwrap();
    drop(store);
    assert_eq!(Store::open(dir.path()).unwrap().setting("mute").unwrap().as_deref(), Some("off"));
}

#[test]
fn everything_written_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("new/data");
    let store = Store::open_with(&data, &[FIRST]).unwrap();
    store.set_setting("a", "b").unwrap();
    assert_eq!(mode(&data), 0o700);
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    drop(store);
    fs::set_permissions(data.join(FILE_NAME), fs::Permissions::from_mode(0o644)).unwrap();
    Store::open_with(&data, &[FIRST, SECOND]).unwrap();
    assert_eq!(mode(&data.join(FILE_NAME)), 0o600, "a file left open is tightened");
    assert_eq!(mode(&data.join("herald.sqlite3.v1.backup")), 0o600);
}

#[test]
fn a_commit_is_on_disk_when_it_returns() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let pragma = |name: &str| -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        store.connection().query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((pragma("journal_mode").as_str(), pragma("synchronous").as_str()), ("wal", "2"));
    assert_eq!(pragma("foreign_keys"), "1");
}

#[test]
fn a_migration_keeps_a_whole_copy_of_the_old_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_with(dir.path(), &[FIRST]).unwrap();
    store.set_setting("who", "me").unwrap();
    // The value is still in the write-ahead log alone: the copy must hold it all the same.
    let newer = Store::open_with(dir.path(), &[FIRST, SECOND]).unwrap();
    drop(store);
    let store = newer;
    assert_eq!(version(&store), 2);
    assert_eq!(store.setting("who").unwrap().as_deref(), Some("me"));

    let copy = Connection::open(dir.path().join("herald.sqlite3.v1.backup")).unwrap();
    let copied: (i64, String) = copy
        .query_row("SELECT (SELECT user_version FROM pragma_user_version), value FROM settings", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(copied, (1, "me".to_owned()));
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("partial")), "{names:?}");
}

#[test]
fn a_first_start_keeps_no_copy() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open_with(dir.path(), &[FIRST, SECOND]).unwrap());
    drop(Store::open_with(dir.path(), &[FIRST, SECOND]).unwrap());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_migration_that_fails_leaves_the_old_version() {
    let dir = tempfile::tempdir().unwrap();
    Store::open_with(dir.path(), &[FIRST]).unwrap().set_setting("who", "me").unwrap();
    assert!(Store::open_with(dir.path(), &[FIRST, BROKEN]).is_err());
    let store = Store::open_with(dir.path(), &[FIRST]).unwrap();
    assert_eq!(version(&store), 1);
    assert_eq!(store.setting("who").unwrap().as_deref(), Some("me"));
    let half: i64 = store
        .connection()
        .query_row("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'half'", [], |r| r.get(0))
        .unwrap();
    assert_eq!(half, 0, "nothing of the failed migration remains");
}

#[test]
fn a_newer_version_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open_with(dir.path(), &[FIRST, SECOND]).unwrap());
    let before = fs::read(dir.path().join(FILE_NAME)).unwrap();
    let error = Store::open_with(dir.path(), &[FIRST]).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("has version 2, this Herald knows versions up to 1"), "{error}");
    assert_eq!(fs::read(dir.path().join(FILE_NAME)).unwrap(), before);
}

#[test]
fn two_processes_may_open_a_new_directory_at_once() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let open = || Store::open(dir.path()).map(drop);
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    });
    Store::open(dir.path()).unwrap().check().unwrap();
}

#[test]
fn a_file_that_is_no_database_is_reported_and_can_be_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    fs::write(&path, "this is not a database, but it is somebody's file".repeat(100)).unwrap();
    let error = Store::open(dir.path()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    assert!(path.exists(), "opening touches nothing");

    let aside = set_aside(dir.path()).unwrap();
    assert!(fs::read_to_string(&aside).unwrap().starts_with("this is not"));
    assert!(aside.file_name().unwrap().to_string_lossy().starts_with("herald.sqlite3.damaged-"));
    Store::open(dir.path()).unwrap().set_setting("a", "b").unwrap();
}

#[test]
fn overwritten_pages_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    for number in 0..500 {
        store.set_setting(&number.to_string(), &"v".repeat(200)).unwrap();
    }
    store.check().unwrap();
    drop(store);
    let path = dir.path().join(FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 20_000].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let found = Store::open(dir.path()).and_then(|store| store.check()).unwrap_err();
    assert!(matches!(found, StoreError::Damaged(_)), "{found}");
}

#[test]
fn a_truncated_file_is_found() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let path = dir.path().join(FILE_NAME);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let found = Store::open(dir.path()).and_then(|store| store.check()).unwrap_err();
    assert!(matches!(found, StoreError::Damaged(_)), "{found}");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("data");
    for error in [Store::open(&below).unwrap_err(), lock(&below).unwrap_err()] {
        assert!(matches!(error, StoreError::Io { .. }), "{error}");
        assert!(error.to_string().contains(&*below.to_string_lossy()), "{error}");
    }
}

#[test]
fn a_write_to_a_store_that_may_only_be_read_says_so() {
    let store = Store::in_memory().unwrap();
    store.connection().pragma_update(None, "query_only", true).unwrap();
    assert!(matches!(store.set_setting("a", "b"), Err(StoreError::ReadOnly(_))));
}

#[test]
fn a_transaction_that_fails_leaves_nothing() {
    let store = Store::in_memory().unwrap();
    let failed = store.write(|transaction| {
        transaction.execute("INSERT INTO settings VALUES ('a', 'b')", [])?;
        Err::<(), _>(StoreError::Full)
    });
    assert!(failed.is_err());
    assert_eq!(store.setting("a").unwrap(), None);
}

#[test]
fn the_data_directory_belongs_to_one_process() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let held = lock(&data).unwrap();
    assert!(matches!(lock(&data), Err(StoreError::AlreadyRunning { path }) if path == data));
    Store::open(&data).unwrap();
    drop(held);
    lock(&data).unwrap();
}

#[test]
fn messages_of_an_older_file_are_found_by_their_words() {
    let dir = tempfile::tempdir().unwrap();
    let before_search = migrate::MIGRATIONS.get(..3).unwrap();
    let store = Store::open_with(dir.path(), before_search).unwrap();
    store
        .connection()
        .execute_batch(
            "INSERT INTO conversations (id, network) VALUES ('local:1', 'local');
             INSERT INTO messages (id, conversation, kind, body, at, status)
             VALUES ('a', 'local:1', 'send', 'le dîner est prêt', '', 'read');",
        )
        .unwrap();
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    let found = |words: &str| -> i64 {
        let sql = "SELECT COUNT(*) FROM messages_words WHERE messages_words MATCH ?1";
        store.connection().query_row(sql, [words], |row| row.get(0)).unwrap()
    };
    assert_eq!((found("diner"), found("dejeuner")), (1, 0));
    store.connection().execute("UPDATE messages SET body = 'le déjeuner'", []).unwrap();
    assert_eq!((found("diner"), found("dejeuner")), (0, 1), "the index follows a message that changes");
    store.connection().execute("DELETE FROM messages", []).unwrap();
    assert_eq!(found("dejeuner"), 0);
}
