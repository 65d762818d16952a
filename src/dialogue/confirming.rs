//! Read back, waiting for yes or no. The only file that makes [`Effect::Act`].

use crate::{
    config::Confirm,
    intent::{Expected, IntentName},
};

use super::{
    CERTAIN, Dialogue, Effect, Event, Heard, PATIENCE, ReplyId, ReplyKind, State,
    draft::{Draft, DraftKind},
    replies::{Sentence, as_sentence},
    state::{Confirming, Missing},
};

impl Dialogue {
    /// Reads a complete draft back and asks for a yes.
    pub(super) fn read_back(&mut self, draft: Draft, out: &mut Vec<Effect>) -> State {
        if self.policy.confirm == Confirm::Unsure && draft.answers.is_some() && draft.certain {
            return self.act(draft, out);
        }
        let names = self.names(&draft);
        let body = as_sentence(draft.body.as_deref().unwrap_or_default());
        let group = match draft.to.as_slice() {
            [only] => only.person.members,
            [] | [_, ..] => None,
        };
        if let DraftKind::Reaction(reaction) = draft.kind {
            let reaction = self.replies.text(self.lang, &reaction.spoken());
            let sentence = Sentence::new("read-back-react").with("to", names).with("reaction", reaction);
            let read_back = self.prompt(ReplyKind::Readback, &sentence, Expected::YesNo, out);
            return State::Confirming(Confirming { draft, read_back, failures: 0 });
        }
        let sentence = match (group, &draft.answers) {
            _ if draft.later => Sentence::new("read-back-now"),
            (Some(count), _) => Sentence::new("read-back-group").count(count),
            (None, Some(_)) => Sentence::new("read-back-reply"),
            (None, None) => Sentence::new("read-back"),
        };
        let sentence = sentence.with("to", names).with("body", body);
        let read_back = self.prompt(ReplyKind::Readback, &sentence, Expected::YesNo, out);
        State::Confirming(Confirming { draft, read_back, failures: 0 })
    }

    pub(super) fn confirming(&mut self, confirming: Confirming, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.decided(confirming, &heard, out);
            }
            Event::TimerFired(_) => return self.decided_in_vain(confirming, out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(out),
            Event::Spoken(reply) => self.spoken(reply, out),
            Event::Told(told) => return self.told(State::Confirming(confirming), told, out),
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
        State::Confirming(confirming)
    }

    fn decided(&mut self, mut confirming: Confirming, heard: &Heard, out: &mut Vec<Effect>) -> State {
        match heard.intent.name {
            IntentName::Confirm if is_bound(confirming.read_back, heard) => self.act(confirming.draft, out),
            IntentName::Cancel => self.cancelled(out),
            IntentName::Deny => {
                if self.policy.may_ask(confirming.draft.questions) {
                    self.ask(confirming.draft, Missing::Change, &Sentence::new("ask-change"), out)
                } else {
                    self.cancelled(out)
                }
            }
            IntentName::Edit => self.edit(confirming.draft, heard, out),
            IntentName::Repeat => {
                if let Some(read_back) = self.say_again(Expected::YesNo, out) {
                    confirming.read_back = read_back;
                }
                State::Confirming(confirming)
            }
            IntentName::Help => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-confirm"), Expected::YesNo, out);
                State::Confirming(confirming)
            }
            IntentName::SendMessage | IntentName::ReplyMessage | IntentName::ReadMessages => self.begin(heard, out),
            IntentName::Confirm
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Undo
            | IntentName::Choose
            | IntentName::Next
            | IntentName::Spell
            | IntentName::Other => self.decided_in_vain(confirming, out),
        }
    }

    /// Silence or words that are neither yes nor no: asks once more, then keeps the draft.
    fn decided_in_vain(&mut self, mut confirming: Confirming, out: &mut Vec<Effect>) -> State {
        confirming.failures += 1;
        if confirming.failures >= PATIENCE {
            return self.keep(confirming.draft, out);
        }
        let sentence = Sentence::new("ask-yes-no").with("to", self.names(&confirming.draft));
        self.prompt(ReplyKind::Question, &sentence, Expected::YesNo, out);
        State::Confirming(confirming)
    }

    /// Changes the draft as said and reads back what changed.
    pub(super) fn edit(&mut self, draft: Draft, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let Some(edited) = draft.edited(&heard.intent, &heard.recipients) else {
            let sentence = Sentence::new("not-found-in-message");
            let read_back = self.prompt(ReplyKind::Error, &sentence, Expected::YesNo, out);
            return State::Confirming(Confirming { draft, read_back, failures: 0 });
        };
        if edited == (Draft { certain: false, ..draft.clone() }) {
            let names = self.names(&draft);
            return self.ask(draft, Missing::Content, &Sentence::new("ask-content").with("to", names), out);
        }
        let only_recipients = edited.body == draft.body && edited.open.is_empty() && edited.action().is_some();
        let one_person = edited.to.len() == 1 && edited.to.iter().all(|addressee| addressee.person.members.is_none());
        if only_recipients && one_person {
            let sentence = Sentence::new("read-back-recipient").with("to", self.names(&edited));
            let read_back = self.prompt(ReplyKind::Readback, &sentence, Expected::YesNo, out);
            return State::Confirming(Confirming { draft: edited, read_back, failures: 0 });
        }
        self.proceed(edited, out)
    }

    fn act(&mut self, draft: Draft, out: &mut Vec<Effect>) -> State {
        let Some(action) = draft.action() else {
            return self.proceed(draft, out);
        };
        let turn = self.next_turn();
        self.awaiting = None;
        for addressee in &draft.to {
            if let Some(heard) = &addressee.heard {
                out.push(Effect::Remember(heard.clone(), addressee.person.clone()));
            }
        }
        out.push(Effect::Act(turn, action));
        State::Acting(draft)
    }
}

/// A "yes" counts when it is certain and the user began it after the read-back had begun.
fn is_bound(read_back: ReplyId, heard: &Heard) -> bool {
    heard.confidence >= CERTAIN && heard.after.is_some_and(|after| after >= read_back)
}
