//! Who is meant: names as the recogniser hears them, against a book of 500 contacts.
//!
//! The list of pairs and the book are made by `names-heard`. All figures stand beside those of a yardstick on the same
//! pairs: Double Metaphone and Jaro-Winkler, see `yardstick.rs`. The trained numbers of
//! [`contacts`](crate::intent::contacts) come from one half of the names; the figures `test/` are of the other.

mod bars;
pub(super) mod generate;
mod pairs;
pub(super) mod spoken;
mod yardstick;

use std::{collections::HashSet, path::Path, time::Instant};

use self::{bars::Bars, pairs::Pair, yardstick::Yardstick};
use super::Bencher;
use crate::{
    cli::{CommandError, Kind},
    intent::contacts::{self, Book, Decision, Example, Resolution, Surroundings},
    store::Store,
};

const BENCH: &str = "names";
/// The book beside the list.
const BOOK: &str = "book.vcf";
/// Pairs beside the list that are only learnt from.
const TO_LEARN: &str = "to-learn.tsv";
/// What `names-fit` writes.
const TRAINED: &str = "src/intent/contacts/trained.rs";
/// Candidates that count as found.
const TOP: usize = 3;
/// Contacts of the book that answers are timed with.
const MANY: usize = 10_000;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    if !bencher.heard_names.exists() {
        bencher.note("no list of names as they were heard (give --heard-names FILE)");
        return Ok(());
    }
    let (pairs, (_store, book)) = read(bencher.heard_names)?;
    let names = names(&book);
    let yardstick = Yardstick::new(&names);
    for (part, of_part) in [("all", None), ("test", Some(false))] {
        let mut tally = Tally::default();
        for pair in pairs.iter().filter(|pair| of_part.is_none_or(|tuned| pair.is_for_tuning() == tuned)) {
            tally.add(pair, &book.resolve(&pair.heard, Some(pair.lang), Surroundings::default()), &yardstick);
        }
        tally.print(bencher, part)?;
    }
    times(bencher, &pairs, &names)
}

/// Trains how names are misheard on one half of the names, and writes the source file that holds the numbers.
pub(super) fn train(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let (pairs, (_store, book)) = read(bencher.heard_names)?;
    let names: Vec<&str> = book.contacts().iter().map(|contact| contact.name.as_str()).collect();
    let more = pairs::read(&bencher.heard_names.with_file_name(TO_LEARN))?;
    let tuned: Vec<Example<'_>> = pairs.iter().filter(|pair| pair.is_for_tuning()).map(example).collect();
    let more: Vec<Example<'_>> = more.iter().map(example).collect();
    std::fs::write(TRAINED, contacts::fit(&tuned, &more, &names))
        .map_err(|error| CommandError::new(Kind::CannotWrite, format!("cannot write {TRAINED}: {error}")))?;
    #[allow(clippy::cast_precision_loss, reason = "a small count")]
    bencher.figure(BENCH, "trained_on", (tuned.len() + more.len()) as f64, "pairs")
}

fn example(pair: &Pair) -> Example<'_> {
    let right = if pair.in_book { pair.same_by_ear().collect() } else { Vec::new() };
    Example { heard: &pair.heard, lang: pair.lang, meant: &pair.meant, right }
}

/// Reads a list and the book that belongs to it.
fn read(list: &Path) -> Result<(Vec<Pair>, (Store, Book)), CommandError> {
    let path = list.with_file_name(BOOK);
    let vcard = std::fs::read_to_string(&path)
        .map_err(|error| CommandError::new(Kind::Input, format!("cannot read {}: {error}", path.display())))?;
    let (store, book) = open(&vcard)?;
    let names = names(&book);
    let pairs = pairs::read(list)?.into_iter().map(|pair| pair.in_book_of(&names)).collect();
    Ok((pairs, (store, book)))
}

fn names(book: &Book) -> Vec<String> {
    book.contacts().iter().map(|contact| contact.name.clone()).collect()
}

pub(super) fn open(vcard: &str) -> Result<(Store, Book), CommandError> {
    let store = Store::in_memory()?;
    let mut book = Book::open(&store)?;
    book.import(&store, vcard)?;
    Ok((store, book))
}

