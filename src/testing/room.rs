//! A simulated room: what Herald plays comes back into the microphone, beside a voice and a noise.
//!
//! Loudspeaker (mild clipping), way to the microphone (delay, direct sound, decaying reflections, a clock that
//! drifts, a delay that jumps), and what else is to be heard. The same every time.

use super::noise::White;
use crate::audio::{AudioError, Block, FRAME_SAMPLES, Frame, PLAYBACK_RATE_HZ, RATE_HZ, Resampler};

/// Reflections that are simulated.
const REFLECTIONS: usize = 48;
/// The longest way of a reflection: 120 ms.
const TAIL_SAMPLES: usize = 1_920;
/// Decay of the reflections: 60 dB in 250 ms, a furnished room.
const DECAY_PER_SAMPLE: f32 = 0.001_727;
/// Samples that are remembered: the longest delay with its tail.
const MEMORY: usize = 32_768;
/// A drifting clock moves the delay this far before the sound system makes up for it in one jump: 30 ms.
const MOST_DRIFT_SAMPLES: f64 = 480.0;

/// What a room is like.
#[derive(Debug, Clone, PartialEq)]
pub struct Acoustics {
    /// From a block's being handed over until its first sample is heard, milliseconds, less than 900.
    pub delay_ms: u32,
    /// Gain from what is played to its direct sound at the microphone.
    pub gain: f32,
    /// How much slower the loudspeaker's clock is, parts per million.
    pub drift_ppm: f64,
    /// When the delay jumps, and to what: audio clock and delay, milliseconds, in order.
    pub jumps: Vec<(u64, u32)>,
    /// Level beyond which the loudspeaker distorts; 1 for none.
    pub clip: f32,
}

impl Default for Acoustics {
    fn default() -> Self {
        Self { delay_ms: 120, gain: 0.5, drift_ppm: 0.0, jumps: Vec::new(), clip: 1.0 }
    }
}

/// A loudspeaker and a microphone in one room.
pub struct Room {
    acoustics: Acoustics,
    resampler: Resampler,
    converted: Vec<f32>,
    /// What left the loudspeaker, and what of it came directly: rings, the newest at `clock`.
    played: Vec<f32>,
    direct: Vec<f32>,
    reflections: Vec<(usize, f32)>,
    clock: usize,
    drifted: f64,
}

impl Room {
    /// Furnishes a room.
    ///
    /// # Errors
    /// [`AudioError::Rate`] when the playback rate cannot be converted, which does not happen.
    pub fn new(acoustics: Acoustics) -> Result<Self, AudioError> {
        let mut dice = White::new(77);
        let reflections = (1..=REFLECTIONS)
            .map(|n| {
                let way = n * TAIL_SAMPLES / REFLECTIONS - 7 * n % 29;
                (way, 0.35 * dice.next() * (-DECAY_PER_SAMPLE * way as f32).exp())
            })
            .collect();
        Ok(Self {
            acoustics,
            resampler: Resampler::live(PLAYBACK_RATE_HZ, RATE_HZ)?,
            converted: Vec::new(),
            played: vec![0.0; MEMORY],
            direct: vec![0.0; MEMORY],
            reflections,
            clock: 0,
            drifted: 0.0,
        })
    }

    /// Becomes another room; what is under way in the air stays.
    pub fn furnish(&mut self, acoustics: Acoustics) {
        self.acoustics = acoustics;
    }

    /// Hands `block` to the loudspeaker and returns what the microphone hears in the 10 ms that begin now: the echo
    /// and, added to it, `beside`.
    ///
    /// # Errors
    /// [`AudioError::Rate`] as [`Room::new`].
    pub fn hear(&mut self, block: &Block, beside: &[f32]) -> Result<Frame, AudioError> {
        self.converted.clear();
        self.resampler.push(&block.0, &mut self.converted)?;
        let clip = self.acoustics.clip;
        for (n, sample) in self.converted.iter().enumerate() {
            // Softly: the loudspeaker gives way above its limit.
            self.played[(self.clock + n) % MEMORY] = clip * (sample / clip).tanh();
        }
        let mut frame = Frame::SILENCE;
        let beside = beside.iter().copied().chain(std::iter::repeat(0.0));
        for (n, (place, beside)) in frame.0.iter_mut().zip(beside).enumerate() {
            let echo = self.echo(self.clock + n);
            *place = (echo + beside).clamp(-1.0, 1.0);
        }
        self.clock += FRAME_SAMPLES;
        Ok(frame)
    }

    fn echo(&mut self, at: usize) -> f32 {
        let now_ms = (at / 16) as u64;
        let jumped = self.acoustics.jumps.iter().rev().find(|(from_ms, _)| *from_ms <= now_ms);
        let delay_ms = jumped.map_or(self.acoustics.delay_ms, |(_, delay_ms)| *delay_ms);
        self.drifted += self.acoustics.drift_ppm * 1e-6;
        if self.drifted > MOST_DRIFT_SAMPLES {
            self.drifted = 0.0;
        }
        // The resampler's own 5 ms count.
        let delay = f64::from(delay_ms.saturating_sub(5) * 16) + self.drifted;
        let (whole, part) = (delay.floor(), delay.fract());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than a second of samples")]
        let (whole, part) = (whole as usize, part as f32);
        let played = |back: usize| self.played[(at + 2 * MEMORY - whole - back) % MEMORY];
        // A sample's future is not known yet without a delay.
        let ahead = if whole == 0 { played(0) } else { self.played[(at + 2 * MEMORY - whole + 1) % MEMORY] };
        let direct = between([ahead, played(0), played(1), played(2)], part);
        self.direct[at % MEMORY] = direct;
        let reflected: f32 =
            self.reflections.iter().map(|(way, gain)| gain * self.direct[(at + MEMORY - way) % MEMORY]).sum();
        self.acoustics.gain * (direct + reflected)
    }
}

/// Cubic interpolation (Catmull-Rom) between the two middle points.
fn between([a, b, c, d]: [f32; 4], part: f32) -> f32 {
    let slope = 0.5 * (c - a);
    let square = a - 2.5 * b + 2.0 * c - 0.5 * d;
    let cube = 0.5 * (d - a) + 1.5 * (b - c);
    ((cube * part + square) * part + slope) * part + b
}
