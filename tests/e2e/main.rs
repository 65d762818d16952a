//! The integration tests: one binary, one file a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, says what it skips or measured, and looks at what it is about"
)]

#[path = "../support/mod.rs"]
mod support;

mod adversary;
mod answers;
mod asr;
mod audio;
mod barge_in;
mod browser;
mod browser_money;
#[cfg(feature = "matrix")]
mod chaos;
mod chat;
mod chat_window;
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
mod money;
mod names;
#[cfg(feature = "open-payments")]
mod open_payments;
mod outbox;
mod page;
#[cfg(feature = "open-payments")]
mod paying;
mod payments;
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
#[cfg(feature = "open-payments")]
mod wallet;
