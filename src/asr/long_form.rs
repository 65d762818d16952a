//! Audio of any length in constant memory: what holds no speech is dropped, the rest is cut at pauses.

use super::{AsrError, Recognizer, Transcript, join};
use crate::{
    audio::RATE_HZ,
    config::{Lang, LangChoice},
};

/// Finds speech in mono 16 kHz samples: ranges of sample indices, in order, empty when nobody speaks.
pub type SpeechFinder<'a> = dyn FnMut(&[f32]) -> Vec<(usize, usize)> + 'a;

/// Longest audio that is decoded in one piece, milliseconds; the model's window is 30 s.
pub const LONGEST_PIECE_MS: u64 = 28_000;

pub(super) const LONGEST_PIECE_SAMPLES: usize = 448_000;
/// A piece is cut no earlier than here, so that the model sees whole sentences.
const SHORTEST_CUT: usize = 10 * RATE_HZ as usize;
/// Loudness is compared in steps of 20 ms ...
const STEP: usize = RATE_HZ as usize / 50;
/// ... over this many steps: a pause between words, not the closure of a "t".
const PAUSE_STEPS: usize = 15;
/// Audio kept before and after speech, samples.
const MARGIN: usize = RATE_HZ as usize * 3 / 10;
/// Peaks below -80 dB of full scale are silence without asking anybody.
const SILENCE_PEAK: f32 = 1e-4;

/// Transcribes audio that arrives in portions of any size.
pub struct LongForm<'a> {
    recognizer: &'a mut dyn Recognizer,
    speech: Option<&'a mut SpeechFinder<'a>>,
    lang: LangChoice,
    prior: Option<Lang>,
    waiting: Vec<f32>,
    parts: Vec<Transcript>,
}

impl<'a> LongForm<'a> {
    /// Starts with no audio. Without a speech finder everything but digital silence is decoded.
    pub fn new(
        recognizer: &'a mut dyn Recognizer,
        speech: Option<&'a mut SpeechFinder<'a>>,
        lang: LangChoice,
        prior: Option<Lang>,
    ) -> Self {
        Self { recognizer, speech, lang, prior, waiting: Vec::new(), parts: Vec::new() }
    }

    /// Adds mono 16 kHz samples; decodes when a piece is complete.
    ///
    /// # Errors
    /// [`AsrError::Decode`] when a piece cannot be decoded.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), AsrError> {
        for portion in samples.chunks(RATE_HZ as usize) {
            self.waiting.extend_from_slice(portion);
            if self.waiting.len() >= LONGEST_PIECE_SAMPLES {
                let rest = self.waiting.split_off(pause(&self.waiting[..LONGEST_PIECE_SAMPLES]));
                let piece = std::mem::replace(&mut self.waiting, rest);
                self.transcribe(&piece)?;
            }
        }
        Ok(())
    }

    /// Decodes what is left and returns the whole text.
    ///
    /// # Errors
    /// [`AsrError::Decode`] when the last piece cannot be decoded.
    pub fn finish(mut self) -> Result<Transcript, AsrError> {
        let piece = std::mem::take(&mut self.waiting);
        self.transcribe(&piece)?;
        let lang = self.lang.fixed().or(self.prior).unwrap_or(Lang::En);
        let silent = self.parts.is_empty();
        let joined = join(&self.parts);
        Ok(if silent { Transcript { lang, ..joined } } else { joined })
    }

    fn transcribe(&mut self, piece: &[f32]) -> Result<(), AsrError> {
        if piece.iter().all(|sample| sample.abs() < SILENCE_PEAK) {
            return Ok(());
        }
        let (from, to) = match &mut self.speech {
            None => (0, piece.len()),
            Some(find) => match find(piece).as_slice() {
                [] => return Ok(()),
                [(from, to)] | [(from, _), .., (_, to)] => {
                    (from.saturating_sub(MARGIN), to.saturating_add(MARGIN).min(piece.len()))
                }
            },
        };
        let part = self.recognizer.transcribe(&piece[from.min(to)..to], self.lang, self.prior)?;
        if !part.text.is_empty() {
            self.prior = Some(part.lang);
        }
        self.parts.push(part);
        Ok(())
    }
}

