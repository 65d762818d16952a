//! Words to the house, which mean the same in every state, and what it tells by itself. Nothing here makes an action.

use crate::intent::{Control, Expected, Instruction, contacts::Decision};

use super::{
    Dialogue, Effect, Finding, Look, Person, Post, Reply, ReplyKind, State, Why, event::Unread, replies::Sentence,
};

/// The loudest volume; 1 is the quietest.
pub const LOUDEST: u8 = 6;

/// The volume before anybody asked for another: the voice as it was made.
pub const USUAL_VOLUME: u8 = 4;

/// People named in one count; more are too many to remember.
const COUNTED: usize = 3;

/// What the house knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// The number to call in an emergency.
    pub emergency_number: String,
    /// Where the device is, in words; empty when the owner did not say.
    pub place: String,
    /// How loud Herald speaks, 1 to [`LOUDEST`].
    pub volume: u8,
}

impl Default for House {
    fn default() -> Self {
        Self { emergency_number: "112".to_owned(), place: String::new(), volume: USUAL_VOLUME }
    }
}

impl Dialogue {
    /// Tells the dialogue about its house.
    #[must_use]
    pub fn in_house(mut self, house: House) -> Self {
        self.house = house;
        self
    }

    /// What is written to somebody who writes while the user drives.
    pub fn driving_text(&self) -> String {
        self.replies.text(self.lang, &Sentence::new("auto-reply"))
    }

    /// Does what the house was told; a task under way goes on, unless it was left for another.
    pub(super) fn told(&mut self, state: State, told: Instruction, out: &mut Vec<Effect>) -> State {
        self.lang = told.lang;
        self.stop_timer(out);
        self.awaiting = None;
        match told.control {
            Control::Emergency => {
                self.leave(state);
                let number = self.house.emergency_number.clone();
                self.answer(ReplyKind::Answer, &Sentence::new("emergency").with("number", number), out)
            }
            Control::Louder => self.change_volume(state, self.house.volume.saturating_add(1), out),
            Control::Quieter => self.change_volume(state, self.house.volume.saturating_sub(1), out),
            Control::Mute => {
                self.leave(state);
                let state = self.answer(ReplyKind::Answer, &Sentence::new("muted"), out);
                out.push(Effect::Mute);
                state
            }
            Control::Pause => self.pause(state, out),
            Control::Resume => match (state, self.kept.take()) {
                (State::Paused(paused), kept) => {
                    self.kept = kept;
                    self.resume(paused, out)
                }
                (State::Idle, Some(draft)) => self.proceed(draft, out),
                (state, kept) => {
                    self.kept = kept;
                    let prompt = self.said.clone();
                    self.take_up(state, prompt, out)
                }
            },
            Control::WhoFrom => self.who_from(state, out),
            Control::Skip => self.skip(state, out),
            Control::CatchUp => {
                self.leave(state);
                self.fetching_from = None;
                self.counting = true;
                let turn = self.next_turn();
                out.push(Effect::FetchUnread(turn, None));
                State::Fetching
            }
            Control::Waiting => self.look(state, Look::Waiting, out),
            Control::Why => self.look(state, Look::Why, out),
            Control::Forget => self.look(state, Look::Forget, out),
            Control::Speaker => self.look(state, Look::Speaker(told.said.unwrap_or_default()), out),
            Control::Suggest => self.suggest(state, out),
            Control::Owed => self.look_for_debts(state, &told, out),
            Control::LastPaid => self.look(state, Look::LastPaid, out),
        }
    }

    /// Leaves a task; the message in the making is kept.
    fn leave(&mut self, state: State) {
        if let Some(draft) = state.into_draft() {
            self.kept = Some(draft.kept());
        }
    }

    /// Who owes whom. Of one person who may be several, all debts are told.
    fn look_for_debts(&mut self, state: State, told: &Instruction, out: &mut Vec<Effect>) -> State {
        let unknown = told.who.as_ref().filter(|who| who.decision == Decision::None).map(|who| who.heard.clone());
        if let Some(said) = unknown {
            self.leave(state);
            return self.answer(ReplyKind::Error, &Sentence::new("unknown-sender").with("said", said), out);
        }
        let only = told.who.as_ref().filter(|who| who.decision == Decision::One).and_then(|who| who.candidates.first());
        let only = only.map(|who| Person { id: who.id.0, name: who.name.clone(), members: who.members });
        self.look(state, Look::Owed(only), out)
    }

