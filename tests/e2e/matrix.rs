//! The Matrix network against a real homeserver, with an independent client at the other end.

use std::{path::Path, process::Command};

use serde_json::{Value, json};

use crate::support::{
    homeserver::{Homeserver, Household, SOON, Talker},
    models_dir,
    program::{Run, command},
    wait_until,
};

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
fn a_voice_message_is_decrypted_written_down_and_read_and_its_sound_is_kept_nowhere() {
    let Some(mut pair) = Pair::meet() else { return };
    let models = models_dir();
    if herald::models::find(&models, "tiny.en-q8_0").is_err() {
        return println!("skipped: no model");
    }
    pair.herald.end();
    pair.herald = pair.home.talk_on("matrix", |command| {
        command.env("HERALD_MODELS", &models);
    });
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/voice-en.ogg");
    let order = json!({ "do": "voice", "room": pair.room, "file": file, "duration_ms": 2250, "mimetype": "audio/ogg" });
    pair.anna.ask(order);
    pair.herald.wait("the message", |event| event["type"] == "incoming");
    let is_written_down =
        || pair.home.lines(&["inbox"]).iter().any(|line| line["kind"] == "voice" && line["body"] != "");
    wait_until(SOON * 2, || "what is said in it".to_owned(), is_written_down);
    pair.herald.say("read my messages");
    pair.herald.wait("her words", |event| {
        is_reply(event, "Anna Keller, by voice: I will bring the bread and the cheese tonight.")
    });
    let files = std::fs::read_dir(pair.home.path().join("matrix")).unwrap();
    let left: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("voice")), "{left:?}");
}

