//! Where a long dictation may be cut into pieces that are decoded one by one.

use crate::audio::RATE_HZ;

/// A piece is long enough to be settled from here on, samples: 12 s.
const LONG_ENOUGH: u64 = 192_000;
/// A silence between words and not inside one, samples: 400 ms.
const CLEAR_PAUSE: u64 = 6_400;
/// From here on any pause will do, samples: 20 s.
const LONG: u64 = 320_000;
/// Without any pause a piece is cut before it is longer, samples: 28 s, what the recogniser takes at once.
pub(super) const LONGEST_PIECE: u64 = 448_000;
/// Then it is cut no earlier than here, samples: 14 s.
const EARLIEST_CUT: usize = 224_000;
/// Loudness is compared in steps of 20 ms ...
const STEP: usize = RATE_HZ as usize / 50;
/// ... over this many: longer than the closure of a "t".
const STEPS: usize = 10;

/// Whether a piece of that length may end with a silence of that length, both in samples.
pub(super) const fn is_place(length: u64, silence: u64) -> bool {
    length >= LONG || length >= LONG_ENOUGH && silence >= CLEAR_PAUSE
}

/// Returns the middle of the quietest place of a piece without a pause, as an index.
pub(super) fn quietest(samples: &[f32]) -> usize {
    let start = EARLIEST_CUT.min(samples.len() / 2);
    let powers: Vec<f32> = samples[start..]
        .chunks_exact(STEP)
        .map(|step| step.iter().map(|sample| sample * sample).sum::<f32>())
        .collect();
    let sums = powers.windows(STEPS).map(|steps| steps.iter().sum::<f32>());
    let quietest = sums.enumerate().reduce(|best, next| if next.1 <= best.1 { next } else { best });
    quietest.map_or(samples.len(), |(at, _)| start + (at + STEPS / 2) * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_piece_ends_in_a_clear_pause_a_very_long_one_in_any() {
        assert!(!is_place(LONG_ENOUGH - 1, CLEAR_PAUSE));
        assert!(!is_place(LONG_ENOUGH, CLEAR_PAUSE - 1));
        assert!(is_place(LONG_ENOUGH, CLEAR_PAUSE) && is_place(LONG, 0));
    }

    #[test]
    fn without_a_pause_the_cut_is_where_it_is_quiet() {
        let mut samples: Vec<f32> = (0..448_000).map(|n| (n as f32 * 0.3).sin()).collect();
        samples[300_000..304_000].fill(0.01);
        assert!((300_000..304_000).contains(&quietest(&samples)), "{}", quietest(&samples));
    }
}
