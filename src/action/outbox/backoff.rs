//! How long to wait before the next attempt: doubling, with jitter, and never less than the network asks.

use super::MessageId;

/// The first wait, milliseconds.
const FIRST_MS: u64 = 1_000;

/// The longest wait, milliseconds; a wait the network itself names may be longer.
const LONGEST_MS: u64 = 300_000;

/// Failures of one message, or of the whole network, and when to try again.
#[derive(Debug)]
pub(super) struct Backoff {
    seed: u64,
    failures: u32,
    due_ms: u64,
}

impl Backoff {
    /// Starts without a failure. Equal seeds give equal waits; different devices should not.
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed, failures: 0, due_ms: 0 }
    }

    /// Counts a failure at `now_ms`. The wait is between half and the whole of 1 s, 2 s, 4 s ... 5 min, or what
    /// the network asked for and up to an eighth more, whichever is later.
    pub(super) fn defer(&mut self, now_ms: u64, retry_after_ms: Option<u64>) {
        let step_ms = FIRST_MS.checked_shl(self.failures).unwrap_or(LONGEST_MS).min(LONGEST_MS);
        self.failures = self.failures.saturating_add(1).min(32);
        let random = splitmix64(self.seed.wrapping_add(u64::from(self.failures)));
        let own_ms = step_ms / 2 + random % (step_ms / 2 + 1);
        let asked_ms = retry_after_ms.map_or(0, |ms| ms.saturating_add(random % (ms / 8 + 1)));
        self.due_ms = now_ms.saturating_add(own_ms.max(asked_ms));
    }

    /// When to try again.
    pub(super) const fn due_ms(&self) -> u64 {
        self.due_ms
    }
}

/// Returns a seed that differs between messages and devices.
pub(super) fn seed(id: &MessageId) -> u64 {
    id.as_str().bytes().fold(0, |hash, byte| splitmix64(hash ^ u64::from(byte)))
}

/// One step of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
const fn splitmix64(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_and_differ_by_seed() {
        let mut backoff = Backoff::new(7);
        for failure in 0..40_u32 {
            backoff.defer(1_000, None);
            let step = FIRST_MS.checked_shl(failure).filter(|ms| *ms > 0).unwrap_or(LONGEST_MS).min(LONGEST_MS);
            assert!((step / 2..=step).contains(&(backoff.due_ms() - 1_000)), "failure {failure}: {backoff:?}");
        }
        let due = |seed| {
            let mut backoff = Backoff::new(seed);
            backoff.defer(0, None);
            backoff.due_ms()
        };
        assert!((0..20).any(|seed| due(seed) != due(20)));
    }

    #[test]
    fn a_time_the_network_names_is_never_undercut() {
        let mut backoff = Backoff::new(1);
        backoff.defer(500, Some(900_000));
        assert!((900_500..=1_013_000).contains(&backoff.due_ms()));
        backoff.defer(u64::MAX - 1, Some(u64::MAX));
        assert_eq!(backoff.due_ms(), u64::MAX);
    }
}
