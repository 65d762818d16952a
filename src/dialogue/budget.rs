//! The rules of the road, checked on every path: a walk through the conversation as the car profile allows it, breadth
//! first, that fails where a path asks, says or reads more than a driver can take.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    fmt::Write as _,
};

use super::{
    paying::Step,
    tests::{candidate, heard, resolution},
    *,
};
use crate::{
    config::{self, Sources},
    intent::{Amount, Control, Instruction, IntentName as N, Mend, Slot, contacts::Resolution},
    suggest::Kind,
};

/// Events on a path. What a task may ask and read is used up long before.
const DEPTH: usize = 4;

/// Words of a prompt that a driver takes in without thinking of anything else.
const PROMPT_WORDS: usize = 12;

/// Characters read before "continue?".
const READ_CHARS: usize = 120;

const QUESTIONS: usize = 2;

/// The words of messages are numbers, so that they are told from Herald's own.
const SHORT: &str = "201 202";

fn long() -> String {
    (301..401).map(|word| word.to_string()).collect::<Vec<_>>().join(" ")
}

/// Something that can happen, and what a table calls it.
#[derive(Clone)]
struct Happening {
    label: &'static str,
    what: What,
}

#[derive(Clone)]
enum What {
    Hears(Box<Heard>),
    Told(Control),
    /// Nobody answers until the timer runs out.
    Silence,
    Nothing,
    Arrives,
}

fn happenings(lang: Lang) -> Vec<Happening> {
    let one = || resolution("Marion", vec![candidate(0)]);
    let several = || resolution("Marie", vec![candidate(1), candidate(2)]);
    let nobody = || resolution("Zoltan", vec![]);
    let group = || resolution("Famille", vec![candidate(3)]);
    let says = |label, name, slots: &[(Slot, &str)], who: Vec<Resolution>| {
        let mut heard = heard(name, slots, who);
        heard.intent.lang = lang;
        Happening { label, what: What::Hears(Box::new(heard)) }
    };
    let mends = |label, mend, who: Vec<Resolution>| {
        let mut heard = heard(N::Other, &[], who);
        heard.intent.lang = lang;
        heard.mend = Some(mend);
        Happening { label, what: What::Hears(Box::new(heard)) }
    };
    let long = long();
    let body = [(Slot::Content, SHORT)];
    let words = [
        says("message", N::SendMessage, &body, vec![one()]),
        says("long message", N::SendMessage, &[(Slot::Content, &long)], vec![one()]),
        says("message to one of two", N::SendMessage, &body, vec![several()]),
        says("message to nobody known", N::SendMessage, &body, vec![nobody()]),
        says("message to a group", N::SendMessage, &body, vec![group()]),
        says("message to both", N::SendMessage, &body, vec![one(), several()]),
        says("message to all", N::SendMessage, &body, vec![nobody(), group(), several()]),
        says("message without words", N::SendMessage, &[], vec![one()]),
        says("message to whom", N::SendMessage, &body, vec![]),
        says("message", N::SendMessage, &[], vec![]),
        says("reply", N::ReplyMessage, &body, vec![]),
        says("reply without words", N::ReplyMessage, &[], vec![]),
        says("read", N::ReadMessages, &[], vec![]),
        says("heart", N::ReactMessage, &[(Slot::Reaction, "heart")], vec![]),
        says("react", N::ReactMessage, &[], vec![]),
        says("call", N::Call, &[], vec![one()]),
        says("share location", N::ShareLocation, &[], vec![one()]),
        says("pay", N::Pay, &[], vec![one()]),
        says("pay somebody", N::Pay, &[(Slot::Amount, "12.50"), (Slot::Content, SHORT)], vec![]),
        says("pay one of two", N::Pay, &[(Slot::Amount, "12.50"), (Slot::Content, SHORT)], vec![several()]),
        says("pay all", N::Pay, &[(Slot::Amount, "12.50"), (Slot::Content, SHORT)], vec![one()]),
        says("ask for money", N::RequestPayment, &[(Slot::Amount, "12.50"), (Slot::Content, SHORT)], vec![one()]),
        says("no, thirty", N::Edit, &[(Slot::Amount, "30")], vec![]),
        mends("yes, pay", Mend::Pay, vec![]),
        says("yes", N::Confirm, &[], vec![]),
        says("no", N::Deny, &[], vec![]),
        says("cancel", N::Cancel, &[], vec![]),
        says("undo", N::Undo, &[], vec![]),
        says("repeat", N::Repeat, &[], vec![]),
        says("help", N::Help, &[], vec![]),
        says("next", N::Next, &[], vec![]),
        says("the second", N::Choose, &[(Slot::Ordinal, if lang == Lang::En { "second" } else { "deuxième" })], vec![]),
        says("spell", N::Spell, &[], vec![]),
        says("replace", N::Edit, &[(Slot::Old, "201"), (Slot::New, "203")], vec![]),
        says("replace in vain", N::Edit, &[(Slot::Old, "999"), (Slot::New, "203")], vec![]),
        says("to somebody else", N::Edit, &[], vec![several()]),
        says("change it", N::Edit, &[], vec![]),
        says("noise", N::Other, &[], vec![]),
        mends("scratch", Mend::Scratch, vec![]),
        mends("wrong person", Mend::Whom, vec![]),
        mends("letters", Mend::Letters("Marion".to_owned()), vec![one()]),
        mends("letters of nobody", Mend::Letters("Zo".to_owned()), vec![nobody()]),
    ];
    let controls = [
        ("pause", Control::Pause),
        ("go on", Control::Resume),
        ("catch me up", Control::CatchUp),
        ("what is waiting", Control::Waiting),
        ("who from", Control::WhoFrom),
        ("skip", Control::Skip),
        ("louder", Control::Louder),
        ("why", Control::Why),
        ("emergency", Control::Emergency),
        ("this is Paul", Control::Speaker),
        ("any ideas", Control::Suggest),
        ("who owes whom", Control::Owed),
    ];
    let controls = controls.map(|(label, control)| Happening { label, what: What::Told(control) });
    let others = [("silence", What::Silence), ("no words", What::Nothing), ("a message arrives", What::Arrives)]
        .map(|(label, what)| Happening { label, what });
    words.into_iter().chain(controls).chain(others).collect()
}

