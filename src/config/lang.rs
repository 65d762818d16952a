//! The languages Herald understands and speaks.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language Herald understands and speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

impl Lang {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Returns the ISO 639-1 code, `en` or `fr`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Which language to listen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LangChoice {
    /// English only.
    En,
    /// French only.
    Fr,
    /// Decided per utterance.
    #[default]
    Auto,
}

impl LangChoice {
    /// Returns the name in the configuration: `en`, `fr` or `auto`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Auto => "auto",
        }
    }

    /// Returns the language if it is fixed.
    pub const fn fixed(self) -> Option<Lang> {
        match self {
            Self::En => Some(Lang::En),
            Self::Fr => Some(Lang::Fr),
            Self::Auto => None,
        }
    }
}

impl From<Lang> for LangChoice {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Fr => Self::Fr,
        }
    }
}

impl FromStr for LangChoice {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "en" => Ok(Self::En),
            "fr" => Ok(Self::Fr),
            "auto" => Ok(Self::Auto),
            other => Err(format!("unknown language {other:?}: use en, fr or auto")),
        }
    }
}
