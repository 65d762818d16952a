//! `herald doctor`: checks everything from the configuration to the microphone, and says how to mend what is wrong.

mod data;
mod machine;
mod recogniser;
mod stages;

use clap::Args;
use serde::Serialize;

use super::{
    CommandError, Global, Kind,
    context::{self, Surroundings},
    output,
};
use crate::{
    config::{self, Config, Dirs, Layer, Loaded, Sources},
    telemetry,
};

/// Arguments of `herald doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Mend what can be mended: directories, their permissions, missing models
    #[arg(long)]
    fix: bool,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    check: &'static str,
    ok: bool,
    detail: String,
    /// How to mend it; empty if nothing is wrong.
    fix: String,
}

impl Check {
    fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, ok: true, detail: detail.into(), fix: String::new() }
    }

    fn bad(check: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, ok: false, detail: detail.into(), fix: fix.into() }
    }

    fn print(&self, json: bool) -> Result<(), CommandError> {
        if json {
            return output::json(self);
        }
        let sign = if self.ok { "ok  " } else { "FAIL" };
        output::line(format_args!("{sign} {}: {}", self.check, self.detail))?;
        if self.ok { Ok(()) } else { output::line(format_args!("     {}", self.fix)) }
    }
}

/// What the checks look at.
struct Patient<'a> {
    config: &'a Config,
    dirs: &'a Dirs,
    fix: bool,
}

/// A check, or several of a kind.
type Examination = fn(&Patient<'_>) -> Vec<Check>;

/// Everything but the configuration, which comes first, in the order a newcomer would mend it.
const EXAMINATIONS: &[Examination] = &[
    machine::cpu,
    machine::threads,
    data::directory,
    data::disk,
    data::database,
    data::trail,
    stages::sound,
    stages::models,
    recogniser::recogniser,
    stages::wake_words,
    stages::voices,
    stages::network,
    stages::page,
    stages::chat,
];

pub(super) fn run(global: &Global, args: &DoctorArgs) -> Result<(), CommandError> {
    let surroundings = Surroundings::of_this_process();
    let (config, configuration) = match context::load_config(global, &surroundings) {
        Ok(loaded) => (loaded.config.clone(), Check::good("configuration", in_force(&loaded))),
        Err(error) => {
            let defaults = config::load(&Sources::default()).map_err(|bug| CommandError::new(Kind::Internal, bug))?;
            (defaults.config, Check::bad("configuration", error.message, error.hints.join("; ")))
        }
    };
    telemetry::init(&config.telemetry.level);
    configuration.print(global.json)?;

    let dirs = surroundings.dirs(global)?;
    let patient = Patient { config: &config, dirs: &dirs, fix: args.fix };
    let mut failed = 0;
    for examine in EXAMINATIONS {
        for check in examine(&patient) {
            check.print(global.json)?;
            failed += usize::from(!check.ok);
        }
    }
    verdict(configuration.ok, failed)
}

/// Says which values are in force that are not the defaults, and where they were set.
fn in_force(loaded: &Loaded) -> String {
    let general = &loaded.config.general;
    let set = loaded.values.iter().filter(|value| value.origin.layer > Layer::Profile);
    let mut said = format!("profile {}, board {}", general.profile, general.board);
    for value in set {
        said.push_str(&format!("; {} = {} ({})", value.key, value.value, value.origin));
    }
    said
}

fn verdict(configured: bool, failed: usize) -> Result<(), CommandError> {
    match (configured, failed) {
        (true, 0) => Ok(()),
        (false, _) => Err(CommandError::new(Kind::Config, "the configuration has to be mended first")),
        (true, 1) => Err(CommandError::new(Kind::Unavailable, "one check failed")),
        (true, many) => Err(CommandError::new(Kind::Unavailable, format!("{many} checks failed"))),
    }
}
