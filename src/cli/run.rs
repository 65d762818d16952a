//! `herald run`: the daemon, or a replay of audio files.

use std::{
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use clap::Args;
use serde::Deserialize;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};

use super::{CommandError, Context, Global, Kind, wake};
use crate::{
    action::{
        Household, Person,
        chat::{ChatError, Site},
    },
    asr::{Recognizer, Whisper},
    audio::{EchoCanceller, Loudspeaker, Microphone},
    companion::{self, CompanionError, Page},
    config::{self, PageFor, Wake},
    intent::contacts::{Book, Decision, Surroundings},
    listen::{Listener, enrolled_words},
    models,
    runtime::{Arrival, Conversation, EventLog, Live, Loader, Pace, Replay, Requests, Senses, Session, Stop, Thinking},
    store::{self, Store},
};

/// Arguments of `herald run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Replay this audio file instead of listening to the microphone; once for each turn
    #[arg(long, value_name = "FILE")]
    input: Vec<PathBuf>,
    /// Write what Herald says to a WAV file, on the same clock as the input
    #[arg(long, value_name = "FILE.wav")]
    output: Option<PathBuf>,
    /// Write one JSON line per event; `-` for standard output
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Replay at the speed of time
    #[arg(long, requires = "input")]
    realtime: bool,
    /// Wait for a wake word before each task: `herald`, a keyword model, a word of `herald setup wake`
    #[arg(long, value_name = "NAME")]
    wake: Vec<String>,
    /// Messages that arrive during a replay: lines {"at_ms","from","body"}
    #[arg(long, value_name = "FILE", requires = "input")]
    incoming: Option<PathBuf>,
    /// Show the conversation as it happens
    #[arg(long)]
    show: bool,
}

/// The one wake word that needs no keyword model.
const TRANSCRIPT_WAKE: &str = "herald";

pub(super) fn run(global: &Global, args: &RunArgs) -> Result<(), CommandError> {
    let mut context = Context::load(global)?;
    choose_wake(&mut context, args)?;
    let _lock = store::lock(&context.dirs.data)?;
    let store = Rc::new(Store::open(&context.dirs.data)?);
    if args.input.is_empty() { live(&context, args, &store) } else { replay(&context, args, store) }
}

/// A replay counts as opened by button unless a wake word is named.
fn choose_wake(context: &mut Context, args: &RunArgs) -> Result<(), CommandError> {
    let listen = &mut context.config.listen;
    let is_transcript = |name: &&String| name.eq_ignore_ascii_case(TRANSCRIPT_WAKE);
    match (args.wake.iter().filter(is_transcript).count(), args.wake.len()) {
        (0, 0) if !args.input.is_empty() => listen.wake = Wake::Button,
        (0, 0) => {}
        (0, _) => {
            listen.wake = Wake::Keyword;
            listen.wake_words.clone_from(&args.wake);
        }
        (heralds, all) if heralds == all => listen.wake = Wake::Transcript,
        _ => {
            return Err(CommandError::new(
                Kind::Usage,
                "--wake herald goes by the transcript and not with other words",
            )
            .hint("enrol it, and it does: herald setup wake my-herald"));
        }
    }
    Ok(())
}

fn replay(context: &Context, args: &RunArgs, store: Rc<Store>) -> Result<(), CommandError> {
    let pace = if args.realtime { Pace::Realtime } else { Pace::Fast };
    let thinking = if args.realtime { Thinking::TakesNoTime } else { Thinking::AtTheEnd };
    let arrivals = match &args.incoming {
        Some(path) => arrivals(path, &store)?,
        None => Vec::new(),
    };
    let replay = Replay::open(&args.input, args.output.as_deref(), arrivals, pace)?;
    let mut session = session(context, args, store, thinking)?;
    let damaged = replay.run(&mut session)?;
    match damaged.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let message = rest.iter().fold(first.to_string(), |all, error| format!("{all}\n{error}"));
            Err(CommandError::new(Kind::Input, message).hint("what could be read was replayed"))
        }
    }
}

