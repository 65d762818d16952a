//! What the server knows: one log of all that happened, and what a sync tells of it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::SystemTime,
};

use serde_json::{Map, Value, json};

use super::{Fault, On, http::Request};

/// The most events of a room in one answer to a sync.
const TIMELINE: usize = 50;

/// What the log has entries of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Event,
    Ephemeral,
    AccountData,
}

/// An entry of the log.
pub struct Entry {
    kind: Kind,
    /// `None`: the account data of a user everywhere.
    room: Option<String>,
    /// Who alone sees it.
    only: Option<String>,
    pub value: Value,
    /// The token and transaction id with which it was sent.
    transaction: Option<(String, String)>,
}

/// A place in the log is the number of entries before it; a sync token is `s` and a place.
#[derive(Default)]
pub struct Server {
    pub log: Vec<Entry>,
    /// Display names.
    pub users: HashMap<String, String>,
    /// The user and device of each token.
    pub tokens: BTreeMap<String, (String, String)>,
    logins: usize,
    rooms: Vec<String>,
    /// Who is typing in which room.
    pub typing: HashMap<String, BTreeSet<String>>,
    /// Up to which place a user has read a room.
    read: HashMap<(String, String), usize>,
    pub faults: Vec<(On, Fault)>,
    /// How many requests to send an event have arrived.
    pub sends: usize,
}

impl Server {
    /// Counts a request and returns how it is to fail.
    pub fn arrive(&mut self, request: &Request) -> Option<Fault> {
        self.sends += usize::from(request.is_send());
        let planned = self.faults.iter().position(|(on, _)| match on {
            On::Send => request.is_send(),
            On::Sync => request.is_sync(),
            On::Any => true,
        })?;
        Some(self.faults.remove(planned).1)
    }

    /// Returns the token of a new session; without a device named, the device is named as the token.
    pub fn log_in(&mut self, user: &str, device: Option<&str>) -> String {
        self.logins += 1;
        let token = format!("TOKEN{}", self.logins);
        self.tokens.insert(token.clone(), (user.to_owned(), device.unwrap_or(&token).to_owned()));
        token
    }

    pub fn push(&mut self, kind: Kind, room: Option<&str>, only: Option<&str>, value: Value) {
        let (room, only) = (room.map(str::to_owned), only.map(str::to_owned));
        self.log.push(Entry { kind, room, only, value, transaction: None });
    }

    /// Appends an event, redacts what it redacts and returns its id.
    pub fn event(&mut self, room: &str, sender: &str, kind: &str, key: Option<&str>, content: Value) -> String {
        let id = format!("$event{}", self.log.len());
        let mut event = json!({
            "event_id": id, "room_id": room, "sender": sender, "type": kind,
            "origin_server_ts": now(), "unsigned": {},
        });
        event["content"] = content;
        if let Some(key) = key {
            event["state_key"] = json!(key);
        }
        if kind == "m.room.redaction" {
            event["redacts"] = event["content"]["redacts"].clone();
            let is_it = |entry: &&mut Entry| entry.kind == Kind::Event && entry.value["event_id"] == event["redacts"];
            if let Some(entry) = self.log.iter_mut().find(is_it) {
                entry.value["content"] = json!({});
                entry.value["unsigned"]["redacted_because"] = event.clone();
            }
        }
        self.push(Kind::Event, Some(room), None, event);
        id
    }

    /// Appends an event sent with a token and transaction id, unless that was done before; returns its id.
    pub fn send(&mut self, sent: (&str, &str), room: &str, sender: &str, kind: &str, content: Value) -> String {
        let sent = Some((sent.0.to_owned(), sent.1.to_owned()));
        let is_it = |entry: &&Entry| entry.transaction == sent && entry.room.as_deref() == Some(room);
        if let Some(known) = self.log.iter().find(is_it) {
            return known.value["event_id"].as_str().unwrap().to_owned();
        }
        let id = self.event(room, sender, kind, None, content);
        self.log.last_mut().unwrap().transaction = sent;
        id
    }

