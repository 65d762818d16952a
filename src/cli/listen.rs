//! `herald listen`: push to talk, for a key, a button or a script.

use super::{CommandError, Context, Global, Kind};
use crate::{
    runtime,
    store::{self, Store, StoreError},
};

pub(super) fn run(global: &Global) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    needs_daemon(&context)?;
    Ok(runtime::request_listening(&Store::open(&context.dirs.data)?)?)
}

/// Ends where no Herald runs on the data directory.
pub(super) fn needs_daemon(context: &Context) -> Result<(), CommandError> {
    match store::lock(&context.dirs.data) {
        Err(StoreError::AlreadyRunning { .. }) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => {
            let message = format!("no Herald runs on {}", context.dirs.data.display());
            Err(CommandError::new(Kind::Unavailable, message)
                .hint("start it with `herald run`, or name its directory with --data-dir"))
        }
    }
}
