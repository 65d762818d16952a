//! Speech and wake words in recordings: what `herald detect` and the benches share.

use super::{CommandError, Context, Kind, transcribe, wake::Chosen};
use crate::{
    asr::{Recognizer, Whisper},
    audio::{AudioError, FRAME_SAMPLES, Frame},
    config::{self, LangChoice},
    intent::wake::Phrase,
    listen::{ListenEvent, Listener, Utterance},
    models,
    testing::QuietNoise,
};

/// Frames of quiet noise before each recording: two seconds, so that no detector judges its own start.
const PRIMING_FRAMES: usize = 200;
/// Frames of quiet noise after it, enough to end speech that lasts to the end, and to know a wake word that does.
const CLOSING_FRAMES: usize = 60;
/// Gaps shorter than this are part of the speech, milliseconds.
const SHORTEST_GAP_MS: u32 = 250;
/// A wake word belongs to an utterance that ended this short before the word is thought to have ended, milliseconds.
const SLACK_MS: u64 = 500;

/// A wake word in a recording.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(super) struct Wake {
    /// End of the word, milliseconds from the start of the recording.
    pub(super) t_ms: u64,
    /// Which.
    pub(super) word: String,
    /// How well it matched, 0 to 1.
    pub(super) score: f32,
}

/// What was found in a recording.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    /// Wake words, in order.
    pub(super) wakes: Vec<Wake>,
    /// From and to, milliseconds from the start of the recording.
    pub(super) speech: Vec<(u64, u64)>,
}

/// Finds speech and wake words, one recording after the other.
pub(super) struct Finder {
    listener: Listener,
    second: Option<Second>,
}

/// The second stage: what was said must begin with the phrase.
struct Second {
    recognizer: Whisper,
    lang: LangChoice,
    phrases: Vec<(String, Phrase)>,
    /// The utterance transcribed last.
    last: Option<(u64, String)>,
}

impl Finder {
    /// Loads what is needed to find speech, and `chosen` wake words; with `confirm`, a recogniser for the second stage.
    ///
    /// # Errors
    /// Kind `Unavailable` when a model is missing.
    pub(super) fn load(context: &Context, chosen: Option<&Chosen>, confirm: bool) -> Result<Self, CommandError> {
        let unavailable = |error| CommandError::new(Kind::Unavailable, error);
        let listen = settings(&context.config.listen);
        let silero = models::find(&context.dirs.models, "silero")?;
        let mut listener = Listener::new(&listen, &silero).map_err(unavailable)?;
        let Some(chosen) = chosen else { return Ok(Self { listener, second: None }) };
        listener.watch(&listen, &chosen.words).map_err(unavailable)?;
        let second = confirm.then(|| Second::load(context, chosen)).transpose()?;
        Ok(Self { listener, second })
    }

    /// Finds what a recording holds.
    ///
    /// # Errors
    /// Kind `Internal` when a model fails.
    pub(super) fn find(&mut self, samples: &[f32]) -> Result<Found, CommandError> {
        let mut chunks = samples.chunks(FRAME_SAMPLES).map(|chunk| {
            let mut frame = Frame::SILENCE;
            frame.0[..chunk.len()].copy_from_slice(chunk);
            frame
        });
        // Memory can always be read.
        self.find_in(|| Ok(chunks.next()))
            .and_then(|found| found.map_err(|error| CommandError::new(Kind::Input, error)))
    }

