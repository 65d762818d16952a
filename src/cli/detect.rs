//! `herald detect`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald detect`.
#[derive(Debug, Args)]
pub struct DetectArgs {}

pub(super) fn run(_global: &Global, _args: &DetectArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
