//! `herald ask`: typed turns through the same conversation as the daemon's, without sound.

use std::{
    io::{self, BufRead},
    rc::Rc,
};

use clap::Args;

use super::{CommandError, Context, Global, Kind};
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
    let Context { config, dirs, json, .. } = Context::load(global)?;
    let _lock = store::lock(&dirs.data)?;
    let store = Rc::new(Store::open(&dirs.data)?);
    let log = EventLog::none();
    let log = if json { log.to_writer(Box::new(io::stdout())) } else { log.shown_to(Box::new(io::stdout())) };
    let mut talk = Typed { conversation: Conversation::open(&config, store, log)? };
    if args.text == "-" {
        for line in io::stdin().lock().lines() {
            let line = line.map_err(|error| CommandError::new(Kind::Input, format!("standard input: {error}")))?;
            if !line.trim().is_empty() {
                talk.turn(&line)?;
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

/// A conversation whose replies are read in no time.
struct Typed {
    conversation: Conversation,
}

impl Typed {
    fn turn(&mut self, text: &str) -> Result<(), CommandError> {
        self.conversation.receive();
        self.conversation.read_replies();
        self.conversation.read(text);
        self.conversation.read_replies();
        Ok(self.conversation.log_result()?)
    }
}
