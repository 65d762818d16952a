//! Fetching and verifying models, against a server that cuts, forgets and lies.

mod server;

use std::{
    cell::RefCell,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
};

use herald::models::{FetchError, Fetcher, Maker, Manifest, Model, ModelError, Reporter};
use serde_json::Value;
use server::{Answer, Server, nobody};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::models_dir;

/// A model of 300 kB.
fn body() -> Vec<u8> {
    (0..300_000u32).map(|n| (n.wrapping_mul(n) / 7) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a manifest entry; `sources` are the lines after each `[[model.source]]`.
fn entry(name: &str, bytes: &[u8], sources: &[String]) -> String {
    let sources: String = sources.iter().map(|source| format!("[[model.source]]\n{source}\n")).collect();
    format!(
        "[[model]]\nname = \"{name}\"\nfile = \"{name}.bin\"\nkind = \"vad\"\nlanguages = [\"en\"]\nlicence = \"MIT\"\n\
         licence_from = \"-\"\nbytes = {}\nmemory_mb = 1\nsha256 = [{{ of = \"official\", is = \"{}\" }}]\n{sources}",
        bytes.len(),
        sha256(bytes)
    )
}

fn url(url: &str) -> String {
    format!("take = [{{ url = \"{url}\" }}]")
}

/// Keeps what a fetch says.
#[derive(Default)]
struct Said(RefCell<Vec<String>>);

impl Reporter for Said {
    fn say(&self, line: &str) {
        self.0.borrow_mut().push(line.to_owned());
    }
    fn begin(&self, _step: &str, _total_bytes: u64) {}
    fn at(&self, _bytes: u64) {}
    fn end(&self) {}
}

/// A models directory and the manifest of one model `m`.
struct Home {
    dir: TempDir,
    manifest: String,
}

impl Home {
    fn new(sources: &[String]) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), manifest: entry("m", &body(), sources) }
    }

    fn of(server: &Server) -> Self {
        Self::new(&[url(&server.url())])
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Fetches `m` and returns what was said.
    fn fetch(&self) -> (Result<(), FetchError>, String) {
        let said = Said::default();
        let manifest = Manifest::parse(&self.manifest).unwrap();
        let fetched = Fetcher::new(&manifest, self.dir.path(), &said).fetch(&["m"]);
        (fetched, said.0.take().join("\n"))
    }

    fn find(&self, name: &str) -> Result<PathBuf, ModelError> {
        Manifest::parse(&self.manifest).unwrap().find(self.dir.path(), name)
    }

    /// Prepares the program on this directory and manifest.
    fn herald(&self, arguments: &[&str]) -> Command {
        let manifest = self.path("manifest.toml");
        fs::write(&manifest, &self.manifest).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_herald"));
        command.arg("--data-dir").arg(self.path("data")).arg("--models-dir").arg(self.dir.path());
        command.args(["models", "--manifest"]).arg(manifest).args(arguments).stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn assert_fetched(&self) {
        assert!(fs::read(self.path("m.bin")).unwrap() == body());
        assert!(self.find("m").is_ok());
        assert!(!self.path("m.bin.part").exists() && !self.path(".fetch").exists());
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_download_that_is_cut_goes_on_where_it_was() {
    let server = Server::start(&body(), &[Answer::Cut(100_000), Answer::Cut(50_000), Answer::Well]);
    let home = Home::of(&server);
    home.fetch().0.unwrap();
    home.assert_fetched();
    assert_eq!(server.requests(), [None, Some(100_000), Some(150_000)]);
}

#[test]
fn a_server_that_knows_no_ranges_sends_the_whole_file_again() {
    let server = Server::start(&body(), &[Answer::Cut(100_000), Answer::NoRange]);
    let home = Home::of(&server);
    home.fetch().0.unwrap();
    home.assert_fetched();
    assert_eq!(server.requests(), [None, Some(100_000)]);
}

#[test]
fn a_server_that_is_cut_without_progress_is_given_up() {
    let server = Server::start(&body(), &[Answer::Cut(1000), Answer::Cut(0)]);
    let (fetched, said) = Home::of(&server).fetch();
    assert!(matches!(fetched, Err(FetchError::Unavailable { .. })));
    assert_eq!(server.requests().len(), 4, "one that brings something, three that do not");
    assert!(said.contains("1000 of 300000 bytes") || said.contains("cut after 1000 bytes"), "{said}");
}

#[test]
fn a_file_with_the_wrong_hash_is_deleted_and_the_next_source_tried() {
    let (liar, honest) = (Server::start(&body(), &[Answer::Lie]), Server::start(&body(), &[Answer::Well]));
    let home = Home::new(&[url(&liar.url()), url(&honest.url())]);
    let (fetched, said) = home.fetch();
    fetched.unwrap();
    home.assert_fetched();
    assert!(said.contains("wrong sha256") && said.contains("deleted, trying the next source"), "{said}");

    let alone = Home::of(&liar);
    let error = alone.fetch().0.unwrap_err().to_string();
    assert!(error.contains("m: ") && error.contains("wrong sha256"), "{error}");
    assert!(!alone.path("m.bin.part").exists() && !alone.path("m.bin").exists());
}

#[test]
fn a_rest_of_something_else_costs_one_fresh_start() {
    let server = Server::start(&body(), &[Answer::Well]);
    let home = Home::of(&server);
    fs::write(home.path("m.bin.part"), [7; 1000]).unwrap();
    home.fetch().0.unwrap();
    home.assert_fetched();
    assert_eq!(server.requests(), [Some(1000), None]);
}

#[test]
fn a_source_that_answers_with_an_error_leads_to_the_next() {
    for status in [404, 500] {
        let (broken, good) = (Server::start(&[], &[Answer::Status(status)]), Server::start(&body(), &[Answer::Well]));
        let home = Home::new(&[url(&broken.url()), url(&good.url())]);
        let (fetched, said) = home.fetch();
        fetched.unwrap();
        home.assert_fetched();
        assert!(said.contains(&format!("HTTP status {status}, trying the next source")), "{said}");
    }
}

#[test]
fn a_file_of_another_size_is_refused_before_it_is_read() {
    let server = Server::start(b"<html>please log in</html>", &[Answer::Well]);
    let (fetched, _) = Home::of(&server).fetch();
    let error = fetched.unwrap_err().to_string();
    assert!(error.contains("offers 26 bytes instead of 300000"), "{error}");
}

#[test]
fn a_model_that_is_there_costs_no_request() {
    let server = Server::start(&body(), &[Answer::Status(500)]);
    let home = Home::of(&server);
    fs::write(home.path("m.bin"), body()).unwrap();
    home.fetch().0.unwrap();
    assert!(server.requests().is_empty());
}

#[test]
fn a_damaged_file_is_named_with_its_hashes_and_replaced_by_a_fetch() {
    let home = Home::of(&Server::start(&body(), &[Answer::Well]));
    let mut damaged = body();
    damaged[150_000] ^= 1;
    fs::write(home.path("m.bin"), &damaged).unwrap();
    let error = home.find("m").unwrap_err().to_string();
    for part in ["m.bin", &sha256(&damaged), &sha256(&body()), "herald models fetch m"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let listed = home.herald(&["list", "--json"]).output().unwrap();
    let line: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((&line["state"], &line["sha256"]), (&"damaged".into(), &sha256(&damaged).into()));
    home.fetch().0.unwrap();
    home.assert_fetched();
}

#[test]
fn a_killed_fetch_goes_on_where_it_was() {
    let server = Server::start(&body(), &[Answer::Stall(120_000), Answer::Well]);
    let home = Home::of(&server);
    let mut child = home.herald(&["fetch", "m"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while fs::metadata(home.path("m.bin.part")).map_or(0, |meta| meta.len()) < 120_000 {
        assert!(child.try_wait().unwrap().is_none(), "the fetch ended by itself");
        thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!home.path("m.bin").exists());
    let output = home.herald(&["fetch", "m", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    home.assert_fetched();
    assert_eq!(server.requests(), [None, Some(120_000)]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = serde_json::json!({
        "name": "m", "file": "m.bin", "licence": "MIT", "bytes": 300_000, "sha256": sha256(&body()), "state": "present"
    });
    assert_eq!(line, expected);
}

#[test]
fn a_second_fetch_waits_for_the_first() {
    let home = Home::of(&Server::start(&body(), &[Answer::Well]));
    let lock = File::create(home.path(".lock")).unwrap();
    lock.lock().unwrap();
    let mut child = home.herald(&["fetch", "m"]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("another fetch works in"), "{line}");
    assert!(!home.path("m.bin").exists());
    lock.unlock().unwrap();
    said.read_to_string(&mut line).unwrap();
    assert!(child.wait().unwrap().success(), "{line}");
    home.assert_fetched();
}

#[test]
fn nothing_reachable_is_exit_69_with_hints() {
    let home = Home::new(&[url(&nobody()), "take = [{ pip = \"no-such==1\", file = \"m\" }]".to_owned()]);
    let empty = tempfile::tempdir().unwrap();
    let output = home.herald(&["fetch", "m", "--json"]).env("PATH", empty.path()).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(69), "{said}");
    for part in ["cannot be reached", "trying the next source", "needs pip (Debian package python3-pip)", "hint: "] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["state"], &line["sha256"]), (&"missing".into(), &sha256(&body()).into()));
}

#[test]
fn a_full_disk_is_exit_74_and_no_other_source_is_asked() {
    let (first, second) = (Server::start(&body(), &[Answer::Well]), Server::start(&body(), &[Answer::Well]));
    let home = Home::new(&[url(&first.url()), url(&second.url())]);
    symlink("/dev/full", home.path("m.bin.part")).unwrap();
    let output = home.herald(&["fetch", "m"]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("m.bin.part") && said.contains("No space left") && said.contains("hint: free"), "{said}");
    assert!(second.requests().is_empty());
}

#[test]
fn an_unknown_name_is_exit_2_and_lists_the_names() {
    let server = Server::start(&body(), &[Answer::Well]);
    let home = Home::of(&server);
    let output = home.herald(&["fetch", "m", "n"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("unknown model \"n\": the models are m"), "{}", stderr(&output));
    assert!(server.requests().is_empty() && output.stdout.is_empty());
}

/// Writes a program `name` that copies a package to where the client would.
fn fake_client(dir: &Path, name: &str, copy: &str) {
    let path = dir.join(name);
    fs::write(&path, format!("#!/bin/sh\n{copy}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn packages_come_through_their_clients_once_the_hub_is_refused() {
    let tools = tempfile::tempdir().unwrap();
    let (wheel, tgz) = (tools.path().join("p-1-py3-none-any.whl"), tools.path().join("p-1.tgz"));
    let (head, tail) = (&body()[..200_000], &body()[200_000..]);
    let mut zip = zip::ZipWriter::new(File::create(&wheel).unwrap());
    zip.start_file("p/head.bin", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(head).unwrap();
    zip.finish().unwrap();
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(File::create(&tgz).unwrap(), Default::default()));
    let mut header = tar::Header::new_gnu();
    header.set_size(tail.len() as u64);
    tar.append_data(&mut header, "package/tail.bin", tail).unwrap();
    tar.into_inner().unwrap().finish().unwrap();
    let copy = format!("while [ \"$1\" != --dest ]; do shift; done; cp {} \"$2\"", wheel.display());
    fake_client(tools.path(), "pip3", &copy);
    fake_client(tools.path(), "npm", &format!("cp {} .", tgz.display()));

    let (good, bad) = (sha256(&fs::read(&wheel).unwrap()), sha256(b"another"));
    let npm = "{ npm = \"p@1\", file = \"package/tail.bin\" }";
    let take = |sha: &str| format!("take = [{{ pip = \"p==1\", sha256 = \"{sha}\", file = \"p/head.bin\" }}, {npm}]");
    let home = Home::new(&[url(&nobody()), take(&bad), take(&good)]);
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    let output = home.herald(&["fetch", "m"]).env("PATH", path).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    home.assert_fetched();
    assert!(said.contains("package p==1 has the wrong sha256 and was deleted, trying the next source"), "{said}");
}

/// A ggml file of one matrix of 32 values: header, no mel filters, no vocabulary.
fn small_ggml() -> Vec<u8> {
    let mut words = vec![0x6767_6d6c_u32];
    words.extend([0; 10]);
    words.extend([1, 0, 0, 0, 2, 1, 1, 32, 1]);
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.push(b'w');
    bytes.extend((0..32u16).flat_map(|n| (0x3c00 + n).to_le_bytes()));
    bytes
}

#[test]
fn a_model_made_of_a_verified_one_is_known_by_the_hash_it_had_then() {
    let input = small_ggml();
    let server = Server::start(&input, &[Answer::Well]);
    let mut home = Home::new(&[url(&server.url())]);
    let recipe = "recipe = \"q8_0\"\ntake = [{ model = \"input\" }]".to_owned();
    home.manifest = [entry("m", &body(), &[recipe]), entry("input", &input, &[url(&server.url())])].concat();
    home.fetch().0.unwrap();
    let made = fs::read(home.find("m").unwrap()).unwrap();
    assert_eq!(made.len(), input.len() - 64 + 34);
    assert!(matches!(home.find("input"), Err(ModelError::Missing { .. })), "what was only passing through is removed");
    fs::write(home.path("m.bin"), &made[1..]).unwrap();
    let error = home.find("m").unwrap_err().to_string();
    assert!(error.contains(&sha256(&made)) && error.contains(&sha256(&made[1..])), "{error}");
}

#[test]
fn quantising_the_real_model_gives_the_hash_of_the_manifest() {
    let Ok(original) = herald::models::find(&models_dir(), "tiny.en") else {
        return println!("skipped: no models");
    };
    let embedded = Manifest::embedded().unwrap();
    let (f16, q8) = (embedded.model("tiny.en").unwrap(), embedded.model("tiny.en-q8_0").unwrap());
    let ours = |model: &Model| model.sha256.iter().find(|file| file.of == Maker::Ours).unwrap().sha256.clone();
    let (input, expected) = (ours(f16), ours(q8));
    if sha256(&fs::read(&original).unwrap()) != input {
        return println!("skipped: the official model is installed, the hash is of the converted one");
    }
    let mut home = Home::new(&[url(&nobody())]);
    let describe = |name: &str, bytes: u64, sha: &str, source: &str| {
        let text = entry(name, b"", &[source.to_owned()]);
        text.replace("bytes = 0", &format!("bytes = {bytes}")).replace(&sha256(b""), sha)
    };
    let made = describe("m", q8.bytes, &expected, "recipe = \"q8_0\"\ntake = [{ model = \"input\" }]");
    home.manifest = [made, describe("input", f16.bytes, &input, &url(&nobody()))].concat();
    symlink(&original, home.path("input.bin")).unwrap();
    home.fetch().0.unwrap();
    let made = fs::read(home.path("m.bin")).unwrap();
    assert_eq!((made.len() as u64, sha256(&made)), (q8.bytes, expected));
}
