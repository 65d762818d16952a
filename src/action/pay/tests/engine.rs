//! Orders, requests and the tab, as the household sees them; limits over restarts and clock jumps.

use super::house::{
    FAMILY, Fault, House, IBAN, MARION, NOBODY, PAUL, Peer, calm, done, euros, order, pay, stopped, with_wallet,
};
use crate::{
    action::pay::{
        Circumstances, Closed, Debt, Debtor, Order, PayError, Payee, PaymentKind, Refusal, Standing, Verdict, Why,
        outcome_message,
    },
    config::{Lang, PayMethod},
    intent::Currency,
};

const PIN: &str = "2468";
const MINUTE_MS: i64 = 60_000;

fn debt(debtor: Debtor, minor: u64) -> Debt {
    Debt { contact: MARION, debtor, money: euros(minor) }
}

#[test]
fn the_tab_tells_who_owes_whom() {
    let house = House::new(PayMethod::Tab);
    let mut payments = house.payments();
    assert_eq!(payments.owed(Some(MARION)).unwrap(), []);
    let payment = done(pay(&mut payments, &order(MARION, 2_000)));
    assert_eq!(payment.standing, Standing::Posted);
    assert_eq!(payments.owed(Some(MARION)).unwrap(), [debt(Debtor::Owner, 2_000)]);
    assert_eq!(payments.owed(Some(PAUL)).unwrap(), []);

    let asked = done(payments.request(&order(MARION, 3_000), &calm()).unwrap());
    assert_eq!(payments.owed(None).unwrap(), [debt(Debtor::Contact, 1_000)]);
    assert_eq!(payments.close_request(&asked.id, Closed::Settled).unwrap().closed, Some(Closed::Settled));
    assert_eq!(payments.owed(None).unwrap(), [debt(Debtor::Owner, 2_000)]);
    payments.make_even(MARION, Currency::Eur).unwrap();
    payments.make_even(MARION, Currency::Eur).unwrap();
    assert_eq!(payments.owed(None).unwrap(), []);

    let history = payments.history(10).unwrap();
    assert_eq!(history.iter().map(|line| line.kind).collect::<Vec<_>>(), [PaymentKind::Request, PaymentKind::Pay]);
    assert_eq!((history[1].name.0.as_str(), history[1].reason.0.as_str()), ("Marion Petit", "pizza"));
    assert_eq!(history[1].at(), "2026-01-01T00:00:00.000Z");
    assert_eq!(payments.history(1).unwrap().len(), 1);
}

#[test]
fn a_request_ends_one_way_only() {
    let house = House::new(PayMethod::Tab);
    let payments = house.payments();
    let asked = order(PAUL, 1_000);
    done(payments.request(&asked, &calm()).unwrap());
    payments.close_request(&asked.id, Closed::Withdrawn).unwrap();
    payments.close_request(&asked.id, Closed::Withdrawn).unwrap();
    assert!(matches!(payments.close_request(&asked.id, Closed::Settled), Err(PayError::Closed)));
    assert_eq!(payments.owed(None).unwrap(), []);
    assert!(matches!(payments.close_request(&order(PAUL, 1).id, Closed::Settled), Err(PayError::NoSuchPayment)));
    assert_eq!(payments.judge_request(&order(FAMILY, 1), &calm()).unwrap(), Some(Refusal::PayeeIsGroup));
}

#[test]
fn a_payment_by_bank_waits_for_its_owner_and_shows_what_the_bank_needs() {
    let mut house = House::new(PayMethod::Bank);
    let mut payments = house.payments();
    let paid = order(MARION, 2_000);
    assert_eq!(done(pay(&mut payments, &paid)).standing, Standing::Pending);
    payments = house.restart();
    let handoff = payments.handoff(&paid.id).unwrap();
    assert_eq!((handoff.iban.0.as_str(), handoff.money), (IBAN, euros(2_000)));
    assert_eq!(payments.reconcile().unwrap(), [], "it is not the wallet's");
    assert_eq!(payments.done(&paid.id).unwrap().standing, Standing::Posted);
    assert!(matches!(payments.not_done(&paid.id), Err(PayError::Closed)));
    assert!(matches!(payments.handoff(&paid.id), Err(PayError::Closed)));

    let given_up = order(MARION, 1_500);
    pay(&mut payments, &given_up);
    let payment = payments.not_done(&given_up.id).unwrap();
    assert_eq!((payment.standing, payment.refusal), (Standing::Voided, Some(Refusal::NotDone)));
    assert!(matches!(payments.done(&given_up.id), Err(PayError::Closed)));
    assert_eq!(payments.owed(None).unwrap(), [], "money that went settles no debt where there is none");
}

