//! Two networks as one: what fails on one holds up nothing on the other.

use std::{cell::Cell, rc::Rc};

use super::*;
use crate::{config::LangChoice, store::Store};

/// How a network is at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    Fair,
    /// It says so before it is asked.
    Unreachable,
    /// It takes nothing now.
    Busy,
    /// What arrives cannot be had.
    Deaf,
}

#[derive(Debug)]
struct Server {
    weather: Rc<Cell<Weather>>,
    acknowledged: Rc<Cell<usize>>,
}

impl Network for Server {
    fn name(&self) -> &'static str {
        "server"
    }

    fn is_reachable(&self) -> bool {
        self.weather.get() != Weather::Unreachable
    }

    fn send(&mut self, _: &OutboxEntry) -> Result<Receipt, NetworkError> {
        match self.weather.get() {
            Weather::Busy => Err(NetworkError::Busy { retry_after_ms: Some(60_000) }),
            Weather::Fair | Weather::Unreachable | Weather::Deaf => Ok(Receipt::Delivered),
        }
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        if self.weather.get() == Weather::Deaf { Err(NetworkError::SignedOut) } else { Ok(Vec::new()) }
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        self.acknowledged.set(self.acknowledged.get() + 1);
        Ok(())
    }
}

struct Two {
    store: Rc<Store>,
    outbox: Outbox,
    networks: Networks,
    weather: Rc<Cell<Weather>>,
    acknowledged: Rc<Cell<usize>>,
}

impl Two {
    fn new() -> Self {
        let store = Rc::new(Store::in_memory().unwrap());
        let (weather, acknowledged) = (Rc::new(Cell::new(Weather::Fair)), Rc::default());
        let server = Server { weather: Rc::clone(&weather), acknowledged: Rc::clone(&acknowledged) };
        let chat = Chat::new(Rc::clone(&store), LangChoice::En);
        chat::visit(&store, "1");
        Self {
            outbox: Outbox::new(Rc::clone(&store)).unwrap(),
            networks: Networks::new(Box::new(server), Box::new(chat)),
            store,
            weather,
            acknowledged,
        }
    }

    fn queue(&mut self, network: &str, to: Person) -> MessageId {
        let entry = OutboxEntry::send(network, &Account::owner(), vec![to], "hello");
        self.outbox.queue(&entry).unwrap();
        entry.id
    }

    /// One to each: what became of that to the server and that to the visitor, at a time.
    fn send_both(&mut self, now_ms: u64) -> [Status; 2] {
        let ids = [self.queue("server", person(1, "Marion Petit")), self.queue(Chat::NAME, visitor())];
        self.outbox.tick(now_ms, &mut self.networks).unwrap();
        ids.map(|id| self.outbox.status(&id).unwrap().unwrap())
    }
}

fn visitor() -> Person {
    Person { contact_id: None, name: "customer 1".to_owned(), address: "1".to_owned() }
}

#[test]
fn each_message_goes_by_the_network_of_its_conversation_and_by_no_other() {
    let mut two = Two::new();
    assert_eq!(two.send_both(0), [Status::Delivered, Status::Sent]);
    let elsewhere = two.queue("elsewhere", visitor());
    let outcomes = two.outbox.tick(0, &mut two.networks).unwrap();
    let reason = Some(Reason::UnknownRecipient);
    assert_eq!(outcomes, [Outcome { id: elsewhere, status: Status::Wedged, reason }]);
}

#[test]
fn a_network_that_cannot_be_reached_or_asks_to_wait_holds_up_its_own_messages_alone() {
    for weather in [Weather::Unreachable, Weather::Busy] {
        let mut two = Two::new();
        two.weather.set(weather);
        assert_eq!(two.send_both(0), [Status::Queued, Status::Sent], "{weather:?}");
        assert_eq!(two.send_both(100), [Status::Queued, Status::Sent], "{weather:?}: and no longer");
        two.weather.set(Weather::Fair);
        let outcomes = two.outbox.tick(if weather == Weather::Busy { 80_000 } else { 200 }, &mut two.networks).unwrap();
        assert_eq!(outcomes.len(), 2, "{weather:?}: what waited goes");
    }
}

#[test]
fn what_arrives_on_one_is_taken_in_while_the_other_fails_and_the_failure_is_told() {
    let mut two = Two::new();
    let inbox = Inbox::new(Rc::clone(&two.store), household());
    two.weather.set(Weather::Deaf);
    let sql = "UPDATE chat_visitors SET number = 1; INSERT INTO chat_messages (id, visitor, author, kind, body, at, aside, fetched)
               VALUES ('a', '1', 'visitor', 'visit', 'hello', '', 0, 0)";
    two.store.connection().execute_batch(sql).unwrap();
    assert_eq!(inbox.receive(&mut two.networks).unwrap().messages, 1);
    assert_eq!(two.acknowledged.get(), 0, "who failed is not thanked");
    assert!(matches!(inbox.receive(&mut two.networks), Err(NetworkError::SignedOut)));
    two.weather.set(Weather::Fair);
    assert_eq!(inbox.receive(&mut two.networks).unwrap().messages, 0);
    assert_eq!(two.acknowledged.get(), 1);
}
