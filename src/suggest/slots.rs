//! The parts of a suggestion: when, where, how much, for what, between which.

use std::{collections::BTreeMap, ops::Range};

use super::{Kind, Slot, rules::Rule, text::is_link, view::View};
use crate::intent::{
    Slot as Taken,
    patterns::{Found, Pattern},
};

/// Longest place, and longest piece that says what something is about, in words.
const LONGEST: usize = 6;

/// Slots as words of the message.
pub(super) type Spans = BTreeMap<Slot, Vec<Range<usize>>>;

/// Fills the slots of a suggestion from what its rule took and from the rest of the message.
pub(super) fn fill(view: &View<'_>, rule: &Rule, found: &Found) -> Spans {
    let mut spans = Spans::new();
    let times = if rule.kind == Kind::Plan { all(view, &view.rules.time) } else { Vec::new() };
    match rule.kind {
        Kind::Plan => {
            put(&mut spans, Slot::Time, times.clone());
            put(&mut spans, Slot::Location, location(view, found, &times).into_iter().collect());
            let content = taken(found, Taken::Content).or_else(|| first(view, &view.rules.occasion));
            put(&mut spans, Slot::Content, content.and_then(|at| trimmed(view, at, &times)).into_iter().collect());
        }
        Kind::Pay | Kind::RequestPayment => {
            let times = all(view, &view.rules.time);
            let amount = taken(found, Taken::Amount).or_else(|| first(view, &view.rules.amount));
            let amount = amount.or_else(|| bare_number(view, &times));
            put(&mut spans, Slot::Amount, amount.into_iter().collect());
            let content = taken(found, Taken::Content).or_else(|| first(view, &view.rules.paid_for));
            let content = content.and_then(|at| trimmed(view, at, &times));
            let content = content.filter(|at| !is_pronoun(view, at.start));
            put(&mut spans, Slot::Content, content.into_iter().collect());
        }
        Kind::Call | Kind::Birthday => {
            put(&mut spans, Slot::Recipient, taken(found, Taken::Recipient).into_iter().collect());
        }
        Kind::Poll => put(&mut spans, Slot::Option, options(view, found)),
        Kind::SaveLink => {
            let links = (0..view.words.tokens.len()).filter(|at| view.words.tokens.get(*at).is_some_and(is_link));
            put(&mut spans, Slot::Link, links.map(|at| at..at + 1).collect());
        }
        Kind::ShareLocation | Kind::Answer | Kind::React => {}
    }
    spans
}

fn put(spans: &mut Spans, slot: Slot, values: Vec<Range<usize>>) {
    if !values.is_empty() {
        spans.insert(slot, values);
    }
}

fn taken(found: &Found, slot: Taken) -> Option<Range<usize>> {
    found.captures.iter().find(|(taken, _)| *taken == slot).map(|(_, at)| at.clone())
}

/// The longest of some templates at each place, from left to right.
fn all(view: &View<'_>, patterns: &[Pattern]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < view.words.tokens.len() {
        let end = patterns.iter().flat_map(|pattern| view.ends_of(pattern, at)).max();
        // What is written to it ("8h30" in "8h30ish") is no word of its own.
        if let Some(end) = end.filter(|end| *end > at) {
            found.push(at..end);
        }
        at = end.unwrap_or(at + 1).max(at + 1);
    }
    found
}

/// The slot that the first fitting template takes, wherever it stands first.
fn first(view: &View<'_>, patterns: &[Pattern]) -> Option<Range<usize>> {
    patterns.iter().find_map(|pattern| {
        let found = (0..view.words.tokens.len()).find_map(|from| view.best_at(pattern, from));
        found.and_then(|found| found.captures.into_iter().next().map(|(_, at)| at))
    })
}

