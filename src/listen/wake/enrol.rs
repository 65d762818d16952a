//! Takes of a phrase to an enrolled word: where the voice is, whether the take is usable, whether the takes agree.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use super::enrolled::{LONGEST_TAKE, Takes, Template, centred, nearest};
use super::features::{CHUNK_SAMPLES, Embedding, Features, HOP_SAMPLES};
use super::{HISTORY, push};
use crate::audio::RATE_HZ;
use crate::listen::ListenError;
use crate::listen::silero::{Silero, WINDOW_SAMPLES};

/// Probability from which a window holds a voice.
const VOICE: f32 = 0.5;
/// Pauses within a phrase are shorter than this: 0.4 s in windows.
const LONGEST_PAUSE: usize = 12;
/// Shortest and longest phrase.
const SHORTEST_MS: u32 = 350;
const LONGEST_MS: u32 = 2_000;
/// The first embedding of a take ends this long after the voice began, the last one after it ended: what lies in
/// between is mostly the phrase.
const EDGE_MS: u32 = 300;
/// Level, as the root of the mean power, below which a voice is not told from the microphone's own noise: -54 dBFS.
const QUIETEST: f32 = 0.002;
/// Distance from the nearest other takes from which a take is something else: takes of one voice were 0.03 to 0.42
/// apart, other speech at least 0.45.
const ODD: f32 = 0.55;

/// What is wrong with a take, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeFault {
    /// Nobody speaks in it.
    #[error("no voice was heard: speak the phrase once, close to the microphone")]
    NoVoice,
    /// The phrase is too short to be told from other speech.
    #[error("the phrase is too short: choose one of two syllables or more, and speak it whole")]
    TooShort,
    /// There is more than a phrase in it.
    #[error("the take is too long: speak the phrase alone, in less than two seconds")]
    TooLong,
    /// The voice is hardly louder than silence.
    #[error("the voice is too quiet: come closer, or turn the microphone up")]
    TooQuiet,
    /// It sounds unlike the others.
    #[error("it sounds too different from the other takes: speak the same phrase in the same way")]
    Odd,
}

/// A usable take. It holds embeddings, no audio.
#[derive(Debug, Clone)]
pub struct Take {
    template: Template,
    /// All that was heard, to look for the other takes in.
    heard: Vec<Embedding>,
    voice: Range<usize>,
}

impl Take {
    /// Where the phrase lies in the samples the take was made of.
    pub fn voice(&self) -> Range<usize> {
        self.voice.clone()
    }

    /// Tells how far the phrase of `self` is from what `other` says.
    fn distance(&self, other: &Self) -> f32 {
        let mut heard = VecDeque::with_capacity(HISTORY + 1);
        let distance = |embedding: &Embedding| {
            push(&mut heard, *embedding, HISTORY);
            self.template.distance(&heard)
        };
        other.heard.iter().map(distance).fold(f32::INFINITY, f32::min)
    }

    /// Tells how far `self` is from the nearest two of `others`.
    fn apart<'a>(&'a self, others: impl Iterator<Item = &'a Self>) -> f32 {
        let mut distances: Vec<f32> = others.map(|other| other.distance(self)).collect();
        distances.sort_by(f32::total_cmp);
        nearest(distances.into_iter())
    }
}

/// Makes takes of recordings.
pub struct Enroller {
    silero: Silero,
    features: Features,
}

impl Enroller {
    /// Loads the voice detector and the two graphs that wake words share.
    ///
    /// # Errors
    /// [`ListenError::Load`] or [`ListenError::LoadWake`] when a file cannot be used.
    pub fn load(silero: &Path, mel: &Path, embedding: &Path) -> Result<Self, ListenError> {
        let silero = Silero::load(silero)?;
        let features = Features::load(mel, embedding, &silero.pool())?;
        Ok(Self { silero, features })
    }

    /// Makes a take of mono 16 kHz samples that hold the phrase once, after at least a second of something else.
    ///
    /// # Errors
    /// [`ListenError::Detect`] when a model fails; the inner error when the take is not usable.
    pub fn take(&mut self, samples: &[f32]) -> Result<Result<Take, TakeFault>, ListenError> {
        let failed = |reason| ListenError::Detect { reason };
        let pool = self.silero.pool();
        let (voice, embeddings) = pool.run(|| Ok((self.voice(samples)?, self.embeddings(samples)?))).map_err(failed)?;
        Ok(alone(voice).and_then(|voice| take(samples, voice, &embeddings)))
    }

