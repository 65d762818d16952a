//! What the dialogue wants done, done: the outbox and what became of it; and what arrives.

use super::{Conversation, Scribe, scribe};
use crate::{
    action::{
        self, Account, ConversationId, EntryKind, IncomingMessage, Known, Local, MessageId, NetworkError, OutboxEntry,
        Reason, Recording, Status, Undo,
    },
    config::Lang,
    dialogue::{
        Action, Arrival, Event, Failure, Leaves, Person, Post, RecordingId, Taken, TurnId, Unread, UnreadKind,
        Withdrawal,
    },
    intent::contacts::{ContactId, Handle, Met},
    runtime::LogEvent,
    speech::{Earcon, detect_lang},
};

/// After this long networks take it that somebody writes no more, unless they are told again, milliseconds.
const TYPING_MS: u64 = 3_000;

impl Conversation {
    /// Writes what was confirmed to the outbox. The "sending" is said only when every row is on disk.
    pub(super) fn act(&mut self, turn: TurnId, action: &Action) -> Event {
        let mut entries = match action {
            Action::Send { to, body, .. } => self.entries(EntryKind::Send, to, body),
            Action::ShareLocation { to, body } => self.entries(EntryKind::ShareLocation, to, body),
            Action::Reply { to, answers, body, .. } => match self.answer_entry(EntryKind::Reply, answers, body) {
                Some(entry) => vec![(to.clone(), entry)],
                None => self.entries(EntryKind::Send, std::slice::from_ref(to), body),
            },
            Action::React { to, answers, reaction } => match self.answer_entry(EntryKind::React, answers, reaction) {
                Some(entry) => vec![(to.clone(), entry)],
                None => self.entries(EntryKind::Send, std::slice::from_ref(to), reaction),
            },
        };
        if let Action::Send { recording: Some(id), .. } | Action::Reply { recording: Some(id), .. } = action {
            let Some(recording) = self.voice_message(*id) else { return Event::NotQueued(turn) };
            for (_, entry) in &mut entries {
                entry.kind = EntryKind::Voice;
                entry.recording = Some(recording.clone());
            }
        }
        for (_, entry) in &entries {
            if let Err(error) = self.outbox.queue(entry) {
                self.fault("outbox", &error);
                self.take_back_all(entries.iter().map(|(_, entry)| &entry.id));
                return Event::NotQueued(turn);
            }
        }
        self.tally(self.by);
        self.last_action = entries.iter().map(|(_, entry)| entry.id.clone()).collect();
        self.shown.undo_until_ms = self.now_ms + self.undo_window_ms;
        self.remember_act(entries.iter().map(|(person, _)| person));
        let leave_now = entries.iter().all(|(_, entry)| self.network.can_reach(entry.conversation.network()));
        for (person, entry) in entries {
            self.wrote_to(&person);
            self.outbox.hold(&entry.id, self.now_ms + self.undo_window_ms);
            let id = entry.id.as_str().to_owned();
            let to = vec![person.name.clone()];
            self.log(&LogEvent::Action { id: id.clone(), kind: entry.kind.as_str(), to, body: entry.body });
            self.log(&LogEvent::Outcome { id, status: Status::Queued.as_str().to_owned(), reason: None });
            self.sent_to.insert(entry.id, person);
        }
        Event::Queued(turn, if leave_now { Leaves::Now } else { Leaves::Later })
    }

    /// Shows, where the network can, that the user is writing to somebody.
    pub(super) fn show_typing(&mut self) {
        let to = self.dialogue.writes_to().filter(|_| self.shows_typing).map(|person| {
            let (network, member) = self.on_network(person);
            ConversationId::between(network, self.speaking.account(), &[member])
        });
        let shown = self.typing.take();
        if let Some((shown, _)) = shown.as_ref().filter(|(shown, _)| Some(shown) != to.as_ref()) {
            self.network.show_typing(shown, false);
        }
        self.typing = to.map(|to| match shown {
            Some((shown, since_ms)) if shown == to && self.now_ms < since_ms + TYPING_MS => (to, since_ms),
            _ => {
                self.network.show_typing(&to, true);
                (to, self.now_ms)
            }
        });
    }

    /// What was said, as a voice message.
    fn voice_message(&self, id: RecordingId) -> Option<Recording> {
        let (_, pieces) = self.sounds.iter().find(|(known, _)| *known == id)?;
        self.network.record(&pieces.concat())
    }

