//! Where speech begins and ends: frames in, [`ListenEvent`]s out. No clock but the count of frames.
//!
//! ```text
//! frames ─▶ windows of 32 ms ─▶ gate (WebRTC) ─▶ Silero ─┬─▶ endpointing ─▶ utterances
//!                                                         └─▶ wake words
//! ```
//!
//! The same audio gives the same utterances, to the sample, however fast it comes.

mod detector;
mod endpoint;
mod hangover;
mod seam;
mod silero;
mod vad;
mod voicing;
mod wake;

pub use wake::{
    EnrolledWord, Enroller, Take, TakeFault, Takes, WakeModel, WakeWord, WakeWords, enrolled_words,
    forget_enrolled_word, save_enrolled_word, word_name,
};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::audio::{Frame, RATE_HZ};
use crate::config;

use detector::{Attention, Detector};
use endpoint::Endpointer;
pub use hangover::Completeness;
use silero::{Silero, WINDOW_SAMPLES};
use voicing::Voicing;

/// What the dialogue expects to hear; decides the hangover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Expect {
    /// Yes, no, or another very short answer.
    YesNo,
    /// A command or a name.
    #[default]
    Command,
    /// The words of a message.
    Dictation,
}

/// The audio of one utterance: preroll, speech, and the pause that a decode starts on. Of a long dictation, the piece
/// that is not settled.
#[derive(Debug, Clone, PartialEq)]
pub struct Utterance {
    /// Counts up from 1; a later pause of the same utterance keeps the number.
    pub id: u64,
    /// How many pieces of the utterance are settled and lie before these samples; 0 for all but long dictations.
    pub piece: u32,
    /// Mono 16 kHz samples.
    pub samples: Arc<[f32]>,
    /// Audio clock at the first sample of speech (after the preroll) of the whole utterance, milliseconds.
    pub voice_start_ms: u64,
    /// Audio clock at the end of the voice, milliseconds: that of the last window that surely holds one.
    pub voice_end_ms: u64,
    /// How much of that is a voice beyond doubt, milliseconds.
    pub clear_ms: u64,
}

/// What the listener noticed in the frame just pushed.
#[derive(Debug, Clone, PartialEq)]
pub enum ListenEvent {
    /// A wake word was said.
    Wake {
        /// Which.
        word: String,
        /// How well it matched, 0 to 1.
        score: f32,
        /// Audio clock at the end of the word, milliseconds.
        t_ms: u64,
    },
    /// Speech has begun.
    SpeechStart {
        /// Audio clock at the first voiced frame, milliseconds.
        voice_start_ms: u64,
    },
    /// The voice paused for `pause_ms`: the utterance may be over, and decoding it may start.
    Pause(Utterance),
    /// The silence after a pause has lasted as long as the shortest hangover of what is expected: from now on it
    /// matters how complete the words of the utterance with this number are ([`Listener::complete`]).
    Due(u64),
    /// The voice went on after a [`ListenEvent::Pause`]: that utterance was not over.
    Resume,
    /// A long dictation goes on, but this piece of it will not change any more: the next [`ListenEvent::Pause`] holds
    /// what comes after it, but for silence. Where the voice paused before, it is the same, to the sample, as that of
    /// the pause.
    Settled(Utterance),
    /// The hangover is over. The utterance is the same, to the sample, as that of the last pause.
    SpeechEnd(Utterance),
}

impl ListenEvent {
    /// The utterance that is over, if that is what happened.
    pub fn over(self) -> Option<Utterance> {
        match self {
            Self::SpeechEnd(utterance) => Some(utterance),
            Self::Wake { .. }
            | Self::SpeechStart { .. }
            | Self::Pause(_)
            | Self::Due(_)
            | Self::Resume
            | Self::Settled(_) => None,
        }
    }
}

