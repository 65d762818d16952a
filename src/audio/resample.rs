//! Rate conversion of mono sound, streaming, in constant memory.
//!
//! `rubato`'s FFT resampler with [`FixedSync::Both`] and blocks of 10 ms: 5 ms of delay and an alias below
//! -110 dB for a fiftieth of a percent of a core. A rate that shares no 10 ms block with the other one (11,025 Hz,
//! say) gets the shortest block that both share.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _};

use super::AudioError;

/// Rates that are converted: below is no speech, above is no sound card.
const RATES_HZ: std::ops::RangeInclusive<u32> = 1_000..=768_000;

/// Converts mono samples from one rate to another, in pieces of any length.
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    /// `None` when the rates are equal: samples pass as they are.
    fft: Option<Fft<f32>>,
    pending: Vec<f32>,
    block: Vec<f32>,
    /// Output samples still to be dropped: the filter's delay.
    skip: usize,
    consumed: u64,
    produced: u64,
}

impl Resampler {
    /// Makes a resampler for a device: the first output block is the first input block, 5 ms late.
    ///
    /// # Errors
    /// [`AudioError::Rate`] when a rate is not one of a sound card.
    pub fn live(from_hz: u32, to_hz: u32) -> Result<Self, AudioError> {
        let rate_error = |reason: String| AudioError::Rate { from_hz, to_hz, reason };
        for rate_hz in [from_hz, to_hz] {
            if !RATES_HZ.contains(&rate_hz) {
                let reason = format!("rates from {} to {} Hz are supported", RATES_HZ.start(), RATES_HZ.end());
                return Err(rate_error(reason));
            }
        }
        let fft = if from_hz == to_hz {
            None
        } else {
            let ten_ms = (from_hz / 100).max(1) as usize;
            let fft = Fft::new(from_hz as usize, to_hz as usize, ten_ms, 1, FixedSync::Both)
                .map_err(|error| rate_error(error.to_string()))?;
            Some(fft)
        };
        let block = vec![0.0; fft.as_ref().map_or(0, |fft| fft.output_frames_max())];
        Ok(Self { from_hz, to_hz, fft, pending: Vec::new(), block, skip: 0, consumed: 0, produced: 0 })
    }

    /// Makes a resampler for a file: the filter's delay is taken out and [`Resampler::finish`] makes the length
    /// exact, so that times in the output are times in the file.
    ///
    /// # Errors
    /// As [`Resampler::live`].
    pub fn file(from_hz: u32, to_hz: u32) -> Result<Self, AudioError> {
        let mut resampler = Self::live(from_hz, to_hz)?;
        resampler.skip = resampler.fft.as_ref().map_or(0, |fft| fft.output_delay());
        Ok(resampler)
    }