fn is_number(view: &View<'_>, at: usize) -> bool {
    view.words.tokens.get(at).is_some_and(|token| token.fold.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a word says nothing of what it is about: "for you".
fn is_pronoun(view: &View<'_>, at: usize) -> bool {
    view.words.tokens.get(at).is_some_and(|token| view.rules.pronouns.contains(&token.fold))
}

/// A number with which a clause or what it belongs to ends, and that is no time.
fn bare_number(view: &View<'_>, times: &[Range<usize>]) -> Option<Range<usize>> {
    let stands_alone = |at: &usize| {
        let ends = view.is_end(at + 1) || is_stop(view, at + 1);
        is_number(view, *at) && ends && times.iter().all(|time| !time.contains(at))
    };
    (0..view.words.tokens.len()).find(stands_alone).map(|at| at..at + 1)
}

fn location(view: &View<'_>, found: &Found, times: &[Range<usize>]) -> Option<Range<usize>> {
    if let Some(at) = taken(found, Taken::Location) {
        return trimmed(view, at, times).map(|at| without_number(view, at));
    }
    let place = view.rules.location.iter().find_map(|pattern| {
        let places = (0..view.words.tokens.len()).filter_map(|from| view.best_at(pattern, from));
        places.filter_map(|found| taken(&found, Taken::Location)).find_map(|at| trimmed(view, at, times))
    });
    place.map(|at| without_number(view, at))
}

/// "the pitch 9.30" is the pitch.
fn without_number(view: &View<'_>, at: Range<usize>) -> Range<usize> {
    let end = (at.start + 1..at.end).find(|word| is_number(view, *word));
    at.start..end.unwrap_or(at.end)
}

/// Whether something else begins with a word.
fn is_stop(view: &View<'_>, at: usize) -> bool {
    view.words.tokens.get(at).is_none_or(|token| view.rules.stops.contains(&token.fold))
}

/// Lets a piece go on to the end of its clause; a time, or a word that begins something else, ends it before.
fn trimmed(view: &View<'_>, at: Range<usize>, times: &[Range<usize>]) -> Option<Range<usize>> {
    let starts_time = |at: usize| times.iter().any(|time| time.contains(&at));
    let stops = |at: usize| is_stop(view, at) || starts_time(at) || view.words.is_broken(at) || view.is_end(at);
    if starts_time(at.start) {
        return None;
    }
    let end = (at.start + 1..at.start + LONGEST).find(|end| stops(*end)).unwrap_or(at.start + LONGEST);
    (end <= view.words.tokens.len()).then_some(at.start..end)
}

/// Cuts "red, blue or green" into its three.
fn options(view: &View<'_>, found: &Found) -> Vec<Range<usize>> {
    let Some(at) = taken(found, Taken::Content) else { return Vec::new() };
    let is_between =
        |word: &usize| view.words.tokens.get(*word).is_some_and(|token| matches!(token.fold.as_str(), "or" | "ou"));
    let Some(last) = at.clone().rfind(is_between) else { return Vec::new() };
    let end = view.words.sentence_of(last + 1).1.min(at.end);
    let mut options = Vec::new();
    let mut from = at.start;
    for word in at.start..end {
        let between = is_between(&word);
        if between || view.words.is_broken(word) && word > from {
            options.extend((word > from).then_some(from..word));
            from = if between { word + 1 } else { word };
        }
    }
    options.extend((end > from).then_some(from..end));
    // "hello team, red or blue": whom it is for is no choice.
    let addressed = options.iter().take_while(|option| view.is_address(option)).count();
    let days =
        options.iter().skip(addressed).rev().skip(1).any(|option| option.clone().any(|at| begins_time(view, at)));
    let trimmed = |option: Range<usize>| if days { option } else { without_tail(view, option) };
    options.into_iter().skip(addressed).map(trimmed).collect()
}

fn begins_time(view: &View<'_>, at: usize) -> bool {
    view.rules.time.iter().any(|pattern| !view.ends_of(pattern, at).is_empty())
}

/// "sushi tonight" as one of two is sushi.
fn without_tail(view: &View<'_>, option: Range<usize>) -> Range<usize> {
    let end = (option.start + 1..option.end).find(|end| {
        let time = view.rules.time.iter().any(|pattern| view.ends_of(pattern, *end).contains(&option.end));
        time || view.is_end(*end) || is_stop(view, *end)
    });
    option.start..end.unwrap_or(option.end)
}
