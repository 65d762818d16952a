//! A whole session as `herald run` has it, on an empty database in memory, for benches to listen with.

use std::{
    io::{self, Write},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

use super::Bencher;
use crate::{
    asr::Whisper,
    audio::{FRAME_SAMPLES, Frame},
    cli::{CommandError, Kind, wake::Chosen},
    config::{LangChoice, Wake},
    listen::Listener,
    models,
    runtime::{Conversation, EventLog, Senses, Session, Thinking},
    speech::Voices,
    store::Store,
    testing::QuietNoise,
};

/// The engine whose voice takes the least memory and time.
pub(super) const SILENT_VOICE: &str = "espeak";
/// Quiet after everything that is heard, frames: a second.
const QUIET_FRAMES: usize = 100;

/// What was made of what was heard.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    /// Recordings heard.
    pub(super) times: u32,
    /// Utterances that the listener found.
    pub(super) utterances: u32,
    /// Words that were transcribed.
    pub(super) words: usize,
    /// Actions that were confirmed.
    pub(super) actions: u32,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.times += other.times;
        self.utterances += other.utterances;
        self.words += other.words;
        self.actions += other.actions;
    }
}

/// The event log of the session, kept in memory.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A whole session as `herald run` has it, on an empty database.
pub(super) struct Ears {
    session: Session,
    log: Log,
    quiet: QuietNoise,
}

impl Ears {
    /// Loads everything, with that engine for the voice; wake words are looked for where some are given.
    pub(super) fn open(
        bencher: &Bencher<'_>,
        model: &str,
        voice: &str,
        wake: Option<&Chosen>,
    ) -> Result<Self, CommandError> {
        let mut config = bencher.context.config.clone();
        config.listen.wake = Wake::Button;
        config.speech.engine = voice.to_owned();
        let models_dir = &bencher.context.dirs.models;
        let unavailable = |error| CommandError::new(Kind::Unavailable, error);
        let mut listener = Listener::new(&config.listen, &models::find(models_dir, "silero")?).map_err(unavailable)?;
        if let Some(chosen) = wake {
            listener.watch(&config.listen, &chosen.words).map_err(unavailable)?;
        }
        let senses = Senses {
            listener,
            echo: None,
            listen: config.listen.clone(),
            recognizer: Box::new(Whisper::load(model, &models::find(models_dir, model)?, bencher.threads())?),
            lang: LangChoice::Auto,
            voices: Voices::open(&config.speech, models_dir)?,
        };
        let log = Log::default();
        let events = EventLog::none().to_writer(Box::new(log.clone()));
        let conversation = Conversation::open(&config, Rc::new(Store::in_memory()?), events)?;
        let session = Session::start(conversation, senses, Thinking::AtTheEnd)?;
        Ok(Self { session, log, quiet: QuietNoise::new() })
    }

    /// Hears a recording and a second of quiet after it.
    pub(super) fn hear(&mut self, samples: &[f32]) -> Result<Count, CommandError> {
        for frame in samples.chunks_exact(FRAME_SAMPLES).map(frame) {
            self.session.tick(&frame)?;
        }
        for _ in 0..QUIET_FRAMES {
            let frame = self.quiet.frame();
            self.session.tick(&frame)?;
        }
        let mut count = Count { times: 1, ..Count::default() };
        for line in self.log.take().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let event: Value =
                serde_json::from_slice(line).map_err(|error| CommandError::new(Kind::Internal, error))?;
            match event["type"].as_str() {
                Some("speech_end") => count.utterances += 1,
                Some("transcript") => count.words += words(&event["text"]),
                Some("action") => count.actions += 1,
                Some(_) | None => {}
            }
        }
        Ok(count)
    }
}

fn words(text: &Value) -> usize {
    text.as_str().unwrap_or_default().split_whitespace().count()
}

/// The samples of a frame, as one.
pub(super) fn frame(samples: &[f32]) -> Frame {
    let mut frame = Frame::SILENCE;
    frame.0.copy_from_slice(samples);
    frame
}
