//! An utterance to its transcript, behind the [`Recognizer`] trait.
//!
//! [`Whisper`] is the recogniser of this project. Where a name is in doubt it can hear an utterance again and weigh what it
//! may begin with (`weigh.rs`). Audio of any length goes through [`LongForm`], which drops what
//! holds no speech and cuts the rest at pauses. [`normalise()`] and [`word_errors`] judge transcripts.

mod beam;
mod decode;
mod join;
mod language;
mod long_form;
mod normalise;
mod plausible;
mod spelling;
mod stock;
mod text;
mod weigh;
mod whisper;

pub use join::join;
pub use long_form::{LONGEST_PIECE_MS, LongForm, Speech, SpeechFinder};
pub use normalise::{WordErrors, normalise, word_errors};
pub use plausible::{Voice, is_plausible};
pub use stock::Stock;
pub use weigh::{Weighed, Wordings};
pub use whisper::{Effort, Whisper};

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

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
    /// Probability, after the last word, of a mark that says that the sentence goes on (comma, dash, ellipsis), 0 to 1:
    /// what the recogniser heard in the voice, whatever it wrote.
    pub goes_on: f32,
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

    /// As [`Recognizer::transcribe`], but gives up as soon as it can once `abort` is true.
    ///
    /// # Errors
    /// [`AsrError::Aborted`] when it gave up, else those of [`Recognizer::transcribe`].
    fn transcribe_unless(
        &mut self,
        samples: &[f32],
        lang: LangChoice,
        prior: Option<Lang>,
        abort: &Abort,
    ) -> Result<Transcript, AsrError> {
        if abort.is_set() { Err(AsrError::Aborted) } else { self.transcribe(samples, lang, prior) }
    }

    /// Hears again what an utterance begins with; `None` where it cannot.
    ///
    /// # Errors
    /// [`AsrError::Decode`] when the engine fails; the recogniser stays usable.
    fn weigh(&mut self, _samples: &[f32], _lang: Lang, _wordings: &Wordings) -> Result<Option<Weighed>, AsrError> {
        Ok(None)
    }
}

/// Says that a decode is not wanted any more; copies are one flag.
#[derive(Debug, Clone, Default)]
pub struct Abort(Arc<AtomicBool>);

impl Abort {
    /// Ends the decode that was begun with this flag, or that will be.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the decode is not wanted any more.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
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
    /// The decode was not wanted any more.
    #[error("the decode was given up")]
    Aborted,
    /// One decode failed: the next may succeed.
    #[error("decoding failed: {0}")]
    Decode(String),
}
