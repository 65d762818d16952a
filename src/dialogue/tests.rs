//! What may never happen, for any sequence of events; and what a stale or late event does.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{words::sentences, *};
use crate::{
    config::{Announce, Confirm},
    intent::{
        Intent, IntentName, Slot,
        contacts::{Candidate, ContactId, Decision, Resolution, Via},
    },
};

const NAMES: [&str; 4] = ["Marion Petit", "Marie Lambert", "Marie Rousseau", "Famille"];
/// Words to take out or replace, and words that come in.
const CHANGES: [(Option<&str>, Option<&str>); 5] = [
    (Some("dinner"), Some("supper")),
    (None, Some("bring bread")),
    (None, Some("and butter")),
    (Some("ready"), None),
    (Some("Marion"), None),
];
/// Who wrote what is read aloud.
const SENDER: usize = 1;
const BODIES: [&str; 3] = ["dinner is ready", "j'arrive dans dix minutes", "can you call me?"];

fn policy(confirm: Confirm) -> Policy {
    Policy {
        confirm,
        confirm_recipient: 1.0,
        confirm_people: 1,
        confirm_risky: true,
        announce: Announce::Name,
        answer_timeout: Duration::from_secs(8),
        pause_timeout: Duration::from_secs(120),
        questions: Some(2),
        read_chars: Some(20),
    }
}

fn candidate(index: usize) -> Candidate {
    Candidate {
        id: ContactId(i64::try_from(index).unwrap() + 1),
        name: NAMES[index].to_owned(),
        score: 0.9,
        via: [Via::Exact, Via::Prefix, Via::Sound, Via::Nickname][index % 4],
        members: (index == 3).then_some(4),
        apart: None,
    }
}

fn resolution(heard: &str, candidates: Vec<Candidate>) -> Resolution {
    let decision = match candidates.len() {
        0 => Decision::None,
        1 => Decision::One,
        _ => Decision::Several,
    };
    Resolution { heard: heard.to_owned(), decision, candidates, near: false }
}

fn heard(name: IntentName, slots: &[(Slot, &str)], recipients: Vec<Resolution>) -> Heard {
    let mut intent = Intent { name, slots: Default::default(), score: 0.9, lang: Lang::En };
    for (slot, value) in slots {
        intent.slots.entry(*slot).or_default().push((*value).to_owned());
    }
    Heard { intent, mend: None, rephrased: None, confidence: 0.9, recipients, sender: None, after: None }
}

fn message_marion() -> Heard {
    heard(IntentName::SendMessage, &[(Slot::Content, BODIES[0])], vec![resolution("Marion", vec![candidate(0)])])
}

/// A dialogue whose replies are heard to the end at once, so that "after" is always the last reply.
struct Driven {
    dialogue: Dialogue,
    effects: Vec<Effect>,
}

impl Driven {
    fn new() -> Self {
        Self::with(Confirm::Always)
    }

    fn with(confirm: Confirm) -> Self {
        Self { dialogue: Dialogue::new(policy(confirm), Lang::En), effects: Vec::new() }
    }

    fn last_reply(&self) -> Option<&Reply> {
        self.effects.iter().rev().find_map(|effect| if let Effect::Say(reply) = effect { Some(reply) } else { None })
    }

    fn feed(&mut self, event: Event) -> &[Effect] {
        let before = self.effects.len();
        self.effects.extend(self.dialogue.handle(event));
        &self.effects[before..]
    }

    fn hear(&mut self, mut heard: Heard) -> &[Effect] {
        heard.after = self.last_reply().map(|reply| reply.id);
        self.feed(Event::Heard(Box::new(heard)))
    }

    fn acts(&self) -> Vec<&Action> {
        self.effects
            .iter()
            .filter_map(|effect| if let Effect::Act(_, action) = effect { Some(action) } else { None })
            .collect()
    }
}

