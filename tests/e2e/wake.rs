//! Wake words: a stock head, an enrolled word, the second stage, and a conversation that waits for one.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{
    self,
    program::{Run, command, herald},
};

/// The recordings of wake words and the models by these names, or why there is nothing to test.
fn recordings(models: &[&str]) -> Option<PathBuf> {
    let data = support::recordings();
    let dir = support::models_dir();
    let there = models.iter().chain(&["silero", "wake-mel", "wake-embedding"]);
    if data.is_none() || there.into_iter().any(|name| herald::models::find(&dir, name).is_err()) {
        println!("skipped: no data or no models");
        return None;
    }
    data
}

/// The recordings of a phrase whose manifest line holds `of`.
fn clips(data: &Path, phrase: &str, of: &str) -> Vec<String> {
    let manifest = std::fs::read_to_string(data.join("manifest.jsonl")).unwrap();
    let rows = manifest.lines().map(|line| (line, serde_json::from_str::<Value>(line).unwrap()));
    let wanted = rows.filter(|(line, row)| row["phrase"] == phrase && line.contains(of));
    wanted.map(|(_, row)| data.join(row["path"].as_str().unwrap()).to_str().unwrap().to_owned()).collect()
}

fn run(data_dir: &Path, arguments: &[&str]) -> Run {
    let mut program = command(Command::new(env!("CARGO_BIN_EXE_herald")), data_dir);
    program.args(["--json", "--lang", "en", "--models-dir"]).arg(support::models_dir()).args(arguments);
    program.output().unwrap().into()
}

fn wakes(line: &Value) -> &[Value] {
    line["wakes"].as_array().unwrap()
}

