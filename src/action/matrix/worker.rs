//! The thread of the network: syncs for ever, sends what it is told.
//!
//! Sync is the probe of the connection: what it finds, `is_reachable` tells the outbox, which then waits or sends.

use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use matrix_sdk::{
    Client, Room,
    config::{SyncSettings, SyncToken},
    media::{MediaFormat, MediaRequestParameters},
    ruma::{
        OwnedEventId, OwnedRoomId,
        api::client::{filter::FilterDefinition, sync::sync_events::v3::Filter},
        events::room::MediaSource,
    },
    sync::{JoinedRoomUpdate, SyncResponse},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    runtime::Runtime,
    sync::{Notify, mpsc},
};

use uuid::Uuid;

use super::{
    failure,
    incoming::{self, Read},
    outgoing::{Command, Typing},
    rooms::Members,
    session::Access,
};
use crate::{
    action::{Arrived, MessageId, NetworkError, Receipt},
    store::StoreError,
};

/// The server holds a sync without news so long.
const LONG_POLL: Duration = Duration::from_secs(25);
/// Pause after a failed sync: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(8));
/// Events of a room in one sync; older ones are fetched behind.
const TIMELINE: u32 = 100;
/// Pages of older events after a long absence.
const PAGES: usize = 50;
/// An event that could not be decrypted in so many syncs is given up.
const TRIES: u32 = 500;

/// An event whose key is not here yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Undecrypted {
    room: OwnedRoomId,
    event: OwnedEventId,
    tries: u32,
}

/// What one sync brought.
#[derive(Debug)]
pub(super) struct Batch {
    /// Where the next begins.
    pub(super) token: String,
    pub(super) undecrypted: Vec<Undecrypted>,
    pub(super) arrived: Vec<Arrived>,
}

/// What the worker is told.
#[derive(Debug)]
pub(super) enum Order {
    /// To send something, and to report what became of it.
    Send(Box<Command>),
    /// To show that somebody is writing.
    Show(Typing),
}

/// What the worker reports.
#[derive(Debug)]
pub(super) enum Update {
    /// What became of a command.
    Answer(MessageId, Result<Receipt, NetworkError>),
    /// News.
    Batch(Batch),
    /// The sound of a message is in this file.
    Recording(MessageId, PathBuf),
    /// It cannot go on: the server does not know this device any more, or the stores cannot be opened.
    Failed(NetworkError),
}

/// What the worker works with.
pub(super) struct Worker {
    pub(super) data_dir: PathBuf,
    pub(super) access: Access,
    pub(super) since: Option<String>,
    pub(super) undecrypted: Vec<Undecrypted>,
    pub(super) reports: mpsc::Sender<Update>,
    pub(super) is_reachable: Arc<AtomicBool>,
    /// The stores are new, the journal is not.
    pub(super) must_catch_up: bool,
    /// The last sync of this process went well.
    pub(super) is_synced: bool,
}

/// Where the SDK's futures run.
pub(super) fn runtime() -> Result<Runtime, StoreError> {
    let failed = |source| StoreError::Io { path: "the asynchronous runtime".into(), source };
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)
}

/// Starts the thread; it ends when `orders` are dropped.
pub(super) fn start(worker: Worker, orders: mpsc::Receiver<Order>) -> Result<JoinHandle<()>, StoreError> {
    let failed = |source| StoreError::Io { path: "a thread".into(), source };
    let runtime = runtime()?;
    let run = move || {
        runtime.block_on(Box::pin(worker.run(orders)));
        // What still waits for the server waits in vain.
        runtime.shutdown_background();
    };
    thread::Builder::new().name("herald-matrix".to_owned()).spawn(run).map_err(failed)
}

