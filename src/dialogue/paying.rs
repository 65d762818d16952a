//! A payment, from the wish to the outcome: one machine inside the machine, one step after the other.
//!
//! | step | file |
//! |---|---|
//! | asking whom, which of several, how much | `payee.rs` |
//! | waiting for the rules; "again?"; read back, waiting for "yes, pay"; waiting for the PIN | `consent.rs` |
//! | waiting for what became of it | here |
//!
//! Whatever changes voids what was read back: another payment with another nonce is checked and read back in full. The
//! confirmation of what is paid and how much is bound to both ("dynamic linking", Commission Delegated Regulation (EU)
//! 2018/389, article 5). A payment is never kept for later: what is not confirmed in its time is gone.

use std::time::Duration;

use crate::intent::{Expected, Mend, contacts::Resolution};

use super::{
    CERTAIN, Dialogue, Effect, Event, Heard, PATIENCE, PayRefusal, Payment, Payout, Person, ReplyId, ReplyKind, State,
    TurnId,
    order::{Order, OrderKind},
    replies::Sentence,
};

/// How long the PIN is waited for: the page may be in another room.
const PIN_PATIENCE: Duration = Duration::from_secs(60);

/// A payment under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Paying {
    pub order: Order,
    pub step: Step,
    /// Silences, misunderstandings and answers that did not count.
    pub failures: u32,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Asked whom.
    Whom,
    /// Asked which of several people.
    Which(Resolution),
    /// Asked how much.
    HowMuch,
    /// Waits for the rules.
    Checking(Payment),
    /// The same was paid a short time ago: asked whether it is meant.
    Again(Payment, ReplyId),
    /// Read back; waits for "yes, pay".
    Consent(Consent),
    /// Confirmed; waits for the PIN.
    Pin(Payment),
    /// A request was confirmed; waits until it is noted.
    Requesting(Payment),
    /// Confirmed; waits for what becomes of it.
    Outcome,
}

/// A payment that was read back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Consent {
    /// Exactly what was read back.
    pub payment: Payment,
    /// The read-back.
    pub read_back: ReplyId,
    /// It was spoken to its end: before that nobody can agree to it.
    pub heard_out: bool,
    pub needs_pin: bool,
}

impl Step {
    /// Tells whether the user is expected to do something.
    pub const fn awaits_answer(&self) -> bool {
        match self {
            Self::Whom | Self::Which(_) | Self::HowMuch | Self::Again(..) | Self::Consent(_) | Self::Pin(_) => true,
            Self::Checking(_) | Self::Requesting(_) | Self::Outcome => false,
        }
    }

    /// A question that waits as long as others do; the time for a yes and for the PIN runs on whatever is heard.
    const fn waits_as_usual(&self) -> bool {
        matches!(self, Self::Whom | Self::Which(_) | Self::HowMuch | Self::Again(..))
    }
}

impl Dialogue {
    /// Starts a payment or a request. Nothing is heard as a payment that is said while Herald or something else speaks.
    pub(super) fn begin_payment(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let order = Order::new(heard);
        if let (OrderKind::Pay, Some(over)) = (order.kind, heard.over) {
            return self.refuse(over.into(), out);
        }
        if order.kind == OrderKind::Pay && self.moving {
            return self.refuse(PayRefusal::Moving, out);
        }
        if self.outstanding.is_some() {
            return self.answer(ReplyKind::Answer, &Sentence::new("pay-one-at-a-time"), out);
        }
        if heard.confidence < CERTAIN {
            return self.answer(ReplyKind::Error, &Sentence::new("not-understood"), out);
        }
        match heard.recipients.as_slice() {
            [] => self.order_further(order, out),
            [one] => self.order_for(order, one, out),
            _ => self.refuse(PayRefusal::SeveralPayees, out),
        }
    }

    /// Takes an order to its next step: a question for what is missing, the rules, or the read-back.
    pub(super) fn order_further(&mut self, order: Order, out: &mut Vec<Effect>) -> State {
        match (&order.payee, order.amount, order.kind) {
            (None, ..) => self.ask_payee(order, None, out),
            (Some(_), None, _) => self.ask_amount(order, out),
            (Some(_), Some(_), OrderKind::Pay) => self.check(order, out),
            (Some(_), Some(_), OrderKind::Request) => self.read_back_request(order, out),
        }
    }

