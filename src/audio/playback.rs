//! The loudspeaker: a [`Sink`] that never blocks.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use rtrb::Producer;

use super::device::{Open, open_output};
use super::resample::Resampler;
use super::supervise::Supervised;
use super::{AudioError, Block, PLAYBACK_RATE_HZ, Sink};
use crate::config;

/// Longest wait for the end of what is queued: the ring holds 200 ms.
const LONGEST_DRAIN: Duration = Duration::from_millis(400);
const POLL: Duration = Duration::from_millis(5);

/// The loudspeaker. What it cannot take in time, or while its device is lost, is dropped and counted.
pub struct Loudspeaker {
    supervised: Supervised<Open<Producer<f32>>>,
    /// For the stream that is open now, by its rate.
    resampler: Option<Resampler>,
    converted: Vec<f32>,
    dropped: u64,
}

impl Loudspeaker {
    /// Opens the loudspeaker of the configuration.
    ///
    /// # Errors
    /// [`AudioError::NoDevice`] with all that was tried when none can be opened.
    pub fn open(config: &config::Audio) -> Result<Self, AudioError> {
        let wanted = config.output_device.clone();
        let supervised = Supervised::open("loudspeaker", move || open_output(&wanted), Instant::now())?;
        Ok(Self { supervised, resampler: None, converted: Vec::new(), dropped: 0 })
    }

    /// How often the device was lost so far.
    pub fn losses(&self) -> u64 {
        self.supervised.losses()
    }

    /// Blocks that were not played, as a whole or in part.
    pub fn dropped_blocks(&self) -> u64 {
        self.dropped
    }
}

impl Open<Producer<f32>> {
    /// Samples that were written and are not played yet.
    fn queued(&self) -> usize {
        self.ring.buffer().capacity() - self.ring.slots()
    }
}

impl Sink for Loudspeaker {
    fn write(&mut self, block: &Block) -> Result<(), AudioError> {
        let Some(open) = self.supervised.device(Instant::now()) else {
            self.resampler = None;
            self.dropped += 1;
            return Ok(());
        };
        let resampler = match &mut self.resampler {
            Some(resampler) => resampler,
            empty => empty.insert(Resampler::live(PLAYBACK_RATE_HZ, open.rate_hz)?),
        };
        self.converted.clear();
        resampler.push(&block.0, &mut self.converted)?;
        let (_, rest) = open.ring.push_partial_slice(&self.converted);
        self.dropped += u64::from(!rest.is_empty());
        Ok(())
    }

    fn hush(&mut self) {
        if let Some(open) = self.supervised.device(Instant::now()) {
            // The end of the last block is still in the resampler and comes with the next one.
            open.meter.hush.store(open.queued() + open.rate_hz as usize / 100, Relaxed);
        }
    }

    fn finish(&mut self) -> Result<(), AudioError> {
        let started = Instant::now();
        while let Some(open) = self.supervised.device(Instant::now()) {
            if open.queued() == 0 || started.elapsed() > LONGEST_DRAIN {
                break;
            }
            thread::sleep(POLL);
        }
        Ok(())
    }
}
