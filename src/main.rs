//! The `herald` program: parses the command line, runs the subcommand, maps its error to an exit code.

use std::{
    env,
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

/// Read once by OpenBLAS, when it is loaded: threads of its own would only wait for each other next to whisper.cpp's.
const BLAS_THREADS: &str = "OPENBLAS_NUM_THREADS";

fn main() -> ExitCode {
    if env::var_os(BLAS_THREADS).is_none()
        && let Ok(program) = env::current_exe()
    {
        // Becomes the same program, same process id, with the variable set. Where that fails, Herald is only slower.
        let _ = Command::new(program).args(env::args_os().skip(1)).env(BLAS_THREADS, "1").exec();
    }
    herald::cli::main()
}