    fn look(&mut self, state: State, look: Look, out: &mut Vec<Effect>) -> State {
        self.leave(state);
        let turn = self.next_turn();
        out.push(Effect::Look(turn, look));
        State::Fetching
    }

    /// Goes on where a task was interrupted: its prompt is said again.
    pub(super) fn take_up(&mut self, state: State, prompt: Option<Reply>, out: &mut Vec<Effect>) -> State {
        match (&state, prompt) {
            (State::Idle, _) => self.rest(out),
            (State::Paying(paying), prompt) => {
                self.said = prompt;
                let paying = paying.clone();
                self.take_up_payment(*paying, out)
            }
            (_, Some(prompt)) if state.awaits_answer() => {
                let id = self.say_text(prompt.kind, prompt.text, out);
                self.await_answer(id, self.expected, out);
                state
            }
            (_, Some(_) | None) => state,
        }
    }

    fn change_volume(&mut self, state: State, volume: u8, out: &mut Vec<Effect>) -> State {
        let prompt = self.said.clone();
        let sentence = match volume {
            0 => Sentence::new("quietest"),
            too_much if too_much > LOUDEST => Sentence::new("loudest"),
            louder if louder > self.house.volume => Sentence::new("louder"),
            _ => Sentence::new("quieter"),
        };
        let volume = volume.clamp(1, LOUDEST);
        if volume != self.house.volume {
            self.house.volume = volume;
            out.push(Effect::SetVolume(volume));
        }
        self.say(ReplyKind::Answer, &sentence, out);
        self.take_up(state, prompt, out)
    }

    /// Says who wrote the message last read; the task goes on.
    fn who_from(&mut self, state: State, out: &mut Vec<Effect>) -> State {
        let sentence = match &self.read {
            Some(read) => Sentence::new("who-from").with("from", read.from.name.clone()),
            None => Sentence::new("nothing-read"),
        };
        let prompt = self.said.clone();
        let id = self.say(ReplyKind::Answer, &sentence, out);
        if matches!(state, State::Paying(_)) {
            return self.take_up(state, prompt, out);
        }
        if state.awaits_answer() {
            self.await_answer(id, self.expected, out);
            return state;
        }
        match state {
            State::Idle => self.rest(out),
            State::Asking(_)
            | State::Choosing(_)
            | State::Confirming(_)
            | State::Acting(_)
            | State::Fetching
            | State::TakingBack(_)
            | State::Offering(_)
            | State::Reading(_)
            | State::Paused(_)
            | State::Paying(_) => state,
        }
    }

    /// The next message, whatever is left of this one.
    fn skip(&mut self, state: State, out: &mut Vec<Effect>) -> State {
        match state {
            State::Reading(reading) => self.read_on(reading.queue, out),
            State::Offering(_) => self.rest(out),
            State::Idle
            | State::Asking(_)
            | State::Choosing(_)
            | State::Confirming(_)
            | State::Acting(_)
            | State::Fetching
            | State::TakingBack(_)
            | State::Paused(_)
            | State::Paying(_) => {
                let prompt = self.said.clone();
                self.take_up(state, prompt, out)
            }
        }
    }

    /// Tells what was found.
    pub(super) fn tell(&mut self, finding: &Finding, out: &mut Vec<Effect>) -> State {
        let sentence = match finding {
            Finding::Owed(debts) => return self.tell_debts(debts, out),
            Finding::LastPaid(paid) => return self.tell_last_paid(paid.as_ref(), out),
            Finding::Waiting { unread, unsent } => return self.tell_waiting(*unread, *unsent, out),
            Finding::Forgotten => Sentence::new("forgotten"),
            Finding::NoAccount(said) => Sentence::new("no-account").with("said", said.as_str()),
            Finding::Speaker { name, unread } => return self.greet(name, *unread, out),
            Finding::Why(None) => Sentence::new("why-nothing"),
            Finding::Why(Some(Why::Confirmed(to))) => Sentence::new("why-confirmed").with("to", to.as_str()),
            Finding::Why(Some(Why::Told(from))) => Sentence::new("why-told").with("from", from.as_str()),
            Finding::Why(Some(Why::QuietHours(from))) => Sentence::new("why-quiet").with("from", from.as_str()),
            Finding::Why(Some(Why::Held(from))) => Sentence::new("why-held").with("from", from.as_str()),
            Finding::Why(Some(Why::Driving(to))) => Sentence::new("why-driving").with("to", to.as_str()),
        };
        self.answer(ReplyKind::Answer, &sentence, out)
    }

