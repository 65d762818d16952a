//! The words of paying: an order, why it is refused, where it stands.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::Money;
use crate::{action::words::words, intent::contacts::ContactId, telemetry::Redacted};

/// Identity of one payment for ever: a UUIDv7, made with what is read back. Whatever is confirmed under it is paid once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PaymentId(String);

impl PaymentId {
    /// Makes a new id.
    #[allow(clippy::new_without_default, reason = "each is different: a default would mislead")]
    pub fn new() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    /// Reads an id, as the page sends it; `None` for a text that is none.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text.trim()).ok().map(|id| Self(id.to_string()))
    }

    /// Takes an id as the book gives it.
    pub(super) const fn from_book(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A payment exactly as it was read back and confirmed. Anything changed is another order, with an id of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its identity: the nonce of the confirmation.
    pub id: PaymentId,
    /// Who gets it.
    pub payee: ContactId,
    /// How much.
    pub money: Money,
    /// What for, in the person's words; empty = not said.
    pub reason: Redacted<String>,
}

impl Order {
    /// Makes an order under a new id.
    pub fn new(payee: ContactId, money: Money, reason: impl Into<String>) -> Self {
        Self { id: PaymentId::new(), payee, money, reason: Redacted(reason.into()) }
    }
}

words! {
    /// Why a payment is not made, after the taxonomy of Siri's `INSendPaymentIntent` (its payee and currency-amount
    /// resolution results). Each has a sentence of its own in the dialogue.
    Refusal {
        /// The payee is no contact.
        PayeeUnknown = "payee_unknown",
        /// The payee is a contact, but nobody allowed paying them by touch and PIN.
        PayeeUntrusted = "payee_untrusted",
        /// The payee has no address of the kind money is moved by here.
        PayeeWithoutAddress = "payee_without_address",
        /// The payee is a group.
        PayeeIsGroup = "payee_is_group",
        /// The amount is less than the provider moves.
        BelowMinimum = "below_minimum",
        /// The amount is more than is paid even with the PIN, or than the provider moves.
        AboveMaximum = "above_maximum",
        /// Money of this currency is not moved here.
        CurrencyUnsupported = "currency_unsupported",
        /// The provider would take more than the amount that was read back.
        CostsMore = "costs_more",
        /// There is not enough money where it comes from.
        InsufficientFunds = "insufficient_funds",
        /// What was allowed once at the wallet is used up: it has to be allowed again on the page.
        GrantExhausted = "grant_exhausted",
        /// The car moves.
        Moving = "moving",
        /// It was heard while Herald or other media spoke.
        HeardOver = "heard_over",
        /// It was not the owner who spoke.
        NotTheOwner = "not_the_owner",
        /// The "yes, pay" came too late.
        Late = "late",
        /// Too many wrong PINs.
        Locked = "locked",
        /// The provider cannot be reached, or none is set up.
        ProviderUnavailable = "provider_unavailable",
        /// Paying is switched off.
        SwitchedOff = "switched_off",
        /// The owner said on the page that it was not done.
        NotDone = "not_done",
    }
}

words! {
    /// Where a payment stands: `pending -> posted` or `voided`, the two phases of a transfer.
    Standing {
        /// It may have been made; nobody knows yet.
        Pending = "pending",
        /// It is made.
        Posted = "posted",
        /// It is not made and never will be under this id.
        Voided = "voided",
    }
}

words! {
    /// Which way money is to go.
    PaymentKind {
        /// The owner pays.
        Pay = "pay",
        /// The owner asked for money.
        Request = "request",
    }
}

words! {
    /// How a request ended.
    Closed {
        /// What was asked for was given.
        Settled = "settled",
        /// It is not wanted any more.
        Withdrawn = "withdrawn",
    }
}
