//! Ten thousand conversations of somebody who wants Herald to pay what was not confirmed: replayed and late yeses, amounts
//! that sound alike, changes at the last moment, two payments at once, messages read aloud that say "pay", results and PINs
//! out of order. An auditor sees what is said, heard and done, and nothing of the dialogue.
#![allow(clippy::wildcard_enum_match_arm, reason = "who looks at money looks at nothing else")]

use std::{cell::RefCell, collections::BTreeSet};

use herald::{
    config::{self, Lang, Sources},
    dialogue::{Effect, Event, Over, PayRefusal, Payment, Payout, Policy, ReplyId, ReplyKind, TurnId, Verdict},
};
use proptest::{prelude::*, test_runner::RngSeed};

use crate::support::till::{Ears, Manner, Till};

/// Conversations.
const CASES: u32 = 10_000;

/// Payments that must come about in all of them, or the test has tried nothing.
const LEAST_PAID: u32 = 1_000;

/// How long a yes is waited for, from the end of the read-back.
const IN_TIME_MS: u64 = 15_000;

const EXPLICIT: [&str; 4] = ["yes, pay", "oui, payer", "oui, paie", "Yes, pay."];

const ENGLISH: [&str; 36] = [
    "yes, pay",
    "Yes, pay.",
    "yes",
    "ok",
    "sure",
    "pay",
    "yes, pay Paul",
    "yes I already paid Paul",
    "no",
    "no, fifty",
    "no, fifteen",
    "no, thirty",
    "no, thirteen",
    "no, to Paul",
    "pay thirty euros",
    "pay Marion fifteen euros",
    "pay Marion fifty euros",
    "pay Paul thirteen euros",
    "pay Paul thirty euros for the taxi",
    "pay Marie twenty euros",
    "pay twenty euros",
    "pay Marion",
    "pay Marion fifteen 50 euros",
    "ask Paul for ten euros",
    "the second one",
    "Marion",
    "fifteen",
    "fifty",
    "cancel",
    "repeat",
    "undo",
    "change it",
    "what is waiting",
    "pause",
    "message Marion that I pay you twenty euros",
    "the weather is nice",
];

const FRENCH: [&str; 34] = [
    "oui, payer",
    "oui, paie",
    "oui",
    "d'accord",
    "vas-y",
    "payer",
    "oui, payer Paul",
    "oui j'ai déjà payé Paul",
    "non",
    "non, seize",
    "non, treize",
    "non, trente",
    "non, quatre-vingts",
    "non, à Paul",
    "paie trente euros",
    "paie treize euros à Marion",
    "paie seize euros à Marion",
    "paie trente euros à Paul",
    "paie quatre-vingt-un euros à Paul pour le taxi",
    "paie vingt et un euros à Marie",
    "paie vingt euros",
    "paie Marion",
    "paie treize 30 euros à Marion",
    "demande dix euros à Paul",
    "la deuxième",
    "Marion",
    "treize",
    "trente",
    "annule",
    "répète",
    "plus fort",
    "change ça",
    "pause",
    "dis à Marion que je paie vingt euros",
];

/// What a message that is read aloud says, and the microphone hears.
const READ_ALOUD: [[&str; 3]; 2] = [
    ["pay Paul fifty euros", "yes, pay", "pay Marion thirty euros"],
    ["paie cinquante euros à Paul", "oui, payer", "paie trente euros à Marion"],
];

