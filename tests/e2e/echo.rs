//! Herald's own voice in a simulated room: the canceller takes it out, and leaves the user's.

use herald::{
    audio::{Block, EchoCanceller, Frame},
    testing::{Acoustics, QuietNoise, Room, babble, level},
};

/// Sound with the rhythm of speech, as it is played and as it comes out of the room: what the microphone heard, and
/// what the canceller made of it.
fn listen(acoustics: Acoustics, seconds: u16, beside: impl Fn(usize) -> f32) -> (Vec<f32>, Vec<f32>) {
    let played: Vec<Block> = blocks(seconds);
    let (mut room, mut canceller) = (Room::new(acoustics).unwrap(), EchoCanceller::new().unwrap());
    let (mut heard, mut cleaned) = (Vec::new(), Vec::new());
    let mut noise = QuietNoise::new();
    let mut block = Block::SILENCE;
    for (tick, next) in played.iter().enumerate() {
        let beside: Vec<f32> = noise.samples(160).enumerate().map(|(n, s)| s + beside(tick * 160 + n)).collect();
        let frame = room.hear(&block, &beside).unwrap();
        heard.extend(frame.0);
        cleaned.extend(canceller.clean(&frame).0);
        canceller.played(next);
        block = next.clone();
    }
    (heard, cleaned)
}

/// Made-up speech at the rate of playback: syllables of noise, so that it fills the spectrum.
fn blocks(seconds: u16) -> Vec<Block> {
    let noise = babble(seconds + seconds / 2 + 1);
    let mut seed = 9_u32;
    let mut colour = 0.0_f32;
    let samples: Vec<f32> = noise
        .iter()
        .enumerate()
        .map(|(n, voice)| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            colour = 0.7 * colour + 0.3 * (f32::from((seed >> 16) as u16) / 32_768.0 - 1.0);
            // Four syllables a second with pauses between words.
            let syllable = (n as f32 / 24_000.0 * 4.0 * std::f32::consts::TAU).sin().max(0.0);
            let word = if n % 36_000 < 28_000 { 1.0 } else { 0.0 };
            word * syllable * (0.5 * colour + voice)
        })
        .collect();
    samples.chunks_exact(240).take(usize::from(seconds) * 100).map(|c| Block(c.try_into().unwrap())).collect()
}

fn reduction_db(heard: &[f32], cleaned: &[f32], from_s: usize, to_s: usize) -> f32 {
    let power = |samples: &[f32]| samples[from_s * 16_000..to_s * 16_000].iter().map(|s| s * s).sum::<f32>();
    10.0 * (power(heard) / power(cleaned)).log10()
}

#[test]
fn an_echo_is_gone_in_seconds_also_from_far_and_from_a_loudspeaker_that_distorts() {
    for acoustics in [
        Acoustics::default(),
        Acoustics { delay_ms: 20, ..Acoustics::default() },
        Acoustics { delay_ms: 450, ..Acoustics::default() },
        Acoustics { delay_ms: 600, ..Acoustics::default() },
        Acoustics { clip: 0.4, ..Acoustics::default() },
        Acoustics { drift_ppm: 100.0, ..Acoustics::default() },
        Acoustics { gain: 0.05, ..Acoustics::default() },
    ] {
        let (heard, cleaned) = listen(acoustics.clone(), 8, |_| 0.0);
        let reduction_db = reduction_db(&heard, &cleaned, 4, 8);
        println!("{acoustics:?}: {reduction_db:.1} dB");
        assert!(reduction_db > 20.0, "{acoustics:?}: {reduction_db:.1} dB");
    }
}

#[test]
fn a_delay_that_jumps_is_found_again() {
    let acoustics = Acoustics { drift_ppm: 100.0, jumps: vec![(6_000, 260), (12_000, 80)], ..Acoustics::default() };
    let (heard, cleaned) = listen(acoustics, 18, |_| 0.0);
    for (from_s, to_s) in [(4, 6), (9, 12), (15, 18)] {
        let reduction_db = reduction_db(&heard, &cleaned, from_s, to_s);
        println!("{from_s} to {to_s} s: {reduction_db:.1} dB");
        assert!(reduction_db > 20.0, "{from_s} to {to_s} s: {reduction_db:.1} dB");
    }
}

#[test]
fn a_voice_over_the_echo_comes_through() {
    let acoustics = Acoustics { gain: 0.2, ..Acoustics::default() };
    let voice = babble(2);
    let near = |n: usize| voice.get(n.wrapping_sub(5 * 16_000)).copied().unwrap_or(0.0);
    let (_, cleaned) = listen(acoustics, 8, near);
    let kept_db = 20.0 * (level(&cleaned[5 * 16_000..7 * 16_000]) / level(&voice)).log10();
    println!("kept {kept_db:.1} dB");
    assert!(kept_db > -8.0, "{kept_db:.1} dB");
}

#[test]
fn what_is_heard_while_nothing_is_played_passes_as_it_is_six_milliseconds_late() {
    let mut canceller = EchoCanceller::new().unwrap();
    let sound = babble(5);
    let mut cleaned = Vec::new();
    for (tick, frame) in sound.chunks_exact(160).enumerate() {
        cleaned.extend(canceller.clean(&Frame(frame.try_into().unwrap())).0);
        // A second is played in between; two seconds after it nothing of it is left.
        let block = if (50..150).contains(&tick) { Block([0.1; 240]) } else { Block::SILENCE };
        canceller.played(&block);
    }
    let late = 96;
    assert_eq!(cleaned[late..8_000], sound[..8_000 - late]);
    let from = 4 * 16_000;
    assert_eq!(cleaned[from..], sound[from - late..sound.len() - late]);
}