#[test]
fn a_message_is_read_back_and_sent_on_yes() {
    let mut driven = Driven::new();
    driven.hear(message_marion());
    assert_eq!(driven.last_reply().unwrap().text, "To Marion: dinner is ready. Send it?");
    assert!(driven.acts().is_empty());
    driven.hear(heard(IntentName::Confirm, &[], vec![]));
    let to = vec![Person { id: 1, name: NAMES[0].to_owned(), members: None }];
    assert_eq!(driven.acts(), [&Action::Send { to, body: BODIES[0].to_owned() }]);
}

#[test]
fn a_yes_that_began_before_the_read_back_sends_nothing() {
    let mut driven = Driven::new();
    driven.hear(message_marion());
    let mut yes = heard(IntentName::Confirm, &[], vec![]);
    yes.after = None;
    driven.feed(Event::Heard(Box::new(yes)));
    assert!(driven.acts().is_empty());
    assert_eq!(driven.last_reply().unwrap().text, "Send it to Marion? Yes or no?");
}

#[test]
fn an_uncertain_yes_is_asked_again() {
    let mut driven = Driven::new();
    driven.hear(message_marion());
    let mut yes = heard(IntentName::Confirm, &[], vec![]);
    yes.confidence = 0.2;
    driven.hear(yes);
    assert!(driven.acts().is_empty());
    driven.hear(heard(IntentName::Confirm, &[], vec![]));
    assert_eq!(driven.acts().len(), 1);
}

#[test]
fn with_confirm_unsure_an_uncertain_reply_is_read_back_and_a_certain_one_goes() {
    for (confidence, acts) in [(SURE - 0.05, 0), (SURE + 0.05, 1)] {
        let mut driven = Driven::with(Confirm::Unsure);
        driven.hear(heard(IntentName::ReadMessages, &[], vec![]));
        let from = Person { id: 2, name: NAMES[1].into(), members: None };
        let turn = driven.dialogue.turn;
        driven.feed(Event::Fetched(turn, vec![Unread { id: "x".into(), from, body: "are you there".into() }]));
        let mut reply = heard(IntentName::ReplyMessage, &[(Slot::Content, "dinner is ready")], vec![]);
        reply.confidence = confidence;
        driven.hear(reply);
        assert_eq!(driven.acts().len(), acts, "{confidence}");
    }
}

#[test]
fn results_of_an_older_turn_and_cancelled_timers_are_ignored() {
    let mut driven = Driven::new();
    driven.hear(heard(IntentName::ReadMessages, &[], vec![]));
    driven.hear(message_marion());
    let said = driven.effects.len();
    let unread =
        Unread { id: "x".into(), from: Person { id: 2, name: NAMES[1].into(), members: None }, body: "y".into() };
    driven.feed(Event::Fetched(TurnId(0), vec![unread]));
    driven.feed(Event::TimerFired(TimerId(99)));
    driven.feed(Event::Queued(TurnId(0)));
    assert_eq!(driven.effects.len(), said);
}

#[test]
fn silence_is_asked_once_more_and_then_the_draft_is_kept() {
    let mut driven = Driven::new();
    driven.hear(message_marion());
    for expected in ["Send it to Marion? Yes or no?", "I kept it as a draft. Say \"send it\" to go on."] {
        let id = driven.last_reply().unwrap().id;
        driven.feed(Event::Spoken(id));
        let Some(timer) = driven.dialogue.timer else { panic!("no answer timer") };
        driven.feed(Event::TimerFired(timer));
        assert_eq!(driven.last_reply().unwrap().text, expected);
    }
    assert!(driven.dialogue.is_idle());
    driven.hear(heard(IntentName::Confirm, &[], vec![]));
    assert_eq!(driven.last_reply().unwrap().text, "To Marion: dinner is ready. Send it?");
    assert!(driven.acts().is_empty(), "the kept draft is read back before it goes");
}

#[test]
fn a_message_that_arrives_during_a_conversation_is_announced_after_it() {
    let mut driven = Driven::new();
    driven.hear(message_marion());
    driven.feed(Event::Arrived(Person { id: 2, name: NAMES[1].to_owned(), members: None }));
    assert_eq!(driven.last_reply().unwrap().kind, ReplyKind::Readback);
    driven.hear(heard(IntentName::Cancel, &[], vec![]));
    assert_eq!(driven.last_reply().unwrap().text, "New message from Marie Lambert.");
}

