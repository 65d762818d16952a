//! Fetches, verifies, converts and quantises models.
//!
//! The list of models is `models/manifest.toml` at the top level, compiled into the program. A model is accepted by its
//! SHA-256 only, wherever it came from. [`find`] is what the rest of Herald calls; it never touches the network.

mod convert;
mod error;
mod fetch;
mod manifest;
mod verify;
mod voices;

pub use convert::ConvertError;
pub use error::ModelError;
pub use fetch::{FetchError, Fetcher, Reporter};
pub use manifest::{Accepted, Kind, Maker, Manifest, Model};
pub use verify::{Checked, State, check};
pub use voices::{StyleVectors, VoicesError};

use std::path::{Path, PathBuf};

use crate::config::LangChoice;

/// Returns the path of a model that is present and verified. Only a file that changed since it was last checked is
/// hashed.
///
/// # Errors
/// [`ModelError::Unknown`], [`ModelError::Missing`] (hint: `herald models fetch NAME`), [`ModelError::Damaged`] or
/// [`ModelError::Io`].
pub fn find(models_dir: &Path, name: &str) -> Result<PathBuf, ModelError> {
    Manifest::embedded()?.find(models_dir, name)
}

/// Returns the recogniser for a language: the small English one, or the smallest that understands French.
pub const fn default_asr(lang: LangChoice) -> &'static str {
    match lang {
        LangChoice::En => "tiny.en-q8_0",
        LangChoice::Fr | LangChoice::Auto => "base-q8_0",
    }
}

/// The two graphs that every wake word needs, the enrolled ones too: spectrogram and embedding.
pub const WAKE_FEATURES: [&str; 2] = ["wake-mel", "wake-embedding"];

/// Returns the models Herald needs for a language. For `auto` the English recogniser is among them, so that changing to
/// English later works offline.
pub fn default_set(lang: LangChoice) -> Vec<&'static str> {
    let recognisers: &[_] = match lang {
        LangChoice::En => &["tiny.en-q8_0"],
        LangChoice::Fr => &["base-q8_0"],
        LangChoice::Auto => &["base-q8_0", "tiny.en-q8_0"],
    };
    [recognisers, &["silero", "kokoro", "kokoro-voices", "kokoro-vocab"], &WAKE_FEATURES].concat()
}
