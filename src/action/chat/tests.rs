//! Visitors as the owner's side knows them: what arrives, what is answered, what is forgotten.

use std::{collections::BTreeMap, path::Path, rc::Rc};

use fastrand::Rng;
use uuid::Uuid;

use super::{bot::Bot, visits::Visits, *};
use crate::{
    action::{
        Account, ConversationId, EntryKind, Household, Inbox, Network, Outbox, OutboxEntry, Person, Status,
        tests::chaos::{self, Other},
    },
    config::{self, Choice, Lang, LangChoice, Sources},
    intent::contacts::{Book, Met},
    store::Store,
};

/// 2026-01-01.
const NOW_MS: i64 = 1_767_225_600_000;
const DAY_MS: i64 = 86_400_000;

/// Has somebody of this id on the page, for the contract tests.
pub(in crate::action) fn visit(store: &Store, id: &str) {
    let sql = "INSERT OR IGNORE INTO chat_visitors (id, lang, stage, seen_ms) VALUES (?1, 'en', 'new', 0)";
    store.connection().execute(sql, [id]).unwrap();
}

/// A shop with a greeting and a menu.
struct Shop {
    store: Rc<Store>,
    visits: Visits,
    chat: Chat,
    inbox: Inbox,
    bot: Bot,
}

impl Shop {
    fn new() -> Self {
        let choice = |label: &str, answer: &str| Choice {
            label_en: label.to_owned(),
            label_fr: label.to_owned(),
            answer_en: answer.to_owned(),
            answer_fr: answer.to_owned(),
            person: answer.is_empty(),
        };
        Self::with(vec![choice("Opening hours", "At nine."), choice("A person", "")])
    }

    fn with(menu: Vec<Choice>) -> Self {
        let store = Rc::new(Store::in_memory().unwrap());
        let mut config = config::load(&Sources::default()).unwrap().config.chat;
        config.menu = menu;
        let visits = Visits::new(Rc::clone(&store));
        visits.key().unwrap();
        Self {
            chat: Chat::new(Rc::clone(&store), LangChoice::Auto),
            inbox: Inbox::new(Rc::clone(&store), Household::default()),
            bot: Bot::new(&config),
            visits,
            store,
        }
    }

    fn begin(&self) -> String {
        let id = Uuid::now_v7();
        self.visits.begin(id, Lang::En, &self.bot, NOW_MS).unwrap();
        id.to_string()
    }

    fn write(&self, visitor: &str, nonce: &str, body: &str) -> i64 {
        self.visits.write(visitor, nonce, body, &self.bot, NOW_MS).unwrap().unwrap().line.seq
    }

    /// What is in a window: who said it, and what.
    fn window(&self, visitor: &str) -> Vec<(String, String)> {
        let lines = self.visits.before(visitor, i64::MAX, 100).unwrap();
        lines.into_iter().map(|line| (line.by, line.body)).collect()
    }

