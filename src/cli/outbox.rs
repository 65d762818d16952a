//! `herald outbox`: messages waiting to be sent, and what to do with those that are stuck.

use std::rc::Rc;

use clap::{Args, Subcommand};

use super::{CommandError, Global, Kind, context::Context, inbox};
use crate::{
    action::{Household, MessageId, Outbox, Undo},
    store::Store,
};

/// Arguments of `herald outbox`.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Put a wedged or expired message back into the line
    Retry(Which),
    /// Give a message up: it will never be sent
    Drop(Which),
}

#[derive(Debug, Args)]
struct Which {
    /// The message, as `herald outbox` shows it
    #[arg(value_name = "ID", value_parser = MessageId::parse)]
    id: MessageId,
}

pub(super) fn run(global: &Global, args: &OutboxArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let mut outbox = Outbox::new(Rc::new(Store::open(&context.dirs.data)?))?;
    match &args.what {
        None => list(&context, &outbox),
        Some(What::Retry(which)) => retry(&mut outbox, &which.id),
        Some(What::Drop(which)) => give_up(&mut outbox, &which.id),
    }
}

fn list(context: &Context, outbox: &Outbox) -> Result<(), CommandError> {
    let household = Household::new(&context.config.general);
    for waiting in outbox.waiting()? {
        inbox::print(context, &waiting.into_line(&household))?;
    }
    Ok(())
}

fn retry(outbox: &mut Outbox, id: &MessageId) -> Result<(), CommandError> {
    if outbox.retry(id)? { Ok(()) } else { Err(not_possible(outbox, id, "retried")?) }
}

fn give_up(outbox: &mut Outbox, id: &MessageId) -> Result<(), CommandError> {
    match outbox.undo(id)? {
        Undo::Undone => Ok(()),
        Undo::Withdrawing | Undo::TooLate(_) | Undo::Unknown => Err(not_possible(outbox, id, "dropped")?),
    }
}

/// Says why a message cannot be changed.
fn not_possible(outbox: &Outbox, id: &MessageId, what: &str) -> Result<CommandError, CommandError> {
    let message = match outbox.status(id)? {
        Some(status) => format!("message {id} is {status}: it cannot be {what}"),
        None => format!("there is no message {id}"),
    };
    Ok(CommandError::new(Kind::Input, message).hint("`herald outbox` shows the messages that wait"))
}
