//! One Piper voice: `NAME.onnx`, a VITS graph, and `NAME.onnx.json`, which says what goes in and out.

use std::{
    collections::HashMap,
    fmt::Display,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::{AsView, NdTensor, Tensor};
use serde::Deserialize;

use super::phonemes::{accent_of, phonemes};
use crate::{
    config::Lang,
    models::{self, Manifest},
    speech::{Clip, english::English},
};

/// Most phonemes of one run; a clause of 240 characters has about 300.
const MAX_PHONEMES: usize = 500;

/// A pair of files in the models directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installed {
    /// File name without its ending.
    pub(super) name: String,
    pub(super) lang: Lang,
    graph: PathBuf,
}

/// Returns the voices in a directory, sorted by name. A file of the manifest counts if it is undamaged, any other as it
/// is; what is not such a pair is passed over.
pub(super) fn installed(models_dir: &Path) -> Vec<Installed> {
    let Ok(entries) = fs::read_dir(models_dir) else { return Vec::new() };
    let mut voices: Vec<Installed> = entries
        .filter_map(|entry| {
            let graph = entry.ok()?.path();
            let name = graph.file_name()?.to_str()?.strip_suffix(".onnx")?.to_owned();
            let lang = Settings::read(&graph).ok()?.lang()?;
            is_sound(models_dir, &graph).then_some(Installed { name, lang, graph })
        })
        .collect();
    voices.sort_by(|one, other| one.name.cmp(&other.name));
    voices
}

/// Tells whether both files of a voice are what the manifest says of them, if it says anything.
fn is_sound(models_dir: &Path, graph: &Path) -> bool {
    let Ok(manifest) = Manifest::embedded() else { return false };
    [graph.to_owned(), settings_of(graph)].iter().all(|path| {
        let file = path.file_name().and_then(|name| name.to_str());
        let known = manifest.models().iter().find(|model| Some(model.file.as_str()) == file);
        known.is_none_or(|model| models::find(models_dir, &model.name).is_ok())
    })
}

fn settings_of(graph: &Path) -> PathBuf {
    let mut path = graph.as_os_str().to_owned();
    path.push(".json");
    path.into()
}

/// The part of the settings file that is needed to speak.
#[derive(Debug, Deserialize)]
struct Settings {
    audio: Audio,
    espeak: Espeak,
    #[serde(default)]
    inference: Inference,
    #[serde(default)]
    phoneme_type: PhonemeType,
    phoneme_id_map: HashMap<String, Vec<i32>>,
    language: Option<Language>,
}

#[derive(Debug, Deserialize)]
struct Audio {
    sample_rate: u32,
}

#[derive(Debug, Deserialize)]
struct Espeak {
    voice: String,
}

#[derive(Debug, Deserialize)]
struct Inference {
    length_scale: f32,
}

impl Default for Inference {
    fn default() -> Self {
        Self { length_scale: 1.0 }
    }
}

#[derive(Debug, Deserialize)]
struct Language {
    code: String,
}

/// What the numbers stand for; voices of another kind are not for Herald's languages.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PhonemeType {
    #[default]
    Espeak,
    Text,
}

impl Settings {
    fn read(graph: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(settings_of(graph))?)?)
    }

    /// `en_US` and `en-us` are English; `None` for a language Herald does not speak.
    fn lang(&self) -> Option<Lang> {
        let code = self.language.as_ref().map_or(&self.espeak.voice, |language| &language.code);
        let primary = code.split(['_', '-']).next()?.to_ascii_lowercase();
        Lang::ALL.into_iter().find(|lang| lang.code() == primary)
    }

    /// Numbers of the phonemes between the marks of beginning and end, a pad after each: what the voices were trained
    /// with. Symbols the voice does not know are left out.
    fn ids(&self, phonemes: &[char]) -> Vec<i32> {
        let of = |symbol: &str| self.phoneme_id_map.get(symbol).map_or(&[][..], Vec::as_slice);
        let pad = of("_");
        let mut ids = [of("^"), pad].concat();
        let mut buffer = [0; 4];
        for symbol in phonemes {
            let number = of(symbol.encode_utf8(&mut buffer));
            if !number.is_empty() {
                ids.extend_from_slice(number);
                ids.extend_from_slice(pad);
            }
        }
        ids.extend_from_slice(of("$"));
        ids
    }
}

