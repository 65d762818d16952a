//! A large store: 100,000 messages, and how long it takes to start on them, to list, to find and to write one more.

use std::{rc::Rc, time::Instant};

use super::{Bencher, scratch::Scratch};
use crate::{
    action::{
        Account, Arrived, ConversationId, EntryKind, Household, Inbox, IncomingMessage, MessageId, Network,
        NetworkError, Outbox, OutboxEntry, Person, Receipt,
    },
    cli::CommandError,
    store::Store,
};

const BENCH: &str = "store";
const MESSAGES: usize = 100_000;
/// What one call brings.
const BATCH: usize = 1_000;
const PEOPLE: usize = 200;
/// Messages nobody has read, at the end.
const UNREAD: usize = 20;
const TIMES: usize = 21;
/// Words of the messages; a message has one of each kind, so that each of the last kind is in one of ten.
const WORDS: [[&str; 10]; 3] = [
    ["dinner", "train", "garden", "meeting", "school", "doctor", "weekend", "kitchen", "letter", "holiday"],
    ["tomorrow", "tonight", "early", "late", "soon", "monday", "friday", "again", "maybe", "quickly"],
    ["prêt", "keys", "bread", "ticket", "photo", "number", "car", "house", "dog", "present"],
];

/// A server that has many messages for the owner.
#[derive(Debug)]
struct Flood {
    sent: usize,
}

fn person(number: usize) -> Person {
    let id = i64::try_from(number % PEOPLE).unwrap_or(0);
    Person::on_local(id, format!("Person {id}"))
}

fn body(number: usize) -> String {
    let [what, when, thing] = WORDS;
    format!("{} {} {} {number}", what[number % 10], when[number / 10 % 10], thing[number / 100 % 10])
}

impl Network for Flood {
    fn name(&self) -> &'static str {
        "local"
    }

    fn send(&mut self, _entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        Ok(Receipt::Delivered)
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        let until = (self.sent + BATCH).min(MESSAGES);
        let message = |number: usize| {
            let from = person(number);
            Arrived::Message(IncomingMessage {
                id: MessageId::new(),
                kind: EntryKind::Send,
                conversation: ConversationId::between(self.name(), &Account::owner(), std::slice::from_ref(&from)),
                from,
                others: Vec::new(),
                body: body(number),
                in_reply_to: None,
                at: "2026-01-01T00:00:00.000Z".to_owned(),
            })
        };
        let messages = (self.sent..until).map(message).collect();
        self.sent = until;
        Ok(messages)
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        Ok(())
    }
}

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let scratch = Scratch::new(&bencher.context.dirs.data)?;
    let open = || Store::open(scratch.path()).map(Rc::new);
    let inbox_of = |store: &Rc<Store>| Inbox::new(Rc::clone(store), Household::default());
    let store = open()?;
    let inbox = inbox_of(&store);
    let mut flood = Flood { sent: 0 };
    let filled = Instant::now();
    while inbox.receive(&mut flood)?.messages > 0 {}
    let read: Vec<MessageId> = inbox.announce()?.into_iter().map(|message| message.id).collect();
    inbox.mark_read(read.get(..MESSAGES - UNREAD).unwrap_or_default())?;
    bencher.figure(BENCH, "messages", f64::from(u32::try_from(read.len()).unwrap_or(u32::MAX)), "")?;
    bencher.figure(BENCH, "filled", filled.elapsed().as_secs_f64(), "s")?;
    drop((inbox, store));

    let time = |metric: &str, work: &mut dyn FnMut() -> Result<usize, CommandError>| {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let start = Instant::now();
            work()?;
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
        }
        bencher.spread(BENCH, metric, &mut times)
    };
    time("resume", &mut || {
        let store = open()?;
        let inbox = inbox_of(&store);
        Outbox::new(Rc::clone(&store))?.next_due_ms()?;
        inbox.announce()?;
        Ok(inbox.kept_for_digest()?.len())
    })?;
    let store = open()?;
    let inbox = inbox_of(&store);
    time("unread", &mut || Ok(inbox.unread(&Account::owner(), None)?.len()))?;
    time("the last 50", &mut || Ok(inbox.last(50)?.len()))?;
    time("search, a word of one in ten", &mut || Ok(inbox.search("pret", 20)?.len()))?;
    time("search, three words", &mut || Ok(inbox.search("dinner tomorrow keys", 20)?.len()))?;
    time("search, a word of one message", &mut || Ok(inbox.search("54321", 20)?.len()))?;
    time("conversations on the page", &mut || Ok(inbox.conversations(&Account::owner())?.len()))?;
    let conversation = ConversationId::between("local", &Account::owner(), &[person(0)]);
    time("50 messages on the page", &mut || Ok(inbox.conversation(&conversation, None, 50)?.len()))?;
    let mut outbox = Outbox::new(Rc::clone(&store))?;
    let mut number = 0;
    time("write one and send it", &mut || {
        number += 1;
        outbox.queue(&OutboxEntry::send("local", &Account::owner(), vec![person(number)], body(number)))?;
        Ok(outbox.tick(0, &mut flood)?.len())
    })
}
