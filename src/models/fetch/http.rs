//! Downloads that survive a cut: what is there is kept, the rest is asked for with a `Range`.
//!
//! `ureq` does HTTP and TLS; resuming is ours, because it depends on what the server answers.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
    time::Duration,
};

use ureq::{Agent, Error, Timeout, http::Response};

use super::{Failure, Reporter};

/// Time to find and reach a server.
const CONNECT: Duration = Duration::from_secs(10);
/// Time until a server answers, and longest pause while it sends.
const PAUSE: Duration = Duration::from_secs(30);
/// Attempts that bring nothing new before a source is given up.
const IDLE_ATTEMPTS: u32 = 3;
/// Attempts in all.
const ATTEMPTS: u32 = 100;
/// Bytes written at once.
const PIECE: usize = 64 * 1024;

/// Downloads files; a host that cannot be reached is not tried again.
pub(super) struct Client {
    agent: Agent,
    unreachable: RefCell<HashSet<String>>,
}

/// How an attempt ended, if not well.
enum Broken {
    /// Worth another attempt.
    Again(String),
    /// Not worth one.
    GiveUp(Failure),
}

/// Returns the host (and port) of an address.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

impl Client {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(PAUSE))
            .timeout_per_read(Some(PAUSE))
            .http_status_as_error(false)
            .user_agent(concat!("herald/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), unreachable: RefCell::default() }
    }

    /// Downloads `url` to `part`, going on with what is there. `expected` is the exact size, if known.
    pub(super) fn download(
        &self,
        url: &str,
        part: &Path,
        expected: Option<u64>,
        reporter: &dyn Reporter,
    ) -> Result<(), Failure> {
        let host = host(url);
        if self.unreachable.borrow().contains(host) {
            return Err(Failure::Source(format!("{host} could not be reached before")));
        }
        let mut most = size(part);
        let mut idle = 0;
        for _ in 0..ATTEMPTS {
            match self.attempt(url, part, expected, reporter) {
                Ok(()) => return Ok(()),
                Err(Broken::GiveUp(failure)) => return Err(failure),
                Err(Broken::Again(reason)) => {
                    let now = size(part);
                    idle = if now > most { 0 } else { idle + 1 };
                    most = most.max(now);
                    if idle == IDLE_ATTEMPTS {
                        return Err(Failure::Source(format!("{host}: {reason}")));
                    }
                }
            }
        }
        Err(Failure::Source(format!("{host} was cut {ATTEMPTS} times")))
    }

    fn attempt(&self, url: &str, part: &Path, expected: Option<u64>, reporter: &dyn Reporter) -> Result<(), Broken> {
        let mut have = size(part);
        if expected == Some(have) {
            return Ok(());
        }
        if expected.is_some_and(|expected| have > expected) {
            empty(part)?;
            have = 0;
        }
        // A compressed answer could not be resumed or measured.
        let mut request = self.agent.get(url).header("Accept-Encoding", "identity");
        if have > 0 {
            request = request.header("Range", format!("bytes={have}-"));
        }
        let response = request.call().map_err(|error| self.no_answer(host(url), &error))?;
        let start = place(&response, have, host(url)).inspect_err(|broken| {
            // A server that answers a part with something else gets a fresh start.
            if matches!(broken, Broken::Again(_)) && matches!(response.status().as_u16(), 206 | 416) {
                drop(fs::remove_file(part));
            }
        })?;
        let total = header(&response, "content-length").and_then(|len| len.parse::<u64>().ok()).map(|len| start + len);
        if let (Some(expected), Some(total)) = (expected, total)
            && expected != total
        {
            return Err(give_up(format!("{} offers {total} bytes instead of {expected}", host(url))));
        }
        if start == 0 {
            empty(part)?;
        }
        let got = receive(response, part, start, expected, reporter)?;
        match expected.or(total) {
            Some(total) if got < total => {
                Err(Broken::Again(format!("the connection ended after {got} of {total} bytes")))
            }
            _ => Ok(()),
        }
    }

    /// Tells what a request without an answer means.
    fn no_answer(&self, host: &str, error: &Error) -> Broken {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, Interrupted, TimedOut, UnexpectedEof};
        // A connection that broke may be tried again; every other failure of the system means that there was none.
        let (reason, passing) = if let Error::Io(error) = error {
            let broke = matches!(
                error.kind(),
                BrokenPipe | ConnectionAborted | ConnectionReset | Interrupted | TimedOut | UnexpectedEof
            );
            (error.to_string(), broke)
        } else {
            let silent = matches!(error, Error::Protocol(_) | Error::Timeout(Timeout::RecvResponse | Timeout::PerRead));
            (error.to_string(), silent)
        };
        if passing {
            return Broken::Again(reason);
        }
        self.unreachable.borrow_mut().insert(host.to_owned());
        give_up(format!("{host} cannot be reached ({reason})"))
    }
}

fn give_up(reason: String) -> Broken {
    Broken::GiveUp(Failure::Source(reason))
}

fn header<'a, T>(response: &'a Response<T>, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// Returns the place in the file at which the answer begins.
fn place<T>(response: &Response<T>, have: u64, host: &str) -> Result<u64, Broken> {
    match response.status().as_u16() {
        200 => Ok(0),
        206 => {
            // `bytes FROM-TO/TOTAL`
            let from = header(response, "content-range")
                .and_then(|range| range.strip_prefix("bytes "))
                .and_then(|range| range.split('-').next())
                .and_then(|from| from.parse::<u64>().ok());
            if from == Some(have) { Ok(have) } else { Err(Broken::Again("another part than asked for".to_owned())) }
        }
        416 => Err(Broken::Again("there is no such part".to_owned())),
        status @ (408 | 429 | 500..=599) => Err(Broken::Again(format!("HTTP status {status}"))),
        status => Err(give_up(format!("{host} answers HTTP status {status}"))),
    }
}

/// Appends the answer's body to `part`; returns the file's size then.
fn receive(
    response: Response<ureq::Body>,
    part: &Path,
    start: u64,
    expected: Option<u64>,
    reporter: &dyn Reporter,
) -> Result<u64, Broken> {
    let write = |source| Broken::GiveUp(Failure::Write { path: part.to_owned(), source });
    let mut file = File::options().create(true).append(true).open(part).map_err(write)?;
    let mut body = response.into_body().into_reader();
    let mut piece = vec![0; PIECE];
    let mut got = start;
    loop {
        reporter.at(got);
        let count = match body.read(&mut piece) {
            Ok(0) => return Ok(got),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Again(format!("cut after {got} bytes ({error})"))),
        };
        got += count as u64;
        if let Some(expected) = expected.filter(|&expected| got > expected) {
            empty(part)?;
            return Err(give_up(format!("sends more than {expected} bytes")));
        }
        file.write_all(&piece[..count]).map_err(write)?;
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

fn empty(path: &Path) -> Result<(), Broken> {
    File::create(path).map(drop).map_err(|source| Broken::GiveUp(Failure::Write { path: path.to_owned(), source }))
}
