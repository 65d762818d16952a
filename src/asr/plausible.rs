//! Whether somebody said what was transcribed: the recogniser and the voice detector must agree.
//!
//! Measured in windows of 32 ms on the utterances the listener finds. 2 h of noises, music and mixtures give 39, of which
//! 31 have no more than three windows with a clear voice and the others up to 11; murmur of many people is clear in up to
//! 7 % of its length. Clips of people reading, ordering, calling wake words and saying single digits have at least seven,
//! and at least 33 % of the length, alone and in noise at 10 dB.

use super::Transcript;

/// The voice in the audio of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    /// From its beginning to its end, milliseconds.
    pub extent_ms: u64,
    /// How much of that holds a voice beyond doubt, milliseconds.
    pub clear_ms: u64,
}

/// Nobody says a word with less of a clear voice than this, milliseconds.
const LEAST_CLEAR_MS: u64 = 160;
/// Murmur of many people and long noises are clear in less than this share of their length.
const LEAST_SHARE: f32 = 0.15;
/// Up to this much clear voice, milliseconds, it may be a single word, or a noise ...
const SHORT_CLEAR_MS: u64 = 320;
/// ... which it is if the recogniser, too, thinks that nobody spoke ...
const SHORT_NO_SPEECH: f32 = 0.4;
/// ... and is not sure of the words. Of 103 digits heard right, half of them in noise, four are lost by all this.
const SHORT_CONFIDENCE: f32 = 0.62;

impl Voice {
    /// Whether there is enough of a clear voice for any word.
    #[allow(clippy::cast_precision_loss, reason = "milliseconds of an utterance")]
    pub(super) fn is_possible(self) -> bool {
        self.clear_ms >= LEAST_CLEAR_MS && self.clear_ms as f32 >= LEAST_SHARE * self.extent_ms as f32
    }
}

impl std::ops::Add for Voice {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { extent_ms: self.extent_ms + other.extent_ms, clear_ms: self.clear_ms + other.clear_ms }
    }
}

/// Returns whether somebody said these words, for all that is known.
pub fn is_plausible(transcript: &Transcript, voice: Voice) -> bool {
    let is_sure = voice.clear_ms >= SHORT_CLEAR_MS
        || transcript.no_speech <= SHORT_NO_SPEECH
        || transcript.confidence >= SHORT_CONFIDENCE;
    voice.is_possible() && is_sure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;

    fn plausible(clear_ms: u64, extent_ms: u64, no_speech: f32, confidence: f32) -> bool {
        let text = "Okay.".to_owned();
        let transcript = Transcript { text, lang: Lang::En, confidence, no_speech, goes_on: 0.0, decode_ms: 1 };
        is_plausible(&transcript, Voice { extent_ms, clear_ms })
    }

    #[test]
    fn voice_detector_and_recogniser_must_agree() {
        assert!(plausible(800, 1_000, 0.1, 0.8), "a sentence");
        assert!(plausible(800, 1_000, 0.7, 0.5), "a sentence that the recogniser hardly hears");
        assert!(plausible(224, 288, 0.1, 0.4), "a short word");
        assert!(plausible(224, 288, 0.5, 0.7), "a short word, surely recognised");
        assert!(!plausible(224, 288, 0.6, 0.5), "a clap");
        assert!(!plausible(96, 288, 0.1, 0.9), "hardly a voice at all");
        assert!(!plausible(600, 13_500, 0.1, 0.9), "a murmur");
    }
}
