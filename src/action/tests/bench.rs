//! What the contract tests stand on: a store, a network that can be told to fail, clocks set by hand.

use std::{
    cell::Cell,
    collections::VecDeque,
    panic::{self, AssertUnwindSafe},
    rc::Rc,
};

use tempfile::TempDir;

use super::*;
use crate::{
    config::LangChoice,
    store::{Store, StoreError},
};

/// Where the store is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    File,
    Memory,
}

/// Which network is behind the outbox.
#[derive(Debug, Clone, Copy)]
pub(super) enum Peer {
    Local,
    Chat,
    Server,
}

/// What happens to one call of `send`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It works.
    None,
    /// The network is away.
    Unreachable,
    /// 429 with this Retry-After.
    Busy(Option<u64>),
    /// The request is lost, or the connection is cut before it arrives.
    RequestLost,
    /// The network takes the message, the answer is lost.
    AnswerLost,
    /// Refused for good.
    Refused(Reason),
    /// The process dies before the network has the message.
    CrashBefore,
    /// The process dies after the network has the message.
    CrashAfter,
}

/// A machine with an outbox, an inbox and a network.
#[derive(Debug)]
pub(super) struct Bench {
    dir: Option<TempDir>,
    pub(super) store: Rc<Store>,
    pub(super) outbox: Outbox,
    pub(super) network: Faulty,
    pub(super) time: Rc<Time>,
}

/// The owner, and one who shares the device.
pub(super) fn household() -> Household {
    Household { owner: "Owner".to_owned(), others: vec!["Paul Martin".to_owned()] }
}

impl Bench {
    pub(super) fn new(place: Place, peer: Peer) -> Self {
        let dir = match place {
            Place::File => Some(tempfile::tempdir().unwrap()),
            Place::Memory => None,
        };
        let store = Rc::new(match &dir {
            Some(dir) => Store::open(dir.path()).unwrap(),
            None => Store::in_memory().unwrap(),
        });
        let time = Rc::new(Time::default());
        let outbox = Outbox::with_clock(Rc::clone(&store), Box::new(Rc::clone(&time))).unwrap();
        let inner = match peer {
            Peer::Local => Inner::Local(Local::new(Rc::clone(&store), household())),
            Peer::Chat => Inner::Chat(Chat::new(Rc::clone(&store), LangChoice::Auto)),
            Peer::Server => Inner::Server(Server::default()),
        };
        Self {
            dir,
            store,
            outbox,
            network: Faulty { inner, faults: VecDeque::new(), calls: 0, sounds: Vec::new() },
            time,
        }
    }

    /// The process ends without a word and starts again; the other end of the network lives on.
    pub(super) fn restart(&mut self) {
        let store = match &self.dir {
            Some(dir) => Rc::new(Store::open(dir.path()).unwrap()),
            None => Rc::clone(&self.store),
        };
        match &mut self.network.inner {
            Inner::Local(local) => *local = Local::new(Rc::clone(&store), household()),
            Inner::Chat(chat) => *chat = Chat::new(Rc::clone(&store), LangChoice::Auto),
            Inner::Server(_) => {}
        }
        self.outbox = Outbox::with_clock(Rc::clone(&store), Box::new(Rc::clone(&self.time))).unwrap();
        self.store = store;
    }

    pub(super) fn inbox(&self) -> Inbox {
        Inbox::new(Rc::clone(&self.store), household())
    }

    /// Confirms a message to one person.
    pub(super) fn queue(&mut self, to: &Person, body: &str) -> MessageId {
        let entry = self.entry(to, body);
        self.outbox.queue(&entry).unwrap();
        entry.id
    }

    pub(super) fn entry(&self, to: &Person, body: &str) -> OutboxEntry {
        if matches!(self.network.inner, Inner::Chat(_)) {
            chat::visit(&self.store, &to.address);
        }
        OutboxEntry::send(self.network.name(), &Account::owner(), vec![to.clone()], body)
    }

    pub(super) fn fail_with(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.network.faults.extend(faults);
    }

    /// Nothing fails from now on, and the outbox knows.
    pub(super) fn network_back(&mut self) {
        self.network.faults.clear();
        self.outbox.network_returned(self.network.name());
    }

    pub(super) fn tick(&mut self, now_ms: u64) -> Vec<Outcome> {
        self.outbox.tick(now_ms, &mut self.network).unwrap()
    }

    /// Ticks; returns `false` when the process died of it.
    pub(super) fn tick_or_crash(&mut self, now_ms: u64) -> bool {
        panic::catch_unwind(AssertUnwindSafe(|| self.tick(now_ms))).is_ok()
    }

    /// Ticks whenever something is due until nothing waits; returns what became of it.
    pub(super) fn run_until_idle(&mut self) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let mut now_ms = 0;
        for _ in 0..10_000 {
            let Some(due_ms) = self.outbox.next_due_ms().unwrap() else { return outcomes };
            now_ms = due_ms.max(now_ms);
            outcomes.extend(self.tick(now_ms));
        }
        panic!("the outbox never became idle");
    }

    pub(super) fn status(&self, id: &MessageId) -> Status {
        self.outbox.status(id).unwrap().unwrap()
    }

    /// What stands at the other end, in order: address and body of each message.
    pub(super) fn arrived(&self) -> Vec<(String, String)> {
        match &self.network.inner {
            Inner::Server(server) => server.messages.iter().map(|(_, to, body)| (to.clone(), body.clone())).collect(),
            Inner::Chat(_) => {
                let sql = "SELECT visitor, body FROM chat_messages
                           WHERE author = 'shop' AND kind <> 'redact' AND NOT taken_back ORDER BY seq";
                let mut select = self.store.connection().prepare(sql).unwrap();
                select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
            }
            Inner::Local(_) => {
                let sql = "SELECT substr(conversation, 7), body FROM local_messages
                           WHERE sender IS NULL AND NOT taken_back ORDER BY seq";
                let mut select = self.store.connection().prepare(sql).unwrap();
                select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
            }
        }
    }

    /// The bodies that stand at the other end.
    pub(super) fn bodies(&self) -> Vec<String> {
        self.arrived().into_iter().map(|(_, body)| body).collect()
    }
}

