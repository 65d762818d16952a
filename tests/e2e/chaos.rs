//! Chaos with the real program: it is killed, the plug is pulled, the server dies, connections break. Every message
//! whose "sending" was said arrives once and in order, counted at the receiving client.
//!
//! `HERALD_CHAOS_RUNS=1000` makes a campaign of it; `HERALD_CHAOS_SEED` chooses another one.

use std::{collections::BTreeMap, path::Path, process::Command, thread, time::Duration};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::support::{
    disk::Disk,
    homeserver::{Homeserver, Household, SOON, Talker},
    proxy::{Loss, Proxy},
    wait_until,
};

const RUNS: u32 = 20;

fn number(variable: &str, otherwise: u32) -> u32 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// How a run goes wrong, besides what the proxy loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// It does not.
    None,
    /// kill -9.
    Kill,
    /// kill -9, and what was not synced is gone.
    PowerCut,
}

/// A device, and what was confirmed on it: conversation to bodies.
struct Device<'a> {
    home: &'a Household,
    disk: Disk,
    network: &'a str,
    herald: Talker,
    confirmed: BTreeMap<String, Vec<String>>,
    /// Asked for and perhaps not confirmed: the process died before it could say so.
    perhaps: Vec<String>,
}

impl<'a> Device<'a> {
    fn new(home: &'a Household, network: &'a str) -> Self {
        let disk = Disk::below(home.path());
        let herald = start(home, &disk, network);
        Self { home, disk, network, herald, confirmed: BTreeMap::new(), perhaps: Vec::new() }
    }

    fn restart(&mut self) {
        self.herald = start(self.home, &self.disk, self.network);
    }

    /// A message is said and confirmed; the process may die while it listens.
    fn dictate(&mut self, to: &str, body: &str) {
        self.herald.say(&format!("message {to} that {body}"));
        self.herald.wait("the read-back", |event| event["kind"] == "readback");
        self.herald.say("yes");
        self.perhaps.push(body.to_owned());
        self.herald.wait("the sending", |event| is_said(event, "Sending to") || is_said(event, "I'll send it"));
        self.perhaps.pop();
        self.confirmed.entry(to.to_owned()).or_default().push(body.to_owned());
    }

    /// The process dies in the middle of whatever it does.
    fn die(&mut self, death: Death) {
        self.herald.kill();
        if death == Death::PowerCut {
            self.disk.cut();
        }
        self.restart();
    }
}

fn start(home: &Household, disk: &Disk, network: &str) -> Talker {
    home.talk_on(network, |command: &mut Command| disk.watch(command))
}

fn is_said(event: &Value, beginning: &str) -> bool {
    event["type"] == "reply" && event["text"].as_str().is_some_and(|text| text.starts_with(beginning))
}

/// Only the message of a run whose process died at its "yes" may be there or not.
fn assert_arrived(device: &Device<'_>, to: &str, received: &[String]) {
    let certain: Vec<&String> = received.iter().filter(|body| !device.perhaps.contains(body)).collect();
    let confirmed: Vec<&String> = device.confirmed.get(to).into_iter().flatten().collect();
    assert_eq!(certain, confirmed, "to {to}");
}

fn campaign(server_dies: bool, part: u32) {
    let Some(mut server) = Homeserver::start() else { return };
    let proxy = Proxy::start(server.port());
    let home = server.household_at("owner", &proxy.url());
    let mut anna = server.peer("anna", "Anna Keller");
    let mut paul = server.peer("paul", "Paul Martin");
    for peer in [&mut anna, &mut paul] {
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
    let mut random = Rng::with_seed(u64::from(number("HERALD_CHAOS_SEED", 1) * 10 + part));
    let mut device = Device::new(&home, "matrix");
    let people = ["Anna Keller", "Paul Martin"];
    for run in 0..number("HERALD_CHAOS_RUNS", RUNS) {
        let restarts = server_dies && run % 2 == 0;
        let down_first = random.bool();
        if restarts && down_first {
            server.down(random.bool());
        }
        for turn in 0..random.u32(2..5) {
            if random.bool() {
                proxy.lose(*random.choice(&LOSSES).unwrap());
            }
            device.dictate(random.choice(people).unwrap(), &format!("round {run} step {turn}"));
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
        assert_arrived(&device, name, &bodies(peer));
    }
    device.herald.end();
    assert_eq!(home.lines(&["outbox"]), [Value::Null; 0]);
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
fn on_the_local_network_a_power_cut_loses_nothing() {
    let home = Household::new();
    let contacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/contacts.vcf");
    home.lines(&["contacts", "import", contacts.to_str().unwrap()]);
    let mut random = Rng::with_seed(u64::from(number("HERALD_CHAOS_SEED", 1)));
    let mut device = Device::new(&home, "local");
    let people = ["Marion Petit", "Paul Martin"];
    for run in 0..number("HERALD_CHAOS_RUNS", RUNS) {
        for turn in 0..random.u32(1..4) {
            device.dictate(random.choice(people).unwrap(), &format!("round {run} step {turn}"));
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
        assert_arrived(&device, name, &received);
    }
}

/// The guard of the guard: a disk that forgets what was synced is found out.
#[test]
fn a_disk_that_forgets_is_found_out() {
    let home = Household::new();
    let contacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/contacts.vcf");
    home.lines(&["contacts", "import", contacts.to_str().unwrap()]);
    let mut device = Device::new(&home, "local");
    let empty = Disk::below(home.path());
    device.dictate("Marion Petit", "round 1");
    device.herald.kill();
    empty.cut();
    assert_eq!(home.lines(&["inbox"]), [Value::Null; 0]);
}
