//! `herald say`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald say`.
#[derive(Debug, Args)]
pub struct SayArgs {}

pub(super) fn run(_global: &Global, _args: &SayArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
