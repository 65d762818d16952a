//! What a failure of the SDK means for the outbox. Its own messages may hold names, so none is passed on.

use matrix_sdk::{
    HttpError,
    ruma::api::error::{ErrorKind, RetryAfter},
};

use crate::action::{NetworkError, Reason};

/// Turns a failure into what to do about it.
pub(super) fn of(error: &matrix_sdk::Error) -> NetworkError {
    // The others are of encryption and stores: nothing has left, and later it may work.
    if let matrix_sdk::Error::Http(error) = error {
        of_http(error)
    } else {
        NetworkError::Busy { retry_after_ms: None }
    }
}

/// The same for a bare request.
pub(super) fn of_http(error: &HttpError) -> NetworkError {
    if let HttpError::Cached(error) = error {
        return of_http(error);
    }
    if let HttpError::Reqwest(error) = error
        && error.is_connect()
    {
        return NetworkError::Unreachable;
    }
    match error.as_client_api_error() {
        Some(answer) => of_answer(answer.status_code.as_u16(), answer.error_kind()),
        // Cut, timed out, or no answer of a homeserver: it may have it all the same.
        None => NetworkError::NoAnswer,
    }
}

fn of_answer(status: u16, kind: Option<&ErrorKind>) -> NetworkError {
    // A code names nobody.
    tracing::info!(status, code = kind.map(|kind| kind.errcode().to_string()), "the homeserver refuses a request");
    match (status, kind) {
        (_, Some(ErrorKind::LimitExceeded(limit))) => {
            NetworkError::Busy { retry_after_ms: limit.retry_after.as_ref().and_then(wait_ms) }
        }
        (429, _) => NetworkError::Busy { retry_after_ms: None },
        (_, Some(ErrorKind::UnknownToken(_) | ErrorKind::MissingToken | ErrorKind::UserDeactivated)) => {
            NetworkError::SignedOut
        }
        (413, _) | (_, Some(ErrorKind::TooLarge)) => NetworkError::Refused(Reason::TooLarge),
        (403, _) | (_, Some(ErrorKind::Forbidden)) => NetworkError::Refused(Reason::Forbidden),
        (404, _) => NetworkError::Refused(Reason::UnknownRecipient),
        (500.., _) => NetworkError::NoAnswer,
        _ => NetworkError::Refused(Reason::Refused),
    }
}

fn wait_ms(after: &RetryAfter) -> Option<u64> {
    match after {
        RetryAfter::Delay(wait) => u64::try_from(wait.as_millis()).ok(),
        // A server may lie about the time.
        RetryAfter::DateTime(_) => None,
    }
}
