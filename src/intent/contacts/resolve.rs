//! Who is meant: one, several or none. A wrong single answer is the worst error, so every doubt is `several`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    slice::from_ref,
};

use super::{
    Apart, Candidate, Contact, ContactId, ContactKind, Decision, Resolution, Surroundings, Via,
    choice::{Hearing, shares},
    evidence::Spoken,
    index::{Index, Owner, Part, Way, bare},
    trained::{CHANNEL, CHOICE},
};
use crate::{config::Lang, intent::token};

/// Probabilities from which a name is taken, or asked about, that nobody is spelled like.
struct Bars {
    /// Taken without asking.
    sure: f32,
    /// The same for a name that sounds just like what was heard.
    sure_if_same: f32,
    /// Anybody in the book: asked about.
    worth_asking: f32,
}

/// By what was written.
const BY_WRITING: Bars = Bars { sure: 0.98, sure_if_same: 0.85, worth_asking: 0.88 };

/// By a second hearing. It was fitted and these were chosen on 244 spoken commands: to 156 people of the book, and to 65
/// others and nobody (which count 0.7): 45 are taken, all rightly; of the rest 74 more are asked about rightly and 27 in
/// vain.
const BY_HEARING: Bars = Bars { sure: 0.97, sure_if_same: 0.9, worth_asking: 0.5 };
const HEARING: Hearing = Hearing { sum: 0.464, weight: 0.478, nobody: 11.21 };

/// Candidates with less than this share of the best one's probability are not asked about.
const CLOSE: f32 = 0.05;

/// Share of the probability that other names may have together where one is written just as heard.
const RIVALS: f32 = 0.04;

/// Nearness from which two names are one by ear.
const SAME: f32 = 0.97;

/// Nearness of another name from which the full name is read back.
const NEAR: f32 = 0.6;

/// What speaks against a family name alone: people call others by their first names.
const FAMILY_ALONE: f32 = 1.5;

/// Probability that a name written just like one of the book is that one.
const SPELLED: f32 = 0.98;

/// Fewest letters a name must have to be taken by sound alone.
const FEWEST_LETTERS: usize = 3;

/// Digits of a telephone number that are said to tell two people apart.
const LAST_DIGITS: usize = 2;

/// Most candidates.
const MOST: usize = 4;

/// A contact by its place in the book, and how well it fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    at: usize,
    via: Via,
    /// Probability that it is meant.
    score: f32,
    /// How near its name comes to what was heard, 0 to 1.
    nearness: f32,
}

impl Fit {
    /// A name of the contact at this place was said letter by letter.
    pub fn by_letters(at: usize) -> Self {
        Self { at, via: Via::Prefix, score: SPELLED, nearness: 1.0 }
    }

    fn spelled(owner: &Owner) -> Self {
        Self { at: owner.at, via: owner.part.into(), score: SPELLED, nearness: 1.0 }
    }
}

pub(super) fn resolve(
    contacts: &[Contact],
    index: &Index,
    heard: &str,
    lang: Option<Lang>,
    surroundings: Surroundings<'_>,
) -> Resolution {
    let sounding = by_sound(index, heard, lang);
    decide((contacts, index), heard, surroundings, &sounding, &BY_WRITING)
}

/// The same where the sound was heard again: names with how much it says for each, and the words among which they were
/// looked for.
pub(super) fn resolve_weighed(
    contacts: &[Contact],
    index: &Index,
    (heard, among, lang): (&str, &[String], Lang),
    surroundings: Surroundings<'_>,
    weights: &HashMap<&str, f32>,
) -> Resolution {
    let ways = best_sums(index, among, lang).into_values().filter_map(|(way, sum)| {
        let weight = weights.get(way.name.as_str())?;
        Some((way, HEARING.sum * sum + HEARING.weight * weight))
    });
    let sounding = fits(&said(heard), Some(lang), ways, HEARING.nobody);
    decide((contacts, index), heard, surroundings, &sounding, &BY_HEARING)
}

fn decide(
    (contacts, index): (&[Contact], &Index),
    heard: &str,
    surroundings: Surroundings<'_>,
    sounding: &[Fit],
    bars: &Bars,
) -> Resolution {
    let folded = token::fold(heard);
    let spelled = index.spelled(&folded);
    let corrected = index.corrected(&folded).and_then(|id| contacts.iter().position(|contact| contact.id == id));
    let (decision, fits, near) = match corrected {
        Some(at) => by_correction(at, spelled),
        None if spelled.is_empty() => by_ear(&folded, sounding, bars),
        None => by_spelling(&folded, spelled, sounding),
    };
    let mut found = candidates(contacts, &fits, surroundings);
    let close = found.len();
    if corrected.is_none() && spelled.is_empty() {
        let others: Vec<Fit> = others(sounding, &fits).collect();
        found.extend(candidates(contacts, &others, Surroundings::default()));
        found.truncate(MOST);
    }
    Resolution { heard: heard.to_owned(), decision, candidates: found, close, near }
}

