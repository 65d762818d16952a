//! Whether the user speaks over Herald: ducks at the first sign of a voice, stops when it goes on.
//!
//! Works on the signal without Herald's echo. A sound that sets in well above the noise is enough to speak more
//! quietly, which harms nothing and makes what follows clearer; Herald stops when most windows of a fifth of a second
//! hold a voice that stands out. A voice that does not is left to the recogniser: its words stop Herald, too. Pure: no
//! clock but frames and windows.

use std::collections::VecDeque;

use super::mouth::Volume;
use crate::audio::Frame;

/// Voice probability at which Herald ducks. Lower than that of an onset: the echo canceller also dampens the first
/// 100 ms of a voice that is no louder than the echo.
const DUCK_AT: f32 = 0.35;
/// A sound this far above the noise ducks as well, when it lasts so many frames: the detector needs longer than that.
const OUTSTANDING_DB: f32 = 12.0;
const OUTSTANDING_FRAMES: u32 = 2;
/// Windows without a sign of a voice after which Herald speaks up again: 320 ms.
const RELENT_WINDOWS: u32 = 10;
/// A voice this far above the noise stops Herald, dB, when so many of the last windows hold it. Lower, a gust of wind
/// does as well, which the detector takes for a voice.
const CLEAR_DB: f32 = 16.0;
const CLEAR: (usize, usize) = (7, 5);
/// In a room that is quieter than this, dBFS, a sound so far above the noise, dB, in so many of the last windows stops
/// Herald as soon as the detector finds anything in it: what the canceller leaves of a voice over an echo as loud as the
/// voice is damaged for as long as the echo from before the ducking is under way.
const QUIET_ROOM_DB: f32 = -54.0;
const LOUD_DB: f32 = 18.0;
const LOUD: (usize, usize) = (10, 5);
const LOUD_AT: f32 = 0.05;
/// How fast the noise is believed to rise, dB in a frame: 5 dB a second.
const NOISE_RISE_DB: f32 = 0.05;
/// The same in the first two seconds, when nothing is known yet.
const FIRST_RISE_DB: f32 = 0.5;
const FIRST_FRAMES: u32 = 200;
/// How fast it is believed to fall: the share of the difference in a frame.
const NOISE_FALL: f32 = 0.05;
/// Quieter noise does not count, dB: the microphone's own.
const QUIETEST_DB: f32 = -60.0;
/// Disturbances, and the time within which as many of them make a bad room, milliseconds.
const MOST_DISTURBANCES: usize = 3;
const DISTURBED_MS: u64 = 60_000;
/// How long a bad room stays one, milliseconds.
const BAD_ROOM_MS: u64 = 180_000;

/// Hears voices while Herald speaks.
#[derive(Debug)]
pub(super) struct BargeIn {
    enabled: bool,
    threshold: f32,
    volume: Volume,
    /// The last windows: the probability of a voice, and how far above the noise, dB.
    windows: VecDeque<(f32, f32)>,
    quiet_windows: u32,
    noise_db: f32,
    /// Frames that were listened to, at most [`FIRST_FRAMES`].
    frames: u32,
    /// The loudest frame since the last window, dB above the noise.
    above_db: f32,
    outstanding: u32,
    disturbed_ms: VecDeque<u64>,
    bad_until_ms: u64,
}

impl BargeIn {
    /// `threshold` is the probability from which a window counts as voice.
    pub fn new(enabled: bool, threshold: f32) -> Self {
        Self {
            enabled,
            threshold,
            volume: Volume::Full,
            windows: VecDeque::with_capacity(LOUD.0 + 1),
            quiet_windows: RELENT_WINDOWS,
            noise_db: QUIETEST_DB,
            frames: 0,
            above_db: 0.0,
            outstanding: 0,
            disturbed_ms: VecDeque::with_capacity(MOST_DISTURBANCES + 1),
            bad_until_ms: 0,
        }
    }

    /// Tells whether the user may speak over Herald: it is wanted, and the room is good enough.
    pub const fn is_on(&self, now_ms: u64) -> bool {
        self.enabled && now_ms >= self.bad_until_ms
    }

