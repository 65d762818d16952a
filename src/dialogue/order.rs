//! A payment in the making: what was said of it so far. Nothing in it was checked or confirmed.

use crate::intent::{Amount, IntentName, Slot};

use super::{Heard, Payment, Person, draft::content, money::USUAL};

/// What is to be done with the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderKind {
    /// It goes to them.
    Pay,
    /// They are asked for it, with a message.
    Request,
}

/// Somebody, and the name that tells them from everybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payee {
    pub person: Person,
    pub spoken: String,
}

/// What an utterance says of the amount.
enum Sum {
    /// Nothing.
    Unsaid,
    /// Something that is no exact amount.
    Unclear,
    Exactly(Amount),
}

/// A payment in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub kind: OrderKind,
    pub payee: Option<Payee>,
    pub amount: Option<Amount>,
    /// An amount was said that is no exact one.
    pub unclear: bool,
    pub reason: Option<String>,
    /// Questions asked for it.
    pub questions: u32,
    /// How often the payee was not found.
    pub misheard: u32,
    /// How often the user spoke before the read-back was over.
    pub unheard: u32,
    /// The user said that the same is meant once more.
    pub again: bool,
}

impl Order {
    /// Starts an order from what was said.
    pub fn new(heard: &Heard) -> Self {
        let is_request = heard.intent.name == IntentName::RequestPayment;
        let kind = if is_request { OrderKind::Request } else { OrderKind::Pay };
        let mut order = Self {
            kind,
            payee: None,
            amount: None,
            unclear: false,
            reason: content(&heard.intent),
            questions: 0,
            misheard: 0,
            unheard: 0,
            again: false,
        };
        order.take(heard);
        order
    }

    /// Takes the amount of an utterance, if it says any; "thirty" is of the currency that was said before.
    pub fn take(&mut self, heard: &Heard) {
        let currency = self.amount.and_then(|amount| amount.currency).or(Some(USUAL));
        match sum(heard) {
            Sum::Unsaid => {}
            Sum::Unclear => (self.amount, self.unclear) = (None, true),
            Sum::Exactly(amount) => {
                self.amount = Some(Amount { currency: amount.currency.or(currency), ..amount });
                self.unclear = false;
            }
        }
    }

    /// The payment, once nothing is missing.
    pub fn payment(&self, nonce: u64) -> Option<Payment> {
        let (payee, amount) = (self.payee.as_ref()?.person.clone(), self.amount?);
        Some(Payment { payee, amount, reason: self.reason.clone(), nonce })
    }

    /// What the payee is called.
    pub fn name(&self) -> String {
        self.payee.as_ref().map(|payee| payee.spoken.clone()).unwrap_or_default()
    }
}

/// Reads the amount of an utterance. Two amounts are none.
fn sum(heard: &Heard) -> Sum {
    let said = heard.intent.slots.get(&Slot::Amount).map(Vec::as_slice).unwrap_or_default();
    match said {
        [] => Sum::Unsaid,
        [only] => Amount::read(only, heard.intent.lang).map_or(Sum::Unclear, Sum::Exactly),
        _ => Sum::Unclear,
    }
}
