//! Audio files: WAV and FLAC of any rate and channel count in, WAV out. Memory does not grow with the length.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use super::coded::CodedReader;
use super::resample::Resampler;
use super::wav::{HeaderError, WavReader};
use super::{AudioError, Block, FRAME_SAMPLES, Frame, PLAYBACK_RATE_HZ, RATE_HZ, Sink, Source};

/// Blocks between two updates of the header of a [`WavSink`]: a second.
const BLOCKS_PER_FLUSH: u32 = 100;

/// An open audio file as mono 16 kHz samples, decoded as they are asked for.
pub struct AudioFile {
    path: PathBuf,
    decoder: Decoder,
    resampler: Resampler,
    mono: Vec<f32>,
    /// Decoded while opening, to know that there is something.
    first: Vec<f32>,
    damage: Option<AudioError>,
    ended: bool,
}

enum Decoder {
    Plain(WavReader<BufReader<File>>),
    Coded(CodedReader),
}

impl Decoder {
    fn rate_hz(&self) -> u32 {
        match self {
            Self::Plain(wav) => wav.rate_hz(),
            Self::Coded(coded) => coded.rate_hz(),
        }
    }

    fn read(&mut self, mono: &mut Vec<f32>) -> io::Result<bool> {
        match self {
            Self::Plain(wav) => wav.read(mono),
            Self::Coded(coded) => coded.read(mono),
        }
    }
}

/// Opens a WAV (integer or float samples of any width) or FLAC file and makes sure that it holds sound.
///
/// # Errors
/// [`AudioError::Read`] when the file cannot be read, [`AudioError::Format`] when it is empty, of another format
/// or without a single usable sample. What is wrong further on shows in [`AudioFile::damage`].
pub fn read_file(path: &Path) -> Result<AudioFile, AudioError> {
    let unreadable = |source| AudioError::Read { path: path.to_owned(), source };
    let unusable = |reason: String| AudioError::Format { path: path.to_owned(), reason };
    let mut file = File::open(path).map_err(unreadable)?;
    let file_len = file.metadata().map_err(unreadable)?.len();
    let mut magic = Vec::new();
    (&mut file).take(4).read_to_end(&mut magic).map_err(unreadable)?;
    if magic.is_empty() {
        return Err(unusable("the file is empty".to_owned()));
    }
    file.rewind().map_err(unreadable)?;
    let coded = |file| CodedReader::new(file).map(Decoder::Coded).map_err(unusable);
    let decoder = if matches!(&magic[..], b"RIFF" | b"RF64") {
        match WavReader::new(BufReader::new(file), file_len) {
            Ok(wav) => Decoder::Plain(wav),
            Err(HeaderError::Coded) => coded(File::open(path).map_err(unreadable)?)?,
            Err(HeaderError::Wrong(reason)) => return Err(unusable(reason)),
            Err(HeaderError::Io(source)) => return Err(unreadable(source)),
        }
    } else {
        coded(file)?
    };
    let resampler = Resampler::file(decoder.rate_hz(), RATE_HZ).map_err(|error| unusable(error.to_string()))?;
    let mut file = AudioFile {
        path: path.to_owned(),
        decoder,
        resampler,
        mono: Vec::new(),
        first: Vec::new(),
        damage: None,
        ended: false,
    };
    let mut first = Vec::new();
    while first.is_empty() && file.read(&mut first) {}
    if first.is_empty() {
        return Err(file.damage.unwrap_or_else(|| unusable("there is no sound in it".to_owned())));
    }
    file.first = first;
    Ok(file)
}

impl AudioFile {
    /// Appends the next samples, mono 16 kHz within -1 to 1, to `out`; returns false when there are no more.
    pub fn read(&mut self, out: &mut Vec<f32>) -> bool {
        if !self.first.is_empty() {
            out.append(&mut self.first);
            return true;
        }
        if self.ended {
            return false;
        }
        self.mono.clear();
        let more = self.decoder.read(&mut self.mono);
        let converted = self.resampler.push(&self.mono, out);
        let more = match more.map_err(|error| self.explain(error)).and_then(|more| converted.map(|()| more)) {
            Ok(more) => more,
            Err(error) => {
                self.damage = Some(error);
                false
            }
        };
        if !more {
            self.ended = true;
            if let Err(error) = self.resampler.finish(out) {
                self.damage.get_or_insert(error);
            }
        }
        true
    }

    /// What was wrong with the file, as far as it has been read: cut off, damaged or unreadable from there on.
    /// What was usable has been handed out.
    pub fn damage(&self) -> Option<&AudioError> {
        self.damage.as_ref()
    }

    /// Closes the file and returns its damage.
    pub fn into_damage(self) -> Option<AudioError> {
        self.damage
    }

    fn explain(&self, error: io::Error) -> AudioError {
        let path = self.path.clone();
        if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) {
            AudioError::Format { path, reason: error.to_string() }
        } else {
            AudioError::Read { path, source: error }
        }
    }
}

/// A file as a [`Source`]: frame after frame without waiting, the last one filled up with silence.
pub struct FileSource {
    file: AudioFile,
    fresh: Vec<f32>,
    ready: VecDeque<f32>,
}