    fn greet(&mut self, name: &str, unread: u32, out: &mut Vec<Effect>) -> State {
        let mut told = self.replies.text(self.lang, &Sentence::new("hello").with("name", name));
        if unread > 0 {
            let count = self.replies.text(self.lang, &Sentence::new("waiting-unread").count(unread));
            told = format!("{told} {count}");
        }
        self.say_text(ReplyKind::Answer, told, out);
        self.rest(out)
    }

    fn tell_waiting(&mut self, unread: u32, unsent: u32, out: &mut Vec<Effect>) -> State {
        let draft = u32::from(self.kept.is_some());
        let parts = [
            (unread, Sentence::new("waiting-unread")),
            (unsent, Sentence::new("waiting-unsent")),
            (draft, Sentence::new("waiting-draft")),
        ];
        let told: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, sentence)| self.replies.text(self.lang, &sentence.count(count)))
            .collect();
        if told.is_empty() {
            return self.answer(ReplyKind::Answer, &Sentence::new("waiting-nothing"), out);
        }
        self.say_text(ReplyKind::Answer, told.join(" "), out);
        self.rest(out)
    }

    /// Counts messages by person and offers to read them.
    pub(super) fn offer(&mut self, messages: Vec<Unread>, out: &mut Vec<Effect>) -> State {
        let post = |message: &Unread| Post { from: message.from.clone(), to: self.speaker.clone(), is_visit: false };
        let posts: Vec<Post> = messages.iter().map(post).collect();
        let sentence = match posts.as_slice() {
            [] => return self.answer(ReplyKind::Answer, &Sentence::new("no-messages"), out),
            [only] => Sentence::new("catch-up-one").with("from", only.from.name.as_str()),
            several => Sentence::new("catch-up").with("list", self.counts(several)).count(number(several.len())),
        };
        self.prompt(ReplyKind::Question, &sentence, Expected::Reading, out);
        State::Offering(messages.into())
    }

    /// Tells together what arrived while it was not told.
    pub(super) fn tell_digest(&mut self, posts: &[Post], out: &mut Vec<Effect>) {
        let sentence = match posts {
            [] => return,
            [only] => return self.announce(only.clone(), out),
            several => Sentence::new("digest").with("list", self.counts(several)).count(number(several.len())),
        };
        self.say(ReplyKind::Announce, &sentence, out);
    }

    /// "2 from Marion and 1 from Paul": in the order in which they first wrote.
    fn counts(&self, posts: &[Post]) -> String {
        let mut counted: Vec<(&Post, usize)> = Vec::new();
        for post in posts {
            match counted.iter_mut().find(|(known, _)| (&known.from, &known.to) == (&post.from, &post.to)) {
                Some((_, count)) => *count += 1,
                None => counted.push((post, 1)),
            }
        }
        // One more than can be named would leave "others" to be a single person.
        let named = if counted.len() > COUNTED { COUNTED - 1 } else { COUNTED };
        let mut parts: Vec<String> = counted
            .iter()
            .take(named)
            .map(|(post, count)| {
                let sentence = match post.to == self.speaker {
                    true => Sentence::new("count-from"),
                    false => Sentence::new("count-from-for").with("to", post.to.as_str()),
                };
                self.replies.text(self.lang, &sentence.with("from", post.from.name.as_str()).count(number(*count)))
            })
            .collect();
        let others: usize = counted.iter().skip(named).map(|(_, count)| count).sum();
        if others > 0 {
            parts.push(self.replies.text(self.lang, &Sentence::new("count-others").count(number(others))));
        }
        let and = self.replies.text(self.lang, &Sentence::new("and"));
        match parts.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
