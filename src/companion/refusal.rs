//! Why a request was refused: a code for the page, and a sentence in the language of whoever asks.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    action::{Unanswered, pay::PayError, web::lang_of},
    config::Lang,
};

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
    /// The PIN is wrong; so many tries are left.
    WrongPin(u32),
    /// Too many PINs were wrong: seconds to wait.
    PinLocked(u64),
    /// There is no PIN yet.
    NoPin,
    /// It cannot be a PIN.
    NotAPin,
    /// A digit of the IBAN is wrong or missing.
    NotAnIban,
    /// Not the address of a wallet.
    NotAWallet,
    /// There is an IBAN and no name for it.
    NoHolder,
    /// Only one person of the contact book can be paid.
    NotAPerson,
    /// The payment has come to its end.
    Closed,
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Foreign | Self::WrongCode | Self::WrongPin(_) | Self::Moving => StatusCode::FORBIDDEN,
            Self::TooMany(_) | Self::PinLocked(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid(_)
            | Self::NotAPin
            | Self::NotAnIban
            | Self::NotAWallet
            | Self::NoHolder
            | Self::NotAPerson => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::TooLate | Self::Taken | Self::NoPin | Self::Closed => StatusCode::CONFLICT,
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
            Self::WrongPin(_) => "wrong_pin",
            Self::PinLocked(_) => "locked",
            Self::NoPin => "no_pin",
            Self::NotAPin => "not_a_pin",
            Self::NotAnIban => "not_an_iban",
            Self::NotAWallet => "not_a_wallet",
            Self::NoHolder => "no_holder",
            Self::NotAPerson => "not_a_person",
            Self::Closed => "closed",
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
            (Self::WrongPin(_), Lang::En) => "This PIN is wrong.",
            (Self::WrongPin(_), Lang::Fr) => "Ce code PIN est faux.",
            (Self::PinLocked(_), Lang::En) => "Too many wrong PINs. The PIN is locked for a while.",
            (Self::PinLocked(_), Lang::Fr) => "Trop de codes PIN faux. Le code PIN est bloqué pour un moment.",
            (Self::NoPin, Lang::En) => "There is no PIN yet. Set one first.",
            (Self::NoPin, Lang::Fr) => "Il n'y a pas encore de code PIN. Choisissez-en un d'abord.",
            (Self::NotAPin, Lang::En) => "A PIN has 4 to 12 digits and nothing else.",
            (Self::NotAPin, Lang::Fr) => "Un code PIN a de 4 à 12 chiffres, et rien d'autre.",
            (Self::NotAnIban, Lang::En) => "This is not an IBAN. Compare it digit by digit.",
            (Self::NotAnIban, Lang::Fr) => "Ce n'est pas un IBAN. Comparez-le chiffre par chiffre.",
            (Self::NotAWallet, Lang::En) => "This is not a wallet address. It begins with https:// or $.",
            (Self::NotAWallet, Lang::Fr) => {
                "Ce n'est pas une adresse de portefeuille. Elle commence par https:// ou $."
            }
            (Self::NoHolder, Lang::En) => "The name on the account is missing. Type it as the bank writes it.",
            (Self::NoHolder, Lang::Fr) => "Il manque le nom du titulaire. Écrivez-le comme la banque.",
            (Self::NotAPerson, Lang::En) => "Only one person of the contact book can be paid.",
            (Self::NotAPerson, Lang::Fr) => "On ne peut payer qu'une personne du carnet de contacts.",
            (Self::Closed, Lang::En) => "This is closed already. Nothing was changed.",
            (Self::Closed, Lang::Fr) => "C'est déjà clos. Rien n'a été changé.",
        }
    }

    /// The answer in the language that the request asks for.
    pub fn told(self, headers: &HeaderMap) -> Response {
        let mut body = json!({"error": self.code(), "message": self.sentence(lang_of(headers))});
        let mut response_headers = HeaderMap::new();
        if let Self::Invalid(field) = self {
            body["field"] = field.into();
        }
        if let Self::WrongPin(left) = self {
            body["left"] = left.into();
        }
        if let Self::TooMany(seconds) | Self::PinLocked(seconds) = self {
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

impl From<PayError> for Refusal {
    fn from(error: PayError) -> Self {
        match error {
            PayError::Store(error) => Unanswered::Store(error).into(),
            PayError::NoSuchPayment => Self::Missing,
            PayError::Closed => Self::Closed,
            PayError::NoPin => Self::NoPin,
            PayError::NotAPin => Self::NotAPin,
            PayError::WrongPin { left } => Self::WrongPin(left),
            PayError::PinLocked { seconds } => Self::PinLocked(seconds),
            PayError::PinFailed => Self::Busy,
            PayError::NotAnIban => Self::NotAnIban,
            PayError::NotAWalletAddress => Self::NotAWallet,
            PayError::NoHolder => Self::NoHolder,
            PayError::NotAPerson => Self::NotAPerson,
            PayError::Conflict | PayError::Unconfirmed | PayError::OtherPayment => Self::Malformed,
        }
    }
}