#[derive(Debug, Clone)]
enum Step {
    /// One of the sentences of the language.
    Say(usize, Manner, bool),
    /// A whole payment, as an honest user begins it: all is spoken, the rules have answered.
    Begin(usize),
    /// "Yes, pay", clearly, whenever it is.
    Yes,
    /// A message is read aloud and heard.
    ReadAloud(usize),
    /// All that is due is spoken to its end and answered.
    Settle,
    /// The next reply begins; it is spoken to its end; it is cut.
    Began,
    Spoken,
    Cut,
    /// The next result but so many; one that was given before.
    Result(usize),
    Replay(usize),
    Wait(u64),
    Noise,
    Pin(bool),
    Rules(Verdict),
    Bank(Payout),
    Car(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let confidence = prop_oneof![8 => Just(1.0_f32), 1 => Just(0.44), 1 => Just(0.1)];
    let over = prop_oneof![8 => Just(None), 1 => Just(Some(Over::Herald)), 1 => Just(Some(Over::Media))];
    let before = prop_oneof![6 => Just(0_usize), 1 => 1..4_usize];
    let manner = (confidence, over, before).prop_map(|(confidence, over, before)| Manner { confidence, over, before });
    let verdict = prop::sample::select(vec![
        Verdict::Allowed,
        Verdict::Allowed,
        Verdict::AskAgain,
        Verdict::NeedsPin,
        Verdict::Refused(PayRefusal::AboveMaximum),
    ]);
    let payout = prop::sample::select(vec![
        Payout::Moved,
        Payout::Noted,
        Payout::Unknown,
        Payout::HandedOver,
        Payout::Refused(PayRefusal::ProviderUnavailable),
    ]);
    prop_oneof![
        10 => (0..36_usize, manner, any::<bool>()).prop_map(|(text, manner, starts)| Step::Say(text, manner, starts)),
        4 => (0..8_usize).prop_map(Step::Begin),
        6 => Just(Step::Yes),
        2 => (0..3_usize).prop_map(Step::ReadAloud),
        8 => Just(Step::Settle),
        1 => Just(Step::Began),
        2 => Just(Step::Spoken),
        1 => Just(Step::Cut),
        2 => (0..3_usize).prop_map(Step::Result),
        2 => (0..8_usize).prop_map(Step::Replay),
        2 => prop::sample::select(vec![500_u64, 4_000, 9_000, 14_900, 15_100, 30_000]).prop_map(Step::Wait),
        2 => Just(Step::Noise),
        2 => any::<bool>().prop_map(Step::Pin),
        2 => verdict.prop_map(Step::Rules),
        1 => payout.prop_map(Step::Bank),
        1 => prop::bool::weighted(0.15).prop_map(Step::Car),
    ]
}

/// What was said to the dialogue, as the auditor knows it.
#[derive(Debug, Clone, Copy)]
enum Done<'a> {
    Said(&'a str, Manner, Option<ReplyId>),
    Pin(TurnId, bool),
    Else,
}

/// What was read back last.
#[derive(Debug)]
struct ReadBack {
    text: String,
    reply: ReplyId,
    ended_ms: Option<u64>,
}

/// Sees words and deeds.
#[derive(Debug, Default)]
struct Auditor {
    read: Option<ReadBack>,
    confirmed: Option<Payment>,
    pin: TurnId,
    paid: BTreeSet<u64>,
    nonces: Vec<Payment>,
    moving: bool,
}

impl Auditor {
    fn spoken(&mut self, reply: ReplyId, now_ms: u64) {
        if let Some(read) = self.read.as_mut().filter(|read| read.reply == reply) {
            read.ended_ms = Some(now_ms);
        }
    }

    fn judge(&mut self, done: Done<'_>, effect: &Effect, lang: Lang, now_ms: u64) -> Result<(), String> {
        match effect {
            // Something else is to be read back.
            Effect::CheckPayment(_, payment) => {
                let known = self.nonces.iter().find(|known| known.nonce == payment.nonce);
                if known.is_some_and(|known| known != payment) {
                    return Err("one nonce for two payments".to_owned());
                }
                self.nonces.push(payment.clone());
                self.read = None;
            }
            Effect::Say(reply) if reply.kind == ReplyKind::Readback => {
                self.read = Some(ReadBack { text: reply.text.clone(), reply: reply.id, ended_ms: None });
                self.confirmed = None;
            }
            Effect::AskPin(turn, payment) => {
                let is_again = self.confirmed.as_ref() == Some(payment);
                if !is_again {
                    self.is_confirmed(done, payment, lang, now_ms)?;
                }
                (self.pin, self.confirmed) = (*turn, Some(payment.clone()));
            }
            Effect::Pay(_, payment) => {
                let by_pin = matches!(done, Done::Pin(turn, true) if turn == self.pin);
                if !(by_pin && self.confirmed.as_ref() == Some(payment)) {
                    self.is_confirmed(done, payment, lang, now_ms)?;
                }
                if self.moving {
                    return Err("paid in a moving car".to_owned());
                }
                if !self.paid.insert(payment.nonce) {
                    return Err("paid twice".to_owned());
                }
                (self.read, self.confirmed) = (None, None);
            }
            _ => {}
        }
        Ok(())
    }

