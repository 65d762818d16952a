//! The system's own voice through the `tts` crate (speech-dispatcher on Linux).
//!
//! Its sound never passes through Herald. Calls into the crate may take any time, so they are made on a thread
//! of their own; the callers below never wait longer than the connection takes. The speech library tells nobody when
//! its server has died or hangs, so while something is spoken the server is asked for a sign of life twice a second.
//!
//! | queue | holds | when full |
//! |---|---|---|
//! | orders | 8 | the voice hangs: the caller gets an error |
//! | events | 32 | nobody reads them: the newest is dropped |

use std::{
    sync::mpsc::{self, Receiver, SyncSender, TrySendError},
    thread,
    time::{Duration, Instant},
};

use tracing::{debug, warn};
use tts::{Tts, UtteranceId};

use super::{SpeechError, read_aloud::read_aloud};
use crate::config::Lang;

const ENGINE: &str = "system";
const ORDERS: usize = 8;
const EVENTS: usize = 32;
/// A speech server that must be started first takes one or two seconds.
const START_TIMEOUT: Duration = Duration::from_secs(5);
/// From an order to the first sound.
const BEGIN_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a server that speaks is asked for a sign of life, and how long it may take to give it: one that lists its
/// thousands of voices meanwhile is slow.
const ASK_EVERY: Duration = Duration::from_millis(500);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);
/// Longer than any voice needs for a character.
const CHARACTER_TIME: Duration = Duration::from_millis(200);

/// What the system's voice did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemEvent {
    /// It began to speak.
    Begin,
    /// It spoke to the end.
    End,
    /// It was stopped.
    Stop,
    /// It will not speak what was ordered: another engine may.
    Failed(String),
}

enum Order {
    Speak(String, Lang),
    Stop,
    /// To be answered by [`News::Alive`].
    Sign,
    /// A connection whose voice speaks a language.
    Voice(Lang, Tts),
}

/// What the voice's thread and the speech library's tell.
#[derive(Debug, Clone)]
enum News {
    Event(SystemEvent),
    Alive,
}

/// A running connection to the system's voice.
#[derive(Debug)]
pub struct SystemVoice {
    orders: SyncSender<Order>,
    news: Receiver<News>,
    /// When what is being said must have begun or ended.
    deadline: Option<Instant>,
    /// How long the text takes at most.
    longest: Duration,
    life: Option<Life>,
}

/// Whether a server that speaks is alive.
#[derive(Debug, Clone, Copy)]
enum Life {
    /// It was, then.
    Sign(Instant),
    /// It was asked then, and has not answered.
    Asked(Instant),
}

impl SystemVoice {
    /// Connects; voices for each language are looked up in the background (there are thousands, which takes
    /// seconds), and until then the system's default voice speaks.
    ///
    /// # Errors
    /// [`SpeechError::Missing`] when there is no speech server, or it does not answer.
    pub fn start() -> Result<Self, SpeechError> {
        let (orders, inbox) = mpsc::sync_channel(ORDERS);
        let (outbox, news) = mpsc::sync_channel(EVENTS);
        let (ready, connected) = mpsc::sync_channel(1);
        let voices = orders.clone();
        spawn("herald-system-voice", move || work(&inbox, &voices, &outbox, &ready))?;
        match connected.recv_timeout(START_TIMEOUT) {
            Ok(Ok(())) => Ok(Self { orders, news, deadline: None, longest: Duration::ZERO, life: None }),
            Ok(Err(reason)) => Err(missing(&reason)),
            Err(_) => Err(missing("it does not answer")),
        }
    }

    /// Speaks a text in place of what is being said; returns at once, [`SystemEvent`]s tell the rest.
    ///
    /// # Errors
    /// [`SpeechError::Engine`] when the voice hangs or is gone.
    pub fn speak(&mut self, text: &str, lang: Lang) -> Result<(), SpeechError> {
        let spoken = read_aloud(text, lang);
        self.longest = CHARACTER_TIME.saturating_mul(u32::try_from(spoken.chars().count()).unwrap_or(u32::MAX));
        self.order(Order::Speak(spoken, lang))?;
        self.deadline = Some(Instant::now() + BEGIN_TIMEOUT);
        Ok(())
    }

    /// Cuts what is being said.
    ///
    /// # Errors
    /// [`SpeechError::Engine`] when the voice hangs or is gone.
    pub fn stop(&mut self) -> Result<(), SpeechError> {
        self.order(Order::Stop)
    }

