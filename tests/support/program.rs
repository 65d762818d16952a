//! Runs the program as a script would.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// How a run of the program ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The lines of stdout, each read as JSON.
    pub fn json(&self) -> Vec<serde_json::Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        self.stdout.lines().map(read).collect()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Runs the program on a data directory, without any setting of the person who runs the tests.
pub fn herald(data_dir: &Path, arguments: &[&str]) -> Run {
    command(Command::new(env!("CARGO_BIN_EXE_herald")), data_dir).args(arguments).output().unwrap().into()
}

/// Gives a command the surroundings of [`herald`], and `--data-dir`.
pub fn command(mut command: Command, data_dir: &Path) -> Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("HERALD_") || name.starts_with("XDG_") {
            command.env_remove(name);
        }
    }
    command.env("HOME", data_dir).stdin(Stdio::null()).arg("--data-dir").arg(data_dir);
    command
}
