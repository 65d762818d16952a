//! A busy shop: 200 visitors with a message each second for a minute, against the server and an owner's inbox and outbox.
//! Every tenth message is answered.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    rc::Rc,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Bencher, machine, scratch::Scratch};
use crate::{
    action::{Chat, EntryKind, Household, Inbox, Outbox, OutboxEntry, chat::Site},
    cli::{CommandError, Kind},
    config::Config,
    store::{Store, StoreError},
};

const BENCH: &str = "chat";
const VISITORS: usize = 200;
const MESSAGES: usize = 60;
const EVERY: Duration = Duration::from_secs(1);
const ORIGIN: &str = "https://shop.example";
/// The daemon looks at inbox and outbox so often.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// What is not there after this long is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// When memory is taken as that of a server at work.
const WARM: Duration = Duration::from_secs(10);

/// What visitors and owner have seen.
#[derive(Default)]
struct Seen {
    /// How long the server took for a message, milliseconds.
    posted_ms: Vec<f64>,
    /// When an answer was in the outbox.
    answered: HashMap<String, Instant>,
    /// How long it took from there into the window, milliseconds; and how often an answer came twice.
    shown_ms: Vec<f64>,
    shown: HashSet<String>,
    twice: usize,
}

type Book = Arc<Mutex<Seen>>;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let scratch = Scratch::new(&bencher.context.dirs.data)?;
    let mut config = bencher.context.config.clone();
    (config.chat.open, config.chat.port, config.chat.link) = (true, 0, String::new());
    config.chat.origins = vec![ORIGIN.to_owned()];
    let (seen, over) = (Book::default(), Arc::new(AtomicBool::new(false)));
    let site = Site::open(&config, scratch.path()).map_err(|error| CommandError::new(Kind::Unavailable, error))?;
    let link = site.link().to_owned();

    let store = Rc::new(Store::open(scratch.path())?);
    let mut owner = Owner::new(&config, &store)?;
    let started = Instant::now();
    let visitors: Vec<_> = (0..VISITORS)
        .map(|nth| {
            let (link, seen, over) = (link.clone(), Arc::clone(&seen), Arc::clone(&over));
            let visit = move || Visitor::begin(link, nth).and_then(|visitor| visitor.chat(&seen, &over));
            thread::Builder::new().name("visitor".to_owned()).stack_size(256 * 1_024).spawn(visit)
        })
        .collect::<Result<_, _>>()
        .map_err(|error| CommandError::new(Kind::Internal, error))?;

    let wanted = VISITORS * MESSAGES;
    let (mut warm_mb, mut quiet_since) = (None, Instant::now());
    while quiet_since.elapsed() < PATIENCE {
        let before = owner.received.len();
        owner.look(&seen)?;
        if owner.received.len() > before {
            quiet_since = Instant::now();
        }
        if warm_mb.is_none() && started.elapsed() > WARM {
            warm_mb = machine::resident_mb();
        }
        let awaited = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if owner.received.len() >= wanted && awaited.shown.len() >= awaited.answered.len() {
            break;
        }
        drop(awaited);
        thread::sleep(LOOK_EVERY);
    }
    let end_mb = machine::resident_mb();
    over.store(true, Relaxed);
    let failed = visitors.into_iter().filter_map(|visitor| visitor.join().ok()).filter(Result::is_err).count();

    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let distinct: HashSet<&String> = owner.received.iter().collect();
    let figure = |metric: &str, value: usize| {
        bencher.figure(BENCH, metric, f64::from(u32::try_from(value).unwrap_or(u32::MAX)), "")
    };
    figure("messages", wanted)?;
    figure("visitors that failed", failed)?;
    figure("lost", wanted.saturating_sub(distinct.len()))?;
    figure("twice", owner.received.len() - distinct.len())?;
    figure("answers", seen.answered.len())?;
    figure("answers lost", seen.answered.len().saturating_sub(seen.shown.len()))?;
    figure("answers twice", seen.twice)?;
    bencher.spread(BENCH, "message to 200", &mut seen.posted_ms)?;
    bencher.spread(BENCH, "outbox to window", &mut seen.shown_ms)?;
    drop(seen);
    match warm_mb.zip(end_mb) {
        Some((warm, end)) => bencher.figure(BENCH, "memory growth from second 10 on", end - warm, "MB"),
        None => Ok(()),
    }
}