#[test]
fn money_that_goes_settles_what_the_owner_owed_and_no_more() {
    let mut house = House::new(PayMethod::Tab);
    let mut payments = house.payments();
    pay(&mut payments, &order(MARION, 2_000));
    house.rules.method = PayMethod::Bank;
    payments = house.payments();
    let part = order(MARION, 500);
    pay(&mut payments, &part);
    payments.done(&part.id).unwrap();
    assert_eq!(payments.owed(None).unwrap(), [debt(Debtor::Owner, 1_500)]);
    let more = order(MARION, 2_500);
    pay(&mut payments, &more);
    payments.done(&more.id).unwrap();
    assert_eq!(payments.owed(None).unwrap(), []);
}

#[test]
fn the_same_order_is_paid_once_and_another_under_its_id_is_an_error() {
    let house = House::new(PayMethod::Tab);
    let mut payments = house.payments();
    let first = order(MARION, 2_000);
    let payment = done(pay(&mut payments, &first));
    assert_eq!(done(pay(&mut payments, &first)), payment);
    for other in [
        Order { money: euros(1_000), ..first.clone() },
        Order { payee: PAUL, ..first.clone() },
        Order { reason: Order::new(MARION, euros(1), "rent").reason, ..first.clone() },
    ] {
        assert!(matches!(payments.pay(&other, &calm(), None), Err(PayError::Conflict)));
        assert!(matches!(payments.request(&other, &calm()), Err(PayError::Conflict)));
    }
    assert_eq!(payments.history(9).unwrap().len(), 1);
}

#[test]
fn nothing_is_paid_that_nobody_confirmed() {
    let house = House::new(PayMethod::Tab);
    let mut payments = house.payments();
    let unconfirmed = Circumstances { answered_after_ms: None, ..calm() };
    let order = order(MARION, 100);
    assert_eq!(payments.judge(&order, &unconfirmed).unwrap(), Verdict::Allowed);
    assert!(matches!(payments.pay(&order, &unconfirmed, None), Err(PayError::Unconfirmed)));
    assert_eq!(payments.history(9).unwrap(), []);
}

#[test]
fn the_book_knows_who_can_be_paid() {
    let mut house = House::new(PayMethod::Tab);
    let refused = |house: &House, to| stopped(pay(&mut house.payments(), &order(to, 100)));
    assert_eq!(refused(&house, NOBODY), Verdict::Refused(Refusal::PayeeUnknown));
    assert_eq!(refused(&house, FAMILY), Verdict::Refused(Refusal::PayeeIsGroup));
    assert_eq!(refused(&house, PAUL), Verdict::Refused(Refusal::PayeeUntrusted));
    let payments = house.payments();
    payments.set_pin(None, PIN).unwrap();
    let tab_only = Payee::typed(PAUL, "", "", "").unwrap();
    assert!(matches!(payments.trust(&tab_only, "1111"), Err(PayError::WrongPin { left: 2 })));
    assert_eq!(refused(&house, PAUL), Verdict::Refused(Refusal::PayeeUntrusted));
    payments.trust(&tab_only, PIN).unwrap();
    assert_eq!(payments.payees().unwrap().len(), 2);
    done(pay(&mut house.payments(), &order(PAUL, 100)));
    for method in [PayMethod::Bank, PayMethod::Wallet] {
        house.rules.method = method;
        assert_eq!(refused(&house, PAUL), Verdict::Refused(Refusal::PayeeWithoutAddress));
    }
    assert_eq!(refused(&house, MARION), Verdict::Refused(Refusal::ProviderUnavailable), "no wallet is set up");
    house.rules.method = PayMethod::Tab;
    let group = Payee::typed(FAMILY, "", "", "").unwrap();
    assert!(matches!(payments.trust(&group, PIN), Err(PayError::NotAPerson)));
    assert!(payments.distrust(PAUL).unwrap() && !payments.distrust(PAUL).unwrap());
    assert_eq!(refused(&house, PAUL), Verdict::Refused(Refusal::PayeeUntrusted));
}

