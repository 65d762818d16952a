//! Sentence templates compiled to small programs that [`super::matcher`] runs.
//!
//! | written | matches |
//! |---|---|
//! | `tell` | the word, in any case, with or without accents |
//! | `(tell\|let)` | one of several |
//! | `word?`, `(...)?` | the same or nothing |
//! | `(...)+` | once or more |
//! | `<name>` | a building block of the file's `[blocks]` |
//! | `{slot}` | the words of a slot: free, or one of the file's `[values]` for it |
//! | `{slot=...}` | what stands there, taken as the slot |
//! | `*` | one or more words, whatever they are |
//! | `#` | a number in digits |

use std::collections::{BTreeMap, HashMap};

use super::{Slot, token};

/// A mistake in a sentence file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct SentenceError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl SentenceError {
    /// A mistake at a byte of a file's text.
    pub(crate) fn at(file: &str, text: &str, offset: usize, message: String) -> Self {
        let line = text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
        Self { file: file.to_owned(), line, message }
    }
}

/// One step of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The word with this number.
    Word(u32),
    /// A number in digits.
    Number,
    /// One or more words.
    Any,
    /// Go on at either place, the first preferred.
    Split(usize, usize),
    /// Go on there.
    Jump(usize),
    /// The slot's words begin.
    Open(Slot),
    /// The slot's words end.
    Close(Slot),
    /// A free slot; `tight` when free words may follow at once, so that only the name tells where it ends.
    Free {
        /// Which slot.
        slot: Slot,
        /// Nothing marks the end.
        tight: bool,
    },
    /// The template is matched.
    Accept,
}

/// Numbers for words.
#[derive(Debug, Default)]
pub(super) struct Words(HashMap<String, u32>);

impl Words {
    /// The number of a word no template holds.
    pub const UNKNOWN: u32 = u32::MAX;

    /// Returns the number of a folded word.
    pub fn number(&self, fold: &str) -> u32 {
        self.0.get(fold).copied().unwrap_or(Self::UNKNOWN)
    }

    pub fn add(&mut self, fold: &str) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(Self::UNKNOWN);
        *self.0.entry(fold.to_owned()).or_insert(next)
    }
}

/// A template as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Word(String),
    Number,
    Any,
    Sequence(Vec<Self>),
    OneOf(Vec<Self>),
    Maybe(Box<Self>),
    Many(Box<Self>),
    Slot(Slot),
    Taken(Slot, Box<Self>),
}

/// What templates may refer to.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    blocks: BTreeMap<String, Node>,
    values: BTreeMap<Slot, Node>,
}

impl Definitions {
    /// Adds a building block.
    pub fn block(&mut self, name: &str, template: &str) -> Result<(), String> {
        let node = Reader::read(template, self)?;
        self.blocks.insert(name.to_owned(), node);
        Ok(())
    }

    /// Adds a value a slot may have; a slot with values has no others.
    pub fn value(&mut self, slot: Slot, template: &str) -> Result<(), String> {
        let node = Reader::read(template, self)?;
        match self.values.get_mut(&slot) {
            Some(Node::OneOf(all)) => all.push(node),
            _ => {
                self.values.insert(slot, Node::OneOf(vec![node]));
            }
        }
        Ok(())
    }

    /// Reads a template.
    pub fn read(&self, template: &str) -> Result<Node, String> {
        Reader::read(template, self)
    }

    /// Compiles a template.
    pub fn compile(&self, template: &str, words: &mut Words) -> Result<Vec<Step>, String> {
        let node = Reader::read(template, self)?;
        let mut steps = Vec::new();
        self.emit(&node, words, &mut steps);
        steps.push(Step::Accept);
        let free: Vec<usize> =
            steps.iter().enumerate().filter(|(_, step)| matches!(step, Step::Free { .. })).map(|(at, _)| at).collect();
        for at in free {
            let follows = free_may_follow(&steps, at + 1);
            if let Some(Step::Free { tight, .. }) = steps.get_mut(at) {
                *tight = follows;
            }
        }
        Ok(steps)
    }

