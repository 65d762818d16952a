//! Readable conversations, one file each below `dialogues/`, through the real parser, contact book, dialogue and
//! outbox, on a virtual clock.
//!
//! A head of `profile`, `lang`, `contact NAME NUMBER` (one more contact), `birthday NAME MONTHDAY` (another, born then), `payee NAME` (may be
//! paid, by the PIN 2468) and `set KEY = VALUE` (of the configuration)
//! comes first. A line is `user`, `hears nothing`, `wait SECONDS`, `incoming NAME: BODY` (`NAME and NAME` where others
//! read it as well, `NAME for NAME` where it is for somebody who shares the device), `time DATE HH:MM`, `car parked`,
//! `car moving`, `restart` or a touch on the page (`touch yes`, `touch edit TEXT`, `touch choose NAME`, `touch point NAME`,
//! `touch write NAME: TEXT`, `touch chip KIND`, `touch dismiss KIND`, `touch pin DIGITS`; `touch late yes` by somebody who has not seen the last change), and under it everything that
//! came of it: `bot` says, `send` is confirmed, `done` is what became of it, `page` is what the page shows after a touch,
//! `chime`, `mic` and `vol` are the house. `UPDATE=1` writes what came of it into the files: read the difference before you
//! believe it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex},
};

use herald::{
    action::{
        Account, Person,
        pay::{Payee, Payments, Rules},
    },
    companion::{Act, Microphone, State, Touch},
    config::{self, Config, LangChoice, Sources},
    dialogue::{Event, USUAL_VOLUME},
    intent::contacts::{Book, ContactId, Surroundings},
    runtime::{self, Conversation, Driving, EventLog, LogEvent},
    store::Store,
};

use jiff::tz::TimeZone;

use crate::support::events::{Line, Shared, tell};

/// The PIN of the house.
const PIN: &str = "2468";

const CONTACTS: &str = include_str!("../examples/contacts.vcf");

/// A household in which a script is played.
pub(super) struct Stage {
    conversation: Conversation,
    config: Config,
    out: Shared,
    store: Rc<Store>,
    events: Arc<Mutex<Vec<u8>>>,
    now_ms: u64,
    /// What the page shows after a touch.
    touched: String,
}

impl Stage {
    /// `cards` are contacts beside those of the examples.
    pub fn new(config: &Config, cards: &str) -> Self {
        let store = Rc::new(Store::in_memory().unwrap());
        Book::open(&store).unwrap().import(&store, &format!("{CONTACTS}{cards}")).unwrap();
        let out = Shared::default();
        let log = EventLog::none().to_writer(Box::new(out.clone()));
        let conversation = Conversation::open(config, Rc::clone(&store), log).unwrap();
        Self {
            conversation,
            config: config.clone(),
            store,
            events: Arc::clone(&out.0),
            out,
            now_ms: 0,
            touched: String::new(),
        }
    }

