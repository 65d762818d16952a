//! A rule file, compiled: what should be offered because of which words.
//!
//! `rules/*.toml` say how to write one. The templates are those of [`intent`](crate::intent); here they are looked for
//! in clauses of a message rather than in a whole command.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use toml::Spanned;

use super::{Kind, Slot};
use crate::{
    config::Lang,
    intent::{
        SentenceError,
        patterns::{self, Pattern, Patterns, in_order},
    },
};

type Templates = Vec<Spanned<String>>;

/// A rule file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(deserialize_with = "in_order")]
    spelling: Vec<(String, String)>,
    common: Vec<String>,
    letters: String,
    leading: Templates,
    trailing: Templates,
    joints: Vec<String>,
    stops: Vec<String>,
    pronouns: Vec<String>,
    #[serde(deserialize_with = "in_order")]
    blocks: Vec<(String, Spanned<String>)>,
    slots: SlotEntries,
    silent: Vec<SilentEntry>,
    rule: Vec<RuleEntry>,
}

/// Where the words of slots stand that a rule does not take itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotEntries {
    time: Templates,
    location: Templates,
    amount: Templates,
    paid_for: Templates,
    occasion: Templates,
    wish: Templates,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SilentEntry {
    name: String,
    #[serde(default)]
    phrases: Templates,
    #[serde(default)]
    openings: Templates,
    #[serde(default)]
    unless: Templates,
    #[serde(default)]
    earlier: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    suggest: Kind,
    name: String,
    #[serde(default)]
    sentences: Templates,
    #[serde(default)]
    phrases: Templates,
    #[serde(default)]
    unless: Templates,
    #[serde(default)]
    after: Templates,
    #[serde(default)]
    needs: Vec<Slot>,
    asked: Option<bool>,
    #[serde(default)]
    last: bool,
    group: Option<bool>,
    reaction: Option<String>,
    #[serde(default)]
    named: bool,
    #[serde(default)]
    without_answer: bool,
}

/// Something that is offered because of some words.
#[derive(Debug)]
pub(super) struct Rule {
    pub kind: Kind,
    pub name: String,
    /// From the beginning of a clause to the end of one.
    pub sentences: Vec<Pattern>,
    /// Anywhere.
    pub phrases: Vec<Pattern>,
    /// Words that make it mean something else.
    pub unless: Vec<Pattern>,
    /// What the user must have written before, if anything.
    pub after: Vec<Pattern>,
    /// Slots without which nothing is offered.
    pub needs: Vec<Slot>,
    /// Only as a question, or only as none.
    pub asked: Option<bool>,
    /// Only where nothing follows.
    pub last: bool,
    /// Only in a group, or only outside.
    pub group: Option<bool>,
    /// Only where the recipient is written with a capital letter.
    pub named: bool,
    /// For [`Kind::React`]: with what.
    pub reaction: Option<String>,
    /// Nobody would answer it.
    pub without_answer: bool,
}

/// Words that forbid every offer.
#[derive(Debug)]
pub(super) struct Silence {
    pub name: String,
    pub phrases: Vec<Pattern>,
    /// Only at the beginning of a message.
    pub openings: Vec<Pattern>,
    /// Words that make it harmless.
    pub unless: Vec<Pattern>,
    /// Messages before the last one count as well.
    pub earlier: bool,
}

/// One language's rules.
#[derive(Debug)]
pub(super) struct Rules {
    pub lang: Lang,
    pub patterns: Patterns,
    pub spellings: HashMap<String, Vec<String>>,
    /// Frequent words that tell the language, and letters that do.
    pub common: HashSet<String>,
    pub letters: String,
    /// What may stand before and after a sentence.
    pub leading: Vec<Pattern>,
    pub trailing: Vec<Pattern>,
    /// Words between two clauses.
    pub joints: Vec<String>,
    /// Words at which a place, or what something is about, ends.
    pub stops: Vec<String>,
    /// Words that are not what something is about.
    pub pronouns: Vec<String>,
    pub time: Vec<Pattern>,
    pub location: Vec<Pattern>,
    pub amount: Vec<Pattern>,
    /// What is paid for.
    pub paid_for: Vec<Pattern>,
    /// What people meet for.
    pub occasion: Vec<Pattern>,
    /// How the user wishes a happy birthday.
    pub wish: Vec<Pattern>,
    pub silences: Vec<Silence>,
    pub rules: Vec<Rule>,
}

impl Rules {
    /// Compiles a rule file.
    ///
    /// # Errors
    /// [`SentenceError`] with the line of the first mistake.
    pub fn compile(lang: Lang, file_name: &str, text: &str) -> Result<Self, SentenceError> {
        let at = |offset: usize, message: String| SentenceError::at(file_name, text, offset, message);
        let file: File = toml::from_str(text)
            .map_err(|error| at(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        let mut patterns = Patterns::new(lang);
        for (name, template) in &file.blocks {
            patterns.block(name, template.get_ref()).map_err(|message| at(template.span().start, message))?;
        }
        let mut all = |templates: &Templates| {
            let one = |template: &Spanned<String>| {
                patterns.compile(template.get_ref()).map_err(|message| at(template.span().start, message))
            };
            templates.iter().map(one).collect::<Result<Vec<_>, _>>()
        };
        let mut rules = Vec::new();
        for entry in file.rule {
            rules.push(Rule {
                kind: entry.suggest,
                name: entry.name,
                sentences: all(&entry.sentences)?,
                phrases: all(&entry.phrases)?,
                unless: all(&entry.unless)?,
                after: all(&entry.after)?,
                needs: entry.needs,
                asked: entry.asked,
                last: entry.last,
                group: entry.group,
                named: entry.named,
                reaction: entry.reaction,
                without_answer: entry.without_answer,
            });
        }
        let mut silences = Vec::new();
        for entry in file.silent {
            silences.push(Silence {
                name: entry.name,
                phrases: all(&entry.phrases)?,
                openings: all(&entry.openings)?,
                unless: all(&entry.unless)?,
                earlier: entry.earlier,
            });
        }
        Ok(Self {
            lang,
            leading: all(&file.leading)?,
            trailing: all(&file.trailing)?,
            time: all(&file.slots.time)?,
            location: all(&file.slots.location)?,
            amount: all(&file.slots.amount)?,
            paid_for: all(&file.slots.paid_for)?,
            occasion: all(&file.slots.occasion)?,
            wish: all(&file.slots.wish)?,
            spellings: patterns::spellings(&file.spelling),
            common: file.common.iter().flat_map(|word| patterns::tokens(word)).map(|token| token.fold).collect(),
            letters: file.letters,
            joints: file.joints.iter().map(|word| patterns::fold(word)).collect(),
            pronouns: file.pronouns.iter().map(|word| patterns::fold(word)).collect(),
            stops: file.stops.iter().map(|word| patterns::fold(word)).collect(),
            silences,
            rules,
            patterns,
        })
    }
}
