//! Money: who owes whom, and paying by way of the owner's own bank or wallet.
//!
//! ```text
//! order ──judge──▶ verdict            rules as data: rules.rs
//! order ──pay────▶ ledger + payments  one transaction; tab: posted, that is all of it
//!                  │                  bank: QR code and link, posted when the owner says so
//!                  └─▶ Wallet         reference on disk, then money: reconcile.rs
//! ```
//!
//! | file | what |
//! |---|---|
//! | `payments.rs` | the engine: judge, pay, hand over to a bank, history |
//! | `tab.rs` | who owes whom; requests for money |
//! | `keys.rs` | what needs touch and PIN |
//! | `reconcile.rs` | payments by way of a wallet, through deaths and lost answers |
//! | `wallet.rs` | the trait of a provider that moves money |
//! | `open_payments/` | the owner's wallet, where it speaks Open Payments |
//! | `rules.rs` | which payments are allowed: pure |
//! | `pin.rs`, `payees.rs` | the second factor; who may be paid, and where |
//! | `ledger.rs`, `book.rs` | double-entry book; what its transfers are about |
//! | `trail.rs` | the audit trail: a chain of hashes, CSV |
//! | `handoff.rs` | EPC QR code and `payto:` link |
//! | `message.rs` | what the other one reads |
//!
//! **The tab is a record of debts between people who know each other, not money.** Money moves at a regulated party, the
//! bank or the wallet, never here. **A voice is not authentication**: the rules let it spend little, and only on people
//! the owner trusted by touch and PIN.
//!
//! Names, addresses, amounts, reasons and PINs are in no log, no error and no `Debug`.

mod book;
mod error;
mod handoff;
mod keys;
mod ledger;
mod message;
mod moment;
mod money;
#[cfg(feature = "open-payments")]
pub mod open_payments;
mod payees;
mod payments;
mod pin;
mod reconcile;
mod rules;
mod tab;
mod trail;
mod wallet;
mod words;

#[cfg(test)]
mod tests;

pub use book::Payment;
pub use error::PayError;
pub use handoff::Handoff;
pub use message::{outcome_message, request_link, request_message, written};
pub use money::Money;
pub use payees::Payee;
pub use payments::{Paying, Payments};
pub use pin::Approval;
pub use rules::{Circumstances, Facts, PayeeState, Provider, Rules, SecondFactor, Verdict, Why, judge, judge_request};
pub use tab::{Debt, Debtor};
pub use trail::{Chain, PayEvent, TrailLine, verify as verify_trail};
pub use wallet::{Known, Prepared, Settled, Wallet, WalletAddress, WalletError};
pub use words::{Closed, Order, PaymentId, PaymentKind, Refusal, Standing};
