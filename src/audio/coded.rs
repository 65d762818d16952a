//! FLAC, Ogg, and WAV files whose samples are coded: what `symphonia` decodes, mixed to mono.

use std::fs::File;
use std::io;

#[cfg(feature = "matrix")]
use std::sync::LazyLock;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// The codecs there are. Opus is what chat networks send voices in, by libopus: no decoder in Rust is finished.
#[cfg(feature = "matrix")]
fn codecs() -> &'static CodecRegistry {
    static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
        let mut codecs = CodecRegistry::new();
        symphonia::default::register_enabled_codecs(&mut codecs);
        codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
        codecs
    });
    &CODECS
}

#[cfg(not(feature = "matrix"))]
fn codecs() -> &'static CodecRegistry {
    symphonia::default::get_codecs()
}

/// The first sound track of a file.
pub(super) struct CodedReader {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track_id: u32,
    rate_hz: u32,
    /// Samples of all channels of one packet, interleaved.
    packet: Vec<f32>,
    /// Frames that the file promises, when it does.
    promised: Option<u64>,
    decoded: u64,
    /// Why packets were left out.
    broken: Option<&'static str>,
}

impl CodedReader {
    /// Finds the sound track; the error says why there is none.
    pub(super) fn new(file: File) -> Result<Self, String> {
        let stream = MediaSourceStream::new(Box::new(file), Default::default());
        let format = symphonia::default::get_probe()
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|_| "it is neither a WAV nor a FLAC file, or its header is damaged".to_owned())?;
        let track = format.default_track(TrackType::Audio).ok_or("there is no sound track in it")?;
        let (track_id, promised) = (track.id, track.num_frames);
        let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or("its codec is unknown")?;
        let rate_hz = params.sample_rate.ok_or("it does not say its sample rate")?;
        let decoder = codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .map_err(|error| format!("its codec is not supported ({error})"))?;
        Ok(Self { format, decoder, track_id, rate_hz, packet: Vec::new(), promised, decoded: 0, broken: None })
    }

    /// Samples a second.
    pub(super) const fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Appends the next packet to `mono`; returns false at the end. A damaged packet is left out.
    ///
    /// # Errors
    /// The error of the file, `UnexpectedEof` when it is cut off, `InvalidData` when packets were damaged.
    pub(super) fn read(&mut self, mono: &mut Vec<f32>) -> io::Result<bool> {
        let packet = match self.format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return self.end(),
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return self.end(),
            Err(Error::IoError(error)) => return Err(error),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        if packet.track_id != self.track_id {
            return Ok(true);
        }
        match self.decoder.decode(&packet) {
            Ok(audio) => {
                let channels = audio.num_planes().max(1);
                audio.copy_to_vec_interleaved(&mut self.packet);
                mono.extend(self.packet.chunks_exact(channels).map(average));
                self.decoded += audio.frames() as u64;
                Ok(true)
            }
            Err(Error::DecodeError(reason)) => {
                self.broken = Some(reason);
                Ok(true)
            }
            Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }

    fn end(&self) -> io::Result<bool> {
        if let Some(reason) = self.broken {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("parts of it are damaged: {reason}")));
        }
        let missing = self.promised.map_or(0, |promised| promised.saturating_sub(self.decoded));
        if missing > 0 {
            let ms = missing * 1_000 / u64::from(self.rate_hz.max(1));
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("it is cut off: {ms} ms of sound are missing"),
            ));
        }
        Ok(false)
    }
}

fn average(frame: &[f32]) -> f32 {
    let usable = |sample: &f32| if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
    frame.iter().map(usable).sum::<f32>() / frame.len() as f32
}
