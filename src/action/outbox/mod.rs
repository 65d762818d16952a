//! The outbox: what was confirmed, from `queued` to `delivered`.
//!
//! A row is on disk before [`Outbox::queue`] returns, and before the network sees the message the row says
//! `sending`. Whatever happens in between, the next start finds either a row that surely was not sent, or one that
//! may have been and is sent again under the same id. Only the oldest waiting row of a conversation is handed
//! over, so order holds; a row that is stuck for good leaves the line.
//!
//! Times are milliseconds of the audio clock, given by the caller, so that a replay behaves like life. What waits
//! for a moment of that clock (undo window, back-off) is kept in memory: after a restart everything is due.

mod backoff;
mod expiry;

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use rusqlite::Connection;

use super::{
    Clock, EntryKind, Household, MessageId, MessageLine, Network, NetworkError, OutboxEntry, Outcome, Reason, Receipt,
    Retry, Status, SystemClock,
    clock::rfc3339,
    journal::{self, Message},
};
use crate::store::{Store, StoreError};
use backoff::Backoff;
use expiry::Expiry;

/// Messages one [`Outbox::tick`] hands over at most, so that an undo is never kept waiting by a long line.
const SENDS_PER_TICK: usize = 16;

/// The outbox of one data directory.
#[derive(Debug)]
pub struct Outbox {
    store: Rc<Store>,
    clock: Box<dyn Clock>,
    expiry: Expiry,
    /// End of the undo window of a message, on the audio clock.
    holds: HashMap<MessageId, u64>,
    /// Messages that failed and wait for their next attempt, each with the name of its network.
    failed: HashMap<MessageId, (String, Backoff)>,
    /// Networks that failed as a whole, by name.
    networks: HashMap<String, Backoff>,
    /// The database failed.
    disk: Option<Backoff>,
    /// Networks that could not be reached when they were last asked.
    unreachable: HashSet<&'static str>,
    /// The network has been handed these and thinks.
    pending: HashSet<MessageId>,
    /// Outcomes not yet returned, because the database failed after them.
    ready: Vec<Outcome>,
}

/// What came of taking a message back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// It will not be sent.
    Undone,
    /// It was sent; the network is asked to take it from everybody's eyes.
    Withdrawing,
    /// It was sent, or may have been; this is where it stands.
    TooLate(Status),
    /// There is no such message.
    Unknown,
}

/// A message in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// What is to be sent.
    pub entry: OutboxEntry,
    /// Where it stands: `queued`, `sending`, `wedged` or `expired`.
    pub status: Status,
    /// Why it is stuck.
    pub reason: Option<Reason>,
    /// When it was confirmed: RFC 3339, UTC, milliseconds.
    pub at: String,
}

impl Outbox {
    /// Opens the outbox; rows left in `sending` by a crash are due at once, under their old ids.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read or written.
    pub fn new(store: Rc<Store>) -> Result<Self, StoreError> {
        Self::with_clock(store, Box::new(SystemClock::new()))
    }

    /// Opens the outbox with other clocks than the machine's.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read or written.
    pub fn with_clock(store: Rc<Store>, clock: Box<dyn Clock>) -> Result<Self, StoreError> {
        let expiry = Expiry::start(&store, clock.as_ref())?;
        Ok(Self {
            store,
            clock,
            expiry,
            holds: HashMap::new(),
            failed: HashMap::new(),
            networks: HashMap::new(),
            disk: None,
            unreachable: HashSet::new(),
            pending: HashSet::new(),
            ready: Vec::new(),
        })
    }

