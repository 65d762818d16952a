//! What is sent: an outbox row as a request.

use matrix_sdk::{
    Client, Room,
    ruma::{
        OwnedEventId, OwnedRoomId, OwnedTransactionId, OwnedUserId,
        api::client::receipt::create_receipt::v3::ReceiptType,
        events::{AnyMessageLikeEventContent, receipt::ReceiptThread},
        serde::Raw,
    },
};
use serde_json::{Value, json};

use super::{NAME, failure, rooms, voice};
use crate::action::{ConversationId, EntryKind, MessageId, NetworkError, OutboxEntry, Reason, Receipt, Recording};

/// Our id in the content of every message, where the server forgets transaction ids or the device was another.
const OUR_ID: &str = "org.herald.message";

/// A message this old may have been sent when the server knew its transaction id, and does not any more: then the
/// conversation is searched for it first. Synapse remembers them for 24 hours.
const OLD_MS: i64 = 20 * 60 * 60 * 1_000;

/// How far back it is searched: messages of the conversation.
const SEARCHED: u32 = 200;

/// Where a message goes.
#[derive(Debug)]
enum Target {
    Room(OwnedRoomId),
    User(OwnedUserId),
}

/// What the worker is told.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) id: MessageId,
    kind: EntryKind,
    target: Target,
    body: String,
    /// The event it answers, reacts to, takes back.
    about: Option<OwnedEventId>,
    recording: Option<Recording>,
}

impl Target {
    fn of(conversation: &ConversationId) -> Result<Self, NetworkError> {
        let nobody = || NetworkError::Refused(Reason::UnknownRecipient);
        let address = conversation.as_str().strip_prefix(NAME).and_then(|rest| rest.strip_prefix(':'));
        let address = address.ok_or_else(nobody)?;
        if address.starts_with('!') {
            Ok(Self::Room(address.try_into().map_err(|_| nobody())?))
        } else {
            Ok(Self::User(address.try_into().map_err(|_| nobody())?))
        }
    }
}

/// Somebody is writing to a conversation, or not any more.
#[derive(Debug)]
pub(super) struct Typing {
    target: Target,
    is_typing: bool,
}

impl Typing {
    /// `None` for a conversation that is none of this network.
    pub(super) fn new(conversation: &ConversationId, is_typing: bool) -> Option<Self> {
        Some(Self { target: Target::of(conversation).ok()?, is_typing })
    }

    /// Shows it, where there is a room already.
    pub(super) async fn run(&self, client: &Client) {
        let room = match &self.target {
            Target::Room(room) => client.get_room(room),
            Target::User(user) => rooms::known_direct(client, user).await.ok().flatten(),
        };
        if let Some(room) = room
            && let Err(error) = room.typing_notice(self.is_typing).await
        {
            tracing::debug!(error = %failure::of(&error), "typing could not be shown");
        }
    }
}

impl Command {
    /// Reads an outbox row. `about` is the event of the message it is about.
    pub(super) fn new(entry: &OutboxEntry, about: Option<String>) -> Result<Self, NetworkError> {
        Ok(Self {
            id: entry.id.clone(),
            kind: entry.kind,
            target: Target::of(&entry.conversation)?,
            body: entry.body.clone(),
            about: about.and_then(|event| event.try_into().ok()),
            recording: entry.recording.clone(),
        })
    }

    /// Does it.
    pub(super) async fn run(&self, client: &Client) -> Result<Receipt, NetworkError> {
        let room = match &self.target {
            Target::Room(room) => client.get_room(room).ok_or(NetworkError::Refused(Reason::UnknownRecipient))?,
            Target::User(user) => rooms::direct(client, user).await?,
        };
        match (self.kind, &self.about) {
            (EntryKind::Join, _) => {
                room.join().await.map_err(|error| failure::of(&error))?;
                Ok(Receipt::Delivered)
            }
            (EntryKind::Read, Some(event)) => {
                let receipt = room.send_single_receipt(ReceiptType::Read, ReceiptThread::Unthreaded, event.clone());
                receipt.await.map_err(|error| failure::of(&error))?;
                Ok(Receipt::Delivered)
            }
            (EntryKind::Redact, Some(event)) => {
                let redacted = room.redact(event, None, Some(self.transaction()));
                redacted.await.map_err(|error| failure::of_http(&error))?;
                Ok(Receipt::Delivered)
            }
            (EntryKind::Read | EntryKind::Redact, None) => Err(NetworkError::Refused(Reason::Refused)),
            _ => self.send(&room).await,
        }
    }

    fn transaction(&self) -> OwnedTransactionId {
        self.id.as_str().into()
    }

    async fn send(&self, room: &Room) -> Result<Receipt, NetworkError> {
        if self.is_old()
            && let Some(network_id) = self.find(room).await?
        {
            return Ok(Receipt::Accepted { network_id: Some(network_id) });
        }
        let (kind, mut content) = self.content();
        if let Some(recording) = &self.recording {
            let media = voice::content(room, recording, &self.body).await?;
            content.as_object_mut().into_iter().for_each(|content| content.extend(media.clone()));
        }
        let content: Raw<AnyMessageLikeEventContent> =
            Raw::new(&content).map_err(|_| NetworkError::Refused(Reason::Refused))?.cast_unchecked();
        let transaction = self.transaction();
        let sent = room.send_raw(kind, content).with_transaction_id(&transaction).await;
        let event = sent.map_err(|error| failure::of(&error))?.response.event_id;
        Ok(Receipt::Accepted { network_id: Some(event.to_string()) })
    }

    fn content(&self) -> (&'static str, Value) {
        let is_reaction = self.kind == EntryKind::React;
        let mut content = if is_reaction {
            json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": self.about, "key": self.body } })
        } else {
            json!({ "msgtype": "m.text", "body": self.body })
        };
        if let Some(content) = content.as_object_mut() {
            content.insert(OUR_ID.to_owned(), json!(self.id));
            if let (EntryKind::Reply | EntryKind::AutoReply | EntryKind::Voice, Some(event)) = (self.kind, &self.about)
            {
                content.insert("m.relates_to".to_owned(), json!({ "m.in_reply_to": { "event_id": event } }));
            }
        }
        (if is_reaction { "m.reaction" } else { "m.room.message" }, content)
    }

    /// When the message was confirmed is in its id. Where the clock is wrong, it is searched for nothing.
    fn is_old(&self) -> bool {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        self.id.made_at_ms().is_none_or(|made_ms| (now_ms - made_ms).abs() > OLD_MS)
    }

    /// Looks for the message in its conversation.
    async fn find(&self, room: &Room) -> Result<Option<String>, NetworkError> {
        let mut options = matrix_sdk::room::MessagesOptions::backward();
        options.limit = SEARCHED.into();
        let found = room.messages(options).await.map_err(|error| failure::of(&error))?;
        let is_it = |event: &Value| {
            event["content"][OUR_ID] == self.id.as_str() || event["unsigned"]["transaction_id"] == self.id.as_str()
        };
        let mut events = found.chunk.iter().filter_map(|event| event.raw().deserialize_as_unchecked::<Value>().ok());
        Ok(events.find(is_it).and_then(|event| event["event_id"].as_str().map(str::to_owned)))
    }
}
