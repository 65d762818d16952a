//! Why a visitor's request was refused: a code for the window, and a sentence in the language of whoever asks.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    action::{Unanswered, web},
    config::Lang,
};

/// A refused request. None of its texts holds anything of what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No token, one that was not made here, or of a visit that was deleted.
    Unknown,
    /// The page or the name is none of the shop's.
    Foreign,
    /// It is not what the contract says.
    Malformed,
    /// The message is too long.
    TooLong,
    /// Too often: seconds to wait.
    TooMany(u64),
    /// There is no such thing.
    Missing,
    /// Too many are here at once.
    Busy,
    /// The database.
    Broken,
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Foreign => "foreign",
            Self::Malformed => "malformed",
            Self::TooLong => "too_long",
            Self::TooMany(_) => "too_many",
            Self::Missing => "missing",
            Self::Busy => "busy",
            Self::Broken => "broken",
        }
    }

    const fn sentence(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Unknown, Lang::En) => "This visit is over. Open the chat again.",
            (Self::Unknown, Lang::Fr) => "Cette visite est terminée. Rouvrez la discussion.",
            (Self::Foreign, Lang::En) => "This page may not use this chat.",
            (Self::Foreign, Lang::Fr) => "Cette page ne peut pas utiliser cette discussion.",
            (Self::Malformed, Lang::En) => "The chat does not understand this request.",
            (Self::Malformed, Lang::Fr) => "La discussion ne comprend pas cette demande.",
            (Self::TooLong, Lang::En) => "The message is too long.",
            (Self::TooLong, Lang::Fr) => "Le message est trop long.",
            (Self::TooMany(_), Lang::En) => "Too many at once. Wait a moment.",
            (Self::TooMany(_), Lang::Fr) => "Trop à la fois. Attendez un instant.",
            (Self::Missing, Lang::En) => "There is no such thing.",
            (Self::Missing, Lang::Fr) => "Cela n'existe pas.",
            (Self::Busy, Lang::En) => "The chat is busy. Try again in a moment.",
            (Self::Busy, Lang::Fr) => "La discussion est occupée. Réessayez dans un instant.",
            (Self::Broken, Lang::En) => "The chat does not work at the moment.",
            (Self::Broken, Lang::Fr) => "La discussion ne fonctionne pas en ce moment.",
        }
    }

    /// The answer in the language that the request asks for.
    pub fn told(self, headers: &HeaderMap) -> Response {
        let mut body = json!({"error": self.code(), "message": self.sentence(web::lang_of(headers))});
        let mut response_headers = HeaderMap::new();
        if let Self::TooMany(seconds) = self {
            body["retry_after_s"] = seconds.into();
            response_headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        (self.status(), response_headers, Json(body)).into_response()
    }
}

impl From<Unanswered> for Refusal {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Busy => Self::Busy,
            Unanswered::Store(error) => {
                tracing::error!(%error, "the chat cannot use the database");
                Self::Broken
            }
        }
    }
}
