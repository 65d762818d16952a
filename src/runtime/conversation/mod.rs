//! Text in, replies out: parses what was said, finds who is meant, drives the dialogue and carries out what it
//! wants. No sound here: the typed `herald ask` and the session with ears and mouth drive the same conversation.
//!
//! | file | what it does |
//! |---|---|
//! | `addressing.rs` | whether an utterance is meant for Herald |
//! | `delivery.rs` | what the dialogue wants done, done; what arrives |
//! | `paying.rs` | money: the rules and the book behind a spoken payment, the PIN |
//! | `offering.rs` | what is offered because of what somebody wrote |
//! | `house.rs` | volume, microphone, driving; what is announced; the audit trail |
//! | `touching.rs` | what is done on the companion page, and what it shows |
//! | `understanding.rs` | what words mean to the dialogue: intent, who is meant, words to the house |
//! | `speaking.rs` | who of the household speaks |

mod addressing;
mod delivery;
mod house;
mod offering;
mod paying;
mod speaking;
mod touching;
mod understanding;

pub use house::{Driving, drive, is_muted, mute};
pub use paying::PinRefusal;
pub use touching::Untouched;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    rc::Rc,
    sync::Arc,
    thread,
    time::Duration,
};

use self::{
    addressing::{Addressed, Addressing, Scene},
    speaking::Speaking,
    understanding::Circumstances,
};
use super::{
    EventLog, LogEvent, RuntimeError,
    scribe::{self, Loader, Scribe},
    wakes::{Wakes, Woken},
};
use crate::{
    action::{
        self, Account, Audit, ConversationId, Counted, EntryKind, Figures, Household, Inbox, Local, MessageId, Network,
        Outbox,
    },
    asr::{Transcript, Voice, is_plausible},
    config::{self, Config, Lang, LangChoice},
    dialogue::{Announcer, Dialogue, Effect, Event, House, Over, Person, Policy, RecordingId, Reply, ReplyId, TimerId},
    intent::{
        Expected, HeardAgain, IntentName, Parser, SoFar,
        contacts::{self, Book, ContactId},
        wake::{self, Phrase},
    },
    listen::{Completeness, Expect, Utterance},
    speech::Earcon,
    store::Store,
};

/// The network and the outbox are looked at this often, milliseconds of audio time.
const LOOK_EVERY_MS: u64 = 100;

/// A network that cannot be reached is given so long to come back at the end of a typed turn, milliseconds.
const OFFLINE_MS: u64 = 3_000;

/// How long [`Conversation::drain`] waits for a server before it asks again.
const DRAIN_STEP: Duration = Duration::from_millis(20);

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
    /// All of its sound, mono 16 kHz samples, piece by piece.
    pub sound: Vec<Arc<[f32]>>,
}

/// A conversation of the household on one data directory.
pub struct Conversation {
    dialogue: Dialogue,
    parser: Parser,
    /// Whether a message is put into the words one says to the recipient.
    rephrases: bool,
    store: Rc<Store>,
    book: Book,
    speaking: Speaking,
    /// Whom the user wrote to, the latest first.
    recent: Vec<ContactId>,
    outbox: Outbox,
    inbox: Inbox,
    local: Local,
    network: Box<dyn Network>,
    log: EventLog,
    log_error: Option<io::Error>,
    lang: LangChoice,
    addressing: Addressing,
    undo_window_ms: u64,
    now_ms: u64,
    looked_ms: u64,
    timers: BTreeMap<TimerId, u64>,
    expects: (Expect, Expected),
    replies: VecDeque<Reply>,
    began: VecDeque<(ReplyId, u64)>,
    /// When Herald was heard last.
    spoke_until_ms: u64,
    /// What "undo" takes back: the messages of the last action.
    last_action: Vec<MessageId>,
    /// The people confirmed messages went to, for telling of a failure.
    sent_to: BTreeMap<MessageId, Person>,
    store_fault: bool,
    /// Who listens to recordings.
    scribe: Option<Scribe>,
    shows_typing: bool,
    /// Whom the network shows that somebody is writing to them, and since when.
    typing: Option<(ConversationId, u64)>,
    /// The sound of what was said, as long as it may be sent.
    sounds: Vec<(RecordingId, Vec<Arc<[f32]>>)>,
    announcer: Announcer,
    audit: Audit,
    car: config::Car,
    profile: String,
    muted: bool,
    moving: bool,
    /// Which edition of the contact book is in memory.
    edition: Option<String>,
    shown: touching::Shown,
    offers: offering::Offers,
    /// `None` where the owner asked for no figures.
    figures: Option<Figures>,
    till: paying::Till,
    /// A driver may pay.
    pays_driving: bool,
    /// By what the last words or touch came.
    by: Counted,
    offers_suggestions: bool,
    volume: u8,
    /// What is to sound next.
    earcons: Vec<Earcon>,
    has_earcons: bool,
    /// How loud Herald is in quiet hours; 0: as loud as else.
    night_volume: u8,
}

