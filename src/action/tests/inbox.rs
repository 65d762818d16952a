//! The inbox: what arrived is announced once, and stays unread until it was read.

use super::*;

contract!(
    a_message_is_recorded_and_announced_once_whatever_the_network_repeats,
    dying_between_recording_and_announcing_loses_nothing,
    unread_messages_come_conversation_by_conversation,
    a_read_message_is_unread_no_more,
    a_reply_goes_to_everybody_in_the_conversation,
    the_list_holds_received_and_sent_in_order,
    a_stuck_message_is_not_in_the_list,
    a_hostile_message_is_recorded_like_any_other,
    a_renamed_contact_keeps_its_conversation,
);

fn marion() -> Person {
    person(1, "Marion Petit")
}

fn josselin() -> Person {
    person(2, "Josselin Roux")
}

fn write(bench: &mut Bench, from: &Person, body: &str) -> MessageId {
    bench.network.write(from, &[], body).unwrap()
}

fn receive(bench: &mut Bench) -> usize {
    bench.inbox().receive(&mut bench.network).unwrap().messages
}

fn bodies(messages: &[IncomingMessage]) -> Vec<&str> {
    messages.iter().map(|message| message.body.as_str()).collect()
}

fn a_message_is_recorded_and_announced_once_whatever_the_network_repeats(bench: &mut Bench) {
    let id = write(bench, &marion(), "hello");
    assert_eq!(receive(bench), 1);
    assert_eq!(receive(bench), 0);
    let announced = bench.inbox().announce().unwrap();
    assert_eq!(announced.len(), 1);
    assert_eq!((&announced[0].id, &announced[0].from, announced[0].body.as_str()), (&id, &marion(), "hello"));
    assert_eq!(receive(bench), 0);
    assert_eq!(bench.inbox().announce().unwrap(), []);
    bench.restart();
    assert_eq!(receive(bench), 0);
    assert_eq!(bench.inbox().announce().unwrap(), []);
    assert_eq!(bodies(&bench.inbox().unread(&Account::owner(), None).unwrap()), ["hello"], "announced is not read");
}

fn dying_between_recording_and_announcing_loses_nothing(bench: &mut Bench) {
    write(bench, &marion(), "hello");
    receive(bench);
    bench.restart();
    receive(bench);
    assert_eq!(bodies(&bench.inbox().announce().unwrap()), ["hello"]);
}

fn unread_messages_come_conversation_by_conversation(bench: &mut Bench) {
    let group = [josselin()];
    write(bench, &josselin(), "j1");
    write(bench, &marion(), "m1");
    write(bench, &josselin(), "j2");
    bench.network.write(&marion(), &group, "g1").unwrap();
    write(bench, &marion(), "m2");
    receive(bench);
    let inbox = bench.inbox();
    assert_eq!(bodies(&inbox.unread(&Account::owner(), None).unwrap()), ["j1", "j2", "m1", "m2", "g1"]);
    assert_eq!(bodies(&inbox.unread(&Account::owner(), Some(1)).unwrap()), ["m1", "m2", "g1"]);
    assert_eq!(bodies(&inbox.unread(&Account::owner(), Some(2)).unwrap()), ["j1", "j2"], "she wrote g1, not he");
    assert_eq!(inbox.unread(&Account::owner(), Some(99)).unwrap(), []);
}

fn a_read_message_is_unread_no_more(bench: &mut Bench) {
    let first = write(bench, &marion(), "first");
    write(bench, &marion(), "second");
    receive(bench);
    let sent = bench.queue(&marion(), "mine");
    bench.inbox().mark_read(&[first.clone(), first.clone(), MessageId::new(), sent.clone()]).unwrap();
    assert_eq!(bodies(&bench.inbox().unread(&Account::owner(), None).unwrap()), ["second"]);
    assert_eq!(receive(bench), 0);
    assert_eq!(bench.status(&first), Status::Read);
    assert_eq!(bench.status(&sent), Status::Queued, "only what arrived can be read");
    assert_eq!(bench.inbox().message(&first).unwrap().map(|message| message.body).as_deref(), Some("first"));
    assert_eq!(bench.inbox().message(&sent).unwrap(), None);
}

fn a_reply_goes_to_everybody_in_the_conversation(bench: &mut Bench) {
    let id = bench.network.write(&marion(), &[josselin()], "who comes?").unwrap();
    receive(bench);
    let message = bench.inbox().message(&id).unwrap().unwrap();
    assert_eq!(message.reply_to(), [marion(), josselin()]);
    let reply = OutboxEntry {
        id: MessageId::new(),
        conversation: message.conversation.clone(),
        kind: EntryKind::Reply,
        to: message.reply_to(),
        body: "I do".to_owned(),
        in_reply_to: Some(id),
        recording: None,
    };
    bench.outbox.queue(&reply).unwrap();
    assert_eq!(bench.outbox.waiting().unwrap()[0].entry, reply);
    bench.tick(0);
    let lines = bench.inbox().list().unwrap();
    assert_eq!(lines[0].conversation, lines[1].conversation);
    assert_eq!(
        (lines[0].from.as_str(), &lines[0].to[..]),
        ("Marion Petit", &["Owner", "Josselin Roux"].map(String::from)[..])
    );
    assert_eq!(
        (lines[1].from.as_str(), &lines[1].to[..]),
        ("Owner", &["Marion Petit", "Josselin Roux"].map(String::from)[..])
    );
}

