//! Piper voices in process: any `NAME.onnx` with its `NAME.onnx.json` in the models directory.
//!
//! The VITS graphs run in `rten`, the pure-Rust ONNX runtime that loads them. Inputs are phoneme numbers with a pad
//! between, their count, and the scales of noise, length and rhythm (`rhasspy/piper`, MIT: the layout of the settings
//! file is its own); output are samples at the voice's rate.

mod phonemes;
mod voice;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
};

use rten::ThreadPool;

use self::voice::Voice;
use super::{Clip, SpeechError, Synthesizer, clause, english::English};
use crate::config::Lang;

/// Its name in the configuration.
pub(super) const ENGINE: &str = "piper";
/// How to get it, for error messages.
pub(super) const INSTALL: &str = "put NAME.onnx and NAME.onnx.json of a Piper voice into the models directory, or: \
                                  herald models fetch piper-en-joe";
/// Threads of one clause.
const MAX_THREADS: usize = 2;

/// Returns the voices of a language without loading one.
pub(super) fn installed_voices(models_dir: &Path, lang: Lang) -> Vec<String> {
    let voices = voice::installed(models_dir).into_iter().filter(|voice| voice.lang == lang);
    voices.map(|voice| voice.name).collect()
}

/// Tells whether a name is formed like this engine's: language, country, name, quality, as in `en_US-joe-medium`.
pub(super) fn is_voice_name(name: &str) -> bool {
    matches!(name.as_bytes(), [b'a'..=b'z', b'a'..=b'z', b'_', b'A'..=b'Z', b'A'..=b'Z', b'-', _, ..])
}

/// The voices that are loaded, at most one a language.
pub(super) struct Piper {
    voices: Vec<Voice>,
    pool: Arc<ThreadPool>,
    english: English,
    rate: f32,
}

impl fmt::Debug for Piper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.voices.iter().map(|voice| voice.name.as_str()).collect();
        f.debug_struct("Piper").field("voices", &names).finish_non_exhaustive()
    }
}

impl Piper {
    /// Loads a voice for each of the languages that has one: the one of that name, else the first.
    ///
    /// # Errors
    /// [`SpeechError::Missing`] when none of the languages has a voice, or one is not what it should be.
    pub(super) fn open(
        models_dir: &Path,
        rate: f32,
        english: &English,
        wanted: &[(Lang, &str)],
    ) -> Result<Self, SpeechError> {
        let installed = voice::installed(models_dir);
        let mut voices = Vec::new();
        for (lang, name) in wanted {
            let of_lang = || installed.iter().filter(|voice| voice.lang == *lang);
            let named = of_lang().find(|voice| voice.name == *name);
            if let Some(voice) = named.or_else(|| of_lang().next()) {
                voices.push(Voice::open(voice, english).map_err(|reason| missing(&reason))?);
            }
        }
        if voices.is_empty() {
            return Err(missing(&format!("no voice for this language in {}; {INSTALL}", models_dir.display())));
        }
        let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_THREADS));
        let pool = Arc::new(ThreadPool::with_num_threads(threads));
        Ok(Self { voices, pool, english: english.clone(), rate: rate.clamp(0.25, 4.0) })
    }

    fn of(&self, lang: Lang) -> Option<&Voice> {
        self.voices.iter().find(|voice| voice.lang == lang)
    }
}

impl Synthesizer for Piper {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn voice(&self, lang: Lang) -> String {
        self.of(lang).map_or_else(String::new, |voice| voice.name.clone())
    }

    fn synthesize(&mut self, text: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        let voice = self.of(lang).ok_or_else(|| failed(&format!("no voice speaks {lang}")))?;
        clause::in_turn(text, play, |clause| {
            // The phoneme and graph libraries assert on input they did not foresee; a message must not end Herald.
            let render = || voice.clause(clause, self.rate, &self.english, &self.pool);
            catch_unwind(AssertUnwindSafe(render))
                .map_err(|_| failed(&"a library gave up on this text"))?
                .map_err(|reason| failed(&reason))
        })
    }
}

fn missing(reason: &dyn fmt::Display) -> SpeechError {
    SpeechError::Missing { engine: ENGINE, reason: reason.to_string() }
}

fn failed(reason: &dyn fmt::Display) -> SpeechError {
    SpeechError::Engine { engine: ENGINE, reason: reason.to_string() }
}

#[cfg(test)]
#[path = "piper_tests.rs"]
mod tests;
