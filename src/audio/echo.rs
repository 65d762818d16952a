//! Takes Herald's own voice out of what the microphone hears.
//!
//! The echo canceller is AEC3, WebRTC's, in its pure-Rust port `sonora-aec3` (a linear filter that learns the way
//! from loudspeaker to microphone, then a suppressor for what the filter leaves). The parts are used rather than the
//! `sonora` wrapper because that one fixes the reach of the delay search at half a second.
//!
//! What was played is known to the sample: every [`Block`] handed to the loudspeaker is the reference. The block
//! played after a frame was heard is heard in the next frame at the earliest, so the order of calls is
//! [`EchoCanceller::clean`], then [`EchoCanceller::played`].

use std::collections::VecDeque;

use sonora_aec3::{block, block_processor::BlockProcessor, common::BLOCK_SIZE, config::EchoCanceller3Config};

use super::{AudioError, Block, FRAME_SAMPLES, Frame, PLAYBACK_RATE_HZ, RATE_HZ, Resampler};

/// Pieces of 96 ms in which the delay is searched; the first one adds 32 ms. The loudspeaker's ring (200 ms), its
/// device and the microphone's stay below 500 ms; 7 pieces reach 690 ms.
const DELAY_SEARCHERS: usize = 7;
/// Frames after the last sound during which an echo may still come: the longest delay and the room's tail.
const TAIL_FRAMES: u32 = 150;
/// AEC3 takes samples in the range of 16-bit integers.
const FULL_SCALE: f32 = 32_768.0;
/// Samples by which the output is late: its blocks of 64 do not divide a frame (32), and the suppressor's window
/// overlaps by one block.
const LATE_SAMPLES: usize = REFRAMING_SAMPLES + BLOCK_SIZE;
const REFRAMING_SAMPLES: usize = 32;

/// How the output of the canceller stands to the sound as it was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No echo can be there: the sound passes as it is, as late as if it were worked on.
    Idle,
    /// The canceller works, and its windows are not full yet.
    Starting,
    /// The canceller's output counts.
    Working,
}

/// Removes the echo of what Herald plays; costs nothing while nothing is played.
///
/// Frame for frame; what comes out is 6 ms late, always.
pub struct EchoCanceller {
    processor: BlockProcessor,
    resampler: Resampler,
    phase: Phase,
    /// Frames since something sounded.
    silent_frames: u32,
    /// 16 kHz samples of what was played, and of what was heard, that do not fill a block yet.
    reference: Vec<f32>,
    heard: Vec<f32>,
    cleaned: VecDeque<f32>,
    /// The sound as it was heard, as late as the output.
    late: VecDeque<f32>,
    render: block::Block,
    capture: block::Block,
}

impl EchoCanceller {
    /// Makes a canceller that knows nothing of the room yet; it learns within a second or two of speech.
    ///
    /// # Errors
    /// [`AudioError::Rate`] when the playback rate cannot be converted, which does not happen.
    pub fn new() -> Result<Self, AudioError> {
        let mut config = EchoCanceller3Config::default();
        config.delay.num_filters = DELAY_SEARCHERS;
        // A voice that sets in is let through after 16 ms rather than 48, and when it is at least 3 dB above what is
        // left of the echo rather than 6: barge-in depends on it.
        config.suppressor.dominant_nearend_detection.trigger_threshold = 4;
        config.suppressor.dominant_nearend_detection.enr_threshold = 0.5;
        let rate = usize::try_from(RATE_HZ).unwrap_or_default();
        Ok(Self {
            processor: BlockProcessor::new(&config, rate, 1, 1),
            resampler: Resampler::live(PLAYBACK_RATE_HZ, RATE_HZ)?,
            phase: Phase::Idle,
            silent_frames: TAIL_FRAMES,
            reference: Vec::with_capacity(4 * FRAME_SAMPLES),
            heard: Vec::with_capacity(2 * FRAME_SAMPLES),
            cleaned: VecDeque::with_capacity(2 * FRAME_SAMPLES),
            late: VecDeque::from(vec![0.0; LATE_SAMPLES]),
            render: block::Block::new(1, 1),
            capture: block::Block::new(1, 1),
        })
    }

