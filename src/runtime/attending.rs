//! The companion page beside a session: what is touched reaches the dialogue between two frames, what is true now is
//! shown some times a second.

use super::{PinRefusal, Session, Untouched};
use crate::{
    audio::Frame,
    companion::{Answer, Page, State, Wish},
};

/// The page is shown what is true so often, milliseconds of audio time.
const SHOWN_EVERY_MS: u64 = 50;
/// Loudness that is shown as none, decibels below full scale.
const QUIET_DB: f32 = 60.0;

impl Session {
    /// Takes in what was touched, and shows what is true now.
    pub fn attend(&mut self, page: &Page, frame: &Frame) {
        while let Some(touched) = page.touched() {
            let answer = self.wish(&touched.wish);
            touched.answer(answer);
        }
        if self.clock_ms().is_multiple_of(SHOWN_EVERY_MS) {
            let state = self.state();
            page.show(state);
            page.show_level(if self.conversation().is_muted() { 0.0 } else { level(frame) });
        }
    }

    /// What the page shows now.
    pub fn state(&mut self) -> State {
        let microphone = self.microphone();
        self.conversation().state(microphone)
    }

    fn wish(&mut self, wish: &Wish) -> Answer {
        let result = match wish {
            Wish::Touch(touch) => self.conversation().takes(touch).and_then(|()| {
                // Who touches has read it: nothing more needs to be said of what was asked.
                if touch.act.is_heard_out() {
                    self.hush();
                }
                self.conversation().touch(touch.clone())
            }),
            Wish::Read { conversation, last } => {
                self.conversation().read_up_to(conversation, last);
                Ok(())
            }
            Wish::Set(setting) => match self.conversation().set(setting) {
                Ok(()) => Ok(()),
                Err(field) => return Answer::Invalid(field),
            },
            Wish::Pin(pin) => match self.conversation().enter_pin(&pin.0) {
                Ok(()) => Ok(()),
                Err(PinRefusal::Wrong(left)) => return Answer::WrongPin(left),
                Err(PinRefusal::Locked(seconds)) => return Answer::Locked(seconds),
                Err(PinRefusal::Meaningless) => return Answer::Refused,
            },
        };
        match result {
            Ok(()) => Answer::Done(self.state()),
            Err(Untouched::Stale) => Answer::Stale(self.state()),
            Err(Untouched::Meaningless) => Answer::Refused,
        }
    }
}

/// How loud a frame is, 0 to 1 on a scale of decibels.
fn level(frame: &Frame) -> f32 {
    let power = frame.0.iter().map(|sample| sample * sample).sum::<f32>() / frame.0.len() as f32;
    (power.max(1e-9).log10() * 10.0 / QUIET_DB + 1.0).clamp(0.0, 1.0)
}
