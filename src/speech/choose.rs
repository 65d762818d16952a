//! Which engine speaks: the best installed one, and the next when it fails.

use std::{collections::HashSet, path::Path, str::FromStr};

use tracing::{info, warn};

use super::{
    Clip, SpeechError, Synthesizer, clause,
    espeak::{self, Espeak},
    kokoro::{self, Kokoro},
    read_aloud::read_aloud,
};
use crate::config::{self, Lang};

/// A voice engine as named in the configuration (`speech.engine`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The best installed: `kokoro`, else `espeak`.
    #[default]
    Auto,
    /// Neural, in process.
    Kokoro,
    /// `espeak-ng` as a child process.
    Espeak,
    /// The system's voice plays by itself ([`super::SystemVoice`]); what must be samples is made by `espeak-ng`,
    /// which is also what most systems' voices use.
    System,
}

impl FromStr for Engine {
    type Err = SpeechError;

    fn from_str(name: &str) -> Result<Self, SpeechError> {
        match name {
            "auto" => Ok(Self::Auto),
            "kokoro" => Ok(Self::Kokoro),
            "espeak" => Ok(Self::Espeak),
            "system" => Ok(Self::System),
            other => Err(SpeechError::UnknownEngine(other.to_owned())),
        }
    }
}

/// Who spoke, or would speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Engine name: `kokoro` or `espeak`.
    pub engine: &'static str,
    /// Voice name of that engine.
    pub voice: String,
}

/// The installed engines, best first.
pub struct Voices {
    engines: Vec<Box<dyn Synthesizer>>,
    /// Engine that has the voice the configuration names, by language; it speaks first.
    chosen: [Option<&'static str>; Lang::ALL.len()],
    /// Engines whose failure was logged.
    reported: HashSet<&'static str>,
}

impl Voices {
    /// Opens the engines that the configuration allows and the machine has; loading `kokoro` takes about a second.
    ///
    /// # Errors
    /// [`SpeechError::UnknownEngine`] and [`SpeechError::UnknownVoice`] for a configuration that cannot be met;
    /// [`SpeechError::Missing`] when no engine is installed.
    pub fn open(speech: &config::Speech, models_dir: &Path) -> Result<Self, SpeechError> {
        let engine: Engine = speech.engine.parse()?;
        let mut kokoro = match engine {
            Engine::Auto => match Kokoro::open(models_dir, speech.rate) {
                Ok(kokoro) => Some(kokoro),
                // Another engine's default would be a surprise to who asked for this voice.
                Err(reason) if Lang::ALL.iter().any(|lang| Kokoro::is_voice_name(wanted_voice(speech, *lang))) => {
                    return Err(reason);
                }
                Err(reason) => {
                    info!(%reason, "espeak speaks");
                    None
                }
            },
            Engine::Kokoro => Some(Kokoro::open(models_dir, speech.rate)?),
            Engine::Espeak | Engine::System => None,
        };
        let mut espeak = match Espeak::open(speech.rate) {
            Ok(espeak) => Some(espeak),
            Err(_) if kokoro.is_some() => None,
            Err(_) if engine == Engine::Auto => return Err(nothing_installed()),
            Err(error) => return Err(error),
        };
        let mut chosen = [None; Lang::ALL.len()];
        for (lang, chosen) in Lang::ALL.into_iter().zip(&mut chosen) {
            let voice = wanted_voice(speech, lang);
            if !voice.is_empty() {
                *chosen = Some(choose_voice(&mut kokoro, &mut espeak, lang, voice)?);
            }
        }
        let kokoro = kokoro.map(|engine| Box::new(engine) as Box<dyn Synthesizer>);
        let espeak = espeak.map(|engine| Box::new(engine) as Box<dyn Synthesizer>);
        Ok(Self { engines: kokoro.into_iter().chain(espeak).collect(), chosen, reported: HashSet::new() })
    }

    /// Takes engines that are open already, the best first.
    pub fn of(engines: Vec<Box<dyn Synthesizer>>) -> Self {
        Self { engines, chosen: [None; Lang::ALL.len()], reported: HashSet::new() }
    }

