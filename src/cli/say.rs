//! `herald say`: one text spoken aloud, or written to a WAV file.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, SyncSender},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use serde::Serialize;
use tracing::warn;

use super::{CommandError, Context, Global, Kind, output};
use crate::{
    audio::{AudioError, Block, FRAME_MS, Loudspeaker, Sink, WavSink},
    config::Lang,
    speech::{self, Clip, Engine, SystemEvent, SystemVoice, Voices},
};

/// How often the system's voice is asked whether it has finished.
const SYSTEM_POLL: Duration = Duration::from_millis(10);

/// Ten seconds of speech made ahead of what is played.
const QUEUED_BLOCKS: usize = 1000;
/// Half of what the loudspeaker holds.
const PLAYED_AHEAD: Duration = Duration::from_millis(100);

/// Arguments of `herald say`.
#[derive(Debug, Args)]
pub struct SayArgs {
    /// What to say
    #[arg(value_name = "TEXT")]
    text: String,
    /// Write a WAV file (mono, 24 kHz, 16 bit) and play nothing
    #[arg(long, value_name = "FILE.wav")]
    output: Option<PathBuf>,
}

/// What was said.
#[derive(Debug, Serialize)]
pub(super) struct Said {
    engine: &'static str,
    voice: String,
    lang: Lang,
    /// Duration of the speech, pauses between clauses included.
    audio_ms: u64,
    /// From the text, with the engine loaded, to the first clause.
    first_audio_ms: u64,
    /// From the text to the last clause made; for the system's voice, spoken.
    total_ms: u64,
}

pub(super) fn run(global: &Global, args: &SayArgs) -> Result<(), CommandError> {
    if args.text.is_empty() {
        return Err(CommandError::new(Kind::Usage, "there is nothing to say: TEXT is empty"));
    }
    let context = Context::load(global)?;
    let lang = context.config.general.lang.fixed().unwrap_or_else(|| speech::detect_lang(&args.text, None));
    let said = match &args.output {
        Some(file) => write(&context, &args.text, lang, file),
        None => play(&context, &args.text, lang),
    }?;
    if context.json {
        return output::json(&said);
    }
    let Said { engine, voice, audio_ms, first_audio_ms, .. } = said;
    output::line(format_args!(
        "{engine} {voice} ({lang}): {audio_ms} ms of speech, the first after {first_audio_ms} ms"
    ))
}

fn write(context: &Context, text: &str, lang: Lang, file: &Path) -> Result<Said, CommandError> {
    let mut voices = super::voices(context, Some(lang))?;
    let mut sink = WavSink::create(file)?;
    let said = render(&mut voices, text, lang, &mut sink);
    let finished = sink.finish();
    let outcome = said.and_then(|said| Ok(finished.map(|()| said)?));
    if outcome.is_err() && file.is_file() {
        // Half a sentence is no result.
        let _ = fs::remove_file(file);
    }
    outcome
}

/// Speaks through the loudspeaker; where the system's voice was asked for and fails, with another one.
///
/// # Errors
/// Kind `Unavailable` when there is no loudspeaker or no voice, `Config` when there is no such voice.
pub(super) fn play(context: &Context, text: &str, lang: Lang) -> Result<Said, CommandError> {
    let engine: Engine = context.config.speech.engine.parse()?;
    if engine != Engine::System {
        return play_samples(context, text, lang);
    }
    play_by_system(text, lang).or_else(|failure| {
        warn!(reason = %failure.message, "the system's voice failed; another one speaks");
        // What the person chose and how to get it matters more than why the replacement failed as well.
        play_samples(context, text, lang)
            .map_err(|other| failure.hint(format!("no other voice spoke: {}", other.message)))
    })
}

/// Has an engine make samples and plays them.
fn play_samples(context: &Context, text: &str, lang: Lang) -> Result<Said, CommandError> {
    let mut loudspeaker = Loudspeaker::open(&context.config.audio)?;
    let mut voices = super::voices(context, Some(lang))?;
    let (sender, blocks) = mpsc::sync_channel(QUEUED_BLOCKS);
    thread::scope(|scope| {
        let maker = thread::Builder::new()
            .name("herald-speech".into())
            .spawn_scoped(scope, move || render(&mut voices, text, lang, &mut Queue(sender)))
            .map_err(|error| CommandError::new(Kind::Internal, error))?;
        let played = play_in_time(&blocks, &mut loudspeaker);
        let said = maker.join().map_err(|_| CommandError::new(Kind::Internal, "the speech thread has ended"))?;
        played?;
        said
    })
}

/// What is made but not played yet. When full, making waits.
struct Queue(SyncSender<Block>);

impl Sink for Queue {
    fn write(&mut self, block: &Block) -> Result<(), AudioError> {
        // The player has ended with an error, which the caller reports.
        let _ = self.0.send(block.clone());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), AudioError> {
        Ok(())
    }
}

/// Hands blocks to a loudspeaker, which drops what comes too early, a little before their time.
fn play_in_time(blocks: &Receiver<Block>, loudspeaker: &mut dyn Sink) -> Result<(), AudioError> {
    let mut due = Instant::now();
    while let Ok(block) = blocks.recv() {
        let now = Instant::now();
        due = due.max(now);
        thread::sleep((due - now).saturating_sub(PLAYED_AHEAD));
        loudspeaker.write(&block)?;
        due += Duration::from_millis(FRAME_MS);
    }
    loudspeaker.finish()
}

/// Speaks into a sink, clause by clause.
fn render(voices: &mut Voices, text: &str, lang: Lang, sink: &mut dyn Sink) -> Result<Said, CommandError> {
    let start = Instant::now();
    let mut first_audio_ms = None;
    let mut blocks_written = 0;
    let mut failure = None;
    let mut play = |clip: Clip| {
        first_audio_ms.get_or_insert_with(|| elapsed_ms(start));
        if failure.is_none() {
            failure = write_clip(&clip, sink, &mut blocks_written).err();
        }
    };
    let spoken = voices.speak(text, lang, &mut play)?;
    if let Some(error) = failure {
        return Err(error.into());
    }
    Ok(Said {
        engine: spoken.engine,
        voice: spoken.voice,
        lang,
        audio_ms: blocks_written * FRAME_MS,
        first_audio_ms: first_audio_ms.unwrap_or_default(),
        total_ms: elapsed_ms(start),
    })
}

fn write_clip(clip: &Clip, sink: &mut dyn Sink, blocks_written: &mut u64) -> Result<(), AudioError> {
    for block in clip.blocks()? {
        sink.write(&block)?;
        *blocks_written += 1;
    }
    Ok(())
}

fn play_by_system(text: &str, lang: Lang) -> Result<Said, CommandError> {
    let mut voice = SystemVoice::start()?;
    let start = Instant::now();
    voice.speak(text, lang)?;
    let mut begun_ms = None;
    loop {
        match voice.try_event() {
            Some(SystemEvent::Begin) => begun_ms = Some(elapsed_ms(start)),
            Some(SystemEvent::Failed(reason)) => {
                // A server that only hung must not go on when another voice has begun.
                let _ = voice.stop();
                return Err(CommandError::new(Kind::Unavailable, reason));
            }
            Some(_) => break,
            None => thread::sleep(SYSTEM_POLL),
        }
    }
    let total_ms = elapsed_ms(start);
    let first_audio_ms = begun_ms.unwrap_or(total_ms);
    Ok(Said {
        engine: "system",
        voice: "default".into(),
        lang,
        audio_ms: total_ms - first_audio_ms,
        first_audio_ms,
        total_ms,
    })
}

fn elapsed_ms(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
