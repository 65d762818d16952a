//! Text in, replies out: parses what was said, finds who is meant, drives the dialogue and carries out what it
//! wants. No sound here: the typed `herald ask` and the session with ears and mouth drive the same conversation.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    rc::Rc,
};

use super::{EventLog, LogEvent, RuntimeError};
use crate::{
    action::{
        self, ConversationId, EntryKind, Inbox, IncomingMessage, Local, MessageId, Network, Outbox, OutboxEntry,
        Status, Undo,
    },
    asr::Transcript,
    config::{Config, Lang, LangChoice, Wake},
    dialogue::{
        Action, Dialogue, Effect, Event, Failure, Heard, Person, Policy, Reply, ReplyId, TimerId, TurnId, Unread,
    },
    intent::{
        Expected, IntentName, Parser, Slot, SoFar, before_spoken_end,
        contacts::{Book, Resolution, Surroundings},
        wake,
    },
    listen::{Completeness, Expect, Utterance},
    store::Store,
};

/// The network and the outbox are looked at this often, milliseconds of audio time.
const LOOK_EVERY_MS: u64 = 100;

/// After a push to talk, the next utterance must begin within this time, milliseconds.
const EAR_OPEN_MS: u64 = 8_000;

/// Replies whose beginning is remembered, to tell what an utterance answers.
const REMEMBERED: usize = 16;

/// An utterance with its transcript.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// What was recognised.
    pub transcript: Transcript,
    /// Where it lies on the audio clock.
    pub utterance: Utterance,
    /// From the end of the voice until the text was there.
    pub latency_ms: u64,
}

/// A conversation of one user on one data directory.
pub struct Conversation {
    dialogue: Dialogue,
    parser: Parser,
    book: Book,
    outbox: Outbox,
    inbox: Inbox,
    local: Local,
    network: Box<dyn Network>,
    log: EventLog,
    log_error: Option<io::Error>,
    lang: LangChoice,
    wake: Wake,
    undo_window_ms: u64,
    now_ms: u64,
    looked_ms: u64,
    timers: BTreeMap<TimerId, u64>,
    expects: (Expect, Expected),
    replies: VecDeque<Reply>,
    began: VecDeque<(ReplyId, u64)>,
    /// What "undo" takes back: the messages of the last action.
    last_action: Vec<MessageId>,
    /// The people confirmed messages went to, for telling of a failure.
    sent_to: BTreeMap<MessageId, Person>,
    /// Until then an utterance needs no wake word.
    ear_open_until_ms: u64,
    store_fault: bool,
}

impl Conversation {
    /// Opens the conversation on an open database; what an earlier run left in the outbox is due at once.
    ///
    /// # Errors
    /// [`RuntimeError`] when the database or the sentence templates cannot be used.
    pub fn open(config: &Config, store: Rc<Store>, log: EventLog) -> Result<Self, RuntimeError> {
        let lang = config.general.lang.fixed().unwrap_or(Lang::En);
        Ok(Self {
            dialogue: Dialogue::new(Policy::new(&config.dialogue), lang),
            parser: Parser::new()?,
            book: Book::open(&store)?,
            outbox: Outbox::new(Rc::clone(&store))?,
            inbox: Inbox::new(Rc::clone(&store), config.general.owner.clone()),
            local: Local::new(Rc::clone(&store)),
            network: action::open(config.action.network, store),
            log,
            log_error: None,
            lang: config.general.lang,
            wake: config.listen.wake,
            undo_window_ms: config.dialogue.undo_window_ms.into(),
            now_ms: 0,
            looked_ms: 0,
            timers: BTreeMap::new(),
            expects: (Expect::Command, Expected::Command),
            replies: VecDeque::new(),
            began: VecDeque::new(),
            last_action: Vec::new(),
            sent_to: BTreeMap::new(),
            ear_open_until_ms: 0,
            store_fault: false,
        })
    }

    // ── what the session asks ───────────────────────────────────────────────

    /// Tells whether nobody owes anybody an answer.
    pub const fn is_idle(&self) -> bool {
        self.dialogue.is_idle()
    }

    /// Tells whether Herald asked something and listens for the answer.
    pub const fn awaits_answer(&self) -> bool {
        self.dialogue.awaits_answer()
    }

    /// Tells whether the dialogue is idle and nothing waits in the outbox.
    pub fn is_settled(&self) -> bool {
        self.is_idle() && self.replies.is_empty() && matches!(self.outbox.next_due_ms(), Ok(None) | Err(_))
    }

    /// What the next utterance will probably be.
    pub const fn expects(&self) -> (Expect, Expected) {
        self.expects
    }