    /// Plays a line of a script.
    pub fn act(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest.trim()) {
            ("user", text) => self.conversation.read(text),
            ("hears", "nothing") => self.conversation.feed(Event::HeardNothing),
            ("wait", seconds) => self.wait(seconds.trim_end_matches(" s").parse().unwrap()),
            ("incoming", message) => {
                let (names, body) = message.split_once(": ").unwrap();
                let (names, account) = match names.split_once(" for ") {
                    Some((names, account)) => (names, Account::of(account)),
                    None => (names, Account::owner()),
                };
                let people: Vec<Person> = names.split(" and ").map(|name| self.person(name)).collect();
                self.conversation.deliver_among(&account, &people[0], &people[1..], body);
            }
            ("time", time) => {
                let local: jiff::civil::DateTime = time.replacen(' ', "T", 1).parse().unwrap();
                self.conversation.tell_time(local.to_zoned(TimeZone::UTC).unwrap().timestamp());
            }
            ("car", "parked") => self.drive(Driving::Parked),
            ("car", "moving") => self.drive(Driving::Moving),
            ("restart", _) => self.restart(),
            ("touch", what) => self.touch(what),
            _ => panic!("a script has no line like {line:?}"),
        }
        self.conversation.read_replies();
    }

    /// What the page shows.
    fn page(&mut self) -> State {
        self.conversation.state(Microphone::Waiting)
    }

    fn drive(&mut self, driving: Driving) {
        runtime::drive(&self.store, driving).unwrap();
        self.conversation.refresh().unwrap();
    }

    fn touch(&mut self, what: &str) {
        let seen = self.page().version;
        let (version, what) = what.strip_prefix("late ").map_or((seen, what), |what| (seen.wrapping_sub(1), what));
        let (word, rest) = what.split_once(' ').unwrap_or((what, ""));
        let contact = |name: &str| self.person(name).contact_id.unwrap();
        let act = match word {
            "yes" => Act::Yes,
            "no" => Act::No,
            "stop" => Act::Stop,
            "undo" => Act::Undo,
            "repeat" => Act::Repeat,
            "edit" => Act::Edit { body: rest.to_owned() },
            "choose" => Act::Choose { contact: contact(rest) },
            "point" => Act::Point { contact: contact(rest) },
            "pin" => return self.enter(rest),
            "chip" => Act::Chip { id: self.chip(rest) },
            "dismiss" => Act::Dismiss { id: self.chip(rest) },
            "write" => {
                let (name, body) = rest.split_once(": ").unwrap();
                Act::Write { contact: contact(name), body: body.to_owned() }
            }
            _ => panic!("nobody can touch {word:?}"),
        };
        let result = self.conversation.touch(Touch { version: Some(version), act });
        self.conversation.read_replies();
        let page = self.page();
        let shown = page.proposed.map_or("nothing".to_owned(), |proposed| {
            let to: Vec<&str> = proposed.to.iter().map(|named| named.name.as_str()).collect();
            let choices: Vec<&str> = proposed.choices.iter().map(|named| named.name.as_str()).collect();
            let body = proposed.body.unwrap_or_default();
            format!("{}? {} to [{}] {} {body:?}", proposed.asks, proposed.kind, to.join(", "), choices.join(" or "))
        });
        let chips: Vec<&str> = page.chips.iter().map(|chip| chip.label.as_str()).collect();
        let shown = if chips.is_empty() { shown } else { format!("{shown}; [{}]", chips.join("] [")) };
        self.touched = match result {
            Ok(()) => format!("  page  {shown}\n"),
            Err(error) => format!("  page  refused ({error:?}): {shown}\n"),
        };
    }

    fn enter(&mut self, pin: &str) {
        let result = self.conversation.enter_pin(pin);
        self.touched = format!("  page  {result:?}\n");
    }

    /// Lets somebody be paid.
    fn trust(&self, name: &str) {
        let config = &self.config.pay;
        let payments = Payments::open(Rc::clone(&self.store), Rules::new(config), None);
        if !payments.has_pin().unwrap() {
            payments.set_pin(None, PIN).unwrap();
        }
        let contact = ContactId(self.person(name).contact_id.unwrap());
        let payee = Payee::typed(contact, "M. Petit", "FR1420041010050500013M02606", "").unwrap();
        payments.trust(&payee, PIN).unwrap();
    }

    /// The chip that is called so, or the first of a kind.
    fn chip(&mut self, label: &str) -> String {
        let chips = self.page().chips;
        let found = chips.iter().find(|chip| chip.label == label || chip.kind == label);
        found.map_or_else(|| panic!("no chip {label:?} of {chips:?}"), |chip| chip.id.clone())
    }

    fn person(&self, name: &str) -> Person {
        let found = Book::open(&self.store).unwrap().resolve(name, None, Surroundings::default());
        Person::on_local(found.candidates[0].id.0, found.candidates[0].name.clone())
    }

    /// Herald ends and starts again; what it shows of the house then is told.
    fn restart(&mut self) {
        let log = EventLog::none().to_writer(Box::new(self.out.clone()));
        self.conversation = Conversation::open(&self.config, Rc::clone(&self.store), log).unwrap();
        self.now_ms = 0;
        let volume = self.conversation.volume();
        if volume != USUAL_VOLUME {
            self.conversation.log(&LogEvent::Volume { level: volume });
        }
    }

    fn wait(&mut self, seconds: u64) {
        // A long wait in longer steps: nothing in it is finer than a second.
        let step_ms = if seconds > 20 { 1_000 } else { 10 };
        for _ in 0..seconds * 1_000 / step_ms {
            self.now_ms += step_ms;
            self.conversation.advance(self.now_ms);
            self.conversation.read_replies();
        }
    }

    /// The events since the last call, a line each.
    pub fn events(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.events.lock().unwrap())).unwrap()
    }

    /// What happened since the last call, in the words of the scripts.
    fn told(&self) -> String {
        let mut told = String::new();
        for line in self.events().lines() {
            match tell(line) {
                Line::Reply { text, .. } => writeln!(told, "  bot   {text}").unwrap(),
                Line::Action { kind, to, body } => writeln!(told, "  {kind:<5} {}: {body}", to.join(", ")).unwrap(),
                Line::Outcome { status, .. } if status != "queued" => writeln!(told, "  done  {status}").unwrap(),
                Line::Fault { message } => writeln!(told, "  fault {message}").unwrap(),
                Line::Other => told.push_str(&house(line)),
                Line::Outcome { .. } | Line::Incoming { .. } | Line::Intent { .. } => {}
            }
        }
        told
    }
}

