//! `herald say`, and the recordings of the example conversations.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{
    repository,
    support::{
        models_dir,
        program::{Run, command, herald},
    },
};

fn say(home: &Path, arguments: &[&str]) -> Run {
    herald(home, &[&["say", "--json"], arguments].concat())
}

fn espeak_is_there() -> bool {
    let there = Command::new("espeak-ng").arg("--version").output().is_ok();
    if !there {
        println!("skipped: no espeak-ng");
    }
    there
}

fn kokoro_is_there() -> bool {
    let there = ["kokoro", "kokoro-voices", "kokoro-vocab"]
        .iter()
        .all(|name| herald::models::find(&models_dir(), name).is_ok());
    if !there {
        println!("skipped: no models");
    }
    there
}

/// Reads a WAV that `say` wrote, checks that it is as promised and audible, and returns its duration in milliseconds.
fn duration_of_speech(file: &Path) -> u64 {
    let mut reader = hound::WavReader::open(file).unwrap();
    let spec = reader.spec();
    assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, 24_000, 16));
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    let loud = samples.iter().filter(|sample| sample.unsigned_abs() > 1000).count();
    assert!(loud * 20 > samples.len(), "nearly silent: {loud} of {}", samples.len());
    samples.len() as u64 / 24
}

#[test]
fn say_writes_what_it_says_in_each_language_and_the_same_again() {
    if !espeak_is_there() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let models = if kokoro_is_there() { models_dir() } else { home.path().join("none") };
    for (text, lang, voice) in [
        ("To Marion: I'll be ten minutes late. Send it?", "en", "af_heart"),
        ("À Marion : j'aurai dix minutes de retard. J'envoie ?", "fr", "ff_siwis"),
    ] {
        let (first, again) = (home.path().join("first.wav"), home.path().join("again.wav"));
        let mut lines = Vec::new();
        for file in [&first, &again] {
            let run =
                say(home.path(), &[text, "--models-dir", models.to_str().unwrap(), "--output", file.to_str().unwrap()]);
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            lines.extend(run.json());
        }
        let [line, _] = lines.as_slice() else { panic!("one line a run: {lines:?}") };
        let audio_ms = line["audio_ms"].as_u64().unwrap();
        assert_eq!(line["lang"], lang);
        if line["engine"] == "kokoro" {
            assert_eq!(line["voice"], voice);
        }
        assert_eq!(audio_ms, duration_of_speech(&first));
        assert!((2000..7000).contains(&audio_ms), "{line}");
        assert!(line["first_audio_ms"].as_u64() <= line["total_ms"].as_u64(), "{line}");
        assert_eq!(fs::read(&first).unwrap(), fs::read(&again).unwrap());
    }
}

#[test]
fn a_named_voice_speaks_and_an_unknown_one_is_a_usage_error_that_lists_the_voices() {
    if !espeak_is_there() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("out.wav");
    let voiced = |voice| say(home.path(), &["Hello there.", "--voice", voice, "--output", file.to_str().unwrap()]);

    let run = voiced("en-gb+f2");
    assert_eq!((run.code, &run.json()[0]["voice"]), (Some(0), &Value::from("en-gb+f2")));

    fs::remove_file(&file).unwrap();
    let run = voiced("nobody");
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("en-gb"), "{}", run.stderr);

    // A voice of an engine that is not installed: what is missing is said, and no other voice takes its place.
    let run = voiced("af_heart");
    assert_eq!(run.code, Some(69), "{}", run.stderr);
    assert!(run.stderr.contains("models fetch") && !file.exists(), "{}", run.stderr);
}

#[test]
fn an_output_that_cannot_be_written_ends_with_74() {
    if !espeak_is_there() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    for file in ["/dev/full", "no-such-directory/out.wav"] {
        let run = say(home.path(), &["Hello there.", "--output", file]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(74), ""), "{file}: {}", run.stderr);
        assert!(run.stderr.contains(file), "{}", run.stderr);
    }
}

