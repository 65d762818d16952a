//! The conversation: a pure machine.
