//! A PulseAudio server without hardware: what is played into the sink `mic` is heard by the default microphone,
//! what the default loudspeaker plays can be recorded.
//!
//! Everything lives in a private directory below the build's temporary one and ends, by process id, with the
//! value. The environment is for child processes only: no test changes its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// Tenths of a second to wait for the server.
const PATIENCE: u32 = 150;
/// Sample rate of a [`Recording`].
pub const RECORDING_HZ: u32 = 24_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A running server.
pub struct PulseServer {
    dir: PathBuf,
    /// The server first, then the readers that keep its sinks at a low latency.
    children: Vec<Child>,
}

impl PulseServer {
    /// Starts a server, or says why there is none and returns `None`.
    pub fn start() -> Option<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pulse-{}-{number}", std::process::id()));
        let mut server = Self { dir, children: Vec::new() };
        match server.launch() {
            Ok(()) => Some(server),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                println!("skipped: no pulseaudio");
                None
            }
            Err(error) => panic!("pulseaudio does not start: {error}"),
        }
    }

    /// Environment variables that make a child process use this server and no other.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let mut address = std::ffi::OsString::from("unix:");
        address.push(self.socket());
        vec![
            ("PULSE_RUNTIME_PATH", self.dir.clone()),
            ("PULSE_STATE_PATH", self.dir.join("state")),
            ("PULSE_COOKIE", self.dir.join("state/cookie")),
            ("PULSE_SERVER", PathBuf::from(address)),
            ("XDG_RUNTIME_DIR", self.dir.clone()),
        ]
    }

    /// Plays a WAV file into the microphone; the child ends with the file.
    pub fn speak(&self, wav: &Path) -> Playing {
        Playing(self.command("paplay").args(["-d", "mic"]).arg(wav).spawn().unwrap())
    }

    /// Records what the loudspeaker plays, until [`Recording::finish`].
    pub fn record(&self) -> Recording {
        let file = self.dir.join(format!("heard-{}.raw", NEXT.fetch_add(1, Ordering::Relaxed)));
        let child = self
            .command("parec")
            .args(["-d", "spk.monitor", "--latency-msec=10", "--channels=1", "--format=s16le"])
            .arg(format!("--rate={RECORDING_HZ}"))
            .stdout(fs::File::create(&file).unwrap())
            .spawn()
            .unwrap();
        Recording { child, file }
    }

    /// Ends the server without a farewell, as a crash would.
    pub fn kill(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.children.clear();
        let _ = fs::remove_file(self.socket());
    }

    /// Starts the server again after [`PulseServer::kill`].
    pub fn restart(&mut self) {
        self.launch().unwrap();
    }

    /// Lets the microphone hear what the loudspeaker plays, as loud as it is played: the worst of rooms.
    pub fn join_loudspeaker_and_microphone(&self) {
        self.control(&["load-module", "module-loopback", "source=spk.monitor", "sink=mic", "latency_msec=60"]);
    }

    /// Takes the microphone away, as pulling its plug would.
    pub fn unplug_microphone(&self) {
        self.control(&["unload-module", "module-remap-source"]);
    }

    /// Plugs the microphone in again.
    pub fn plug_microphone(&self) {
        self.control(&["load-module", "module-remap-source", "source_name=micsrc", "master=mic.monitor"]);
        self.control(&["set-default-source", "micsrc"]);
    }

    fn control(&self, arguments: &[&str]) {
        let status = self.command("pactl").args(arguments).status().unwrap();
        assert!(status.success(), "pactl {arguments:?}: {status}");
    }

    fn socket(&self) -> PathBuf {
        self.dir.join("native")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn launch(&mut self) -> io::Result<()> {
        fs::create_dir_all(self.dir.join("state"))?;
        let set_up = self.dir.join("set-up.pa");
        let socket = self.socket();
        fs::write(
            &set_up,
            format!(
                "load-module module-native-protocol-unix auth-anonymous=1 socket={}\n\
                 load-module module-null-sink sink_name=spk rate=48000 channels=1 norewinds=1\n\
                 load-module module-null-sink sink_name=mic rate=48000 channels=1 norewinds=1\n\
                 load-module module-remap-source source_name=micsrc master=mic.monitor\n\
                 set-default-sink spk\n\
                 set-default-source micsrc\n",
                socket.display()
            ),
        )?;
        let server = self
            .command("pulseaudio")
            .arg("-n")
            .arg("-F")
            .arg(&set_up)
            .args(["--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no"])
            .args(["--high-priority=no", "--log-target=stderr"])
            .spawn()?;
        self.children.push(server);
        self.wait_until(|server| server.command("pactl").arg("info").status().is_ok_and(|code| code.success()))?;
        // A null sink that may rewind starts with two seconds of latency, else with 50 ms; a reader that asks for
        // little brings that down to 10 and keeps it there.
        for source in ["spk.monitor", "micsrc"] {
            let reader = self.command("parec").args(["--latency-msec=10", "-d", source]).spawn()?;
            self.children.push(reader);
        }
        self.wait_until(|server| {
            let list =
                server.command("pactl").args(["list", "short", "source-outputs"]).stdout(Stdio::piped()).output();
            list.is_ok_and(|list| list.stdout.iter().filter(|byte| **byte == b'\n').count() >= 2)
        })
    }

    fn wait_until(&self, is_so: impl Fn(&Self) -> bool) -> io::Result<()> {
        for _ in 0..PATIENCE {
            if is_so(self) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(io::Error::other("it does not answer"))
    }
}

impl Drop for PulseServer {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Someone speaking into the microphone.
pub struct Playing(Child);

impl Playing {
    /// Waits for the end of the file.
    pub fn finish(mut self) {
        let _ = self.0.wait();
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the loudspeaker plays, being recorded.
pub struct Recording {
    child: Child,
    file: PathBuf,
}

impl Recording {
    /// Tells whether anything was heard until now.
    pub fn is_heard(&self) -> bool {
        fs::read(&self.file)
            .unwrap_or_default()
            .chunks_exact(2)
            .any(|pair| i16::from_le_bytes([pair[0], pair[1]]) > 600)
    }

    /// How many samples there are until now.
    pub fn samples(&self) -> usize {
        fs::metadata(&self.file).map_or(0, |file| usize::try_from(file.len()).unwrap() / 2)
    }

    /// Ends the recording and returns its samples, mono at [`RECORDING_HZ`].
    pub fn finish(mut self) -> Vec<f32> {
        self.stop();
        let bytes = fs::read(&self.file).unwrap();
        bytes.chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0).collect()
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.stop();
    }
}
