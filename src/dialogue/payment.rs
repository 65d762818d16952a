//! What a payment is to the dialogue, what the rules say of it and what became of it. Refusals are typed after the
//! taxonomy of Apple's `INSendPaymentIntent`, which tells the payee's from the amount's. Nothing here shows a name, an
//! amount or a reason when it is printed.

use std::fmt;

use crate::intent::Amount;

use super::{Over, Person, replies::Sentence};

/// A payment exactly as it is read back; whatever changes makes another, with another nonce.
#[derive(Clone, PartialEq, Eq)]
pub struct Payment {
    /// Who gets the money, or who is asked for it; never a group.
    pub payee: Person,
    /// How much; its currency is always there.
    pub amount: Amount,
    /// What for, as it was said.
    pub reason: Option<String>,
    /// Tells it from every other payment of this dialogue, also from one with the same content.
    pub nonce: u64,
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment").field("nonce", &self.nonce).finish_non_exhaustive()
    }
}

/// What the rules say of a payment before it is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be made once it is confirmed.
    Allowed,
    /// The same was paid a short time ago: the user must say that it is meant. A payment with the same nonce is checked
    /// again after that.
    AskAgain,
    /// It may be made once it is confirmed and the PIN was entered on the page.
    NeedsPin,
    /// It is not made.
    Refused(PayRefusal),
}

/// What became of a confirmed payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payout {
    /// The household's tab has it.
    Noted,
    /// The page shows the code for the app of the user's bank.
    HandedOver,
    /// The money has moved.
    Moved,
    /// Nobody knows yet; it is looked up until somebody does, and never paid again.
    Unknown,
    /// It was not made.
    Refused(PayRefusal),
}

/// Why a payment is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayRefusal {
    /// Nobody in the contact book is meant.
    PayeeUnknown,
    /// The owner has not entered them on the page as somebody who may be paid.
    PayeeUntrusted,
    /// They have no address to pay to.
    PayeeWithoutAddress,
    /// Several people at once.
    SeveralPayees,
    /// A group.
    Group,
    /// No exact amount.
    AmountUnclear,
    /// Less than can be paid.
    BelowMinimum,
    /// More than may be paid.
    AboveMaximum,
    /// Not in this currency.
    Currency,
    /// The car moves.
    Moving,
    /// It was heard while Herald spoke.
    HeardOverHerald,
    /// It was heard while something else was played.
    HeardOverMedia,
    /// Too many wrong PINs.
    PinLocked,
    /// There is not enough money where it comes from.
    InsufficientFunds,
    /// What was allowed at the wallet is used up.
    GrantExhausted,
    /// Somebody else than the owner speaks.
    NotTheOwner,
    /// The yes came too late, or the owner said that it was not done.
    Late,
    /// What moves the money cannot be reached.
    ProviderUnavailable,
    /// It could not be written down.
    NotSaved,
    /// The owner wants no payments.
    SwitchedOff,
}

impl PayRefusal {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::PayeeUnknown,
        Self::PayeeUntrusted,
        Self::PayeeWithoutAddress,
        Self::SeveralPayees,
        Self::Group,
        Self::AmountUnclear,
        Self::BelowMinimum,
        Self::AboveMaximum,
        Self::Currency,
        Self::Moving,
        Self::HeardOverHerald,
        Self::HeardOverMedia,
        Self::PinLocked,
        Self::InsufficientFunds,
        Self::GrantExhausted,
        Self::NotTheOwner,
        Self::Late,
        Self::ProviderUnavailable,
        Self::NotSaved,
        Self::SwitchedOff,
    ];

    /// What is said.
    pub(super) const fn sentence(self) -> Sentence {
        match self {
            Self::PayeeUnknown => Sentence::new("refused-unknown"),
            Self::PayeeUntrusted => Sentence::new("refused-untrusted"),
            Self::PayeeWithoutAddress => Sentence::new("refused-no-address"),
            Self::SeveralPayees => Sentence::new("refused-several"),
            Self::Group => Sentence::new("refused-group"),
            Self::AmountUnclear => Sentence::new("refused-unclear"),
            Self::BelowMinimum => Sentence::new("refused-minimum"),
            Self::AboveMaximum => Sentence::new("refused-maximum"),
            Self::Currency => Sentence::new("refused-currency"),
            Self::Moving => Sentence::new("refused-moving"),
            Self::HeardOverHerald => Sentence::new("refused-over-herald"),
            Self::HeardOverMedia => Sentence::new("refused-over-media"),
            Self::PinLocked => Sentence::new("refused-locked"),
            Self::InsufficientFunds => Sentence::new("refused-funds"),
            Self::GrantExhausted => Sentence::new("refused-grant"),
            Self::NotTheOwner => Sentence::new("refused-owner"),
            Self::Late => Sentence::new("refused-late"),
            Self::ProviderUnavailable => Sentence::new("refused-provider"),
            Self::NotSaved => Sentence::new("refused-not-saved"),
            Self::SwitchedOff => Sentence::new("refused-off"),
        }
    }
}

impl From<Over> for PayRefusal {
    fn from(over: Over) -> Self {
        match over {
            Over::Herald => Self::HeardOverHerald,
            Over::Media => Self::HeardOverMedia,
        }
    }
}

/// One of the two sides of a debt or a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The user.
    User,
    /// The other person.
    Other,
}

/// A debt of the household's tab.
#[derive(Clone, PartialEq, Eq)]
pub struct Debt {
    /// Who owes.
    pub debtor: Side,
    /// The other person.
    pub other: Person,
    /// How much.
    pub amount: Amount,
}

impl fmt::Debug for Debt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Debt").field("debtor", &self.debtor).finish_non_exhaustive()
    }
}

/// A payment that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct LastPaid {
    /// Who paid.
    pub payer: Side,
    /// The other person.
    pub other: Person,
    /// How much.
    pub amount: Amount,
    /// What for.
    pub reason: Option<String>,
}

impl fmt::Debug for LastPaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastPaid").field("payer", &self.payer).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::Currency;

    #[test]
    fn nothing_that_is_printed_shows_a_name_an_amount_or_a_reason() {
        let person = || Person { id: 1, name: "Zebulon".to_owned(), members: None };
        let amount = Amount { minor: 4_519, currency: Some(Currency::Chf) };
        let reason = || Some("secret".to_owned());
        let payment = Payment { payee: person(), amount, reason: reason(), nonce: 7 };
        let debt = Debt { debtor: Side::User, other: person(), amount };
        let paid = LastPaid { payer: Side::Other, other: person(), amount, reason: reason() };
        let printed = format!("{payment:?} {debt:?} {paid:?}");
        for private in ["Zebulon", "45", "Chf", "secret"] {
            assert!(!printed.contains(private), "{printed}");
        }
    }
}