/// What the user corrected before holds, unless somebody is called just that.
fn by_correction(at: usize, spelled: &[Owner]) -> (Decision, Vec<Fit>, bool) {
    let mut fits = vec![Fit { at, via: Via::Learned, score: SPELLED, nearness: 1.0 }];
    fits.extend(spelled.iter().filter(|other| other.at != at).map(Fit::spelled));
    (one_or_several(&mut fits), fits, true)
}

/// Somebody is spelled so. Whoever sounds the same counts as well (Sara, Sarah), or is likely misheard so, unless a name
/// of several words was said.
fn by_spelling(folded: &str, spelled: &[Owner], sounding: &[Fit]) -> (Decision, Vec<Fit>, bool) {
    let mut fits: Vec<Fit> = spelled.iter().map(Fit::spelled).collect();
    // A full name as said is that contact, whoever else's given name it may be part of.
    let full: Vec<Fit> = fits.iter().copied().filter(|fit| fit.via == Via::Exact).collect();
    let several_words = folded.contains(' ');
    if several_words && full.len() == 1 {
        fits = full;
    }
    let others: Vec<Fit> = others(sounding, &fits).collect();
    let near = others.iter().any(|other| other.nearness >= NEAR);
    if several_words {
        return (one_or_several(&mut fits), fits, near);
    }
    // "Mom" for "maman" is no matter of sound.
    let own = sounding.iter().find(|other| fits.iter().any(|fit| fit.at == other.at)).map_or(1.0, |fit| fit.score);
    let rivals: f32 = others.iter().map(|other| other.score).sum();
    let is_doubtful = rivals / (own + rivals) > RIVALS;
    let counts = |other: &&Fit| other.nearness >= SAME || is_doubtful && other.score >= rivals * CLOSE;
    fits.extend(others.iter().filter(counts));
    fits.iter_mut().filter(|fit| fit.via != Via::Sound).for_each(|fit| fit.score = SPELLED * own / (own + rivals));
    let decision = if fits.len() == 1 { Decision::One } else { Decision::Several };
    if fits.iter().filter(|fit| fit.via != Via::Sound).count() > 1 {
        one_or_several(&mut fits);
    }
    (decision, fits, near)
}

/// Nobody is spelled so.
fn by_ear(folded: &str, sounding: &[Fit], bars: &Bars) -> (Decision, Vec<Fit>, bool) {
    let Some(best) = sounding.first().copied() else { return (Decision::None, Vec::new(), false) };
    let anybody: f32 = sounding.iter().map(|fit| fit.score).sum();
    let sure = if best.nearness >= SAME { bars.sure_if_same } else { bars.sure };
    if best.score >= sure && folded.len() >= FEWEST_LETTERS {
        return (Decision::One, vec![best], true);
    }
    if anybody < bars.worth_asking {
        return (Decision::None, sounding.to_vec(), true);
    }
    let close = sounding.iter().copied().filter(|fit| fit.score >= best.score * CLOSE).collect();
    (Decision::Several, close, true)
}

/// Those who sound like it and are not among `fits`.
fn others(sounding: &[Fit], fits: &[Fit]) -> impl Iterator<Item = Fit> {
    sounding.iter().copied().filter(|other| fits.iter().all(|fit| fit.at != other.at))
}

/// Several that fit as well share the probability.
pub(super) fn one_or_several(fits: &mut [Fit]) -> Decision {
    let all: f32 = fits.iter().map(|fit| fit.nearness).sum();
    if fits.len() < 2 {
        return Decision::One;
    }
    fits.iter_mut().for_each(|fit| fit.score = SPELLED * fit.nearness / all);
    Decision::Several
}

/// Returns who sounds like it, the likeliest first, each contact once.
fn by_sound(index: &Index, heard: &str, lang: Option<Lang>) -> Vec<Fit> {
    let said = said(heard);
    fits(&said, lang, sums(index, &said, lang).into_iter(), CHOICE.nobody)
}

/// Returns the names that sound most like each of some words.
pub(super) fn sounding_like(index: &Index, words: &[String], lang: Lang, most: usize) -> BTreeSet<String> {
    let likest = |words: &String| {
        let mut sums: Vec<(&Way, f32)> = best_sums(index, from_ref(words), lang).into_values().collect();
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums.into_iter().take(most).map(|(way, _)| way.name.clone())
    };
    words.iter().flat_map(likest).collect()
}

/// Sums up, for each way somebody is called, what speaks most for it among some words.
fn best_sums<'a>(index: &'a Index, among: &[String], lang: Lang) -> BTreeMap<&'a str, (&'a Way, f32)> {
    let mut best: BTreeMap<&str, (&Way, f32)> = BTreeMap::new();
    for (way, sum) in among.iter().flat_map(|words| sums(index, &said(words), Some(lang))) {
        let known = best.entry(&way.name).or_insert((way, sum));
        known.1 = known.1.max(sum);
    }
    best
}

