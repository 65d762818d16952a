//! Asking for what a draft lacks: whom, which of several people, what, or what to change.

use crate::intent::{
    Expected, IntentName, Position, Slot,
    contacts::{Decision, Resolution},
};

use super::{
    CERTAIN, Dialogue, Effect, Event, Heard, PATIENCE, ReplyKind, State,
    draft::{Addressee, Draft, content},
    replies::Sentence,
    state::{Asking, Choosing, Missing},
};

/// Names spoken in one question; more are too many to remember.
const CHOICES: usize = 3;

impl Dialogue {
    /// Takes a draft to its next step: a question for what is missing, or the read-back.
    pub(super) fn proceed(&mut self, mut draft: Draft, out: &mut Vec<Effect>) -> State {
        if let Some(open) = draft.open.first().cloned() {
            return match open.decision {
                Decision::Several => {
                    draft.open.remove(0);
                    self.ask_choice(draft, open, out)
                }
                Decision::One | Decision::None => {
                    let sentence = Sentence::new("ask-recipient-unknown").with("said", open.heard);
                    self.ask(draft, Missing::Recipient, &sentence, out)
                }
            };
        }
        if draft.to.is_empty() {
            return self.ask(draft, Missing::Recipient, &Sentence::new("ask-recipient"), out);
        }
        if draft.body.is_none() {
            let names = self.names(&draft);
            let sentence = match draft.answers {
                Some(_) => Sentence::new("ask-reply"),
                None => Sentence::new("ask-content"),
            };
            return self.ask(draft, Missing::Content, &sentence.with("to", names), out);
        }
        self.read_back(draft, out)
    }

    /// Names of the recipients as a phrase of the conversation's language.
    pub(super) fn names(&self, draft: &Draft) -> String {
        draft.spoken_names(&self.replies.text(self.lang, &Sentence::new("and")))
    }

    /// Asks one question, unless the profile allows no more: then the draft is kept.
    pub(super) fn ask(
        &mut self,
        mut draft: Draft,
        missing: Missing,
        sentence: &Sentence,
        out: &mut Vec<Effect>,
    ) -> State {
        if !self.policy.may_ask(draft.questions) {
            return self.keep(draft, out);
        }
        draft.questions += 1;
        draft.certain = false;
        self.prompt(ReplyKind::Question, sentence, expected(missing), out);
        State::Asking(Asking { draft, missing, failures: 0 })
    }

    fn ask_choice(&mut self, mut draft: Draft, mut open: Resolution, out: &mut Vec<Effect>) -> State {
        if !self.policy.may_ask(draft.questions) {
            draft.open.insert(0, open);
            return self.keep(draft, out);
        }
        draft.questions += 1;
        draft.certain = false;
        open.candidates.truncate(CHOICES);
        let names: Vec<String> = open.candidates.iter().map(|candidate| candidate.name.clone()).collect();
        let sentence = match names.as_slice() {
            [first, second, third, ..] => Sentence::new("ask-choice-three")
                .with("first", first.as_str())
                .with("second", second.as_str())
                .with("third", third.as_str()),
            [first, second] => {
                Sentence::new("ask-choice").with("first", first.as_str()).with("second", second.as_str())
            }
            [only] => Sentence::new("ask-meant").with("name", only.as_str()),
            [] => Sentence::new("ask-recipient-unknown").with("said", open.heard.as_str()),
        };
        self.prompt(ReplyKind::Question, &sentence, Expected::Choice, out);
        State::Choosing(Choosing { draft, open, failures: 0 })
    }

