//! Wires it all: the audio clock, the threads, the event log.
//!
//! ```text
//! Source ─frame─▶ Session::tick ─block─▶ Sink            one thread: clock, listener, dialogue, outbox
//!                   │        ▲
//!      decode request│       │transcript                 worker `decode`: the recogniser
//!      say request   ▼       │clips                      worker `voice`: the synthesizer
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `conversation/` | text in: parses, resolves names, drives the dialogue and carries out its effects |
//! | `session.rs` | sound in, sound out: one frame, one tick |
//! | `barge_in.rs`, `own_voice.rs` | whether the user speaks over Herald, and whether it was Herald itself |
//! | `decoder.rs`, `mouth.rs` | the two workers as the session sees them |
//! | `replay.rs`, `live.rs` | files or devices around a session |
//! | `attending.rs` | the companion page beside a session |
//! | `requests.rs` | what another process asks of the daemon: push to talk, the microphone |
//! | `wakes.rs` | the second stage of wake words |
//! | `event_log.rs` | the event lines of the outer contract |
//!
//! A replay and the daemon run the same session. They differ in one thing, [`Thinking`]: in a replay, decoding
//! and synthesis take no audio time, so that the events do not depend on the machine.

mod attending;
mod barge_in;
mod cashier;
mod conversation;
mod decoder;
mod event_log;
mod live;
mod mouth;
mod own_voice;
mod replay;
mod requests;
mod scribe;
mod session;
mod wakes;
mod worker;

pub use conversation::{Conversation, Driving, PinRefusal, Said, Untouched, drive, is_muted, mute};
pub use event_log::{EventLog, LogEvent};
pub use live::{Live, Stop};
pub use replay::{Arrival, Pace, Replay};
pub use requests::{Requests, request_listening};
pub use scribe::Loader;
pub use session::{Senses, Session, Thinking};

use crate::{
    action::NetworkError, asr::AsrError, audio::AudioError, intent::ParserError, listen::ListenError,
    speech::SpeechError, store::StoreError,
};

/// What can keep Herald from running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The chat network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A sound file or device.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The voice activity detector.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The recogniser.
    #[error(transparent)]
    Asr(#[from] AsrError),
    /// The sentence templates.
    #[error(transparent)]
    Understanding(#[from] ParserError),
    /// The voice.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// The event log cannot be written.
    #[error("cannot write the event log: {0}")]
    Log(std::io::Error),
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}
