//! How long a silence must last before what was said counts as over.
//!
//! What is expected gives the base ([`Expect`]), what was said so far and how it sounded moves it
//! ([`Completeness`]), and who speaks stretches it: somebody who was just cut off, or whose pauses come close to it,
//! gets more time for a while ([`Pace`]), and so does a dictation that has hardly begun or had long pauses before
//! ([`Rhythm`]).

use super::{Expect, WINDOW_SAMPLES};
use crate::{audio::RATE_HZ, config};

/// How probable it is that the speaker has finished, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Completeness(f32);

impl Completeness {
    /// Nothing is missing, and nothing can be added: "yes", "send it".
    pub const CERTAIN: Self = Self(1.0);

    /// A probability; what is outside 0 to 1 (or no number) is brought inside.
    pub fn new(probability: f32) -> Self {
        Self(if probability > 0.0 { probability.min(1.0) } else { 0.0 })
    }

    /// The probability.
    pub const fn get(self) -> f32 {
        self.0
    }
}

/// From completeness to hangover, as factors of the base: between two points the line is straight.
type Curve = [(f32, f32)];

/// A command. The knees are where 3 % and 15 % of the ends of recorded commands lie, and 60 % and all of the pauses
/// inside them: those below wait long, those between as long as people do not yet take for slow (750 ms); the likelier
/// the end, the less the base is exceeded.
const COMMAND: &Curve = &[(0.0, 2.6), (0.21, 2.6), (0.28, 1.5), (0.52, 1.5), (0.6, 1.15), (0.75, 1.0), (1.0, 1.0)];
/// A dictated message: only a spoken end is quick. A whole sentence does not tell whether another one follows, so the
/// words count only where they break off; the [`Rhythm`] tells more.
const DICTATION: &Curve = &[(0.0, 1.5), (0.1, 1.0), (0.99, 1.0), (1.0, 0.5)];
/// A dictation may pause this many times as long as its longest pause so far.
const LONGER_PAUSE: u64 = 2;
/// Who has dictated less than this many samples of voice (2.5 s) is still thinking of what to say ...
const BEGINNING: u64 = 40_000;
/// ... and gets this much more, samples: 800 ms.
const BEGINNING_EXTRA: u64 = 12_800;
/// The rhythm makes the silence that ends a dictation no longer than this, samples: 3 s.
const LONGEST_BY_RHYTHM: u64 = 48_000;
/// Most that the speaker's pace adds, samples: 300 ms.
const MOST_EXTRA: u64 = 4_800;
/// What being cut off adds, samples: 150 ms.
const CUT_OFF: u64 = 2_400;
/// Somebody who speaks again within this time was cut off, samples: 1 s.
const SOON: u64 = 16_000;
/// What a pause that nearly ended the utterance adds, samples: 50 ms.
const NEARLY: u64 = 800;

/// How an utterance went so far, in samples.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rhythm {
    /// Of voice, pauses left out.
    pub voice: u64,
    pub longest_pause: u64,
}

/// The silences of a configuration, in samples, whole windows.
#[derive(Debug)]
pub(super) struct Hangovers {
    yes_no: u64,
    command: u64,
    dictation: u64,
    pause: u64,
}

impl Hangovers {
    pub(super) fn new(config: &config::Listen) -> Self {
        Self {
            yes_no: windows(config.hangover_yes_no_ms.into()),
            command: windows(config.hangover_command_ms.into()),
            dictation: windows(config.hangover_dictation_ms.into()),
            pause: windows(config.pause_ms.into()),
        }
    }

    /// The silence at which a decode may start.
    pub(super) const fn pause(&self) -> u64 {
        self.pause
    }

    /// The shortest silence that can be the end; here it matters for the first time what was said.
    pub(super) fn shortest(&self, expect: Expect) -> u64 {
        self.judged(expect, Completeness::CERTAIN, Rhythm::default(), 0)
    }

    /// The silence that is the end where nobody says what was said.
    pub(super) fn base(&self, expect: Expect) -> u64 {
        match expect {
            Expect::YesNo => self.yes_no,
            Expect::Command => self.command,
            Expect::Dictation => self.dictation,
        }
        .max(self.pause)
    }

    /// The silence that is the end of something so complete, said so far in such a rhythm by somebody who needs `extra`
    /// samples more.
    pub(super) fn judged(&self, expect: Expect, complete: Completeness, rhythm: Rhythm, extra: u64) -> u64 {
        let (base, curve) = match expect {
            // An answer that is neither yes nor no is a sentence.
            Expect::YesNo if complete == Completeness::CERTAIN => return self.base(expect),
            Expect::YesNo | Expect::Command => (self.base(Expect::Command), COMMAND),
            Expect::Dictation => (self.base(expect), DICTATION),
        };
        let doubt = 1.0 - complete.get();
        let by_words = scaled(base, factor(curve, complete.get())).max(self.pause) + scaled(extra, doubt);
        if expect == Expect::Dictation && complete < Completeness::CERTAIN {
            let thinking = if rhythm.voice < BEGINNING { BEGINNING_EXTRA } else { 0 };
            let by_rhythm = base.max(rhythm.longest_pause * LONGER_PAUSE) + thinking;
            return by_words.max(nearest(by_rhythm.min(LONGEST_BY_RHYTHM)));
        }
        by_words
    }
}

fn factor(curve: &Curve, at: f32) -> f32 {
    let pairs = curve.iter().zip(curve.iter().skip(1));
    let within = pairs.into_iter().find(|(_, (to, _))| at <= *to);
    within.map_or(1.0, |((from, low), (to, high))| low + (high - low) * (at - from) / (to - from))
}