    pub(super) fn asking(&mut self, asking: Asking, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.asked(asking, &heard, out);
            }
            Event::TimerFired(_) => return self.asked_in_vain(asking, out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(out),
            Event::Spoken(reply) => self.spoken(reply, out),
            Event::Told(told) => return self.told(State::Asking(asking), told, out),
            Event::Arrived(person) => self.hold(person),
            Event::Digest(people) => people.into_iter().for_each(|person| self.hold(person)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::Queued(_)
            | Event::NotQueued(_)
            | Event::TakenBack(_)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Asking(asking)
    }

    fn asked(&mut self, mut asking: Asking, heard: &Heard, out: &mut Vec<Effect>) -> State {
        match (heard.intent.name, asking.missing) {
            (IntentName::Cancel, _) | (IntentName::Deny, Missing::Recipient | Missing::Change) => self.cancelled(out),
            (IntentName::Repeat, missing) => {
                self.say_again(expected(missing), out);
                State::Asking(asking)
            }
            (IntentName::Help, missing) => {
                let sentence = match missing {
                    Missing::Recipient => Sentence::new("help-recipient"),
                    Missing::Content => Sentence::new("help-content"),
                    Missing::Change => Sentence::new("help-confirm"),
                };
                self.prompt(ReplyKind::Answer, &sentence, expected(missing), out);
                State::Asking(asking)
            }
            (_, Missing::Recipient) if !heard.recipients.is_empty() => {
                asking.draft.address(&heard.recipients);
                if asking.draft.body.is_none() {
                    asking.draft.say(content(&heard.intent));
                }
                self.proceed(asking.draft, out)
            }
            (_, Missing::Content) if content(&heard.intent).is_some() => {
                asking.draft.say(content(&heard.intent));
                self.proceed(asking.draft, out)
            }
            (IntentName::Confirm, Missing::Change) => {
                let names = self.names(&asking.draft);
                self.ask(asking.draft, Missing::Content, &Sentence::new("ask-content").with("to", names), out)
            }
            (IntentName::Edit | IntentName::SendMessage, Missing::Change) => self.edit(asking.draft, heard, out),
            (_, Missing::Recipient | Missing::Content | Missing::Change) => self.asked_in_vain(asking, out),
        }
    }

    /// Silence or words that do not answer: asks once more, then keeps the draft.
    fn asked_in_vain(&mut self, mut asking: Asking, out: &mut Vec<Effect>) -> State {
        asking.failures += 1;
        if asking.failures >= PATIENCE {
            return self.keep(asking.draft, out);
        }
        self.say_again(expected(asking.missing), out);
        State::Asking(asking)
    }

    pub(super) fn choosing(&mut self, choosing: Choosing, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.chosen(choosing, &heard, out);
            }
            Event::TimerFired(_) => return self.chosen_in_vain(choosing, out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(out),
            Event::Spoken(reply) => self.spoken(reply, out),
            Event::Told(told) => return self.told(State::Choosing(choosing), told, out),
            Event::Arrived(person) => self.hold(person),
            Event::Digest(people) => people.into_iter().for_each(|person| self.hold(person)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::Queued(_)
            | Event::NotQueued(_)
            | Event::TakenBack(_)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Choosing(choosing)
    }

    fn chosen(&mut self, mut choosing: Choosing, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let candidates = &choosing.open.candidates;
        let by_place = heard.intent.slot(Slot::Ordinal).and_then(Position::read).and_then(|position| match position {
            Position::Nth(place) => place.checked_sub(1),
            Position::Last => candidates.len().checked_sub(1),
            Position::All => None,
        });
        let by_name = || {
            let said = heard.recipients.first().filter(|said| said.decision != Decision::None)?;
            let mut both = candidates.iter().filter(|known| said.candidates.iter().any(|new| new.id == known.id));
            let only = both.next()?;
            both.next().is_none().then_some(only)
        };
        // "Do you mean Marion Petit?" is answered by a yes.
        let by_yes = || match candidates.as_slice() {
            [only] if heard.intent.name == IntentName::Confirm && heard.confidence >= CERTAIN => Some(only),
            _ => None,
        };
        let by_place = by_place.and_then(|place| candidates.get(place));
        if let Some(candidate) = by_place.or_else(by_name).or_else(by_yes) {
            let addressee = Addressee::chosen(&choosing.open.heard, candidate);
            choosing.draft.add(addressee);
            return self.proceed(choosing.draft, out);
        }
        match heard.intent.name {
            IntentName::Cancel => self.cancelled(out),
            IntentName::Deny => {
                choosing.draft.to.clear();
                choosing.draft.open.clear();
                self.ask(choosing.draft, Missing::Recipient, &Sentence::new("ask-recipient"), out)
            }
            IntentName::Repeat => {
                self.say_again(Expected::Choice, out);
                State::Choosing(choosing)
            }
            IntentName::Help => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-choice"), Expected::Choice, out);
                State::Choosing(choosing)
            }
            IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Confirm
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Undo
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Next
            | IntentName::Spell
            | IntentName::Other => self.chosen_in_vain(choosing, out),
        }
    }

    fn chosen_in_vain(&mut self, mut choosing: Choosing, out: &mut Vec<Effect>) -> State {
        choosing.failures += 1;
        if choosing.failures >= PATIENCE {
            choosing.draft.open.insert(0, choosing.open);
            return self.keep(choosing.draft, out);
        }
        self.say_again(Expected::Choice, out);
        State::Choosing(choosing)
    }
}

const fn expected(missing: Missing) -> Expected {
    match missing {
        Missing::Recipient => Expected::Recipient,
        Missing::Content => Expected::Content,
        Missing::Change => Expected::YesNo,
    }
}
