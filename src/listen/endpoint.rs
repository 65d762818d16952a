//! From voice probabilities to utterances: onset, pause, hangover. Pure: no clock but the samples.
//!
//! The hysteresis is that of Silero's own `get_speech_timestamps`: speech begins at the threshold; silence
//! begins 0.15 below it and only a window at the threshold ends it again.

use std::sync::Arc;

use super::silero::WINDOW_SAMPLES;
use super::{Expect, ListenEvent, Utterance};
use crate::audio::RATE_HZ;
use crate::config;

/// How far below the threshold a voice may fall and still go on.
const HYSTERESIS: f32 = 0.15;
const WINDOW: u64 = WINDOW_SAMPLES as u64;
/// Audio that may be out of use before it is removed: a second, to move memory rarely.
const SLACK_SAMPLES: u64 = 16_000;

/// Speech that is going on.
#[derive(Debug)]
struct Speech {
    id: u64,
    voice_start: u64,
    voice_end: u64,
    /// Set from the pause on, until the voice goes on.
    paused: Option<Utterance>,
}

#[derive(Debug)]
enum Phase {
    Quiet,
    /// A voice since that sample, not yet long enough.
    Onset(u64),
    Speaking(Speech),
}

/// Times in samples since the clock began.
#[derive(Debug)]
struct Times {
    preroll: u64,
    onset: u64,
    pause: u64,
    yes_no: u64,
    command: u64,
    dictation: u64,
    longest: u64,
}

impl Times {
    fn hangover(&self, expect: Expect) -> u64 {
        match expect {
            Expect::YesNo => self.yes_no,
            Expect::Command => self.command,
            Expect::Dictation => self.dictation,
        }
    }
}

/// The state machine; all positions are in samples since the clock began.
#[derive(Debug)]
pub(super) struct Endpointer {
    times: Times,
    threshold: f32,
    expect: Expect,
    /// The audio from `first` on: what may still become part of an utterance.
    audio: Vec<f32>,
    first: u64,
    /// End of the last window that was judged.
    judged: u64,
    /// Preroll may not reach back beyond this: it was the voice of the utterance before.
    barrier: u64,
    last_id: u64,
    phase: Phase,
}

impl Endpointer {
    pub(super) fn new(config: &config::Listen) -> Self {
        let times = Times {
            preroll: samples(config.preroll_ms),
            onset: samples(config.onset_ms),
            pause: samples(config.pause_ms),
            yes_no: samples(config.hangover_yes_no_ms),
            command: samples(config.hangover_command_ms),
            dictation: samples(config.hangover_dictation_ms),
            longest: samples(config.longest_utterance_ms),
        };
        Self {
            times,
            threshold: config.vad_threshold,
            expect: Expect::default(),
            audio: Vec::new(),
            first: 0,
            judged: 0,
            barrier: 0,
            last_id: 0,
            phase: Phase::Quiet,
        }
    }

    pub(super) fn expect(&mut self, expect: Expect) {
        self.expect = expect;
    }

    /// Whether a voice was heard that has not come to its end.
    pub(super) fn is_in_speech(&self) -> bool {
        !matches!(self.phase, Phase::Quiet)
    }

    /// Samples heard so far.
    pub(super) fn clock(&self) -> u64 {
        self.first + self.audio.len() as u64
    }

    /// Takes audio that will be judged later.
    pub(super) fn hear(&mut self, samples: &[f32]) {
        self.audio.extend_from_slice(samples);
    }

    /// Forgets audio and speech; the next window to be judged begins at the clock, which goes on.
    pub(super) fn reset(&mut self) {
        self.first = self.clock();
        self.audio.clear();
        self.judged = self.first;
        self.barrier = self.first;
        self.phase = Phase::Quiet;
    }

    /// Judges the next window by the probability that it holds a voice.
    pub(super) fn judge(&mut self, probability: f32, events: &mut Vec<ListenEvent>) {
        let begin = self.judged;
        self.judged += WINDOW;
        self.phase = match std::mem::replace(&mut self.phase, Phase::Quiet) {
            Phase::Quiet if probability >= self.threshold => self.onset(begin, events),
            Phase::Onset(since) if probability >= self.threshold - HYSTERESIS => self.onset(since, events),
            Phase::Quiet | Phase::Onset(_) => Phase::Quiet,
            Phase::Speaking(speech) => self.speaking(speech, probability, events),
        };
        self.forget_old_audio();
    }

    fn onset(&mut self, since: u64, events: &mut Vec<ListenEvent>) -> Phase {
        if self.judged - since < self.times.onset {
            return Phase::Onset(since);
        }
        self.last_id += 1;
        events.push(ListenEvent::SpeechStart { voice_start_ms: ms(since) });
        Phase::Speaking(Speech { id: self.last_id, voice_start: since, voice_end: self.judged, paused: None })
    }

    fn speaking(&mut self, mut speech: Speech, probability: f32, events: &mut Vec<ListenEvent>) -> Phase {
        let silent_before = speech.voice_end + WINDOW < self.judged;
        let floor = if silent_before { self.threshold } else { self.threshold - HYSTERESIS };
        if probability >= floor {
            speech.voice_end = self.judged;
            if speech.paused.take().is_some() {
                events.push(ListenEvent::Resume);
            }
        }
        let silence = self.judged - speech.voice_end;
        let hangover = self.times.hangover(self.expect);
        let too_long = self.judged - self.start(&speech) >= self.times.longest;
        let over = too_long || silence > 0 && silence >= hangover;
        let pausing = over || silence > 0 && silence >= self.times.pause;
        if pausing && speech.paused.is_none() {
            let utterance = self.cut(&speech);
            events.push(ListenEvent::Pause(utterance.clone()));
            speech.paused = Some(utterance);
        }
        match speech.paused.take_if(|_| over) {
            Some(utterance) => {
                self.barrier = speech.voice_end;
                events.push(ListenEvent::SpeechEnd(utterance));
                Phase::Quiet
            }
            None => Phase::Speaking(speech),
        }
    }

    /// The utterance as it stands: preroll, speech and the silence so far.
    fn cut(&self, speech: &Speech) -> Utterance {
        let [from, to] = [self.start(speech), self.judged].map(|at| index(at - self.first).min(self.audio.len()));
        Utterance {
            id: speech.id,
            samples: Arc::from(&self.audio[from..to]),
            voice_start_ms: ms(speech.voice_start),
            voice_end_ms: ms(speech.voice_end),
            clear_ms: 0,
        }
    }

    /// Where the audio of the utterance starts: the preroll before its voice, but not before the one before ended.
    fn start(&self, speech: &Speech) -> u64 {
        speech.voice_start.saturating_sub(self.times.preroll).max(self.barrier).max(self.first)
    }

    fn forget_old_audio(&mut self) {
        let needed_from = match &self.phase {
            Phase::Quiet => self.judged,
            Phase::Onset(since) => *since,
            Phase::Speaking(speech) => speech.voice_start,
        };
        let unused = needed_from.saturating_sub(self.times.preroll).saturating_sub(self.first);
        if unused >= SLACK_SAMPLES {
            self.audio.drain(..index(unused));
            self.first += unused;
        }
    }
}

fn samples(ms: u32) -> u64 {
    u64::from(ms) * u64::from(RATE_HZ) / 1_000
}

fn ms(samples: u64) -> u64 {
    samples * 1_000 / u64::from(RATE_HZ)
}

fn index(samples: u64) -> usize {
    usize::try_from(samples).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