    pub fn create(&mut self, creator: &str, name: Option<&str>) -> String {
        let room = format!("!room{}:fake.test", self.rooms.len());
        self.rooms.push(room.clone());
        self.event(&room, creator, "m.room.create", Some(""), json!({ "room_version": "11" }));
        self.join(&room, creator);
        self.event(&room, creator, "m.room.power_levels", Some(""), json!({ "users": { creator: 100 } }));
        self.event(&room, creator, "m.room.join_rules", Some(""), json!({ "join_rule": "invite" }));
        if let Some(name) = name {
            self.event(&room, creator, "m.room.name", Some(""), json!({ "name": name }));
        }
        room
    }

    pub fn join(&mut self, room: &str, user: &str) {
        self.set_membership(room, user, user, json!({ "membership": "join" }));
    }

    pub fn set_membership(&mut self, room: &str, sender: &str, user: &str, mut content: Value) {
        content["displayname"] = json!(self.users.get(user));
        self.event(room, sender, "m.room.member", Some(user), content);
    }

    pub fn set_account_data(&mut self, user: &str, room: Option<&str>, kind: &str, content: &Value) {
        self.push(Kind::AccountData, room, Some(user), json!({ "type": kind, "content": content }));
    }

    pub fn account_data(&self, user: &str, room: Option<&str>, kind: &str) -> Option<&Value> {
        let is_it = |entry: &&Entry| {
            let whose = (entry.kind, entry.room.as_deref(), entry.only.as_deref());
            whose == (Kind::AccountData, room, Some(user)) && entry.value["type"] == kind
        };
        self.log.iter().rfind(is_it).map(|entry| &entry.value["content"])
    }

    /// A user has read a room up to an event: a receipt, or the marker `m.fully_read`.
    pub fn mark(&mut self, user: &str, room: &str, kind: &str, event: &str) {
        if kind == "m.fully_read" {
            return self.set_account_data(user, Some(room), kind, &json!({ "event_id": event }));
        }
        if let Some(place) = self.log.iter().position(|entry| entry.value["event_id"] == event) {
            self.read.insert((user.to_owned(), room.to_owned()), place + 1);
            let content = json!({ event: { kind: { user: { "ts": now() } } } });
            let only = (kind == "m.read.private").then_some(user);
            self.push(Kind::Ephemeral, Some(room), only, json!({ "type": "m.receipt", "content": content }));
        }
    }

    /// Returns the events of a room between two places, with theirs.
    pub fn events(&self, room: &str, start: usize, end: usize) -> impl DoubleEndedIterator<Item = (usize, &Entry)> {
        let is_here = move |entry: &Entry| entry.kind == Kind::Event && entry.room.as_deref() == Some(room);
        (start..end).map(|place| (place, &self.log[place])).filter(move |(_, entry)| is_here(entry))
    }

    /// Returns what else a user learns from a place on, of a room or everywhere.
    fn news(&self, kind: Kind, user: &str, room: Option<&str>, start: usize) -> Value {
        let is_new = |entry: &&Entry| {
            (entry.kind, entry.room.as_deref()) == (kind, room) && entry.only.as_deref().is_none_or(|only| only == user)
        };
        json!({ "events": self.log[start..].iter().filter(is_new).map(|entry| &entry.value).collect::<Vec<_>>() })
    }

    /// Returns the state that the events between two places leave, by type and key.
    pub fn state(&self, room: &str, start: usize, end: usize) -> BTreeMap<(&str, &str), &Value> {
        let events = self.events(room, start, end).map(|(_, entry)| &entry.value);
        events.filter_map(|event| Some(((event["type"].as_str()?, event["state_key"].as_str()?), event))).collect()
    }

    /// Returns what a user was to a room at a place, and where that changed last.
    pub fn membership(&self, room: &str, user: &str, end: usize) -> Option<(usize, &str)> {
        let is_it = |event: &Value| event["type"] == "m.room.member" && event["state_key"] == user;
        let (place, entry) = self.events(room, 0, end).rfind(|(_, entry)| is_it(&entry.value))?;
        Some((place, entry.value["content"]["membership"].as_str()?))
    }

    pub fn is_joined(&self, room: &str, user: &str, end: usize) -> bool {
        self.membership(room, user, end).is_some_and(|(_, membership)| membership == "join")
    }

