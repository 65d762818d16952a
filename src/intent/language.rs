//! One sentence file, compiled: the templates of one language and its small word lists.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    marker::PhantomData,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use toml::Spanned;

use super::{
    Control, Expected, IntentName, SentenceError,
    grammar::{self, Definitions, Step, Words},
    token::{self, Token},
};
use crate::config::Lang;

type Templates = Vec<Spanned<String>>;

/// A sentence file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fillers: Vec<String>,
    common: Vec<String>,
    not_names: Vec<String>,
    articles: Vec<String>,
    possessives: Vec<String>,
    joining: Vec<String>,
    linking: Vec<String>,
    before_each: Vec<String>,
    groups: Vec<String>,
    leading: Templates,
    polite: Templates,
    trailing: Templates,
    #[serde(deserialize_with = "in_order")]
    blocks: Vec<(String, Spanned<String>)>,
    #[serde(deserialize_with = "in_order")]
    values: Vec<(String, Templates)>,
    rule: Vec<RuleEntry>,
    control: Vec<ControlEntry>,
}

/// Sentences of one intent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    intent: IntentName,
    #[serde(default)]
    when: Vec<Expected>,
    sentences: Templates,
}

/// Sentences of one control.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlEntry {
    control: Control,
    #[serde(default)]
    when: Vec<Expected>,
    sentences: Templates,
}

/// A compiled template.
#[derive(Debug)]
pub(super) struct Rule {
    pub intent: IntentName,
    pub steps: Vec<Step>,
    /// Without free slots: a match is the whole sentence word for word.
    pub closed: bool,
    /// Belongs to particular moments of the conversation, and is preferred there.
    pub special: bool,
    when: Vec<Expected>,
}

impl Rule {
    pub fn applies(&self, expected: Expected) -> bool {
        self.when.contains(&expected)
    }
}

/// One language's templates and words.
#[derive(Debug)]
pub(super) struct Language {
    pub lang: Lang,
    pub words: Words,
    pub rules: Vec<Rule>,
    /// Words to the house; few enough to try them all.
    pub controls: Vec<(Control, Rule)>,
    pub leading: Vec<Vec<Step>>,
    /// What may end a command and is never a message by itself.
    pub polite: Vec<Vec<Step>>,
    pub trailing: Vec<Vec<Step>>,
    /// Sounds that mean nothing and are skipped.
    pub fillers: HashSet<String>,
    /// Frequent words that tell the language.
    pub common: HashSet<String>,
    /// Words no name begins with.
    pub not_names: HashSet<String>,
    pub articles: HashSet<String>,
    pub possessives: HashSet<String>,
    /// Words between people: "and".
    pub joining: HashSet<String>,
    /// Words inside a description of one person: "la femme de Paul".
    pub linking: HashSet<String>,
    /// Words said again before each person of a list: "à Marie et à Paul".
    pub before_each: HashSet<String>,
    /// What a group is called after its name: "the family group".
    pub groups: HashSet<String>,
    by_first: HashMap<u32, Vec<usize>>,
    any_first: Vec<usize>,
}

impl Language {
    /// A language without templates and lists of its own, for the words of somebody else's templates.
    pub fn of_words(lang: Lang) -> Self {
        Self {
            lang,
            words: Words::default(),
            rules: Vec::new(),
            controls: Vec::new(),
            leading: Vec::new(),
            polite: Vec::new(),
            trailing: Vec::new(),
            fillers: HashSet::new(),
            common: HashSet::new(),
            not_names: HashSet::new(),
            articles: HashSet::new(),
            possessives: HashSet::new(),
            joining: HashSet::new(),
            linking: HashSet::new(),
            before_each: HashSet::new(),
            groups: HashSet::new(),
            by_first: HashMap::new(),
            any_first: Vec::new(),
        }
    }

