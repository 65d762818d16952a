//! Sentences of our own to learn from, drawn from phrases in the syntax of the sentence templates.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{TrainError, data::Item};
use crate::{
    config::Lang,
    intent::{
        Slot,
        grammar::{Definitions, Node},
    },
};

/// Draws that are made for each sentence wanted, before a group is taken to have no more.
const DRAWS: usize = 4;

/// A file of phrases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    blocks: toml::Table,
    group: Vec<Group>,
}

/// Phrases of one intent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    intent: String,
    /// Most different sentences that are drawn.
    take: usize,
    sentences: Vec<String>,
}

/// What free slots are filled with.
#[derive(Debug, Default)]
pub(super) struct Fillings {
    pub people: Vec<String>,
    pub contents: Vec<String>,
    pub groups: Vec<String>,
}

impl Fillings {
    fn of(&self, slot: Slot) -> &[String] {
        if slot == Slot::Content {
            return &self.contents;
        }
        if slot == Slot::Group { &self.groups } else { &self.people }
    }
}

/// Draws the sentences of a file in a language, at most `most` of each group.
pub(super) fn sentences(
    lang: Lang,
    text: &str,
    most: usize,
    fillings: &Fillings,
    random: &mut Random,
) -> Result<Vec<Item>, TrainError> {
    let phrases = |mistake: String| TrainError::Phrases(lang, mistake);
    let file: File = toml::from_str(text).map_err(|error| phrases(error.to_string()))?;
    let mut definitions = Definitions::default();
    for (name, template) in &file.blocks {
        definitions.block(name, template.as_str().unwrap_or_default()).map_err(phrases)?;
    }
    let mut items = Vec::new();
    for group in &file.group {
        let nodes = group.sentences.iter().map(|sentence| definitions.read(sentence)).collect::<Result<Vec<_>, _>>();
        let nodes = nodes.map_err(phrases)?;
        let mut seen = BTreeSet::new();
        let take = group.take.min(most);
        for _ in 0..take * DRAWS {
            let mut drawn = Drawn::default();
            if let Some(node) = random.pick(&nodes) {
                drawn.draw(node, fillings, random);
            }
            if seen.len() < take && seen.insert(drawn.text.clone()) {
                items.push(drawn.item(lang, &group.intent));
            }
        }
    }
    Ok(items)
}

/// A sentence being drawn.
#[derive(Default)]
struct Drawn {
    text: String,
    slots: BTreeMap<String, Vec<String>>,
}

impl Drawn {
    fn draw(&mut self, node: &Node, fillings: &Fillings, random: &mut Random) {
        match node {
            Node::Word(word) => self.say(word),
            Node::Number => self.say(&random.below(200).to_string()),
            Node::Any => {}
            Node::Sequence(all) => all.iter().for_each(|inner| self.draw(inner, fillings, random)),
            Node::OneOf(all) => {
                if let Some(inner) = random.pick(all) {
                    self.draw(inner, fillings, random);
                }
            }
            Node::Maybe(inner) if random.below(2) == 0 => self.draw(inner, fillings, random),
            Node::Maybe(_) => {}
            Node::Many(inner) => self.draw(inner, fillings, random),
            Node::Slot(slot) => {
                let value = random.pick(fillings.of(*slot)).cloned().unwrap_or_default();
                self.take(*slot, |drawn| drawn.say(&value));
            }
            Node::Taken(slot, inner) => self.take(*slot, |drawn| drawn.draw(inner, fillings, random)),
        }
    }

    /// Notes what `say` adds as a value of the slot.
    fn take(&mut self, slot: Slot, say: impl FnOnce(&mut Self)) {
        let from = self.text.len();
        say(self);
        let said = self.text.get(from..).unwrap_or_default().trim().to_owned();
        let name = serde_json::to_value(slot).ok().and_then(|name| name.as_str().map(str::to_owned));
        self.slots.entry(name.unwrap_or_default()).or_default().push(said);
    }

    /// Adds a word; the one before it loses its vowel where French wants it.
    fn say(&mut self, word: &str) {
        let vowel = word.chars().next().is_some_and(|c| "aeiouyhâàéèêîôûAEIOUÉÈ".contains(c));
        let elisions = [(" de", " d'"), (" que", " qu'"), (" je", " j'"), (" le", " l'"), (" si", " s'")];
        for (whole, short) in elisions {
            let elided = if whole == " si" { matches!(word, "il" | "ils") } else { vowel };
            if elided && self.text.ends_with(whole) {
                self.text.truncate(self.text.len() - whole.len());
                self.text.push_str(short);
            }
        }
        if !self.text.is_empty() && !self.text.ends_with('\'') {
            self.text.push(' ');
        }
        self.text.push_str(word);
    }

    fn item(self, lang: Lang, intent: &str) -> Item {
        Item {
            lang,
            set: if matches!(intent, "other" | "call_control" | "reminder") { "near" } else { "core" }.to_owned(),
            text: self.text,
            intent: intent.to_owned(),
            accept: vec![intent.to_owned()],
            slots: Some(self.slots),
            scored: None,
            src_intent: String::new(),
        }
    }
}

/// Numbers that are the same in every run: SplitMix64 (Steele, Lea, Flood).
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or_default() % end.max(1)
    }

    /// Returns one of several.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}
