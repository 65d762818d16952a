//! A real session in a simulated room: what it plays comes back into its microphone.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Acoustics, QuietNoise, Room};
use crate::{
    asr::{AsrError, Recognizer, Transcript},
    audio::{Block, EchoCanceller, FRAME_SAMPLES},
    config::{Config, Lang, LangChoice},
    intent::contacts::Book,
    listen::Listener,
    runtime::{Conversation, EventLog, RuntimeError, Senses, Session, Thinking},
    speech::{Clip, SpeechError, Synthesizer, Voices},
    store::Store,
};

/// Frames of rest after which Herald will not speak by itself: a second and a half, longer than any echo.
const SHORTEST_REST_FRAMES: usize = 150;
/// Five minutes.
const LONGEST_REST_FRAMES: usize = 30_000;

/// Who plays in a [`Scene`].
pub struct Cast<'a> {
    /// The configuration of the session.
    pub config: &'a Config,
    /// Model of the voice detector.
    pub silero: &'a Path,
    /// Recognises what is heard.
    pub recognizer: Box<dyn Recognizer>,
    /// Herald's voice.
    pub voices: Voices,
    /// Whether the echo is taken out.
    pub cancels_echo: bool,
    /// A vCard file with the contacts.
    pub contacts: &'a str,
    /// The room.
    pub acoustics: Acoustics,
}

/// A session in a room.
pub struct Scene {
    session: Session,
    store: Rc<Store>,
    room: Room,
    /// What is being played in the next frame.
    block: Block,
    events: Events,
}

impl Scene {
    /// Sets the scene: a session with an empty inbox, which counts every utterance as spoken to it.
    ///
    /// # Errors
    /// [`RuntimeError`] when a part of the session cannot be made.
    pub fn new(cast: Cast<'_>) -> Result<Self, RuntimeError> {
        let store = Rc::new(Store::in_memory()?);
        Book::open(&store)?.import(&store, cast.contacts)?;
        let events = Events::default();
        let log = EventLog::none().to_writer(Box::new(events.clone()));
        let conversation = Conversation::open(cast.config, Rc::clone(&store), log)?;
        let senses = Senses {
            listener: Listener::new(&cast.config.listen, cast.silero)?,
            echo: if cast.cancels_echo { Some(EchoCanceller::new()?) } else { None },
            listen: cast.config.listen.clone(),
            recognizer: cast.recognizer,
            lang: cast.config.general.lang,
            voices: cast.voices,
        };
        Ok(Self {
            store,
            session: Session::start(conversation, senses, Thinking::AtTheEnd)?,
            room: Room::new(cast.acoustics)?,
            block: Block::SILENCE,
            events,
        })
    }

    /// Lets 10 ms pass in which `beside` (160 samples, or none) is to be heard beside Herald; returns what Herald
    /// plays in the next.
    ///
    /// # Errors
    /// [`RuntimeError`] when sound cannot be converted, which does not happen.
    pub fn tick(&mut self, beside: &[f32]) -> Result<Block, RuntimeError> {
        let frame = self.room.hear(&self.block, beside)?;
        self.block = self.session.tick(&frame)?;
        Ok(self.block.clone())
    }

    /// Lets time pass in quiet until Herald rests and nothing is due; at most five minutes.
    ///
    /// # Errors
    /// As [`Self::tick`].
    pub fn rest(&mut self) -> Result<(), RuntimeError> {
        let mut quiet = QuietNoise::new();
        let mut rested = 0;
        for _ in 0..LONGEST_REST_FRAMES {
            let beside: Vec<f32> = quiet.samples(FRAME_SAMPLES).collect();
            self.tick(&beside)?;
            let is_at_rest = self.session.is_settled();
            rested = if is_at_rest { rested + 1 } else { 0 };
            if rested > SHORTEST_REST_FRAMES {
                break;
            }
        }
        Ok(())
    }

    /// Moves into another room.
    pub fn furnish(&mut self, acoustics: Acoustics) {
        self.room.furnish(acoustics);
    }

    /// The database of the session.
    pub const fn store(&self) -> &Rc<Store> {
        &self.store
    }

    /// The session.
    pub const fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What has happened.
    pub const fn events(&self) -> &Events {
        &self.events
    }
}

/// The event log of a scene, in memory.
#[derive(Debug, Clone, Default)]
pub struct Events(Arc<Mutex<Vec<u8>>>);

impl Events {
    /// Takes the events since the last call, in order.
    pub fn take(&self) -> Vec<serde_json::Value> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }
}

impl io::Write for Events {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A voice that says recorded clauses whatever the text is.
pub struct Recorded(pub Arc<[Clip]>);

impl Synthesizer for Recorded {
    fn engine(&self) -> &'static str {
        "recorded"
    }

    fn voice(&self, _: Lang) -> String {
        "recorded".to_owned()
    }

    fn synthesize(&mut self, _: &str, _: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        self.0.iter().cloned().for_each(play);
        Ok(())
    }
}

/// A recogniser that understands what it is told to: the next text, or the last one for ever.
#[derive(Debug, Clone)]
pub struct Script(Arc<Mutex<VecDeque<String>>>);

impl Script {
    /// Begins with these texts.
    pub fn new(texts: &[&str]) -> Self {
        Self(Arc::new(Mutex::new(texts.iter().map(|text| (*text).to_owned()).collect())))
    }
}

impl Recognizer for Script {
    fn transcribe(&mut self, _: &[f32], _: LangChoice, prior: Option<Lang>) -> Result<Transcript, AsrError> {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = if texts.len() > 1 { texts.pop_front() } else { texts.front().cloned() }.unwrap_or_default();
        let confidence = if text.is_empty() { 0.0 } else { 0.9 };
        Ok(Transcript { text, lang: prior.unwrap_or(Lang::En), confidence, no_speech: 0.0, decode_ms: 0 })
    }
}
