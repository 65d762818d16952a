//! Who is meant: one, several or none. A wrong single answer is the worst error, so every doubt is `several`.

use std::collections::HashMap;

use super::{
    Candidate, Contact, ContactId, ContactKind, Decision, Resolution, Surroundings, Via,
    index::{Index, Part},
};
use crate::{
    config::Lang,
    intent::{sound, token},
};

/// Likeness from which a name heard by sound alone may be taken without asking.
const SURE: f32 = 0.96;

/// What a name loses that sounds so only by the spelling rules of another language than was spoken, or that is
/// only the family name.
const FOREIGN: f32 = 0.05;

/// How much less alike everybody else must be.
const AHEAD: f32 = 0.12;

/// Likeness from which asking is worth it.
const WORTH_ASKING: f32 = 0.77;

/// Candidates this much less alike than the best are not asked about.
const CLOSE: f32 = 0.1;

/// Likeness of another name from which the full name is read back.
const NEAR: f32 = 0.78;

/// Fewest letters a name must have to be taken by sound alone.
const FEWEST_LETTERS: usize = 4;

/// Most candidates to ask about.
const MOST: usize = 4;

/// A contact by its place in the book, and how well it fits.
#[derive(Debug, Clone, Copy)]
struct Fit {
    at: usize,
    via: Via,
    likeness: f32,
}

pub(super) fn resolve(
    contacts: &[Contact],
    index: &Index,
    heard: &str,
    lang: Option<Lang>,
    surroundings: Surroundings<'_>,
) -> Resolution {
    let folded = token::fold(heard);
    let spelled: Vec<(usize, Part)> = index.spelled(&folded).to_vec();
    let sounding = by_sound(contacts, index, heard, &folded, lang);
    let corrected = index.corrected(&folded).and_then(|id| contacts.iter().position(|contact| contact.id == id));
    let (decision, fits, near) = match corrected {
        Some(at) => by_correction(at, &spelled),
        None if spelled.is_empty() => by_ear(&folded, &sounding),
        None => by_spelling(&folded, &spelled, &sounding),
    };
    let candidates = candidates(contacts, decision, &fits, surroundings);
    Resolution { heard: heard.to_owned(), decision, candidates, near }
}

/// What the user corrected before holds, unless somebody's full name or nickname is just that.
fn by_correction(at: usize, spelled: &[(usize, Part)]) -> (Decision, Vec<Fit>, bool) {
    let mut fits = vec![Fit { at, via: Via::Learned, likeness: 1.0 }];
    let others = spelled.iter().filter(|(other, part)| *other != at && matches!(part, Part::Full | Part::Nickname));
    fits.extend(others.map(|(other, part)| Fit { at: *other, via: (*part).into(), likeness: 1.0 }));
    let decision = if fits.len() == 1 { Decision::One } else { Decision::Several };
    (decision, fits, true)
}

/// Somebody is spelled so. Whoever sounds exactly the same counts as well (Sara, Sarah), unless a name of several
/// words was said.
fn by_spelling(folded: &str, spelled: &[(usize, Part)], sounding: &[Fit]) -> (Decision, Vec<Fit>, bool) {
    let mut fits: Vec<Fit> =
        spelled.iter().map(|(at, part)| Fit { at: *at, via: (*part).into(), likeness: 1.0 }).collect();
    // A full name as said is that contact, whoever else's given name it may be part of.
    let full: Vec<Fit> = fits.iter().copied().filter(|fit| fit.via == Via::Exact).collect();
    let several_words = folded.contains(' ');
    if several_words && full.len() == 1 {
        fits = full;
    }
    let others: Vec<Fit> = sounding.iter().copied().filter(|other| fits.iter().all(|fit| fit.at != other.at)).collect();
    if !several_words {
        fits.extend(others.iter().filter(|other| other.likeness >= 0.999));
    }
    let near = others.iter().any(|other| other.likeness >= NEAR);
    let decision = if fits.len() == 1 { Decision::One } else { Decision::Several };
    (decision, fits, near)
}

/// Nobody is spelled so.
fn by_ear(folded: &str, sounding: &[Fit]) -> (Decision, Vec<Fit>, bool) {
    let Some(best) = sounding.first().copied() else { return (Decision::None, Vec::new(), false) };
    let second = sounding.get(1).map_or(0.0, |fit| fit.likeness);
    let sure = best.likeness >= SURE && best.likeness - second >= AHEAD && folded.len() >= FEWEST_LETTERS;
    if sure {
        return (Decision::One, vec![best], true);
    }
    let close = sounding.iter().copied().filter(|fit| fit.likeness >= best.likeness - CLOSE).collect();
    (Decision::Several, close, true)
}

/// Returns who sounds like it, the most alike first, each contact once.
fn by_sound(contacts: &[Contact], index: &Index, heard: &str, folded: &str, lang: Option<Lang>) -> Vec<Fit> {
    if folded.is_empty() {
        return Vec::new();
    }
    let langs: &[Lang] = lang.as_ref().map_or(&Lang::ALL, std::slice::from_ref);
    let mut best: HashMap<usize, f32> = HashMap::new();
    for lang in langs {
        let said = sound::sounds(super::index::bare(heard), *lang);
        for (way, likeness) in index.sounding(said.as_bytes(), WORTH_ASKING) {
            for owner in &way.owners {
                let own = contacts.get(owner.at).and_then(|contact| contact.lang);
                let foreign = owner.lang.is_some_and(|rules| rules != *lang && Some(rules) != own);
                let likeness = if foreign || owner.part == Part::Family { likeness - FOREIGN } else { likeness };
                best.entry(owner.at).and_modify(|known| *known = known.max(likeness)).or_insert(likeness);
            }
        }
    }
    let mut fits: Vec<Fit> = best.into_iter().map(|(at, likeness)| Fit { at, via: Via::Sound, likeness }).collect();
    fits.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.at.cmp(&b.at)));
    fits
}

fn candidates(
    contacts: &[Contact],
    decision: Decision,
    fits: &[Fit],
    surroundings: Surroundings<'_>,
) -> Vec<Candidate> {
    let all: f32 = fits.iter().map(|fit| weight(fit.likeness)).sum();
    let mut candidates: Vec<Candidate> = fits
        .iter()
        .filter_map(|fit| {
            let contact = contacts.get(fit.at)?;
            let score = match (decision, fit.via) {
                (Decision::One, Via::Sound) => 0.9 * fit.likeness,
                (Decision::One, _) => 0.98,
                (Decision::Several | Decision::None, _) => {
                    let share = weight(fit.likeness) / all.max(f32::EPSILON) * fit.likeness;
                    (share + familiarity(contact.id, surroundings)).min(0.9)
                }
            };
            let members = match contact.kind {
                ContactKind::Person => None,
                ContactKind::Group => Some(u32::try_from(contact.members.len()).unwrap_or(u32::MAX)),
            };
            Some(Candidate { id: contact.id, name: contact.name.clone(), score, via: fit.via, members })
        })
        .collect();
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    candidates.truncate(MOST);
    candidates
}

/// Likeness as a share among candidates: differences count more than proportionally.
fn weight(likeness: f32) -> f32 {
    likeness.powi(4)
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
