//! A server on the loopback that behaves as badly as asked.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// How one request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// With what is asked for.
    Well,
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// After so many bytes nothing more comes until the client goes away.
    Stall(usize),
    /// With the whole file, whatever part is asked for.
    NoRange,
    /// With other bytes of the same length.
    Lie,
    /// With this status.
    Status(u16),
}

/// A running server; it ends with the test process.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    /// Serves `body` under every path. Each request is answered by the next of `answers`, the last one for ever.
    pub fn start(body: &[u8], answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (body, answers, log) = (body.to_vec(), answers.to_vec(), Arc::clone(&requests));
        let serve = move || {
            for (number, stream) in listener.incoming().enumerate() {
                let answer = answers[number.min(answers.len() - 1)];
                // A client that goes away in the middle is part of the tests.
                let _ = respond(stream.unwrap(), &body, answer, &log);
            }
        };
        thread::Builder::new().name("server".to_owned()).spawn(serve).unwrap();
        Self { address, requests }
    }

    /// Returns the address of a file on the server.
    pub fn url(&self) -> String {
        format!("http://{}/file", self.address)
    }

    /// Returns, for each request so far, the byte from which on it asked.
    pub fn requests(&self) -> Vec<Option<usize>> {
        self.requests.lock().unwrap().clone()
    }
}

/// Returns an address at which nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/file", listener.local_addr().unwrap())
}

fn respond(mut stream: TcpStream, body: &[u8], answer: Answer, log: &Mutex<Vec<Option<usize>>>) -> std::io::Result<()> {
    let mut from = None;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
        let line = line.to_ascii_lowercase();
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = Some(range.trim_end_matches('-').parse().unwrap());
        }
    }
    log.lock().unwrap().push(from);
    if let Answer::Status(status) = answer {
        return write!(stream, "HTTP/1.1 {status} -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let from = from.filter(|_| answer != Answer::NoRange);
    let lie: Vec<u8> = body.iter().map(|byte| byte ^ 1).collect();
    let content = &(if answer == Answer::Lie { &lie[..] } else { body })[from.unwrap_or(0)..];
    match from {
        Some(from) => write!(
            stream,
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{}\r\n",
            body.len() - 1,
            body.len()
        )?,
        None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
    }
    write!(stream, "Content-Length: {}\r\nConnection: close\r\n\r\n", content.len())?;
    match answer {
        Answer::Cut(len) => stream.write_all(&content[..len]),
        Answer::Stall(len) => {
            stream.write_all(&content[..len])?;
            // Returns when the client has gone.
            lines.next().transpose().map(drop)
        }
        Answer::Well | Answer::NoRange | Answer::Lie | Answer::Status(_) => stream.write_all(content),
    }
}
