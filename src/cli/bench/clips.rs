//! Recordings with their transcripts.

use std::{fs, io::ErrorKind, path::Path, path::PathBuf};

use serde::Deserialize;

use crate::{
    audio,
    cli::{CommandError, Kind},
    config::Lang,
};

/// A recording of somebody reading a known text.
#[derive(Debug)]
pub(super) struct Clip {
    /// Its file.
    path: PathBuf,
    /// Language.
    pub(super) lang: Lang,
    /// What is said.
    pub(super) transcript: String,
}

impl Clip {
    /// Reads the mono 16 kHz samples.
    pub(super) fn samples(&self) -> Result<Vec<f32>, CommandError> {
        let unusable = |error: &dyn std::fmt::Display| CommandError::new(Kind::Input, error);
        let mut file = audio::read_file(&self.path).map_err(|error| unusable(&error))?;
        let mut samples = Vec::new();
        while file.read(&mut samples) {}
        file.damage().map_or(Ok(samples), |error| Err(unusable(error)))
    }
}

/// A row of the manifest; what else it holds does not matter here.
#[derive(Debug, Deserialize)]
struct Row {
    kind: String,
    path: PathBuf,
    lang: Option<String>,
    transcript: Option<String>,
}

/// Returns the `asr` clips of a directory; none if it has no manifest.
///
/// # Errors
/// Kind `Input` when the manifest cannot be read or understood.
pub(super) fn read(dir: &Path) -> Result<Vec<Clip>, CommandError> {
    let manifest = dir.join("manifest.jsonl");
    let unusable = |error: &dyn std::fmt::Display| {
        CommandError::new(Kind::Input, format!("cannot use {}: {error}", manifest.display()))
            .hint("each line is an object with kind, path, lang and transcript")
    };
    let text = match fs::read_to_string(&manifest) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|error| unusable(&error))?,
    };
    let rows: Vec<Row> =
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().map_err(|error| unusable(&error))?;
    let clip = |row: Row| {
        let lang = Lang::ALL.into_iter().find(|lang| row.lang.as_deref() == Some(lang.code()))?;
        Some(Clip { path: dir.join(row.path), lang, transcript: row.transcript? })
    };
    Ok(rows.into_iter().filter(|row| row.kind == "asr").filter_map(clip).collect())
}
