//! Runs a compiled template over the words of a sentence, by trying the alternatives in order.

use std::collections::HashMap;

use super::{
    Slot,
    grammar::{Step, Words},
    language::Language,
    people::{Evidence, PeopleReader},
    token::Token,
};

/// Steps one template may take on one sentence; only pathological input comes near.
const MOST_STEPS: u32 = 20_000;

/// Steps after which ways that were tried already are remembered: short searches are faster without.
const SHORT_SEARCH: u32 = 500;

/// Longest sender, group, place and the like, in words.
const LONGEST_PHRASE: usize = 6;

/// Longest piece that an edit replaces, in words.
const LONGEST_PIECE: usize = 16;

/// A sentence ready to be matched.
pub(super) struct Sentence<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub numbers: &'a [u32],
    pub people: PeopleReader<'a>,
    pub language: &'a Language,
    /// Where a "please" at the end begins.
    pub polite_from: Option<usize>,
}

/// The words of a slot: first and last-plus-one token.
pub(super) type Capture = (Slot, usize, usize);

/// A way a template matches.
#[derive(Debug, Clone)]
pub(super) struct Match {
    pub captures: Vec<Capture>,
    /// The token after it.
    pub end: usize,
    /// How specific it is: more is better.
    pub rank: f32,
    /// The weakest evidence for a name, if it has one.
    pub evidence: Option<Evidence>,
}

/// Returns where a short template may end when it begins at a token.
pub(super) fn ends(sentence: &Sentence<'_>, steps: &[Step], from: usize) -> Vec<usize> {
    let mut run = Run::new(sentence, steps, &[]);
    run.go(State { step: 0, at: from, rank: 0.0, evidence: None });
    run.ends
}

/// Returns the best match of a template from a token to one of the ends.
pub(super) fn best(sentence: &Sentence<'_>, steps: &[Step], from: usize, ends: &[bool]) -> Option<Match> {
    let mut run = Run::new(sentence, steps, ends);
    run.go(State { step: 0, at: from, rank: 0.0, evidence: None });
    run.best
}

#[derive(Clone, Copy)]
struct State {
    step: usize,
    at: usize,
    rank: f32,
    evidence: Option<Evidence>,
}

struct Run<'a> {
    sentence: &'a Sentence<'a>,
    steps: &'a [Step],
    allowed: &'a [bool],
    left: u32,
    captures: Vec<Capture>,
    /// The best rank with which a place in the template was reached at a word.
    tried: HashMap<(usize, usize, Option<Evidence>), f32>,
    best: Option<Match>,
    ends: Vec<usize>,
}

impl<'a> Run<'a> {
    fn new(sentence: &'a Sentence<'a>, steps: &'a [Step], allowed: &'a [bool]) -> Self {
        let (captures, tried, ends) = (Vec::new(), HashMap::new(), Vec::new());
        Self { sentence, steps, allowed, left: MOST_STEPS, captures, tried, best: None, ends }
    }

    /// What follows depends on the place alone: coming there again with no better rank finds nothing better.
    fn was_tried(&mut self, state: &State) -> bool {
        if self.left > MOST_STEPS - SHORT_SEARCH {
            return false;
        }
        let rank = self.tried.entry((state.step, state.at, state.evidence)).or_insert(f32::NEG_INFINITY);
        let tried = *rank >= state.rank;
        *rank = rank.max(state.rank);
        tried
    }

    fn go(&mut self, mut state: State) {
        loop {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            let Some(step) = self.steps.get(state.step) else { return };
            match step {
                Step::Word(word) => {
                    if self.sentence.numbers.get(state.at) != Some(word) {
                        return;
                    }
                    state.at += 1;
                    state.rank += 1.0;
                    state.step += 1;
                    // "tell tell Marion": a word said twice counts once.
                    if *word != Words::UNKNOWN && self.sentence.numbers.get(state.at) == Some(word) {
                        let repeated = State { at: state.at + 1, rank: state.rank - 0.1, ..state };
                        self.branch(repeated);
                    }
                }
                Step::Number => {
                    let token = self.sentence.tokens.get(state.at);
                    let digits =
                        |fold: &str| fold.trim_start_matches(['€', '$', '£']).starts_with(|c: char| c.is_ascii_digit());
                    if !token.is_some_and(|token| digits(&token.fold)) {
                        return;
                    }
                    state.at += 1;
                    state.rank += 1.0;
                    state.step += 1;
                }
                Step::Split(first, second) => {
                    if self.was_tried(&state) {
                        return;
                    }
                    self.branch(State { step: *first, ..state });
                    state.step = *second;
                }
                Step::Jump(to) => state.step = *to,
                Step::Open(slot) => {
                    self.captures.push((*slot, state.at, usize::MAX));
                    state.step += 1;
                }
                Step::Close(slot) => {
                    let open = self.captures.iter_mut().rev().find(|(open, _, end)| open == slot && *end == usize::MAX);
                    if let Some((_, _, end)) = open {
                        *end = state.at;
                    }
                    state.step += 1;
                }
                Step::Any => return self.any(state),
                Step::Free { slot, tight } => return self.free(state, *slot, *tight),
                Step::Accept => return self.accept(state),
            }
        }
    }