#[test]
fn a_voice_message_is_sent_as_it_was_spoken_after_a_yes_to_its_words() {
    let Some(mut pair) = Pair::meet() else { return };
    let models = models_dir();
    if herald::models::find(&models, "tiny.en-q8_0").is_err() {
        return println!("skipped: no model");
    }
    pair.herald.end();
    let turns = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/voice");
    let mut herald = command(Command::new(env!("CARGO_BIN_EXE_herald")), pair.home.path());
    herald.env("HERALD_MODELS", &models).env("HERALD_ACTION_NETWORK", "matrix");
    herald.args(["--lang", "en", "run", "--realtime", "--events", "-"]);
    for turn in ["en-1.flac", "en-2.flac", "en-3.flac"] {
        herald.arg("--input").arg(turns.join(turn));
    }
    let run: Run = herald.output().unwrap().into();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let events = run.json();
    let words = "I will bring the bread and the cheese tonight";
    let read_back = format!("To Anna Keller, by voice: {words}. Send it?");
    assert!(events.iter().any(|event| is_reply(event, &read_back)), "{events:#?}");
    let voice = pair.anna.wait("the voice message", |event| event["event"] == "voice");
    assert_eq!((&voice["encrypted"], &voice["mimetype"]), (&json!(true), &json!("audio/ogg")));
    assert_eq!((&voice["content"]["body"], &voice["content"]["filename"]), (&json!(words), &json!("voice.ogg")));
    assert!((2_000..4_000).contains(&voice["duration_ms"].as_u64().unwrap()), "{voice}");
    // What Anna hears.
    let mut transcribe = command(Command::new(env!("CARGO_BIN_EXE_herald")), pair.home.path());
    transcribe.env("HERALD_MODELS", &models).args(["--json", "transcribe", voice["path"].as_str().unwrap()]);
    let heard: Run = transcribe.output().unwrap().into();
    assert_eq!(heard.json()[0]["text"], format!("{words}."), "{}", heard.stderr);
    // On the device nothing of it is left.
    let database = std::fs::read(pair.home.path().join("herald.sqlite3")).unwrap();
    assert!(!database.windows(8).any(|bytes| bytes == b"OpusHead"));
    assert!(
        pair.anna
            .heard()
            .iter()
            .any(|event| event["event"] == "typing" && event["users"] == json!(["@owner:home.test"]))
    );
    assert_eq!(pair.home.lines(&["outbox"]), [Value::Null; 0]);
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

#[test]
fn a_yes_survives_a_kill_and_a_dead_server_and_its_outcome_is_told_right() {
    let Some(mut pair) = Pair::meet() else { return };
    pair.anna_writes("hello");
    pair.server.down(true);
    confirm(&mut pair.herald, "message Anna Keller that the tunnel is long");
    pair.herald.kill();
    assert!(!["sent", "delivered"].iter().any(|status| {
        pair.herald.heard().iter().any(|event| event["type"] == "outcome" && event["status"] == *status)
    }));
    let waiting = pair.home.lines(&["outbox"]);
    assert_eq!((waiting.len(), &waiting[0]["body"]), (1, &json!("the tunnel is long")));

    pair.herald = pair.home.talk();
    pair.herald.say("what is waiting");
    pair.herald.wait("the answer", |event| is_reply(event, "One message waits to be sent"));
    pair.server.up();
    pair.anna.wait("the message", |event| event["body"] == "the tunnel is long");
    let told = outcome(&mut pair.herald, "sent");
    assert_eq!(told["id"], waiting[0]["id"]);
    pair.herald.end();
    assert_eq!(pair.home.lines(&["outbox"]), [Value::Null; 0]);
    let seen = pair.anna.heard();
    assert_eq!(seen.iter().filter(|event| event["body"] == "the tunnel is long").count(), 1);
}

#[test]
fn without_a_network_the_answer_says_when_it_will_be_sent() {
    let Some(mut pair) = Pair::meet() else { return };
    pair.anna_writes("hello");
    pair.server.down(true);
    // The connection is known to be gone once a sync has failed.
    std::thread::sleep(std::time::Duration::from_secs(1));
    pair.herald.say("message Anna Keller that the tunnel is long");
    pair.herald.wait("the read-back", |event| event["kind"] == "readback");
    pair.herald.say("yes");
    pair.herald.wait("the answer", |event| is_reply(event, "I'll send it to Anna Keller when there is network."));
    pair.server.up();
    pair.anna.wait("the message", |event| event["body"] == "the tunnel is long");
    outcome(&mut pair.herald, "sent");
}

#[test]
fn a_bridge_brings_ordinary_contacts_and_its_bot_is_nobody() {
    let Some(server) = Homeserver::start_bridged() else { return };
    let home = server.household("owner");
    let mut bridge = server.bridge();
    let mut herald = home.talk();
    let portal = json!({ "do": "portal", "ghost": "fb_anna", "display": "Anna Keller", "for": "@owner:home.test" });
    let room = bridge.ask(portal)["room"].clone();
    herald.wait("the invitation", |event| event["type"] == "incoming");
    herald.say("read my messages");
    herald.wait("the question", |event| is_reply(event, "Accept?") || is_reply(event, "Join?"));
    herald.say("yes");
    herald.wait("the answer", |event| is_reply(event, "Joining"));
    std::thread::sleep(std::time::Duration::from_secs(1));
    bridge.ask(json!({ "do": "notice", "room": room, "body": "bridging is working" }));
    bridge.ask(json!({ "do": "text", "room": room, "ghost": "fb_anna", "body": "hello from elsewhere" }));
    let arrived = herald.wait("her message", |event| event["type"] == "incoming");
    assert_eq!((&arrived["body"], &arrived["from"]), (&json!("hello from elsewhere"), &json!("Anna Keller")));
    assert_eq!(arrived["conversation"], "matrix:@fb_anna:home.test");
    confirm(&mut herald, "message Anna Keller that the bridge holds");
    bridge.wait("the message", |event| event["event"] == "message" && event["body"] == "the bridge holds");
    let contacts = home.lines(&["contacts", "list"]);
    assert_eq!(contacts.len(), 1, "{contacts:#?}");
}

#[test]
fn a_recovery_key_is_made_once_and_makes_a_second_device_trusted() {
    let Some(server) = Homeserver::start() else { return };
    server.register("owner");
    let sign_in = |home: &Household| {
        let run = home.sign_in(&server.url(), "owner", "pw");
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        run.json().remove(0)
    };
    let (first, second) = (Household::new(), Household::new());
    let made = sign_in(&first);
    assert_eq!(made["trusted"], true);
    let key = made["recovery_key"].as_str().unwrap().to_owned();
    let again = sign_in(&first);
    assert_eq!((&again["device"], &again["trusted"], again.get("recovery_key")), (&made["device"], &json!(true), None));

    let joined = sign_in(&second);
    assert_ne!(joined["device"], made["device"]);
    assert_eq!((&joined["trusted"], joined.get("recovery_key")), (&json!(false), None));
    let wrong = second.set_up(&["--recover"], "EsTx 1111 2222 3333 4444 5555 6666 7777 8888 9999 aaaa bbbb");
    assert_eq!(wrong.code, Some(65), "{}", wrong.stderr);
    assert!(
        wrong.stderr.contains("not the account's recovery key") && !wrong.stderr.contains("1111"),
        "{}",
        wrong.stderr
    );
    let right = second.set_up(&["--recover"], &key);
    assert_eq!(right.code, Some(0), "{}", right.stderr);
    assert_eq!(right.json()[0]["trusted"], true);
}

#[test]
fn a_device_is_verified_by_the_same_emoji_on_both_sides() {
    let Some(server) = Homeserver::start() else { return };
    server.register("owner");
    let home = Household::new();
    let device = home.sign_in(&server.url(), "owner", "pw").json()[0]["device"].clone();
    for is_equal in [true, false] {
        let mut phone = server.device_of("owner", "Owner");
        let mut herald = home.verify();
        // It listens once it has synced.
        std::thread::sleep(std::time::Duration::from_secs(1));
        phone.ask(json!({ "do": "verify", "user": "@owner:home.test", "device": device }));
        let shown = herald.wait("emoji", |event| event["emoji"].is_array());
        let seen = phone.wait("emoji", |event| event["event"] == "sas");
        let symbols: Vec<&Value> = shown["emoji"].as_array().unwrap().iter().map(|one| &one[0]).collect();
        assert_eq!(symbols, seen["emoji"].as_array().unwrap().iter().collect::<Vec<_>>());
        assert_eq!(symbols.len(), 7);
        if is_equal {
            herald.say("yes");
            phone.ask(json!({ "do": "sas_confirm" }));
            phone.wait("the end", |event| event["event"] == "verified");
            herald.wait("the end", |event| event["trusted"] == true);
        } else {
            herald.say("no");
            phone.wait("the end", |event| event["event"] == "sas_cancelled");
        }
        herald.end();
    }
}

#[test]
fn who_cannot_sign_in_is_told_why_and_how_to_mend_it() {
    let Some(server) = Homeserver::start() else { return };
    server.register("owner");
    let home = Household::new();
    let refused = home.sign_in(&server.url(), "owner", "wrong");
    assert_eq!(refused.code, Some(69));
    assert!(refused.stderr.contains("refuses this user and password"), "{}", refused.stderr);
    let nowhere = home.sign_in("http://127.0.0.1:9", "owner", "pw");
    assert_eq!(nowhere.code, Some(69));
    assert!(nowhere.stderr.contains("no homeserver at this address"), "{}", nowhere.stderr);
    for run in [&refused, &nowhere] {
        assert!(!run.stderr.contains("wrong") && !run.stderr.contains("owner"), "{}", run.stderr);
    }
    assert!(!home.path().join("matrix/session.json").exists());

    let mut unsigned = home.talk();
    unsigned.end();
    let doctor = crate::support::program::herald(home.path(), &["--json", "doctor"]);
    assert!(doctor.stdout.contains(r#""check":"network""#));
}

#[test]
fn a_revoked_token_is_said_and_signing_in_again_keeps_the_device_and_sends_what_waited() {
    let Some(mut pair) = Pair::meet() else { return };
    pair.anna_writes("hello");
    let session = pair.home.path().join("matrix/session.json");
    let access: Value = serde_json::from_str(&std::fs::read_to_string(&session).unwrap()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&session).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    pair.server.post("logout", access["access_token"].as_str(), &json!({}));
    pair.herald.wait("the fault", |event| event["type"] == "fault" && event["stage"] == "network");
    pair.herald.wait("the sentence", |event| is_reply(event, "I am signed out of the chat network."));
    confirm(&mut pair.herald, "message Anna Keller that it waits");
    pair.herald.end();
    assert_eq!(pair.home.lines(&["outbox"]).len(), 1);

    let again = pair.home.sign_in(&pair.server.url(), "owner", "pw");
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(again.json()[0]["device"], access["device_id"]);
    pair.herald = pair.home.talk();
    pair.anna.wait("the message", |event| event["body"] == "it waits");
}
