//! `herald contacts`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald contacts`.
#[derive(Debug, Args)]
pub struct ContactsArgs {}

pub(super) fn run(_global: &Global, _args: &ContactsArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
