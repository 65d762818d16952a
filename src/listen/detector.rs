//! Voice or not, window by window: the cheap gate in front of the neural detector, and wake words behind both, on a
//! thread of their own.
//!
//! The thread is that of the model's one-thread pool: there a call of the model costs no change of thread, and
//! WebRTC's detector, which must not change threads, lives beside it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::ListenError;
use super::silero::{Silero, WINDOW_SAMPLES};
use super::vad::Gate;
use super::wake::{WakeStage, WakeWords, Woken};
use crate::config;

/// Windows heard again by the neural detector when the gate opens: half a second before the first hit.
const REPLAYED_WINDOWS: usize = 16;

/// Probability of a voice from which wake words are looked for, below that of an utterance. Of 784 recordings of a word
/// in 16 noises at 10 dB, the loudest window reaches 0.5 in every one; noises that a head takes for its word do not.
const WAKE_VOICE: f32 = 0.3;
/// Windows in which they are looked for after that: a second. A word is known 0.2 s after it was said.
const WAKE_WINDOWS: u32 = 32;

/// A piece of audio that one verdict is about.
pub(super) type Window = Box<[f32; WINDOW_SAMPLES]>;

/// Whether the gate may keep a window from the neural detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attention {
    /// Nobody speaks as far as is known: the gate may close.
    Idle,
    /// Somebody speaks or has just stopped: every window is wanted at once.
    Speech,
}

enum Job {
    Hear(Window, Attention),
    Watch(Box<(config::Listen, WakeWords)>, SyncSender<Result<(), ListenError>>),
    Reset,
}

/// What became known with a window.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Probabilities of the next windows, in order. Those that the gate still holds back come later.
    pub(super) probabilities: Vec<f32>,
    /// Wake words.
    pub(super) woken: Vec<Woken>,
}

impl Heard {
    /// A window of silence.
    fn silence() -> Self {
        Self { probabilities: vec![0.0], woken: Vec::new() }
    }
}

type Verdicts = Result<Heard, String>;

/// The detector's end of the line; the detector itself ends when this is dropped.
pub(super) struct Detector {
    jobs: SyncSender<Job>,
    verdicts: Receiver<Verdicts>,
    fault: Option<ListenError>,
}

impl Detector {
    /// Loads the model and starts the thread.
    ///
    /// # Errors
    /// [`ListenError::Load`] when the model cannot be used, [`ListenError::Thread`] when no thread can be had.
    pub(super) fn start(silero: &Path) -> Result<Self, ListenError> {
        let silero = Silero::load(silero)?;
        let (jobs, inbox) = sync_channel(1);
        let (outbox, verdicts) = sync_channel(1);
        let pool = silero.pool();
        thread::Builder::new()
            .name("herald-vad".to_owned())
            .spawn(move || pool.run(move || serve(&inbox, &outbox, silero)))
            .map_err(|source| ListenError::Thread { source })?;
        Ok(Self { jobs, verdicts, fault: None })
    }

    /// Looks for wake words from now on.
    ///
    /// # Errors
    /// [`ListenError::LoadWake`] when a file cannot be used; nothing has changed then.
    pub(super) fn watch(&mut self, config: &config::Listen, words: &WakeWords) -> Result<(), ListenError> {
        let (outbox, loaded) = sync_channel(1);
        // The thread loads them: nothing else can run on its pool.
        let asked = self.jobs.send(Job::Watch(Box::new((config.clone(), words.clone())), outbox));
        let gone = || ListenError::Detect { reason: "its thread has ended".to_owned() };
        asked.ok().and_then(|()| loaded.recv().ok()).unwrap_or_else(|| Err(gone()))
    }

    /// Hears the next window and returns what became known with it; all windows count as silence after a fault.
    pub(super) fn hear(&mut self, window: Window, attention: Attention) -> Heard {
        if self.fault.is_some() {
            return Heard::silence();
        }
        let answer = self.jobs.send(Job::Hear(window, attention)).ok().and_then(|()| self.verdicts.recv().ok());
        match answer {
            Some(Ok(heard)) => heard,
            Some(Err(reason)) => self.fail(reason),
            None => self.fail("its thread has ended".to_owned()),
        }
    }

    /// Forgets what was heard; the next window is the first.
    pub(super) fn reset(&mut self) {
        if self.fault.is_none() && self.jobs.send(Job::Reset).is_err() {
            self.fail("its thread has ended".to_owned());
        }
    }

    /// Why there are no verdicts any more.
    pub(super) fn fault(&self) -> Option<&ListenError> {
        self.fault.as_ref()
    }

    fn fail(&mut self, reason: String) -> Heard {
        tracing::error!(%reason, "the voice detector failed");
        self.fault = Some(ListenError::Detect { reason });
        Heard::silence()
    }
}

fn serve(inbox: &Receiver<Job>, outbox: &SyncSender<Verdicts>, silero: Silero) {
    let mut gated = Gated { silero, place: Place::new(), wake: None };
    while let Ok(job) = inbox.recv() {
        match job {
            Job::Hear(window, attention) => {
                if outbox.send(gated.hear(window, attention)).is_err() {
                    return;
                }
            }
            Job::Watch(wanted, loaded) => {
                // Whoever asked waits for the answer.
                let _ = loaded.send(gated.watch(&wanted));
            }
            Job::Reset => gated.reset(),
        }
    }
}

/// The neural detector behind the gate, and the wake words behind both.
struct Gated {
    silero: Silero,
    place: Place,
    wake: Option<Box<WakeStage>>,
}

/// What is known about the moment. While the gate is closed, windows wait in case it opens.
struct Place {
    gate: Gate,
    waiting: VecDeque<Window>,
    was_open: bool,
    /// Windows in which a wake word may still come.
    wake_windows: u32,
}

impl Place {
    fn new() -> Self {
        Self {
            gate: Gate::new(),
            waiting: VecDeque::with_capacity(REPLAYED_WINDOWS + 1),
            was_open: true,
            wake_windows: 0,
        }
    }
}

impl Gated {
    fn reset(&mut self) {
        self.place = Place::new();
        self.silero.reset();
        if let Some(wake) = &mut self.wake {
            wake.reset();
        }
    }

    fn watch(&mut self, (config, words): &(config::Listen, WakeWords)) -> Result<(), ListenError> {
        self.wake = Some(Box::new(WakeStage::load(config, words, &self.silero.pool())?));
        Ok(())
    }

    fn hear(&mut self, window: Window, attention: Attention) -> Verdicts {
        let samples = *window;
        let probabilities = self.judge(window, attention)?;
        let voice = probabilities.iter().any(|probability| *probability >= WAKE_VOICE);
        self.place.wake_windows = if voice { WAKE_WINDOWS } else { self.place.wake_windows.saturating_sub(1) };
        let woken = match &mut self.wake {
            Some(wake) => wake.hear(&samples, self.place.wake_windows > 0)?,
            None => Vec::new(),
        };
        Ok(Heard { probabilities, woken })
    }

    fn judge(&mut self, window: Window, attention: Attention) -> Result<Vec<f32>, String> {
        let Self { silero, place, .. } = self;
        let open = place.gate.push(&window[..]) || attention == Attention::Speech;
        if open && !place.was_open {
            silero.reset();
        }
        place.was_open = open;
        place.waiting.push_back(window);
        if open {
            return place.waiting.drain(..).map(|window| silero.probability(&window)).collect();
        }
        if place.waiting.len() > REPLAYED_WINDOWS {
            place.waiting.pop_front();
            return Ok(vec![0.0]);
        }
        Ok(Vec::new())
    }
}
