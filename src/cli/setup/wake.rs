//! `herald setup wake`: a wake word of the user's own, from a few takes. Kept are embeddings and what the recogniser
//! writes for the takes; the audio is forgotten.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::{
    asr::{Recognizer, Whisper},
    audio::{FileSource, Frame, Microphone, RATE_HZ, Source},
    cli::{CommandError, Context, Global, Kind, output, transcribe},
    config::LangChoice,
    listen::{EnrolledWord, Enroller, ListenError, Take, TakeFault, Takes, enrolled_words, forget_enrolled_word},
    listen::{save_enrolled_word, word_name},
    models::{self, WAKE_FEATURES},
    store::Store,
    testing::QuietNoise,
};

/// Takes of a phrase.
const LEAST_TAKES: usize = 3;
const MOST_TAKES: usize = 5;
/// Takes asked for at the microphone.
const WANTED_TAKES: usize = 4;
/// Tries at the microphone until it is given up.
const MOST_TRIES: usize = 12;
/// A take at the microphone: seconds listened to.
const TAKE_SECONDS: usize = 4;
/// Quiet around a take, in samples: 2 s before, 1 s after, so that the features are about real audio.
const BEFORE: usize = 2 * RATE_HZ as usize;
const AFTER: usize = RATE_HZ as usize;
/// Longest file that is read: 30 s. A take is less than two.
const LONGEST_FILE: usize = 30 * RATE_HZ as usize;

/// Arguments of `herald setup wake`.
#[derive(Debug, Args)]
pub struct WakeArgs {
    /// What to call the word: the phrase itself, as you write it
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Takes the phrase from these recordings, three to five, instead of the microphone
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Forget the word
    #[arg(long, requires = "name", conflicts_with = "files")]
    forget: bool,
}

/// What was made, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Made<'a> {
    word: &'a str,
    takes: usize,
    phrases: &'a [String],
}

pub(in crate::cli) fn run(global: &Global, args: &WakeArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let store = Store::open(&context.dirs.data)?;
    let Some(name) = args.name.as_deref().map(word_name) else { return list(&context, &store) };
    if name.is_empty() {
        return Err(CommandError::new(Kind::Usage, "the name has no letter").hint("write the phrase you will say"));
    }
    if args.forget {
        return forget(&context, &store, &name);
    }
    let mut studio = Studio::open(&context)?;
    let recordings = if args.files.is_empty() { studio.record(&context, &name)? } else { studio.read(&args.files)? };
    let takes = together(&recordings)
        .map_err(|(odd, fault)| CommandError::new(Kind::Input, format!("{}: {fault}", name_take(&args.files, odd))))?;
    let phrases = studio.write(&recordings)?;
    let made = Made { word: &name, takes: recordings.len(), phrases: &phrases };
    tell(&context, &made)?;
    Ok(save_enrolled_word(&store, EnrolledWord { name, phrases, takes })?)
}

/// Without a name: the words there are.
fn list(context: &Context, store: &Store) -> Result<(), CommandError> {
    let words = enrolled_words(store)?;
    if words.is_empty() && !context.json {
        return output::line(format_args!("no wake word yet; teach one: herald setup wake \"hey marvin\""));
    }
    words.iter().try_for_each(|word| {
        if context.json {
            return output::json(&serde_json::json!({ "word": word.name, "phrases": word.phrases }));
        }
        output::line(format_args!("{}: {}", word.name, word.phrases.join(", ")))
    })
}

fn forget(context: &Context, store: &Store, name: &str) -> Result<(), CommandError> {
    if !forget_enrolled_word(store, name)? {
        return Err(CommandError::new(Kind::Unavailable, format!("there is no enrolled word {name:?}"))
            .hint("`herald setup wake` shows them"));
    }
    if context.json { Ok(()) } else { output::line(format_args!("{name} is forgotten")) }
}

fn tell(context: &Context, made: &Made<'_>) -> Result<(), CommandError> {
    if context.json {
        return output::json(made);
    }
    output::line(format_args!("Learnt: {}, from {} takes. Herald reads it as: {}", made.word, made.takes, {
        if made.phrases.is_empty() { "nothing, only its name counts".to_owned() } else { made.phrases.join(", ") }
    }))?;
    output::line(format_args!("Try it: herald run --show --wake {:?}", made.word))?;
    output::line(format_args!(
        "To keep it: [listen] wake = \"keyword\", wake_words = [{:?}] in the configuration",
        made.word
    ))
}

fn name_take(files: &[PathBuf], at: usize) -> String {
    files.get(at).map_or_else(|| format!("take {}", at + 1), |file| file.display().to_string())
}

/// A take with the samples of the phrase, to be transcribed.
type Recording = (Take, Vec<f32>);

fn together(recordings: &[Recording]) -> Result<Takes, (usize, TakeFault)> {
    let takes: Vec<Take> = recordings.iter().map(|(take, _)| take.clone()).collect();
    Takes::new(&takes)
}

/// A word's sound and what recognisers write for it; or which take is not usable, from 0, and why.
type Enrolled = Result<(Takes, Vec<String>), (usize, TakeFault)>;

/// What judges and transcribes takes.
pub(in crate::cli) struct Studio {
    enroller: Enroller,
    recognizer: Whisper,
    lang: LangChoice,
}

