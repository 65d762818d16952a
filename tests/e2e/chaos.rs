//! Chaos with the real program: it is killed at every step of its journal, the plug is pulled, the disk is full, the clock
//! jumps, the server dies, connections break. Every message whose "sending" was said arrives once and in order, counted at
//! the receiving client; none whose "could not save" was said arrives.
//!
//! `HERALD_CHAOS_RUNS=1000` makes a campaign of it; `HERALD_CHAOS_SEED` chooses another one.

use std::{collections::BTreeMap, path::Path, process::Command, thread, time::Duration};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::support::{
    homeserver::{Homeserver, Household, SOON, Talker},
    machine::Machine,
    proxy::{Loss, Proxy},
    wait_until,
};

const RUNS: u32 = 20;

/// From a "yes" on, the journal takes about so many steps until the message is delivered.
const STEPS: u32 = 16;

/// Half a life, either way.
const YEARS_MS: i64 = 31 * 365 * 86_400_000;

fn number(variable: &str, otherwise: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// How a process dies at the end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// It does not.
    None,
    /// kill -9.
    Kill,
    /// kill -9, and what was not synced is gone.
    PowerCut,
}

/// What else is wrong while a message is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// The disk is full before the "yes".
    FullDisk,
    /// The disk becomes full behind the "sending", and stays so for a while.
    FullDiskBehind,
    /// The machine learns the time.
    ClockJump,
    /// It dies at this step of its journal from the "yes" on.
    Step(u32),
}

/// How often something went wrong indeed.
#[derive(Debug, Default)]
struct Met {
    steps: u32,
    refusals: u32,
    jumps: u32,
}

/// A device, and what was confirmed on it: conversation to bodies.
struct Device<'a> {
    home: &'a Household,
    machine: Machine,
    network: &'a str,
    herald: Talker,
    confirmed: BTreeMap<String, Vec<String>>,
    /// Asked for and perhaps not confirmed: the process died before it could say so.
    perhaps: Vec<String>,
    met: Met,
}

impl<'a> Device<'a> {
    fn new(home: &'a Household, network: &'a str) -> Self {
        let machine = Machine::around(home.path());
        let herald = start(home, &machine, network);
        Self { home, machine, network, herald, confirmed: BTreeMap::new(), perhaps: Vec::new(), met: Met::default() }
    }

    /// A message is said and confirmed, and something is wrong meanwhile.
    fn dictate(&mut self, to: &str, body: &str, trouble: Trouble, random: &mut Rng) {
        self.herald.say(&format!("message {to} that {body}"));
        self.herald.wait("the read-back", |event| event["kind"] == "readback");
        match trouble {
            Trouble::None | Trouble::FullDiskBehind => {}
            Trouble::FullDisk => self.machine.fill(true),
            Trouble::ClockJump => {
                self.machine.shift_clock(random.i64(-YEARS_MS..YEARS_MS));
                self.met.jumps += 1;
            }
            Trouble::Step(step) => self.machine.die_at(step.into()),
        }
        self.confirm(to, body);
        if trouble == Trouble::FullDiskBehind {
            let refused = self.machine.refused();
            self.machine.fill(true);
            // While the server is down, perhaps nothing is written.
            wait_a_little(|| self.machine.refused() > refused);
            thread::sleep(Duration::from_millis(random.u64(0..1_000)));
            self.machine.fill(false);
        }
        if matches!(trouble, Trouble::Step(_)) {
            self.die_at_step(random);
        }
    }

    /// Says "yes", until it is saved.
    fn confirm(&mut self, to: &str, body: &str) {
        self.perhaps.push(body.to_owned());
        loop {
            self.herald.say("yes");
            let answer = self.herald.wait_or_end(SOON, "what came of the yes", |event| {
                ["Sending to", "I'll send it", "I could not save it"].iter().any(|beginning| is_said(event, beginning))
            });
            let Some(answer) = answer else { return };
            if !is_said(&answer, "I could not save it") {
                break;
            }
            self.met.refusals += 1;
            self.machine.fill(false);
        }
        self.machine.fill(false);
        self.perhaps.pop();
        self.confirmed.entry(to.to_owned()).or_default().push(body.to_owned());
    }

    /// Waits for a death that was ordered; where the steps did not come to it, it is called off.
    fn die_at_step(&mut self, random: &mut Rng) {
        let died = wait_a_little(|| self.herald.has_ended());
        self.machine.die_at(0);
        if died || self.herald.has_ended() {
            self.met.steps += 1;
            self.die(*random.choice(&[Death::Kill, Death::PowerCut]).unwrap());
        }
    }

