//! Earcons: short sounds that say what words would take too long for. Made once, at the start; none is longer than 150 ms.
//!
//! What rises is good or begins, what falls is bad or ends; nothing else needs to be learnt.

use std::f32::consts::TAU;

use crate::audio::{BLOCK_SAMPLES, Block, PLAYBACK_RATE_HZ};

/// What an earcon says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earcon {
    /// Somebody wrote.
    News,
    /// The microphone is open, or Herald listens without its name.
    Opened,
    /// The microphone is closed.
    Closed,
    /// What was said was heard.
    Heard,
    /// The answer takes a moment.
    Thinking,
    /// A message has left.
    Sent,
    /// A message will not leave.
    Failed,
}

/// Loudness of a tone at its loudest: well below a voice.
const AMPLITUDE: f32 = 0.2;
/// A tone begins and ends within 5 ms, without a click.
const EDGE_S: f32 = 0.005;

impl Earcon {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::News, Self::Opened, Self::Closed, Self::Heard, Self::Thinking, Self::Sent, Self::Failed];

    /// Its name in the event log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Heard => "heard",
            Self::Thinking => "thinking",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// Its tones: frequency in hertz, duration in milliseconds.
    const fn tones(self) -> &'static [(f32, u16)] {
        match self {
            Self::News => &[(880.0, 70), (1_174.66, 80)],
            Self::Opened => &[(659.26, 60), (880.0, 60)],
            Self::Closed => &[(880.0, 60), (659.26, 60)],
            Self::Heard => &[(987.77, 40)],
            Self::Thinking => &[(523.25, 60)],
            Self::Sent => &[(783.99, 40), (1_046.5, 40), (1_318.51, 60)],
            Self::Failed => &[(329.63, 70), (246.94, 80)],
        }
    }

    /// Its sound, as it is played.
    pub fn blocks(self) -> Vec<Block> {
        let samples: Vec<f32> = self.tones().iter().flat_map(|(hz, ms)| tone(*hz, *ms)).collect();
        let block = |part: &[f32]| {
            let mut block = Block::SILENCE;
            block.0.iter_mut().zip(part).for_each(|(to, sample)| *to = *sample);
            block
        };
        samples.chunks(BLOCK_SAMPLES).map(block).collect()
    }
}

/// A tone that fades, struck like a bell.
fn tone(hz: f32, ms: u16) -> impl Iterator<Item = f32> {
    let rate_hz = PLAYBACK_RATE_HZ as f32;
    let length_s = f32::from(ms) / 1_000.0;
    let samples = PLAYBACK_RATE_HZ * u32::from(ms) / 1_000;
    (0..samples).map(move |number| {
        let t = number as f32 / rate_hz;
        let edge = (t.min(length_s - t) / EDGE_S).min(1.0);
        AMPLITUDE * edge * (-t * 12.0).exp() * (TAU * hz * t).sin()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_short_audible_and_unlike_the_others() {
        let mut known: Vec<Vec<Block>> = Vec::new();
        for earcon in Earcon::ALL {
            let blocks = earcon.blocks();
            assert!((4..=15).contains(&blocks.len()), "{earcon:?}: {} blocks of 10 ms", blocks.len());
            let samples: Vec<f32> = blocks.iter().flat_map(|block| block.0).collect();
            let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.1..=AMPLITUDE).contains(&peak), "{earcon:?}: {peak}");
            // Without a click at either end.
            assert!(samples[0].abs() < 0.01 && samples[samples.len() - 1].abs() < 0.01, "{earcon:?}");
            assert!(!known.contains(&blocks), "{earcon:?}");
            known.push(blocks);
        }
    }
}
