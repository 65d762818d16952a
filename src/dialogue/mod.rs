//! The conversation: a pure machine, [`Event`] in, [`Effect`]s out. No clock, no I/O.
//!
//! Modelled as a state machine whose timers are effects and come back as events, with one function per state
//! that names every event. Read [`Event`], [`Effect`] and `state.rs`, then the function of a state:
//!
//! | state | function | file |
//! |---|---|---|
//! | idle | `idle` | `idle.rs` |
//! | asking whom, what or what to change | `asking` | `asking.rs` |
//! | asking which of several people | `choosing` | `asking.rs` |
//! | read back, waiting for yes or no | `confirming` | `confirming.rs` |
//! | held by "wait" or "pause" | `paused` | `pausing.rs` |
//! | waiting for the disk or the inbox | `acting`, `fetching`, `taking_back` | `waiting.rs` |
//! | messages were counted; a message was read aloud | `offering`, `reading` | `reading.rs` |
//! | a payment, from the wish to the outcome | `paying` | `paying.rs` |
//!
//! After the last message that was read one thing may be offered: `suggesting.rs`.
//!
//! Words to the house ("louder", "pause", "why?") mean the same in every state: `told` in `house.rs`. Which messages
//! are announced, and when, is decided before the dialogue hears of them, by the [`Announcer`].
//!
//! A draft (`draft.rs`, `words.rs`) is read back by `readback.rs` and changed by `editing.rs`; when it needs a yes is
//! data of the profile, `policy.rs`. [`Effect::Act`] is made in one place, `confirming.rs`, out of the very draft that
//! was read back.
//!
//! What may never happen is tested on random events in `properties.rs`, the limits of the car on every path in `budget.rs`.

mod announce;
mod asking;
mod confirming;
mod consent;
mod draft;
mod editing;
mod effect;
mod event;
mod house;
mod idle;
mod money;
mod order;
mod pausing;
mod payee;
mod paying;
mod payment;
mod policy;
mod proposal;
mod reaction;
mod readback;
mod reading;
mod replies;
mod state;
mod suggesting;
mod waiting;
mod words;

#[cfg(test)]
mod budget;
#[cfg(test)]
mod money_watch;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use announce::{Announcer, Arrival, News};
pub use effect::{Action, Effect, Look, Reply, ReplyKind, Use, Withdrawal};
pub use event::{Event, Failure, Finding, Heard, Leaves, Offer, Offered, Over, Post, Taken, Unread, UnreadKind, Why};
pub use house::{House, LOUDEST, USUAL_VOLUME};
pub use payment::{Debt, LastPaid, PayRefusal, Payment, Payout, Side, Verdict};
pub use policy::Policy;
pub use proposal::{Asks, Proposal, Proposed};

use std::{collections::HashMap, time::Duration};

use crate::{config::Lang, intent::Expected, listen::Expect};

use draft::Draft;
use paying::Outstanding;
use replies::{Replies, Sentence};
use state::State;

/// A person or group of the contact book.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    /// Id in the contact book.
    pub id: i64,
    /// Full name.
    pub name: String,
    /// How many people a group has; `None` for one person.
    pub members: Option<u32>,
}

/// Numbers what Herald says, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyId(pub u64);

/// Numbers the sounds of what was heard that may be sent as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordingId(pub u64);

/// Numbers what the dialogue waits for; results of an older turn are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TurnId(pub u64);

/// A timer; a number is used once, so that a late timer means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u64);

/// A "yes" whose tokens are less probable than this is asked again. Measured with base-q8_0 on "yes" and "oui" by
/// seven synthetic voices: heard right they had 0.63 to 0.85, misheard ones went down to 0.44.
const CERTAIN: f32 = 0.45;

/// What is done without a yes must be recognised with at least this probability: sentences heard right have 0.7 to 0.9,
/// alone and with no noise around; below 0.7 one in six words is wrong.
const SURE: f32 = 0.7;

