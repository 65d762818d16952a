//! `herald bench`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {}

pub(super) fn run(_global: &Global, _args: &BenchArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
