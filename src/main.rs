//! The `herald` program: parses the command line, runs the subcommand, maps its error to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    herald::cli::main()
}
