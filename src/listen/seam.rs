//! Where a long dictation may be cut into pieces that are decoded one by one.

use crate::audio::RATE_HZ;

/// From which length (samples) and silence after it (samples) on a piece is settled: 1 s before 0.8 s, 5 s before 0.4 s,
/// 9 s before any pause. The recogniser is at its surest and cheapest up to 9.5 s; given
/// long silences inside, it was seen to leave out whole sentences.
const PLACES: [(u64, u64); 3] = [(16_000, 12_800), (80_000, 6_400), (144_000, 0)];
/// Without any pause a piece is cut before it is longer, samples: 28 s, what the recogniser takes at once.
pub(super) const LONGEST_PIECE: u64 = 448_000;
/// Then it is cut no earlier than here, samples: 14 s.
const EARLIEST_CUT: usize = 224_000;
/// Loudness is compared in steps of 20 ms ...
const STEP: usize = RATE_HZ as usize / 50;
/// ... over this many: longer than the closure of a "t".
const STEPS: usize = 10;

/// Whether a piece of that length may end with a silence of that length, both in samples.
pub(super) fn is_place(length: u64, silence: u64) -> bool {
    PLACES.iter().any(|(shortest, pause)| length >= *shortest && silence >= *pause)
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
    fn the_longer_a_piece_the_shorter_a_pause_settles_it() {
        let table =
            [(1, 700, false), (4, 300, false), (4, 900, true), (6, 300, false), (6, 500, true), (10, 200, true)];
        for (seconds, silence_ms, settled) in table {
            assert_eq!(is_place(seconds * 16_000, silence_ms * 16), settled, "{seconds} s, {silence_ms} ms");
        }
    }

    #[test]
    fn without_a_pause_the_cut_is_where_it_is_quiet() {
        let mut samples: Vec<f32> = (0..448_000).map(|n| (n as f32 * 0.3).sin()).collect();
        samples[300_000..304_000].fill(0.01);
        assert!((300_000..304_000).contains(&quietest(&samples)), "{}", quietest(&samples));
    }
}
