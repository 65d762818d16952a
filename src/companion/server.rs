//! Who is let in, addresses, encryption, time limits.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use axum::{
    Router,
    extract::{Request, State as Shared},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::Response,
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use jiff::Timestamp;
use tokio::sync::{oneshot, watch};

use super::{
    Setting, State, Touch, api,
    certificate::Certificate,
    pairing,
    records::{self, Desk},
    refusal::Refusal,
};
use crate::{
    action::{ConversationId, DeskError, Household, MessageId, pay::Rules, web},
    config::{Config, PageFor, PayMethod},
    store::StoreError,
    telemetry::Redacted,
};

/// No request of the page is longer.
const LONGEST_BODY: usize = 64 * 1024;
/// Touches that may wait for the dialogue.
const WAITING: usize = 16;

/// Nothing but the page's own files, no other page around it, and text that is never taken for a program.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompanionError {
    /// Somebody else has the port.
    #[error("the companion page cannot use port {port}: {source}")]
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
    #[error("the companion page cannot start a thread: {0}")]
    Thread(io::Error),
    /// The certificate of this device.
    #[error("{}: {reason}; delete companion.crt and companion.key, and pair again", path.display())]
    Certificate {
        /// Which file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl From<DeskError> for CompanionError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Store(error) => Self::Store(error),
            DeskError::Thread(error) => Self::Thread(error),
        }
    }
}

