//! Real sound devices, as far as a machine without hardware has them: a private PulseAudio server.
//!
//! The environment chooses the server, and a test must not change its own: each test starts this same program
//! again with [`ROLE`] set, and the child plays its part in `the_child_of_another_test`.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use herald::audio::{BLOCK_SAMPLES, Block, Frame, Loudspeaker, Microphone, Resampler, Sink, Source, WavSink, devices};
use herald::config;

use crate::support::pulse::{PulseServer, RECORDING_HZ};

/// Names the part of a child, and marks the process as one.
const ROLE: &str = "HERALD_DEVICE_TEST_ROLE";
/// The directory a child reads and writes.
const FOLDER: &str = "HERALD_DEVICE_TEST_FOLDER";
/// Other programs share the machine: a glitch is not a fault, five in a row are.
const ATTEMPTS: usize = 5;
/// Frames of a child that hears and speaks: five seconds.
const DUPLEX_FRAMES: usize = 500;

fn default_devices() -> config::Audio {
    config::Audio { input_device: String::new(), output_device: String::new(), echo: config::Echo::Cancel }
}

#[test]
fn the_child_of_another_test() {
    let (Ok(role), Some(folder)) = (env::var(ROLE), env::var_os(FOLDER)) else { return };
    let folder = PathBuf::from(folder);
    match role.as_str() {
        "duplex" => hear_and_speak(&folder),
        "report" => report_frames(),
        "list" => list_devices(),
        "nothing" => say_what_is_missing(),
        other => panic!("there is no part {other}"),
    }
}

/// Writes what the microphone hears while the loudspeaker plays `say.wav`, one block a frame as Herald does.
fn hear_and_speak(folder: &Path) {
    let mut say = read_blocks(&folder.join("say.wav")).into_iter();
    let mut microphone = Microphone::open(&default_devices()).unwrap();
    let mut loudspeaker = Loudspeaker::open(&default_devices()).unwrap();
    println!("ready");
    let mut heard = Vec::new();
    for _ in 0..DUPLEX_FRAMES {
        heard.extend(microphone.read().unwrap().unwrap().0);
        loudspeaker.write(&say.next().unwrap_or(Block::SILENCE)).unwrap();
    }
    loudspeaker.finish().unwrap();
    let bytes: Vec<u8> = heard.iter().flat_map(|sample: &f32| sample.to_le_bytes()).collect();
    std::fs::write(folder.join("heard.raw"), bytes).unwrap();
    println!("lost {} {}", microphone.losses(), loudspeaker.losses());
}

/// Prints the number of frames, losses and whether there was sound, ten times a second of audio, until killed.
fn report_frames() {
    let mut microphone = Microphone::open(&default_devices()).unwrap();
    let mut loudspeaker = Loudspeaker::open(&default_devices()).unwrap();
    for tenth in 1_u64.. {
        let mut loud = false;
        for _ in 0..10 {
            let frame: Frame = microphone.read().unwrap().unwrap();
            loud |= frame.0.iter().any(|sample| sample.abs() > 0.05);
            loudspeaker.write(&Block::SILENCE).unwrap();
        }
        println!("frames {} {} {} {loud}", tenth * 10, microphone.losses(), loudspeaker.losses());
    }
}

fn list_devices() {
    for device in devices() {
        println!("device {} {:?} {} {}", device.host, device.direction, device.is_default, device.name);
    }
}

fn say_what_is_missing() {
    println!("microphone: {}", Microphone::open(&default_devices()).err().unwrap());
    println!("loudspeaker: {}", Loudspeaker::open(&default_devices()).err().unwrap());
}

