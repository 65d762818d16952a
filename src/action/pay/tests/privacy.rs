//! No name, address, amount, reason or PIN in what can come into a log: `Debug` and the texts of errors.

use super::house::{Fault, House, IBAN, MARION, Peer, calm, done, order, pay, with_wallet};
use crate::{
    action::pay::{PayError, Payee},
    config::PayMethod,
};

const PIN: &str = "987654";
/// A bare number may be part of an id by chance: only one that begins a value counts.
const SECRETS: [&str; 9] = ["Marion", "Petit", "pizza", " 4711", "(4711", "47.11", "47,11", PIN, "wallet.example"];

fn assert_silent(told: &str) {
    for secret in SECRETS.into_iter().chain([IBAN, "30006000011234567890189"]) {
        assert!(!told.contains(secret), "{secret:?} is in {told}");
    }
}

#[test]
fn nothing_about_a_payment_is_told() {
    let mut house = House::new(PayMethod::Bank);
    house.payments().set_pin(None, PIN).unwrap();
    let mut payments = house.payments();
    let order = order(MARION, 4_711);
    let approval = payments.approve(&order, PIN).unwrap();
    assert_silent(&format!("{order:?} {approval:?} {payments:?}"));
    let payment = done(payments.pay(&order, &calm(), Some(&approval)).unwrap());
    let handoff = payments.handoff(&order.id).unwrap();
    assert_silent(&format!("{payment:?} {handoff:?} {:?}", payments.payees().unwrap()));
    assert_silent(&format!("{:?} {:?}", payments.trail().unwrap(), payments.owed(None).unwrap()));

    house.rules.method = PayMethod::Wallet;
    let peer = Peer::new(house.dir.path());
    let mut payments = with_wallet(&house, &peer);
    peer.fail_with([Fault::None, Fault::AnswerLost]);
    let order = super::house::order(MARION, 2_711);
    assert_silent(&format!("{:?}", done(pay(&mut payments, &order)).order()));
}

#[test]
fn no_error_tells_what_it_is_about() {
    let house = House::new(PayMethod::Tab);
    let payments = house.payments();
    payments.set_pin(None, PIN).unwrap();
    let order = order(MARION, 4_711);
    let mut errors: Vec<PayError> = vec![
        payments.approve(&order, "4711").unwrap_err(),
        payments.set_pin(Some(PIN), "98765x").unwrap_err(),
        Payee::typed(MARION, "Marion", "FR76 4711", "").unwrap_err(),
        Payee::typed(MARION, "Marion", "", "wallet.example/marion").unwrap_err(),
        payments.handoff(&order.id).unwrap_err(),
    ];
    // What the database says of a statement it refuses.
    let raw = house.store.connection();
    payments.request(&order, &calm()).unwrap();
    for statement in [
        "UPDATE transfers SET amount = 4711 WHERE amount = 4711",
        "INSERT INTO payees (contact, holder) VALUES (4711, 'Marion')",
        "INSERT INTO transfers SELECT id, debit, credit, amount, 'pizza' FROM transfers",
    ] {
        let refused = raw.execute(statement, []).unwrap_err();
        errors.push(refused.into());
    }
    for error in errors {
        assert_silent(&format!("{error} {error:?}"));
    }
}
