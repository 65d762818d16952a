//! Chaos: whatever fails, and wherever the process dies, every confirmed message arrives once and in order. Counted
//! where it is received.
//!
//! A death is a journal that takes no write from some step on, and then a new process on the same directory. A fault is
//! the network's. The Matrix network is the real adapter with the real SDK, over a homeserver in memory that fails as
//! it is told; `tests/e2e/chaos.rs` does the same with real processes and a real homeserver.

use std::{
    collections::BTreeMap,
    path::Path,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use fastrand::Rng;
use tempfile::TempDir;

use super::{bench::Time, *};
use crate::store::Store;

/// Runs of one test; there are several, so that they share the machine.
const RUNS: u64 = 125;
/// Things that happen in a run.
const STEPS: usize = 16;
/// Milliseconds a server has for its answers in a step.
const SERVER_MS: u32 = 15;
/// Milliseconds of the audio clock until everything must have arrived, once nothing fails any more.
const PATIENCE_MS: u64 = 3_600_000;

/// The other end of a network.
pub(in crate::action) trait Other {
    /// Connects a new process.
    fn connect(&mut self, store: &Rc<Store>, dir: &Path) -> Box<dyn Network>;
    /// Who can be written to: each is a conversation.
    fn people(&self) -> Vec<Person>;
    /// What each has received, in order.
    fn received(&self, store: &Store) -> BTreeMap<String, Vec<String>>;
    /// Something of the network fails, now or at the next message.
    fn fail(&mut self, random: &mut Rng);
    /// Nothing fails any more.
    fn calm(&mut self);
}

/// The steps a journal still takes; none is left when the process is dead.
#[derive(Debug, Clone)]
struct Life(Arc<AtomicU32>);

impl Life {
    const IMMORTAL: u32 = u32::MAX;

    fn new() -> Self {
        Self(Arc::new(AtomicU32::new(Self::IMMORTAL)))
    }

    fn is_over(&self) -> bool {
        self.0.load(Relaxed) == 0
    }

    /// Counts a commit; returns whether it must not happen.
    fn step(&self) -> bool {
        let left = self.0.load(Relaxed);
        if left != Self::IMMORTAL {
            self.0.store(left.saturating_sub(1), Relaxed);
        }
        self.is_over()
    }
}

/// A device that dies and starts again.
struct Machine<'a> {
    dir: TempDir,
    other: &'a mut dyn Other,
    time: Rc<Time>,
    life: Life,
    now_ms: u64,
    process: Option<Process>,
}

struct Process {
    store: Rc<Store>,
    outbox: Outbox,
    network: Box<dyn Network>,
}

impl<'a> Machine<'a> {
    fn new(other: &'a mut dyn Other, dir: TempDir) -> Self {
        let life = Life::new();
        let mut machine = Self { dir, other, time: Rc::default(), life, now_ms: 0, process: None };
        machine.start();
        machine
    }

    fn start(&mut self) {
        // The old process is gone before the new one looks.
        self.process = None;
        self.life = Life::new();
        let store = Rc::new(Store::open(self.dir.path()).unwrap());
        let life = self.life.clone();
        store.connection().commit_hook(Some(move || life.step()));
        let outbox = Outbox::with_clock(Rc::clone(&store), Box::new(Rc::clone(&self.time))).unwrap();
        let network = self.other.connect(&store, self.dir.path());
        self.process = Some(Process { store, outbox, network });
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().unwrap()
    }

    /// Confirms a message; returns whether Herald could say so.
    fn confirm(&mut self, to: &Person, body: &str) -> bool {
        let process = self.process();
        let entry = OutboxEntry::send(process.network.name(), &Account::owner(), vec![to.clone()], body);
        process.outbox.queue(&entry).is_ok()
    }

