//! Recordings and their manifest.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    audio::{self, AudioError},
    config::Lang,
};

/// A recording and what is known about it: one line of `manifest.jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub struct Clip {
    /// Its name.
    pub id: String,
    /// `asr`, `command`, `wake`, `word`, `vad` or `noise`.
    pub kind: String,
    /// Its file; relative to the directory of the manifest until it is read by [`read_clips`].
    pub path: PathBuf,
    /// Code of its language, for speech.
    lang: Option<String>,
    /// What is said.
    pub transcript: Option<String>,
    /// Who speaks.
    pub speaker: Option<String>,
    /// The wake phrase that is said.
    pub phrase: Option<String>,
    /// Phrases that must not be counted as absent.
    #[serde(default)]
    pub not_negative_for: Vec<String>,
    /// What it is like: the kind of noise, the corpus.
    #[serde(default)]
    pub category: String,
}

impl Clip {
    /// Language that is spoken, if it is one of Herald's.
    pub fn lang(&self) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| self.lang.as_deref() == Some(lang.code()))
    }

    /// Reads the mono 16 kHz samples.
    ///
    /// # Errors
    /// [`AudioError`] when the file cannot be read to its end.
    pub fn samples(&self) -> Result<Vec<f32>, AudioError> {
        let mut file = audio::read_file(&self.path)?;
        let mut samples = Vec::new();
        while file.read(&mut samples) {}
        file.into_damage().map_or(Ok(samples), Err)
    }
}

/// What can be wrong with a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of it is not a recording.
    #[error("{}:{line}: {reason}; a line is an object with at least id, kind and path", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// Returns the recordings that `dir/manifest.jsonl` lists; none if there is no such file.
///
/// # Errors
/// [`ClipError`] when the manifest cannot be read or understood.
pub fn read_clips(dir: &Path) -> Result<Vec<Clip>, ClipError> {
    let path = dir.join("manifest.jsonl");
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(ClipError::Read { path, source }),
        Ok(text) => text,
    };
    text.lines()
        .enumerate()
        .map(|(number, line)| match serde_json::from_str::<Clip>(line) {
            Ok(clip) => Ok(Clip { path: dir.join(&clip.path), ..clip }),
            Err(error) => Err(ClipError::Format { path: path.clone(), line: number + 1, reason: error.to_string() }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_a_manifest_has_no_clips_and_a_broken_line_is_named() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_clips(dir.path()).unwrap().is_empty());
        fs::write(dir.path().join("manifest.jsonl"), "{\"id\":\"a\",\"kind\":\"asr\",\"path\":\"a.wav\"}\n{\n")
            .unwrap();
        assert!(read_clips(dir.path()).err().unwrap().to_string().contains("manifest.jsonl:2: "));
    }
}
