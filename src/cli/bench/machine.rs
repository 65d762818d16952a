//! What the figures were measured on, and the memory of this process.

use std::{fs, thread};

use super::Bencher;
use crate::cli::CommandError;

const BENCH: &str = "machine";

/// Prints once, before everything else, what the other figures depend on.
#[allow(clippy::cast_precision_loss, reason = "small counts")]
pub(super) fn facts(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    bencher.figure(BENCH, "cores", cores as f64, "")?;
    bencher.figure(BENCH, "threads_of_a_decode", bencher.threads() as f64, "")?;
    if let Some(free_mb) = available_mb() {
        bencher.figure(BENCH, "memory_available", free_mb, "MB")?;
    }
    resident_mb().map_or(Ok(()), |used_mb| bencher.figure(BENCH, "memory_of_this_process", used_mb, "MB"))
}

/// Memory that programs may still take, as the kernel estimates it; `None` where it does not say.
pub(in crate::cli) fn available_mb() -> Option<f64> {
    field_mb("/proc/meminfo", "MemAvailable:")
}

/// Resident memory of this process.
pub(super) fn resident_mb() -> Option<f64> {
    field_mb("/proc/self/status", "VmRSS:")
}

/// Reads a field that is in kB.
fn field_mb(file: &str, field: &str) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    let kb: f64 =
        text.lines().find_map(|line| line.strip_prefix(field))?.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kb / 1_024.0)
}