/// This program with a part to play.
fn command(role: &str, folder: &Path, environment: Vec<(&'static str, PathBuf)>) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "devices::the_child_of_another_test", "--nocapture"]);
    command.env(ROLE, role).env(FOLDER, folder).envs(environment).stdin(Stdio::null());
    command
}

/// This program as a child with a part, killed when dropped.
struct Part {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Part {
    fn start(role: &str, folder: &Path, environment: Vec<(&'static str, PathBuf)>) -> Self {
        let mut child = command(role, folder, environment).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Returns what follows `start` on the next line that holds it.
    fn line(&mut self, start: &str) -> String {
        loop {
            let line = self.lines.next().expect("the child ended early").unwrap();
            if let Some(at) = line.find(start) {
                return line[at + start.len()..].trim().to_owned();
            }
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two seconds of a sound that is like nothing but itself: noise whose colour and loudness wander.
fn wandering_noise(seed: u32, rate_hz: u32) -> Vec<f32> {
    let (mut state, mut low) = (seed, 0.0_f32);
    (0..rate_hz * 2)
        .map(|n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = (state >> 8) as f32 / 8_388_608.0 - 1.0;
            low += (white - low) * 0.15;
            let loudness = 0.6 + 0.4 * (n as f32 * 9.0 / rate_hz as f32).sin();
            (low * loudness).clamp(-1.0, 1.0)
        })
        .collect()
}

fn write_wav(path: &Path, samples: &[f32]) {
    let mut sink = WavSink::create(path).unwrap();
    for block in samples.chunks_exact(BLOCK_SAMPLES) {
        sink.write(&Block(block.try_into().unwrap())).unwrap();
    }
    sink.finish().unwrap();
}

fn read_blocks(path: &Path) -> Vec<Block> {
    let mut reader = hound::WavReader::open(path).unwrap();
    let samples: Vec<f32> = reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect();
    samples.chunks_exact(BLOCK_SAMPLES).map(|block| Block(block.try_into().unwrap())).collect()
}

/// How alike `part` is to the place in `whole` that is most like it: 1 is the same up to loudness.
fn likeness(part: &[f32], whole: &[f32]) -> f32 {
    let coarse = |samples: &[f32]| -> Vec<f32> { samples.chunks(8).map(|eight| eight.iter().sum::<f32>()).collect() };
    let (small_part, small_whole) = (coarse(part), coarse(whole));
    let last = small_whole.len().saturating_sub(small_part.len());
    let correlate = |a: &[f32], b: &[f32]| {
        let (mut product, mut of_a, mut of_b) = (0.0, 0.0, 1e-9);
        for (a, b) in a.iter().zip(b) {
            product += a * b;
            of_a += a * a;
            of_b += b * b;
        }
        product / (of_a * of_b).sqrt()
    };
    let best = (0..=last)
        .max_by(|a, b| {
            correlate(&small_part, &small_whole[*a..]).total_cmp(&correlate(&small_part, &small_whole[*b..]))
        })
        .unwrap_or(0)
        * 8;
    let near = best.saturating_sub(16)..(best + 16).min(whole.len().saturating_sub(part.len()) + 1);
    near.map(|at| correlate(part, &whole[at..])).fold(0.0, f32::max)
}

/// The middle one of the likenesses of quarter seconds: a gap on a busy machine moves all that follows.
fn likeness_of_pieces(part: &[f32], whole: &[f32]) -> f32 {
    let pieces = part.chunks_exact(part.len() / 8);
    let mut all: Vec<f32> = pieces.map(|piece| likeness(piece, whole)).collect();
    all.sort_by(f32::total_cmp);
    all[all.len() / 2]
}

#[test]
fn what_is_said_is_heard_and_what_is_played_comes_out() {
    let said = wandering_noise(1, 24_000);
    let played = wandering_noise(2, 24_000);
    let said_as_heard: Vec<f32> = {
        let mut resampler = Resampler::file(24_000, 16_000).unwrap();
        let mut out = Vec::new();
        resampler.push(&said, &mut out).unwrap();
        resampler.finish(&mut out).unwrap();
        out
    };
    let mut results = Vec::new();
    for _ in 0..ATTEMPTS {
        let Some(server) = PulseServer::start() else { return };
        let folder = tempfile::tempdir().unwrap();
        write_wav(&folder.path().join("said.wav"), &said);
        write_wav(&folder.path().join("say.wav"), &played);
        let recording = server.record();
        let mut child = Part::start("duplex", folder.path(), server.environment());
        child.line("ready");
        server.speak(&folder.path().join("said.wav")).finish();
        let losses = child.line("lost ");
        let bytes = std::fs::read(folder.path().join("heard.raw")).unwrap();
        let heard: Vec<f32> = bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let out = recording.finish();
        let result = (likeness(&said_as_heard, &heard), likeness_of_pieces(&played, &out), losses);
        println!("heard {:.4}, played {:.4}, lost {} ({RECORDING_HZ} Hz)", result.0, result.1, result.2);
        if result.0 > 0.9 && result.1 > 0.9 && result.2 == "0 0" {
            return;
        }
        results.push(result);
    }
    panic!("likeness of what was heard and played, and losses: {results:?}");
}

/// What a child with the part "report" said: frames so far, losses of both devices, whether there was sound.
struct Heartbeat {
    frames: u64,
    microphone_losses: u64,
    loudspeaker_losses: u64,
    loud: bool,
}

impl Part {
    fn heartbeat(&mut self) -> Heartbeat {
        let line = self.line("frames ");
        let mut words = line.split(' ');
        let mut number = || words.next().unwrap().parse::<u64>().unwrap();
        let (frames, microphone_losses, loudspeaker_losses) = (number(), number(), number());
        Heartbeat { frames, microphone_losses, loudspeaker_losses, loud: line.ends_with("true") }
    }

    /// Waits until the child hears something, and returns how many frames that took; at most 30 s.
    fn frames_until_sound(&mut self) -> u64 {
        let from = self.heartbeat().frames;
        loop {
            let now = self.heartbeat();
            if now.loud || now.frames > from + 3_000 {
                return now.frames - from;
            }
        }
    }

    /// Waits until the child has heard nothing for half a second.
    fn wait_for_quiet(&mut self) {
        let mut quiet = 0;
        while quiet < 5 {
            quiet = if self.heartbeat().loud { 0 } else { quiet + 1 };
        }
    }
}

/// How often each device is lost: a few times, or as often as `HERALD_DEVICE_ROUNDS` says.
fn rounds() -> usize {
    env::var("HERALD_DEVICE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5)
}

/// Frames in which a device must be back.
const BACK_WITHIN: u64 = 200;

/// Rounds may be slow when other programs keep the machine busy, but not most of them; and none may hang.
fn assert_back(what: &str, took: &[u64]) {
    let slow = took.iter().filter(|frames| **frames > BACK_WITHIN).count();
    println!("{what}: sound was back after {took:?} frames of 10 ms, {slow} of {} late", took.len());
    assert!(slow * 5 <= took.len() && took.iter().all(|frames| *frames < 3_000), "{what}: {took:?}");
}

#[test]
fn a_sound_server_that_dies_again_and_again_is_used_within_two_seconds_of_its_return() {
    let Some(mut server) = PulseServer::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("noise.wav");
    write_wav(&wav, &wandering_noise(3, 24_000).repeat(15));
    let mut child = Part::start("report", folder.path(), server.environment());
    let mut took = Vec::new();
    for round in 1..=rounds() as u64 {
        let speaking = server.speak(&wav);
        assert!(child.frames_until_sound() < 3_000, "nothing is heard before the server dies");
        server.kill();
        drop(speaking);
        // Silence goes on at the speed of time while both devices are lost.
        let lost = loop {
            let now = child.heartbeat();
            if now.microphone_losses >= round && now.loudspeaker_losses >= round {
                break now.frames;
            }
        };
        while child.heartbeat().frames < lost + 50 {}
        server.restart();
        let _speaking = server.speak(&wav);
        took.push(child.frames_until_sound());
    }
    assert_back("the server returned", &took);
    let threads = threads_of(&child.child);
    assert!(threads < 30, "{threads} threads are left after {} losses", took.len());
}

#[test]
fn a_microphone_that_is_unplugged_again_and_again_is_heard_within_two_seconds_of_its_return() {
    let Some(server) = PulseServer::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("noise.wav");
    write_wav(&wav, &wandering_noise(4, 24_000).repeat(15));
    let mut child = Part::start("report", folder.path(), server.environment());
    let mut took = Vec::new();
    for _ in 0..rounds() {
        let speaking = server.speak(&wav);
        assert!(child.frames_until_sound() < 3_000, "nothing is heard before the plug is pulled");
        server.unplug_microphone();
        child.wait_for_quiet();
        drop(speaking);
        server.plug_microphone();
        let _speaking = server.speak(&wav);
        took.push(child.frames_until_sound());
    }
    assert_back("the microphone returned", &took);
}

fn threads_of(child: &Child) -> usize {
    std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap().count()
}

#[test]
fn the_devices_of_a_server_are_listed_with_the_ones_used_by_default() {
    let Some(server) = PulseServer::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let output = command("list", folder.path(), server.environment()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    for device in ["PulseAudio Input true Remapped Monitor of Null Output", "PulseAudio Output true Null Output"] {
        assert!(said.contains(device), "{device} is not in: {said}");
    }
    assert!(said.contains("PulseAudio Output false Null Output"), "the sink of the microphone is missing: {said}");
}

#[test]
fn without_a_server_and_without_hardware_the_error_says_what_was_tried() {
    if Path::new("/proc/asound/cards").exists() && !no_cards() {
        return println!("skipped: this machine has a sound card");
    }
    let folder = tempfile::tempdir().unwrap();
    let nowhere = vec![
        ("PULSE_SERVER", PathBuf::from(format!("unix:{}/none", folder.path().display()))),
        ("PULSE_RUNTIME_PATH", folder.path().to_owned()),
        ("XDG_RUNTIME_DIR", folder.path().to_owned()),
    ];
    let output = command("nothing", folder.path(), nowhere).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    for what in ["microphone", "loudspeaker"] {
        let line = said.lines().find_map(|line| line.split_once(&format!("{what}: "))).expect(what).1;
        assert!(line.contains(&format!("no usable {what}")) && line.contains("ALSA"), "{line}");
        println!("{line}");
    }
    let chatter = String::from_utf8_lossy(&output.stderr);
    assert!(!chatter.contains("ALSA lib"), "libasound's own messages are on stderr: {chatter}");
}

fn no_cards() -> bool {
    std::fs::read_to_string("/proc/asound/cards").is_ok_and(|cards| cards.contains("no soundcards"))
}
