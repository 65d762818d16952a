//! Watches what is paid, from outside: nothing but what was read back to its end, after a certain "yes, pay" that was said
//! with nothing else to be heard, and never twice.
#![allow(clippy::wildcard_enum_match_arm, reason = "a watch looks at nothing but money")]

use std::collections::BTreeSet;

use super::*;
use crate::intent::{IntentName, Mend};

type Broken = Result<(), String>;

/// A payment that was read back.
#[derive(Debug)]
struct ReadBack {
    payment: Payment,
    reply: ReplyId,
    heard_out: bool,
}

/// What is known of payments by their events and effects alone.
#[derive(Debug, Default)]
pub(super) struct MoneyWatch {
    pub check: TurnId,
    pub pin: TurnId,
    pub paid: TurnId,
    pub request: TurnId,
    checked: Option<Payment>,
    read: Option<ReadBack>,
    /// What was confirmed and waits for its PIN.
    confirmed: Option<Payment>,
    noted: bool,
    done: BTreeSet<u64>,
    newest: u64,
    pub moving: bool,
}

fn ensure(is_so: bool, what: &str) -> Broken {
    if is_so { Ok(()) } else { Err(what.to_owned()) }
}

impl MoneyWatch {
    /// What is about to happen.
    pub fn before(&mut self, event: &Event) {
        match event {
            Event::Spoken(id) => {
                if let Some(read) = self.read.as_mut().filter(|read| read.reply == *id) {
                    read.heard_out = true;
                }
            }
            Event::TimerFired(_) => (self.read, self.confirmed) = (None, None),
            Event::Requested(turn, result) => self.noted = *turn == self.request && result.is_ok(),
            _ => {}
        }
    }

    /// What came of it.
    pub fn after(&mut self, event: &Event, effect: &Effect) -> Broken {
        match effect {
            Effect::CheckPayment(turn, payment) => {
                self.check = *turn;
                let is_same = self.checked.as_ref() == Some(payment);
                ensure(is_same || payment.nonce > self.newest, "a nonce for two payments")?;
                self.newest = self.newest.max(payment.nonce);
                self.checked = Some(payment.clone());
                self.read = None;
            }
            Effect::Say(reply) if reply.kind == ReplyKind::Readback => {
                self.confirmed = None;
                let payment = self.checked.clone().filter(|_| reply.text.starts_with("Pay "));
                if let Some(payment) = &payment {
                    let euros = format!(" {} euros", payment.amount.minor / 100);
                    ensure(
                        reply.text.contains(&payment.payee.name) && reply.text.contains(&euros),
                        "another payment read back",
                    )?;
                }
                self.read = payment.map(|payment| ReadBack { payment, reply: reply.id, heard_out: false });
            }
            Effect::AskPin(turn, payment) => {
                self.pin = *turn;
                let is_again = matches!(event, Event::PaymentChecked(..)) && self.confirmed.as_ref() == Some(payment);
                ensure(is_again || self.is_confirmed(event, payment), "a PIN for what was not confirmed")?;
                self.confirmed = Some(payment.clone());
            }
            Effect::Pay(turn, payment) => {
                self.paid = *turn;
                let by_pin = *event == Event::PinGiven(self.pin, true) && self.confirmed.as_ref() == Some(payment);
                ensure(by_pin || self.is_confirmed(event, payment), "paid without a yes, pay")?;
                ensure(self.done.insert(payment.nonce), "paid twice")?;
                ensure(!self.moving, "paid in a moving car")?;
                (self.read, self.confirmed) = (None, None);
            }
            Effect::RequestPayment(turn, _) => {
                self.request = *turn;
                let is_yes = |heard: &Heard| {
                    heard.intent.name == IntentName::Confirm && heard.confidence >= CERTAIN && heard.over.is_none()
                };
                ensure(matches!(event, Event::Heard(heard) if is_yes(heard)), "asked for money without a yes")?;
            }
            _ => {}
        }
        Ok(())
    }

    fn is_confirmed(&self, event: &Event, payment: &Payment) -> bool {
        let (Event::Heard(heard), Some(read)) = (event, &self.read) else { return false };
        let is_yes = heard.mend == Some(Mend::Pay) && heard.confidence >= CERTAIN && heard.over.is_none();
        is_yes && read.heard_out && heard.after >= Some(read.reply) && read.payment == *payment
    }

    /// Whether a message may go because a confirmed request was noted just now; once.
    pub fn takes_request(&mut self) -> bool {
        std::mem::take(&mut self.noted)
    }

    /// The conversation is at rest: nothing waits to be confirmed.
    pub fn rest(&mut self) {
        (self.read, self.confirmed) = (None, None);
    }
}
