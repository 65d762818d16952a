//! How well text is understood, on annotated sentences nobody here wrote: the right intent, the right words, and how
//! often Herald would do something on text that is not for it.
//!
//! Headline are sending, reading, reacting and calling. A sentence counts as understood whole when its intent is one
//! the source accepts and every core slot the source annotates holds the same set of values, after NFC, lower case,
//! single spaces and without punctuation at the edges. Text "as a recogniser writes it" is in lower case and without
//! punctuation; the expected values are treated alike.

pub(super) mod spoken;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Instant,
};

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::{Bencher, machine};
use crate::{
    cli::{CommandError, Kind},
    config::Lang,
    intent::{Expected, Intent, IntentName, NoNames, Parser, Slot},
};

const BENCH: &str = "nlu";

/// Slots that must be right.
const CORE: [Slot; 5] = [Slot::Recipient, Slot::Sender, Slot::Group, Slot::Content, Slot::Reaction];

/// Steps of the reliability table.
const STEPS: u8 = 10;

/// Names of intents that are all one to Herald: the source tells more of them apart.
const NOT_OURS: &str = "other";

/// An annotated sentence.
#[derive(Deserialize)]
struct Item {
    set: String,
    lang: Lang,
    text: String,
    intent: String,
    accept: Vec<String>,
    slots: Option<BTreeMap<String, Vec<String>>>,
    scored: Option<Vec<String>>,
}

/// How a text is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Written,
    Plain,
}

/// What came of one group of sentences.
#[derive(Default)]
struct Tally {
    all: u32,
    right: u32,
    whole: u32,
    acts: u32,
}

/// Scores and what came true of them.
#[derive(Default)]
struct Reliability(BTreeMap<u8, (u32, f64, u32)>);

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let before_mb = machine::resident_mb();
    let start = Instant::now();
    let parser = Parser::new().map_err(|error| CommandError::new(Kind::Internal, error))?;
    bencher.figure(BENCH, "load", start.elapsed().as_secs_f64() * 1_000.0, "ms")?;
    // A sentence of each language, so that what is read when it is needed counts as well.
    for (text, lang) in [("tell Anna that I am on my way", Lang::En), ("dis à Anna que j'arrive", Lang::Fr)] {
        parser.parse(text, Some(lang), Expected::Command, &NoNames);
    }
    if let (Some(before), Some(after)) = (before_mb, machine::resident_mb()) {
        bencher.figure(BENCH, "memory", after - before, "MB")?;
    }
    let Some(items) = items(bencher) else { return Ok(()) };
    let mut times_ms = Vec::new();
    for lang in Lang::ALL.into_iter().filter(|lang| bencher.wants(*lang)) {
        let of_lang: Vec<&Item> = items.iter().filter(|item| item.lang == lang).collect();
        for form in [Form::Written, Form::Plain] {
            measure(bencher, &parser, &of_lang, (lang, form), &mut times_ms)?;
        }
    }
    bencher.spread(BENCH, "one parse", &mut times_ms)
}

