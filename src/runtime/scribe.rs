//! Writes down what is said in recordings that arrive: a thread of its own with a recogniser of its own, loaded for the
//! first of them. A recording is deleted when it was heard.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
};

use crate::{
    action::MessageId,
    asr::{AsrError, LongForm, Recognizer},
    audio,
    config::LangChoice,
};

/// Recordings that may wait; more are not heard.
const QUEUE: usize = 64;

/// Loads a recogniser; `None` where there is none.
pub type Loader = Box<dyn FnOnce() -> Option<Box<dyn Recognizer>> + Send>;

/// The thread.
#[derive(Debug)]
pub struct Scribe {
    recordings: SyncSender<(MessageId, PathBuf)>,
    texts: Receiver<(MessageId, String)>,
}

impl Scribe {
    /// Starts the thread.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(load: Loader, lang: LangChoice) -> std::io::Result<Self> {
        let (recordings, orders) = sync_channel::<(MessageId, PathBuf)>(QUEUE);
        let (reports, texts) = sync_channel(QUEUE);
        let work = move || {
            let mut load = Some(load);
            let mut recognizer = None;
            for (id, path) in orders {
                if let Some(load) = load.take() {
                    recognizer = load();
                }
                let text = recognizer.as_mut().and_then(|recognizer| hear(recognizer.as_mut(), &path, lang).ok());
                forget(&path);
                if reports.send((id, text.unwrap_or_default())).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("herald-scribe".to_owned()).spawn(work)?;
        Ok(Self { recordings, texts })
    }

    /// Takes a recording; it is deleted in any case.
    pub fn hear(&self, id: MessageId, path: PathBuf) {
        if let Err(TrySendError::Full((_, path)) | TrySendError::Disconnected((_, path))) =
            self.recordings.try_send((id, path))
        {
            forget(&path);
        }
    }

    /// Returns what was heard since the last call; empty where nothing was understood.
    pub fn heard(&self) -> Vec<(MessageId, String)> {
        self.texts.try_iter().collect()
    }
}

fn hear(recognizer: &mut dyn Recognizer, path: &Path, lang: LangChoice) -> Result<String, AsrError> {
    let Ok(mut file) = audio::read_file(path) else { return Ok(String::new()) };
    let mut whole = LongForm::new(recognizer, None, lang, None);
    let mut portion = Vec::new();
    while file.read(&mut portion) {
        whole.push(&portion)?;
        portion.clear();
    }
    Ok(whole.finish()?.text)
}

/// Deletes a recording.
pub(super) fn forget(path: &Path) {
    if fs::remove_file(path).is_err() {
        tracing::warn!("a recording could not be deleted");
    }
}
