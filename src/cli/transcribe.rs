//! `herald transcribe`: audio files to text.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{CommandError, Context, Global, Kind, output, recogniser};
use crate::{
    asr::{AsrError, Effort, LongForm, Recognizer, Speech, Voice, Whisper},
    audio::{self, FRAME_SAMPLES, Frame, RATE_HZ},
    config::{Config, Lang, LangChoice},
    listen::{ListenEvent, Listener, Utterance},
    models,
};

/// Arguments of `herald transcribe`.
#[derive(Debug, Args)]
pub struct TranscribeArgs {
    /// WAV or FLAC files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(global: &Global, args: &TranscribeArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let mut recognizer = load(&context)?;
    let mut finder = Finder::new(&context)?;
    let lang = context.config.general.lang;
    let mut worst = None;
    for file in &args.files {
        let result = transcribe(file, lang, &mut recognizer, &mut finder);
        print(file, &result, context.json, args.files.len())?;
        // A fault of ours says more than a bad file.
        worst = worst.max(result.kind);
    }
    worst.map_or(Ok(()), |trouble| {
        let message = match trouble {
            Trouble::File => "not every file could be used in full",
            Trouble::Engine => "not every file could be decoded",
        };
        Err(CommandError::new(trouble.kind(), message))
    })
}

/// Loads the configured recogniser and makes sure that it knows the configured language.
pub(super) fn load(context: &Context) -> Result<Whisper, CommandError> {
    let Config { general, asr, .. } = &context.config;
    let name = &recogniser::name(context);
    let path = models::find(&context.dirs.models, name)?;
    let threads = usize::try_from(asr.threads).unwrap_or(1);
    let mut whisper = Whisper::load(name, &path, threads).map_err(|error| {
        CommandError::new(Kind::Unavailable, error).hint(format!("run `herald models fetch {name}`"))
    })?;
    if general.lang == LangChoice::Fr && !whisper.is_multilingual() {
        return Err(CommandError::new(Kind::Config, format!("the model {name} knows English only"))
            .hint(format!("for French use --model {}", models::default_asr(LangChoice::Fr))));
    }
    whisper.set_effort(Effort::Thorough);
    Ok(whisper)
}

/// What kept a file from being used in full; the order is that of importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    File,
    Engine,
}

impl Trouble {
    const fn kind(self) -> Kind {
        match self {
            Self::File => Kind::Input,
            Self::Engine => Kind::Internal,
        }
    }
}

/// One line of the output. A file that breaks off has both a text and an error.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    heard: Option<Heard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    kind: Option<Trouble>,
}

#[derive(Debug, Serialize)]
struct Heard {
    text: String,
    lang: Lang,
    audio_ms: u64,
    decode_ms: u64,
    /// Mean probability of the tokens, 0 to 1.
    confidence: f32,
    /// Probability that there was no speech, 0 to 1.
    no_speech: f32,
}

impl Line {
    fn failed(kind: Trouble, error: &dyn std::fmt::Display) -> Self {
        Self { heard: None, error: Some(error.to_string()), kind: Some(kind) }
    }
}

fn transcribe(path: &Path, lang: LangChoice, recognizer: &mut dyn Recognizer, finder: &mut Finder) -> Line {
    let mut file = match audio::read_file(path) {
        Ok(file) => file,
        Err(error) => return Line::failed(Trouble::File, &error),
    };
    let mut find = |samples: &[f32]| finder.speech(samples);
    let mut whole = LongForm::new(recognizer, Some(&mut find), lang, None);
    let (mut portion, mut samples) = (Vec::new(), 0);
    let decode = || -> Result<_, AsrError> {
        while file.read(&mut portion) {
            samples += portion.len() as u64;
            whole.push(&portion)?;
            portion.clear();
        }
        whole.finish()
    };
    let transcript = match decode() {
        Ok(transcript) => transcript,
        Err(error) => return Line::failed(Trouble::Engine, &error),
    };
    let damage = file.damage();
    Line {
        heard: Some(Heard {
            text: transcript.text,
            lang: transcript.lang,
            audio_ms: samples * 1_000 / u64::from(RATE_HZ),
            decode_ms: transcript.decode_ms,
            confidence: transcript.confidence,
            no_speech: transcript.no_speech,
        }),
        error: damage.map(ToString::to_string),
        kind: damage.map(|_| Trouble::File),
    }
}

#[allow(clippy::print_stderr, reason = "for a person, errors stand apart from the texts")]
fn print(file: &Path, line: &Line, json: bool, files: usize) -> Result<(), CommandError> {
    #[derive(Serialize)]
    struct OfFile<'a> {
        file: &'a str,
        #[serde(flatten)]
        line: &'a Line,
    }
    let file = &*file.to_string_lossy();
    if json {
        return output::json(&OfFile { file, line });
    }
    if let Some(error) = &line.error {
        eprintln!("{error}");
    }
    match &line.heard {
        Some(heard) if files == 1 => output::line(&heard.text),
        Some(heard) => output::line(format_args!("{file}: {}", heard.text)),
        None => Ok(()),
    }
}

/// Silence before and after a piece, in frames: the detector settles, and the last word ends.
const QUIET_FRAMES: usize = 50;
/// Silence after which an utterance is over here. Only where speech is matters, not whose turn it is.
const HANGOVER_MS: u32 = 300;

/// Finds speech with the detector that listens live.
struct Finder {
    listener: Listener,
}

impl Finder {
    fn new(context: &Context) -> Result<Self, CommandError> {
        let mut settings = context.config.listen.clone();
        settings.hangover_command_ms = HANGOVER_MS;
        settings.pause_ms = settings.pause_ms.min(HANGOVER_MS);
        let silero = models::find(&context.dirs.models, "silero")?;
        let listener = Listener::new(&settings, &silero)
            .map_err(|error| CommandError::new(Kind::Unavailable, error).hint("run `herald models fetch silero`"))?;
        Ok(Self { listener })
    }

    /// Returns where somebody speaks.
    fn speech(&mut self, samples: &[f32]) -> Vec<Speech> {
        self.listener.reset();
        let mut events = Vec::new();
        for _ in 0..QUIET_FRAMES {
            events.extend(self.listener.push(&Frame::SILENCE));
        }
        let start_ms = self.listener.clock_ms();
        for chunk in samples.chunks(FRAME_SAMPLES) {
            let mut frame = Frame::SILENCE;
            frame.0[..chunk.len()].copy_from_slice(chunk);
            events.extend(self.listener.push(&frame));
        }
        for _ in 0..QUIET_FRAMES {
            events.extend(self.listener.push(&Frame::SILENCE));
        }
        if self.listener.fault().is_some() {
            let all_ms = samples.len() as u64 * 1_000 / u64::from(RATE_HZ);
            let voice = Voice { extent_ms: all_ms, clear_ms: all_ms };
            return vec![Speech { from: 0, to: samples.len(), voice }];
        }
        let sample = |ms: u64| {
            let at = ms.saturating_sub(start_ms) * u64::from(RATE_HZ) / 1_000;
            usize::try_from(at).unwrap_or(usize::MAX).min(samples.len())
        };
        let range = |utterance: Utterance| Speech {
            from: sample(utterance.voice_start_ms),
            to: sample(utterance.voice_end_ms),
            voice: Voice {
                extent_ms: utterance.voice_end_ms.saturating_sub(utterance.voice_start_ms),
                clear_ms: utterance.clear_ms,
            },
        };
        events.into_iter().filter_map(ListenEvent::over).map(range).collect()
    }
}