/// The most of anything that the paths of a task ask for.
#[derive(Debug, Clone, Default)]
struct Most {
    paths: usize,
    questions: (usize, String),
    /// Herald's own words in a prompt, and all of it.
    prompt: (usize, String),
    whole: usize,
    reading: usize,
}

/// A conversation somewhere on a path.
#[derive(Clone)]
struct Place {
    dialogue: Dialogue,
    path: Vec<&'static str>,
    /// What was asked in the task under way; asking the same again is no further question.
    asked: Vec<String>,
    last: Option<Reply>,
    /// The payment that was judged last.
    judged: u64,
}

/// What is owed.
fn debts() -> Vec<Debt> {
    let other = Person { id: 1, name: "Marion Petit".to_owned(), members: None };
    let amount = Amount { minor: 1_250, currency: None };
    vec![Debt { debtor: Side::User, other, amount }]
}

impl Place {
    /// What decides about all that can still happen.
    fn key(&self) -> String {
        let dialogue = &self.dialogue;
        let mut key = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
            dialogue.state,
            dialogue.kept,
            dialogue.read,
            dialogue.said.as_ref().map(|said| &said.text),
            dialogue.expected,
            dialogue.held,
            dialogue.counting,
            dialogue.timer.is_some(),
            self.asked.len(),
        );
        // Numbers of replies and payments only count up.
        for (from, to, mark) in [("ReplyId(", ')', "reply"), ("nonce: ", ',', "payment")] {
            while let Some(at) = key.find(from) {
                let end = key[at..].find(to).map_or(key.len(), |end| at + end + 1);
                key.replace_range(at..end, mark);
            }
        }
        key
    }

    fn draft(&self) -> bool {
        self.dialogue.kept.is_some() || self.dialogue.state.clone().into_draft().is_some()
    }

    /// Takes an event in; the disk and the inbox answer at once, and what is said is heard to its end.
    fn feed(&mut self, event: Event) -> (Vec<Reply>, bool) {
        let (mut replies, mut acts) = (Vec::new(), false);
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.dialogue.handle(event) {
                match effect {
                    Effect::Say(reply) => replies.push(reply),
                    Effect::Act(turn, _) => {
                        acts = true;
                        // The longer of the two answers.
                        events.push_back(Event::Queued(turn, Leaves::Later));
                    }
                    Effect::TakeBack(turn, _) => events.push_back(Event::TakenBack(turn, Taken::InTime)),
                    Effect::FetchUnread(turn, _) => {
                        let from = Person { id: 2, name: "Marie Lambert".to_owned(), members: None };
                        let unread = |body: &str| Unread {
                            id: "m".to_owned(),
                            from: from.clone(),
                            kind: UnreadKind::Text,
                            body: body.to_owned(),
                            lang: None,
                            offer: Some(Offer { kind: Kind::Answer, what: Offered::Words(SHORT.to_owned()) }),
                        };
                        events.push_back(Event::Fetched(turn, vec![unread(&long()), unread(SHORT)]));
                    }
                    Effect::Look(turn, Look::Waiting) => {
                        events.push_back(Event::Found(turn, Finding::Waiting { unread: 2, unsent: 1 }));
                    }
                    Effect::Look(turn, Look::Why) => events.push_back(Event::Found(turn, Finding::Why(None))),
                    Effect::Look(turn, Look::Forget) => events.push_back(Event::Found(turn, Finding::Forgotten)),
                    Effect::Look(turn, Look::Speaker(_)) => {
                        let name = "Paul Martin".to_owned();
                        self.dialogue.speaks(&name);
                        events.push_back(Event::Found(turn, Finding::Speaker { name, unread: 2 }));
                    }
                    Effect::Look(turn, Look::Owed(_)) => events.push_back(Event::Found(turn, Finding::Owed(debts()))),
                    Effect::Look(turn, Look::LastPaid) => events.push_back(Event::Found(turn, Finding::LastPaid(None))),
                    // The longest way: asked again, and with a PIN.
                    Effect::CheckPayment(turn, payment) => {
                        let is_again = std::mem::replace(&mut self.judged, payment.nonce) == payment.nonce;
                        let verdict = if is_again { Verdict::NeedsPin } else { Verdict::AskAgain };
                        events.push_back(Event::PaymentChecked(turn, verdict));
                    }
                    Effect::AskPin(turn, _) => events.push_back(Event::PinGiven(turn, true)),
                    Effect::Pay(turn, _) => events.push_back(Event::Paid(turn, Payout::HandedOver)),
                    Effect::RequestPayment(turn, _) => events.push_back(Event::Requested(turn, Ok(()))),
                    Effect::Listen(..)
                    | Effect::MarkRead(_)
                    | Effect::Join(_)
                    | Effect::Remember(..)
                    | Effect::Suggestion(..)
                    | Effect::SetVolume(_)
                    | Effect::Mute
                    | Effect::StartTimer(..)
                    | Effect::CancelTimer(_) => {}
                }
            }
        }
        if let Some(last) = replies.last() {
            self.last = Some(last.clone());
            self.dialogue.handle(Event::Spoken(last.id));
        }
        (replies, acts)
    }

    fn event(&self, what: &What, lang: Lang) -> Option<Event> {
        Some(match what {
            What::Hears(heard) => {
                let mut heard = heard.clone();
                heard.after = self.last.as_ref().map(|reply| reply.id);
                Event::Heard(heard)
            }
            What::Told(control) => {
                Event::Told(Instruction { control: *control, lang, said: Some("Paul".to_owned()), who: None })
            }
            What::Silence => Event::TimerFired(self.dialogue.timer?),
            What::Nothing => Event::HeardNothing,
            What::Arrives => {
                let from = Person { id: 1, name: "Marion Petit".to_owned(), members: None };
                Event::Arrived(Post { from, to: "Paul Martin".to_owned(), is_visit: false })
            }
        })
    }
}

