//! Answers inside a dialogue, written down as people say them before the sentences knew them; and that nothing
//! outside a dialogue is taken for a yes.
//!
//! `tests/examples/answers/LANG.tsv` holds a text, the intent and what the dialogue waits for; `LANG-not-confirm.txt`
//! sentences that are no yes. "No" and "stop" may stand for each other: both keep the message from leaving.

use std::{collections::BTreeMap, fs, path::Path};

use herald::{
    config::Lang,
    intent::{Expected, IntentName, NoNames, Parser},
};
use serde_json::Value;

use crate::repository;

/// Least share of answers that must be understood, in percent.
const FLOOR: f64 = 97.0;

fn intent(name: &str) -> IntentName {
    serde_json::from_value(name.into()).unwrap()
}

fn stands_for(is: IntentName, should: IntentName) -> bool {
    let keeps = [IntentName::Deny, IntentName::Cancel];
    is == should || keeps.contains(&is) && keeps.contains(&should)
}

#[test]
fn answers_as_people_say_them_are_understood() {
    let parser = Parser::new().unwrap();
    for (lang, least) in [(Lang::Fr, 400), (Lang::En, 200)] {
        let file = repository::text(&format!("tests/examples/answers/{lang}.tsv"));
        let mut tally: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
        let mut wrong = Vec::new();
        for line in file.lines() {
            let [text, name, expected] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let expected: Expected = serde_json::from_value(expected.into()).unwrap();
            let is = [Some(lang), None].map(|given| parser.parse(text, given, expected, &NoNames).name);
            let right = is.iter().all(|is| stands_for(*is, intent(name)));
            let entry = tally.entry(name).or_default();
            entry.0 += 1;
            entry.1 += u32::from(right);
            if !right {
                wrong.push(format!("{text:?} ({expected:?}) should be {name}, is {is:?}"));
            }
        }
        let (all, right) = tally.values().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        let percent = 100.0 * f64::from(right) / f64::from(all);
        println!("{lang}: {right} of {all} answers, {percent:.1} %: {tally:?}\n{}", wrong.join("\n"));
        assert!(all >= least, "{lang}: only {all} answers");
        assert!(percent >= FLOOR, "{lang}: {percent:.1} % of the answers");
        for name in ["confirm", "deny", "cancel", "repeat"] {
            assert!(tally.contains_key(name), "{lang}: no {name}");
        }
    }
}

#[test]
fn sentences_that_are_no_answer_never_confirm() {
    let parser = Parser::new().unwrap();
    for lang in Lang::ALL {
        let file = repository::text(&format!("tests/examples/answers/{lang}-not-confirm.txt"));
        assert!(file.lines().count() >= 200);
        for text in file.lines() {
            for given in [Some(lang), None] {
                let is = parser.parse(text, given, Expected::Command, &NoNames).name;
                assert_ne!(is, IntentName::Confirm, "{text:?}");
            }
        }
    }
}

/// After "Send it?", half a yes is none.
#[test]
fn a_yes_that_is_taken_back_or_hedged_never_confirms() {
    let parser = Parser::new().unwrap();
    for text in [
        "non c'est bon",
        "non ça va",
        "non merci c'est bon",
        "oui mais non",
        "oui enfin non",
        "ok mais attends",
        "c'est pas bon",
        "c'est bon non",
        "oui attends",
        "d'accord mais change dix en quinze",
        "pas d'accord",
        "ça suffit",
        "c'est bon arrête",
        "oui annule",
        "no it's fine",
        "no that's fine thanks",
        "yes but no",
        "yes no",
        "ok wait",
        "yes cancel it",
        "not ok",
        "that's not fine",
        "is that right",
        "don't do it",
        "do not go ahead",
        "sure but change ten to fifteen",
        "you got it wrong",
        "perfect but to Paul",
    ] {
        for given in [Some(Lang::En), Some(Lang::Fr), None] {
            let is = parser.parse(text, given, Expected::YesNo, &NoNames).name;
            assert_ne!(is, IntentName::Confirm, "{text:?} {given:?}");
        }
    }
}

#[test]
fn public_answers_are_understood_and_no_other_public_text_is_a_yes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/nlu/dev.jsonl");
    let Ok(lines) = fs::read_to_string(file) else {
        println!("skipped: no data");
        return;
    };
    let parser = Parser::new().unwrap();
    let (mut answers, mut right, mut bare) = (0_u32, 0_u32, 0_u32);
    for line in lines.lines() {
        let item: Value = serde_json::from_str(line).unwrap();
        let text = item["text"].as_str().unwrap();
        let lang = if item["lang"] == "fr" { Lang::Fr } else { Lang::En };
        let is = parser.parse(text, Some(lang), Expected::Command, &NoNames).name;
        if item["set"] == "dialog" {
            answers += 1;
            right += u32::from(item["accept"].as_array().unwrap().iter().any(|name| name == &is_named(is)));
        } else if is == IntentName::Confirm {
            // "Yes." to an offer of another assistant is the word that confirms here, too.
            assert_eq!(text.trim_end_matches('.').to_lowercase(), "yes", "taken for a yes");
            bare += 1;
        }
    }
    let percent = 100.0 * f64::from(right) / f64::from(answers);
    println!("{right} of {answers} public answers, {percent:.1} %; other text that is the bare word yes: {bare}");
    assert!(percent >= FLOOR, "{percent:.1} %");
}

fn is_named(name: IntentName) -> Value {
    serde_json::to_value(name).unwrap()
}