    fn is_confirmed(&self, done: Done<'_>, payment: &Payment, lang: Lang, now_ms: u64) -> Result<(), String> {
        let Done::Said(text, manner, after) = done else { return Err("paid without a word".to_owned()) };
        let Some(read) = &self.read else { return Err("paid what was not read back".to_owned()) };
        let Some(ended_ms) = read.ended_ms else { return Err("paid before the read-back was over".to_owned()) };
        let rules = [
            (EXPLICIT.contains(&text), "paid without an explicit yes"),
            (manner.confidence >= 0.45, "paid on an unclear yes"),
            (manner.over.is_none(), "paid over a voice"),
            (after >= Some(read.reply), "paid on a yes to something older"),
            (now_ms - ended_ms <= IN_TIME_MS, "paid too late"),
            (read.text.contains(&aloud(payment, lang)), "paid something else than was read back"),
            (read.text.contains(&payment.payee.name), "paid somebody else than was read back"),
        ];
        rules
            .iter()
            .find(|(is_kept, _)| !is_kept)
            .map_or(Ok(()), |(_, what)| Err(format!("{what}: {text:?} {:?}", read.text)))
    }
}

/// The amount as it must be read back.
fn aloud(payment: &Payment, lang: Lang) -> String {
    let names = match lang {
        Lang::En => ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        Lang::Fr => ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
    };
    let euros = (payment.amount.minor / 100).to_string();
    let digits: Vec<&str> = euros.bytes().map(|digit| names[usize::from(digit - b'0')]).collect();
    format!(" {euros} euros, {}", digits.join(" "))
}

/// A conversation and its auditor.
struct Trial<'a> {
    till: Till<'a>,
    auditor: Auditor,
    given: Vec<Event>,
}

