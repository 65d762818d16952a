//! A disk that loses, when the plug is pulled, whatever was not synced: `powercut.c` copies what is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// What a disk below a data directory would hold after a power cut.
pub struct Disk {
    root: PathBuf,
    disk: TempDir,
    library: PathBuf,
}

impl Disk {
    /// Watches a data directory: what is there now is on disk.
    pub fn below(root: &Path) -> Self {
        let disk = tempfile::tempdir().unwrap();
        let library = disk.path().join("powercut.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/powercut.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl");
        assert!(compiler.status().unwrap().success());
        let watched = Self { root: fs::canonicalize(root).unwrap(), disk, library };
        watched.settle();
        watched
    }

    fn files(&self) -> PathBuf {
        self.disk.path().join("files")
    }

    /// Everything is on disk, as after a clean end.
    pub fn settle(&self) {
        let _ = fs::remove_dir_all(self.files());
        fs::create_dir(self.files()).unwrap();
        for path in walk(&self.root) {
            fs::copy(&path, self.files().join(self.name(&path))).unwrap();
        }
    }

    fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap();
        format!("%{}", inside.to_str().unwrap().replace('/', "%"))
    }

    /// Makes a program write to this disk.
    pub fn watch(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("POWERCUT_ROOT", &self.root).env("POWERCUT_DISK", self.files());
    }

    /// The plug was pulled and the process is dead: what is left is what was synced.
    pub fn cut(&self) {
        for path in walk(&self.root) {
            let synced = self.files().join(self.name(&path));
            if synced.exists() {
                fs::copy(synced, path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
