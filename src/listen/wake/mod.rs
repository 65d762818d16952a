//! Wake words: which of them was said, and when. Runs on the listener's thread, only while somebody may be speaking.
//!
//! | file | what it does |
//! |---|---|
//! | `features.rs` | audio to embeddings, shared by all words |
//! | `keyword.rs` | a trained head: embeddings to a score |
//! | `enrolled.rs` | the user's own takes: embeddings to a score |
//! | `enrol.rs` | takes to an enrolled word |
//! | `saved.rs` | enrolled words in the database |
//! | `graph.rs` | one ONNX graph |
//!
//! The last seconds of audio are kept while nobody speaks. When a voice begins, the features are made from them, so
//! that no score is about anything but real audio; until a word's whole window is real it has none. A word is said
//! when two of three scores in a row are above the threshold, and not again within the refractory.

mod enrol;
mod enrolled;
mod features;
mod graph;
mod keyword;
mod saved;

pub use enrol::{Enroller, Take, TakeFault};
pub use enrolled::Takes;
pub use saved::{EnrolledWord, enrolled_words, forget_enrolled_word, save_enrolled_word, word_name};

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use rten::ThreadPool;

use super::ListenError;
use crate::audio::RATE_HZ;
use crate::config;
use features::{CHUNK_SAMPLES, Embedding, Features, HOP_SAMPLES, HOPS_BEFORE};
use keyword::Keyword;

/// Embeddings that are kept: 5 s, twice the longest word.
const HISTORY: usize = 2 * enrolled::LONGEST_TAKE;
/// Hops that are made again when a voice begins: the 2 s that a head looks at, and half a second before it was noticed.
const KEPT_HOPS: usize = HOPS_BEFORE + 16 + 6;
const KEPT_SAMPLES: usize = KEPT_HOPS * HOP_SAMPLES + (CHUNK_SAMPLES - HOP_SAMPLES);
/// Most hops made with one window of 32 ms, so that catching up never holds up the audio: five times the speed of time.
const HOPS_AT_ONCE: usize = 2;
/// Scores of which two must be above the threshold.
const VOTES: usize = 3;

/// Which wake words to listen for.
#[derive(Debug, Clone, PartialEq)]
pub struct WakeWords {
    /// File of the melspectrogram graph.
    pub mel: PathBuf,
    /// File of the embedding graph.
    pub embedding: PathBuf,
    /// The words.
    pub words: Vec<WakeWord>,
}

/// One wake word.
#[derive(Debug, Clone, PartialEq)]
pub struct WakeWord {
    /// Its name, as events give it.
    pub name: String,
    /// What it is recognised by.
    pub model: WakeModel,
}

/// What a wake word is recognised by.
#[derive(Debug, Clone, PartialEq)]
pub enum WakeModel {
    /// A head in the layout of openWakeWord, an ONNX file.
    Keyword(PathBuf),
    /// The user's own takes.
    Enrolled(Takes),
}

/// A wake word that was just said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Woken {
    pub(super) word: String,
    pub(super) score: f32,
    /// Samples between its end and the end of the audio heard.
    pub(super) ago: usize,
}

enum Recogniser {
    Keyword(Box<Keyword>),
    Enrolled(Takes),
}

/// A word with what was decided about it lately.
struct Spotter {
    name: String,
    recogniser: Recogniser,
    /// The last scores.
    scores: VecDeque<f32>,
    /// Sample count until which it does not fire again.
    quiet_until: u64,
}

/// Listens for wake words in windows of audio.
pub(super) struct WakeStage {
    features: Features,
    spotters: Vec<Spotter>,
    threshold: f32,
    refractory: u64,
    /// Audio that no hop was made of yet, beginning with what the next one overlaps.
    audio: VecDeque<f32>,
    embeddings: VecDeque<Embedding>,
    /// The same as enrolled words compare them.
    centred: VecDeque<Embedding>,
    /// Samples heard since the start.
    clock: u64,
}

impl WakeStage {
    /// Loads the graphs, to be run on `pool`.
    ///
    /// # Errors
    /// [`ListenError::LoadWake`] when a file cannot be used.
    pub(super) fn load(
        config: &config::Listen,
        words: &WakeWords,
        pool: &Arc<ThreadPool>,
    ) -> Result<Self, ListenError> {
        let spotter = |word: &WakeWord| {
            let recogniser = match &word.model {
                WakeModel::Keyword(path) => Recogniser::Keyword(Box::new(Keyword::load(path, pool)?)),
                WakeModel::Enrolled(takes) => Recogniser::Enrolled(takes.clone()),
            };
            Ok(Spotter {
                name: word.name.clone(),
                recogniser,
                scores: VecDeque::with_capacity(VOTES + 1),
                quiet_until: 0,
            })
        };
        Ok(Self {
            features: Features::load(&words.mel, &words.embedding, pool)?,
            spotters: words.words.iter().map(spotter).collect::<Result<_, _>>()?,
            threshold: config.wake_threshold,
            refractory: u64::from(config.wake_refractory_ms) * u64::from(RATE_HZ) / 1_000,
            audio: VecDeque::with_capacity(2 * KEPT_SAMPLES),
            embeddings: VecDeque::with_capacity(HISTORY + 1),
            centred: VecDeque::with_capacity(HISTORY + 1),
            clock: 0,
        })
    }