    /// All or nothing: rows written before one that could not be written are not sent.
    fn take_back_all<'a>(&mut self, ids: impl Iterator<Item = &'a MessageId>) {
        for id in ids {
            if let Err(error) = self.outbox.undo(id) {
                self.fault("outbox", &error);
            }
        }
    }

    /// One row for each person.
    pub(super) fn entries(&self, kind: EntryKind, to: &[Person], body: &str) -> Vec<(Person, OutboxEntry)> {
        let entry = |person: &Person| {
            let (network, to) = self.on_network(person);
            let account = self.speaking.account();
            (person.clone(), OutboxEntry { kind, ..OutboxEntry::send(network, account, vec![to], body) })
        };
        to.iter().map(entry).collect()
    }

    /// A contact under their address, on the first network that knows one. Without one, the outbox says so by its own means.
    fn on_network(&self, person: &Person) -> (&'static str, action::Person) {
        let main = self.network.name();
        let contact = self.book.contact(ContactId(person.id));
        let handle = |network| contact?.handles.iter().find(|handle: &&Handle| handle.network == network);
        let found = self.network.names().into_iter().find_map(|network| Some((network, handle(network)?)));
        match found {
            Some((network, handle)) if network != Local::NAME => {
                let (contact_id, name, address) = (Some(person.id), person.name.clone(), handle.address.clone());
                (network, action::Person { contact_id, name, address })
            }
            Some(_) | None if main == Local::NAME => (main, action::Person::on_local(person.id, person.name.clone())),
            Some(_) | None => {
                let (contact_id, name) = (Some(person.id), person.name.clone());
                (main, action::Person { contact_id, name, address: String::new() })
            }
        }
    }

    /// An answer goes to everybody in the conversation of the message it answers.
    fn answer_entry(&self, kind: EntryKind, answers: &str, body: &str) -> Option<OutboxEntry> {
        let message = self.inbox.message(&MessageId::parse(answers).ok()?).ok()??;
        let to = message.reply_to();
        Some(OutboxEntry::about(kind, message.id, message.conversation, to, body))
    }

    /// What the user has heard counts as read, here and, where the network tells, for its senders.
    pub(super) fn mark_read(&mut self, ids: &[String]) {
        self.announcer.were_read(ids);
        let parsed: Vec<MessageId> = ids.iter().filter_map(|id| MessageId::parse(id).ok()).collect();
        if let Err(error) = self.inbox.mark_read(&parsed) {
            self.fault("inbox", &error);
        }
        if self.network.tells_read() {
            // Who invites learns it by the answer.
            let is_invitation = |id: &String| id.starts_with(action::INVITATION);
            ids.iter().filter(|id| !is_invitation(id)).for_each(|id| self.do_silently(EntryKind::Read, id));
        }
    }

    /// Does something to a message that arrived, by the way of everything that leaves.
    pub(super) fn do_silently(&mut self, kind: EntryKind, to: &str) {
        let Some(entry) = self.answer_entry(kind, to, "") else { return };
        if let Err(error) = self.outbox.queue(&entry) {
            self.fault("outbox", &error);
        }
    }

    pub(super) fn take_back(&mut self, turn: TurnId, said: Withdrawal) -> Event {
        let ids = std::mem::take(&mut self.last_action);
        let (mut undone, mut withdrawn) = (0, 0);
        for id in &ids {
            let undo = match said {
                Withdrawal::Undo => self.outbox.take_back(id),
                Withdrawal::Cancel => self.outbox.undo(id),
            };
            match undo {
                Ok(Undo::Withdrawing) => withdrawn += 1,
                Ok(Undo::Undone) => {
                    undone += 1;
                    let id = id.as_str().to_owned();
                    self.log(&LogEvent::Outcome { id, status: Status::Undone.as_str().to_owned(), reason: None });
                }
                Ok(Undo::TooLate(_) | Undo::Unknown) => {}
                Err(error) => self.fault("outbox", &error),
            }
        }
        match undone {
            _ if ids.is_empty() => Event::NothingToTakeBack(turn),
            _ if undone == ids.len() => Event::TakenBack(turn, Taken::InTime),
            _ if undone + withdrawn == ids.len() => Event::TakenBack(turn, Taken::Afterwards),
            _ => Event::TooLate(turn),
        }
    }

    pub(super) fn send_due(&mut self) {
        match self.outbox.tick(self.now_ms, self.network.as_mut()) {
            Ok(outcomes) => {
                self.store_fault = false;
                for outcome in outcomes {
                    self.came_of(&outcome);
                }
            }
            Err(error) if !self.store_fault => {
                self.store_fault = true;
                self.fault("outbox", &error);
            }
            // Told once; the outbox tries again by itself.
            Err(_) => {}
        }
    }

    fn came_of(&mut self, outcome: &action::Outcome) {
        self.log(&LogEvent::Outcome {
            id: outcome.id.as_str().to_owned(),
            status: outcome.status.as_str().to_owned(),
            reason: outcome.reason.map(|reason| reason.as_str().to_owned()),
        });
        let failure = match outcome.status {
            Status::Wedged if outcome.reason == Some(Reason::UnknownRecipient) => Failure::NoAddress,
            Status::Wedged => Failure::Wedged,
            Status::Expired => Failure::Expired,
            Status::Sent | Status::Delivered => {
                if self.sent_to.remove(&outcome.id).is_some() {
                    self.sound(Earcon::Sent);
                }
                return;
            }
            Status::Queued
            | Status::Sending
            | Status::Unverified
            | Status::Undone
            | Status::Received
            | Status::Read => return,
        };
        if let Some(person) = self.sent_to.get(&outcome.id).cloned() {
            self.sound(Earcon::Failed);
            self.feed(Event::Failed(person, failure));
        }
    }

    /// Takes in what arrived while nobody was listening.
    pub fn receive(&mut self) {
        match self.inbox.receive(self.network.as_mut()) {
            Ok(news) => {
                for outcome in news.delivered {
                    self.came_of(&outcome);
                }
                self.met(&news.people);
            }
            Err(error) => {
                self.fault("network", &error);
                if matches!(error, NetworkError::SignedOut) {
                    self.feed(Event::SignedOut);
                }
            }
        }
        self.listen_to_recordings();
        match self.inbox.announce() {
            Ok(messages) => {
                for message in messages {
                    self.arrived(&message);
                }
            }
            Err(error) => self.fault("inbox", &error),
        }
        self.announce();
    }

    /// Recordings are written down one after another, while the conversation goes on.
    fn listen_to_recordings(&mut self) {
        for (id, path) in self.network.recordings() {
            match &self.scribe {
                Some(scribe) => scribe.hear(id, path),
                None => scribe::forget(&path),
            }
        }
        for (id, text) in self.scribe.as_ref().map(Scribe::heard).unwrap_or_default() {
            if let Err(error) = self.inbox.transcribed(&id, &text) {
                self.fault("inbox", &error);
            }
        }
    }

    /// Puts a message on the local network, as if `from` had written it to the owner.
    pub fn deliver(&mut self, from: &action::Person, body: &str) {
        self.deliver_among(&Account::owner(), from, &[], body);
    }

    /// Puts a message on the local network, as if `from` had written it to one of the household and to `others`.
    pub fn deliver_among(&mut self, account: &Account, from: &action::Person, others: &[action::Person], body: &str) {
        if let Err(error) = self.local.deliver(account, from, others, body) {
            self.fault("local", &error);
        }
        self.receive();
    }

    /// People the network knows come into the contact book.
    fn met(&mut self, people: &[Known]) {
        if people.is_empty() {
            return;
        }
        let met = people.iter().map(|known| Met {
            name: &known.name,
            nickname: known.nickname.as_deref(),
            network: known.network,
            address: &known.address,
            is_group: known.is_group,
        });
        if let Err(error) = self.book.meet(&self.store, met) {
            self.fault("contacts", &error);
        }
    }

    fn arrived(&mut self, message: &IncomingMessage) {
        self.log(&LogEvent::Incoming {
            id: message.id.as_str().to_owned(),
            from: message.from.name.clone(),
            conversation: ConversationId::as_str(&message.conversation).to_owned(),
            body: message.body.clone(),
        });
        self.answer_for_driver(message);
        self.announcer.arrived(self.arrival(message));
    }

    /// What the announcer must know of a message.
    pub(super) fn arrival(&self, message: &IncomingMessage) -> Arrival {
        let to = self.speaking.name_of(&message.conversation.account()).to_owned();
        let id = message.id.as_str().to_owned();
        let post = Post { from: sender(message), to, is_visit: message.kind == EntryKind::Visit };
        Arrival { id, post, is_group: !message.others.is_empty() }
    }

    pub(super) fn fetch(&mut self, turn: TurnId, from: Option<&Person>) -> Event {
        let messages =
            self.inbox.unread(self.speaking.account(), from.map(|person| person.id)).unwrap_or_else(|error| {
                self.fault("inbox", &error);
                Vec::new()
            });
        let unread = messages
            .into_iter()
            .map(|message| Unread {
                id: message.id.as_str().to_owned(),
                from: sender(&message),
                kind: unread_kind(message.kind),
                lang: self.lang_of(&message),
                offer: self.offer_about(&message),
                body: message.body,
            })
            .collect();
        Event::Fetched(turn, unread)
    }

    /// The language somebody wrote in: by their words and, where these leave it open, by what they usually speak.
    fn lang_of(&self, message: &IncomingMessage) -> Option<Lang> {
        let has_words = matches!(
            unread_kind(message.kind),
            UnreadKind::Text | UnreadKind::Voice | UnreadKind::Poll | UnreadKind::Picture
        );
        let contact = message.from.contact_id.and_then(|id| self.book.contact(ContactId(id)));
        let usual = contact.and_then(|contact| contact.lang).unwrap_or(self.lang());
        has_words.then(|| detect_lang(&message.body, Some(usual)))
    }
}

const fn unread_kind(kind: EntryKind) -> UnreadKind {
    match kind {
        EntryKind::React => UnreadKind::Reaction,
        EntryKind::Poll => UnreadKind::Poll,
        EntryKind::ShareLocation => UnreadKind::Place,
        EntryKind::Voice => UnreadKind::Voice,
        EntryKind::Picture => UnreadKind::Picture,
        EntryKind::File => UnreadKind::File,
        EntryKind::Invite => UnreadKind::Invite,
        EntryKind::Send
        | EntryKind::Reply
        | EntryKind::AutoReply
        | EntryKind::Visit
        | EntryKind::Read
        | EntryKind::Redact
        | EntryKind::Join => UnreadKind::Text,
    }
}

/// Who wrote a message; a stranger has no contact, and an answer goes by the conversation.
fn sender(message: &IncomingMessage) -> Person {
    Person { id: message.from.contact_id.unwrap_or_default(), name: message.from.name.clone(), members: None }
}
