//! Readable conversations, one file each below `dialogues/`, through the real parser, contact book, dialogue and
//! outbox, on a virtual clock.
//!
//! A head of `profile`, `lang` and `contact NAME NUMBER` (one more contact) comes first. A line is `user`, `hears nothing`, `wait SECONDS` or `incoming NAME: BODY`, and under it everything that came
//! of it: `bot` says, `send` is confirmed, `done` is what became of it. `UPDATE=1` writes what came of it into the
//! files: read the difference before you believe it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex},
};

use herald::{
    action::Person,
    config::{self, Config, LangChoice, Sources},
    dialogue::Event,
    intent::contacts::{Book, Surroundings},
    runtime::{Conversation, EventLog},
    store::Store,
};

use crate::support::events::{Line, Shared, tell};

const CONTACTS: &str = include_str!("../examples/contacts.vcf");

struct Stage {
    conversation: Conversation,
    store: Rc<Store>,
    events: Arc<Mutex<Vec<u8>>>,
    now_ms: u64,
}

impl Stage {
    /// `cards` are contacts beside those of the examples.
    fn new(config: &Config, cards: &str) -> Self {
        let store = Rc::new(Store::in_memory().unwrap());
        Book::open(&store).unwrap().import(&store, &format!("{CONTACTS}{cards}")).unwrap();
        let out = Shared::default();
        let log = EventLog::none().to_writer(Box::new(out.clone()));
        let conversation = Conversation::open(config, Rc::clone(&store), log).unwrap();
        Self { conversation, store, events: out.0, now_ms: 0 }
    }

    fn act(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest.trim()) {
            ("user", text) => self.conversation.read(text),
            ("hears", "nothing") => self.conversation.feed(Event::HeardNothing),
            ("wait", seconds) => self.wait(seconds.trim_end_matches(" s").parse().unwrap()),
            ("incoming", message) => {
                let (name, body) = message.split_once(": ").unwrap();
                let found = Book::open(&self.store).unwrap().resolve(name, None, Surroundings::default());
                let from = &found.candidates[0];
                self.conversation.deliver(&Person::on_local(from.id.0, from.name.clone()), body);
            }
            _ => panic!("a script has no line like {line:?}"),
        }
        self.conversation.read_replies();
    }

    fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds * 100 {
            self.now_ms += 10;
            self.conversation.advance(self.now_ms);
            self.conversation.read_replies();
        }
    }

    /// What happened since the last call, in the words of the scripts.
    fn told(&self) -> String {
        let bytes = std::mem::take(&mut *self.events.lock().unwrap());
        let mut told = String::new();
        for line in String::from_utf8(bytes).unwrap().lines() {
            match tell(line) {
                Line::Reply { text, .. } => writeln!(told, "  bot   {text}").unwrap(),
                Line::Action { kind, to, body } => writeln!(told, "  {kind:<5} {}: {body}", to.join(", ")).unwrap(),
                Line::Outcome { status, .. } if status != "queued" => writeln!(told, "  done  {status}").unwrap(),
                Line::Fault { message } => writeln!(told, "  fault {message}").unwrap(),
                Line::Outcome { .. } | Line::Incoming { .. } | Line::Intent { .. } | Line::Other => {}
            }
        }
        told
    }
}

/// "NAME NUMBER" as a card.
fn card(line: &str) -> Option<String> {
    let (name, number) = line.rsplit_once(' ')?;
    Some(format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\nTEL;VALUE=uri:tel:{number}\r\nEND:VCARD\r\n"))
}

/// Plays a script and returns it with what really came of it.
fn play(script: &str) -> String {
    let header =
        |key: &str| script.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned());
    let lang = header("lang ").map(|lang| lang.parse::<LangChoice>().unwrap());
    let sources = Sources { profile: header("profile "), lang, cores: 2, ..Sources::default() };
    let cards: String = script.lines().filter_map(|line| card(line.strip_prefix("contact ")?)).collect();
    let mut stage = Stage::new(&config::load(&sources).unwrap().config, &cards);
    let mut played = String::new();
    for line in script.lines().filter(|line| !line.starts_with("  ")) {
        played.push_str(line);
        played.push('\n');
        let is_header =
            line.is_empty() || ["#", "profile ", "lang ", "contact "].iter().any(|key| line.starts_with(key));
        if !is_header {
            stage.act(line);
            played.push_str(&stage.told());
        }
    }
    played
}

fn scripts(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            scripts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "dialogue") {
            found.push(path);
        }
    }
}

#[test]
fn every_script_is_played_as_written() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/dialogues");
    let mut found = Vec::new();
    scripts(&dir, &mut found);
    found.sort();
    assert!(found.len() >= 20, "only {} scripts below {}", found.len(), dir.display());
    let mut wrong = Vec::new();
    for path in &found {
        let written = fs::read_to_string(path).unwrap();
        let played = play(&written);
        if played != written {
            if std::env::var_os("UPDATE").is_some() {
                fs::write(path, &played).unwrap();
            }
            wrong.push(format!("{}\n--- written\n{written}--- played\n{played}", path.display()));
        }
    }
    println!("{} scripts", found.len());
    assert!(wrong.is_empty(), "{} of {} scripts differ:\n{}", wrong.len(), found.len(), wrong.join("\n"));
}
