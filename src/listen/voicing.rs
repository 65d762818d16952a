//! How clearly a voice was heard: noises that pass for speech do so with a few doubtful windows.

use std::collections::VecDeque;

use super::{ListenEvent, silero::WINDOW_SAMPLES};
use crate::audio::RATE_HZ;

/// Probability from which on a window surely holds a voice.
const CLEAR: f32 = 0.9;
/// Length of a window, milliseconds.
const WINDOW_MS: u64 = WINDOW_SAMPLES as u64 * 1_000 / RATE_HZ as u64;
/// How long windows are remembered, milliseconds: longer than the longest utterance.
const REMEMBERED_MS: u64 = 600_000;

/// The windows with a clear voice.
#[derive(Debug, Default)]
pub(super) struct Voicing {
    judged_ms: u64,
    /// Beginnings of the windows, on the audio clock.
    clear_ms: VecDeque<u64>,
}

impl Voicing {
    /// The next window to be judged begins at `clock_ms`.
    pub(super) fn reset(&mut self, clock_ms: u64) {
        self.judged_ms = clock_ms;
        self.clear_ms.clear();
    }

    /// Takes in the verdict on the next window.
    pub(super) fn judge(&mut self, probability: f32) {
        if probability >= CLEAR {
            self.clear_ms.push_back(self.judged_ms);
        }
        self.judged_ms += WINDOW_MS;
        while self.clear_ms.front().is_some_and(|&begin| begin + REMEMBERED_MS < self.judged_ms) {
            self.clear_ms.pop_front();
        }
    }

    /// Writes into the utterance of an event how much of it is clear.
    pub(super) fn note(&self, event: &mut ListenEvent) {
        match event {
            ListenEvent::Pause(utterance) | ListenEvent::Settled(utterance) | ListenEvent::SpeechEnd(utterance) => {
                let within = utterance.voice_start_ms..utterance.voice_end_ms;
                let windows = self.clear_ms.iter().filter(|begin| within.contains(begin)).count();
                utterance.clear_ms = windows as u64 * WINDOW_MS;
            }
            ListenEvent::Wake { .. } | ListenEvent::SpeechStart { .. } | ListenEvent::Due(_) | ListenEvent::Resume => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::listen::Utterance;

    fn clear_ms(voicing: &Voicing, voice_start_ms: u64, voice_end_ms: u64) -> u64 {
        let samples: Arc<[f32]> = Arc::from([]);
        let mut event =
            ListenEvent::SpeechEnd(Utterance { id: 1, piece: 0, samples, voice_start_ms, voice_end_ms, clear_ms: 0 });
        voicing.note(&mut event);
        let ListenEvent::SpeechEnd(utterance) = event else { panic!("{event:?}") };
        utterance.clear_ms
    }

    #[test]
    fn only_clear_windows_within_the_voice_count() {
        let mut voicing = Voicing::default();
        voicing.reset(1_000);
        for probability in [0.95, 0.6, 0.9, 0.89, 1.0] {
            voicing.judge(probability);
        }
        assert_eq!(clear_ms(&voicing, 1_000, 1_160), 96);
        assert_eq!(clear_ms(&voicing, 1_032, 1_128), 32);
        voicing.reset(2_000);
        assert_eq!(clear_ms(&voicing, 0, 3_000), 0);
    }
}
