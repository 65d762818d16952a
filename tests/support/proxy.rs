//! A proxy on loopback between Herald and a homeserver that loses, delays and refuses what it is told to.

use std::{
    collections::VecDeque,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What happens to the next message that is sent through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The connection is cut before the server has it.
    Request,
    /// The connection is cut in the middle of the request.
    HalfRequest,
    /// The server has it, and the answer is lost.
    Answer,
    /// 429 with a time to wait, milliseconds.
    TooMany(u32),
    /// A 5xx without a Matrix error.
    ServerError(u16),
}

/// The proxy; it ends with the process.
pub struct Proxy {
    port: u16,
    losses: Arc<Mutex<VecDeque<Loss>>>,
}

impl Proxy {
    /// Starts it in front of a server on this port.
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let losses: Arc<Mutex<VecDeque<Loss>>> = Arc::default();
        let planned = Arc::clone(&losses);
        let accept = move || {
            for client in listener.incoming().map_while(Result::ok) {
                let planned = Arc::clone(&planned);
                // A broken connection is nothing to speak of: that is what this is for.
                thread::Builder::new().spawn(move || drop(serve(client, server, &planned))).unwrap();
            }
        };
        thread::Builder::new().spawn(accept).unwrap();
        Self { port, losses }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next message meets this, unless something waits for it already: a line of losses would only teach patience.
    pub fn lose(&self, loss: Loss) {
        let mut losses = self.losses.lock().unwrap();
        if losses.is_empty() {
            losses.push_back(loss);
        }
    }

    /// Nothing is lost any more.
    pub fn calm(&self) {
        self.losses.lock().unwrap().clear();
    }
}

/// Passes requests on, one at a time, each over a connection of its own to the server.
fn serve(client: TcpStream, server: u16, losses: &Mutex<VecDeque<Loss>>) -> io::Result<()> {
    let mut requests = BufReader::new(client.try_clone()?);
    let mut answers = client;
    while let Some((head, body)) = read_request(&mut requests)? {
        let is_message = head.starts_with("PUT ") && head.contains("/send/");
        let loss = if is_message { losses.lock().unwrap().pop_front() } else { None };
        match loss {
            Some(Loss::Request) => return Ok(()),
            Some(Loss::TooMany(wait_ms)) => {
                let body =
                    format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","error":"slow down","retry_after_ms":{wait_ms}}}"#);
                answer(&mut answers, "429 Too Many Requests", body.as_bytes())?;
                continue;
            }
            Some(Loss::ServerError(status)) => {
                answer(&mut answers, &format!("{status} Oh"), b"<html>no</html>")?;
                continue;
            }
            Some(Loss::HalfRequest | Loss::Answer) | None => {}
        }
        let mut upstream = TcpStream::connect(("127.0.0.1", server))?;
        upstream.write_all(head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes())?;
        if loss == Some(Loss::HalfRequest) {
            return upstream.write_all(body.get(..body.len() / 2).unwrap_or_default());
        }
        upstream.write_all(&body)?;
        let mut received = Vec::new();
        upstream.read_to_end(&mut received)?;
        if received.is_empty() || loss == Some(Loss::Answer) {
            return Ok(());
        }
        // The server's "Connection: close" holds for both of its ends.
        return answers.write_all(&received);
    }
    Ok(())
}

fn read_request(requests: &mut impl BufRead) -> io::Result<Option<(String, Vec<u8>)>> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        let is_end = line == "\r\n";
        if !name.eq_ignore_ascii_case("connection") {
            head.push_str(&line);
        }
        if is_end {
            break;
        }
    }
    let mut body = vec![0; length];
    requests.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

fn answer(client: &mut TcpStream, status: &str, body: &[u8]) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    client.write_all(head.as_bytes())?;
    client.write_all(body)
}
