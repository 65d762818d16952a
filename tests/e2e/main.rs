//! The integration tests: one binary, one file a subject.

mod cli;
mod config;
mod docs;
mod layering;
mod licences;

mod repository;
