//! `herald run`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald run`.
#[derive(Debug, Args)]
pub struct RunArgs {}

pub(super) fn run(_global: &Global, _args: &RunArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
