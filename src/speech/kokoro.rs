//! Kokoro-82M in process: the pleasant voice, English and French.
//!
//! The int8 graph runs in `rten`, the pure-Rust ONNX runtime that loads it. Inputs: phoneme numbers with pad 0
//! at both ends, the style vector of the voice for that number of phonemes, and the speed; output: 24 kHz
//! samples. The graph holds no random operator, so the same text always gives the same samples.

mod phonemes;
mod vocab;

use std::{
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
};

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::{AsView, NdTensor, Tensor};

use self::{
    phonemes::{accent_of, phonemes},
    vocab::Vocab,
};
use super::{
    Clip, SpeechError, Synthesizer, clause,
    english::{Accent, English},
};
use crate::{
    config::Lang,
    models::{self, ModelError, StyleVectors},
};

/// Its name in the configuration.
pub(super) const ENGINE: &str = "kokoro";
/// How to get it, for error messages.
pub(super) const INSTALL: &str = "fetch the neural voice with: herald models fetch kokoro kokoro-voices kokoro-vocab";
const RATE_HZ: u32 = 24_000;
/// Numbers in a style vector.
const STYLE_WIDTH: usize = 256;
/// Most phonemes of one run: the graph's 512 positions without the two pads.
const MAX_PHONEMES: usize = 510;
/// Threads beyond the second gain little: real-time factor 0.46 on one, 0.30 on two.
const MAX_THREADS: usize = 2;

/// Returns the voices of a language without loading the model; none where a file is missing.
pub(super) fn installed_voices(models_dir: &Path, lang: Lang) -> Vec<String> {
    let find = |name| models::find(models_dir, name).ok();
    let (Some(_), Some(_), Some(voices)) = (find("kokoro"), find("kokoro-vocab"), find("kokoro-voices")) else {
        return Vec::new();
    };
    let letters = match lang {
        Lang::En => ['a', 'b'].as_slice(),
        Lang::Fr => &['f'],
    };
    let voices = StyleVectors::open(&voices).map_or_else(|_| Vec::new(), |voices| voices.names().to_vec());
    voices.into_iter().filter(|name| name.starts_with(letters)).collect()
}

/// Tells whether a name is formed like this engine's: language, gender, name, as in `af_heart`.
pub(super) fn is_voice_name(name: &str) -> bool {
    matches!(name.as_bytes(), [b'a'..=b'z', b'f' | b'm', b'_', _, ..])
}

/// The neural voice.
pub(super) struct Kokoro {
    model: Model,
    pool: Arc<ThreadPool>,
    inputs: [NodeId; 3],
    output: NodeId,
    vocab: Vocab,
    voices: StyleVectors,
    /// Style vectors of the voices that have spoken, half a megabyte each.
    styles: HashMap<String, Arc<[f32]>>,
    english: English,
    voice_en: String,
    voice_fr: String,
    rate: f32,
}

impl fmt::Debug for Kokoro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kokoro").field("voices", &self.voices).finish_non_exhaustive()
    }
}

impl Kokoro {
    /// Loads the model, its alphabet and the index of its voices.
    ///
    /// # Errors
    /// [`SpeechError::Missing`] when one of the three files is missing, damaged or not what it should be.
    pub(super) fn open(models_dir: &Path, rate: f32, english: &English) -> Result<Self, SpeechError> {
        let find =
            |name| models::find(models_dir, name).map_err(|error: ModelError| missing(&format!("{error}; {INSTALL}")));
        let (graph, voices, vocab) = (find("kokoro")?, find("kokoro-voices")?, find("kokoro-vocab")?);
        let model = ModelOptions::with_all_ops().load_file(graph).map_err(|error| missing(&error))?;
        let node = |name| model.node_id(name).map_err(|error| missing(&error));
        let inputs = [node("tokens")?, node("style")?, node("speed")?];
        english.load(Accent::American);
        let output = *model.output_ids().first().ok_or_else(|| missing(&"the graph has no output"))?;
        let threads = thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_THREADS));
        Ok(Self {
            model,
            pool: Arc::new(ThreadPool::with_num_threads(threads)),
            inputs,
            output,
            vocab: Vocab::open(&vocab).map_err(|error| missing(&error))?,
            voices: StyleVectors::open(&voices).map_err(|error| missing(&error))?,
            styles: HashMap::new(),
            english: english.clone(),
            voice_en: "af_heart".into(),
            voice_fr: "ff_siwis".into(),
            rate: rate.clamp(0.5, 2.0),
        })
    }

    /// Uses another voice for a language; any voice speaks any language, with its own accent.
    #[must_use]
    pub(super) fn with_voice(mut self, lang: Lang, voice: &str) -> Self {
        match lang {
            Lang::En => self.voice_en = voice.to_owned(),
            Lang::Fr => self.voice_fr = voice.to_owned(),
        }
        self
    }

    fn style(&mut self, voice: &str) -> Result<Arc<[f32]>, SpeechError> {
        if let Some(style) = self.styles.get(voice) {
            return Ok(Arc::clone(style));
        }
        let read = self.voices.voice(voice).map_err(|error| failed(&error))?;
        let style: Arc<[f32]> = read.ok_or_else(|| failed(&format!("no voice named {voice}")))?.into();
        self.styles.insert(voice.to_owned(), Arc::clone(&style));
        Ok(style)
    }

    fn clause(&mut self, text: &str, lang: Lang) -> Result<Clip, SpeechError> {
        let voice = self.voice(lang);
        let style = self.style(&voice)?;
        let phonemes = phonemes(&self.english, text, lang, accent_of(&voice)).map_err(|reason| failed(&reason))?;
        let ids = self.vocab.ids(&phonemes);
        let mut clip = Clip { rate_hz: RATE_HZ, samples: Vec::new() };
        for part in ids.chunks(MAX_PHONEMES) {
            clip.append_trimmed(&self.infer(part, &style)?);
        }
        Ok(clip)
    }

    fn infer(&self, ids: &[i32], style: &[f32]) -> Result<Vec<f32>, SpeechError> {
        let mut padded = vec![0_i32];
        padded.extend_from_slice(ids);
        padded.push(0);
        let tokens = NdTensor::from_data([1, padded.len()], padded);
        let style = NdTensor::from_data([1, STYLE_WIDTH], style_row(style, ids.len()).to_vec());
        let speed = NdTensor::from_data([1], vec![self.rate]);
        let [tokens_id, style_id, speed_id] = self.inputs;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let inputs = vec![(tokens_id, tokens.into()), (style_id, style.into()), (speed_id, speed.into())];
        let [output] = self.model.run_n(inputs, [self.output], Some(options)).map_err(|error| failed(&error))?;
        let samples: Tensor<f32> = output.try_into().map_err(|_| failed(&"the output is not sound"))?;
        Ok(samples.to_vec())
    }
}

