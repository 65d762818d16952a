//! Speech found in recordings: where people speak, where machines make noise.

use std::path::{Path, PathBuf};
use std::process::Command;

use herald::audio::{FileSource, Frame, Source};
use herald::config::{self, Listen, Sources};
use herald::listen::{ListenEvent, Listener};
use serde_json::Value;

use crate::support;

/// A segment of speech in milliseconds.
type Segment = (u64, u64);

struct Clip {
    id: String,
    path: PathBuf,
    speech: Vec<Segment>,
    duration_ms: u64,
}

fn settings(hangover_ms: u32) -> Listen {
    Listen {
        hangover_yes_no_ms: hangover_ms,
        hangover_command_ms: hangover_ms,
        hangover_dictation_ms: hangover_ms,
        ..config::load(&Sources::default()).unwrap().config.listen
    }
}

fn clips(root: &Path, kind: &str) -> Vec<Clip> {
    let ms = |value: &Value| (value.as_f64().unwrap() * 1_000.0) as u64;
    let manifest = std::fs::read_to_string(root.join("manifest.jsonl")).unwrap();
    manifest
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|row| row["kind"] == kind)
        .map(|row| Clip {
            id: row["id"].as_str().unwrap().to_owned(),
            path: root.join(row["path"].as_str().unwrap()),
            speech: row["speech"].as_array().map_or_else(Vec::new, |segments| {
                segments.iter().map(|segment| (ms(&segment[0]), ms(&segment[1]))).collect()
            }),
            duration_ms: ms(&row["duration"]),
        })
        .collect()
}

/// The utterances of a file that follows two seconds of silence and is followed by more; times are the file's.
fn utterances(listener: &mut Listener, path: &Path) -> Vec<Segment> {
    listener.reset();
    let silence = |listener: &mut Listener, frames: usize| -> Vec<ListenEvent> {
        (0..frames).flat_map(|_| listener.push(&Frame::SILENCE)).collect()
    };
    silence(listener, 200);
    let began = listener.clock_ms();
    let mut source = FileSource::open(path).unwrap();
    let mut events = Vec::new();
    while let Some(frame) = source.read().unwrap() {
        events.extend(listener.push(&frame));
    }
    events.extend(silence(listener, 200));
    events
        .into_iter()
        .filter_map(ListenEvent::over)
        .map(|heard| (heard.voice_start_ms.saturating_sub(began), heard.voice_end_ms.saturating_sub(began)))
        .collect()
}

fn holds(segments: &[Segment], at_ms: u64) -> bool {
    segments.iter().any(|(from, to)| (*from..*to).contains(&at_ms))
}

#[test]
fn speech_in_meetings_is_found_where_people_marked_it() {
    let (Some(data), Some(model)) = (support::recordings(), support::silero()) else {
        return println!("skipped: no data or no models");
    };
    let mut listener = Listener::new(&settings(250), &model).unwrap();
    let (mut wrong, mut missed, mut all) = (0, 0, 0);
    for clip in clips(&data, "vad") {
        let found = utterances(&mut listener, &clip.path);
        let frames = (0..clip.duration_ms).step_by(10);
        let pairs: Vec<(bool, bool)> = frames.map(|at| (holds(&clip.speech, at), holds(&found, at))).collect();
        let clip_missed = pairs.iter().filter(|(truth, found)| *truth && !*found).count();
        let clip_wrong = pairs.iter().filter(|(truth, found)| truth != found).count();
        println!("{}: {clip_wrong} of {} frames differ, {clip_missed} of them missed", clip.id, pairs.len());
        wrong += clip_wrong;
        missed += clip_missed;
        all += pairs.len();
    }
    println!(
        "frame error {:.1} %, missed {:.1} %",
        100.0 * wrong as f32 / all as f32,
        100.0 * missed as f32 / all as f32
    );
    assert!(all > 10_000, "only {all} frames");
    assert!(wrong * 100 < all * 20, "{wrong} of {all} frames differ");
}

