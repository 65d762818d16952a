//! `herald bench`: figures of this machine.

mod asr;
mod barge_in;
mod chat;
mod cutoffs;
mod ears;
mod enrolled;
mod ghost;
mod heard;
mod idle;
mod latency;
mod machine;
mod memory;
mod names;
mod nlu;
mod scratch;
mod self_trigger;
mod store;
mod suggest;
mod vad;
mod voice;
mod wake;

pub(super) use machine::available_mb;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{CommandError, Context, Global, Kind, output};
use crate::{
    config::{Lang, LangChoice},
    models,
    testing::{Clip, read_clips},
};

/// Arguments of `herald bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// What to measure: asr, idle, memory, names, suggest, vad [default: these]; by name only, as they take long:
    /// barge-in, chat, cutoffs, ghost, growth, heard, latency, names-fit, names-heard, names-spoken, nlu, nlu-spoken,
    /// self-trigger, store, suggest-fit, voice, wake, wake-enrolled, wake-loop, asr with its word errors
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Recordings with their transcripts, as a directory with a manifest.jsonl
    #[arg(long, value_name = "DIR", default_value = "../shared/data/audio")]
    clips: PathBuf,
    /// Annotated sentences that `nlu` reads and `nlu-spoken` has spoken
    #[arg(long, value_name = "FILE", default_value = "../shared/data/nlu/dev.jsonl")]
    sentences: PathBuf,
    /// Minutes of sound that `ghost` hears
    #[arg(long, value_name = "N", default_value_t = 120)]
    minutes: u32,
    /// Commands that `names-spoken` speaks, half of them in each language
    #[arg(long, value_name = "N", default_value_t = 200)]
    commands: usize,
    /// First names with their locales, tab separated, of which `names-heard` makes its list
    #[arg(long, value_name = "FILE", default_value = "../shared/data/nlu/first_names.tsv")]
    first_names: PathBuf,
    /// Names as they were heard, for `names`; `names-heard` makes it or goes on with it
    #[arg(long, value_name = "FILE", default_value = "tests/examples/names/heard.tsv")]
    heard_names: PathBuf,
}

/// A bench.
struct Bench {
    name: &'static str,
    run: fn(&Bencher<'_>) -> Result<(), CommandError>,
    length: Length,
}

/// How long a bench takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    /// Up to about two minutes.
    Short,
    /// Longer: it runs only when it is named.
    Long,
}

const BENCHES: [Bench; 25] = [
    Bench { name: "asr", run: asr::run, length: Length::Short },
    Bench { name: "idle", run: idle::run, length: Length::Short },
    Bench { name: "memory", run: memory::run, length: Length::Short },
    Bench { name: "vad", run: vad::run, length: Length::Short },
    Bench { name: "ghost", run: ghost::run, length: Length::Long },
    Bench { name: "heard", run: heard::run, length: Length::Long },
    Bench { name: "growth", run: memory::growth, length: Length::Long },
    Bench { name: "nlu", run: nlu::run, length: Length::Long },
    Bench { name: "nlu-spoken", run: nlu::spoken::run, length: Length::Long },
    Bench { name: "names", run: names::run, length: Length::Short },
    Bench { name: "names-fit", run: names::train, length: Length::Long },
    Bench { name: "names-heard", run: names::generate::run, length: Length::Long },
    Bench { name: "names-spoken", run: names::spoken::run, length: Length::Long },
    Bench { name: "latency", run: latency::run, length: Length::Long },
    Bench { name: "cutoffs", run: cutoffs::run, length: Length::Long },
    Bench { name: "barge-in", run: barge_in::run, length: Length::Long },
    Bench { name: "self-trigger", run: self_trigger::run, length: Length::Long },
    Bench { name: "chat", run: chat::run, length: Length::Long },
    Bench { name: "store", run: store::run, length: Length::Long },
    Bench { name: "suggest", run: suggest::run, length: Length::Short },
    Bench { name: "suggest-fit", run: suggest::train, length: Length::Long },
    Bench { name: "voice", run: voice::run, length: Length::Long },
    Bench { name: "wake", run: wake::run, length: Length::Long },
    Bench { name: "wake-enrolled", run: enrolled::run, length: Length::Long },
    Bench { name: "wake-loop", run: wake::run_loop, length: Length::Long },
];

pub(super) fn run(global: &Global, args: &BenchArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    if let Some(unknown) = args.names.iter().find(|name| BENCHES.iter().all(|bench| bench.name != *name)) {
        let known: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        return Err(CommandError::new(Kind::Usage, format!("there is no bench {unknown:?}"))
            .hint(format!("the benches are {}", known.join(", "))));
    }
    let clips = read_clips(&args.clips).map_err(|error| CommandError::new(Kind::Input, error))?;
    let bencher = Bencher {
        context: &context,
        model: global.model.as_deref(),
        clips,
        sentences: &args.sentences,
        minutes: args.minutes,
        commands: args.commands,
        names: &args.names,
        first_names: &args.first_names,
        heard_names: &args.heard_names,
    };
    machine::facts(&bencher)?;
    let wanted = |bench: &&Bench| {
        args.names.iter().any(|name| name == bench.name) || args.names.is_empty() && bench.length == Length::Short
    };
    BENCHES.iter().filter(wanted).try_for_each(|bench| (bench.run)(&bencher))
}

/// What every bench gets.
struct Bencher<'a> {
    context: &'a Context,
    /// The recogniser asked for on the command line.
    model: Option<&'a str>,
    /// Recordings; none where there are none.
    clips: Vec<Clip>,
    /// Where annotated sentences are.
    sentences: &'a Path,
    /// Length of a bench that can take hours.
    minutes: u32,
    /// Commands to be spoken.
    commands: usize,
    /// The benches asked for.
    names: &'a [String],
    /// First names with their locales.
    first_names: &'a Path,
    /// The list of names as they were heard.
    heard_names: &'a Path,
}

impl Bencher<'_> {
    /// Whether a bench was asked for by name, so that it may take longer.
    fn is_named(&self, bench: &str) -> bool {
        self.names.iter().any(|name| name == bench)
    }

    /// Whether a language is to be measured.
    fn wants(&self, lang: Lang) -> bool {
        self.context.config.general.lang.fixed().is_none_or(|only| only == lang)
    }

    /// The recognisers to measure: that of the command line, or those of an English and of a bilingual device.
    fn recognisers(&self) -> Vec<&str> {
        let defaults = [LangChoice::En, LangChoice::Auto].map(models::default_asr);
        self.model.map_or_else(|| defaults.to_vec(), |name| vec![name])
    }

    /// The recordings in which nobody speaks, and those of the murmur of many people.
    fn noises(&self) -> Result<[Vec<Vec<f32>>; 2], CommandError> {
        let [mut noises, mut murmurs] = [Vec::new(), Vec::new()];
        for clip in self.clips("noise").chain(self.clips("music")) {
            let kind = if clip.category == "babble" { &mut murmurs } else { &mut noises };
            kind.push(self.samples(clip)?);
        }
        Ok([noises, murmurs])
    }

    /// Threads of one decode.
    fn threads(&self) -> usize {
        usize::try_from(self.context.config.asr.threads).unwrap_or(1)
    }

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
