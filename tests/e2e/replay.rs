//! `herald run --input`: the example conversations, heard by the real recogniser and answered by the real voice.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

use crate::support::{
    self,
    events::{Line, tell},
    program::{Run, command, herald},
    wait_until,
};

/// An example conversation of `tests/examples`.
#[derive(Debug, Deserialize)]
struct Example {
    profile: String,
    lang: String,
    #[serde(default)]
    incoming: Option<String>,
    turn: Vec<toml::Value>,
    /// What comes of it, one line an event that does not depend on the machine.
    expect: Vec<String>,
}

fn examples_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples")
}

fn examples() -> Vec<(String, Example)> {
    let mut found: Vec<(String, Example)> = fs::read_dir(examples_dir())
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let example = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{error}"));
            (path.file_stem().unwrap().to_string_lossy().into_owned(), example)
        })
        .collect();
    found.sort_by(|left, right| left.0.cmp(&right.0));
    found
}

/// The models an example needs; without them there is nothing to test.
fn has_models() -> bool {
    let models = support::models_dir();
    let all = ["base-q8_0", "silero", "kokoro", "kokoro-voices", "kokoro-vocab"]
        .iter()
        .all(|name| herald::models::find(&models, name).is_ok());
    if !all {
        println!("skipped: no models in {}", models.display());
    }
    all
}