/// Returns where to cut: the middle of the quietest pause, the last one of equals.
fn pause(samples: &[f32]) -> usize {
    let energies: Vec<f32> = samples[SHORTEST_CUT.min(samples.len())..]
        .chunks_exact(STEP)
        .map(|step| step.iter().map(|sample| sample * sample).sum())
        .collect();
    let quietest = energies
        .windows(PAUSE_STEPS)
        .map(|steps| steps.iter().sum::<f32>())
        .enumerate()
        .reduce(|best, next| if next.1 <= best.1 { next } else { best });
    quietest.map_or(samples.len(), |(start, _)| SHORTEST_CUT + (start + PAUSE_STEPS / 2) * STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notes the samples it is given; its text is how many they are.
    struct Recorder {
        heard: Vec<f32>,
        longest: usize,
    }

    impl Recorder {
        fn new() -> Self {
            Self { heard: Vec::new(), longest: 0 }
        }
    }

    impl Recognizer for Recorder {
        fn transcribe(
            &mut self,
            samples: &[f32],
            lang: LangChoice,
            _prior: Option<Lang>,
        ) -> Result<Transcript, AsrError> {
            self.heard.extend_from_slice(samples);
            self.longest = self.longest.max(samples.len());
            let lang = lang.fixed().unwrap_or(Lang::Fr);
            Ok(Transcript {
                text: samples.len().to_string(),
                lang,
                confidence: 0.5,
                no_speech: 0.1,
                decode_ms: 7,
                goes_on: 0.1,
            })
        }
    }

    /// `seconds` of a counter that never repeats, so that a lost or doubled sample is seen.
    fn counting(seconds: usize) -> Vec<f32> {
        (0..seconds * RATE_HZ as usize).map(|n| 0.5 + (n as f32) / 1e8).collect()
    }

    #[test]
    fn no_sample_is_lost_or_doubled_and_no_piece_is_too_long() {
        let samples = counting(100);
        let mut recorder = Recorder::new();
        let mut whole = LongForm::new(&mut recorder, None, LangChoice::Auto, None);
        for portion in samples.chunks(12_345) {
            whole.push(portion).expect("decodes");
        }
        let transcript = whole.finish().expect("decodes");
        assert!(transcript.text.split(' ').count() >= 4, "{}", transcript.text);
        assert!(recorder.longest <= LONGEST_PIECE_SAMPLES);
        assert!(recorder.heard == samples);
    }

    #[test]
    fn the_text_does_not_depend_on_the_size_of_the_portions() {
        let samples = counting(70);
        let text = |portion: usize| {
            let mut recorder = Recorder::new();
            let mut whole = LongForm::new(&mut recorder, None, LangChoice::En, None);
            samples.chunks(portion).for_each(|portion| whole.push(portion).expect("decodes"));
            whole.finish().expect("decodes").text
        };
        assert_eq!(text(160), text(samples.len()));
    }

    #[test]
    fn pieces_are_cut_in_the_pause() {
        let mut samples = counting(28);
        let quiet = 15 * RATE_HZ as usize..15 * RATE_HZ as usize + 8_000;
        samples[quiet.clone()].fill(0.001);
        assert!(quiet.contains(&pause(&samples)));
    }

    #[test]
    fn without_speech_nothing_is_decoded_and_nothing_said() {
        let samples = counting(60);
        let mut recorder = Recorder::new();
        let mut nobody = |_: &[f32]| Vec::new();
        let mut whole = LongForm::new(&mut recorder, Some(&mut nobody), LangChoice::Fr, None);
        whole.push(&samples).expect("decodes");
        let transcript = whole.finish().expect("decodes");
        assert_eq!((transcript.text.as_str(), transcript.lang, transcript.decode_ms), ("", Lang::Fr, 0));
        assert!(recorder.heard.is_empty());
    }

    #[test]
    fn digital_silence_is_not_decoded() {
        let mut recorder = Recorder::new();
        let mut whole = LongForm::new(&mut recorder, None, LangChoice::Auto, Some(Lang::Fr));
        whole.push(&vec![0.0; 50 * RATE_HZ as usize]).expect("decodes");
        assert_eq!(whole.finish().expect("decodes").lang, Lang::Fr);
        assert!(recorder.heard.is_empty());
    }

    #[test]
    fn only_the_part_with_speech_is_decoded() {
        let samples = counting(20);
        let mut recorder = Recorder::new();
        let mut twice = |_: &[f32]| vec![(48_000, 64_000), (80_000, 96_000)];
        let mut whole = LongForm::new(&mut recorder, Some(&mut twice), LangChoice::Auto, None);
        whole.push(&samples).expect("decodes");
        let transcript = whole.finish().expect("decodes");
        assert_eq!(recorder.heard, samples[48_000 - MARGIN..96_000 + MARGIN]);
        assert_eq!((transcript.confidence, transcript.no_speech, transcript.decode_ms), (0.5, 0.1, 7));
    }
}
