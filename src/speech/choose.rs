//! Which engine speaks: the best installed one for a language, and the next when it fails.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use tracing::{info, warn};

use super::{
    Clip, Engine, SpeechError, Spoken, Synthesizer, clause,
    command::Command,
    engine::{Maker, maker_of},
    english::English,
    espeak::{self, Espeak},
    kokoro::{self, Kokoro},
    piper::Piper,
    read_aloud::read_aloud,
};
use crate::config::{self, Lang};

/// The installed engines, best first. Those that speak first are loaded, the others when they are needed.
pub struct Voices {
    engines: Vec<Seat>,
    /// Indices of the engines of each language, the one to try first in front.
    orders: [Vec<usize>; Lang::ALL.len()],
    /// Engines whose failure was logged.
    reported: HashSet<&'static str>,
}

/// An engine, or how to open it.
enum Seat {
    Open(Box<dyn Synthesizer>),
    Closed(Maker, Workshop),
}

impl Seat {
    /// Returns the engine, opened if it was not.
    fn engine(&mut self) -> Result<&mut dyn Synthesizer, SpeechError> {
        if let Self::Closed(maker, workshop) = self {
            *self = Self::Open(workshop.open(*maker)?);
        }
        match self {
            Self::Open(engine) => Ok(engine.as_mut()),
            Self::Closed(maker, _) => Err(SpeechError::Missing { engine: maker.name(), reason: "not open".into() }),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Open(engine) => engine.engine(),
            Self::Closed(maker, _) => maker.name(),
        }
    }
}

/// What is needed to open an engine.
#[derive(Clone)]
struct Workshop {
    speech: config::Speech,
    models_dir: PathBuf,
    english: English,
    langs: Vec<Lang>,
    /// Engine and voice the configuration names, by language.
    chosen: Vec<(Lang, Maker, String)>,
}

impl Workshop {
    fn chosen_in(&self, langs: &[Lang]) -> impl Iterator<Item = &(Lang, Maker, String)> {
        self.chosen.iter().filter(|(lang, ..)| langs.contains(lang))
    }

    fn open(&self, maker: Maker) -> Result<Box<dyn Synthesizer>, SpeechError> {
        let rate = self.speech.rate;
        let chosen = || self.chosen.iter().filter(|(_, of, _)| *of == maker);
        Ok(match maker {
            Maker::Kokoro => {
                let kokoro = Kokoro::open(&self.models_dir, rate, &self.english)?;
                Box::new(chosen().fold(kokoro, |kokoro, (lang, _, voice)| kokoro.with_voice(*lang, voice)))
            }
            Maker::Piper => {
                let voice = |lang| chosen().find(|(of, ..)| *of == lang).map_or("", |(.., voice)| voice);
                let wanted: Vec<_> = self.langs.iter().map(|lang| (*lang, voice(*lang))).collect();
                Box::new(Piper::open(&self.models_dir, rate, &self.english, &wanted)?)
            }
            Maker::Espeak => {
                let espeak = Espeak::open(rate)?;
                Box::new(chosen().fold(espeak, |espeak, (lang, _, voice)| espeak.with_voice(*lang, voice)))
            }
            Maker::Command => Box::new(Command::open(&self.speech.command)?),
        })
    }

    /// Tells whether an engine can speak a language, without opening it.
    fn speaks(&self, maker: Maker, lang: Lang, espeak: bool) -> bool {
        // French is turned into phonemes by espeak-ng.
        let has_phonemes = lang == Lang::En || espeak;
        match maker {
            Maker::Command => true,
            Maker::Espeak => espeak,
            Maker::Kokoro | Maker::Piper => has_phonemes && !maker.voices(&self.models_dir, lang).is_empty(),
        }
    }
}

impl Voices {
    /// Opens the engines that the configuration allows and the machine has; loading `kokoro` takes about a second.
    ///
    /// # Errors
    /// [`SpeechError::UnknownEngine`] and [`SpeechError::UnknownVoice`] for a configuration that cannot be met;
    /// [`SpeechError::Missing`] when no engine is installed, or not the one that was asked for.
    pub fn open(speech: &config::Speech, models_dir: &Path) -> Result<Self, SpeechError> {
        Self::open_for(&Lang::ALL, speech, models_dir)
    }

    /// As [`Voices::open`], but loads nothing that only other languages need.
    ///
    /// # Errors
    /// As [`Voices::open`].
    pub fn open_for(langs: &[Lang], speech: &config::Speech, models_dir: &Path) -> Result<Self, SpeechError> {
        let engine: Engine = speech.engine.parse()?;
        let mut workshop = Workshop {
            speech: speech.clone(),
            models_dir: models_dir.to_owned(),
            english: English::default(),
            langs: langs.to_vec(),
            chosen: Vec::new(),
        };
        for lang in Lang::ALL {
            let voice = wanted_voice(speech, lang);
            if !voice.is_empty() {
                let maker = maker_of(engine, models_dir, lang, voice)?;
                workshop.chosen.push((lang, maker, voice.to_owned()));
            }
        }
        let makers = engine.order();
        let mut voices = Self {
            orders: orders(&workshop, &makers),
            engines: makers.into_iter().map(|maker| Seat::Closed(maker, workshop.clone())).collect(),
            reported: HashSet::new(),
        };
        let must: Vec<Maker> =
            engine.forced().into_iter().chain(workshop.chosen_in(langs).map(|(_, maker, _)| *maker)).collect();
        voices.load(&must, langs)?;
        Ok(voices)
    }

