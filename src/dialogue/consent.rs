//! What the rules say, and what the user must do before anything is paid: hear the payment read back to its end and say
//! "yes, pay", within the time for it, with nothing else playing; and the PIN where the rules want it.

use crate::intent::{Expected, IntentName, Mend, Slot};

use super::{
    CERTAIN, Dialogue, Effect, Heard, PATIENCE, PayRefusal, Payment, ReplyId, ReplyKind, State, Verdict,
    draft::{Addressee, Draft},
    order::{Order, OrderKind},
    paying::{Consent, Paying, Step},
    replies::{Sentence, as_sentence},
};

impl Dialogue {
    /// Asks the rules about a payment that was not read back yet: a new one whatever went before.
    pub(super) fn check(&mut self, order: Order, out: &mut Vec<Effect>) -> State {
        self.last_nonce += 1;
        // "Repeat" must not say what is void.
        self.said = None;
        let order = Order { again: false, ..order };
        match order.payment(self.last_nonce) {
            Some(payment) => self.check_payment(order, payment, out),
            None => self.drop_order(&order, out),
        }
    }

    fn check_payment(&mut self, order: Order, payment: Payment, out: &mut Vec<Effect>) -> State {
        self.stop_timer(out);
        self.awaiting = None;
        let turn = self.next_turn();
        out.push(Effect::CheckPayment(turn, payment.clone()));
        State::Paying(Box::new(Paying { order, step: Step::Checking(payment), failures: 0 }))
    }

    /// What the rules say.
    pub(super) fn judged(&mut self, paying: Paying, verdict: Verdict, out: &mut Vec<Effect>) -> State {
        let Paying { order, step, failures } = paying;
        match (step, verdict) {
            (Step::Checking(_) | Step::Pin(_), Verdict::Refused(refusal)) => self.refuse(refusal, out),
            (Step::Checking(payment), Verdict::AskAgain) if !order.again => self.ask_again(order, payment, out),
            (Step::Checking(payment), Verdict::Allowed | Verdict::AskAgain) => {
                self.read_back_payment(order, payment, false, out)
            }
            (Step::Checking(payment), Verdict::NeedsPin) => self.read_back_payment(order, payment, true, out),
            // After a wrong PIN, which is the only way from there to the rules.
            (Step::Pin(payment), Verdict::Allowed | Verdict::AskAgain | Verdict::NeedsPin) => {
                self.ask_pin(order, payment, &Sentence::new("wrong-pin"), out)
            }
            (step, _) => State::Paying(Box::new(Paying { order, step, failures })),
        }
    }

    fn ask_again(&mut self, mut order: Order, payment: Payment, out: &mut Vec<Effect>) -> State {
        if !self.policy.may_ask(order.questions) {
            return self.drop_order(&order, out);
        }
        order.questions += 1;
        let sentence =
            Sentence::new("pay-again").with("to", order.name()).with("amount", self.amount_apart(payment.amount));
        let asked = self.prompt(ReplyKind::Question, &sentence, Expected::YesNo, out);
        State::Paying(Box::new(Paying { order, step: Step::Again(payment, asked), failures: 0 }))
    }

    pub(super) fn again_said(
        &mut self,
        mut paying: Paying,
        payment: Payment,
        asked: ReplyId,
        heard: &Heard,
        out: &mut Vec<Effect>,
    ) -> State {
        let is_after = heard.after.is_some_and(|after| after >= asked) && heard.over.is_none();
        match heard.intent.name {
            IntentName::Confirm if is_after && heard.confidence >= CERTAIN => {
                paying.order.again = true;
                self.check_payment(paying.order, payment, out)
            }
            IntentName::Cancel | IntentName::Deny | IntentName::Undo => self.drop_order(&paying.order, out),
            IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Confirm
            | IntentName::Repeat
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Help
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Next
            | IntentName::Spell
            | IntentName::Other => self.misheard_paying(paying, out),
        }
    }

    /// Reads a payment back: payee and amount, digit by digit, and what to say.
    fn read_back_payment(&mut self, order: Order, payment: Payment, needs_pin: bool, out: &mut Vec<Effect>) -> State {
        let sentence = match &order.reason {
            None => Sentence::new("pay-read-back"),
            Some(reason) => Sentence::new("pay-read-back-for").with("reason", reason.as_str()),
        };
        let sentence = sentence.with("to", order.name()).with("amount", self.amount_apart(payment.amount));
        self.read_back_order(order, payment, needs_pin, &sentence, out)
    }

