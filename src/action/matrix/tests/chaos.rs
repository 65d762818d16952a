//! A thousand runs of the chaos of `action/tests/chaos.rs`.

use std::{collections::BTreeMap, path::Path, rc::Rc};

use fastrand::Rng;

use super::fake::{FakeHomeserver, Fault, On};
use crate::{
    action::{
        Network, Person,
        matrix::{Access, Matrix},
        tests::chaos::{self, Other},
    },
    store::Store,
};

/// A homeserver where the owner has two conversations with one person each, and a group.
struct Server {
    server: FakeHomeserver,
    rooms: BTreeMap<String, String>,
    owner: String,
}

impl Server {
    /// Starts it, and signs a device in.
    fn new(dir: &Path) -> Self {
        let server = FakeHomeserver::start();
        let (owner, token) = server.user("owner", "Owner");
        let (anna, _) = server.user("anna", "Anna Keller");
        let (paul, _) = server.user("paul", "Paul Martin");
        let group = server.room(&owner, &[&anna, &paul], Some("Garden club"), false);
        let rooms = BTreeMap::from([
            (anna.clone(), server.room(&owner, &[&anna], None, true)),
            (paul.clone(), server.room(&owner, &[&paul], None, true)),
            (group.clone(), group),
        ]);
        Access::of_test(&server.url(), &owner, &token).write(dir).unwrap();
        Self { server, rooms, owner }
    }
}

impl Other for Server {
    fn connect(&mut self, store: &Rc<Store>, dir: &Path) -> Box<dyn Network> {
        Box::new(Matrix::open(Rc::clone(store), dir).unwrap())
    }

    fn people(&self) -> Vec<Person> {
        let person =
            |address: &String| Person { contact_id: None, name: "Somebody".to_owned(), address: address.clone() };
        self.rooms.keys().map(person).collect()
    }

    fn received(&self, _: &Store) -> BTreeMap<String, Vec<String>> {
        let mut received = BTreeMap::new();
        for (address, room) in &self.rooms {
            let events = self.server.timeline(room);
            let bodies = events.iter().filter(|event| event["sender"] == self.owner.as_str());
            let bodies: Vec<String> =
                bodies.map(|event| event["content"]["body"].as_str().unwrap().to_owned()).collect();
            if !bodies.is_empty() {
                received.insert(address.clone(), bodies);
            }
        }
        received
    }

    fn fail(&mut self, random: &mut Rng) {
        let on = if random.u32(..4) == 0 { On::Any } else { On::Send };
        let fault = match random.u32(..8) {
            0 => Fault::CutBefore,
            1 => Fault::CutAfter,
            2 => Fault::CutMidway,
            3 => Fault::TooMany { retry_after_ms: Some(random.u64(..10_000)) },
            4 => Fault::TooMany { retry_after_ms: None },
            5 => Fault::ServerError(random.u16(500..505)),
            6 => Fault::Garbage,
            _ if random.bool() => return self.server.set_down(random.bool()),
            _ => return self.server.restart(),
        };
        self.server.fail(on, [fault]);
    }

    fn calm(&mut self) {
        self.server.calm();
        self.server.set_down(false);
    }
}

fn one(seed: u64) {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::new(dir.path());
    chaos::run(seed, &mut server, dir);
}

chaos::thousand!(one);
