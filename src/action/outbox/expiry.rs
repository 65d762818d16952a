//! When a message has waited so long that sending it would surprise.
//!
//! The time is counted by the wall clock, the only one that also counts while the power is off; but a Pi
//! boots in 1970 and learns the time a minute later. So a jump of the wall clock against the steady one is taken out
//! of every wait, also across a restart of Herald on a machine that runs on, and while the clock is plainly wrong
//! nothing expires.

use super::{Clock, MessageId, Outcome, Reason, Status};
use crate::store::{Store, StoreError};

/// Longest wait: 48 hours.
const LONGEST_WAIT_MS: i64 = 48 * 3_600_000;

/// A smaller difference between the clocks is drift or a correction, not a jump.
const JUMP_MS: i64 = 3_600_000;

/// 2025-01-01: an earlier clock has not learnt the time yet.
const EARLIEST_MS: i64 = 1_735_689_600_000;

/// Time of the audio clock between two checks.
const CHECK_EVERY_MS: u64 = 60_000;

/// The settings key of both clocks as last seen: the boot, wall and steady milliseconds, separated by blanks.
const CLOCKS: &str = "outbox.clocks";

/// Both clocks as last seen, and when to look again.
#[derive(Debug)]
pub(super) struct Expiry {
    clocks: Clocks,
    next_check_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Clocks {
    boot: String,
    wall_ms: i64,
    steady_ms: i64,
}

impl Clocks {
    fn now(clock: &dyn Clock) -> Self {
        Self { boot: clock.boot(), wall_ms: clock.wall_ms(), steady_ms: clock.steady_ms() }
    }

    fn kept(store: &Store) -> Result<Option<Self>, StoreError> {
        let Some(text) = store.setting(CLOCKS)? else { return Ok(None) };
        let mut words = text.split(' ').map(str::to_owned);
        let boot = words.next().filter(|boot| !boot.is_empty());
        let mut number = || words.next()?.parse().ok();
        Ok(boot.zip(number()).zip(number()).map(|((boot, wall_ms), steady_ms)| Self { boot, wall_ms, steady_ms }))
    }

    fn keep(&self, store: &Store) -> Result<(), StoreError> {
        store.set_setting(CLOCKS, &format!("{} {} {}", self.boot, self.wall_ms, self.steady_ms))
    }

    /// How far the wall clock jumped since; across a restart of the machine nobody knows.
    const fn jump_since(&self, before: &Self) -> i64 {
        (self.wall_ms - before.wall_ms) - (self.steady_ms - before.steady_ms)
    }
}

impl Expiry {
    /// Starts counting. A jump since an earlier process, on a machine that has run on, is taken out. Waits that began in
    /// the future, or before the clock knew the time, begin now.
    pub(super) fn start(store: &Store, clock: &dyn Clock) -> Result<Self, StoreError> {
        let now = Clocks::now(clock);
        let before = Clocks::kept(store)?.filter(|before| before.boot == now.boot);
        let mut expiry = Self { clocks: before.unwrap_or_else(|| now.clone()), next_check_ms: 0 };
        expiry.observe(store, clock)?;
        store.connection().execute(
            "UPDATE messages SET waits_since_ms = ?1
             WHERE status IN ('queued', 'sending') AND (waits_since_ms > ?1 OR waits_since_ms < ?2)",
            (now.wall_ms, EARLIEST_MS),
        )?;
        now.keep(store)?;
        Ok(expiry)
    }

    /// Looks at the clocks; takes a jump out of the waits that began before it.
    pub(super) fn observe(&mut self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        let now = Clocks::now(clock);
        let jump_ms = now.jump_since(&self.clocks);
        if jump_ms.abs() > JUMP_MS {
            store.write(|transaction| {
                transaction.execute(
                    "UPDATE messages SET waits_since_ms = waits_since_ms + ?1 WHERE status IN ('queued', 'sending')",
                    [jump_ms],
                )?;
                // Together, or the next process takes it out once more.
                now.keep(store)
            })?;
        }
        self.clocks = now;
        Ok(())
    }

    /// Ends the waits that were too long. A message the network may have becomes `unverified`, the others
    /// `expired`. Looks once a minute.
    pub(super) fn check(&mut self, now_ms: u64, store: &Store, clock: &dyn Clock) -> Result<Vec<Outcome>, StoreError> {
        if now_ms < self.next_check_ms {
            return Ok(Vec::new());
        }
        self.next_check_ms = now_ms.saturating_add(CHECK_EVERY_MS);
        self.observe(store, clock)?;
        if self.clocks.wall_ms < EARLIEST_MS {
            return Ok(Vec::new());
        }
        end_waits(store, self.clocks.wall_ms - LONGEST_WAIT_MS)
    }
}

/// Ends the waits that began before a moment.
fn end_waits(store: &Store, before_ms: i64) -> Result<Vec<Outcome>, StoreError> {
    let ends =
        [(Status::Queued, Status::Expired, Reason::NoNetwork), (Status::Sending, Status::Unverified, Reason::NoAnswer)];
    let mut outcomes = Vec::new();
    for (waiting, status, reason) in ends {
        let mut update = store.connection().prepare_cached(
            "UPDATE messages SET status = ?1, reason = ?2
             WHERE status = ?3 AND status IN ('queued', 'sending') AND waits_since_ms < ?4 RETURNING id",
        )?;
        let ids = update.query_map((status.as_str(), reason.as_str(), waiting.as_str(), before_ms), |row| {
            row.get(0).map(MessageId::from_network)
        })?;
        for id in ids {
            outcomes.push(Outcome { id: id?, status, reason: Some(reason) });
        }
    }
    Ok(outcomes)
}
