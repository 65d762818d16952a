//! How good suggestions are, on labelled conversations: what is offered where nothing should be, and what of the rest.
//!
//! `tests/examples/suggest/README.md` says what the figures mean and how they are counted. `dev` is the half the rules
//! were made with, `test` the half that is only measured. Replies stand beside two yardsticks, see `yardstick.rs`.

mod figures;
mod labelled;
mod own;
mod yardstick;

use std::{path::Path, time::Instant};

use self::{
    figures::Figures,
    labelled::{Line, Split},
    yardstick::Yardstick,
};
use super::Bencher;
use crate::{
    cli::{CommandError, Kind},
    config::Lang,
    suggest::{Suggester, replies},
};

const BENCH: &str = "suggest";
/// The labelled conversations.
const EXAMPLES: &str = "tests/examples/suggest";
/// The lines of our own that the retriever learns from, and what `suggest-fit` writes.
const MODEL: &str = "models/suggest";
const TRAINED: &str = "models/suggest/replies.bin";

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    if !Path::new(EXAMPLES).exists() {
        bencher.note("suggest: no labelled conversations here; run it in the source tree");
        return Ok(());
    }
    let suggester = Suggester::new().map_err(|error| CommandError::new(Kind::Internal, error))?;
    let mut times_ms = Vec::new();
    for lang in Lang::ALL.into_iter().filter(|lang| bencher.wants(*lang)) {
        let lines = labelled::read(Path::new(EXAMPLES), lang)?;
        let yardstick = Yardstick::new(&lines);
        for split in [Split::Dev, Split::Test] {
            let figures = measure(&suggester, &lines, split, &yardstick, &mut times_ms);
            let label = |metric: &str| format!("{lang} {}: {metric}", split.name());
            for (metric, value, unit) in figures.table() {
                bencher.figure(BENCH, &label(&metric), value, unit)?;
            }
        }
    }
    bencher.spread(BENCH, "one call", &mut times_ms)?;
    #[allow(clippy::cast_precision_loss, reason = "a file of half a megabyte")]
    bencher.figure(BENCH, "size of the retriever", replies::size() as f64 / 1_000.0, "kB")
}

/// Trains the retriever on the `dev` half and on lines of our own, and writes the file that holds it.
pub(super) fn train(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let mut lines = Vec::new();
    for lang in Lang::ALL {
        lines.extend(labelled::read(Path::new(EXAMPLES), lang)?.into_iter().filter(|line| line.split == Split::Dev));
        lines.extend(own::read(Path::new(MODEL), lang)?);
    }
    let examples: Vec<_> = lines.iter().filter(|line| !line.replies.is_empty()).map(Line::example).collect();
    let trained = replies::train(&examples).map_err(|error| CommandError::new(Kind::Input, error))?;
    std::fs::write(TRAINED, trained)
        .map_err(|error| CommandError::new(Kind::CannotWrite, format!("cannot write {TRAINED}: {error}")))?;
    #[allow(clippy::cast_precision_loss, reason = "a small count")]
    bencher.figure(BENCH, "trained_on", examples.len() as f64, "messages")
}

/// Counts one half of one language.
fn measure(
    suggester: &Suggester,
    lines: &[Line],
    split: Split,
    yardstick: &Yardstick,
    times_ms: &mut Vec<f64>,
) -> Figures {
    let mut figures = Figures::default();
    for line in lines.iter().filter(|line| line.split == split) {
        let (messages, about) = (line.messages(), line.about());
        let start = Instant::now();
        let offered = suggester.suggest(&messages, &about);
        times_ms.push(start.elapsed().as_secs_f64() * 1_000.0);
        figures.add_offers(line, &messages, &offered);
        if !line.replies.is_empty() {
            figures.add_replies(line, &suggester.replies(&messages, &about), yardstick);
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suggest::Kind as Offer;

    fn test_half(lang: Lang) -> Figures {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let lines = labelled::read(&root.join(EXAMPLES), lang).unwrap();
        assert!(lines.len() > 600, "the labelled set is not whole: {} lines", lines.len());
        measure(&Suggester::new().unwrap(), &lines, Split::Test, &Yardstick::new(&lines), &mut Vec::new())
    }

    #[test]
    fn offers_keep_the_bars_on_conversations_the_rules_were_not_made_with() {
        for lang in Lang::ALL {
            let figures = test_half(lang);
            assert!(figures.false_offers() < 3.0, "{lang}: {} % false offers", figures.false_offers());
            for kind in Offer::ALL {
                let (precision, recall) = figures.of_kind(kind);
                assert!(precision >= 90.0, "{lang} {}: precision {precision:.0} %", kind.name());
                assert!(recall >= 70.0, "{lang} {}: recall {recall:.0} %", kind.name());
            }
        }
    }

    #[test]
    fn replies_are_better_than_the_nearest_line_and_than_always_the_same_three() {
        for lang in Lang::ALL {
            let figures = test_half(lang);
            let [found, nearest, always] = figures.hits();
            assert!(found > nearest, "{lang}: {found:.0} % against {nearest:.0} %");
            assert!(found > always + 10.0, "{lang}: {found:.0} % against {always:.0} %");
        }
    }

    #[test]
    fn the_same_examples_give_the_same_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let lines: Vec<Line> = own::read(&root.join(MODEL), Lang::En).unwrap().into_iter().take(40).collect();
        let examples: Vec<_> = lines.iter().map(Line::example).collect();
        assert_eq!(replies::train(&examples).unwrap(), replies::train(&examples).unwrap());
    }
}
