//! Wall-clock time and time that never jumps. Neither drives the conversation (that is the audio clock); they
//! stamp messages and tell when one has waited too long.

use std::time::Instant;

/// The two clocks of the outbox, in milliseconds.
pub trait Clock: std::fmt::Debug {
    /// Milliseconds since 1970. May be wrong, and may jump when the machine learns the time.
    fn wall_ms(&self) -> i64;

    /// Milliseconds since some fixed moment, time asleep included. Never jumps.
    fn steady_ms(&self) -> i64;

    /// Names the machine's start that the steady clock counts from: as long as it is the same, so is the clock, also in
    /// another process. Empty where that is unknown.
    fn boot(&self) -> String;
}

/// The clocks of the machine.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts counting.
    #[allow(clippy::new_without_default, reason = "it reads a clock: that should be seen where it is made")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }

    fn steady_ms(&self) -> i64 {
        // Linux stops `Instant` while a laptop sleeps; the uptime counts on (proc(5): seconds with two decimals,
        // first field). Elsewhere `Instant` has to do.
        let uptime = std::fs::read_to_string("/proc/uptime").ok();
        let seconds = uptime.as_deref().and_then(|text| text.split(' ').next()).and_then(|field| field.parse().ok());
        #[allow(clippy::cast_possible_truncation, reason = "an uptime fits")]
        seconds.map_or_else(
            || i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX),
            |seconds: f64| (seconds * 1000.0) as i64,
        )
    }

    fn boot(&self) -> String {
        // random(4)
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        boot.map(|boot| boot.trim().to_owned()).unwrap_or_default()
    }
}

/// Writes a time as the outer contract wants it: RFC 3339, UTC, three decimals. A time outside the years
/// jiff knows (a server may lie) becomes the nearest one inside.
pub fn rfc3339(wall_ms: i64) -> String {
    let bounds = jiff::Timestamp::MIN.as_millisecond()..=jiff::Timestamp::MAX.as_millisecond();
    let inside = wall_ms.clamp(*bounds.start(), *bounds.end());
    let stamp = jiff::Timestamp::from_millisecond(inside).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{stamp:.3}")
}