    /// Reads a request back: the message that goes to them, and the digits.
    pub(super) fn read_back_request(&mut self, order: Order, out: &mut Vec<Effect>) -> State {
        self.last_nonce += 1;
        let Some(payment) = order.payment(self.last_nonce) else { return self.drop_order(&order, out) };
        let digits = self
            .digits(payment.amount)
            .map_or_else(String::new, |digits| format!(" {}", as_sentence(&capitalised(&digits))));
        let sentence = Sentence::new("request-read-back")
            .with("to", order.name())
            .with("body", self.request_words(&payment))
            .with("digits", digits);
        self.read_back_order(order, payment, false, &sentence, out)
    }

    fn read_back_order(
        &mut self,
        order: Order,
        payment: Payment,
        needs_pin: bool,
        sentence: &Sentence,
        out: &mut Vec<Effect>,
    ) -> State {
        let read_back = self.prompt(ReplyKind::Readback, sentence, Expected::Payment, out);
        let consent = Consent { payment, read_back, heard_out: false, needs_pin };
        State::Paying(Box::new(Paying { order, step: Step::Consent(consent), failures: 0 }))
    }

    /// The words of a request.
    fn request_words(&self, payment: &Payment) -> String {
        let sentence = match &payment.reason {
            None => Sentence::new("request-words"),
            Some(reason) => Sentence::new("request-words-for").with("reason", reason.as_str()),
        };
        self.replies.text(self.lang, &sentence.with("amount", self.amount(payment.amount)))
    }

    /// The answer to a read-back. The time for it runs on, whatever is said.
    pub(super) fn consent_said(
        &mut self,
        mut paying: Paying,
        consent: &Consent,
        heard: &Heard,
        out: &mut Vec<Effect>,
    ) -> State {
        let intent = heard.intent.name;
        let is_yes = match paying.order.kind {
            OrderKind::Pay => heard.mend == Some(Mend::Pay),
            OrderKind::Request => intent == IntentName::Confirm,
        };
        if is_yes {
            return self.agreed(paying, consent, heard, out);
        }
        if heard.mend == Some(Mend::Whom) {
            return self.ask_payee(Order { payee: None, again: false, ..paying.order }, None, out);
        }
        let names = !heard.recipients.is_empty();
        let is_change = intent == IntentName::Edit || matches!(heard.mend, Some(Mend::Letters(_)));
        match (intent, heard.recipients.as_slice()) {
            _ if is_change && names => match heard.recipients.as_slice() {
                [one] => {
                    paying.order.take(heard);
                    self.order_for(paying.order, one, out)
                }
                _ => self.refuse(PayRefusal::SeveralPayees, out),
            },
            // "No, thirty"; "change it" asks for what is mostly wrong.
            (IntentName::Edit, _) => self.change_amount(paying.order, heard, out),
            (IntentName::Pay, []) if !heard.intent.slots.is_empty() => self.change_amount(paying.order, heard, out),
            (IntentName::Cancel | IntentName::Deny | IntentName::Undo, _) => self.drop_order(&paying.order, out),
            (IntentName::Repeat, _) => self.take_up_payment(paying, out),
            (IntentName::Pay | IntentName::RequestPayment, [_, ..])
            | (IntentName::SendMessage | IntentName::ReplyMessage | IntentName::ReadMessages, _) => {
                self.instead_of(&paying.order, heard, out)
            }
            _ if !consent.heard_out => self.read_back_anew(paying.order, out),
            _ => self.remind(paying, out),
        }
    }

    fn change_amount(&mut self, mut order: Order, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if heard.intent.slot(Slot::Amount).is_none() {
            order.amount = None;
        }
        order.take(heard);
        self.order_further(order, out)
    }

