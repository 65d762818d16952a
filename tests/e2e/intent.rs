//! What is understood: case files, properties, and a figure on public requests.

use std::{collections::BTreeMap, fs, path::Path};

use herald::{
    config::Lang,
    intent::{Expected, Intent, NoNames, Parser, Slots, contacts::Book},
    store::Store,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::repository;

const EXPECTED: [Expected; 8] = [
    Expected::Command,
    Expected::YesNo,
    Expected::Recipient,
    Expected::Content,
    Expected::Choice,
    Expected::Reading,
    Expected::Amount,
    Expected::Payment,
];

fn example_book() -> Book {
    let text = repository::text("tests/examples/contacts.vcf");
    let store = Store::in_memory().unwrap();
    let mut book = Book::open(&store).unwrap();
    book.import(&store, &text).unwrap();
    book
}

/// One line of a case file.
struct Case {
    place: String,
    text: String,
    expected: Expected,
    meaning: String,
}

fn cases(lang: Lang) -> Vec<Case> {
    let file = repository::text(&format!("tests/e2e/sentences/{lang}.txt"));
    let mut expected = Expected::Command;
    let mut cases = Vec::new();
    for (index, line) in file.lines().enumerate() {
        let place = format!("{lang}.txt:{}", index + 1);
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            expected = serde_json::from_value(Value::from(name)).expect(&place);
        } else if !line.is_empty() && !line.starts_with('#') {
            let (text, meaning) = line.split_once("=>").expect(&place);
            cases.push(Case { place, text: text.trim().to_owned(), expected, meaning: meaning.trim().to_owned() });
        }
    }
    cases
}

/// Writes an intent as case files do.
fn written(intent: &Intent) -> String {
    let word = |value: Value| value.as_str().unwrap().to_owned();
    let mut parts = vec![word(serde_json::to_value(intent.name).unwrap())];
    let slots = intent
        .slots
        .iter()
        .map(|(slot, values)| format!("{}: {}", word(serde_json::to_value(slot).unwrap()), values.join(" | ")));
    parts.extend(slots);
    parts.sort();
    parts.join("; ")
}

fn sorted(meaning: &str) -> String {
    let mut parts: Vec<&str> = meaning.split("; ").collect();
    parts.sort_unstable();
    parts.join("; ")
}

