//! What wake words listen to: audio to embeddings, in the layout of openWakeWord (Apache-2.0).
//!
//! ```text
//! 1,760 samples, 480 of them heard before ─▶ melspectrogram ─▶ 8 frames of 32 bins, / 10 + 2
//! the last 76 frames ─▶ Google's speech embedding ─▶ 96 numbers about the last 775 ms
//! ```
//!
//! Samples go in in the range of 16-bit numbers. Every word shares this; it is nine tenths of the work.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use rten::ThreadPool;

use super::graph::Graph;
use crate::listen::ListenError;

/// New samples in one hop: 80 ms.
pub(super) const HOP_SAMPLES: usize = 1_280;
/// Samples that one hop looks at.
pub(super) const CHUNK_SAMPLES: usize = HOP_SAMPLES + 480;
/// Numbers in an embedding.
pub(super) const EMBEDDING_LEN: usize = 96;
const BINS: usize = 32;
const FRAMES: usize = 76;
const FRAMES_IN_A_HOP: usize = 8;
/// Hops until the first embedding: 76 frames, eight a hop.
pub(super) const HOPS_BEFORE: usize = FRAMES.div_ceil(FRAMES_IN_A_HOP);
/// Samples are -1 to 1 here and 16-bit numbers there.
const SCALE: f32 = 32_768.0;

/// What 775 ms of audio sound like.
pub(super) type Embedding = [f32; EMBEDDING_LEN];

/// Audio to embeddings, with the frames of the last hops.
pub(super) struct Features {
    mel: Graph,
    embedding: Graph,
    /// The last 76 frames or fewer, each 32 bins.
    frames: VecDeque<f32>,
}

impl Features {
    /// Loads both graphs, to be run on `pool`.
    ///
    /// # Errors
    /// [`ListenError::LoadWake`] when one of them cannot be used.
    pub(super) fn load(mel: &Path, embedding: &Path, pool: &Arc<ThreadPool>) -> Result<Self, ListenError> {
        Ok(Self {
            mel: Graph::load(mel, pool)?,
            embedding: Graph::load(embedding, pool)?,
            frames: VecDeque::with_capacity((FRAMES + FRAMES_IN_A_HOP) * BINS),
        })
    }

    /// Forgets what was heard.
    pub(super) fn reset(&mut self) {
        self.frames.clear();
    }

    /// Hears the next chunk, which begins with the last 480 samples of the one before, and returns the embedding that
    /// ends with it; `None` until there is enough audio for one.
    ///
    /// The error says what the runtime objects to.
    pub(super) fn hop(&mut self, chunk: &[f32]) -> Result<Option<Embedding>, String> {
        let scaled: Vec<f32> = chunk.iter().map(|sample| sample * SCALE).collect();
        let frames = self.mel.run([1, chunk.len()], &scaled)?;
        if frames.len() != FRAMES_IN_A_HOP * BINS {
            return Err(format!("the spectrogram has {} values instead of {}", frames.len(), FRAMES_IN_A_HOP * BINS));
        }
        self.frames.extend(frames.iter().map(|value| value / 10.0 + 2.0));
        let surplus = self.frames.len().saturating_sub(FRAMES * BINS);
        self.frames.drain(..surplus);
        if self.frames.len() < FRAMES * BINS {
            return Ok(None);
        }
        let values = self.embedding.run([1, FRAMES, BINS, 1], self.frames.make_contiguous())?;
        let len = values.len();
        Embedding::try_from(values)
            .map(Some)
            .map_err(|_| format!("the embedding has {len} values instead of {EMBEDDING_LEN}"))
    }
}
