//! The Matrix network against a real homeserver, with an independent client at the other end.

use serde_json::{Value, json};

use crate::support::homeserver::{Homeserver, Household, Talker};

/// Herald, signed in, and Anna, whose invitation it has accepted.
struct Pair {
    server: Homeserver,
    home: Household,
    herald: Talker,
    anna: Talker,
    room: Value,
}

impl Pair {
    fn meet() -> Option<Self> {
        let server = Homeserver::start()?;
        let home = server.household("owner");
        let mut anna = server.peer("anna", "Anna Keller");
        let mut herald = home.talk();
        let room = anna.ask(json!({ "do": "dm", "user": "@owner:home.test" }))["room"].clone();
        accept(&mut herald, &mut anna, &room);
        Some(Self { server, home, herald, anna, room })
    }

    /// Anna writes, and Herald announces it.
    fn anna_writes(&mut self, body: &str) -> Value {
        let sent = self.anna.ask(json!({ "do": "text", "room": self.room, "body": body }));
        self.herald.wait("her message", |event| event["type"] == "incoming" && event["id"] == sent["event_id"])
    }

    /// Something is said, read back and confirmed; returns what Anna sees of it.
    fn send(&mut self, said: &str, body: &str) -> Value {
        confirm(&mut self.herald, said);
        self.anna.wait(body, |event| event["event"] == "message" && event["body"] == body)
    }
}

/// The invitation that arrives is accepted by a yes to the question whether to.
fn accept(herald: &mut Talker, host: &mut Talker, room: &Value) {
    let joins =
        |event: &Value| event["room"] == *room && event["membership"] == "join" && event["user"] == "@owner:home.test";
    herald.wait("the invitation", |event| event["type"] == "incoming");
    herald.say("read my messages");
    herald.wait("the question", |event| is_reply(event, "Accept?") || is_reply(event, "Join?"));
    assert!(!host.heard().iter().any(joins), "joined before the yes");
    herald.say("yes");
    host.wait("the owner", joins);
}

fn confirm(herald: &mut Talker, said: &str) {
    herald.say(said);
    herald.wait("the read-back", |event| event["kind"] == "readback");
    herald.say("yes");
    herald.wait("the action", |event| event["type"] == "action");
}

fn is_reply(event: &Value, part: &str) -> bool {
    event["type"] == "reply" && event["text"].as_str().is_some_and(|text| text.contains(part))
}

fn outcome(herald: &mut Talker, status: &str) -> Value {
    herald.wait(status, |event| event["type"] == "outcome" && event["status"] == status)
}

#[test]
fn messages_go_both_ways_encrypted_and_their_receipts_come_back() {
    let Some(mut pair) = Pair::meet() else { return };
    let arrived = pair.anna_writes("are you coming?");
    assert_eq!((&arrived["from"], &arrived["body"]), (&json!("Anna Keller"), &json!("are you coming?")));
    pair.herald.say("read my messages");
    pair.herald.wait("her words", |event| is_reply(event, "Anna Keller: are you coming?"));
    let read = pair.anna.wait("a receipt", |event| event["event"] == "receipt" && event["to"] == arrived["id"]);
    assert_eq!(read["user"], "@owner:home.test");

    let seen = pair.send("reply I am on my way", "I am on my way");
    assert_eq!((&seen["encrypted"], &seen["reply_to"]), (&json!(true), &arrived["id"]));
    outcome(&mut pair.herald, "sent");
    pair.anna.ask(json!({ "do": "read", "room": pair.room, "to": seen["id"] }));
    outcome(&mut pair.herald, "delivered");

    let seen = pair.send("message Anna Keller that dinner is ready", "dinner is ready");
    assert_eq!((&seen["encrypted"], &seen["room"]), (&json!(true), &pair.room));
    outcome(&mut pair.herald, "sent");
    pair.herald.say("undo");
    pair.anna.wait("its end", |event| event["event"] == "redaction" && event["to"] == seen["id"]);
    outcome(&mut pair.herald, "undone");

    let bodies: Vec<Value> = pair.home.lines(&["inbox"]).iter().map(|line| line["body"].clone()).collect();
    assert_eq!(bodies, ["Anna Keller", "are you coming?", "I am on my way"]);
}

