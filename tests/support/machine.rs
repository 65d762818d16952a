//! The machine that Herald runs on, with everything that can go wrong with one: the plug is pulled and what was not synced
//! is gone, the disk is full, the clock jumps, the process dies at a step of its journal (`machine.c`).

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// A machine around a data directory.
pub struct Machine {
    root: PathBuf,
    dir: TempDir,
    control: File,
}

/// The numbers of the control file, in its order.
#[derive(Debug, Clone, Copy)]
enum Number {
    ClockMs,
    Full,
    Refused,
    DieAt,
}

impl Machine {
    /// A machine in order; what is in the data directory now is on its disk.
    pub fn around(root: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/machine.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(dir.path().join("machine.so")).arg(source).arg("-ldl");
        assert!(compiler.status().unwrap().success());
        let control = File::options().read(true).write(true).create_new(true).open(dir.path().join("control")).unwrap();
        control.set_len(4 * 8).unwrap();
        let machine = Self { root: fs::canonicalize(root).unwrap(), dir, control };
        fs::create_dir(machine.files()).unwrap();
        for path in walk(&machine.root) {
            fs::copy(&path, machine.files().join(machine.name(&path))).unwrap();
        }
        machine
    }

    fn files(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap();
        format!("%{}", inside.to_str().unwrap().replace('/', "%"))
    }

    /// Makes a program run on this machine.
    pub fn run(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.dir.path().join("machine.so"));
        command.env("MACHINE_CONTROL", self.dir.path().join("control"));
        command.env("MACHINE_ROOT", &self.root).env("MACHINE_DISK", self.files());
    }

    fn set(&self, number: Number, value: i64) {
        self.control.write_all_at(&value.to_ne_bytes(), number as u64 * 8).unwrap();
    }

    fn get(&self, number: Number) -> i64 {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, number as u64 * 8).unwrap();
        i64::from_ne_bytes(bytes)
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

    /// The disk takes nothing until it is told otherwise.
    pub fn fill(&self, is_full: bool) {
        self.set(Number::Full, i64::from(is_full));
    }

    /// How often something could not be written.
    pub fn refused(&self) -> i64 {
        self.get(Number::Refused)
    }

    /// The clock is wrong by so much.
    pub fn shift_clock(&self, ms: i64) {
        self.set(Number::ClockMs, ms);
    }

    /// The process is killed at this step of its journal from now, counted from 1: each commit has one before it is on disk
    /// and one after. 0 for never.
    pub fn die_at(&self, step: i64) {
        self.set(Number::DieAt, step);
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