    fn emit(&self, node: &Node, words: &mut Words, steps: &mut Vec<Step>) {
        match node {
            Node::Word(word) => steps.push(Step::Word(words.add(word))),
            Node::Number => steps.push(Step::Number),
            Node::Any => steps.push(Step::Any),
            Node::Sequence(all) => all.iter().for_each(|inner| self.emit(inner, words, steps)),
            Node::Slot(slot) => match self.values.get(slot) {
                Some(values) => self.emit_taken(*slot, values, words, steps),
                None => steps.push(Step::Free { slot: *slot, tight: false }),
            },
            Node::Taken(slot, inner) => self.emit_taken(*slot, inner, words, steps),
            Node::Maybe(inner) => {
                let split = steps.len();
                steps.push(Step::Accept);
                self.emit(inner, words, steps);
                steps[split] = Step::Split(split + 1, steps.len());
            }
            Node::Many(inner) => {
                let start = steps.len();
                self.emit(inner, words, steps);
                steps.push(Step::Split(start, steps.len() + 1));
            }
            Node::OneOf(all) => self.emit_choice(all, words, steps),
        }
    }

    fn emit_taken(&self, slot: Slot, inner: &Node, words: &mut Words, steps: &mut Vec<Step>) {
        steps.push(Step::Open(slot));
        self.emit(inner, words, steps);
        steps.push(Step::Close(slot));
    }

    fn emit_choice(&self, all: &[Node], words: &mut Words, steps: &mut Vec<Step>) {
        let mut jumps = Vec::new();
        for (index, inner) in all.iter().enumerate() {
            if index + 1 == all.len() {
                self.emit(inner, words, steps);
                break;
            }
            let split = steps.len();
            steps.push(Step::Accept);
            self.emit(inner, words, steps);
            jumps.push(steps.len());
            steps.push(Step::Accept);
            steps[split] = Step::Split(split + 1, steps.len());
        }
        let end = steps.len();
        for jump in jumps {
            steps[jump] = Step::Jump(end);
        }
    }
}

/// Returns the words a program may begin with, or `None` if any.
pub(super) fn first_words(steps: &[Step]) -> Option<Vec<u32>> {
    let mut firsts = Vec::new();
    let mut waiting = vec![0];
    let mut seen = vec![false; steps.len()];
    while let Some(at) = waiting.pop() {
        if seen.get(at).copied().unwrap_or(true) {
            continue;
        }
        seen[at] = true;
        match steps.get(at)? {
            Step::Word(word) => firsts.push(*word),
            Step::Split(first, second) => waiting.extend([*first, *second]),
            Step::Jump(to) => waiting.push(*to),
            Step::Open(_) | Step::Close(_) => waiting.push(at + 1),
            Step::Number | Step::Any | Step::Free { .. } | Step::Accept => return None,
        }
    }
    Some(firsts)
}

/// Whether a program ends without having read a word.
pub(super) fn matches_nothing(steps: &[Step]) -> bool {
    let mut waiting = vec![0];
    let mut seen = vec![false; steps.len()];
    while let Some(at) = waiting.pop() {
        if seen.get(at).copied().unwrap_or(true) {
            continue;
        }
        seen[at] = true;
        match steps.get(at) {
            Some(Step::Accept) => return true,
            Some(Step::Split(first, second)) => waiting.extend([*first, *second]),
            Some(Step::Jump(to)) => waiting.push(*to),
            Some(Step::Open(_) | Step::Close(_)) => waiting.push(at + 1),
            Some(Step::Word(_) | Step::Number | Step::Any | Step::Free { .. }) | None => {}
        }
    }
    false
}

