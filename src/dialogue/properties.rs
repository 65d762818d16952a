//! What may never happen, whatever is said and whenever: checked on random sequences of events by an observer that sees
//! only events and effects.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    money_watch::MoneyWatch,
    tests::{BODIES, NAMES, candidate, heard, policy, resolution},
    words::sentences,
    *,
};
use crate::{
    config::Confirm,
    intent::{Control, Instruction, IntentName, Mend, Slot},
    suggest::Kind,
};

/// Words to take out or replace, and words that come in.
const CHANGES: [(Option<&str>, Option<&str>); 5] = [
    (Some("dinner"), Some("supper")),
    (None, Some("bring bread")),
    (None, Some("and butter")),
    (Some("ready"), None),
    (Some("Marion"), None),
];
/// Amounts, one of them none.
const AMOUNTS: [&str; 3] = ["20 euros", "fifteen euros", "some money"];
/// Who wrote what is read aloud.
const SENDER: usize = 1;
/// Where the device is.
const PLACE: &str = "at the lake";

/// What the user says.
#[derive(Debug, Clone)]
struct Words {
    name: IntentName,
    mend: Option<Mend>,
    people: Vec<Vec<usize>>,
    body: Option<usize>,
    /// An edit names words to replace, add or take out.
    change: Option<usize>,
    certain: bool,
    /// To be sent as it is spoken.
    voice: bool,
    /// Begun after everything Herald said.
    prompt: bool,
    amount: Option<usize>,
    over: Option<Over>,
}

#[derive(Debug, Clone)]
enum Step {
    Hear(Words),
    Tell(Control),
    HeardNothing,
    SpeechStarted,
    Spoken,
    Cut,
    Timer,
    Result(u8),
    /// The car moves or stands.
    Driving(bool),
    Arrived(usize),
    Digest(Vec<usize>),
    Failed(usize),
    SignedOut,
}

fn intent_name() -> impl Strategy<Value = IntentName> {
    use IntentName as N;
    prop_oneof![
        4 => Just(N::SendMessage),
        4 => Just(N::Confirm),
        3 => Just(N::Pay),
        2 => Just(N::Edit),
        2 => prop::sample::select(vec![N::ReplyMessage, N::ReadMessages, N::Deny, N::Choose]),
        3 => prop::sample::select(vec![
            N::ReactMessage, N::Call, N::Cancel, N::Repeat, N::RequestPayment, N::ShareLocation, N::Help,
            N::Undo, N::Next, N::Spell, N::Other,
        ]),
    ]
}

fn control() -> impl Strategy<Value = Control> {
    use Control as C;
    prop_oneof![
        3 => prop::sample::select(vec![C::Pause, C::Resume]),
        2 => prop::sample::select(vec![
            C::Speaker, C::CatchUp, C::Waiting, C::WhoFrom, C::Skip, C::Louder, C::Quieter, C::Mute, C::Why, C::Forget, C::Emergency, C::Owed,
            C::LastPaid,
        ]),
    ]
}

fn mend() -> impl Strategy<Value = Option<Mend>> {
    let mends = vec![Mend::Scratch, Mend::LastSentence, Mend::Whom, Mend::Also, Mend::Letters("Marion".to_owned())];
    prop_oneof![6 => Just(None), 2 => Just(Some(Mend::Pay)), 1 => prop::sample::select(mends).prop_map(Some)]
}