/// After this many silences in a row the draft is kept and the user left in peace; after this many
/// misunderstandings another way is offered, and one more ends the task.
const PATIENCE: u32 = 2;

/// The conversation of one user.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Dialogue {
    policy: Policy,
    replies: &'static Replies,
    lang: Lang,
    state: State,
    turn: TurnId,
    last_reply: u64,
    last_timer: u64,
    /// The answer timer, while it runs.
    timer: Option<TimerId>,
    /// The reply whose end starts the answer timer.
    awaiting: Option<ReplyId>,
    /// What to say again on "repeat".
    said: Option<Reply>,
    /// A draft nobody finished.
    kept: Option<Draft>,
    /// The message "reply" means.
    read: Option<Unread>,
    /// Whose messages were asked for.
    fetching_from: Option<Person>,
    /// Messages are counted before they are read.
    counting: bool,
    /// What the last prompt asked for.
    expected: Expected,
    house: House,
    /// Who wrote while a conversation was under way.
    held: Vec<Post>,
    /// Numbers payments; each is used once.
    last_nonce: u64,
    /// The payment that was confirmed and of which nobody knows yet what became.
    outstanding: Option<Outstanding>,
    /// Who was paid, if that was the last thing done.
    last_paid: Option<Person>,
    /// The car moves, and nothing is paid.
    moving: bool,
    /// What the one who speaks is called.
    speaker: String,
    /// What belongs to those who speak at other times.
    others: HashMap<String, Own>,
}

/// What belongs to one of the household alone.
#[derive(Debug, Clone, Default)]
struct Own {
    said: Option<Reply>,
    kept: Option<Draft>,
    read: Option<Unread>,
}

impl Dialogue {
    /// Starts an idle conversation. `lang` is spoken until the user speaks another.
    pub fn new(policy: Policy, lang: Lang) -> Self {
        Self {
            policy,
            replies: Replies::shared(),
            lang,
            state: State::Idle,
            turn: TurnId::default(),
            last_reply: 0,
            last_timer: 0,
            timer: None,
            awaiting: None,
            said: None,
            kept: None,
            read: None,
            fetching_from: None,
            counting: false,
            expected: Expected::Command,
            house: House::default(),
            held: Vec::new(),
            last_nonce: 0,
            outstanding: None,
            last_paid: None,
            moving: false,
            speaker: String::new(),
            others: HashMap::new(),
        }
    }

    /// Tells whether nobody owes anybody an answer.
    pub const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Tells whether Herald asked something, or read a message, and listens for the answer.
    pub const fn awaits_answer(&self) -> bool {
        if let State::Paused(paused) = &self.state {
            return paused.held.awaits_answer();
        }
        self.state.awaits_answer()
    }

    /// Whom the user is writing to, when that is one person or group.
    pub fn writes_to(&self) -> Option<&Person> {
        let draft = self.state.draft().filter(|draft| draft.open.is_empty() && !draft.is_reaction())?;
        if let [only] = draft.to.as_slice() { Some(&only.person) } else { None }
    }

    /// The sound that is sent if the user says yes: all others can be forgotten.
    pub fn recording(&self) -> Option<RecordingId> {
        self.state.draft().and_then(Draft::recording)
    }

    /// Tells whether there is something that "go on" would go back to.
    pub const fn has_left_off(&self) -> bool {
        matches!(self.state, State::Paused(_)) || self.is_idle() && self.kept.is_some()
    }

    /// Language of the conversation.
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// Somebody speaks from now on, and finds what they left; what belongs to who spoke before is put away. A task
    /// under way must have been left.
    pub fn speaks(&mut self, name: &str) {
        if name != self.speaker {
            let own = self.others.remove(name).unwrap_or_default();
            let before = Own { said: self.said.take(), kept: self.kept.take(), read: self.read.take() };
            let speaker = std::mem::replace(&mut self.speaker, name.to_owned());
            self.others.insert(speaker, before);
            (self.said, self.kept, self.read) = (own.said, own.kept, own.read);
            (self.outstanding, self.last_paid) = (None, None);
        }
    }

