//! Reads the samples of a WAV file: integers of any width, floats, any number of channels.
//!
//! An own reader, because the general decoders stop where real files go on: `symphonia` at 26 channels and at a
//! header that an interrupted recording left with a length of 0, `hound` at 64-bit floats. What is not plain PCM
//! (A-law and its like) is handed on to `symphonia`.

use std::io::{self, Read};

/// Bytes read at a time, at least one sample of every channel.
const PIECE_BYTES: usize = 16 * 1024;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xfffe;

/// Why a WAV header cannot be used.
#[derive(Debug)]
pub(super) enum HeaderError {
    /// The file cannot be read.
    Io(io::Error),
    /// The header is wrong; the text says how.
    Wrong(String),
    /// It is a WAV file, but its samples are coded.
    Coded,
}

impl From<io::Error> for HeaderError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Wrong("the WAV header is cut off".to_owned())
        } else {
            Self::Io(error)
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    /// Integers of 1 to 8 bytes, the first of which is unsigned.
    Integer(usize),
    Float32,
    Float64,
}

impl Width {
    const fn bytes(self) -> usize {
        match self {
            Self::Integer(bytes) => bytes,
            Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }

    /// Returns the sample within -1 to 1; what is not a number becomes 0.
    fn decode(self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        let value = match self {
            Self::Integer(1) => (f64::from(bytes[0]) - 128.0) / 128.0,
            Self::Integer(width) => {
                word[8 - width..].copy_from_slice(bytes);
                i64::from_le_bytes(word) as f64 / 2.0_f64.powi(63)
            }
            Self::Float32 => {
                let mut word = [0; 4];
                word.copy_from_slice(bytes);
                f64::from(f32::from_le_bytes(word))
            }
            Self::Float64 => {
                word.copy_from_slice(bytes);
                f64::from_le_bytes(word)
            }
        };
        if value.is_finite() { value.clamp(-1.0, 1.0) } else { 0.0 }
    }
}

/// The sample data of a WAV file, mixed to mono as it is read.
#[derive(Debug)]
pub(super) struct WavReader<R> {
    reader: R,
    rate_hz: u32,
    channels: usize,
    width: Width,
    /// Bytes of sample data that the header promises and that were not read yet; `None` when it does not say.
    left: Option<u64>,
    bytes: Vec<u8>,
}

impl<R: Read> WavReader<R> {
    /// Reads the header of a file of `file_len` bytes (0 when unknown), up to the first sample.
    pub(super) fn new(mut reader: R, file_len: u64) -> Result<Self, HeaderError> {
        let riff: [u8; 12] = take(&mut reader)?;
        if !matches!(&riff[..4], b"RIFF" | b"RF64") || &riff[8..] != b"WAVE" {
            return Err(HeaderError::Wrong("it is not a WAV file".to_owned()));
        }
        let riff_len = le_u32(&riff[4..8]);
        let mut format = None;
        let mut long_len = None;
        loop {
            let head: [u8; 8] = take(&mut reader)?;
            let len = le_u32(&head[4..8]);
            match &head[..4] {
                b"fmt " => format = Some(read_format(&mut reader, len)?),
                b"ds64" if len >= 16 => {
                    let sizes: [u8; 16] = take(&mut reader)?;
                    let mut word = [0; 8];
                    word.copy_from_slice(&sizes[8..16]);
                    long_len = Some(u64::from_le_bytes(word));
                    skip(&mut reader, u64::from(len) - 16)?;
                }
                b"data" => {
                    let (rate_hz, channels, width) =
                        format.ok_or_else(|| HeaderError::Wrong("the WAV header does not say its format".into()))?;
                    let never_finished = len == 0 && u64::from(riff_len) + 8 < file_len;
                    let left = match len {
                        u32::MAX => long_len,
                        _ if never_finished => None,
                        len => Some(u64::from(len)),
                    };
                    let frame = channels * width.bytes();
                    let bytes = vec![0; (PIECE_BYTES / frame).max(1) * frame];
                    return Ok(Self { reader, rate_hz, channels, width, left, bytes });
                }
                _ => skip(&mut reader, u64::from(len))?,
            }
            if len % 2 == 1 {
                skip(&mut reader, 1)?;
            }
        }
    }

