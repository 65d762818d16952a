//! `herald detect`: where audio files hold speech.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{CommandError, Context, Global, Kind, output};
use crate::audio::{AudioError, FileSource, Source};
use crate::config;
use crate::listen::{ListenEvent, Listener};
use crate::models;
use crate::testing::QuietNoise;

/// Frames of quiet noise before each file: two seconds, so that no detector judges its own start.
const PRIMING_FRAMES: usize = 200;
/// Frames of quiet noise after each file, enough to end speech that lasts to the end of the file.
const CLOSING_FRAMES: usize = 40;
/// Gaps shorter than this are part of the speech, milliseconds.
const SHORTEST_GAP_MS: u32 = 250;

/// Arguments of `herald detect`.
#[derive(Debug, Args)]
pub struct DetectArgs {
    /// WAV or FLAC files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Wake words to look for
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub wake: Vec<String>,
}

/// What was found in one file.
#[derive(Debug, Serialize)]
struct Found {
    file: String,
    wakes: [(); 0],
    /// From and to, milliseconds from the start of the file.
    speech: Vec<(u64, u64)>,
    /// Why the file could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A file that could not be read at all.
#[derive(Debug, Serialize)]
struct Unread {
    file: String,
    error: String,
}

pub(super) fn run(global: &Global, args: &DetectArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    if !args.wake.is_empty() {
        let message = format!("no keyword models are installed, so {} cannot be looked for", args.wake.join(", "));
        return Err(CommandError::new(Kind::Unavailable, message)
            .hint("leave out --wake to find speech; live, Herald wakes by its name at the start of a sentence"));
    }
    let silero = models::find(&context.dirs.models, "silero")?;
    let listener = Listener::new(&settings(&context.config.listen), &silero);
    let mut listener = listener.map_err(|error| CommandError::new(Kind::Unavailable, error))?;
    let mut unusable = 0;
    for path in &args.files {
        let file = path.to_string_lossy().into_owned();
        match find_speech(&mut listener, path) {
            Ok((speech, damage)) => {
                let error = damage.map(|damage| damage.to_string());
                unusable += usize::from(error.is_some());
                print(&context, &Found { file, wakes: [], speech, error })?;
            }
            Err(error) => {
                unusable += 1;
                print_unread(&context, &Unread { file, error: error.to_string() })?;
            }
        }
        if let Some(fault) = listener.fault() {
            return Err(CommandError::new(Kind::Internal, fault));
        }
    }
    if unusable == 0 {
        return Ok(());
    }
    Err(CommandError::new(
        Kind::Input,
        format!("{unusable} of {} files were not usable to their end", args.files.len()),
    ))
}

/// Speech ends after the shortest gap, whatever would be expected in a conversation.
fn settings(listen: &config::Listen) -> config::Listen {
    config::Listen {
        hangover_yes_no_ms: SHORTEST_GAP_MS,
        hangover_command_ms: SHORTEST_GAP_MS,
        hangover_dictation_ms: SHORTEST_GAP_MS,
        ..listen.clone()
    }
}

/// Segments of speech in a file, and what is wrong with the file further on.
type Speech = (Vec<(u64, u64)>, Option<AudioError>);

fn find_speech(listener: &mut Listener, path: &Path) -> Result<Speech, AudioError> {
    let mut source = FileSource::open(path)?;
    let mut noise = QuietNoise::new();
    listener.reset();
    for _ in 0..PRIMING_FRAMES {
        listener.push(&noise.frame());
    }
    let began_ms = listener.clock_ms();
    let mut segments = Vec::new();
    while let Some(frame) = source.read()? {
        join(&mut segments, listener.push(&frame));
    }
    let ended_ms = listener.clock_ms();
    for _ in 0..CLOSING_FRAMES {
        join(&mut segments, listener.push(&noise.frame()));
    }
    let in_file = |at_ms: u64| at_ms.clamp(began_ms, ended_ms) - began_ms;
    segments = segments.into_iter().map(|(from, to)| (in_file(from), in_file(to))).filter(|(a, b)| a < b).collect();
    Ok((segments, source.into_damage()))
}

/// Adds the utterances that ended; one that was cut for its length is joined with what follows.
fn join(segments: &mut Vec<(u64, u64)>, events: Vec<ListenEvent>) {
    for event in events {
        let ListenEvent::SpeechEnd(heard) = event else { continue };
        match segments.last_mut() {
            Some((_, to)) if heard.voice_start_ms < *to + u64::from(SHORTEST_GAP_MS) => *to = heard.voice_end_ms,
            _ => segments.push((heard.voice_start_ms, heard.voice_end_ms)),
        }
    }
}

fn print(context: &Context, found: &Found) -> Result<(), CommandError> {
    if context.json {
        return output::json(found);
    }
    let seconds = |ms: u64| format!("{}.{:02}", ms / 1_000, ms % 1_000 / 10);
    let segments: Vec<String> =
        found.speech.iter().map(|(from, to)| format!("{}-{} s", seconds(*from), seconds(*to))).collect();
    let speech = if segments.is_empty() { "no speech".to_owned() } else { segments.join(", ") };
    let error = found.error.as_ref().map_or_else(String::new, |error| format!(" ({error})"));
    output::line(format_args!("{}: {speech}{error}", found.file))
}

fn print_unread(context: &Context, unread: &Unread) -> Result<(), CommandError> {
    if context.json { output::json(unread) } else { output::line(format_args!("{}: {}", unread.file, unread.error)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::FRAME_MS;

    #[test]
    fn closing_noise_outlasts_the_shortest_gap() {
        // A window of the detector may begin with the last frame of speech.
        assert!(CLOSING_FRAMES as u64 * FRAME_MS > u64::from(SHORTEST_GAP_MS) + 2 * 32);
    }
}
