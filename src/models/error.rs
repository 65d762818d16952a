//! What can be wrong with a model.

use std::{
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// A model cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// No model of that name exists: choose one of `known`.
    #[error("unknown model {name:?}: the models are {}", known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// All names there are.
        known: Vec<String>,
    },
    /// The model was not fetched yet: `herald models fetch NAME`.
    #[error("model {name} is missing: there is no {path}", path = path.display())]
    Missing {
        /// The model.
        name: String,
        /// Where its file should be.
        path: PathBuf,
    },
    /// The file is not the model it should be: fetch it again.
    #[error(
        "model {name} is damaged: {path} has sha256 {found}, expected {}; `herald models fetch {name}` replaces it",
        expected.join(" or "),
        path = path.display()
    )]
    Damaged {
        /// The model.
        name: String,
        /// Its file.
        path: PathBuf,
        /// Accepted hashes, lower-case hexadecimal.
        expected: Vec<String>,
        /// Hash of the file.
        found: String,
    },
    /// The file, or a list beside it, cannot be read: the permissions or the disk need mending.
    #[error("cannot read {path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The list of models is wrong: mend the manifest.
    #[error("the list of models is wrong: {0}")]
    Manifest(String),
}

impl ModelError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}
