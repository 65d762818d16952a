//! All the ways contacts can be named, by spelling and by sound.

use std::collections::{HashMap, HashSet};

use super::{Contact, ContactId, Via};
use crate::{
    config::Lang,
    intent::{Known, sound, token},
};

/// Words said before a name that are not part of it.
const DETERMINERS: [&str; 22] = [
    "my", "our", "the", "his", "her", "your", "mon", "ma", "mes", "notre", "nos", "ton", "ta", "tes", "son", "sa",
    "ses", "votre", "le", "la", "les", "l'",
];

/// Family words of one meaning, folded: whoever is called one of them answers to all.
const FAMILY: [&[&str]; 14] = [
    &["mom", "mum", "mommy", "mummy", "mama", "mother", "maman", "mere"],
    &["dad", "daddy", "father", "papa", "pere"],
    &["grandma", "granny", "grandmother", "nana", "nan", "mamie", "meme", "mamy", "grand mere", "grandmere"],
    &["grandpa", "grandad", "granddad", "grandfather", "papi", "papy", "pepe", "grand pere", "grandpere"],
    &["sister", "sis", "soeur", "frangine"],
    &["brother", "bro", "frere", "frangin"],
    &["wife", "femme", "epouse"],
    &["husband", "hubby", "mari", "epoux"],
    &["son", "fils"],
    &["daughter", "fille"],
    &["aunt", "auntie", "tante", "tata", "tatie"],
    &["uncle", "oncle", "tonton"],
    &["boss", "patron", "patronne", "chef"],
    &["family", "famille"],
];

/// Fewest sounds by which a name may be recognised in a sentence without being spelled like it.
const FEWEST_SOUNDS: usize = 4;

/// A way contacts sound.
#[derive(Debug, Clone)]
pub(super) struct Sound {
    pub sounds: Vec<u8>,
    pub owners: Vec<Owner>,
}

/// A contact that sounds so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    /// Its place in the book.
    pub at: usize,
    /// Which part of its name it is.
    pub part: Part,
    /// The language whose spelling rules give this sound; `None` where all do.
    pub lang: Option<Lang>,
}

/// Which part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    /// The full name.
    Full,
    /// A nickname.
    Nickname,
    /// The given name.
    Given,
    /// The family name alone.
    Family,
}

/// Finds contacts by spelling and by sound.
#[derive(Debug, Default)]
pub(super) struct Index {
    spelled: HashMap<String, Vec<(usize, Part)>>,
    sounds: Vec<Sound>,
    /// Where in `sounds` a sequence of consonants is, whole and with any one of them left out: two sequences
    /// with a key in common differ in one consonant at most (the deletion index of SymSpell, Garbe 2012).
    by_skeleton: HashMap<Vec<u8>, Vec<u32>>,
    sounding: HashSet<Vec<u8>>,
    corrections: HashMap<String, ContactId>,
}

impl Index {
    pub fn new(contacts: &[Contact], corrections: HashMap<String, ContactId>) -> Self {
        let mut spelled: HashMap<String, Vec<(usize, Part)>> = HashMap::new();
        let mut by_sound: HashMap<Vec<u8>, Vec<Owner>> = HashMap::new();
        for (at, contact) in contacts.iter().enumerate() {
            for (part, name) in ways(contact) {
                let folded = token::fold(name);
                if folded.is_empty() {
                    continue;
                }
                for word in same_meaning(&folded, part) {
                    add(spelled.entry(word.to_owned()).or_default(), at, part);
                }
                for lang in Lang::ALL {
                    let owners = by_sound.entry(sound::sounds(name, lang).into_bytes()).or_default();
                    add_owner(owners, Owner { at, part, lang: Some(lang) });
                }
            }
        }
        let sounding = by_sound.keys().filter(|sounds| sounds.len() >= FEWEST_SOUNDS).cloned().collect();
        let mut sounds: Vec<Sound> = by_sound.into_iter().map(|(sounds, owners)| Sound { sounds, owners }).collect();
        sounds.sort_by(|a, b| a.sounds.cmp(&b.sounds));
        let mut by_skeleton: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
        for (at, way) in (0_u32..).zip(&sounds) {
            for key in with_one_left_out(sound::skeleton(&way.sounds)) {
                by_skeleton.entry(key).or_default().push(at);
            }
        }
        Self { spelled, sounds, by_skeleton, sounding, corrections }
    }

