//! The program in a terminal, with somebody who reads and types. `rexpect` (kept by the Rust CLI group) gives the
//! pseudo-terminal and the waiting: what a person sees is asked for, not how it was drawn.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rexpect::session::{Options, PtySession, spawn_with_options};

use super::program::command;

/// Milliseconds until something must be seen; a debug build loads the neural voice slowly.
const PATIENCE_MS: u64 = 30_000;

/// The program in a terminal.
pub struct Terminal(PtySession);

impl Terminal {
    /// Starts the program on a data directory, which is its home too.
    pub fn start(home: &Path, environment: &[(&'static str, PathBuf)], arguments: &[&str]) -> Self {
        let mut program = command(Command::new(env!("CARGO_BIN_EXE_herald")), home);
        program.args(arguments).envs(environment.iter().cloned()).env("LANG", "C.UTF-8").env_remove("LC_ALL");
        program.env("TERM", "xterm").stdin(Stdio::inherit());
        let options = Options::new().timeout_ms(Some(PATIENCE_MS)).strip_ansi_escape_codes(true);
        Self(spawn_with_options(program, options).unwrap())
    }

    /// Waits for a text after those waited for before.
    pub fn sees(&mut self, text: &str) {
        // The crate reads each byte as a letter.
        let bytes: String = text.bytes().map(char::from).collect();
        self.0.exp_string(&bytes).unwrap_or_else(|error| panic!("waited for {text:?}: {error}"));
    }

    /// Types keys as they are.
    pub fn types(&mut self, keys: &str) {
        self.0.send(keys).unwrap();
        self.0.flush().unwrap();
    }

    /// Waits for a question and presses Enter.
    pub fn enters(&mut self, question: &str) {
        self.answers(question, "");
    }

    /// Waits for a question, types keys and presses Enter.
    pub fn answers(&mut self, question: &str, keys: &str) {
        self.sees(question);
        self.types(&format!("{keys}\r"));
    }

    pub fn interrupts(&mut self) {
        self.0.send_control('c').unwrap();
    }

    /// Waits for the end; returns the exit code and what was not waited for.
    pub fn ends(mut self) -> (i32, String) {
        let rest = self.0.exp_eof().unwrap();
        let bytes: Vec<u8> = rest.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        // The crate does not give away the name of the type: "Exited(Pid(123), 0)".
        let status = format!("{:?}", self.0.process().wait().unwrap());
        let code = status.strip_prefix("Exited(").and_then(|rest| rest.strip_suffix(')')?.rsplit(' ').next());
        let code = code.unwrap_or_else(|| panic!("{status}")).parse().unwrap();
        (code, String::from_utf8(bytes).unwrap())
    }
}
