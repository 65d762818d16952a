//! `herald inbox`: what arrived and what was sent.

use std::{path::Path, rc::Rc};

use herald::{
    action::{Account, Household, Inbox, Local, Outbox, OutboxEntry},
    intent::contacts::Book,
    store::Store,
};

use crate::support::program::{Run, herald};

const CARDS: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:1\r\nFN:Marion Petit\r\nN:Petit;Marion;;;\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:4.0\r\nUID:2\r\nFN:Marion Durand\r\nN:Durand;Marion;;;\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:4.0\r\nUID:3\r\nFN:Josselin Éon\r\nN:Éon;Josselin;;;\r\nNICKNAME:Joss\r\nEND:VCARD\r\n\
    BEGIN:VCARD\r\nVERSION:4.0\r\nUID:4\r\nFN:The Family\r\nKIND:group\r\nMEMBER:1\r\nEND:VCARD\r\n";

/// A data directory with a contact book.
fn house() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let report = Book::open(&store).unwrap().import(&store, CARDS).unwrap();
    assert_eq!((report.imported, report.skipped.len()), (4, 0), "{report:?}");
    dir
}

fn deliver(data_dir: &Path, from: &str, text: &str) -> Run {
    herald(data_dir, &["inbox", "deliver", "--from", from, text])
}

fn list(data_dir: &Path) -> Vec<serde_json::Value> {
    let run = herald(data_dir, &["inbox", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.json()
}

#[test]
fn a_delivered_message_is_listed_as_the_contract_says() {
    let dir = house();
    let run = deliver(dir.path(), "Marion Petit", "On dîne à huit heures ?");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(deliver(dir.path(), "Marion Petit", "").code, Some(0));
    let lines = list(dir.path());
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["from"], &lines[0]["status"]), (&"Marion Petit".into(), &"received".into()));
    assert_eq!((&lines[0]["body"], &lines[1]["body"]), (&"On dîne à huit heures ?".into(), &"".into()));
    assert_eq!(lines[0]["to"].as_array().unwrap().len(), 1);
    assert_eq!(lines[0]["conversation"], lines[1]["conversation"]);
    assert_ne!(lines[0]["id"], lines[1]["id"]);
    lines[0]["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(herald(dir.path(), &["inbox"]).stdout.contains("received  Marion Petit → "));
}

#[test]
fn what_was_sent_stands_beside_what_arrived() {
    let dir = house();
    deliver(dir.path(), "Josselin Éon", "où es-tu ?");
    let store = Rc::new(Store::open(dir.path()).unwrap());
    let inbox = Inbox::new(Rc::clone(&store), Household::default());
    let question = inbox.unread(&Account::owner(), None).unwrap().remove(0);
    let mut outbox = Outbox::new(Rc::clone(&store)).unwrap();
    outbox.queue(&OutboxEntry::send("local", &Account::owner(), question.reply_to(), "j'arrive")).unwrap();
    outbox.tick(0, &mut Local::new(store, Household::default())).unwrap();
    let lines = list(dir.path());
    assert_eq!((&lines[1]["to"], &lines[1]["status"]), (&serde_json::json!(["Josselin Éon"]), &"delivered".into()));
    assert_eq!((&lines[1]["from"], &lines[0]["conversation"]), (&lines[0]["to"][0], &lines[1]["conversation"]));
}

#[test]
fn the_sender_may_be_named_by_any_name_that_only_one_person_has() {
    let dir = house();
    for name in ["josselin éon", "Joss", "Josselin"] {
        assert_eq!(deliver(dir.path(), name, "hello").code, Some(0), "{name}");
    }
    assert!(list(dir.path()).iter().all(|line| line["from"] == "Josselin Éon"));
}

#[test]
fn a_sender_nobody_or_several_people_can_be_ends_with_65() {
    let dir = house();
    for name in ["Marion", "Nobody Known", "", "The Family"] {
        let run = deliver(dir.path(), name, "hello");
        assert_eq!((run.code, run.stdout.as_str()), (Some(65), ""), "{name}: {run:?}");
        assert!(run.stderr.contains("hint: "), "{run:?}");
    }
    assert_eq!(list(dir.path()), [serde_json::Value::Null; 0]);
}

#[test]
fn a_message_delivered_beside_a_running_herald_is_announced_by_it() {
    let dir = house();
    let store = Rc::new(Store::open(dir.path()).unwrap());
    let inbox = Inbox::new(Rc::clone(&store), Household::default());
    let mut network = Local::new(store, Household::default());
    inbox.receive(&mut network).unwrap();
    assert_eq!(inbox.announce().unwrap(), []);
    deliver(dir.path(), "Marion Petit", "dinner is ready");
    list(dir.path());
    inbox.receive(&mut network).unwrap();
    let announced = inbox.announce().unwrap();
    assert_eq!(announced.len(), 1, "looking at the list announces nothing");
    assert_eq!(announced[0].from.name, "Marion Petit");
}

#[test]
fn a_hostile_body_is_one_line() {
    let dir = house();
    let body = format!("a\n\u{1b}[2J\u{202e}{}", "x".repeat(100_000));
    assert_eq!(deliver(dir.path(), "Marion Petit", &body).code, Some(0));
    assert_eq!(list(dir.path())[0]["body"], body);
    let text = herald(dir.path(), &["inbox"]).stdout;
    assert_eq!(text.lines().count(), 1);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

#[test]
fn deliver_without_a_sender_is_a_wrong_command_line() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(herald(dir.path(), &["inbox", "deliver", "hello"]).code, Some(2));
    assert_eq!(herald(dir.path(), &["inbox", "deliver", "--from", "Marion"]).code, Some(2));
}