impl Synthesizer for Kokoro {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn voice(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.voice_en.clone(),
            Lang::Fr => self.voice_fr.clone(),
        }
    }

    fn synthesize(&mut self, text: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        clause::in_turn(text, play, |clause| {
            // The phoneme and graph libraries assert on input they did not foresee; a message must not end Herald.
            catch_unwind(AssertUnwindSafe(|| self.clause(clause, lang)))
                .map_err(|_| failed(&"a library gave up on this text"))?
        })
    }
}

/// Returns the style vector for a number of phonemes: the first row is for one (`hexgrad/kokoro`, `pipeline.py`).
fn style_row(style: &[f32], phonemes: usize) -> &[f32] {
    let row = phonemes.clamp(1, style.len() / STYLE_WIDTH) - 1;
    &style[row * STYLE_WIDTH..(row + 1) * STYLE_WIDTH]
}

fn missing(reason: &dyn fmt::Display) -> SpeechError {
    SpeechError::Missing { engine: ENGINE, reason: reason.to_string() }
}

fn failed(reason: &dyn fmt::Display) -> SpeechError {
    SpeechError::Engine { engine: ENGINE, reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::speech::espeak;

    fn kokoro() -> Option<Kokoro> {
        let models = std::env::var_os("HERALD_MODELS")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-models"), PathBuf::from);
        match Kokoro::open(&models, 1.0, &English::default()) {
            Ok(kokoro) => Some(kokoro),
            Err(error) => {
                println!("skipped: no models ({error})");
                None
            }
        }
    }

    fn render(kokoro: &mut Kokoro, text: &str, lang: Lang) -> Vec<Clip> {
        let mut clips = Vec::new();
        kokoro.synthesize(text, lang, &mut |clip| clips.push(clip)).unwrap();
        clips
    }

    #[test]
    fn both_languages_sound_and_last_about_as_long_as_a_person() {
        let Some(mut kokoro) = kokoro() else { return };
        for (lang, text) in [
            (Lang::En, "To Marion: I'll be ten minutes late. Send it?"),
            (Lang::Fr, "À Marion : j'aurai dix minutes de retard. J'envoie ?"),
        ] {
            if lang == Lang::Fr && !espeak::installed() {
                println!("skipped: no espeak-ng");
                continue;
            }
            let clips = render(&mut kokoro, text, lang);
            assert_eq!(clips.len(), 3, "a clip a clause");
            let duration_ms: u64 = clips.iter().map(Clip::duration_ms).sum();
            assert!((2000..6000).contains(&duration_ms), "{lang}: {duration_ms} ms");
            let power = clips.iter().flat_map(|clip| &clip.samples).map(|sample| sample * sample).sum::<f32>();
            assert!(power > 10.0, "{lang}: nearly silent, {power}");
        }
    }

    #[test]
    fn the_same_text_gives_the_same_samples_on_any_number_of_threads() {
        let Some(mut kokoro) = kokoro() else { return };
        let first = render(&mut kokoro, "Sent to Paul.", Lang::En);
        render(&mut kokoro, "Yes.", Lang::En);
        assert!(first == render(&mut kokoro, "Sent to Paul.", Lang::En));
        kokoro.pool = Arc::new(ThreadPool::with_num_threads(1));
        assert!(first == render(&mut kokoro, "Sent to Paul.", Lang::En));
    }

    #[test]
    fn hostile_text_is_spoken_or_refused_and_never_panics() {
        let Some(mut kokoro) = kokoro() else { return };
        // All of it becomes phonemes; little of it is worth the time of speaking it.
        let long_word = "x".repeat(300);
        for text in ["1/2 $ 9,99 €", "[a](/b/)", "東京", "a\u{301}\u{301}\u{301}", "...a", "2to3B4", &long_word] {
            for lang in Lang::ALL {
                let _ = phonemes(&kokoro.english, text, lang, Accent::American);
            }
        }
        for text in ["", "?!", "東", "...a"] {
            let _ = kokoro.synthesize(text, Lang::En, &mut |_| {});
        }
    }

    #[test]
    fn a_voice_that_is_not_there_is_an_error() {
        let Some(kokoro) = kokoro() else { return };
        let error = kokoro.with_voice(Lang::En, "nobody").synthesize("Hello.", Lang::En, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("nobody"), "{error}");
    }
}