    /// Tells whether Herald was stopped by a voice.
    pub fn is_stopped(&self) -> bool {
        self.volume == Volume::Stopped
    }

    /// Takes in a frame, and whether Herald speaks: then the echo canceller dampens the noise as well, and what stands
    /// out may be the user, so that the noise from before is taken for that of now.
    pub fn listen(&mut self, frame: &Frame, speaks: bool) {
        let power = frame.0.iter().map(|sample| sample * sample).sum::<f32>() / frame.0.len() as f32;
        let level_db = (10.0 * power.max(f32::MIN_POSITIVE).log10()).max(QUIETEST_DB);
        if !speaks || self.is_stopped() {
            self.learn_noise(level_db);
        }
        let above_db = level_db - self.noise_db;
        self.above_db = self.above_db.max(above_db);
        self.outstanding = if above_db >= OUTSTANDING_DB { self.outstanding + 1 } else { 0 };
    }

    fn learn_noise(&mut self, level_db: f32) {
        let rise_db = if self.frames < FIRST_FRAMES { FIRST_RISE_DB } else { NOISE_RISE_DB };
        self.frames = (self.frames + 1).min(FIRST_FRAMES);
        if level_db < self.noise_db {
            self.noise_db += NOISE_FALL * (level_db - self.noise_db);
        } else {
            self.noise_db = level_db.min(self.noise_db + rise_db);
        }
    }

    /// Takes in the voice probabilities that became known while Herald speaks, and returns how loud it may speak.
    pub fn hear(&mut self, probabilities: &[f32], now_ms: u64) -> Volume {
        if !self.is_on(now_ms) {
            self.volume = Volume::Full;
            return self.volume;
        }
        if self.outstanding >= OUTSTANDING_FRAMES {
            self.noticed();
        }
        for probability in probabilities {
            self.quiet_windows += 1;
            if *probability >= DUCK_AT {
                self.noticed();
            }
            self.windows.push_back((*probability, self.above_db));
            self.above_db = 0.0;
            if self.windows.len() > LOUD.0 {
                self.windows.pop_front();
            }
            if self.is_clear_voice() || self.is_loud_in_a_quiet_room() {
                self.volume = Volume::Stopped;
            }
            if self.volume == Volume::Ducked && self.quiet_windows >= RELENT_WINDOWS {
                self.volume = Volume::Full;
            }
        }
        self.volume
    }

    /// A sign of a voice.
    fn noticed(&mut self) {
        self.quiet_windows = 0;
        if self.volume == Volume::Full {
            self.volume = Volume::Ducked;
        }
    }

    fn is_clear_voice(&self) -> bool {
        let last = self.windows.iter().rev().take(CLEAR.0);
        last.filter(|(probability, above_db)| *probability >= self.threshold && *above_db >= CLEAR_DB).count()
            >= CLEAR.1
    }

    fn is_loud_in_a_quiet_room(&self) -> bool {
        self.noise_db <= QUIET_ROOM_DB
            && self.windows.iter().filter(|(_, above_db)| *above_db >= LOUD_DB).count() >= LOUD.1
            && self.windows.iter().any(|(probability, _)| *probability >= LOUD_AT)
    }

    /// Herald speaks as before, or says something else.
    pub fn reset(&mut self) {
        self.volume = Volume::Full;
        self.windows.clear();
        self.quiet_windows = RELENT_WINDOWS;
    }

