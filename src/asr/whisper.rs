//! The Whisper models as a [`Recognizer`], with the settings that were measured to be safe and fast.
//!
//! The encoder looks at about 10 s instead of 30 s where the utterance allows it, which costs a quarter; shorter
//! windows make the model repeat itself. A decode that runs away is done once more on the full window.

use std::{path::Path, time::Instant};

use super::{
    Abort, AsrError, LongForm, Recognizer, Transcript,
    decode::{Decoded, Ending, Engine},
    long_form::LONGEST_PIECE_SAMPLES,
    text::{self, Evidence},
};
use crate::{
    audio::RATE_HZ,
    config::{Lang, LangChoice},
};

/// Steps of 20 ms in the encoder's full window of 30 s.
const FULL_WINDOW: i32 = 1500;
/// Longest audio for each shorter window, in samples: the window less a margin of at least 0.7 s.
const WINDOWS: [(usize, i32); 3] = [(152_000, 512), (232_000, 768), (312_000, 1024)];
/// Shorter audio is filled up with silence to this many samples.
const SHORTEST: usize = RATE_HZ as usize / 2;

/// A loaded Whisper model; one decode at a time.
pub struct Whisper {
    engine: Engine,
}

impl Whisper {
    /// Loads the model `name` (its name in the manifest, for messages) from a file in whisper.cpp's format, to be
    /// run on that many threads.
    ///
    /// # Errors
    /// [`AsrError::Load`] when the file is missing, damaged or not a Whisper model.
    pub fn load(name: &str, path: &Path, threads: usize) -> Result<Self, AsrError> {
        whisper_rs::install_logging_hooks();
        let load = |reason: String| AsrError::Load { name: name.to_owned(), reason };
        std::fs::File::open(path).map_err(|error| load(format!("{}: {error}", path.display())))?;
        let engine =
            Engine::load(path, threads.max(1)).map_err(|error| load(format!("{}: {error}", path.display())))?;
        Ok(Self { engine })
    }

    /// Returns whether the model knows more than English.
    pub fn is_multilingual(&self) -> bool {
        self.engine.is_multilingual()
    }

    /// Decodes up to 28 s.
    fn decode_piece(&mut self, samples: &[f32], lang: (LangChoice, Option<Lang>)) -> Result<Decoded, AsrError> {
        let mut padded = Vec::new();
        let samples = if samples.len() < SHORTEST {
            padded.extend_from_slice(samples);
            padded.resize(SHORTEST, 0.0);
            &padded
        } else {
            samples
        };
        // Nobody speaks eight tokens a second.
        let most_tokens = 8 + samples.len() * 8 / RATE_HZ as usize;
        let window =
            WINDOWS.iter().find(|(longest, _)| samples.len() <= *longest).map_or(FULL_WINDOW, |window| window.1);
        let decoded = self.engine.decode(samples, window, most_tokens, lang)?;
        if decoded.ending == Ending::Complete || window == FULL_WINDOW {
            return Ok(decoded);
        }
        self.engine.decode(samples, FULL_WINDOW, most_tokens, lang)
    }
}

impl Recognizer for Whisper {
    fn transcribe(&mut self, samples: &[f32], lang: LangChoice, prior: Option<Lang>) -> Result<Transcript, AsrError> {
        if samples.len() > LONGEST_PIECE_SAMPLES {
            let mut whole = LongForm::new(self, None, lang, prior);
            whole.push(samples)?;
            return whole.finish();
        }
        let start = Instant::now();
        let decoded = self.decode_piece(samples, (lang, prior))?;
        let confidence = mean(&decoded.probabilities);
        let text = text::clean(&decoded.text, Evidence { confidence, no_speech: decoded.no_speech });
        Ok(Transcript {
            confidence: if text.is_empty() { 0.0 } else { confidence },
            text,
            lang: decoded.lang,
            no_speech: decoded.no_speech,
            goes_on: decoded.goes_on,
            decode_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn transcribe_unless(
        &mut self,
        samples: &[f32],
        lang: LangChoice,
        prior: Option<Lang>,
        abort: &Abort,
    ) -> Result<Transcript, AsrError> {
        self.engine.abort = abort.clone();
        let result = self.transcribe(samples, lang, prior);
        self.engine.abort = Abort::default();
        result
    }
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred tokens at most")]
fn mean(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |sum, value| sum + value) / values.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_model_is_named_with_its_file() {
        let missing = Path::new("no/such/model.bin");
        let error = Whisper::load("tiny.en", missing, 1).err().expect("no such file");
        assert!(error.to_string().contains("tiny.en") && error.to_string().contains("no/such/model.bin"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_model_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), b"this is not a model").expect("write");
        assert!(matches!(Whisper::load("base", file.path(), 1), Err(AsrError::Load { .. })));
    }
}
