//! `herald bench`: figures of this machine.

mod asr;
mod barge_in;
mod self_trigger;
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
    /// What to measure: asr, vad, barge-in, self-trigger [default: all that take less than two minutes]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Recordings with their transcripts, as a directory with a manifest.jsonl
    #[arg(long, value_name = "DIR", default_value = "../shared/data/audio")]
    clips: PathBuf,
}

/// When a bench runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// With all others.
    Always,
    /// When it is named: it takes minutes.
    Named,
}

/// A bench: its name, when it runs, and what it does.
type Bench = (&'static str, When, fn(&Bencher<'_>) -> Result<(), CommandError>);

const BENCHES: [Bench; 4] = [
    ("asr", When::Always, asr::run),
    ("vad", When::Always, vad::run),
    ("barge-in", When::Named, barge_in::run),
    ("self-trigger", When::Named, self_trigger::run),
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
    let wanted = |name: &str, when| {
        if args.names.is_empty() { when == When::Always } else { args.names.iter().any(|wanted| wanted == name) }
    };
    BENCHES.iter().filter(|(name, when, _)| wanted(name, *when)).try_for_each(|(.., bench)| bench(&bencher))
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
        output::line(format_args!("{bench:<8} {metric:<46} {value:>10.3} {unit}"))
    }

    /// Prints median and 95th percentile of some times in milliseconds.
    fn spread(&self, bench: &str, metric: &str, times_ms: &mut [f64]) -> Result<(), CommandError> {
        times_ms.sort_by(f64::total_cmp);
        let at = |percent: usize| times_ms.get((times_ms.len() * percent / 100).min(times_ms.len().saturating_sub(1)));
        if let (Some(median), Some(late)) = (at(50), at(95)) {
            self.figure(bench, &format!("{metric}, median"), *median, "ms")?;
            self.figure(bench, &format!("{metric}, 95th percentile"), *late, "ms")?;
        }
        Ok(())
    }

    /// Says on standard error why a figure is missing.
    #[allow(clippy::print_stderr, reason = "for the person at the terminal, not for the log")]
    fn note(&self, text: &str) {
        eprintln!("{text}");
    }
}
