//! Every rule at its limit and one above it.

use super::house::{MARION, calm, order, rules};
use crate::{
    action::pay::{
        Circumstances, Facts, Money, Order, PayeeState, Provider, Refusal, Rules, SecondFactor, Verdict, Why, judge,
        judge_request,
    },
    config::PayMethod,
    intent::Currency,
};

fn facts() -> Facts {
    Facts {
        circumstances: calm(),
        payee: PayeeState::Ready,
        provider: Provider::Ready,
        second_factor: SecondFactor::Missing,
        spent: 0,
        payments: 0,
        is_repeated: false,
    }
}

fn verdict(facts: &Facts, minor: u64) -> Verdict {
    judge(&rules(PayMethod::Tab), facts, &order(MARION, minor))
}

fn in_currency(currency: Currency, minor: u64) -> Order {
    Order::new(MARION, Money::new(minor, currency).unwrap(), "")
}

#[test]
fn the_defaults_are_those_of_european_practice() {
    let rules = rules(PayMethod::Tab);
    let expected = Rules {
        method: PayMethod::Tab,
        by_voice: 3_000,
        since_pin: 10_000,
        payments_since_pin: 5,
        with_pin: 100_000,
        confirm_ms: 15_000,
        again_ms: 600_000,
        pin_tries: 3,
        pin_lock_ms: 900_000,
        driving: false,
    };
    assert_eq!(rules, expected);
}

#[test]
fn thirty_euros_are_paid_by_voice_and_a_cent_more_needs_the_pin() {
    assert_eq!(verdict(&facts(), 3_000), Verdict::Allowed);
    assert_eq!(verdict(&facts(), 3_001), Verdict::NeedsPin(Why::AboveVoice));
}

#[test]
fn a_hundred_euros_since_the_pin_are_paid_by_voice_and_a_cent_more_needs_it_again() {
    let facts = Facts { spent: 8_000, payments: 4, ..facts() };
    assert_eq!(verdict(&facts, 2_000), Verdict::Allowed);
    assert_eq!(verdict(&facts, 2_001), Verdict::NeedsPin(Why::SumSincePin));
}

#[test]
fn five_payments_since_the_pin_are_made_by_voice_and_the_sixth_needs_it_again() {
    assert_eq!(verdict(&Facts { payments: 4, ..facts() }, 1), Verdict::Allowed);
    assert_eq!(verdict(&Facts { payments: 5, ..facts() }, 1), Verdict::NeedsPin(Why::CountSincePin));
}

#[test]
fn the_pin_lifts_the_limits_up_to_the_most_there_is() {
    let given = Facts { second_factor: SecondFactor::Given, spent: 10_000, payments: 5, ..facts() };
    assert_eq!(verdict(&given, 100_000), Verdict::Allowed);
    assert_eq!(verdict(&given, 100_001), Verdict::Refused(Refusal::AboveMaximum));
}

#[test]
fn another_currency_always_needs_the_pin() {
    let tab = rules(PayMethod::Tab);
    for currency in [Currency::Usd, Currency::Gbp, Currency::Chf] {
        let order = in_currency(currency, 1);
        assert_eq!(judge(&tab, &facts(), &order), Verdict::NeedsPin(Why::OtherCurrency));
        let given = Facts { second_factor: SecondFactor::Given, ..facts() };
        assert_eq!(judge(&tab, &given, &order), Verdict::Allowed);
        let bank = rules(PayMethod::Bank);
        assert_eq!(judge(&bank, &given, &order), Verdict::Refused(Refusal::CurrencyUnsupported));
    }
}

#[test]
fn a_yes_counts_for_fifteen_seconds_and_no_longer() {
    let after = |ms| Facts { circumstances: Circumstances { answered_after_ms: Some(ms), ..calm() }, ..facts() };
    assert_eq!(verdict(&after(15_000), 100), Verdict::Allowed);
    assert_eq!(verdict(&after(15_001), 100), Verdict::Refused(Refusal::Late));
    let on_the_page = Facts { second_factor: SecondFactor::Given, ..after(15_001) };
    assert_eq!(verdict(&on_the_page, 100), Verdict::Allowed, "who walks to the page and enters the PIN takes longer");
}

