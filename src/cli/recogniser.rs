//! Which recogniser is used: the configured one, the one `herald doctor` chose for this machine, or the default.

use super::Context;
use crate::{
    config::LangChoice,
    models,
    store::{self, Store},
};

/// Returns the name of the recogniser to load.
///
/// What the doctor chose counts only while it is installed: a choice must never be what keeps Herald from running.
pub(super) fn name(context: &Context) -> String {
    let configured = &context.config.asr.model;
    let lang = context.config.general.lang;
    match configured.as_str() {
        "auto" => chosen(context, lang).unwrap_or_else(|| models::default_asr(lang).to_owned()),
        _ => configured.clone(),
    }
}

fn chosen(context: &Context, lang: LangChoice) -> Option<String> {
    let data = &context.dirs.data;
    // Opening would make the database.
    if !data.join(store::FILE_NAME).exists() {
        return None;
    }
    let name = Store::open(data).and_then(|store| store.setting(&key(lang))).ok()??;
    models::find(&context.dirs.models, &name).is_ok().then_some(name)
}

/// Under which key of the settings the choice for a language is kept.
pub(super) fn key(lang: LangChoice) -> String {
    format!("asr.model.{}", lang.name())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{self, Dirs, Sources};

    fn context(data: &Path, model: &str) -> Context {
        let models = std::env::var_os("HERALD_MODELS")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-models"), Into::into);
        let sources = Sources { lang: Some(LangChoice::En), model: Some(model.to_owned()), ..Sources::default() };
        let config = config::load(&sources).unwrap().config;
        Context { config, dirs: Dirs { data: data.to_owned(), models }, json: false, voice: None }
    }

    #[test]
    fn the_doctors_choice_counts_where_nothing_is_configured_and_only_while_it_is_installed() {
        let data = tempfile::tempdir().unwrap();
        let auto = context(data.path(), "auto");
        assert_eq!(name(&auto), "tiny.en-q8_0");
        assert!(!data.path().join(store::FILE_NAME).exists(), "asking makes no database");
        let store = Store::open(data.path()).unwrap();
        store.set_setting(&key(LangChoice::En), "gone").unwrap();
        assert_eq!(name(&auto), "tiny.en-q8_0");
        store.set_setting(&key(LangChoice::En), "base-q8_0").unwrap();
        assert_eq!(name(&context(data.path(), "base")), "base");
        if models::find(&auto.dirs.models, "base-q8_0").is_ok() {
            assert_eq!(name(&auto), "base-q8_0");
        }
    }
}
