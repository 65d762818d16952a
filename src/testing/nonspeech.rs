//! Sound in which nobody speaks: recorded noises and music at many levels, made-up noises, and mixtures. The same
//! seed gives the same sound.

use std::f32::consts::TAU;

use super::{mix::level, noise::White};
use crate::audio::RATE_HZ;

/// Length of a scene, samples: 20 s.
const SCENE: usize = 20 * RATE_HZ as usize;
/// Levels a scene may have, decibels of full scale: from a loud machine beside the microphone to a quiet room.
const LEVELS_DB: [f32; 6] = [-12.0, -18.0, -24.0, -32.0, -40.0, -50.0];

/// What a scene is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambience {
    /// One of the recordings.
    Recorded,
    /// A hum, a hiss, clicks, beeps.
    MadeUp,
    /// Several of both, each with a level, a beginning and an end of its own.
    Mixed,
    /// Nearly nothing.
    Silence,
}

impl Ambience {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Recorded, Self::MadeUp, Self::Mixed, Self::Silence];
}

impl std::fmt::Display for Ambience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Recorded => "recorded",
            Self::MadeUp => "made_up",
            Self::Mixed => "mixed",
            Self::Silence => "silence",
        })
    }
}

/// Noises that need no recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MadeUp {
    White,
    Pink,
    Hum,
    Clicks,
    Beeps,
    Fan,
    Thuds,
}

const MADE_UP: [MadeUp; 7] =
    [MadeUp::White, MadeUp::Pink, MadeUp::Hum, MadeUp::Clicks, MadeUp::Beeps, MadeUp::Fan, MadeUp::Thuds];

/// An endless supply of scenes.
pub struct NonSpeech<'a> {
    recordings: &'a [Vec<f32>],
    random: White,
}

impl<'a> NonSpeech<'a> {
    /// Starts a supply. Without recordings everything is made up.
    pub fn new(recordings: &'a [Vec<f32>], seed: u32) -> Self {
        Self { recordings, random: White::new(seed) }
    }

    /// Returns the next scene of 20 s, mono 16 kHz.
    pub fn scene(&mut self, scene: Ambience) -> Vec<f32> {
        match scene {
            Ambience::Silence => self.made_up(MadeUp::White, SCENE).iter().map(|sample| sample * 1e-3).collect(),
            Ambience::Recorded => self.at_some_level(Self::recorded),
            Ambience::MadeUp => self.at_some_level(Self::any_made_up),
            Ambience::Mixed => {
                let mut mixed = vec![0.0; SCENE];
                for _ in 0..2 + self.below(3) {
                    let part = if self.below(2) == 0 { Self::recorded } else { Self::any_made_up };
                    let part = self.at_some_level(part);
                    let (one, other) = (self.below(SCENE), self.below(SCENE));
                    for at in one.min(other)..one.max(other) {
                        mixed[at] = (mixed[at] + part[at]).clamp(-1.0, 1.0);
                    }
                }
                mixed
            }
        }
    }

    fn at_some_level(&mut self, make: fn(&mut Self) -> Vec<f32>) -> Vec<f32> {
        let samples = make(self);
        let wanted = 10_f32.powf(LEVELS_DB[self.below(LEVELS_DB.len())] / 20.0);
        let gain = wanted / level(&samples).max(f32::MIN_POSITIVE);
        samples.iter().map(|sample| (sample * gain).clamp(-1.0, 1.0)).collect()
    }

    /// A recording from a random place on, around and around.
    fn recorded(&mut self) -> Vec<f32> {
        if self.recordings.is_empty() {
            return self.any_made_up();
        }
        let recording = &self.recordings[self.below(self.recordings.len())];
        let start = self.below(recording.len());
        recording.iter().cycle().skip(start).take(SCENE).copied().collect()
    }

    fn any_made_up(&mut self) -> Vec<f32> {
        let kind = MADE_UP[self.below(MADE_UP.len())];
        self.made_up(kind, SCENE)
    }

    fn made_up(&mut self, kind: MadeUp, length: usize) -> Vec<f32> {
        match kind {
            MadeUp::White => (0..length).map(|_| self.random.next()).collect(),
            MadeUp::Pink => self.coloured(length, 0.05),
            MadeUp::Fan => self.fan(length),
            MadeUp::Hum => {
                let hz = if self.below(2) == 0 { 50.0 } else { 60.0 };
                tone(length, |at| {
                    (1..8).map(|harmonic| (at * hz * harmonic as f32 * TAU).sin() / harmonic as f32).sum()
                })
            }
            MadeUp::Clicks => self.struck(length, 400, 0.004, 0.0),
            MadeUp::Thuds => self.struck(length, 1_500, 0.06, 70.0),
            MadeUp::Beeps => {
                let hz = 400.0 + 100.0 * self.below(30) as f32;
                tone(length, |at| if at.fract() < 0.3 { (at * hz * TAU).sin() } else { 0.0 })
            }
        }
    }

    /// White noise through a leaky sum: the smaller the leak, the deeper.
    fn coloured(&mut self, length: usize, leak: f32) -> Vec<f32> {
        let mut sum = 0.0;
        (0..length)
            .map(|_| {
                sum += (self.random.next() - sum) * leak;
                sum
            })
            .collect()
    }

    /// A motor: deep noise that swells with its turns.
    fn fan(&mut self, length: usize) -> Vec<f32> {
        let turns = 3.0 + self.below(25) as f32;
        let swell = tone(length, |at| 1.0 + 0.5 * (at * turns * TAU).sin());
        self.coloured(length, 0.1).iter().zip(swell).map(|(noise, swell)| noise * swell).collect()
    }

    /// Strokes at random times about `every_ms` apart that die away in `decay` seconds: of noise, or of a tone.
    fn struck(&mut self, length: usize, every_ms: usize, decay: f32, hz: f32) -> Vec<f32> {
        let mut samples = vec![0.0; length];
        let mut at = 0;
        while at < length {
            for (n, sample) in samples[at..].iter_mut().take(RATE_HZ as usize / 2).enumerate() {
                let second = n as f32 / RATE_HZ as f32;
                let sound = if hz > 0.0 { (second * hz * TAU).sin() } else { self.random.next() };
                *sample += sound * (-second / decay).exp();
            }
            at += RATE_HZ as usize * (every_ms / 4 + self.below(every_ms * 3 / 2)) / 1_000;
        }
        samples
    }

    /// A number from 0 to `bound`, exclusive.
    fn below(&mut self, bound: usize) -> usize {
        (((self.random.next() + 1.0) / 2.0 * bound as f32) as usize).min(bound - 1)
    }
}

fn tone(length: usize, value: impl Fn(f32) -> f32) -> Vec<f32> {
    (0..length).map(|n| value(n as f32 / RATE_HZ as f32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_are_the_same_every_time_and_never_too_loud() {
        let recordings = [vec![0.1, -0.2, 0.3]];
        let (mut one, mut two) = (NonSpeech::new(&recordings, 7), NonSpeech::new(&recordings, 7));
        let mut other = NonSpeech::new(&recordings, 8);
        for scene in Ambience::ALL {
            let samples = one.scene(scene);
            assert_eq!(samples.len(), SCENE);
            assert!(samples == two.scene(scene));
            assert!(samples.iter().all(|sample| sample.abs() <= 1.0));
            assert!(scene == Ambience::Recorded || samples != other.scene(scene));
        }
    }
}
