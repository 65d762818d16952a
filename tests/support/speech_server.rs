//! A speech-dispatcher of the test's own, with the system's configuration and a socket in a directory of its own.

use std::{
    fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::pulse::PulseServer;

const CONFIGURATION: &str = "/etc/speech-dispatcher";
/// Tenths of a second to wait for the server.
const PATIENCE: u32 = 150;

/// A running server; it and its modules end with the value.
pub struct SpeechServer {
    dir: PathBuf,
    /// Where it plays.
    environment: Vec<(&'static str, PathBuf)>,
    child: Child,
}

impl SpeechServer {
    /// Starts a server that plays into that sound server; `None`, after saying why, where it is not installed.
    pub fn start(dir: &Path, sound: &PulseServer) -> Option<Self> {
        let configuration = dir.join("configuration");
        if let Err(error) = copy(Path::new(CONFIGURATION), &configuration) {
            println!("skipped: no speech-dispatcher ({error})");
            return None;
        }
        let main = configuration.join("speechd.conf");
        let text = fs::read_to_string(&main).unwrap();
        fs::write(main, format!("{text}\nAudioOutputMethod \"pulse\"\n")).unwrap();
        let environment = sound.environment();
        match launch(dir, &environment) {
            Ok(child) => Some(Self { dir: dir.to_owned(), environment, child }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                println!("skipped: no speech-dispatcher");
                None
            }
            Err(error) => panic!("speech-dispatcher does not start: {error}"),
        }
    }

    /// The variable that makes a program use this server and no other.
    pub fn address(&self) -> String {
        format!("unix_socket:{}", socket(&self.dir).display())
    }

    /// Ends it without a farewell, as a crash would.
    pub fn kill(&mut self) {
        self.signal("-KILL");
        let _ = self.child.wait();
        let _ = fs::remove_file(socket(&self.dir));
    }

    /// Starts it again after [`SpeechServer::kill`].
    pub fn restart(&mut self) {
        self.child = launch(&self.dir, &self.environment).unwrap();
    }

    /// Lets it hang: it lives and does nothing, nor do its modules.
    pub fn hang(&self) {
        self.signal("-STOP");
    }

    /// To the server and its modules: they are a process group of their own.
    fn signal(&self, signal: &str) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args([signal, "--", &group]).stderr(Stdio::null()).status();
    }
}

impl Drop for SpeechServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn socket(dir: &Path) -> PathBuf {
    dir.join("speech.socket")
}

fn launch(dir: &Path, environment: &[(&'static str, PathBuf)]) -> io::Result<Child> {
    let child = Command::new("speech-dispatcher")
        .args(["--run-single", "--communication-method", "unix_socket", "--timeout", "0"])
        .arg("--socket-path")
        .arg(socket(dir))
        .arg("--config-dir")
        .arg(dir.join("configuration"))
        .arg("--log-dir")
        .arg(dir.join("log"))
        .arg("--pid-file")
        .arg(dir.join("pid"))
        .envs(environment.iter().cloned())
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    for _ in 0..PATIENCE {
        if socket(dir).exists() {
            return Ok(child);
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err(io::Error::other("it makes no socket"))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?
        } else {
            fs::copy(entry.path(), target).map(drop)?
        }
    }
    Ok(())
}
