//! What is put into the words one says to the recipient, and what is not: pairs written before the rules.

use herald::{
    config::Lang,
    intent::{Expected, NoNames, Parser, rephrase},
};

use crate::repository;

/// `tests/examples/rephrase/LANG.tsv`: a command, and the message in other words or `-`.
#[test]
fn messages_are_rephrased_where_that_is_sure_and_nowhere_else() {
    let parser = Parser::new().unwrap();
    for lang in Lang::ALL {
        let file = repository::text(&format!("tests/examples/rephrase/{lang}.tsv"));
        let pairs: Vec<(&str, &str)> = file.lines().map(|line| line.split_once('\t').unwrap()).collect();
        let kept = pairs.iter().filter(|(_, other)| *other == "-").count();
        assert!(kept >= 40 && pairs.len() - kept >= 60, "{lang}: {} pairs, {kept} kept", pairs.len());
        let wrong: Vec<String> = pairs
            .iter()
            .filter_map(|(text, should)| {
                let intent = parser.parse(text, Some(lang), Expected::Command, &NoNames);
                let is = rephrase(text, &intent, &NoNames);
                (is.as_deref().unwrap_or("-") != *should).then(|| format!("{text}: {is:?} should be {should}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{lang}: {} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
    }
}

#[test]
fn any_words_are_rephrased_or_kept_without_a_fault() {
    let parser = Parser::new().unwrap();
    let words = [
        "ask", "Paul", "if", "he", "she", "is", "her", "his", "coming", "tell", "that", "I", "love", "you're", "he's",
        "had", "demande", "à", "s'il", "qu'elle", "dis", "lui", "que", "je", "l'aime", "de", "m'", "ne", "pas", "il",
        "son", "ce", "?", "…", "e\u{301}", "İ", "'", "l'",
    ];
    proptest::proptest!(|(text in proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..14))| {
        let text = text.join(" ");
        for lang in Lang::ALL {
            let intent = parser.parse(&text, Some(lang), Expected::Command, &NoNames);
            if let Some(said) = rephrase(&text, &intent, &NoNames) {
                proptest::prop_assert!(!said.trim().is_empty());
            }
        }
    });
}