    /// The process dies in the middle of whatever it does, and is started again.
    fn die(&mut self, death: Death) {
        self.herald.kill();
        if death == Death::PowerCut {
            self.machine.cut();
        }
        self.herald = start(self.home, &self.machine, self.network);
    }

    /// Only a message whose process died at its "yes" may be there or not.
    fn assert_arrived(&self, to: &str, received: &[String]) {
        let certain: Vec<&String> = received.iter().filter(|body| !self.perhaps.contains(body)).collect();
        let confirmed: Vec<&String> = self.confirmed.get(to).into_iter().flatten().collect();
        assert_eq!(certain, confirmed, "to {to}");
        let twice = |body: &&String| received.iter().filter(|other| other == body).count() > 1;
        assert_eq!(received.iter().find(twice), None, "to {to}");
    }

    /// A campaign in which nothing went wrong shows nothing.
    fn assert_troubled(&self) {
        let Met { steps, refusals, jumps } = self.met;
        println!("deaths at a step of the journal {steps}, full disks told {refusals}, jumps of the clock {jumps}");
        assert!(steps > 0 && refusals > 0 && jumps > 0 && self.machine.refused() > i64::from(refusals));
    }
}

fn start(home: &Household, machine: &Machine, network: &str) -> Talker {
    home.talk_on(network, |command: &mut Command| machine.run(command))
}

fn is_said(event: &Value, beginning: &str) -> bool {
    event["type"] == "reply" && event["text"].as_str().is_some_and(|text| text.starts_with(beginning))
}

/// A second at most.
fn wait_a_little(mut is_so: impl FnMut() -> bool) -> bool {
    (0..50).any(|_| {
        thread::sleep(Duration::from_millis(20));
        is_so()
    })
}

/// What goes wrong with one message. Each second run ends with a death at a step of the journal, a later one each time;
/// the two campaigns on Matrix begin with different ones, so that together they meet them all. The others begin with a
/// full disk, before a message that can be sent or behind it: what chance alone brings may miss the moment.
fn trouble(part: u32, run: u32, (turn, turns): (u32, u32), random: &mut Rng) -> Trouble {
    match (run.is_multiple_of(2), turn) {
        (true, last) if last + 1 == turns => return Trouble::Step(1 + (run / 2 + part * STEPS / 2) % STEPS),
        (false, 0) if run % 4 == 1 => return Trouble::FullDiskBehind,
        (false, 0) => return Trouble::FullDisk,
        _ => {}
    }
    match random.u32(..10) {
        0 => Trouble::FullDisk,
        1 => Trouble::FullDiskBehind,
        2 | 3 => Trouble::ClockJump,
        _ => Trouble::None,
    }
}

fn campaign(server_dies: bool, part: u32) {
    let Some(mut server) = Homeserver::start() else { return };
    let proxy = Proxy::start(server.port());
    let home = server.household_at("owner", &proxy.url());
    let mut anna = server.peer("anna", "Anna Keller");
    let mut paul = server.peer("paul", "Paul Martin");
    for peer in [&mut anna, &mut paul] {
        make_acquaintance(&home, peer);
    }
    let mut random = Rng::with_seed(u64::from(number("HERALD_CHAOS_SEED", 1) * 10 + part));
    let mut device = Device::new(&home, "matrix");
    let people = ["Anna Keller", "Paul Martin"];
    for run in 0..number("HERALD_CHAOS_RUNS", RUNS) {
        let restarts = server_dies && run % 2 == 0;
        let down_first = random.bool();
        if restarts && down_first {
            server.down(random.bool());
        }
        let turns = random.u32(2..5);
        for turn in 0..turns {
            if random.bool() {
                proxy.lose(*random.choice(&LOSSES).unwrap());
            }
            let trouble = trouble(part, run, (turn, turns), &mut random);
            let to = random.choice(people).unwrap();
            device.dictate(to, &format!("round {run} step {turn}"), trouble, &mut random);
            // Only a device that has reached the server can be cut off from it.
            if turn == 0 && !(restarts && down_first) {
                device.herald.wait("the first to be sent", |event| event["status"] == "sent");
            }
        }
        thread::sleep(Duration::from_millis(random.u64(0..300)));
        let death = *random.choice(&[Death::None, Death::Kill, Death::Kill, Death::PowerCut]).unwrap();
        if death != Death::None {
            device.die(death);
        }
        if restarts && !down_first {
            server.down(random.bool());
            thread::sleep(Duration::from_millis(random.u64(0..500)));
        }
        if restarts {
            server.up();
        }
        if random.u32(..4) == 0 {
            device.die(Death::Kill);
        }
    }
    proxy.calm();
    for (name, peer) in people.iter().zip([&anna, &paul]) {
        let wanted = device.confirmed.get(*name).map_or(0, Vec::len);
        let received = || bodies(peer).iter().filter(|body| !device.perhaps.contains(body)).count();
        let patience = SOON * 2 + u64::try_from(wanted).unwrap();
        wait_until(patience, || format!("{wanted} messages; {:?}", bodies(peer)), || received() >= wanted);
    }
    // What comes twice comes later.
    thread::sleep(Duration::from_secs(2));
    for (name, peer) in people.iter().zip([&anna, &paul]) {
        device.assert_arrived(name, &bodies(peer));
    }
    device.herald.end();
    assert_eq!(home.lines(&["outbox"]), [Value::Null; 0]);
    device.assert_troubled();
}