    /// Tells whether nothing may be paid because the car moves.
    pub const fn drives(&mut self, moving: bool) {
        self.moving = moving;
    }

    /// Takes in what happened; returns what to do, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        if self.is_stale(&event) {
            return Vec::new();
        }
        let mut out = Vec::new();
        self.state = match std::mem::take(&mut self.state) {
            State::Idle => self.idle(event, &mut out),
            State::Asking(asking) => self.asking(asking, event, &mut out),
            State::Choosing(choosing) => self.choosing(choosing, event, &mut out),
            State::Confirming(confirming) => self.confirming(confirming, event, &mut out),
            State::Acting(draft) => self.acting(draft, event, &mut out),
            State::Fetching => self.fetching(event, &mut out),
            State::TakingBack(said) => self.taking_back(said, event, &mut out),
            State::Offering(queue) => self.offering(queue, event, &mut out),
            State::Reading(reading) => self.reading(reading, event, &mut out),
            State::Paused(paused) => self.paused(paused, event, &mut out),
            State::Paying(paying) => self.paying(*paying, event, &mut out),
        };
        out
    }

    /// Results of an older turn and timers that were cancelled or replaced.
    fn is_stale(&self, event: &Event) -> bool {
        match event {
            Event::Queued(turn, _)
            | Event::NotQueued(turn)
            | Event::TakenBack(turn, _)
            | Event::TooLate(turn)
            | Event::NothingToTakeBack(turn)
            | Event::Fetched(turn, _)
            | Event::Found(turn, _)
            | Event::PaymentChecked(turn, _)
            | Event::PinGiven(turn, _)
            | Event::Requested(turn, _) => *turn != self.turn,
            Event::Paid(turn, _) => self.outstanding.as_ref().is_none_or(|outstanding| outstanding.turn != *turn),
            Event::TimerFired(timer) => self.timer != Some(*timer),
            Event::SpeechStarted
            | Event::Heard(_)
            | Event::Told(_)
            | Event::HeardNothing
            | Event::Spoken(_)
            | Event::Cut(_)
            | Event::Arrived(_)
            | Event::Digest(_)
            | Event::Failed(..)
            | Event::SignedOut => false,
        }
    }

    // ── what states share ───────────────────────────────────────────────────

    fn next_turn(&mut self) -> TurnId {
        self.turn.0 += 1;
        self.turn
    }

    /// Says a sentence.
    fn say(&mut self, kind: ReplyKind, sentence: &Sentence, out: &mut Vec<Effect>) -> ReplyId {
        let text = self.replies.text(self.lang, sentence);
        self.say_text(kind, text, out)
    }

    fn say_text(&mut self, kind: ReplyKind, text: String, out: &mut Vec<Effect>) -> ReplyId {
        self.say_reply(Reply { id: ReplyId(self.last_reply), text, lang: self.lang, kind, quoted: None }, out)
    }

    /// Says something under a number of its own.
    fn say_reply(&mut self, mut reply: Reply, out: &mut Vec<Effect>) -> ReplyId {
        self.last_reply += 1;
        reply.id = ReplyId(self.last_reply);
        if reply.kind != ReplyKind::Announce {
            self.said = Some(reply.clone());
        }
        let id = reply.id;
        out.push(Effect::Say(reply));
        id
    }

    /// Says something that the user is expected to answer.
    fn prompt(&mut self, kind: ReplyKind, sentence: &Sentence, expected: Expected, out: &mut Vec<Effect>) -> ReplyId {
        let id = self.say(kind, sentence, out);
        self.await_answer(id, expected, out);
        id
    }

    fn await_answer(&mut self, reply: ReplyId, expected: Expected, out: &mut Vec<Effect>) {
        self.stop_timer(out);
        self.awaiting = Some(reply);
        self.expected = expected;
        let expect = match expected {
            Expected::YesNo => Expect::YesNo,
            Expected::Content => Expect::Dictation,
            Expected::Command
            | Expected::Recipient
            | Expected::Choice
            | Expected::Reading
            | Expected::Amount
            | Expected::Payment => Expect::Command,
        };
        out.push(Effect::Listen(expect, expected));
    }

    /// Says the last prompt again, in the state it belongs to.
    fn say_again(&mut self, expected: Expected, out: &mut Vec<Effect>) -> Option<ReplyId> {
        let said = self.said.clone()?;
        let id = self.say_reply(said, out);
        self.await_answer(id, expected, out);
        Some(id)
    }

    /// The answer timer runs from the end of the reply that asked.
    fn spoken(&mut self, reply: ReplyId, patience: Duration, out: &mut Vec<Effect>) {
        if self.awaiting == Some(reply) {
            self.awaiting = None;
            self.start_timer(patience, out);
        }
    }

    fn start_timer(&mut self, patience: Duration, out: &mut Vec<Effect>) {
        self.stop_timer(out);
        self.last_timer += 1;
        let timer = TimerId(self.last_timer);
        self.timer = Some(timer);
        out.push(Effect::StartTimer(timer, patience));
    }

    fn stop_timer(&mut self, out: &mut Vec<Effect>) {
        if let Some(timer) = self.timer.take() {
            out.push(Effect::CancelTimer(timer));
        }
    }

    /// Ends the task; says who wrote in the meantime.
    fn rest(&mut self, out: &mut Vec<Effect>) -> State {
        self.stop_timer(out);
        self.awaiting = None;
        out.push(Effect::Listen(Expect::Command, Expected::Command));
        for post in std::mem::take(&mut self.held) {
            self.announce(post, out);
        }
        State::Idle
    }

    fn announce(&mut self, post: Post, out: &mut Vec<Effect>) {
        let sentence = match post.to == self.speaker {
            _ if post.is_visit => Sentence::new("new-customer"),
            true => Sentence::new("incoming"),
            false => Sentence::new("incoming-for").with("to", post.to),
        };
        self.say(ReplyKind::Announce, &sentence.with("from", post.from.name), out);
    }

    /// What arrives is announced at rest only; a conversation is not interrupted.
    fn hold(&mut self, post: Post) {
        if !self.held.contains(&post) {
            self.held.push(post);
        }
    }

    fn report_failure(&mut self, person: Person, failure: Failure, out: &mut Vec<Effect>) {
        let sentence = match failure {
            Failure::Wedged => Sentence::new("wedged"),
            Failure::Expired => Sentence::new("expired"),
            Failure::NoAddress => Sentence::new("no-address"),
        };
        self.say(ReplyKind::Error, &sentence.with("to", person.name), out);
    }

    fn report_signed_out(&mut self, out: &mut Vec<Effect>) {
        self.say(ReplyKind::Error, &Sentence::new("signed-out"), out);
    }

    /// Keeps an unfinished draft and says so.
    fn keep(&mut self, draft: Draft, out: &mut Vec<Effect>) -> State {
        self.kept = Some(draft.kept());
        self.say(ReplyKind::Answer, &Sentence::new("kept"), out);
        self.rest(out)
    }

    /// Ends politely what did not come to an understanding; the draft is kept.
    fn give_up(&mut self, draft: Draft, out: &mut Vec<Effect>) -> State {
        self.kept = Some(draft.kept());
        self.say(ReplyKind::Answer, &Sentence::new("gave-up"), out);
        self.rest(out)
    }

    fn cancelled(&mut self, out: &mut Vec<Effect>) -> State {
        self.say(ReplyKind::Answer, &Sentence::new("cancelled"), out);
        self.rest(out)
    }
}
