//! Log lines to stderr, short and without content: no words, names, audio or tokens.

pub mod redact;

pub use redact::Redacted;
