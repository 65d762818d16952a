//! Which words are names and which are ordinary, by where they stand in the sentences.
//!
//! A French sentence to learn from is looked at with what the *other* sentences tell about its words: a name that
//! stands nowhere else is as unknown there as a new name will be later. Learnt with its own help, the tagger would
//! believe that names are known words, and miss those that are not (leave-one-out, as in stacking: Wolpert, 1992). On
//! held-out sentences this gains French half a point; English, with five times the sentences, loses a third.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::data::Item;
use crate::{
    config::Lang,
    intent::{
        tagger::lexicon::{self, Lexicon},
        token,
    },
};

/// How often a word must stand outside names to be an ordinary one, and inside names to be one of them.
const ORDINARY: u32 = 3;
const NAMED: u32 = 2;

/// How often a word stands in names, and elsewhere.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    named: u32,
    ordinary: u32,
}

/// How often each word stands in names, and elsewhere.
#[derive(Debug, Default)]
pub(super) struct Counts {
    words: BTreeMap<u32, Count>,
    /// First names of a list.
    listed: BTreeSet<u32>,
}

impl Count {
    const fn is_name(self) -> bool {
        self.named >= NAMED && 3 * self.named > self.ordinary
    }

    const fn is_ordinary(self) -> bool {
        self.ordinary >= ORDINARY && self.named < 4 * self.ordinary
    }
}

impl Counts {
    /// Counts the words of sentences. French ones `drawn` from phrases tell nothing of names: their names come from the
    /// others, and none would be unknown to these any more. `first_names` is a table with a name at the beginning of
    /// each line but the first.
    pub fn of(items: &[Item], drawn: &[Item], first_names: &str) -> Self {
        let mut counts = Self::default();
        let drawn = drawn.iter().map(|item| (item, item.lang == Lang::En));
        for (item, tells_names) in items.iter().map(|item| (item, true)).chain(drawn) {
            for (word, count) in told(item) {
                let all = counts.words.entry(word).or_default();
                all.named += if tells_names { count.named } else { 0 };
                all.ordinary += count.ordinary;
            }
        }
        let listed = first_names.lines().skip(1).filter_map(|line| line.split('\t').next()).flat_map(token::tokens);
        let listed = listed.filter(|token| token.fold.len() > 1).map(|token| lexicon::number(&token.fold));
        counts.listed = listed.collect();
        counts
    }

    /// Returns what all sentences together tell.
    pub fn lexicon(&self) -> Lexicon {
        let of = |is: fn(Count) -> bool| self.words.iter().filter(move |(_, count)| is(**count)).map(|(word, _)| *word);
        let names: BTreeSet<u32> = of(Count::is_name).chain(self.listed.iter().copied()).collect();
        Lexicon::new(names, of(Count::is_ordinary))
    }

    /// Returns what is known about the words of a sentence that is learnt from; `all` is what all together tell.
    pub fn to_learn<'a>(&self, item: &Item, all: &'a Lexicon) -> Cow<'a, Lexicon> {
        match item.lang {
            Lang::En => Cow::Borrowed(all),
            Lang::Fr => Cow::Owned(self.without(item)),
        }
    }

    /// Returns what the other sentences tell about the words of this one.
    fn without(&self, item: &Item) -> Lexicon {
        let (mut names, mut words) = (Vec::new(), Vec::new());
        for (word, own) in told(item) {
            let all = self.words.get(&word).copied().unwrap_or_default();
            let named = all.named.saturating_sub(own.named);
            let others = Count { named, ordinary: all.ordinary.saturating_sub(own.ordinary) };
            if others.is_name() || self.listed.contains(&word) {
                names.push(word);
            }
            if others.is_ordinary() {
                words.push(word);
            }
        }
        Lexicon::new(names, words)
    }
}

/// What a sentence tells about each of its words.
fn told(item: &Item) -> BTreeMap<u32, Count> {
    let tokens = token::tokens(&item.text);
    let labels = item.labels(&tokens).unwrap_or_default();
    let mut told: BTreeMap<u32, Count> = BTreeMap::new();
    for (at, token) in tokens.into_iter().enumerate() {
        let label = labels.get(at).map_or("O", String::as_str);
        let count = told.entry(lexicon::number(&token.fold)).or_default();
        if label.ends_with("recipient") || label.ends_with("sender") {
            count.named += 1;
        } else if at == 0 || !token.capital || item.slots.is_some() {
            count.ordinary += 1;
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::{Counts, Item, Lang};
    use crate::intent::tagger::lexicon::Kind;

    fn item(name: &str, lang: Lang) -> Item {
        let json = serde_json::json!({
            "lang": lang, "set": "core", "text": format!("appelle {name}"), "intent": "call", "accept": ["call"],
            "slots": {"recipient": [name]},
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_french_sentence_does_not_tell_itself_what_its_words_are() {
        let items = ["Zyla", "Zyla", "Anna", "Anna", "Anna"].map(|name| item(name, Lang::Fr));
        let counts = Counts::of(&items, &[], "name\tlocales\n");
        let all = counts.lexicon();
        assert_eq!([all.kind("zyla"), all.kind("anna"), all.kind("appelle")], [Kind::Name, Kind::Name, Kind::Word]);
        let [first, .., last] = &items;
        assert_eq!(counts.to_learn(first, &all).kind("zyla"), Kind::Rare);
        assert_eq!(counts.to_learn(last, &all).kind("anna"), Kind::Name);
        assert_eq!(counts.to_learn(&item("Zyla", Lang::En), &all).kind("zyla"), Kind::Name);
    }
}