    /// Returns what happened since the last call, oldest first; never waits. Wants to be called often while something is
    /// said.
    pub fn try_event(&mut self) -> Option<SystemEvent> {
        while let Ok(news) = self.news.try_recv() {
            match news {
                News::Alive => self.life = self.life.map(|_| Life::Sign(Instant::now())),
                News::Event(event) => {
                    let now = Instant::now();
                    (self.deadline, self.life) = match event {
                        SystemEvent::Begin => (Some(now + BEGIN_TIMEOUT + self.longest), Some(Life::Sign(now))),
                        SystemEvent::End | SystemEvent::Stop | SystemEvent::Failed(_) => (None, None),
                    };
                    return Some(event);
                }
            }
        }
        let late = self.deadline.is_some_and(|deadline| Instant::now() > deadline);
        (late || !self.is_alive()).then(|| {
            (self.deadline, self.life) = (None, None);
            SystemEvent::Failed("the speech server does not answer".into())
        })
    }

    /// Asks for a sign of life when it is time, and tells whether one is missing.
    fn is_alive(&mut self) -> bool {
        match self.life {
            Some(Life::Sign(at)) if at.elapsed() >= ASK_EVERY => {
                self.life = Some(Life::Asked(Instant::now()));
                self.order(Order::Sign).is_ok()
            }
            Some(Life::Asked(at)) => at.elapsed() < ANSWER_TIMEOUT,
            Some(Life::Sign(_)) | None => true,
        }
    }

