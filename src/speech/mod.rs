//! Replies to sound, behind the [`Synthesizer`] trait.

use crate::config::Lang;

/// A piece of synthesised speech.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Clip {
    /// Samples a second.
    pub rate_hz: u32,
    /// Mono samples within -1 to 1.
    pub samples: Vec<f32>,
}

impl Clip {
    /// Returns the duration in milliseconds, rounded down.
    pub fn duration_ms(&self) -> u64 {
        if self.rate_hz == 0 { 0 } else { self.samples.len() as u64 * 1000 / u64::from(self.rate_hz) }
    }
}

/// An engine that renders text to samples.
pub trait Synthesizer: Send {
    /// Engine name, as in the configuration: `espeak`, `kokoro`.
    fn engine(&self) -> &'static str;

    /// Voice used for a language.
    fn voice(&self, lang: Lang) -> String;

    /// Renders speakable text clause by clause; `play` gets each clip as soon as it is made.
    ///
    /// # Errors
    /// [`SpeechError::Engine`] when the engine fails: another engine may do.
    fn synthesize(&mut self, text: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError>;
}

/// What can go wrong with speech.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpeechError {
    /// The engine or one of its files is not installed.
    #[error("the voice engine {engine} is missing: {reason}")]
    Missing {
        /// Engine name.
        engine: &'static str,
        /// What is missing and how to get it.
        reason: String,
    },
    /// The engine failed on this text.
    #[error("the voice engine {engine} failed: {reason}")]
    Engine {
        /// Engine name.
        engine: &'static str,
        /// What it answered, without the text.
        reason: String,
    },
}