#[test]
fn a_contact_that_is_deleted_is_trusted_no_more() {
    let house = House::new(PayMethod::Tab);
    house.store.connection().execute("DELETE FROM contacts WHERE id = 1", []).unwrap();
    assert_eq!(house.payments().payees().unwrap(), []);
    let verdict = stopped(pay(&mut house.payments(), &order(MARION, 100)));
    assert_eq!(verdict, Verdict::Refused(Refusal::PayeeUnknown));
}

#[test]
fn the_limits_count_over_restarts_and_clock_jumps_until_the_pin() {
    let mut house = House::new(PayMethod::Tab);
    house.payments().set_pin(None, PIN).unwrap();
    for minor in [2_900, 2_800, 2_700, 1_600] {
        house.time.wall_ms.set(house.time.wall_ms.get() - 400 * 24 * 60 * MINUTE_MS);
        house.time.restart();
        done(pay(&mut house.restart(), &order(MARION, minor)));
        house.time.wall_ms.set(house.time.wall_ms.get() + 4_000 * 24 * 60 * MINUTE_MS);
    }
    // It is 100 euros now.
    let mut payments = house.restart();
    assert_eq!(stopped(pay(&mut payments, &order(MARION, 1))), Verdict::NeedsPin(Why::SumSincePin));
    let with_pin = order(MARION, 50_000);
    let approval = payments.approve(&with_pin, PIN).unwrap();
    done(payments.pay(&with_pin, &calm(), Some(&approval)).unwrap());
    // What was paid with the PIN does not count.
    for minor in [1, 2, 3, 4, 5] {
        done(pay(&mut house.restart(), &order(MARION, minor)));
    }
    assert_eq!(stopped(pay(&mut house.restart(), &order(MARION, 6))), Verdict::NeedsPin(Why::CountSincePin));
}

#[test]
fn a_payment_that_was_voided_does_not_count() {
    let house = House::new(PayMethod::Bank);
    let mut payments = house.payments();
    for minor in 1_u64..20 {
        let given_up = order(MARION, minor);
        done(pay(&mut payments, &given_up));
        payments.not_done(&given_up.id).unwrap();
    }
}

#[test]
fn the_pin_for_one_payment_is_for_no_other() {
    let house = House::new(PayMethod::Tab);
    let mut payments = house.payments();
    payments.set_pin(None, PIN).unwrap();
    let meant = order(MARION, 50_000);
    let approval = payments.approve(&meant, PIN).unwrap();
    for other in [
        Order { money: euros(50_001), ..meant.clone() },
        Order { payee: PAUL, ..meant.clone() },
        Order { id: order(MARION, 1).id, ..meant.clone() },
    ] {
        assert!(matches!(payments.pay(&other, &calm(), Some(&approval)), Err(PayError::OtherPayment)));
    }
    done(payments.pay(&meant, &calm(), Some(&approval)).unwrap());
}

