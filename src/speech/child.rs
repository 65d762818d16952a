//! One run of a program as a child process: text in, bytes out, never a shell, never a hang.
//!
//! GPL engines stay outside our binary this way. A child that says nothing in time is killed with all it has started:
//! it leads a process group of its own.

use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Most bytes read from a child: six minutes of 22 kHz speech.
const MAX_OUTPUT_BYTES: u64 = 16 * 1024 * 1024;
/// Most bytes of input: what a pipe holds, so that writing never waits for the child.
const MAX_INPUT_BYTES: usize = 4096;
/// How often an exit is looked for once the output has ended.
const EXIT_POLL: Duration = Duration::from_millis(2);

/// Why a child gave nothing usable.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChildError {
    /// The program is not installed.
    #[error("program not found")]
    NotFound,
    /// It did not finish in time and was killed.
    #[error("no answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// It ended with a failure.
    #[error("ended with {0}")]
    Failed(ExitStatus),
    /// It could not be started, fed or read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Runs `program` with `args` and the variables `env` beside Herald's own, writes `input` to it and returns what it wrote
/// to its standard output.
///
/// `input` longer than a pipe holds is cut; callers send one clause at a time.
pub(super) fn run<A: AsRef<OsStr>>(
    program: &OsStr,
    args: &[A],
    env: &[(&str, &str)],
    input: &str,
    timeout: Duration,
) -> Result<Vec<u8>, ChildError> {
    let deadline = Instant::now() + timeout;
    let mut child = Command::new(program)
        .args(args)
        .envs(env.iter().copied())
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| if error.kind() == io::ErrorKind::NotFound { ChildError::NotFound } else { error.into() })?;
    let outcome = talk(&mut child, input, deadline, timeout);
    if outcome.is_err() {
        // Already ended or not: after this it is gone and reaped, and so is what it started.
        kill_group(&child);
        let _ = child.kill();
        let _ = child.wait();
    }
    outcome
}

/// The child is not reaped yet, so that its number is still its own.
fn kill_group(child: &Child) {
    let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

fn talk(child: &mut Child, input: &str, deadline: Instant, timeout: Duration) -> Result<Vec<u8>, ChildError> {
    if let Some(mut stdin) = child.stdin.take() {
        let end = input.floor_char_boundary(MAX_INPUT_BYTES);
        match stdin.write_all(&input.as_bytes()[..end]) {
            // A child that does not read its input may still answer; its exit code decides.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    let Some(stdout) = child.stdout.take() else {
        return Err(io::Error::other("no standard output").into());
    };
    // Holds the one answer: the reader never waits.
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new().name("herald-child".into()).spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes);
        let _ = sender.send(read.map(|_| bytes));
    })?;
    let left = deadline.saturating_duration_since(Instant::now());
    let bytes = receiver.recv_timeout(left).map_err(|_| ChildError::TimedOut(timeout))??;
    let status = exit_status(child, deadline, timeout)?;
    if status.success() { Ok(bytes) } else { Err(ChildError::Failed(status)) }
}

/// Waits for the exit of a child that has closed its output.
fn exit_status(child: &mut Child, deadline: Instant, timeout: Duration) -> Result<ExitStatus, ChildError> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            return Err(ChildError::TimedOut(timeout));
        }
        thread::park_timeout(EXIT_POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn text_goes_in_by_standard_input_and_comes_out_by_standard_output() {
        let text = "$(reboot) `x` ; \"quoted\" é";
        assert_eq!(run("cat".as_ref(), &[] as &[&str], &[], text, LONG).unwrap(), text.as_bytes());
    }

    #[test]
    fn a_hung_child_is_killed_and_reported() {
        let error = run("sleep".as_ref(), &["600"], &[], "x", SHORT).unwrap_err();
        assert!(matches!(error, ChildError::TimedOut(_)), "{error}");
    }

    #[test]
    fn what_a_hung_child_started_is_killed_with_it() {
        // A shell that waits for another program, which alone would go on and hold the output open.
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = "sleep 600 & echo $! >\"$FILE\"; wait";
        let env = [("FILE", file.to_str().unwrap())];
        let error = run("sh".as_ref(), &["-c", script], &env, "", Duration::from_millis(500)).unwrap_err();
        assert!(matches!(error, ChildError::TimedOut(_)), "{error}");
        let pid = std::fs::read_to_string(&file).unwrap();
        let stat = std::path::Path::new("/proc").join(pid.trim()).join("stat");
        let is_gone = || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
        let deadline = Instant::now() + LONG;
        while !is_gone() {
            assert!(Instant::now() < deadline, "it still runs");
            thread::park_timeout(EXIT_POLL);
        }
    }

    #[test]
    fn a_failing_child_is_reported() {
        let error = run("false".as_ref(), &[] as &[&str], &[], "x", LONG).unwrap_err();
        assert!(matches!(error, ChildError::Failed(_)), "{error}");
    }

    #[test]
    fn a_missing_program_is_told_apart() {
        let error = run("no-such-voice-program".as_ref(), &[] as &[&str], &[], "x", LONG).unwrap_err();
        assert!(matches!(error, ChildError::NotFound), "{error}");
    }

    #[test]
    fn input_beyond_a_pipe_is_cut_at_a_character() {
        let text = "é".repeat(10_000);
        let out = run("cat".as_ref(), &[] as &[&str], &[], &text, LONG).unwrap();
        assert_eq!(out.len(), MAX_INPUT_BYTES);
        assert!(String::from_utf8(out).is_ok());
    }
}
