//! `herald stats`: figures for the owner, counted on this device, without words or names.

use std::rc::Rc;

use clap::Args;
use serde::Serialize;

use super::{CommandError, Context, Global, output};
use crate::{
    action::{Day, FEW, Figures, prometheus},
    store::Store,
};

/// Arguments of `herald stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Print the last 30 days in the text format of Prometheus
    #[arg(long)]
    prometheus: bool,
}

/// A figure: of a day, or of the last 30 together.
#[derive(Debug, Serialize)]
struct Line<'a> {
    metric: &'a str,
    /// `None`: fewer than five, and not zero.
    value: Option<u64>,
    /// `2026-11-22` (UTC), or `30d`.
    day: &'a str,
}

pub(super) fn run(global: &Global, args: &StatsArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    if !context.config.telemetry.stats {
        return off(&context);
    }
    let figures = Figures::new(Rc::new(Store::open(&context.dirs.data)?));
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let together = figures.together(now_ms)?;
    if args.prometheus {
        return output::line(prometheus(&together).trim_end());
    }
    let days = figures.by_day(now_ms)?;
    if context.json {
        return std::iter::once(&together).chain(&days).flat_map(lines).try_for_each(|line| output::json(&line));
    }
    output::line(format!("{:<22} {:>10}  by day, the newest first", "last 30 days", ""))?;
    for (at, line) in lines(&together).into_iter().enumerate() {
        let by_day = days.iter().map(|day| told(lines(day).get(at).and_then(|line| line.value)));
        let by_day = by_day.collect::<Vec<_>>().join(" ");
        output::line(format!("{:<22} {:>10}  {by_day}", line.metric, told(line.value)))?;
    }
    output::line(format!("<{FEW}: too few to tell without telling of somebody; times in seconds"))
}

fn lines(day: &Day) -> Vec<Line<'_>> {
    let counts = day.counts().map(|(metric, value)| Line { metric, value: value.map(u64::from), day: &day.day });
    let response = Line { metric: "response_median_s", value: day.response_s, day: &day.day };
    counts.into_iter().chain([response]).collect()
}

fn told(value: Option<u64>) -> String {
    value.map_or_else(|| format!("<{FEW}"), |value| value.to_string())
}

/// With `--json` nothing but figures goes to stdout, and there are none.
fn off(context: &Context) -> Result<(), CommandError> {
    if context.json {
        return Ok(());
    }
    output::line("No figures are kept. To keep them, on this device alone: stats = true under [telemetry].")
}
