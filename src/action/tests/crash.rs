//! The process dies, anywhere: nothing is lost, nothing comes twice, order holds.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    bench::{Peer, Place},
    *,
};

contract!(sending;
    dying_after_the_yes_loses_nothing,
    dying_before_the_network_has_it_loses_nothing,
    dying_after_the_network_has_it_delivers_once,
    dying_after_the_answer_was_written_sends_no_more,
    dying_again_and_again_delivers_once,
);

fn marion() -> Person {
    person(1, "Marion Petit")
}

fn dying_after_the_yes_loses_nothing(bench: &mut Bench) {
    bench.queue(&marion(), "one");
    bench.queue(&marion(), "two");
    bench.restart();
    assert_eq!(bench.tick(0).len(), 2);
    assert_eq!(bench.bodies(), ["one", "two"]);
}

fn dying_before_the_network_has_it_loses_nothing(bench: &mut Bench) {
    die_sending(bench, Fault::CrashBefore);
}

fn dying_after_the_network_has_it_delivers_once(bench: &mut Bench) {
    die_sending(bench, Fault::CrashAfter);
}

fn die_sending(bench: &mut Bench, fault: Fault) {
    let ids = [bench.queue(&marion(), "one"), bench.queue(&marion(), "two")];
    bench.fail_with([fault]);
    assert!(!bench.tick_or_crash(0));
    bench.restart();
    assert_eq!(bench.status(&ids[0]), Status::Sending);
    assert_eq!(bench.outbox.undo(&ids[0]).unwrap(), Undo::TooLate(Status::Sending));
    let outcomes = bench.tick(0);
    assert!(outcomes.iter().map(|outcome| &outcome.id).eq(&ids), "both are told: {outcomes:?}");
    assert_eq!(bench.bodies(), ["one", "two"]);
}

fn dying_after_the_answer_was_written_sends_no_more(bench: &mut Bench) {
    bench.queue(&marion(), "one");
    bench.tick(0);
    bench.restart();
    assert_eq!(bench.tick(0), []);
    assert_eq!(bench.network.calls, 1);
    assert_eq!(bench.bodies(), ["one"]);
}

fn dying_again_and_again_delivers_once(bench: &mut Bench) {
    bench.queue(&marion(), "one");
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::CrashAfter, Fault::CrashBefore, Fault::CrashAfter] {
        bench.fail_with([fault]);
        assert!(!bench.tick_or_crash(0));
        bench.restart();
    }
    bench.tick(0);
    assert_eq!(bench.bodies(), ["one"]);
}

/// One step of a random history.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Confirm a message to one of three people.
    Queue(i64),
    /// The next sending goes like this.
    Fail(Fault),
    /// So much time passes on the audio clock.
    Pass(u64),
    /// The process dies and starts again.
    Restart,
    /// The network is back.
    NetworkReturned,
}

fn step() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![
        Just(Fault::None),
        Just(Fault::Unreachable),
        Just(Fault::Busy(None)),
        Just(Fault::Busy(Some(7_000))),
        Just(Fault::RequestLost),
        Just(Fault::AnswerLost),
        Just(Fault::CrashBefore),
        Just(Fault::CrashAfter),
    ];
    prop_oneof![
        4 => (1..=3_i64).prop_map(Step::Queue),
        4 => fault.prop_map(Step::Fail),
        4 => (0..20_000_u64).prop_map(Step::Pass),
        1 => Just(Step::Restart),
        1 => Just(Step::NetworkReturned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_every_message_arrives_once_and_in_order(
        steps in proptest::collection::vec(step(), 0..60),
        peer in prop_oneof![Just(Peer::Local), Just(Peer::Chat), Just(Peer::Server)],
    ) {
        let mut bench = Bench::new(Place::Memory, peer);
        let mut confirmed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut now_ms = 0;
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Queue(contact) => {
                    let to = person(contact, "Somebody");
                    bench.queue(&to, &number.to_string());
                    confirmed.entry(to.address).or_default().push(number.to_string());
                }
                Step::Fail(fault) => bench.fail_with([fault]),
                Step::Pass(ms) => {
                    now_ms += ms;
                    if !bench.tick_or_crash(now_ms) {
                        bench.restart();
                    }
                }
                Step::Restart => bench.restart(),
                Step::NetworkReturned => bench.outbox.network_returned(bench.network.name()),
            }
        }
        bench.network_back();
        bench.run_until_idle();
        let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (address, body) in bench.arrived() {
            arrived.entry(address).or_default().push(body);
        }
        prop_assert_eq!(arrived, confirmed);
    }
}
