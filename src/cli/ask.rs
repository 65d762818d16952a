//! `herald ask`: typed turns through the same conversation as the daemon's, without sound.

use std::{
    io::{self, BufRead},
    rc::Rc,
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use clap::Args;

use super::{CommandError, Context, Global, Kind, run};
use crate::{
    config::Lang,
    runtime::{Conversation, EventLog},
    store::{self, Store},
};

/// Arguments of `herald ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// What you say; `-` reads a conversation, one line a turn
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
    /// Also answer one confirmation with yes
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(global: &Global, args: &AskArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let Context { config, dirs, json, .. } = &context;
    let _lock = store::lock(&dirs.data)?;
    let store = Rc::new(Store::open(&dirs.data)?);
    let log = EventLog::none();
    let log = if *json { log.to_writer(Box::new(io::stdout())) } else { log.shown_to(Box::new(io::stdout())) };
    let mut talk = Typed { conversation: Conversation::open(config, store, log)?, started: Instant::now() };
    talk.conversation.write_down_recordings(run::scribe(&context))?;
    if args.text == "-" {
        let lines = lines()?;
        loop {
            match lines.recv_timeout(LOOK_EVERY) {
                Ok(line) => {
                    let line =
                        line.map_err(|error| CommandError::new(Kind::Input, format!("standard input: {error}")))?;
                    if !line.trim().is_empty() {
                        talk.turn(&line)?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => talk.look()?,
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    } else {
        talk.turn(&args.text)?;
    }
    if args.yes && talk.conversation.awaits_yes() {
        talk.turn(match talk.conversation.lang() {
            Lang::En => "yes",
            Lang::Fr => "oui",
        })?;
    }
    talk.conversation.drain();
    talk.conversation.log_result().map_err(CommandError::from)
}

/// While nobody types, it is looked what arrived this often.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The lines of standard input as they come, from a thread that waits for them.
fn lines() -> Result<Receiver<io::Result<String>>, CommandError> {
    let (sender, lines) = sync_channel(1);
    let read = move || {
        for line in io::stdin().lock().lines() {
            if sender.send(line).is_err() {
                return;
            }
        }
    };
    let started = thread::Builder::new().name("herald-stdin".to_owned()).spawn(read);
    started.map_err(|error| CommandError::new(Kind::Internal, format!("cannot start a thread: {error}")))?;
    Ok(lines)
}

/// A conversation whose replies are read in no time.
struct Typed {
    conversation: Conversation,
    started: Instant,
}

impl Typed {
    /// Sends and receives; nobody's patience runs out.
    fn look(&mut self) -> Result<(), CommandError> {
        let now_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.conversation.exchange(now_ms);
        self.conversation.read_replies();
        Ok(self.conversation.log_result()?)
    }

    fn turn(&mut self, text: &str) -> Result<(), CommandError> {
        self.conversation.receive();
        self.conversation.read_replies();
        self.conversation.read(text);
        self.conversation.read_replies();
        Ok(self.conversation.log_result()?)
    }
}
