//! `herald bench`: figures of this machine.

mod asr;
mod clips;
mod vad;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{CommandError, Context, Global, Kind, output};

/// Arguments of `herald bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// What to measure: asr, vad [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Recordings with their transcripts, as a directory with a manifest.jsonl
    #[arg(long, value_name = "DIR", default_value = "../shared/data/audio")]
    clips: PathBuf,
}

/// A bench: its name and what it runs.
type Bench = (&'static str, fn(&Bencher<'_>) -> Result<(), CommandError>);

const BENCHES: [Bench; 2] = [("asr", asr::run), ("vad", vad::run)];

pub(super) fn run(global: &Global, args: &BenchArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    if let Some(unknown) = args.names.iter().find(|name| BENCHES.iter().all(|(known, _)| known != name)) {
        let known: Vec<_> = BENCHES.iter().map(|(name, _)| *name).collect();
        return Err(CommandError::new(Kind::Usage, format!("there is no bench {unknown:?}"))
            .hint(format!("the benches are {}", known.join(", "))));
    }
    let bencher = Bencher { context: &context, model: global.model.as_deref(), clips: clips::read(&args.clips)? };
    let wanted = |name: &str| args.names.is_empty() || args.names.iter().any(|wanted| wanted == name);
    BENCHES.iter().filter(|(name, _)| wanted(name)).try_for_each(|(_, bench)| bench(&bencher))
}

/// What every bench gets.
struct Bencher<'a> {
    context: &'a Context,
    /// The recogniser asked for on the command line.
    model: Option<&'a str>,
    /// Recordings; none where there are none.
    clips: Vec<clips::Clip>,
}

impl Bencher<'_> {
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

/// Returns `seconds` of made-up sound with the rhythm of speech, the same every time.
fn babble(seconds: u16) -> Vec<f32> {
    let mut noise = 12_345_u32;
    let sample = |n: u32| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let white = f32::from(u16::try_from(noise >> 16).unwrap_or_default()) / 32_768.0 - 1.0;
        let second = f64::from(n) / 16_000.0;
        #[allow(clippy::cast_possible_truncation, reason = "a value within -1 to 1")]
        let voice =
            ((second * 140.0 * std::f64::consts::TAU).sin() * (second * 4.0 * std::f64::consts::TAU).sin()) as f32;
        0.2 * voice + 0.02 * white
    };
    (0..u32::from(seconds) * crate::audio::RATE_HZ).map(sample).collect()
}
