//! The list of models: names, files, licences, hashes, sources.

use std::sync::LazyLock;

use serde::Deserialize;

use super::ModelError;
use crate::config::Lang;

/// The list compiled into the program.
const EMBEDDED: &str = include_str!("../../models/manifest.toml");

/// The models Herald can use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    #[serde(rename = "model")]
    models: Vec<Model>,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Speech to text.
    Recogniser,
    /// Tells speech from other sound.
    Vad,
    /// Text to speech, and what belongs to it.
    Voice,
    /// Wake words: the heads, and the two graphs that all of them share.
    Wake,
}

/// One model: one file in the models directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name in the configuration and on the command line.
    pub name: String,
    /// File name in the models directory.
    pub file: String,
    /// What it is for.
    pub kind: Kind,
    /// Languages it understands or speaks.
    pub languages: Vec<Lang>,
    /// Licence, as SPDX expression.
    pub licence: String,
    /// Where the licence is stated.
    pub licence_from: String,
    /// What its licence or its origin forbids, in words for the person who fetches the model. Such a model is fetched only by name.
    pub only_for: Option<String>,
    /// Models that are of no use without these: fetching it fetches them.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Exact size in bytes.
    pub bytes: u64,
    /// Memory Herald needs with it, megabytes.
    pub memory_mb: u32,
    /// Files that are accepted.
    pub sha256: Vec<Accepted>,
    /// Where it can be had, in the order in which it is tried.
    #[serde(rename = "source")]
    pub(super) sources: Vec<Source>,
}

/// A file that is accepted as a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Who made it.
    pub of: Maker,
    /// Its SHA-256, lower-case hexadecimal.
    #[serde(rename = "is")]
    pub sha256: String,
}

/// Who made a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Maker {
    /// The makers of the model.
    Official,
    /// Herald's conversion.
    Ours,
}

/// One way to a model's file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct Source {
    pub(super) take: Vec<Take>,
    #[serde(default)]
    pub(super) recipe: Recipe,
    pub(super) input_sha256: Option<String>,
}

/// What is made of the files taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum Recipe {
    /// One after the other.
    #[default]
    #[serde(rename = "join")]
    Join,
    /// Whisper weights of CTranslate2 to whisper.cpp's file.
    #[serde(rename = "ct2-to-ggml")]
    Ct2ToGgml,
    /// whisper.cpp's file with eight-bit weights.
    #[serde(rename = "q8_0")]
    Q8_0,
    /// An ONNX graph without `FusedMatMul`.
    #[serde(rename = "unfuse-matmul")]
    UnfuseMatmul,
    /// A file of style vectors.
    #[serde(rename = "voices")]
    Voices,
}

/// One file a source brings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Take {
    url: Option<String>,
    pip: Option<String>,
    npm: Option<String>,
    model: Option<String>,
    file: Option<String>,
    /// Hash of what arrives: the package, or the file behind the address.
    pub(super) sha256: Option<String>,
    /// What it is for.
    #[serde(default, rename = "as")]
    pub(super) role: Role,
}

/// What a taken file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    /// The model or a part of it.
    #[default]
    Model,
    /// Mel filters.
    Mel,
    /// Vocabulary.
    Vocabulary,
}

/// Program that brings packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    /// Python's.
    Pip,
    /// Node's.
    Npm,
}

/// Where a taken file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin<'a> {
    /// An address.
    Url(&'a str),
    /// A file in a package.
    Package {
        /// Program that brings it.
        client: Client,
        /// Name and version as the program wants them.
        package: &'a str,
        /// The file in it.
        file: &'a str,
    },
    /// Another model.
    Model(&'a str),
}

impl Take {
    /// Returns where the file comes from; `None` if the manifest says it in no way or in several.
    pub(super) fn origin(&self) -> Option<Origin<'_>> {
        match (&self.url, &self.pip, &self.npm, &self.model, &self.file) {
            (Some(url), None, None, None, None) => Some(Origin::Url(url)),
            (None, Some(package), None, None, Some(file)) => {
                Some(Origin::Package { client: Client::Pip, package, file })
            }
            (None, None, Some(package), None, Some(file)) => {
                Some(Origin::Package { client: Client::Npm, package, file })
            }
            (None, None, None, Some(model), None) => Some(Origin::Model(model)),
            _ => None,
        }
    }
}

