//! `herald ask`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald ask`.
#[derive(Debug, Args)]
pub struct AskArgs {}

pub(super) fn run(_global: &Global, _args: &AskArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
