//! What a profile changes in the conversation.

use std::time::Duration;

use crate::config::{self, Confirm};

/// The rules of a conversation; data from the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// When a message must be confirmed.
    pub confirm: Confirm,
    /// How long an answer is waited for.
    pub answer_timeout: Duration,
    /// Questions in one task, if limited.
    pub questions: Option<u32>,
    /// Characters of a message read before "continue?", if limited.
    pub read_chars: Option<usize>,
}

impl Policy {
    /// Takes the rules out of the configuration.
    pub fn new(config: &config::Dialogue) -> Self {
        Self {
            confirm: config.confirm,
            answer_timeout: Duration::from_millis(config.answer_timeout_ms.into()),
            questions: (config.questions_per_task > 0).then_some(config.questions_per_task),
            read_chars: (config.read_chars > 0).then_some(config.read_chars as usize),
        }
    }

    /// Tells whether a task that asked `asked` questions may ask another.
    pub const fn may_ask(&self, asked: u32) -> bool {
        match self.questions {
            Some(most) => asked < most,
            None => true,
        }
    }
}