#[test]
fn the_same_payment_again_is_asked_about_once() {
    let again = Facts { is_repeated: true, ..facts() };
    assert_eq!(verdict(&again, 100), Verdict::AskAgain);
    let meant = Facts { circumstances: Circumstances { is_again_meant: true, ..calm() }, ..again };
    assert_eq!(verdict(&meant, 100), Verdict::Allowed);
    let with_pin = Facts { second_factor: SecondFactor::Given, ..again };
    assert_eq!(verdict(&with_pin, 100), Verdict::AskAgain, "a PIN does not say that it is meant twice");
}

#[test]
fn every_refusal_has_its_reason_and_the_pin_changes_none_of_them() {
    let circumstances = |change: fn(&mut Circumstances)| {
        let mut changed = facts();
        change(&mut changed.circumstances);
        changed
    };
    let cases = [
        (circumstances(|c| c.is_moving = true), Refusal::Moving),
        (circumstances(|c| c.is_heard_over = true), Refusal::HeardOver),
        (circumstances(|c| c.is_owner = false), Refusal::NotTheOwner),
        (Facts { payee: PayeeState::Unknown, ..facts() }, Refusal::PayeeUnknown),
        (Facts { payee: PayeeState::Group, ..facts() }, Refusal::PayeeIsGroup),
        (Facts { payee: PayeeState::Untrusted, ..facts() }, Refusal::PayeeUntrusted),
        (Facts { payee: PayeeState::WithoutAddress, ..facts() }, Refusal::PayeeWithoutAddress),
        (Facts { provider: Provider::Missing, ..facts() }, Refusal::ProviderUnavailable),
    ];
    for (facts, refusal) in cases {
        assert_eq!(verdict(&facts, 100), Verdict::Refused(refusal));
        let with_pin = Facts { second_factor: SecondFactor::Given, ..facts };
        assert_eq!(verdict(&with_pin, 100), Verdict::Refused(refusal));
    }
    let locked = Facts { second_factor: SecondFactor::Locked, ..facts() };
    assert_eq!(verdict(&locked, 1), Verdict::Refused(Refusal::Locked), "while it is locked nothing is paid");
    assert_eq!(judge(&rules(PayMethod::Off), &facts(), &order(MARION, 1)), Verdict::Refused(Refusal::SwitchedOff));
}

#[test]
fn a_driver_may_pay_where_the_owner_allows_it() {
    let moving = Facts { circumstances: Circumstances { is_moving: true, ..calm() }, ..facts() };
    let allowing = Rules { driving: true, ..rules(PayMethod::Tab) };
    assert_eq!(judge(&allowing, &moving, &order(MARION, 1)), Verdict::Allowed);
}

#[test]
fn a_request_needs_no_trust_and_no_pin_but_a_person_and_a_quiet_house() {
    let tab = rules(PayMethod::Tab);
    let judged = |facts: &Facts, minor| judge_request(&tab, facts, &order(MARION, minor));
    let untrusted = Facts { payee: PayeeState::Untrusted, spent: 10_000, payments: 5, ..facts() };
    assert_eq!(judged(&untrusted, 100_000), None);
    assert_eq!(judged(&untrusted, 100_001), Some(Refusal::AboveMaximum));
    assert_eq!(judged(&Facts { payee: PayeeState::Group, ..facts() }, 1), Some(Refusal::PayeeIsGroup));
    assert_eq!(judged(&Facts { payee: PayeeState::Unknown, ..facts() }, 1), Some(Refusal::PayeeUnknown));
    let overheard = Facts { circumstances: Circumstances { is_heard_over: true, ..calm() }, ..facts() };
    assert_eq!(judged(&overheard, 1), Some(Refusal::HeardOver));
    assert_eq!(judge_request(&rules(PayMethod::Off), &facts(), &order(MARION, 1)), Some(Refusal::SwitchedOff));
}
