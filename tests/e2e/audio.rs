//! Audio files of every kind, as people and programs leave them.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use herald::audio::{AudioError, FileSource, Source, read_file};
use tempfile::TempDir;

use crate::support;

/// What a generated WAV file looks like.
#[derive(Clone, Copy)]
struct Shape {
    float: bool,
    bytes: u16,
    channels: u16,
    rate_hz: u32,
    /// Whether the long form of the header is used, as for more than two channels or 16 bits.
    extensible: bool,
}

const PLAIN: Shape = Shape { float: false, bytes: 2, channels: 1, rate_hz: 16_000, extensible: false };

fn header(shape: Shape, data_len: u32) -> Vec<u8> {
    let tag: u16 = if shape.float { 3 } else { 1 };
    let align = shape.channels * shape.bytes;
    let mut format = Vec::new();
    format.extend(if shape.extensible { 0xfffe } else { tag }.to_le_bytes());
    format.extend(shape.channels.to_le_bytes());
    format.extend(shape.rate_hz.to_le_bytes());
    format.extend((shape.rate_hz * u32::from(align)).to_le_bytes());
    format.extend(align.to_le_bytes());
    format.extend((shape.bytes * 8).to_le_bytes());
    if shape.extensible {
        format.extend(22_u16.to_le_bytes());
        format.extend((shape.bytes * 8).to_le_bytes());
        format.extend(0_u32.to_le_bytes());
        format.extend(tag.to_le_bytes());
        format.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
    }
    // An odd chunk that nobody knows stands before the data, padded as the format asks.
    let mut file = b"RIFF".to_vec();
    file.extend((4 + 8 + format.len() as u32 + 8 + 4 + 8).saturating_add(data_len).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend((format.len() as u32).to_le_bytes());
    file.extend(format);
    file.extend(b"note\x03\x00\x00\x00abc\x00data");
    file.extend(data_len.to_le_bytes());
    file
}

fn encode(shape: Shape, sample: f64) -> Vec<u8> {
    match (shape.float, shape.bytes) {
        (true, 4) => (sample as f32).to_le_bytes().to_vec(),
        (true, _) => sample.to_le_bytes().to_vec(),
        (false, 1) => vec![(sample * 127.0 + 128.0) as u8],
        (false, bytes) => {
            let full = (sample * (2.0_f64.powi(63) - 1.0)) as i64;
            full.to_le_bytes()[8 - usize::from(bytes)..].to_vec()
        }
    }
}

/// A tone of 440 Hz, half of full scale, the same on all channels.
fn tone(shape: Shape, ms: u32) -> Vec<u8> {
    let frames = u64::from(shape.rate_hz) * u64::from(ms) / 1_000;
    (0..frames)
        .flat_map(|n| {
            let sample = (n as f64 * 440.0 * std::f64::consts::TAU / f64::from(shape.rate_hz)).sin() * 0.5;
            encode(shape, sample).repeat(usize::from(shape.channels))
        })
        .collect()
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn wav(&self, shape: Shape, data: &[u8]) -> PathBuf {
        self.file("tone.wav", &[header(shape, data.len() as u32), data.to_vec()].concat())
    }
}

fn samples(path: &Path) -> (Vec<f32>, Option<String>) {
    let mut file = read_file(path).unwrap();
    let mut all = Vec::new();
    while file.read(&mut all) {}
    let damage = file.damage().map(ToString::to_string);
    (all, damage)
}

/// How far the samples are from the tone of 440 Hz at 16 kHz, away from both ends.
fn distance_from_tone(samples: &[f32]) -> f32 {
    let inner = 400..samples.len() - 400;
    let expected = |n: usize| (n as f64 * 440.0 * std::f64::consts::TAU / 16_000.0).sin() as f32 * 0.5;
    inner.map(|n| (samples[n] - expected(n)).abs()).fold(0.0, f32::max)
}

#[test]
fn every_width_rate_and_channel_count_is_the_same_tone() {
    let folder = Folder::new();
    let integer = |bytes, channels, rate_hz| Shape { bytes, channels, rate_hz, extensible: channels > 2, ..PLAIN };
    let float = |bytes, channels, rate_hz| Shape { float: true, ..integer(bytes, channels, rate_hz) };
    let shapes = [
        integer(1, 1, 8_000),
        integer(1, 2, 16_000),
        integer(2, 2, 16_000),
        integer(2, 6, 48_000),
        integer(2, 1, 192_000),
        integer(2, 32, 16_000),
        integer(3, 1, 44_100),
        integer(3, 2, 96_000),
        integer(4, 1, 22_050),
        integer(8, 1, 16_000),
        float(4, 1, 16_000),
        float(4, 8, 48_000),
        float(8, 2, 11_025),
    ];
    for shape in shapes {
        let path = folder.wav(shape, &tone(shape, 500));
        let (found, damage) = samples(&path);
        let about = format!("{} bytes, {} channels, {} Hz", shape.bytes, shape.channels, shape.rate_hz);
        assert!(damage.is_none(), "{about}: {damage:?}");
        assert!(found.len().abs_diff(8_000) <= 2, "{about}: {} samples", found.len());
        // 8 bits are coarse; blocks of an odd length have no middle sample.
        let bound = if shape.bytes == 1 || shape.rate_hz % 200 != 0 { 0.1 } else { 0.01 };
        let distance = distance_from_tone(&found);
        assert!(distance < bound, "{about}: off by {distance}");
    }
}

#[test]
fn frames_are_whole_and_the_last_is_filled_with_silence() {
    let folder = Folder::new();
    let path = folder.wav(PLAIN, &tone(PLAIN, 25));
    let mut source = FileSource::open(&path).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = source.read().unwrap() {
        frames.push(frame);
    }
    assert_eq!(frames.len(), 3);
    assert!(frames[2].0[80..].iter().all(|sample| *sample == 0.0));
    assert!(frames[2].0[..80].iter().any(|sample| *sample != 0.0));
    assert!(source.read().unwrap().is_none());
}

#[test]
fn samples_that_are_no_numbers_are_silence() {
    let shape = Shape { float: true, bytes: 4, ..PLAIN };
    let wrong = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30];
    let data: Vec<u8> = wrong.iter().cycle().take(8_000).flat_map(|sample| sample.to_le_bytes()).collect();
    let (found, _) = samples(&Folder::new().wav(shape, &data));
    assert_eq!(found[..4], [0.0, 0.0, 0.0, 1.0]);
    assert!(found.iter().all(|sample| sample.is_finite()));
}

