//! The voices that are installed: how soon they begin, how fast they are, how well they are understood. A configured
//! `speech.engine` measures that one alone.
//!
//! For each engine and language: the word errors of a recogniser that hears a hundred replies as Herald gives them (the
//! lists stand beside this file, and were written for it; no question of Herald's is in them so often that it decides);
//! the time to the first clip of a reply of at most six words, once one was spoken before; and the real-time factor on one
//! thread, by the clock on the wall, on one core that the bench keeps to. For the word errors both sides are compared by
//! [`normalise`](crate::asr::normalise()): lower case, no punctuation, numbers in digits, "9h" as "9 heures"; the
//! recogniser searches as it does in a conversation. A person understands more than a small recogniser does: the figure is
//! for comparing.

use std::time::Instant;

use super::Bencher;
use crate::{
    asr::{Recognizer, Whisper, WordErrors, word_errors},
    audio::RATE_HZ,
    cli::{CommandError, Kind},
    config::{self, Lang},
    models,
    speech::{Engine, Voices, installed_voices},
    testing::in_a_quiet_room,
};

const BENCH: &str = "voice";
/// Engines with voices of their own.
const ENGINES: [&str; 3] = ["kokoro", "piper", "espeak"];
/// Recognisers that know both languages, the one of a device first.
const RECOGNISERS: [&str; 2] = ["base-q8_0", "base"];
const ENGLISH: &str = include_str!("voice/replies-en.txt");
const FRENCH: &str = include_str!("voice/replies-fr.txt");
/// Words of a reply whose beginning is timed, and how many are.
const FEW_WORDS: usize = 6;
const TIMED: usize = 15;
/// Replies of which the real-time factor is the median.
const PACED: usize = 20;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let mut recogniser = recogniser(bencher)?;
    if recogniser.is_none() {
        bencher.note("voice: no recogniser for both languages: word errors are not measured");
    }
    let configured = bencher.context.config.speech.engine.as_str();
    let wanted = |engine: &&str| configured == "auto" || configured == *engine;
    for engine in ENGINES.into_iter().filter(wanted) {
        for lang in Lang::ALL.into_iter().filter(|lang| bencher.wants(*lang)) {
            let kind: Engine = engine.parse()?;
            if installed_voices(kind, &bencher.context.dirs.models, lang).is_empty() {
                bencher.note(&format!("voice: {engine} has no voice for {lang}"));
                continue;
            }
            let said = Said { bencher, engine, lang };
            if let Some(recogniser) = &mut recogniser {
                said.is_understood(recogniser)?;
            }
            said.begins()?;
            said.pace()?;
        }
    }
    Ok(())
}

fn recogniser(bencher: &Bencher<'_>) -> Result<Option<Whisper>, CommandError> {
    let names = bencher.model.map_or(RECOGNISERS.to_vec(), |name| vec![name]);
    let models_dir = &bencher.context.dirs.models;
    let found = names.into_iter().find_map(|name| Some((name, models::find(models_dir, name).ok()?)));
    let Some((name, path)) = found else { return Ok(None) };
    Ok(Some(Whisper::load(name, &path, bencher.threads())?))
}

/// One engine in one language.
struct Said<'a> {
    bencher: &'a Bencher<'a>,
    engine: &'static str,
    lang: Lang,
}

