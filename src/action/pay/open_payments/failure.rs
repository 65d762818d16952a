//! What a failure of the SDK means. Its own texts hold addresses, so none is passed on.

use open_payments::OpClientError;

use super::ConnectError;
use crate::action::pay::{Refusal, WalletError};

/// How a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// No answer, or none that can be understood: nobody knows what was done.
    Silent,
    /// The wallet said no, with this HTTP status, and did nothing.
    Status(u16),
}

impl From<Box<OpClientError>> for Failure {
    fn from(error: Box<OpClientError>) -> Self {
        let failure = match error.code {
            Some(status @ 400..=499) => Self::Status(status),
            _ => Self::Silent,
        };
        tracing::info!(status = error.code, "a wallet does not do what it is asked");
        failure
    }
}

impl Failure {
    /// Says what it means for a payment of which no money has moved.
    pub(super) const fn unpaid(self) -> WalletError {
        match self {
            Self::Silent | Self::Status(429) => WalletError::Unreachable,
            Self::Status(401 | 403) => WalletError::GrantExhausted,
            Self::Status(_) => WalletError::Refused(Refusal::ProviderUnavailable),
        }
    }

    /// Says what it means of the payee's wallet.
    pub(super) const fn of_payee(self) -> WalletError {
        match self {
            Self::Silent | Self::Status(429) => WalletError::Unreachable,
            Self::Status(_) => WalletError::Refused(Refusal::PayeeWithoutAddress),
        }
    }
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Silent | Failure::Status(429) => Self::Unreachable,
            Failure::Status(_) => Self::KeyUnknown,
        }
    }
}
