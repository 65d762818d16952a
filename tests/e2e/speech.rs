//! `herald say`, and the recordings of the example conversations.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::{
    repository,
    support::{
        models_dir,
        program::{Run, command, herald},
        pulse::{PulseServer, RECORDING_HZ},
        speech_server::SpeechServer,
        wait,
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
fn any_program_may_be_the_voice() {
    if !espeak_is_there() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("out.wav");
    let by = |program: &str| {
        let mut command = command(Command::new(env!("CARGO_BIN_EXE_herald")), home.path());
        command.env("HERALD_SPEECH_ENGINE", "command").env("HERALD_SPEECH_COMMAND", program);
        command.args(["say", "--json", "Bonjour Marion.", "--lang", "fr", "--models-dir", "none", "--output"]);
        Run::from(command.arg(&file).output().unwrap())
    };
    let run = by("espeak-ng --stdin --stdout -v {lang}");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!((&run.json()[0]["engine"], &run.json()[0]["voice"]), (&"command".into(), &"espeak-ng".into()));
    assert!(duration_of_speech(&file) > 500);

    // One that fails on a text is replaced, and what it wrote to its standard error is not shown.
    let run = by("sh -c 'cat >&2; exit 1'");
    assert_eq!((run.code, &run.json()[0]["engine"]), (Some(0), &Value::from("espeak")), "{}", run.stderr);
    assert!(run.stderr.contains("exit status: 1") && !run.stderr.contains("Marion"), "{}", run.stderr);

    assert_eq!(by("no-such-program").code, Some(69));
    let run = by("");
    assert_eq!(run.code, Some(78), "{}", run.stderr);
    assert!(run.stderr.contains("speech.command"), "{}", run.stderr);
}

#[test]
fn doctor_says_who_speaks_each_language_and_how_to_get_a_better_voice() {
    if !espeak_is_there() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| -> Vec<Value> {
        let run = herald(home.path(), &[&["doctor", "--json"], arguments].concat());
        run.json().into_iter().filter(|line| line["check"] == "voice").collect()
    };
    let plain = said(&["--models-dir", home.path().join("none").to_str().unwrap()]);
    assert_eq!(plain.len(), 2, "{plain:?}");
    for (line, lang) in plain.iter().zip(["en", "fr"]) {
        let detail = line["detail"].as_str().unwrap();
        let parts = [lang, "of espeak", "herald models fetch kokoro"];
        assert!(line["ok"] == true && parts.iter().all(|part| detail.contains(part)), "{line}");
    }
    if kokoro_is_there() {
        let natural = said(&["--models-dir", models_dir().to_str().unwrap(), "--lang", "fr"]);
        let details: Vec<&str> = natural.iter().filter_map(|line| line["detail"].as_str()).collect();
        assert_eq!(details, ["fr: ff_siwis of kokoro"]);
    }
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

/// `herald say` with the engine `system`, in a process of its own.
fn say_by_system(home: &Path, text: &str, variables: &[(&str, PathBuf)]) -> Child {
    let mut program = command(Command::new(env!("CARGO_BIN_EXE_herald")), home);
    program.env("HERALD_SPEECH_ENGINE", "system").env("HERALD_MODELS", home.join("none"));
    program.envs(variables.iter().cloned()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program.args(["say", "--json", "--lang", "en", text]).spawn().unwrap()
}

#[test]
fn with_neither_a_speech_server_nor_a_loudspeaker_say_ends_with_69_and_names_both() {
    let home = tempfile::tempdir().unwrap();
    let nowhere = home.path().join("no/such/socket");
    let unix = |before: &str| PathBuf::from(format!("{before}{}", nowhere.display()));
    let variables = [
        ("SPEECHD_ADDRESS", unix("unix_socket:")),
        ("PULSE_SERVER", unix("unix:")),
        ("ALSA_CONFIG_PATH", PathBuf::from("/dev/null")),
    ];
    let run: Run = say_by_system(home.path(), "Hello.", &variables).wait_with_output().unwrap().into();
    assert_eq!((run.code, run.stdout.as_str()), (Some(69), ""), "{}", run.stderr);
    assert!(run.stderr.contains("speech-dispatcher") && run.stderr.contains("no other voice"), "{}", run.stderr);
}

/// Says something in English into a sound server, and writes down what comes out of its loudspeaker. Returns who spoke and
/// the share of the words that a recogniser understood; `None` where something is not installed.
fn heard_back(text: &str, by_system: bool) -> Option<(String, f64)> {
    let models = models_dir();
    if herald::models::find(&models, "base-q8_0").is_err() {
        println!("skipped: no recogniser");
        return None;
    }
    let sound = PulseServer::start().filter(|_| espeak_is_there())?;
    let home = tempfile::tempdir().unwrap();
    let server = if by_system { Some(SpeechServer::start(home.path(), &sound)?) } else { None };
    let mut variables = sound.environment();
    variables.extend(server.as_ref().map(|server| ("SPEECHD_ADDRESS", server.address().into())));
    let recording = sound.record();
    let run: Run = if by_system {
        say_by_system(home.path(), text, &variables).wait_with_output().unwrap().into()
    } else {
        let mut program = command(Command::new(env!("CARGO_BIN_EXE_herald")), home.path());
        program.envs(variables).env("HERALD_MODELS", &models).args(["--json", "--lang", "en", "say", text]);
        program.output().unwrap().into()
    };
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let engine = run.json()[0]["engine"].as_str().unwrap().to_owned();
    let heard = home.path().join("heard.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RECORDING_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(&heard, spec).unwrap();
    recording.finish().into_iter().for_each(|sample| wav.write_sample(sample).unwrap());
    wav.finalize().unwrap();
    let mut transcribe = command(Command::new(env!("CARGO_BIN_EXE_herald")), home.path());
    transcribe.env("HERALD_MODELS", &models).args(["--json", "--lang", "en", "--model", "base-q8_0", "transcribe"]);
    let run: Run = transcribe.arg(&heard).output().unwrap().into();
    let transcript = run.json()[0]["text"].as_str().unwrap().to_lowercase();
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['.', ','])).collect();
    let understood = words.iter().filter(|word| transcript.contains(&word.to_lowercase())).count();
    println!("{engine}: {transcript}");
    Some((engine, understood as f64 / words.len() as f64))
}

const ANSWER: &str = "Sending your message to Marion. You have three new messages from Paul.";

#[test]
fn our_own_voice_is_heard_on_the_loudspeaker_and_understood() {
    if !kokoro_is_there() {
        return;
    }
    let Some((engine, understood)) = heard_back(ANSWER, false) else { return };
    assert!(["kokoro", "piper"].contains(&engine.as_str()), "{engine}");
    assert!(understood >= 0.9, "{understood}");
}

#[test]
fn the_systems_voice_is_heard_on_the_loudspeaker_and_understood() {
    let Some((engine, understood)) = heard_back(ANSWER, true) else { return };
    assert_eq!(engine, "system");
    assert!(understood >= 0.5, "{understood}");
}

/// Takes about seven seconds to say.
const LONG_TEXT: &str = "This is a sentence that takes some seconds to be said, so that there is enough time to end \
                         the speech server in the very middle of it.";
/// A minute: each case ends in a quarter of it on a quiet machine.
const NO_HANG_SECONDS: u64 = 60;

/// Says [`LONG_TEXT`] with a speech server that meets an accident before or while it speaks. Returns how the run ended and
/// how many milliseconds of sound there were after the accident; `None` where something is not installed.
fn meet(before: fn(&mut SpeechServer), meanwhile: fn(&mut SpeechServer)) -> Option<(Run, usize)> {
    let sound = PulseServer::start().filter(|_| espeak_is_there())?;
    let home = tempfile::tempdir().unwrap();
    let mut server = SpeechServer::start(home.path(), &sound)?;
    before(&mut server);
    let mut variables = sound.environment();
    variables.push(("SPEECHD_ADDRESS", server.address().into()));
    let recording = sound.record();
    let mut child = say_by_system(home.path(), LONG_TEXT, &variables);
    assert!(wait(NO_HANG_SECONDS, || recording.is_heard()), "nothing is heard");
    meanwhile(&mut server);
    let rest = sound.record();
    let ended = Cell::new(false);
    wait(NO_HANG_SECONDS, || {
        // A child whose state cannot be asked for has ended too.
        ended.set(ended.get() || ended_by_now(child.id()));
        ended.get()
    });
    if !ended.get() {
        child.kill().unwrap();
    }
    let run: Run = child.wait_with_output().unwrap().into();
    assert!(ended.get(), "it hangs: {}", run.stderr);
    let loud = rest.finish().iter().filter(|sample| sample.abs() > 0.02).count();
    Some((run, loud * 1000 / RECORDING_HZ as usize))
}

/// Whether a process of this test is a zombie, waiting to be reaped.
fn ended_by_now(id: u32) -> bool {
    fs::read_to_string(format!("/proc/{id}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

/// The engine that spoke last, and that it spoke long enough after the accident for the whole text.
fn another_voice_spoke(met: Option<(Run, usize)>) {
    let Some((run, loud_ms)) = met else { return };
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.json()[0]["engine"], "espeak", "{}", run.stderr);
    assert!(run.stderr.contains("the system's voice failed"), "{}", run.stderr);
    assert!(!run.stderr.contains("sentence"), "the text is in the log: {}", run.stderr);
    assert!(loud_ms > 1500, "only {loud_ms} ms of sound afterwards");
}

#[test]
fn the_speech_server_says_it_where_nothing_happens() {
    let Some((run, _)) = meet(|_| {}, |_| {}) else { return };
    assert_eq!((run.code, &run.json()[0]["engine"]), (Some(0), &Value::from("system")), "{}", run.stderr);
}

#[test]
fn a_speech_server_that_is_missing_is_replaced_by_another_voice() {
    another_voice_spoke(meet(SpeechServer::kill, |_| {}));
}

#[test]
fn a_speech_server_that_hangs_from_the_start_is_replaced_by_another_voice() {
    another_voice_spoke(meet(|server| server.hang(), |_| {}));
}

#[test]
fn a_speech_server_that_hangs_while_it_speaks_is_replaced_by_another_voice() {
    another_voice_spoke(meet(|_| {}, |server| server.hang()));
}

#[test]
fn a_speech_server_that_dies_while_it_speaks_is_replaced_by_another_voice() {
    another_voice_spoke(meet(|_| {}, SpeechServer::kill));
}

#[test]
fn a_speech_server_that_dies_and_comes_again_while_it_speaks_is_replaced_by_another_voice() {
    let restarted = |server: &mut SpeechServer| {
        server.kill();
        server.restart();
    };
    another_voice_spoke(meet(|_| {}, restarted));
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
