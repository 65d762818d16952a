//! Log lines to stderr, short and without content: no words, names, audio or tokens.
//!
//! What Herald logs itself keeps to that by [`Redacted`]. Libraries it uses do not know the rule, so of theirs
//! only warnings and errors pass, whatever the level. A panic message can hold the text that was being
//! handled; only its place is logged.

pub mod redact;

pub use redact::Redacted;

use std::{
    io::{self, IsTerminal},
    panic,
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Sends log lines of at least `level` (`error`, `warn`, `info`, `debug` or `trace`) to stderr and keeps the
/// content out of panics. Calling it again changes nothing.
pub fn init(level: &str) {
    let level = level.parse().unwrap_or(LevelFilter::WARN);
    let terminal = io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(terminal).with_target(false);
    let set = if terminal {
        tracing_subscriber::registry().with(filter(level)).with(lines).try_init()
    } else {
        // The journal stamps each line itself, and a replay's log should not differ from run to run.
        tracing_subscriber::registry().with(filter(level)).with(lines.without_time()).try_init()
    };
    if set.is_ok() {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let thread = std::thread::current();
            tracing::error!(thread = thread.name().unwrap_or_default(), %place, "panic");
        }));
    }
}

/// Herald's own lines from `level` on, warnings and errors of all others.
fn filter(level: LevelFilter) -> Targets {
    Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(env!("CARGO_PKG_NAME"), level)
}

#[cfg(test)]
mod tests {
    use tracing::{Level, level_filters::LevelFilter};

    #[test]
    fn libraries_may_warn_but_not_chat_whatever_the_level() {
        let filter = super::filter(LevelFilter::TRACE);
        assert!(filter.would_enable("herald::asr", &Level::TRACE));
        assert!(filter.would_enable("symphonia", &Level::WARN));
        assert!(!filter.would_enable("symphonia", &Level::INFO));
    }

    #[test]
    fn a_level_of_error_silences_the_warnings_of_all() {
        let filter = super::filter(LevelFilter::ERROR);
        assert!(!filter.would_enable("herald::asr", &Level::WARN));
        assert!(!filter.would_enable("symphonia", &Level::WARN));
    }
}
