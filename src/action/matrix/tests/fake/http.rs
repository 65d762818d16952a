//! HTTP/1.1 by hand, so that a connection can really be cut at any point.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{Instant, sleep, timeout_at},
};

use super::{Fault, client_api::Answer, server::Server};

/// What the tests and the server's thread share.
#[derive(Default)]
pub struct Shared {
    server: Mutex<Server>,
    /// The length of the log: wakes the syncs that wait.
    grown: watch::Sender<usize>,
    /// Every connection is cut when it is set, even to what it was.
    pub phase: watch::Sender<Phase>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    #[default]
    Up,
    Down,
    Stopped,
}

impl Shared {
    /// Does something with the server, alone.
    pub fn with<T>(&self, act: impl FnOnce(&mut Server) -> T) -> T {
        let mut server = self.server.lock().unwrap();
        let done = act(&mut server);
        self.grown.send_if_modified(|grown| std::mem::replace(grown, server.log.len()) < server.log.len());
        drop(server);
        done
    }

    /// Serves a connection until it is to be reset (true) or has ended.
    async fn serve(&self, stream: &mut TcpStream) -> io::Result<bool> {
        let mut received = Vec::new();
        while let Some(request) = Request::read(stream, &mut received).await? {
            let fault = self.with(|server| server.arrive(&request));
            if matches!(fault, Some(Fault::CutBefore)) {
                return Ok(true);
            }
            let (status, body) = match fault.as_ref().and_then(Fault::response) {
                Some(response) => response,
                None => match self.answer(&request).await {
                    Ok(value) => (200, value.to_string()),
                    Err((status, errcode)) => (status, refusal(errcode).to_string()),
                },
            };
            let length = body.len();
            let head = format!("HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {length}");
            let mut response = format!("{head}\r\n\r\n{body}").into_bytes();
            match fault {
                Some(Fault::CutAfter) => return Ok(true),
                Some(Fault::CutMidway) => {
                    response.truncate(response.len() - length.div_ceil(2));
                    // Not by a reset, which could take away what was just written.
                    return stream.write_all(&response).await.map(|()| false);
                }
                Some(Fault::Slow(wait)) => sleep(Duration::from_millis(wait)).await,
                _ => {}
            }
            stream.write_all(&response).await?;
        }
        Ok(false)
    }

    /// Answers at once, except a sync that has nothing new.
    async fn answer(&self, request: &Request) -> Answer {
        let wait = request.number("timeout").unwrap_or(0).min(60_000) as u64;
        let deadline = Instant::now() + Duration::from_millis(wait);
        let mut grown = self.grown.subscribe();
        loop {
            let answer = self.with(|server| server.answer(request));
            let is_news = !request.is_sync()
                || answer.as_ref().map_or(true, |sync| sync["next_batch"].as_str() != request.query("since"));
            if is_news || timeout_at(deadline, grown.changed()).await.is_err() {
                return answer;
            }
        }
    }
}

/// Accepts connections until the server is stopped.
pub async fn accept(shared: Arc<Shared>, listener: std::net::TcpListener) {
    let mut phase = shared.phase.subscribe();
    let listener = TcpListener::from_std(listener).unwrap();
    while *phase.borrow_and_update() != Phase::Stopped {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                tokio::spawn(connection(Arc::clone(&shared), stream));
            },
            _ = phase.changed() => {}
        }
    }
}

async fn connection(shared: Arc<Shared>, mut stream: TcpStream) {
    let mut phase = shared.phase.subscribe();
    let is_up = *phase.borrow() == Phase::Up;
    let is_reset = !is_up
        || tokio::select! {
            biased;
            _ = phase.changed() => true,
            ended = shared.serve(&mut stream) => ended.unwrap_or(true),
        };
    if is_reset {
        // Without lingering, to close is to reset. What fails here is closed already.
        let _ = stream.set_zero_linger();
    }
}

impl Fault {
    /// Returns the status and body with which a request is answered that is not processed.
    fn response(&self) -> Option<(u16, String)> {
        match self {
            Self::TooMany { retry_after_ms } => {
                let mut error = refusal("M_LIMIT_EXCEEDED");
                if let Some(wait) = retry_after_ms {
                    error["retry_after_ms"] = json!(wait);
                }
                Some((429, error.to_string()))
            }
            Self::ServerError(status) => Some((*status, "<html>no luck</html>".to_owned())),
            Self::Refuse { status, errcode } => Some((*status, refusal(errcode).to_string())),
            Self::Garbage => Some((200, "<html>please log in</html>".to_owned())),
            Self::CutBefore | Self::CutAfter | Self::CutMidway | Self::Slow(_) => None,
        }
    }
}

fn refusal(errcode: &str) -> Value {
    json!({ "errcode": errcode, "error": "the fake homeserver says so" })
}

/// A request over HTTP.
pub struct Request {
    pub method: String,
    /// The path's segments, decoded.
    pub path: Vec<String>,
    query: String,
    pub token: Option<String>,
    pub body: Vec<u8>,
}

impl Request {
    /// Reads the next one of a connection, which may have been received in part; `None` at the connection's end.
    async fn read(stream: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<Option<Self>> {
        loop {
            if let Some((request, length)) = Self::parse(received)? {
                received.drain(..length);
                return Ok(Some(request));
            }
            if stream.read_buf(received).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Returns the request at the beginning and its length, if it is complete. A body has a `content-length`.
    fn parse(received: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(start) = head.parse(received).map_err(io::Error::other)? else {
            return Ok(None);
        };
        let header = |name: &str| {
            let header = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(header.value).ok()
        };
        let end = start + header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let Some(body) = received.get(start..end) else { return Ok(None) };
        let (path, query) = head.path.and_then(|path| path.split_once('?')).unwrap_or((head.path.unwrap_or(""), ""));
        let decode = |segment: &str| percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let request = Self {
            method: head.method.unwrap_or("").to_owned(),
            path: path.split('/').skip(1).map(decode).collect(),
            query: query.to_owned(),
            token: header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned),
            body: body.to_vec(),
        };
        Ok(Some((request, end)))
    }

    /// Returns a parameter as it stands: those read here need no decoding.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        self.query(name)?.parse().ok()
    }

    /// Returns the place in the log that a parameter names.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.query(name)?.strip_prefix('s')?.parse().ok()
    }

    pub fn is_send(&self) -> bool {
        self.method == "PUT" && self.path.get(5).is_some_and(|segment| segment == "send")
    }

    pub fn is_sync(&self) -> bool {
        self.path.get(3).is_some_and(|segment| segment == "sync")
    }
}
