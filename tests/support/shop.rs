//! A shop: a page on another origin with a strict content policy, and visitors without a browser.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::{Value, json};

/// The web server of a shop, which knows nothing of Herald but the line in its page.
pub struct Shop {
    /// Where it is, as browsers say.
    pub origin: String,
    listener: TcpListener,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Shop {
    /// Opens one on a free port; its page comes with [`Shop::show`].
    pub fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        Self { origin, listener, end: Arc::default(), thread: None }
    }

    /// Shows a page with the line that a Herald wants there.
    pub fn show(&mut self, herald: &str, lang: &str) {
        let page = format!(
            "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>Shop</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\
             <body><main><h1>Petit</h1><p>Bread</p></main>\
             <script src=\"{herald}/chat.js\" data-lang=\"{lang}\" async></script></body></html>"
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Security-Policy: default-src 'none'; script-src {herald}; connect-src {herald}; style-src 'none'; \
             base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'\r\n\r\n{page}",
            page.len()
        );
        let (listener, end) = (self.listener.try_clone().unwrap(), Arc::clone(&self.end));
        let serve = move || {
            for stream in listener.incoming() {
                if end.load(Relaxed) {
                    return;
                }
                let (mut stream, answer) = (stream.unwrap(), answer.clone());
                // Browsers also open connections that they may need later, and say nothing there.
                let visit = move || {
                    let mut head = BufReader::new(stream.try_clone().unwrap()).lines();
                    while head.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                    let _ = stream.write_all(answer.as_bytes());
                };
                thread::Builder::new().name("shopper".to_owned()).spawn(visit).unwrap();
            }
        };
        self.thread = Some(thread::Builder::new().name("shop".to_owned()).spawn(serve).unwrap());
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.end.store(true, Relaxed);
        let _ = TcpStream::connect(self.listener.local_addr().unwrap());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Somebody on the page, as their window would speak for them.
#[derive(Clone)]
pub struct Visitor {
    agent: ureq::Agent,
    link: String,
    origin: String,
    pub token: String,
}

impl Visitor {
    /// Somebody whose visit has not begun, from an address as a web server in front would say.
    pub fn outside(link: &str, origin: &str) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { agent, link: link.to_owned(), origin: origin.to_owned(), token: String::new() }
    }

    /// Somebody who has opened the window.
    pub fn begin(link: &str, origin: &str, address: &str) -> Self {
        let mut visitor = Self::outside(link, origin);
        let (status, answer) = visitor.visit(address);
        assert_eq!(status, 200, "{answer}");
        answer["token"].as_str().unwrap().clone_into(&mut visitor.token);
        visitor
    }

    /// Asks for a visit.
    pub fn visit(&self, address: &str) -> (u16, Value) {
        let request = self.agent.post(format!("{}/chat/visits", self.link)).header("Origin", &self.origin);
        let request = request.header("X-Forwarded-For", address).content_type("application/json");
        read(request.send("{}").unwrap())
    }

    pub fn write(&self, nonce: &str, body: &str) -> (u16, Value) {
        let request = self.agent.post(format!("{}/chat/messages", self.link)).header("Origin", &self.origin);
        let request =
            request.header("Authorization", format!("Bearer {}", self.token)).content_type("application/json");
        read(request.send(json!({"nonce": nonce, "body": body}).to_string()).unwrap())
    }

    pub fn history(&self) -> (u16, Value) {
        let request = self.agent.get(format!("{}/chat/history", self.link)).header("Origin", &self.origin);
        read(request.header("Authorization", format!("Bearer {}", self.token)).call().unwrap())
    }

    /// What the shop said, oldest first.
    pub fn answers(&self) -> Vec<String> {
        let lines = self.history().1;
        let by_shop = lines.as_array().unwrap().iter().filter(|line| line["by"] == "shop");
        by_shop.map(|line| line["body"].as_str().unwrap().to_owned()).collect()
    }

    /// An open window: what it is told, piece by piece.
    pub fn live(&self) -> Live {
        let host = self.link.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "GET /chat/live HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            self.origin, self.token
        );
        stream.write_all(head.as_bytes()).unwrap();
        Live(BufReader::new(stream))
    }

    /// Sends bytes as they are and returns what comes back.
    pub fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.link.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn host(&self) -> &str {
        self.link.strip_prefix("http://").unwrap()
    }
}

/// What an open window is told.
pub struct Live(BufReader<TcpStream>);

impl Live {
    /// The next line of the conversation or state, `None` at the end.
    pub fn next(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(data) = line.strip_prefix("data:") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    /// The next message.
    pub fn message(&mut self) -> Option<Value> {
        loop {
            let told = self.next()?;
            if told["body"].is_string() {
                return Some(told);
            }
        }
    }
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
}