    /// Takes engines that are open already, the best first.
    pub fn of(engines: Vec<Box<dyn Synthesizer>>) -> Self {
        let order: Vec<usize> = (0..engines.len()).collect();
        Self {
            engines: engines.into_iter().map(Seat::Open).collect(),
            orders: [order.clone(), order],
            reported: HashSet::new(),
        }
    }

    /// Opens the engines that must be there, and who speaks each language first.
    fn load(&mut self, must: &[Maker], langs: &[Lang]) -> Result<(), SpeechError> {
        for seat in &mut self.engines {
            if matches!(seat, Seat::Closed(maker, _) if must.contains(maker)) {
                seat.engine()?;
            }
        }
        for lang in langs {
            while let Some(first) = self.order(*lang).first().copied() {
                match self.engines.get_mut(first).map(Seat::engine) {
                    Some(Err(reason)) => {
                        info!(%lang, %reason, "the next voice engine speaks");
                        self.orders.iter_mut().for_each(|order| order.retain(|index| *index != first));
                    }
                    Some(Ok(_)) | None => break,
                }
            }
        }
        if langs.iter().all(|lang| self.order(*lang).is_empty()) { Err(nothing_installed()) } else { Ok(()) }
    }

    /// Returns who speaks a language unless it fails.
    pub fn speaker(&self, lang: Lang) -> Option<Spoken> {
        match self.engines.get(*self.order(lang).first()?)? {
            Seat::Open(engine) => Some(Spoken { engine: engine.engine(), voice: engine.voice(lang) }),
            Seat::Closed(..) => None,
        }
    }

    /// Makes a text speakable and renders it; `play` gets one clip a clause, as soon as it is made.
    ///
    /// When an engine fails in the middle, the next one goes on with the clause that failed. Returns who spoke
    /// last.
    ///
    /// # Errors
    /// The last engine's [`SpeechError`] when all failed.
    pub fn speak(&mut self, text: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<Spoken, SpeechError> {
        let mut rest = read_aloud(text, lang);
        let mut failure = nothing_installed();
        for index in self.order(lang).to_vec() {
            let Some(seat) = self.engines.get_mut(index) else { continue };
            let name = seat.name();
            let mut played = 0;
            let outcome = seat.engine().and_then(|engine| {
                engine.synthesize(&rest, lang, &mut |clip| {
                    played += 1;
                    play(clip);
                })?;
                Ok(engine.voice(lang))
            });
            match outcome {
                Ok(voice) => return Ok(Spoken { engine: name, voice }),
                Err(error) => {
                    if self.reported.insert(name) {
                        warn!(engine = name, %error, "voice engine failed; trying the next");
                    }
                    rest = without_first(&rest, played);
                    failure = error;
                }
            }
        }
        Err(failure)
    }

    fn order(&self, lang: Lang) -> &[usize] {
        match (lang, &self.orders) {
            (Lang::En, [english, _]) => english,
            (Lang::Fr, [_, french]) => french,
        }
    }
}

/// Returns for each language the indices of the engines that speak it, the one of a configured voice first.
fn orders(workshop: &Workshop, makers: &[Maker]) -> [Vec<usize>; Lang::ALL.len()] {
    let espeak = Espeak::open(1.0).is_ok();
    Lang::ALL.map(|lang| {
        let chosen = workshop.chosen.iter().find(|(of, ..)| *of == lang).map(|(_, maker, _)| *maker);
        let is_there = |maker| chosen == Some(maker) || workshop.speaks(maker, lang, espeak);
        let mut order: Vec<usize> =
            makers.iter().enumerate().filter(|(_, maker)| is_there(**maker)).map(|(index, _)| index).collect();
        order.sort_by_key(|index| makers.get(*index).copied() != chosen);
        order
    })
}

/// Returns the text from the clause after the first `count`.
fn without_first(text: &str, count: usize) -> String {
    clause::clauses(text).into_iter().skip(count).map(|clause| clause.text).collect::<Vec<_>>().join(" ")
}

fn wanted_voice(speech: &config::Speech, lang: Lang) -> &str {
    match lang {
        Lang::En => &speech.voice_en,
        Lang::Fr => &speech.voice_fr,
    }
}

fn nothing_installed() -> SpeechError {
    SpeechError::Missing { engine: "auto", reason: format!("{}, or {}", kokoro::INSTALL, espeak::INSTALL) }
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod tests;