    /// Lets time pass, on all clocks, and the outbox work.
    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.time.pass(i64::try_from(ms).unwrap());
        let now_ms = self.now_ms;
        let Process { outbox, network, .. } = self.process();
        // A server answers in its own time; a step is long enough for it, mostly.
        for _ in 0..SERVER_MS {
            // An error is a journal that takes no more: the process is dead, or the disk is full.
            let is_done = outbox.tick(now_ms, network.as_mut()).is_err() || !outbox.awaits_network();
            if is_done {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        if self.life.is_over() {
            self.start();
        }
    }

    /// The disk takes no new page until it is told otherwise.
    fn fill_disk(&mut self, is_full: bool) {
        let connection = self.process().store.connection();
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let most = if is_full { pages } else { 1_000_000 };
        connection.pragma_update_and_check(None, "max_page_count", most, |_| Ok(())).unwrap();
    }

    /// Works until nothing waits.
    fn run_until_idle(&mut self) {
        let end_ms = self.now_ms + PATIENCE_MS;
        while let Some(due_ms) = self.process().outbox.next_due_ms().unwrap() {
            assert!(self.now_ms < end_ms, "something waits for ever: {:?}", self.process().outbox.waiting().unwrap());
            let wait_ms = due_ms.saturating_sub(self.now_ms);
            self.pass(wait_ms.max(1));
        }
    }
}

/// One run, which its seed decides.
pub(in crate::action) fn run(seed: u64, other: &mut dyn Other, dir: TempDir) {
    let mut random = Rng::with_seed(seed);
    let people = other.people();
    let mut machine = Machine::new(other, dir);
    let mut confirmed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for step in 0..STEPS {
        match random.u32(..20) {
            0..8 => {
                let to = random.choice(&people).unwrap();
                let body = format!("{step}");
                if machine.confirm(to, &body) {
                    confirmed.entry(to.address.clone()).or_default().push(body);
                } else if machine.life.is_over() {
                    machine.start();
                }
            }
            8..13 => machine.pass(random.u64(..20_000)),
            13..16 => machine.other.fail(&mut random),
            16 => machine.start(),
            17 => machine.life.0.store(random.u32(1..8), Relaxed),
            18 => {
                machine.time.wall_ms.set(machine.time.wall_ms.get() + random.i64(-1_000_000_000_000..1_000_000_000_000))
            }
            _ => {
                machine.fill_disk(true);
                machine.pass(random.u64(..5_000));
                machine.fill_disk(false);
            }
        }
    }
    machine.start();
    machine.other.calm();
    machine.run_until_idle();
    let store = Rc::clone(&machine.process().store);
    let stuck = machine.process().outbox.waiting().unwrap();
    assert_eq!(machine.other.received(&store), confirmed, "seed {seed}; in the outbox: {stuck:#?}");
}

/// The household's own network.
struct Neighbours;

impl Other for Neighbours {
    fn connect(&mut self, store: &Rc<Store>, _: &Path) -> Box<dyn Network> {
        Box::new(Local::new(Rc::clone(store), Household::default()))
    }

    fn people(&self) -> Vec<Person> {
        (1..4).map(|id| Person::on_local(id, "Somebody")).collect()
    }

    fn received(&self, store: &Store) -> BTreeMap<String, Vec<String>> {
        let sql = "SELECT substr(conversation, 7), body FROM local_messages WHERE sender IS NULL ORDER BY seq";
        let mut select = store.connection().prepare(sql).unwrap();
        let mut received: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for row in rows {
            let (to, body): (String, String) = row.unwrap();
            received.entry(to).or_default().push(body);
        }
        received
    }

    /// It is as reliable as the disk it is on, and that fails in every run.
    fn fail(&mut self, _: &mut Rng) {}

    fn calm(&mut self) {}
}

/// Runs a part of the thousand.
pub(in crate::action) fn runs(part: u64, mut one: impl FnMut(u64)) {
    (part * RUNS..(part + 1) * RUNS).for_each(&mut one);
}

/// Makes a test of each eighth of the thousand runs.
macro_rules! thousand {
    ($run:path) => {
        crate::action::tests::chaos::thousand!(@ $run, first 0, second 1, third 2, fourth 3, fifth 4, sixth 5, seventh 6, eighth 7);
    };
    (@ $run:path, $($name:ident $part:literal),+) => {
        $(
            #[test]
            fn $name() {
                crate::action::tests::chaos::runs($part, $run);
            }
        )+
    };
}
pub(in crate::action) use thousand;

mod local {
    thousand!(super::one_local);
}

fn one_local(seed: u64) {
    run(seed, &mut Neighbours, tempfile::tempdir().unwrap());
}

/// The guard of the guard: what is queued without being on disk is missed.
#[test]
#[should_panic(expected = "seed")]
fn a_journal_that_forgets_is_found_out() {
    struct Forgetful;
    impl Other for Forgetful {
        fn connect(&mut self, store: &Rc<Store>, dir: &Path) -> Box<dyn Network> {
            // Nothing an earlier process had confirmed is there.
            store.connection().execute("DELETE FROM messages WHERE status = 'queued'", []).unwrap();
            Neighbours.connect(store, dir)
        }
        fn people(&self) -> Vec<Person> {
            Neighbours.people()
        }
        fn received(&self, store: &Store) -> BTreeMap<String, Vec<String>> {
            Neighbours.received(store)
        }
        fn fail(&mut self, _: &mut Rng) {}
        fn calm(&mut self) {}
    }
    (0..100).for_each(|seed| run(seed, &mut Forgetful, tempfile::tempdir().unwrap()));
}
