//! Open Payments (<https://openpayments.dev>): money moves from the owner's own wallet, at a regulated party. Built with
//! the cargo feature `open-payments`.
//!
//! ```text
//! once     page ─▶ begin_grant ─▶ consent at the wallet ─▶ finish_grant        GNAP (RFC 9635), limits in the grant
//! prepare  ask the payee's wallet for an incoming payment, one's own for a quote
//! submit   outgoing payment of that quote
//! look_up  the quote, then one's outgoing payments
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `access.rs` | what is kept: the key, the permission |
//! | `session.rs` | signed requests; a token that has expired is renewed |
//! | `grant.rs` | the permission: asked for, given, withdrawn |
//! | `payment.rs` | prepare, submit, look up |
//! | `amounts.rs` | money in the units of a wallet, and back |
//! | `failure.rs` | what a failure means |
//!
//! The owner approves a standing permission once, with a limit a month, by whatever strong authentication their wallet
//! has. The wallet enforces the limit; Herald's rules come on top. The API has no idempotency key, and needs none: a
//! quote can be paid once, so the quote is the reference of a payment, and whoever submits it twice pays once.
//!
//! `open-payments` is the SDK of the standard's authors, and the only one in Rust. It asks for reqwest's default TLS,
//! OpenSSL, which is therefore linked; connections are made by a client of our own over rustls, as everywhere in Herald.

mod access;
mod amounts;
mod failure;
mod grant;
mod payment;
mod session;

use std::{fmt, path::Path, time::Duration};

use tokio::runtime::Runtime;

use self::session::Session;
use super::{Known, Money, Order, Prepared, Settled, Wallet, WalletAddress, WalletError};
use crate::store::StoreError;

/// How long one request may take, unless somebody knows better.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// The owner's wallet. Its calls block, and cannot be made from asynchronous code.
pub struct OpenPayments {
    runtime: Runtime,
    session: Session,
}

/// Only what is no secret.
impl fmt::Debug for OpenPayments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenPayments").field("is_connected", &self.is_connected()).finish_non_exhaustive()
    }
}

/// Why a wallet was not connected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There is no wallet at the address.
    #[error("there is no wallet at this address; check it on the wallet's own page")]
    NoWallet,
    /// The wallet does not know this device's key, or does not let it ask.
    #[error("the wallet does not know this device; add its key in the wallet's settings, then try again")]
    KeyUnknown,
    /// The wallet's money cannot be counted in the currency of the limit.
    #[error("the wallet holds another currency than the limit; set the limit in the wallet's")]
    OtherCurrency,
    /// What came back from the consent page does not belong to what was asked, or was used before.
    #[error("this permission was not asked for here; start again on the touch page")]
    NotAsked,
    /// The owner, or the wallet, said no.
    #[error("the permission was not given; start again on the touch page")]
    Declined,
    /// The wallet cannot be reached, or does not answer in a way that can be understood.
    #[error("the wallet cannot be reached; check the network, then try again")]
    Unreachable,
    /// The files below `wallet/` cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenPayments {
    /// Opens the wallet of a data directory; at first a key is made. No server is asked. `timeout` is for one request
    /// ([`TIMEOUT`]).
    ///
    /// # Errors
    /// [`ConnectError::Store`] when the files below `wallet/` cannot be used.
    pub fn open(data_dir: &Path, timeout: Duration) -> Result<Self, ConnectError> {
        let failed = |source| StoreError::Io { path: "the asynchronous runtime".into(), source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        Ok(Self { runtime, session: Session::open(data_dir, timeout)? })
    }

    /// Returns the public key as a JSON Web Key: the owner adds it to their wallet's settings before
    /// [`Self::begin_grant`].
    pub fn public_key(&self) -> String {
        self.session.public_key()
    }

    /// Whether a permission was given.
    pub fn is_connected(&self) -> bool {
        self.session.access.given.is_some()
    }

    /// Asks a wallet for a permission to pay up to a limit a month for a year, counted from a time (milliseconds since
    /// 1970). Returns the address of the wallet's consent page, which leads back to `return_to` with a `hash` and an
    /// `interact_ref`. A permission that was given before holds until this one is.
    ///
    /// # Errors
    /// [`ConnectError`]; nothing was asked for.
    pub fn begin_grant(
        &mut self,
        wallet: &WalletAddress,
        monthly: Money,
        return_to: &str,
        at_ms: i64,
    ) -> Result<String, ConnectError> {
        self.runtime.block_on(self.session.begin_grant(wallet, monthly, return_to, at_ms))
    }

    /// Takes the permission that the owner has given on the consent page.
    ///
    /// # Errors
    /// [`ConnectError`]; no permission was taken, and after [`ConnectError::Unreachable`] it can be tried again.
    pub fn finish_grant(&mut self, interact_ref: &str, hash: &str) -> Result<(), ConnectError> {
        self.runtime.block_on(self.session.finish_grant(interact_ref, hash))
    }

    /// Gives the permission back to the wallet and forgets it.
    ///
    /// # Errors
    /// [`ConnectError::Unreachable`] when the wallet does not know yet; the permission is kept.
    pub fn withdraw_grant(&mut self) -> Result<(), ConnectError> {
        self.runtime.block_on(self.session.withdraw_grant())
    }
}

impl Wallet for OpenPayments {
    fn prepare(&mut self, order: &Order, to: &WalletAddress) -> Result<Prepared, WalletError> {
        self.runtime.block_on(self.session.prepare(order, to))
    }

    fn submit(&mut self, prepared: &Prepared) -> Result<Settled, WalletError> {
        self.runtime.block_on(self.session.submit(prepared))
    }

    fn look_up(&mut self, prepared: &Prepared) -> Result<Known, WalletError> {
        self.runtime.block_on(self.session.look_up(prepared))
    }
}
