//! Keeps a sound device going: notices that it died, opens it again, and never waits for it.
//!
//! A host that lost its server may neither report it nor ever return from closing the stream (ALSA through the
//! PulseAudio plugin does neither), so a stream counts as dead when its callback has not come for a second, dead
//! streams are dropped on a thread of their own, and opening happens on another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::AudioError;
use super::callback::Meter;

/// A stream without a callback for so long is dead.
const SILENT_FOR: Duration = Duration::from_secs(1);
/// Pause between two attempts to open a device.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);
/// An attempt that takes longer is given up: some hosts wait for ever.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(5);

/// An open stream.
pub(super) trait Device: Send + 'static {
    /// What its callbacks report.
    fn meter(&self) -> &Meter;
    /// What people call the device.
    fn name(&self) -> &str;
}

type Open<D> = Arc<dyn Fn() -> Result<D, AudioError> + Send + Sync>;

enum State<D> {
    Live { device: D, beats: u64, beat_at: Instant },
    Lost { attempt: Option<Attempt<D>>, next_at: Instant },
}

struct Attempt<D> {
    result: Receiver<Result<D, AudioError>>,
    since: Instant,
}

/// A device that comes back.
pub(super) struct Supervised<D: Device> {
    /// `microphone` or `loudspeaker`.
    what: &'static str,
    open: Open<D>,
    state: State<D>,
    losses: u64,
    stuck: Arc<AtomicUsize>,
}

impl<D: Device> Supervised<D> {
    /// Opens the device for the first time, waiting for it.
    pub(super) fn open(
        what: &'static str,
        open: impl Fn() -> Result<D, AudioError> + Send + Sync + 'static,
        now: Instant,
    ) -> Result<Self, AudioError> {
        let device = open()?;
        tracing::info!(device = device.name(), "the {what} is open");
        let state = State::Live { device, beats: 0, beat_at: now };
        Ok(Self { what, open: Arc::new(open), state, losses: 0, stuck: Arc::default() })
    }

    /// Returns the device if it is alive at the time `now`; if not, takes the next step towards opening it again.
    pub(super) fn device(&mut self, now: Instant) -> Option<&mut D> {
        let cause = match &mut self.state {
            State::Live { device, beats, beat_at } => {
                let count = device.meter().beats.load(Relaxed);
                if count != *beats {
                    (*beats, *beat_at) = (count, now);
                }
                if device.meter().failed.load(Relaxed) {
                    Some("its host has given it up")
                } else {
                    (now.saturating_duration_since(*beat_at) >= SILENT_FOR).then_some("its callback has stopped")
                }
            }
            State::Lost { .. } => None,
        };
        if let Some(cause) = cause {
            self.lose(cause, now);
        }
        if matches!(self.state, State::Lost { .. }) {
            self.recover(now);
        }
        match &mut self.state {
            State::Live { device, .. } => Some(device),
            State::Lost { .. } => None,
        }
    }

    /// How often the device was lost.
    pub(super) fn losses(&self) -> u64 {
        self.losses
    }

    fn lose(&mut self, cause: &str, now: Instant) {
        let lost = State::Lost { attempt: None, next_at: now };
        if let State::Live { device, .. } = std::mem::replace(&mut self.state, lost) {
            self.losses += 1;
            let stuck = self.stuck.load(Relaxed);
            tracing::warn!(device = device.name(), cause, stuck, "the {} is lost", self.what);
            drop_elsewhere(device, &self.stuck);
        }
    }

    fn recover(&mut self, now: Instant) {
        let State::Lost { attempt, next_at } = &mut self.state else { return };
        let Some(running) = attempt else {
            if now >= *next_at {
                *attempt = start_attempt(&self.open, now);
                *next_at = now + BETWEEN_ATTEMPTS;
            }
            return;
        };
        match running.result.try_recv() {
            Ok(Ok(device)) => {
                tracing::warn!(device = device.name(), "the {} is back", self.what);
                let beats = device.meter().beats.load(Relaxed);
                self.state = State::Live { device, beats, beat_at: now };
            }
            Ok(Err(_)) | Err(TryRecvError::Disconnected) => {
                *attempt = None;
                *next_at = now + BETWEEN_ATTEMPTS;
            }
            Err(TryRecvError::Empty) if now.saturating_duration_since(running.since) > LONGEST_ATTEMPT => {
                *attempt = None;
            }
            Err(TryRecvError::Empty) => {}
        }
    }
}

impl<D: Device> Drop for Supervised<D> {
    fn drop(&mut self) {
        let lost = State::Lost { attempt: None, next_at: Instant::now() };
        if let State::Live { device, .. } = std::mem::replace(&mut self.state, lost) {
            drop_elsewhere(device, &self.stuck);
        }
    }
}

