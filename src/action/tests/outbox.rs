//! The outbox: order, exactly once, undo, wedged, back-off.

use super::*;
use crate::store::StoreError;

contract!(sending;
    messages_arrive_once_in_order_and_their_outcome_is_told_once,
    a_message_queued_twice_is_one_message,
    a_network_knows_a_message_by_its_id,
    undo_in_the_window_sends_nothing,
    undo_after_the_window_is_too_late,
    a_held_message_is_due_at_the_end_of_its_window,
    a_wedged_message_blocks_nothing_and_keeps_its_reason,
    a_wedged_message_can_be_retried_or_undone,
    an_unanswered_message_holds_back_its_own_conversation_only,
    a_lost_answer_makes_no_second_message,
    retry_after_is_honoured_for_everything,
    without_a_network_messages_wait_and_can_be_undone,
    when_the_network_returns_everything_goes_at_once,
    a_long_line_is_sent_in_several_ticks,
    a_message_of_another_network_is_wedged,
    a_delivered_message_can_be_taken_back_from_the_network,
    hostile_bodies_arrive_as_they_are,
    a_full_disk_loses_nothing,
    a_sound_is_kept_until_the_network_has_it_and_no_longer,
);

fn marion() -> Person {
    person(1, "Marion Petit")
}

fn josselin() -> Person {
    person(2, "Josselin Roux")
}

fn messages_arrive_once_in_order_and_their_outcome_is_told_once(bench: &mut Bench) {
    let ids = [
        bench.queue(&marion(), "one"),
        bench.queue(&josselin(), "uno"),
        bench.queue(&marion(), "two"),
        bench.queue(&marion(), "three"),
    ];
    let statuses = |bench: &Bench| ids.each_ref().map(|id| bench.status(id));
    assert_eq!(statuses(bench), [Status::Queued; 4]);

    let outcomes = bench.tick(0);
    assert_eq!(bench.bodies(), ["one", "uno", "two", "three"]);
    let end = if bench.network.name() == "local" { Status::Delivered } else { Status::Sent };
    assert_eq!(statuses(bench), [end; 4]);
    let expected = ids.clone().map(|id| Outcome { id, status: end, reason: None });
    assert_eq!(outcomes, expected);

    assert_eq!(bench.tick(100), []);
    assert_eq!(bench.outbox.next_due_ms().unwrap(), None);
    assert_eq!(bench.outbox.waiting().unwrap(), []);
    assert_eq!(bench.network.calls, 4);
}

fn a_message_queued_twice_is_one_message(bench: &mut Bench) {
    let entry = bench.entry(&marion(), "once");
    bench.outbox.queue(&entry).unwrap();
    bench.outbox.queue(&entry).unwrap();
    assert_eq!(bench.outbox.waiting().unwrap().len(), 1);
    bench.tick(0);
    bench.outbox.queue(&entry).unwrap();
    bench.tick(0);
    assert_eq!(bench.bodies(), ["once"]);
}

fn a_network_knows_a_message_by_its_id(bench: &mut Bench) {
    let (first, second) = (bench.entry(&marion(), "first"), bench.entry(&marion(), "second"));
    let receipt = bench.network.send(&first).unwrap();
    bench.network.send(&second).unwrap();
    assert_eq!(bench.network.send(&first).unwrap(), receipt);
    assert_eq!(bench.bodies(), ["first", "second"]);
}

fn undo_in_the_window_sends_nothing(bench: &mut Bench) {
    let id = bench.queue(&marion(), "regretted");
    bench.outbox.hold(&id, 5_000);
    assert_eq!(bench.tick(4_999), []);
    assert_eq!(bench.outbox.undo(&id).unwrap(), Undo::Undone);
    assert_eq!(bench.tick(60_000), []);
    bench.restart();
    assert_eq!(bench.tick(60_000), []);
    assert_eq!(bench.bodies(), [""; 0]);
    assert_eq!(bench.status(&id), Status::Undone);
    assert_eq!(bench.outbox.waiting().unwrap(), []);
}