/// What became of the pairs.
#[derive(Default)]
struct Tally {
    inside: u32,
    outside: u32,
    twins: u32,
    twins_asked: u32,
    lost: u32,
    lost_by_yardstick: u32,
    wrong_inside: u32,
    wrong_outside: u32,
    asked: u32,
    single: u32,
    bars: Bars,
}

impl Tally {
    fn add(&mut self, pair: &Pair, found: &Resolution, yardstick: &Yardstick) {
        let meant: HashSet<&str> = pair.same_by_ear().collect();
        let is_meant = |name: &str| pair.in_book && meant.contains(name);
        let first = found.candidates.first().map(|candidate| candidate.name.as_str());
        let single = found.decision == Decision::One;
        self.asked += u32::from(found.decision == Decision::Several);
        self.single += u32::from(single);
        if pair.in_book {
            self.inside += 1;
            self.lost += u32::from(!found.candidates.iter().take(TOP).any(|candidate| is_meant(&candidate.name)));
            self.lost_by_yardstick += u32::from(!yardstick.best(&pair.heard, TOP).iter().any(|name| is_meant(name)));
            // Nobody can tell twins apart: the right answer is a question.
            let is_twin = !pair.twins.is_empty();
            self.twins += u32::from(is_twin);
            self.twins_asked += u32::from(is_twin && found.decision == Decision::Several);
            self.wrong_inside += u32::from(single && (is_twin || !first.is_some_and(is_meant)));
        } else {
            self.outside += 1;
            self.wrong_outside += u32::from(single);
        }
        if let Some(best) = found.candidates.first() {
            // Of twins, each is meant as often as the other.
            self.bars.add(best.score, pair.in_book && best.name == pair.meant);
        }
    }

    fn print(&self, bencher: &Bencher<'_>, part: &str) -> Result<(), CommandError> {
        let figure = |metric: &str, value: f64, unit| bencher.figure(BENCH, &format!("{part}/{metric}"), value, unit);
        let share = |count: u32, of: u32| 100.0 * f64::from(count) / f64::from(of.max(1));
        let all = self.inside + self.outside;
        figure("pairs", f64::from(all), "")?;
        figure("pairs_outside_the_book", share(self.outside, all), "%")?;
        figure("not_among_the_first_3", share(self.lost, self.inside), "%")?;
        figure("not_among_the_first_3_by_yardstick", share(self.lost_by_yardstick, self.inside), "%")?;
        figure("ratio_to_yardstick", f64::from(self.lost) / f64::from(self.lost_by_yardstick.max(1)), "")?;
        figure("wrong_single_answers_in_the_book", share(self.wrong_inside, self.inside), "%")?;
        figure("wrong_single_answers_outside", share(self.wrong_outside, self.outside), "%")?;
        figure("single_answers", share(self.single, all), "%")?;
        figure("asked", share(self.asked, all), "%")?;
        figure("homophones", f64::from(self.twins), "")?;
        figure("homophones_asked", share(self.twins_asked, self.twins), "%")?;
        self.bars.print(&figure)
    }
}

/// How long an answer takes with very many contacts.
fn times(bencher: &Bencher<'_>, pairs: &[Pair], names: &[String]) -> Result<(), CommandError> {
    let mut vcard = String::new();
    for number in 0..MANY {
        let of = |at: usize| names.get(at % names.len().max(1)).map(String::as_str).unwrap_or_default();
        let (given, family) = (of(number), of(number / names.len().max(1) * 7 + number * 3 + 1));
        let card =
            format!("BEGIN:VCARD\nVERSION:4.0\nUID:{number}\nFN:{given} {family}\nN:{family};{given};;;\nEND:VCARD\n");
        vcard.push_str(&card);
    }
    let (_store, book) = open(&vcard)?;
    let mut times_ms: Vec<f64> = Vec::new();
    for pair in pairs {
        let start = Instant::now();
        std::hint::black_box(book.resolve(&pair.heard, Some(pair.lang), Surroundings::default()));
        times_ms.push(start.elapsed().as_secs_f64() * 1_000.0);
    }
    bencher.spread(BENCH, "resolve_among_10000", &mut times_ms)
}