fn start_attempt<D: Device>(open: &Open<D>, since: Instant) -> Option<Attempt<D>> {
    let (sender, result) = sync_channel(1);
    let open = Arc::clone(open);
    let thread = thread::Builder::new().name("herald-reopen".to_owned()).spawn(move || {
        // Nobody waits any more when the attempt took too long: the device is dropped right here.
        let _ = sender.send(open());
    });
    thread.is_ok().then_some(Attempt { result, since })
}

/// Drops a device on a thread of its own; `stuck` counts those whose drop has not returned.
fn drop_elsewhere<D: Device>(device: D, stuck: &Arc<AtomicUsize>) {
    stuck.fetch_add(1, Relaxed);
    let counter = Arc::clone(stuck);
    let thread = thread::Builder::new().name("herald-close".to_owned()).spawn(move || {
        drop(device);
        counter.fetch_sub(1, Relaxed);
    });
    // Without a thread the closure, and the device in it, is dropped here: a machine without threads is lost anyway.
    if thread.is_err() {
        stuck.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::AtomicBool;

    use super::*;

    struct Fake {
        meter: Arc<Meter>,
        hangs: bool,
    }

    impl Device for Fake {
        fn meter(&self) -> &Meter {
            &self.meter
        }

        fn name(&self) -> &str {
            "fake"
        }
    }

    impl Drop for Fake {
        fn drop(&mut self) {
            if self.hangs {
                loop {
                    thread::park();
                }
            }
        }
    }

    /// Devices that open as long as the switch is on, and their meters.
    struct Rig {
        plugged: Arc<AtomicBool>,
        meters: Arc<Mutex<Vec<Arc<Meter>>>>,
        device: Supervised<Fake>,
    }

    fn rig(start: Instant, hangs: bool) -> Rig {
        let plugged = Arc::new(AtomicBool::new(true));
        let meters: Arc<Mutex<Vec<Arc<Meter>>>> = Arc::default();
        let (switch, list) = (Arc::clone(&plugged), Arc::clone(&meters));
        let open = move || {
            if !switch.load(Relaxed) {
                return Err(AudioError::NoDevice { what: "microphone", looked_for: "fake".to_owned() });
            }
            let meter = Arc::new(Meter::default());
            list.lock().unwrap().push(Arc::clone(&meter));
            Ok(Fake { meter, hangs })
        };
        let device = Supervised::open("microphone", open, start).unwrap();
        Rig { plugged, meters, device }
    }

    impl Rig {
        fn beat(&self) {
            self.meters.lock().unwrap().last().unwrap().beats.fetch_add(1, Relaxed);
        }

        /// Asks for the device until a running attempt has answered; the clock of the device stands still.
        fn settle(&mut self, now: Instant) -> bool {
            (0..2_000_000).any(|_| {
                thread::yield_now();
                self.device.device(now).is_some()
            })
        }
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_device_with_callbacks_stays() {
        let start = Instant::now();
        let mut rig = rig(start, false);
        for second in 0..10 {
            rig.beat();
            assert!(rig.device.device(start + ms(second * 900)).is_some());
        }
        assert_eq!(rig.device.losses(), 0);
    }

    #[test]
    fn a_device_without_a_callback_for_a_second_is_lost_and_comes_back() {
        let start = Instant::now();
        let mut rig = rig(start, false);
        rig.beat();
        assert!(rig.device.device(start).is_some());
        assert!(rig.device.device(start + ms(999)).is_some());
        rig.device.device(start + ms(1_000));
        assert_eq!(rig.device.losses(), 1);
        assert!(rig.settle(start + ms(1_250)));
        assert_eq!(rig.meters.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_device_that_reports_a_failure_is_lost_at_once_and_opened_when_it_is_there_again() {
        let start = Instant::now();
        let mut rig = rig(start, false);
        rig.plugged.store(false, Relaxed);
        rig.meters.lock().unwrap()[0].failed.store(true, Relaxed);
        for step in 0..50 {
            assert!(rig.device.device(start + ms(step * 100)).is_none());
        }
        rig.plugged.store(true, Relaxed);
        let back = (50..90).any(|step| {
            thread::yield_now();
            rig.settle(start + ms(step * 100))
        });
        assert!(back);
        assert_eq!(rig.device.losses(), 1);
    }

    #[test]
    fn a_device_whose_closing_hangs_is_left_behind_and_counted() {
        let start = Instant::now();
        let mut rig = rig(start, true);
        rig.meters.lock().unwrap()[0].failed.store(true, Relaxed);
        rig.device.device(start);
        assert!(rig.settle(start + ms(300)));
        assert_eq!(rig.device.stuck.load(Relaxed), 1);
    }
}