    pub(super) fn paying(&mut self, mut paying: Paying, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => return self.heard_paying(paying, &heard, out),
            Event::TimerFired(_) => return self.lapsed(paying, out),
            Event::SpeechStarted if paying.step.waits_as_usual() => self.stop_timer(out),
            Event::HeardNothing if paying.step.waits_as_usual() => self.start_timer(self.policy.answer_timeout, out),
            Event::SpeechStarted | Event::HeardNothing => {}
            Event::Spoken(reply) => {
                if let Step::Consent(consent) = &mut paying.step {
                    consent.heard_out |= consent.read_back == reply;
                }
                self.spoken(reply, self.patience(&paying.step), out);
            }
            // A read-back that was cut stays one that nobody has heard.
            Event::Cut(reply) => self.spoken(reply, self.patience(&paying.step), out),
            Event::PaymentChecked(_, verdict) => return self.judged(paying, verdict, out),
            Event::PinGiven(_, is_right) => return self.pin_given(paying, is_right, out),
            Event::Requested(_, noted) => return self.requested(paying, noted, out),
            Event::Paid(_, payout) => {
                self.report_payout(payout, out);
                if paying.step == Step::Outcome {
                    return self.rest(out);
                }
            }
            Event::Told(told) => return self.told(State::Paying(Box::new(paying)), told, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Queued(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Paying(Box::new(paying))
    }

    const fn patience(&self, step: &Step) -> Duration {
        match step {
            Step::Consent(_) => self.policy.payment_timeout,
            Step::Pin(_) => PIN_PATIENCE,
            Step::Whom
            | Step::Which(_)
            | Step::HowMuch
            | Step::Checking(_)
            | Step::Again(..)
            | Step::Requesting(_)
            | Step::Outcome => self.policy.answer_timeout,
        }
    }

    fn heard_paying(&mut self, paying: Paying, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if paying.step.waits_as_usual() {
            self.stop_timer(out);
        }
        match paying.step {
            Step::Whom => self.payee_said(paying, heard, out),
            Step::Which(ref open) => {
                let open = open.clone();
                self.payee_chosen(paying, &open, heard, out)
            }
            Step::HowMuch => self.amount_said(paying, heard, out),
            Step::Again(ref payment, asked) => {
                let payment = payment.clone();
                self.again_said(paying, payment, asked, heard, out)
            }
            Step::Consent(ref consent) => {
                let consent = consent.clone();
                self.consent_said(paying, &consent, heard, out)
            }
            Step::Pin(_) => self.said_instead_of_pin(paying, heard, out),
            // Nothing was confirmed yet.
            Step::Checking(_) => self.begin(heard, out),
            // A matter of milliseconds, in which a confirmed request must not get lost.
            Step::Requesting(_) => State::Paying(Box::new(paying)),
            // What is confirmed goes ahead, and is told when it is known.
            Step::Outcome => self.begin(heard, out),
        }
    }

    /// Silence: a question is asked once more, everything else is over.
    fn lapsed(&mut self, mut paying: Paying, out: &mut Vec<Effect>) -> State {
        paying.failures += 1;
        match paying.step {
            Step::Whom | Step::Which(_) | Step::HowMuch if paying.failures < PATIENCE => {
                self.say_again(expected(&paying.step), out);
                State::Paying(Box::new(paying))
            }
            Step::Consent(_) if paying.order.kind == OrderKind::Pay => {
                self.answer(ReplyKind::Answer, &Sentence::new("pay-lapsed"), out)
            }
            Step::Whom | Step::Which(_) | Step::HowMuch | Step::Again(..) | Step::Consent(_) | Step::Pin(_) => {
                self.drop_order(&paying.order, out)
            }
            Step::Checking(_) | Step::Requesting(_) | Step::Outcome => State::Paying(Box::new(paying)),
        }
    }

    /// Words that do not answer a question: it is asked once more, then the payment is dropped.
    pub(super) fn misheard_paying(&mut self, mut paying: Paying, out: &mut Vec<Effect>) -> State {
        paying.failures += 1;
        if paying.failures > PATIENCE {
            return self.drop_order(&paying.order, out);
        }
        self.say_again(expected(&paying.step), out);
        State::Paying(Box::new(paying))
    }

    /// Goes on after an interruption: a question is asked again; what was read back is checked and read back anew.
    pub(super) fn take_up_payment(&mut self, paying: Paying, out: &mut Vec<Effect>) -> State {
        match paying.step {
            Step::Whom | Step::Which(_) | Step::HowMuch => {
                self.say_again(expected(&paying.step), out);
                State::Paying(Box::new(paying))
            }
            Step::Again(..) | Step::Consent(_) | Step::Pin(_) => self.order_further(paying.order, out),
            Step::Checking(_) | Step::Requesting(_) | Step::Outcome => State::Paying(Box::new(paying)),
        }
    }

    /// Ends without paying, and says so.
    pub(super) fn drop_order(&mut self, order: &Order, out: &mut Vec<Effect>) -> State {
        let sentence = match order.kind {
            OrderKind::Pay => Sentence::new("nothing-paid"),
            OrderKind::Request => Sentence::new("nothing-asked"),
        };
        self.answer(ReplyKind::Answer, &sentence, out)
    }

    /// Leaves a payment for something else, and says so: one yes is never about two of them.
    pub(super) fn instead_of(&mut self, order: &Order, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if order.kind == OrderKind::Pay {
            self.say(ReplyKind::Answer, &Sentence::new("pay-instead").with("to", order.name()), out);
        }
        self.begin(heard, out)
    }

    pub(super) fn refuse(&mut self, refusal: PayRefusal, out: &mut Vec<Effect>) -> State {
        self.answer(ReplyKind::Error, &refusal.sentence(), out)
    }

    /// Pays. Called with a "yes, pay" that is bound to its read-back, and with the PIN where one is needed.
    pub(super) fn pay(&mut self, payment: Payment, order: Order, out: &mut Vec<Effect>) -> State {
        if self.moving {
            return self.refuse(PayRefusal::Moving, out);
        }
        self.stop_timer(out);
        self.awaiting = None;
        let turn = self.next_turn();
        self.outstanding = Some(Outstanding { turn, payment: payment.clone() });
        self.last_paid = Some(payment.payee.clone());
        out.push(Effect::Pay(turn, payment));
        State::Paying(Box::new(Paying { order, step: Step::Outcome, failures: 0 }))
    }

    /// Says what became of a payment, whatever is going on.
    pub(super) fn report_payout(&mut self, payout: Payout, out: &mut Vec<Effect>) {
        let Some(Outstanding { payment, .. }) = self.outstanding.take() else { return };
        let with_both = |sentence: Sentence, amount: String| {
            sentence.with("to", payment.payee.name.as_str()).with("amount", amount)
        };
        let amount = self.amount(payment.amount);
        let sentence = match payout {
            Payout::Noted => with_both(Sentence::new("paid-noted"), amount),
            Payout::Moved => with_both(Sentence::new("paid-moved"), amount),
            Payout::HandedOver => Sentence::new("paid-handed-over"),
            Payout::Unknown => Sentence::new("paid-unknown"),
            Payout::Refused(refusal) => {
                self.last_paid = None;
                refusal.sentence()
            }
        };
        // News of what was confirmed: "repeat" goes on to mean what was asked.
        self.say(ReplyKind::Announce, &sentence, out);
    }

    /// A payment is not undone by voice.
    pub(super) fn cannot_undo(&mut self, payee: &Person, out: &mut Vec<Effect>) -> State {
        self.answer(ReplyKind::Answer, &Sentence::new("pay-no-undo").with("to", payee.name.as_str()), out)
    }
}

/// A confirmed payment of which nobody has told yet what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outstanding {
    pub turn: TurnId,
    pub payment: Payment,
}

/// What the parser is told to expect at a question.
const fn expected(step: &Step) -> Expected {
    match step {
        Step::Whom => Expected::Recipient,
        Step::Which(_) => Expected::Choice,
        Step::HowMuch => Expected::Amount,
        Step::Again(..) => Expected::YesNo,
        Step::Checking(_) | Step::Consent(_) | Step::Pin(_) | Step::Requesting(_) | Step::Outcome => Expected::Payment,
    }
}

/// "Yes, pay", where nothing waits for it.
pub(super) fn is_late_yes(heard: &Heard) -> bool {
    heard.mend == Some(Mend::Pay)
}