    pub fn correct(&mut self, said: String, meant: ContactId) {
        self.corrections.insert(said, meant);
    }

    pub fn corrected(&self, folded: &str) -> Option<ContactId> {
        self.corrections.get(folded).copied()
    }

    /// Returns who is spelled so, with or without "my" before it.
    pub fn spelled(&self, folded: &str) -> &[(usize, Part)] {
        let found = self.spelled.get(folded).or_else(|| self.spelled.get(bare(folded)));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the ways to sound that are at least this much like one, with how much they are.
    pub fn sounding(&self, said: &[u8], least: f32) -> Vec<(&Sound, f32)> {
        let keys = with_one_left_out(sound::skeleton(said));
        let mut places: Vec<u32> = keys.iter().filter_map(|key| self.by_skeleton.get(key)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let longer = said.len() / 4 + 1;
        places
            .into_iter()
            .filter_map(|at| self.sounds.get(usize::try_from(at).ok()?))
            .filter(|way| way.sounds.len().abs_diff(said.len()) <= longer)
            .filter_map(|way| Some((way, sound::likeness(said, &way.sounds, least)?)))
            .collect()
    }

    pub fn knows(&self, words: &str) -> Known {
        let folded = token::fold(words);
        if folded.is_empty() {
            return Known::No;
        }
        if !self.spelled(&folded).is_empty() || self.corrections.contains_key(&folded) {
            return Known::Exact;
        }
        let sounds_known = |lang| self.sounding.contains(sound::sounds(words, lang).as_bytes());
        if Lang::ALL.into_iter().any(sounds_known) { Known::Sound } else { Known::No }
    }
}

/// Drops "my" and the like.
pub(super) fn bare(folded: &str) -> &str {
    folded.split_once(' ').filter(|(first, _)| DETERMINERS.contains(first)).map_or(folded, |(_, rest)| rest)
}

fn ways(contact: &Contact) -> impl Iterator<Item = (Part, &str)> {
    [
        (Part::Full, contact.name.as_str()),
        (Part::Given, contact.given.as_str()),
        (Part::Family, contact.family.as_str()),
    ]
    .into_iter()
    .chain(contact.nicknames.iter().map(|nickname| (Part::Nickname, nickname.as_str())))
    .filter(|(_, name)| !name.is_empty())
}

fn same_meaning(folded: &str, part: Part) -> Vec<&str> {
    let family = match part {
        Part::Nickname | Part::Full => FAMILY.iter().find(|words| words.contains(&folded)),
        Part::Given | Part::Family => None,
    };
    family.map_or_else(|| vec![folded], |words| words.to_vec())
}

/// Returns a sequence, and all sequences with one of its members left out.
fn with_one_left_out(whole: Vec<u8>) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..whole.len())
        .map(|out| whole.iter().enumerate().filter(|(at, _)| *at != out).map(|(_, sound)| *sound).collect())
        .collect();
    all.push(whole);
    all.sort_unstable();
    all.dedup();
    all
}

/// Keeps the best way a contact sounds so.
fn add_owner(owners: &mut Vec<Owner>, owner: Owner) {
    match owners.iter_mut().find(|known| known.at == owner.at) {
        Some(known) => {
            known.part = known.part.min(owner.part);
            if known.lang != owner.lang {
                known.lang = None;
            }
        }
        None => owners.push(owner),
    }
}

/// Keeps the best way a contact is named so.
fn add(owners: &mut Vec<(usize, Part)>, at: usize, part: Part) {
    match owners.iter_mut().find(|(owner, _)| *owner == at) {
        Some((_, known)) => *known = (*known).min(part),
        None => owners.push((at, part)),
    }
}

impl From<Part> for Via {
    fn from(part: Part) -> Self {
        match part {
            Part::Full => Self::Exact,
            Part::Nickname => Self::Nickname,
            Part::Given | Part::Family => Self::Prefix,
        }
    }
}
