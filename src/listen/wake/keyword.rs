//! A keyword model in the layout of openWakeWord: the last embeddings in, one score out.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use rten::ThreadPool;

use super::HISTORY;
use super::features::{EMBEDDING_LEN, Embedding};
use super::graph::Graph;
use crate::listen::ListenError;

/// Embeddings that a head looks at, if its graph does not say otherwise.
const CONTEXT: usize = 16;

/// One keyword.
pub(super) struct Keyword {
    head: Graph,
    context: usize,
    /// The embeddings one after the other; kept for its memory.
    values: Vec<f32>,
}

impl Keyword {
    /// Loads the head, to be run on `pool`, and tries it.
    ///
    /// # Errors
    /// [`ListenError::LoadWake`] when it is not a head of one word in this layout.
    pub(super) fn load(path: &Path, pool: &Arc<ThreadPool>) -> Result<Self, ListenError> {
        let refuse = |reason: String| ListenError::LoadWake { path: path.to_owned(), reason };
        let head = Graph::load(path, pool)?;
        let context = head.input_size(1).unwrap_or(CONTEXT);
        if context == 0 || context > HISTORY {
            return Err(refuse(format!("it looks at {context} embeddings; 1 to {HISTORY} are possible")));
        }
        let mut keyword = Self { head, context, values: Vec::with_capacity(context * EMBEDDING_LEN) };
        keyword.values.resize(context * EMBEDDING_LEN, 0.0);
        keyword.run().map_err(refuse)?;
        Ok(keyword)
    }

    /// Returns the score, 0 to 1, of the word ending with the last embedding; `None` while there is too little audio.
    pub(super) fn score(&mut self, embeddings: &VecDeque<Embedding>) -> Result<Option<f32>, String> {
        let Some(first) = embeddings.len().checked_sub(self.context) else { return Ok(None) };
        self.values.clear();
        self.values.extend(embeddings.range(first..).flatten());
        self.run().map(Some)
    }

    fn run(&self) -> Result<f32, String> {
        match self.head.run([1, self.context, EMBEDDING_LEN], &self.values)?[..] {
            [score] => Ok(score),
            ref scores => Err(format!("it has {} scores instead of one", scores.len())),
        }
    }
}
