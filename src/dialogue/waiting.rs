//! Waiting for the disk or the inbox, which takes milliseconds.

use super::{
    Dialogue, Effect, Event, ReplyKind, State, Withdrawal,
    draft::Draft,
    event::{Leaves, Taken},
    replies::Sentence,
    state::Confirming,
};
use crate::intent::Expected;

impl Dialogue {
    pub(super) fn acting(&mut self, draft: Draft, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Queued(_, leaves) => {
                let sentence = match leaves {
                    Leaves::Now => Sentence::new("sending"),
                    Leaves::Later => Sentence::new("sending-later"),
                };
                let sentence = sentence.with("to", self.names(&draft));
                return self.answer(ReplyKind::Answer, &sentence, out);
            }
            Event::NotQueued(_) => {
                let read_back = self.prompt(ReplyKind::Error, &Sentence::new("not-saved"), Expected::YesNo, out);
                return State::Confirming(Confirming { draft, read_back, failures: 0 });
            }
            // What is confirmed goes ahead; only its "sending" is not said any more.
            Event::Heard(heard) => return self.begin(&heard, out),
            Event::Told(told) => return self.told(State::Acting(draft), told, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::SpeechStarted
            | Event::HeardNothing
            | Event::Spoken(_)
            | Event::Cut(_)
            | Event::TakenBack(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..)
            | Event::TimerFired(_) => {}
        }
        State::Acting(draft)
    }

    pub(super) fn fetching(&mut self, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Fetched(_, messages) => return self.read_first(messages, out),
            Event::Found(_, finding) => return self.tell(&finding, out),
            Event::Told(told) => return self.told(State::Fetching, told, out),
            Event::Heard(heard) => return self.begin(&heard, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::SpeechStarted
            | Event::HeardNothing
            | Event::Spoken(_)
            | Event::Cut(_)
            | Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::TimerFired(_) => {}
        }
        State::Fetching
    }

    pub(super) fn taking_back(&mut self, said: Withdrawal, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::TakenBack(_, taken) => {
                let sentence = match taken {
                    Taken::InTime => Sentence::new("undone"),
                    Taken::Afterwards => Sentence::new("undone-afterwards"),
                };
                return self.answer(ReplyKind::Answer, &sentence, out);
            }
            Event::TooLate(_) => {
                let sentence = match said {
                    Withdrawal::Undo => Sentence::new("undo-too-late"),
                    Withdrawal::Cancel => Sentence::new("nothing-to-cancel"),
                };
                return self.answer(ReplyKind::Answer, &sentence, out);
            }
            Event::NothingToTakeBack(_) => {
                let sentence = match said {
                    Withdrawal::Undo => Sentence::new("undo-nothing"),
                    Withdrawal::Cancel => Sentence::new("nothing-to-cancel"),
                };
                return self.answer(ReplyKind::Answer, &sentence, out);
            }
            Event::Heard(heard) => return self.begin(&heard, out),
            Event::Told(told) => return self.told(State::TakingBack(said), told, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::SpeechStarted
            | Event::HeardNothing
            | Event::Spoken(_)
            | Event::Cut(_)
            | Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::Fetched(..)
            | Event::Found(..)
            | Event::TimerFired(_) => {}
        }
        State::TakingBack(said)
    }
}
