//! The Whisper models as a [`Recognizer`], with the settings that were measured to be safe and fast.
//!
//! The encoder looks at 10 to 13 s instead of 30 s where the utterance allows it, which costs a quarter; shorter windows
//! make the model repeat itself. A decode that runs away is done once more on the full window. What the model
//! is unsure of is searched once more with a beam, where time allows: see [`Effort`].

use std::{borrow::Cow, path::Path, time::Instant};

use super::{
    Abort, AsrError, LongForm, Recognizer, Transcript, Weighed, Wordings,
    decode::{Decoded, Ending, Engine, fault},
    long_form::LONGEST_PIECE_SAMPLES,
    text::{self, Evidence},
};
use crate::{
    audio::RATE_HZ,
    config::{Lang, LangChoice},
};

/// Steps of 20 ms in the encoder's full window of 30 s.
const FULL_WINDOW: i32 = 1500;
/// Longest audio for each shorter window, in samples. What is short loses nothing in 10 s; beyond 4 s it did (8 words of
/// 571 on 46 French clips, 1 in 13 s). The longer windows leave a margin of at least 0.7 s.
const WINDOWS: [(usize, i32); 4] = [(64_000, 512), (192_000, 640), (232_000, 768), (312_000, 1024)];
/// Shorter audio is filled up with silence to this many samples.
pub(super) const SHORTEST: usize = RATE_HZ as usize / 2;

/// Mean probability of the tokens below which a search pays, where nobody waits for the text: measured on 46 French and
/// 29 English clips it then wins what it can win (1 and 2 points of word errors) at twice the cost of the first pass.
const SEARCH_BELOW: f32 = 0.85;
/// The same where somebody waits: one long utterance in ten, for two thirds of the gain ...
const LIVE_SEARCH_BELOW: f32 = 0.75;
/// ... if it is longer than a command, samples: what is dictated waits longer for its end, and all its words count.
const LIVE_SEARCH_FROM: usize = 6 * RATE_HZ as usize;

/// How much is done for one utterance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effort {
    /// Somebody waits for the text: one pass, with the likeliest token at each step; a search only for what is long
    /// and doubtful.
    #[default]
    Live,
    /// Nobody waits: a search for everything doubtful.
    Thorough,
    /// One pass. The yardstick of what a search wins.
    Greedy,
    /// One pass in the full window of 30 s. The yardstick of what a shorter window loses.
    Untrimmed,
    /// Always a search.
    Beam,
}

impl Effort {
    /// Whether the result of the first pass is worth a search.
    fn searches(self, samples: usize, confidence: f32) -> bool {
        match self {
            Self::Live => samples >= LIVE_SEARCH_FROM && confidence < LIVE_SEARCH_BELOW,
            Self::Thorough => confidence < SEARCH_BELOW,
            Self::Greedy | Self::Untrimmed => false,
            Self::Beam => true,
        }
    }
}

/// A loaded Whisper model; one decode at a time.
pub struct Whisper {
    engine: Engine,
    effort: Effort,
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
        Ok(Self { engine, effort: Effort::default() })
    }

    /// Returns whether the model knows more than English.
    pub fn is_multilingual(&self) -> bool {
        self.engine.is_multilingual()
    }

    /// Decodes half a second of silence: the first decode after loading takes longer than those that follow, and nobody
    /// waits for this one.
    ///
    /// # Errors
    /// [`AsrError::Decode`] when the engine fails.
    pub fn warm_up(&mut self) -> Result<(), AsrError> {
        self.transcribe(&[0.0; SHORTEST], LangChoice::En, None).map(|_| ())
    }

    /// Sets how much is done for each utterance from now on.
    pub fn set_effort(&mut self, effort: Effort) {
        self.effort = effort;
    }

    /// Decodes up to 28 s.
    fn decode_piece(&mut self, samples: &[f32], lang: (LangChoice, Option<Lang>)) -> Result<Decoded, AsrError> {
        let samples = &*padded(samples);
        let most_tokens = most_tokens(samples);
        let window = if self.effort == Effort::Untrimmed { FULL_WINDOW } else { window(samples.len()) };
        let first = self.greedy(samples, window, most_tokens, lang)?;
        if first.probabilities.len() < 2 || !self.effort.searches(samples.len(), mean(&first.probabilities)) {
            return Ok(first);
        }
        let found = self.engine.search(samples, window, most_tokens, first.lang).map_err(fault)?;
        // A search sometimes writes a sentence twice; what one pass has not heard at all, nobody said.
        let is_longer = found.probabilities.len() > first.probabilities.len() + first.probabilities.len() / 4 + 2;
        let is_better = found.ending == Ending::Complete && !found.text.trim().is_empty() && !is_longer;
        // Whether anybody spoke is asked where the model was trained to tell it, which the engine's own search is not.
        Ok(if is_better { Decoded { no_speech: first.no_speech, goes_on: first.goes_on, ..found } } else { first })
    }

    /// One greedy pass; a second one in the full window if the first ran away.
    fn greedy(
        &mut self,
        samples: &[f32],
        window: i32,
        most_tokens: usize,
        lang: (LangChoice, Option<Lang>),
    ) -> Result<Decoded, AsrError> {
        let decoded = self.engine.decode(samples, window, most_tokens, lang)?;
        let is_sound = decoded.ending == Ending::Complete && !text::has_twins(&decoded.text);
        if is_sound || window == FULL_WINDOW {
            return Ok(decoded);
        }
        self.engine.decode(samples, FULL_WINDOW, most_tokens, lang)
    }
}

/// The encoder's window for that many samples, in steps of 20 ms.
pub(super) fn window(samples: usize) -> i32 {
    WINDOWS.iter().find(|(longest, _)| samples <= *longest).map_or(FULL_WINDOW, |window| window.1)
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

    fn weigh(&mut self, samples: &[f32], lang: Lang, wordings: &Wordings) -> Result<Option<Weighed>, AsrError> {
        if samples.len() > LONGEST_PIECE_SAMPLES {
            return Ok(None);
        }
        self.engine.weigh(&padded(samples), lang, wordings, most_tokens(samples))
    }
}

/// Sound that is too short is filled up with silence.
fn padded(samples: &[f32]) -> Cow<'_, [f32]> {
    if samples.len() >= SHORTEST {
        return samples.into();
    }
    let mut padded = samples.to_vec();
    padded.resize(SHORTEST, 0.0);
    padded.into()
}

/// Nobody speaks eight tokens a second.
const fn most_tokens(samples: &[f32]) -> usize {
    8 + samples.len() * 8 / RATE_HZ as usize
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred tokens at most")]
fn mean(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |sum, value| sum + value) / values.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_for_what_is_doubtful_and_live_only_for_what_is_long_as_well() {
        let command = LIVE_SEARCH_FROM - 1;
        for (effort, samples, confidence, searches) in [
            (Effort::Live, LIVE_SEARCH_FROM, 0.7, true),
            (Effort::Live, LIVE_SEARCH_FROM, 0.8, false),
            (Effort::Live, command, 0.3, false),
            (Effort::Thorough, command, 0.8, true),
            (Effort::Thorough, LIVE_SEARCH_FROM, 0.9, false),
            (Effort::Greedy, LIVE_SEARCH_FROM, 0.1, false),
            (Effort::Untrimmed, LIVE_SEARCH_FROM, 0.1, false),
            (Effort::Beam, command, 1.0, true),
        ] {
            assert_eq!(effort.searches(samples, confidence), searches, "{effort:?} {samples} {confidence}");
        }
    }

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
