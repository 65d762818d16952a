//! Files in, a file out, on one audio clock.

use std::{path::Path, thread, time::Duration};

use super::{RuntimeError, Session};
use crate::{
    action::Person,
    audio::{AudioError, Block, FileSource, Frame, Sink, Source, WavSink},
};

/// A turn starts this long after Herald is ready for it, milliseconds.
const BEFORE_A_TURN_MS: u64 = 300;

/// The longest silence after the last file, milliseconds.
const LONGEST_END_MS: u64 = 60_000;

/// How fast a replay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the machine can.
    Fast,
    /// At the speed of time.
    Realtime,
}

/// A message that arrives on the local network during a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When, on the audio clock.
    pub at_ms: u64,
    /// Who wrote it.
    pub from: Person,
    /// The words.
    pub body: String,
}

/// A replay of files, one turn each.
pub struct Replay {
    inputs: std::vec::IntoIter<FileSource>,
    playing: Option<FileSource>,
    arrivals: Vec<Arrival>,
    sink: Option<WavSink>,
    pace: Pace,
    ready_since_ms: Option<u64>,
    damaged: Vec<AudioError>,
}

impl Replay {
    /// Opens the input files, before anything happens, and makes the output file.
    ///
    /// # Errors
    /// [`AudioError`] when a file cannot be read or the output cannot be made.
    pub fn open(
        inputs: &[impl AsRef<Path>],
        output: Option<&Path>,
        mut arrivals: Vec<Arrival>,
        pace: Pace,
    ) -> Result<Self, AudioError> {
        let inputs = inputs.iter().map(|path| FileSource::open(path.as_ref())).collect::<Result<Vec<_>, _>>()?;
        arrivals.sort_by_key(|arrival| std::cmp::Reverse(arrival.at_ms));
        Ok(Self {
            inputs: inputs.into_iter(),
            playing: None,
            arrivals,
            sink: output.map(WavSink::create).transpose()?,
            pace,
            ready_since_ms: Some(0),
            damaged: Vec::new(),
        })
    }

    /// Runs to the end: all files heard, the dialogue idle, nothing due in the outbox. Returns what was wrong
    /// with files of which only a part could be used.
    ///
    /// # Errors
    /// [`RuntimeError`] when the event log or the output cannot be written.
    pub fn run(mut self, session: &mut Session) -> Result<Vec<AudioError>, RuntimeError> {
        // What Herald plays after the first frame was heard begins when that frame ends.
        if let Some(sink) = &mut self.sink {
            sink.write(&Block::SILENCE)?;
        }
        let mut last_heard_ms = 0;
        loop {
            if self.has_input() {
                last_heard_ms = session.clock_ms();
            } else if session.is_settled() && self.arrivals.is_empty()
                || session.clock_ms() >= last_heard_ms + LONGEST_END_MS
            {
                break;
            }
            self.deliver(session);
            let frame = self.next_frame(session)?;
            let block = session.tick(&frame)?;
            if let Some(sink) = &mut self.sink {
                sink.write(&block)?;
            }
            self.keep_pace(session);
        }
        if let Some(sink) = &mut self.sink {
            sink.finish()?;
        }
        Ok(self.damaged)
    }

    fn has_input(&self) -> bool {
        self.playing.is_some() || self.inputs.len() > 0
    }

    fn deliver(&mut self, session: &mut Session) {
        while let Some(arrival) = self.arrivals.pop_if(|arrival| arrival.at_ms <= session.clock_ms()) {
            session.conversation().deliver(&arrival.from, &arrival.body);
        }
    }

    /// The next frame of the turn that is being heard, or silence; starts the next turn when Herald is ready.
    fn next_frame(&mut self, session: &Session) -> Result<Frame, RuntimeError> {
        if self.playing.is_none() && self.inputs.len() > 0 {
            self.ready_since_ms =
                session.is_waiting().then(|| self.ready_since_ms.unwrap_or_else(|| session.clock_ms()));
            if self.ready_since_ms.is_some_and(|since| session.clock_ms() >= since + BEFORE_A_TURN_MS) {
                self.playing = self.inputs.next();
                self.ready_since_ms = None;
            }
        }
        let Some(source) = &mut self.playing else { return Ok(Frame::SILENCE) };
        if let Some(frame) = source.read()? {
            return Ok(frame);
        }
        if let Some(source) = self.playing.take() {
            self.damaged.extend(source.into_damage());
        }
        Ok(Frame::SILENCE)
    }

    #[allow(clippy::disallowed_methods, reason = "a replay at the speed of time waits for the time")]
    fn keep_pace(&self, session: &Session) {
        if self.pace == Pace::Realtime {
            let ahead_ms = session.clock_ms().saturating_sub(session.wall_ms());
            thread::sleep(Duration::from_millis(ahead_ms));
        }
    }
}