impl Said<'_> {
    fn replies(&self) -> impl Iterator<Item = &'static str> {
        match self.lang {
            Lang::En => ENGLISH.lines(),
            Lang::Fr => FRENCH.lines(),
        }
    }

    fn open(&self) -> Result<Voices, CommandError> {
        let speech = config::Speech { engine: self.engine.to_owned(), ..self.bencher.context.config.speech.clone() };
        Ok(Voices::open_for(&[self.lang], &speech, &self.bencher.context.dirs.models)?)
    }

    fn metric(&self, metric: &str) -> String {
        format!("{}/{}/{metric}", self.engine, self.lang)
    }

    /// Time to the first clip of a short reply.
    #[allow(clippy::disallowed_methods, reason = "the wall clock is what is measured")]
    fn begins(&self) -> Result<(), CommandError> {
        let mut voices = self.open()?;
        let short = self.replies().filter(|reply| words(reply) <= FEW_WORDS).take(TIMED);
        let mut times_ms = Vec::new();
        for reply in self.replies().take(1).chain(short) {
            let start = Instant::now();
            let mut first_ms = None;
            self.speak(&mut voices, reply, &mut |_| {
                first_ms.get_or_insert_with(|| start.elapsed().as_secs_f64() * 1000.0);
            })?;
            times_ms.extend(first_ms);
        }
        // The first reply warms up.
        self.bencher.spread(BENCH, &self.metric("first_audio"), times_ms.get_mut(1..).unwrap_or_default())
    }

    /// Time of synthesis by duration of speech, on one core.
    #[allow(clippy::disallowed_methods, reason = "the wall clock is what is measured")]
    fn pace(&self) -> Result<(), CommandError> {
        let mut factors = on_one_core(|| {
            let mut voices = self.open()?;
            let mut factors = Vec::new();
            for reply in self.replies().take(PACED + 1) {
                let start = Instant::now();
                let mut audio_ms = 0;
                self.speak(&mut voices, reply, &mut |clip| audio_ms += clip.duration_ms())?;
                #[allow(clippy::cast_precision_loss, reason = "some seconds")]
                factors.push(start.elapsed().as_secs_f64() * 1000.0 / audio_ms as f64);
            }
            Ok(factors.split_off(1))
        })?;
        factors.sort_by(f64::total_cmp);
        let median = factors.get(factors.len() / 2).copied().unwrap_or(f64::NAN);
        self.bencher.figure(BENCH, &self.metric("real_time_factor, one thread"), median, "ratio")
    }

    /// Word errors of a recogniser that hears the replies.
    fn is_understood(&self, recogniser: &mut Whisper) -> Result<(), CommandError> {
        let mut voices = self.open()?;
        let mut errors = WordErrors::default();
        for reply in self.replies() {
            let (mut rate_hz, mut said) = (RATE_HZ, Vec::new());
            self.speak(&mut voices, reply, &mut |clip| {
                rate_hz = clip.rate_hz;
                said.extend(clip.samples);
            })?;
            let samples = in_a_quiet_room(&said, rate_hz)?;
            let heard = recogniser.transcribe(&samples, self.lang.into(), None)?;
            errors += word_errors(&hours(reply), &hours(&heard.text), self.lang);
        }
        self.bencher.figure(BENCH, &self.metric("word_errors"), errors.percent(), "%")
    }

    /// Speaks with this engine and no other.
    fn speak(
        &self,
        voices: &mut Voices,
        reply: &str,
        play: &mut dyn FnMut(crate::speech::Clip),
    ) -> Result<(), CommandError> {
        let spoken = voices.speak(reply, self.lang, play)?;
        if spoken.engine == self.engine {
            return Ok(());
        }
        Err(CommandError::new(Kind::Unavailable, format!("{} failed, and {} spoke", self.engine, spoken.engine)))
    }
}

/// Writes the hours of French clocks as they are said: "9h" and "9h30" are "9 heures" and "9 heures 30".
fn hours(text: &str) -> String {
    let spaced = text.split_whitespace().map(|word| match word.split_once(['h', 'H']) {
        Some((hour, rest)) if !hour.is_empty() && hour.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("{hour} heures {rest}")
        }
        _ => word.to_owned(),
    });
    spaced.collect::<Vec<_>>().join(" ")
}

fn words(reply: &str) -> usize {
    reply.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// Runs work on a thread that keeps to one core: engines take as many threads as they have cores.
fn on_one_core<T: Send>(work: impl FnOnce() -> Result<T, CommandError> + Send) -> Result<T, CommandError> {
    std::thread::scope(|scope| {
        let bound = move || {
            let mut core = rustix::thread::CpuSet::new();
            core.set(0);
            rustix::thread::sched_setaffinity(None, &core).map_err(|error| CommandError::new(Kind::Internal, error))?;
            work()
        };
        let thread = std::thread::Builder::new().name("herald-one-core".into()).spawn_scoped(scope, bound);
        let thread = thread.map_err(|error| CommandError::new(Kind::Internal, error))?;
        thread.join().map_err(|_| CommandError::new(Kind::Internal, "the thread on one core has ended"))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_a_hundred_replies_a_language_and_enough_short_ones() {
        for replies in [ENGLISH, FRENCH] {
            assert_eq!(replies.lines().count(), 100);
            assert!(replies.lines().filter(|reply| words(reply) <= FEW_WORDS).count() >= TIMED);
        }
    }

    #[test]
    fn clocks_have_one_form() {
        assert_eq!(hours("ce soir à 9h, ou à 21h30."), "ce soir à 9 heures , ou à 21 heures 30.");
        assert_eq!(hours("Hélène a huit ans"), "Hélène a huit ans");
    }
}
