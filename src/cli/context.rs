//! What every subcommand needs before it starts: the configuration, the directories, the log.

use std::{
    env, fs, io,
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process, thread,
};

use super::{CommandError, Global, Kind};
use crate::{
    config::{self, Config, ConfigError, Dirs, Loaded, Sources},
    telemetry,
};

/// What every subcommand works with.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The configuration from all layers.
    pub config: Config,
    /// Where data and models are; the data directory exists and can be written.
    pub dirs: Dirs,
    /// Whether results are printed as JSON.
    pub json: bool,
    /// The voice asked for on the command line.
    pub voice: Option<String>,
}

impl Context {
    /// Loads the configuration, starts the log and makes the data directory.
    ///
    /// # Errors
    /// Kind `Config` with every problem of the configuration; `CannotWrite` when the data directory cannot be
    /// written.
    pub fn load(global: &Global) -> Result<Self, CommandError> {
        let surroundings = Surroundings::of_this_process();
        let config = load_config(global, &surroundings)?.config;
        telemetry::init(&config.telemetry.level);
        let dirs = surroundings.dirs(global)?;
        make_writable(&dirs.data)?;
        Ok(Self { config, dirs, json: global.json, voice: global.voice.clone() })
    }

    /// As [`Context::load`], but makes no directory, and the configuration file may be missing; returns where it is,
    /// or will be.
    ///
    /// # Errors
    /// Kind `Config` with every problem of the configuration; `CannotWrite` when there is no place for the file or
    /// the data.
    pub(super) fn load_to_configure(global: &Global) -> Result<(Self, PathBuf), CommandError> {
        let surroundings = Surroundings::of_this_process();
        let path = global.config.clone().or_else(|| surroundings.config_path());
        let path = path.ok_or_else(|| no_place("the configuration", "--config FILE"))?;
        let file = path.exists().then(|| path.clone());
        let config = load_from(file, global, &surroundings)?.config;
        telemetry::init(&config.telemetry.level);
        let dirs = surroundings.dirs(global)?;
        Ok((Self { config, dirs, json: global.json, voice: global.voice.clone() }, path))
    }
}

/// Loads the configuration alone.
pub(super) fn load_config(global: &Global, surroundings: &Surroundings) -> Result<Loaded, CommandError> {
    load_from(global.config.clone().or_else(|| surroundings.config_file()), global, surroundings)
}

fn load_from(file: Option<PathBuf>, global: &Global, surroundings: &Surroundings) -> Result<Loaded, CommandError> {
    let sources = Sources {
        file,
        environment: surroundings.variables.clone(),
        profile: global.profile.clone(),
        lang: global.lang,
        model: global.model.clone(),
        cores: thread::available_parallelism().map_or(1, usize::from),
    };
    config::load(&sources).map_err(|error| config_error(&error))
}

fn config_error(error: &ConfigError) -> CommandError {
    CommandError::new(Kind::Config, error)
        .hint("every key is explained in src/config/defaults.toml, installed as share/doc/herald/defaults.toml")
}

/// The environment, read once so that nothing else looks at it.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    variables: Vec<(String, String)>,
}