/// What can go wrong with listening.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The voice detector's model is missing or damaged: fetch it again.
    #[error("the voice detector {} cannot be loaded: {reason}", path.display())]
    Load {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A graph of the wake words is missing or is none: fetch it again, or name another file.
    #[error("the wake word model {} cannot be loaded: {reason}", path.display())]
    LoadWake {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The detector's thread cannot be started: the machine is out of threads or memory.
    #[error("the voice detector cannot be started: {source}")]
    Thread {
        /// Why.
        source: std::io::Error,
    },
    /// The detector failed while it ran: Herald hears nothing until the listener is made anew.
    #[error("the voice detector failed: {reason}")]
    Detect {
        /// Why.
        reason: String,
    },
}

/// Returns, for each whole window of 32 ms of mono 16 kHz samples, the probability that it holds a voice: the detector
/// alone, without gate or endpointing. The yardstick of benches.
///
/// # Errors
/// [`ListenError`] when the model in the file `silero` cannot be used.
pub fn voice_probabilities(silero: &Path, samples: &[f32]) -> Result<Vec<f32>, ListenError> {
    let mut silero = Silero::load(silero)?;
    samples
        .as_chunks()
        .0
        .iter()
        .map(|window| silero.probability(window).map_err(|reason| ListenError::Detect { reason }))
        .collect()
}

/// Finds the utterances of mono 16 kHz samples whose voice probabilities are known, window by window: the endpointing
/// alone, in no time. `judge` says how complete an utterance is, as [`Listener::complete`] would be told; without it
/// the configured hangovers apply. Returns each event with the samples that had been heard when it was known.
pub fn rehearse(
    config: &config::Listen,
    expect: Expect,
    samples: &[f32],
    probabilities: &[f32],
    mut judge: Option<&mut dyn FnMut(&Utterance) -> Completeness>,
) -> Vec<(usize, ListenEvent)> {
    let mut endpointer = Endpointer::new(config);
    endpointer.expect(expect);
    if judge.is_some() {
        endpointer.will_be_judged();
    }
    let (mut found, mut paused) = (Vec::new(), None);
    for (number, (window, probability)) in samples.chunks_exact(WINDOW_SAMPLES).zip(probabilities).enumerate() {
        let mut events = Vec::new();
        endpointer.hear(window);
        endpointer.judge(*probability, &mut events);
        let due = events.iter().any(|event| matches!(event, ListenEvent::Due(_)));
        if let Some(ListenEvent::Pause(utterance)) =
            events.iter().rev().find(|event| matches!(event, ListenEvent::Pause(_)))
        {
            paused = Some(utterance.clone());
        }
        if let (true, Some(utterance), Some(judge)) = (due, &paused, &mut judge) {
            endpointer.complete(utterance.id, judge(utterance), &mut events);
        }
        found.extend(events.into_iter().map(|event| ((number + 1) * WINDOW_SAMPLES, event)));
    }
    found
}

/// Samples that one probability of [`voice_probabilities`] is about: 32 ms.
pub const VOICE_WINDOW_SAMPLES: usize = WINDOW_SAMPLES;

/// Finds utterances in a stream of frames.
pub struct Listener {
    detector: Detector,
    endpointer: Endpointer,
    voicing: Voicing,
    window: Vec<f32>,
    /// The gate is off: every window is judged at once.
    attentive: bool,
    /// Verdicts that became known with the last frame.
    probabilities: Vec<f32>,
}

impl Listener {
    /// Makes a listener with the Silero model in the file `silero`.
    ///
    /// # Errors
    /// [`ListenError::Load`] when the model cannot be used, [`ListenError::Thread`] when the machine is out of
    /// threads.
    pub fn new(config: &config::Listen, silero: &Path) -> Result<Self, ListenError> {
        Ok(Self {
            detector: Detector::start(silero)?,
            endpointer: Endpointer::new(config),
            voicing: Voicing::default(),
            window: Vec::with_capacity(WINDOW_SAMPLES),
            attentive: false,
            probabilities: Vec::new(),
        })
    }

    /// Listens for these wake words from now on, in place of those before.
    ///
    /// # Errors
    /// [`ListenError::LoadWake`] when a file cannot be used.
    pub fn watch(&mut self, config: &config::Listen, words: &WakeWords) -> Result<(), ListenError> {
        self.detector.watch(config, words)
    }

    /// Says what is expected to be heard, from now on: decides the hangover.
    pub fn expect(&mut self, expect: Expect) {
        self.endpointer.expect(expect);
    }

    /// Promises to answer every [`ListenEvent::Due`] by [`Listener::complete`]: an utterance is not over before that,
    /// for a second and a half beyond its hangover at most. Without the promise the configured hangovers apply.
    #[must_use]
    pub fn judged(mut self) -> Self {
        self.endpointer.will_be_judged();
        self
    }

    /// Says how probable it is that the utterance with this number is complete. May be said as soon as it is known,
    /// and applies until the voice goes on.
    pub fn complete(&mut self, id: u64, completeness: Completeness) -> Vec<ListenEvent> {
        let mut events = Vec::new();
        self.endpointer.complete(id, completeness, &mut events);
        events.iter_mut().for_each(|event| self.voicing.note(event));
        events
    }

    /// Hears one frame and returns what became known with it.
    ///
    /// Verdicts come in windows of 32 ms, so most frames bring nothing.
    pub fn push(&mut self, frame: &Frame) -> Vec<ListenEvent> {
        self.push_samples(&frame.0)
    }

    /// Asks for a verdict on every window as soon as it is whole, without the gate that saves work; or ends that.
    pub const fn attend(&mut self, attentive: bool) {
        self.attentive = attentive;
    }

    /// The probabilities of a voice that became known with the last frame, one a window of 32 ms.
    pub fn probabilities(&self) -> &[f32] {
        &self.probabilities
    }

    /// Milliseconds of audio heard since the listener was made.
    pub fn clock_ms(&self) -> u64 {
        self.endpointer.clock() * 1_000 / u64::from(RATE_HZ)
    }

    /// Forgets an utterance in progress and what led up to it; the clock goes on.
    pub fn reset(&mut self) {
        self.window.clear();
        self.endpointer.reset();
        self.voicing.reset(self.clock_ms());
        self.detector.reset();
    }

    /// Why nothing is heard any more, when the detector has failed.
    pub fn fault(&self) -> Option<&ListenError> {
        self.detector.fault()
    }

    fn push_samples(&mut self, mut samples: &[f32]) -> Vec<ListenEvent> {
        let mut events = Vec::new();
        self.probabilities.clear();
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(WINDOW_SAMPLES - self.window.len()));
            samples = later;
            self.endpointer.hear(now);
            self.window.extend_from_slice(now);
            let Ok(window) = Box::try_from(self.window.as_slice().to_vec()) else { continue };
            self.window.clear();
            let attentive = self.attentive || self.endpointer.is_in_speech();
            let attention = if attentive { Attention::Speech } else { Attention::Idle };
            let heard = self.detector.hear(window, attention);
            // First, so that a word is known before the utterance it begins is over.
            events.extend(heard.woken.into_iter().map(|woken| ListenEvent::Wake {
                t_ms: self.clock_ms().saturating_sub(woken.ago as u64 * 1_000 / u64::from(RATE_HZ)),
                word: woken.word,
                score: woken.score,
            }));
            for probability in heard.probabilities {
                self.probabilities.push(probability);
                self.voicing.judge(probability);
                self.endpointer.judge(probability, &mut events);
            }
        }
        events.iter_mut().for_each(|event| self.voicing.note(event));
        events
    }
}

#[cfg(test)]
mod tests;