#[test]
fn alexa_is_heard_where_it_is_said_and_nowhere_else() {
    let Some(data) = recordings(&["alexa", "hey_jarvis"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    // Every third of its clips, other words, and a noise that the head alone takes for the word.
    let said: Vec<String> = clips(&data, "alexa", "").into_iter().step_by(3).collect();
    let others = [clips(&data, "jarvis", "PV-est-139"), clips(&data, "computer", "PV-est-160")].concat();
    let noise = data.join("clips/noise/nz-tp-washing.flac");
    let noise = noise.to_str().filter(|_| noise.exists());
    let files: Vec<&str> = said.iter().chain(&others).map(String::as_str).chain(noise).collect();
    let found = run(folder.path(), &[&["detect"], &files[..], &["--wake", "alexa", "hey_jarvis"]].concat());
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    let lines = found.json();
    let missed = lines[..said.len()].iter().filter(|line| wakes(line).is_empty()).count();
    assert!(missed <= 1, "{missed} of {} missed", said.len());
    for line in &lines[..said.len()] {
        for wake in wakes(line) {
            assert_eq!(wake["word"], "alexa");
            let t_ms = wake["t_ms"].as_u64().unwrap();
            let near = |segment: &Value| segment[1].as_u64().unwrap().abs_diff(t_ms) <= 400;
            assert!(line["speech"].as_array().unwrap().iter().any(near), "{line}");
        }
    }
    for line in &lines[said.len()..] {
        assert!(wakes(line).iter().all(|wake| wake["word"] != "alexa"), "{line}");
    }
}

#[test]
fn a_word_enrolled_from_four_takes_is_heard_in_that_voice() {
    let Some(data) = recordings(&["tiny.en-q8_0"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let jarvis = clips(&data, "jarvis", "PV-est-165");
    let takes: Vec<&str> = jarvis[..4].iter().map(String::as_str).collect();
    let made = run(folder.path(), &[&["setup", "wake", "My Jarvis"], &takes[..]].concat());
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert_eq!((&made.json()[0]["word"], &made.json()[0]["takes"]), (&"my_jarvis".into(), &4.into()));

    let others = [clips(&data, "computer", "PV-est-122"), clips(&data, "amelia", "")].concat();
    let files: Vec<&str> = jarvis[4..].iter().chain(&others[..20]).map(String::as_str).collect();
    let found = run(folder.path(), &[&["detect"], &files[..], &["--confirm", "--wake", "my-jarvis"]].concat());
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    let lines = found.json();
    let missed = lines[..jarvis.len() - 4].iter().filter(|line| wakes(line).is_empty()).count();
    assert!(missed <= 1, "{missed} of {} missed", jarvis.len() - 4);
    assert!(lines[jarvis.len() - 4..].iter().all(|line| wakes(line).is_empty()), "{}", found.stdout);

    let forgotten = run(folder.path(), &["setup", "wake", "my jarvis", "--forget"]);
    assert_eq!(forgotten.code, Some(0), "{}", forgotten.stderr);
    assert_eq!(run(folder.path(), &["detect", &jarvis[0], "--wake", "my_jarvis"]).code, Some(69));
}

#[test]
fn takes_that_are_no_takes_are_named_with_what_to_do() {
    let Some(data) = recordings(&["tiny.en-q8_0"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let jarvis = clips(&data, "jarvis", "PV-est-165");
    let computer = clips(&data, "computer", "PV-est-6").remove(0);
    let odd = run(folder.path(), &["setup", "wake", "w", &jarvis[0], &jarvis[1], &computer, &jarvis[2]]);
    assert_eq!(odd.code, Some(65), "{}", odd.stderr);
    assert!(odd.stderr.contains(&computer) && odd.stderr.contains("too different"), "{}", odd.stderr);
    let few = run(folder.path(), &["setup", "wake", "w", &jarvis[0], &jarvis[1]]);
    assert_eq!(few.code, Some(2), "{}", few.stderr);
    let sentence = data.join("clips/asr-en/jfk.flac").to_str().unwrap().to_owned();
    let long = run(folder.path(), &["setup", "wake", "w", &jarvis[0], &jarvis[1], &sentence]);
    assert_eq!(long.code, Some(65), "{}", long.stderr);
    assert!(long.stderr.contains("too long"), "{}", long.stderr);
}

#[test]
fn an_unknown_word_is_exit_69_with_what_there_is_and_how_to_get_more() {
    let folder = tempfile::tempdir().unwrap();
    let input = concat!("--input=", env!("CARGO_MANIFEST_DIR"), "/tests/examples/home-en-1.flac");
    for arguments in [["detect", "a.wav"], ["run", input]] {
        let run = run(folder.path(), &[&arguments[..], &["--wake", "nobody"]].concat());
        assert_eq!(run.code, Some(69), "{}", run.stderr);
        for part in ["\"nobody\"", "herald setup wake", "herald models fetch alexa", ".onnx"] {
            assert!(run.stderr.contains(part), "{}", run.stderr);
        }
    }
}

#[test]
fn a_conversation_begins_with_the_wake_word_and_without_it_nothing_is_heard() {
    let Some(data) = recordings(&["alexa", "tiny.en-q8_0", "kokoro", "kokoro-voices", "kokoro-vocab"]) else { return };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let path = |name: &str| examples.join(name).to_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let imported = herald(folder.path(), &["contacts", "import", &path("contacts.vcf")]);
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    let alexa = data.join("clips/wake/alexa/ww-alexa-108.flac").to_str().unwrap().to_owned();
    let replay = |inputs: &[&str]| {
        let inputs: Vec<&str> = inputs.iter().flat_map(|input| ["--input", input]).collect();
        let options = ["run", "--model", "tiny.en-q8_0", "--wake", "alexa", "--events", "-"];
        let run = run(folder.path(), &[&options[..], &inputs].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let types = run.json().into_iter().map(|event| event["type"].as_str().unwrap().to_owned());
        types.filter(|name| ["wake", "transcript", "action"].contains(&name.as_str())).collect::<Vec<_>>()
    };
    let (message, yes) = (path("home-en-1.flac"), path("home-en-2.flac"));
    assert_eq!(replay(&[&alexa, &message, &yes]), ["wake", "transcript", "transcript", "action"]);
    assert_eq!(replay(&[&message, &yes]), [""; 0]);
}