    /// How probable it is that the speaker has finished: the words before a pause, and how long the voice lasted.
    pub fn completeness(&self, hypothesis: &Transcript, voice_ms: u64) -> Completeness {
        let so_far = SoFar { transcript: hypothesis, voice_ms, expected: self.expects.1 };
        self.parser.completeness(so_far, &self.book)
    }

    /// Language of the conversation.
    pub const fn lang(&self) -> Lang {
        self.dialogue.lang()
    }

    /// Takes the replies that are to be spoken now.
    pub fn take_replies(&mut self) -> Vec<Reply> {
        self.replies.drain(..).collect()
    }

    /// Returns the first failure to write the event log.
    ///
    /// # Errors
    /// [`RuntimeError::Log`] when a line could not be written.
    pub fn log_result(&mut self) -> Result<(), RuntimeError> {
        self.log_error.take().map_or(Ok(()), |error| Err(RuntimeError::Log(error)))
    }

    /// Writes an event at the present time.
    pub fn log(&mut self, event: &LogEvent) {
        if let Err(error) = self.log.write(self.now_ms, event) {
            self.log_error.get_or_insert(error);
        }
    }

    // ── what happens ────────────────────────────────────────────────────────

    /// Lets the audio clock go on: timers, outbox, what arrives.
    pub fn advance(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        while let Some(timer) = self.due_timer() {
            self.timers.remove(&timer);
            self.feed(Event::TimerFired(timer));
        }
        if self.now_ms >= self.looked_ms + LOOK_EVERY_MS {
            self.looked_ms = self.now_ms;
            self.send_due();
            self.receive();
        }
    }

    fn due_timer(&self) -> Option<TimerId> {
        let due = self.timers.iter().filter(|(_, at_ms)| **at_ms <= self.now_ms);
        due.min_by_key(|(timer, at_ms)| (**at_ms, **timer)).map(|(timer, _)| *timer)
    }

    /// Lets time pass, without sound, until nothing waits in the outbox; questions stay unanswered.
    pub fn drain(&mut self) {
        // Bounded: a network that never answers must not hold a typed turn for ever.
        let end_ms = self.now_ms + 60_000;
        while let Ok(Some(due_ms)) = self.outbox.next_due_ms() {
            self.now_ms = self.now_ms.max(due_ms);
            if self.now_ms > end_ms {
                return;
            }
            self.send_due();
        }
    }

    /// Takes the next utterance as spoken to Herald, as after a push of a button.
    pub const fn open_ear(&mut self) {
        self.ear_open_until_ms = self.now_ms + EAR_OPEN_MS;
    }

    /// Takes in an utterance: not for Herald, nothing, or words.
    pub fn hear(&mut self, said: Said) {
        let Said { mut transcript, utterance, latency_ms } = said;
        let is_open = utterance.voice_start_ms < self.ear_open_until_ms;
        if is_open {
            self.ear_open_until_ms = 0;
        } else if self.wake == Wake::Transcript && self.dialogue.is_idle() {
            // Words that are not for Herald are nobody's business: they reach no log.
            let Some(rest) = self.addressed(&transcript) else { return };
            transcript.text = rest;
            self.log(&LogEvent::Wake { word: "herald".to_owned(), score: transcript.confidence });
        }
        self.log(&LogEvent::Transcript {
            text: transcript.text.clone(),
            lang: transcript.lang,
            utterance_ms: utterance.voice_end_ms.saturating_sub(utterance.voice_start_ms),
            decode_ms: transcript.decode_ms,
            latency_ms,
        });
        if transcript.text.is_empty() {
            self.feed(Event::HeardNothing);
            return;
        }
        let after = self.began.iter().rev().find(|(_, at_ms)| *at_ms <= utterance.voice_start_ms).map(|(id, _)| *id);
        self.understand(&transcript.text, Some(transcript.lang), transcript.confidence, after);
    }

    /// Returns what an utterance says to Herald: what begins with its name, or with something that sounds like it and
    /// goes on as a command.
    fn addressed(&self, transcript: &Transcript) -> Option<String> {
        let command = |rest: &&str| {
            let lang = Some(transcript.lang);
            self.parser.parse(rest, lang, Expected::Command, &self.book).name != IntentName::Other
        };
        let rest = wake::strip(&transcript.text).or_else(|| wake::alike(&transcript.text).filter(command))?;
        Some(rest.to_owned())
    }

    /// Takes every reply as heard, in no time: for a conversation without sound.
    pub fn read_replies(&mut self) {
        while let Some(reply) = self.replies.pop_front() {
            self.began(&reply);
            self.feed(Event::Spoken(reply.id));
        }
    }