/// A voice that is loaded.
pub(super) struct Voice {
    pub(super) name: String,
    pub(super) lang: Lang,
    settings: Settings,
    model: Model,
    inputs: [NodeId; 3],
    /// Which of its speakers speaks, in a graph that has several.
    speaker: Option<NodeId>,
    output: NodeId,
}

impl Voice {
    /// Loads a voice.
    ///
    /// # Errors
    /// Why it cannot be used: one of its files cannot be read, or is not what it should be.
    pub(super) fn open(installed: &Installed, english: &English) -> Result<Self, String> {
        let unusable = |error: &dyn Display| format!("{}: {error}", installed.graph.display());
        let settings = Settings::read(&installed.graph).map_err(|error| unusable(&error))?;
        let model = ModelOptions::with_all_ops().load_file(&installed.graph).map_err(|error| unusable(&error))?;
        let node = |name| model.node_id(name).map_err(|error| unusable(&error));
        let inputs = [node("input")?, node("input_lengths")?, node("scales")?];
        let output = *model.output_ids().first().ok_or_else(|| unusable(&"the graph has no output"))?;
        if let Some(accent) = accent_of(&settings.espeak.voice) {
            english.load(accent);
        }
        Ok(Self {
            name: installed.name.clone(),
            lang: installed.lang,
            speaker: model.node_id("sid").ok(),
            settings,
            model,
            inputs,
            output,
        })
    }

    /// Renders one clause.
    ///
    /// # Errors
    /// What failed, without the text.
    pub(super) fn clause(
        &self,
        text: &str,
        rate: f32,
        english: &English,
        pool: &Arc<ThreadPool>,
    ) -> Result<Clip, String> {
        let symbols: Vec<char> = match self.settings.phoneme_type {
            PhonemeType::Espeak => phonemes(english, text, &self.settings.espeak.voice)?.chars().collect(),
            PhonemeType::Text => text.to_lowercase().chars().collect(),
        };
        let mut clip = Clip { rate_hz: self.settings.audio.sample_rate, samples: Vec::new() };
        for part in symbols.chunks(MAX_PHONEMES) {
            clip.append_trimmed(&self.infer(self.settings.ids(part), rate, pool)?);
        }
        Ok(clip)
    }

    fn infer(&self, ids: Vec<i32>, rate: f32, pool: &Arc<ThreadPool>) -> Result<Vec<f32>, String> {
        let length = i32::try_from(ids.len()).map_err(|error| error.to_string())?;
        // Without noise the same text always gives the same samples, in a conversation as in its replay.
        let scales = vec![0.0, self.settings.inference.length_scale / rate, 0.0];
        let [ids_id, length_id, scales_id] = self.inputs;
        let mut inputs = vec![
            (ids_id, NdTensor::from_data([1, ids.len()], ids).into()),
            (length_id, NdTensor::from_data([1], vec![length]).into()),
            (scales_id, NdTensor::from_data([3], scales).into()),
        ];
        if let Some(speaker_id) = self.speaker {
            inputs.push((speaker_id, NdTensor::from_data([1], vec![0_i32]).into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
        let [output] = self.model.run_n(inputs, [self.output], Some(options)).map_err(|error| error.to_string())?;
        let samples: Tensor<f32> = output.try_into().map_err(|_| "the output is not sound".to_owned())?;
        Ok(samples.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(rest: &str) -> Settings {
        let text = format!(
            "{{\"audio\":{{\"sample_rate\":16000}},\"espeak\":{{\"voice\":\"fr\"}},\"phoneme_id_map\":\
             {{\"_\":[0],\"^\":[1],\"$\":[2],\"a\":[14],\"b\":[15,16]}}{rest}}}"
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_pad_follows_each_phoneme_and_unknown_ones_are_left_out() {
        assert_eq!(settings("").ids(&['a', '☃', 'b']), [1, 0, 14, 0, 15, 16, 0, 2]);
    }

    #[test]
    fn the_language_is_that_of_the_settings_else_that_of_its_phonemes() {
        assert_eq!(settings("").lang(), Some(Lang::Fr));
        assert_eq!(settings(",\"language\":{\"code\":\"en_GB\"}").lang(), Some(Lang::En));
        assert_eq!(settings(",\"language\":{\"code\":\"de_DE\"}").lang(), None);
    }
}