    /// Puts a confirmed message into the outbox. It is on disk when this returns: only then say yes. A message
    /// that is there already (same id) stays as it is.
    ///
    /// # Errors
    /// [`StoreError`]; the message is not in the outbox.
    pub fn queue(&mut self, entry: &OutboxEntry) -> Result<(), StoreError> {
        // The new wait begins by the clock as it is now: a jump until now concerns the older ones alone.
        self.expiry.observe(&self.store, self.clock.as_ref())?;
        let now_ms = self.clock.wall_ms();
        self.store.write(|transaction| {
            journal::register(transaction, &entry.conversation, &entry.to)?;
            transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO messages
                         (id, conversation, kind, body, in_reply_to, at, status, waits_since_ms)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7)",
                )?
                .execute((
                    entry.id.as_str(),
                    entry.conversation.as_str(),
                    entry.kind.as_str(),
                    &entry.body,
                    entry.in_reply_to.as_ref().map(MessageId::as_str),
                    rfc3339(now_ms),
                    now_ms,
                ))?;
            entry.recording.as_ref().map_or(Ok(()), |recording| journal::record(transaction, &entry.id, recording))
        })
    }

    /// Keeps a message back until a moment of the audio clock: its undo window.
    pub fn hold(&mut self, id: &MessageId, until_ms: u64) {
        self.holds.insert(id.clone(), until_ms);
    }

    /// Takes a message back that was surely not sent (also a wedged or expired one); it is never sent.
    ///
    /// # Errors
    /// [`StoreError`]; the message stays as it was.
    pub fn undo(&mut self, id: &MessageId) -> Result<Undo, StoreError> {
        let undone = self
            .store
            .connection()
            .prepare_cached(
                "UPDATE messages SET status = 'undone'
                 WHERE id = ?1 AND sender IS NULL AND status IN ('queued', 'wedged', 'expired')",
            )?
            .execute([id.as_str()])?;
        if undone > 0 {
            self.forget(id);
            return Ok(Undo::Undone);
        }
        Ok(match self.status(id)? {
            Some(status) => Undo::TooLate(status),
            None => Undo::Unknown,
        })
    }

    /// Takes a message back wherever it stands: from the outbox, or, by another row, from the network that has it.
    ///
    /// # Errors
    /// [`StoreError`]; the message stays as it was.
    pub fn take_back(&mut self, id: &MessageId) -> Result<Undo, StoreError> {
        let answer = self.undo(id)?;
        let Undo::TooLate(Status::Sent | Status::Delivered) = answer else { return Ok(answer) };
        let found = journal::messages(self.store.connection(), "WHERE id = ?1", [id.as_str()])?;
        let Some(message) = found.into_iter().next() else { return Ok(Undo::Unknown) };
        let Message { id, conversation, members, .. } = message;
        self.queue(&OutboxEntry::about(EntryKind::Redact, id, conversation, members, ""))?;
        Ok(Undo::Withdrawing)
    }

    /// Puts a wedged or expired message back into the line, at its old place. Returns `false` when there is no
    /// such message.
    ///
    /// # Errors
    /// [`StoreError`]; the message stays as it was.
    pub fn retry(&mut self, id: &MessageId) -> Result<bool, StoreError> {
        let changed = self
            .store
            .connection()
            .prepare_cached(
                "UPDATE messages SET status = 'queued', reason = NULL, waits_since_ms = ?2
                 WHERE id = ?1 AND status IN ('wedged', 'expired')",
            )?
            .execute((id.as_str(), self.clock.wall_ms()))?;
        self.forget(id);
        Ok(changed > 0)
    }

    /// Returns what waits or is stuck, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let found = journal::messages(
            self.store.connection(),
            "WHERE seq IN (SELECT seq FROM messages WHERE status IN ('queued', 'sending')
                           UNION ALL SELECT seq FROM messages WHERE status IN ('wedged', 'expired'))
             ORDER BY seq",
            [],
        )?;
        Ok(found.into_iter().filter(|message| message.kind.is_message()).map(Waiting::from).collect())
    }

    /// Returns where a message stands, `None` when there is no such message.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn status(&self, id: &MessageId) -> Result<Option<Status>, StoreError> {
        journal::status(self.store.connection(), id)
    }

    /// Whether something waits for a network alone: it cannot be reached, or has not answered.
    pub fn awaits_network(&self) -> bool {
        !self.unreachable.is_empty() || !self.pending.is_empty()
    }

    /// Returns when [`Self::tick`] has something to do next, on the audio clock (a moment that is over means
    /// now); `None` when nothing waits.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn next_due_ms(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.heads()?.iter().map(|head| self.due_ms(head)).min())
    }

    /// Says that a network is back: nothing waits for its back-off any longer.
    pub fn network_returned(&mut self, network: &str) {
        self.networks.remove(network);
        self.failed.retain(|_, (of, _)| of != network);
    }

    /// Hands over what is due and returns what became of it, in order. `now_ms` is the audio clock.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost: messages whose answer could not be written down are sent again under
    /// the same id, and outcomes known before the error are returned by the next call.
    pub fn tick(&mut self, now_ms: u64, network: &mut dyn Network) -> Result<Vec<Outcome>, StoreError> {
        match self.send_due(now_ms, network) {
            Ok(()) => Ok(std::mem::take(&mut self.ready)),
            Err(error) => {
                let seed = self.seed();
                self.disk.get_or_insert_with(|| Backoff::new(seed)).defer(now_ms, None);
                Err(error)
            }
        }
    }

    fn send_due(&mut self, now_ms: u64, network: &mut dyn Network) -> Result<(), StoreError> {
        for expired in self.expiry.check(now_ms, &self.store, self.clock.as_ref())? {
            self.forget(&expired.id);
            self.ready.push(expired);
        }
        for name in network.names() {
            if !network.can_reach(name) {
                self.unreachable.insert(name);
            } else if self.unreachable.remove(name) {
                self.network_returned(name);
            }
        }
        let mut asked = HashSet::new();
        for _ in 0..SENDS_PER_TICK {
            let is_due = |head: &Head| {
                let waits = asked.contains(&head.id) || self.unreachable.contains(head.network.as_str());
                !waits && self.due_ms(head) <= now_ms
            };
            let Some(head) = self.heads()?.into_iter().find(is_due) else { break };
            self.send(&head, now_ms, network)?;
            asked.insert(head.id);
        }
        Ok(())
    }

    /// Returns the oldest waiting row of every conversation, oldest first.
    fn heads(&self) -> Result<Vec<Head>, StoreError> {
        let mut select = self.store.connection().prepare_cached(
            "SELECT m.seq, m.id, m.status, conversation.network FROM messages AS m
             JOIN (SELECT MIN(seq) AS seq FROM messages INDEXED BY messages_waiting
                   WHERE status IN ('queued', 'sending') GROUP BY conversation) AS head
             ON head.seq = m.seq
             JOIN conversations AS conversation ON conversation.id = m.conversation ORDER BY m.seq",
        )?;
        let heads = select.query_map([], |row| {
            let status: String = row.get(2)?;
            Ok(Head {
                seq: row.get(0)?,
                id: MessageId::from_network(row.get(1)?),
                before: if status == Status::Queued.as_str() { Status::Queued } else { Status::Sending },
                network: row.get(3)?,
            })
        })?;
        Ok(heads.collect::<Result<_, _>>()?)
    }

    /// Returns when a message may be sent.
    fn due_ms(&self, head: &Head) -> u64 {
        let hold_ms = self.holds.get(&head.id).copied().unwrap_or(0);
        let backoff_ms = self.failed.get(&head.id).map_or(0, |(_, backoff)| backoff.due_ms());
        let network_ms = self.networks.get(&head.network).map_or(0, Backoff::due_ms);
        let disk_ms = self.disk.as_ref().map_or(0, Backoff::due_ms);
        hold_ms.max(backoff_ms).max(network_ms).max(disk_ms)
    }

    /// Hands one message over and writes the answer down.
    fn send(&mut self, head: &Head, now_ms: u64, network: &mut dyn Network) -> Result<(), StoreError> {
        if head.before == Status::Queued && !self.begin(head)? {
            return Ok(());
        }
        let found = journal::messages(self.store.connection(), "WHERE seq = ?1", [head.seq])?;
        let Some(mut entry) = found.into_iter().next().map(Message::into_entry) else { return Ok(()) };
        if entry.kind == EntryKind::Voice {
            entry.recording = journal::recording(self.store.connection(), &entry.id)?;
        }
        let answer = if network.names().contains(&head.network.as_str()) {
            network.send(&entry)
        } else {
            Err(NetworkError::Refused(Reason::UnknownRecipient))
        };
        self.pending.remove(&head.id);
        let (status, network_id) = match answer {
            Ok(Receipt::Pending) => {
                self.pending.insert(head.id.clone());
                return Ok(());
            }
            Ok(Receipt::Accepted { network_id }) => (Status::Sent, network_id),
            Ok(Receipt::Delivered) => (Status::Delivered, None),
            Err(error) => return self.failed(head, &entry, &error, now_ms),
        };
        self.networks.remove(&head.network);
        self.disk = None;
        self.store.write(|transaction| {
            mark(transaction, &entry.id, status, None)?;
            if let Some(network_id) = &network_id {
                journal::name(transaction, &entry.id, network_id)?;
            }
            if let (EntryKind::Redact, Some(target)) = (entry.kind, &entry.in_reply_to) {
                mark(transaction, target, Status::Undone, None)?;
            }
            Ok(())
        })?;
        self.settled(&entry, status, None);
        Ok(())
    }

    /// Marks a row `sending`; `false` when it was taken back in the meantime.
    fn begin(&self, head: &Head) -> Result<bool, StoreError> {
        let changed = self
            .store
            .connection()
            .prepare_cached("UPDATE messages SET status = 'sending' WHERE seq = ?1 AND status = 'queued'")?
            .execute([head.seq])?;
        Ok(changed > 0)
    }

    /// Decides what follows a failed sending.
    fn failed(
        &mut self,
        head: &Head,
        entry: &OutboxEntry,
        error: &NetworkError,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        tracing::info!(id = %head.id, %error, "sending failed");
        let retry_after_ms = match error.retry() {
            Retry::Never(reason) => {
                mark(self.store.connection(), &head.id, Status::Wedged, Some(reason))?;
                self.settled(entry, Status::Wedged, Some(reason));
                return Ok(());
            }
            Retry::After(retry_after_ms) => retry_after_ms,
        };
        if error.concerns_all() {
            let seed = self.seed();
            let backoff = self.networks.entry(head.network.clone()).or_insert_with(|| Backoff::new(seed));
            backoff.defer(now_ms, retry_after_ms);
        } else {
            let seed = backoff::seed(&head.id);
            let first = || (head.network.clone(), Backoff::new(seed));
            self.failed.entry(head.id.clone()).or_insert_with(first).1.defer(now_ms, retry_after_ms);
        }
        // A network that was not reached now may have the message from an earlier attempt.
        if error.concerns_all() && head.before == Status::Queued {
            mark(self.store.connection(), &head.id, Status::Queued, None)?;
        }
        Ok(())
    }

    /// A seed that differs between devices and moments.
    fn seed(&self) -> u64 {
        self.clock.wall_ms().unsigned_abs()
    }

    /// Makes an outcome of how a sending ended; of a message that was taken back, that it was.
    fn settled(&mut self, entry: &OutboxEntry, status: Status, reason: Option<Reason>) {
        self.forget(&entry.id);
        if entry.kind.is_message() {
            self.ready.push(Outcome { id: entry.id.clone(), status, reason });
        } else if let (EntryKind::Redact, Some(target), None) = (entry.kind, &entry.in_reply_to, reason) {
            self.ready.push(Outcome { id: target.clone(), status: Status::Undone, reason });
        }
    }

    fn forget(&mut self, id: &MessageId) {
        self.holds.remove(id);
        self.failed.remove(id);
    }
}

