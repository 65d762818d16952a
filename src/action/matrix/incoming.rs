//! What a sync brought: events as messages, reactions, receipts.
//!
//! Events are read as plain JSON, field by field: what an unknown client leaves out or makes up costs one line, never
//! the sync.

use matrix_sdk::{Room, deserialized_responses::TimelineEvent, ruma::events::room::MediaSource, sync::State};
use serde_json::Value;

use super::rooms::{self, Members};
use crate::action::{Account, Arrived, ConversationId, EntryKind, INVITATION, IncomingMessage, MessageId, Person};

/// Longest text that is kept, in bytes: the largest event a server takes is 65,536.
const LONGEST_TEXT: usize = 65_536;

/// What became of an event.
#[derive(Debug)]
pub(super) enum Read {
    /// It says something.
    Arrived(Arrived),
    /// It is a recording, which is somewhere else.
    Recording(Arrived, MediaSource),
    /// It is encrypted with a key that is not here yet.
    Undecryptable(String),
    /// It is none of the user's business.
    Nothing,
}

/// Reads an event of a room's timeline.
pub(super) fn read(event: &TimelineEvent, own_user: &str, members: &Members) -> Read {
    let Ok(event) = event.raw().deserialize_as_unchecked::<Value>() else {
        tracing::warn!("an event that is no JSON was passed over");
        return Read::Nothing;
    };
    let (Some(id), Some(sender), Some(kind)) = (text(&event["event_id"]), text(&event["sender"]), text(&event["type"]))
    else {
        tracing::warn!("an event without id, sender or type was passed over");
        return Read::Nothing;
    };
    if sender == own_user {
        return Read::Nothing;
    }
    let id = MessageId::from_network(id.to_owned());
    let content = &event["content"];
    let written = match kind {
        "m.room.encrypted" => return Read::Undecryptable(id.as_str().to_owned()),
        "m.room.redaction" => {
            return match text(&event["redacts"]).or_else(|| text(&content["redacts"])) {
                Some(redacted) => Read::Arrived(Arrived::Withdrawn(MessageId::from_network(redacted.to_owned()))),
                None => Read::Nothing,
            };
        }
        "m.room.message" => match change(content) {
            Some((changed, body)) => return Read::Arrived(Arrived::Changed(changed, body)),
            None => message(content),
        },
        "m.reaction" => reaction(content),
        "m.poll.start" | "org.matrix.msc3381.poll.start" => poll(content),
        "m.sticker" => text(&content["body"]).map(|body| Written::new(EntryKind::Picture, body)),
        _ => None,
    };
    let Some(written) = written else { return Read::Nothing };
    let Some((from, others)) = members.split(sender) else { return Read::Nothing };
    let recording = if written.kind == EntryKind::Voice { media(content) } else { None };
    let arrived = Arrived::Message(IncomingMessage {
        id,
        kind: written.kind,
        conversation: members.conversation(),
        from,
        others,
        body: written.body,
        in_reply_to: written.about,
        at: crate::action::clock::rfc3339(event["origin_server_ts"].as_i64().unwrap_or_default()),
    });
    match recording {
        Some(source) => Read::Recording(arrived, source),
        None => Read::Arrived(arrived),
    }
}

/// Where a file is: encrypted, or, in a conversation that is not, plain.
fn media(content: &Value) -> Option<MediaSource> {
    let encrypted = serde_json::from_value(content["file"].clone()).ok().map(MediaSource::Encrypted);
    encrypted.or_else(|| Some(MediaSource::Plain(text(&content["url"])?.into())))
}

/// What somebody wrote.
struct Written {
    kind: EntryKind,
    body: String,
    about: Option<MessageId>,
}