    /// Finds what a recording holds that comes frame by frame; the inner error is that of the recording.
    ///
    /// # Errors
    /// Kind `Internal` when a model fails.
    pub(super) fn find_in(
        &mut self,
        mut next: impl FnMut() -> Result<Option<Frame>, AudioError>,
    ) -> Result<Result<Found, AudioError>, CommandError> {
        let mut noise = QuietNoise::new();
        self.listener.reset();
        for _ in 0..PRIMING_FRAMES {
            self.listener.push(&noise.frame());
        }
        let began_ms = self.listener.clock_ms();
        let mut hearing = Hearing::default();
        loop {
            match next() {
                Ok(Some(frame)) => hearing.take(self.listener.push(&frame), &mut self.second)?,
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        let ended_ms = self.listener.clock_ms();
        for _ in 0..CLOSING_FRAMES {
            hearing.take(self.listener.push(&noise.frame()), &mut self.second)?;
        }
        if let Some(fault) = self.listener.fault() {
            return Err(CommandError::new(Kind::Internal, fault));
        }
        let in_file = |at_ms: u64| at_ms.clamp(began_ms, ended_ms) - began_ms;
        let speech = hearing.speech.into_iter().map(|(from, to)| (in_file(from), in_file(to)));
        let wakes = hearing.wakes.into_iter().map(|wake| Wake { t_ms: in_file(wake.t_ms), ..wake });
        Ok(Ok(Found { wakes: wakes.collect(), speech: speech.filter(|(from, to)| from < to).collect() }))
    }
}

/// Speech ends after the shortest gap, whatever would be expected in a conversation.
fn settings(listen: &config::Listen) -> config::Listen {
    config::Listen {
        hangover_yes_no_ms: SHORTEST_GAP_MS,
        hangover_command_ms: SHORTEST_GAP_MS,
        hangover_dictation_ms: SHORTEST_GAP_MS,
        ..listen.clone()
    }
}

/// What was heard of a recording so far.
#[derive(Default)]
struct Hearing {
    wakes: Vec<Wake>,
    speech: Vec<(u64, u64)>,
    /// Wake words whose utterance is not over.
    waiting: Vec<Wake>,
    /// The last utterance but one and the last one.
    utterances: [Option<Utterance>; 2],
}

impl Hearing {
    fn take(&mut self, events: Vec<ListenEvent>, second: &mut Option<Second>) -> Result<(), CommandError> {
        for event in events {
            match event {
                ListenEvent::Wake { word, score, t_ms } => self.waiting.push(Wake { t_ms, word, score }),
                ListenEvent::SpeechEnd(heard) => {
                    self.join(&heard);
                    let [_, last] = std::mem::take(&mut self.utterances);
                    self.utterances = [last, Some(heard)];
                }
                ListenEvent::SpeechStart { .. }
                | ListenEvent::Pause(_)
                | ListenEvent::Due(_)
                | ListenEvent::Resume
                | ListenEvent::Settled(_) => {}
            }
        }
        let Some(second) = second else {
            self.wakes.append(&mut self.waiting);
            return Ok(());
        };
        let [before, Some(last)] = &self.utterances else { return Ok(()) };
        let (over, waiting): (Vec<_>, Vec<_>) =
            self.waiting.drain(..).partition(|wake| wake.t_ms <= last.voice_end_ms + SLACK_MS);
        self.waiting = waiting;
        for wake in over {
            if second.confirms(&wake, before.as_ref(), last)? {
                self.wakes.push(wake);
            }
        }
        Ok(())
    }

    /// Adds an utterance to the speech; one that was cut for its length is joined with what follows.
    fn join(&mut self, heard: &Utterance) {
        match self.speech.last_mut() {
            Some((_, to)) if heard.voice_start_ms < *to + u64::from(SHORTEST_GAP_MS) => *to = heard.voice_end_ms,
            _ => self.speech.push((heard.voice_start_ms, heard.voice_end_ms)),
        }
    }
}

impl Second {
    fn load(context: &Context, chosen: &Chosen) -> Result<Self, CommandError> {
        let recognizer = transcribe::load(context)?;
        Ok(Self { recognizer, lang: context.config.general.lang, phrases: chosen.phrases.clone(), last: None })
    }

    /// Whether the utterance with the word, or that and the one just before it, begins with the phrase.
    fn confirms(&mut self, wake: &Wake, before: Option<&Utterance>, with: &Utterance) -> Result<bool, CommandError> {
        let text = match self.last.take_if(|(id, _)| *id == with.id) {
            Some((_, text)) => text,
            None => self.text(&with.samples)?,
        };
        let is_said = self.begins(wake, &text);
        self.last = Some((with.id, text));
        // A pause within the phrase, shorter than the hangover of a conversation.
        match before.filter(|before| !is_said && with.voice_start_ms < before.voice_end_ms + SLACK_MS) {
            Some(before) => {
                let text = self.text(&[&before.samples[..], &with.samples[..]].concat())?;
                Ok(self.begins(wake, &text))
            }
            None => Ok(is_said),
        }
    }

    fn text(&mut self, samples: &[f32]) -> Result<String, CommandError> {
        let heard = self.recognizer.transcribe(samples, self.lang, None);
        Ok(heard.map_err(|error| CommandError::new(Kind::Internal, error))?.text)
    }

    fn begins(&self, wake: &Wake, text: &str) -> bool {
        let phrase = self.phrases.iter().find(|(word, _)| *word == wake.word);
        phrase.is_some_and(|(_, phrase)| phrase.strip(text).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::FRAME_MS;

    #[test]
    fn closing_noise_outlasts_the_shortest_gap() {
        // A window of the detector may begin with the last frame of speech.
        assert!(CLOSING_FRAMES as u64 * FRAME_MS > u64::from(SHORTEST_GAP_MS) + 2 * 32);
    }
}
