//! Recordings to text with the real models.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use herald::asr::{LongForm, Recognizer, Whisper, WordErrors, word_errors};
use herald::audio::read_file;
use herald::config::{Lang, LangChoice};
use herald::models;
use serde_json::Value;

use crate::support;

const ENGLISH: &str = "tiny.en-q8_0";
const BOTH: &str = "base-q8_0";
const SKIPPED: &str = "skipped: no data or no models";

struct Clip {
    path: PathBuf,
    transcript: String,
}

impl Clip {
    fn samples(&self) -> Vec<f32> {
        samples(&self.path)
    }
}

fn samples(path: &Path) -> Vec<f32> {
    let mut file = read_file(path).unwrap();
    let mut samples = Vec::new();
    while file.read(&mut samples) {}
    samples
}

/// The recordings with these names, if there are any.
fn clips(ids: &[&str]) -> Option<Vec<Clip>> {
    let root = support::recordings()?;
    let manifest = std::fs::read_to_string(root.join("manifest.jsonl")).unwrap();
    let rows: Vec<Value> = manifest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let clip = |id: &&str| {
        let row = rows.iter().find(|row| row["id"] == **id).unwrap_or_else(|| panic!("no recording {id}"));
        Clip {
            path: root.join(row["path"].as_str().unwrap()),
            transcript: row["transcript"].as_str().unwrap_or_default().to_owned(),
        }
    };
    Some(ids.iter().map(clip).collect())
}

fn load(name: &str) -> Option<Whisper> {
    let path = models::find(&support::models_dir(), name).ok()?;
    Some(Whisper::load(name, &path, 1).unwrap())
}

/// Runs `herald transcribe --json` in English.
fn transcribe(files: &[&Path]) -> Output {
    let files = files.iter().map(|file| file.to_str().unwrap());
    run(&["transcribe", "--json", "--lang", "en"].into_iter().chain(files).collect::<Vec<_>>())
}

/// Runs `herald` with the tests' models and a data directory of its own.
fn run(arguments: &[&str]) -> Output {
    let data = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_herald"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data.path())
        .arg("--models-dir")
        .arg(support::models_dir())
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write_wav(path: &Path, samples: &[f32]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    samples.iter().for_each(|sample| wav.write_sample((sample * 32_767.0) as i16).unwrap());
    wav.finalize().unwrap();
}

#[test]
fn english_and_french_are_told_apart_and_understood() {
    let english = clips(&["jfk", "lt-1455-134435-0000", "lo-2414-128291-0000"]);
    let french = clips(&["gcf-advanced_colors", "gcf-color_mix", "gcf-play_piano"]);
    let (Some(english), Some(french), Some(mut whisper)) = (english, french, load(BOTH)) else {
        return println!("{SKIPPED}");
    };
    for (lang, clips) in [(Lang::En, english), (Lang::Fr, french)] {
        let mut errors = WordErrors::default();
        for clip in clips {
            let heard = whisper.transcribe(&clip.samples(), LangChoice::Auto, None).unwrap();
            assert_eq!(heard.lang, lang, "{}", clip.path.display());
            errors += word_errors(&clip.transcript, &heard.text, lang);
        }
        assert!(errors.percent() < 20.0, "{lang}: {errors:?}");
    }
}

#[test]
fn the_same_audio_gives_the_same_text_whatever_was_heard_before() {
    let (Some(clips), Some(mut whisper)) = (clips(&["lo-2414-128291-0000", "jfk"]), load(ENGLISH)) else {
        return println!("{SKIPPED}");
    };
    let (one, other) = (clips[0].samples(), clips[1].samples());
    let mut hear = |samples: &[f32]| whisper.transcribe(samples, LangChoice::En, None).unwrap();
    let first = hear(&one);
    assert!(!first.text.is_empty());
    hear(&other);
    let again = hear(&one);
    assert_eq!((&first.text, first.confidence, first.no_speech), (&again.text, again.confidence, again.no_speech));
}

#[test]
fn an_english_model_answers_in_english_whatever_is_asked() {
    let (Some(clips), Some(mut whisper)) = (clips(&["gcf-memory"]), load(ENGLISH)) else {
        return println!("{SKIPPED}");
    };
    assert!(!whisper.is_multilingual());
    assert_eq!(whisper.transcribe(&clips[0].samples(), LangChoice::Fr, Some(Lang::Fr)).unwrap().lang, Lang::En);
}

#[test]
fn samples_without_speech_give_no_text_however_short() {
    let Some(mut whisper) = load(ENGLISH) else { return println!("{SKIPPED}") };
    for length in [0, 1, 100, 1_599, 16_000, 160_000] {
        let heard = whisper.transcribe(&vec![0.0; length], LangChoice::Auto, None).unwrap();
        assert_eq!(heard.text, "", "{length} samples");
    }
}

#[test]
fn long_audio_loses_and_doubles_no_words() {
    let ids = ["jfk", "lt-1455-134435-0000", "lt-4481-17498-0000", "lt-3214-167602-0000", "lo-2414-128291-0001"];
    let (Some(clips), Some(mut whisper)) = (clips(&ids), load(ENGLISH)) else { return println!("{SKIPPED}") };
    let (mut audio, mut said, mut alone) = (Vec::new(), String::new(), WordErrors::default());
    for clip in clips {
        let samples = clip.samples();
        let heard = whisper.transcribe(&samples, LangChoice::En, None).unwrap();
        alone += word_errors(&clip.transcript, &heard.text, Lang::En);
        said.push_str(&format!(" {}", clip.transcript));
        audio.extend(samples);
    }
    assert!(audio.len() > 50 * 16_000);
    let whole = whisper.transcribe(&audio, LangChoice::En, None).unwrap();
    let mut portions = LongForm::new(&mut whisper, None, LangChoice::En, None);
    audio.chunks(4_801).for_each(|portion| portions.push(portion).unwrap());
    assert_eq!(whole.text, portions.finish().unwrap().text);
    let together = word_errors(&said, &whole.text, Lang::En);
    assert!(together.errors <= alone.errors + 5, "{together:?} in one piece, {alone:?} alone");
}

#[test]
fn every_file_gets_its_line_in_the_order_given() {
    let Some(clips) = clips(&["jfk", "nz-b-rain", "nz-lk-keyboard"]) else {
        return println!("{SKIPPED}");
    };
    if load(ENGLISH).is_none() || support::silero().is_none() {
        return println!("{SKIPPED}");
    }
    let dir = tempfile::tempdir().unwrap();
    let silence = dir.path().join("silence.wav");
    write_wav(&silence, &vec![0.0; 40 * 16_000]);
    let empty = dir.path().join("empty.wav");
    std::fs::write(&empty, b"").unwrap();
    let missing = Path::new("./no such.wav");
    let paths = [&clips[1].path, missing, &silence, &clips[0].path, &empty, &clips[2].path];
    let output = transcribe(&paths);
    assert_eq!(output.status.code(), Some(65), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&output);
    for (line, path) in lines.iter().zip(paths) {
        assert_eq!(line["file"].as_str().unwrap(), path.to_str().unwrap());
    }
    for nothing_said in [0, 2, 5] {
        assert_eq!(lines[nothing_said]["text"], "", "{}", lines[nothing_said]);
        assert_eq!(lines[nothing_said]["decode_ms"], 0, "{}", lines[nothing_said]);
    }
    for unusable in [1, 4] {
        assert!(lines[unusable]["error"].is_string() && lines[unusable]["text"].is_null(), "{}", lines[unusable]);
    }
    assert_eq!(lines[2]["audio_ms"], 40_000);
    assert_eq!(lines[3]["lang"], "en");
    let errors = word_errors(&clips[0].transcript, lines[3]["text"].as_str().unwrap(), Lang::En);
    assert!(errors.errors <= 1, "{}", lines[3]);
}

#[test]
fn a_file_that_breaks_off_gives_what_is_there_and_the_error() {
    let Some(clips) = clips(&["jfk"]) else { return println!("{SKIPPED}") };
    if load(ENGLISH).is_none() || support::silero().is_none() {
        return println!("{SKIPPED}");
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("broken.wav");
    write_wav(&path, &clips[0].samples());
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() * 6 / 10]).unwrap();
    let output = transcribe(&[&path]);
    assert_eq!(output.status.code(), Some(65));
    let lines = lines(&output);
    assert_eq!(lines.len(), 1);
    assert!(lines[0]["text"].as_str().unwrap().contains("my fellow Americans"), "{}", lines[0]);
    assert!(lines[0]["error"].is_string(), "{}", lines[0]);
}

