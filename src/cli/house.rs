//! `herald mute`, `herald unmute`, `herald car`, `herald why`: the house from the command line. A Herald that runs takes
//! it in at once.

use std::rc::Rc;

use clap::{Args, Subcommand};

use super::{CommandError, Context, Global, inbox, output};
use crate::{
    action::Audit,
    runtime::{self, Driving},
    store::Store,
};

/// Arguments of `herald car`.
#[derive(Debug, Args)]
pub struct CarArgs {
    #[command(subcommand)]
    state: CarState,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum CarState {
    /// The car stands
    Parked,
    /// The car moves
    Moving,
}

/// Arguments of `herald why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Forget everything Herald did
    #[arg(long)]
    forget: bool,
}

pub(super) fn mute(global: &Global, muted: bool) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    Ok(runtime::mute(&Store::open(&context.dirs.data)?, muted)?)
}

pub(super) fn car(global: &Global, args: &CarArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let driving = match args.state {
        CarState::Parked => Driving::Parked,
        CarState::Moving => Driving::Moving,
    };
    Ok(runtime::drive(&Store::open(&context.dirs.data)?, driving)?)
}

pub(super) fn why(global: &Global, args: &WhyArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let audit = Audit::new(Rc::new(Store::open(&context.dirs.data)?));
    if args.forget {
        return Ok(audit.forget()?);
    }
    for line in audit.list()? {
        if context.json {
            output::json(&line)?;
        } else {
            output::line(format!("{}  {}  {}", line.at, line.deed, inbox::harmless(&line.who)))?;
        }
    }
    Ok(())
}