    /// Compiles a sentence file.
    ///
    /// # Errors
    /// [`SentenceError`] with the line of the first mistake.
    pub fn compile(lang: Lang, file_name: &str, text: &str) -> Result<Self, SentenceError> {
        let at = |offset: usize, message: String| SentenceError::at(file_name, text, offset, message);
        let file: File = toml::from_str(text)
            .map_err(|error| at(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        let mut definitions = Definitions::default();
        for (name, template) in &file.blocks {
            definitions.block(name, template.get_ref()).map_err(|message| at(template.span().start, message))?;
        }
        for (name, templates) in &file.values {
            for template in templates {
                let slot = grammar::slot_named(name)
                    .ok_or_else(|| at(template.span().start, format!("no slot named {name} for these values")))?;
                definitions.value(slot, template.get_ref()).map_err(|message| at(template.span().start, message))?;
            }
        }
        let mut words = Words::default();
        let mut compile = |template: &Spanned<String>| {
            definitions.compile(template.get_ref(), &mut words).map_err(|message| at(template.span().start, message))
        };
        let leading = file.leading.iter().map(&mut compile).collect::<Result<_, _>>()?;
        let polite = file.polite.iter().map(&mut compile).collect::<Result<_, _>>()?;
        let trailing = file.trailing.iter().map(&mut compile).collect::<Result<_, _>>()?;
        let mut rules = Vec::new();
        for entry in &file.rule {
            for sentence in &entry.sentences {
                rules.push(rule(entry.intent, &entry.when, compile(sentence)?));
            }
        }
        let mut controls = Vec::new();
        for entry in &file.control {
            for sentence in &entry.sentences {
                controls.push((entry.control, rule(IntentName::Other, &entry.when, compile(sentence)?)));
            }
        }
        let (by_first, any_first) = index(&rules);
        Ok(Self {
            lang,
            words,
            rules,
            controls,
            leading,
            polite,
            trailing,
            fillers: folded(&file.fillers),
            common: folded(&file.common),
            not_names: folded(&file.not_names),
            articles: folded(&file.articles),
            possessives: folded(&file.possessives),
            joining: folded(&file.joining),
            linking: folded(&file.linking),
            before_each: folded(&file.before_each),
            groups: folded(&file.groups),
            by_first,
            any_first,
        })
    }

    /// Splits a text into words; sounds that mean nothing are left out.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        token::tokens(text).into_iter().filter(|token| !self.fillers.contains(&token.fold)).collect()
    }

    /// The numbers the words have in the templates.
    pub fn numbers(&self, tokens: &[Token]) -> Vec<u32> {
        tokens.iter().map(|token| self.words.number(&token.fold)).collect()
    }

    /// Returns the rules that may match a sentence beginning with this word.
    pub fn rules_for(&self, first: u32) -> impl Iterator<Item = &Rule> {
        let listed = self.by_first.get(&first).map(Vec::as_slice).unwrap_or_default();
        listed.iter().chain(&self.any_first).filter_map(|index| self.rules.get(*index))
    }
}

fn rule(intent: IntentName, when: &[Expected], steps: Vec<Step>) -> Rule {
    let everywhere =
        [Expected::Command, Expected::YesNo, Expected::Recipient, Expected::Choice, Expected::Reading].to_vec();
    let closed = !steps.iter().any(|step| matches!(step, Step::Free { .. } | Step::Any));
    let special = !when.is_empty() && !when.contains(&Expected::Command);
    let when = if when.is_empty() { everywhere } else { when.to_vec() };
    Rule { intent, steps, closed, special, when }
}

fn index(rules: &[Rule]) -> (HashMap<u32, Vec<usize>>, Vec<usize>) {
    let mut by_first: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut any_first = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        match grammar::first_words(&rule.steps) {
            Some(mut firsts) => {
                firsts.sort_unstable();
                firsts.dedup();
                firsts.into_iter().for_each(|first| by_first.entry(first).or_default().push(index));
            }
            None => any_first.push(index),
        }
    }
    (by_first, any_first)
}

fn folded(words: &[String]) -> HashSet<String> {
    words.iter().map(|word| fold_list_word(word)).collect()
}

/// Folds a word of a list; an elision such as `qu'` keeps its apostrophe, as before a vowel.
fn fold_list_word(word: &str) -> String {
    let mut folded = token::fold(word);
    if word.ends_with(token::is_apostrophe) {
        folded.push('\'');
    }
    folded
}

/// Reads a table as a list, in the order of the file.
pub(crate) fn in_order<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<(String, T)>, D::Error> {
    struct Pairs<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
        type Value = Vec<(String, T)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }

    deserializer.deserialize_map(Pairs(PhantomData))
}
