//! The microphone: a [`Source`] that never ends.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use rtrb::Consumer;
use rtrb::chunks::ReadChunk;

use super::device::{Open, open_input};
use super::resample::Resampler;
use super::supervise::{Device as _, Supervised};
use super::{AudioError, FRAME_MS, FRAME_SAMPLES, Frame, RATE_HZ, Source};
use crate::config;

const FRAME: Duration = Duration::from_millis(FRAME_MS);
/// How often the ring is looked at: the callback must not wake anybody.
const POLL: Duration = Duration::from_millis(4);
/// Most silence handed out at once to catch up with time.
const LONGEST_CATCH_UP: Duration = Duration::from_secs(2);

/// The microphone. While its device is lost, it yields silence at the speed of time and opens it again as soon
/// as that is possible.
pub struct Microphone {
    supervised: Supervised<Open<Consumer<f32>>>,
    /// For the stream that is open now, by its rate.
    resampler: Option<Resampler>,
    fresh: Vec<f32>,
    converted: Vec<f32>,
    ready: VecDeque<f32>,
    /// When the next frame is due.
    due: Instant,
    dropped: u64,
    is_read: bool,
}

impl Microphone {
    /// Opens the microphone of the configuration.
    ///
    /// # Errors
    /// [`AudioError::NoDevice`] with all that was tried when none can be opened.
    pub fn open(config: &config::Audio) -> Result<Self, AudioError> {
        let wanted = config.input_device.clone();
        let now = Instant::now();
        let supervised = Supervised::open("microphone", move || open_input(&wanted), now)?;
        Ok(Self {
            supervised,
            resampler: None,
            fresh: Vec::new(),
            converted: Vec::new(),
            ready: VecDeque::new(),
            due: Instant::now(),
            dropped: 0,
            is_read: false,
        })
    }

    /// How often the device was lost so far.
    pub fn losses(&self) -> u64 {
        self.supervised.losses()
    }

    /// Samples (at the device's rate) that were lost because nobody read them in time, up to the last `read`.
    pub fn dropped_samples(&self) -> u64 {
        self.dropped
    }

    /// Takes what has been captured since; returns false while the device is lost.
    fn pull(&mut self, now: Instant) -> Result<bool, AudioError> {
        let Some(open) = self.supervised.device(now) else {
            self.resampler = None;
            return Ok(false);
        };
        let resampler = match &mut self.resampler {
            Some(resampler) => resampler,
            empty => empty.insert(Resampler::live(open.rate_hz, RATE_HZ)?),
        };
        self.dropped += open.meter().dropped.swap(0, Relaxed);
        if !self.is_read {
            // Nobody was listening yet: what gathered since the device was opened is old.
            open.ring.read_chunk(open.ring.slots()).into_iter().for_each(ReadChunk::commit_all);
            self.is_read = true;
        }
        self.fresh.clear();
        if let Ok(captured) = open.ring.read_chunk(open.ring.slots()) {
            self.fresh.extend(captured);
        }
        resampler.push(&self.fresh, &mut self.converted)?;
        self.ready.extend(self.converted.drain(..));
        Ok(true)
    }

    fn take_frame(&mut self) -> Option<Frame> {
        if self.ready.len() < FRAME_SAMPLES {
            return None;
        }
        let mut frame = Frame::SILENCE;
        for (place, sample) in frame.0.iter_mut().zip(self.ready.drain(..FRAME_SAMPLES)) {
            *place = sample;
        }
        Some(frame)
    }
}

impl Source for Microphone {
    fn read(&mut self) -> Result<Option<Frame>, AudioError> {
        loop {
            let now = Instant::now();
            let is_live = self.pull(now)?;
            if let Some(frame) = self.take_frame() {
                self.due = now + FRAME;
                return Ok(Some(frame));
            }
            if !is_live && now >= self.due {
                self.due = (self.due + FRAME).max(now.checked_sub(LONGEST_CATCH_UP).unwrap_or(now));
                return Ok(Some(Frame::SILENCE));
            }
            thread::sleep(POLL);
        }
    }
}
