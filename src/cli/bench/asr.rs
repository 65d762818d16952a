//! Word errors and processor time of the recognisers, beside the same model at the engine's own defaults.
//!
//! Both decode every clip in turn, in the same run, so that whatever else the machine does weighs on both. Ours finds
//! the language itself where the model knows several; the other is told.

use std::{path::Path, time::Duration};

use cpu_time::ProcessTime;

use super::Bencher;
use crate::{
    asr::{Recognizer, Stock, Transcript, Whisper, WordErrors, word_errors},
    audio::RATE_HZ,
    cli::{CommandError, Kind},
    config::{Lang, LangChoice},
    models::{self, ModelError},
    testing::babble,
};

const BENCH: &str = "asr";
/// Clips below this length are what is said to a device.
const SHORT_SAMPLES: usize = 9 * RATE_HZ as usize;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let defaults = [models::default_asr(LangChoice::En), models::default_asr(LangChoice::Fr)];
    let names = bencher.model.map_or_else(|| defaults.to_vec(), |name| vec![name]);
    if bencher.clips.is_empty() {
        bencher.note("no recordings: word errors are not measured (give --clips DIR)");
    }
    let mut missing = None;
    let mut measured = false;
    for name in names {
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
    let threads = usize::try_from(bencher.context.config.asr.threads).unwrap_or(1);
    let mut ours = Whisper::load(name, path, threads).map_err(fault)?;
    let (_, cpu) = measure(&mut ours, &babble(5), None)?;
    bencher.figure(BENCH, &format!("{name}/cpu_of_5_s"), cpu.as_secs_f64() * 1_000.0, "ms")?;
    if bencher.clips.is_empty() {
        return Ok(());
    }
    let mut stock = Stock::load(name, path, threads).map_err(fault)?;
    let langs: &[Lang] = if ours.is_multilingual() { &Lang::ALL } else { &[Lang::En] };
    for &lang in langs {
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
    ours: Side,
    stock: Side,
}

#[derive(Default)]
struct Side {
    words: WordErrors,
    short: Duration,
    long: Duration,
}

impl Side {
    fn add(&mut self, sentence: &Sentence<'_>, (heard, cpu): &(Transcript, Duration)) {
        self.words += word_errors(sentence.text, &heard.text, sentence.lang);
        *if sentence.samples.len() < SHORT_SAMPLES { &mut self.short } else { &mut self.long } += *cpu;
    }
}

impl Tally {
    /// Has both decode a clip; who begins alternates.
    fn compare(&mut self, sentence: &Sentence<'_>, ours: &mut Whisper, stock: &mut Stock) -> Result<(), CommandError> {
        let mut heard = || measure(ours, &sentence.samples, None);
        let mut yardstick = || measure(stock, &sentence.samples, Some(sentence.lang));
        let (heard, yardstick) = if self.clips.is_multiple_of(2) {
            (heard()?, yardstick()?)
        } else {
            let yardstick = yardstick()?;
            (heard()?, yardstick)
        };
        self.clips += 1;
        self.other_language += usize::from(heard.0.lang != sentence.lang);
        self.ours.add(sentence, &heard);
        self.stock.add(sentence, &yardstick);
        Ok(())
    }

    #[allow(clippy::cast_precision_loss, reason = "small counts")]
    fn print(&self, bencher: &Bencher<'_>, of: &str) -> Result<(), CommandError> {
        let (ours, stock) = (&self.ours, &self.stock);
        let points = ours.words.percent() - stock.words.percent();
        let ratio = |ours: Duration, stock: Duration| ours.as_secs_f64() / stock.as_secs_f64();
        let figures = [
            ("clips", self.clips as f64, ""),
            ("language_wrong", self.other_language as f64, "clips"),
            ("word_errors", ours.words.percent(), "%"),
            ("word_errors_stock", stock.words.percent(), "%"),
            ("word_errors_above_stock", points, "points"),
            ("cpu_under_9_s", ours.short.as_secs_f64(), "s"),
            ("cpu_under_9_s_stock", stock.short.as_secs_f64(), "s"),
            ("cpu_under_9_s_of_stock", ratio(ours.short, stock.short), "ratio"),
            ("cpu_from_9_s_of_stock", ratio(ours.long, stock.long), "ratio"),
        ];
        // A language without long clips has no ratio for them.
        let known = figures.iter().filter(|(_, value, _)| value.is_finite());
        known
            .into_iter()
            .try_for_each(|(metric, value, unit)| bencher.figure(BENCH, &format!("{of}/{metric}"), *value, unit))
    }
}

/// Decodes, told the language or not, and returns the processor time it took, of all threads.
fn measure(
    recognizer: &mut dyn Recognizer,
    samples: &[f32],
    told: Option<Lang>,
) -> Result<(Transcript, Duration), CommandError> {
    let start = ProcessTime::try_now().map_err(|error| CommandError::new(Kind::Internal, error))?;
    let heard = recognizer.transcribe(samples, LangChoice::Auto, told).map_err(fault)?;
    let cpu = start.try_elapsed().map_err(|error| CommandError::new(Kind::Internal, error))?;
    Ok((heard, cpu))
}

fn fault(error: crate::asr::AsrError) -> CommandError {
    CommandError::new(Kind::Internal, error)
}
