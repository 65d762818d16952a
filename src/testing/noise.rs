//! Made-up sound, the same every time: a linear congruential generator with the constants of Numerical Recipes.

use crate::audio::{AudioError, FRAME_SAMPLES, Frame, RATE_HZ, Resampler};

/// Level of quiet noise: peaks at -66 dBFS, a quiet room.
const QUIET_PEAK: f32 = 0.000_5;

/// White noise at the level of a quiet room.
#[derive(Debug, Clone)]
pub struct QuietNoise(White);

impl QuietNoise {
    /// Begins at the beginning.
    pub const fn new() -> Self {
        Self(White(1))
    }

    /// The next 10 ms.
    pub fn frame(&mut self) -> Frame {
        let mut frame = Frame::SILENCE;
        for (place, sample) in frame.0.iter_mut().zip(self.samples(FRAME_SAMPLES)) {
            *place = sample;
        }
        frame
    }

    /// The next `count` samples.
    pub fn samples(&mut self, count: usize) -> impl Iterator<Item = f32> + '_ {
        (0..count).map(|_| self.0.next() * QUIET_PEAK)
    }
}

impl Default for QuietNoise {
    fn default() -> Self {
        Self::new()
    }
}

/// Of a quiet room before and after a voice: 300 ms.
const BEFORE_AND_AFTER: usize = RATE_HZ as usize * 3 / 10;

/// A voice as a microphone in a quiet room hears it: mono 16 kHz samples.
///
/// # Errors
/// [`AudioError::Rate`] when its rate cannot be converted.
pub fn in_a_quiet_room(voice: &[f32], rate_hz: u32) -> Result<Vec<f32>, AudioError> {
    let mut quiet = QuietNoise::new();
    let mut samples: Vec<f32> = quiet.samples(BEFORE_AND_AFTER).collect();
    let mut resampler = Resampler::file(rate_hz, RATE_HZ)?;
    resampler.push(voice, &mut samples)?;
    resampler.finish(&mut samples)?;
    samples.extend(quiet.samples(BEFORE_AND_AFTER));
    Ok(samples)
}

/// White noise from -1 to 1.
#[derive(Debug, Clone)]
pub(super) struct White(u32);

impl White {
    /// Begins with a seed.
    pub(super) const fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// The next sample.
    pub(super) fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((self.0 >> 16) as u16) / 32_768.0 - 1.0
    }
}

/// Returns white noise of full scale.
pub fn hiss(samples: usize) -> impl Iterator<Item = f32> {
    let mut noise = White::new(1);
    (0..samples).map(move |_| noise.next())
}

/// Returns `seconds` of made-up sound with the rhythm of speech.
pub fn babble(seconds: u16) -> Vec<f32> {
    let mut noise = White(12_345);
    let sample = |n: u32| {
        let second = f64::from(n) / f64::from(RATE_HZ);
        #[allow(clippy::cast_possible_truncation, reason = "a value within -1 to 1")]
        let voice =
            ((second * 140.0 * std::f64::consts::TAU).sin() * (second * 4.0 * std::f64::consts::TAU).sin()) as f32;
        0.2 * voice + 0.02 * noise.next()
    };
    (0..u32::from(seconds) * RATE_HZ).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_noise_is_quiet_and_the_same_every_time() {
        let (mut one, mut two) = (QuietNoise::new(), QuietNoise::new());
        for _ in 0..10 {
            let frame = one.frame();
            assert_eq!(frame, two.frame());
            assert!(frame.0.iter().all(|sample| sample.abs() <= QUIET_PEAK));
            assert!(frame.0.iter().any(|sample| sample.abs() > QUIET_PEAK / 2.0));
        }
    }
}
