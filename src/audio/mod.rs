//! Frames, and where they come from and go to.
//!
//! Capture is mono 16 kHz in [`Frame`]s of 10 ms; playback is mono 24 kHz in [`Block`]s of 10 ms, so that one
//! frame in and one block out are one tick of the audio clock. 10 ms because `rubato`'s FFT resampler, the
//! echo canceller and WebRTC's VAD all take it as it is.

mod callback;
mod capture;
mod coded;
mod device;
mod echo;
mod file;
#[cfg(feature = "matrix")]
mod opus;
mod playback;
mod resample;
mod supervise;
mod wav;

use std::path::PathBuf;

pub use capture::Microphone;
pub use device::{DeviceInfo, Direction, devices};
pub use echo::EchoCanceller;
pub use file::{AudioFile, FileSource, WavSink, read_file};
#[cfg(feature = "matrix")]
pub use opus::to_ogg_opus;
pub use playback::Loudspeaker;
pub use resample::Resampler;

/// Samples a second of a [`Frame`].
pub const RATE_HZ: u32 = 16_000;
/// Samples in a [`Frame`].
pub const FRAME_SAMPLES: usize = 160;
/// Milliseconds in a [`Frame`] and in a [`Block`].
pub const FRAME_MS: u64 = 10;
/// Samples a second of a [`Block`].
pub const PLAYBACK_RATE_HZ: u32 = 24_000;
/// Samples in a [`Block`].
pub const BLOCK_SAMPLES: usize = 240;

/// 10 ms of captured sound: mono, 16 kHz, samples within -1 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame(pub [f32; FRAME_SAMPLES]);

impl Frame {
    /// 10 ms of silence.
    pub const SILENCE: Self = Self([0.0; FRAME_SAMPLES]);
}

/// 10 ms of sound to be played: mono, 24 kHz, samples within -1 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Block(pub [f32; BLOCK_SAMPLES]);

impl Block {
    /// 10 ms of silence.
    pub const SILENCE: Self = Self([0.0; BLOCK_SAMPLES]);
}

/// Where frames come from.
pub trait Source: Send {
    /// Returns the next frame, or `None` at the end of a file.
    ///
    /// A microphone waits until the frame is there and never ends: while its device is lost it yields
    /// silence at the speed of time. A file never waits.
    ///
    /// # Errors
    /// [`AudioError`] when nothing more will come.
    fn read(&mut self) -> Result<Option<Frame>, AudioError>;
}

/// Where blocks go to.
pub trait Sink: Send {
    /// Plays or writes one block. A loudspeaker that falls behind drops it and counts.
    ///
    /// # Errors
    /// [`AudioError`] when nothing more can be played or written.
    fn write(&mut self, block: &Block) -> Result<(), AudioError>;

    /// What was written and waits to be heard is silence from now on. A file has been heard as far as it is written.
    fn hush(&mut self) {}

    /// Plays or writes what is still buffered and closes the sink.
    ///
    /// # Errors
    /// [`AudioError::Write`] when the end of a file cannot be written.
    fn finish(&mut self) -> Result<(), AudioError>;
}

/// What can go wrong with sound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AudioError {
    /// The file is missing or unreadable: another path may do.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is there but is not usable audio.
    #[error("{}: {reason}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The output cannot be written (disk full, no permission).
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No usable device: `looked_for` says what was tried, so that the user can mend it.
    #[error("no usable {what}: {looked_for}")]
    NoDevice {
        /// `microphone` or `loudspeaker`.
        what: &'static str,
        /// Hosts and names that were tried, and what they answered.
        looked_for: String,
    },
    /// The sample rate cannot be converted: choose another device or file.
    #[error("cannot convert {from_hz} Hz to {to_hz} Hz: {reason}")]
    Rate {
        /// Samples a second that come.
        from_hz: u32,
        /// Samples a second that are wanted.
        to_hz: u32,
        /// Why not.
        reason: String,
    },
}
