//! `herald models`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald models`.
#[derive(Debug, Args)]
pub struct ModelsArgs {}

pub(super) fn run(_global: &Global, _args: &ModelsArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