    /// Takes in a typed turn.
    pub fn read(&mut self, text: &str) {
        let after = self.began.back().map(|(id, _)| *id);
        self.understand(text, self.lang.fixed(), 1.0, after);
    }

    fn understand(&mut self, text: &str, lang: Option<Lang>, confidence: f32, after: Option<ReplyId>) {
        let expected = self.expects.1;
        let text = before_spoken_end(text).filter(|_| expected == Expected::Content).unwrap_or(text);
        let intent = self.parser.parse(text, lang, expected, &self.book);
        self.log(&LogEvent::Intent { name: intent.name, slots: intent.slots.clone(), score: intent.score });
        let of = |slot: Slot| intent.slots.get(&slot).map(Vec::as_slice).unwrap_or_default();
        let resolve = |said: &String| self.book.resolve(said, Some(intent.lang), Surroundings::default());
        let recipients: Vec<Resolution> = of(Slot::Recipient).iter().chain(of(Slot::Group)).map(resolve).collect();
        let sender = of(Slot::Sender).first().map(resolve);
        self.feed(Event::Heard(Box::new(Heard { intent, confidence, recipients, sender, after })));
    }

    /// A reply is being heard from now on.
    pub fn began(&mut self, reply: &Reply) {
        self.log(&LogEvent::Reply { text: reply.text.clone(), lang: reply.lang, kind: reply.kind });
        self.began.push_back((reply.id, self.now_ms));
        if self.began.len() > REMEMBERED {
            self.began.pop_front();
        }
    }

    /// Tells the dialogue, and carries out what it wants.
    pub fn feed(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.dialogue.handle(event) {
                events.extend(self.carry_out(effect));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Say(reply) => self.replies.push_back(reply),
            Effect::Listen(expect, expected) => self.expects = (expect, expected),
            Effect::Act(turn, action) => return Some(self.act(turn, &action)),
            Effect::TakeBack(turn) => return Some(self.take_back(turn)),
            Effect::FetchUnread(turn, from) => return Some(self.fetch(turn, from.as_ref())),
            Effect::MarkRead(ids) => {
                let ids: Vec<MessageId> = ids.iter().filter_map(|id| MessageId::parse(id).ok()).collect();
                if let Err(error) = self.inbox.mark_read(&ids) {
                    self.fault("inbox", &error);
                }
            }
            Effect::StartTimer(timer, after) => {
                let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
                self.timers.insert(timer, self.now_ms.saturating_add(after_ms));
            }
            Effect::CancelTimer(timer) => {
                self.timers.remove(&timer);
            }
        }
        None
    }

    fn fault(&mut self, stage: &'static str, error: &dyn std::fmt::Display) {
        self.log(&LogEvent::Fault { stage, message: error.to_string() });
    }

    // ── actions ─────────────────────────────────────────────────────────────

    /// Writes what was confirmed to the outbox. The "sending" is said only when every row is on disk.
    fn act(&mut self, turn: TurnId, action: &Action) -> Event {
        let entries = match action {
            Action::Send { to, body } => to.iter().map(|person| self.entry(person, body)).collect(),
            Action::Reply { to, answers, body } => match self.answer_entry(answers, body) {
                Some(entry) => vec![(to.clone(), entry)],
                None => vec![self.entry(to, body)],
            },
        };
        for (_, entry) in &entries {
            if let Err(error) = self.outbox.queue(entry) {
                self.fault("outbox", &error);
                self.take_back_all(entries.iter().map(|(_, entry)| &entry.id));
                return Event::NotQueued(turn);
            }
        }
        self.last_action = entries.iter().map(|(_, entry)| entry.id.clone()).collect();
        for (person, entry) in entries {
            self.outbox.hold(&entry.id, self.now_ms + self.undo_window_ms);
            let id = entry.id.as_str().to_owned();
            let to = vec![person.name.clone()];
            self.log(&LogEvent::Action { id: id.clone(), kind: entry.kind.as_str(), to, body: entry.body });
            self.log(&LogEvent::Outcome { id, status: Status::Queued.as_str().to_owned(), reason: None });
            self.sent_to.insert(entry.id, person);
        }
        Event::Queued(turn)
    }

