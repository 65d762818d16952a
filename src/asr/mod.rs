//! An utterance to its transcript, behind the [`Recognizer`] trait.
//!
//! [`Whisper`] is the recogniser of this project. Audio of any length goes through [`LongForm`], which drops what
//! holds no speech and cuts the rest at pauses. [`normalise()`] and [`word_errors`] judge transcripts.

mod beam;
mod decode;
mod language;
mod long_form;
mod normalise;
mod plausible;
mod stock;
mod text;
mod whisper;

pub use long_form::{LONGEST_PIECE_MS, LongForm, Speech, SpeechFinder};
pub use normalise::{WordErrors, normalise, word_errors};
pub use plausible::{Voice, is_plausible};
pub use stock::Stock;
pub use whisper::{Effort, Whisper};

use crate::config::{Lang, LangChoice};

/// The final text of an utterance.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    /// The words, cleaned; empty when nothing was said.
    pub text: String,
    /// Language of the words.
    pub lang: Lang,
    /// Mean probability of the tokens, 0 to 1; 0 for an empty text.
    pub confidence: f32,
    /// Probability that there was no speech, 0 to 1.
    pub no_speech: f32,
    /// Wall-clock time of the decode, milliseconds.
    pub decode_ms: u64,
}

/// Turns audio into text.
pub trait Recognizer: Send {
    /// Transcribes mono 16 kHz samples of any length.
    ///
    /// `prior` is the language of the last turn, weak evidence when `lang` is `Auto`.
    ///
    /// # Errors
    /// [`AsrError::Decode`] when the engine fails; the recogniser stays usable.
    fn transcribe(&mut self, samples: &[f32], lang: LangChoice, prior: Option<Lang>) -> Result<Transcript, AsrError>;
}

/// What can go wrong in recognition.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AsrError {
    /// The model cannot be loaded: fetch it again.
    #[error("the speech model {name} cannot be loaded: {reason}")]
    Load {
        /// Name in the manifest.
        name: String,
        /// Why.
        reason: String,
    },
    /// One decode failed: the next may succeed.
    #[error("decoding failed: {0}")]
    Decode(String),
}