    /// Takes the block that goes to the loudspeaker now, as loud as it is played.
    pub fn played(&mut self, block: &Block) {
        let sounds = block.0.iter().any(|sample| *sample != 0.0);
        self.silent_frames = if sounds { 0 } else { self.silent_frames.saturating_add(1) };
        if self.phase == Phase::Idle && !sounds {
            return;
        }
        if self.phase == Phase::Idle {
            self.start();
        }
        // The only error is a refused block length; without a reference the frame counts as one without echo.
        if self.resampler.push(&block.0, &mut self.reference).is_err() {
            self.reference.resize(self.reference.len() + FRAME_SAMPLES, 0.0);
        }
    }

    /// Returns what was heard in the frame (and 6 ms before) without the echo of what was played before it.
    pub fn clean(&mut self, frame: &Frame) -> Frame {
        self.late.extend(frame.0);
        let mut out = Frame::SILENCE;
        for (place, sample) in out.0.iter_mut().zip(self.late.drain(..FRAME_SAMPLES)) {
            *place = sample;
        }
        if self.phase == Phase::Idle {
            return out;
        }
        self.heard.extend_from_slice(&frame.0);
        self.work();
        let cleaned = self.cleaned.drain(..FRAME_SAMPLES.min(self.cleaned.len()));
        let fade = |n: usize| (n as f32 + 0.5) / FRAME_SAMPLES as f32;
        let ending = self.silent_frames >= TAIL_FRAMES;
        for (n, (place, cleaned)) in out.0.iter_mut().zip(cleaned).enumerate() {
            let share = match self.phase {
                Phase::Idle => 0.0,
                Phase::Starting => fade(n),
                Phase::Working if ending => 1.0 - fade(n),
                Phase::Working => 1.0,
            };
            *place += share * (cleaned - *place);
        }
        self.phase = if ending { Phase::Idle } else { Phase::Working };
        out
    }

    /// The delay the canceller has found between playing and hearing, milliseconds.
    pub fn delay_ms(&self) -> u64 {
        u64::try_from(self.processor.get_metrics().delay_ms).unwrap_or_default()
    }

    /// Begins to work, with what was learnt before.
    fn start(&mut self) {
        self.phase = Phase::Starting;
        self.heard.clear();
        self.reference.clear();
        self.cleaned.clear();
        self.cleaned.resize(REFRAMING_SAMPLES, 0.0);
    }

    /// Works on the whole blocks that are there.
    fn work(&mut self) {
        let whole = self.heard.len().min(self.reference.len()) / BLOCK_SIZE * BLOCK_SIZE;
        let blocks = self.reference[..whole].chunks_exact(BLOCK_SIZE).zip(self.heard[..whole].chunks_exact(BLOCK_SIZE));
        for (reference, heard) in blocks {
            for (place, sample) in self.render.view_mut(0, 0).iter_mut().zip(reference) {
                *place = sample * FULL_SCALE;
            }
            for (place, sample) in self.capture.view_mut(0, 0).iter_mut().zip(heard) {
                *place = sample * FULL_SCALE;
            }
            let clipped = heard.iter().any(|sample| sample.abs() > CLIPPED);
            self.processor.buffer_render(&self.render);
            self.processor.process_capture(false, clipped, None, &mut self.capture);
            self.cleaned.extend(self.capture.view(0, 0).iter().map(|sample| sample / FULL_SCALE));
        }
        self.reference.drain(..whole);
        self.heard.drain(..whole);
    }
}

/// A microphone at its limit.
const CLIPPED: f32 = 32_700.0 / FULL_SCALE;
