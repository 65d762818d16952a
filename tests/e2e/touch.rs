//! Voice and touch decide about one draft: whoever is first, once, and both sides see the same.

use std::{collections::BTreeMap, rc::Rc};

use fastrand::Rng;
use herald::{
    action::Person,
    companion::{Act, Microphone, State, Touch},
    config::{self, Config, Sources},
    dialogue::Event,
    intent::contacts::{Book, Contact},
    runtime::{Conversation, EventLog},
    store::Store,
};

use crate::support::events::{Line, Shared, tell};

const CONTACTS: &str = include_str!("../examples/contacts.vcf");

/// Somebody with a voice, and two pages that see what there is at different times.
struct Room {
    conversation: Conversation,
    out: Shared,
    /// What each page has seen last.
    seen: [State; 2],
    people: BTreeMap<String, Person>,
    now_ms: u64,
}

impl Room {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let sources = Sources { cores: 2, lang: Some("en".parse().unwrap()), ..Sources::default() };
        let mut config = config::load(&sources).unwrap().config;
        change(&mut config);
        let store = Rc::new(Store::in_memory().unwrap());
        let mut book = Book::open(&store).unwrap();
        book.import(&store, CONTACTS).unwrap();
        let on_local = |contact: &Contact| (contact.name.clone(), Person::on_local(contact.id.0, contact.name.clone()));
        let people = book.contacts().iter().map(on_local).collect();
        let out = Shared::default();
        let log = EventLog::none().to_writer(Box::new(out.clone()));
        let mut conversation = Conversation::open(&config, store, log).unwrap();
        let seen = conversation.state(Microphone::Waiting);
        Self { conversation, out, seen: [seen.clone(), seen], people, now_ms: 0 }
    }

    fn state(&mut self) -> State {
        self.conversation.state(Microphone::Waiting)
    }

    /// Somebody writes, and the page is looked at a second later.
    fn hears(&mut self, name: &str, body: &str) {
        self.conversation.deliver(&self.people[name], body);
        self.now_ms += 1_000;
        self.conversation.advance(self.now_ms);
        self.conversation.read_replies();
    }

    /// Whatever was begun is dropped, whatever was sent is gone.
    fn rest(&mut self) {
        self.now_ms += 60_000;
        self.conversation.touch(Touch { version: None, act: Act::Stop }).unwrap();
        self.conversation.read_replies();
        self.conversation.advance(self.now_ms);
        self.conversation.read_replies();
        self.confirmed();
    }

    /// What was confirmed since the last call: to whom and what.
    fn confirmed(&self) -> Vec<(String, String)> {
        let text = String::from_utf8(std::mem::take(&mut *self.out.0.lock().unwrap())).unwrap();
        text.lines()
            .filter_map(
                |line| if let Line::Action { to, body, .. } = tell(line) { Some((to.join(", "), body)) } else { None },
            )
            .collect()
    }
}

#[test]
fn what_somebody_writes_offers_chips_and_a_chip_becomes_a_draft_that_needs_a_yes() {
    let mut room = Room::new();
    room.hears("Anna Keller", "Where are you?");
    let chip = |room: &mut Room, kind: &str| room.state().chips.into_iter().find(|chip| chip.kind == kind);
    assert!(chip(&mut room, "share_location").is_some(), "{:?}", room.state().chips);

    room.hears("Anna Keller", "Are you coming tonight?");
    let answer = chip(&mut room, "answer").unwrap();
    room.conversation.touch(Touch { version: None, act: Act::Chip { id: answer.id.clone() } }).unwrap();
    room.conversation.read_replies();
    assert!(room.confirmed().is_empty(), "nothing is sent without a yes");
    let shown = room.state();
    assert_eq!(proposed(&shown), Some(("Anna Keller".to_owned(), answer.label.clone())));
    assert_eq!(shown.chips, [], "taken is taken");
    let late = room.conversation.touch(Touch { version: None, act: Act::Chip { id: answer.id } });
    assert!(late.is_err(), "it is not there any more");
    room.conversation.touch(Touch { version: Some(shown.version), act: Act::Yes }).unwrap();
    assert_eq!(room.confirmed(), [("Anna Keller".to_owned(), answer.label)]);
}