pub(super) fn person(contact_id: i64, name: &str) -> Person {
    Person::on_local(contact_id, name)
}

/// Clocks set by hand.
#[derive(Debug)]
pub(in crate::action) struct Time {
    pub(in crate::action) wall_ms: Cell<i64>,
    pub(in crate::action) steady_ms: Cell<i64>,
    /// How often the machine was started.
    pub(in crate::action) boots: Cell<u32>,
}

impl Default for Time {
    fn default() -> Self {
        // 2026-01-01
        Self { wall_ms: Cell::new(1_767_225_600_000), steady_ms: Cell::new(5_000), boots: Cell::new(1) }
    }
}

impl Time {
    /// The machine starts anew: its steady clock too.
    pub(in crate::action) fn restart(&self) {
        self.boots.set(self.boots.get() + 1);
        self.steady_ms.set(0);
    }

    /// Lets time pass on both clocks.
    pub(in crate::action) fn pass(&self, ms: i64) {
        self.wall_ms.set(self.wall_ms.get() + ms);
        self.steady_ms.set(self.steady_ms.get() + ms);
    }
}

impl Clock for Rc<Time> {
    fn wall_ms(&self) -> i64 {
        self.wall_ms.get()
    }

    fn steady_ms(&self) -> i64 {
        self.steady_ms.get()
    }

    fn boot(&self) -> String {
        self.boots.get().to_string()
    }
}

/// A network that fails as told.
#[derive(Debug)]
pub(super) struct Faulty {
    inner: Inner,
    faults: VecDeque<Fault>,
    /// How often `send` was called.
    pub(super) calls: usize,
    /// The sounds it was given.
    pub(super) sounds: Vec<Recording>,
}

#[derive(Debug)]
enum Inner {
    Local(Local),
    Chat(Chat),
    Server(Server),
}

impl Inner {
    fn network(&mut self) -> &mut dyn Network {
        match self {
            Self::Local(local) => local,
            Self::Chat(chat) => chat,
            Self::Server(server) => server,
        }
    }
}

/// The process ends here. Unwinding without a message stands in for it.
fn crash() -> ! {
    panic::resume_unwind(Box::new("crash"))
}

impl Network for Faulty {
    fn name(&self) -> &'static str {
        match &self.inner {
            Inner::Local(local) => local.name(),
            Inner::Chat(chat) => chat.name(),
            Inner::Server(server) => server.name(),
        }
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        self.calls += 1;
        self.sounds.extend(entry.recording.clone());
        let inner = self.inner.network();
        match self.faults.pop_front().unwrap_or(Fault::None) {
            Fault::None => inner.send(entry),
            Fault::Unreachable => Err(NetworkError::Unreachable),
            Fault::Busy(retry_after_ms) => Err(NetworkError::Busy { retry_after_ms }),
            Fault::RequestLost => Err(NetworkError::NoAnswer),
            Fault::AnswerLost => inner.send(entry).and(Err(NetworkError::NoAnswer)),
            Fault::Refused(reason) => Err(NetworkError::Refused(reason)),
            Fault::CrashBefore => crash(),
            Fault::CrashAfter => {
                inner.send(entry).unwrap();
                crash()
            }
        }
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        self.inner.network().poll()
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        self.inner.network().acknowledge()
    }
}

impl Faulty {
    /// Somebody writes to the owner; the message arrives with the next poll.
    pub(super) fn write(&mut self, from: &Person, others: &[Person], body: &str) -> Result<MessageId, StoreError> {
        match &mut self.inner {
            Inner::Chat(_) => unreachable!("visitors write to the server"),
            Inner::Local(local) => local.deliver(&Account::owner(), from, others, body),
            Inner::Server(server) => Ok(server.write(from, others, body)),
        }
    }
}

/// A server in memory that answers "accepted", knows a transaction id for ever, and never forgets what it has
/// already given to a client (its sync token is always wrong).
#[derive(Debug, Default)]
struct Server {
    messages: Vec<(MessageId, String, String)>,
    arrived: Vec<IncomingMessage>,
}

impl Server {
    fn write(&mut self, from: &Person, others: &[Person], body: &str) -> MessageId {
        let members: Vec<Person> = std::iter::once(from).chain(others).cloned().collect();
        let id = MessageId::new();
        self.arrived.push(IncomingMessage {
            id: id.clone(),
            kind: EntryKind::Send,
            conversation: ConversationId::between(self.name(), &Account::owner(), &members),
            from: from.clone(),
            others: others.to_vec(),
            body: body.to_owned(),
            in_reply_to: None,
            at: "2026-01-01T00:00:00.000Z".to_owned(),
        });
        id
    }
}

impl Network for Server {
    fn name(&self) -> &'static str {
        "server"
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        if let (EntryKind::Redact, Some(message)) = (entry.kind, &entry.in_reply_to) {
            self.messages.retain(|(id, ..)| id != message);
        } else if !self.messages.iter().any(|(id, ..)| *id == entry.id) {
            let to: Vec<&str> = entry.to.iter().map(|person| person.address.as_str()).collect();
            self.messages.push((entry.id.clone(), to.join("+"), entry.body.clone()));
        }
        Ok(Receipt::Accepted { network_id: Some(format!("${}", entry.id)) })
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        Ok(self.arrived.iter().cloned().map(Arrived::Message).collect())
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        Ok(())
    }
}
