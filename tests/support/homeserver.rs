//! A real Matrix homeserver (Synapse) on loopback, users of an independent client (matrix-nio), a fake bridge, and
//! Herald as a typed conversation: processes that talk in JSON lines.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    program::{Run, command, herald},
    wait_until,
};

/// Seconds until a homeserver, or a user of it, must be there; under load they take long.
const START_SECONDS: u64 = 60;
/// Seconds within which what was sent must arrive.
pub const SOON: u64 = 60;
/// Everybody's password.
const PASSWORD: &str = "pw";

/// A running homeserver.
pub struct Homeserver {
    dir: TempDir,
    python: PathBuf,
    port: u16,
    child: Option<Child>,
    bridge: Option<u16>,
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/matrix")
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

impl Homeserver {
    /// Starts a homeserver, or says why there is none and returns `None`.
    pub fn start() -> Option<Self> {
        Self::start_with(false)
    }

    /// The same with a bridge registered.
    pub fn start_bridged() -> Option<Self> {
        Self::start_with(true)
    }

    fn start_with(is_bridged: bool) -> Option<Self> {
        let python = std::env::var_os("HERALD_MATRIX_PYTHON")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/matrix/bin/python"), PathBuf::from);
        if !python.exists() {
            println!("skipped: no homeserver (`make test` installs it)");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let mut server = Self { dir, python, port: free_port(), child: None, bridge: None };
        let mut services = "[]";
        if is_bridged {
            let port = free_port();
            let registration = server.path("bridge.yaml");
            let mut write = server.script("bridge.py");
            write.args(["--port", &port.to_string(), "--write"]).arg(registration);
            assert!(write.status().unwrap().success());
            server.bridge = Some(port);
            services = "[bridge.yaml]";
        }
        let template = fs::read_to_string(scripts().join("homeserver.yaml")).unwrap();
        let config = template.replace("@PORT@", &server.port.to_string()).replace("@APPSERVICE@", services);
        fs::write(server.path("homeserver.yaml"), config).unwrap();
        fs::copy(scripts().join("log.yaml"), server.path("log.yaml")).unwrap();
        server.up();
        Some(server)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(scripts().join(name)).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it, or starts it again with all that it knew.
    pub fn up(&mut self) {
        let output = fs::File::options().create(true).append(true).open(self.path("output.log")).unwrap();
        let mut command = Command::new(&self.python);
        command.args(["-m", "synapse.app.homeserver", "-c", "homeserver.yaml"]).current_dir(self.dir.path());
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        self.child = Some(command.spawn().unwrap());
        let versions = format!("{}/_matrix/client/versions", self.url());
        let what = || format!("Synapse: {}", fs::read_to_string(self.path("output.log")).unwrap_or_default());
        wait_until(START_SECONDS, what, || ureq::get(&versions).call().is_ok());
    }

    /// Stops it, without a farewell if `kill`.
    pub fn down(&mut self, kill: bool) {
        let Some(mut child) = self.child.take() else { return };
        if kill {
            let _ = child.kill();
        } else {
            let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        }
        let _ = child.wait();
    }

    /// Makes an account.
    pub fn register(&self, name: &str) {
        let body = json!({ "username": name, "password": PASSWORD, "auth": { "type": "m.login.dummy" } });
        self.post("register", None, &body);
    }

    /// Asks the client-server API.
    pub fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        let url = format!("{}/_matrix/client/v3/{path}", self.url());
        let mut request = ureq::post(&url).header("Content-Type", "application/json");
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let text = request.send(body.to_string()).unwrap().body_mut().read_to_string().unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// A user of the independent client, who calls themselves `display_name`.
    pub fn peer(&self, name: &str, display_name: &str) -> Talker {
        self.register(name);
        self.device_of(name, display_name)
    }

    /// Another device of a user, with the independent client.
    pub fn device_of(&self, name: &str, display_name: &str) -> Talker {
        let mut command = self.script("peer.py");
        command.args(["--homeserver", &self.url(), "--user", name, "--password", PASSWORD, "--store"]);
        command.arg(self.path(name));
        let mut peer = Talker::start(name, command);
        peer.wait_within(START_SECONDS, "ready", |event| event["event"] == "ready");
        peer.ask(json!({ "do": "display_name", "name": display_name }));
        peer
    }

    /// The bridge.
    pub fn bridge(&self) -> Talker {
        let mut command = self.script("bridge.py");
        let port = self.bridge.unwrap().to_string();
        command.args(["--homeserver", &self.url(), "--port", &port, "--registration"]).arg(self.path("bridge.yaml"));
        let mut bridge = Talker::start("bridge", command);
        bridge.wait_within(START_SECONDS, "ready", |event| event["event"] == "ready");
        bridge
    }

    /// A data directory whose Herald is signed in as a new user.
    pub fn household(&self, name: &str) -> Household {
        self.household_at(name, &self.url())
    }

    /// The same through another address of this server.
    pub fn household_at(&self, name: &str, url: &str) -> Household {
        self.register(name);
        let home = Household::new();
        let run = home.sign_in(url, name, PASSWORD);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        home
    }
}

impl Drop for Homeserver {
    fn drop(&mut self) {
        self.down(true);
    }
}

/// A device with Herald on it.
pub struct Household {
    pub dir: TempDir,
}

impl Household {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// `herald setup matrix`, with the password on standard input.
    pub fn sign_in(&self, homeserver: &str, user: &str, password: &str) -> Run {
        self.set_up(&["--homeserver", homeserver, "--user", user], password)
    }

    /// `herald --json setup matrix`, with a line on standard input.
    pub fn set_up(&self, arguments: &[&str], line: &str) -> Run {
        let mut child =
            self.matrix(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
        child.wait_with_output().unwrap().into()
    }

    fn matrix(&self, arguments: &[&str]) -> Command {
        let mut command = command(Command::new(env!("CARGO_BIN_EXE_herald")), self.path());
        command.args(["--json", "setup", "matrix"]).args(arguments);
        command
    }

    /// `herald setup matrix --verify`, which shows emoji and waits for a line.
    pub fn verify(&self) -> Talker {
        Talker::start("herald", self.matrix(&["--verify"]))
    }

    /// A typed conversation on the Matrix network.
    pub fn talk(&self) -> Talker {
        self.talk_on("matrix", |_| {})
    }

    /// A typed conversation on a network, in surroundings of its own.
    pub fn talk_on(&self, network: &str, surround: impl Fn(&mut Command)) -> Talker {
        let mut command = command(Command::new(env!("CARGO_BIN_EXE_herald")), self.path());
        command.env("HERALD_ACTION_NETWORK", network).env("HERALD_DIALOGUE_UNDO_WINDOW_MS", "0");
        command.args(["--json", "--lang", "en", "ask", "-"]);
        surround(&mut command);
        Talker::start("herald", command)
    }

    /// What a command prints, line by line.
    pub fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let run = herald(self.path(), &[&["--json"], arguments].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        run.json()
    }
}

/// A process that is told lines and tells JSON lines.
pub struct Talker {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    listener: JoinHandle<()>,
    heard: Arc<Mutex<Vec<Value>>>,
    /// How much of it was waited for.
    read: usize,
    tag: u32,
}

impl Talker {
    fn start(name: &str, mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&heard);
        let listen = move || {
            for line in stdout.lines().map_while(Result::ok) {
                lines.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        };
        let listener = thread::Builder::new().spawn(listen).unwrap();
        Self { name: name.to_owned(), stdin: child.stdin.take(), child, listener, heard, read: 0, tag: 0 }
    }

    /// Tells it a line. One that has died hears nothing, which is seen by what it does not do.
    pub fn say(&mut self, line: &str) {
        let _ = writeln!(self.stdin.as_mut().unwrap(), "{line}");
    }

    /// Tells it a command and waits until it is done; returns the answer.
    pub fn ask(&mut self, mut order: Value) -> Value {
        self.tag += 1;
        let tag = format!("{}", self.tag);
        order["tag"] = json!(tag);
        self.say(&order.to_string());
        let (heard, name) = (Arc::clone(&self.heard), self.name.clone());
        let find = || heard.lock().unwrap().iter().find(|event| event["tag"] == tag.as_str()).cloned();
        wait_until(SOON, || format!("{name} to do {order}"), || find().is_some());
        let answer = find().unwrap();
        assert_eq!(answer["event"], "done", "{answer}");
        answer
    }

    /// Waits for an event after those waited for before, and returns it.
    pub fn wait(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.wait_within(SOON, what, is_it)
    }

    fn wait_within(&mut self, seconds: u64, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.wait_or_end(seconds, what, is_it).unwrap_or_else(|| panic!("{} ended before it told {what}", self.name))
    }

    /// The same where it may die before: then there is none.
    pub fn wait_or_end(&mut self, seconds: u64, what: &str, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
        let start = Instant::now();
        loop {
            // What it told before its end is looked at after its end was seen.
            let has_ended = self.has_ended();
            let found = {
                let heard = self.heard.lock().unwrap();
                heard
                    .iter()
                    .enumerate()
                    .skip(self.read)
                    .find(|(_, event)| is_it(event))
                    .map(|(at, it)| (at, it.clone()))
            };
            if let Some((at, event)) = found {
                self.read = at + 1;
                return Some(event);
            }
            if has_ended {
                return None;
            }
            let heard = || self.heard().iter().skip(self.read).map(|event| format!("\n  {event}")).collect::<String>();
            assert!(
                start.elapsed() < Duration::from_secs(seconds),
                "waited {seconds} s for {} to tell {what}; it told since:{}",
                self.name,
                heard()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Whether it has ended and nothing more will be heard.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_))) && self.listener.is_finished()
    }

    /// Everything it told.
    pub fn heard(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }

    /// Ends it without a farewell.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Tells it that there is nothing more, and waits for its end.
    pub fn end(&mut self) {
        self.stdin = None;
        let talker = Mutex::new(self);
        wait_until(SOON, || "the end of a process".to_owned(), || talker.lock().unwrap().has_ended());
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        self.kill();
    }
}
