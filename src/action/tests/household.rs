//! Several people on one device: to each their own conversations, and what one writes to the other arrives there.

use std::rc::Rc;

use super::*;

const OWNER: &str = "Owner";
const PAUL: &str = "Paul Martin";

fn bench() -> Bench {
    Bench::new(bench::Place::File, bench::Peer::Local)
}

/// Somebody of the household as the others address them.
fn called(name: &str) -> Person {
    Person { contact_id: None, name: name.to_owned(), address: name.to_owned() }
}

fn write(bench: &mut Bench, account: &Account, to: &str, body: &str) -> OutboxEntry {
    let entry = OutboxEntry::send("local", account, vec![called(to)], body);
    bench.outbox.queue(&entry).unwrap();
    bench.run_until_idle();
    bench.inbox().receive(&mut bench.network).unwrap();
    entry
}

fn unread(bench: &Bench, account: &Account) -> Vec<(String, String)> {
    let messages = bench.inbox().unread(account, None).unwrap();
    messages.into_iter().map(|message| (message.from.name, message.body)).collect()
}

fn one(from: &str, body: &str) -> Vec<(String, String)> {
    vec![(from.to_owned(), body.to_owned())]
}

#[test]
fn what_one_writes_arrives_with_the_other_and_with_nobody_else() {
    let mut bench = bench();
    let paul = Account::of(PAUL);
    write(&mut bench, &Account::owner(), "paul martin", "dinner is ready");
    assert_eq!(unread(&bench, &paul), one(OWNER, "dinner is ready"));
    assert_eq!(unread(&bench, &Account::owner()), []);
    write(&mut bench, &paul, OWNER, "I am coming");
    assert_eq!(unread(&bench, &Account::owner()), one(PAUL, "I am coming"));
    let lines = bench.inbox().list().unwrap();
    let told: Vec<_> = lines.iter().map(|line| (line.from.as_str(), line.status, line.to[0].to_lowercase())).collect();
    let owner = OWNER.to_lowercase();
    let paul = PAUL.to_lowercase();
    assert_eq!(
        told,
        [
            (OWNER, Status::Delivered, paul.clone()),
            (OWNER, Status::Received, paul),
            (PAUL, Status::Delivered, owner.clone()),
            (PAUL, Status::Received, owner),
        ]
    );
}

#[test]
fn a_message_sent_again_after_a_crash_arrives_once() {
    let mut bench = bench();
    let entry = write(&mut bench, &Account::owner(), PAUL, "once");
    bench.restart();
    bench.network.send(&entry).unwrap();
    bench.inbox().receive(&mut bench.network).unwrap();
    assert_eq!(unread(&bench, &Account::of(PAUL)), one(OWNER, "once"));
}

#[test]
fn an_answer_points_to_the_message_as_the_other_has_it() {
    let mut bench = bench();
    let question = write(&mut bench, &Account::owner(), PAUL, "where are you");
    let seen = bench.inbox().unread(&Account::of(PAUL), None).unwrap().remove(0);
    assert_ne!(seen.id, question.id, "each has a message of their own");
    let answer = OutboxEntry {
        in_reply_to: Some(seen.id.clone()),
        ..OutboxEntry::send("local", &Account::of(PAUL), seen.reply_to(), "at home")
    };
    bench.outbox.queue(&answer).unwrap();
    bench.run_until_idle();
    bench.inbox().receive(&mut bench.network).unwrap();
    let seen_answer = bench.inbox().unread(&Account::owner(), None).unwrap().remove(0);
    assert_eq!(seen_answer.in_reply_to, Some(question.id));
    // And the answer to the answer.
    let thanks = OutboxEntry {
        in_reply_to: Some(seen_answer.id.clone()),
        ..OutboxEntry::send("local", &Account::owner(), seen_answer.reply_to(), "good")
    };
    bench.outbox.queue(&thanks).unwrap();
    bench.run_until_idle();
    bench.inbox().receive(&mut bench.network).unwrap();
    let seen_thanks = bench.inbox().unread(&Account::of(PAUL), None).unwrap().pop().unwrap();
    assert_eq!(seen_thanks.in_reply_to, Some(answer.id));
}

#[test]
fn what_is_taken_back_before_it_was_fetched_never_arrives() {
    let mut bench = bench();
    let entry = OutboxEntry::send("local", &Account::owner(), vec![called(PAUL)], "the surprise");
    bench.outbox.queue(&entry).unwrap();
    bench.run_until_idle();
    assert_eq!(bench.outbox.take_back(&entry.id).unwrap(), Undo::Withdrawing);
    bench.run_until_idle();
    assert_eq!(bench.inbox().receive(&mut bench.network).unwrap(), News::default());
    assert_eq!(unread(&bench, &Account::of(PAUL)), []);
}

#[test]
fn what_is_taken_back_after_it_arrived_is_gone_from_the_inbox() {
    let mut bench = bench();
    let entry = write(&mut bench, &Account::owner(), PAUL, "the surprise");
    bench.inbox().receive(&mut bench.network).unwrap();
    assert_eq!(unread(&bench, &Account::of(PAUL)), one(OWNER, "the surprise"));
    assert_eq!(bench.outbox.take_back(&entry.id).unwrap(), Undo::Withdrawing);
    bench.run_until_idle();
    bench.inbox().receive(&mut bench.network).unwrap();
    assert_eq!(unread(&bench, &Account::of(PAUL)), []);
    assert_eq!(bench.inbox().list().unwrap(), []);
    assert_eq!(bench.inbox().announce().unwrap(), []);
}

#[test]
fn a_reaction_arrives_as_one_and_says_to_what() {
    let mut bench = bench();
    let question = write(&mut bench, &Account::owner(), PAUL, "where are you");
    bench.inbox().receive(&mut bench.network).unwrap();
    let seen = bench.inbox().unread(&Account::of(PAUL), None).unwrap().remove(0);
    let to = seen.reply_to();
    bench.outbox.queue(&OutboxEntry::about(EntryKind::React, seen.id, seen.conversation, to, "👍")).unwrap();
    bench.run_until_idle();
    bench.inbox().receive(&mut bench.network).unwrap();
    let reaction = bench.inbox().unread(&Account::owner(), None).unwrap().remove(0);
    assert_eq!((reaction.kind, reaction.body.as_str()), (EntryKind::React, "👍"));
    assert_eq!(reaction.in_reply_to, Some(question.id));
}

#[test]
fn what_a_contact_writes_to_one_is_not_in_the_inbox_of_the_other() {
    let bench = bench();
    let local = Local::new(Rc::clone(&bench.store), household());
    let anna = person(7, "Anna Keller");
    local.deliver(&Account::of(PAUL), &anna, &[], "for Paul").unwrap();
    local.deliver(&Account::owner(), &anna, &[], "for the owner").unwrap();
    let mut local = local;
    bench.inbox().receive(&mut local).unwrap();
    assert_eq!(unread(&bench, &Account::of(PAUL)), one("Anna Keller", "for Paul"));
    assert_eq!(unread(&bench, &Account::owner()), one("Anna Keller", "for the owner"));
}