#[test]
fn noise_and_music_are_hardly_ever_taken_for_speech() {
    let (Some(data), Some(model)) = (support::recordings(), support::silero()) else {
        return println!("skipped: no data or no models");
    };
    let mut listener = Listener::new(&settings(500), &model).unwrap();
    let (mut speech_ms, mut all_ms, mut count) = (0, 0, 0);
    // People talk in the coffee shop: what is found there is speech.
    for clip in clips(&data, "noise").iter().filter(|clip| !clip.id.contains("coffee-shop")) {
        let found = utterances(&mut listener, &clip.path);
        let found_ms: u64 = found.iter().map(|(from, to)| to - from).sum();
        println!("{}: {} utterances, {found_ms} of {} ms", clip.id, found.len(), clip.duration_ms);
        speech_ms += found_ms;
        all_ms += clip.duration_ms;
        count += found.len();
    }
    println!("{count} false utterances, {:.2} % of the time", 100.0 * speech_ms as f32 / all_ms as f32);
    assert!(all_ms > 60_000, "only {all_ms} ms of noise");
    assert!(speech_ms * 200 < all_ms, "{speech_ms} of {all_ms} ms were taken for speech");
}

#[test]
fn every_sentence_read_aloud_is_heard_nearly_whole() {
    let (Some(data), Some(model)) = (support::recordings(), support::silero()) else {
        return println!("skipped: no data or no models");
    };
    let mut listener = Listener::new(&settings(500), &model).unwrap();
    let (mut lost, mut all, mut sentences) = (0, 0, 0);
    for clip in clips(&data, "asr") {
        let found = utterances(&mut listener, &clip.path);
        assert!(!found.is_empty(), "nothing heard in {}", clip.id);
        // What a decode gets: with the preroll before and the pause after.
        let heard: Vec<Segment> = found.iter().map(|(from, to)| (from.saturating_sub(300), to + 200)).collect();
        let voiced = loud_moments(&clip.path);
        let clip_lost = voiced.iter().filter(|at_ms| !holds(&heard, **at_ms)).count();
        if clip_lost > 0 {
            println!("{}: {clip_lost} of {} loud moments lost", clip.id, voiced.len());
        }
        assert!(clip_lost * 2 < voiced.len(), "half of {} is lost", clip.id);
        lost += clip_lost;
        all += voiced.len();
        sentences += 1;
    }
    println!("{sentences} sentences: {lost} of {all} loud moments lost ({:.2} %)", 100.0 * lost as f32 / all as f32);
    assert!(sentences > 50, "only {sentences} sentences");
    assert!(lost * 200 < all, "{lost} of {all} loud moments lost");
}

fn detect(arguments: &[&str]) -> (Option<i32>, Vec<Value>, String) {
    let data = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_herald"))
        .args(["detect", "--json", "--data-dir"])
        .arg(data.path())
        .arg("--models-dir")
        .arg(support::models_dir())
        .args(arguments)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code(), lines, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn detect_gives_one_line_a_file_in_order_and_goes_on_after_an_unusable_one() {
    let (Some(data), Some(_)) = (support::recordings(), support::silero()) else {
        return println!("skipped: no data or no models");
    };
    let sentence = data.join("clips/asr-en/jfk.flac").display().to_string();
    let noise = data.join("clips/noise/nz-b-rain.flac").display().to_string();
    let (code, lines, errors) = detect(&[&sentence, "missing.wav", &noise, &sentence]);
    assert_eq!(code, Some(65), "{errors}");
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["file"], sentence);
    assert_eq!(lines[0]["wakes"], Value::Array(Vec::new()));
    let speech: Vec<Segment> = serde_json::from_value(lines[0]["speech"].clone()).unwrap();
    assert!(speech.windows(2).all(|pair| pair[0].1 + 250 <= pair[1].0), "{speech:?}");
    assert!(speech[0].0 < 600 && speech.last().unwrap().1.abs_diff(10_600) < 500, "{speech:?}");
    assert!(speech.len() > 2, "the pauses of the speaker are gaps: {speech:?}");
    assert_eq!(lines[1]["file"], "missing.wav");
    assert!(lines[1]["error"].as_str().unwrap().contains("missing.wav"));
    assert_eq!(lines[2]["speech"], Value::Array(Vec::new()));
    assert_eq!(lines[3], lines[0], "the second time is like the first");
}

/// The middles of the 100 ms that are within 12 dB of the loudest: voice, in a recording of one voice.
fn loud_moments(path: &Path) -> Vec<u64> {
    let mut source = FileSource::open(path).unwrap();
    let mut powers = Vec::new();
    while let Some(frame) = source.read().unwrap() {
        powers.push(frame.0.iter().map(|sample| sample * sample).sum::<f32>());
    }
    let blocks: Vec<f32> = powers.chunks(10).map(|block| block.iter().sum()).collect();
    let floor = blocks.iter().copied().fold(0.0, f32::max) / 15.8;
    (0_u64..).zip(blocks).filter(|(_, power)| *power > floor).map(|(block, _)| block * 100 + 50).collect()
}