    /// Returns who speaks a language unless it fails.
    pub fn speaker(&self, lang: Lang) -> Option<Spoken> {
        let engine = self.engines.get(*self.order(lang).first()?)?;
        Some(Spoken { engine: engine.engine(), voice: engine.voice(lang) })
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
        for index in self.order(lang) {
            let Some(engine) = self.engines.get_mut(index) else { continue };
            let mut played = 0;
            let outcome = engine.synthesize(&rest, lang, &mut |clip| {
                played += 1;
                play(clip);
            });
            let name = engine.engine();
            match outcome {
                Ok(()) => return Ok(Spoken { engine: name, voice: engine.voice(lang) }),
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

    /// Indices of the engines, the one to try first in front.
    fn order(&self, lang: Lang) -> Vec<usize> {
        let chosen =
            Lang::ALL.iter().zip(self.chosen).find(|(known, _)| **known == lang).and_then(|(_, chosen)| chosen);
        let mut order: Vec<usize> = (0..self.engines.len()).collect();
        order.sort_by_key(|index| self.engines.get(*index).map(|engine| Some(engine.engine()) != chosen));
        order
    }
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

/// Gives the voice to the engine that has it, and returns the engine's name.
fn choose_voice(
    kokoro: &mut Option<Kokoro>,
    espeak: &mut Option<Espeak>,
    lang: Lang,
    voice: &str,
) -> Result<&'static str, SpeechError> {
    let mut known = Vec::new();
    if let Some(engine) = kokoro.take_if(|engine| engine.voices().iter().any(|name| name == voice)) {
        let engine = engine.with_voice(lang, voice);
        let name = engine.engine();
        *kokoro = Some(engine);
        return Ok(name);
    }
    known.extend(kokoro.iter().flat_map(Kokoro::voices));
    // "en-us+f3" is the voice "en-us" in variant 3.
    let base = voice.split_once('+').map_or(voice, |(base, _)| base);
    if let Some(engine) = espeak.take_if(|engine| engine.voices().iter().any(|name| name == base)) {
        let engine = engine.with_voice(lang, voice);
        let name = engine.engine();
        *espeak = Some(engine);
        return Ok(name);
    }
    known.extend(espeak.iter().flat_map(Espeak::voices));
    Err(SpeechError::UnknownVoice { voice: voice.to_owned(), known })
}

fn nothing_installed() -> SpeechError {
    SpeechError::Missing { engine: "auto", reason: format!("{}, or {}", kokoro::INSTALL, espeak::INSTALL) }
}

/// Returns the voices that `engine` can speak a language with, the best engine's first; loads nothing. `system` has none:
/// its voice is the system's choice.
pub fn installed_voices(engine: Engine, models_dir: &Path, lang: Lang) -> Vec<Spoken> {
    let kokoro = match engine {
        Engine::Auto | Engine::Kokoro => kokoro::installed_voices(models_dir, lang),
        Engine::Espeak | Engine::System => Vec::new(),
    };
    let espeak = match engine {
        Engine::Auto | Engine::Espeak => Espeak::open(1.0).map_or_else(|_| Vec::new(), |engine| engine.voices_of(lang)),
        Engine::Kokoro | Engine::System => Vec::new(),
    };
    let spoken = |engine| move |voice| Spoken { engine, voice };
    kokoro.into_iter().map(spoken(kokoro::ENGINE)).chain(espeak.into_iter().map(spoken(espeak::ENGINE))).collect()
}

/// Returns the language of a voice by its name: `ff_siwis` and `fr-ca` are French.
pub fn voice_lang(voice: &str) -> Lang {
    match voice.as_bytes() {
        [b'f', b'f' | b'm', b'_', ..] | [b'f', b'r', ..] => Lang::Fr,
        _ => Lang::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Speaks `sound` clauses, then fails.
    struct Fake {
        name: &'static str,
        clauses: usize,
    }

    impl Synthesizer for Fake {
        fn engine(&self) -> &'static str {
            self.name
        }

        fn voice(&self, lang: Lang) -> String {
            format!("{}-{lang}", self.name)
        }

        fn synthesize(&mut self, text: &str, _: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
            let clauses = clause::clauses(text);
            for clause in clauses.iter().take(self.clauses) {
                play(Clip { rate_hz: 1, samples: vec![0.0; clause.text.len()] });
            }
            if clauses.len() > self.clauses {
                return Err(SpeechError::Engine { engine: self.name, reason: "test".into() });
            }
            Ok(())
        }
    }

    fn voices(engines: &[(&'static str, usize)]) -> Voices {
        let engines = engines
            .iter()
            .map(|(name, clauses)| Box::new(Fake { name, clauses: *clauses }) as Box<dyn Synthesizer>)
            .collect();
        Voices { engines, chosen: [None; 2], reported: HashSet::new() }
    }

    const TEXT: &str = "The first clause. The second clause. The third clause.";

    #[test]
    fn the_next_engine_goes_on_with_the_clause_that_failed() {
        let mut lengths = Vec::new();
        let spoken = voices(&[("good", 1), ("plain", 9)])
            .speak(TEXT, Lang::En, &mut |clip| lengths.push(clip.samples.len()))
            .unwrap();
        assert_eq!(spoken, Spoken { engine: "plain", voice: "plain-en".into() });
        assert_eq!(lengths, ["The first clause.".len(), "The second clause.".len(), "The third clause.".len()]);
    }

    #[test]
    fn when_all_engines_fail_the_last_one_says_why() {
        let error = voices(&[("good", 0), ("plain", 1)]).speak(TEXT, Lang::En, &mut |_| {}).unwrap_err();
        assert!(matches!(error, SpeechError::Engine { engine: "plain", .. }), "{error}");
    }

    #[test]
    fn without_any_engine_the_error_says_what_to_install() {
        let error = voices(&[]).speak(TEXT, Lang::Fr, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains("espeak-ng"), "{error}");
    }

    #[test]
    fn the_engine_of_a_configured_voice_speaks_first_in_its_language() {
        let mut voices = voices(&[("good", 9), ("plain", 9)]);
        voices.chosen = [None, Some("plain")];
        assert_eq!(voices.speaker(Lang::En).unwrap().engine, "good");
        assert_eq!(voices.speaker(Lang::Fr).unwrap().engine, "plain");
    }

    fn speech(engine: &str, voice: &str) -> config::Speech {
        config::Speech { engine: engine.into(), voice_en: voice.into(), voice_fr: String::new(), rate: 1.0 }
    }

    #[test]
    fn without_models_the_engine_is_espeak_unless_kokoro_is_forced() {
        if !espeak::installed() {
            println!("skipped: no espeak-ng");
            return;
        }
        let empty = tempfile::tempdir().unwrap();
        let auto = Voices::open(&speech("auto", ""), empty.path()).unwrap();
        assert_eq!(auto.speaker(Lang::Fr).unwrap(), Spoken { engine: "espeak", voice: "fr".into() });
        let british = Voices::open(&speech("espeak", "en-gb+f3"), empty.path()).unwrap();
        assert_eq!(british.speaker(Lang::En).unwrap().voice, "en-gb+f3");
        let forced = Voices::open(&speech("kokoro", ""), empty.path()).err().unwrap();
        assert!(matches!(forced, SpeechError::Missing { engine: "kokoro", .. }), "{forced}");
        let absent = Voices::open(&speech("auto", "af_heart"), empty.path()).err().unwrap();
        assert!(matches!(absent, SpeechError::Missing { engine: "kokoro", .. }), "{absent}");
        let unknown = Voices::open(&speech("auto", "nobody"), empty.path()).err().unwrap();
        assert!(matches!(unknown, SpeechError::UnknownVoice { ref known, .. } if known.contains(&"en-us".into())));
        assert!(matches!(
            Voices::open(&speech("festival", ""), empty.path()).err().unwrap(),
            SpeechError::UnknownEngine(_)
        ));
    }
}