impl FileSource {
    /// Opens a file as [`read_file`] does.
    ///
    /// # Errors
    /// As [`read_file`].
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        Ok(Self { file: read_file(path)?, fresh: Vec::new(), ready: VecDeque::new() })
    }

    /// As [`AudioFile::damage`]; complete once `read` returned `None`.
    pub fn damage(&self) -> Option<&AudioError> {
        self.file.damage()
    }

    /// Closes the file and returns its [`AudioFile::damage`].
    pub fn into_damage(self) -> Option<AudioError> {
        self.file.into_damage()
    }
}

impl Source for FileSource {
    fn read(&mut self) -> Result<Option<Frame>, AudioError> {
        while self.ready.len() < FRAME_SAMPLES && self.file.read(&mut self.fresh) {
            self.ready.extend(self.fresh.drain(..));
        }
        if self.ready.is_empty() {
            return Ok(None);
        }
        let mut frame = Frame::SILENCE;
        for (place, sample) in frame.0.iter_mut().zip(self.ready.drain(..FRAME_SAMPLES.min(self.ready.len()))) {
            *place = sample;
        }
        Ok(Some(frame))
    }
}

/// A mono 16-bit 24 kHz WAV file as a [`Sink`]. Its header is brought up to date every second, so that a
/// recording that ends with the process is readable up to then.
pub struct WavSink {
    path: PathBuf,
    writer: Option<hound::WavWriter<BufWriter<File>>>,
    unflushed: u32,
}

impl WavSink {
    /// Creates the file, or empties it.
    ///
    /// # Errors
    /// [`AudioError::Write`] when that is not possible.
    pub fn create(path: &Path) -> Result<Self, AudioError> {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: PLAYBACK_RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let path = path.to_owned();
        match hound::WavWriter::create(&path, spec) {
            Ok(writer) => Ok(Self { path, writer: Some(writer), unflushed: 0 }),
            Err(error) => Err(AudioError::Write { path, source: io_error(error) }),
        }
    }

    fn run(&mut self, block: &Block) -> hound::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for sample in block.0 {
            writer.write_sample(to_i16(sample))?;
        }
        self.unflushed += 1;
        if self.unflushed == BLOCKS_PER_FLUSH {
            self.unflushed = 0;
            writer.flush()?;
        }
        Ok(())
    }
}

impl Sink for WavSink {
    fn write(&mut self, block: &Block) -> Result<(), AudioError> {
        self.run(block).map_err(|error| AudioError::Write { path: self.path.clone(), source: io_error(error) })
    }

    fn finish(&mut self) -> Result<(), AudioError> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        writer.finalize().map_err(|error| AudioError::Write { path: self.path.clone(), source: io_error(error) })
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the value is within the range of i16")]
fn to_i16(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16
}

fn io_error(error: hound::Error) -> io::Error {
    if let hound::Error::IoError(error) = error { error } else { io::Error::other(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_blocks(path: &Path, blocks: usize) {
        let mut sink = WavSink::create(path).unwrap();
        for _ in 0..blocks {
            sink.write(&Block([0.5; 240])).unwrap();
        }
        sink.finish().unwrap();
    }

    #[test]
    fn what_a_sink_wrote_a_source_reads_in_whole_frames() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.wav");
        write_blocks(&path, 7);
        let mut source = FileSource::open(&path).unwrap();
        let mut frames = Vec::new();
        while let Some(frame) = source.read().unwrap() {
            frames.push(frame);
        }
        assert_eq!(frames.len(), 7);
        assert!(frames[3].0.iter().all(|sample| (sample - 0.5).abs() < 0.01));
        assert!(source.damage().is_none());
    }

    #[test]
    fn a_recording_that_dies_is_readable_up_to_its_last_second() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.wav");
        let mut sink = WavSink::create(&path).unwrap();
        for _ in 0..250 {
            sink.write(&Block::SILENCE).unwrap();
        }
        std::mem::forget(sink);
        let mut file = read_file(&path).unwrap();
        let mut samples = Vec::new();
        while file.read(&mut samples) {}
        assert_eq!(samples.len(), 32_000);
    }

    #[test]
    fn a_full_disk_is_a_write_error_that_names_the_file() {
        let mut sink = WavSink::create(Path::new("/dev/full")).unwrap();
        let error = (0..200).find_map(|_| sink.write(&Block::SILENCE).err()).unwrap();
        assert!(matches!(&error, AudioError::Write { path, .. } if path == Path::new("/dev/full")), "{error}");
    }

    #[test]
    fn a_missing_or_empty_file_and_a_directory_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("none.wav");
        assert!(matches!(read_file(&missing).err().unwrap(), AudioError::Read { path, .. } if path == missing));
        assert!(matches!(read_file(dir.path()).err().unwrap(), AudioError::Read { .. }));
        let empty = dir.path().join("empty.wav");
        std::fs::write(&empty, b"").unwrap();
        let error = read_file(&empty).err().unwrap();
        assert!(matches!(&error, AudioError::Format { .. }), "{error}");
        assert!(error.to_string().contains("empty"));
    }

    #[test]
    fn text_is_not_sound() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("letter.wav");
        std::fs::write(&path, "Dear reader, this is not sound. ".repeat(400)).unwrap();
        let error = read_file(&path).err().unwrap().to_string();
        assert!(error.contains("WAV") && error.contains("FLAC"), "{error}");
    }
}
