//! What can go wrong around money. No text holds a name, an address, an amount or a PIN.

use crate::store::StoreError;

/// What can go wrong around money; a payment that is not allowed is no error but a [`super::Verdict`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayError {
    /// The database cannot be used; nothing was done that is not in it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The id was used for something else: a fault of the caller. Nothing was paid.
    #[error("this payment exists with other content; nothing was paid, order it anew")]
    Conflict,
    /// There is no such payment or request.
    #[error("there is no such payment; look it up in the list of payments")]
    NoSuchPayment,
    /// It has come to its end already.
    #[error("this payment is closed; nothing was changed")]
    Closed,
    /// Nobody said "yes, pay".
    #[error("this payment was not confirmed; nothing was paid")]
    Unconfirmed,
    /// The PIN was entered for another payment.
    #[error("the PIN was entered for another payment; nothing was paid, enter it again")]
    OtherPayment,
    /// No PIN was set.
    #[error("no PIN is set; set one on the touch page")]
    NoPin,
    /// A PIN that cannot be one.
    #[error("a PIN has 4 to 12 digits and nothing else")]
    NotAPin,
    /// The PIN is wrong.
    #[error("the PIN is wrong; tries left: {left}")]
    WrongPin {
        /// How many more may be wrong before it is locked.
        left: u32,
    },
    /// Too many were wrong.
    #[error("too many wrong PINs; try again in {seconds} seconds")]
    PinLocked {
        /// How long to wait.
        seconds: u64,
    },
    /// The system has no memory or randomness for the hash.
    #[error("the PIN cannot be checked; free some memory and try again")]
    PinFailed,
    /// Not an IBAN: a digit is wrong or missing.
    #[error("this is not an IBAN; compare it digit by digit")]
    NotAnIban,
    /// Not a wallet address.
    #[error("this is not a wallet address; it begins with https:// or $")]
    NotAWalletAddress,
    /// The name on the account is missing.
    #[error("the name on the account is missing; type it as the bank writes it")]
    NoHolder,
    /// Not somebody who can be paid: no contact, or a group.
    #[error("only a person of the contact book can be paid")]
    NotAPerson,
}

impl From<rusqlite::Error> for PayError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The error of a word in the database that this program does not know.
pub(super) fn unknown_word(column: &str) -> PayError {
    StoreError::Damaged(format!("a payment has an unknown {column}")).into()
}