impl Studio {
    /// Loads the models.
    ///
    /// # Errors
    /// Kind `Unavailable` when one is missing.
    pub(in crate::cli) fn open(context: &Context) -> Result<Self, CommandError> {
        let models = &context.dirs.models;
        let silero = models::find(models, "silero")?;
        let [mel, embedding] = WAKE_FEATURES.map(|name| models::find(models, name));
        let enroller =
            Enroller::load(&silero, &mel?, &embedding?).map_err(|error| CommandError::new(Kind::Unavailable, error))?;
        let recognizer = transcribe::load(context)?;
        Ok(Self { enroller, recognizer, lang: context.config.general.lang })
    }

    /// Judges a recording between quiet; the inner error is what is wrong with it.
    fn judge(&mut self, samples: &[f32]) -> Result<Result<Recording, TakeFault>, CommandError> {
        let mut noise = QuietNoise::new();
        let mut padded: Vec<f32> = noise.samples(BEFORE).collect();
        padded.extend_from_slice(samples);
        padded.extend(noise.samples(AFTER));
        let taken =
            self.enroller.take(&padded).map_err(|error: ListenError| CommandError::new(Kind::Internal, error))?;
        Ok(taken.map(|take| {
            // As an utterance is cut: some quiet around the voice.
            let voice = take.voice();
            let margin = RATE_HZ as usize / 4;
            let phrase = padded.get(voice.start.saturating_sub(margin)..padded.len().min(voice.end + margin));
            let phrase = phrase.unwrap_or_default().to_vec();
            (take, phrase)
        }))
    }

    /// Enrols a word from samples, a take each.
    ///
    /// # Errors
    /// Kind `Internal` when a model fails.
    pub(in crate::cli) fn enrol(&mut self, takes: &[Vec<f32>]) -> Result<Enrolled, CommandError> {
        let mut recordings = Vec::new();
        for (at, samples) in takes.iter().enumerate() {
            match self.judge(samples)? {
                Ok(recording) => recordings.push(recording),
                Err(fault) => return Ok(Err((at, fault))),
            }
        }
        let phrases = self.write(&recordings)?;
        Ok(together(&recordings).map(|takes| (takes, phrases)))
    }

    /// Takes from files.
    fn read(&mut self, files: &[PathBuf]) -> Result<Vec<Recording>, CommandError> {
        if !(LEAST_TAKES..=MOST_TAKES).contains(&files.len()) {
            let message = format!("{} recordings were given; {LEAST_TAKES} to {MOST_TAKES} are needed", files.len());
            return Err(CommandError::new(Kind::Usage, message));
        }
        let mut recordings = Vec::new();
        for file in files {
            let mut source = FileSource::open(file)?;
            let mut samples = Vec::new();
            while let Some(frame) = source.read()? {
                samples.extend_from_slice(&frame.0);
                if samples.len() > LONGEST_FILE {
                    break;
                }
            }
            let recording = self.judge(&samples)?;
            recordings.push(
                recording.map_err(|fault| CommandError::new(Kind::Input, format!("{}: {fault}", file.display())))?,
            );
        }
        Ok(recordings)
    }

    /// Takes from the microphone: tells what to do, and judges each take at once.
    fn record(&mut self, context: &Context, name: &str) -> Result<Vec<Recording>, CommandError> {
        let mut microphone = Microphone::open(&context.config.audio)?;
        let say = |text: std::fmt::Arguments<'_>| if context.json { Ok(()) } else { output::line(text) };
        let phrase = name.replace('_', " ");
        say(format_args!(
            "Say \"{phrase}\" {WANTED_TAKES} times, once after each \"now\", as you will say it every day."
        ))?;
        let mut recordings: Vec<Recording> = Vec::new();
        for _ in 0..MOST_TRIES {
            let number = recordings.len() + 1;
            say(format_args!("Take {number} of {WANTED_TAKES}: now"))?;
            match self.judge(&listen(&mut microphone)?)? {
                Err(fault) => say(format_args!("  {fault}"))?,
                Ok(recording) => {
                    recordings.push(recording);
                    match together(&recordings) {
                        Ok(_) => say(format_args!("  good"))?,
                        Err((odd, fault)) => {
                            // Of two that differ nobody knows which is the odd one: both go.
                            if recordings.len() == 2 {
                                recordings.clear()
                            } else {
                                drop(recordings.remove(odd))
                            }
                            say(format_args!("  {fault}"))?;
                        }
                    }
                }
            }
            if recordings.len() == WANTED_TAKES {
                return Ok(recordings);
            }
        }
        Err(CommandError::new(Kind::Input, format!("after {MOST_TRIES} tries there are not enough takes alike"))
            .hint("choose a quieter place, or a longer phrase"))
    }

    /// What the recogniser writes for the takes, each spelling once.
    fn write(&mut self, recordings: &[Recording]) -> Result<Vec<String>, CommandError> {
        let mut phrases: Vec<String> = Vec::new();
        for (_, phrase) in recordings {
            let heard = self.recognizer.transcribe(phrase, self.lang, None);
            let text = heard.map_err(|error| CommandError::new(Kind::Internal, error))?.text;
            let text = text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
            if !text.is_empty() && !phrases.contains(&text) {
                phrases.push(text);
            }
        }
        Ok(phrases)
    }
}

/// Listens to the microphone for a take.
fn listen(microphone: &mut Microphone) -> Result<Vec<f32>, CommandError> {
    let mut samples = Vec::with_capacity(TAKE_SECONDS * RATE_HZ as usize);
    while samples.len() < TAKE_SECONDS * RATE_HZ as usize {
        let Some(Frame(frame)) = microphone.read()? else { break };
        samples.extend_from_slice(&frame);
    }
    Ok(samples)
}
