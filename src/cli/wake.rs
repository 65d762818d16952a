//! Wake words by name: keyword models of the list, the user's own ONNX files, enrolled words.

use std::path::{Path, PathBuf};

use super::{CommandError, Context, Kind};
use crate::{
    config::{Dirs, Wake},
    intent::wake::Phrase,
    listen::{self, EnrolledWord, WakeModel, WakeWord, WakeWords, word_name},
    models::{self, Manifest, WAKE_FEATURES},
    store::Store,
};

/// Wake words that are installed, with the phrases that their second stage looks for.
#[derive(Debug)]
pub(super) struct Chosen {
    /// What the listener needs.
    pub(super) words: WakeWords,
    /// What an utterance must begin with, by the name of the word.
    pub(super) phrases: Vec<(String, Phrase)>,
}

/// Finds wake words by name, enrolled ones on the data directory included.
///
/// # Errors
/// As [`choose`]; also when the database cannot be read.
pub(super) fn choose_in(context: &Context, names: &[String]) -> Result<Chosen, CommandError> {
    let enrolled = listen::enrolled_words(&Store::open(&context.dirs.data)?)?;
    choose(&context.dirs, &enrolled, names)
}

/// The words of the configuration; where it wakes by none, the first keyword model that is installed, if any is.
///
/// # Errors
/// As [`choose_in`].
pub(super) fn some(context: &Context) -> Result<Option<Chosen>, CommandError> {
    let listen = &context.config.listen;
    if listen.wake == Wake::Keyword {
        return choose_in(context, &listen.wake_words).map(Some);
    }
    let installed = heads()?.into_iter().find(|head| models::find(&context.dirs.models, head).is_ok());
    installed.map(|head| choose_in(context, &[head.to_owned()])).transpose()
}

/// Finds wake words by name.
///
/// # Errors
/// Kind `Unavailable` when one is not installed, with what there is and how to get it.
pub(super) fn choose(dirs: &Dirs, enrolled: &[EnrolledWord], names: &[String]) -> Result<Chosen, CommandError> {
    let found: Vec<(WakeWord, Phrase)> =
        names.iter().map(|name| find(dirs, enrolled, name)).collect::<Result<_, _>>()?;
    let [mel, embedding] = WAKE_FEATURES.map(|name| models::find(&dirs.models, name));
    let phrases = found.iter().map(|(word, phrase)| (word.name.clone(), phrase.clone())).collect();
    let words = found.into_iter().map(|(word, _)| word).collect();
    Ok(Chosen { words: WakeWords { mel: mel?, embedding: embedding?, words }, phrases })
}

fn find(dirs: &Dirs, enrolled: &[EnrolledWord], wanted: &str) -> Result<(WakeWord, Phrase), CommandError> {
    let name = word_name(wanted);
    if let Some(word) = enrolled.iter().find(|word| word.name == name) {
        let takes = WakeModel::Enrolled(word.takes.clone());
        return Ok((WakeWord { name, model: takes }, Phrase::of_enrolled(&word.name, &word.phrases)));
    }
    let keyword = |name: String, path: PathBuf| {
        let phrase = Phrase::of_name(&name);
        (WakeWord { name, model: WakeModel::Keyword(path) }, phrase)
    };
    if listed(&name)? {
        return Ok(keyword(name.clone(), models::find(&dirs.models, &name)?));
    }
    let file = Path::new(wanted);
    let named = dirs.models.join(format!("{name}.onnx"));
    let own = if is_onnx(file) { file } else { &named };
    // Without a path, no file of the list passes for a head.
    if own.is_file() && (own == file || !is_known_file(own)?) {
        return Ok(keyword(name_of(own), own.to_owned()));
    }
    Err(unknown(dirs, enrolled, wanted))
}

fn listed(name: &str) -> Result<bool, CommandError> {
    Ok(heads()?.contains(&name))
}

/// The keyword models of the list.
pub(super) fn heads() -> Result<Vec<&'static str>, CommandError> {
    let models = Manifest::embedded()?.models().iter();
    let heads = models.filter(|model| model.kind == models::Kind::Wake && !model.needs.is_empty());
    Ok(heads.map(|model| model.name.as_str()).collect())
}

fn is_known_file(path: &Path) -> Result<bool, CommandError> {
    let file = path.file_name().unwrap_or_default();
    Ok(Manifest::embedded()?.models().iter().any(|model| file == model.file.as_str()))
}

fn is_onnx(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
}

/// A file's name without ending and version: `hey_you_v0.1.onnx` is `hey_you`.
fn name_of(path: &Path) -> String {
    let name = word_name(&path.file_stem().unwrap_or_default().to_string_lossy());
    let version = name.rsplit_once("_v").filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    version.map_or(name.clone(), |(word, _)| word.to_owned())
}

fn unknown(dirs: &Dirs, enrolled: &[EnrolledWord], wanted: &str) -> CommandError {
    let heads = heads().unwrap_or_default();
    let installed = heads.iter().copied().filter(|head| models::find(&dirs.models, head).is_ok());
    let there: Vec<&str> = enrolled.iter().map(|word| word.name.as_str()).chain(installed).collect();
    let there =
        if there.is_empty() { "none is installed".to_owned() } else { format!("there is {}", there.join(", ")) };
    CommandError::new(Kind::Unavailable, format!("there is no wake word {wanted:?}: {there}"))
        .hint(format!("a word of your own: herald setup wake {wanted:?}"))
        .hint(format!("keyword models, for private, non-commercial use only: herald models fetch {}", heads.join(" ")))
        .hint("an own model in the layout of openWakeWord: give the path of its .onnx file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_file_is_a_word_without_its_version() {
        assert_eq!(name_of(Path::new("/m/Hey_You_v0.1.onnx")), "hey_you");
        assert_eq!(name_of(Path::new("my_valet.onnx")), "my_valet");
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is_and_how_to_get_more() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs { data: folder.path().into(), models: folder.path().into() };
        let error = choose(&dirs, &[], &["Computer".to_owned()]).unwrap_err();
        assert_eq!(error.kind, Kind::Unavailable);
        assert!(error.to_string().contains("none is installed") && error.to_string().contains("setup wake"), "{error}");
        let error = choose(&dirs, &[], &["Alexa".to_owned()]).unwrap_err();
        assert_eq!(error.kind, Kind::Unavailable);
        assert!(error.to_string().contains("herald models fetch alexa"), "{error}");
    }
}
