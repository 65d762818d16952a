//! What a stale or late event does, and what the rules of a profile change. What may never happen is in `properties.rs`.

use super::*;
use crate::{
    config::{Confirm, Offers},
    intent::{
        Intent, IntentName, Slot,
        contacts::{Candidate, ContactId, Decision, Resolution, Via},
    },
};

pub(super) const NAMES: [&str; 4] = ["Marion Petit", "Marie Lambert", "Marie Rousseau", "Famille"];
pub(super) const BODIES: [&str; 3] = ["dinner is ready", "j'arrive dans dix minutes", "can you call me?"];

pub(super) fn policy(confirm: Confirm) -> Policy {
    Policy {
        confirm,
        confirm_recipient: 1.0,
        confirm_people: 1,
        offers: Offers::Spoken,
        confirm_risky: true,
        answer_timeout: Duration::from_secs(8),
        payment_timeout: Duration::from_secs(15),
        pause_timeout: Duration::from_secs(120),
        questions: Some(2),
        read_chars: Some(20),
    }
}

pub(super) fn candidate(index: usize) -> Candidate {
    Candidate {
        id: ContactId(i64::try_from(index).unwrap() + 1),
        name: NAMES[index].to_owned(),
        score: 0.9,
        via: [Via::Exact, Via::Prefix, Via::Sound, Via::Nickname][index % 4],
        members: (index == 3).then_some(4),
        apart: None,
    }
}

pub(super) fn resolution(heard: &str, candidates: Vec<Candidate>) -> Resolution {
    let decision = match candidates.len() {
        0 => Decision::None,
        1 => Decision::One,
        _ => Decision::Several,
    };
    let close = candidates.len();
    Resolution { heard: heard.to_owned(), decision, candidates, close, near: false }
}

pub(super) fn heard(name: IntentName, slots: &[(Slot, &str)], recipients: Vec<Resolution>) -> Heard {
    let mut intent = Intent { name, slots: Default::default(), score: 0.9, lang: Lang::En };
    for (slot, value) in slots {
        intent.slots.entry(*slot).or_default().push((*value).to_owned());
    }
    Heard {
        intent,
        mend: None,
        rephrased: None,
        confidence: 0.9,
        recipients,
        sender: None,
        recording: None,
        after: None,
        over: None,
    }
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
    assert_eq!(driven.acts(), [&Action::Send { to, body: BODIES[0].to_owned(), recording: None }]);
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
        driven.feed(Event::Fetched(
            turn,
            vec![Unread {
                id: "x".into(),
                from,
                kind: UnreadKind::Text,
                body: "are you there".into(),
                lang: None,
                offer: None,
            }],
        ));
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
    let unread = Unread {
        id: "x".into(),
        from: Person { id: 2, name: NAMES[1].into(), members: None },
        kind: UnreadKind::Text,
        body: "y".into(),
        lang: None,
        offer: None,
    };
    driven.feed(Event::Fetched(TurnId(0), vec![unread]));
    driven.feed(Event::TimerFired(TimerId(99)));
    driven.feed(Event::Queued(TurnId(0), Leaves::Now));
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
    driven.feed(Event::Arrived(Post {
        from: Person { id: 2, name: NAMES[1].to_owned(), members: None },
        to: String::new(),
        is_visit: false,
    }));
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

#[test]
fn what_somebody_wrote_is_spoken_in_its_own_language() {
    let mut driven = Driven::new();
    driven.hear(heard(IntentName::ReadMessages, &[], vec![]));
    let unread = |body: &str, lang| Unread {
        id: body.into(),
        from: Person { id: 2, name: NAMES[1].into(), members: None },
        kind: UnreadKind::Text,
        body: body.into(),
        lang,
        offer: None,
    };
    let messages = vec![unread("J'arrive vite", Some(Lang::Fr)), unread("see you", Some(Lang::En))];
    driven.feed(Event::Fetched(driven.dialogue.turn, messages));
    let from = format!("{}: ", NAMES[1]);
    let first = [(Lang::En, from.as_str()), (Lang::Fr, "J'arrive vite."), (Lang::En, " Next one?")];
    assert_eq!(driven.last_reply().unwrap().parts(), first);
    driven.hear(heard(IntentName::Repeat, &[], vec![]));
    assert_eq!(driven.last_reply().unwrap().parts(), first);
    driven.hear(heard(IntentName::Next, &[], vec![]));
    assert_eq!(driven.last_reply().unwrap().parts(), [(Lang::En, format!("{from}see you.").as_str())]);
}

fn pay_marion() -> Heard {
    heard(
        IntentName::Pay,
        &[(Slot::Amount, "20 euros"), (Slot::Content, "the pizza")],
        vec![resolution("Marion", vec![candidate(0)])],
    )
}

fn yes_pay() -> Heard {
    Heard { mend: Some(crate::intent::Mend::Pay), ..heard(IntentName::Other, &[], vec![]) }
}

impl Driven {
    /// A payment that was read back; the rules say this.
    fn to_pay(verdict: Verdict) -> Self {
        let mut driven = Self::new();
        driven.hear(pay_marion());
        driven.feed(Event::PaymentChecked(driven.dialogue.turn, verdict));
        driven
    }

    fn hear_out(&mut self) {
        let id = self.last_reply().unwrap().id;
        self.feed(Event::Spoken(id));
    }

    fn paid(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, Effect::Pay(..))).count()
    }
}

