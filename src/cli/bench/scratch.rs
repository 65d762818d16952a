//! A data directory for the time of a bench, so that nothing of it is found in the real one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::cli::{CommandError, Kind};

/// A directory that is removed with it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub fn new(data: &Path) -> Result<Self, CommandError> {
        let dir = data.join(format!("bench-{}", std::process::id()));
        fs::create_dir_all(&dir).map_err(|error| CommandError::new(Kind::CannotWrite, error))?;
        Ok(Self(dir))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is made-up messages alone.
        let _ = fs::remove_dir_all(&self.0);
    }
}
