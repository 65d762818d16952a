//! Directories and files that only their owner may read, and names that survive a power cut.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::Write,
    path::Path,
};

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};

use super::StoreError;

/// Makes a directory (mode 0700) and its parents if they are missing. One that exists keeps its mode: it is
/// somebody's choice, and the files inside are private by themselves.
pub(super) fn make_dir(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    builder.create(path).map_err(|source| StoreError::io(path, source))
}

/// Opens a file for reading and writing, making it if it is missing; its mode is 0600 afterwards.
pub(super) fn open_private(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    options.mode(0o600);
    let file = options.open(path).map_err(|source| StoreError::io(path, source))?;
    #[cfg(unix)]
    tighten(path)?;
    Ok(file)
}

/// Writes a file that its owner alone may read: whole or not at all, and on disk when this returns. Makes its directory.
///
/// # Errors
/// [`StoreError::Io`]; the file is as it was.
pub fn write_private(path: &Path, content: &str) -> Result<(), StoreError> {
    if let Some(parent) = path.parent() {
        make_dir(parent)?;
    }
    let new = path.with_extension("new");
    let mut file = open_private(&new)?;
    let written = file.set_len(0).and_then(|()| file.write_all(content.as_bytes())).and_then(|()| file.sync_all());
    written.map_err(|source| StoreError::io(&new, source))?;
    rename_durably(&new, path)
}

/// Takes group's and others' rights away from a file that another program made too open.
#[cfg(unix)]
pub(super) fn tighten(path: &Path) -> Result<(), StoreError> {
    let mode = fs::metadata(path).map_err(|source| StoreError::io(path, source))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|source| StoreError::io(path, source))
}

/// Renames a file so that the new name is on disk when this returns.
pub(super) fn rename_durably(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|source| StoreError::io(to, source))?;
    sync_parent(to)
}

/// Writes the directory entry of a file to disk.
pub(super) fn sync_parent(path: &Path) -> Result<(), StoreError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    File::open(parent).and_then(|dir| dir.sync_all()).map_err(|source| StoreError::io(parent, source))
}