fn words() -> impl Strategy<Value = Words> {
    let people = prop::collection::vec(prop::collection::vec(0..NAMES.len(), 0..3), 0..3);
    let body = prop::option::of(0..BODIES.len());
    let change = prop::option::weighted(0.3, 0..CHANGES.len());
    let usually = || prop::bool::weighted(0.8);
    let voice = prop::bool::weighted(0.3);
    let amount = prop::option::weighted(0.8, 0..AMOUNTS.len());
    let over = prop_oneof![9 => Just(None), 1 => prop::sample::select(vec![Some(Over::Herald), Some(Over::Media)])];
    (intent_name(), mend(), people, body, change, usually(), voice, usually(), amount, over).prop_map(
        |(name, mend, people, body, change, certain, voice, prompt, amount, over)| Words {
            name,
            mend,
            people,
            body,
            change,
            certain,
            voice,
            prompt,
            amount,
            over,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => words().prop_map(Step::Hear),
        1 => control().prop_map(Step::Tell),
        1 => Just(Step::HeardNothing),
        1 => Just(Step::SpeechStarted),
        3 => Just(Step::Spoken),
        1 => Just(Step::Cut),
        2 => Just(Step::Timer),
        5 => (0..18u8).prop_map(Step::Result),
        1 => prop::bool::weighted(0.2).prop_map(Step::Driving),
        1 => (0..NAMES.len()).prop_map(Step::Arrived),
        1 => prop::collection::vec(0..NAMES.len(), 0..4).prop_map(Step::Digest),
        1 => (0..NAMES.len()).prop_map(Step::Failed),
        1 => Just(Step::SignedOut),
    ]
}

/// Watches a dialogue from outside and knows only its effects.
struct Watch {
    dialogue: Dialogue,
    confirm: Confirm,
    /// Read-backs since the conversation was last at rest.
    read_backs: Vec<Reply>,
    /// Those a yes was given to, until it is known that they were written down.
    answered: Vec<Reply>,
    unspoken: Vec<ReplyId>,
    said: Vec<ReplyId>,
    /// The last invitation that was read.
    invited: Option<ReplyId>,
    timers: BTreeSet<TimerId>,
    turn: TurnId,
    /// What is said in each recording.
    recordings: Vec<Option<String>>,
    money: MoneyWatch,
}

impl Watch {
    fn event(&mut self, step: &Step) -> Option<Event> {
        let person = |index: usize| Person { id: candidate(index).id.0, name: NAMES[index].to_owned(), members: None };
        let post = |index: usize| Post { from: person(index), to: NAMES[index % 2].to_owned(), is_visit: index == 2 };
        Some(match step {
            Step::Hear(words) => Event::Heard(Box::new(self.hear(words))),
            Step::Tell(control) => {
                let said = Some(NAMES[SENDER].to_owned());
                Event::Told(Instruction { control: *control, lang: Lang::En, said, who: None })
            }
            Step::HeardNothing => Event::HeardNothing,
            Step::SpeechStarted => Event::SpeechStarted,
            Step::Spoken | Step::Cut if self.unspoken.is_empty() => return None,
            Step::Cut => Event::Cut(self.unspoken.remove(0)),
            Step::Spoken => Event::Spoken(self.unspoken.remove(0)),
            Step::Timer => Event::TimerFired(self.timers.pop_first()?),
            Step::Result(kind) => match kind {
                0 => Event::Queued(self.turn, if self.turn.0.is_multiple_of(3) { Leaves::Later } else { Leaves::Now }),
                1 => Event::NotQueued(self.turn),
                2 => Event::TakenBack(
                    self.turn,
                    if self.turn.0.is_multiple_of(3) { Taken::Afterwards } else { Taken::InTime },
                ),
                3 if self.turn.0.is_multiple_of(2) => Event::TooLate(self.turn),
                3 => Event::NothingToTakeBack(self.turn),
                4 => Event::Fetched(self.turn, Vec::new()),
                7 => Event::Found(self.turn, Finding::Waiting { unread: 2, unsent: 1 }),
                8 => Event::Found(self.turn, Finding::Why(Some(Why::Told(NAMES[SENDER].to_owned())))),
                9 if self.dialogue.state != State::Fetching => return None,
                9 => {
                    // What was read back to somebody else is confirmed by nobody.
                    self.read_backs.clear();
                    let name = NAMES[usize::from(self.turn.0.is_multiple_of(2))].to_owned();
                    self.dialogue.speaks(&name);
                    Event::Found(self.turn, Finding::Speaker { name, unread: 1 })
                }
                10 => Event::PaymentChecked(self.money.check, Verdict::Allowed),
                11 => Event::PaymentChecked(self.money.check, Verdict::AskAgain),
                12 => Event::PaymentChecked(self.money.check, Verdict::NeedsPin),
                13 => Event::PaymentChecked(self.money.check, Verdict::Refused(PayRefusal::PinLocked)),
                14 => Event::Paid(self.money.paid, Payout::Moved),
                15 | 16 => Event::PinGiven(self.money.pin, *kind == 15),
                17 => Event::Requested(self.money.request, Ok(())),
                _ => {
                    let body = "a message that is longer than what is read at once".to_owned();
                    let kinds = [UnreadKind::Text, UnreadKind::Invite];
                    let is_invite = self.turn.0.is_multiple_of(3);
                    let unread = Unread {
                        id: "m".into(),
                        from: person(SENDER),
                        kind: kinds[usize::from(is_invite)],
                        body,
                        lang: None,
                        offer: self
                            .turn
                            .0
                            .is_multiple_of(2)
                            .then(|| Offer { kind: Kind::Answer, what: Offered::Words("on my way".into()) }),
                    };
                    Event::Fetched(self.turn, vec![unread; usize::from(*kind) - 4])
                }
            },
            Step::Digest(indices) => Event::Digest(indices.iter().map(|&index| post(index)).collect()),
            Step::Arrived(index) => Event::Arrived(post(*index)),
            Step::SignedOut => Event::SignedOut,
            Step::Failed(index) => Event::Failed(person(*index), Failure::Wedged),
            Step::Driving(moving) => {
                self.money.moving = *moving;
                self.dialogue.drives(*moving);
                return None;
            }
        })
    }

    fn hear(&mut self, words: &Words) -> Heard {
        let recipients = words.people.iter().map(|several| {
            let mut indices = several.clone();
            indices.dedup();
            resolution("somebody", indices.into_iter().map(candidate).collect())
        });
        let mut slots: Vec<(Slot, &str)> = Vec::new();
        match words.change.map(|index| CHANGES[index]) {
            Some((old, new)) => {
                slots.extend(old.map(|old| (Slot::Old, old)));
                slots.extend(new.map(|new| (Slot::New, new)));
            }
            None if words.name == IntentName::ReactMessage => slots.push((Slot::Reaction, "heart")),
            None => slots.extend(words.body.map(|index| (Slot::Content, BODIES[index]))),
        }
        if let (IntentName::Pay | IntentName::RequestPayment | IntentName::Edit, Some(amount)) =
            (words.name, words.amount)
        {
            slots.push((Slot::Amount, AMOUNTS[amount]));
        }
        if words.voice {
            slots.push((Slot::ContentType, "voice"));
        }
        let mut heard = heard(words.name, &slots, recipients.collect());
        heard.recording = Some(RecordingId(self.recordings.len() as u64));
        self.recordings.push(words.body.map(|index| BODIES[index].to_owned()));
        heard.mend = words.mend.clone();
        heard.over = words.over;
        heard.confidence = if words.certain { 0.9 } else { 0.1 };
        // Mostly after everything said so far; sometimes the user began before the last reply did.
        heard.after = self.said.iter().rev().nth(usize::from(!words.prompt)).copied();
        heard
    }

    fn apply(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let heard = if let Event::Heard(heard) = event { Some(heard.clone()) } else { None };
        if matches!(event, Event::NotQueued(turn) if *turn == self.turn) {
            // Nothing was done: the same yes may be given again.
            self.read_backs.splice(..0, self.answered.drain(..));
        }
        let (mut acts, mut questions) = (0, 0);
        self.money.before(event);
        for effect in self.dialogue.handle(event.clone()) {
            self.money.after(event, &effect).map_err(TestCaseError::fail)?;
            match effect {
                Effect::Say(reply) => {
                    prop_assert!(!reply.text.trim().is_empty());
                    prop_assert!(!self.said.contains(&reply.id), "a reply id was used twice");
                    self.said.push(reply.id);
                    self.unspoken.push(reply.id);
                    if reply.text.contains(" invites you to ") || reply.text.contains(" wants to write to you") {
                        self.invited = Some(reply.id);
                    }
                    questions += u32::from(matches!(reply.kind, ReplyKind::Question | ReplyKind::Readback));
                    if reply.kind == ReplyKind::Readback {
                        self.read_backs.push(reply);
                    }
                }
                Effect::Act(turn, action) => {
                    acts += 1;
                    self.turn = turn;
                    if !self.money.takes_request() {
                        self.check_confirmed(heard.as_deref(), &action)?;
                    }
                    self.answered = std::mem::take(&mut self.read_backs);
                }
                Effect::Join(_) => {
                    let Some(heard) = &heard else { return Err(TestCaseError::fail("joined without a word")) };
                    prop_assert_eq!(heard.intent.name, IntentName::Confirm);
                    prop_assert!(heard.confidence > 0.5 && self.invited.is_some() && heard.after >= self.invited);
                }
                Effect::TakeBack(turn, _)
                | Effect::FetchUnread(turn, _)
                | Effect::Look(turn, _)
                | Effect::CheckPayment(turn, _)
                | Effect::AskPin(turn, _)
                | Effect::Pay(turn, _)
                | Effect::RequestPayment(turn, _) => self.turn = turn,
                Effect::StartTimer(timer, _) => {
                    prop_assert!(self.timers.is_empty(), "two answer timers");
                    self.timers.insert(timer);
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&timer);
                }
                Effect::Listen(..)
                | Effect::MarkRead(_)
                | Effect::Remember(..)
                | Effect::Suggestion(..)
                | Effect::SetVolume(_)
                | Effect::Mute => {}
            }
        }
        prop_assert!(acts <= 1, "one yes, one action");
        prop_assert!(questions <= 1, "two questions at once");
        if self.dialogue.is_idle() {
            self.read_backs.clear();
            self.money.rest();
            prop_assert!(self.timers.is_empty(), "a timer runs at rest");
        }
        Ok(())
    }

    /// The heart of it: an action needs a certain yes to a read-back that named exactly these people and words.
    fn check_confirmed(&self, heard: Option<&Heard>, action: &Action) -> Result<(), TestCaseError> {
        let Some(heard) = heard else {
            return Err(TestCaseError::fail("an action without the user speaking"));
        };
        if let Action::Send { recording: Some(id), body, .. } | Action::Reply { recording: Some(id), body, .. } = action
        {
            let said = self.recordings[usize::try_from(id.0).unwrap()].as_ref();
            prop_assert_eq!(said, Some(body), "a recording of other words than those read back");
        }
        if self.confirm == Confirm::Unsure && heard.intent.name == IntentName::ReplyMessage {
            let is_reply = matches!(action, Action::Reply { recording: None, .. });
            prop_assert!(is_reply, "only replies go without a yes");
            prop_assert!(heard.confidence >= SURE, "an uncertain reply went without a yes");
            return Ok(());
        }
        prop_assert_eq!(heard.intent.name, IntentName::Confirm);
        prop_assert!(heard.confidence >= CERTAIN);
        let Some(last) = self.read_backs.last() else {
            return Err(TestCaseError::fail("an action that was never read back"));
        };
        // What is said again word for word is the same read-back.
        let same = self.read_backs.iter().rev().take_while(|reply| reply.text == last.text).last().unwrap_or(last);
        prop_assert!(heard.after.is_some_and(|after| after >= same.id), "the yes answers something older");
        if let Action::Reply { to, .. } | Action::React { to, .. } = action {
            prop_assert_eq!(to.id, candidate(SENDER).id.0, "an answer to somebody who did not write");
        }
        let (to, body) = match action {
            Action::Send { to, body, .. } => (to.clone(), body),
            Action::Reply { to, body, .. } => (vec![to.clone()], body),
            Action::ShareLocation { to, body } => (to.clone(), body),
            Action::React { to, reaction, .. } => {
                prop_assert_eq!(reaction, "❤️");
                prop_assert_eq!(&last.text, &format!("A heart for {}. Send it?", to.name));
                return Ok(());
            }
        };
        let named = self.named();
        for person in to {
            let spoken = named.contains(&person.name) || named.contains("somebody");
            prop_assert!(spoken || person.name.split(' ').any(|part| named.contains(part)), "{named:?}");
        }
        for sentence in sentences(body) {
            let words = sentence.trim_end_matches('.');
            prop_assert!(self.read_backs.iter().any(|reply| reply.text.contains(words)), "{words:?} was not read back");
        }
        Ok(())
    }

    /// The last read-back that names anybody, and those before it that it adds to.
    fn named(&self) -> String {
        let naming = ["To ", "Reply to ", "I can only ", "Only to ", "Also to "];
        let names = |text: &str| naming.iter().any(|start| text.starts_with(start));
        let mut texts = Vec::new();
        for text in self.read_backs.iter().rev().map(|reply| reply.text.as_str()).filter(|text| names(text)) {
            texts.push(text);
            if !text.starts_with("Also to ") {
                break;
            }
        }
        texts.join(" ")
    }
}