    /// Tries one way and forgets what it captured.
    fn branch(&mut self, state: State) {
        let captured = self.captures.clone();
        self.go(state);
        self.captures = captured;
    }

    fn any(&mut self, state: State) {
        for at in (state.at + 1..=self.sentence.tokens.len()).rev() {
            self.branch(State { step: state.step + 1, at, ..state });
        }
    }

    fn free(&mut self, state: State, slot: Slot, tight: bool) {
        match slot {
            Slot::Recipient | Slot::Sender => self.people(state, slot, tight),
            Slot::Content => self.content(state),
            Slot::Old | Slot::New => self.phrase(state, slot, LONGEST_PIECE),
            Slot::Group
            | Slot::Verbatim
            | Slot::Reaction
            | Slot::Amount
            | Slot::Location
            | Slot::App
            | Slot::Time
            | Slot::ContentType
            | Slot::Tag
            | Slot::Ordinal
            | Slot::Count => self.phrase(state, slot, LONGEST_PHRASE),
        }
    }

    fn people(&mut self, state: State, slot: Slot, tight: bool) {
        for people in self.sentence.people.at(state.at).iter() {
            if tight && people.evidence == Evidence::Loose {
                continue;
            }
            let bonus = match people.evidence {
                Evidence::Exact => 3.0,
                Evidence::Sound => 2.0,
                Evidence::Shaped => 1.0,
                Evidence::Bare => 0.5,
                Evidence::Loose => 0.0,
            };
            let words: usize = people.each.iter().map(|(from, end)| end - from).sum();
            let kept = self.captures.len();
            self.captures.extend(people.each.iter().map(|(from, end)| (slot, *from, *end)));
            self.branch(State {
                step: state.step + 1,
                at: people.end,
                rank: state.rank + bonus - 0.3 * count(words),
                evidence: Some(state.evidence.map_or(people.evidence, |evidence| evidence.min(people.evidence))),
            });
            self.captures.truncate(kept);
        }
    }

    /// Content goes to the end of the sentence where the template ends with it, politeness included.
    fn content(&mut self, state: State) {
        let length = self.sentence.tokens.len();
        // "Marie and Paul" is not Marie and a message that begins with "and"; "the family group" is not the family.
        let language = self.sentence.language;
        let list_cut = state.evidence.is_some()
            && self.sentence.tokens.get(state.at).is_some_and(|first| {
                language.joining.contains(&first.fold)
                    || language.groups.contains(&first.fold)
                    || language.before_each.contains(&first.fold) && self.sentence.people.list_goes_on(state.at)
            });
        if state.at >= length || list_cut || self.sentence.polite_from == Some(state.at) {
            return;
        }
        let last = matches!(self.steps.get(state.step + 1), Some(Step::Accept));
        let shortest = if last { length } else { state.at + 1 };
        for at in (shortest..=length).rev() {
            self.captures.push((Slot::Content, state.at, at));
            self.branch(State { step: state.step + 1, at, ..state });
            self.captures.pop();
        }
    }

    /// A few words. What an edit puts in or takes out goes to the end where the template ends with it.
    fn phrase(&mut self, state: State, slot: Slot, longest: usize) {
        let last = matches!(self.steps.get(state.step + 1), Some(Step::Accept));
        if last && matches!(slot, Slot::Old | Slot::New) {
            let end = self.sentence.polite_from.unwrap_or(self.sentence.tokens.len());
            if end > state.at {
                self.captures.push((slot, state.at, end));
                self.branch(State { step: state.step + 1, at: end, ..state });
                self.captures.pop();
            }
            return;
        }
        let furthest = self.sentence.tokens.len().min(state.at + longest);
        for at in state.at + 1..=furthest {
            self.captures.push((slot, state.at, at));
            let rank = state.rank - 0.2 * count(at - state.at);
            self.branch(State { step: state.step + 1, at, rank, ..state });
            self.captures.pop();
        }
    }

    fn accept(&mut self, state: State) {
        if self.allowed.is_empty() {
            self.ends.push(state.at);
        } else if self.allowed.get(state.at).copied().unwrap_or(false)
            && self.best.as_ref().is_none_or(|best| best.rank < state.rank)
        {
            self.best = Some(Match {
                captures: self.captures.clone(),
                end: state.at,
                rank: state.rank,
                evidence: state.evidence,
            });
        }
    }
}

/// A small count as a weight.
fn count(words: usize) -> f32 {
    f32::from(u8::try_from(words).unwrap_or(u8::MAX))
}