fn undo_after_the_window_is_too_late(bench: &mut Bench) {
    let id = bench.queue(&marion(), "meant");
    bench.outbox.hold(&id, 5_000);
    let outcomes = bench.tick(5_000);
    assert_eq!(bench.outbox.undo(&id).unwrap(), Undo::TooLate(outcomes[0].status));
    assert_eq!(bench.bodies(), ["meant"]);
    assert_eq!(bench.outbox.undo(&MessageId::new()).unwrap(), Undo::Unknown);
}

fn a_held_message_is_due_at_the_end_of_its_window(bench: &mut Bench) {
    let first = bench.queue(&marion(), "first");
    bench.outbox.hold(&first, 5_000);
    bench.queue(&marion(), "second");
    assert_eq!(bench.outbox.next_due_ms().unwrap(), Some(5_000), "the second waits for the first");
    bench.queue(&josselin(), "other");
    assert_eq!(bench.outbox.next_due_ms().unwrap(), Some(0));
    bench.tick(4_999);
    assert_eq!(bench.bodies(), ["other"]);
    bench.tick(5_000);
    assert_eq!(bench.bodies(), ["other", "first", "second"]);

    let held = bench.queue(&marion(), "third");
    bench.outbox.hold(&held, 90_000);
    bench.restart();
    assert_eq!(bench.outbox.next_due_ms().unwrap(), Some(0), "after a restart nothing is held");
    bench.tick(0);
    assert_eq!(bench.bodies(), ["other", "first", "second", "third"]);
}

fn a_wedged_message_blocks_nothing_and_keeps_its_reason(bench: &mut Bench) {
    let wedged = bench.queue(&marion(), "too much");
    bench.queue(&marion(), "next");
    bench.queue(&josselin(), "other");
    bench.fail_with([Fault::Refused(Reason::TooLarge)]);
    let outcomes = bench.tick(0);
    assert_eq!(outcomes[0], Outcome { id: wedged.clone(), status: Status::Wedged, reason: Some(Reason::TooLarge) });
    assert_eq!(bench.bodies(), ["next", "other"]);
    assert_eq!(bench.outbox.next_due_ms().unwrap(), None, "what is wedged is not waited for");
    bench.restart();
    let waiting = bench.outbox.waiting().unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].status, waiting[0].reason), (Status::Wedged, Some(Reason::TooLarge)));
    assert_eq!(waiting[0].entry.to, [marion()]);
    assert_eq!(bench.bodies(), ["next", "other"]);
}

fn a_wedged_message_can_be_retried_or_undone(bench: &mut Bench) {
    let retried = bench.queue(&marion(), "again");
    let dropped = bench.queue(&marion(), "never");
    bench.fail_with([Fault::Refused(Reason::Forbidden), Fault::Refused(Reason::Forbidden)]);
    bench.tick(0);
    assert!(bench.outbox.retry(&retried).unwrap());
    assert_eq!(bench.outbox.undo(&dropped).unwrap(), Undo::Undone);
    bench.tick(0);
    assert_eq!(bench.bodies(), ["again"]);
    assert!(!bench.outbox.retry(&retried).unwrap(), "it has arrived");
    assert!(!bench.outbox.retry(&dropped).unwrap(), "it was taken back");
    assert!(!bench.outbox.retry(&MessageId::new()).unwrap());
}

fn an_unanswered_message_holds_back_its_own_conversation_only(bench: &mut Bench) {
    let first = bench.queue(&marion(), "first");
    bench.queue(&marion(), "second");
    bench.queue(&josselin(), "other");
    bench.fail_with([Fault::RequestLost]);
    bench.tick(0);
    assert_eq!(bench.bodies(), ["other"]);
    assert_eq!(bench.status(&first), Status::Sending);
    let due_ms = bench.outbox.next_due_ms().unwrap().unwrap();
    assert!((500..=1_000).contains(&due_ms), "{due_ms}");
    bench.tick(due_ms - 1);
    assert_eq!(bench.bodies(), ["other"]);
    bench.tick(due_ms);
    assert_eq!(bench.bodies(), ["other", "first", "second"]);
}

