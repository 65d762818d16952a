//! All the ways contacts can be named, by spelling and by sound.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Contact, ContactId, Via,
    channel::{self, Places},
    evidence::Spoken,
};
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

/// Most names that are compared in full with what was heard, of those most like it in outline.
const COMPARED: usize = 500;

/// A way contacts are called.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// As it is written.
    pub name: String,
    pub spoken: Spoken,
    pub owners: Vec<Owner>,
}

/// A contact that is called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    /// Its place in the book.
    pub at: usize,
    /// Which part of its name it is.
    pub part: Part,
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
    spelled: HashMap<String, Vec<Owner>>,
    ways: Vec<Way>,
    sounding: HashSet<Places>,
    corrections: HashMap<String, ContactId>,
}

impl Index {
    pub fn new(contacts: &[Contact], corrections: HashMap<String, ContactId>) -> Self {
        let mut spelled: HashMap<String, Vec<Owner>> = HashMap::new();
        let mut ways: BTreeMap<String, Way> = BTreeMap::new();
        for (at, contact) in contacts.iter().enumerate() {
            for (part, name) in parts(contact) {
                let folded = token::fold(name);
                if folded.is_empty() {
                    continue;
                }
                for word in same_meaning(&folded, part) {
                    add(spelled.entry(word.to_owned()).or_default(), Owner { at, part });
                }
                // Accents tell how a name is read, so they are kept.
                let way = ways.entry(name.to_lowercase());
                let way =
                    way.or_insert_with(|| Way { name: name.to_owned(), spoken: Spoken::new(name), owners: Vec::new() });
                add(&mut way.owners, Owner { at, part });
            }
        }
        let ways: Vec<Way> = ways.into_values().collect();
        let readings = ways.iter().flat_map(|way| &way.spoken.readings);
        let sounding = readings.filter(|sounds| sounds.len() >= FEWEST_SOUNDS).cloned().collect();
        Self { spelled, ways, sounding, corrections }
    }

    pub fn correct(&mut self, said: String, meant: ContactId) {
        self.corrections.insert(said, meant);
    }

    pub fn corrected(&self, folded: &str) -> Option<ContactId> {
        self.corrections.get(folded).copied()
    }

    /// Returns who is spelled so, with or without "my" before it.
    pub fn spelled(&self, folded: &str) -> &[Owner] {
        let found = self.spelled.get(folded).or_else(|| self.spelled.get(bare(folded)));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the ways that are worth comparing with what was heard: all of a small book, of a large one those most
    /// like it in outline.
    pub fn worth_comparing(&self, heard: &Spoken) -> Vec<&Way> {
        if self.ways.len() <= COMPARED {
            return self.ways.iter().collect();
        }
        let mut ranked: Vec<(f32, &Way)> = self.ways.iter().map(|way| (heard.outline(&way.spoken), way)).collect();
        ranked.select_nth_unstable_by(COMPARED, |(a, _), (b, _)| b.total_cmp(a));
        ranked.into_iter().take(COMPARED).map(|(_, way)| way).collect()
    }

    pub fn knows(&self, words: &str) -> Known {
        let folded = token::fold(words);
        if folded.is_empty() {
            return Known::No;
        }
        if !self.spelled(&folded).is_empty() || self.corrections.contains_key(&folded) {
            return Known::Exact;
        }
        let sounds_known = |lang| self.sounding.contains(&channel::places(&sound::sounds(words, lang)));
        if Lang::ALL.into_iter().any(sounds_known) { Known::Sound } else { Known::No }
    }
}

/// Drops "my" and the like.
pub(super) fn bare(folded: &str) -> &str {
    folded.split_once(' ').filter(|(first, _)| DETERMINERS.contains(first)).map_or(folded, |(_, rest)| rest)
}

fn parts(contact: &Contact) -> impl Iterator<Item = (Part, &str)> {
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

/// Keeps the best way a contact is called so.
fn add(owners: &mut Vec<Owner>, owner: Owner) {
    match owners.iter_mut().find(|known| known.at == owner.at) {
        Some(known) => known.part = known.part.min(owner.part),
        None => owners.push(owner),
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
