//! "Wait": the conversation is held, at any question, until the user goes on. What is said to others meanwhile is
//! nobody's answer.

use crate::intent::{Expected, IntentName};

use super::{
    Dialogue, Effect, Event, Heard, ReplyKind, State, asking::expected, draft::Draft, replies::Sentence, state::Paused,
};

impl Dialogue {
    /// Holds a conversation: a question, or, at rest, what would be announced.
    pub(super) fn pause(&mut self, state: State, out: &mut Vec<Effect>) -> State {
        let (held, question) = match state {
            State::Paused(paused) => (*paused.held, paused.question),
            State::Asking(_) | State::Choosing(_) | State::Confirming(_) | State::Offering(_) | State::Reading(_) => {
                (state, self.said.clone())
            }
            State::Paying(ref paying) if paying.step.awaits_answer() => (state, self.said.clone()),
            // What waits for the disk or the inbox is said to nobody who wants silence.
            State::Idle | State::Acting(_) | State::Fetching | State::TakingBack(_) | State::Paying(_) => {
                (State::Idle, self.said.clone())
            }
        };
        self.prompt(ReplyKind::Answer, &Sentence::new("paused"), Expected::Command, out);
        State::Paused(Paused { held: Box::new(held), question })
    }

    pub(super) fn paused(&mut self, paused: Paused, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => return self.heard_while_paused(paused, &heard, out),
            Event::Told(told) => return self.told(State::Paused(paused), told, out),
            Event::TimerFired(_) => return self.park(*paused.held, out),
            Event::Spoken(reply) | Event::Cut(reply) => self.spoken(reply, self.policy.pause_timeout, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            // The clock of a pause does not care who speaks.
            Event::SpeechStarted
            | Event::HeardNothing
            | Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Paused(paused)
    }

    fn heard_while_paused(&mut self, paused: Paused, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if *paused.held == State::Idle {
            return self.begin(heard, out);
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
    pub(super) fn resume(&mut self, paused: Paused, out: &mut Vec<Effect>) -> State {
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
            State::Offering(queue) => {
                self.say_again(Expected::Reading, out);
                State::Offering(queue)
            }
            State::Paying(paying) => self.take_up_payment(*paying, out),
            State::Idle | State::Acting(_) | State::Fetching | State::TakingBack(_) | State::Paused(_) => {
                self.rest(out)
            }
        }
    }

    /// Nobody came back: the draft is kept, a payment is not.
    fn park(&mut self, held: State, out: &mut Vec<Effect>) -> State {
        if let State::Paying(paying) = held {
            return self.drop_order(&paying.order, out);
        }
        match held.into_draft() {
            Some(draft) => self.keep(draft, out),
            None => self.rest(out),
        }
    }
}
