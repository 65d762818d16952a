//! Replies to sound.
//!
//! [`Voices`] is the way in: it makes a text speakable (`read_aloud`), chooses the best installed engine for its language,
//! and falls to the next one when an engine fails. The engines render to samples behind the [`Synthesizer`]
//! trait: `kokoro` (neural, in process) and `espeak` (a child process). [`SystemVoice`] is apart: its sound goes
//! straight to the system's loudspeaker and never passes through Herald.

mod child;
mod choose;
mod clause;
mod espeak;
mod kokoro;
mod lang;
mod read_aloud;
mod system;

pub use choose::{Engine, Spoken, Voices, installed_voices, voice_lang};
pub use lang::detect_lang;
pub use read_aloud::read_aloud;
pub use system::{SystemEvent, SystemVoice};

use crate::{
    audio::{AudioError, BLOCK_SAMPLES, Block, PLAYBACK_RATE_HZ, Resampler},
    config::Lang,
};

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

    /// Returns the clip as it is played: blocks at the playback rate, the last one filled up with silence.
    ///
    /// # Errors
    /// [`AudioError::Rate`] when the clip's rate is not one of a sound card.
    pub fn blocks(&self) -> Result<Vec<Block>, AudioError> {
        let mut resampler = Resampler::file(self.rate_hz, PLAYBACK_RATE_HZ)?;
        let mut samples = Vec::new();
        resampler.push(&self.samples, &mut samples)?;
        resampler.finish(&mut samples)?;
        let block = |part: &[f32]| {
            let mut block = Block::SILENCE;
            block.0[..part.len()].copy_from_slice(part);
            block
        };
        Ok(samples.chunks(BLOCK_SAMPLES).map(block).collect())
    }

    /// Adds silence at the end.
    fn append_silence(&mut self, duration_ms: u32) {
        let samples = u64::from(self.rate_hz) * u64::from(duration_ms) / 1000;
        let length = self.samples.len() + usize::try_from(samples).unwrap_or_default();
        self.samples.resize(length, 0.0);
    }
}

/// An engine that renders text to samples.
pub trait Synthesizer: Send {
    /// Engine name, as in the configuration: `espeak`, `kokoro`.
    fn engine(&self) -> &'static str;

    /// Voice used for a language.
    fn voice(&self, lang: Lang) -> String;

    /// Renders speakable text clause by clause; `play` gets one clip a clause as soon as it is made.
    ///
    /// # Errors
    /// [`SpeechError::Engine`] when the engine fails: another engine may do.
    fn synthesize(&mut self, text: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError>;
}

/// Returns how `espeak-ng` says a text, in IPA without stress: names of one pronunciation cannot be told apart by ear.
///
/// # Errors
/// [`SpeechError::Engine`] when the program is missing or fails.
pub fn pronunciation(text: &str, lang: Lang) -> Result<String, SpeechError> {
    let voice = match lang {
        Lang::En => "en-us",
        Lang::Fr => "fr",
    };
    Ok(espeak::ipa(text, voice)?.replace(['ˈ', 'ˌ'], ""))
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
    /// No installed engine has this voice: choose one of `known`.
    #[error("no installed engine has the voice {voice:?}")]
    UnknownVoice {
        /// The voice asked for.
        voice: String,
        /// The voices there are, sorted by engine.
        known: Vec<String>,
    },
    /// There is no engine of this name.
    #[error("no voice engine is called {0:?}: use auto, kokoro, espeak or system")]
    UnknownEngine(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_of_any_rate_becomes_blocks_of_the_same_duration() {
        for rate_hz in [16_000, 22_050, 24_000] {
            let clip = Clip { rate_hz, samples: vec![0.5; rate_hz as usize * 105 / 1000] };
            let blocks = clip.blocks().unwrap();
            assert_eq!(blocks.len(), 11, "{rate_hz}");
            assert!((blocks[5].0[120] - 0.5).abs() < 0.01);
            assert_eq!(blocks[10].0[239], 0.0);
        }
        assert!(Clip::default().blocks().is_err());
    }
}
