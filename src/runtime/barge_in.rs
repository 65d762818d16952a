//! Whether the user speaks over Herald: ducks at the first sign of a voice, stops when it goes on.
//!
//! Works on the signal without Herald's echo. One window of 32 ms with a voice is enough to speak more quietly, which
//! harms nothing and makes the next windows clearer; most windows of a quarter of a second must hold one before
//! Herald stops. Pure: no clock but the windows.

use std::collections::VecDeque;

use super::mouth::Volume;

/// Voice probability at which Herald ducks. Lower than that of an onset: the echo canceller also dampens the first
/// 100 ms of a voice that is no louder than the echo.
const DUCK_AT: f32 = 0.35;
/// Windows without that probability after which Herald speaks up again: 320 ms.
const RELENT_WINDOWS: u32 = 10;
/// Windows that decide whether to stop, and how many of them must hold a voice: 6 of 256 ms.
const JUDGED_WINDOWS: usize = 8;
const VOICED_WINDOWS: usize = 6;
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
    /// The last windows: voice or not.
    windows: VecDeque<bool>,
    quiet_windows: u32,
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
            windows: VecDeque::with_capacity(JUDGED_WINDOWS + 1),
            quiet_windows: 0,
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

    /// Takes in the voice probabilities that became known while Herald speaks, and returns how loud it may speak.
    pub fn hear(&mut self, probabilities: &[f32], now_ms: u64) -> Volume {
        for probability in probabilities {
            self.windows.push_back(*probability >= self.threshold);
            if self.windows.len() > JUDGED_WINDOWS {
                self.windows.pop_front();
            }
            self.quiet_windows = if *probability >= DUCK_AT { 0 } else { self.quiet_windows + 1 };
            let voiced = self.windows.iter().filter(|voiced| **voiced).count();
            self.volume = match self.volume {
                _ if !self.is_on(now_ms) => Volume::Full,
                Volume::Stopped => Volume::Stopped,
                Volume::Full | Volume::Ducked if voiced >= VOICED_WINDOWS => Volume::Stopped,
                Volume::Full | Volume::Ducked if self.quiet_windows == 0 => Volume::Ducked,
                Volume::Ducked if self.quiet_windows >= RELENT_WINDOWS => Volume::Full,
                unchanged @ (Volume::Full | Volume::Ducked) => unchanged,
            };
        }
        self.volume
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
