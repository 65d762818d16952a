//! Word errors and processor time of the recognisers.
//!
//! By default only what 5 s cost. When it is named, every clip is also decoded in five ways: `live` (as in a
//! conversation), `thorough` (as `herald transcribe` does), `untrimmed` (the search of `live`, in the full window of
//! 30 s: the yardstick of what a shorter one loses), `beam` (a beam of 5 for every clip), and `stock` (the engine's own
//! defaults, told the language). All decode a clip in turn, in the same run, so that whatever else the machine does
//! weighs on all of them. Words are compared by [`normalise`](crate::asr::normalise()).

use std::{path::Path, time::Duration};

use cpu_time::ProcessTime;

use super::{Bencher, machine};
use crate::{
    asr::{AsrError, Effort, Recognizer, Stock, Transcript, Whisper, WordErrors, word_errors},
    audio::RATE_HZ,
    cli::{CommandError, Kind},
    config::{Lang, LangChoice},
    models::{self, ModelError},
    testing::babble,
};

const BENCH: &str = "asr";
/// Clips below this length are what is said to a device.
const SHORT_SAMPLES: usize = 9 * RATE_HZ as usize;
/// Ways to decode a clip.
const WAYS: [(&str, Option<Effort>); 5] = [
    ("live", Some(Effort::Live)),
    ("untrimmed", Some(Effort::Untrimmed)),
    ("thorough", Some(Effort::Thorough)),
    ("beam", Some(Effort::Beam)),
    ("stock", None),
];
const LIVE: usize = 0;
const UNTRIMMED: usize = 1;
const STOCK: usize = 4;
/// A text this many times as long as what was said is a loop.
const LOOP_TIMES: usize = 2;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    if bencher.clips.is_empty() {
        bencher.note("no recordings: word errors are not measured (give --clips DIR)");
    }
    let mut missing = None;
    let mut measured = false;
    for name in bencher.recognisers() {
        match models::find(&bencher.context.dirs.models, name) {
            Ok(path) => {
                model(bencher, name, &path)?;
                measured = true;
            }
            Err(error @ ModelError::Missing { .. }) => {
                bencher.note(&error.to_string());
                missing = Some(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    if measured { Ok(()) } else { missing.map_or(Ok(()), |error| Err(error.into())) }
}

fn model(bencher: &Bencher<'_>, name: &str, path: &Path) -> Result<(), CommandError> {
    let mut ours = Whisper::load(name, path, bencher.threads())?;
    let (_, cpu) = measure(&mut ours, &babble(5), LangChoice::Auto)?;
    bencher.figure(BENCH, &format!("{name}/cpu_of_5_s"), cpu.as_secs_f64() * 1_000.0, "ms")?;
    if let Some(used_mb) = machine::resident_mb() {
        bencher.figure(BENCH, &format!("{name}/memory_of_this_process"), used_mb, "MB")?;
    }
    if bencher.clips.is_empty() || !bencher.is_named(BENCH) {
        return Ok(());
    }
    let mut stock = Stock::load(name, path, bencher.threads())?;
    let langs: &[Lang] = if ours.is_multilingual() { &Lang::ALL } else { &[Lang::En] };
    for &lang in langs.iter().filter(|&&lang| bencher.wants(lang)) {
        let mut tally = Tally::default();
        for (clip, text) in bencher.sentences(lang) {
            tally.compare(&Sentence { samples: bencher.samples(clip)?, text, lang }, &mut ours, &mut stock)?;
        }
        tally.print(bencher, &format!("{name}/{lang}"))?;
    }
    Ok(())
}

/// Somebody reading a known text.
struct Sentence<'a> {
    samples: Vec<f32>,
    text: &'a str,
    lang: Lang,
}

/// Sums over the clips of one language.
#[derive(Default)]
struct Tally {
    clips: usize,
    other_language: usize,
    ways: [Side; WAYS.len()],
}

#[derive(Default)]
struct Side {
    words: WordErrors,
    loops: usize,
    short: Duration,
    long: Duration,
}

impl Side {
    fn add(&mut self, sentence: &Sentence<'_>, (heard, cpu): &(Transcript, Duration)) {
        self.words += word_errors(sentence.text, &heard.text, sentence.lang);
        self.loops += usize::from(heard.text.len() > sentence.text.len() * LOOP_TIMES);
        *if sentence.samples.len() < SHORT_SAMPLES { &mut self.short } else { &mut self.long } += *cpu;
    }

    fn cpu(&self) -> Duration {
        self.short + self.long
    }
}

impl Tally {
    /// Has all decode a clip; who begins alternates.
    fn compare(&mut self, sentence: &Sentence<'_>, ours: &mut Whisper, stock: &mut Stock) -> Result<(), CommandError> {
        let mut order: Vec<usize> = (0..WAYS.len()).collect();
        order.rotate_left(self.clips % WAYS.len());
        for way in order {
            let heard = match WAYS[way].1 {
                Some(effort) => {
                    ours.set_effort(effort);
                    measure(ours, &sentence.samples, LangChoice::Auto)?
                }
                None => measure(stock, &sentence.samples, sentence.lang.into())?,
            };
            self.other_language += usize::from(way == LIVE && heard.0.lang != sentence.lang);
            self.ways[way].add(sentence, &heard);
        }
        self.clips += 1;
        Ok(())
    }

    #[allow(clippy::cast_precision_loss, reason = "small counts")]
    fn print(&self, bencher: &Bencher<'_>, of: &str) -> Result<(), CommandError> {
        let figure = |metric: String, value: f64, unit| match value.is_finite() {
            true => bencher.figure(BENCH, &format!("{of}/{metric}"), value, unit),
            // A language without long clips has no ratio for them.
            false => Ok(()),
        };
        let [untrimmed, stock] = [&self.ways[UNTRIMMED], &self.ways[STOCK]];
        let ratio = |ours: Duration, other: Duration| ours.as_secs_f64() / other.as_secs_f64();
        figure("clips".into(), self.clips as f64, "")?;
        figure("words".into(), stock.words.words as f64, "")?;
        figure("language_wrong".into(), self.other_language as f64, "clips")?;
        for ((name, _), way) in WAYS.iter().zip(&self.ways) {
            let more = way.words.errors as f64 - untrimmed.words.errors as f64;
            figure(format!("{name}/word_errors"), way.words.errors as f64, "words")?;
            figure(format!("{name}/word_errors_percent"), way.words.percent(), "%")?;
            figure(format!("{name}/more_than_untrimmed"), more, "words")?;
            figure(format!("{name}/loops"), way.loops as f64, "clips")?;
            figure(format!("{name}/cpu"), way.cpu().as_secs_f64(), "s")?;
            figure(format!("{name}/cpu_of_stock"), ratio(way.cpu(), stock.cpu()), "ratio")?;
        }
        let live = &self.ways[LIVE];
        figure("live/cpu_under_9_s_of_stock".into(), ratio(live.short, stock.short), "ratio")?;
        figure("live/cpu_from_9_s_of_stock".into(), ratio(live.long, stock.long), "ratio")
    }
}

/// Decodes and returns the processor time it took, of all threads.
fn measure(
    recognizer: &mut dyn Recognizer,
    samples: &[f32],
    lang: LangChoice,
) -> Result<(Transcript, Duration), CommandError> {
    let clock = |error| CommandError::new(Kind::Internal, error);
    let start = ProcessTime::try_now().map_err(clock)?;
    let heard = recognizer.transcribe(samples, lang, None).map_err(fault)?;
    Ok((heard, start.try_elapsed().map_err(clock)?))
}

fn fault(error: AsrError) -> CommandError {
    CommandError::new(Kind::Internal, error)
}
