//! Why a request was refused: a code for the page, and a sentence in the language of whoever asks.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::records::Unanswered;
use crate::config::Lang;

/// A refused request. None of its texts holds anything of what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No token, or one nobody knows.
    Unknown,
    /// The address is none of this device, or another site sent it.
    Foreign,
    /// The code is wrong or too old.
    WrongCode,
    /// Too many codes were wrong: seconds to wait.
    TooMany(u64),
    /// It is not what the contract says.
    Malformed,
    /// The setting of this name has no such value.
    Invalid(&'static str),
    /// There is nothing of this id.
    Missing,
    /// It is not possible any more.
    TooLate,
    /// The name is taken, or is none.
    Taken,
    /// The car moves: nothing is to be read.
    Moving,
    /// Too many ask at once.
    Busy,
    /// The database.
    Broken,
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Foreign | Self::WrongCode | Self::Moving => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::TooLate | Self::Taken => StatusCode::CONFLICT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Foreign => "foreign",
            Self::WrongCode => "wrong_code",
            Self::TooMany(_) => "too_many",
            Self::Malformed => "malformed",
            Self::Invalid(_) => "invalid",
            Self::Missing => "missing",
            Self::TooLate => "too_late",
            Self::Taken => "taken",
            Self::Moving => "moving",
            Self::Busy => "busy",
            Self::Broken => "broken",
        }
    }

    const fn sentence(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Unknown, Lang::En) => "This device is not paired with Herald.",
            (Self::Unknown, Lang::Fr) => "Cet appareil n'est pas associé à Herald.",
            (Self::Foreign, Lang::En) => "This request does not come from Herald's own page.",
            (Self::Foreign, Lang::Fr) => "Cette demande ne vient pas de la page d'Herald.",
            (Self::WrongCode, Lang::En) => "The code is wrong, or older than five minutes.",
            (Self::WrongCode, Lang::Fr) => "Le code est faux, ou a plus de cinq minutes.",
            (Self::TooMany(_), Lang::En) => "Too many wrong codes. Wait a minute, then ask for a new code.",
            (Self::TooMany(_), Lang::Fr) => "Trop de codes faux. Attendez une minute, puis demandez un nouveau code.",
            (Self::Malformed, Lang::En) => "Herald does not understand this request.",
            (Self::Malformed, Lang::Fr) => "Herald ne comprend pas cette demande.",
            (Self::Invalid(_), Lang::En) => "This setting has no such value.",
            (Self::Invalid(_), Lang::Fr) => "Ce réglage n'a pas cette valeur.",
            (Self::Missing, Lang::En) => "There is no such thing any more.",
            (Self::Missing, Lang::Fr) => "Cela n'existe plus.",
            (Self::TooLate, Lang::En) => "Too late: it has left, or is gone.",
            (Self::TooLate, Lang::Fr) => "Trop tard : c'est parti, ou supprimé.",
            (Self::Taken, Lang::En) => "This name is taken, or is none.",
            (Self::Taken, Lang::Fr) => "Ce nom est déjà pris, ou n'en est pas un.",
            (Self::Moving, Lang::En) => "Not while the car moves.",
            (Self::Moving, Lang::Fr) => "Pas pendant que la voiture roule.",
            (Self::Busy, Lang::En) => "Herald is busy. Try again in a moment.",
            (Self::Busy, Lang::Fr) => "Herald est occupé. Réessayez dans un instant.",
            (Self::Broken, Lang::En) => "Herald cannot use its database. `herald doctor` says more.",
            (Self::Broken, Lang::Fr) => "Herald ne peut pas utiliser sa base de données. `herald doctor` en dit plus.",
        }
    }

    /// The answer in the language that the request asks for.
    pub fn told(self, headers: &HeaderMap) -> Response {
        let mut body = json!({"error": self.code(), "message": self.sentence(lang_of(headers))});
        let mut response_headers = HeaderMap::new();
        if let Self::Invalid(field) = self {
            body["field"] = field.into();
        }
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
                tracing::error!(%error, "the companion page cannot use the database");
                Self::Broken
            }
        }
    }
}

/// French where the browser prefers it, else English.
fn lang_of(headers: &HeaderMap) -> Lang {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if wanted.to_ascii_lowercase().starts_with("fr") { Lang::Fr } else { Lang::En }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_prefers_french_is_answered_in_french() {
        let mut headers = HeaderMap::new();
        assert_eq!(lang_of(&headers), Lang::En);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("fr-CA,fr;q=0.9,en;q=0.5"));
        assert_eq!(lang_of(&headers), Lang::Fr);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de,fr;q=0.9"));
        assert_eq!(lang_of(&headers), Lang::En);
    }
}