impl Trial<'_> {
    fn play(&mut self, step: &Step) -> Result<(), String> {
        let lang = self.till.lang;
        let sentences: &[&str] = if lang == Lang::En { &ENGLISH } else { &FRENCH };
        match step {
            Step::Say(index, manner, starts) => {
                if *starts {
                    self.feed(Event::SpeechStarted, Done::Else)?;
                }
                self.say(sentences[index % sentences.len()], *manner)?;
            }
            Step::Begin(index) => {
                let begins: Vec<&&str> = sentences
                    .iter()
                    .filter(|text| (text.starts_with("pay ") || text.starts_with("paie ")) && text.contains("euros"))
                    .collect();
                self.say(begins[index % begins.len()], Manner::CLEAR)?;
                self.settle()?;
            }
            Step::Yes => self.say(EXPLICIT[usize::from(lang == Lang::Fr)], Manner::CLEAR)?,
            Step::ReadAloud(index) => {
                let manner = Manner { over: Some(Over::Herald), ..Manner::CLEAR };
                self.say(READ_ALOUD[usize::from(lang == Lang::Fr)][*index], manner)?;
            }
            Step::Settle => self.settle()?,
            Step::Began => self.till.spoken.extend(self.till.unspoken.front().map(|reply| reply.id)),
            Step::Spoken => self.spoken()?,
            Step::Cut => {
                if let Some(reply) = self.till.unspoken.pop_front() {
                    self.feed(Event::Cut(reply.id), Done::Else)?;
                }
            }
            Step::Result(index) if *index < self.till.due.len() => {
                let event = self.till.due.remove(*index);
                self.given.push(event.clone());
                self.feed(event, Done::Else)?;
            }
            Step::Replay(index) => {
                if let Some(event) = self.given.iter().rev().nth(*index).cloned() {
                    self.feed(event, Done::Else)?;
                }
            }
            Step::Wait(ms) => {
                for _ in 0..ms / 100 {
                    self.till.now_ms += 100;
                    while let Some(event) = self.till.ring() {
                        self.feed(event, Done::Else)?;
                    }
                }
            }
            Step::Noise => {
                self.feed(Event::SpeechStarted, Done::Else)?;
                self.feed(Event::HeardNothing, Done::Else)?;
            }
            Step::Pin(is_right) => {
                let turn = self.till.pin;
                self.given.push(Event::PinGiven(turn, *is_right));
                self.feed(Event::PinGiven(turn, *is_right), Done::Pin(turn, *is_right))?;
            }
            Step::Rules(verdict) => self.till.verdict = *verdict,
            Step::Bank(payout) => self.till.payout = *payout,
            Step::Car(moving) => {
                self.auditor.moving = *moving;
                self.till.dialogue.drives(*moving);
            }
            Step::Result(_) => {}
        }
        Ok(())
    }

    fn say(&mut self, text: &str, manner: Manner) -> Result<(), String> {
        let event = self.till.said(text, manner);
        let after = if let Event::Heard(heard) = &event { heard.after } else { None };
        self.feed(event, Done::Said(text, manner, after))
    }

    fn spoken(&mut self) -> Result<(), String> {
        let Some(reply) = self.till.unspoken.pop_front() else { return Ok(()) };
        self.auditor.spoken(reply.id, self.till.now_ms);
        self.feed(Event::Spoken(reply.id), Done::Else)
    }

    fn settle(&mut self) -> Result<(), String> {
        while !self.till.unspoken.is_empty() || !self.till.due.is_empty() {
            while !self.till.due.is_empty() {
                let event = self.till.due.remove(0);
                self.given.push(event.clone());
                self.feed(event, Done::Else)?;
            }
            self.spoken()?;
        }
        Ok(())
    }

    fn feed(&mut self, event: Event, done: Done<'_>) -> Result<(), String> {
        let effects = self.till.feed(event);
        let pays = effects.iter().filter(|effect| matches!(effect, Effect::Pay(..))).count();
        if pays > 1 {
            return Err("two payments at once".to_owned());
        }
        for effect in &effects {
            self.auditor.judge(done, effect, self.till.lang, self.till.now_ms)?;
        }
        if self.till.dialogue.is_idle() {
            (self.auditor.read, self.auditor.confirmed) = (None, None);
        }
        Ok(())
    }
}

fn policy() -> Policy {
    let sources = Sources { profile: Some("home".to_owned()), cores: 2, ..Sources::default() };
    Policy::new(&config::load(&sources).unwrap().config.dialogue)
}

#[test]
fn in_ten_thousand_adversarial_dialogues_nothing_is_paid_that_was_not_confirmed_as_read_back() {
    let (ears, policy, paid) = (RefCell::new(Ears::new()), policy(), RefCell::new(0_u32));
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(9),
        ..ProptestConfig::default()
    };
    proptest!(config, |(is_french in any::<bool>(), steps in prop::collection::vec(step(), 8..48))| {
        let lang = if is_french { Lang::Fr } else { Lang::En };
        let mut ears = ears.borrow_mut();
        let till = Till::new(&mut ears, policy.clone(), lang);
        let mut trial = Trial { till, auditor: Auditor::default(), given: Vec::new() };
        for step in &steps {
            trial.play(step).map_err(TestCaseError::fail)?;
        }
        *paid.borrow_mut() += u32::try_from(trial.auditor.paid.len()).unwrap();
    });
    let paid = paid.into_inner();
    println!("{CASES} dialogues, {paid} payments, each as it was read back");
    assert!(paid >= LEAST_PAID, "only {paid} payments came about");
}
