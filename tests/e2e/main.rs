//! The integration tests: one binary, one file a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it skips or measured"
)]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod asr;
mod audio;
mod barge_in;
mod browser;
#[cfg(feature = "matrix")]
mod chaos;
mod cli;
mod commute;
mod config;
mod confusion;
mod contacts;
mod devices;
mod dialogues;
mod dictation;
mod docs;
mod echo;
mod house;
mod inbox;
mod intent;
mod layering;
mod licences;
mod listen;
#[cfg(feature = "matrix")]
mod matrix;
mod models;
mod names;
mod outbox;
mod page;
mod rephrase;
mod replay;
mod repository;
mod self_trigger;
mod setup;
mod speech;
mod spoken;
mod stats;
mod store;
mod touch;
mod wake;
