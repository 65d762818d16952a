//! The figures of one half of one language.

use std::collections::BTreeMap;

use super::{
    labelled::{Line, Wanted},
    yardstick::Yardstick,
};
use crate::suggest::{Kind as Offer, Message, Reply, Slot, Suggestion};

/// Words that do not make two pieces alike.
const ARTICLES: [&str; 22] = [
    "the", "a", "an", "my", "your", "our", "of", "for", "le", "la", "les", "l", "un", "une", "des", "du", "de", "d",
    "mon", "ma", "ton", "ta",
];

#[derive(Debug, Default)]
struct Tally {
    right: u32,
    wrong: u32,
    missed: u32,
}

/// What was offered, against what should have been.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Lines with nothing to suggest, and those for which something was offered.
    quiet: u32,
    disturbed: u32,
    kinds: BTreeMap<Offer, Tally>,
    slots: BTreeMap<&'static str, (u32, u32)>,
    /// Lines that may be answered; the hits of the retriever, the nearest lines, and always the same.
    answerable: u32,
    hits: [u32; 3],
    /// Hits among the replies that were really offered.
    offered_hits: u32,
}

impl Figures {
    /// Counts what was offered for a line.
    pub fn add_offers(&mut self, line: &Line, messages: &[Message<'_>], offered: &[Suggestion]) {
        if line.suggest.is_empty() {
            self.quiet += 1;
            self.disturbed += u32::from(!offered.is_empty());
        }
        for suggestion in offered {
            let tally = self.kinds.entry(suggestion.kind).or_default();
            match line.suggest.iter().find(|wanted| wanted.kind == suggestion.kind) {
                Some(wanted) => {
                    tally.right += 1;
                    self.add_slots(wanted, messages, suggestion);
                }
                None => tally.wrong += u32::from(!line.may.contains(&suggestion.kind)),
            }
        }
        for wanted in &line.suggest {
            let missed = offered.iter().all(|suggestion| suggestion.kind != wanted.kind);
            self.kinds.entry(wanted.kind).or_default().missed += u32::from(missed);
        }
        let replies = offered.iter().flat_map(|suggestion| &suggestion.replies);
        let hit = replies.into_iter().any(|reply| line.replies.contains(&reply.class));
        self.offered_hits += u32::from(hit);
    }

    /// Counts the replies for a line that may be answered.
    pub fn add_replies(&mut self, line: &Line, replies: &[Reply], yardstick: &Yardstick) {
        let hit = |classes: &[&str]| classes.iter().any(|class| line.replies.iter().any(|fit| fit == class));
        let found: Vec<&str> = replies.iter().map(|reply| reply.class.as_str()).collect();
        self.answerable += 1;
        for (count, classes) in self.hits.iter_mut().zip([found, yardstick.nearest(line), yardstick.always()]) {
            *count += u32::from(hit(&classes));
        }
    }

    fn add_slots(&mut self, wanted: &Wanted, messages: &[Message<'_>], suggestion: &Suggestion) {
        let words = |slot: Slot| -> Vec<&str> {
            suggestion.slots.get(&slot).into_iter().flatten().map(|piece| piece.of(messages)).collect()
        };
        for (slot, name, exact) in SLOTS {
            let should = wanted.slots.get(name).map(Vec::as_slice).unwrap_or_default();
            self.count(name, should.is_empty() && words(slot).is_empty(), same(should, &words(slot), exact));
        }
        let should = wanted.slots.get("reaction").map(Vec::as_slice).unwrap_or_default();
        let fits = suggestion.reaction.as_ref().is_some_and(|reaction| should.contains(reaction));
        self.count("reaction", should.is_empty(), fits);
    }

    fn count(&mut self, slot: &'static str, absent: bool, right: bool) {
        if !absent {
            let (all, good) = self.slots.entry(slot).or_default();
            *all += 1;
            *good += u32::from(right);
        }
    }

    /// Of a hundred lines with nothing to suggest, those for which something was offered.
    pub fn false_offers(&self) -> f64 {
        percent(self.disturbed, self.quiet)
    }

    /// Precision and recall in percent.
    pub fn of_kind(&self, kind: Offer) -> (f64, f64) {
        let tally = self.kinds.get(&kind);
        tally.map_or((0.0, 0.0), |tally| {
            (percent(tally.right, tally.right + tally.wrong), percent(tally.right, tally.right + tally.missed))
        })
    }

    /// hit@3 in percent: the retriever, the nearest lines, always the same.
    pub fn hits(&self) -> [f64; 3] {
        self.hits.map(|hits| percent(hits, self.answerable))
    }

    /// All rows: metric, value, unit.
    pub fn table(&self) -> Vec<(String, f64, &'static str)> {
        let mut rows = vec![
            ("nothing to suggest".to_owned(), f64::from(self.quiet), "lines"),
            ("false offers".to_owned(), self.false_offers(), "%"),
        ];
        for kind in Offer::ALL {
            let (precision, recall) = self.of_kind(kind);
            rows.push((format!("{}, precision", kind.name()), precision, "%"));
            rows.push((format!("{}, recall", kind.name()), recall, "%"));
        }
        for (slot, (all, right)) in &self.slots {
            rows.push((format!("slot {slot} right, of {all}"), percent(*right, *all), "%"));
        }
        let names = ["replies, hit@3", "replies by TF-IDF, hit@3", "replies always the same, hit@3"];
        rows.extend(names.into_iter().zip(self.hits()).map(|(name, hits)| (name.to_owned(), hits, "%")));
        rows.push(("replies as offered, hit@3".to_owned(), percent(self.offered_hits, self.answerable), "%"));
        rows
    }
}

/// The slots that are pieces of messages: ours, its label, and whether all letters and digits count.
const SLOTS: [(Slot, &str, bool); 7] = [
    (Slot::Time, "time", true),
    (Slot::Amount, "amount", true),
    (Slot::Link, "link", true),
    (Slot::Location, "location", false),
    (Slot::Content, "content", false),
    (Slot::Recipient, "recipient", false),
    (Slot::Option, "option", false),
];

fn same(should: &[String], found: &[&str], exact: bool) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    if exact {
        let all: String = should.iter().map(|piece| letters(piece)).collect();
        return !all.is_empty() && all == found.iter().map(|piece| letters(piece)).collect::<String>();
    }
    let words = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty() && !ARTICLES.contains(word)).map(str::to_owned).collect()
    };
    let alike = |one: &str, other: &str| words(one).iter().any(|word| words(other).contains(word));
    !should.is_empty() && should.len() == found.len() && should.iter().zip(found).all(|(one, other)| alike(one, other))
}

fn percent(part: u32, all: u32) -> f64 {
    100.0 * f64::from(part) / f64::from(all.max(1))
}