fn mark(connection: &Connection, id: &MessageId, status: Status, reason: Option<Reason>) -> Result<(), StoreError> {
    connection.prepare_cached("UPDATE messages SET status = ?2, reason = ?3 WHERE id = ?1")?.execute((
        id.as_str(),
        status.as_str(),
        reason.map(Reason::as_str),
    ))?;
    Ok(())
}

/// The row of a conversation whose turn it is.
#[derive(Debug)]
struct Head {
    seq: i64,
    id: MessageId,
    /// `queued`, or `sending` when an earlier attempt may have succeeded.
    before: Status,
    network: String,
}

impl From<Message> for Waiting {
    fn from(message: Message) -> Self {
        let (status, reason, at) = (message.status, message.reason, message.at.clone());
        Self { entry: message.into_entry(), status, reason, at }
    }
}

impl Waiting {
    /// Returns the line `herald outbox` prints.
    pub fn into_line(self, household: &Household) -> MessageLine {
        MessageLine {
            id: self.entry.id,
            kind: self.entry.kind,
            mine: true,
            from: household.name(&self.entry.conversation.account()).to_owned(),
            conversation: self.entry.conversation,
            to: self.entry.to.into_iter().map(|person| person.name).collect(),
            body: self.entry.body,
            status: self.status,
            at: self.at,
            reason: self.reason,
        }
    }
}
