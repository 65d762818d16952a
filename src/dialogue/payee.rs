//! Asking for what a payment lacks: whom, which of several people, how much. Nobody is ever guessed.

use crate::intent::{
    Expected, IntentName, Mend,
    contacts::{Candidate, Decision, Resolution},
};

use super::{
    Dialogue, Effect, Heard, PATIENCE, PayRefusal, Person, ReplyKind, State,
    asking::picked,
    order::{Order, OrderKind, Payee},
    paying::{Paying, Step},
    replies::Sentence,
};

impl Dialogue {
    /// Takes who was named as the payee, or asks.
    pub(super) fn order_for(&mut self, order: Order, said: &Resolution, out: &mut Vec<Effect>) -> State {
        match (said.decision, said.candidates.first()) {
            (Decision::One, Some(candidate)) => self.order_to(order, candidate, out),
            (Decision::Several, Some(_)) => self.ask_which(order, said.clone(), out),
            (Decision::One | Decision::Several | Decision::None, _) => {
                self.ask_payee(order, Some(said.heard.clone()), out)
            }
        }
    }

    fn order_to(&mut self, mut order: Order, candidate: &Candidate, out: &mut Vec<Effect>) -> State {
        if candidate.members.is_some() {
            return self.refuse(PayRefusal::Group, out);
        }
        let person = Person { id: candidate.id.0, name: candidate.name.clone(), members: None };
        // The whole name, whatever was said: who was found by the sound of it is confirmed by hearing it.
        order.payee = Some(Payee { person, spoken: self.name_apart(candidate) });
        order.again = false;
        self.order_further(order, out)
    }

    /// Asks whom; the second time spelling is offered, the third time it is left.
    pub(super) fn ask_payee(&mut self, mut order: Order, said: Option<String>, out: &mut Vec<Effect>) -> State {
        order.misheard += 1;
        let sentence = match (order.misheard, order.kind, said) {
            (0 | 1, OrderKind::Pay, None) => Sentence::new("ask-payee"),
            (0 | 1, OrderKind::Request, None) => Sentence::new("ask-debtor"),
            (0 | 1, OrderKind::Pay, Some(said)) => Sentence::new("ask-payee-unknown").with("said", said),
            (0 | 1, OrderKind::Request, Some(said)) => Sentence::new("ask-debtor-unknown").with("said", said),
            (PATIENCE, _, Some(said)) => Sentence::new("ask-spelling").with("said", said),
            (PATIENCE, _, None) => Sentence::new("ask-recipient-again"),
            _ => return self.refuse(PayRefusal::PayeeUnknown, out),
        };
        self.ask_order(order, Step::Whom, &sentence, out)
    }

    fn ask_which(&mut self, order: Order, mut open: Resolution, out: &mut Vec<Effect>) -> State {
        let sentence = self.which(&mut open);
        self.ask_order(order, Step::Which(open), &sentence, out)
    }

    pub(super) fn ask_amount(&mut self, mut order: Order, out: &mut Vec<Effect>) -> State {
        let sentence = match std::mem::take(&mut order.unclear) {
            true => Sentence::new("ask-amount-again"),
            false => Sentence::new("ask-amount"),
        };
        self.ask_order(order, Step::HowMuch, &sentence, out)
    }

    /// Asks one question, unless the profile allows no more: then nothing is paid.
    fn ask_order(&mut self, mut order: Order, step: Step, sentence: &Sentence, out: &mut Vec<Effect>) -> State {
        if !self.policy.may_ask(order.questions) {
            return self.drop_order(&order, out);
        }
        order.questions += 1;
        let expected = match step {
            Step::Which(_) => Expected::Choice,
            Step::HowMuch => Expected::Amount,
            Step::Whom
            | Step::Checking(_)
            | Step::Again(..)
            | Step::Consent(_)
            | Step::Pin(_)
            | Step::Requesting(_)
            | Step::Outcome => Expected::Recipient,
        };
        self.prompt(ReplyKind::Question, sentence, expected, out);
        State::Paying(Box::new(Paying { order, step, failures: 0 }))
    }

    pub(super) fn payee_said(&mut self, mut paying: Paying, heard: &Heard, out: &mut Vec<Effect>) -> State {
        match (heard.recipients.as_slice(), heard.intent.name) {
            (_, IntentName::Cancel | IntentName::Deny) => self.drop_order(&paying.order, out),
            ([one], _) => {
                paying.order.take(heard);
                self.order_for(paying.order, one, out)
            }
            ([_, _, ..], _) => self.refuse(PayRefusal::SeveralPayees, out),
            ([], IntentName::Spell) => {
                self.prompt(ReplyKind::Answer, &Sentence::new("spell-now"), Expected::Recipient, out);
                State::Paying(Box::new(paying))
            }
            ([], IntentName::Help) => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-recipient"), Expected::Recipient, out);
                State::Paying(Box::new(paying))
            }
            ([], IntentName::Repeat) => self.take_up_payment(paying, out),
            ([], _) => self.misheard_paying(paying, out),
        }
    }

    pub(super) fn payee_chosen(
        &mut self,
        paying: Paying,
        open: &Resolution,
        heard: &Heard,
        out: &mut Vec<Effect>,
    ) -> State {
        if let Some(candidate) = picked(open, heard) {
            return self.order_to(paying.order, candidate, out);
        }
        let is_spelled = matches!(heard.mend, Some(Mend::Letters(_)));
        match (heard.recipients.as_slice(), heard.intent.name) {
            // Somebody else, known beyond doubt, or by the letters of the name.
            ([one], _) if is_spelled || one.decision == Decision::One => self.order_for(paying.order, one, out),
            (_, IntentName::Cancel) => self.drop_order(&paying.order, out),
            (_, IntentName::Deny) => self.ask_payee(paying.order, None, out),
            (_, IntentName::Repeat) => self.take_up_payment(paying, out),
            (_, IntentName::Help) => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-choice"), Expected::Choice, out);
                State::Paying(Box::new(paying))
            }
            _ => self.misheard_paying(paying, out),
        }
    }

    pub(super) fn amount_said(&mut self, mut paying: Paying, heard: &Heard, out: &mut Vec<Effect>) -> State {
        paying.order.take(heard);
        if paying.order.amount.is_some() || paying.order.unclear {
            return self.order_further(paying.order, out);
        }
        match heard.intent.name {
            IntentName::Cancel | IntentName::Deny => self.drop_order(&paying.order, out),
            IntentName::Repeat => self.take_up_payment(paying, out),
            IntentName::Help => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-amount"), Expected::Amount, out);
                State::Paying(Box::new(paying))
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
            | IntentName::Other => self.misheard_paying(paying, out),
        }
    }
}
