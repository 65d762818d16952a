//! A provider that moves money: always a regulated party, never Herald itself.
//!
//! The engine ([`super::Payments`]) writes down what [`Wallet::prepare`] returned before it calls
//! [`Wallet::submit`]; so after a death anywhere it knows the reference under which money may have moved, and asks
//! [`Wallet::look_up`] before anything else. Calls block and need time limits of their own (seconds): the engine runs on
//! a thread of its own.

use std::fmt;

use super::{Money, Order, Refusal};
use crate::telemetry::Redacted;

/// Moves money. Each call may be repeated after a crash, in another process, with what was written down.
pub trait Wallet: fmt::Debug {
    /// Gets a payment ready without moving money (a quote). May be called again for the same order; only the last
    /// answer is submitted.
    ///
    /// # Errors
    /// [`WalletError`]; nothing was moved, whatever it is.
    fn prepare(&mut self, order: &Order, to: &WalletAddress) -> Result<Prepared, WalletError>;

    /// Moves the money. The same reference twice pays once: the second call returns what the first did.
    ///
    /// # Errors
    /// [`WalletError::NoAnswer`] where money may have moved; after the others this call moved none.
    fn submit(&mut self, prepared: &Prepared) -> Result<Settled, WalletError>;

    /// Asks what became of a reference. Never moves money.
    ///
    /// # Errors
    /// [`WalletError::Unreachable`] or [`WalletError::NoAnswer`]; it has to be asked again.
    fn look_up(&mut self, prepared: &Prepared) -> Result<Known, WalletError>;
}

/// What a wallet knows of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It was paid.
    Paid(Settled),
    /// It was not paid, but a request that is still on its way, or another `submit`, might.
    Open,
    /// It was not paid and cannot be any more (the quote expired, or the payment failed for good).
    Dead,
}

/// A payment the wallet is ready to make. All of it is written down, and all of it comes back after a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What the wallet calls it, unique for ever: whoever submits it twice pays once. Of Open Payments, the quote.
    pub reference: Redacted<String>,
    /// Whatever else the wallet needs to submit it or look it up, in a form of its own; no secrets.
    pub details: Redacted<String>,
    /// What leaves the owner's account, costs included. Where that is not the amount that was read back, the engine does
    /// not submit it.
    pub debit: Money,
}

/// A payment the wallet made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What the wallet calls it, for the owner's questions.
    pub receipt: Redacted<String>,
}

/// Where a wallet address is: an `https` URL; `$wallet.example/marion` is short for one (the payment pointers of
/// Interledger's RFC 26).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WalletAddress(Redacted<String>);

impl WalletAddress {
    /// Reads an address as a person types it; `None` where it is none. Plain `http` is allowed on this device alone,
    /// where wallets are tried out.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let url = match text.strip_prefix('$') {
            Some(rest) if rest.contains('/') => format!("https://{rest}"),
            Some(rest) => format!("https://{rest}/.well-known/pay"),
            None => text.to_owned(),
        };
        let (is_local, rest) = url.strip_prefix("https://").map(|rest| (false, rest)).or_else(|| {
            let rest = url.strip_prefix("http://")?;
            Some((true, rest))
        })?;
        let host = rest.split(['/', ':']).next().filter(|host| !host.is_empty())?;
        let is_plain = url.chars().all(|letter| letter.is_ascii_graphic()) && !url.contains(['?', '#', '@', '\\']);
        let is_allowed = !is_local || matches!(host, "127.0.0.1" | "localhost");
        (is_plain && is_allowed).then_some(Self(Redacted(url)))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0.0
    }
}

/// Why a wallet did not do what it was asked. No text of the wallet's is in it: that might hold names or addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WalletError {
    /// It was not reached at all: the request never left. Try again later.
    #[error("the wallet cannot be reached; check the network")]
    Unreachable,
    /// It was asked and did not answer, or not in a way that can be understood: nobody knows what it did. Look it up.
    #[error("the wallet did not answer; whether it paid will be looked up")]
    NoAnswer,
    /// It refuses this payment for good.
    #[error("the wallet refuses the payment: {0}")]
    Refused(Refusal),
    /// What the owner allowed once on the page is used up, or withdrawn.
    #[error("the wallet's permission is used up; give it again on the touch page")]
    GrantExhausted,
    /// Nobody has given Herald a permission at this wallet yet.
    #[error("the wallet is not connected; connect it on the touch page")]
    NotConnected,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallet_addresses_are_read_as_people_type_them() {
        for (typed, url) in [
            ("$wallet.example/marion", "https://wallet.example/marion"),
            ("$wallet.example", "https://wallet.example/.well-known/pay"),
            (" https://wallet.example/marion ", "https://wallet.example/marion"),
            ("http://127.0.0.1:4000/marion", "http://127.0.0.1:4000/marion"),
        ] {
            assert_eq!(WalletAddress::parse(typed).unwrap().as_str(), url);
        }
        for wrong in [
            "",
            "$",
            "marion",
            "https://",
            "http://wallet.example/marion",
            "http://localhost@evil.example/",
            "ftp://wallet.example/",
            "https://wallet.example/mar ion",
            "https://wallet.example/?to=other",
        ] {
            assert_eq!(WalletAddress::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn debug_tells_no_address_and_no_reference() {
        let address = WalletAddress::parse("$wallet.example/marion").unwrap();
        let reference = Redacted("quote-4711".to_owned());
        let settled = Settled { receipt: reference };
        let told = format!("{address:?} {settled:?}");
        assert!(!told.contains("marion") && !told.contains("4711"), "{told}");
    }
}