    fn count(&self, table: &str) -> i64 {
        self.store.connection().query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

fn said(by: &str, body: &str) -> (String, String) {
    (by.to_owned(), body.to_owned())
}

#[test]
fn the_first_message_for_the_owner_is_that_of_a_new_customer_and_what_the_bot_answered_is_an_aside() {
    let mut shop = Shop::new();
    let visitor = shop.begin();
    assert!(shop.chat.poll().unwrap().is_empty(), "whoever only looks is nobody");
    shop.write(&visitor, "a", "1");
    shop.inbox.receive(&mut shop.chat).unwrap();
    assert_eq!(shop.inbox.announce().unwrap(), [], "the bot answered it");
    shop.write(&visitor, "b", "Do you have rye bread?");
    shop.write(&visitor, "c", "Hello?");
    let news = shop.inbox.receive(&mut shop.chat).unwrap();
    assert_eq!(news.messages, 2);
    let told = shop.inbox.announce().unwrap();
    let kinds: Vec<_> = told.iter().map(|message| (message.kind, message.from.name.as_str())).collect();
    assert_eq!(kinds, [(EntryKind::Visit, "customer 1"), (EntryKind::Send, "customer 1")]);
    let menu = "1. Opening hours\n2. A person";
    assert_eq!(
        shop.window(&visitor),
        [
            said("bot", menu),
            said("visitor", "1"),
            said("bot", "At nine."),
            said("visitor", "Do you have rye bread?"),
            said("visitor", "Hello?")
        ]
    );
    let conversation = ConversationId::from_network(format!("chat:{visitor}"));
    let lines = shop.inbox.conversation(&conversation, None, 10).unwrap();
    let whole: Vec<_> = lines.iter().map(|line| (line.mine, line.body.as_str())).collect();
    assert_eq!(whole[..3], [(true, menu), (false, "1"), (true, "At nine.")], "the owner can read all of it");
}

#[test]
fn the_same_nonce_is_the_same_message_and_another_visitors_is_another() {
    let mut shop = Shop::with(Vec::new());
    let (one, two) = (shop.begin(), shop.begin());
    let first = shop.write(&one, "a", "hello");
    assert_eq!(shop.write(&one, "a", "hello"), first);
    assert_ne!(shop.write(&two, "a", "hello"), first);
    assert_eq!(shop.inbox.receive(&mut shop.chat).unwrap().messages, 2);
    assert_eq!(shop.write(&one, "a", "hello"), first);
    assert_eq!(shop.inbox.receive(&mut shop.chat).unwrap().messages, 0);
    assert!(shop.visits.write("nobody", "a", "hello", &shop.bot, NOW_MS).unwrap().is_none());
}

#[test]
fn a_crash_before_the_acknowledgement_brings_it_again_and_the_inbox_knows_it() {
    let mut shop = Shop::with(Vec::new());
    let visitor = shop.begin();
    shop.write(&visitor, "a", "hello");
    // Polled and gone: the process that would have written it down is dead.
    assert_eq!(shop.chat.poll().unwrap().len(), 2);
    let mut chat = Chat::new(Rc::clone(&shop.store), LangChoice::Auto);
    let news = shop.inbox.receive(&mut chat).unwrap();
    assert_eq!((news.messages, news.people.len()), (1, 1));
    let mut chat = Chat::new(Rc::clone(&shop.store), LangChoice::Auto);
    let news = shop.inbox.receive(&mut chat).unwrap();
    assert_eq!((news.messages, news.people.len()), (0, 0));
}

#[test]
fn an_answer_is_in_its_own_window_and_what_is_taken_back_is_gone_from_it() {
    let mut shop = Shop::with(Vec::new());
    let (one, two) = (shop.begin(), shop.begin());
    let to = Person { contact_id: None, name: "customer 1".to_owned(), address: one.clone() };
    let entry = OutboxEntry::send(Chat::NAME, &Account::owner(), vec![to.clone()], "Yes, we have.");
    let mut outbox = Outbox::new(Rc::clone(&shop.store)).unwrap();
    outbox.queue(&entry).unwrap();
    assert_eq!(outbox.tick(0, &mut shop.chat).unwrap()[0].status, Status::Sent);
    assert_eq!((shop.window(&one), shop.window(&two)), (vec![said("shop", "Yes, we have.")], vec![]));
    outbox.take_back(&entry.id).unwrap();
    assert_eq!(outbox.tick(0, &mut shop.chat).unwrap()[0].status, Status::Undone);
    assert_eq!(shop.window(&one), []);
    let told = shop.visits.after(&one, 0, 10).unwrap();
    assert_eq!(told[0].gone.as_deref(), Some(entry.id.as_str()), "an open window is told");
}

#[test]
fn visits_of_ninety_days_ago_are_forgotten_with_everything_and_newer_ones_are_not() {
    let mut shop = Shop::with(Vec::new());
    let (old, new) = (shop.begin(), shop.begin());
    shop.write(&old, "a", "an old question");
    shop.write(&new, "a", "a new question");
    let news = shop.inbox.receive(&mut shop.chat).unwrap();
    let mut book = Book::open(&shop.store).unwrap();
    let met = news.people.iter().map(|known| Met {
        name: &known.name,
        nickname: known.nickname.as_deref(),
        network: known.network,
        address: &known.address,
        is_group: false,
    });
    book.meet(&shop.store, met).unwrap();
    shop.store
        .connection()
        .execute("UPDATE chat_visitors SET seen_ms = ?2 WHERE id = ?1", (&new, NOW_MS + DAY_MS))
        .unwrap();
    shop.visits.forget_old(90, 0).unwrap();
    assert_eq!(shop.count("messages"), 2, "a clock that knows no time forgets nothing");
    shop.visits.forget_old(90, NOW_MS + 90 * DAY_MS + 1).unwrap();
    assert_eq!((shop.count("messages"), shop.count("chat_messages"), shop.count("chat_visitors")), (1, 1, 1));
    let names: Vec<String> =
        Book::open(&shop.store).unwrap().contacts().iter().map(|contact| contact.name.clone()).collect();
    assert_eq!(names, ["customer 2"]);
    assert_eq!(shop.window(&new).len(), 1);
    shop.inbox.erase().unwrap();
    assert_eq!((shop.count("chat_messages"), shop.count("contacts")), (0, 0));
}

#[test]
fn a_window_keeps_ten_thousand_messages_and_what_nobody_fetched() {
    let shop = Shop::with(Vec::new());
    let visitor = shop.begin();
    shop.write(&visitor, "first", "nobody has fetched this");
    for number in 0..10_010 {
        shop.store
            .connection()
            .prepare_cached(
                "INSERT INTO chat_messages (id, visitor, author, kind, body, at, aside, fetched)
                 VALUES (?2, ?1, 'visitor', 'send', 'x', '', 0, ?3)",
            )
            .unwrap()
            .execute((&visitor, number.to_string(), true))
            .unwrap();
    }
    shop.write(&visitor, "last", "one more");
    assert_eq!(shop.count("chat_messages"), 10_001, "ten thousand, and the one that nobody has fetched");
}

/// Visitors in place of neighbours, for the runs of everything that can go wrong.
struct Visitors;

impl Other for Visitors {
    fn connect(&mut self, store: &Rc<Store>, _: &Path) -> Box<dyn Network> {
        for person in self.people() {
            visit(store, &person.address);
        }
        Box::new(Chat::new(Rc::clone(store), LangChoice::En))
    }

    fn people(&self) -> Vec<Person> {
        let person = |id: i64| Person { contact_id: None, name: format!("customer {id}"), address: id.to_string() };
        (1..4).map(person).collect()
    }

    fn received(&self, store: &Store) -> BTreeMap<String, Vec<String>> {
        let sql = "SELECT visitor, body FROM chat_messages WHERE author = 'shop' ORDER BY seq";
        let mut select = store.connection().prepare(sql).unwrap();
        let mut received: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap() {
            let (to, body): (String, String) = row.unwrap();
            received.entry(to).or_default().push(body);
        }
        received
    }

    fn fail(&mut self, _: &mut Rng) {}

    fn calm(&mut self) {}
}

#[test]
fn whatever_happens_every_answer_reaches_its_window_once_and_in_order() {
    (0..60).for_each(|seed| chaos::run(seed, &mut Visitors, tempfile::tempdir().unwrap()));
}
