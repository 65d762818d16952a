//! The server: who is let in, who follows what, and whether somebody is there.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::Path,
    rc::Rc,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, State as Shared},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::Response,
};
use axum_server::Handle;
use jiff::{Timestamp, tz::TimeZone};
use tokio::{sync::watch, time};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{api, bot::Bot, limits::Limit, refusal::Refusal, token::Key, visits::Visits};
use crate::{
    action::{Desk, DeskError, Unanswered, web},
    config::{self, Config},
    store::{Store, StoreError},
};

/// No request of the window is longer: 2,000 characters, of four bytes at most.
const LONGEST_BODY: usize = 8 * 1024 + 512;
/// Requests that may wait for the database.
const WAITING: usize = 1_024;
/// Windows that may be open at once, and of one visit.
const STREAMS: usize = 500;
const STREAMS_OF_ONE: usize = 8;
/// Messages a minute of one visit, and new visits a minute from one address.
const MESSAGES_A_MINUTE: u32 = 30;
const VISITS_A_MINUTE: u32 = 20;
/// The owner's answers are looked for this often: SQLite's counter costs a few microseconds.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Whether somebody is there is looked at this often.
const THERE_EVERY: Duration = Duration::from_secs(1);
/// Old visits are deleted this often.
const FORGET_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// How long a browser need not ask again what the shop's page may do, seconds.
const PREFLIGHT: Duration = Duration::from_secs(600);

/// The settings key of where the server is; empty: it is not.
const LINK: &str = "chat.link";

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// Somebody else has the port.
    #[error("the chat cannot use port {port}: {source}")]
    Port {
        /// Which.
        port: u16,
        /// Why not.
        source: io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread cannot be started.
    #[error("the chat cannot start a thread: {0}")]
    Thread(io::Error),
}

impl From<DeskError> for ChatError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Store(error) => Self::Store(error),
            DeskError::Thread(error) => Self::Thread(error),
        }
    }
}

/// Where the server is, for whoever asks from another process; empty: it is not.
///
/// # Errors
/// [`StoreError`] when the database cannot be read.
pub fn link(store: &Store) -> Result<String, StoreError> {
    Ok(store.setting(LINK)?.unwrap_or_default())
}

/// What every request can use.
#[derive(Clone)]
pub(super) struct App {
    pub desk: Desk<Visits>,
    pub key: Key,
    pub config: Arc<config::Chat>,
    pub bot: Arc<Bot>,
    pub there: watch::Receiver<bool>,
    windows: Arc<Mutex<HashMap<String, Windows>>>,
    limits: Arc<Mutex<(Limit, Limit)>>,
    started: Instant,
}

/// The open windows of one visit.
struct Windows {
    newest: watch::Sender<i64>,
    count: usize,
}

/// An open window, until it is dropped.
pub(super) struct Window {
    pub newest: watch::Receiver<i64>,
    visitor: String,
    windows: Arc<Mutex<HashMap<String, Windows>>>,
}

impl Drop for Window {
    fn drop(&mut self) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of) = windows.get_mut(&self.visitor) {
            of.count -= 1;
            if of.count == 0 {
                windows.remove(&self.visitor);
            }
        }
    }
}

