//! `herald outbox`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald outbox`.
#[derive(Debug, Args)]
pub struct OutboxArgs {}

pub(super) fn run(_global: &Global, _args: &OutboxArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
