//! `herald inbox`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald inbox`.
#[derive(Debug, Args)]
pub struct InboxArgs {}

pub(super) fn run(_global: &Global, _args: &InboxArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
