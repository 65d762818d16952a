//! `herald doctor`.

use clap::Args;

use super::{CommandError, Global, Kind};

/// Arguments of `herald doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {}

pub(super) fn run(_global: &Global, _args: &DoctorArgs) -> Result<(), CommandError> {
    Err(CommandError::new(Kind::Internal, "to be written"))
}