fn live(context: &Context, args: &RunArgs, store: &Rc<Store>) -> Result<(), CommandError> {
    if args.output.is_some() {
        return Err(CommandError::new(Kind::Usage, "--output goes with --input: live replies go to the loudspeaker"));
    }
    let mut microphone = Microphone::open(&context.config.audio)?;
    let mut loudspeaker = Loudspeaker::open(&context.config.audio)?;
    let requests = Requests::new(Rc::clone(store))?;
    let mut session = session(context, args, Rc::clone(store), Thinking::TakesTime)?;
    let stop = Stop::default();
    for (signal, flag) in [(SIGINT, stop.flag()), (SIGTERM, stop.flag()), (SIGUSR1, requests.button())] {
        signal_hook::flag::register(signal, flag)
            .map_err(|error| CommandError::new(Kind::Internal, format!("cannot wait for signals: {error}")))?;
    }
    let page = page(context, store, &mut session)?;
    let site = site(context)?;
    if args.show {
        tell_how_to_begin(context, page.as_ref())?;
        listen_at_every_line(requests.button());
    }
    let live = Live { microphone: &mut microphone, loudspeaker: &mut loudspeaker, page, site, requests, stop };
    Ok(live.run(&mut session)?)
}

/// Opens the companion page. Where its port is taken, Herald does without it and says so.
fn page(context: &Context, store: &Store, session: &mut Session) -> Result<Option<Page>, CommandError> {
    let config = &context.config;
    if config.companion.page == PageFor::Off {
        return Ok(None);
    }
    let household = Household::new(&config.general);
    match Page::open(config, &context.dirs.data, &household, session.state()) {
        Ok(page) => {
            companion::tell_where(store, Some(&page))?;
            Ok(Some(page))
        }
        Err(error @ CompanionError::Port { .. }) => {
            tracing::warn!(%error, "there is no companion page");
            companion::tell_where(store, None)?;
            Ok(None)
        }
        Err(error) => Err(CommandError::new(Kind::Unavailable, error)),
    }
}

/// Opens the chat with visitors. Where its port is taken, Herald does without it and says so.
fn site(context: &Context) -> Result<Option<Site>, CommandError> {
    if !context.config.chat.open {
        return Ok(None);
    }
    match Site::open(&context.config, &context.dirs.data) {
        Ok(site) => Ok(Some(site)),
        Err(error @ ChatError::Port { .. }) => {
            tracing::warn!(%error, "visitors are not served");
            Ok(None)
        }
        Err(error) => Err(CommandError::new(Kind::Unavailable, error)),
    }
}

/// The Enter key of the terminal is a button to talk.
fn listen_at_every_line(button: Arc<AtomicBool>) {
    if io::stdin().is_terminal() {
        let wait = move || {
            for _ in io::stdin().lines().map_while(Result::ok) {
                button.store(true, Ordering::Relaxed);
            }
        };
        // Without a thread there is only no such key.
        let _ = thread::Builder::new().name("herald-key".to_owned()).spawn(wait);
    }
}

fn tell_how_to_begin(context: &Context, page: Option<&Page>) -> Result<(), CommandError> {
    use io::Write;
    let sentence = match context.config.listen.wake {
        Wake::Transcript => {
            "Listening. Begin with \"Herald\": \"Herald, message Marion that I'm on my way.\" \
             After a question just answer. Enter instead of \"Herald\" does as well; Ctrl-C ends."
        }
        Wake::Keyword => {
            "Listening for the wake word; say it and go on, or say it and wait a moment. \
             After a question just answer. Ctrl-C ends."
        }
        Wake::Button => "Listening. Every sentence is for Herald. Ctrl-C ends.",
    };
    let page = page.map_or(String::new(), |page| {
        format!("\nThe touch page: {} (to let a browser in: herald setup page)", page.link())
    });
    // In one piece: whoever waits for the first line may read no further.
    let text = format!("{sentence}{page}\n");
    io::stdout().write_all(text.as_bytes()).map_err(|error| CommandError::new(Kind::CannotWrite, error))
}

