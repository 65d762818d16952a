//! The daemon: a microphone and a loudspeaker around a session, until it is told to stop.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{Requests, RuntimeError, Session};
use crate::{
    action::chat::Site,
    audio::{Sink, Source},
    companion::Page,
};

/// The service manager hears from us this often, milliseconds of audio time. A session that hangs, hangs with
/// its audio clock, and is restarted.
const WATCHDOG_EVERY_MS: u64 = 1_000;
/// How often it is looked whether somebody pushed to talk, milliseconds of audio time.
const REQUESTS_EVERY_MS: u64 = 50;

/// Asks the daemon to stop; may be set from a signal.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    fn is_wanted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The daemon.
pub struct Live<'a> {
    /// What is heard; sets the pace.
    pub microphone: &'a mut dyn Source,
    /// Where replies are heard.
    pub loudspeaker: &'a mut dyn Sink,
    /// Where the conversation is seen and touched.
    pub page: Option<Page>,
    /// Where visitors of the shop's page write.
    pub site: Option<Site>,
    /// What other processes ask for.
    pub requests: Requests,
    /// When to end.
    pub stop: Stop,
}

impl Live<'_> {
    /// Runs until it is stopped or its input ends.
    ///
    /// # Errors
    /// [`RuntimeError`] when the event log cannot be written or sound is gone for good.
    pub fn run(mut self, session: &mut Session) -> Result<(), RuntimeError> {
        // Not under a service manager there is nobody to tell, which is no failure.
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
        let mut told_ms = 0;
        session.conversation().tell_time(jiff::Timestamp::now());
        while !self.stop.is_wanted() {
            let Some(frame) = self.microphone.read()? else { break };
            if session.clock_ms().is_multiple_of(REQUESTS_EVERY_MS) && self.requests.listening_wanted()? {
                session.conversation().open_ear();
            }
            if self.requests.take_changed() {
                session.conversation().refresh()?;
            }
            if let Some(page) = &self.page {
                session.attend(page, &frame);
            }
            let block = session.tick(&frame)?;
            self.loudspeaker.write(&block)?;
            if session.take_hush() {
                self.loudspeaker.hush();
            }
            if session.clock_ms() >= told_ms + WATCHDOG_EVERY_MS {
                told_ms = session.clock_ms();
                session.conversation().tell_time(jiff::Timestamp::now());
                if let Some(site) = &self.site {
                    site.attend(session.conversation().is_attended());
                }
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
            }
        }
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
        self.loudspeaker.finish()?;
        Ok(())
    }
}
