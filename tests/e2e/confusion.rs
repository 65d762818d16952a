//! The dialogues as a poor recogniser hears them: one or two words of every turn are rewritten by a table of what sounds
//! alike, and still nothing leaves that was not read back and confirmed.

use std::{fs, path::Path};

use super::dialogues::{Stage, lines, scripts_in};
use crate::support::events::{Line, tell};

use fastrand::Rng;
use herald::config::{self, LangChoice, Sources};

/// Dialogues in each language at home, and as many in the car.
const DIALOGUES: u64 = 2_500;

/// Dialogues on one stage; its inbox and outbox fill up.
const SCENES: u64 = 250;

/// Who is called by one of these is called by all.
const MOTHER: [&str; 5] = ["mom", "mum", "mother", "maman", "mère"];

/// Words that sound alike: said, heard.
fn confusions(lang: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/examples/confusions/{lang}.tsv"));
    let text = fs::read_to_string(path).unwrap();
    let pair = |line: &str| line.split_once('\t').map(|(said, heard)| (said.to_lowercase(), heard.to_owned()));
    text.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect()
}

fn pick<'a, T>(random: &mut Rng, from: &'a [T]) -> &'a T {
    &from[random.usize(..from.len())]
}

/// Rewrites one or two words: by the table where it knows them, else into a word of the table, or into nothing.
fn misheard(said: &str, table: &[(String, String)], random: &mut Rng) -> String {
    let mut words: Vec<String> = said.split_whitespace().map(str::to_owned).collect();
    for _ in 0..=random.usize(..2) {
        let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let known: Vec<(usize, &str)> = words
            .iter()
            .enumerate()
            .flat_map(|(at, word)| {
                table.iter().filter(|(said, _)| *said == bare(word)).map(move |(_, heard)| (at, heard.as_str()))
            })
            .collect();
        let (at, heard) = match known.as_slice() {
            [] => (random.usize(..words.len()), pick(random, table).1.as_str()),
            known => *pick(random, known),
        };
        words[at] = if known.is_empty() && random.u8(..4) == 0 { String::new() } else { heard.to_owned() };
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// What was read back since the last action, and what may be called by which names.
struct Witness {
    names: Vec<Vec<String>>,
    read_backs: Vec<String>,
    actions: u64,
}

impl Witness {
    fn new() -> Self {
        let cards = include_str!("../examples/contacts.vcf");
        let value = |line: &str, key: &str| line.strip_prefix(key).map(|value| value.trim().to_owned());
        let names = cards
            .split("END:VCARD")
            .map(|card| {
                let names = card.lines().filter_map(|line| value(line, "FN:").or_else(|| value(line, "NICKNAME:")));
                let mut names: Vec<String> =
                    names.flat_map(|names| names.split(',').map(str::to_lowercase).collect::<Vec<_>>()).collect();
                if names.iter().any(|name| MOTHER.contains(&name.as_str())) {
                    names.extend(MOTHER.map(str::to_owned));
                }
                names
            })
            .collect();
        Self { names, read_backs: Vec::new(), actions: 0 }
    }

    /// Watches what came of one line of a script; `turn` says what was said, for the report.
    fn watch(&mut self, events: &str, turn: &str) {
        let lines: Vec<Line> = events.lines().map(tell).collect();
        let before = self.actions;
        let said = lines.iter().any(|line| matches!(line, Line::Intent { name } if name == "confirm"));
        let touched = events.contains("\"type\":\"touch\",\"act\":\"yes\"");
        let confirmed = said || touched;
        for line in lines {
            match line {
                Line::Reply { text, kind, .. } if kind == "readback" => self.read_backs.push(text.to_lowercase()),
                Line::Action { kind, to, body } => {
                    self.actions += 1;
                    assert!(confirmed, "{kind} without a yes: {turn}");
                    let read_backs = self.read_backs.join("\n");
                    for name in &to {
                        assert!(self.is_named(name, &read_backs), "{name} was not read back:\n{read_backs}\n{turn}");
                    }
                    if kind != "react" {
                        for words in body.to_lowercase().split_inclusive(['.', '!', '?']).map(|words| words.trim()) {
                            let words = words.trim_end_matches('.');
                            assert!(read_backs.contains(words), "{words} was not read back:\n{read_backs}\n{turn}");
                        }
                    }
                }
                Line::Intent { .. }
                | Line::Reply { .. }
                | Line::Outcome { .. }
                | Line::Incoming { .. }
                | Line::Fault { .. }
                | Line::Other => {}
            }
        }
        if self.actions > before {
            self.read_backs.clear();
        }
    }

    fn is_named(&self, name: &str, text: &str) -> bool {
        let name = name.to_lowercase();
        let known = self.names.iter().find(|names| names.contains(&name));
        let first = name.split(' ').next().unwrap_or(&name);
        text.contains(first) || known.is_some_and(|names| names.iter().any(|name| text.contains(name.as_str())))
    }
}

fn nothing_leaves_unconfirmed(lang: &str, profile: &str, seed: u64) {
    let table = confusions(lang);
    // A script that changes the house or its people, or takes what was offered in it, has a stage of its own in `dialogues.rs`.
    let own = ["set ", "contact ", "birthday ", "payee ", "touch chip ", "touch dismiss "];
    let plain = |script: &String| !script.lines().any(|line| own.iter().any(|word| line.starts_with(word)));
    let scripts: Vec<String> = scripts_in(lang).into_iter().map(|(_, script)| script).filter(plain).collect();
    let mut random = Rng::with_seed(seed);
    let mut actions = 0;
    for _ in 0..DIALOGUES / SCENES {
        let environment = vec![("HERALD_ANNOUNCE_TIME_ZONE".to_owned(), "UTC".to_owned())];
        let lang = Some(lang.parse::<LangChoice>().unwrap());
        let sources = Sources { profile: Some(profile.to_owned()), lang, environment, cores: 2, ..Sources::default() };
        let mut stage = Stage::new(&config::load(&sources).unwrap().config, "");
        let mut witness = Witness::new();
        for _ in 0..SCENES {
            let mut turns = String::new();
            for line in lines(pick(&mut random, scripts.as_slice()).as_str()).filter(|line| *line != "restart") {
                let line = match line.strip_prefix("user ") {
                    Some(said) => format!("user {}", misheard(said, &table, &mut random)),
                    None => line.to_owned(),
                };
                turns.push_str(&format!("\n{line}"));
                stage.act(&line);
                witness.watch(&stage.events(), &turns);
            }
            for line in ["user cancel", "user annule", "wait 250", "user unmute"] {
                stage.act(line);
                witness.watch(&stage.events(), &turns);
            }
            witness.read_backs.clear();
        }
        actions += witness.actions;
    }
    println!("{DIALOGUES} dialogues, {actions} actions, each read back and confirmed");
    // Enough dialogues still come to what they were about, or the test would prove nothing.
    assert!(actions > DIALOGUES / 20, "only {actions} actions");
}

#[test]
fn misheard_english_at_home_sends_nothing_that_was_not_read_back_and_confirmed() {
    nothing_leaves_unconfirmed("en", "home", 11);
}

#[test]
fn misheard_english_in_the_car_sends_nothing_that_was_not_read_back_and_confirmed() {
    nothing_leaves_unconfirmed("en", "car", 12);
}

#[test]
fn misheard_french_at_home_sends_nothing_that_was_not_read_back_and_confirmed() {
    nothing_leaves_unconfirmed("fr", "home", 13);
}

#[test]
fn misheard_french_in_the_car_sends_nothing_that_was_not_read_back_and_confirmed() {
    nothing_leaves_unconfirmed("fr", "car", 14);
}