#[test]
fn what_was_heard_is_remembered_for_whom_the_user_confirms() {
    for (correction, meant) in [(None, 3), (Some(candidate(0)), 1)] {
        let mut driven = Driven::new();
        let content = [(Slot::Content, "dinner is ready")];
        let by_ear = resolution("Josslyn", vec![candidate(2)]);
        driven.hear(heard(IntentName::SendMessage, &content, vec![by_ear]));
        if let Some(candidate) = correction {
            driven.hear(heard(IntentName::Edit, &[], vec![resolution("Marion", vec![candidate])]));
        }
        let is_remembered = |effect: &&Effect| matches!(effect, Effect::Remember(..));
        assert_eq!(driven.effects.iter().filter(is_remembered).count(), 0, "nothing is confirmed yet");
        driven.hear(heard(IntentName::Confirm, &[], vec![]));
        let remembered: Vec<&Effect> = driven.effects.iter().filter(is_remembered).collect();
        let [Effect::Remember(said, person)] = remembered.as_slice() else { panic!("{remembered:?}") };
        assert_eq!((said.as_str(), person.id), ("Josslyn", meant));
    }
}

#[test]
fn the_profile_says_what_goes_without_a_yes() {
    let lax = Policy { confirm_recipient: 0.8, confirm_people: 1, ..policy(Confirm::Unsure) };
    let strict = Policy { confirm_recipient: 0.95, ..lax.clone() };
    let crowd = Policy { confirm_people: 4, ..lax.clone() };
    let bold = Policy { confirm_risky: false, ..lax.clone() };
    let always = Policy { confirm: Confirm::Always, ..lax.clone() };
    let (one, group) = (vec![0], vec![3]);
    let table = [
        (&lax, &one, BODIES[0], 0.9, 1),
        (&lax, &one, BODIES[0], SURE - 0.05, 0),
        (&lax, &group, BODIES[0], 0.9, 0),
        (&lax, &one, "the code is 4519", 0.9, 0),
        (&bold, &one, "the code is 4519", 0.9, 1),
        (&crowd, &group, BODIES[0], 0.9, 1),
        (&strict, &one, BODIES[0], 0.9, 0),
        (&always, &one, BODIES[0], 0.9, 0),
    ];
    for (policy, people, body, confidence, acts) in table {
        let mut driven = Driven::new();
        driven.dialogue = Dialogue::new(policy.clone(), Lang::En);
        let to = people.iter().map(|&index| resolution(NAMES[index], vec![candidate(index)])).collect();
        let mut message = heard(IntentName::SendMessage, &[(Slot::Content, body)], to);
        message.confidence = confidence;
        driven.hear(message);
        assert_eq!(driven.acts().len(), acts, "{policy:?} {people:?} {body} {confidence}");
    }
}

#[test]
fn a_change_that_began_before_the_read_back_has_all_of_it_read() {
    let mut driven = Driven::new();
    driven.hear(message_marion());
    let mut edit = heard(IntentName::Edit, &[(Slot::Old, "dinner"), (Slot::New, "supper")], vec![]);
    edit.after = None;
    driven.feed(Event::Heard(Box::new(edit.clone())));
    assert_eq!(driven.last_reply().unwrap().text, "To Marion: supper is ready. Send it?");
    edit.intent.slots.insert(Slot::Old, vec!["supper".to_owned()]);
    edit.intent.slots.insert(Slot::New, vec!["lunch".to_owned()]);
    driven.hear(edit);
    assert_eq!(driven.last_reply().unwrap().text, "lunch is ready. Send it?");
}

// ── any sequence of events ──────────────────────────────────────────────────

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
    /// Begun after everything Herald said.
    prompt: bool,
}

