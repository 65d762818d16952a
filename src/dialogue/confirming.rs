//! Read back, waiting for yes or no. The only file that makes [`Effect::Act`].

use crate::intent::{Expected, IntentName};

use super::{
    CERTAIN, Dialogue, Effect, Event, Heard, PATIENCE, ReplyKind, State,
    draft::Draft,
    editing::is_edit,
    replies::Sentence,
    state::{Confirming, Missing},
};

impl Dialogue {
    pub(super) fn confirming(&mut self, confirming: Confirming, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.decided(confirming, &heard, out);
            }
            Event::TimerFired(_) => return self.undecided(confirming, out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(self.policy.answer_timeout, out),
            Event::Spoken(reply) | Event::Cut(reply) => self.spoken(reply, self.policy.answer_timeout, out),
            Event::Told(told) => return self.told(State::Confirming(confirming), told, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::Queued(..)
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
        State::Confirming(confirming)
    }

    fn decided(&mut self, mut confirming: Confirming, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let is_after = heard.after.is_some_and(|after| after >= confirming.read_back);
        // A reaction has no words and belongs to one message: only another reaction can take its place.
        let is_reaction = confirming.draft.is_reaction();
        if is_edit(heard) {
            // Who speaks before the read-back has begun has not heard it: then all of it is to be read.
            if !is_after {
                confirming.draft.read = None;
            }
            return self.edit(confirming.draft, heard, out);
        }
        match heard.intent.name {
            // A "yes" counts when it is certain and the user began it after the read-back had begun.
            IntentName::Confirm if heard.confidence >= CERTAIN && is_after => self.act(confirming.draft, out),
            IntentName::Cancel => self.cancelled(out),
            IntentName::Deny if self.policy.may_ask(confirming.draft.questions) && !is_reaction => {
                self.ask(confirming.draft, Missing::Change, &Sentence::new("ask-change"), out)
            }
            IntentName::Deny => self.cancelled(out),
            IntentName::Repeat => self.read_back(Draft { read: None, certain: false, ..confirming.draft }, out),
            IntentName::Help => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-confirm"), Expected::YesNo, out);
                State::Confirming(confirming)
            }
            IntentName::SendMessage | IntentName::ReplyMessage | IntentName::ReadMessages => self.begin(heard, out),
            IntentName::ReactMessage if is_reaction => self.begin(heard, out),
            IntentName::Undo => self.undo_change(confirming, out),
            IntentName::Spell if !is_reaction => {
                self.ask_letters(Draft { to: Vec::new(), answers: None, ..confirming.draft }, out)
            }
            IntentName::Confirm
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Next
            | IntentName::Spell
            | IntentName::Other => self.misunderstood(confirming, out),
        }
    }

    /// Silence: asks once more, then keeps the draft.
    fn undecided(&mut self, mut confirming: Confirming, out: &mut Vec<Effect>) -> State {
        confirming.failures += 1;
        if confirming.failures >= PATIENCE {
            return self.keep(confirming.draft, out);
        }
        self.ask_yes_no(confirming, out)
    }

    /// Words that are neither yes nor no: asks once more, then says what can be said, then keeps the draft.
    fn misunderstood(&mut self, mut confirming: Confirming, out: &mut Vec<Effect>) -> State {
        confirming.failures += 1;
        match confirming.failures {
            0 | 1 => self.ask_yes_no(confirming, out),
            PATIENCE => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-confirm"), Expected::YesNo, out);
                State::Confirming(confirming)
            }
            _ => self.give_up(confirming.draft, out),
        }
    }

    fn ask_yes_no(&mut self, confirming: Confirming, out: &mut Vec<Effect>) -> State {
        let sentence = Sentence::new("ask-yes-no").with("to", self.names(&confirming.draft));
        self.prompt(ReplyKind::Question, &sentence, Expected::YesNo, out);
        State::Confirming(confirming)
    }

    /// Does what the draft says. Called with a yes that is bound to its read-back, or where the profile asks for none.
    pub(super) fn act(&mut self, draft: Draft, out: &mut Vec<Effect>) -> State {
        let Some(action) = draft.action() else {
            return self.proceed(draft, out);
        };
        let turn = self.next_turn();
        self.awaiting = None;
        self.last_paid = None;
        for addressee in &draft.to {
            if let Some(heard) = &addressee.heard {
                out.push(Effect::Remember(heard.clone(), addressee.person.clone()));
            }
        }
        out.push(Effect::Act(turn, action));
        State::Acting(draft)
    }
}
