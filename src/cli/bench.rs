//! `herald bench`: figures of this machine.

mod asr;
mod cutoffs;
mod latency;
mod vad;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{CommandError, Context, Global, Kind, output};
use crate::{
    config::Lang,
    testing::{Clip, read_clips},
};

/// Arguments of `herald bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// What to measure: asr, vad; by name only, since they take minutes: cutoffs, latency [default: the short ones]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Recordings with their transcripts, as a directory with a manifest.jsonl
    #[arg(long, value_name = "DIR", default_value = "../shared/data/audio")]
    clips: PathBuf,
}

/// A bench: its name, whether it runs without being named, and what it runs.
type Bench = (&'static str, bool, fn(&Bencher<'_>) -> Result<(), CommandError>);

const BENCHES: [Bench; 4] = [
    ("asr", true, asr::run),
    ("vad", true, vad::run),
    ("cutoffs", false, cutoffs::run),
    ("latency", false, latency::run),
];

pub(super) fn run(global: &Global, args: &BenchArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    if let Some(unknown) = args.names.iter().find(|name| BENCHES.iter().all(|(known, ..)| known != name)) {
        let known: Vec<_> = BENCHES.iter().map(|(name, ..)| *name).collect();
        return Err(CommandError::new(Kind::Usage, format!("there is no bench {unknown:?}"))
            .hint(format!("the benches are {}", known.join(", "))));
    }
    let clips = read_clips(&args.clips).map_err(|error| CommandError::new(Kind::Input, error))?;
    let bencher = Bencher { context: &context, model: global.model.as_deref(), clips };
    let wanted = |(name, unasked, _): &&Bench| {
        if args.names.is_empty() { *unasked } else { args.names.iter().any(|wanted| wanted == name) }
    };
    BENCHES.iter().filter(wanted).try_for_each(|(.., bench)| bench(&bencher))
}

/// What every bench gets.
struct Bencher<'a> {
    context: &'a Context,
    /// The recogniser asked for on the command line.
    model: Option<&'a str>,
    /// Recordings; none where there are none.
    clips: Vec<Clip>,
}

impl Bencher<'_> {
    /// The recordings of a kind.
    fn clips<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Clip> {
        self.clips.iter().filter(move |clip| clip.kind == kind)
    }

    /// The recordings of read sentences in a language, with what is said.
    fn sentences(&self, lang: Lang) -> impl Iterator<Item = (&Clip, &str)> {
        let of_lang = self.clips("asr").filter(move |clip| clip.lang() == Some(lang));
        of_lang.filter_map(|clip| Some((clip, clip.transcript.as_deref()?)))
    }

    /// Reads a recording.
    fn samples(&self, clip: &Clip) -> Result<Vec<f32>, CommandError> {
        clip.samples().map_err(|error| CommandError::new(Kind::Input, error))
    }

    /// Prints one figure.
    fn figure(&self, bench: &str, metric: &str, value: f64, unit: &str) -> Result<(), CommandError> {
        #[derive(Serialize)]
        struct Figure<'a> {
            bench: &'a str,
            metric: &'a str,
            value: f64,
            unit: &'a str,
        }
        if self.context.json {
            return output::json(&Figure { bench, metric, value, unit });
        }
        output::line(format_args!("{bench:<6} {metric:<46} {value:>10.3} {unit}"))
    }

    /// Says on standard error why a figure is missing.
    #[allow(clippy::print_stderr, reason = "for the person at the terminal, not for the log")]
    fn note(&self, text: &str) {
        eprintln!("{text}");
    }
}
