//! Where a name begins and ends: "Marion", "Jean Marc", "my brother", "Marie and Paul".

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{Known, Names, language::Language, token::Token};

/// Longest name in words.
const LONGEST: usize = 5;

/// Words that may follow a name's first ones on no better ground than that a marker comes after them.
const MORE: usize = 4;

/// Most people in one list.
const MOST: usize = 8;

/// How sure it is that some words name people, from unsure to sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Evidence {
    /// Words that may belong to a name because a marker follows them.
    Loose,
    /// One word in a name's place.
    Bare,
    /// Words shaped like a name: capitals, "my brother".
    Shaped,
    /// It sounds like a known name.
    Sound,
    /// It is a known name.
    Exact,
}

/// One way to read people at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct People {
    /// First token after them.
    pub end: usize,
    /// First and last-plus-one token of each.
    pub each: Vec<(usize, usize)>,
    /// The weakest evidence among them.
    pub evidence: Evidence,
}

/// Reads people out of one sentence; readings are kept, templates ask for the same places again and again.
pub(super) struct PeopleReader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    language: &'a Language,
    names: &'a dyn Names,
    mixed_case: bool,
    read: RefCell<HashMap<usize, Rc<[People]>>>,
}

impl<'a> PeopleReader<'a> {
    pub fn new(text: &'a str, tokens: &'a [Token], language: &'a Language, names: &'a dyn Names) -> Self {
        // All capitals or all small letters tell nothing; nor does the capital a sentence begins with.
        let capitals = tokens.iter().skip(1).filter(|token| token.capital).count();
        let mixed_case = capitals > 0 && capitals + 1 < tokens.len();
        Self { text, tokens, language, names, mixed_case, read: RefCell::default() }
    }

    /// Returns every way to read people from a token on, best first.
    pub fn at(&self, from: usize) -> Rc<[People]> {
        if let Some(read) = self.read.borrow().get(&from) {
            return Rc::clone(read);
        }
        let mut all = Vec::new();
        for (end, evidence) in self.person(from) {
            self.extend(People { end, each: vec![(from, end)], evidence }, &mut all);
        }
        all.sort_by_key(|people| std::cmp::Reverse((people.evidence, people.end)));
        let all: Rc<[People]> = all.into();
        self.read.borrow_mut().insert(from, Rc::clone(&all));
        all
    }

    /// Adds the list as it stands, and with one more person after "and" or a comma.
    fn extend(&self, people: People, all: &mut Vec<People>) {
        if people.each.len() < MOST && people.evidence > Evidence::Loose {
            let next = match self.tokens.get(people.end) {
                Some(token) if self.language.joining.contains(&token.fold) => Some(people.end + 1),
                Some(token) if token.broken && self.list_goes_on(people.end) => Some(people.end),
                _ => None,
            };
            let next = next.map(|next| self.after_repeated(next, people.each.first()));
            for (end, evidence) in next.map(|next| self.person(next)).unwrap_or_default() {
                // A list of known people does not end in a stranger by chance: one more must be likely, too.
                if evidence > Evidence::Loose {
                    let mut each = people.each.clone();
                    each.push((next.unwrap_or(end), end));
                    self.extend(People { end, each, evidence: evidence.min(people.evidence) }, all);
                }
            }
        }
        all.push(people);
    }

    /// "à Marie et à Paul": the word before the first person may be said again before the others.
    fn after_repeated(&self, at: usize, first: Option<&(usize, usize)>) -> usize {
        let before_each =
            |at: usize| self.tokens.get(at).is_some_and(|token| self.language.before_each.contains(&token.fold));
        let said_before = first.and_then(|(from, _)| from.checked_sub(1)).is_some_and(before_each);
        if said_before && before_each(at) { at + 1 } else { at }
    }

    /// "mom, dad and Alysha": a comma goes on with the list when an "and" comes soon.
    pub fn list_goes_on(&self, at: usize) -> bool {
        let soon = self.tokens.get(at..self.tokens.len().min(at + 6)).unwrap_or_default();
        let comma = at > 0
            && self.tokens.get(at - 1).is_some_and(|before| {
                self.text.get(before.end..).is_some_and(|rest| rest.trim_start().starts_with(','))
            });
        comma && soon.iter().any(|token| self.language.joining.contains(&token.fold))
    }

    /// Returns the ends of the names that may begin at a token.
    fn person(&self, from: usize) -> Vec<(usize, Evidence)> {
        let mut ends = self.known(from);
        let longest_known = ends.iter().map(|(end, _)| *end).max();
        if let Some(end) = self.shaped(from).filter(|end| longest_known.is_none_or(|known| *end > known)) {
            ends.push((end, Evidence::Shaped));
        } else if longest_known.is_none() && self.may_name(from) {
            ends.push((from + 1, Evidence::Bare));
        }
        if let Some(first) = ends.iter().map(|(end, _)| *end).min() {
            let furthest = self.tokens.len().min(first + MORE);
            for end in first + 1..=furthest {
                if self.broken(end - 1) || !(self.may_name(end - 1) || self.links(end - 1)) {
                    break;
                }
                if self.links(end - 1) {
                    continue;
                }
                if ends.iter().all(|(known, _)| *known != end) {
                    ends.push((end, Evidence::Loose));
                }
            }
        }
        ends
    }

    /// The longest known name, exactly and by sound.
    fn known(&self, from: usize) -> Vec<(usize, Evidence)> {
        let mut by_sound = None;
        for length in (1..=LONGEST).rev() {
            let end = from + length;
            if end > self.tokens.len() || (from + 1..end).any(|at| self.broken(at)) {
                continue;
            }
            let known = self.words(from, end).map_or(Known::No, |words| self.names.knows(words));
            match known {
                Known::Exact => return vec![(end, Evidence::Exact)],
                Known::Sound if by_sound.is_none() => by_sound = Some((end, Evidence::Sound)),
                Known::Sound | Known::No => {}
            }
        }
        by_sound.into_iter().collect()
    }

    /// "my brother", "my brother John", "Jean Marc", "the soccer team" up to its noun.
    fn shaped(&self, from: usize) -> Option<usize> {
        let first = self.tokens.get(from)?;
        let possessive = self.language.possessives.contains(&first.fold);
        let article = self.language.articles.contains(&first.fold);
        if possessive || article {
            let noun = self.tokens.get(from + 1).filter(|noun| !noun.broken && self.may_name_fold(&noun.fold))?;
            let _ = noun;
            return Some(self.capitals(from + 2));
        }
        if self.mixed_case && first.capital && self.may_name(from) {
            return Some(self.capitals(from + 1));
        }
        None
    }

    /// Goes on over capitalised words that may be part of a name.
    fn capitals(&self, mut at: usize) -> usize {
        while self.mixed_case
            && self.tokens.get(at).is_some_and(|token| token.capital && !token.broken)
            && self.may_name(at)
        {
            at += 1;
        }
        at
    }

    /// "la femme de Paul".
    fn links(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| self.language.linking.contains(&token.fold))
    }

    fn may_name(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| self.may_name_fold(&token.fold))
    }

    fn may_name_fold(&self, fold: &str) -> bool {
        let language = self.language;
        !language.not_names.contains(fold) && !language.possessives.contains(fold) && !language.articles.contains(fold)
    }

    fn broken(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.broken)
    }

    fn words(&self, from: usize, end: usize) -> Option<&'a str> {
        let first = self.tokens.get(from)?;
        let last = self.tokens.get(end.checked_sub(1)?)?;
        self.text.get(first.start..last.end)
    }
}
