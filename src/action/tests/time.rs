//! What waits too long, and clocks that lie.

use super::*;

contract!(
    a_message_nobody_could_send_for_two_days_expires,
    a_message_without_an_answer_for_two_days_is_unverified,
    an_expired_message_can_be_retried,
    a_clock_that_jumps_expires_nothing,
    a_clock_that_is_set_back_expires_nothing,
    a_message_confirmed_after_a_jump_expires_in_its_time,
    time_asleep_counts,
    a_machine_that_boots_in_1970_expires_nothing,
    a_clock_that_jumps_while_herald_is_away_expires_nothing,
    a_night_without_power_counts,
);

const HOUR_MS: i64 = 3_600_000;

/// Queues a message the network does not take, and tries once.
fn queue_offline(bench: &mut Bench) -> MessageId {
    let id = bench.queue(&person(1, "Marion Petit"), "late");
    bench.fail_with([Fault::Unreachable; 20]);
    bench.tick(0);
    id
}

/// Lets an hour pass and ticks, so many times; returns what was told.
fn hours(bench: &mut Bench, from_hour: u64, count: u64) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for hour in from_hour..from_hour + count {
        bench.time.pass(HOUR_MS);
        bench.fail_with([Fault::Unreachable]);
        outcomes.extend(bench.tick((hour + 1) * 3_600_000));
    }
    outcomes
}

fn a_message_nobody_could_send_for_two_days_expires(bench: &mut Bench) {
    let id = queue_offline(bench);
    assert_eq!(hours(bench, 0, 48), []);
    let told = hours(bench, 48, 1);
    let reason = Some(Reason::NoNetwork);
    assert_eq!(told, [Outcome { id: id.clone(), status: Status::Expired, reason }]);
    assert_eq!(hours(bench, 49, 1), [], "told once");
    assert_eq!(bench.outbox.waiting().unwrap()[0].status, Status::Expired);
    assert_eq!(bench.outbox.next_due_ms().unwrap(), None);
}

fn a_message_without_an_answer_for_two_days_is_unverified(bench: &mut Bench) {
    let id = bench.queue(&person(1, "Marion Petit"), "perhaps");
    bench.fail_with([Fault::AnswerLost]);
    bench.tick(0);
    bench.fail_with([Fault::Unreachable; 20]);
    let told = hours(bench, 0, 49);
    assert_eq!(told, [Outcome { id, status: Status::Unverified, reason: Some(Reason::NoAnswer) }]);
}

fn an_expired_message_can_be_retried(bench: &mut Bench) {
    let id = queue_offline(bench);
    hours(bench, 0, 50);
    assert!(bench.outbox.retry(&id).unwrap());
    bench.network_back();
    assert_eq!(bench.tick(51 * 3_600_000).len(), 1);
    assert_eq!(bench.bodies(), ["late"]);
}

fn a_clock_that_jumps_expires_nothing(bench: &mut Bench) {
    let id = queue_offline(bench);
    bench.time.wall_ms.set(bench.time.wall_ms.get() + 1_000 * HOUR_MS);
    assert_eq!(hours(bench, 0, 47), []);
    assert_eq!(bench.status(&id), Status::Queued);
    assert_eq!(hours(bench, 47, 2).len(), 1, "the jump does not lengthen the wait either");
}

fn a_clock_that_is_set_back_expires_nothing(bench: &mut Bench) {
    let id = queue_offline(bench);
    bench.time.wall_ms.set(bench.time.wall_ms.get() - 1_000 * HOUR_MS);
    assert_eq!(hours(bench, 0, 47), []);
    assert_eq!(bench.status(&id), Status::Queued);
    assert_eq!(hours(bench, 47, 2).len(), 1);
}

fn a_message_confirmed_after_a_jump_expires_in_its_time(bench: &mut Bench) {
    bench.tick(0);
    bench.time.wall_ms.set(bench.time.wall_ms.get() + 1_000 * HOUR_MS);
    let id = queue_offline(bench);
    assert_eq!(hours(bench, 0, 48), []);
    assert_eq!(hours(bench, 48, 1).len(), 1);
    assert_eq!(bench.status(&id), Status::Expired);
}

fn time_asleep_counts(bench: &mut Bench) {
    queue_offline(bench);
    bench.time.pass(60 * HOUR_MS);
    assert_eq!(bench.tick(70_000).len(), 1, "the audio clock stood still, the time passed all the same");
}

fn a_clock_that_jumps_while_herald_is_away_expires_nothing(bench: &mut Bench) {
    let id = queue_offline(bench);
    bench.time.wall_ms.set(bench.time.wall_ms.get() + 10_000 * HOUR_MS);
    bench.restart();
    bench.restart();
    assert_eq!(hours(bench, 0, 47), []);
    assert_eq!(bench.status(&id), Status::Queued);
    assert_eq!(hours(bench, 47, 2).len(), 1);
}

fn a_night_without_power_counts(bench: &mut Bench) {
    queue_offline(bench);
    bench.time.wall_ms.set(bench.time.wall_ms.get() + 40 * HOUR_MS);
    bench.time.restart();
    bench.restart();
    assert_eq!(hours(bench, 0, 7), []);
    assert_eq!(hours(bench, 7, 2).len(), 1);
}

fn a_machine_that_boots_in_1970_expires_nothing(bench: &mut Bench) {
    let now_ms = bench.time.wall_ms.get();
    bench.time.wall_ms.set(20_000);
    bench.time.restart();
    bench.restart();
    let id = queue_offline(bench);
    assert_eq!(hours(bench, 0, 3), []);
    bench.time.wall_ms.set(now_ms);
    assert_eq!(hours(bench, 3, 3), []);
    assert_eq!(bench.status(&id), Status::Queued);

    bench.time.wall_ms.set(40_000);
    bench.time.restart();
    bench.restart();
    assert_eq!(bench.tick(0), []);
    bench.time.wall_ms.set(now_ms + 100 * HOUR_MS);
    assert_eq!(hours(bench, 0, 3), []);
    bench.network_back();
    assert_eq!(bench.tick(4 * 3_600_000).len(), 1);
    assert_eq!(bench.bodies(), ["late"]);
}
