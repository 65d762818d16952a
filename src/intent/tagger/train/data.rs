//! Sentences to learn from: reading them, finding their slots among the words, and the other ways to say them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::own::{Fillings, Random};
use crate::{
    config::Lang,
    intent::{
        tagger::{CLASSES, Tagged},
        token::{self, Token},
    },
};

/// A sentence of the training data, in the neutral schema of its source.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Item {
    pub lang: Lang,
    pub set: String,
    pub text: String,
    pub intent: String,
    pub accept: Vec<String>,
    pub slots: Option<BTreeMap<String, Vec<String>>>,
    pub scored: Option<Vec<String>>,
    #[serde(default)]
    pub src_intent: String,
}

/// Slots that must be right for a sentence to be understood.
const CORE: [&str; 5] = ["recipient", "sender", "group", "content", "reaction"];

/// What joins the names of a description.
const JOINING: [&str; 2] = ["s", "of"];

/// Questions about people and calls: near to messages, and none.
const QUERIES: [&str; 8] = [
    "email_querycontact",
    "email_addcontact",
    "IN:GET_CALL",
    "IN:GET_CALL_TIME",
    "IN:GET_CALL_CONTACT",
    "IN:GET_MESSAGE_CONTACT",
    "IN:GET_AVAILABILITY",
    "IN:GET_CONTACT",
];

/// Slots that are learnt.
pub(super) const SLOTS: [&str; 13] = [
    "recipient",
    "sender",
    "group",
    "content",
    "reaction",
    "amount",
    "location",
    "app",
    "time",
    "content_type",
    "tag",
    "ordinal",
    "count",
];

impl Item {
    /// Returns the class the classifier learns this sentence as.
    pub fn class(&self) -> Option<usize> {
        let source = self.src_intent.as_str();
        let name = match self.intent.as_str() {
            "send_message" if self.accept.iter().any(|name| name == "reply_message") => "reply_message",
            "broadcast" => "other",
            "other" if source.contains("REMINDER") => "reminder",
            "other" if source.starts_with("social") => "post",
            "other" if matches!(source, "transfer" | "pay_bill") => "money",
            "other" if QUERIES.contains(&source) => "query",
            other => other,
        };
        CLASSES.iter().position(|(class, _)| *class == name)
    }

    /// Whether the slots of this sentence are all annotated, so that a word without one has none.
    pub fn teaches_slots(&self) -> bool {
        let whole = self.scored.is_none() || self.intent != "send_message";
        self.set == "core" && self.slots.is_some() && whole
    }

    /// Whether intent and core slots of an answer are those of the source, as far as it annotates them.
    pub fn is_right(&self, tagged: &Tagged, tokens: &[Token]) -> bool {
        if !self.accept.iter().any(|intent| *intent == word(tagged.intent)) {
            return false;
        }
        let Some(labels) = self.labels(tokens) else { return self.slots.is_none() };
        let mut found = vec![String::from("O"); tokens.len()];
        for (slot, range) in &tagged.slots {
            for (offset, label) in found.iter_mut().skip(range.start).take(range.len()).enumerate() {
                *label = format!("{}-{}", if offset == 0 { "B" } else { "I" }, word(*slot));
            }
        }
        let counts = |label: &str| {
            let slot = label.get(2..).unwrap_or_default();
            CORE.contains(&slot) && self.scored.as_ref().is_none_or(|scored| scored.iter().any(|name| name == slot))
        };
        labels.iter().zip(&found).all(|(gold, found)| gold == found || !counts(gold) && !counts(found))
    }

