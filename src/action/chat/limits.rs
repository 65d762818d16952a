//! How often is too often: the generic cell rate algorithm (ITU-T I.371), one moment in memory for each who asks.

use std::collections::HashMap;

/// Whoever asked last within this many is remembered; when there are more, those whose time is over are forgotten.
const REMEMBERED: usize = 10_000;

/// So many in a minute, by name.
#[derive(Debug)]
pub(super) struct Limit {
    every_ms: u64,
    /// How far ahead of its time one may be.
    ahead_ms: u64,
    /// When the next would be due, were they evenly spread.
    due: HashMap<String, u64>,
}

impl Limit {
    /// At most so many a minute, all at once or spread.
    pub fn a_minute(most: u32) -> Self {
        let every_ms = 60_000 / u64::from(most.max(1));
        Self { every_ms, ahead_ms: every_ms * u64::from(most.saturating_sub(1)), due: HashMap::new() }
    }

    /// Counts one more, or says after how many seconds there may be one.
    pub fn count(&mut self, name: &str, now_ms: u64) -> Result<(), u64> {
        if self.due.len() >= REMEMBERED {
            self.due.retain(|_, due_ms| *due_ms > now_ms);
            if self.due.len() >= REMEMBERED && !self.due.contains_key(name) {
                return Err(60);
            }
        }
        let due_ms = self.due.get(name).copied().unwrap_or(0).max(now_ms);
        let early_ms = (due_ms - now_ms).saturating_sub(self.ahead_ms);
        if early_ms > 0 {
            return Err(early_ms.div_ceil(1_000));
        }
        self.due.insert(name.to_owned(), due_ms + self.every_ms);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_minute_are_taken_and_others_are_not_held_up() {
        let mut limit = Limit::a_minute(30);
        for _ in 0..30 {
            assert_eq!(limit.count("a", 5_000), Ok(()));
        }
        assert_eq!(limit.count("a", 5_000), Err(2));
        assert_eq!(limit.count("b", 5_000), Ok(()));
        assert_eq!(limit.count("a", 7_000), Ok(()));
        assert_eq!(limit.count("a", 7_000), Err(2));
    }

    #[test]
    fn nobody_fills_the_memory() {
        let mut limit = Limit::a_minute(1);
        for name in 0..20_000 {
            let _ = limit.count(&name.to_string(), 0);
        }
        assert_eq!((limit.due.len(), limit.count("late", 0)), (REMEMBERED, Err(60)));
        assert_eq!(limit.count("late", 60_000), Ok(()));
        assert_eq!(limit.due.len(), 1);
    }
}