/// What an event tells of the house.
fn house(line: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(line).unwrap();
    match event["type"].as_str().unwrap() {
        "chime" => "  chime\n".to_owned(),
        "microphone" => format!("  mic   {}\n", if event["muted"] == true { "off" } else { "on" }),
        "volume" => format!("  vol   {}\n", event["level"]),
        _ => String::new(),
    }
}

/// "NAME NUMBER" as a card.
fn card(line: &str) -> Option<String> {
    let (name, number) = line.rsplit_once(' ')?;
    Some(format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\nTEL;VALUE=uri:tel:{number}\r\nEND:VCARD\r\n"))
}

/// "NAME MONTHDAY" as a card.
fn birthday(line: &str) -> Option<String> {
    let (name, day) = line.rsplit_once(' ')?;
    Some(format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\nBDAY:--{day}\r\nEND:VCARD\r\n"))
}

fn is_header(line: &str) -> bool {
    line.is_empty()
        || ["#", "profile ", "lang ", "set ", "contact ", "birthday ", "payee "].iter().any(|key| line.starts_with(key))
}

/// The lines of a script that are played.
pub(super) fn lines(script: &str) -> impl Iterator<Item = &str> {
    script.lines().filter(|line| !line.starts_with("  ") && !is_header(line))
}

/// Plays a script and returns it with what really came of it.
fn play(script: &str) -> String {
    let header =
        |key: &str| script.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned());
    let lang = header("lang ").map(|lang| lang.parse::<LangChoice>().unwrap());
    // Scripts tell their times as they are on the clock of the house.
    let zone = ("HERALD_ANNOUNCE_TIME_ZONE".to_owned(), "UTC".to_owned());
    let set = script.lines().filter_map(|line| line.strip_prefix("set ")).map(|line| {
        let (key, value) = line.split_once(" = ").unwrap();
        (format!("HERALD_{}", key.replacen('.', "_", 1).to_ascii_uppercase()), value.to_owned())
    });
    let environment = set.chain([zone]).collect();
    let sources = Sources { profile: header("profile "), lang, environment, cores: 2, ..Sources::default() };
    let cards: String = script
        .lines()
        .filter_map(|line| match line.strip_prefix("contact ") {
            Some(contact) => card(contact),
            None => birthday(line.strip_prefix("birthday ")?),
        })
        .collect();
    let mut stage = Stage::new(&config::load(&sources).unwrap().config, &cards);
    script.lines().filter_map(|line| line.strip_prefix("payee ")).for_each(|name| stage.trust(name));
    let mut played = String::new();
    for line in script.lines().filter(|line| !line.starts_with("  ")) {
        played.push_str(line);
        played.push('\n');
        if !is_header(line) {
            stage.act(line);
            played.push_str(&stage.told());
            played.push_str(&std::mem::take(&mut stage.touched));
        }
    }
    played
}

/// The scripts in a language, by the paths of their files.
pub(super) fn scripts_in(lang: &str) -> Vec<(PathBuf, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/dialogues");
    let mut found = Vec::new();
    scripts(&dir, &mut found);
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    // The one script in which both languages are spoken counts as English.
    found.retain(|path| name(path).starts_with("fr_") == (lang == "fr"));
    found.sort();
    assert!(found.len() >= 60, "only {} scripts below {}", found.len(), dir.display());
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
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
fn every_english_script_is_played_as_written() {
    play_scripts_in("en");
}

#[test]
fn every_french_script_is_played_as_written() {
    play_scripts_in("fr");
}

fn play_scripts_in(lang: &str) {
    let found = scripts_in(lang);
    let mut wrong = Vec::new();
    for (path, written) in &found {
        let played = play(written);
        if played != *written {
            if std::env::var_os("UPDATE").is_some() {
                fs::write(path, &played).unwrap();
            }
            wrong.push(format!("{}\n--- written\n{written}--- played\n{played}", path.display()));
        }
    }
    println!("{} scripts", found.len());
    assert!(wrong.is_empty(), "{} of {} scripts differ:\n{}", wrong.len(), found.len(), wrong.join("\n"));
}