/// Herald's own words: neither names nor numbers, which the user's messages are made of here.
fn own_words(text: &str) -> usize {
    let names = ["marion", "petit", "marie", "lambert", "rousseau", "famille", "zoltan", "paul", "martin"];
    let is_own = |word: &&str| word.chars().any(char::is_alphabetic) && !names.contains(&word.to_lowercase().as_str());
    text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).filter(is_own).count()
}

/// Characters between the first and the last number of a message that is read.
fn read_chars(text: &str) -> usize {
    let is_body = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).len() == 3;
    let starts: Vec<usize> = text
        .split(' ')
        .scan(0, |at, word| {
            let start = *at;
            *at += word.len() + 1;
            Some((start, word))
        })
        .filter(|(_, word)| is_body(word))
        .flat_map(|(start, word)| [start, start + word.trim_end_matches('.').len()])
        .collect();
    starts.first().zip(starts.last()).map_or(0, |(first, last)| last - first)
}

/// Walks every path; what breaks a budget is told with the path that led there.
fn walk(policy: &Policy, lang: Lang) -> (BTreeMap<&'static str, Most>, Vec<String>) {
    let happenings = happenings(lang);
    let house = House { place: "chez 12".to_owned(), ..House::default() };
    let dialogue = Dialogue::new(policy.clone(), lang).in_house(house);
    let mut places = VecDeque::from([Place { dialogue, path: Vec::new(), asked: Vec::new(), last: None, judged: 0 }]);
    let (mut seen, mut table, mut broken) = (HashSet::new(), BTreeMap::<_, Most>::new(), Vec::new());
    while let Some(place) = places.pop_front() {
        for happening in &happenings {
            let Some(event) = place.event(&happening.what, lang) else { continue };
            let mut next = place.clone();
            next.path.push(happening.label);
            if is_another_task(&place, &happening.what) {
                next.asked.clear();
            }
            let (replies, acts) = next.feed(event);
            let most = table.entry(next.path[0]).or_default();
            most.paths += 1;
            let path = || next.path.join(" > ");
            for reply in &replies {
                let (own, read) = (own_words(&reply.text), read_chars(&reply.text));
                let is_new = reply.kind == ReplyKind::Question && !next.asked.contains(&reply.text);
                if is_new && !is_asked_again(&place, &next) {
                    next.asked.push(reply.text.clone());
                }
                if own > most.prompt.0 {
                    most.prompt = (own, reply.text.clone());
                }
                most.whole = most.whole.max(reply.text.split_whitespace().count());
                if reply.kind == ReplyKind::Answer {
                    most.reading = most.reading.max(read);
                    if read > READ_CHARS {
                        broken.push(format!("{read} characters read: {}", path()));
                    }
                }
                if own > PROMPT_WORDS {
                    broken.push(format!("{own} words in {:?}: {}", reply.text, path()));
                }
            }
            if next.asked.len() > most.questions.0 {
                most.questions = (next.asked.len(), path());
            }
            if next.asked.len() > QUESTIONS {
                broken.push(format!("{} questions: {}", next.asked.len(), path()));
            }
            let is_yes = matches!(&happening.what, What::Hears(heard) if heard.intent.name == N::Confirm);
            if acts && !(is_yes && matches!(place.dialogue.state, State::Confirming(_) | State::Paying(_))) {
                broken.push(format!("done without a yes: {}", path()));
            }
            if matches!(happening.what, What::Silence) && place.draft() && !next.draft() {
                broken.push(format!("silence lost the draft: {}", path()));
            }
            if next.path.len() < DEPTH && seen.insert(next.key()) {
                places.push_back(next);
            }
        }
    }
    (table, broken)
}