/// A part of some samples, in whole windows.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few seconds of samples times a factor that is not negative"
)]
fn scaled(samples: u64, factor: f32) -> u64 {
    nearest((samples as f32 * factor) as u64)
}

/// Milliseconds as samples, in whole windows, at least one.
pub(super) fn windows(ms: u64) -> u64 {
    nearest(ms * u64::from(RATE_HZ) / 1_000).max(WINDOW_SAMPLES as u64)
}

const fn nearest(samples: u64) -> u64 {
    let window = WINDOW_SAMPLES as u64;
    (samples + window / 2) / window * window
}

/// What the pauses of this speaker tell, over the conversation.
#[derive(Debug, Default)]
pub(super) struct Pace {
    extra: u64,
    /// When the last utterance was taken for over, until it is known whether it was.
    ended: Option<u64>,
}

impl Pace {
    /// What this speaker needs more than others, samples.
    pub(super) const fn extra(&self) -> u64 {
        self.extra
    }

    /// Somebody begins to speak at that sample.
    pub(super) fn began(&mut self, at: u64) {
        if let Some(ended) = self.ended.take() {
            let cut_off = at.saturating_sub(ended) < SOON;
            self.extra = if cut_off { (self.extra + CUT_OFF).min(MOST_EXTRA) } else { self.extra * 3 / 4 };
        }
    }

    /// The voice went on after a silence that could have been the end at `hangover` samples.
    pub(super) fn went_on(&mut self, silence: u64, hangover: u64) {
        if silence * 5 >= hangover * 4 {
            self.extra = (self.extra + NEARLY).min(MOST_EXTRA);
        }
    }

    /// The utterance was taken for over at that sample.
    pub(super) const fn ended(&mut self, at: u64) {
        self.ended = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hangovers() -> Hangovers {
        let config = config::Listen { hangover_command_ms: 512, ..super::super::tests::config() };
        Hangovers::new(&config)
    }

    #[test]
    fn the_more_complete_the_shorter_and_never_shorter_than_the_pause() {
        let hangovers = hangovers();
        for expect in [Expect::YesNo, Expect::Command, Expect::Dictation] {
            let at = |percent: u8| {
                hangovers.judged(expect, Completeness::new(f32::from(percent) / 100.0), Rhythm::default(), 0)
            };
            let all: Vec<u64> = (0..=100).map(at).collect();
            assert!(all.windows(2).all(|pair| pair[0] >= pair[1]), "{expect:?}");
            assert!(all.iter().all(|hangover| *hangover >= hangovers.pause()), "{expect:?}");
            assert_eq!(all.last(), Some(&hangovers.shortest(expect)));
        }
    }

    #[test]
    fn an_answer_that_is_neither_yes_nor_no_is_waited_for_as_a_command() {
        let hangovers = hangovers();
        let of = |expect| hangovers.judged(expect, Completeness::new(0.5), Rhythm::default(), 0);
        assert_eq!(of(Expect::YesNo), of(Expect::Command));
        assert!(hangovers.shortest(Expect::YesNo) < hangovers.shortest(Expect::Command));
    }

    #[test]
    fn completeness_is_a_probability_whatever_it_is_made_of() {
        for (made_of, is) in [(f32::NAN, 0.0), (-1.0, 0.0), (0.25, 0.25), (7.0, 1.0)] {
            assert_eq!(Completeness::new(made_of).get(), is);
        }
    }

    #[test]
    fn a_dictation_may_pause_longer_where_it_has_hardly_begun_or_paused_before_but_not_for_ever() {
        let hangovers = hangovers();
        let of = |expect, complete, voice, longest_pause| {
            hangovers.judged(expect, Completeness::new(complete), Rhythm { voice, longest_pause }, 0)
        };
        let base = hangovers.base(Expect::Dictation);
        assert_eq!(of(Expect::Dictation, 0.6, BEGINNING, 0), base);
        assert_eq!(of(Expect::Dictation, 0.6, 0, 0), nearest(base + BEGINNING_EXTRA));
        assert_eq!(of(Expect::Dictation, 0.6, BEGINNING, base), nearest(2 * base));
        assert_eq!(of(Expect::Dictation, 0.6, 0, 1_000_000), nearest(LONGEST_BY_RHYTHM));
        assert_eq!(of(Expect::Dictation, 1.0, 0, base), hangovers.shortest(Expect::Dictation), "\"send it\"");
        assert_eq!(of(Expect::Command, 0.6, 0, base), of(Expect::Command, 0.6, BEGINNING, 0));
    }

    #[test]
    fn who_was_cut_off_gets_more_time_and_less_again_later() {
        let mut pace = Pace::default();
        for _ in 0..5 {
            pace.ended(0);
            pace.began(SOON / 2);
        }
        assert_eq!(pace.extra(), MOST_EXTRA);
        let hangovers = hangovers();
        let of = |expect, complete, extra| hangovers.judged(expect, complete, Rhythm::default(), extra);
        let doubtful = Completeness::new(0.2);
        assert!(of(Expect::Command, doubtful, pace.extra()) > of(Expect::Command, doubtful, 0));
        assert_eq!(of(Expect::YesNo, Completeness::CERTAIN, pace.extra()), hangovers.base(Expect::YesNo));
        for _ in 0..40 {
            pace.ended(0);
            pace.began(SOON * 3);
        }
        assert_eq!(pace.extra(), 0);
    }

    #[test]
    fn a_pause_that_was_nearly_the_end_gives_more_time() {
        let mut pace = Pace::default();
        pace.went_on(8_000, 20_000);
        assert_eq!(pace.extra(), 0);
        pace.went_on(18_000, 20_000);
        assert_eq!(pace.extra(), NEARLY);
    }
}
