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

mod asr;
mod audio;
mod cli;
mod config;
mod contacts;
mod devices;
mod dialogues;
mod dictation;
mod docs;
mod inbox;
mod intent;
mod layering;
mod licences;
mod listen;
mod models;
mod outbox;
mod replay;
mod repository;
mod speech;
mod spoken;
mod store;
