//! Replies to sound.
//!
//! [`Voices`] is the way in: it makes a text speakable (`read_aloud`), chooses the best installed engine for its language,
//! and falls to the next one when an engine fails. The engines render to samples behind the [`Synthesizer`]
//! trait: `kokoro` and `piper` (neural, in process), `espeak` and `command` (child processes). [`SystemVoice`] is
//! apart: its sound goes straight to the system's loudspeaker and never passes through Herald, so that it can be neither
//! ducked nor told from the user's voice. It speaks for `herald say`; in a conversation `espeak` takes its place.
//! [`Earcon`]s are the sounds that are no words.

mod child;
mod choose;
mod clause;
mod command;
mod earcon;
mod engine;
mod english;
mod espeak;
mod kokoro;
mod lang;
mod piper;
mod read_aloud;
mod system;
mod wav;

pub use choose::Voices;
pub use earcon::Earcon;
pub use engine::{Engine, Spoken, installed_voices, voice_lang};
pub use lang::detect_lang;
pub use read_aloud::read_aloud;
pub use system::{SystemEvent, SystemVoice};

use crate::{
    audio::{AudioError, BLOCK_SAMPLES, Block, PLAYBACK_RATE_HZ, Resampler},
    config::Lang,
};

/// Below this a sample counts as silence: soft consonants and fading nasals are above it.
const SILENCE: f32 = 0.002;
/// Kept around the audible part: 40 ms.
const MARGINS_A_SECOND: usize = 25;

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

    /// Adds what a graph made, without the silence at both ends.
    fn append_trimmed(&mut self, samples: &[f32]) {
        let audible = |sample: &f32| sample.abs() > SILENCE;
        let Some(first) = samples.iter().position(audible) else { return };
        let last = samples.iter().rposition(audible).unwrap_or(first);
        let margin = self.rate_hz as usize / MARGINS_A_SECOND;
        let part = first.saturating_sub(margin)..(last + margin).min(samples.len());
        self.samples.extend(samples[part].iter().map(|sample| sample.clamp(-1.0, 1.0)));
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
    /// Engine name, as in the configuration: `espeak`, `kokoro` and so on.
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
    #[error("no voice engine is called {0:?}: use auto, kokoro, piper, espeak, system or command")]
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

    #[test]
    fn silence_at_both_ends_is_cut() {
        let mut samples = vec![0.0; 24_000];
        samples[12_000] = 2.0;
        let mut clip = Clip { rate_hz: 24_000, samples: Vec::new() };
        clip.append_trimmed(&samples);
        assert_eq!((clip.samples.len(), clip.samples[960]), (2 * 960, 1.0));
        clip.append_trimmed(&[0.0; 100]);
        assert_eq!(clip.samples.len(), 2 * 960);
    }
}
