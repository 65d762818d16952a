//! What several tests share: where recordings and models are, and a sound server without hardware.

pub mod events;
pub mod program;
pub mod pulse;

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

/// Waits, for real devices and processes only, until something is so.
pub fn wait_until(seconds: u64, what: &str, is_so: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed() < std::time::Duration::from_secs(seconds), "waited {seconds} s for {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
