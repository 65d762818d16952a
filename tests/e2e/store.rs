//! The database as a script sees it: refused, damaged, without room.

use std::{fs, process::Command};

use herald::store::{FILE_NAME, Store};
use rusqlite::Connection;

use crate::support::program::{Run, command, herald};

#[test]
fn a_database_of_a_newer_herald_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let path = dir.path().join(FILE_NAME);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 4_000).unwrap();
    let before = fs::read(&path).unwrap();
    for subcommand in ["inbox", "outbox"] {
        let run = herald(dir.path(), &[subcommand]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(69), ""), "{run:?}");
        assert!(run.stderr.contains("has version 4000") && run.stderr.contains("newer Herald"), "{run:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_damaged_database_is_named_and_set_aside_on_request() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    let rubbish = "no database".repeat(1_000);
    fs::write(&path, &rubbish).unwrap();
    let run = herald(dir.path(), &["inbox"]);
    assert_eq!(run.code, Some(69), "{run:?}");
    assert!(run.stderr.contains("herald.sqlite3 is damaged") && run.stderr.contains("doctor --fix"), "{run:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), rubbish);

    // No place for models: what the doctor would fetch is not this test's subject, and tests need no network.
    let doctor = herald(dir.path(), &["doctor", "--fix", "--json", "--models-dir", "/dev/null/models"]);
    let checks = doctor.json();
    let check = checks.iter().find(|check| check["check"] == "database").unwrap();
    assert_eq!(check["ok"], true, "{check}");
    assert!(check["detail"].as_str().unwrap().contains("herald.sqlite3.damaged-"), "{check}");
    let mut names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let aside = names.find(|path| path.to_string_lossy().contains(".damaged-")).unwrap();
    assert_eq!(fs::read_to_string(aside).unwrap(), rubbish, "nothing is deleted");
    assert_eq!(herald(dir.path(), &["inbox"]).code, Some(0));
}

#[test]
fn a_data_directory_that_cannot_be_made_ends_with_74() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let run = herald(&file.path().join("data"), &["inbox"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(74), ""), "{run:?}");
    assert!(run.stderr.contains("cannot write") && run.stderr.contains("--data-dir"), "{run:?}");
}

#[test]
fn a_disk_without_room_ends_with_74() {
    let dir = tempfile::tempdir().unwrap();
    // A limit on the size of files stands in for a full disk: no rights are needed to set it.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\" inbox", env!("CARGO_BIN_EXE_herald")]);
    let run = Run::from(command(shell, dir.path()).output().unwrap());
    assert_eq!((run.code, run.stdout.as_str()), (Some(74), ""), "{run:?}");
    assert!(run.stderr.contains("cannot write herald.sqlite3"), "{run:?}");
    assert_eq!(herald(dir.path(), &["inbox"]).code, Some(0), "it works once there is room");
}
