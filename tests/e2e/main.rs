//! The integration tests: one binary, one file a subject.

#[path = "../support/mod.rs"]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod cli;
mod config;
mod docs;
mod layering;
mod licences;
mod listen;
mod repository;
mod support;
