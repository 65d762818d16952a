//! Which words belong to which slot: a linear-chain conditional random field.
//!
//! Training and inference are CRFsuite's (Okazaki, BSD-3-Clause) through its binding `crfsuite` (MIT), which builds the
//! library from source. Its port to Rust, `crfs`, reads the same files but touches every weight for every sentence
//! while it trains, hours instead of minutes here, and cannot say how probable its answer is.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::Path,
    sync::{Mutex, PoisonError},
};

use crfsuite::{Attribute, CrfError, Model};

use super::{features::Features, file::FileError};
use crate::intent::{Slot, grammar::slot_named};

/// A slot's words: the first token, and the one after the last.
pub(super) type Span = (Slot, Range<usize>);

/// A trained labeller of one language.
#[derive(Debug)]
pub(super) struct Labeller {
    /// CRFsuite counts the users of a model without a lock.
    model: Mutex<Model>,
}

impl Labeller {
    /// Reads a model in CRFsuite's format. It stays where it is in memory, so it must be there for good.
    pub fn new(file: &'static str, bytes: &'static [u8]) -> Result<Self, FileError> {
        let model = Model::from_memory(bytes).map_err(|error| FileError { file, what: error.to_string() })?;
        Ok(Self { model: Mutex::new(model) })
    }

    /// Reads a file that was just trained.
    pub fn open(path: &Path) -> Result<Self, CrfError> {
        Ok(Self { model: Mutex::new(Model::from_file(&path.to_string_lossy())?) })
    }

    /// Returns the slots of a sentence given the features of each word, and how probable they are.
    pub fn slots(&self, words: &[Features]) -> (Vec<Span>, f32) {
        let model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let labelled = model.tagger().and_then(|mut tagger| {
            let labels = tagger.tag(&words.iter().map(attributes).collect::<Vec<_>>())?;
            let probability = tagger.probability(&labels)?;
            Ok((labels, probability))
        });
        drop(model);
        let Ok((labels, probability)) = labelled else { return (Vec::new(), 0.0) };
        #[allow(clippy::cast_possible_truncation, reason = "a probability")]
        let probability = probability as f32;
        (spans(&labels), probability)
    }
}

/// The features of one word as CRFsuite takes them: by name.
pub(super) fn attributes(features: &Features) -> Vec<Attribute> {
    features.iter().map(|feature| Attribute::new(format!("{feature:x}"), 1.0)).collect()
}

/// Joins labels into slots: `B-` begins one, `I-` of the same slot goes on.
fn spans(labels: &[String]) -> Vec<Span> {
    let mut known: BTreeMap<&str, Slot> = BTreeMap::new();
    let mut found: Vec<Span> = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        let Some((position, name)) = label.split_once('-') else { continue };
        let Some(slot) = known.get(name).copied().or_else(|| slot_named(name)) else { continue };
        known.insert(name, slot);
        match found.last_mut() {
            Some((last, range)) if position == "I" && *last == slot && range.end == at => range.end = at + 1,
            _ => found.push((slot, at..at + 1)),
        }
    }
    found
}
