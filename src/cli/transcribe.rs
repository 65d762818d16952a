//! `herald transcribe`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald transcribe`.
#[derive(Debug, Args)]
pub struct TranscribeArgs {}

pub(super) fn run(_global: &Global, _args: &TranscribeArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