#[test]
fn who_waves_a_kind_away_three_times_is_not_offered_it_for_a_week_and_the_others_are() {
    let mut room = Room::new();
    for times in 0..4 {
        room.hears("Anna Keller", &format!("Are you coming tonight? {}", "?".repeat(times)));
        let answer = room.state().chips.into_iter().find(|chip| chip.kind == "answer");
        assert_eq!(answer.is_some(), times < 3, "after {times} times");
        if let Some(answer) = answer {
            room.conversation.touch(Touch { version: None, act: Act::Dismiss { id: answer.id } }).unwrap();
            assert!(room.state().chips.iter().all(|chip| chip.kind != "answer"));
        }
    }
    room.hears("Anna Keller", "Where are you?");
    assert!(room.state().chips.iter().any(|chip| chip.kind == "share_location"));
}

#[test]
fn in_the_face_of_grief_and_where_the_owner_wants_none_nothing_is_offered() {
    let mut room = Room::new();
    room.hears("Anna Keller", "My father died last night. Can you call me?");
    assert_eq!(room.state().chips, []);
    let mut room = Room::with(|config| config.companion.suggestions = false);
    room.hears("Anna Keller", "Where are you?");
    assert_eq!(room.state().chips, []);
}

/// What is true of a draft while nothing decides: whom and what a "yes" would send.
fn proposed(state: &State) -> Option<(String, String)> {
    let proposed = state.proposed.as_ref().filter(|proposed| proposed.asks == "confirm")?;
    let to: Vec<&str> = proposed.to.iter().map(|named| named.name.as_str()).collect();
    Some((to.join(", "), proposed.body.clone().unwrap_or_default()))
}

#[test]
fn in_a_thousand_races_of_voice_and_touch_one_decision_is_taken_and_all_see_which() {
    let mut random = Rng::with_seed(8);
    let (mut sent_by_touch, mut sent_by_voice, mut late) = (0, 0, 0);
    let mut room = Room::new();
    for round in 0..1_000 {
        room.rest();
        let names = ["Marion", "Paul", "Anna"];
        room.conversation.read(&format!("message {} that I'm late", random.choice(names).unwrap()));
        room.conversation.read_replies();
        let mut sent = Vec::new();
        for _ in 0..random.usize(2..8) {
            // A page looks, or does not: then it decides about what it saw before.
            let page = random.usize(0..2);
            if random.bool() {
                room.seen[page] = room.state();
            }
            let before = room.state();
            let by_voice = random.u8(0..3) == 0;
            let decided = if by_voice {
                let words: &str = random.choice(["yes", "no", "cancel", "change it to see you soon", "hmm"]).unwrap();
                room.conversation.read(words);
                (words == "yes").then(|| proposed(&before)).flatten()
            } else {
                let body = format!("words {}", random.u8(..));
                let act = random.choice([Act::Yes, Act::Yes, Act::No, Act::Edit { body }, Act::Undo]).unwrap();
                let seen = room.seen[page].clone();
                let result = room.conversation.touch(Touch { version: Some(seen.version), act: act.clone() });
                if seen.version == before.version {
                    assert_eq!(result, Ok(()), "round {round}: who saw it decides");
                    assert_eq!(proposed(&seen), proposed(&before), "round {round}: one version is one proposal");
                } else {
                    assert!(result.is_err(), "round {round}: who did not see it decides nothing");
                    assert_eq!(room.state().version, before.version, "round {round}");
                    late += 1;
                }
                (act == Act::Yes && result.is_ok()).then(|| proposed(&before)).flatten()
            };
            room.conversation.read_replies();
            let confirmed = room.confirmed();
            match decided {
                Some(words) => {
                    assert_eq!(confirmed, [words], "round {round}: what was shown is what is sent, once");
                    if by_voice { sent_by_voice += 1 } else { sent_by_touch += 1 }
                }
                None => assert!(confirmed.is_empty(), "round {round}: {confirmed:?} without a yes"),
            }
            sent.extend(confirmed);
            if random.u8(0..8) == 0 {
                room.conversation.feed(Event::HeardNothing);
            }
        }
        assert!(sent.len() <= 1, "round {round}: {sent:?}");
        // Whoever looks now, sees the same.
        let now = room.state();
        assert!(sent.is_empty() || now.proposed.is_none(), "round {round}: {now:?}");
    }
    println!("{sent_by_touch} sent by touch, {sent_by_voice} by voice, {late} touches came too late");
    assert!(sent_by_touch > 50 && sent_by_voice > 50 && late > 500);
}