    /// Herald was stopped by nothing, or heard itself. Returns whether that makes the room a bad one: for some minutes
    /// no voice stops Herald any more.
    pub fn disturbed(&mut self, now_ms: u64) -> bool {
        self.disturbed_ms.push_back(now_ms);
        while self.disturbed_ms.front().is_some_and(|at_ms| at_ms + DISTURBED_MS < now_ms) {
            self.disturbed_ms.pop_front();
        }
        if self.disturbed_ms.len() < MOST_DISTURBANCES {
            return false;
        }
        self.disturbed_ms.clear();
        self.bad_until_ms = now_ms + BAD_ROOM_MS;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows with a probability each, a voice 30 dB above the noise where it is high.
    fn hear(barge_in: &mut BargeIn, probabilities: &[f32]) -> Vec<Volume> {
        let window = |barge_in: &mut BargeIn, probability: f32| {
            for _ in 0..3 {
                barge_in.listen(&Frame([if probability > 0.5 { 0.05 } else { 0.001 }; 160]), probability > 0.5);
            }
            barge_in.hear(&[probability], 0)
        };
        probabilities.iter().map(|probability| window(barge_in, *probability)).collect()
    }

    #[test]
    fn a_sound_that_stands_out_ducks_before_anybody_knows_what_it_is_and_a_steady_noise_does_not() {
        let mut barge_in = BargeIn::new(true, 0.5);
        let (quiet, loud) = (Frame([0.001; 160]), Frame([0.05; 160]));
        (0..500).for_each(|_| barge_in.listen(&quiet, false));
        assert_eq!(barge_in.hear(&[], 0), Volume::Full);
        (0..3).for_each(|_| barge_in.listen(&loud, true));
        assert_eq!(barge_in.hear(&[], 0), Volume::Ducked);
        barge_in.reset();
        (0..1_000).for_each(|_| barge_in.listen(&loud, false));
        assert_eq!(barge_in.hear(&[0.1], 0), Volume::Full);
    }

    #[test]
    fn a_voice_that_hardly_stands_out_is_left_to_the_recogniser() {
        let mut barge_in = BargeIn::new(true, 0.5);
        let loud = Frame([0.05; 160]);
        (0..2_000).for_each(|_| barge_in.listen(&loud, false));
        for _ in 0..100 {
            assert_eq!(barge_in.hear(&[0.9], 0), Volume::Ducked);
        }
    }

    #[test]
    fn in_a_quiet_room_a_loud_sound_stops_when_anything_of_a_voice_is_in_it_and_not_otherwise() {
        for (probability, volume) in [(0.1, Volume::Stopped), (0.01, Volume::Ducked)] {
            let mut barge_in = BargeIn::new(true, 0.5);
            (0..500).for_each(|_| barge_in.listen(&Frame([0.0005; 160]), false));
            for _ in 0..8 {
                (0..3).for_each(|_| barge_in.listen(&Frame([0.05; 160]), true));
                barge_in.hear(&[probability], 0);
            }
            assert_eq!(barge_in.volume, volume);
        }
    }

    #[test]
    fn the_first_sign_of_a_voice_ducks_and_a_voice_that_goes_on_stops() {
        let mut barge_in = BargeIn::new(true, 0.5);
        assert_eq!(hear(&mut barge_in, &[0.1, 0.1]), [Volume::Full; 2]);
        let volumes = hear(&mut barge_in, &[0.9; 8]);
        assert_eq!(volumes[0], Volume::Ducked);
        let windows = volumes.iter().position(|volume| *volume == Volume::Stopped).unwrap() + 1;
        assert!(windows * 32 <= 300, "{windows} windows");
        assert_eq!(hear(&mut barge_in, &[0.0; 50]), [Volume::Stopped; 50], "silence alone does not take it back");
    }

    #[test]
    fn a_click_ducks_for_a_moment() {
        let mut barge_in = BargeIn::new(true, 0.5);
        assert_eq!(hear(&mut barge_in, &[0.9, 0.8]), [Volume::Ducked; 2]);
        let volumes = hear(&mut barge_in, &[0.0; 12]);
        assert_eq!(volumes.last(), Some(&Volume::Full));
        assert!(!volumes.contains(&Volume::Stopped));
    }

    #[test]
    fn a_bad_room_is_left_alone_for_three_minutes() {
        let mut barge_in = BargeIn::new(true, 0.5);
        assert!(!barge_in.disturbed(0) && !barge_in.disturbed(50_000));
        assert!(!barge_in.disturbed(115_000), "the first two are forgotten");
        assert!(!barge_in.disturbed(116_000) && barge_in.disturbed(117_000));
        assert!(!barge_in.is_on(118_000));
        assert_eq!(barge_in.hear(&[0.9; 20], 118_000), Volume::Full);
        assert!(barge_in.is_on(300_000));
    }

    #[test]
    fn where_it_is_off_no_voice_changes_anything() {
        assert_eq!(BargeIn::new(false, 0.5).hear(&[0.9; 20], 0), Volume::Full);
    }
}