/// Loads everything a session needs, models first: they are what is most often missing.
fn session(context: &Context, args: &RunArgs, store: Rc<Store>, thinking: Thinking) -> Result<Session, CommandError> {
    let config = &context.config;
    let echo = match config.audio.echo {
        config::Echo::Cancel => Some(EchoCanceller::new()?),
        config::Echo::None => None,
    };
    let unavailable = |error| CommandError::new(Kind::Unavailable, error);
    let silero = models::find(&context.dirs.models, "silero")?;
    let mut listener = Listener::new(&config.listen, &silero).map_err(unavailable)?;
    let mut phrases = Vec::new();
    if config.listen.wake == Wake::Keyword {
        let enrolled = enrolled_words(&store)?;
        let chosen = wake::choose(&context.dirs, &enrolled, &config.listen.wake_words)?;
        listener.watch(&config.listen, &chosen.words).map_err(unavailable)?;
        phrases = chosen.phrases;
    }
    let senses = Senses {
        listener,
        echo,
        listen: config.listen.clone(),
        recognizer: recognizer(context)?,
        lang: config.general.lang,
        voices: super::voices(context, config.general.lang.fixed())?,
    };
    let mut conversation = Conversation::open(config, store, event_log(args)?)?;
    conversation.wake_by(phrases);
    conversation.write_down_recordings(scribe(context))?;
    Ok(Session::start(conversation, senses, thinking)?)
}

pub(super) fn recognizer(context: &Context) -> Result<Box<dyn Recognizer>, CommandError> {
    let config = &context.config;
    let name = &super::recogniser::name(context);
    let path = models::find(&context.dirs.models, name)?;
    let threads = usize::try_from(config.asr.threads).unwrap_or(1);
    let mut whisper = Whisper::load(name, &path, threads)?;
    whisper.warm_up()?;
    Ok(Box::new(whisper))
}

/// Loads the recogniser for recordings that arrive, when the first does.
pub(super) fn scribe(context: &Context) -> Loader {
    let context = context.clone();
    Box::new(move || recognizer(&context).ok())
}

fn event_log(args: &RunArgs) -> Result<EventLog, CommandError> {
    let mut log = EventLog::none();
    if let Some(path) = &args.events {
        log = log.to_path(path).map_err(|error| {
            CommandError::new(Kind::CannotWrite, format!("cannot write {}: {error}", path.display()))
        })?;
    }
    Ok(if args.show { log.shown_to(Box::new(io::stdout())) } else { log })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrivalLine {
    at_ms: u64,
    from: String,
    body: String,
}

/// Reads the messages that arrive during a replay; every name must be one contact.
fn arrivals(path: &Path, store: &Store) -> Result<Vec<Arrival>, CommandError> {
    let wrong = |line: usize, what: &dyn std::fmt::Display| {
        CommandError::new(Kind::Input, format!("{}:{}: {what}", path.display(), line + 1))
    };
    let text = fs::read_to_string(path)
        .map_err(|error| CommandError::new(Kind::Input, format!("cannot read {}: {error}", path.display())))?;
    let book = Book::open(store)?;
    let mut arrivals = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: ArrivalLine = serde_json::from_str(line).map_err(|error| wrong(number, &error))?;
        let found = book.resolve(&line.from, None, Surroundings::default());
        let from = match (found.decision, found.candidates.first()) {
            (Decision::One, Some(only)) => Person::on_local(only.id.0, only.name.clone()),
            (Decision::One | Decision::Several | Decision::None, _) => {
                return Err(wrong(number, &"\"from\" is not the name of one contact")
                    .hint("see `herald contacts list`, or import a vCard file"));
            }
        };
        arrivals.push(Arrival { at_ms: line.at_ms, from, body: line.body });
    }
    Ok(arrivals)
}
