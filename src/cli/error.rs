//! What the program says and returns when a subcommand fails.

use std::fmt;

use crate::{
    action::NetworkError, asr::AsrError, audio::AudioError, runtime::RuntimeError, speech::SpeechError,
    store::StoreError,
};

/// Kind of failure; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line does not make sense.
    Usage,
    /// Input data is unusable; what was usable was done.
    Input,
    /// A device, model or server is missing.
    Unavailable,
    /// A fault of Herald itself.
    Internal,
    /// The output or the data directory cannot be written.
    CannotWrite,
    /// Another Herald runs on this data directory.
    AlreadyRunning,
    /// The configuration is wrong.
    Config,
}

impl Kind {
    /// Returns the exit code of the outer contract.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Input => 65,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::CannotWrite => 74,
            Self::AlreadyRunning => 75,
            Self::Config => 78,
        }
    }
}

/// A failure with what to say about it: what, where, how to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// Kind of failure.
    pub kind: Kind,
    /// What went wrong, and where; may have several lines.
    pub message: String,
    /// How to mend it.
    pub hints: Vec<String>,
}

impl CommandError {
    /// Makes an error without hints.
    pub fn new(kind: Kind, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string(), hints: Vec::new() }
    }

    /// Adds a line that says how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        for hint in &self.hints {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        let (kind, hint) = match &error {
            StoreError::Io { .. } | StoreError::ReadOnly(_) => {
                (Kind::CannotWrite, "mend the permissions, or give another directory with --data-dir")
            }
            StoreError::Full => (Kind::CannotWrite, "free some space; nothing was lost"),
            StoreError::Damaged(_) => {
                (Kind::Unavailable, "`herald doctor --fix` sets the file aside, undeleted, and starts with a fresh one")
            }
            StoreError::Newer { .. } => {
                (Kind::Unavailable, "use the newer Herald that wrote it, or another directory with --data-dir")
            }
            StoreError::AlreadyRunning { .. } => {
                (Kind::AlreadyRunning, "stop the other one, or give another directory with --data-dir")
            }
            StoreError::Busy => (Kind::AlreadyRunning, "try again when the other program has finished"),
            StoreError::Sqlite(_) => (Kind::Internal, "this is a fault of Herald: please report it"),
        };
        Self::new(kind, error).hint(hint)
    }
}

impl From<AudioError> for CommandError {
    fn from(error: AudioError) -> Self {
        match &error {
            AudioError::Read { .. } | AudioError::Format { .. } | AudioError::Rate { .. } => {
                Self::new(Kind::Input, error)
            }
            AudioError::Write { .. } => Self::new(Kind::CannotWrite, error),
            AudioError::NoDevice { .. } => Self::new(Kind::Unavailable, error)
                .hint("plug one in, or name it in the configuration ([audio] input_device, output_device)")
                .hint("`herald run --input FILE --output FILE.wav` works without sound devices"),
        }
    }
}

impl From<SpeechError> for CommandError {
    fn from(error: SpeechError) -> Self {
        match &error {
            SpeechError::UnknownVoice { known, .. } => {
                let hint = format!("voices: {}", known.join(" "));
                Self::new(Kind::Config, error).hint(hint)
            }
            SpeechError::UnknownEngine(_) => Self::new(Kind::Config, error),
            SpeechError::Missing { .. } | SpeechError::Engine { .. } => {
                Self::new(Kind::Unavailable, error).hint("`herald doctor` says which voices are installed")
            }
        }
    }
}

impl From<AsrError> for CommandError {
    fn from(error: AsrError) -> Self {
        Self::new(Kind::Unavailable, error).hint("`herald models fetch` brings the models")
    }
}

impl From<RuntimeError> for CommandError {
    fn from(error: RuntimeError) -> Self {
        match error {
            RuntimeError::Store(error) => error.into(),
            RuntimeError::Audio(error) => error.into(),
            RuntimeError::Speech(error) => error.into(),
            RuntimeError::Asr(error) => error.into(),
            RuntimeError::Network(error) => error.into(),
            RuntimeError::Listen(_) => {
                Self::new(Kind::Unavailable, error).hint("`herald models fetch` brings the models")
            }
            RuntimeError::Log(_) => Self::new(Kind::CannotWrite, error),
            RuntimeError::Understanding(_) | RuntimeError::Thread(_) => Self::new(Kind::Internal, error),
        }
    }
}

impl From<NetworkError> for CommandError {
    fn from(error: NetworkError) -> Self {
        match error {
            NetworkError::Store(error) => error.into(),
            NetworkError::Refused(_) => Self::new(Kind::Input, error),
            NetworkError::SignedOut => {
                Self::new(Kind::Unavailable, error).hint("`herald setup matrix` signs it in; nothing was lost")
            }
            NetworkError::Damaged(_) => Self::new(Kind::Unavailable, error)
                .hint("move the folder `matrix` below the data directory away, then `herald setup matrix`; what waits is sent"),
            NetworkError::NotBuilt(_) => Self::new(Kind::Unavailable, error)
                .hint("install the package, or build with `make run FEATURES=matrix`"),
            NetworkError::Unreachable | NetworkError::Busy { .. } | NetworkError::NoAnswer => {
                Self::new(Kind::Unavailable, error).hint("nothing was lost; try again later")
            }
        }
    }
}
