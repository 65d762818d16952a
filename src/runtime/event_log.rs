//! What happened, one JSON object a line, as `--events` writes it; and the same told to a person.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use crate::{
    config::Lang,
    dialogue::ReplyKind,
    intent::{IntentName, Slots},
};

/// One event of the outer contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LogEvent {
    /// Herald was addressed.
    Wake {
        /// The word.
        word: String,
        /// How well it matched, 0 to 1.
        score: f32,
    },
    /// Speech was noticed.
    SpeechStart,
    /// The hangover is over.
    SpeechEnd {
        /// Audio clock at the end of the voice.
        voice_end_ms: u64,
    },
    /// The user spoke over Herald, which fell silent.
    BargeIn,
    /// What was recognised.
    Transcript {
        /// The words.
        text: String,
        /// Their language.
        lang: Lang,
        /// Length of the utterance.
        utterance_ms: u64,
        /// Wall-clock time of the decode.
        decode_ms: u64,
        /// From the true end of the voice until the text was ready; meaningful at the speed of time.
        latency_ms: u64,
    },
    /// What was understood.
    Intent {
        /// Intent name.
        name: IntentName,
        /// Its slots, words of the transcript.
        slots: Slots,
        /// Calibrated score, 0 to 1.
        score: f32,
    },
    /// Somebody decided on the companion page.
    Touch {
        /// What was touched: `yes`, `no`, `edit` ...
        act: &'static str,
    },
    /// Herald begins to say something.
    Reply {
        /// The words.
        text: String,
        /// Their language.
        lang: Lang,
        /// Why.
        kind: ReplyKind,
    },
    /// Herald has said it, or was cut short.
    ReplyEnd {
        /// Whether it was cut short.
        cut: bool,
    },
    /// Something was confirmed and is on disk.
    Action {
        /// Message id.
        id: String,
        /// `send`, `reply`, `react`, `share_location` or `auto_reply`.
        kind: &'static str,
        /// Full names.
        to: Vec<String>,
        /// The words.
        body: String,
    },
    /// What became of an action.
    Outcome {
        /// Message id.
        id: String,
        /// State in the outbox.
        status: String,
        /// Why, for `wedged`.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A message arrived.
    Incoming {
        /// Message id.
        id: String,
        /// Who wrote.
        from: String,
        /// Conversation id.
        conversation: String,
        /// The words.
        body: String,
    },
    /// A sound tells that there is news.
    Chime,
    /// A short sound that is no announcement.
    Earcon {
        /// What it says.
        name: &'static str,
    },
    /// The microphone was turned off or on.
    Microphone {
        /// Whether nothing is heard.
        muted: bool,
    },
    /// Herald speaks this loud from now on.
    Volume {
        /// 1 is the quietest.
        level: u8,
    },
    /// Something failed.
    Fault {
        /// Which stage.
        stage: &'static str,
        /// What, without any words of the user.
        message: String,
    },
}

#[derive(Serialize)]
struct Line<'a> {
    t_ms: u64,
    #[serde(flatten)]
    event: &'a LogEvent,
}

/// Where events go. Every line is flushed, so that a reader sees it at once and a crash loses none.
pub struct EventLog {
    json: Option<Box<dyn Write + Send>>,
    person: Option<Box<dyn Write + Send>>,
    last_ms: u64,
}

impl EventLog {
    /// Makes a log that goes nowhere.
    pub const fn none() -> Self {
        Self { json: None, person: None, last_ms: 0 }
    }

    /// Writes JSON lines to a file, or to standard output for `-`.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn to_path(mut self, path: &Path) -> io::Result<Self> {
        self.json = Some(if path.as_os_str() == "-" { Box::new(io::stdout()) } else { Box::new(File::create(path)?) });
        Ok(self)
    }

    /// Writes JSON lines to a writer.
    #[must_use]
    pub fn to_writer(mut self, writer: Box<dyn Write + Send>) -> Self {
        self.json = Some(writer);
        self
    }

    /// Tells the conversation to a person, one line a sentence.
    #[must_use]
    pub fn shown_to(mut self, writer: Box<dyn Write + Send>) -> Self {
        self.person = Some(writer);
        self
    }

    /// Writes an event; its time never goes back.
    ///
    /// # Errors
    /// The file cannot be written (disk full).
    pub fn write(&mut self, t_ms: u64, event: &LogEvent) -> io::Result<()> {
        self.last_ms = self.last_ms.max(t_ms);
        if self.json.is_some() {
            let mut line = serde_json::to_vec(&Line { t_ms: self.last_ms, event })?;
            line.push(b'\n');
            write_line(&mut self.json, &line)?;
        }
        if let (Some(_), Some(told)) = (&self.person, tell(event)) {
            write_line(&mut self.person, format!("{}  {told}\n", Seconds(self.last_ms)).as_bytes())?;
        }
        Ok(())
    }
}

/// Writes a line and flushes it. A reader that has gone away is no error: nobody listens any more.
fn write_line(writer: &mut Option<Box<dyn Write + Send>>, line: &[u8]) -> io::Result<()> {
    let Some(out) = writer else { return Ok(()) };
    match out.write_all(line).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            *writer = None;
            Ok(())
        }
        result => result,
    }
}

/// A time as `  12.3 s`.
struct Seconds(u64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>4}.{} s", self.0 / 1000, self.0 % 1000 / 100)
    }
}

/// What a person wants to see of an event.
fn tell(event: &LogEvent) -> Option<String> {
    match event {
        LogEvent::Transcript { text, .. } if text.is_empty() => Some("You:     (no words)".to_owned()),
        LogEvent::Transcript { text, .. } => Some(format!("You:     {text}")),
        LogEvent::Reply { text, .. } => Some(format!("Herald:  {text}")),
        LogEvent::Outcome { status, reason, .. } => Some(match reason {
            Some(reason) => format!("         [{status}: {reason}]"),
            None => format!("         [{status}]"),
        }),
        LogEvent::Incoming { from, .. } => Some(format!("         [a message from {from} arrives]")),
        LogEvent::Fault { stage, message } => Some(format!("         [fault in {stage}: {message}]")),
        LogEvent::BargeIn => Some("         [you speak, Herald falls silent]".to_owned()),
        LogEvent::Chime => Some("         [chime]".to_owned()),
        LogEvent::Earcon { name } => Some(format!("         [{name}]")),
        LogEvent::Microphone { muted: true } => Some("         [the microphone is off: `herald unmute`]".to_owned()),
        LogEvent::Microphone { muted: false } => Some("         [the microphone is on]".to_owned()),
        LogEvent::Touch { act } => Some(format!("         [touched: {act}]")),
        LogEvent::Volume { level } => Some(format!("         [volume {level}]")),
        LogEvent::Wake { .. }
        | LogEvent::SpeechStart
        | LogEvent::SpeechEnd { .. }
        | LogEvent::Intent { .. }
        | LogEvent::ReplyEnd { .. }
        | LogEvent::Action { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_have_the_fields_of_the_contract_and_time_never_goes_back() {
        let out = Shared::default();
        let mut log = EventLog::none().to_writer(Box::new(out.clone()));
        log.write(1200, &LogEvent::SpeechEnd { voice_end_ms: 900 }).unwrap();
        log.write(1100, &LogEvent::Outcome { id: "a".into(), status: "queued".into(), reason: None }).unwrap();
        let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            text,
            "{\"t_ms\":1200,\"type\":\"speech_end\",\"voice_end_ms\":900}\n\
             {\"t_ms\":1200,\"type\":\"outcome\",\"id\":\"a\",\"status\":\"queued\"}\n"
        );
    }
}