/// The owner is in a room with somebody and has read what they wrote.
fn make_acquaintance(home: &Household, peer: &mut Talker) {
    let mut herald = home.talk();
    let room = peer.ask(json!({ "do": "dm", "user": "@owner:home.test" }))["room"].clone();
    herald.wait("the invitation", |event| event["type"] == "incoming");
    herald.say("read my messages");
    herald.wait("the question", |event| event["text"].as_str().is_some_and(|text| text.ends_with("Accept?")));
    herald.say("yes");
    peer.wait("the owner", |event| event["membership"] == "join");
    peer.ask(json!({ "do": "text", "room": room, "body": "hello" }));
    herald.wait("a message", |event| event["type"] == "incoming");
    herald.say("read my messages");
    herald.wait("it read", |event| event["text"].as_str().is_some_and(|text| text.ends_with("hello.")));
    herald.end();
}

const LOSSES: [Loss; 7] = [
    Loss::Request,
    Loss::HalfRequest,
    Loss::Answer,
    Loss::Answer,
    Loss::TooMany(700),
    Loss::ServerError(502),
    Loss::ServerError(500),
];

/// What a peer received, as often as it did; what it could not decrypt counts as something else.
fn bodies(peer: &Talker) -> Vec<String> {
    let text = |event: &Value| match event["event"].as_str() {
        Some("message") => event["body"].as_str().map(str::to_owned),
        Some("undecryptable") => Some("undecryptable".to_owned()),
        _ => None,
    };
    peer.heard().iter().filter_map(text).collect()
}

#[test]
fn killed_cut_off_and_refused_every_message_arrives_once() {
    campaign(false, 0);
}

#[test]
fn with_a_server_that_dies_every_message_arrives_once() {
    campaign(true, 1);
}

#[test]
fn on_the_local_network_nothing_is_lost_and_nothing_comes_twice() {
    let home = Household::new();
    let contacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/contacts.vcf");
    home.lines(&["contacts", "import", contacts.to_str().unwrap()]);
    let mut random = Rng::with_seed(u64::from(number("HERALD_CHAOS_SEED", 1)));
    let mut device = Device::new(&home, "local");
    let people = ["Marion Petit", "Paul Martin"];
    for run in 0..number("HERALD_CHAOS_RUNS", RUNS) {
        let turns = random.u32(1..4);
        for turn in 0..turns {
            let trouble = trouble(0, run, (turn, turns), &mut random);
            let to = random.choice(people).unwrap();
            device.dictate(to, &format!("round {run} step {turn}"), trouble, &mut random);
        }
        thread::sleep(Duration::from_millis(random.u64(0..100)));
        device.die(*random.choice(&[Death::Kill, Death::PowerCut]).unwrap());
    }
    device.herald.end();
    let inbox = home.lines(&["inbox"]);
    for name in people {
        let is_to = |line: &&Value| line["to"][0].as_str().is_some_and(|to| to.starts_with(name));
        let received: Vec<String> =
            inbox.iter().filter(is_to).map(|line| line["body"].as_str().unwrap().to_owned()).collect();
        device.assert_arrived(name, &received);
    }
    device.assert_troubled();
}

/// The guard of the guard: a disk that forgets what was synced is found out.
#[test]
fn a_disk_that_forgets_is_found_out() {
    let home = Household::new();
    let contacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/contacts.vcf");
    home.lines(&["contacts", "import", contacts.to_str().unwrap()]);
    let mut device = Device::new(&home, "local");
    let empty = Machine::around(home.path());
    device.dictate("Marion Petit", "round 1", Trouble::None, &mut Rng::with_seed(1));
    device.herald.kill();
    empty.cut();
    assert_eq!(home.lines(&["inbox"]), [Value::Null; 0]);
}
