//! The Matrix network (<https://matrix.org>): encrypted direct conversations and groups, and through bridges other
//! services. Built with the cargo feature `matrix`.
//!
//! ```text
//! Outbox, Inbox ◀─▶ Matrix ──commands──▶ worker ──▶ matrix-sdk ──▶ homeserver
//!                          ◀──updates───  (a thread of its own)
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `session.rs` | who is signed in: the file, signing in, the stores |
//! | `worker.rs` | the thread: syncs for ever, sends what it is told |
//! | `outgoing.rs` | what is sent |
//! | `voice.rs` | a voice message as it is sent |
//! | `incoming.rs` | what a sync brought |
//! | `rooms.rs` | rooms as conversations, members as people |
//! | `trust.rs` | the recovery key, verification by emoji |
//! | `failure.rs` | what a failure means for the outbox |
//!
//! `matrix-sdk` is the SDK the Matrix foundation keeps, and the only one in Rust with encryption. Its send queue is not
//! used: it chooses transaction ids itself and stops by itself. Here the outbox sends, with the message's id as
//! transaction id, and the server knows a second sending by it.
//!
//! The sync token is ours: it is kept when what came with it is on disk in the inbox, so that after a crash the
//! server sends again whatever was not.

mod failure;
mod incoming;
mod outgoing;
mod rooms;
mod session;
mod trust;
mod voice;
mod worker;

#[cfg(test)]
mod tests;

pub use session::{Access, SignIn, sign_in};
pub use trust::{Emoji, Recovered, prepare_recovery, recover, verify};

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use rusqlite::OptionalExtension;
use tokio::sync::mpsc;

use self::{
    outgoing::{Command, Typing},
    worker::{Batch, Order, Undecrypted, Update},
};
use super::{Arrived, ConversationId, MessageId, Network, NetworkError, OutboxEntry, Receipt, Recording};
use crate::{
    audio,
    store::{Store, StoreError},
};

/// Name of the network, as in the configuration and in handles.
const NAME: &str = "matrix";
/// The settings key of the sync token.
const TOKEN: &str = "matrix.since";
/// The settings key of what could not be decrypted yet.
const UNDECRYPTED: &str = "matrix.undecrypted";
/// Commands and updates that may wait.
const QUEUE: usize = 64;
/// Receipts that wait for their message to be known.
const MOST_SEEN: usize = 64;

/// The Matrix network of one account.
#[derive(Debug)]
pub struct Matrix {
    store: Rc<Store>,
    /// Until the end.
    orders: Option<mpsc::Sender<Order>>,
    updates: mpsc::Receiver<Update>,
    is_reachable: Arc<AtomicBool>,
    /// Why it cannot go on, until somebody was told.
    failure: Option<NetworkError>,
    /// What the worker was told and has not answered.
    asked: HashSet<MessageId>,
    answers: HashMap<MessageId, Result<Receipt, NetworkError>>,
    /// What arrived and is not known to be on disk.
    arrived: Vec<Arrived>,
    /// Recordings nobody has listened to.
    recordings: Vec<(MessageId, PathBuf)>,
    /// Receipts of messages whose own answer is still on its way.
    seen: Vec<MessageId>,
    worker: Option<JoinHandle<()>>,
    /// Where the next sync begins, and what is still to be decrypted, once what was polled is on disk.
    next: Option<(String, Vec<Undecrypted>)>,
}

impl Matrix {
    /// Starts the worker of whoever is signed in. The server need not be there.
    ///
    /// # Errors
    /// [`NetworkError::SignedOut`] when nobody is; [`NetworkError::Store`] when the files cannot be read.
    pub fn open(store: Rc<Store>, data_dir: &Path) -> Result<Self, NetworkError> {
        let access = Access::read(data_dir)?.ok_or(NetworkError::SignedOut)?;
        forget_recordings(data_dir);
        let since = store.setting(TOKEN)?;
        let undecrypted = store.setting(UNDECRYPTED)?.and_then(|text| serde_json::from_str(&text).ok());
        let (orders, ordered) = mpsc::channel(QUEUE);
        let (reports, updates) = mpsc::channel(QUEUE);
        let is_reachable = Arc::new(AtomicBool::new(true));
        let worker = worker::Worker {
            data_dir: data_dir.to_owned(),
            access,
            since,
            undecrypted: undecrypted.unwrap_or_default(),
            reports,
            is_reachable: Arc::clone(&is_reachable),
            must_catch_up: false,
            is_synced: false,
        };
        let worker = worker::start(worker, ordered)?;
        Ok(Self {
            store,
            worker: Some(worker),
            orders: Some(orders),
            updates,
            is_reachable,
            failure: None,
            asked: HashSet::new(),
            answers: HashMap::new(),
            arrived: Vec::new(),
            recordings: Vec::new(),
            seen: Vec::new(),
            next: None,
        })
    }

    fn take_updates(&mut self) -> Result<(), StoreError> {
        while let Ok(update) = self.updates.try_recv() {
            match update {
                Update::Answer(id, answer) => {
                    self.asked.remove(&id);
                    self.answers.insert(id, answer);
                }
                Update::Recording(id, path) => self.recordings.push((id, path)),
                Update::Failed(error) => self.failure = Some(error),
                Update::Batch(Batch { token, undecrypted, arrived }) => {
                    for arrived in arrived {
                        self.take_in(arrived)?;
                    }
                    self.next = Some((token, undecrypted));
                }
            }
        }
        Ok(())
    }

