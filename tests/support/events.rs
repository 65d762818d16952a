//! Event lines of `--events` as tests read them.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::Value;

/// Bytes that a test reads while a log writes them.
#[derive(Debug, Clone, Default)]
pub struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The part of an event that does not depend on the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Intent { name: String },
    Reply { t_ms: u64, text: String, lang: String, kind: String },
    Action { kind: String, to: Vec<String>, body: String },
    Outcome { status: String },
    Incoming { from: String, body: String },
    Fault { message: String },
    Other,
}

/// Reads an event line.
pub fn tell(line: &str) -> Line {
    let event: Value = serde_json::from_str(line).unwrap();
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    match event["type"].as_str().unwrap() {
        "intent" => Line::Intent { name: text("name") },
        "reply" => Line::Reply {
            t_ms: event["t_ms"].as_u64().unwrap(),
            text: text("text"),
            lang: text("lang"),
            kind: text("kind"),
        },
        "action" => {
            let to = event["to"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
            Line::Action { kind: text("kind"), to, body: text("body") }
        }
        "outcome" => Line::Outcome { status: text("status") },
        "incoming" => Line::Incoming { from: text("from"), body: text("body") },
        "fault" => Line::Fault { message: text("message") },
        _ => Line::Other,
    }
}