fn any_conversation(confirm: Confirm, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut watch = Watch {
        dialogue: Dialogue::new(policy(confirm), Lang::En)
            .in_house(House { place: PLACE.to_owned(), ..House::default() }),
        confirm,
        read_backs: Vec::new(),
        answered: Vec::new(),
        unspoken: Vec::new(),
        said: Vec::new(),
        invited: None,
        timers: BTreeSet::new(),
        turn: TurnId::default(),
        recordings: Vec::new(),
        money: MoneyWatch::default(),
    };
    for step in steps {
        if let Some(event) = watch.event(step) {
            watch.apply(&event)?;
        }
    }
    // Left alone, every conversation comes to rest; speech that began always ends.
    watch.apply(&Event::HeardNothing)?;
    for _ in 0..40 {
        let results = [0, 2, 4, 13, 14, 17].map(Step::Result);
        for step in results.into_iter().chain([Step::Spoken, Step::Timer]) {
            if let Some(event) = watch.event(&step) {
                watch.apply(&event)?;
            }
        }
    }
    prop_assert!(watch.dialogue.is_idle(), "stuck in {:?}", watch.dialogue.state);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_done_unconfirmed_and_every_conversation_comes_to_rest(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        any_conversation(Confirm::Always, &steps)?;
    }

    #[test]
    fn with_confirm_unsure_only_replies_go_without_a_yes(steps in prop::collection::vec(step(), 1..40)) {
        any_conversation(Confirm::Unsure, &steps)?;
    }
}
