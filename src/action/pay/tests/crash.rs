//! Whatever fails, wherever the process dies and whatever the clocks say: an order is paid at most once, and the book
//! tells in the end what the wallet did.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;

use super::house::{Fault, House, MARION, Peer, calm, is_ended, order, with_wallet};
use crate::{
    action::pay::{Order, PayError, Payments, Rules, Standing},
    config::PayMethod,
};

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pay(u64),
    /// An earlier order comes again, as the conversation does after a restart.
    Again(usize),
    Reconcile,
    Fail(Fault),
    /// The process dies instead of the commit of this number from now.
    DieAtCommit(u32),
    Restart,
    Pass(i64),
    Jump(i64),
    Reboot,
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![
        Just(Fault::None),
        Just(Fault::Unreachable),
        Just(Fault::AnswerLost),
        Just(Fault::Delayed),
        Just(Fault::Refused),
        Just(Fault::DieBefore),
        Just(Fault::DieAfter),
    ];
    prop_oneof![
        4 => (1..3_000_u64).prop_map(Step::Pay),
        2 => (0..8_usize).prop_map(Step::Again),
        4 => Just(Step::Reconcile),
        6 => fault.prop_map(Step::Fail),
        2 => (1..4_u32).prop_map(Step::DieAtCommit),
        1 => Just(Step::Restart),
        1 => (0..1_200_000_i64).prop_map(Step::Pass),
        1 => (-1_000_000_000_000..1_000_000_000_000_i64).prop_map(Step::Jump),
        1 => Just(Step::Reboot),
        1 => Just(Step::Expire),
    ]
}

/// A device that dies and starts again, and a wallet that does not.
struct Machine {
    house: House,
    peer: Peer,
    payments: Payments,
    orders: Vec<Order>,
}

impl Machine {
    fn new() -> Self {
        let mut house = House::new(PayMethod::Wallet);
        house.rules = Rules { since_pin: u64::MAX, payments_since_pin: u32::MAX, again_ms: -1, ..house.rules };
        let peer = Peer::new(house.dir.path());
        let payments = with_wallet(&house, &peer);
        Self { house, peer, payments, orders: Vec::new() }
    }

    fn start(&mut self) {
        drop(self.house.restart());
        self.payments = with_wallet(&self.house, &self.peer);
    }

    fn die_at(&self, commit: u32) {
        let mut left = commit;
        self.house.store.connection().commit_hook(Some(move || {
            left = left.saturating_sub(1);
            left == 0
        }));
    }

    /// Does something, and starts anew if it died of it.
    fn live<T>(&mut self, act: impl FnOnce(&mut Payments) -> Result<T, PayError>) {
        let payments = &mut self.payments;
        match catch_unwind(AssertUnwindSafe(|| act(payments))) {
            Ok(Ok(_)) => {}
            Ok(Err(PayError::Store(_))) | Err(_) => self.start(),
            Ok(Err(other)) => panic!("{other}"),
        }
    }

    fn pay(&mut self, order: &Order) {
        self.live(|payments| payments.pay(order, &calm(), None));
    }

    fn apply(&mut self, step: Step) {
        match step {
            Step::Pay(minor) => {
                let order = order(MARION, minor);
                self.orders.push(order.clone());
                self.pay(&order);
            }
            Step::Again(number) => {
                if let Some(order) = self.orders.get(number).cloned() {
                    self.pay(&order);
                }
            }
            Step::Reconcile => self.live(Payments::reconcile),
            Step::Fail(fault) => self.peer.fail_with([fault]),
            Step::DieAtCommit(commit) => self.die_at(commit),
            Step::Restart => self.start(),
            Step::Pass(ms) => self.house.time.pass(ms),
            Step::Jump(ms) => self.house.time.wall_ms.set(self.house.time.wall_ms.get() + ms),
            Step::Reboot => {
                self.house.time.restart();
                self.start();
            }
            Step::Expire => self.peer.expire(),
        }
    }

    /// What the wallet did must be what the book says, as soon as it says something for good.
    fn check(&self) -> Result<(), TestCaseError> {
        for order in &self.orders {
            let paid = self.peer.memory.paid(order);
            prop_assert!(paid <= 1, "paid {paid} times");
            match self.payments.payment(&order.id) {
                Ok(payment) if payment.standing == Standing::Posted => prop_assert_eq!(paid, 1),
                Ok(payment) if payment.standing == Standing::Voided => prop_assert_eq!(paid, 0),
                Ok(_) => {}
                Err(PayError::NoSuchPayment) => prop_assert_eq!(paid, 0),
                Err(other) => panic!("{other}"),
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_nothing_is_paid_twice_and_the_book_tells_what_was(
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let mut machine = Machine::new();
        for step in steps {
            machine.apply(step);
            machine.check()?;
        }
        // Nothing fails any more: everything comes to its end.
        machine.start();
        machine.peer.faults.borrow_mut().clear();
        machine.payments.reconcile().unwrap();
        machine.check()?;
        machine.peer.expire();
        machine.payments.reconcile().unwrap();
        machine.check()?;
        for order in &machine.orders {
            let ended = machine.payments.payment(&order.id).map_or(true, |payment| is_ended(&payment));
            prop_assert!(ended, "something waits for ever");
        }
    }
}