impl Written {
    fn new(kind: EntryKind, body: &str) -> Self {
        Self { kind, body: shortened(body), about: None }
    }
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

fn shortened(body: &str) -> String {
    let end = (0..=LONGEST_TEXT.min(body.len())).rev().find(|end| body.is_char_boundary(*end)).unwrap_or_default();
    body.get(..end).unwrap_or_default().to_owned()
}

fn message(content: &Value) -> Option<Written> {
    let body = text(&content["body"])?;
    let answered = text(&content["m.relates_to"]["m.in_reply_to"]["event_id"]);
    let kind = match text(&content["msgtype"])? {
        "m.image" => EntryKind::Picture,
        // Its words come when somebody has listened to it.
        "m.audio" => return Some(Written::new(EntryKind::Voice, "")),
        "m.file" | "m.video" => EntryKind::File,
        "m.location" => EntryKind::ShareLocation,
        "m.text" | "m.notice" | "m.emote" if answered.is_some() => EntryKind::Reply,
        "m.text" | "m.notice" | "m.emote" => EntryKind::Send,
        _ => return None,
    };
    let body = if answered.is_some() { without_quotation(body) } else { body };
    Some(Written { about: answered.map(|id| MessageId::from_network(id.to_owned())), ..Written::new(kind, body) })
}

/// Older clients put the message that is answered before the answer, each line after `> `, and an empty line.
fn without_quotation(body: &str) -> &str {
    if !body.starts_with("> <") {
        return body;
    }
    body.split_once("\n\n").map_or(body, |(_, answer)| answer)
}

/// A message that replaces an earlier one.
fn change(content: &Value) -> Option<(MessageId, String)> {
    let relation = &content["m.relates_to"];
    let changed = text(&relation["event_id"]).filter(|_| relation["rel_type"] == "m.replace")?;
    let body = text(&content["m.new_content"]["body"])?;
    Some((MessageId::from_network(changed.to_owned()), shortened(body)))
}

fn reaction(content: &Value) -> Option<Written> {
    let relation = &content["m.relates_to"];
    let (event, key) = (text(&relation["event_id"])?, text(&relation["key"])?);
    Some(Written { about: Some(MessageId::from_network(event.to_owned())), ..Written::new(EntryKind::React, key) })
}

/// A question and its answers, as one line.
fn poll(content: &Value) -> Option<Written> {
    let poll = [&content["m.poll"], &content["m.poll.start"], &content["org.matrix.msc3381.poll.start"]];
    let poll = poll.into_iter().find(|poll| poll.is_object())?;
    let words = |block: &Value| {
        let plain = [&block["org.matrix.msc1767.text"], &block["m.text"], &block["body"], &block["m.text"][0]["body"]];
        plain.into_iter().find_map(text).map(str::to_owned)
    };
    let question = words(&poll["question"])?;
    let answers: Vec<String> = poll["answers"].as_array()?.iter().filter_map(words).collect();
    Some(Written::new(EntryKind::Poll, &format!("{question} {}", answers.join(", "))))
}

/// Reads the receipts among a room's passing events: the events others have read up to.
pub(super) fn seen(event: &Value, own_user: &str) -> Vec<Arrived> {
    let Some(receipts) = event["content"].as_object().filter(|_| event["type"] == "m.receipt") else {
        return Vec::new();
    };
    let is_others = |receipt: &Value| {
        receipt["m.read"].as_object().is_some_and(|readers| readers.keys().any(|reader| reader != own_user))
    };
    let seen = receipts.iter().filter(|(_, receipt)| is_others(receipt));
    seen.map(|(event, _)| Arrived::Seen(MessageId::from_network(event.clone()))).collect()
}

/// Reads an invitation.
pub(super) async fn invitation(room: &Room) -> Option<Arrived> {
    let invite = room.invite_details().await.ok()?;
    let name = invite.inviter.as_ref().and_then(|inviter| inviter.display_name());
    let from = rooms::person(&invite.inviter_id, name);
    let from_name = from.name.clone();
    let called = room.display_name().await.map(|name| name.to_string()).unwrap_or_default();
    let room_itself = Person { contact_id: None, name: String::new(), address: room.room_id().to_string() };
    Some(Arrived::Message(IncomingMessage {
        id: MessageId::from_network(format!("{INVITATION}{}:{}", room.room_id(), invite.inviter_id)),
        kind: EntryKind::Invite,
        conversation: ConversationId::between(super::NAME, &Account::owner(), &[room_itself]),
        from,
        others: Vec::new(),
        body: rooms::readable(&called, from_name.as_str()),
        in_reply_to: None,
        at: crate::action::clock::rfc3339(jiff::Timestamp::now().as_millisecond()),
    }))
}

/// Whether who is in a room, or what it is called, may have changed.
pub(super) fn is_about_people(events: &[TimelineEvent], state: &State) -> bool {
    let is_about = |kind: Option<String>| matches!(kind.as_deref(), Some("m.room.member" | "m.room.name"));
    let of_state = match state {
        State::Before(events) | State::After(events) => events,
    };
    events.iter().any(|event| is_about(event.raw().get_field("type").ok().flatten()))
        || of_state.iter().any(|event| is_about(event.get_field("type").ok().flatten()))
}
