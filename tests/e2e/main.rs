//! The integration tests: one binary, one file a subject.

#[path = "../support/mod.rs"]
mod support;

mod cli;
mod config;
mod docs;
mod layering;
mod licences;
mod listen;

mod repository;
