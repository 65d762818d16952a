//! The PIN: tries and lock, over restarts and clock jumps.

use super::house::{House, MARION, order, pay, stopped};
use crate::{
    action::pay::{PayError, Payments, Refusal, Verdict},
    config::PayMethod,
};

const PIN: &str = "0042";
const LOCK_MS: i64 = 15 * 60_000;

fn house() -> House {
    let house = House::new(PayMethod::Tab);
    house.payments().set_pin(None, PIN).unwrap();
    house
}

fn enter(payments: &Payments, pin: &str) -> Result<(), PayError> {
    payments.approve(&order(MARION, 100), pin).map(drop)
}

/// How long it is still locked, seconds; `None` for a PIN that was right.
fn locked_s(payments: &Payments) -> Option<u64> {
    match enter(payments, PIN) {
        Ok(()) => None,
        Err(PayError::PinLocked { seconds }) => Some(seconds),
        Err(other) => panic!("{other}"),
    }
}

fn lock(house: &mut House) {
    for left in [2, 1] {
        assert!(matches!(enter(&house.restart(), "9999"), Err(PayError::WrongPin { left: l }) if l == left));
    }
    assert!(matches!(enter(&house.restart(), "9999"), Err(PayError::PinLocked { seconds: 900 })));
}

#[test]
fn a_pin_has_four_to_twelve_digits() {
    let house = House::new(PayMethod::Tab);
    let payments = house.payments();
    assert!(!payments.has_pin().unwrap());
    assert!(matches!(enter(&payments, PIN), Err(PayError::NoPin)));
    for wrong in ["", "123", "1234567890123", "12a4", "12 34", "１２３４", "-1234"] {
        assert!(matches!(payments.set_pin(None, wrong), Err(PayError::NotAPin)), "{wrong:?}");
    }
    assert!(!payments.has_pin().unwrap());
    payments.set_pin(None, "1234").unwrap();
    payments.set_pin(Some("1234"), "123456789012").unwrap();
    enter(&payments, "123456789012").unwrap();
}

#[test]
fn the_pin_is_changed_with_the_old_one_only() {
    let house = house();
    let payments = house.payments();
    assert!(matches!(payments.set_pin(None, "5555"), Err(PayError::WrongPin { left: 2 })));
    assert!(matches!(payments.set_pin(Some("1111"), "5555"), Err(PayError::WrongPin { left: 1 })));
    enter(&payments, PIN).unwrap();
    payments.set_pin(Some(PIN), "5555").unwrap();
    enter(&payments, "5555").unwrap();
    assert!(enter(&payments, PIN).is_err());
}

#[test]
fn the_third_wrong_pin_in_a_row_locks_for_a_quarter_of_an_hour() {
    let mut house = house();
    for _ in 0..3 {
        for _ in 0..2 {
            assert!(matches!(enter(&house.restart(), "9999"), Err(PayError::WrongPin { .. })));
        }
        enter(&house.restart(), PIN).unwrap();
    }
    lock(&mut house);
    assert_eq!(locked_s(&house.payments()), Some(900), "also for the right one");
    let refused = stopped(pay(&mut house.payments(), &order(MARION, 1)));
    assert_eq!(refused, Verdict::Refused(Refusal::Locked), "nothing is paid meanwhile, however little");
    house.time.pass(LOCK_MS - 1);
    assert_eq!(locked_s(&house.restart()), Some(1));
    house.time.pass(1);
    assert_eq!(locked_s(&house.restart()), None);
    assert!(matches!(enter(&house.payments(), "9999"), Err(PayError::WrongPin { left: 2 })));
}

#[test]
fn after_a_lock_there_are_three_tries_again() {
    let mut house = house();
    lock(&mut house);
    house.time.pass(LOCK_MS);
    lock(&mut house);
    assert_eq!(locked_s(&house.payments()), Some(900));
}

#[test]
fn no_clock_that_jumps_and_no_restart_shortens_a_lock() {
    let mut house = house();
    lock(&mut house);
    let now_ms = house.time.wall_ms.get();
    for jump_ms in [1_000 * LOCK_MS, -1_000 * LOCK_MS, -now_ms] {
        house.time.wall_ms.set(now_ms + jump_ms);
        assert_eq!(locked_s(&house.restart()), Some(900));
    }
    house.time.pass(LOCK_MS / 3);
    assert_eq!(locked_s(&house.restart()), Some(600));
    // The machine starts anew, with a clock that is far ahead: nobody knows how long it was off.
    house.time.wall_ms.set(now_ms + 1_000 * LOCK_MS);
    house.time.restart();
    assert_eq!(locked_s(&house.restart()), Some(900));
    house.time.pass(LOCK_MS - 1);
    assert_eq!(locked_s(&house.restart()), Some(1));
    house.time.pass(1);
    assert_eq!(locked_s(&house.restart()), None);
}

#[test]
fn a_try_counts_before_the_pin_is_checked() {
    let house = house();
    let (connection, rules) = (house.store.connection(), &house.rules);
    let now = house.payments().now();
    // Three processes die between the try and its check.
    for left in [2, 1, 0] {
        assert_eq!(super::super::pin::take_try(connection, rules, &now).unwrap().1, left);
    }
    assert_eq!(locked_s(&house.payments()), Some(900));
}

#[test]
fn what_is_stored_is_an_argon2id_hash_with_a_salt_of_its_own() {
    let (one, other) = (house(), house());
    let hash = |house: &House| -> String {
        house.store.connection().query_row("SELECT hash FROM pay_pin", [], |row| row.get(0)).unwrap()
    };
    assert!(hash(&one).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash(&one));
    assert_ne!(hash(&one), hash(&other));
    assert!(!hash(&one).contains(PIN));
}