    /// The stretches of voice, in samples.
    fn voice(&mut self, samples: &[f32]) -> Result<Vec<Range<usize>>, String> {
        self.silero.reset();
        let mut stretches: Vec<Range<usize>> = Vec::new();
        for (at, window) in samples.as_chunks::<WINDOW_SAMPLES>().0.iter().enumerate() {
            if self.silero.probability(window)? < VOICE {
                continue;
            }
            match stretches.last_mut() {
                Some(last) if at < last.end + LONGEST_PAUSE => last.end = at + 1,
                _ => stretches.push(at..at + 1),
            }
        }
        let in_samples = |windows: Range<usize>| windows.start * WINDOW_SAMPLES..windows.end * WINDOW_SAMPLES;
        Ok(stretches.into_iter().map(in_samples).collect())
    }

    /// Every embedding with the sample at which it ends.
    fn embeddings(&mut self, samples: &[f32]) -> Result<Vec<(usize, Embedding)>, String> {
        self.features.reset();
        let mut embeddings = Vec::new();
        for (hop, chunk) in samples.windows(CHUNK_SAMPLES).step_by(HOP_SAMPLES).enumerate() {
            if let Some(embedding) = self.features.hop(chunk)? {
                embeddings.push((hop * HOP_SAMPLES + CHUNK_SAMPLES, centred(&embedding)));
            }
        }
        Ok(embeddings)
    }
}

/// Returns the longest stretch of voice, if no other is long enough for a phrase.
fn alone(stretches: Vec<Range<usize>>) -> Result<Range<usize>, TakeFault> {
    let phrases = stretches.iter().filter(|stretch| stretch.len() >= length(SHORTEST_MS)).count();
    match stretches.into_iter().max_by_key(ExactSizeIterator::len) {
        None => Err(TakeFault::NoVoice),
        Some(_) if phrases > 1 => Err(TakeFault::TooLong),
        Some(longest) => Ok(longest),
    }
}

fn take(samples: &[f32], voice: Range<usize>, embeddings: &[(usize, Embedding)]) -> Result<Take, TakeFault> {
    let voiced = samples.get(voice.clone()).unwrap_or_default();
    let power = voiced.iter().map(|sample| sample * sample).sum::<f32>() / voiced.len().max(1) as f32;
    if voice.len() < length(SHORTEST_MS) {
        return Err(TakeFault::TooShort);
    }
    if voice.len() > length(LONGEST_MS) {
        return Err(TakeFault::TooLong);
    }
    if power.sqrt() < QUIETEST {
        return Err(TakeFault::TooQuiet);
    }
    let span = voice.start + length(EDGE_MS)..=voice.end + length(EDGE_MS);
    let phrase = embeddings.iter().filter(|(end, _)| span.contains(end)).map(|(_, embedding)| *embedding);
    Ok(Take {
        template: Template::new(&phrase.take(LONGEST_TAKE).collect::<Vec<_>>()),
        heard: embeddings.iter().map(|(_, embedding)| *embedding).collect(),
        voice,
    })
}

fn length(ms: u32) -> usize {
    (ms * RATE_HZ / 1_000) as usize
}

impl Takes {
    /// Puts takes of one phrase together.
    ///
    /// # Errors
    /// [`TakeFault::Odd`] with the number of the take, from 0, that sounds unlike the others.
    pub fn new(takes: &[Take]) -> Result<Self, (usize, TakeFault)> {
        let others = |at: usize| takes.iter().enumerate().filter(move |(other, _)| *other != at).map(|(_, take)| take);
        let apart: Vec<f32> = takes.iter().enumerate().map(|(at, take)| take.apart(others(at))).collect();
        if takes.len() > 1
            && let Some((odd, _)) =
                apart.iter().enumerate().filter(|(_, far)| **far > ODD).max_by(|a, b| a.1.total_cmp(b.1))
        {
            return Err((odd, TakeFault::Odd));
        }
        let spread = if takes.len() > 1 { apart.iter().sum::<f32>() / apart.len() as f32 } else { 0.0 };
        Ok(Self { templates: takes.iter().map(|take| take.template.clone()).collect(), spread })
    }

    /// Tells whether it can be listened for: what was stored may have been damaged.
    pub fn is_sound(&self) -> bool {
        !self.templates.is_empty() && self.templates.iter().all(Template::is_sound) && self.spread.is_finite()
    }
}
