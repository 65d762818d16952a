//! "Wait": the conversation is held, at any question, until the user goes on. What is said to others meanwhile is
//! nobody's answer.

use crate::intent::{Expected, IntentName, Mend};

use super::{
    Dialogue, Effect, Event, Heard, ReplyKind, State,
    asking::expected,
    draft::Draft,
    replies::Sentence,
    state::{Choosing, Paused},
};

impl Dialogue {
    /// Holds a conversation that waits for an answer.
    pub(super) fn pause(&mut self, held: State, out: &mut Vec<Effect>) -> State {
        let question = self.said.clone();
        self.prompt(ReplyKind::Answer, &Sentence::new("paused"), Expected::Command, out);
        State::Paused(Paused { held: Box::new(held), question })
    }

    pub(super) fn paused(&mut self, paused: Paused, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => return self.heard_while_paused(paused, &heard, out),
            Event::TimerFired(_) => return self.park(*paused.held, out),
            Event::Spoken(reply) => self.spoken(reply, self.policy.pause_timeout, out),
            Event::Arrived(person) => self.hold(person),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            // The clock of a pause does not care who speaks.
            Event::SpeechStarted
            | Event::HeardNothing
            | Event::Queued(_)
            | Event::NotQueued(_)
            | Event::TakenBack(_)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..) => {}
        }
        State::Paused(paused)
    }

    fn heard_while_paused(&mut self, paused: Paused, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if heard.mend == Some(Mend::Resume) {
            return self.resume(paused, out);
        }
        match heard.intent.name {
            // A yes says that the user is back; what it would confirm is read back first.
            IntentName::Confirm | IntentName::Next | IntentName::Repeat => self.resume(paused, out),
            IntentName::Cancel => self.cancelled(out),
            IntentName::Help => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-paused"), Expected::Command, out);
                State::Paused(paused)
            }
            IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Deny
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Undo
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Spell
            | IntentName::Other => State::Paused(paused),
        }
    }

    /// Asks again what was asked; a read-back is read in full.
    fn resume(&mut self, paused: Paused, out: &mut Vec<Effect>) -> State {
        self.stop_timer(out);
        self.said = paused.question;
        match *paused.held {
            State::Confirming(confirming) => self.read_back(Draft { read: None, ..confirming.draft }, out),
            State::Asking(asking) => {
                self.say_again(expected(asking.missing), out);
                State::Asking(asking)
            }
            State::Choosing(choosing) => {
                self.say_again(Expected::Choice, out);
                State::Choosing(choosing)
            }
            State::Reading(reading) => {
                self.say_again(Expected::Reading, out);
                State::Reading(reading)
            }
            state @ (State::Idle | State::Acting(_) | State::Fetching | State::TakingBack(_) | State::Paused(_)) => {
                state
            }
        }
    }

    /// Nobody came back: the draft is kept.
    fn park(&mut self, held: State, out: &mut Vec<Effect>) -> State {
        match held {
            State::Asking(asking) => self.keep(asking.draft, out),
            State::Choosing(Choosing { mut draft, open, .. }) => {
                draft.open.insert(0, open);
                self.keep(draft, out)
            }
            State::Confirming(confirming) => self.keep(confirming.draft, out),
            State::Idle
            | State::Acting(_)
            | State::Fetching
            | State::TakingBack(_)
            | State::Reading(_)
            | State::Paused(_) => self.rest(out),
        }
    }
}
