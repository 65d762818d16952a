//! Log lines to stderr, short and without content: no words, names, audio or tokens.
//!
//! What Herald logs itself keeps to that by [`Redacted`]. Libraries it uses do not know the rule, so of theirs
//! only warnings and errors pass, whatever the level, and of the Matrix SDK nothing. A panic message can hold the
//! text that was being handled; only its place is logged.

pub mod redact;

pub use redact::Redacted;

use std::{
    io::{self, IsTerminal},
    panic::{self, PanicHookInfo},
    thread,
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Sends log lines of at least `level` (`error`, `warn`, `info`, `debug` or `trace`) to stderr. Calling it again
/// changes nothing.
pub fn init(level: &str) {
    let level = level.parse().unwrap_or(LevelFilter::WARN);
    let terminal = io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(terminal).with_target(false);
    let registry = tracing_subscriber::registry().with(filter(level));
    // The journal stamps each line itself, and a replay's log should not differ from run to run.
    let set = if terminal { registry.with(lines).try_init() } else { registry.with(lines.without_time()).try_init() };
    if set.is_err() {
        tracing::debug!("the log was set up before");
    }
}

/// Makes a panic report its place on stderr, and nothing of what was being handled.
#[allow(clippy::print_stderr, reason = "a panic may come before the log is set up")]
pub fn keep_panics_private() {
    panic::set_hook(Box::new(|panic| eprintln!("{}", describe(panic))));
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("herald: panic in thread {:?} at {place}", thread::current().name().unwrap_or("without a name"))
}

/// Herald's own lines from `level` on, warnings and errors of all others; none of a library whose warnings name people.
fn filter(level: LevelFilter) -> Targets {
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("matrix_sdk", LevelFilter::OFF)
        .with_target("ruma", LevelFilter::OFF)
        .with_target(env!("CARGO_PKG_NAME"), level)
}

#[cfg(test)]
mod tests {
    use std::{panic, sync::mpsc, thread};

    use tracing::{Level, level_filters::LevelFilter};

    #[test]
    fn a_panic_tells_its_place_and_not_what_was_being_handled() {
        let (said, heard) = mpsc::sync_channel(64);
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| said.try_send(super::describe(panic)).unwrap_or_default()));
        let crash = || panic!("Marion said ten minutes");
        let crashed = thread::Builder::new().name("crash".to_owned()).spawn(crash).unwrap().join();
        panic::set_hook(usual);
        assert!(crashed.is_err());
        let line = heard.try_iter().find(|line| line.contains("\"crash\"")).unwrap();
        assert!(line.contains("telemetry/mod.rs"), "{line}");
        assert!(!line.contains("Marion"), "{line}");
    }

    #[test]
    fn libraries_may_warn_but_not_chat_whatever_the_level() {
        let filter = super::filter(LevelFilter::TRACE);
        assert!(filter.would_enable("herald::asr", &Level::TRACE));
        assert!(filter.would_enable("symphonia", &Level::WARN));
        assert!(!filter.would_enable("symphonia", &Level::INFO));
        assert!(!filter.would_enable("matrix_sdk_crypto::olm", &Level::ERROR), "it names users");
    }

    #[test]
    fn a_level_of_error_silences_the_warnings_of_all() {
        let filter = super::filter(LevelFilter::ERROR);
        assert!(!filter.would_enable("herald::asr", &Level::WARN));
        assert!(!filter.would_enable("symphonia", &Level::WARN));
    }
}
