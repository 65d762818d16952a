//! Puts the layers on top of each other and gives the typed tree, or all problems at once.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use super::{
    Config, LangChoice,
    layer::{Reading, Setting},
    problem::{ConfigError, Fault, Layer, Origin, Problem},
    profile, schema, validate,
};

/// Where the layers come from. What a test does not name is as on a machine without any configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// The configuration file, if there is one.
    pub file: Option<PathBuf>,
    /// Variables of the environment; those that do not begin with `HERALD_` are ignored.
    pub environment: Vec<(String, String)>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--lang`.
    pub lang: Option<LangChoice>,
    /// `--model`.
    pub model: Option<String>,
    /// Processor cores of this machine.
    pub cores: usize,
}

impl Default for Sources {
    fn default() -> Self {
        Self { file: None, environment: Vec::new(), profile: None, lang: None, model: None, cores: 4 }
    }
}

/// One value with where it was set.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// `section.key`.
    pub key: &'static str,
    /// The value as TOML.
    pub value: String,
    /// Where it was set.
    pub origin: Origin,
}

/// A configuration with the origin of each value.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The typed tree.
    pub config: Config,
    /// Every value with where it was set, in the order of `defaults.toml`.
    pub values: Vec<Value>,
}

/// The winning setting of each key.
pub(super) type Merged = BTreeMap<&'static str, Setting>;

/// Loads the configuration from all its layers.
///
/// # Errors
/// [`ConfigError`] with every problem of every layer.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut defaults = Reading::default();
    defaults.toml(Layer::Defaults, "defaults.toml", include_str!("defaults.toml"));
    let upper = read_upper(sources);

    let choices = merge([&defaults, &upper]);
    let mut lower = Reading::default();
    if let Some(board) = choices.get("general.board") {
        profile::read_board(&mut lower, board, sources.file.as_deref());
    }
    if let Some(profile) = choices.get("general.profile") {
        profile::read_profile(&mut lower, profile, sources.file.as_deref());
    }

    let merged = merge([&defaults, &lower, &upper]);
    let mut problems: Vec<_> = [defaults.problems, lower.problems, upper.problems].concat();
    problems.extend(validate::validate(&merged, sources.cores));
    if !problems.is_empty() {
        return Err(ConfigError { problems });
    }
    Ok(Loaded { config: typed(&merged)?, values: values(merged) })
}

/// Reads the layers above the profile: file, environment and flags.
fn read_upper(sources: &Sources) -> Reading {
    let mut upper = Reading::default();
    if let Some(file) = &sources.file {
        let name = file.display().to_string();
        match profile::read_bytes(file) {
            Ok(bytes) => upper.bytes(Layer::File, &name, &bytes),
            Err(fault) => upper.problem("configuration", "", fault),
        }
    }
    upper.environment(&sources.environment);
    let flags = [
        ("--profile", "general.profile", sources.profile.as_deref()),
        ("--lang", "general.lang", sources.lang.map(LangChoice::name)),
        ("--model", "asr.model", sources.model.as_deref()),
    ];
    for (flag, key, text) in flags {
        if let Some(text) = text {
            upper.flag(flag, key, text);
        }
    }
    upper
}

fn merge<const N: usize>(readings: [&Reading; N]) -> Merged {
    let mut settings: Vec<_> = readings.iter().flat_map(|reading| &reading.settings).cloned().collect();
    settings.sort_by_key(|setting| setting.origin.layer);
    settings.into_iter().map(|setting| (setting.key, setting)).collect()
}

fn typed(merged: &Merged) -> Result<Config, ConfigError> {
    let mut tree = toml::Table::new();
    for (key, setting) in merged {
        let (section, name) = schema::split(key);
        let section = tree.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        if let toml::Value::Table(table) = section {
            table.insert(name.to_owned(), setting.value.clone());
        }
    }
    Config::deserialize(tree).map_err(|error| {
        let fault = Fault::Syntax { reason: error.message().to_owned() };
        ConfigError { problems: vec![Problem { place: "configuration".to_owned(), key: String::new(), fault }] }
    })
}

fn values(mut merged: Merged) -> Vec<Value> {
    let taken = schema::KEYS.iter().filter_map(|(key, _)| merged.remove(key));
    taken.map(|setting| Value { key: setting.key, value: setting.value.to_string(), origin: setting.origin }).collect()
}