fn the_list_holds_received_and_sent_in_order(bench: &mut Bench) {
    bench.queue(&marion(), "are you there?");
    bench.tick(0);
    write(bench, &marion(), "yes");
    receive(bench);
    bench.queue(&josselin(), "salut");
    bench.tick(0);
    let lines = bench.inbox().list().unwrap();
    let rows: Vec<_> = lines.iter().map(|line| (line.from.as_str(), line.to[0].as_str(), line.body.as_str())).collect();
    assert_eq!(
        rows,
        [
            ("Owner", "Marion Petit", "are you there?"),
            ("Marion Petit", "Owner", "yes"),
            ("Owner", "Josselin Roux", "salut")
        ]
    );
    assert_eq!(lines[0].conversation, lines[1].conversation);
    assert_ne!(lines[0].conversation, lines[2].conversation);
    assert_eq!(lines[0].at, "2026-01-01T00:00:00.000Z");
    assert_eq!(lines[1].status, Status::Received);
    let json = serde_json::to_value(&lines[1]).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["at", "body", "conversation", "from", "id", "kind", "status", "to"]);
}

fn a_stuck_message_is_not_in_the_list(bench: &mut Bench) {
    bench.queue(&marion(), "wedged");
    bench.fail_with([Fault::Refused(Reason::Forbidden)]);
    bench.tick(0);
    bench.queue(&marion(), "waiting");
    assert_eq!(bench.inbox().list().unwrap(), []);
    let lines: Vec<_> = bench.outbox.waiting().unwrap().into_iter().map(|row| row.into_line(&household())).collect();
    let json = serde_json::to_value(&lines).unwrap();
    assert_eq!((&json[0]["status"], &json[0]["reason"]), (&"wedged".into(), &"forbidden".into()));
    assert_eq!((&json[1]["status"], json[1].get("reason")), (&"queued".into(), None));
    assert_eq!((&json[1]["from"], &json[1]["to"]), (&"Owner".into(), &serde_json::json!(["Marion Petit"])));
}

fn a_hostile_message_is_recorded_like_any_other(bench: &mut Bench) {
    let sender = Person { contact_id: None, name: "\u{202e}\0".repeat(5_000), address: "@\u{1b}[2J'\"+:".to_owned() };
    let body = format!("\0\u{1b}]0;x\u{7}{}", "\u{202e}z".repeat(2_500_000));
    write(bench, &sender, &body);
    write(bench, &marion(), "after");
    assert_eq!(receive(bench), 2);
    let unread = bench.inbox().unread(&Account::owner(), None).unwrap();
    assert_eq!((&unread[0].from, &unread[0].body), (&sender, &body));
    assert_eq!(unread[1].body, "after");
    assert_eq!(bench.inbox().list().unwrap().len(), 2);
}

fn a_renamed_contact_keeps_its_conversation(bench: &mut Bench) {
    write(bench, &marion(), "before");
    receive(bench);
    write(bench, &person(1, "Marion Durand"), "after");
    receive(bench);
    let lines = bench.inbox().list().unwrap();
    assert_eq!(lines[0].conversation, lines[1].conversation);
    assert_eq!(lines.iter().map(|line| line.from.as_str()).collect::<Vec<_>>(), ["Marion Durand"; 2]);
}

#[test]
fn messages_are_found_by_the_beginnings_of_their_words_the_newest_first() {
    let mut bench = Bench::new(bench::Place::File, bench::Peer::Local);
    for body in ["Le dîner est prêt", "dinner at eight", "Où est le DINER ?", "the train is late"] {
        write(&mut bench, &marion(), body);
    }
    receive(&mut bench);
    bench.queue(&josselin(), "dinner is waiting");
    let found = |words: &str| -> Vec<String> {
        let lines = bench.inbox().search(words, 20).unwrap();
        lines.into_iter().map(|line| line.body).collect()
    };
    assert_eq!(found("diner"), ["Où est le DINER ?", "Le dîner est prêt"]);
    assert_eq!(found("Din"), ["Où est le DINER ?", "dinner at eight", "Le dîner est prêt"], "what waits is not listed");
    assert_eq!(found("prêt est"), ["Le dîner est prêt"], "all of them, in any order");
    for nothing in ["", "  ?!", "dinner AND nobody", "\"", "body:x", "NEAR(", "*", "\0"] {
        assert_eq!(found(nothing), [""; 0], "{nothing:?}");
    }
    assert_eq!(bench.inbox().search("din", 1).unwrap().len(), 1);
    let last: Vec<String> = bench.inbox().last(2).unwrap().into_iter().map(|line| line.body).collect();
    assert_eq!(last, ["Où est le DINER ?", "the train is late"]);
}
