//! What several tests share: where recordings and models are, and a sound server without hardware.

pub mod browser;
pub mod events;
#[cfg(feature = "matrix")]
pub mod homeserver;
#[cfg(feature = "matrix")]
pub mod machine;
pub mod money;
pub mod page;
pub mod program;
#[cfg(feature = "matrix")]
pub mod proxy;
pub mod pulse;
pub mod shop;
pub mod speech_server;
pub mod terminal;
pub mod till;
#[cfg(feature = "open-payments")]
pub mod wallet;

use std::path::{Path, PathBuf};

/// The recordings beside the project, when they are there.
pub fn recordings() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/audio");
    path.join("manifest.jsonl").is_file().then_some(path)
}

/// The directory of the models the tests use.
pub fn models_dir() -> PathBuf {
    std::env::var_os("HERALD_MODELS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-models"), PathBuf::from)
}

/// The voice detector's model, when it is installed.
pub fn silero() -> Option<PathBuf> {
    herald::models::find(&models_dir(), "silero").ok()
}

/// Waits, for real devices and processes only, until something is so; returns whether it came true in time.
pub fn wait(seconds: u64, is_so: impl Fn() -> bool) -> bool {
    let start = std::time::Instant::now();
    while !is_so() {
        if start.elapsed() >= std::time::Duration::from_secs(seconds) {
            return false;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    true
}

/// As [`wait`], but fails when the time is over, saying what it waited for.
pub fn wait_until(seconds: u64, what: impl Fn() -> String, is_so: impl Fn() -> bool) {
    assert!(wait(seconds, is_so), "waited {seconds} s for {}", what());
}
