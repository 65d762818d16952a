//! A conversation about money without sound and without an engine: the real parser and contact book, the dialogue, a
//! virtual clock, and rules that answer what a test tells them to.
#![allow(clippy::wildcard_enum_match_arm, reason = "who looks at money looks at nothing else")]

use std::collections::{BTreeMap, VecDeque};

use herald::{
    config::Lang,
    dialogue::{
        Dialogue, Effect, Event, Heard, Leaves, Over, PayRefusal, Payment, Payout, Policy, Reply, ReplyId, TimerId,
        TurnId, Verdict,
    },
    intent::{
        Control, Expected, Instruction, Intent, IntentName, Mend, Parser, Slot,
        contacts::{Book, Resolution, Surroundings},
        mend, reason,
    },
    store::Store,
};

const CONTACTS: &str = include_str!("../examples/contacts.vcf");

/// How something was said.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub confidence: f32,
    pub over: Option<Over>,
    /// Begun before so many of the last replies.
    pub before: usize,
}

impl Manner {
    pub const CLEAR: Self = Self { confidence: 1.0, over: None, before: 0 };
}

/// What words mean, without how they were said.
#[derive(Clone)]
struct Meaning {
    instruction: Option<Instruction>,
    intent: Intent,
    mend: Option<Mend>,
    recipients: Vec<Resolution>,
    sender: Option<Resolution>,
}

/// Understands as the runtime does. That is pure, so a test that says the same a thousand times has it read once.
pub struct Ears {
    parser: Parser,
    book: Book,
    read: BTreeMap<(String, Lang, u8), Meaning>,
}

impl Ears {
    pub fn new() -> Self {
        let store = Store::in_memory().unwrap();
        let mut book = Book::open(&store).unwrap();
        book.import(&store, CONTACTS).unwrap();
        Self { parser: Parser::new().unwrap(), book, read: BTreeMap::new() }
    }

    fn resolve(&self, said: &str, lang: Lang) -> Resolution {
        self.book.resolve(said, Some(lang), Surroundings::default())
    }

    fn understand(&mut self, text: &str, lang: Lang, expected: Expected) -> Meaning {
        let key = (text.to_owned(), lang, expected as u8);
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let instruction = self.parser.control(text, Some(lang), expected, &self.book);
        let instruction = instruction.filter(|found| !matches!(found.control, Control::Resume | Control::Speaker));
        let instruction = instruction
            .map(|found| Instruction { who: found.said.as_ref().map(|said| self.resolve(said, lang)), ..found });
        let mut intent = self.parser.parse(text, Some(lang), expected, &self.book);
        let of = |slot: Slot| intent.slots.get(&slot).cloned().unwrap_or_default();
        let mend = mend(text, expected);
        let recipients = match &mend {
            Some(Mend::Letters(name)) => vec![self.book.spelled(name)],
            _ => of(Slot::Recipient).iter().chain(&of(Slot::Group)).map(|said| self.resolve(said, lang)).collect(),
        };
        let sender = of(Slot::Sender).first().map(|said| self.resolve(said, lang));
        if matches!(intent.name, IntentName::Pay | IntentName::RequestPayment) {
            let reason = reason(text, &intent);
            intent.slots.extend(reason.map(|reason| (Slot::Content, vec![reason])));
        }
        let meaning = Meaning { instruction, intent, mend, recipients, sender };
        self.read.insert(key, meaning.clone());
        meaning
    }
}

/// The conversation.
pub struct Till<'a> {
    pub ears: &'a mut Ears,
    pub dialogue: Dialogue,
    pub lang: Lang,
    pub now_ms: u64,
    timers: BTreeMap<TimerId, u64>,
    expected: Expected,
    /// Said and not yet spoken.
    pub unspoken: VecDeque<Reply>,
    /// Everything that began to be spoken.
    pub spoken: Vec<ReplyId>,
    /// Results that were not given yet, newest last.
    pub due: Vec<Event>,
    pub verdict: Verdict,
    pub payout: Payout,
    pub requested: Result<(), PayRefusal>,
    pub pin: TurnId,
}

impl<'a> Till<'a> {
    pub fn new(ears: &'a mut Ears, policy: Policy, lang: Lang) -> Self {
        Self {
            ears,
            dialogue: Dialogue::new(policy, lang),
            lang,
            now_ms: 0,
            timers: BTreeMap::new(),
            expected: Expected::Command,
            unspoken: VecDeque::new(),
            spoken: Vec::new(),
            due: Vec::new(),
            verdict: Verdict::Allowed,
            payout: Payout::Moved,
            requested: Ok(()),
            pin: TurnId::default(),
        }
    }

    /// What words become: for the house, or for the dialogue.
    pub fn said(&mut self, text: &str, manner: Manner) -> Event {
        let Meaning { instruction, intent, mend, recipients, sender } =
            self.ears.understand(text, self.lang, self.expected);
        if let Some(instruction) = instruction {
            return Event::Told(instruction);
        }
        let Manner { confidence, over, before } = manner;
        Event::Heard(Box::new(Heard {
            intent,
            mend,
            rephrased: None,
            confidence,
            recipients,
            sender,
            recording: None,
            after: self.spoken.iter().rev().nth(before).copied(),
            over,
        }))
    }

    /// Tells the dialogue; returns what it wants. Results wait in `due`.
    pub fn feed(&mut self, event: Event) -> Vec<Effect> {
        if let Event::Spoken(id) | Event::Cut(id) = &event
            && !self.spoken.contains(id)
        {
            self.spoken.push(*id);
        }
        let effects = self.dialogue.handle(event);
        for effect in &effects {
            match effect {
                Effect::Say(reply) => self.unspoken.push_back(reply.clone()),
                Effect::Listen(_, expected) => self.expected = *expected,
                Effect::StartTimer(timer, after) => {
                    self.timers.insert(*timer, self.now_ms + u64::try_from(after.as_millis()).unwrap());
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(timer);
                }
                Effect::CheckPayment(turn, _) => self.due.push(Event::PaymentChecked(*turn, self.verdict)),
                Effect::Pay(turn, _) => self.due.push(Event::Paid(*turn, self.payout)),
                Effect::RequestPayment(turn, _) => self.due.push(Event::Requested(*turn, self.requested)),
                Effect::AskPin(turn, _) => self.pin = *turn,
                Effect::Act(turn, _) => self.due.push(Event::Queued(*turn, Leaves::Now)),
                Effect::FetchUnread(turn, _) => self.due.push(Event::Fetched(*turn, Vec::new())),
                Effect::TakeBack(turn, _) => self.due.push(Event::NothingToTakeBack(*turn)),
                _ => {}
            }
        }
        effects
    }

    /// The next timer that runs out by now.
    pub fn ring(&mut self) -> Option<Event> {
        let (timer, _) = self.timers.iter().filter(|(_, at)| **at <= self.now_ms).min_by_key(|(_, at)| **at)?;
        let timer = *timer;
        self.timers.remove(&timer);
        Some(Event::TimerFired(timer))
    }
}

/// "20 EUR" of a payment, as scripts write it.
pub fn written(payment: &Payment) -> String {
    let amount = payment.amount;
    let currency = amount.currency.map_or("?", |currency| currency.code());
    let reason = payment.reason.as_ref().map(|reason| format!(" for {reason}")).unwrap_or_default();
    format!("{}: {}.{:02} {currency}{reason}", payment.payee.name, amount.minor / 100, amount.minor % 100)
}