/// Words as they sound; "ma" may be no part of the name, or its beginning ("ma tube" for Matiu).
fn said(words: &str) -> Vec<Spoken> {
    let bare = bare(words);
    let whole = (bare != words).then_some(words);
    std::iter::once(bare).chain(whole).map(Spoken::new).filter(|said| !said.letters.is_empty()).collect()
}

/// Sums up what speaks for each way somebody is called, for each way to take what was said.
fn sums<'a>(index: &'a Index, said: &[Spoken], lang: Option<Lang>) -> Vec<(&'a Way, f32)> {
    let of = |said: &Spoken, way: &Way| CHOICE.sum(&said.evidence(&way.spoken, lang, &CHANNEL));
    said.iter().flat_map(|said| index.worth_comparing(said).into_iter().map(move |way| (way, of(said, way)))).collect()
}

/// Makes probabilities of what speaks for the ways people are called, and for nobody.
fn fits<'a>(said: &[Spoken], lang: Option<Lang>, ways: impl Iterator<Item = (&'a Way, f32)>, nobody: f32) -> Vec<Fit> {
    let mut best: HashMap<usize, (f32, &Spoken)> = HashMap::new();
    for (way, sum) in ways {
        for owner in &way.owners {
            let sum = if owner.part == Part::Family { sum - FAMILY_ALONE } else { sum };
            let known = best.entry(owner.at).or_insert((sum, &way.spoken));
            if known.0 < sum {
                *known = (sum, &way.spoken);
            }
        }
    }
    let mut ranked: Vec<(usize, f32, &Spoken)> = best.into_iter().map(|(at, (sum, name))| (at, sum, name)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let sums: Vec<f32> = ranked.iter().map(|(_, sum, _)| *sum).collect();
    let fits = ranked.into_iter().zip(shares(&sums, nobody)).map(|((at, _, name), score)| {
        let nearness = said.iter().map(|said| said.nearness(name, lang, &CHANNEL)).fold(0.0, f32::max);
        Fit { at, via: Via::Sound, score, nearness }
    });
    fits.filter(|fit| fit.score >= FAINTEST).take(CONSIDERED).collect()
}

/// Probability below which a candidate is not worth a word.
const FAINTEST: f32 = 0.002;

/// Most contacts that are considered beside the likeliest.
const CONSIDERED: usize = 12;

pub(super) fn candidates(contacts: &[Contact], fits: &[Fit], surroundings: Surroundings<'_>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = fits
        .iter()
        .filter_map(|fit| {
            let contact = contacts.get(fit.at)?;
            let familiarity = if fits.len() > 1 { familiarity(contact.id, surroundings) } else { 0.0 };
            let members = match contact.kind {
                ContactKind::Person => None,
                ContactKind::Group => Some(u32::try_from(contact.members.len()).unwrap_or(u32::MAX)),
            };
            let score = (fit.score + familiarity).min(SPELLED);
            let apart = if has_namesake(contacts, fits, fit.at) { apart(contact) } else { None };
            Some(Candidate { id: contact.id, name: contact.name.clone(), score, via: fit.via, members, apart })
        })
        .collect();
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MOST);
    candidates
}

/// Whether another of the candidates has the very same name.
fn has_namesake(contacts: &[Contact], fits: &[Fit], at: usize) -> bool {
    let name = |at: usize| contacts.get(at).map(|contact| token::fold(&contact.name));
    fits.iter().any(|fit| fit.at != at && name(fit.at) == name(at))
}

/// What tells a contact from its namesakes: a nickname, else the end of the telephone number, else an address.
fn apart(contact: &Contact) -> Option<Apart> {
    if let Some(nickname) = contact.nicknames.first() {
        return Some(Apart::Nickname(nickname.clone()));
    }
    let number = contact.handles.iter().find(|handle| handle.network == "tel").map(|handle| {
        let digits: Vec<char> = handle.address.chars().filter(char::is_ascii_digit).collect();
        let (_, last) = digits.split_at(digits.len().saturating_sub(LAST_DIGITS));
        last.iter().collect::<String>()
    });
    let address = || contact.handles.first().map(|handle| Apart::Address(handle.address.clone()));
    number.filter(|digits| !digits.is_empty()).map(Apart::Number).or_else(address)
}

/// A little more for people the user has to do with just now.
fn familiarity(id: ContactId, surroundings: Surroundings<'_>) -> f32 {
    if surroundings.open == Some(id) {
        return 0.05;
    }
    match surroundings.recent.iter().position(|recent| *recent == id) {
        Some(0..=2) => 0.03,
        Some(_) => 0.01,
        None => 0.0,
    }
}
