//! What a large store costs: the work of SQLite is counted, not timed.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::*;
use crate::store::Store;

/// A store with so many messages of 20 people, read but for the last ten, and as many sent as received.
fn store_of(messages: usize) -> Rc<Store> {
    let store = Rc::new(Store::in_memory().unwrap());
    store
        .write(|transaction| {
            for number in 0..messages {
                let from = person(i64::try_from(number % 20).unwrap(), "Somebody");
                let conversation = ConversationId::between("local", &Account::owner(), std::slice::from_ref(&from));
                journal::register(transaction, &conversation, [&from])?;
                let is_sent = number % 2 == 0;
                let status = match number + 10 < messages {
                    _ if is_sent => "delivered",
                    true => "read",
                    false => "received",
                };
                transaction.execute(
                    "INSERT INTO messages (id, conversation, kind, sender, body, at, status, announced)
                     VALUES (?1, ?2, 'send', ?3, ?4, '2026-01-01T00:00:00.000Z', ?5, 1)",
                    (
                        MessageId::new().as_str(),
                        conversation.as_str(),
                        (!is_sent).then_some(&from.address),
                        format!("dinner is ready number{number:06}"),
                        status,
                    ),
                )?;
            }
            Ok(())
        })
        .unwrap();
    store
}

/// Instructions of SQLite's machine that some work takes.
fn steps(store: &Store, work: impl FnOnce()) -> u64 {
    let count = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&count);
    store.connection().progress_handler(
        1,
        Some(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            false
        }),
    );
    work();
    store.connection().progress_handler(0, None::<fn() -> bool>);
    count.load(Ordering::Relaxed)
}

#[test]
fn what_is_looked_at_all_the_time_costs_the_same_however_large_the_store() {
    let costs = |messages: usize| {
        let store = store_of(messages);
        let inbox = Inbox::new(Rc::clone(&store), household());
        let outbox = Outbox::new(Rc::clone(&store)).unwrap();
        [
            ("unread", steps(&store, || assert_eq!(inbox.unread(&Account::owner(), None).unwrap().len(), 5))),
            ("announced", steps(&store, || assert_eq!(inbox.announce().unwrap(), []))),
            ("due", steps(&store, || assert_eq!(outbox.next_due_ms().unwrap(), None))),
            ("waiting", steps(&store, || assert_eq!(outbox.waiting().unwrap().len(), 0))),
            ("last", steps(&store, || assert_eq!(inbox.last(50).unwrap().len(), 50))),
            ("search", steps(&store, || assert_eq!(inbox.search("Dînner", 20).unwrap().len(), 20))),
            ("found", steps(&store, || assert_eq!(inbox.search("number000077", 20).unwrap().len(), 1))),
        ]
    };
    for ((what, small), (_, large)) in costs(200).into_iter().zip(costs(20_000)) {
        println!("{what}: {small} steps of 200 messages, {large} of 20,000");
        // Twice for the deeper trees; a scan would be a hundred times as much.
        assert!(small > 0 && large <= small * 2, "{what}: {small} steps became {large}");
    }
}