impl Conversation {
    /// Opens the conversation on an open database; what an earlier run left in the outbox is due at once.
    ///
    /// # Errors
    /// [`RuntimeError`] when the database or the sentence templates cannot be used.
    pub fn open(config: &Config, store: Rc<Store>, log: EventLog) -> Result<Self, RuntimeError> {
        let network = action::open(config, Rc::clone(&store))?;
        Self::with_network(config, store, network, log)
    }

    /// The same on a network that is open.
    ///
    /// # Errors
    /// [`RuntimeError`] when the database or the sentence templates cannot be used.
    pub fn with_network(
        config: &Config,
        store: Rc<Store>,
        network: Box<dyn Network>,
        log: EventLog,
    ) -> Result<Self, RuntimeError> {
        let lang = config.general.lang.fixed().unwrap_or(Lang::En);
        let volume = house::volume(&store)?;
        let general = &config.general;
        let (emergency_number, place) = (general.emergency_number.clone(), general.place.clone());
        let house = House { emergency_number, place, volume };
        let household = Household::new(general);
        let payment_timeout = Duration::from_millis(config.pay.confirm_ms.into());
        let policy = Policy { payment_timeout, ..Policy::new(&config.dialogue) };
        let mut dialogue = Dialogue::new(policy, lang).in_house(house);
        dialogue.speaks(&household.owner);
        let mut conversation = Self {
            dialogue,
            parser: Parser::new()?,
            rephrases: config.intent.rephrase,
            book: Book::open(&store)?,
            speaking: Speaking::new(household.clone(), config.dialogue.speaker_timeout_ms.into()),
            recent: Vec::new(),
            outbox: Outbox::new(Rc::clone(&store))?,
            inbox: Inbox::new(Rc::clone(&store), household.clone()),
            local: Local::new(Rc::clone(&store), household),
            network,
            log,
            log_error: None,
            lang: config.general.lang,
            addressing: Addressing::new(config.listen.wake),
            undo_window_ms: config.dialogue.undo_window_ms.into(),
            now_ms: 0,
            looked_ms: 0,
            timers: BTreeMap::new(),
            expects: (Expect::Command, Expected::Command),
            replies: VecDeque::new(),
            began: VecDeque::new(),
            spoke_until_ms: 0,
            last_action: Vec::new(),
            sent_to: BTreeMap::new(),
            store_fault: false,
            scribe: None,
            shows_typing: config.action.typing,
            typing: None,
            sounds: Vec::new(),
            audit: Audit::new(Rc::clone(&store)),
            announcer: Announcer::new(config),
            car: config.car,
            profile: general.profile.clone(),
            muted: false,
            moving: false,
            edition: None,
            shown: touching::Shown::default(),
            offers: offering::Offers::default(),
            figures: config.telemetry.stats.then(|| Figures::new(Rc::clone(&store))),
            by: Counted::ByVoice,
            till: paying::Till::open(config, &store),
            pays_driving: config.pay.driving,
            offers_suggestions: config.companion.suggestions,
            volume,
            earcons: Vec::new(),
            has_earcons: config.speech.earcons,
            night_volume: config.speech.night_volume,
            store,
        };
        conversation.edition = contacts::edition(&conversation.store)?;
        conversation.refresh()?;
        conversation.take_up_quiet_hours()?;
        conversation.take_up_digest()?;
        Ok(conversation)
    }

