//! The engine of payments with a real wallet behind it: what the book says is what the provider did.

use std::rc::Rc;

use herald::{
    action::pay::{
        Chain, Circumstances, Order, Payee, Paying, Payment, Payments, Refusal, Rules, Standing, Verdict, verify_trail,
    },
    config::{self, PayMethod, Sources},
    intent::contacts::ContactId,
    store::Store,
};
use serde_json::json;

use crate::support::wallet::{Alice, PAY, TWENTY, euros, open};

const MARION: ContactId = ContactId(1);
const PIN: &str = "2468";

/// Confirmed at once, by the owner, in a silent house; the same again is meant.
const CONFIRMED: Circumstances = Circumstances {
    is_moving: false,
    is_heard_over: false,
    is_owner: true,
    answered_after_ms: Some(1_000),
    is_again_meant: true,
};

/// Opens the book of Alice's Herald, as a new process finds it.
fn book(alice: &Alice) -> Payments {
    let store = Rc::new(Store::open(alice.dir.path()).unwrap());
    let rules = Rules::new(&config::load(&Sources::default()).unwrap().config.pay);
    Payments::open(store, Rules { method: PayMethod::Wallet, ..rules }, Some(Box::new(open(alice.dir.path()))))
}

/// Opens it for the first time: there are a PIN, and Marion, who is paid at Bob's wallet.
fn new_book(alice: &Alice) -> Payments {
    let store = Store::open(alice.dir.path()).unwrap();
    let marion = "INSERT INTO contacts (id, name, given, family, kind)
                  VALUES (1, 'Marion Petit', 'Marion', 'Petit', 'person')";
    store.connection().execute_batch(marion).unwrap();
    let payments = book(alice);
    payments.set_pin(None, PIN).unwrap();
    let payee = Payee::typed(MARION, "Marion Petit", "", alice.address("bob").as_str()).unwrap();
    payments.trust(&payee, PIN).unwrap();
    payments
}

fn order() -> Order {
    Order::new(MARION, euros(TWENTY), "pizza")
}

fn done(paying: Paying) -> Payment {
    match paying {
        Paying::Done(payment) => *payment,
        Paying::Stopped(verdict) => panic!("stopped: {verdict:?}"),
    }
}

#[test]
fn twelve_payments_in_a_month_with_a_pin_after_each_fifth_and_the_wallet_refuses_the_thirteenth() {
    let Some(alice) = Alice::with(12 * TWENTY) else { return };
    let mut payments = new_book(&alice);
    let mut pins = Vec::new();
    let mut pay = |number: u32| {
        let order = order();
        let mut paid = payments.pay(&order, &CONFIRMED, None).unwrap();
        if matches!(paid, Paying::Stopped(Verdict::NeedsPin(_))) {
            pins.push(number);
            let approval = payments.approve(&order, PIN).unwrap();
            paid = payments.pay(&order, &CONFIRMED, Some(&approval)).unwrap();
        }
        done(paid)
    };
    for number in 1..=12 {
        assert_eq!(pay(number).standing, Standing::Posted, "{number}");
    }
    let thirteenth = pay(13);
    assert_eq!((thirteenth.standing, thirteenth.refusal), (Standing::Voided, Some(Refusal::GrantExhausted)));
    assert_eq!(pins, [6, 12], "after five by voice alone");
    assert_eq!(alice.paid(), [TWENTY; 12]);
    assert!(payments.reconcile().unwrap().is_empty(), "nothing waits");
    let store = Store::open(alice.dir.path()).unwrap();
    assert!(matches!(verify_trail(&store).unwrap(), Chain::Whole(rows) if rows > 26));
    alice.assert_valid();
}

#[test]
fn a_payment_whose_answer_was_lost_is_posted_once_whatever_became_of_the_request() {
    for trouble in ["lose", "ignore", "die"] {
        let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
        let mut payments = new_book(&alice);
        alice.provider.next(PAY, &json!(trouble));
        let order = order();
        let pending = done(payments.pay(&order, &CONFIRMED, None).unwrap());
        assert_eq!(pending.standing, Standing::Pending, "{trouble}");
        drop(payments);
        alice.provider.restart();

        let mut payments = book(&alice);
        let ended = payments.reconcile().unwrap();
        assert_eq!(ended.iter().map(|payment| payment.standing).collect::<Vec<_>>(), [Standing::Posted], "{trouble}");
        assert_eq!(done(payments.pay(&order, &CONFIRMED, None).unwrap()).standing, Standing::Posted);
        assert!(payments.reconcile().unwrap().is_empty());
        assert_eq!(alice.paid(), [TWENTY], "{trouble}");
    }
}