fn a_lost_answer_makes_no_second_message(bench: &mut Bench) {
    let id = bench.queue(&marion(), "once");
    bench.fail_with([Fault::AnswerLost, Fault::AnswerLost, Fault::Unreachable]);
    assert_eq!(bench.tick(0), []);
    for call in 1..=3 {
        assert_eq!(bench.network.calls, call);
        assert_eq!(bench.outbox.undo(&id).unwrap(), Undo::TooLate(Status::Sending), "it may have arrived");
        let due_ms = bench.outbox.next_due_ms().unwrap().unwrap();
        if call < 3 {
            assert_eq!(bench.tick(due_ms), []);
        }
    }
    let outcomes = bench.run_until_idle();
    assert_eq!(outcomes.len(), 1);
    assert_eq!(bench.bodies(), ["once"]);
    assert_eq!(bench.network.calls, 4);
}

fn retry_after_is_honoured_for_everything(bench: &mut Bench) {
    bench.queue(&marion(), "one");
    bench.queue(&josselin(), "two");
    bench.fail_with([Fault::Busy(Some(60_000))]);
    bench.tick(1_000);
    assert_eq!(bench.network.calls, 1, "the other conversation waits as well");
    let due_ms = bench.outbox.next_due_ms().unwrap().unwrap();
    assert!((61_000..=68_500).contains(&due_ms), "{due_ms}");
    bench.tick(60_999);
    assert_eq!(bench.network.calls, 1);
    bench.tick(due_ms);
    assert_eq!(bench.bodies(), ["one", "two"]);
}

fn without_a_network_messages_wait_and_can_be_undone(bench: &mut Bench) {
    let kept = bench.queue(&marion(), "kept");
    let undone = bench.queue(&marion(), "undone");
    bench.fail_with([Fault::Unreachable; 3]);
    for _ in 0..3 {
        let due_ms = bench.outbox.next_due_ms().unwrap().unwrap();
        assert_eq!(bench.tick(due_ms), []);
    }
    assert_eq!(bench.status(&kept), Status::Queued, "it surely was not sent");
    assert_eq!(bench.outbox.undo(&undone).unwrap(), Undo::Undone);
    bench.run_until_idle();
    assert_eq!(bench.bodies(), ["kept"]);
}

fn when_the_network_returns_everything_goes_at_once(bench: &mut Bench) {
    bench.queue(&marion(), "lost");
    bench.queue(&josselin(), "offline");
    bench.fail_with([Fault::RequestLost, Fault::Unreachable]);
    bench.tick(10);
    bench.tick(11);
    assert_eq!(bench.network.calls, 2);
    bench.outbox.network_returned(bench.network.name());
    bench.tick(12);
    assert_eq!(bench.bodies(), ["lost", "offline"]);
}

fn a_long_line_is_sent_in_several_ticks(bench: &mut Bench) {
    let bodies: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    for body in &bodies {
        bench.queue(&marion(), body);
    }
    let first = bench.tick(0).len();
    assert!(first > 0 && first < 50, "{first}");
    assert_eq!(bench.outbox.next_due_ms().unwrap(), Some(0));
    bench.run_until_idle();
    assert_eq!(bench.bodies(), bodies);
}

fn a_message_of_another_network_is_wedged(bench: &mut Bench) {
    let entry = OutboxEntry::send("elsewhere", &Account::owner(), vec![marion()], "hello");
    bench.outbox.queue(&entry).unwrap();
    let reason = Some(Reason::UnknownRecipient);
    assert_eq!(bench.tick(0), [Outcome { id: entry.id, status: Status::Wedged, reason }]);
    assert_eq!(bench.network.calls, 0);
}

fn a_delivered_message_can_be_taken_back_from_the_network(bench: &mut Bench) {
    let sent = bench.queue(&marion(), "regretted");
    bench.tick(0);
    let waiting = bench.queue(&marion(), "waiting");
    assert_eq!(bench.outbox.take_back(&waiting).unwrap(), Undo::Undone);
    assert_eq!(bench.outbox.take_back(&sent).unwrap(), Undo::Withdrawing);
    assert_eq!(bench.outbox.take_back(&MessageId::new()).unwrap(), Undo::Unknown);
    assert_eq!(bench.outbox.waiting().unwrap(), [], "what is done to a message is none itself");
    bench.fail_with([Fault::AnswerLost]);
    assert_eq!(bench.tick(10), []);
    let outcomes = bench.run_until_idle();
    assert_eq!(outcomes, [Outcome { id: sent.clone(), status: Status::Undone, reason: None }]);
    for id in [&sent, &waiting] {
        assert_eq!(bench.status(id), Status::Undone);
    }
    assert_eq!(bench.bodies(), [""; 0]);
}