impl Worker {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let (client, is_new) = match Box::pin(self.access.client(&self.data_dir)).await {
            Ok(opened) => opened,
            Err(error) => {
                self.is_reachable.store(false, Ordering::Relaxed);
                // Without a listener there is nobody to tell.
                let _ = self.reports.send(Update::Failed(error)).await;
                self.reports.closed().await;
                return;
            }
        };
        self.must_catch_up = is_new;
        let synced = Arc::new(Notify::new());
        let commands = {
            let (client, reports, is_reachable) =
                (client.clone(), self.reports.clone(), Arc::clone(&self.is_reachable));
            let synced = Arc::clone(&synced);
            async move {
                // Before the first sync nobody knows which rooms there are.
                synced.notified().await;
                while let Some(order) = orders.recv().await {
                    let client = client.clone();
                    match order {
                        Order::Send(command) => {
                            tokio::spawn(Box::pin(obey(client, *command, reports.clone(), Arc::clone(&is_reachable))));
                        }
                        Order::Show(typing) => drop(tokio::spawn(Box::pin(async move { typing.run(&client).await }))),
                    }
                }
            }
        };
        tokio::select! {
            () = commands => {}
            () = Box::pin(self.sync(&client, &synced)) => self.reports.closed().await,
        }
    }

    /// Syncs until nobody listens any more.
    async fn sync(&mut self, client: &Client, synced: &Notify) {
        let mut pause = PAUSES.0;
        while !self.reports.is_closed() {
            match Box::pin(self.sync_once(client)).await {
                Ok(batch) => {
                    self.is_reachable.store(true, Ordering::Relaxed);
                    pause = PAUSES.0;
                    synced.notify_one();
                    if self.reports.send(Update::Batch(batch)).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::info!(%error, "sync failed");
                    self.is_reachable.store(false, Ordering::Relaxed);
                    self.is_synced = false;
                    if matches!(error, NetworkError::SignedOut) {
                        // It stays so until somebody signs in, and then Herald is started anew.
                        let _ = self.reports.send(Update::Failed(error)).await;
                        return;
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    async fn sync_once(&mut self, client: &Client) -> Result<Batch, NetworkError> {
        let mut filter = FilterDefinition::default();
        filter.room.timeline.limit = Some(TIMELINE.into());
        let token = self.since.clone().map_or(SyncToken::NoToken, SyncToken::Specific);
        // The server answers the first at once, and the first after a failure: messages wait for it.
        let wait = if self.is_synced { LONG_POLL } else { Duration::ZERO };
        // New stores need to know the rooms as they are; an old journal, what was written in them since.
        let settings = SyncSettings::new().token(token).timeout(wait).full_state(self.must_catch_up);
        let settings = settings.filter(Filter::FilterDefinition(filter));
        let response = Box::pin(client.sync_once(settings)).await.map_err(|error| failure::of(&error))?;
        let arrived = Box::pin(self.read(client, &response)).await?;
        self.since = Some(response.next_batch.clone());
        self.is_synced = true;
        self.must_catch_up = false;
        Ok(Batch { token: response.next_batch, undecrypted: self.undecrypted.clone(), arrived })
    }

    async fn read(&mut self, client: &Client, response: &SyncResponse) -> Result<Vec<Arrived>, NetworkError> {
        let mut arrived = Vec::new();
        let mut people = Vec::new();
        for (id, update) in &response.rooms.joined {
            let Some(room) = client.get_room(id) else { continue };
            let members = Members::of(&room).await?;
            if self.since.is_none() || incoming::is_about_people(&update.timeline.events, &update.state) {
                people.extend(members.known());
            }
            // What was written before this device was signed in was read elsewhere.
            if self.since.is_some() {
                self.read_room(&room, &members, update, &mut arrived).await?;
            }
        }
        for id in response.rooms.invited.keys() {
            let Some(room) = client.get_room(id) else { continue };
            arrived.extend(incoming::invitation(&room).await);
        }
        self.try_again(client, &mut arrived).await?;
        if !people.is_empty() {
            arrived.insert(0, Arrived::People(people));
        }
        Ok(arrived)
    }

    async fn read_room(
        &mut self,
        room: &Room,
        members: &Members,
        update: &JoinedRoomUpdate,
        arrived: &mut Vec<Arrived>,
    ) -> Result<(), NetworkError> {
        let own_user = room.own_user_id().as_str();
        let mut events = Vec::new();
        if let Some(from) = update.timeline.prev_batch.clone().filter(|_| update.timeline.limited) {
            events = self.older(room, from).await?;
        }
        events.extend(update.timeline.events.iter().cloned());
        for event in &events {
            match incoming::read(event, own_user, members) {
                Read::Arrived(news) => arrived.push(news),
                Read::Recording(news, source) => {
                    self.fetch(room, &news, source);
                    arrived.push(news);
                }
                Read::Undecryptable(event) => {
                    if let Ok(event) = event.try_into() {
                        self.undecrypted.push(Undecrypted { room: room.room_id().to_owned(), event, tries: 0 });
                    }
                }
                Read::Nothing => {}
            }
        }
        for event in &update.ephemeral {
            if let Ok(event) = event.deserialize_as_unchecked::<Value>() {
                arrived.extend(incoming::seen(&event, own_user));
            }
        }
        Ok(())
    }

    /// Fetches a recording beside everything else. Where that fails, its message stays without words.
    fn fetch(&self, room: &Room, message: &Arrived, source: MediaSource) {
        let Arrived::Message(message) = message else { return };
        let (id, client, reports) = (message.id.clone(), room.client(), self.reports.clone());
        let path = recordings(&self.data_dir).join(format!("voice-{}", Uuid::now_v7()));
        tokio::spawn(Box::pin(async move {
            let request = MediaRequestParameters { source, format: MediaFormat::File };
            let Ok(sound) = client.media().get_media_content(&request, false).await else { return };
            let mut private = std::fs::OpenOptions::new();
            let file = private.write(true).create_new(true).mode(0o600).open(&path);
            if file.and_then(|mut file| file.write_all(&sound)).is_ok() {
                let _ = reports.send(Update::Recording(id, path)).await;
            }
        }));
    }

    /// The events between the last sync and a room's part of this one, oldest first.
    async fn older(
        &self,
        room: &Room,
        from: String,
    ) -> Result<Vec<matrix_sdk::deserialized_responses::TimelineEvent>, NetworkError> {
        let mut events = Vec::new();
        let mut from = Some(from);
        for _ in 0..PAGES {
            let Some(start) = from.take() else { break };
            let mut options = matrix_sdk::room::MessagesOptions::backward().from(start.as_str());
            options.to.clone_from(&self.since);
            options.limit = TIMELINE.into();
            let page = room.messages(options).await.map_err(|error| failure::of(&error))?;
            if page.chunk.is_empty() {
                break;
            }
            events.extend(page.chunk);
            from = page.end;
        }
        events.reverse();
        Ok(events)
    }

    /// Keys come late: events that could not be decrypted are tried again.
    async fn try_again(&mut self, client: &Client, arrived: &mut Vec<Arrived>) -> Result<(), NetworkError> {
        for mut waiting in std::mem::take(&mut self.undecrypted) {
            let Some(room) = client.get_room(&waiting.room) else { continue };
            if waiting.tries > 0 {
                let event = room.event(&waiting.event, None).await.map_err(|error| failure::of(&error))?;
                let members = Members::of(&room).await?;
                match incoming::read(&event, room.own_user_id().as_str(), &members) {
                    Read::Arrived(news) => {
                        arrived.push(news);
                        continue;
                    }
                    Read::Recording(news, source) => {
                        self.fetch(&room, &news, source);
                        arrived.push(news);
                        continue;
                    }
                    Read::Nothing => continue,
                    Read::Undecryptable(_) => {}
                }
            }
            waiting.tries += 1;
            if waiting.tries < TRIES {
                self.undecrypted.push(waiting);
            }
        }
        Ok(())
    }
}

/// Where recordings lie until somebody has listened to them.
pub(super) fn recordings(data_dir: &Path) -> PathBuf {
    data_dir.join("matrix")
}

/// Does one command and reports what became of it.
async fn obey(client: Client, command: Command, reports: mpsc::Sender<Update>, is_reachable: Arc<AtomicBool>) {
    let answer = Box::pin(command.run(&client)).await;
    if matches!(answer, Err(NetworkError::Unreachable)) {
        is_reachable.store(false, Ordering::Relaxed);
    }
    // Without a listener the row stays `sending`, and is sent again.
    let _ = reports.send(Update::Answer(command.id, answer)).await;
}