    /// Recordings that arrive are written down by a recogniser that is loaded for the first of them.
    ///
    /// # Errors
    /// [`RuntimeError::Thread`] when its thread cannot be started.
    pub fn write_down_recordings(&mut self, load: Loader) -> Result<(), RuntimeError> {
        self.scribe = Some(Scribe::start(load, self.lang).map_err(RuntimeError::Thread)?);
        Ok(())
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

    /// Tells whether the last thing said was a read-back that waits for its yes.
    pub fn awaits_yes(&self) -> bool {
        self.dialogue.awaits_answer() && self.expects.1 == Expected::YesNo
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

    /// Tells whether what is said next is for Herald: it asked something, or was woken.
    pub const fn awaits_words(&self) -> bool {
        self.awaits_answer() || self.addressing.is_open(self.now_ms)
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
            if self.speaking.is_over(self.now_ms, self.dialogue.is_idle()) {
                self.speaks(Account::owner());
            }
            self.exchange(now_ms);
        }
    }

    /// Sends what is due and takes in what arrived; no timer runs out.
    pub fn exchange(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        self.send_due();
        self.receive();
        self.hear_from_cashier();
        self.show_typing();
    }

    fn due_timer(&self) -> Option<TimerId> {
        let due = self.timers.iter().filter(|(_, at_ms)| **at_ms <= self.now_ms);
        due.min_by_key(|(timer, at_ms)| (**at_ms, **timer)).map(|(timer, _)| *timer)
    }

    /// Lets time pass, without sound, until nothing waits in the outbox; questions stay unanswered.
    pub fn drain(&mut self) {
        // Bounded: a network that never answers must not hold a typed turn for ever.
        let start_ms = self.now_ms;
        let end_ms = start_ms + 60_000;
        while let Ok(Some(due_ms)) = self.outbox.next_due_ms() {
            self.now_ms = self.now_ms.max(due_ms);
            if self.now_ms > end_ms {
                return;
            }
            self.send_due();
            if !self.network.is_reachable() && self.now_ms > start_ms + OFFLINE_MS {
                return;
            }
            // A server takes its time, which is not the audio clock's.
            if self.outbox.awaits_network() {
                thread::sleep(DRAIN_STEP);
                self.now_ms += u64::try_from(DRAIN_STEP.as_millis()).unwrap_or_default();
            }
        }
    }

    /// Wakes by these words from now on, each with what an utterance must begin with.
    pub fn wake_by(&mut self, phrases: Vec<(String, Phrase)>) {
        self.addressing.wakes = Wakes::new(phrases);
    }

    /// A wake word was heard; the text of its utterance decides.
    pub(super) fn woken(&mut self, woken: Woken) {
        self.addressing.wakes.heard(woken);
    }

    /// Takes the next utterance as spoken to Herald, as after a push of a button.
    pub fn open_ear(&mut self) {
        self.addressing.open(self.now_ms);
        self.sound(Earcon::Opened);
    }

    /// Tells whether the words ask Herald to stop or to cancel, by themselves or after its name.
    pub(super) fn is_stop(&self, words: &str) -> bool {
        let words = wake::strip(words).unwrap_or(words);
        let is_cancel = |lang| self.parser.parse(words, lang, Expected::Command, &self.book).name == IntentName::Cancel;
        is_cancel(None) || Lang::ALL.into_iter().any(|lang| is_cancel(Some(lang)))
    }

    /// Tells whether the words would be a yes to a read-back.
    pub(super) fn is_yes(&self, words: &str, lang: Option<Lang>) -> bool {
        self.parser.parse(words, lang, Expected::YesNo, &self.book).name == IntentName::Confirm
    }

    /// Tells whether an utterance would be taken as spoken to Herald.
    pub(super) fn is_addressed(&self, transcript: &Transcript, utterance: &Utterance) -> bool {
        self.address(transcript, utterance).is_some()
    }

    fn address(&self, transcript: &Transcript, utterance: &Utterance) -> Option<Addressed> {
        let scene = Scene { parser: &self.parser, names: &self.book, is_idle: self.dialogue.is_idle() };
        self.addressing.address(transcript, utterance, scene)
    }

    /// Takes in that the user wants Herald to stop, which needs no wake word. Nothing but the dialogue's own "cancel"
    /// comes of it, and at rest not even that, unless there is a message that can still be stopped.
    pub(super) fn hear_stop(&mut self, said: Said) {
        let Said { transcript, utterance, latency_ms, .. } = said;
        self.log_transcript(&transcript, &utterance, latency_ms);
        if !self.is_settled() {
            let words = wake::strip(&transcript.text).unwrap_or(&transcript.text).to_owned();
            self.understand(&words, None, transcript.confidence, Circumstances::default());
        }
    }

    fn log_transcript(&mut self, transcript: &Transcript, utterance: &Utterance, latency_ms: u64) {
        self.shown.heard = Some(transcript.text.clone());
        self.log(&LogEvent::Transcript {
            text: transcript.text.clone(),
            lang: transcript.lang,
            utterance_ms: utterance.voice_end_ms.saturating_sub(utterance.voice_start_ms),
            decode_ms: transcript.decode_ms,
            latency_ms,
        });
    }

    /// Takes in an utterance: not for Herald, nothing, or words.
    pub fn hear(&mut self, said: Said) {
        self.hear_as(said, None);
    }

    fn hear_as(&mut self, said: Said, again: Option<HeardAgain>) {
        let Said { mut transcript, utterance, latency_ms, sound } = said;
        if !is_plausible(&transcript, voice_in(&utterance)) {
            transcript.text.clear();
        }
        let addressed = self.address(&transcript, &utterance);
        self.addressing.wakes.forget(&utterance);
        // Words that are not for Herald are nobody's business: they reach no log.
        let Some(Addressed { woken, words }) = addressed else { return };
        self.addressing.used_up(&utterance);
        transcript.text = words;
        if let Some(woken) = woken {
            self.log(&LogEvent::Wake { word: woken.word, score: woken.score });
            if transcript.text.is_empty() {
                self.addressing.open_after_wake(self.now_ms);
                self.sound(Earcon::Opened);
                return;
            }
        }
        if let Some(again) = &again {
            transcript.text.clone_from(&again.words);
        }
        self.log_transcript(&transcript, &utterance, latency_ms);
        if transcript.text.is_empty() {
            self.feed(Event::HeardNothing);
            return;
        }
        let after = self.began.iter().rev().find(|(_, at_ms)| *at_ms <= utterance.voice_start_ms).map(|(id, _)| *id);
        let recording = self.network.takes_recordings().then_some(RecordingId(utterance.id));
        self.sounds.extend(recording.map(|id| (id, sound)));
        let pointed = self.pointed(utterance.voice_start_ms);
        let is_over = self.shown.saying.is_some() || utterance.voice_start_ms < self.spoke_until_ms;
        let over = is_over.then_some(Over::Herald);
        let circumstances = Circumstances { after, recording, pointed, over, again };
        self.by = Counted::ByVoice;
        self.understand(&transcript.text, Some(transcript.lang), transcript.confidence, circumstances);
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
        let pointed = self.pointed(self.now_ms);
        self.by = Counted::ByTyping;
        self.understand(text, self.lang.fixed(), 1.0, Circumstances { after, pointed, ..Circumstances::default() });
    }

    /// Somebody speaks from now on: what was done and whom one wrote to before is nobody else's business.
    fn speaks(&mut self, account: Account) {
        if account != *self.speaking.account() {
            self.speaking.change(account);
            self.recent.clear();
            self.last_action.clear();
        }
        self.dialogue.speaks(self.speaking.name());
    }

    /// A reply is being heard from now on.
    pub fn began(&mut self, reply: &Reply) {
        self.shown.saying = Some(reply.text.clone());
        self.log(&LogEvent::Reply { text: reply.text.clone(), lang: reply.lang, kind: reply.kind });
        self.began.push_back((reply.id, self.now_ms));
        if self.began.len() > REMEMBERED {
            self.began.pop_front();
        }
    }

    /// Tells the dialogue, carries out what it wants, and tells what waited for the end of the conversation.
    pub fn feed(&mut self, event: Event) {
        if matches!(event, Event::Spoken(_) | Event::Cut(_)) {
            self.shown.saying = None;
            self.spoke_until_ms = self.now_ms;
        }
        self.handle(event);
        // What nobody wants to send was heard and is gone.
        let wanted = self.dialogue.recording();
        self.sounds.retain(|(id, _)| Some(*id) == wanted);
        self.announce();
        self.mark_proposal();
    }

    fn handle(&mut self, event: Event) {
        self.dialogue.drives(self.moving && !self.pays_driving);
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
            Effect::TakeBack(turn, said) => return Some(self.take_back(turn, said)),
            Effect::FetchUnread(turn, from) => return Some(self.fetch(turn, from.as_ref())),
            Effect::Look(turn, look) => return Some(self.look(turn, look)),
            Effect::Suggestion(kind, came) => self.came_of_suggestion(kind, came),
            Effect::CheckPayment(turn, payment) => return Some(self.check_payment(turn, &payment)),
            Effect::Pay(turn, payment) => return self.pay(turn, &payment),
            Effect::RequestPayment(turn, payment) => return Some(self.request_payment(turn, &payment)),
            Effect::AskPin(turn, _) => self.ask_pin(turn),
            Effect::SetVolume(volume) => self.set_volume(volume),
            Effect::Mute => self.mute(),
            Effect::MarkRead(ids) => self.mark_read(&ids),
            Effect::Join(id) => self.do_silently(EntryKind::Join, &id),
            Effect::Remember(said, person) => {
                if let Err(error) = self.book.learn(&self.store, &said, ContactId(person.id)) {
                    self.fault("contacts", &error);
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

    /// Keeps in mind whom the user has to do with.
    fn wrote_to(&mut self, person: &Person) {
        let contact = ContactId(person.id);
        self.recent.retain(|known| *known != contact);
        self.recent.insert(0, contact);
        self.recent.truncate(REMEMBERED);
    }

    /// Counts for the owner's figures.
    fn tally(&mut self, what: Counted) {
        let Some(figures) = &self.figures else { return };
        if let Err(error) = figures.count(what, jiff::Timestamp::now().as_millisecond()) {
            self.fault("figures", &error);
        }
    }

    fn fault(&mut self, stage: &'static str, error: &dyn std::fmt::Display) {
        self.log(&LogEvent::Fault { stage, message: error.to_string() });
    }
}

fn voice_in(utterance: &Utterance) -> Voice {
    let extent_ms = utterance.voice_end_ms.saturating_sub(utterance.voice_start_ms);
    Voice { extent_ms, clear_ms: utterance.clear_ms }
}