    /// Converts `samples` and appends what is ready to `out`.
    ///
    /// # Errors
    /// [`AudioError::Rate`] when the converter refuses a block; nothing more will come of it.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), AudioError> {
        self.consumed += samples.len() as u64;
        if self.fft.is_none() {
            out.extend_from_slice(samples);
            self.produced += samples.len() as u64;
            return Ok(());
        }
        self.pending.extend_from_slice(samples);
        let mut used = 0;
        while let Some(need) = self.next_block_len().filter(|need| self.pending.len() - used >= *need) {
            self.convert(used, None, out)?;
            used += need;
        }
        self.pending.drain(..used);
        Ok(())
    }

    /// Appends what is still inside to `out`, so that the whole output is as long as the whole input.
    ///
    /// # Errors
    /// As [`Resampler::push`].
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), AudioError> {
        if self.fft.is_none() {
            return Ok(());
        }
        let wanted = (self.consumed * u64::from(self.to_hz)).div_ceil(u64::from(self.from_hz));
        let mut rest = Some(self.pending.len());
        while self.produced < wanted {
            self.convert(0, Some(rest.take().unwrap_or(0)), out)?;
        }
        let surplus = usize::try_from(self.produced - wanted).unwrap_or(usize::MAX);
        out.truncate(out.len().saturating_sub(surplus));
        self.produced = wanted;
        self.pending.clear();
        Ok(())
    }

    fn next_block_len(&self) -> Option<usize> {
        self.fft.as_ref().map(|fft| fft.input_frames_next())
    }

    /// Converts one block of `pending` from `offset` on; with `only`, that many samples followed by silence.
    fn convert(&mut self, offset: usize, only: Option<usize>, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let Some(fft) = &mut self.fft else { return Ok(()) };
        let (from_hz, to_hz) = (self.from_hz, self.to_hz);
        let refuse = |reason: String| AudioError::Rate { from_hz, to_hz, reason };
        let frames = self.pending.len();
        let input = InterleavedSlice::new(&self.pending, 1, frames).map_err(|error| refuse(error.to_string()))?;
        let room = self.block.len();
        let mut output =
            InterleavedSlice::new_mut(&mut self.block, 1, room).map_err(|error| refuse(error.to_string()))?;
        let mut indexing = Indexing::new().input_offset(offset);
        indexing.partial_len = only;
        let (_, made) =
            fft.process_into_buffer(&input, &mut output, Some(&indexing)).map_err(|error| refuse(error.to_string()))?;
        let dropped = self.skip.min(made);
        self.skip -= dropped;
        out.extend_from_slice(&self.block[dropped..made]);
        self.produced += (made - dropped) as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tone(rate_hz: u32, hz: f64, len: usize) -> Vec<f32> {
        let step = hz * std::f64::consts::TAU / f64::from(rate_hz);
        (0..len).map(|n| ((n as f64 * step).sin() * 0.5) as f32).collect()
    }

    fn convert_whole(from_hz: u32, to_hz: u32, samples: &[f32], piece: usize) -> Vec<f32> {
        let mut resampler = Resampler::file(from_hz, to_hz).unwrap();
        let mut out = Vec::new();
        for piece in samples.chunks(piece) {
            resampler.push(piece, &mut out).unwrap();
        }
        resampler.finish(&mut out).unwrap();
        out
    }

    #[test]
    fn equal_rates_pass_the_samples_untouched() {
        let samples = tone(16_000, 440.0, 777);
        assert_eq!(convert_whole(16_000, 16_000, &samples, 100), samples);
    }

    #[test]
    fn impossible_rates_are_refused_with_the_possible_ones() {
        for rate_hz in [0, 1, 999, 768_001, u32::MAX] {
            let error = Resampler::live(rate_hz, 16_000).err().unwrap().to_string();
            assert!(error.contains("1000 to 768000"), "{error}");
        }
    }

    #[test]
    fn a_tone_of_a_file_stays_in_its_place() {
        for rate_hz in [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000, 44_101] {
            let out = convert_whole(rate_hz, 16_000, &tone(rate_hz, 400.0, rate_hz as usize), 1_000);
            let expected = tone(16_000, 400.0, 16_000);
            assert_eq!(out.len(), expected.len(), "{rate_hz} Hz");
            let worst =
                out[800..15_200].iter().zip(&expected[800..15_200]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // Half a sample of 8 kHz: blocks of an odd length have no middle sample.
            assert!(worst < if rate_hz % 200 == 0 { 0.001 } else { 0.08 }, "{rate_hz} Hz is off by {worst}");
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_removed() {
        let out = convert_whole(48_000, 16_000, &tone(48_000, 9_500.0, 48_000), 480);
        let worst = out[800..15_200].iter().fold(0.0_f32, |worst, sample| worst.max(sample.abs()));
        assert!(worst < 0.000_01, "an alias of {worst} is left");
    }

    #[test]
    fn a_device_block_of_ten_milliseconds_gives_a_block_at_once() {
        for rate_hz in [44_100, 48_000, 96_000] {
            let mut resampler = Resampler::live(24_000, rate_hz).unwrap();
            let mut out = Vec::new();
            resampler.push(&[0.1; 240], &mut out).unwrap();
            assert_eq!(out.len(), rate_hz as usize / 100);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_file_keeps_its_length_however_it_is_cut(
            rate_hz in prop::sample::select(vec![8_000_u32, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]),
            len in 0_usize..9_000,
            piece in 1_usize..3_000,
        ) {
            let samples = tone(rate_hz, 300.0, len);
            let cut = convert_whole(rate_hz, 16_000, &samples, piece);
            prop_assert_eq!(cut.len() as u64, (len as u64 * 16_000).div_ceil(u64::from(rate_hz)));
            prop_assert_eq!(cut, convert_whole(rate_hz, 16_000, &samples, 9_000));
        }

        #[test]
        fn a_stream_keeps_its_length_within_a_block(
            rate_hz in prop::sample::select(vec![8_000_u32, 16_000, 22_050, 44_100, 48_000]),
            blocks in 1_usize..60,
        ) {
            let mut resampler = Resampler::live(rate_hz, 16_000).unwrap();
            let mut out = Vec::new();
            for _ in 0..blocks {
                resampler.push(&vec![0.0; rate_hz as usize / 100], &mut out).unwrap();
            }
            let ideal = blocks * rate_hz as usize / 100 * 16_000 / rate_hz as usize;
            prop_assert!(out.len() <= ideal && ideal - out.len() <= 640, "{} of {ideal}", out.len());
        }
    }
}
