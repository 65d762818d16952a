//! The cheap first gate: WebRTC's voice detector says when it is worth asking the neural one.
//!
//! It is a hint only. It depends on level (half deaf with a quiet microphone, always on in loud noise), so the
//! level is brought towards -26 dBFS first, the gate stays open a second after the last hit, and a place where
//! it would be open most of the time anyway (a car) gets no gate at all.

use std::collections::VecDeque;

use webrtc_vad::{SampleRate, Vad, VadMode};

/// Samples that one answer is about: 30 ms.
const PIECE_SAMPLES: usize = 480;
/// Pieces the gate stays open after a hit: a bit more than a second.
const HOLD_PIECES: u32 = 34;
/// Pieces in the minute that decides whether a gate is worth having.
const MINUTE_PIECES: usize = 2_000;
/// Open share of that minute above which there is no gate.
const BUSY_SHARE: f32 = 0.8;
/// Level that WebRTC's detector was measured at.
const TARGET_RMS: f32 = 0.05;
/// Most amplification, so that a silent room stays silent: 26 dB.
const MOST_GAIN: f32 = 20.0;
/// Decay of the remembered speech level in one piece: half in about seven seconds.
const LEVEL_DECAY: f32 = 0.997;

/// Whether there may be a voice, from audio in pieces of any length. Open at the start.
pub(super) struct Gate {
    vad: Vad,
    level: f32,
    piece: Vec<f32>,
    scaled: Vec<i16>,
    hold: u32,
    history: VecDeque<bool>,
    open_in_history: usize,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            vad: Vad::new_with_rate_and_mode(SampleRate::Rate16kHz, VadMode::Aggressive),
            level: 0.0,
            piece: Vec::with_capacity(PIECE_SAMPLES),
            scaled: vec![0; PIECE_SAMPLES],
            hold: HOLD_PIECES,
            history: VecDeque::with_capacity(MINUTE_PIECES),
            open_in_history: 0,
        }
    }

    /// Hears `samples` and returns whether the gate is open after (or anywhere within) them.
    pub(super) fn push(&mut self, samples: &[f32]) -> bool {
        let mut open = self.is_open();
        for sample in samples {
            self.piece.push(*sample);
            if self.piece.len() == PIECE_SAMPLES {
                self.judge_piece();
                self.piece.clear();
                open |= self.is_open();
            }
        }
        open
    }

    fn is_open(&self) -> bool {
        self.hold > 0 || self.is_busy()
    }

    /// Whether the gate was open for most of a whole minute.
    #[allow(clippy::cast_precision_loss, reason = "both counts are below 2^24")]
    fn is_busy(&self) -> bool {
        self.history.len() == MINUTE_PIECES && self.open_in_history as f32 > BUSY_SHARE * self.history.len() as f32
    }

    fn judge_piece(&mut self) {
        self.scale_piece();
        // The only error is a wrong length; an answer that is missing must not make Herald deaf.
        let hit = self.vad.is_voice_segment(&self.scaled).unwrap_or(true);
        self.hold = if hit { HOLD_PIECES } else { self.hold.saturating_sub(1) };
        let open = self.hold > 0;
        if self.history.len() == MINUTE_PIECES && self.history.pop_front() == Some(true) {
            self.open_in_history -= 1;
        }
        self.history.push_back(open);
        self.open_in_history += usize::from(open);
    }

    /// Brings the piece to the level WebRTC's detector likes: the loudest of the last seconds becomes -26 dBFS.
    #[allow(clippy::cast_possible_truncation, reason = "clamped to the range of i16")]
    fn scale_piece(&mut self) {
        let power: f32 = self.piece.iter().map(|sample| sample * sample).sum::<f32>() / PIECE_SAMPLES as f32;
        self.level = (self.level * LEVEL_DECAY).max(power.sqrt());
        let gain = (TARGET_RMS / self.level.max(f32::MIN_POSITIVE)).min(MOST_GAIN);
        for (scaled, sample) in self.scaled.iter_mut().zip(&self.piece) {
            *scaled = (sample * gain * 32_768.0).clamp(-32_768.0, 32_767.0) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vowel-like sound: harmonics of 140 Hz under a moving formant.
    fn vowel(seconds: usize, peak: f32) -> Vec<f32> {
        (0..seconds * 16_000)
            .map(|n| {
                let t = n as f32 / 16_000.0;
                let swing = 0.6 + 0.4 * (t * 25.0).sin();
                let sum: f32 = (1..20)
                    .map(|h| {
                        let hz = 140.0 * h as f32;
                        let formant =
                            (-((hz - 600.0) / 400.0).powi(2)).exp() + 0.3 * (-((hz - 1_700.0) / 500.0).powi(2)).exp();
                        formant * (t * hz * std::f32::consts::TAU).sin()
                    })
                    .sum();
                sum * swing * peak / 3.0
            })
            .collect()
    }

    fn closed_share(gate: &mut Gate, samples: &[f32]) -> f32 {
        let windows: Vec<bool> = samples.chunks(512).map(|window| gate.push(window)).collect();
        windows.iter().filter(|open| !**open).count() as f32 / windows.len() as f32
    }

    #[test]
    fn silence_closes_the_gate_after_a_second() {
        let mut gate = Gate::new();
        assert_eq!(closed_share(&mut gate, &[0.0; 16_000]), 0.0);
        assert!(closed_share(&mut gate, &[0.0; 16_000]) > 0.9);
    }

    #[test]
    fn a_voice_opens_it_loud_or_quiet_and_it_stays_open_a_second() {
        for peak in [0.5, 0.05, 0.01] {
            let mut gate = Gate::new();
            gate.push(&[0.0; 32_000]);
            assert!(closed_share(&mut gate, &vowel(1, peak)) < 0.2, "peak {peak}");
            assert!(closed_share(&mut gate, &[0.0; 15_000]) == 0.0, "peak {peak}");
        }
    }

    #[test]
    fn a_place_that_is_never_quiet_gets_no_gate() {
        let mut gate = Gate::new();
        gate.push(&vowel(61, 0.3));
        assert_eq!(closed_share(&mut gate, &[0.0; 48_000]), 0.0);
    }
}
