//! Rooms as conversations, members as people.
//!
//! A conversation with one person is known by that person's address, whatever room it takes place in; any other by
//! the room's id. A bridge's bot is nobody: it sits in the rooms of a bridge (MSC2346) and says what the bridge does.

use matrix_sdk::{
    Client, Room, RoomMemberships,
    deserialized_responses::RawAnySyncOrStrippedState,
    ruma::{OwnedUserId, UserId},
};
use serde_json::Value;

use super::{NAME, failure};
use crate::action::{Account, ConversationId, Known, NetworkError, Person};

/// Longest name that is kept, in characters; a longer one is nobody's.
const LONGEST_NAME: usize = 80;

/// Who is in a room, beside the user and bridges' bots.
#[derive(Debug)]
pub(super) struct Members {
    others: Vec<Person>,
    bots: Vec<String>,
    is_direct: bool,
    /// What the conversation is called.
    name: String,
    room: String,
}

impl Members {
    /// Finds out who is in a room.
    pub(super) async fn of(room: &Room) -> Result<Self, NetworkError> {
        let members = match room.members(RoomMemberships::ACTIVE).await {
            Ok(members) => members,
            // Without the server, those it has told of must do.
            Err(_) => room.members_no_sync(RoomMemberships::ACTIVE).await.map_err(|error| failure::of(&error))?,
        };
        let bots = bridge_bots(room).await;
        let others: Vec<Person> = members
            .iter()
            .filter(|member| member.user_id() != room.own_user_id() && !bots.contains(&member.user_id().to_string()))
            .map(|member| person(member.user_id(), member.display_name()))
            .collect();
        let is_named = room.name().is_some_and(|name| !name.is_empty()) && bots.is_empty();
        let is_direct = others.len() == 1 && (room.is_dm() || !is_named);
        let name = room.display_name().await.map(|name| name.to_string()).unwrap_or_default();
        Ok(Self {
            others,
            bots,
            is_direct,
            name: readable(&name, room.room_id().as_str()),
            room: room.room_id().to_string(),
        })
    }

    /// The conversation that takes place here.
    pub(super) fn conversation(&self) -> ConversationId {
        let address = |address: &str| Person { contact_id: None, name: String::new(), address: address.to_owned() };
        match self.others.as_slice() {
            [only] if self.is_direct => ConversationId::between(NAME, &Account::owner(), std::slice::from_ref(only)),
            _ => ConversationId::between(NAME, &Account::owner(), &[address(&self.room)]),
        }
    }

    /// Parts the one who wrote from the others; `None` for a bridge's bot.
    pub(super) fn split(&self, sender: &str) -> Option<(Person, Vec<Person>)> {
        if self.bots.iter().any(|bot| bot == sender) {
            return None;
        }
        let (mut same, others): (Vec<Person>, Vec<Person>) =
            self.others.iter().cloned().partition(|person| person.address == sender);
        let stranger = || Person { contact_id: None, name: sender.to_owned(), address: sender.to_owned() };
        Some((same.pop().unwrap_or_else(stranger), others))
    }

    /// Who can be written to because of this room.
    pub(super) fn known(&self) -> Vec<Known> {
        let known = |name: &str, address: &str, is_group: bool| Known {
            network: NAME,
            name: name.to_owned(),
            nickname: None,
            address: address.to_owned(),
            is_group,
        };
        let mut all: Vec<Known> =
            self.others.iter().map(|person| known(&person.name, &person.address, false)).collect();
        if !self.is_direct && !self.others.is_empty() {
            all.push(known(&self.name, &self.room, true));
        }
        all
    }
}

/// Somebody as the network knows them.
pub(super) fn person(user: &UserId, display_name: Option<&str>) -> Person {
    let name = readable(display_name.unwrap_or_default(), user.localpart());
    Person { contact_id: None, name, address: user.to_string() }
}

/// A name that can be spoken and shown: in one line, without what turns text around, not endless. Where nothing is
/// left, `instead`.
pub(super) fn readable(name: &str, instead: &str) -> String {
    let is_harmful = |letter: char| matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = name
        .chars()
        .filter(|letter| !is_harmful(*letter))
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(LONGEST_NAME)
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.is_empty() { instead.to_owned() } else { plain }
}

/// The bots of the bridges a room belongs to.
async fn bridge_bots(room: &Room) -> Vec<String> {
    let mut bots = Vec::new();
    for kind in ["m.bridge", "uk.half-shot.bridge"] {
        for state in room.get_state_events(kind.into()).await.unwrap_or_default() {
            let event = match state {
                RawAnySyncOrStrippedState::Sync(raw) => raw.deserialize_as_unchecked::<Value>(),
                RawAnySyncOrStrippedState::Stripped(raw) => raw.deserialize_as_unchecked::<Value>(),
            };
            bots.extend(event.ok().and_then(|event| event["content"]["bridgebot"].as_str().map(str::to_owned)));
        }
    }
    bots
}

/// Returns the room of a conversation with one person, or a new one, encrypted.
pub(super) async fn direct(client: &Client, user: &OwnedUserId) -> Result<Room, NetworkError> {
    match known_direct(client, user).await? {
        Some(room) => Ok(room),
        None => Box::pin(client.create_dm(user)).await.map_err(|error| failure::of(&error)),
    }
}

/// Returns the room there is for a conversation with one person: a direct one, or one where nobody else is.
pub(super) async fn known_direct(client: &Client, user: &OwnedUserId) -> Result<Option<Room>, NetworkError> {
    if let Some(room) = client.get_dm_room(user) {
        return Ok(Some(room));
    }
    for room in client.joined_rooms() {
        let members = Members::of(&room).await?;
        if members.is_direct && members.others.iter().any(|person| person.address == user.as_str()) {
            return Ok(Some(room));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_becomes_a_line_that_can_be_read() {
        assert_eq!(readable("Anna Keller", "anna"), "Anna Keller");
        assert_eq!(readable("\u{202e}gro\u{2066}.evil\u{0}\n\tname ", "x"), "gro.evil name");
        assert_eq!(readable("\u{1b}[2J\u{7}", "x"), "[2J");
        assert_eq!(readable(" \u{200f}\n", "anna"), "anna");
        assert_eq!(readable(&"ab ".repeat(10_000), "x").chars().count(), LONGEST_NAME);
    }
}