    /// Samples a second.
    pub(super) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Appends the next piece to `mono`; returns false at the end.
    ///
    /// # Errors
    /// The error of the file, or `UnexpectedEof` after the last usable sample when the header promised more.
    pub(super) fn read(&mut self, mono: &mut Vec<f32>) -> io::Result<bool> {
        let room = self
            .left
            .map_or(self.bytes.len(), |left| usize::try_from(left).unwrap_or(usize::MAX).min(self.bytes.len()));
        let mut filled = 0;
        while filled < room {
            match self.reader.read(&mut self.bytes[filled..room]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let width = self.width;
        let frames = self.bytes[..filled].chunks_exact(self.channels * width.bytes());
        mono.extend(frames.map(|frame| {
            let sum: f64 = frame.chunks_exact(width.bytes()).map(|sample| width.decode(sample)).sum();
            (sum / self.channels as f64) as f32
        }));
        if let Some(left) = &mut self.left {
            *left -= filled as u64;
            if filled < room {
                let missing = std::mem::take(left);
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!("it is cut off: {missing} bytes of sound are missing"),
                ));
            }
        }
        Ok(filled == room && self.left != Some(0))
    }
}

fn read_format(reader: &mut impl Read, len: u32) -> Result<(u32, usize, Width), HeaderError> {
    let wrong = |reason: String| Err(HeaderError::Wrong(reason));
    if len < 16 {
        return wrong(format!("the format in the WAV header has {len} bytes instead of 16 or more"));
    }
    let fixed: [u8; 16] = take(reader)?;
    let mut tag = le_u16(&fixed[0..2]);
    let channels = usize::from(le_u16(&fixed[2..4]));
    let rate_hz = le_u32(&fixed[4..8]);
    let align = usize::from(le_u16(&fixed[12..14]));
    let bits = usize::from(le_u16(&fixed[14..16]));
    let mut rest = u64::from(len) - 16;
    if tag == EXTENSIBLE && rest >= 24 {
        let extension: [u8; 24] = take(reader)?;
        tag = le_u16(&extension[8..10]);
        rest -= 24;
    }
    skip(reader, rest)?;
    if channels == 0 || rate_hz == 0 {
        return wrong(format!("the WAV header says {channels} channels at {rate_hz} Hz"));
    }
    // The container, not the number of valid bits, says how far apart samples are; some writers leave it 0.
    let container = if align >= channels && align % channels == 0 { align / channels } else { bits.div_ceil(8) };
    let width = match (tag, container) {
        (PCM, 1..=8) => Width::Integer(container),
        (FLOAT, 4) => Width::Float32,
        (FLOAT, 8) => Width::Float64,
        (PCM | FLOAT, _) => return wrong(format!("samples of {bits} bits are not supported")),
        _ => return Err(HeaderError::Coded),
    };
    Ok((rate_hz, channels, width))
}

fn take<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(reader: &mut impl Read, len: u64) -> io::Result<()> {
    io::copy(&mut reader.take(len), &mut io::sink()).map(drop)
}

fn le_u16(bytes: &[u8]) -> u16 {
    u16::from(bytes[0]) | u16::from(bytes[1]) << 8
}

fn le_u32(bytes: &[u8]) -> u32 {
    u32::from(le_u16(&bytes[..2])) | u32::from(le_u16(&bytes[2..])) << 16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wav(tag: u16, channels: u16, bits: u16, data: &[u8]) -> Vec<u8> {
        let align = channels * bits.div_ceil(8);
        let mut file = b"RIFF".to_vec();
        file.extend((36 + data.len() as u32).to_le_bytes());
        file.extend(b"WAVEfmt ");
        file.extend(16_u32.to_le_bytes());
        file.extend(tag.to_le_bytes());
        file.extend(channels.to_le_bytes());
        file.extend(16_000_u32.to_le_bytes());
        file.extend((16_000 * u32::from(align)).to_le_bytes());
        file.extend(align.to_le_bytes());
        file.extend(bits.to_le_bytes());
        file.extend(b"data");
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
        file
    }

    fn read_all(file: &[u8]) -> (Vec<f32>, Option<io::Error>) {
        let mut reader = WavReader::new(file, file.len() as u64).unwrap();
        let mut mono = Vec::new();
        loop {
            match reader.read(&mut mono) {
                Ok(true) => {}
                Ok(false) => return (mono, None),
                Err(error) => return (mono, Some(error)),
            }
        }
    }

    #[test]
    fn every_integer_width_gives_the_same_value() {
        for bytes in 1..=8_usize {
            let half = if bytes == 1 { vec![192] } else { [vec![0; bytes - 1], vec![64]].concat() };
            let (mono, error) = read_all(&wav(PCM, 1, bytes as u16 * 8, &half));
            assert!(error.is_none());
            assert_eq!(mono, [0.5], "{bytes} bytes");
        }
    }

    #[test]
    fn twelve_bits_in_two_bytes_are_left_justified() {
        assert_eq!(read_all(&wav(PCM, 1, 12, &[0, 64])).0, [0.5]);
    }

    #[test]
    fn floats_out_of_range_are_clipped_and_no_numbers_are_silence() {
        let data: Vec<u8> = [0.5, 7.0, -7.0, f32::NAN, f32::INFINITY].iter().flat_map(|s| s.to_le_bytes()).collect();
        assert_eq!(read_all(&wav(FLOAT, 1, 32, &data)).0, [0.5, 1.0, -1.0, 0.0, 0.0]);
        assert_eq!(read_all(&wav(FLOAT, 1, 64, &0.25_f64.to_le_bytes())).0, [0.25]);
    }

    #[test]
    fn channels_are_averaged_up_to_hundreds() {
        assert_eq!(read_all(&wav(PCM, 2, 16, &[0, 64, 0, 0])).0, [0.25]);
        assert_eq!(read_all(&wav(PCM, 300, 16, &[0, 64].repeat(600))).0, [0.5, 0.5]);
    }

    #[test]
    fn a_cut_file_gives_what_is_there_and_says_what_is_missing() {
        let file = wav(PCM, 1, 16, &[0; 100]);
        let (mono, error) = read_all(&file[..file.len() - 31]);
        assert_eq!(mono.len(), 34);
        assert!(error.unwrap().to_string().contains("31 bytes"));
    }

    #[test]
    fn a_recording_that_was_never_finished_is_read_to_its_end() {
        let mut file = wav(PCM, 1, 16, &[0; 100]);
        file[4..8].fill(0);
        file[40..44].fill(0);
        assert_eq!(read_all(&file).0.len(), 50);
        file[4..8].fill(0xff);
        file[40..44].fill(0xff);
        assert_eq!(read_all(&file).0.len(), 50);
    }

    #[test]
    fn impossible_headers_are_named() {
        for (file, says) in [
            (wav(PCM, 0, 16, &[0; 4]), "0 channels"),
            (wav(PCM, 1, 80, &[0; 40]), "80 bits"),
            (wav(FLOAT, 1, 16, &[0; 4]), "16 bits"),
            (wav(PCM, 1, 16, &[0; 4])[..30].to_vec(), "cut off"),
            (b"RIFF\x00\x00\x00\x00AVI ".to_vec(), "not a WAV"),
        ] {
            match WavReader::new(&file[..], file.len() as u64) {
                Err(HeaderError::Wrong(reason)) => assert!(reason.contains(says), "{reason}"),
                other => panic!("{says}: {other:?}"),
            }
        }
    }

    #[test]
    fn coded_samples_are_told_apart() {
        let file = wav(6, 1, 8, &[0; 4]);
        assert!(matches!(WavReader::new(&file[..], 0), Err(HeaderError::Coded)));
    }

    proptest! {
        #[test]
        fn damaged_files_never_panic_and_stay_in_range(
            at in prop::collection::vec((0_usize..144, any::<u8>()), 1..6),
            cut in 0_usize..144,
        ) {
            let mut file = wav(PCM, 2, 16, &[37; 100]);
            for (place, byte) in at {
                file[place] = byte;
            }
            file.truncate(cut.max(1));
            if let Ok(mut reader) = WavReader::new(&file[..], file.len() as u64) {
                let mut mono = Vec::new();
                while matches!(reader.read(&mut mono), Ok(true)) {}
                prop_assert!(mono.iter().all(|sample| sample.abs() <= 1.0));
            }
        }
    }
}