/// Reads the annotated sentences, if there are any.
fn items(bencher: &Bencher<'_>) -> Option<Vec<Item>> {
    let Ok(lines) = fs::read_to_string(bencher.sentences) else {
        bencher.note("nlu: no annotated sentences; --sentences names the file");
        return None;
    };
    Some(lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// Prints the rows of one language and form.
fn measure(
    bencher: &Bencher<'_>,
    parser: &Parser,
    items: &[&Item],
    (lang, form): (Lang, Form),
    times_ms: &mut Vec<f64>,
) -> Result<(), CommandError> {
    let mut rows: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut reliability = Reliability::default();
    let mut confirmed = 0_u32;
    for item in items {
        let text = form.of(&item.text);
        let start = Instant::now();
        let intent = parser.parse(&text, Some(lang), Expected::Command, &NoNames);
        times_ms.push(start.elapsed().as_secs_f64() * 1_000.0);
        let right = item.accept.contains(&name(intent.name));
        let whole = right && item.same_slots(&intent, form);
        reliability.add(intent.score, whole);
        let tally = rows.entry(item.row()).or_default();
        tally.all += 1;
        tally.right += u32::from(right);
        tally.whole += u32::from(whole);
        tally.acts += u32::from(!right && intent.name.acts());
        confirmed += u32::from(item.set != "dialog" && intent.name == IntentName::Confirm);
    }
    let label = |metric: &str| format!("{lang} {}: {metric}", form.name());
    for (row, tally) in &rows {
        bencher.figure(BENCH, &label(&format!("{row}, intent right")), percent(tally.right, tally.all), "%")?;
        if *row == "headline" {
            bencher.figure(BENCH, &label("headline, understood whole"), percent(tally.whole, tally.all), "%")?;
        } else {
            bencher.figure(BENCH, &label(&format!("{row}, acts wrongly")), percent(tally.acts, tally.all), "%")?;
        }
    }
    bencher.figure(BENCH, &label("taken for a yes outside dialogs"), f64::from(confirmed), "")?;
    for (step, (count, _, right)) in &reliability.0 {
        let metric = label(&format!("right at score 0.{step}, of {count}"));
        bencher.figure(BENCH, &metric, percent(*right, *count), "%")?;
    }
    bencher.figure(BENCH, &label("calibration error (ECE)"), reliability.error(), "")
}

impl Item {
    fn row(&self) -> &'static str {
        let headline = ["send_message", "read_messages", "react_message", "call"];
        match self.set.as_str() {
            "core" if headline.contains(&self.intent.as_str()) => "headline",
            "core" => "other core",
            "dialog" => "dialog",
            "near" => "near misses",
            _ => "out of domain",
        }
    }

    /// Whether the core slots hold what the source says, as far as it says anything.
    fn same_slots(&self, intent: &Intent, form: Form) -> bool {
        let Some(slots) = &self.slots else { return true };
        CORE.iter().all(|slot| {
            let named = name(*slot);
            let scored = self.scored.as_ref().is_none_or(|scored| scored.contains(&named));
            let gold = slots.get(&named).into_iter().flatten().map(|value| tidy(&form.of(value)));
            let found = intent.slots.get(slot).into_iter().flatten().map(|value| tidy(value));
            !scored || gold.collect::<BTreeSet<_>>() == found.collect::<BTreeSet<_>>()
        })
    }
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Written => "as written",
            Self::Plain => "as recognised",
        }
    }

    fn of(self, text: &str) -> String {
        if self == Self::Written {
            return text.to_owned();
        }
        let edge = |c: char| !c.is_alphanumeric() && !"€$£%&@#".contains(c);
        let words = text.split_whitespace().map(|word| word.trim_matches(edge).to_lowercase());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

impl Reliability {
    fn add(&mut self, score: f32, right: bool) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a score from 0 to 1")]
        let step = ((score * f32::from(STEPS)) as u8).min(STEPS - 1);
        let entry = self.0.entry(step).or_default();
        *entry = (entry.0 + 1, entry.1 + f64::from(score), entry.2 + u32::from(right));
    }

    /// Expected calibration error: how far scores are from what came true, on average (Naeini et al., 2015).
    fn error(&self) -> f64 {
        let all: u32 = self.0.values().map(|(count, _, _)| count).sum();
        let off: f64 = self.0.values().map(|(_, sum, right)| (sum - f64::from(*right)).abs()).sum();
        off / f64::from(all.max(1))
    }
}

/// The word of the outer contract.
fn name(value: impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned));
    name.unwrap_or_else(|| NOT_OURS.to_owned())
}

fn tidy(value: &str) -> String {
    let value: String = value.nfc().collect::<String>().to_lowercase().replace('’', "'");
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    value.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

fn percent(part: u32, all: u32) -> f64 {
    100.0 * f64::from(part) / f64::from(all.max(1))
}
