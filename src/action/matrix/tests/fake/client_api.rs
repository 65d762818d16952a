//! The client-server API: what the server answers to whom.

use serde_json::{Map, Value, json};

use super::{
    http::Request,
    server::{Kind, Server},
};

/// JSON, or the status and the code of a refusal.
pub type Answer = Result<Value, (u16, &'static str)>;

const FORBIDDEN: (u16, &str) = (403, "M_FORBIDDEN");
const NOT_FOUND: (u16, &str) = (404, "M_NOT_FOUND");
const UNRECOGNIZED: (u16, &str) = (404, "M_UNRECOGNIZED");

/// The most bytes of an event.
const EVENT_BYTES: usize = 65_536;

/// A request of somebody who is logged in.
struct Call<'a> {
    request: &'a Request,
    body: Value,
    token: &'a str,
    user: &'a str,
    device: &'a str,
}

impl Server {
    /// Answers a request at once; a sync too.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let body: Map<_, _> = match &request.body[..] {
            [] => Map::new(),
            bytes => serde_json::from_slice(bytes).map_err(|_| (400, "M_NOT_JSON"))?,
        };
        let body = Value::Object(body);
        let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
        match (request.method.as_str(), &path[..]) {
            ("GET", ["_matrix", "client", "versions"]) => {
                Ok(json!({ "versions": (1..=12).map(|minor| format!("v1.{minor}")).collect::<Vec<_>>() }))
            }
            ("GET", ["_matrix", "client", _, "login"]) => Ok(json!({ "flows": [{ "type": "m.login.password" }] })),
            ("POST", ["_matrix", "client", _, "login"]) => {
                let name = body["identifier"]["user"].as_str().unwrap_or("");
                let user = if name.starts_with('@') { name.to_owned() } else { format!("@{name}:fake.test") };
                if !self.users.contains_key(&user) {
                    return Err(FORBIDDEN);
                }
                let token = self.log_in(&user, body["device_id"].as_str());
                Ok(json!({ "user_id": user, "device_id": self.tokens[&token].1, "access_token": token }))
            }
            (method, ["_matrix", "client", "r0" | "v1" | "v3", path @ ..] | ["_matrix", path @ ..]) => {
                let token = request.token.as_deref().ok_or((401, "M_MISSING_TOKEN"))?;
                let (user, device) = self.tokens.get(token).cloned().ok_or((401, "M_UNKNOWN_TOKEN"))?;
                let call = Call { request, body, token, user: &user, device: &device };
                match path {
                    ["rooms", _, "join" | "leave"] | ["join", _] => self.enter_or_leave(&call, path),
                    ["rooms", room, path @ ..] if self.is_joined(room, &user, self.log.len()) => {
                        self.in_room(&call, room, method, path)
                    }
                    ["rooms", ..] => Err(FORBIDDEN),
                    _ => self.anywhere(&call, method, path),
                }
            }
            _ => Err(UNRECOGNIZED),
        }
    }

    fn anywhere(&mut self, call: &Call<'_>, method: &str, path: &[&str]) -> Answer {
        let me = call.user;
        match (method, path) {
            ("GET", ["account", "whoami"]) => Ok(json!({ "user_id": me, "device_id": call.device })),
            ("GET", ["capabilities"]) => Ok(json!({ "capabilities": {} })),
            ("GET", ["media", .., "config"]) => Ok(json!({ "m.upload.size": 1 << 20 })),
            ("GET", ["pushrules", ..]) => Ok(json!({ "global": {} })),
            ("GET", ["room_keys", "version"]) => Err(NOT_FOUND),
            ("POST", ["keys", "upload"]) => Ok(json!({ "one_time_key_counts": { "signed_curve25519": 50 } })),
            ("POST", ["keys", "query"]) => Ok(json!({ "device_keys": {} })),
            ("POST", ["keys", "claim"]) => Ok(json!({ "one_time_keys": {} })),
            ("POST", ["keys", ..]) | ("PUT", ["sendToDevice", ..]) => Ok(json!({})),
            ("POST", ["user", _, "filter"]) => Ok(json!({ "filter_id": "1" })),
            ("GET", ["user", _, "filter", _]) => Ok(json!({})),
            ("POST", ["logout"]) => {
                self.tokens.remove(call.token);
                Ok(json!({}))
            }
            ("GET", ["devices"]) => {
                let devices = self.tokens.values().filter(|(owner, _)| owner == me);
                Ok(json!({ "devices": devices.map(|(_, device)| json!({ "device_id": device })).collect::<Vec<_>>() }))
            }
            ("GET", ["profile", user, ..]) => {
                self.users.get(*user).map(|name| json!({ "displayname": name })).ok_or(NOT_FOUND)
            }
            (_, ["user", user, ..]) if *user != me => Err(FORBIDDEN),
            ("GET", ["user", _, "account_data", kind]) => self.account_data(me, None, kind).cloned().ok_or(NOT_FOUND),
            ("GET", ["user", _, "rooms", room, "account_data", kind]) => {
                self.account_data(me, Some(room), kind).cloned().ok_or(NOT_FOUND)
            }
            ("PUT", ["user", _, room @ .., "account_data", kind]) => {
                self.set_account_data(me, room.get(1).copied(), kind, &call.body);
                Ok(json!({}))
            }
            ("GET", ["sync"]) => match (call.request.query("since"), call.request.place("since")) {
                (Some(_), None) => Err((400, "M_UNKNOWN_POS")),
                (_, since) => Ok(self.sync(call.token, me, since)),
            },
            ("POST", ["createRoom"]) => {
                let room = self.create(me, call.body["name"].as_str());
                for guest in call.body["invite"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    let content = json!({ "membership": "invite", "is_direct": call.body["is_direct"] == true });
                    self.set_membership(&room, me, guest, content);
                }
                Ok(json!({ "room_id": room }))
            }
            _ => Err(UNRECOGNIZED),
        }
    }

    fn enter_or_leave(&mut self, call: &Call<'_>, path: &[&str]) -> Answer {
        let (room, me, leaves) = (path[1], call.user, path.last() == Some(&"leave"));
        match self.membership(room, me, self.log.len()) {
            Some((_, "join" | "invite")) if leaves => {
                self.set_membership(room, me, me, json!({ "membership": "leave" }));
            }
            Some((_, "invite")) => self.join(room, me),
            Some((_, "join")) => {}
            _ => return Err(FORBIDDEN),
        }
        Ok(json!({ "room_id": room }))
    }

    /// Answers a member of a room.
    fn in_room(&mut self, call: &Call<'_>, room: &str, method: &str, path: &[&str]) -> Answer {
        let (me, end) = (call.user, self.log.len());
        match (method, path) {
            ("PUT", ["send" | "redact", ..]) if call.request.body.len() > EVENT_BYTES => Err((413, "M_TOO_LARGE")),
            ("PUT", ["send", kind, transaction]) => {
                Ok(json!({ "event_id": self.send((call.token, transaction), room, me, kind, call.body.clone()) }))
            }
            ("PUT", ["redact", event, transaction]) => {
                let mut content = call.body.clone();
                content["redacts"] = json!(event);
                Ok(json!({ "event_id": self.send((call.token, transaction), room, me, "m.room.redaction", content) }))
            }
            ("GET", ["state"]) => Ok(self.state(room, 0, end).into_values().cloned().collect()),
            ("GET", ["state", kind, key @ ..]) => {
                let event = self.state(room, 0, end).remove(&(*kind, key.first().copied().unwrap_or("")));
                event.map(|event| event["content"].clone()).ok_or(NOT_FOUND)
            }
            ("GET", ["event", id]) => {
                let entry = self.events(room, 0, end).find(|(_, entry)| entry.value["event_id"] == *id);
                entry.map(|(_, entry)| Self::seen(entry, call.token)).ok_or(NOT_FOUND)
            }
            ("GET", ["messages"]) if call.request.query("dir") == Some("b") => Ok(self.messages(call, room)),
            ("GET", ["members"]) => Ok(json!({ "chunk": self.members(room) })),
            ("GET", ["joined_members"]) => {
                let members = self.members(room).into_iter().filter(|member| member["content"]["membership"] == "join");
                let named = |member: &Value| {
                    let name = json!({ "display_name": member["content"]["displayname"] });
                    (member["state_key"].as_str().unwrap_or("").to_owned(), name)
                };
                Ok(json!({ "joined": members.map(named).collect::<Map<_, _>>() }))
            }
            ("POST", ["receipt", kind, event]) => {
                self.mark(me, room, kind, event);
                Ok(json!({}))
            }
            ("POST", ["read_markers"]) => {
                for (kind, event) in call.body.as_object().into_iter().flatten() {
                    self.mark(me, room, kind, event.as_str().unwrap_or(""));
                }
                Ok(json!({}))
            }
            ("PUT", ["typing", _]) => {
                let typing = self.typing.entry(room.to_owned()).or_default();
                if call.body["typing"] == true {
                    typing.insert(me.to_owned())
                } else {
                    typing.remove(me)
                };
                let event = json!({ "type": "m.typing", "content": { "user_ids": typing } });
                self.push(Kind::Ephemeral, Some(room), None, event);
                Ok(json!({}))
            }
            _ => Err(UNRECOGNIZED),
        }
    }

    /// Returns a page of events before a place, the last first.
    fn messages(&self, call: &Call<'_>, room: &str) -> Value {
        let from = call.request.place("from").unwrap_or(usize::MAX).min(self.log.len());
        let limit = call.request.number("limit").unwrap_or(10);
        let events: Vec<_> = self.events(room, 0, from).rev().take(limit).collect();
        let chunk: Vec<_> = events.iter().map(|(_, entry)| Self::seen(entry, call.token)).collect();
        let mut page = json!({ "start": format!("s{from}"), "chunk": chunk });
        if let Some((place, _)) = events.last() {
            page["end"] = json!(format!("s{place}"));
        }
        page
    }
}