    /// Returns the membership events of those who are in a room or invited.
    pub fn members(&self, room: &str) -> Vec<&Value> {
        let members =
            self.state(room, 0, self.log.len()).into_values().filter(|event| event["type"] == "m.room.member");
        members.filter(|event| matches!(event["content"]["membership"].as_str(), Some("join" | "invite"))).collect()
    }

    /// Returns an event as a device sees it: its own with the transaction id.
    pub fn seen(entry: &Entry, token: &str) -> Value {
        let mut event = entry.value.clone();
        if let Some((_, transaction)) = entry.transaction.as_ref().filter(|(sender, _)| sender == token) {
            event["unsigned"]["transaction_id"] = json!(transaction);
        }
        event
    }

    /// Returns what is new to a device since a place, or all.
    pub fn sync(&self, token: &str, user: &str, since: Option<usize>) -> Value {
        let end = self.log.len();
        let start = since.unwrap_or(0).min(end);
        let (mut join, mut invite, mut leave) = (Map::new(), Map::new(), Map::new());
        for room in &self.rooms {
            let Some((changed, membership)) = self.membership(room, user, end) else { continue };
            let was_joined = since.is_some() && self.is_joined(room, user, start);
            let is_new = since.is_none() || changed >= start;
            match membership {
                "join" if !was_joined || self.log[start..].iter().any(|entry| entry.room.as_ref() == Some(room)) => {
                    let first = if was_joined { start } else { 0 };
                    let mut section = self.section(token, room, first, end);
                    section["ephemeral"] = self.news(Kind::Ephemeral, user, Some(room), first);
                    section["account_data"] = self.news(Kind::AccountData, user, Some(room), first);
                    section["summary"] = self.summary(room, user);
                    section["unread_notifications"] =
                        json!({ "notification_count": self.unread(room, user), "highlight_count": 0 });
                    join.insert(room.clone(), section);
                }
                "invite" if is_new => {
                    let events: Vec<_> = self.state(room, 0, end).into_values().collect();
                    invite.insert(room.clone(), json!({ "invite_state": { "events": events } }));
                }
                "leave" if is_new && since.is_some() => {
                    let first = if was_joined { start } else { changed };
                    leave.insert(room.clone(), self.section(token, room, first, changed + 1));
                }
                _ => {}
            }
        }
        json!({
            "next_batch": format!("s{end}"),
            "rooms": { "join": join, "invite": invite, "leave": leave },
            "account_data": self.news(Kind::AccountData, user, None, start),
            "device_one_time_keys_count": { "signed_curve25519": 50 },
            "device_unused_fallback_key_types": ["signed_curve25519"],
        })
    }

    /// Returns the last events of a room between two places, and the state that those left out leave.
    fn section(&self, token: &str, room: &str, first: usize, end: usize) -> Value {
        let events: Vec<_> = self.events(room, first, end).collect();
        let shown = &events[events.len().saturating_sub(TIMELINE)..];
        let start = shown.first().map_or(end, |(place, _)| *place);
        json!({
            "state": { "events": self.state(room, first, start).into_values().collect::<Vec<_>>() },
            "timeline": {
                "events": shown.iter().map(|(_, entry)| Self::seen(entry, token)).collect::<Vec<_>>(),
                "limited": shown.len() < events.len(),
                "prev_batch": format!("s{start}"),
            },
        })
    }

    fn summary(&self, room: &str, user: &str) -> Value {
        let members = self.members(room);
        let number = |of: &str| members.iter().filter(|member| member["content"]["membership"] == of).count();
        let others = members.iter().map(|member| &member["state_key"]).filter(|member| *member != user);
        json!({
            "m.heroes": others.take(5).collect::<Vec<_>>(),
            "m.joined_member_count": number("join"),
            "m.invited_member_count": number("invite"),
        })
    }

    /// Returns how many messages of others came after what a user has read or written.
    fn unread(&self, room: &str, user: &str) -> usize {
        let read = self.read.get(&(user.to_owned(), room.to_owned())).copied().unwrap_or(0);
        let events = self.events(room, read, self.log.len()).rev().map(|(_, entry)| &entry.value);
        events.take_while(|event| event["sender"] != user).filter(|event| event["type"] == "m.room.message").count()
    }
}

fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis() as u64
}
