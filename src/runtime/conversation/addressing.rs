//! Whether an utterance is meant for Herald: a conversation is under way, a button was pushed, or it begins with a
//! wake word.

use crate::{
    asr::Transcript,
    config::{Lang, Wake},
    intent::{Expected, IntentName, Names, Parser, wake},
    listen::Utterance,
    runtime::wakes::{Wakes, Woken},
};

/// After a push to talk, the next utterance must begin within this time, milliseconds.
const OPEN_MS: u64 = 8_000;

/// The same after a wake word with nothing behind it.
const OPEN_AFTER_WAKE_MS: u64 = 6_000;

/// What an utterance says to Herald.
#[derive(Debug, PartialEq)]
pub(super) struct Addressed {
    /// The wake word it begins with.
    pub woken: Option<Woken>,
    /// The words behind it.
    pub words: String,
}

/// What is known beside the words.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub parser: &'a Parser,
    pub names: &'a dyn Names,
    /// Herald owes or expects nothing.
    pub is_idle: bool,
}

/// How Herald is addressed, and until when it needs no word.
#[derive(Debug)]
pub(super) struct Addressing {
    wake: Wake,
    pub wakes: Wakes,
    open_until_ms: u64,
}

impl Addressing {
    pub fn new(wake: Wake) -> Self {
        Self { wake, wakes: Wakes::default(), open_until_ms: 0 }
    }

    /// A button was pushed.
    pub const fn open(&mut self, now_ms: u64) {
        self.open_until_ms = now_ms + OPEN_MS;
    }

    /// A wake word was said, and nothing else yet.
    pub const fn open_after_wake(&mut self, now_ms: u64) {
        self.open_until_ms = now_ms + OPEN_AFTER_WAKE_MS;
    }

    /// Whether no word is needed now.
    pub const fn is_open(&self, now_ms: u64) -> bool {
        now_ms < self.open_until_ms
    }

    /// An utterance was taken: the push of the button is used up if it began in time for it.
    pub const fn used_up(&mut self, utterance: &Utterance) {
        if utterance.voice_start_ms < self.open_until_ms {
            self.open_until_ms = 0;
        }
    }

    /// Returns what an utterance says to Herald; `None` when it is not for Herald.
    pub fn address(&self, transcript: &Transcript, utterance: &Utterance, scene: Scene<'_>) -> Option<Addressed> {
        let needs_no_word = utterance.voice_start_ms < self.open_until_ms || !scene.is_idle;
        let confirmed = match self.wake {
            Wake::Button => None,
            Wake::Transcript if needs_no_word => None,
            Wake::Transcript => {
                let words = after_herald(transcript, scene)?;
                let t_ms = utterance.voice_start_ms;
                Some((Woken { word: "herald".to_owned(), score: transcript.confidence, t_ms }, words.to_owned()))
            }
            Wake::Keyword => match self.wakes.confirm(&transcript.text, utterance) {
                None if !needs_no_word => return None,
                confirmed => confirmed.map(|(woken, rest)| (woken.clone(), rest.to_owned())),
            },
        };
        Some(match confirmed {
            Some((woken, words)) => Addressed { woken: Some(woken), words },
            None => Addressed { woken: None, words: transcript.text.clone() },
        })
    }
}

/// Returns what follows Herald's name at the beginning, or what sounds like it and goes on as a command.
fn after_herald<'a>(transcript: &'a Transcript, scene: Scene<'_>) -> Option<&'a str> {
    let is_command = |rest: &&str| {
        let lang: Option<Lang> = Some(transcript.lang);
        scene.parser.parse(rest, lang, Expected::Command, scene.names).name != IntentName::Other
    };
    wake::strip(&transcript.text).or_else(|| wake::alike(&transcript.text).filter(is_command))
}