/// Another task begins: what was under way, if anything was, is left and its draft kept.
fn is_another_task(place: &Place, what: &What) -> bool {
    let is_paying = |read_back: bool| {
        let state = &place.dialogue.state;
        matches!(state, State::Paying(paying) if read_back == matches!(paying.step, Step::Consent(_)))
    };
    let is_asking = matches!(place.dialogue.state, State::Asking(_) | State::Choosing(_) | State::Paused(_));
    let is_question = is_asking || is_paying(false);
    let is_read_back = matches!(place.dialogue.state, State::Confirming(_)) || is_paying(true);
    match what {
        What::Hears(heard) => {
            let begins = [N::SendMessage, N::ReplyMessage, N::ReadMessages, N::Pay, N::RequestPayment]
                .contains(&heard.intent.name);
            !is_question && (begins || !is_read_back)
        }
        What::Told(control) => {
            place.dialogue.is_idle()
                || matches!(control, Control::CatchUp | Control::Waiting | Control::Why | Control::Emergency)
        }
        What::Silence | What::Nothing | What::Arrives => false,
    }
}

/// The read-back that waits for a yes is asked for again, in fewer words.
fn is_asked_again(before: &Place, now: &Place) -> bool {
    match (&before.dialogue.state, &now.dialogue.state) {
        (State::Confirming(before), State::Confirming(now)) => before.draft == now.draft,
        _ => false,
    }
}

fn car() -> Policy {
    let sources = Sources { profile: Some("car".to_owned()), cores: 2, ..Sources::default() };
    Policy::new(&config::load(&sources).unwrap().config.dialogue)
}

fn printed(table: &BTreeMap<&'static str, Most>) -> String {
    let mut text = format!("{:<24} {:>7} questions  own words  whole  read\n", "a path that begins with", "steps");
    for (label, most) in table {
        let Most { paths, questions, prompt, whole, reading } = most;
        writeln!(text, "{label:<24} {paths:>7} {:>9} {:>10} {whole:>6} {reading:>5}", questions.0, prompt.0).unwrap();
    }
    text
}

#[test]
fn no_path_of_the_car_profile_breaks_its_budget() {
    for lang in [Lang::En, Lang::Fr] {
        let (table, broken) = walk(&car(), lang);
        println!("{lang:?}\n{}", printed(&table));
        assert!(broken.is_empty(), "{} paths break the budget, the first: {}", broken.len(), broken[0]);
    }
}

#[test]
fn the_walk_finds_a_profile_that_asks_or_reads_too_much() {
    let broken = |policy: &Policy| walk(policy, Lang::En).1.join("\n");
    assert!(broken(&Policy { questions: Some(3), ..car() }).contains("3 questions"));
    assert!(broken(&Policy { read_chars: Some(200), ..car() }).contains("characters read"));
    let unasked = Policy { confirm: config::Confirm::Unsure, confirm_recipient: 0.5, ..car() };
    assert!(broken(&unasked).contains("without a yes"));
}
