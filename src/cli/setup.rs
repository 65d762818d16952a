//! `herald setup`: first steps in the terminal.

mod changes;
#[cfg(feature = "matrix")]
mod matrix;
mod page;
mod sentences;
mod sound;
mod talk;
mod wake;
mod walk;

use clap::{Args, Subcommand};

use super::{CommandError, Global};

pub(super) use wake::Studio;

/// Arguments of `herald setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Teach Herald a wake word of your own: any phrase, any language, three to five takes
    Wake(wake::WakeArgs),
    /// Let a browser on this device, or a paired phone, see the touch page: shows a link and six digits
    Page,
    /// Sign in to a Matrix homeserver, where `[action] network = "matrix"`
    #[cfg(feature = "matrix")]
    Matrix(matrix::MatrixArgs),
}

pub(super) fn run(global: &Global, args: &SetupArgs) -> Result<(), CommandError> {
    match &args.what {
        None => walk::run(global),
        Some(What::Wake(args)) => wake::run(global, args),
        Some(What::Page) => page::run(global),
        #[cfg(feature = "matrix")]
        Some(What::Matrix(args)) => matrix::run(global, args),
    }
}