impl Surroundings {
    /// Reads the environment of this process; variables that are not UTF-8 are left out.
    pub(super) fn of_this_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: env::vars_os().filter_map(text).collect() }
    }

    /// Returns a variable that is set and not empty.
    fn variable(&self, name: &str) -> Option<&str> {
        let (_, value) = self.variables.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// Returns `herald` below an XDG base directory; the specification asks to ignore relative paths.
    fn xdg(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        let absolute = |path: PathBuf| path.is_absolute().then_some(path);
        let set = self.variable(variable).map(PathBuf::from).and_then(absolute);
        let base = set.or_else(|| Some(Path::new(self.variable("HOME")?).join(below_home)))?;
        Some(base.join("herald"))
    }

    /// Returns where the user's configuration file is, or would be.
    fn config_path(&self) -> Option<PathBuf> {
        Some(self.xdg("XDG_CONFIG_HOME", ".config")?.join("config.toml"))
    }

    /// Returns the user's configuration file if there is one.
    fn config_file(&self) -> Option<PathBuf> {
        self.config_path().filter(|file| file.exists())
    }

    /// Returns where data and models are.
    pub(super) fn dirs(&self, global: &Global) -> Result<Dirs, CommandError> {
        let data = global.data_dir.clone().or_else(|| self.xdg("XDG_STATE_HOME", ".local/state"));
        let models = global.models_dir.clone().or_else(|| self.variable("HERALD_MODELS").map(PathBuf::from));
        let models = models.or_else(|| Some(self.xdg("XDG_DATA_HOME", ".local/share")?.join("models")));
        Ok(Dirs {
            data: data.ok_or_else(|| no_place("Herald's data", "--data-dir DIR"))?,
            models: models.ok_or_else(|| no_place("the models", "--models-dir DIR"))?,
        })
    }
}

fn no_place(what: &str, flag: &str) -> CommandError {
    CommandError::new(Kind::CannotWrite, format!("there is no place for {what}: HOME is not set"))
        .hint(format!("set HOME, or give {flag}"))
}

/// Makes the data directory, for its owner only, and proves that it can be written.
pub(super) fn make_writable(data: &Path) -> Result<(), CommandError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data).and_then(|()| write_probe(data)).map_err(|error| {
        CommandError::new(Kind::CannotWrite, format!("cannot write {}: {error}", data.display()))
            .hint("free some space or mend the permissions, or give another directory with --data-dir")
    })
}

/// Writes and removes a small file: permissions alone do not tell of a full or read-only disk.
fn write_probe(data: &Path) -> io::Result<()> {
    let probe = data.join(format!(".probe-{}", process::id()));
    let written = fs::File::create(&probe).and_then(|mut file| {
        file.write_all(b"herald")?;
        file.sync_all()
    });
    let removed = fs::remove_file(&probe);
    written.and(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Surroundings { variables: variables.iter().map(owned).collect() }
    }

    fn dirs(variables: &[(&str, &str)], global: &Global) -> (String, String) {
        let dirs = surroundings(variables).dirs(global).unwrap();
        (dirs.data.display().to_string(), dirs.models.display().to_string())
    }

    #[test]
    fn directories_follow_the_flags_then_the_environment_then_home() {
        let home = ("HOME", "/home/u");
        let none = Global::default();
        let standard = ("/home/u/.local/state/herald".to_owned(), "/home/u/.local/share/herald/models".to_owned());
        assert_eq!(dirs(&[home], &none), standard);
        assert_eq!(dirs(&[home, ("XDG_STATE_HOME", "relative"), ("HERALD_MODELS", "")], &none), standard);

        let set = [home, ("XDG_STATE_HOME", "/s"), ("XDG_DATA_HOME", "/d"), ("HERALD_MODELS", "/m")];
        assert_eq!(dirs(&set[..3], &none), ("/s/herald".to_owned(), "/d/herald/models".to_owned()));
        assert_eq!(dirs(&set, &none).1, "/m");

        let flags = Global { data_dir: Some("/f".into()), models_dir: Some("/g".into()), ..none };
        assert_eq!(dirs(&set, &flags), ("/f".to_owned(), "/g".to_owned()));
    }

    #[test]
    fn without_a_home_the_flags_are_asked_for() {
        let error = surroundings(&[]).dirs(&Global::default()).unwrap_err();
        assert_eq!(error.kind, Kind::CannotWrite);
        assert!(error.hints[0].contains("--data-dir"), "{error}");
    }

    #[test]
    fn the_data_directory_is_made_for_its_owner_only_and_left_empty() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("a/b");
        make_writable(&data).unwrap();
        assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
    }

    #[test]
    fn a_data_directory_below_a_file_cannot_be_written() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = make_writable(&file.path().join("data")).unwrap_err();
        assert_eq!(error.kind, Kind::CannotWrite);
    }
}