fn free_may_follow(steps: &[Step], from: usize) -> bool {
    let mut waiting = vec![from];
    let mut seen = vec![false; steps.len()];
    while let Some(at) = waiting.pop() {
        if seen.get(at).copied().unwrap_or(true) {
            continue;
        }
        seen[at] = true;
        match steps.get(at) {
            Some(Step::Free { .. } | Step::Any) => return true,
            Some(Step::Split(first, second)) => waiting.extend([*first, *second]),
            Some(Step::Jump(to)) => waiting.push(*to),
            Some(Step::Open(_) | Step::Close(_)) => waiting.push(at + 1),
            Some(Step::Word(_) | Step::Number | Step::Accept) | None => {}
        }
    }
    false
}

/// Reads a template.
struct Reader<'a> {
    rest: &'a str,
    definitions: &'a Definitions,
}

impl<'a> Reader<'a> {
    fn read(template: &'a str, definitions: &'a Definitions) -> Result<Node, String> {
        let mut reader = Self { rest: template, definitions };
        let node = reader.choice()?;
        match reader.rest.chars().next() {
            None => Ok(node),
            Some(c) => Err(format!("`{c}` closes nothing in \"{template}\"")),
        }
    }

    fn choice(&mut self) -> Result<Node, String> {
        let mut all = vec![self.sequence()?];
        while self.take('|') {
            all.push(self.sequence()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Node::OneOf(all) })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut all = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            let Some(c) = self.rest.chars().next() else { break };
            let node = match c {
                ')' | '}' | '|' => break,
                '(' => {
                    self.take('(');
                    let inner = self.choice()?;
                    self.close(')')?;
                    inner
                }
                '<' => self.block()?,
                '{' => self.slot()?,
                '*' if self.take('*') => Node::Any,
                '#' if self.take('#') => Node::Number,
                _ => self.word()?,
            };
            all.push(self.repeated(node));
        }
        if all.is_empty() {
            return Err("an alternative is empty: use `(...)?` for something that may be left out".to_owned());
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Node::Sequence(all) })
    }

    fn repeated(&mut self, node: Node) -> Node {
        if self.take('?') {
            Node::Maybe(Box::new(node))
        } else if self.take('+') {
            Node::Many(Box::new(node))
        } else {
            node
        }
    }

    fn word(&mut self) -> Result<Node, String> {
        let end = self.rest.find(|c: char| c.is_whitespace() || "()|?{}<>*#+=".contains(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        let mut parts: Vec<Node> = token::tokens(word).into_iter().map(|token| Node::Word(token.fold)).collect();
        // "qu'" alone, as templates write it before a slot.
        if let (Some(Node::Word(last)), true) = (parts.last_mut(), word.ends_with(token::is_apostrophe)) {
            last.push('\'');
        }
        match parts.len() {
            0 => Err(format!("\"{word}\" holds no word: punctuation does not count in a template")),
            1 => Ok(parts.remove(0)),
            _ => Ok(Node::Sequence(parts)),
        }
    }

    fn block(&mut self) -> Result<Node, String> {
        self.take('<');
        let name = self.name();
        self.close('>')?;
        self.definitions
            .blocks
            .get(name)
            .cloned()
            .ok_or_else(|| format!("no building block <{name}>: define it in [blocks], before its use"))
    }

    fn slot(&mut self) -> Result<Node, String> {
        self.take('{');
        let name = self.name();
        let slot = slot_named(name).ok_or_else(|| format!("no slot {{{name}}}"))?;
        let node = if self.take('=') { Node::Taken(slot, Box::new(self.choice()?)) } else { Node::Slot(slot) };
        self.close('}')?;
        Ok(node)
    }

    fn name(&mut self) -> &'a str {
        let end = self.rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name
    }

    fn take(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn close(&mut self, c: char) -> Result<(), String> {
        if self.take(c) { Ok(()) } else { Err(format!("a `{c}` is missing before \"{}\"", self.rest)) }
    }
}

/// Returns the slot with this name of the outer contract.
pub(super) fn slot_named(name: &str) -> Option<Slot> {
    use serde::{Deserialize, de::value::StrDeserializer};
    let name: StrDeserializer<'_, serde::de::value::Error> = StrDeserializer::new(name);
    Slot::deserialize(name).ok()
}