    /// Forgets what was heard.
    pub(super) fn reset(&mut self) {
        self.audio.clear();
        self.forget_features();
        for spotter in &mut self.spotters {
            spotter.quiet_until = 0;
        }
    }

    /// Hears the next samples. Without `attention` they are only kept; with it, words are looked for in them and in
    /// what was kept.
    ///
    /// The error says what the runtime objects to.
    pub(super) fn hear(&mut self, samples: &[f32], attention: bool) -> Result<Vec<Woken>, String> {
        self.clock += samples.len() as u64;
        self.audio.extend(samples);
        let mut woken = Vec::new();
        if !attention {
            self.keep_the_last();
            return Ok(woken);
        }
        for _ in 0..HOPS_AT_ONCE {
            if self.audio.len() < CHUNK_SAMPLES {
                break;
            }
            self.hop(&mut woken)?;
        }
        Ok(woken)
    }

    /// Drops audio that is too old to be of use, and with it the features that would have gone on from there.
    fn keep_the_last(&mut self) {
        let surplus = self.audio.len().saturating_sub(KEPT_SAMPLES);
        if surplus > 0 {
            self.audio.drain(..surplus);
            self.forget_features();
        }
    }

    fn forget_features(&mut self) {
        self.features.reset();
        self.embeddings.clear();
        self.centred.clear();
        for spotter in &mut self.spotters {
            spotter.scores.clear();
        }
    }

    fn hop(&mut self, woken: &mut Vec<Woken>) -> Result<(), String> {
        let chunk = self.audio.make_contiguous().get(..CHUNK_SAMPLES).unwrap_or_default();
        let embedding = self.features.hop(chunk)?;
        self.audio.drain(..HOP_SAMPLES);
        let Some(embedding) = embedding else { return Ok(()) };
        push(&mut self.embeddings, embedding, HISTORY);
        push(&mut self.centred, enrolled::centred(&embedding), HISTORY);
        let behind = self.audio.len() - (CHUNK_SAMPLES - HOP_SAMPLES);
        let now = self.clock - behind as u64;
        for spotter in &mut self.spotters {
            let score = match &mut spotter.recogniser {
                Recogniser::Keyword(keyword) => keyword.score(&self.embeddings)?,
                Recogniser::Enrolled(takes) => Some(takes.score(&self.centred)),
            };
            let said = score.and_then(|score| spotter.vote(score, self.threshold, now, self.refractory));
            if let Some(score) = said {
                // Scores rise while the word ends, so where they pass the threshold is about its end.
                woken.push(Woken { word: spotter.name.clone(), score, ago: behind });
            }
        }
        Ok(())
    }
}

impl Spotter {
    /// Takes the next score and returns the best of the last ones when the word counts as said.
    fn vote(&mut self, score: f32, threshold: f32, now: u64, refractory: u64) -> Option<f32> {
        push(&mut self.scores, score, VOTES);
        let above = self.scores.iter().filter(|score| **score >= threshold).count();
        if score < threshold || above < 2 || now < self.quiet_until {
            return None;
        }
        self.quiet_until = now + refractory;
        self.scores.iter().copied().reduce(f32::max)
    }
}

fn push<T>(queue: &mut VecDeque<T>, item: T, longest: usize) {
    queue.push_back(item);
    if queue.len() > longest {
        queue.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spotter() -> Spotter {
        let takes = Takes { templates: Vec::new(), spread: 0.0 };
        Spotter {
            name: "word".to_owned(),
            recogniser: Recogniser::Enrolled(takes),
            scores: VecDeque::new(),
            quiet_until: 0,
        }
    }

    /// Which of the scores, one a hop of 80 ms, fire.
    fn fires(scores: &[f32]) -> Vec<usize> {
        let mut spotter = spotter();
        let vote = |(at, score): (usize, &f32)| {
            let fired = spotter.vote(*score, 0.5, (at * HOP_SAMPLES) as u64, 32_000);
            fired.map(|_| at)
        };
        scores.iter().enumerate().filter_map(vote).collect()
    }

    #[test]
    fn two_of_three_scores_in_a_row_fire_and_one_alone_does_not() {
        assert_eq!(fires(&[0.1, 0.9, 0.1, 0.1, 0.9, 0.1, 0.1]), [0; 0]);
        assert_eq!(fires(&[0.1, 0.9, 0.9, 0.1]), [2]);
        assert_eq!(fires(&[0.9, 0.1, 0.9, 0.1]), [2]);
    }

    #[test]
    fn a_word_fires_once_and_again_after_the_refractory() {
        assert_eq!(fires(&[0.9; 30]), [1, 26]);
    }
}
