//! Turns what a source delivers into the file Herald uses.
//!
//! Every recipe reads files and writes one file, in pieces of some kilobytes: a board with 1 GB of memory
//! converts any of the models. Formats are read strictly; what is not understood is an error, never a guess.

mod archive;
mod assets;
mod copy;
mod ct2;
mod ggml;
mod half;
mod onnx;
mod protobuf;
mod quantise;
mod voices;
mod whisper;

pub(super) use archive::extract;
pub(super) use copy::join;
pub(super) use onnx::unfuse_matmul;
pub(super) use quantise::quantise_q8_0;
pub(super) use voices::join_voices;
pub(super) use whisper::{WhisperInput, ct2_to_ggml};

use std::{io, path::PathBuf};

use thiserror::Error;

/// A conversion did not succeed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The output cannot be written; another source would not help.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file being written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The input cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file being read.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The input is not what the recipe expects.
    #[error("{path}: {what}")]
    Format {
        /// The file being read.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}