fn hostile_bodies_arrive_as_they_are(bench: &mut Bench) {
    let bodies = [
        "x".repeat(10_000_000),
        "\0\u{1}\u{1b}[2J\u{7f}\r\n\t".to_owned(),
        "\u{202e}gnp.exe\u{2066}\u{200f}".to_owned(),
        "'; DROP TABLE messages; --".to_owned(),
        String::new(),
        "e\u{301}\u{10ffff}🦀".to_owned(),
    ];
    let hostile = person(3, &"\u{202e}\u{0}\n".repeat(10_000));
    for body in &bodies {
        bench.queue(&hostile, body);
    }
    bench.run_until_idle();
    assert_eq!(bench.bodies(), bodies);
    let lines = bench.inbox().list().unwrap();
    assert!(lines.iter().map(|line| &line.body).eq(&bodies));
    assert!(lines.iter().all(|line| line.to == [hostile.name.as_str()] && serde_json::to_string(line).is_ok()));
}

fn a_full_disk_loses_nothing(bench: &mut Bench) {
    bench.queue(&marion(), "before");
    let pages: i64 = bench.store.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |bench: &Bench, pages: i64| {
        bench.store.connection().pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(bench, pages);
    let entry = bench.entry(&josselin(), &"y".repeat(100_000));
    assert!(matches!(bench.outbox.queue(&entry), Err(StoreError::Full)));
    assert_eq!(bench.outbox.status(&entry.id).unwrap(), None, "nothing of it is there");

    limit(bench, 1_000_000);
    bench.outbox.queue(&entry).unwrap();
    let pages: i64 = bench.store.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    limit(bench, pages);
    // The local network cannot keep the message, the server can; either way nobody loses it.
    let full = bench.outbox.tick(0, &mut bench.network).map_or(0, |outcomes| outcomes.len());
    limit(bench, 1_000_000);
    assert_eq!(full + bench.run_until_idle().len(), 2);
    assert_eq!(bench.bodies(), ["before", &entry.body]);
}

fn a_sound_is_kept_until_the_network_has_it_and_no_longer(bench: &mut Bench) {
    let recording = Recording { ogg: vec![7; 100_000], duration_ms: 40_000 };
    let queue = |bench: &mut Bench, body: &str| {
        let entry = bench.entry(&marion(), body);
        let entry = OutboxEntry { kind: EntryKind::Voice, recording: Some(recording.clone()), ..entry };
        bench.outbox.queue(&entry).unwrap();
        entry.id
    };
    let kept = |bench: &Bench| -> u32 {
        let connection = bench.store.connection();
        connection.query_row("SELECT COUNT(*) FROM recordings", [], |row| row.get(0)).unwrap()
    };
    let refused = queue(bench, "refused");
    bench.fail_with([Fault::Unreachable, Fault::RequestLost, Fault::AnswerLost, Fault::Refused(Reason::Forbidden)]);
    for attempt in 1..=4 {
        assert_eq!(kept(bench), 1, "before attempt {attempt}");
        let due_ms = bench.outbox.next_due_ms().unwrap().unwrap();
        bench.tick(due_ms);
    }
    assert_eq!((bench.status(&refused), kept(bench)), (Status::Wedged, 1), "it may be tried again");
    bench.restart();
    assert!(bench.outbox.retry(&refused).unwrap());
    bench.tick(0);
    assert_eq!((bench.network.sounds.len(), kept(bench)), (5, 0));
    assert!(bench.network.sounds.iter().all(|sound| *sound == recording));

    let undone = queue(bench, "undone");
    bench.outbox.undo(&undone).unwrap();
    assert_eq!(kept(bench), 0);
    let sent = queue(bench, "sent");
    bench.tick(0);
    assert!(matches!(bench.status(&sent), Status::Sent | Status::Delivered));
    assert_eq!(kept(bench), 0);
}