#[test]
fn what_is_about_to_be_paid_is_shown() {
    let mut driven = Driven::to_pay(Verdict::NeedsPin);
    let payee = Person { id: 1, name: NAMES[0].to_owned(), members: None };
    let proposal = |asks| Proposal {
        kind: Proposed::Pay,
        to: vec![payee.clone()],
        body: Some("20 euros, the pizza".to_owned()),
        asks,
        choices: Vec::new(),
    };
    assert_eq!(driven.dialogue.proposal(), Some(proposal(Asks::Confirm)));
    driven.hear_out();
    driven.hear(yes_pay());
    assert_eq!(driven.dialogue.proposal(), Some(proposal(Asks::Pin)));
}

#[test]
fn a_yes_before_the_read_back_is_over_pays_nothing_and_it_is_read_again() {
    for is_cut in [false, true] {
        let mut driven = Driven::to_pay(Verdict::Allowed);
        if is_cut {
            let id = driven.last_reply().unwrap().id;
            driven.feed(Event::Cut(id));
        }
        driven.hear(yes_pay());
        assert_eq!(driven.paid(), 0);
        driven.feed(Event::PaymentChecked(driven.dialogue.turn, Verdict::Allowed));
        driven.hear_out();
        driven.hear(yes_pay());
        assert_eq!(driven.paid(), 1);
    }
}

#[test]
fn a_pin_for_a_payment_that_was_given_up_pays_nothing() {
    let mut driven = Driven::to_pay(Verdict::NeedsPin);
    driven.hear_out();
    driven.hear(yes_pay());
    let old = driven.dialogue.turn;
    driven.hear(pay_marion());
    driven.feed(Event::PaymentChecked(driven.dialogue.turn, Verdict::NeedsPin));
    driven.hear_out();
    driven.hear(yes_pay());
    driven.feed(Event::PinGiven(old, true));
    assert_eq!(driven.paid(), 0);
    driven.feed(Event::PinGiven(driven.dialogue.turn, true));
    assert_eq!(driven.paid(), 1);
}

#[test]
fn what_became_of_a_payment_is_told_once_whatever_is_going_on() {
    let mut driven = Driven::to_pay(Verdict::Allowed);
    driven.hear_out();
    driven.hear(yes_pay());
    let turn = driven.dialogue.turn;
    driven.hear(message_marion());
    driven.feed(Event::Paid(turn, Payout::Moved));
    assert_eq!(driven.last_reply().unwrap().text, "Paid: 20 euros to Marion Petit.");
    let effects = driven.effects.len();
    driven.feed(Event::Paid(turn, Payout::Moved));
    assert_eq!(driven.effects.len(), effects);
    driven.hear(heard(IntentName::Confirm, &[], vec![]));
    assert_eq!(driven.acts().len(), 1, "the message is still confirmed by its own yes");
}

#[test]
fn a_payment_is_not_kept_for_later() {
    let mut driven = Driven::to_pay(Verdict::Allowed);
    driven.hear_out();
    driven.feed(Event::TimerFired(driven.dialogue.timer.unwrap()));
    assert!(driven.dialogue.is_idle() && driven.dialogue.kept.is_none());
    driven.hear(yes_pay());
    driven.hear(heard(IntentName::Confirm, &[], vec![]));
    assert_eq!(driven.paid(), 0);
}

#[test]
fn what_became_of_an_older_payment_says_nothing_of_a_new_one() {
    let mut driven = Driven::to_pay(Verdict::Allowed);
    driven.hear_out();
    driven.hear(yes_pay());
    let old = driven.dialogue.turn;
    driven.feed(Event::Paid(old, Payout::Moved));
    driven.hear(pay_marion());
    driven.feed(Event::PaymentChecked(driven.dialogue.turn, Verdict::Allowed));
    driven.hear_out();
    driven.hear(yes_pay());
    let effects = driven.effects.len();
    driven.feed(Event::Paid(old, Payout::Refused(PayRefusal::Late)));
    assert_eq!(driven.effects.len(), effects);
    driven.feed(Event::Paid(driven.dialogue.turn, Payout::Moved));
    assert_eq!(driven.last_reply().unwrap().text, "Paid: 20 euros to Marion Petit.");
}