#[test]
fn the_same_payment_within_ten_minutes_is_asked_about_whatever_the_wall_clock_says() {
    let mut house = House::new(PayMethod::Tab);
    let again = |house: &House| pay(&mut house.payments(), &order(MARION, 100));
    done(again(&house));
    assert_eq!(stopped(again(&house)), Verdict::AskAgain);
    done(pay(&mut house.payments(), &order(MARION, 101)));
    house.time.wall_ms.set(house.time.wall_ms.get() + 5_000 * MINUTE_MS);
    assert_eq!(stopped(again(&house)), Verdict::AskAgain, "the wall clock jumped");
    house.time.wall_ms.set(0);
    assert_eq!(stopped(again(&house)), Verdict::AskAgain, "and back");
    house.time.pass(10 * MINUTE_MS);
    house.restart();
    assert_eq!(stopped(again(&house)), Verdict::AskAgain, "at the limit, in another process");
    house.time.pass(1);
    done(again(&house));
    // The machine starts anew: what has surely passed is the time since then.
    house.time.restart();
    house.time.pass(10 * MINUTE_MS);
    assert_eq!(stopped(again(&house)), Verdict::AskAgain);
    house.time.pass(1);
    done(again(&house));
    let meant = Circumstances { is_again_meant: true, ..calm() };
    done(house.payments().pay(&order(MARION, 100), &meant, None).unwrap());
}

#[test]
fn two_orders_that_race_do_not_pass_a_limit_together() {
    let house = House::new(PayMethod::Tab);
    for minor in [2_900, 2_800, 1_500] {
        done(pay(&mut house.payments(), &order(MARION, minor)));
    }
    // Both were allowed when they were read back; 28 euros are left.
    let (one, other) = (order(MARION, 1_501), order(MARION, 1_502));
    let (mut first, mut second) = (house.payments(), house.payments());
    assert_eq!(first.judge(&one, &calm()).unwrap(), Verdict::Allowed);
    assert_eq!(second.judge(&other, &calm()).unwrap(), Verdict::Allowed);
    done(pay(&mut first, &one));
    assert_eq!(stopped(pay(&mut second, &other)), Verdict::NeedsPin(Why::SumSincePin));
}

#[test]
fn a_wallet_pays_what_was_read_back_and_never_more() {
    let house = House::new(PayMethod::Wallet);
    let peer = Peer::new(house.dir.path());
    let mut payments = with_wallet(&house, &peer);
    let paid = order(MARION, 2_000);
    assert_eq!(done(pay(&mut payments, &paid)).standing, Standing::Posted);
    assert_eq!(peer.memory.paid(&paid), 1);
    peer.costs.set(1);
    let dearer = order(MARION, 1_000);
    let payment = done(pay(&mut payments, &dearer));
    assert_eq!((payment.standing, payment.refusal), (Standing::Voided, Some(Refusal::CostsMore)));
    assert_eq!(peer.memory.paid(&dearer), 0);
}

#[test]
fn a_wallet_that_refuses_or_cannot_be_reached_leaves_nothing_open() {
    let house = House::new(PayMethod::Wallet);
    let peer = Peer::new(house.dir.path());
    let mut payments = with_wallet(&house, &peer);
    for (faults, refusal) in [
        (vec![Fault::Refused], Refusal::InsufficientFunds),
        (vec![Fault::None, Fault::Refused], Refusal::InsufficientFunds),
        (vec![Fault::Unreachable], Refusal::ProviderUnavailable),
        (vec![Fault::None, Fault::Unreachable], Refusal::ProviderUnavailable),
        (vec![Fault::AnswerLost], Refusal::ProviderUnavailable),
    ] {
        peer.fail_with(faults);
        let refused = order(MARION, 2_000);
        let payment = done(pay(&mut payments, &refused));
        assert_eq!((payment.standing, payment.refusal), (Standing::Voided, Some(refusal)));
        assert_eq!(payments.reconcile().unwrap(), []);
        assert_eq!(peer.memory.paid(&refused), 0);
    }
}

#[test]
fn a_lost_answer_stays_pending_until_the_wallet_tells_and_is_not_paid_again() {
    let house = House::new(PayMethod::Wallet);
    let peer = Peer::new(house.dir.path());
    let mut payments = with_wallet(&house, &peer);
    let paid = order(MARION, 2_000);
    peer.fail_with([Fault::None, Fault::AnswerLost]);
    assert_eq!(done(pay(&mut payments, &paid)).standing, Standing::Pending);
    assert_eq!(done(pay(&mut payments, &paid)).standing, Standing::Pending, "the same order does not press on");
    peer.fail_with([Fault::Unreachable]);
    assert_eq!(payments.reconcile().unwrap(), []);
    assert_eq!(payments.payment(&paid.id).unwrap().standing, Standing::Pending);
    assert_eq!(payments.reconcile().unwrap()[0].standing, Standing::Posted);
    assert_eq!(peer.memory.paid(&paid), 1);
}