    /// All or nothing: rows written before one that could not be written are not sent.
    fn take_back_all<'a>(&mut self, ids: impl Iterator<Item = &'a MessageId>) {
        for id in ids {
            if let Err(error) = self.outbox.undo(id) {
                self.fault("outbox", &error);
            }
        }
    }

    fn entry(&self, person: &Person, body: &str) -> (Person, OutboxEntry) {
        let to = vec![action::Person::on_local(person.id, person.name.clone())];
        (person.clone(), OutboxEntry::send(self.network.name(), to, body))
    }

    /// An answer goes to everybody in the conversation of the message it answers.
    fn answer_entry(&self, answers: &str, body: &str) -> Option<OutboxEntry> {
        let message = self.inbox.message(&MessageId::parse(answers).ok()?).ok()??;
        Some(OutboxEntry {
            id: MessageId::new(),
            conversation: message.conversation.clone(),
            kind: EntryKind::Reply,
            to: message.reply_to(),
            body: body.to_owned(),
            in_reply_to: Some(message.id),
        })
    }

    fn take_back(&mut self, turn: TurnId) -> Event {
        let ids = std::mem::take(&mut self.last_action);
        let mut undone = 0;
        for id in &ids {
            match self.outbox.undo(id) {
                Ok(Undo::Undone) => {
                    undone += 1;
                    let id = id.as_str().to_owned();
                    self.log(&LogEvent::Outcome { id, status: Status::Undone.as_str().to_owned(), reason: None });
                }
                Ok(Undo::TooLate(_) | Undo::Unknown) => {}
                Err(error) => self.fault("outbox", &error),
            }
        }
        match undone {
            _ if ids.is_empty() => Event::NothingToTakeBack(turn),
            _ if undone == ids.len() => Event::TakenBack(turn),
            _ => Event::TooLate(turn),
        }
    }

    fn send_due(&mut self) {
        match self.outbox.tick(self.now_ms, self.network.as_mut()) {
            Ok(outcomes) => {
                self.store_fault = false;
                for outcome in outcomes {
                    self.came_of(&outcome);
                }
            }
            Err(error) if !self.store_fault => {
                self.store_fault = true;
                self.fault("outbox", &error);
            }
            // Told once; the outbox tries again by itself.
            Err(_) => {}
        }
    }

    fn came_of(&mut self, outcome: &action::Outcome) {
        self.log(&LogEvent::Outcome {
            id: outcome.id.as_str().to_owned(),
            status: outcome.status.as_str().to_owned(),
            reason: outcome.reason.map(|reason| reason.as_str().to_owned()),
        });
        let failure = match outcome.status {
            Status::Wedged => Failure::Wedged,
            Status::Expired => Failure::Expired,
            Status::Queued
            | Status::Sending
            | Status::Sent
            | Status::Delivered
            | Status::Unverified
            | Status::Undone
            | Status::Received
            | Status::Read => return,
        };
        if let Some(person) = self.sent_to.get(&outcome.id).cloned() {
            self.feed(Event::Failed(person, failure));
        }
    }

    // ── what arrives ────────────────────────────────────────────────────────

    /// Takes in what arrived while nobody was listening.
    pub fn receive(&mut self) {
        if let Err(error) = self.inbox.receive(self.network.as_mut()) {
            self.fault("network", &error);
        }
        match self.inbox.announce() {
            Ok(messages) => {
                for message in messages {
                    self.arrived(message);
                }
            }
            Err(error) => self.fault("inbox", &error),
        }
    }

    /// Puts a message on the local network, as if `from` had written it.
    pub fn deliver(&mut self, from: &action::Person, body: &str) {
        if let Err(error) = self.local.deliver(from, &[], body) {
            self.fault("local", &error);
        }
        self.receive();
    }

    fn arrived(&mut self, message: IncomingMessage) {
        let from = sender(&message);
        self.log(&LogEvent::Incoming {
            id: message.id.as_str().to_owned(),
            from: from.name.clone(),
            conversation: ConversationId::as_str(&message.conversation).to_owned(),
            body: message.body,
        });
        self.feed(Event::Arrived(from));
    }

    fn fetch(&mut self, turn: TurnId, from: Option<&Person>) -> Event {
        let messages = self.inbox.unread(from.map(|person| person.id)).unwrap_or_else(|error| {
            self.fault("inbox", &error);
            Vec::new()
        });
        let unread = messages
            .into_iter()
            .map(|message| Unread { id: message.id.as_str().to_owned(), from: sender(&message), body: message.body })
            .collect();
        Event::Fetched(turn, unread)
    }

    /// Tells whether the last thing said was a read-back that waits for its yes.
    pub fn awaits_yes(&self) -> bool {
        self.dialogue.awaits_answer() && self.expects.1 == Expected::YesNo
    }
}

/// Who wrote a message; a stranger has no contact, and an answer goes by the conversation.
fn sender(message: &IncomingMessage) -> Person {
    Person { id: message.from.contact_id.unwrap_or_default(), name: message.from.name.clone(), members: None }
}