/// What the daemon does, without a conversation.
struct Owner {
    inbox: Inbox,
    outbox: Outbox,
    network: Chat,
    received: Vec<String>,
    started: Instant,
}

impl Owner {
    fn new(config: &Config, store: &Rc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            inbox: Inbox::new(Rc::clone(store), Household::new(&config.general)),
            outbox: Outbox::new(Rc::clone(store))?,
            network: Chat::new(Rc::clone(store), config.general.lang),
            received: Vec::new(),
            started: Instant::now(),
        })
    }

    fn look(&mut self, seen: &Book) -> Result<(), CommandError> {
        self.inbox.receive(&mut self.network)?;
        for message in self.inbox.announce()? {
            if message.body.ends_with('0') {
                let (to, body) = (message.reply_to(), message.body.clone());
                let answer = OutboxEntry::about(EntryKind::Reply, message.id, message.conversation, to, body);
                self.outbox.queue(&answer)?;
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.answered.insert(answer.body, Instant::now());
            }
            self.received.push(message.body);
        }
        let now_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.outbox.tick(now_ms, &mut self.network)?;
        Ok(())
    }
}

struct Visitor {
    agent: ureq::Agent,
    link: String,
    token: String,
    nth: usize,
}

/// Why a visitor gave up.
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Visitor {
    fn begin(link: String, nth: usize) -> Result<Self, Failure> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = agent.post(format!("{link}/chat/visits")).header("Origin", ORIGIN);
        let mut answer = request.header("X-Forwarded-For", format!("192.0.2.{nth}")).send_empty()?;
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        let token = answer["token"].as_str().ok_or("no token")?.to_owned();
        Ok(Self { agent, link, token, nth })
    }

    /// Writes, and reads beside it.
    fn chat(self, seen: &Book, over: &Arc<AtomicBool>) -> Result<(), Failure> {
        let window = self.window()?;
        let (known, done) = (Arc::clone(seen), Arc::clone(over));
        let read = move || watch(window, &known, &done);
        let reader = thread::Builder::new().name("window".to_owned()).stack_size(256 * 1_024).spawn(read)?;
        for number in 0..MESSAGES {
            let begun = Instant::now();
            self.write(&format!("{}-{number}", self.nth), seen)?;
            thread::sleep(EVERY.saturating_sub(begun.elapsed()));
        }
        reader.join().map_err(|_| "the window broke")?;
        Ok(())
    }

    fn write(&self, body: &str, seen: &Book) -> Result<(), Failure> {
        let message = json!({"nonce": body, "body": body}).to_string();
        loop {
            let begun = Instant::now();
            let request = self.agent.post(format!("{}/chat/messages", self.link)).header("Origin", ORIGIN);
            let request = request.header("Authorization", format!("Bearer {}", self.token));
            let answer = request.content_type("application/json").send(&message)?;
            match answer.status().as_u16() {
                200 => {
                    let took_ms = begun.elapsed().as_secs_f64() * 1_000.0;
                    seen.lock().unwrap_or_else(PoisonError::into_inner).posted_ms.push(took_ms);
                    return Ok(());
                }
                // As the window does.
                429 | 503 => thread::sleep(EVERY),
                status => return Err(format!("status {status}").into()),
            }
        }
    }

    fn window(&self) -> Result<TcpStream, Failure> {
        let host = self.link.strip_prefix("http://").ok_or("no host")?;
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        let token = &self.token;
        let head = format!(
            "GET /chat/live HTTP/1.1\r\nHost: {host}\r\nOrigin: {ORIGIN}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        Ok(stream)
    }
}

/// Reads what a window is told until all is over.
fn watch(window: TcpStream, seen: &Book, over: &AtomicBool) {
    let (mut window, mut line) = (BufReader::new(window), String::new());
    while !over.load(Relaxed) {
        match window.read_line(&mut line) {
            Ok(0) => return,
            Ok(_) => {}
            // A second without a line.
            Err(_) => continue,
        }
        let told: Option<Value> = line.strip_prefix("data:").and_then(|data| serde_json::from_str(data).ok());
        line.clear();
        let Some(body) = told.as_ref().filter(|told| told["by"] == "shop").and_then(|told| told["body"].as_str())
        else {
            continue;
        };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.shown.insert(body.to_owned()) {
            seen.twice += 1;
        }
        if let Some(answered) = seen.answered.get(body).copied() {
            seen.shown_ms.push(answered.elapsed().as_secs_f64() * 1_000.0);
        }
    }
}