#[test]
fn a_file_that_is_cut_off_is_used_up_to_there_and_says_so() {
    let folder = Folder::new();
    let data = tone(PLAIN, 1_000);
    let whole = [header(PLAIN, data.len() as u32), data].concat();
    let (found, damage) = samples(&folder.file("cut.wav", &whole[..whole.len() - 16_001]));
    assert!(found.len().abs_diff(8_000) <= 1, "{} samples", found.len());
    let damage = damage.unwrap();
    assert!(damage.contains("cut.wav") && damage.contains("16001 bytes"), "{damage}");
}

#[test]
fn files_without_usable_sound_are_refused_and_say_why() {
    let folder = Folder::new();
    let head = header(PLAIN, 3_200);
    let silly_rate = header(Shape { rate_hz: 4_000_000_000, channels: 1, bytes: 1, ..PLAIN }, 100);
    for (name, content, says) in [
        ("empty.wav", Vec::new(), "empty"),
        ("no-samples.wav", header(PLAIN, 0), "no sound"),
        ("header-only.wav", head.clone(), "cut off"),
        ("half-header.wav", head[..20].to_vec(), "cut off"),
        ("text.wav", b"this is text, not sound".to_vec(), "neither a WAV nor a FLAC"),
        ("avi.wav", b"RIFF\x10\x00\x00\x00AVI LIST\x00\x00\x00\x00".to_vec(), "not a WAV"),
        ("bits.wav", header(Shape { bytes: 9, ..PLAIN }, 100), "72 bits"),
        ("rate.wav", [silly_rate, vec![128; 100]].concat(), "768000"),
        ("header.flac", b"fLaC\x00\x00\x00\x22".to_vec(), "damaged"),
    ] {
        let path = folder.file(name, &content);
        match read_file(&path) {
            Err(error @ AudioError::Format { .. }) => {
                let text = error.to_string();
                assert!(text.contains(name) && text.contains(says), "{text}");
            }
            Err(error) => panic!("{name}: {error:?}"),
            Ok(_) => panic!("{name} was accepted"),
        }
    }
}

#[test]
fn a_cut_flac_is_used_up_to_there() {
    let Some(data) = support::recordings() else { return println!("skipped: no data") };
    let whole_path = data.join("clips/asr-en/jfk.flac");
    let whole = samples(&whole_path).0;
    let bytes = std::fs::read(whole_path).unwrap();
    let folder = Folder::new();
    let (found, damage) = samples(&folder.file("cut.flac", &bytes[..bytes.len() / 2]));
    assert!(damage.unwrap().contains("cut off"));
    assert!(found.len() > whole.len() / 4 && found.len() < whole.len());
    assert_eq!(found[..32_000], whole[..32_000]);
}

#[test]
fn damaged_flac_files_never_panic() {
    let Some(data) = support::recordings() else { return println!("skipped: no data") };
    let bytes = std::fs::read(data.join("clips/asr-en/lo-2414-128291-0000.flac")).unwrap();
    let folder = Folder::new();
    let mut place = 7_usize;
    for round in 0..40 {
        let mut damaged = bytes.clone();
        for _ in 0..=round {
            place = (place * 7_919 + 104_729) % damaged.len();
            damaged[place] ^= 0x55;
        }
        if let Ok(mut file) = read_file(&folder.file("damaged.flac", &damaged)) {
            let mut samples = Vec::new();
            while file.read(&mut samples) {}
            assert!(samples.iter().all(|sample| sample.abs() <= 1.0));
        }
    }
}

#[test]
fn a_file_of_three_hours_is_not_loaded_whole() {
    let folder = Folder::new();
    let path = folder.0.path().join("long.wav");
    let data_len = 3 * 3_600 * PLAIN.rate_hz * 2;
    let mut file = BufWriter::new(File::create(&path).unwrap());
    file.write_all(&header(PLAIN, data_len)).unwrap();
    // The rest is a hole: three hours of silence that take no room on the disk.
    file.seek(SeekFrom::Current(i64::from(data_len) - 1)).unwrap();
    file.write_all(&[0]).unwrap();
    file.into_inner().unwrap();
    let before = resident_kb();
    let mut source = read_file(&path).unwrap();
    let (mut piece, mut count) = (Vec::new(), 0);
    while count < 10 * 60 * 16_000 && source.read(&mut piece) {
        count += piece.len();
        assert!(piece.len() < 100_000, "a piece of {} samples", piece.len());
        piece.clear();
    }
    assert_eq!(count / 16_000, 10 * 60);
    // Other tests share this process; the whole file would be 345,600 kB as it is and twice that as floats.
    assert!(resident_kb().saturating_sub(before) < 200_000);
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0)
}