#[test]
fn french_with_a_model_that_knows_english_only_is_refused() {
    if load(ENGLISH).is_none() {
        return println!("{SKIPPED}");
    }
    let output = run(&["transcribe", "--lang", "fr", "--model", ENGLISH, "any.wav"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&output.stderr).contains(BOTH), "the hint names a model that does");
}

#[test]
fn a_bench_prints_figures_with_their_units() {
    if load(ENGLISH).is_none() || support::silero().is_none() {
        return println!("{SKIPPED}");
    }
    let output = run(&["bench", "--json", "--clips", "no-such-directory", "--model", ENGLISH]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let figures = lines(&output);
    for bench in ["asr", "vad"] {
        let figure = figures.iter().find(|figure| figure["bench"] == bench).unwrap();
        assert!(figure["metric"].is_string() && figure["value"].as_f64().unwrap() > 0.0, "{figure}");
        assert_eq!(figure["unit"], "ms", "{figure}");
    }
}

#[test]
fn an_unknown_bench_is_a_mistake_of_usage() {
    let output = run(&["bench", "weather"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("vad"), "the hint names the benches there are");
}

#[test]
fn five_minutes_of_noise_music_and_silence_give_no_word_and_no_action() {
    let Some(recordings) = support::recordings() else { return println!("{SKIPPED}") };
    if load(BOTH).is_none() || support::silero().is_none() {
        return println!("{SKIPPED}");
    }
    let clips = recordings.to_str().unwrap();
    let output = run(&["bench", "ghost", "--json", "--minutes", "5", "--model", BOTH, "--clips", clips]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let figures = lines(&output);
    let sum = |metric: &str| -> f64 {
        let of = figures.iter().filter(|figure| figure["metric"].as_str().unwrap().ends_with(metric));
        of.map(|figure| figure["value"].as_f64().unwrap()).sum()
    };
    assert!(sum("/minutes") > 5.0, "five minutes and the murmur of a coffee shop: {figures:?}");
    println!("{} utterances in five minutes", sum("/taken_for_speech"));
    assert_eq!((sum("/words"), sum("/actions")), (0.0, 0.0), "{figures:?}");
}
