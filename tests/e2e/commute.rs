//! A week on the road: two drives a day through tunnels, on a virtual clock. What is said about the network stays within
//! what the car profile allows, and every message arrives once.

use std::{
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use fastrand::Rng;
use herald::{
    action::{Arrived, Household, Local, Network, NetworkError, OutboxEntry, Person, Receipt},
    config::{self, Config, Sources},
    intent::contacts::Book,
    runtime::{Conversation, EventLog},
    store::Store,
};

use crate::support::events::{Line, Shared, tell};

const CONTACTS: &str = include_str!("../examples/contacts.vcf");
/// Days and drives of the week, and how long a drive takes, milliseconds.
const DAYS: u64 = 7;
const DRIVES: u64 = 2;
const DRIVE_MS: u64 = 45 * 60_000;
const STEP_MS: u64 = 500;

/// The household's network behind a mobile connection.
#[derive(Debug)]
struct Mobile {
    local: Local,
    is_up: Arc<AtomicBool>,
    random: Rng,
}

impl Network for Mobile {
    fn name(&self) -> &'static str {
        Local::NAME
    }

    fn is_reachable(&self) -> bool {
        self.is_up.load(Relaxed)
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        // At the edge of a tunnel requests get lost, and answers.
        match self.random.u32(..4) {
            0 => Err(NetworkError::NoAnswer),
            1 => self.local.send(entry).and(Err(NetworkError::NoAnswer)),
            _ => self.local.send(entry),
        }
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        if self.is_reachable() { self.local.poll() } else { Ok(Vec::new()) }
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        self.local.acknowledge()
    }
}

struct Car {
    conversation: Conversation,
    is_up: Arc<AtomicBool>,
    events: Arc<Mutex<Vec<u8>>>,
    now_ms: u64,
}

impl Car {
    fn new(config: &Config, store: &Rc<Store>, seed: u64) -> Self {
        let is_up = Arc::new(AtomicBool::new(true));
        let local = Local::new(Rc::clone(store), Household::new(&config.general));
        let network = Mobile { local, is_up: Arc::clone(&is_up), random: Rng::with_seed(seed) };
        let out = Shared::default();
        let log = EventLog::none().to_writer(Box::new(out.clone()));
        let conversation = Conversation::with_network(config, Rc::clone(store), Box::new(network), log).unwrap();
        Self { conversation, is_up, events: out.0, now_ms: 0 }
    }

    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.conversation.advance(self.now_ms);
        self.conversation.read_replies();
    }

    fn say(&mut self, words: &str) {
        self.conversation.read(words);
        self.conversation.read_replies();
    }

    /// What happened since the last call.
    fn news(&self) -> Vec<Line> {
        let bytes = std::mem::take(&mut *self.events.lock().unwrap());
        String::from_utf8(bytes).unwrap().lines().map(tell).collect()
    }
}

fn replies(news: &[Line]) -> Vec<&str> {
    news.iter()
        .filter_map(|line| if let Line::Reply { text, .. } = line { Some(text.as_str()) } else { None })
        .collect()
}

#[test]
fn a_week_of_tunnels_is_not_talked_about_and_loses_nothing() {
    let sources = Sources { profile: Some("car".to_owned()), ..Sources::default() };
    let config = config::load(&sources).unwrap().config;
    let store = Rc::new(Store::in_memory().unwrap());
    Book::open(&store).unwrap().import(&store, CONTACTS).unwrap();
    let mut random = Rng::with_seed(2026);
    let mut car = Car::new(&config, &store, 7);
    let (mut confirmed, mut offline, mut unasked, mut arrived, mut announced) = (Vec::new(), 0, Vec::new(), 0, 0);
    for drive in 0..DAYS * DRIVES {
        let end_ms = car.now_ms + DRIVE_MS;
        let mut change_ms = car.now_ms + random.u64(60_000..300_000);
        while car.now_ms < end_ms {
            if car.now_ms >= change_ms {
                let is_up = !car.is_up.load(Relaxed);
                car.is_up.store(is_up, Relaxed);
                change_ms = car.now_ms + if is_up { random.u64(60_000..600_000) } else { random.u64(20_000..180_000) };
            }
            match random.u32(..600) {
                0 if car.conversation.is_idle() => {
                    let body = format!("I am at kilometre {} of drive {drive}", car.now_ms / 1_000);
                    car.news();
                    car.say(&format!("message Marion Petit that {body}"));
                    car.say("yes");
                    let news = car.news();
                    let said = replies(&news).last().copied().unwrap_or_default().to_owned();
                    let is_up = car.is_up.load(Relaxed);
                    let expected = match is_up {
                        true => "Sending to Marion Petit.",
                        false => "I'll send it to Marion Petit when there is network.",
                    };
                    assert_eq!(said, expected);
                    assert!(said.split_whitespace().count() <= 12);
                    offline += u32::from(!is_up);
                    confirmed.push(body);
                }
                1 => {
                    arrived += 1;
                    car.conversation.deliver(&Person::on_local(2, "Paul Martin"), "are you there yet");
                    announced += replies(&car.news()).len();
                }
                _ => {}
            }
            car.pass(STEP_MS);
            let news = car.news();
            for said in replies(&news) {
                match said {
                    "New message from Paul Martin." => announced += 1,
                    other => unasked.push(other.to_owned()),
                }
            }
        }
        // Parked, and home again where there is a network.
        car.is_up.store(true, Relaxed);
        for _ in 0..600 {
            car.pass(1_000);
            announced += replies(&car.news()).len();
        }
    }
    println!("{} messages, {offline} of them without a network, {arrived} arrived", confirmed.len());
    assert!(confirmed.len() > 20 && offline > 3, "too little happened");
    assert_eq!(unasked, [""; 0], "nobody asked about the network");
    assert_eq!(announced, arrived);
    let sql = "SELECT body FROM local_messages WHERE sender IS NULL ORDER BY seq";
    let mut select = store.connection().prepare(sql).unwrap();
    let sent: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(sent, confirmed);
}