#[test]
fn reactions_go_both_ways_and_changes_arrive() {
    let Some(mut pair) = Pair::meet() else { return };
    let arrived = pair.anna_writes("the train is late");
    pair.herald.say("read my messages");
    pair.herald.wait("her words", |event| is_reply(event, "the train is late"));
    confirm(&mut pair.herald, "react with a thumbs up");
    let seen = pair.anna.wait("the reaction", |event| event["event"] == "reaction");
    assert_eq!((&seen["to"], &seen["key"]), (&arrived["id"], &json!("👍")));

    let seen = pair.send("message Anna Keller that dinner is ready", "dinner is ready");
    outcome(&mut pair.herald, "sent");
    pair.anna.ask(json!({ "do": "react", "room": pair.room, "to": seen["id"], "key": "❤️" }));
    pair.herald.wait("her reaction", |event| event["type"] == "incoming" && event["body"] == "❤️");
    pair.herald.say("read my messages");
    pair.herald.wait("it read", |event| is_reply(event, "Anna Keller reacted"));

    let before = pair.anna_writes("at six");
    pair.anna.ask(json!({ "do": "edit", "room": pair.room, "to": before["id"], "body": "at seven" }));
    let taken_back = pair.anna_writes("never mind");
    pair.anna.ask(json!({ "do": "redact", "room": pair.room, "to": taken_back["id"] }));
    pair.anna_writes("see you");
    pair.herald.say("read my messages");
    pair.herald.wait("the changed words", |event| is_reply(event, "Anna Keller: at seven."));
    pair.herald.say("next");
    pair.herald.wait("the last words", |event| is_reply(event, "Anna Keller: see you."));
}

#[test]
fn a_group_is_joined_by_a_yes_and_written_to_by_its_name() {
    let Some(mut pair) = Pair::meet() else { return };
    let mut paul = pair.server.peer("paul", "Paul Martin");
    let users = json!(["@owner:home.test", "@paul:home.test"]);
    let group = pair.anna.ask(json!({ "do": "group", "name": "Garden club", "users": users }))["room"].clone();
    accept(&mut pair.herald, &mut pair.anna, &group);
    pair.herald.say("no");

    let sent = paul.ask(json!({ "do": "text", "room": group, "body": "who brings the rake" }));
    let arrived =
        pair.herald.wait("his message", |event| event["type"] == "incoming" && event["id"] == sent["event_id"]);
    assert_eq!(arrived["from"], "Paul Martin");
    assert_eq!(arrived["conversation"], format!("matrix:{}", group.as_str().unwrap()));
    pair.herald.say("read my messages");
    pair.herald.wait("his words", |event| is_reply(event, "Paul Martin: who brings the rake"));
    confirm(&mut pair.herald, "reply I will");
    for peer in [&mut pair.anna, &mut paul] {
        let seen = peer.wait("the answer", |event| event["event"] == "message" && event["body"] == "I will");
        assert_eq!((&seen["room"], &seen["encrypted"]), (&group, &json!(true)));
    }
    confirm(&mut pair.herald, "message the Garden club that it rains");
    for peer in [&mut pair.anna, &mut paul] {
        peer.wait("the message", |event| event["body"] == "it rains" && event["room"] == group);
    }
}

#[test]
fn polls_places_and_notices_are_read_out() {
    let Some(mut pair) = Pair::meet() else { return };
    let room = pair.room.clone();
    pair.anna.ask(json!({ "do": "poll", "room": room, "question": "Pizza or pasta?", "answers": ["Pizza", "Pasta"] }));
    pair.anna.ask(json!({ "do": "location", "room": room, "body": "at the lake", "geo_uri": "geo:46.5,6.6" }));
    pair.anna.ask(json!({ "do": "emote", "room": room, "body": "waves" }));
    pair.herald.wait("all three", |event| event["body"] == "waves");
    pair.herald.say("read my messages");
    pair.herald.wait("the poll", |event| is_reply(event, "Anna Keller asks: Pizza or pasta? Pizza, Pasta."));
    pair.herald.say("next");
    pair.herald.wait("the place", |event| is_reply(event, "Anna Keller is here: at the lake."));
    pair.herald.say("next");
    pair.herald.wait("the emote", |event| is_reply(event, "waves"));
}