#[test]
fn a_request_on_its_way_is_waited_for_and_nothing_is_voided_that_may_still_be_paid() {
    let house = House::new(PayMethod::Wallet);
    let peer = Peer::new(house.dir.path());
    let mut payments = with_wallet(&house, &peer);
    let old = order(MARION, 2_000);
    // The first request is lost; so long later nobody pays any more, but the quote is still good.
    peer.fail_with([Fault::None, Fault::Unreachable]);
    pay(&mut payments, &old);
    let open = order(MARION, 1_000);
    peer.fail_with([Fault::None, Fault::Delayed]);
    assert_eq!(done(pay(&mut payments, &open)).standing, Standing::Pending);
    house.time.pass(16 * MINUTE_MS);
    assert_eq!(payments.reconcile().unwrap(), [], "nobody can tell yet");
    assert_eq!(payments.reconcile().unwrap()[0].standing, Standing::Posted, "it arrived late");
    assert_eq!((peer.memory.paid(&old), peer.memory.paid(&open)), (0, 1));
}

#[test]
fn a_refusal_of_the_second_asking_voids_nothing_as_the_first_may_arrive() {
    let house = House::new(PayMethod::Wallet);
    let peer = Peer::new(house.dir.path());
    let mut payments = with_wallet(&house, &peer);
    let paid = order(MARION, 2_000);
    // Prepared; on its way; "open", says the wallet, and then it arrives; what comes second is refused.
    peer.fail_with([Fault::None, Fault::Delayed, Fault::None, Fault::Refused]);
    assert_eq!(done(pay(&mut payments, &paid)).standing, Standing::Pending);
    assert_eq!(payments.reconcile().unwrap(), []);
    assert_eq!(payments.reconcile().unwrap()[0].standing, Standing::Posted);
    assert_eq!(peer.memory.paid(&paid), 1);
}

#[test]
fn a_payment_that_became_old_is_not_made_any_more_and_voided_when_it_cannot_be() {
    let house = House::new(PayMethod::Wallet);
    let peer = Peer::new(house.dir.path());
    let mut payments = with_wallet(&house, &peer);
    let old = order(MARION, 2_000);
    // The wallet never heard of it, but nobody knows that.
    peer.fail_with([Fault::None, Fault::DieBefore]);
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pay(&mut payments, &old)));
    assert!(died.is_err());
    house.time.pass(16 * MINUTE_MS);
    let mut payments = with_wallet(&house, &peer);
    assert_eq!(payments.reconcile().unwrap(), [], "the quote is good, so it may still be paid");
    assert_eq!(peer.memory.paid(&old), 0, "but not by us");
    peer.expire();
    let ended = payments.reconcile().unwrap();
    assert_eq!((ended[0].standing, peer.memory.paid(&old)), (Standing::Voided, 0));
}

#[test]
fn the_other_one_is_told_what_became_of_it() {
    let house = House::new(PayMethod::Tab);
    let mut payments = house.payments();
    let noted = done(pay(&mut payments, &order(MARION, 2_000)));
    assert_eq!(outcome_message(&noted, Lang::En).unwrap(), "Noted on our tab: I owe you €20.00 (pizza)");
    assert_eq!(outcome_message(&noted, Lang::Fr).unwrap(), "Noté sur notre ardoise : je te dois 20,00\u{a0}€ (pizza)");
    let asked = done(payments.request(&order(PAUL, 1_000), &calm()).unwrap());
    assert_eq!(outcome_message(&asked, Lang::En), None);
    let bank = House::new(PayMethod::Bank);
    let waiting = done(pay(&mut bank.payments(), &order(MARION, 2_000)));
    assert_eq!(outcome_message(&waiting, Lang::En), None, "nothing is told before it is done");
}