impl Manifest {
    /// Returns the list compiled into the program.
    ///
    /// # Errors
    /// Never in a released program: a test reads it.
    pub fn embedded() -> Result<&'static Self, ModelError> {
        static PARSED: LazyLock<Result<Manifest, String>> =
            LazyLock::new(|| Manifest::parse(EMBEDDED).map_err(|error| error.to_string()));
        PARSED.as_ref().map_err(|error| ModelError::Manifest(error.clone()))
    }

    /// Reads a list of models from TOML.
    ///
    /// # Errors
    /// [`ModelError::Manifest`] with the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let manifest: Self = toml::from_str(text).map_err(|error| ModelError::Manifest(error.to_string()))?;
        let problems: Vec<String> = manifest.models.iter().flat_map(|model| manifest.problems(model)).collect();
        if problems.is_empty() { Ok(manifest) } else { Err(ModelError::Manifest(problems.join("; "))) }
    }

    /// All models, in the order of the list.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// Returns the model of this name.
    ///
    /// # Errors
    /// [`ModelError::Unknown`] with all names.
    pub fn model(&self, name: &str) -> Result<&Model, ModelError> {
        self.models.iter().find(|model| model.name == name).ok_or_else(|| ModelError::Unknown {
            name: name.to_owned(),
            known: self.models.iter().map(|model| model.name.clone()).collect(),
        })
    }

    /// Returns these models and those they need, in the order in which they are wanted, each once.
    ///
    /// # Errors
    /// [`ModelError::Unknown`] with all names.
    pub fn with_needs(&self, names: &[&str]) -> Result<Vec<&Model>, ModelError> {
        let mut models: Vec<&Model> = Vec::new();
        for name in names {
            let model = self.model(name)?;
            for name in model.needs.iter().chain([&model.name]) {
                if models.iter().all(|known| known.name != *name) {
                    models.push(self.model(name)?);
                }
            }
        }
        Ok(models)
    }

    fn problems(&self, model: &Model) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |good: bool, what: &str| {
            if !good {
                problems.push(format!("model {}: {what}", model.name));
            }
        };
        let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']);
        check(self.models.iter().filter(|other| other.name == model.name).count() == 1, "is listed twice");
        check(self.models.iter().filter(|other| other.file == model.file).count() == 1, "shares its file with another");
        check(plain(&model.name) && plain(&model.file), "name and file must be plain file names");
        check(!model.sha256.is_empty(), "has no sha256");
        let known = |name: &String| self.models.iter().any(|other| &other.name == name && other.needs.is_empty());
        check(model.needs.iter().all(known), "needs a model that is not listed or needs others itself");
        let takes = |source: &Source| !source.take.is_empty();
        check(!model.sources.is_empty() && model.sources.iter().all(takes), "has no source, or one that takes nothing");
        let of_sources = model.sources.iter().flat_map(|source| {
            source.take.iter().filter_map(|take| take.sha256.as_ref()).chain(source.input_sha256.as_ref())
        });
        let mut hashes = model.sha256.iter().map(|accepted| &accepted.sha256).chain(of_sources);
        check(hashes.all(|hash| is_sha256(hash)), "a sha256 is not 64 lower-case hexadecimal digits");
        for take in model.sources.iter().flat_map(|source| &source.take) {
            match take.origin() {
                None => check(false, "take wants one of url, pip and file, npm and file, model"),
                // Inputs must be plain downloads or conversions, so that fetching cannot go in circles.
                Some(Origin::Model(input)) => check(
                    self.models.iter().any(|other| {
                        other.name == input
                            && other.sources.iter().flat_map(|source| &source.take).all(|take| take.model.is_none())
                    }),
                    "is made of a model that is not listed or is itself made of another",
                ),
                Some(Origin::Url(_) | Origin::Package { .. }) => {}
            }
        }
        problems
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LangChoice;

    #[test]
    fn the_embedded_list_is_sound_and_names_every_model() {
        let names: Vec<_> = Manifest::embedded().unwrap().models().iter().map(|model| model.name.as_str()).collect();
        for name in
            ["tiny.en", "tiny.en-q8_0", "base", "base-q8_0", "silero", "kokoro", "kokoro-voices", "kokoro-vocab"]
        {
            assert!(names.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_model_comes_with_those_it_needs() {
        let names = |wanted: &[&str]| -> Vec<&str> {
            let models = Manifest::embedded().unwrap().with_needs(wanted).unwrap();
            models.iter().map(|model| model.name.as_str()).collect()
        };
        assert_eq!(names(&["silero", "alexa", "silero"]), ["silero", "wake-mel", "wake-embedding", "alexa"]);
        let bad = EMBEDDED.replace("needs = [\"wake-mel\"", "needs = [\"wake-nothing\"");
        assert!(Manifest::parse(&bad).unwrap_err().to_string().contains("needs a model that is not listed"));
    }

    #[test]
    fn a_model_with_a_restricted_use_says_so_and_is_fetched_by_name_only() {
        for model in Manifest::embedded().unwrap().models() {
            // Of one voice it is not the licence that restricts it, but what it was made from.
            let is_restricted = model.licence.contains("-NC") || model.name == "piper-en-joe";
            assert_eq!(model.only_for.is_some(), is_restricted, "{}", model.name);
            for lang in [LangChoice::En, LangChoice::Fr, LangChoice::Auto] {
                let set = crate::models::default_set(lang);
                assert!(model.only_for.is_none() || !set.contains(&model.name.as_str()), "{}", model.name);
            }
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = Manifest::embedded().unwrap().model("huge").unwrap_err().to_string();
        assert!(error.contains("\"huge\"") && error.contains("tiny.en") && error.contains("kokoro-vocab"), "{error}");
    }

    #[test]
    fn a_list_with_mistakes_names_them_all() {
        let bad = EMBEDDED.replace("name = \"base\"", "name = \"silero\"").replace("fc75295c", "FC75295C");
        let error = Manifest::parse(&bad).unwrap_err().to_string();
        for part in ["model silero: is listed twice", "64 lower-case", "is made of a model that is not listed"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }

    #[test]
    fn a_file_outside_the_models_directory_is_refused() {
        let bad = EMBEDDED.replace("file = \"kokoro-vocab.json\"", "file = \"../kokoro-vocab.json\"");
        assert!(Manifest::parse(&bad).unwrap_err().to_string().contains("plain file names"));
    }
}
