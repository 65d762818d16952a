//! The engine at its own defaults: the yardstick that [`super::Whisper`] is measured against.

use std::{path::Path, time::Instant};

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperState};

use super::{AsrError, Recognizer, Transcript};
use crate::config::{Lang, LangChoice};

/// Whisper with greedy defaults: the full window of 30 s, timestamps, higher temperatures when a decode looks bad.
pub struct Stock {
    state: WhisperState,
    threads: i32,
}

impl Stock {
    /// Loads the model `name` from a file in whisper.cpp's format, to be run on that many threads.
    ///
    /// # Errors
    /// [`AsrError::Load`] when the file is missing, damaged or not a Whisper model.
    pub fn load(name: &str, path: &Path, threads: usize) -> Result<Self, AsrError> {
        whisper_rs::install_logging_hooks();
        let state = WhisperContext::new_with_params(path, WhisperContextParameters::default())
            .and_then(|context| context.create_state())
            .map_err(|error| AsrError::Load {
                name: name.to_owned(),
                reason: format!("{}: {error}", path.display()),
            })?;
        Ok(Self { state, threads: i32::try_from(threads).unwrap_or(1) })
    }

    fn full(&mut self, samples: &[f32], lang: Lang) -> Result<String, WhisperError> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_n_threads(self.threads);
        // The setter leaks its string; English is the default.
        if lang == Lang::Fr {
            parameters.set_language(Some(lang.code()));
        }
        self.state.full(parameters, samples)?;
        self.state.as_iter().map(|segment| Ok(segment.to_str_lossy()?.into_owned())).collect()
    }
}

impl Recognizer for Stock {
    /// As the trait says, but the language is never detected and the text not cleaned.
    fn transcribe(&mut self, samples: &[f32], lang: LangChoice, prior: Option<Lang>) -> Result<Transcript, AsrError> {
        let start = Instant::now();
        let lang = lang.fixed().or(prior).unwrap_or(Lang::En);
        let text = self.full(samples, lang).map_err(|error| AsrError::Decode(error.to_string()))?;
        let decode_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Transcript { text, lang, confidence: 0.0, no_speech: 0.0, decode_ms, goes_on: 0.0 })
    }
}