#[derive(Debug, Clone)]
enum Step {
    Hear(Words),
    HeardNothing,
    SpeechStarted,
    Spoken,
    Timer,
    Result(u8),
    Arrived(usize),
    Failed(usize),
}

fn intent_name() -> impl Strategy<Value = IntentName> {
    use IntentName as N;
    prop_oneof![
        4 => Just(N::SendMessage),
        4 => Just(N::Confirm),
        2 => Just(N::Edit),
        2 => prop::sample::select(vec![N::ReplyMessage, N::ReadMessages, N::Deny, N::Choose]),
        3 => prop::sample::select(vec![
            N::ReactMessage, N::Call, N::Cancel, N::Repeat, N::Pay, N::RequestPayment, N::ShareLocation, N::Help,
            N::Undo, N::Next, N::Spell, N::Other,
        ]),
    ]
}

fn mend() -> impl Strategy<Value = Option<Mend>> {
    let mends = vec![
        Mend::Pause,
        Mend::Resume,
        Mend::Scratch,
        Mend::LastSentence,
        Mend::Whom,
        Mend::Also,
        Mend::Letters("Marion".to_owned()),
    ];
    prop_oneof![6 => Just(None), 1 => prop::sample::select(mends).prop_map(Some)]
}

fn words() -> impl Strategy<Value = Words> {
    let people = prop::collection::vec(prop::collection::vec(0..NAMES.len(), 0..3), 0..3);
    let body = prop::option::of(0..BODIES.len());
    let change = prop::option::weighted(0.3, 0..CHANGES.len());
    let usually = || prop::bool::weighted(0.8);
    (intent_name(), mend(), people, body, change, usually(), usually()).prop_map(
        |(name, mend, people, body, change, certain, prompt)| Words {
            name,
            mend,
            people,
            body,
            change,
            certain,
            prompt,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => words().prop_map(Step::Hear),
        1 => Just(Step::HeardNothing),
        1 => Just(Step::SpeechStarted),
        3 => Just(Step::Spoken),
        2 => Just(Step::Timer),
        3 => (0..7u8).prop_map(Step::Result),
        1 => (0..NAMES.len()).prop_map(Step::Arrived),
        1 => (0..NAMES.len()).prop_map(Step::Failed),
    ]
}

/// Watches a dialogue from outside and knows only its effects.
struct Watch {
    dialogue: Dialogue,
    confirm: Confirm,
    /// Read-backs since the conversation was last at rest.
    read_backs: Vec<Reply>,
    unspoken: Vec<ReplyId>,
    said: Vec<ReplyId>,
    timers: BTreeSet<TimerId>,
    turn: TurnId,
}

impl Watch {
    fn event(&mut self, step: &Step) -> Option<Event> {
        let person = |index: usize| Person { id: candidate(index).id.0, name: NAMES[index].to_owned(), members: None };
        Some(match step {
            Step::Hear(words) => Event::Heard(Box::new(self.hear(words))),
            Step::HeardNothing => Event::HeardNothing,
            Step::SpeechStarted => Event::SpeechStarted,
            Step::Spoken if self.unspoken.is_empty() => return None,
            Step::Spoken => Event::Spoken(self.unspoken.remove(0)),
            Step::Timer => Event::TimerFired(self.timers.pop_first()?),
            Step::Result(kind) => match kind {
                0 => Event::Queued(self.turn),
                1 => Event::NotQueued(self.turn),
                2 => Event::TakenBack(self.turn),
                3 => Event::TooLate(self.turn),
                6 => Event::NothingToTakeBack(self.turn),
                4 => Event::Fetched(self.turn, Vec::new()),
                _ => {
                    let body = "a message that is longer than what is read at once".to_owned();
                    Event::Fetched(self.turn, vec![Unread { id: "m".into(), from: person(SENDER), body }])
                }
            },
            Step::Arrived(index) => Event::Arrived(person(*index)),
            Step::Failed(index) => Event::Failed(person(*index), Failure::Wedged),
        })
    }

    fn hear(&self, words: &Words) -> Heard {
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
            None => slots.extend(words.body.map(|index| (Slot::Content, BODIES[index]))),
        }
        let mut heard = heard(words.name, &slots, recipients.collect());
        heard.mend = words.mend.clone();
        heard.confidence = if words.certain { 0.9 } else { 0.1 };
        // Mostly after everything said so far; sometimes the user began before the last reply did.
        heard.after = self.said.iter().rev().nth(usize::from(!words.prompt)).copied();
        heard
    }

    fn apply(&mut self, event: Event) -> Result<(), TestCaseError> {
        let heard = if let Event::Heard(heard) = &event { Some(heard.clone()) } else { None };
        let mut acts = 0;
        for effect in self.dialogue.handle(event) {
            match effect {
                Effect::Say(reply) => {
                    prop_assert!(!reply.text.trim().is_empty());
                    prop_assert!(!self.said.contains(&reply.id), "a reply id was used twice");
                    self.said.push(reply.id);
                    self.unspoken.push(reply.id);
                    if reply.kind == ReplyKind::Readback {
                        self.read_backs.push(reply);
                    }
                }
                Effect::Act(turn, action) => {
                    acts += 1;
                    self.turn = turn;
                    self.check_confirmed(heard.as_deref(), &action)?;
                }
                Effect::TakeBack(turn) | Effect::FetchUnread(turn, _) => self.turn = turn,
                Effect::StartTimer(timer, _) => {
                    prop_assert!(self.timers.is_empty(), "two answer timers");
                    self.timers.insert(timer);
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&timer);
                }
                Effect::Listen(..) | Effect::MarkRead(_) | Effect::Remember(..) => {}
            }
        }
        prop_assert!(acts <= 1, "one yes, one action");
        if self.dialogue.is_idle() {
            self.read_backs.clear();
            prop_assert!(self.timers.is_empty(), "a timer runs at rest");
        }
        Ok(())
    }

    /// The heart of it: an action needs a certain yes to a read-back that named exactly these people and words.
    fn check_confirmed(&self, heard: Option<&Heard>, action: &Action) -> Result<(), TestCaseError> {
        let Some(heard) = heard else {
            return Err(TestCaseError::fail("an action without the user speaking"));
        };
        if self.confirm == Confirm::Unsure && heard.intent.name == IntentName::ReplyMessage {
            let is_reply = matches!(action, Action::Reply { .. });
            prop_assert!(is_reply, "only replies go without a yes");
            prop_assert!(heard.confidence >= SURE, "an uncertain reply went without a yes");
            return Ok(());
        }
        prop_assert_eq!(heard.intent.name, IntentName::Confirm);
        prop_assert!(heard.confidence >= CERTAIN);
        let Some(last) = self.read_backs.last() else {
            return Err(TestCaseError::fail("an action that was never read back"));
        };
        prop_assert!(heard.after.is_some_and(|after| after >= last.id), "the yes answers something older");
        if let Action::Reply { to, .. } = action {
            prop_assert_eq!(to.id, candidate(SENDER).id.0, "an answer to somebody who did not write");
        }
        let (to, body) = match action {
            Action::Send { to, body } => (to.clone(), body),
            Action::Reply { to, body, .. } => (vec![to.clone()], body),
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
        dialogue: Dialogue::new(policy(confirm), Lang::En),
        confirm,
        read_backs: Vec::new(),
        unspoken: Vec::new(),
        said: Vec::new(),
        timers: BTreeSet::new(),
        turn: TurnId::default(),
    };
    for step in steps {
        if let Some(event) = watch.event(step) {
            watch.apply(event)?;
        }
    }
    // Left alone, every conversation comes to rest; speech that began always ends.
    watch.apply(Event::HeardNothing)?;
    for _ in 0..40 {
        for step in [Step::Result(0), Step::Result(2), Step::Result(4), Step::Spoken, Step::Timer] {
            if let Some(event) = watch.event(&step) {
                watch.apply(event)?;
            }
        }
    }
    prop_assert!(watch.dialogue.is_idle(), "stuck in {:?}", watch.dialogue.state);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

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
