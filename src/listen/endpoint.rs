//! From voice probabilities to utterances: onset, pause, hangover. Pure: no clock but the samples.
//!
//! The hysteresis is that of Silero's own `get_speech_timestamps`: speech begins at the threshold; silence
//! begins 0.15 below it and only a window at the threshold ends it again. Whatever is doubtful, pauses and hangovers
//! count from the end of the last window at the threshold: that is where the voice ended.

use std::sync::Arc;

use super::hangover::{Hangovers, Pace, Rhythm};
use super::silero::WINDOW_SAMPLES;
use super::{Completeness, Expect, ListenEvent, Utterance, seam};
use crate::audio::RATE_HZ;
use crate::config;

/// How far below the threshold a voice may fall and still go on ...
const HYSTERESIS: f32 = 0.15;
/// ... and for how long, samples: 320 ms. Noise after the voice may stay there for ever.
const LONGEST_FADING: u64 = 5_120;
/// The end waits this much longer for a judgement that does not come, samples: 1.5 s.
const LONGEST_HOLD: u64 = 24_000;
const WINDOW: u64 = WINDOW_SAMPLES as u64;
/// Audio that may be out of use before it is removed: a second, to move memory rarely.
const SLACK_SAMPLES: u64 = 16_000;

/// Whether it is known how complete the words before a pause are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    /// The shortest hangover is not over.
    Early,
    /// It is over, and nobody has said yet.
    Asked,
    Judged(Completeness),
}

/// A pause that may be the end.
#[derive(Debug)]
struct Paused {
    utterance: Utterance,
    verdict: Verdict,
}

/// Speech that is going on.
#[derive(Debug)]
struct Speech {
    id: u64,
    /// Pieces of the utterance that are settled.
    piece: u32,
    /// Where the audio of the piece in hand begins.
    from: u64,
    voice_start: u64,
    /// End of the last window that surely holds a voice.
    voice_end: u64,
    /// Its pauses so far: all together, and the longest.
    pauses: u64,
    longest_pause: u64,
    /// End of the last window with a voice, doubtful ones included.
    heard_until: u64,
    /// Set from the pause on, until the voice goes on.
    paused: Option<Paused>,
}

impl Speech {
    const fn rhythm(&self) -> Rhythm {
        Rhythm { voice: self.voice_end - self.voice_start - self.pauses, longest_pause: self.longest_pause }
    }
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
    longest: u64,
    longest_dictation: u64,
}

