//! `herald detect`: where audio files hold speech and wake words.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{
    CommandError, Context, Global, Kind,
    finder::{Finder, Found, Wake},
    output, wake,
};
use crate::audio::{AudioError, FileSource, Source};

/// Arguments of `herald detect`.
#[derive(Debug, Args)]
pub struct DetectArgs {
    /// WAV or FLAC files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Wake words to look for
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub wake: Vec<String>,
    /// Count a wake word only if what is said begins with it, by transcript
    #[arg(long, requires = "wake")]
    pub confirm: bool,
}

/// What was found in one file.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    wakes: Vec<Wake>,
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
    let chosen = if args.wake.is_empty() { None } else { Some(wake::choose_in(&context, &args.wake)?) };
    let mut finder = Finder::load(&context, chosen.as_ref(), args.confirm)?;
    let mut unusable = 0;
    for path in &args.files {
        let file = path.to_string_lossy().into_owned();
        match find(&mut finder, path)? {
            Ok((Found { wakes, speech }, damage)) => {
                let error = damage.map(|damage| damage.to_string());
                unusable += usize::from(error.is_some());
                print(&context, &Line { file, wakes, speech, error })?;
            }
            Err(error) => {
                unusable += 1;
                print_unread(&context, &Unread { file, error: error.to_string() })?;
            }
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

/// What is in a file, and what is wrong with the file further on.
type Read = Result<(Found, Option<AudioError>), AudioError>;

fn find(finder: &mut Finder, path: &Path) -> Result<Read, CommandError> {
    let mut source = match FileSource::open(path) {
        Ok(source) => source,
        Err(error) => return Ok(Err(error)),
    };
    let found = finder.find_in(|| source.read())?;
    Ok(found.map(|found| (found, source.into_damage())))
}

fn print(context: &Context, line: &Line) -> Result<(), CommandError> {
    if context.json {
        return output::json(line);
    }
    let seconds = |ms: u64| format!("{}.{:02}", ms / 1_000, ms % 1_000 / 10);
    let segments: Vec<String> =
        line.speech.iter().map(|(from, to)| format!("{}-{} s", seconds(*from), seconds(*to))).collect();
    let speech = if segments.is_empty() { "no speech".to_owned() } else { segments.join(", ") };
    let wakes = line.wakes.iter().map(|wake| format!("; {} at {} s", wake.word, seconds(wake.t_ms)));
    let wakes: String = wakes.collect();
    let error = line.error.as_ref().map_or_else(String::new, |error| format!(" ({error})"));
    output::line(format_args!("{}: {speech}{wakes}{error}", line.file))
}

fn print_unread(context: &Context, unread: &Unread) -> Result<(), CommandError> {
    if context.json { output::json(unread) } else { output::line(format_args!("{}: {}", unread.file, unread.error)) }
}
