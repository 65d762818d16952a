//! Where speech begins and ends: frames in, [`ListenEvent`]s out. No clock but the count of frames.

use std::sync::Arc;

/// What the dialogue expects to hear; decides the hangover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Expect {
    /// Yes, no, or another very short answer.
    YesNo,
    /// A command or a name.
    #[default]
    Command,
    /// The words of a message.
    Dictation,
}

/// The audio of one utterance: preroll, speech, and the pause that a decode starts on.
#[derive(Debug, Clone, PartialEq)]
pub struct Utterance {
    /// Counts up from 1; a later pause of the same utterance keeps the number.
    pub id: u64,
    /// Mono 16 kHz samples.
    pub samples: Arc<[f32]>,
    /// Audio clock at the first sample of speech (after the preroll), milliseconds.
    pub voice_start_ms: u64,
    /// Audio clock at the end of the voice, milliseconds.
    pub voice_end_ms: u64,
}

/// What the listener noticed in the frame just pushed.
#[derive(Debug, Clone, PartialEq)]
pub enum ListenEvent {
    /// Speech has begun.
    SpeechStart {
        /// Audio clock at the first voiced frame, milliseconds.
        voice_start_ms: u64,
    },
    /// The voice paused for `pause_ms`: the utterance may be over, and decoding it may start.
    Pause(Utterance),
    /// The voice went on after a [`ListenEvent::Pause`]: that utterance was not over.
    Resume,
    /// The hangover is over. The utterance is the same, to the sample, as that of the last pause.
    SpeechEnd(Utterance),
}