    fn order(&self, order: Order) -> Result<(), SpeechError> {
        self.orders.try_send(order).map_err(|error| SpeechError::Engine {
            engine: ENGINE,
            reason: match error {
                TrySendError::Full(_) => "the speech server hangs".into(),
                TrySendError::Disconnected(_) => "its thread has ended".into(),
            },
        })
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), SpeechError> {
    thread::Builder::new().name(name.into()).spawn(work).map(drop).map_err(|error| missing(&error.to_string()))
}

fn missing(reason: &str) -> SpeechError {
    SpeechError::Missing {
        engine: ENGINE,
        reason: format!("speech server: {reason}; install speech-dispatcher and speech-dispatcher-espeak-ng"),
    }
}

/// The voice's own thread: connects, then obeys until every order sender is gone.
fn work(
    inbox: &Receiver<Order>,
    voices: &SyncSender<Order>,
    events: &SyncSender<News>,
    ready: &SyncSender<Result<(), String>>,
) {
    let connected = connect(events).and_then(|tts| Ok((tts.get_volume()?, tts)));
    let (volume, plain) = match connected {
        Ok(connected) => connected,
        Err(error) => {
            let _ = ready.send(Err(error.to_string()));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    look_up_voices(voices.clone(), events.clone());
    let mut connections: Vec<(Option<Lang>, Tts)> = vec![(None, plain)];
    while let Ok(order) = inbox.recv() {
        match order {
            Order::Voice(lang, tts) => connections.insert(0, (Some(lang), tts)),
            Order::Sign => {
                // Setting what is set already changes nothing and needs an answer of the server.
                let answer = connections.last_mut().map(|(_, tts)| tts.set_volume(volume).map(drop));
                let _ = events.try_send(match answer {
                    Some(Err(error)) => News::Event(SystemEvent::Failed(error.to_string())),
                    Some(Ok(())) | None => News::Alive,
                });
            }
            Order::Speak(text, lang) => {
                let speaker = connections.iter_mut().find(|(known, _)| known.is_none_or(|known| known == lang));
                if let Some((_, tts)) = speaker
                    && let Err(error) = tts.speak(text, true)
                {
                    let _ = events.try_send(News::Event(SystemEvent::Failed(error.to_string())));
                }
            }
            Order::Stop => {
                for (_, tts) in &mut connections {
                    if let Err(error) = tts.stop() {
                        debug!(%error, "the system's voice did not stop");
                    }
                }
            }
        }
    }
    // The crate aborts the process when the server reports on a connection that was dropped meanwhile; there is
    // one system voice a process, so its few connections may live as long as that.
    std::mem::forget(connections);
}

fn connect(events: &SyncSender<News>) -> Result<Tts, tts::Error> {
    let tts = Tts::default()?;
    let tell = |event: SystemEvent| -> Option<Box<dyn FnMut(UtteranceId)>> {
        let events = events.clone();
        // Called on a thread of the speech library: must not wait.
        Some(Box::new(move |_| drop(events.try_send(News::Event(event.clone())))))
    };
    tts.on_utterance_begin(tell(SystemEvent::Begin))?;
    tts.on_utterance_end(tell(SystemEvent::End))?;
    tts.on_utterance_stop(tell(SystemEvent::Stop))?;
    Ok(tts)
}

/// Makes a connection a language in the background and hands them over; the crate lists all voices again for
/// each choice of a voice, so a voice is chosen once and never at the moment of speaking.
fn look_up_voices(voices: SyncSender<Order>, events: SyncSender<News>) {
    let look_up = move || {
        for lang in Lang::ALL {
            match with_voice(lang, &events) {
                Ok(Some(tts)) => {
                    if let Err(error) = voices.try_send(Order::Voice(lang, tts)) {
                        match error {
                            TrySendError::Full(order) | TrySendError::Disconnected(order) => std::mem::forget(order),
                        }
                    }
                }
                Ok(None) => warn!(%lang, "the system has no voice of this language"),
                Err(error) => warn!(%lang, %error, "the system's voices cannot be listed"),
            }
        }
    };
    if let Err(error) = spawn("herald-system-voices", look_up) {
        warn!(%error, "the system's default voice speaks every language");
    }
}

fn with_voice(lang: Lang, events: &SyncSender<News>) -> Result<Option<Tts>, tts::Error> {
    let mut tts = connect(events)?;
    let voices = tts.voices()?;
    let best = voices.iter().filter_map(|voice| Some((rank(voice.language().as_str(), lang)?, voice))).min_by_key(
        // Of the variants of a voice the plain one, which has the shortest name.
        |(rank, voice)| (*rank, voice.name().len()),
    );
    let Some((_, voice)) = best else {
        std::mem::forget(tts);
        return Ok(None);
    };
    let voice = voice.clone();
    tts.set_voice(&voice)?;
    Ok(Some(tts))
}

/// Returns how well a language tag suits, 0 best; `None` for another language.
fn rank(tag: &str, lang: Lang) -> Option<usize> {
    let wanted: &[&str] = match lang {
        Lang::En => &["en-us", "en-gb", "en"],
        Lang::Fr => &["fr-fr", "fr"],
    };
    let tag = tag.to_ascii_lowercase();
    let exact = wanted.iter().position(|wanted| *wanted == tag);
    let primary = tag.split('-').next() == Some(lang.code());
    exact.or_else(|| primary.then_some(wanted.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countrys_own_voice_is_best_and_another_language_never_speaks() {
        assert!(rank("fr-FR", Lang::Fr) < rank("fr-BE", Lang::Fr));
        assert!(rank("en-US", Lang::En) < rank("en-GB-SCOTLAND", Lang::En));
        assert_eq!(rank("frr", Lang::Fr), None);
        assert_eq!(rank("de-DE", Lang::En), None);
    }

    fn voice(deadline: Option<Instant>) -> (SystemVoice, Receiver<Order>, SyncSender<News>) {
        let (orders, inbox) = mpsc::sync_channel(ORDERS);
        let (outbox, news) = mpsc::sync_channel(EVENTS);
        (SystemVoice { orders, news, deadline, longest: Duration::ZERO, life: None }, inbox, outbox)
    }

    #[test]
    fn a_voice_that_takes_no_orders_is_an_error_and_no_wait() {
        let (mut hung, _inbox, _events) = voice(None);
        let outcomes: Vec<bool> = (0..=ORDERS).map(|_| hung.speak("hello", Lang::En).is_ok()).collect();
        assert_eq!(outcomes.iter().filter(|ok| !**ok).count(), 1);
    }

    #[test]
    fn a_voice_that_never_begins_is_reported_once() {
        let (mut silent, _inbox, _events) = voice(Some(Instant::now() - Duration::from_millis(1)));
        assert!(matches!(silent.try_event(), Some(SystemEvent::Failed(_))));
        assert_eq!(silent.try_event(), None);
    }

    #[test]
    fn events_come_in_order_and_the_end_lifts_the_deadline() {
        let (mut speaking, _inbox, events) = voice(Some(Instant::now() - Duration::from_millis(1)));
        events.send(News::Event(SystemEvent::Begin)).unwrap();
        events.send(News::Event(SystemEvent::End)).unwrap();
        assert_eq!(speaking.try_event(), Some(SystemEvent::Begin));
        assert_eq!(speaking.try_event(), Some(SystemEvent::End));
        assert_eq!(speaking.try_event(), None);
    }

    #[test]
    fn a_server_that_speaks_is_asked_for_a_sign_of_life_and_missed_without_one() {
        let (mut speaking, inbox, events) = voice(None);
        events.send(News::Event(SystemEvent::Begin)).unwrap();
        assert_eq!(speaking.try_event(), Some(SystemEvent::Begin));
        assert_eq!(speaking.try_event(), None);
        assert!(inbox.try_recv().is_err(), "asked too early");
        let before = |time| Instant::now().checked_sub(time).unwrap();
        speaking.life = Some(Life::Sign(before(ASK_EVERY)));
        assert_eq!(speaking.try_event(), None);
        assert!(matches!(inbox.try_recv(), Ok(Order::Sign)));
        events.send(News::Alive).unwrap();
        assert_eq!(speaking.try_event(), None);
        assert!(matches!(speaking.life, Some(Life::Sign(_))));
        speaking.life = Some(Life::Asked(before(ANSWER_TIMEOUT)));
        assert!(matches!(speaking.try_event(), Some(SystemEvent::Failed(_))));
        assert_eq!(speaking.try_event(), None);
    }
}
