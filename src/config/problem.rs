//! What can be wrong with a configuration: every problem has a place, a key, a fault and a way to mend it.

use std::fmt;

/// Which layer a value comes from; later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// `defaults.toml`, part of the program.
    Defaults,
    /// The board: hardware.
    Board,
    /// The profile: behaviour.
    Profile,
    /// The configuration file.
    File,
    /// `HERALD_SECTION_KEY`.
    Environment,
    /// The command line.
    Flag,
}

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// `FILE:LINE:COLUMN`, the name of the variable, or the flag.
    pub place: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

/// What is wrong with one key, and how to mend it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file cannot be read: check the path and its permissions.
    #[error("cannot read {path} ({reason}); check the path and its permissions")]
    Unreadable {
        /// Which file.
        path: String,
        /// The system's answer.
        reason: String,
    },
    /// The file is not TOML.
    #[error("not valid TOML: {reason}")]
    Syntax {
        /// The reader's answer.
        reason: String,
    },
    /// No such section.
    #[error("no such section; {advice}")]
    UnknownSection {
        /// The nearest section, or all of them.
        advice: String,
    },
    /// No such key.
    #[error("no such key; {advice}")]
    UnknownKey {
        /// The nearest key, or all of the section.
        advice: String,
    },
    /// The value has another type.
    #[error("expected {expected}, found {found}")]
    WrongType {
        /// What the key takes.
        expected: String,
        /// What was found.
        found: &'static str,
    },
    /// The value is impossible.
    #[error("{found} is not possible; use {expected}")]
    Impossible {
        /// What was found.
        found: String,
        /// What the key takes.
        expected: String,
    },
    /// The value contradicts another one.
    #[error("{found} contradicts {other}; {advice}")]
    Contradiction {
        /// What was found.
        found: String,
        /// The other key, its value and where it was set.
        other: String,
        /// How to mend it.
        advice: &'static str,
    },
    /// Only a configuration file, the environment or a flag may choose the profile or the board.
    #[error("cannot be chosen in a profile or a board; set it in the configuration file")]
    NotHere,
}

/// One problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// `FILE:LINE:COLUMN`, the name of the variable, or the flag.
    pub place: String,
    /// `section.key`; empty if the whole file is meant.
    pub key: String,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}", self.fault)
    }
}

/// All problems of a configuration: mend each of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigError {
    /// The problems, in the order of the layers; never empty.
    pub problems: Vec<Problem>,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [one] => write!(f, "the configuration has a problem\n  {one}"),
            many => {
                write!(f, "the configuration has {} problems", many.len())?;
                many.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}
