//! Payments by way of a wallet: each step is on disk before the next, so that a death anywhere leaves one question that
//! the wallet can answer.
//!
//! ```text
//! order ─▶ pending ─▶ prepare ─▶ reference ─▶ submit ─▶ posted, or voided
//!          on disk               on disk                on disk
//! ```
//!
//! Without a reference on disk nothing was submitted. With one, the wallet is asked what became of it before anything
//! else; if it was not paid, the same reference is submitted again, which pays once. A payment is not submitted when it
//! is older than a quarter of an hour: the person has gone on. It is voided only when the wallet says that it cannot be
//! paid any more; until then it stays pending.

use super::{
    Known, PayError, Payment, Payments, Prepared, Refusal, Standing, WalletAddress, WalletError, book, ledger::write,
};
use crate::config::PayMethod;

/// How long after the "yes, pay" money is moved at the latest, milliseconds.
pub(super) const FRESH_MS: i64 = 15 * 60 * 1_000;

/// Whether an earlier call of `submit` may be on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Submission {
    First,
    Repeated,
}

impl Payments {
    /// Finds out what became of the payments that wait for the wallet, and finishes them; returns those that came to an
    /// end. Call it at the start and then every minute. Blocks as long as the wallet does.
    ///
    /// # Errors
    /// [`PayError::Store`]; what was not reached is reached the next time.
    pub fn reconcile(&mut self) -> Result<Vec<Payment>, PayError> {
        let rest = "WHERE state = 'pending' AND method = 'wallet' ORDER BY seq";
        let waiting = book::list(self.store.connection(), rest, [])?;
        let mut ended = Vec::new();
        for payment in waiting {
            self.advance(&payment)?;
            let now = self.payment(&payment.id)?;
            if now.standing != Standing::Pending {
                ended.push(now);
            }
        }
        Ok(ended)
    }

    /// Takes a pending payment as far as it goes.
    pub(super) fn advance(&mut self, payment: &Payment) -> Result<(), PayError> {
        debug_assert_eq!(payment.method, PayMethod::Wallet);
        match payment.prepared() {
            None => self.prepare(payment),
            Some(prepared) => self.look_up(payment, &prepared),
        }
    }

    /// Nothing was submitted yet.
    fn prepare(&mut self, payment: &Payment) -> Result<(), PayError> {
        if !self.is_fresh(payment) {
            return self.refuse(payment, Refusal::Late);
        }
        let Some(wallet) = &mut self.wallet else { return Ok(()) };
        let Some(to) = WalletAddress::parse(&payment.address.0) else {
            return self.refuse(payment, Refusal::PayeeWithoutAddress);
        };
        match wallet.prepare(&payment.order(), &to) {
            Ok(prepared) if prepared.debit != payment.money => self.refuse(payment, Refusal::CostsMore),
            Ok(prepared) => {
                self.journal(payment, &prepared)?;
                self.submit(payment, &prepared, Submission::First)
            }
            Err(error) => self.refuse(payment, refusal(error)),
        }
    }

    fn submit(&mut self, payment: &Payment, prepared: &Prepared, submission: Submission) -> Result<(), PayError> {
        let Some(wallet) = &mut self.wallet else { return Ok(()) };
        match (wallet.submit(prepared), submission) {
            (Ok(settled), _) => {
                write(&self.store, |transaction| self.post(transaction, payment, Some(&settled.receipt.0)))
            }
            // This call moved nothing, but an earlier one still may.
            (Err(_), Submission::Repeated) | (Err(WalletError::NoAnswer), Submission::First) => Ok(()),
            (Err(error), Submission::First) => self.refuse(payment, refusal(error)),
        }
    }

    /// Money may have moved: the wallet knows.
    fn look_up(&mut self, payment: &Payment, prepared: &Prepared) -> Result<(), PayError> {
        let is_fresh = self.is_fresh(payment);
        let Some(wallet) = &mut self.wallet else { return Ok(()) };
        match wallet.look_up(prepared) {
            Ok(Known::Paid(settled)) => {
                write(&self.store, |transaction| self.post(transaction, payment, Some(&settled.receipt.0)))
            }
            Ok(Known::Dead) => self.refuse(payment, Refusal::ProviderUnavailable),
            Ok(Known::Open) if is_fresh => self.submit(payment, prepared, Submission::Repeated),
            Ok(Known::Open) | Err(_) => Ok(()),
        }
    }

    fn is_fresh(&self, payment: &Payment) -> bool {
        self.now().is_surely_within(FRESH_MS, &payment.made)
    }

    fn refuse(&self, payment: &Payment, refusal: Refusal) -> Result<(), PayError> {
        write(&self.store, |transaction| self.void(transaction, payment, refusal))
    }
}

/// What a person is told when a wallet did not begin.
const fn refusal(error: WalletError) -> Refusal {
    match error {
        WalletError::Refused(refusal) => refusal,
        WalletError::GrantExhausted => Refusal::GrantExhausted,
        WalletError::Unreachable | WalletError::NoAnswer | WalletError::NotConnected => Refusal::ProviderUnavailable,
    }
}