    /// Returns the label of each word: `O`, or `B-` or `I-` and a slot; `None` where a slot cannot be found among the
    /// words, or was not annotated.
    pub fn labels(&self, tokens: &[Token]) -> Option<Vec<String>> {
        let slots = self.slots.as_ref()?;
        let mut labels = vec![String::from("O"); tokens.len()];
        // Long values first: a name within a message belongs to the message.
        let mut values: Vec<(&str, Vec<Token>)> = slots
            .iter()
            .filter(|(slot, _)| SLOTS.contains(&slot.as_str()))
            .flat_map(|(slot, values)| values.iter().map(move |value| (slot.as_str(), token::tokens(value))))
            .collect();
        values.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
        for (slot, words) in values {
            let free = |at: usize| labels.get(at).is_some_and(|label| label == "O");
            let places = (0..tokens.len()).filter_map(|from| Some(from..end_of(&words, tokens, from)?));
            let mut found = places.filter(|place| place.clone().all(free));
            // Content stands late in a sentence, everything else where it is first said.
            let place = if slot == "content" { found.next_back()? } else { found.next()? };
            for (offset, label) in labels.iter_mut().take(place.end).skip(place.start).enumerate() {
                *label = format!("{}-{slot}", if offset == 0 { "B" } else { "I" });
            }
        }
        Some(labels)
    }
}

/// Returns where a value ends that begins at a token: its words, one after the other. The source leaves out what joins
/// the names of a description, "Kylie 's mother" is "Kylie mother" there; it is a part of what was said.
fn end_of(words: &[Token], tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = from;
    for (index, word) in words.iter().enumerate() {
        let joins = |at: usize| index > 0 && tokens.get(at).is_some_and(|token| JOINING.contains(&token.fold.as_str()));
        let fits = |at: usize| tokens.get(at).is_some_and(|token| same(token, word));
        at += usize::from(!fits(at) && joins(at));
        if !fits(at) {
            return None;
        }
        at += 1;
    }
    (at > from).then_some(at)
}

/// The word of the outer contract for an intent or a slot.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether a word of the text is that of a value, or its English genitive.
fn same(token: &Token, word: &Token) -> bool {
    token.fold == word.fold || token.fold.strip_suffix('s') == Some(&word.fold)
}

/// Returns the text as a recogniser without punctuation writes it: lower case, only apostrophes and inner marks kept.
pub(super) fn plain(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && !"€$£%&@#".contains(c)).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Returns the sentence with other people and another message in it, or `None` if it names nobody.
pub(super) fn swapped(item: &Item, fillings: &Fillings, random: &mut Random) -> Option<Item> {
    let mut other = item.clone();
    let slots = other.slots.as_mut()?;
    for (slot, from) in [("recipient", &fillings.people), ("content", &fillings.contents)] {
        for value in slots.get_mut(slot).into_iter().flatten() {
            let new = random.pick(from)?;
            if other.text.matches(value.as_str()).count() != 1 || begins_with_vowel(value) != begins_with_vowel(new) {
                return None;
            }
            other.text = other.text.replacen(value.as_str(), new, 1);
            value.clone_from(new);
        }
    }
    (other.text != item.text).then_some(other)
}

fn begins_with_vowel(text: &str) -> bool {
    token::fold(text).starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'h'])
}

#[cfg(test)]
mod tests {
    use super::{Item, token};

    fn labels(lang: &str, text: &str, recipient: &str) -> String {
        let json = serde_json::json!({
            "lang": lang, "set": "core", "text": text, "intent": "call", "accept": ["call"],
            "slots": {"recipient": [recipient]},
        });
        let item: Item = serde_json::from_value(json).unwrap();
        let labels = item.labels(&token::tokens(text)).unwrap();
        labels.iter().map(|label| label.get(..1).unwrap_or_default()).collect()
    }

    #[test]
    fn a_description_is_learnt_whole_where_the_source_leaves_out_its_joining_words() {
        assert_eq!(labels("en", "call Kylie 's mother now", "Kylie mother"), "OBIIO");
        assert_eq!(labels("en", "call Amy's uncle", "Amy uncle"), "OBI");
        assert_eq!(labels("en", "call the mother of Kylie", "mother Kylie"), "OOBII");
        assert_eq!(labels("en", "call Kylie and Paul", "Kylie"), "OBOO");
    }
}