fn check_cases(lang: Lang, given: Option<Lang>) {
    let (parser, book) = (Parser::new().unwrap(), example_book());
    let cases = cases(lang);
    assert!(cases.len() >= 150);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let intent = parser.parse(&case.text, given, case.expected, &book);
            let (is, should) = (written(&intent), sorted(&case.meaning));
            (is != should)
                .then(|| format!("{} {:?}: {}\n    is {is}\nshould {should}", case.place, case.expected, case.text))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn english_sentences_mean_what_people_mean() {
    check_cases(Lang::En, Some(Lang::En));
}

#[test]
fn french_sentences_mean_what_people_mean() {
    check_cases(Lang::Fr, Some(Lang::Fr));
}

#[test]
fn the_language_need_not_be_known() {
    check_cases(Lang::En, None);
    check_cases(Lang::Fr, None);
}

/// Short of a whole sentence "yes" to a question, nothing may confirm.
#[test]
fn a_yes_inside_a_sentence_is_no_confirmation() {
    let parser = Parser::new().unwrap();
    for text in [
        "yes I know what you mean but wait",
        "tell him yes",
        "I said to Paul yes",
        "he said ok",
        "okay let me think",
        "oui mais attends",
        "il a dit oui",
        "dis oui à Paul",
        "vas-y mollo",
        "sure it is raining",
        "right now I am busy",
    ] {
        for expected in [Expected::Command, Expected::YesNo] {
            let intent = parser.parse(text, None, expected, &NoNames);
            assert_ne!(written(&intent), "confirm", "{text}");
        }
    }
}

#[test]
fn known_names_score_higher_than_strangers_and_whole_matches_highest() {
    let (parser, book) = (Parser::new().unwrap(), example_book());
    let score = |text: &str| parser.parse(text, Some(Lang::En), Expected::Command, &book).score;
    assert!(score("yes") > score("tell Marion I'm late"));
    assert!(score("tell Marion I'm late") > score("tell thibault I'm late"));
}

fn words() -> impl Strategy<Value = String> {
    let known = [
        "tell",
        "message",
        "send",
        "a",
        "to",
        "Marion",
        "Jean-Marc",
        "that",
        "I'm",
        "late",
        "yes",
        "no",
        "reply",
        "dis",
        "à",
        "qu'on",
        "j'arrive",
        "envoie",
        "un",
        "message",
        "s'il te plaît",
        "Herald,",
        "please",
        "and",
        "et",
        "um",
        "euh",
        "read",
        "my",
        "my brother",
        "lis",
        "mes",
        "remplace",
        "par",
        "the second one",
        "12,50 €",
        "$20",
        "twenty euros",
        "pay",
        "tomorrow at eight",
        "demain à 8 h",
        "the last three messages",
        "à Marie, à Paul",
        "as I said it",
        "?",
        "…",
        "«",
        "👍",
        "e\u{301}",
    ];
    prop::collection::vec(prop::sample::select(known.to_vec()), 0..14).prop_map(|words| words.join(" "))
}

/// Every value of every slot is a piece of the text, untouched.
/// Whether every value is a piece of the text, or words of it one after another.
fn are_pieces(text: &str, slots: &Slots) -> bool {
    let after = |rest: &str, word: &str| rest.find(word).and_then(|at| rest.get(at + word.len()..).map(str::to_owned));
    let joined = |value: &str| value.split_whitespace().try_fold(text.to_owned(), |rest, word| after(&rest, word));
    slots.values().flatten().all(|value| !value.is_empty() && (text.contains(value) || joined(value).is_some()))
}

#[test]
fn slot_values_are_pieces_of_the_text_as_said() {
    let (parser, book) = (Parser::new().unwrap(), example_book());
    proptest!(|(text in prop_oneof![words(), "\\PC{0,60}", ".{0,60}"], at in 0..EXPECTED.len())| {
        for lang in [None, Some(Lang::En), Some(Lang::Fr)] {
            let intent = parser.parse(&text, lang, EXPECTED[at], &book);
            prop_assert!(are_pieces(&text, &intent.slots), "{intent:?}");
            prop_assert!((0.0..=1.0).contains(&intent.score));
        }
    });
}

#[test]
fn very_long_input_is_parsed_in_bounded_work() {
    let parser = Parser::new().unwrap();
    for word in ["tell ", "and ", "Marion ", "my ", "à ", "# ", "change "] {
        let text = word.repeat(20_000);
        let intent = parser.parse(&text, None, Expected::YesNo, &NoNames);
        assert!(are_pieces(&text, &intent.slots));
    }
}

/// Right and wrong on one set of the public requests.
#[derive(Default)]
struct Tally {
    all: u32,
    right: u32,
    whole: u32,
    acts: u32,
}

#[test]
fn public_requests_are_mostly_understood_and_strange_ones_rarely_acted_on() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/nlu/dev.jsonl");
    let Ok(lines) = fs::read_to_string(file) else {
        println!("skipped: no data");
        return;
    };
    let parser = Parser::new().unwrap();
    let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
    for line in lines.lines() {
        let item: Value = serde_json::from_str(line).unwrap();
        let lang = if item["lang"] == "fr" { Lang::Fr } else { Lang::En };
        let headline =
            ["send_message", "read_messages", "react_message", "call"].iter().any(|name| item["intent"] == *name);
        let set = item["set"].as_str().unwrap();
        let row = if set == "core" && headline { "headline" } else { set };
        let intent = parser.parse(item["text"].as_str().unwrap(), Some(lang), Expected::Command, &NoNames);
        let name = serde_json::to_value(intent.name).unwrap();
        let right = item["accept"].as_array().unwrap().contains(&name);
        let tally = tallies.entry((row.to_owned(), lang.to_string())).or_default();
        tally.all += 1;
        tally.right += u32::from(right);
        tally.whole += u32::from(right && same_slots(&item, &intent.slots));
        tally.acts += u32::from(!right && acts(&name));
    }
    for ((row, lang), tally) in &tallies {
        let percent = |count: u32| 100.0 * f64::from(count) / f64::from(tally.all);
        println!(
            "{row:9} {lang} {:5} items  intent {:5.1} %  slots too {:5.1} %  acts wrongly {:5.2} %",
            tally.all,
            percent(tally.right),
            percent(tally.whole),
            percent(tally.acts)
        );
        if row == "ood" {
            assert!(percent(tally.acts) <= 0.4, "{lang}: acts on text that is not for it");
        }
        if row == "headline" {
            assert!(percent(tally.right) >= 96.0, "{lang}: understands too little");
            assert!(percent(tally.whole) >= 85.0, "{lang}: takes the wrong words");
        }
    }
}

fn acts(intent: &Value) -> bool {
    ["send_message", "reply_message", "react_message", "call", "pay", "request_payment", "share_location"]
        .iter()
        .any(|name| intent == name)
}

/// Whether the core slots hold the same values, as far as the source annotates them.
fn same_slots(item: &Value, slots: &Slots) -> bool {
    let Some(gold) = item["slots"].as_object() else { return true };
    let scored = item["scored"].as_array();
    let found = serde_json::to_value(slots).unwrap();
    ["recipient", "sender", "group", "content", "reaction"]
        .iter()
        .filter(|slot| scored.is_none_or(|scored| scored.iter().any(|name| name == *slot)))
        .all(|slot| values(gold.get(*slot)) == values(found.get(*slot)))
}

fn values(values: Option<&Value>) -> Vec<String> {
    let tidy = |text: &str| {
        let text = text.to_lowercase().replace('’', "'").split_whitespace().collect::<Vec<_>>().join(" ");
        text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
    };
    let list = values.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut values: Vec<String> = list.iter().filter_map(Value::as_str).map(tidy).collect();
    values.sort();
    values
}
