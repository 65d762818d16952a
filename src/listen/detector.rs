//! Voice or not, window by window: the cheap gate in front of the neural detector, on a thread of their own.
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

/// Windows heard again by the neural detector when the gate opens: half a second before the first hit.
const REPLAYED_WINDOWS: usize = 16;

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
    Reset,
}

/// What the detector makes of the windows so far: probabilities of the next windows, in order. Those that the
/// gate still holds back come later.
type Verdicts = Result<Vec<f32>, String>;

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

    /// Hears the next window and returns the probabilities that became known with it; all windows count as
    /// silence after a fault.
    pub(super) fn hear(&mut self, window: Window, attention: Attention) -> Vec<f32> {
        if self.fault.is_some() {
            return vec![0.0];
        }
        let answer = self.jobs.send(Job::Hear(window, attention)).ok().and_then(|()| self.verdicts.recv().ok());
        match answer {
            Some(Ok(probabilities)) => probabilities,
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

    fn fail(&mut self, reason: String) -> Vec<f32> {
        tracing::error!(%reason, "the voice detector failed");
        self.fault = Some(ListenError::Detect { reason });
        vec![0.0]
    }
}

fn serve(inbox: &Receiver<Job>, outbox: &SyncSender<Verdicts>, mut silero: Silero) {
    let mut gated = Gated::new();
    while let Ok(job) = inbox.recv() {
        match job {
            Job::Hear(window, attention) => {
                if outbox.send(gated.hear(window, attention, &mut silero)).is_err() {
                    return;
                }
            }
            Job::Reset => {
                gated = Gated::new();
                silero.reset();
            }
        }
    }
}

/// The neural detector behind the gate: while it is closed, windows wait in case it opens.
struct Gated {
    gate: Gate,
    waiting: VecDeque<Window>,
    was_open: bool,
}

impl Gated {
    fn new() -> Self {
        Self { gate: Gate::new(), waiting: VecDeque::with_capacity(REPLAYED_WINDOWS + 1), was_open: true }
    }

    fn hear(&mut self, window: Window, attention: Attention, silero: &mut Silero) -> Verdicts {
        let open = self.gate.push(&window[..]) || attention == Attention::Speech;
        if open && !self.was_open {
            silero.reset();
        }
        self.was_open = open;
        self.waiting.push_back(window);
        if open {
            return self.waiting.drain(..).map(|window| silero.probability(&window)).collect();
        }
        if self.waiting.len() > REPLAYED_WINDOWS {
            self.waiting.pop_front();
            return Ok(vec![0.0]);
        }
        Ok(Vec::new())
    }
}
