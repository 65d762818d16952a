//! Speech in noise.

/// Samples of a piece whose loudness is compared: 20 ms.
const PIECE: usize = 320;
/// Pieces this far below the loudest (in power) are pauses: 30 dB.
const PAUSE: f32 = 1e-3;

/// Returns the active level of `samples`: the root of the mean power of all pieces of 20 ms that are not pauses.
pub fn level(samples: &[f32]) -> f32 {
    let powers: Vec<f32> = samples
        .chunks(PIECE)
        .map(|piece| piece.iter().map(|sample| sample * sample).sum::<f32>() / piece.len() as f32)
        .collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    let active: Vec<f32> = powers.into_iter().filter(|power| *power >= loudest * PAUSE).collect();
    (active.iter().sum::<f32>() / active.len().max(1) as f32).sqrt()
}

/// Adds `noise`, from its start and repeated as long as needed, to `speech`, so that the active level of the speech
/// is `snr_db` above that of the noise. Without noise, the speech alone.
pub fn mix(speech: &[f32], noise: &[f32], snr_db: f32) -> Vec<f32> {
    let gain = level(speech) / level(noise).max(f32::MIN_POSITIVE) * 10_f32.powf(-snr_db / 20.0);
    let noise = noise.iter().cycle().map(|sample| sample * gain).chain(std::iter::repeat(0.0));
    speech.iter().zip(noise).map(|(speech, noise)| (speech + noise).clamp(-1.0, 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_that_of_the_active_levels() {
        let speech: Vec<f32> =
            (0..16_000).map(|n| if n < 8_000 { (n as f32 * 0.3).sin() * 0.2 } else { 0.0 }).collect();
        let noise: Vec<f32> = (0..5_000).map(|n| (n as f32 * 1.7).sin() * 0.7).collect();
        let added: Vec<f32> =
            mix(&speech, &noise, 10.0).iter().zip(&speech).map(|(mixed, speech)| mixed - speech).collect();
        let snr_db = 20.0 * (level(&speech) / level(&added)).log10();
        assert!((snr_db - 10.0).abs() < 0.1, "{snr_db}");
        assert_eq!(mix(&speech, &[], 10.0), speech);
    }
}