#[test]
fn hostile_text_is_spoken_without_its_markup() {
    if !espeak_is_there() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("out.wav");
    for text in ["--help", "$(reboot); `x` | \"y\"", "🦖", "\u{202e}\u{200b}", "[[h@loU]] <speak>", "..."] {
        let run = say(home.path(), &["--output", file.to_str().unwrap(), "--", text]);
        assert_eq!(run.code, Some(0), "{text:?}: {}", run.stderr);
        assert!(duration_of_speech(&file) > 200, "{text:?}");
    }
    let run = say(home.path(), &[""]);
    assert_eq!(run.code, Some(2));
}

#[test]
fn without_a_loudspeaker_say_ends_with_69_and_names_the_way_out() {
    let home = tempfile::tempdir().unwrap();
    let mut program = command(Command::new(env!("CARGO_BIN_EXE_herald")), home.path());
    let nowhere = home.path().join("nowhere");
    program.env("PULSE_SERVER", format!("unix:{}", nowhere.display())).env("ALSA_CONFIG_PATH", "/dev/null");
    let run: Run = program.args(["say", "Hello."]).output().unwrap().into();
    assert_eq!(run.code, Some(69), "{}", run.stderr);
    assert!(run.stderr.contains("--output"), "{}", run.stderr);
}

#[test]
fn without_a_speech_server_the_systems_voice_is_an_error_and_no_wait() {
    let home = tempfile::tempdir().unwrap();
    let mut program = command(Command::new(env!("CARGO_BIN_EXE_herald")), home.path());
    let nowhere = home.path().join("no/such/socket");
    program.env("HERALD_SPEECH_ENGINE", "system").env("SPEECHD_ADDRESS", format!("unix_socket:{}", nowhere.display()));
    let run: Run = program.args(["say", "Hello."]).output().unwrap().into();
    assert_eq!(run.code, Some(69), "{}", run.stderr);
    assert!(run.stderr.contains("speech-dispatcher"), "{}", run.stderr);
}

/// The example conversations by name: description and recordings in the order of the turns.
fn examples() -> BTreeMap<String, (toml::Table, Vec<PathBuf>)> {
    let folder = repository::path("tests/examples");
    let mut examples = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let table: toml::Table = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let turns = table["turn"].as_array().unwrap().len();
            let recordings = (1..=turns).map(|turn| folder.join(format!("{name}-{turn}.flac"))).collect();
            examples.insert(name, (table, recordings));
        }
    }
    examples
}

#[test]
fn each_example_has_one_recording_a_turn_and_all_of_them_are_small() {
    let examples = examples();
    let of = |key: &str, value: &str| examples.values().filter(|(table, _)| table[key].as_str() == Some(value)).count();
    assert!(examples.len() >= 6 && of("lang", "fr") >= 2 && of("profile", "car") >= 2);
    let mut bytes = 0;
    let mut named = 0;
    for (name, (table, recordings)) in &examples {
        for key in ["contacts", "incoming"].iter().filter_map(|key| table.get(*key)) {
            assert!(repository::path("tests/examples").join(key.as_str().unwrap()).is_file(), "{name}: {key}");
        }
        for recording in recordings {
            let mut file = herald::audio::read_file(recording).unwrap();
            let mut samples = Vec::new();
            while file.read(&mut samples) {}
            // 300 ms of silence before and 200 ms after the words.
            let (before, words) = samples.split_at(4_600);
            let after = &words[words.len() - 2_000..];
            let loudest = |part: &[f32]| part.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
            assert!(loudest(before) < 0.01 && loudest(after) < 0.01 && loudest(words) > 0.1, "{}", recording.display());
            bytes += fs::metadata(recording).unwrap().len();
            named += 1;
        }
    }
    assert!(bytes < 2_000_000, "{bytes} bytes");
    let there = fs::read_dir(repository::path("tests/examples")).unwrap();
    let there = there.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "flac"));
    assert_eq!(there.count(), named, "recordings that belong to no turn");
}
