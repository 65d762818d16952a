//! Herald: hands-free messaging for home and car.
//!
//! A spoken sentence becomes a delivered message and a spoken answer, on the device alone:
//!
//! ```text
//! mic ─▶ audio ─▶ listen ─▶ asr ─▶ intent ─▶ dialogue ─▶ action   (chat network, outbox)
//!        frames   utterance  text   intent    effects ├─▶ speech ─▶ audio ─▶ loudspeaker
//!                                                     └─▶ companion (touch page)
//! ```
//!
//! # Where things live
//!
//! The modules stand in the order of the flow; **a module imports only from those above it**
//! (`tests/e2e/layering.rs` fails otherwise).
//!
//! | module | what it does | start reading at |
//! |---|---|---|
//! | [`telemetry`] | log lines without words or names, counters | `telemetry/mod.rs` |
//! | [`config`] | defaults < board < profile < file < environment < flags; all mistakes at once | `config/defaults.toml` |
//! | [`store`] | opens the SQLite file: versions, migrations, one process at a time | `store/mod.rs` |
//! | [`models`] | fetches, verifies, converts and quantises models | `models/manifest.toml` at the top level |
//! | [`audio`] | frames, sources and sinks: microphone, loudspeaker, files | `audio/mod.rs` |
//! | [`listen`] | where speech begins and ends, wake words: frames in, [`listen::ListenEvent`]s out | `listen/mod.rs` |
//! | [`asr`] | an utterance to its transcript | `asr/mod.rs` |
//! | [`intent`] | a transcript to intent and slots; the contact book and who is meant | `intent/sentences/*.toml` |
//! | [`suggest`] | what is offered because of what somebody wrote; which replies fit | `suggest/rules/*.toml` |
//! | [`dialogue`] | the conversation: a pure machine, [`dialogue::Event`] in, [`dialogue::Effect`]s out | `dialogue/mod.rs` |
//! | [`action`] | what was confirmed: outbox, inbox, chat networks (local, Matrix, visitors of a page), money | `action/mod.rs` |
//! | [`speech`] | replies to sound: how a text is read aloud and in which language, the voices, earcons | `speech/mod.rs` |
//! | [`companion`] | the page beside the voice: who is let in, what is shown, what a touch means | `companion/mod.rs` |
//! | [`runtime`] | wires it all: the audio clock, the threads, the event log | `runtime/mod.rs` |
//! | [`testing`] | what benches and tests share: recordings, noise, mixtures | `testing/mod.rs` |
//! | [`cli`] | one file a subcommand; exit codes | `cli/mod.rs` |
//!
//! # Time
//!
//! There is one clock, the audio clock: frames of 10 ms since the start. Timers, hangovers and the undo
//! window are counted on it, live as in a replay, so every conversation can be replayed exactly. Only the
//! `at` of a stored message is wall-clock time.
//!
//! # What may never happen
//!
//! The dialogue never acts on anything but the exact content it read back and got a "yes" for; what was
//! confirmed is on disk before Herald says so; words, names and audio never reach a log.

pub mod telemetry;

pub mod config;

pub mod store;

pub mod models;

pub mod audio;

pub mod listen;

pub mod asr;

pub mod intent;

pub mod suggest;

pub mod dialogue;

pub mod action;

pub mod speech;

pub mod companion;

pub mod runtime;

pub mod testing;

pub mod cli;
