//! Moments, and how much time has surely passed since one.
//!
//! Limits and locks must not be shortened by a wall clock that jumps. So only steady time counts: on a machine that ran
//! on, the difference; after a restart of the machine, the time since its start. Either is no more than what has truly
//! passed, so a lock may last longer over a restart and is never shorter.

use crate::action::Clock;

/// A moment, by all clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) wall_ms: i64,
    pub(super) steady_ms: i64,
    pub(super) boot: String,
}

impl Moment {
    /// Reads the clocks.
    pub(super) fn now(clock: &dyn Clock) -> Self {
        Self { wall_ms: clock.wall_ms(), steady_ms: clock.steady_ms(), boot: clock.boot() }
    }

    /// Returns the milliseconds that have surely passed since then.
    pub(super) fn surely_since(&self, then: &Self) -> i64 {
        if self.is_of_the_run_of(then) { self.steady_ms.saturating_sub(then.steady_ms) } else { self.steady_ms.max(0) }
    }

    /// Whether surely no more than so much time has passed since then. After a restart of the machine the wall clock has
    /// to say so too.
    pub(super) fn is_surely_within(&self, limit_ms: i64, then: &Self) -> bool {
        let by_wall = (0..=limit_ms).contains(&self.wall_ms.saturating_sub(then.wall_ms));
        self.surely_since(then) <= limit_ms && (self.is_of_the_run_of(then) || by_wall)
    }

    /// Whether the machine ran on. Where its start has no name, a steady clock that went back tells of a restart.
    fn is_of_the_run_of(&self, then: &Self) -> bool {
        self.boot == then.boot && self.steady_ms >= then.steady_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(boot: &str, steady_ms: i64, wall_ms: i64) -> Moment {
        Moment { wall_ms, steady_ms, boot: boot.to_owned() }
    }

    #[test]
    fn only_steady_time_counts() {
        let then = at("a", 2_000, 0);
        assert_eq!(at("a", 9_000, i64::MAX).surely_since(&then), 7_000);
        assert_eq!(at("b", 500, i64::MAX).surely_since(&then), 500, "after a restart: since the start");
        assert_eq!(at("b", 9_000, -5).surely_since(&then), 9_000);
        assert_eq!(at("", 500, 0).surely_since(&at("", 2_000, 0)), 500, "the clock without a name went back");
    }

    #[test]
    fn what_is_recent_is_sure_only_while_the_machine_runs_or_the_wall_clock_agrees() {
        let then = at("a", 2_000, 10_000);
        assert!(at("a", 3_000, i64::MIN).is_surely_within(1_000, &then));
        assert!(!at("a", 3_001, 10_000).is_surely_within(1_000, &then));
        assert!(at("b", 500, 11_000).is_surely_within(1_000, &then));
        for wall_ms in [9_999, 11_001] {
            assert!(!at("b", 500, wall_ms).is_surely_within(1_000, &then));
        }
        assert!(!at("b", 1_001, 10_500).is_surely_within(1_000, &then));
    }
}
