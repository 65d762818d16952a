//! `herald contacts` and `herald parse` as scripts see them.

use std::{
    collections::HashSet,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use herald::{
    config::Lang,
    intent::contacts::{Book, Decision, Surroundings},
    store::Store,
};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::repository;

/// Runs the program on a data directory of its own; returns exit code, stdout and stderr.
fn herald(home: &Path, arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_herald"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("HERALD_") || name.starts_with("XDG_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).env("HOME", home);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn lines(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn example() -> String {
    repository::path("tests/examples/contacts.vcf").display().to_string()
}

#[test]
fn the_example_book_is_imported_once_and_lists() {
    let home = tempfile::tempdir().unwrap();
    let (code, out, errors) = herald(home.path(), &["contacts", "import", &example()], b"");
    assert_eq!((code, out.as_str(), errors.as_str()), (0, "imported 10, unchanged 0, skipped 0\n", ""));
    let (code, out, _) = herald(home.path(), &["contacts", "import", &example()], b"");
    assert_eq!((code, out.as_str()), (0, "imported 0, unchanged 10, skipped 0\n"));
    let (code, out, _) = herald(home.path(), &["contacts", "list", "--json"], b"");
    assert_eq!((code, lines(&out).len()), (0, 10));
    let (_, out, _) = herald(home.path(), &["contacts", "list"], b"");
    assert!(out.contains("Sophie Bernard (maman, mom)") && out.contains("Family (Famille): Sophie Bernard"), "{out}");
}

#[test]
fn a_broken_entry_is_reported_with_its_line_and_the_rest_is_there() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("some.vcf");
    fs::write(
        &file,
        b"BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:\xff\xfe\nEND:VCARD\n",
    )
    .unwrap();
    let (code, out, errors) = herald(home.path(), &["contacts", "import", file.to_str().unwrap()], b"");
    assert_eq!(code, 65);
    assert!(out.starts_with("imported 1, unchanged 0, skipped 1\n") && out.contains("some.vcf:5: "), "{out}");
    assert!(errors.contains("hint: "), "{errors}");
    let (code, out, _) = herald(home.path(), &["contacts", "import", file.to_str().unwrap(), "--json"], b"");
    assert_eq!(code, 65);
    assert_eq!(lines(&out)[0]["skipped"][0]["line"], 5);
    let (_, out, _) = herald(home.path(), &["contacts", "list", "--json"], b"");
    assert_eq!(lines(&out)[0]["name"], "Ada");
}

#[test]
fn a_missing_or_empty_file_is_unusable_input() {
    let home = tempfile::tempdir().unwrap();
    let empty = home.path().join("empty.vcf");
    fs::write(&empty, "").unwrap();
    for file in [empty.to_str().unwrap(), "/nowhere/at/all.vcf", home.path().to_str().unwrap()] {
        let (code, _, errors) = herald(home.path(), &["contacts", "import", file], b"");
        assert_eq!(code, 65, "{file}: {errors}");
    }
}

#[test]
fn resolve_answers_each_name_and_nobody_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    herald(home.path(), &["contacts", "import", &example()], b"");
    let (code, out, _) = herald(
        home.path(),
        &["contacts", "resolve", "-", "--json", "--lang", "fr"],
        "Marie\n\nmaman\nWolfgang\n".as_bytes(),
    );
    assert_eq!(code, 0);
    let answers = lines(&out);
    let decisions: Vec<&Value> = answers.iter().map(|answer| &answer["decision"]).collect();
    assert_eq!(decisions, ["several", "one", "none"]);
    assert_eq!(answers[1]["heard"], "maman");
    assert_eq!(answers[1]["candidates"][0]["name"], "Sophie Bernard");
    assert_eq!(answers[1]["candidates"][0]["via"], "nickname");
    let keys: Vec<&String> = answers[0]["candidates"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "name", "score", "via"]);
    let (code, out, _) = herald(home.path(), &["contacts", "resolve", "Nobody Atall", "--json"], b"");
    assert_eq!((code, &lines(&out)[0]["candidates"]), (0, &json!([])));
}

#[test]
fn parse_answers_every_line_in_order() {
    let home = tempfile::tempdir().unwrap();
    let input = "tell Marion I'm late\n\n{\"id\":\"a\",\"text\":\"dis à Paul que c'est prêt\",\"lang\":\"fr\"}\n{\"id\":7,\"text\":\"quel temps\"}\n";
    let (code, out, _) = herald(home.path(), &["parse", "--json"], input.as_bytes());
    assert_eq!(code, 0);
    let answers = lines(&out);
    assert_eq!(answers.iter().map(|answer| answer["id"].clone()).collect::<Vec<_>>(), [json!(1), json!("a"), json!(7)]);
    assert_eq!(answers[0]["intent"], "send_message");
    assert_eq!(answers[0]["slots"], json!({"recipient": ["Marion"], "content": ["I'm late"]}));
    assert_eq!(answers[1]["slots"], json!({"recipient": ["Paul"], "content": ["c'est prêt"]}));
    assert_eq!((&answers[2]["intent"], &answers[2]["slots"]), (&json!("other"), &json!({})));
    assert!(answers.iter().all(|answer| answer.get("resolved").is_none() && answer["score"].is_number()));
}

