//! `herald outbox`: what waits, and what to do with what is stuck.

use std::{path::Path, rc::Rc};

use herald::{
    action::{
        Account, Arrived, MessageId, Network, NetworkError, Outbox, OutboxEntry, Person, Reason, Receipt, Status,
    },
    store::Store,
};

use crate::support::program::herald;

/// A network that refuses everything.
#[derive(Debug)]
struct Refusing;

impl Network for Refusing {
    fn name(&self) -> &'static str {
        "local"
    }

    fn send(&mut self, _: &OutboxEntry) -> Result<Receipt, NetworkError> {
        Err(NetworkError::Refused(Reason::TooLarge))
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        Ok(Vec::new())
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        Ok(())
    }
}

fn open(data_dir: &Path) -> Outbox {
    Outbox::new(Rc::new(Store::open(data_dir).unwrap())).unwrap()
}

fn queue(outbox: &mut Outbox, body: &str) -> MessageId {
    let entry = OutboxEntry::send("local", &Account::owner(), vec![Person::on_local(1, "Marion Petit")], body);
    outbox.queue(&entry).unwrap();
    entry.id
}

/// A data directory with a wedged message and one that waits.
fn stuck(data_dir: &Path) -> [MessageId; 2] {
    let mut outbox = open(data_dir);
    let wedged = queue(&mut outbox, "too much");
    outbox.tick(0, &mut Refusing).unwrap();
    [wedged, queue(&mut outbox, "not yet")]
}

#[test]
fn an_empty_outbox_prints_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let run = herald(dir.path(), &["outbox", "--json"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn waiting_messages_are_listed_as_the_contract_says() {
    let dir = tempfile::tempdir().unwrap();
    let [wedged, waiting] = stuck(dir.path());
    let lines = herald(dir.path(), &["outbox", "--json"]).json();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0]["id"].as_str(), lines[1]["id"].as_str()), (Some(wedged.as_str()), Some(waiting.as_str())));
    assert_eq!((&lines[0]["status"], &lines[0]["reason"]), (&"wedged".into(), &"too_large".into()));
    assert_eq!((&lines[1]["status"], &lines[1]["body"]), (&"queued".into(), &"not yet".into()));
    assert_eq!(lines[1]["to"], serde_json::json!(["Marion Petit"]));
    assert_eq!(lines[0]["conversation"], lines[1]["conversation"]);
    for field in ["from", "at", "conversation"] {
        assert!(lines[1][field].is_string(), "{field}: {}", lines[1]);
    }
    let text = herald(dir.path(), &["outbox"]).stdout;
    assert!(text.contains("wedged (too_large)") && text.lines().count() == 2, "{text}");
}

#[test]
fn a_stuck_message_can_be_retried_or_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let [wedged, waiting] = stuck(dir.path());
    assert_eq!(herald(dir.path(), &["outbox", "retry", wedged.as_str()]).code, Some(0));
    assert_eq!(open(dir.path()).status(&wedged).unwrap(), Some(Status::Queued));
    assert_eq!(herald(dir.path(), &["outbox", "drop", waiting.as_str()]).code, Some(0));
    assert_eq!(open(dir.path()).status(&waiting).unwrap(), Some(Status::Undone));
    assert_eq!(herald(dir.path(), &["outbox", "--json"]).json().len(), 1);

    let again = herald(dir.path(), &["outbox", "drop", waiting.as_str()]);
    assert_eq!(again.code, Some(65));
    assert!(again.stderr.contains("is undone: it cannot be dropped"), "{again:?}");
}

#[test]
fn an_unknown_message_ends_with_65_and_no_id_at_all_with_2() {
    let dir = tempfile::tempdir().unwrap();
    let run = herald(dir.path(), &["outbox", "retry", MessageId::new().as_str()]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(65), ""), "{run:?}");
    assert!(run.stderr.contains("there is no message"), "{run:?}");
    assert_eq!(herald(dir.path(), &["outbox", "drop", "first"]).code, Some(2));
    assert_eq!(herald(dir.path(), &["outbox", "drop"]).code, Some(2));
}