/// A data directory with the example contacts.
fn house() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let contacts = examples_dir().join("contacts.vcf");
    let run = herald(dir.path(), &["contacts", "import", contacts.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    dir
}

/// The program on a data directory, with the test's models.
fn program(data_dir: &Path, arguments: &[String]) -> Command {
    let mut program = command(Command::new(env!("CARGO_BIN_EXE_herald")), data_dir);
    program.arg("--models-dir").arg(support::models_dir()).args(arguments);
    program
}

fn run(data_dir: &Path, arguments: &[String]) -> Run {
    program(data_dir, arguments).output().unwrap().into()
}

fn arguments(name: &str, example: &Example) -> Vec<String> {
    let mut arguments = vec!["run".to_owned(), "--profile".into(), example.profile.clone()];
    arguments.extend(["--lang", &example.lang, "--events", "-"].map(str::to_owned));
    let file = |name: String| examples_dir().join(name).to_string_lossy().into_owned();
    for turn in 1..=example.turn.len() {
        arguments.extend(["--input".to_owned(), file(format!("{name}-{turn}.flac"))]);
    }
    if let Some(incoming) = &example.incoming {
        arguments.extend(["--incoming".to_owned(), file(incoming.clone())]);
    }
    arguments
}

/// What of an event does not depend on the machine, as one line.
fn summary(line: &str) -> Option<String> {
    Some(match tell(line) {
        Line::Intent { name } => format!("intent {name}"),
        Line::Reply { text, kind, .. } => format!("{kind}: {text}"),
        Line::Action { kind, to, body } => format!("{kind} to {}: {body}", to.join(", ")),
        Line::Outcome { status } => format!("outcome {status}"),
        Line::Incoming { from, body } => format!("incoming from {from}: {body}"),
        Line::Fault { message } => format!("fault: {message}"),
        Line::Other => return None,
    })
}

fn replies(events: &str) -> Vec<(u64, String, String)> {
    let reply = |line: &str| {
        if let Line::Reply { t_ms, text, lang, .. } = tell(line) { Some((t_ms, text, lang)) } else { None }
    };
    events.lines().filter_map(reply).collect()
}

/// When an earcon begins.
fn earcon_ms(line: &str) -> Option<u64> {
    let event: serde_json::Value = serde_json::from_str(line).unwrap();
    (event["type"] == "earcon").then(|| event["t_ms"].as_u64().unwrap())
}

/// Sound from one moment to another, milliseconds, of a file that `--output` wrote.
fn loudest(file: &Path, from_ms: u64, to_ms: u64) -> i16 {
    let mut wav = hound::WavReader::open(file).unwrap();
    let samples_a_ms = u64::from(wav.spec().sample_rate) / 1_000;
    let samples = wav.samples::<i16>().map(Result::unwrap);
    let span = usize::try_from((to_ms - from_ms) * samples_a_ms).unwrap();
    samples
        .skip(usize::try_from(from_ms * samples_a_ms).unwrap())
        .take(span)
        .map(i16::saturating_abs)
        .max()
        .unwrap_or(0)
}

#[test]
fn an_earcon_says_at_once_that_a_message_has_left_unless_nobody_wants_it() {
    if !has_models() {
        return;
    }
    let (name, example) = examples().into_iter().find(|(name, _)| name == "home-en").unwrap();
    for wanted in [true, false] {
        let dir = house();
        let sound = dir.path().join("heard.wav");
        let mut program = program(dir.path(), &arguments(&name, &example));
        program.arg("--output").arg(&sound).env("HERALD_SPEECH_EARCONS", wanted.to_string());
        let run: Run = program.output().unwrap().into();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let events = run.json();
        let left_ms = events.iter().find(|event| event["status"] == "delivered").unwrap()["t_ms"].as_u64().unwrap();
        let earcon = events.iter().find(|event| event["type"] == "earcon" && event["name"] == "sent");
        assert_eq!(earcon.map(|event| event["t_ms"].as_u64().unwrap()), wanted.then_some(left_ms));
        assert!(loudest(&sound, left_ms - 200, left_ms - 20) < 300, "nothing is said before");
        assert_eq!(loudest(&sound, left_ms - 10, left_ms + 50) > 1_000, wanted, "within 50 ms");
    }
}

#[test]
fn every_english_example_at_home_gives_the_expected_events_and_the_message_is_in_the_inbox() {
    replay_examples("en", "home");
}

#[test]
fn every_english_example_in_the_car_gives_the_expected_events_and_the_message_is_in_the_inbox() {
    replay_examples("en", "car");
}

#[test]
fn every_french_example_at_home_gives_the_expected_events_and_the_message_is_in_the_inbox() {
    replay_examples("fr", "home");
}

#[test]
fn every_french_example_in_the_car_gives_the_expected_events_and_the_message_is_in_the_inbox() {
    replay_examples("fr", "car");
}

fn replay_examples(lang: &str, profile: &str) {
    if !has_models() {
        return;
    }
    let mut wrong = String::new();
    for (name, example) in
        examples().into_iter().filter(|(_, example)| example.lang == lang && example.profile == profile)
    {
        let dir = house();
        let run = run(dir.path(), &arguments(&name, &example));
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        let events: Vec<String> = run.stdout.lines().filter_map(summary).collect();
        if events != example.expect {
            wrong.push_str(&format!("{name}\nexpected {:#?}\nheard {:#?}\n", example.expect, events));
        }
        let sent = example.expect.iter().filter(|line| line.starts_with("outcome delivered")).count();
        let inbox = herald(dir.path(), &["inbox", "--json"]);
        let delivered = inbox.json().iter().filter(|message| message["status"] == "delivered").count();
        if delivered != sent {
            wrong.push_str(&format!("{name}: {delivered} of {sent} messages are in the inbox\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_output_holds_every_reply_where_the_events_say_and_as_long_as_say_says_it() {
    if !has_models() {
        return;
    }
    for (name, example) in examples().into_iter().filter(|(name, _)| name == "home-en" || name == "home-fr") {
        let dir = house();
        let output = dir.path().join("out.wav");
        let mut arguments = arguments(&name, &example);
        arguments.extend(["--output".to_owned(), output.to_string_lossy().into_owned()]);
        let events = run(dir.path(), &arguments).stdout;
        let replies = replies(&events);
        assert!(replies.len() >= 2, "{events}");
        let heard = Heard::read(&output);
        let earcons = events.lines().filter_map(earcon_ms);
        let sounds: BTreeSet<u64> = replies.iter().map(|(t_ms, ..)| *t_ms).chain(earcons).collect();
        for (t_ms, text, lang) in &replies {
            let next_ms = sounds.range(t_ms + 1..).next().copied().unwrap_or(heard.end_ms());
            let said = dir.path().join("said.wav");
            let path = said.to_string_lossy().into_owned();
            let say = ["say", "--json", "--lang", lang, "--output", &path, "--", text].map(str::to_owned);
            let say = run(dir.path(), &say);
            let audio_ms = say.json()[0]["audio_ms"].as_f64().unwrap();
            let (first_ms, last_ms) = heard.sounding(*t_ms, next_ms).expect("the reply is not silent");
            let (said_first, said_last) = Heard::read(&said).sounding(0, u64::MAX).unwrap();
            let (here, alone) = ((last_ms - first_ms) as f64, (said_last - said_first) as f64);
            assert!((here / alone - 1.0).abs() < 0.05, "{text:?} takes {here} ms here and {alone} ms alone");
            assert!(
                ((last_ms - t_ms) as f64 / audio_ms - 1.0).abs() < 0.2,
                "{text:?} at {t_ms} ends {last_ms}: {audio_ms}"
            );
        }
    }
}

/// A mono WAV file as a listener hears it.
struct Heard {
    rate_hz: u64,
    samples: Vec<i16>,
}

impl Heard {
    fn read(path: &Path) -> Self {
        let mut reader = hound::WavReader::open(path).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().bits_per_sample), (1, 16));
        let samples = reader.samples::<i16>().map(Result::unwrap).collect();
        Self { rate_hz: reader.spec().sample_rate.into(), samples }
    }

    fn end_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / self.rate_hz
    }

    /// When sound begins and ends within a stretch of time, in milliseconds.
    fn sounding(&self, from_ms: u64, until_ms: u64) -> Option<(u64, u64)> {
        let at = |ms: u64| (ms.min(self.end_ms()) * self.rate_hz / 1000) as usize;
        let (from, until) = (at(from_ms), at(until_ms));
        let loud = |sample: &i16| sample.unsigned_abs() > 200;
        let first = from + self.samples[from..until].iter().position(loud)?;
        let last = from + self.samples[from..until].iter().rposition(loud)?;
        Some((first as u64 * 1000 / self.rate_hz, last as u64 * 1000 / self.rate_hz))
    }
}

#[test]
fn two_runs_give_the_same_events_also_at_the_speed_of_time() {
    if !has_models() {
        return;
    }
    let (name, example) = examples().into_iter().find(|(name, _)| name == "home-en-cancel").unwrap();
    let timeless = |realtime: bool| -> Vec<serde_json::Value> {
        let dir = house();
        let mut arguments = arguments(&name, &example);
        if realtime {
            arguments.push("--realtime".to_owned());
        }
        let mut events = run(dir.path(), &arguments).json();
        for event in &mut events {
            for key in ["decode_ms", "latency_ms", "id", "at"] {
                event.as_object_mut().unwrap().remove(key);
            }
        }
        events
    };
    let first = timeless(false);
    assert_eq!(first, timeless(false));
    assert_eq!(first, timeless(true));
}

#[test]
fn a_confirmed_message_survives_kill_9_and_is_delivered_once() {
    if !has_models() {
        return;
    }
    let (name, example) = examples().into_iter().find(|(name, _)| name == "home-en").unwrap();
    let dir = house();
    let events = dir.path().join("events.jsonl");
    let mut arguments = arguments(&name, &example);
    let at = arguments.iter().position(|argument| argument == "-").unwrap();
    arguments[at] = events.to_string_lossy().into_owned();
    arguments.push("--realtime".to_owned());
    let mut child = program(dir.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // At the speed of time the undo window leaves seconds between "queued" and the sending.
    let is_queued = || fs::read_to_string(&events).unwrap_or_default().contains("\"status\":\"queued\"");
    wait_until(120, || "a confirmed message".to_owned(), is_queued);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));

    let waiting = herald(dir.path(), &["outbox", "--json"]).json();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0]["status"], "queued");
    // What is left is due at once; a typed turn that has nothing to do with it is enough.
    for _ in 0..2 {
        assert_eq!(herald(dir.path(), &["ask", "help"]).code, Some(0));
        let inbox = herald(dir.path(), &["inbox", "--json"]).json();
        assert_eq!(inbox.len(), 1, "{inbox:?}");
        assert_eq!((&inbox[0]["status"], &inbox[0]["id"]), (&"delivered".into(), &waiting[0]["id"]));
        assert!(herald(dir.path(), &["outbox", "--json"]).json().is_empty());
    }
}

