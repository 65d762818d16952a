//! A Matrix homeserver in memory, for tests: it knows users, unencrypted rooms and messages, and misbehaves on request.
//!
//! All that happens is one log, and a sync token is a place in it: what a token gave once it gives again.

mod client_api;
mod http;
mod server;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread::{self, JoinHandle},
};

use http::{Phase, Shared};
use serde_json::{Value, json};

/// A homeserver on a loopback port of its own, until it is dropped.
pub struct FakeHomeserver {
    shared: Arc<Shared>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

/// Which requests a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The sending of an event.
    Send,
    /// A sync.
    Sync,
    /// Whichever comes.
    Any,
}

/// How a request fails. Only after [`CutAfter`](Self::CutAfter), [`CutMidway`](Self::CutMidway) and
/// [`Slow`](Self::Slow) the server has done what it was asked.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is reset before the request is processed.
    CutBefore,
    /// The request is processed, and the connection reset without an answer.
    CutAfter,
    /// The request is processed, and the connection ends after half of the answer's body.
    CutMidway,
    /// 429 `M_LIMIT_EXCEEDED`.
    TooMany {
        /// How long to wait, if the server says so.
        retry_after_ms: Option<u64>,
    },
    /// A status without a Matrix error, as a proxy gives it.
    ServerError(u16),
    /// The request is processed, and answered so many milliseconds later.
    Slow(u64),
    /// A Matrix error.
    Refuse {
        /// Its HTTP status.
        status: u16,
        /// Its code: `M_FORBIDDEN`.
        errcode: &'static str,
    },
    /// 200 and a page of HTML, as a captive portal gives it.
    Garbage,
}

impl FakeHomeserver {
    /// Starts a server that nobody uses yet.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let accept = http::accept(Arc::clone(&shared), listener);
        let serve = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(accept);
        let thread = thread::Builder::new().name("fake-homeserver".to_owned()).spawn(serve).unwrap();
        Self { shared, address, thread: Some(thread) }
    }

    /// Returns where it is: `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Registers a user; returns the user's id, `@name:fake.test`, and the access token of a new device, which is also
    /// the device's id. Somebody who is registered gets one more device.
    pub fn user(&self, name: &str, display_name: &str) -> (String, String) {
        let id = format!("@{name}:fake.test");
        self.shared.with(|server| {
            server.users.insert(id.clone(), display_name.to_owned());
            let token = server.log_in(&id, None);
            (id, token)
        })
    }

    /// Opens a room that all have joined; a direct one is so in the account data of who created it. Returns its id.
    pub fn room(&self, creator: &str, others: &[&str], name: Option<&str>, direct: bool) -> String {
        self.shared.with(|server| {
            let room = server.create(creator, name);
            for other in others {
                server.join(&room, other);
                if direct {
                    let mut content =
                        server.account_data(creator, None, "m.direct").cloned().unwrap_or_else(|| json!({}));
                    let rooms = content.as_object_mut().unwrap().entry(*other).or_insert_with(|| json!([]));
                    rooms.as_array_mut().unwrap().push(json!(room));
                    server.set_account_data(creator, None, "m.direct", &content);
                }
            }
            room
        })
    }

    /// A member writes a text, as through another client; returns the event's id.
    pub fn write(&self, room: &str, sender: &str, body: &str) -> String {
        self.write_raw(room, sender, "m.room.message", json!({ "msgtype": "m.text", "body": body }))
    }

    /// The same, and the server says that it was at this time.
    pub fn write_at(&self, room: &str, sender: &str, body: &str, time: Value) {
        self.shared.with(|server| {
            server.event(room, sender, "m.room.message", None, json!({ "msgtype": "m.text", "body": body }));
            server.log.last_mut().unwrap().value["origin_server_ts"] = time;
        });
    }

    /// A member sends any event; an `m.room.redaction` names what it `redacts` in its content. Returns the event's id.
    pub fn write_raw(&self, room: &str, sender: &str, kind: &str, content: Value) -> String {
        self.shared.with(|server| server.event(room, sender, kind, None, content))
    }

    /// A member invites somebody.
    pub fn invite(&self, room: &str, sender: &str, user: &str) {
        self.shared.with(|server| server.set_membership(room, sender, user, json!({ "membership": "invite" })));
    }

    /// Returns the messages that a member sees, oldest first, as `{"sender", "event_id", "content"}`: those redacted are
    /// gone, and those edited have their last content.
    pub fn timeline(&self, room: &str) -> Vec<Value> {
        self.shared.with(|server| {
            let mut seen: Vec<Value> = Vec::new();
            for (_, entry) in server.events(room, 0, server.log.len()) {
                let (event, content) = (&entry.value, &entry.value["content"]);
                if event["type"] != "m.room.message" || content["msgtype"].is_null() {
                    continue;
                }
                let relation = &content["m.relates_to"];
                let is_it =
                    |old: &&mut Value| old["event_id"] == relation["event_id"] && old["sender"] == event["sender"];
                if relation["rel_type"] != "m.replace" {
                    let of = |key: &str| event[key].clone();
                    seen.push(json!({ "sender": of("sender"), "event_id": of("event_id"), "content": content }));
                } else if let Some(old) = seen.iter_mut().find(is_it) {
                    old["content"] = content["m.new_content"].clone();
                }
            }
            seen
        })
    }

    /// The next requests that match fail like this, in order, after those planned before.
    pub fn fail(&self, on: On, faults: impl IntoIterator<Item = Fault>) {
        self.shared.with(|server| server.faults.extend(faults.into_iter().map(|fault| (on, fault))));
    }

    /// Forgets all planned faults.
    pub fn calm(&self) {
        self.shared.with(|server| server.faults.clear());
    }

    /// Down, every connection is cut: those there are, and new ones at once. The port is kept, so that nobody else
    /// gets it meanwhile.
    pub fn set_down(&self, down: bool) {
        let wanted = if down { Phase::Down } else { Phase::Up };
        self.shared.phase.send_if_modified(|phase| std::mem::replace(phase, wanted) != wanted);
    }

    /// Cuts all connections and forgets who is typing; events, transaction ids and tokens stay.
    pub fn restart(&self) {
        self.shared.with(|server| server.typing.clear());
        self.shared.phase.send_modify(|_| ());
    }

    /// Returns how many requests to send an event have arrived, whatever became of them.
    pub fn requests(&self) -> usize {
        self.shared.with(|server| server.sends)
    }
}

impl Drop for FakeHomeserver {
    fn drop(&mut self) {
        self.shared.phase.send_replace(Phase::Stopped);
        if let Some(thread) = self.thread.take() {
            // A panic in there has failed the test already, through the poisoned server.
            let _ = thread.join();
        }
    }
}