    /// "Yes, pay". It counts if it was begun after the read-back was spoken to its end, with nobody else speaking, and is
    /// certain.
    fn agreed(&mut self, paying: Paying, consent: &Consent, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let is_after = heard.after.is_some_and(|after| after >= consent.read_back);
        if !consent.heard_out || !is_after || heard.over.is_some() {
            return self.read_back_anew(paying.order, out);
        }
        if heard.confidence < CERTAIN {
            return self.remind(paying, out);
        }
        let payment = consent.payment.clone();
        match (paying.order.kind, consent.needs_pin) {
            (OrderKind::Request, _) => self.request(paying.order, payment, out),
            (OrderKind::Pay, _) if self.moving => self.refuse(PayRefusal::Moving, out),
            (OrderKind::Pay, true) => self.ask_pin(paying.order, payment, &Sentence::new("enter-pin"), out),
            (OrderKind::Pay, false) => self.pay(payment, paying.order, out),
        }
    }

    /// An answer to something that was not heard: it is checked and read back once more, a few times.
    fn read_back_anew(&mut self, mut order: Order, out: &mut Vec<Effect>) -> State {
        order.unheard += 1;
        if order.unheard > PATIENCE {
            return self.drop_order(&order, out);
        }
        self.order_further(order, out)
    }

    /// Says what to say; that gives nobody more time.
    fn remind(&mut self, mut paying: Paying, out: &mut Vec<Effect>) -> State {
        paying.failures += 1;
        if paying.failures > PATIENCE {
            return self.drop_order(&paying.order, out);
        }
        let sentence = match paying.order.kind {
            OrderKind::Pay => Sentence::new("say-yes-pay"),
            OrderKind::Request => Sentence::new("ask-yes-no").with("to", paying.order.name()),
        };
        self.say(ReplyKind::Answer, &sentence, out);
        State::Paying(Box::new(paying))
    }

    /// Notes a confirmed request; the message follows when that is done.
    fn request(&mut self, order: Order, payment: Payment, out: &mut Vec<Effect>) -> State {
        self.stop_timer(out);
        self.awaiting = None;
        let turn = self.next_turn();
        out.push(Effect::RequestPayment(turn, payment.clone()));
        State::Paying(Box::new(Paying { order, step: Step::Requesting(payment), failures: 0 }))
    }

    /// A request is noted: the message that was read back goes to them.
    pub(super) fn requested(&mut self, paying: Paying, noted: Result<(), PayRefusal>, out: &mut Vec<Effect>) -> State {
        let Step::Requesting(payment) = &paying.step else { return State::Paying(Box::new(paying)) };
        if let Err(refusal) = noted {
            return self.refuse(refusal, out);
        }
        let spoken = paying.order.name();
        let addressee = Addressee { spoken, person: payment.payee.clone(), heard: None, score: 1.0 };
        let body = Some(self.request_words(payment));
        self.act(Draft { to: vec![addressee], body, ..Draft::default() }, out)
    }

    fn ask_pin(&mut self, order: Order, payment: Payment, sentence: &Sentence, out: &mut Vec<Effect>) -> State {
        self.prompt(ReplyKind::Answer, sentence, Expected::YesNo, out);
        let turn = self.next_turn();
        out.push(Effect::AskPin(turn, payment.clone()));
        State::Paying(Box::new(Paying { order, step: Step::Pin(payment), failures: 0 }))
    }

    /// A PIN was entered on the page. After a wrong one the rules say whether there may be another.
    pub(super) fn pin_given(&mut self, paying: Paying, is_right: bool, out: &mut Vec<Effect>) -> State {
        let Step::Pin(payment) = &paying.step else { return State::Paying(Box::new(paying)) };
        let payment = payment.clone();
        if is_right {
            return self.pay(payment, paying.order, out);
        }
        let turn = self.next_turn();
        out.push(Effect::CheckPayment(turn, payment));
        State::Paying(Box::new(paying))
    }

    /// Words where a PIN is to be entered: only what gives the payment up counts.
    pub(super) fn said_instead_of_pin(&mut self, paying: Paying, heard: &Heard, out: &mut Vec<Effect>) -> State {
        match heard.intent.name {
            IntentName::Cancel | IntentName::Deny | IntentName::Undo => self.drop_order(&paying.order, out),
            IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
                if heard.mend.is_none() =>
            {
                self.instead_of(&paying.order, heard, out)
            }
            IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Confirm
            | IntentName::Repeat
            | IntentName::ShareLocation
            | IntentName::Help
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Next
            | IntentName::Spell
            | IntentName::Other => {
                self.say(ReplyKind::Answer, &Sentence::new("help-pin"), out);
                State::Paying(Box::new(paying))
            }
        }
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
