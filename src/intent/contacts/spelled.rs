//! Who is meant by the letters of a name, as far as they were said.

use super::{
    Contact, Decision, Resolution, Surroundings,
    resolve::{Fit, candidates, one_or_several},
};
use crate::intent::token;

/// Letters of a name from which one of them may have been misheard.
const ONE_MISHEARD: usize = 4;

/// Finds the contacts one of whose names is spelled so; else those with a name that begins so; else those whose name
/// differs in one letter, which is asked, never taken.
pub(super) fn resolve(contacts: &[Contact], letters: &str) -> Resolution {
    let said = plain(letters);
    let fits = |matches: &dyn Fn(&str) -> bool| -> Vec<Fit> {
        let is = |contact: &Contact| names(contact).any(|name| matches(&plain(name)));
        let found = contacts.iter().enumerate().filter(|(_, contact)| is(contact));
        found.map(|(at, _)| Fit::by_letters(at)).collect()
    };
    let whole = fits(&|name| name == said);
    let mut found = if whole.is_empty() && !said.is_empty() { fits(&|name| name.starts_with(&said)) } else { whole };
    let is_misheard = found.is_empty() && said.len() >= ONE_MISHEARD;
    if is_misheard {
        found = fits(&|name| strsim::levenshtein(name, &said) == 1);
    }
    let decision = match one_or_several(&mut found) {
        _ if found.is_empty() => Decision::None,
        Decision::One if !is_misheard => Decision::One,
        Decision::One | Decision::Several | Decision::None => Decision::Several,
    };
    let candidates = candidates(contacts, &found, Surroundings::default());
    let close = candidates.len();
    Resolution { heard: letters.to_owned(), decision, candidates, close, near: true }
}

fn names(contact: &Contact) -> impl Iterator<Item = &str> {
    let own = [contact.name.as_str(), contact.given.as_str(), contact.family.as_str()];
    own.into_iter().chain(contact.nicknames.iter().map(String::as_str)).filter(|name| !name.is_empty())
}

/// The letters alone: nobody spells blanks and hyphens reliably.
fn plain(name: &str) -> String {
    token::fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}