#[test]
fn bad_input_is_refused_before_anything_happens() {
    let dir = house();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    };
    let empty = file("empty.wav", b"");
    let text = file("text.wav", b"this is no sound");
    let nobody = file("nobody.jsonl", b"{\"at_ms\":0,\"from\":\"Zebulon\",\"body\":\"hi\"}\n");
    let missing = dir.path().join("missing.wav").to_string_lossy().into_owned();
    let clip = examples_dir().join("home-en-1.flac").to_string_lossy().into_owned();
    let cases: [(&[&str], i32); 7] = [
        (&["run", "--input", &missing], 65),
        (&["run", "--input", &empty], 65),
        (&["run", "--input", &text], 65),
        (&["run", "--input", &clip, "--incoming", &nobody], 65),
        (&["run", "--input", &clip, "--wake", "alexa"], 69),
        (&["run", "--realtime"], 2),
        (&["run", "--input", &clip, "--models-dir", "/nonexistent"], 69),
    ];
    for (arguments, code) in cases {
        let run = herald(dir.path(), arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("error: "), "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_second_run_on_the_same_data_directory_is_refused() {
    let dir = house();
    let _lock = herald::store::lock(dir.path()).unwrap();
    let clip = examples_dir().join("home-en-1.flac").to_string_lossy().into_owned();
    for arguments in [&["run", "--input", &clip][..], &["ask", "help"]] {
        let run = herald(dir.path(), arguments);
        assert_eq!(run.code, Some(75), "{}", run.stderr);
    }
}

#[test]
fn no_word_and_no_name_reaches_the_log_at_any_level() {
    if !has_models() {
        return;
    }
    let (name, example) = examples().into_iter().find(|(name, _)| name == "home-en").unwrap();
    let dir = house();
    let mut program = program(dir.path(), &arguments(&name, &example));
    let run: Run = program.env("HERALD_TELEMETRY_LEVEL", "trace").output().unwrap().into();
    assert!(run.stdout.contains("Marion"), "the conversation took place: {}", run.stdout);
    let log = run.stderr.to_lowercase();
    for word in ["marion", "petit", "minutes", "late", "yes", "sending"] {
        // Whole words: "yes" may stand inside another word of a log line.
        let found = log.split(|c: char| !c.is_alphanumeric()).any(|found| found == word);
        assert!(!found, "{word:?} is in the log:\n{}", run.stderr);
    }
}