#[test]
fn a_broken_line_is_answered_with_an_error_and_the_rest_is_done() {
    let home = tempfile::tempdir().unwrap();
    let input =
        b"{\"id\":1,\n{\"id\":\"x\",\"lang\":\"fr\"}\n{\"id\":\"y\",\"text\":\"yes\",\"lang\":\"de\"}\nyes\n\xff\xff\n"
            .as_slice();
    let (code, out, errors) = herald(home.path(), &["parse", "--json"], input);
    assert_eq!(code, 65, "{errors}");
    let answers = lines(&out);
    assert_eq!(
        answers.iter().map(|answer| answer["id"].clone()).collect::<Vec<_>>(),
        [json!(1), json!("x"), json!("y"), json!(4), json!(5)]
    );
    assert!([0, 1, 2, 4].iter().all(|at: &usize| answers[*at]["error"].is_string()), "{out}");
    assert_eq!(answers[3]["intent"], "confirm");
}

#[test]
fn parse_says_who_is_meant() {
    let home = tempfile::tempdir().unwrap();
    let input = "message jean marc I'm late\ntell Marie and Josslyn I'm late\n";
    let (code, out, _) = herald(home.path(), &["parse", "--json", "--contacts", &example()], input.as_bytes());
    assert_eq!(code, 0);
    let answers = lines(&out);
    assert_eq!(
        answers[0]["resolved"],
        json!([{"said": "jean marc", "decision": "one", "names": ["Jean-Marc Dubois"]}])
    );
    assert_eq!(answers[1]["resolved"][0]["decision"], "several");
    assert_eq!(answers[1]["resolved"][0]["names"], json!(["Marie Lambert", "Marie Rousseau"]));
    assert_eq!(answers[1]["resolved"][1], json!({"said": "Josslyn", "decision": "one", "names": ["Josselin Caron"]}));
}

/// One line of the list of names as they were heard.
struct Heard<'a> {
    words: &'a str,
    meant: &'a str,
    lang: Lang,
    in_book: bool,
    has_twin: bool,
}

fn heard(line: &str) -> Heard<'_> {
    let fields: Vec<&str> = line.split('\t').collect();
    let lang = if fields[2] == "fr" { Lang::Fr } else { Lang::En };
    Heard { words: fields[0], meant: fields[1], lang, in_book: fields[4] == "in", has_twin: !fields[5].is_empty() }
}

#[test]
fn names_as_a_recogniser_hears_them_are_asked_about_rather_than_taken_for_somebody_else() {
    let read = |name: &str| fs::read_to_string(repository::path("tests/examples/names").join(name)).unwrap();
    let store = Store::in_memory().unwrap();
    let mut book = Book::open(&store).unwrap();
    book.import(&store, &read("book.vcf")).unwrap();
    assert_eq!(book.contacts().len(), 500);
    let (mut inside, mut outside, mut wrong_inside, mut wrong_outside, mut asked) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let list = read("heard.tsv");
    // "Jerome" is how Jérôme is called abroad: a name that differs from one of the book in accents alone is that one.
    let bare = |name: &str| name.nfd().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let in_book: HashSet<String> = book.contacts().iter().map(|contact| bare(&contact.name)).collect();
    for pair in list.lines().filter(|line| !line.starts_with('#')).map(heard) {
        let found = book.resolve(pair.words, Some(pair.lang), Surroundings::default());
        let single = (found.decision == Decision::One).then(|| found.candidates[0].name.as_str());
        let is_wrong = single.is_some_and(|name| bare(name) != bare(pair.meant) || pair.has_twin);
        let inside_the_book = pair.in_book || in_book.contains(&bare(pair.meant));
        *if inside_the_book { &mut inside } else { &mut outside } += 1.0;
        *if inside_the_book { &mut wrong_inside } else { &mut wrong_outside } += f64::from(is_wrong);
        asked += f64::from(found.decision == Decision::Several);
    }
    assert!(wrong_inside / inside <= 0.005, "{wrong_inside} of {inside}");
    assert!(wrong_outside / outside <= 0.01, "{wrong_outside} of {outside}");
    assert!(asked / (inside + outside) <= 0.25, "{asked}");
}
