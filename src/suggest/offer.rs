//! The gates and the rules: a conversation to its suggestions.

use std::{collections::BTreeMap, ops::Range};

use super::{
    About, Circle, From, Kind, Message, Piece, Slot, Suggestion,
    rules::{Rule, Rules, Silence},
    slots::{self, Spans},
    view::{Read, View},
};
use crate::intent::patterns::Found;

/// The name of the rule that looks into the contact book.
const BY_THE_BOOK: &str = "birthday by the contact book";

/// Why nothing is offered on a letter: what it says at the end is as sensitive as what it says first.
const TOO_LONG: &str = "longer than is looked at";

/// Returns what to offer, the most pressing first; silence is kept and replies are chosen elsewhere.
pub(super) fn suggestions(rules: &Rules, messages: &[Message<'_>], about: &About) -> Vec<Suggestion> {
    let Some((last, before)) = messages.split_last().filter(|(last, _)| last.from == From::Them) else {
        return Vec::new();
    };
    let read = Read::new(rules, last.text);
    let view = View::new(rules, last.text, &read);
    let mut best: BTreeMap<Kind, (&Rule, Found, Spans)> = BTreeMap::new();
    for rule in &rules.rules {
        let Some(found) = fires(rule, &view, before, about) else { continue };
        let spans = slots::fill(&view, rule, &found);
        let lacks = rule.needs.iter().any(|slot| !spans.contains_key(slot));
        if lacks || rule.named && !names_somebody(&view, &spans) {
            continue;
        }
        let better = best.get(&rule.kind).is_none_or(|(_, best, _)| best.rank < found.rank);
        if better {
            best.insert(rule.kind, (rule, found, spans));
        }
    }
    let place = messages.len() - 1;
    let answered = best.values().find(|(rule, ..)| !rule.without_answer).map(|(rule, ..)| rule.name.clone());
    let mut offered: Vec<Suggestion> =
        best.values().map(|(rule, _, spans)| suggestion(rule, &view, spans, place)).collect();
    // Whoever waits for something else waits for an answer, too.
    if let Some(rule) = answered.filter(|_| offered.iter().all(|suggestion| suggestion.kind != Kind::Answer)) {
        offered.push(bare(Kind::Answer, rule));
    }
    if is_birthday_to_wish(rules, before, about) && offered.iter().all(|suggestion| suggestion.kind != Kind::Birthday) {
        offered.push(bare(Kind::Birthday, BY_THE_BOOK.to_owned()));
    }
    offered.sort_by_key(|suggestion| suggestion.kind);
    offered
}

/// Returns why nothing may be offered after the last of some messages, if that is so.
pub(super) fn silent_because<'a>(rules: &'a Rules, messages: &[Message<'_>]) -> Option<&'a str> {
    messages.iter().enumerate().find_map(|(at, message)| {
        let read = Read::new(rules, message.text);
        if read.is_cut {
            return Some(TOO_LONG);
        }
        let view = View::new(rules, message.text, &read);
        let counts = |silence: &&Silence| silence.earlier || at + 1 == messages.len();
        rules
            .silences
            .iter()
            .filter(counts)
            .find(|silence| forbids(silence, &view))
            .map(|silence| silence.name.as_str())
    })
}

fn forbids(silence: &Silence, view: &View<'_>) -> bool {
    (view.holds(&silence.phrases) || view.begins_with(&silence.openings)) && !view.holds(&silence.unless)
}

/// Where a rule finds what it looks for.
fn fires(rule: &Rule, view: &View<'_>, before: &[Message<'_>], about: &About) -> Option<Found> {
    if rule.group.is_some_and(|group| group != (about.circle == Circle::Group)) {
        return None;
    }
    let fits = |(from, found): &(usize, Found)| {
        // Of what is said last, the end must be the question.
        let from = if rule.last { found.end.saturating_sub(1) } else { *from };
        rule.asked.is_none_or(|asked| asked == view.is_asked(from, found.end))
            && (!rule.last || view.is_last(found.end))
    };
    let places = view.sentence(&rule.sentences).into_iter().chain(view.phrase(&rule.phrases));
    let (_, found) = places.into_iter().find(fits)?;
    let allowed = !view.holds(&rule.unless) && (rule.after.is_empty() || follows(rule, view, before));
    allowed.then_some(found)
}

/// Whether the recipient is written as a name.
fn names_somebody(view: &View<'_>, spans: &Spans) -> bool {
    let mut recipients = spans.get(&Slot::Recipient).into_iter().flatten();
    recipients.any(|words| view.words.tokens.get(words.start).is_some_and(|token| token.capital))
}

/// Whether the user's last message is one that the rule waits for.
fn follows(rule: &Rule, view: &View<'_>, before: &[Message<'_>]) -> bool {
    let mine = before.iter().rev().find(|message| message.from == From::Me);
    mine.is_some_and(|message| {
        let read = Read::new(view.rules, message.text);
        View::new(view.rules, message.text, &read).holds(&rule.after)
    })
}

fn suggestion(rule: &Rule, view: &View<'_>, spans: &Spans, message: usize) -> Suggestion {
    let mut slots: BTreeMap<Slot, Vec<Piece>> = BTreeMap::new();
    for (slot, values) in spans {
        let places = values.iter().filter_map(|words| view.words.place(words));
        let places = places.map(|range| if *slot == Slot::Recipient { without_possessive(view, range) } else { range });
        slots.insert(*slot, places.map(|range| Piece { message, range }).collect());
    }
    let reaction = rule.reaction.clone();
    Suggestion { kind: rule.kind, slots, reaction, replies: Vec::new(), rule: rule.name.clone() }
}

/// "granny's" is granny.
fn without_possessive(view: &View<'_>, range: Range<usize>) -> Range<usize> {
    let said = view.text.get(range.clone()).unwrap_or_default();
    let name = said.strip_suffix("'s").or_else(|| said.strip_suffix("’s")).unwrap_or(said);
    range.start..range.start + name.len()
}

/// A suggestion without slots.
const fn bare(kind: Kind, rule: String) -> Suggestion {
    Suggestion { kind, slots: BTreeMap::new(), reaction: None, replies: Vec::new(), rule }
}

/// Whether it is the writer's birthday by the contact book, and the user has not wished yet.
fn is_birthday_to_wish(rules: &Rules, before: &[Message<'_>], about: &About) -> bool {
    let wished = |message: &&Message<'_>| {
        let read = Read::new(rules, message.text);
        message.from == From::Me && View::new(rules, message.text, &read).holds(&rules.wish)
    };
    about.birthday.is_some() && about.birthday == about.today && !before.iter().any(|message| wished(&message))
}
