//! `herald parse`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald parse`.
#[derive(Debug, Args)]
pub struct ParseArgs {}

pub(super) fn run(_global: &Global, _args: &ParseArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