    /// Events that are messages of ours get our ids.
    fn take_in(&mut self, arrived: Arrived) -> Result<(), StoreError> {
        match arrived {
            Arrived::Seen(event) => self.seen.push(event),
            Arrived::Message(mut message) => {
                if let Some(event) = message.in_reply_to.take() {
                    message.in_reply_to = Some(self.own_id(event)?);
                }
                self.arrived.push(Arrived::Message(message));
            }
            Arrived::Withdrawn(_) | Arrived::Changed(..) | Arrived::People(_) | Arrived::Aside { .. } => {
                self.arrived.push(arrived)
            }
        }
        Ok(())
    }

    fn own_id(&self, event: MessageId) -> Result<MessageId, StoreError> {
        let mut select = self.store.connection().prepare_cached("SELECT id FROM messages WHERE network_id = ?1")?;
        let own = select.query_row([event.as_str()], |row| row.get(0)).optional()?;
        Ok(own.map_or(event, MessageId::from_network))
    }

    /// The event that a message of ours became; of one that arrived, its id says it.
    fn event_of(&self, id: &MessageId) -> Result<Option<String>, StoreError> {
        let mut select = self.store.connection().prepare_cached("SELECT network_id FROM messages WHERE id = ?1")?;
        let named: Option<Option<String>> = select.query_row([id.as_str()], |row| row.get(0)).optional()?;
        Ok(named.flatten().or_else(|| id.as_str().starts_with('$').then(|| id.as_str().to_owned())))
    }

    fn is_known(&self, id: &MessageId) -> Result<bool, StoreError> {
        let mut select = self.store.connection().prepare_cached("SELECT 1 FROM messages WHERE id = ?1")?;
        Ok(select.exists([id.as_str()])?)
    }

    /// A receipt may overtake the answer to the message it is about; it waits for that.
    fn settle_seen(&mut self) -> Result<(), StoreError> {
        let waiting = self.seen.split_off(self.seen.len().saturating_sub(MOST_SEEN));
        self.seen.clear();
        for event in waiting {
            let id = self.own_id(event)?;
            if self.is_known(&id)? { self.arrived.push(Arrived::Seen(id)) } else { self.seen.push(id) }
        }
        Ok(())
    }
}

/// Deletes the recordings an earlier process left behind.
fn forget_recordings(data_dir: &Path) {
    let files = fs::read_dir(worker::recordings(data_dir)).into_iter().flatten().flatten();
    for file in files.filter(|file| file.file_name().to_string_lossy().starts_with("voice-")) {
        if fs::remove_file(file.path()).is_err() {
            tracing::warn!("a recording could not be deleted");
        }
    }
}

impl Drop for Matrix {
    /// Waits until the stores are closed.
    fn drop(&mut self) {
        self.orders = None;
        self.updates.close();
        if let Some(worker) = self.worker.take()
            && worker.join().is_err()
        {
            tracing::error!("the thread of the Matrix network panicked");
        }
    }
}

impl Network for Matrix {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_reachable(&self) -> bool {
        self.is_reachable.load(Ordering::Relaxed)
    }

    fn tells_read(&self) -> bool {
        true
    }

    fn record(&self, samples: &[f32]) -> Option<Recording> {
        let duration_ms = samples.len() as u64 * 1_000 / u64::from(audio::RATE_HZ);
        Some(Recording { ogg: audio::to_ogg_opus(samples)?, duration_ms })
    }

    fn takes_recordings(&self) -> bool {
        true
    }

    fn show_typing(&mut self, conversation: &ConversationId, is_typing: bool) {
        let typing = Typing::new(conversation, is_typing).filter(|_| self.is_reachable());
        if let (Some(orders), Some(typing)) = (&self.orders, typing) {
            // A full queue has better things to do.
            drop(orders.try_send(Order::Show(typing)));
        }
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        self.take_updates()?;
        if let Some(answer) = self.answers.remove(&entry.id) {
            return answer;
        }
        if self.asked.contains(&entry.id) {
            return Ok(Receipt::Pending);
        }
        let about = match &entry.in_reply_to {
            Some(id) => self.event_of(id)?,
            None => None,
        };
        let command = Command::new(entry, about)?;
        // A full queue means that the server is slow: there is time.
        let sent = self.orders.as_ref().map(|orders| orders.try_send(Order::Send(Box::new(command))));
        if !matches!(sent, Some(Ok(()))) {
            return Err(NetworkError::Busy { retry_after_ms: None });
        }
        self.asked.insert(entry.id.clone());
        Ok(Receipt::Pending)
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        self.take_updates()?;
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.settle_seen()?;
        Ok(self.arrived.clone())
    }

    fn recordings(&mut self) -> Vec<(MessageId, PathBuf)> {
        std::mem::take(&mut self.recordings)
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        self.arrived.clear();
        if let Some((token, undecrypted)) = self.next.take() {
            let undecrypted = serde_json::to_string(&undecrypted).unwrap_or_default();
            self.store.set_setting(UNDECRYPTED, &undecrypted)?;
            self.store.set_setting(TOKEN, &token)?;
        }
        Ok(())
    }
}
