//! What the adapter makes of what a server says, and what it keeps when it or the server dies.

use std::{
    path::Path,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fake::{FakeHomeserver, Fault, On};
use crate::{
    action::{
        Account, Arrived, ConversationId, EntryKind, Household, Inbox, IncomingMessage, MessageId, Network,
        NetworkError, News, Outbox, OutboxEntry, Outcome, Person, Reason, Status,
        matrix::{Access, Matrix},
    },
    store::Store,
};

/// Seconds within which everything happens, under load too.
const SOON: u64 = 60;

/// A device, and Anna, who has a conversation with it.
struct Bench {
    server: FakeHomeserver,
    room: String,
    anna: String,
    dir: TempDir,
    process: Option<Process>,
}

struct Process {
    matrix: Matrix,
    inbox: Inbox,
    outbox: Outbox,
}

impl Process {
    fn start(dir: &Path) -> Self {
        let store = Rc::new(Store::open(dir).unwrap());
        let matrix = Matrix::open(Rc::clone(&store), dir).unwrap();
        let inbox = Inbox::new(Rc::clone(&store), Household::default());
        Self { matrix, inbox, outbox: Outbox::new(store).unwrap() }
    }
}

impl Bench {
    fn new() -> Self {
        let server = FakeHomeserver::start();
        let (owner, token) = server.user("owner", "Owner");
        let (anna, _) = server.user("anna", "Anna Keller");
        let room = server.room(&owner, &[&anna], None, true);
        let dir = tempfile::tempdir().unwrap();
        Access::of_test(&server.url(), &owner, &token).write(dir.path()).unwrap();
        let process = Some(Process::start(dir.path()));
        let mut bench = Self { server, room, anna, dir, process };
        // The first sync ends with the people there are; what was written before it is history.
        bench.receive_until("the people", |news| !news.people.is_empty());
        bench
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().unwrap()
    }

    fn stop(&mut self) {
        self.process = None;
    }

    fn start(&mut self) {
        self.stop();
        self.process = Some(Process::start(self.dir.path()));
    }

    fn write(&self, body: &str) {
        self.server.write(&self.room, &self.anna, body);
    }

    /// Looks until there is something, for as long as a loaded machine may take.
    fn until<T>(&mut self, what: &str, mut look: impl FnMut(&mut Process) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look(self.process()) {
                return found;
            }
            assert!(start.elapsed() < Duration::from_secs(SOON), "waited for {what}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Receives until news are as wanted.
    fn receive_until(&mut self, what: &str, is_it: impl Fn(&News) -> bool) -> News {
        self.until(what, |Process { matrix, inbox, .. }| Some(inbox.receive(matrix).unwrap()).filter(&is_it))
    }

    /// Receives until a message with these words is there; returns all that is unread.
    fn received_up_to(&mut self, body: &str) -> Vec<IncomingMessage> {
        self.until(body, |Process { matrix, inbox, .. }| {
            inbox.receive(matrix).unwrap();
            let unread = inbox.unread(&Account::owner(), None).unwrap();
            unread.iter().any(|message| message.body == body).then_some(unread)
        })
    }

    /// What the adapter brings, which nobody acknowledges.
    fn polled(&mut self) -> Vec<Arrived> {
        self.until("news", |Process { matrix, .. }| Some(matrix.poll().unwrap()).filter(|arrived| !arrived.is_empty()))
    }

    /// Sends and receives until the adapter says that it cannot go on.
    fn failure(&mut self) -> NetworkError {
        self.until("the failure", |Process { matrix, inbox, outbox }| {
            assert_eq!(outbox.tick(0, matrix).unwrap(), []);
            inbox.receive(matrix).err()
        })
    }

    fn queue(&mut self, body: &str) -> MessageId {
        let to = Person { contact_id: None, name: "Anna Keller".to_owned(), address: self.anna.clone() };
        let entry = OutboxEntry::send("matrix", &Account::owner(), vec![to], body);
        self.process().outbox.queue(&entry).unwrap();
        entry.id
    }

    /// Sends until something came of it.
    fn outcome(&mut self) -> Outcome {
        let start = Instant::now();
        self.until("an outcome", |Process { matrix, outbox, .. }| {
            outbox.tick(u64::try_from(start.elapsed().as_millis()).unwrap(), matrix).unwrap().pop()
        })
    }
}

fn bodies(messages: &[IncomingMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

#[test]
fn a_message_arrives_as_what_it_is_from_whom_it_is() {
    let mut bench = Bench::new();
    bench.write("hello");
    let arrived = bench.received_up_to("hello").remove(0);
    assert_eq!((arrived.from.name.as_str(), arrived.kind), ("Anna Keller", EntryKind::Send));
    assert_eq!(arrived.from.address, bench.anna);
    let with_anna = ConversationId::between("matrix", &Account::owner(), std::slice::from_ref(&arrived.from));
    assert_eq!(arrived.conversation, with_anna);
}

#[test]
fn what_was_written_before_the_device_was_signed_in_is_history() {
    let server = FakeHomeserver::start();
    let (owner, token) = server.user("owner", "Owner");
    let (anna, _) = server.user("anna", "Anna Keller");
    let room = server.room(&owner, &[&anna], None, true);
    server.write(&room, &anna, "old");
    let dir = tempfile::tempdir().unwrap();
    Access::of_test(&server.url(), &owner, &token).write(dir.path()).unwrap();
    let process = Some(Process::start(dir.path()));
    let mut bench = Bench { server, room, anna, dir, process };
    bench.receive_until("the people", |news| !news.people.is_empty());
    bench.write("new");
    assert_eq!(bodies(&bench.received_up_to("new")), ["new"]);
}

#[test]
fn a_long_absence_loses_nothing_and_repeats_nothing() {
    let mut bench = Bench::new();
    bench.stop();
    let written: Vec<String> = (0..260).map(|number| format!("number {number}")).collect();
    written.iter().for_each(|body| bench.write(body));
    bench.start();
    assert_eq!(bodies(&bench.received_up_to("number 259")), written);
}

#[test]
fn a_death_between_sync_and_journal_loses_nothing() {
    let mut bench = Bench::new();
    bench.write("one");
    // The SDK has it, the journal has not.
    bench.polled();
    bench.start();
    assert_eq!(bodies(&bench.received_up_to("one")), ["one"]);
    bench.start();
    bench.write("two");
    assert_eq!(bodies(&bench.received_up_to("two")), ["one", "two"]);
}

#[test]
fn a_journal_that_cannot_be_written_keeps_what_arrived_for_later() {
    let mut bench = Bench::new();
    bench.write("kept");
    let arrived = bench.polled();
    // The disk was full: nobody acknowledged.
    assert_eq!(bench.process().matrix.poll().unwrap(), arrived);
    assert_eq!(bodies(&bench.received_up_to("kept")), ["kept"]);
}

#[test]
fn whatever_a_server_makes_up_costs_no_message() {
    let mut bench = Bench::new();
    let strange = [
        ("m.room.message", json!({})),
        ("m.room.message", json!({ "msgtype": 7, "body": ["x"] })),
        ("m.room.message", json!({ "msgtype": "m.text", "body": null })),
        ("m.room.message", json!({ "msgtype": "org.example.hologram", "body": "wave" })),
        ("org.example.unheard_of", json!({ "a": [[[[]]]] })),
        ("m.reaction", json!({ "m.relates_to": { "rel_type": "m.annotation" } })),
        ("m.reaction", json!({ "m.relates_to": "none" })),
        ("m.room.encrypted", json!({ "algorithm": "rot13" })),
        ("m.poll.start", json!({ "m.poll": { "question": {}, "answers": "none" } })),
        ("m.room.member", json!({ "membership": "asleep" })),
    ];
    for (kind, content) in strange {
        bench.server.write_raw(&bench.room, &bench.anna, kind, content);
    }
    bench.server.fail(On::Sync, [Fault::Garbage, Fault::CutMidway, Fault::ServerError(502), Fault::Slow(50)]);
    let large = "x".repeat(10_000_000);
    bench.write(&large);
    bench.write("\u{202e}\u{0}\u{1b}[2J still here");
    let arrived = bench.received_up_to("\u{202e}\u{0}\u{1b}[2J still here");
    assert_eq!(arrived.len(), 2);
    assert!(large.starts_with(&arrived[0].body) && arrived[0].body.len() == 65_536);
    bench.queue("and so is Herald");
    assert_eq!(bench.outcome().status, Status::Sent);
}

#[test]
fn a_hostile_name_is_shortened_and_laid_flat() {
    let mut bench = Bench::new();
    let (mallory, _) = bench.server.user("mallory", &format!("\u{202e}\n{}", "Zz ".repeat(10_000)));
    let (owner, _) = bench.server.user("owner", "Owner");
    let room = bench.server.room(&mallory, &[&owner], None, true);
    bench.receive_until("the stranger", |news| news.people.iter().any(|known| known.address == mallory));
    bench.server.write(&room, &mallory, "psst");
    let arrived = bench.received_up_to("psst").remove(0);
    assert!(arrived.from.name.starts_with("Zz Zz") && arrived.from.name.chars().count() <= 80);
}

#[test]
fn a_server_that_lies_about_time_confuses_nobody() {
    let mut bench = Bench::new();
    for time in [json!(-1), json!(i64::MAX), json!("yesterday"), Value::Null] {
        bench.server.write_at(&bench.room, &bench.anna, "hello", time);
    }
    bench.write("last");
    let arrived = bench.received_up_to("last");
    assert_eq!(bodies(&arrived), ["hello", "hello", "hello", "hello", "last"]);
    assert!(arrived.iter().all(|message| message.at.ends_with('Z') && message.at.contains('T')));
}

#[test]
fn a_revoked_token_is_told_once_and_what_is_confirmed_waits() {
    let mut bench = Bench::new();
    let id = bench.queue("kept");
    bench.server.fail(On::Any, [(); 40].map(|()| Fault::Refuse { status: 401, errcode: "M_UNKNOWN_TOKEN" }));
    assert!(matches!(bench.failure(), NetworkError::SignedOut));
    let Process { matrix, inbox, .. } = bench.process();
    assert!((0..50).all(|_| inbox.receive(matrix).is_ok()), "told twice");
    assert_ne!(bench.process().outbox.status(&id).unwrap(), Some(Status::Wedged));
    bench.server.calm();
    bench.start();
    assert_eq!(bench.outcome(), Outcome { id, status: Status::Sent, reason: None });
}

#[test]
fn a_refusal_is_final_and_its_reason_is_known() {
    let mut bench = Bench::new();
    for (status, errcode, reason) in [
        (403, "M_FORBIDDEN", Reason::Forbidden),
        (413, "M_TOO_LARGE", Reason::TooLarge),
        (400, "M_BAD_JSON", Reason::Refused),
    ] {
        bench.server.fail(On::Send, [Fault::Refuse { status, errcode }]);
        let id = bench.queue("no");
        assert_eq!(bench.outcome(), Outcome { id, status: Status::Wedged, reason: Some(reason) });
    }
    let id = bench.queue(&"x".repeat(70_000));
    assert_eq!(bench.outcome(), Outcome { id, status: Status::Wedged, reason: Some(Reason::TooLarge) });
    assert_eq!(bench.server.timeline(&bench.room).len(), 0);
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again_not_the_message() {
    let mut bench = Bench::new();
    bench.server.fail(On::Send, [Fault::CutAfter, Fault::CutMidway]);
    let id = bench.queue("once");
    assert_eq!(bench.outcome(), Outcome { id, status: Status::Sent, reason: None });
    assert_eq!(bench.server.requests(), 3);
    assert_eq!(bench.server.timeline(&bench.room).len(), 1);
}

#[test]
fn an_old_message_that_was_sent_by_another_device_is_found_and_not_sent_again() {
    let mut bench = Bench::new();
    let to = Person { contact_id: None, name: "Anna Keller".to_owned(), address: bench.anna.clone() };
    // Made in 2020, by the time in its id.
    let id = MessageId::parse("016f5e66-e800-7000-8000-000000000001").unwrap();
    let entry = OutboxEntry { id: id.clone(), ..OutboxEntry::send("matrix", &Account::owner(), vec![to], "long ago") };
    let content = json!({ "msgtype": "m.text", "body": "long ago", "org.herald.message": id });
    bench.server.write_raw(&bench.room, "@owner:fake.test", "m.room.message", content);
    bench.process().outbox.queue(&entry).unwrap();
    assert_eq!(bench.outcome(), Outcome { id, status: Status::Sent, reason: None });
    assert_eq!(bench.server.timeline(&bench.room).len(), 1);
}

#[test]
fn an_invitation_is_told_and_accepted_only_by_a_row_of_the_outbox() {
    let mut bench = Bench::new();
    let (paul, _) = bench.server.user("paul", "Paul Martin");
    let room = bench.server.room(&paul, &[], Some("Garden club"), false);
    bench.server.invite(&room, &paul, "@owner:fake.test");
    let invitation = bench.received_up_to("Garden club").remove(0);
    assert_eq!((invitation.kind, invitation.from.name.as_str()), (EntryKind::Invite, "Paul Martin"));
    bench.server.write(&room, &paul, "not for strangers");
    let to = invitation.reply_to();
    let join = OutboxEntry::about(EntryKind::Join, invitation.id, invitation.conversation, to, "");
    bench.process().outbox.queue(&join).unwrap();
    bench.queue("joined");
    bench.outcome();
    bench.server.write(&room, &paul, "welcome");
    assert!(bodies(&bench.received_up_to("welcome")).contains(&"Garden club"));
}

#[test]
fn damaged_stores_are_set_aside_and_rebuilt_from_the_server() {
    let mut bench = Bench::new();
    bench.stop();
    let stores = bench.dir.path().join("matrix/store");
    let damage = |name: &str| std::fs::write(stores.join(name), [b'x'; 4096]).unwrap();
    damage("matrix-sdk-state.sqlite3");
    bench.write("while you were away");
    bench.start();
    assert_eq!(bodies(&bench.received_up_to("while you were away")), ["while you were away"]);
    bench.queue("back again");
    assert_eq!(bench.outcome().status, Status::Sent);
    assert!(stores.join("damaged-matrix-sdk-state.sqlite3").exists());

    // The keys are nowhere else: that is told, and nothing is lost meanwhile.
    bench.stop();
    damage("matrix-sdk-crypto.sqlite3");
    bench.start();
    let id = bench.queue("kept");
    let failure = bench.failure();
    assert!(matches!(failure, NetworkError::Damaged(_)), "{failure}");
    assert_ne!(bench.process().outbox.status(&id).unwrap(), Some(Status::Wedged));
}