/// What somebody on the page wants of the conversation.
#[derive(Debug)]
pub enum Wish {
    /// An answer, or something new.
    Touch(Touch),
    /// Another volume, the microphone, the car.
    Set(Setting),
    /// The PIN for the payment that waits for it.
    Pin(Redacted<String>),
    /// These were read on the page.
    Read {
        /// Where.
        conversation: ConversationId,
        /// Up to which.
        last: MessageId,
    },
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It counts; what is true now.
    Done(State),
    /// Somebody was quicker; what is true now.
    Stale(State),
    /// It means nothing, or nobody may do it now.
    Refused,
    /// The setting of this name has no such value.
    Invalid(&'static str),
    /// The PIN is wrong; so many tries are left.
    WrongPin(u32),
    /// Too many PINs were wrong; so many seconds to wait.
    Locked(u64),
}

/// A wish that waits for an answer.
#[derive(Debug)]
pub struct Touched {
    /// What is wanted.
    pub wish: Wish,
    answer: oneshot::Sender<Answer>,
}

impl Touched {
    /// Answers it; whoever asked may have gone.
    pub fn answer(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

/// What every request can use.
#[derive(Clone)]
pub(super) struct App {
    pub state: watch::Receiver<Arc<State>>,
    pub level: Arc<AtomicU32>,
    pub desk: Desk,
    /// Pages that follow what happens.
    pub followers: Arc<AtomicUsize>,
    /// Changes whenever a device is let in no more.
    pub revoked: watch::Sender<u64>,
    touches: SyncSender<Touched>,
    /// Whether figures are kept for the owner.
    pub has_figures: bool,
    /// How money moves.
    pub method: PayMethod,
    /// `http` or `https`.
    pub scheme: &'static str,
    host_name: String,
}

impl App {
    /// Has the conversation take in a wish.
    pub async fn wish(&self, wish: Wish) -> Result<Answer, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.touches.try_send(Touched { wish, answer }).map_err(|_| Refusal::Busy)?;
        answered.await.map_err(|_| Refusal::Busy)
    }
}

/// The page, as the conversation has it.
pub struct Page {
    state: watch::Sender<Arc<State>>,
    level: Arc<AtomicU32>,
    touches: Receiver<Touched>,
    handle: Handle<SocketAddr>,
    thread: Option<JoinHandle<()>>,
    link: String,
    fingerprint: Option<String>,
}

impl Page {
    /// Starts to serve it.
    ///
    /// # Errors
    /// [`CompanionError`]; then there is none.
    pub fn open(config: &Config, data_dir: &Path, household: &Household, first: State) -> Result<Self, CompanionError> {
        let (has_figures, rules) = (config.telemetry.stats, Rules::new(&config.pay));
        let config = &config.companion;
        let unbound = |source| CompanionError::Port { port: config.port, source };
        let is_home = config.page == PageFor::Home;
        let ip = if is_home { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let listener = TcpListener::bind((ip, config.port)).map_err(unbound)?;
        listener.set_nonblocking(true).map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        let host_name = host_name();
        let own = if is_home { own_address() } else { IpAddr::V4(Ipv4Addr::LOCALHOST) };
        let certificate =
            is_home.then(|| Certificate::open(data_dir, std::slice::from_ref(&host_name), &[own])).transpose()?;
        let tls = certificate.as_ref().map(Certificate::server).transpose()?.map(RustlsConfig::from_config);
        let scheme = if is_home { "https" } else { "http" };

        let (state, seen) = watch::channel(Arc::new(first));
        let (touches_in, touches) = sync_channel(WAITING);
        let level = Arc::new(AtomicU32::new(0));
        let app = App {
            state: seen,
            level: Arc::clone(&level),
            desk: records::desk(data_dir, household, rules)?,
            followers: Arc::default(),
            revoked: watch::Sender::new(0),
            touches: touches_in,
            has_figures,
            method: rules.method,
            scheme,
            host_name,
        };
        let handle = Handle::new();
        let served = handle.clone();
        let work = move || {
            if let Err(error) = web::serve(listener, tls, served, router(app), async {}) {
                tracing::error!(%error, "the companion page has ended");
            }
        };
        let thread =
            thread::Builder::new().name("herald-page".to_owned()).spawn(work).map_err(CompanionError::Thread)?;
        let link = format!("{scheme}://{}", SocketAddr::new(own, address.port()));
        let fingerprint = certificate.map(|certificate| certificate.fingerprint());
        Ok(Self { state, level, touches, handle, thread: Some(thread), link, fingerprint })
    }

    /// Where it is: what to type into a browser.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// SHA-256 of its certificate, where it has one.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// Shows what is true from now on.
    pub fn show(&self, state: State) {
        self.state.send_if_modified(|shown| {
            let is_new = **shown != state;
            if is_new {
                *shown = Arc::new(state);
            }
            is_new
        });
    }

    /// Shows how loud it is at the microphone, 0 to 1.
    pub fn show_level(&self, level: f32) {
        self.level.store(level.to_bits(), Relaxed);
    }

    /// What somebody wants, if anybody does.
    pub fn touched(&self) -> Option<Touched> {
        self.touches.try_recv().ok()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.handle.shutdown();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn router(app: App) -> Router {
    let guarded = api::routes().layer(middleware::from_fn_with_state(app.clone(), guard));
    web::limited(guarded, LONGEST_BODY).with_state(app)
}

/// What needs a token: all but the page's own files.
fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path == "/metrics"
}

/// The id of the device that asks, for what comes after the guard.
#[derive(Clone)]
pub(super) struct Caller(pub String);

/// Lets in who may come in, and tells the browser what it may do with the answer.
async fn guard(Shared(app): Shared<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let is_api = is_api(request.uri().path());
    let response = match admit(&app, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.told(&headers),
    };
    with_headers(response, is_api)
}

async fn admit(app: &App, request: &mut Request) -> Result<(), Refusal> {
    let path = request.uri().path();
    let is_api = is_api(path);
    if !web::is_own_host(request.headers(), &app.host_name) || !is_own_origin(app, request.headers(), is_api) {
        return Err(Refusal::Foreign);
    }
    if !is_api {
        return if request.method() == Method::GET { Ok(()) } else { Err(Refusal::Foreign) };
    }
    if path == "/api/pair" {
        return Ok(());
    }
    let is_for_drivers = path == "/api/live" || path == "/api/touch" || path == "/api/settings";
    let token = web::bearer(request.headers()).map(str::to_owned).ok_or(Refusal::Unknown)?;
    let now_ms = Timestamp::now().as_millisecond();
    let device = app.desk.ask(move |records| pairing::device_of(&records.store, now_ms, &token)).await?;
    request.extensions_mut().insert(Caller(device.ok_or(Refusal::Unknown)?));
    if app.state.borrow().moving && !is_for_drivers {
        return Err(Refusal::Moving);
    }
    Ok(())
}

/// Whether the page itself sent it. A link from elsewhere may lead to the page, but to nothing behind it.
fn is_own_origin(app: &App, headers: &HeaderMap, is_api: bool) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let host = text(header::HOST).unwrap_or_default();
    let own = format!("{}://{host}", app.scheme);
    let is_own = text(header::ORIGIN).is_none_or(|origin| origin == own);
    let site = text(HeaderName::from_static("sec-fetch-site"));
    is_own && (!is_api || site.is_none_or(|site| site == "same-origin" || site == "none"))
}

fn with_headers(mut response: Response, is_api: bool) -> Response {
    let headers = response.headers_mut();
    let mut say = |name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    };
    say("content-security-policy", POLICY);
    say("x-content-type-options", "nosniff");
    say("referrer-policy", "no-referrer");
    say("cross-origin-opener-policy", "same-origin");
    say("cross-origin-resource-policy", "same-origin");
    say("cache-control", if is_api { "no-store" } else { "no-cache" });
    response
}

/// What this device is called on the home network (multicast DNS).
fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "herald".to_owned());
    format!("{}.local", name.trim().split('.').next().unwrap_or("herald").to_ascii_lowercase())
}

/// The address of this device on its network. Nothing is sent: the system only says which way it would go.
fn own_address() -> IpAddr {
    let asked = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        // An address reserved for documentation (RFC 5737).
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    asked.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip())
}