/// The state machine; all positions are in samples since the clock began.
#[derive(Debug)]
pub(super) struct Endpointer {
    times: Times,
    hangovers: Hangovers,
    pace: Pace,
    threshold: f32,
    /// Somebody will say how complete the words are.
    is_judged: bool,
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
            longest: samples(config.longest_utterance_ms),
            longest_dictation: samples(config.longest_dictation_ms),
        };
        Self {
            times,
            hangovers: Hangovers::new(config),
            pace: Pace::default(),
            threshold: config.vad_threshold,
            is_judged: false,
            expect: Expect::default(),
            audio: Vec::new(),
            first: 0,
            judged: 0,
            barrier: 0,
            last_id: 0,
            phase: Phase::Quiet,
        }
    }

    /// Every [`ListenEvent::Due`] will be answered.
    pub(super) fn will_be_judged(&mut self) {
        self.is_judged = true;
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

    /// Learns how complete the words before the pause of an utterance are; without a pause it means nothing.
    pub(super) fn complete(&mut self, id: u64, completeness: Completeness, events: &mut Vec<ListenEvent>) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Quiet) {
            Phase::Speaking(mut speech) if speech.id == id => {
                if let Some(paused) = &mut speech.paused {
                    paused.verdict = Verdict::Judged(completeness);
                }
                self.end_or_wait(speech, events)
            }
            other @ (Phase::Quiet | Phase::Onset(_) | Phase::Speaking(_)) => other,
        };
    }

    fn onset(&mut self, since: u64, events: &mut Vec<ListenEvent>) -> Phase {
        if self.judged - since < self.times.onset {
            return Phase::Onset(since);
        }
        self.last_id += 1;
        self.pace.began(since);
        events.push(ListenEvent::SpeechStart { voice_start_ms: ms(since) });
        Phase::Speaking(Speech {
            id: self.last_id,
            piece: 0,
            from: since.saturating_sub(self.times.preroll).max(self.barrier).max(self.first),
            voice_start: since,
            voice_end: self.judged,
            pauses: 0,
            longest_pause: 0,
            heard_until: self.judged,
            paused: None,
        })
    }

    fn speaking(&mut self, mut speech: Speech, probability: f32, events: &mut Vec<ListenEvent>) -> Phase {
        let before = self.judged - WINDOW;
        let fading = speech.heard_until == before && before - speech.voice_end < LONGEST_FADING;
        if probability >= self.threshold {
            self.go_on(&mut speech, events);
            speech.voice_end = self.judged;
            speech.heard_until = self.judged;
        } else if fading && probability >= self.threshold - HYSTERESIS {
            speech.heard_until = self.judged;
        } else if speech.paused.is_none() && self.judged - speech.voice_end >= self.hangovers.pause() {
            self.pause(&mut speech, events);
        }
        self.end_or_wait(speech, events)
    }

    /// The voice goes on, or went on all the time.
    fn go_on(&mut self, speech: &mut Speech, events: &mut Vec<ListenEvent>) {
        let length = self.judged - speech.from;
        if let Some(paused) = speech.paused.take() {
            let silence = self.judged - WINDOW - speech.voice_end;
            self.pace.went_on(silence, self.hangover(paused.verdict, speech.rhythm()));
            speech.pauses += silence;
            speech.longest_pause = speech.longest_pause.max(silence);
            if self.expect == Expect::Dictation && seam::is_place(length, silence) {
                self.settle(speech, paused.utterance, events);
                // What lies between is silence; a piece begins as an utterance does.
                speech.from = speech.from.max((self.judged - WINDOW).saturating_sub(self.times.preroll));
            } else {
                events.push(ListenEvent::Resume);
            }
        } else if self.expect == Expect::Dictation && length >= seam::LONGEST_PIECE {
            let [from, to] = self.range(speech.from, self.judged - WINDOW);
            let cut = speech.from + seam::quietest(&self.audio[from..to]) as u64;
            let piece = self.cut(speech, cut);
            self.settle(speech, Utterance { voice_end_ms: ms(cut), ..piece }, events);
        }
    }

    /// Ends a piece for good; the next begins where it ends.
    fn settle(&self, speech: &mut Speech, piece: Utterance, events: &mut Vec<ListenEvent>) {
        speech.from += piece.samples.len() as u64;
        speech.piece += 1;
        events.push(ListenEvent::Settled(piece));
        debug_assert!(speech.from <= self.judged, "a piece ends before what comes");
    }

    fn pause(&self, speech: &mut Speech, events: &mut Vec<ListenEvent>) {
        let utterance = self.cut(speech, self.judged);
        events.push(ListenEvent::Pause(utterance.clone()));
        speech.paused = Some(Paused { utterance, verdict: Verdict::Early });
    }

    /// Ends the utterance if the silence has lasted long enough, or the utterance as long as it may.
    fn end_or_wait(&mut self, mut speech: Speech, events: &mut Vec<ListenEvent>) -> Phase {
        let too_long = match self.expect {
            Expect::Dictation => self.judged - speech.voice_start >= self.times.longest_dictation,
            Expect::YesNo | Expect::Command => self.judged - speech.from >= self.times.longest,
        };
        if too_long && speech.paused.is_none() {
            self.pause(&mut speech, events);
        }
        let silence = self.judged - speech.voice_end;
        if let Some(paused) = &mut speech.paused
            && paused.verdict == Verdict::Early
            && silence >= self.hangovers.shortest(self.expect)
        {
            paused.verdict = Verdict::Asked;
            events.push(ListenEvent::Due(speech.id));
        }
        let rhythm = speech.rhythm();
        let hangover = speech.paused.as_ref().map(|paused| self.hangover(paused.verdict, rhythm));
        let over = too_long || hangover.is_some_and(|hangover| silence >= hangover);
        match speech.paused.take_if(|_| over) {
            Some(paused) => {
                self.barrier = speech.heard_until;
                self.pace.ended(self.judged);
                events.push(ListenEvent::SpeechEnd(paused.utterance));
                Phase::Quiet
            }
            None => Phase::Speaking(speech),
        }
    }

    /// The silence that ends an utterance of which so much is known.
    fn hangover(&self, verdict: Verdict, rhythm: Rhythm) -> u64 {
        match verdict {
            Verdict::Early | Verdict::Asked if self.is_judged => self.hangovers.base(self.expect) + LONGEST_HOLD,
            Verdict::Early | Verdict::Asked => self.hangovers.base(self.expect),
            Verdict::Judged(complete) => self.hangovers.judged(self.expect, complete, rhythm, self.pace.extra()),
        }
    }

    /// The piece in hand as it stands, up to a sample: preroll or seam, speech and the silence so far.
    fn cut(&self, speech: &Speech, until: u64) -> Utterance {
        let [from, to] = self.range(speech.from, until);
        Utterance {
            id: speech.id,
            piece: speech.piece,
            samples: Arc::from(&self.audio[from..to]),
            voice_start_ms: ms(speech.voice_start),
            voice_end_ms: ms(speech.voice_end),
            clear_ms: 0,
        }
    }

    /// Where samples lie in the audio that is kept.
    fn range(&self, from: u64, until: u64) -> [usize; 2] {
        [from, until].map(|at| index(at.saturating_sub(self.first)).min(self.audio.len()))
    }

    fn forget_old_audio(&mut self) {
        let preroll = self.times.preroll;
        let needed_from = match &self.phase {
            Phase::Quiet => self.judged.saturating_sub(preroll),
            Phase::Onset(since) => since.saturating_sub(preroll),
            Phase::Speaking(speech) => speech.from,
        };
        let unused = needed_from.saturating_sub(self.first);
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