impl App {
    /// Opens a window of a visit.
    pub fn follow(&self, visitor: &str) -> Result<Window, Refusal> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let open: usize = windows.values().map(|of| of.count).sum();
        let of = windows.entry(visitor.to_owned());
        let of = of.or_insert_with(|| Windows { newest: watch::Sender::new(0), count: 0 });
        if open >= STREAMS || of.count >= STREAMS_OF_ONE {
            if of.count == 0 {
                windows.remove(visitor);
            }
            return Err(Refusal::Busy);
        }
        of.count += 1;
        let newest = of.newest.subscribe();
        drop(windows);
        Ok(Window { newest, visitor: visitor.to_owned(), windows: Arc::clone(&self.windows) })
    }

    /// Tells the windows of a visit that there are lines up to a place.
    pub fn tell(&self, visitor: &str, newest: i64) {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of) = windows.get(visitor) {
            of.newest.send_modify(|known| *known = newest.max(*known));
        }
    }

    fn is_followed(&self) -> bool {
        !self.windows.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Counts a message of a visit.
    pub fn count_message(&self, visitor: &str) -> Result<(), Refusal> {
        self.limits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .count(visitor, self.now_ms())
            .map_err(Refusal::TooMany)
    }

    /// Counts a new visit from an address.
    pub fn count_visit(&self, address: IpAddr) -> Result<(), Refusal> {
        // Who has one address of version 6 has a network of them.
        let name = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{:?}", &address.segments()[..4]),
        };
        self.limits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .count(&name, self.now_ms())
            .map_err(Refusal::TooMany)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The server, as long as it is held.
pub struct Site {
    attended: Arc<AtomicBool>,
    handle: Handle<SocketAddr>,
    thread: Option<JoinHandle<()>>,
    link: String,
}

impl Site {
    /// Starts to serve visitors of the configured pages, and writes down where.
    ///
    /// # Errors
    /// [`ChatError`]; then there is no server.
    pub fn open(config: &Config, data_dir: &Path) -> Result<Self, ChatError> {
        let chat = Arc::new(config.chat.clone());
        let unbound = |source| ChatError::Port { port: chat.port, source };
        let listener = TcpListener::bind((chat.address, chat.port)).map_err(unbound)?;
        listener.set_nonblocking(true).map_err(unbound)?;
        let own = listener.local_addr().map_err(unbound)?;
        let link = if chat.link.is_empty() { format!("http://{own}") } else { chat.link.clone() };

        let store = Store::open(data_dir)?;
        let key = Visits::new(Rc::new(store)).key()?;
        let dir = data_dir.to_owned();
        let desk = Desk::open("herald-visits", WAITING, move || Ok(Visits::new(Rc::new(Store::open(&dir)?))))?;
        Store::open(data_dir)?.set_setting(LINK, &link)?;

        let attended = Arc::new(AtomicBool::new(true));
        let (is_there, there) = watch::channel(false);
        let limits = (Limit::a_minute(MESSAGES_A_MINUTE), Limit::a_minute(VISITS_A_MINUTE));
        let app = App {
            desk,
            key,
            bot: Arc::new(Bot::new(&chat)),
            config: chat,
            there,
            windows: Arc::default(),
            limits: Arc::new(Mutex::new(limits)),
            started: Instant::now(),
        };
        let zone = &config.announce.time_zone;
        let named = Some(zone.as_str()).filter(|name| !name.is_empty()).and_then(|name| TimeZone::get(name).ok());
        let zone = named.unwrap_or_else(TimeZone::system);
        let watch = watch_over(app.clone(), Arc::clone(&attended), is_there, zone);
        let handle = Handle::new();
        let served = handle.clone();
        let work = move || {
            if let Err(error) = web::serve(listener, None, served, router(app), watch) {
                tracing::error!(%error, "the chat has ended");
            }
        };
        let thread = thread::Builder::new().name("herald-chat".to_owned()).spawn(work).map_err(ChatError::Thread)?;
        Ok(Self { attended, handle, thread: Some(thread), link })
    }

    /// Where it is: what stands before `/chat.js` in the page.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// Says whether the owner would hear a visitor now; the opening hours count beside it.
    pub fn attend(&self, is_attended: bool) {
        self.attended.store(is_attended, Relaxed);
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Tells windows what is new in the database, and whether somebody is there; deletes old visits.
async fn watch_over(app: App, attended: Arc<AtomicBool>, is_there: watch::Sender<bool>, zone: TimeZone) {
    let (mut looks, mut theres) = (time::interval(LOOK_EVERY), time::interval(THERE_EVERY));
    let mut forgets = time::interval(FORGET_EVERY);
    looks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let (mut version, mut seen) = (0, 0);
    loop {
        tokio::select! {
            _ = looks.tick() => if app.is_followed() {
                match app.desk.ask(move |visits| changes(visits, version, seen)).await {
                    Ok((now, newest, changed)) => {
                        (version, seen) = (now, newest);
                        changed.iter().for_each(|(visitor, newest)| app.tell(visitor, *newest));
                    }
                    Err(unanswered) => failed(unanswered).await,
                }
            },
            _ = theres.tick() => {
                let now = Timestamp::now().to_zoned(zone.clone()).datetime();
                let is = attended.load(Relaxed) && app.config.hours.hold(now);
                is_there.send_if_modified(|was| std::mem::replace(was, is) != is);
            }
            _ = forgets.tick() => {
                let days = app.config.keep_days;
                let forgotten = app.desk.ask(move |visits| visits.forget_old(days, Timestamp::now().as_millisecond()));
                if let Err(unanswered) = forgotten.await {
                    failed(unanswered).await;
                }
            }
        }
    }
}

/// Says what no visitor is told, and not too often.
async fn failed(unanswered: Unanswered) {
    if let Unanswered::Store(error) = unanswered {
        tracing::error!(%error, "the chat cannot use the database");
    }
    time::sleep(THERE_EVERY).await;
}

type Changes = (i64, i64, Vec<(String, i64)>);

/// What another connection has written since a version and a place.
fn changes(visits: &mut Visits, version: i64, seen: i64) -> Result<Changes, StoreError> {
    let now = visits.version()?;
    if now == version {
        return Ok((now, seen, Vec::new()));
    }
    // At first everything is known: windows read what is there when they open.
    let changed = if version == 0 { Vec::new() } else { visits.changed_since(seen)? };
    Ok((now, visits.newest()?, changed))
}

fn router(app: App) -> Router {
    let origins: Vec<HeaderValue> =
        app.config.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
        .max_age(PREFLIGHT);
    let routes = api::routes().layer(cors).layer(middleware::from_fn_with_state(app.clone(), guard));
    web::limited(routes, LONGEST_BODY).with_state(app)
}

/// Lets in the shop's pages alone; the script itself is for everybody, as a page asks for it without saying who it is.
async fn guard(Shared(app): Shared<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let name = app.config.link.split_once("://").map_or("", |(_, host)| host);
    let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
    let is_script = request.uri().path() == api::SCRIPT;
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let is_shop = origin.is_some_and(|origin| app.config.origins.iter().any(|own| own == origin));
    let response = if web::is_own_host(headers, name) && (is_script || is_shop) {
        next.run(request).await
    } else {
        Refusal::Foreign.told(headers)
    };
    with_headers(response, is_script)
}

fn with_headers(mut response: Response, is_script: bool) -> Response {
    let headers = response.headers_mut();
    let mut say = |name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    };
    say("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    say("x-content-type-options", "nosniff");
    say("referrer-policy", "no-referrer");
    say("cross-origin-resource-policy", "cross-origin");
    say("cache-control", if is_script { "no-cache" } else { "no-store" });
    response
}
