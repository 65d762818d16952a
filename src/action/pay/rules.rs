//! Which payments are allowed: rules as data, and one pure function that applies them.
//!
//! The defaults are European practice: articles 5 (approval bound to payee and amount), 13 (trusted payees) and 16 (low
//! values: 30 EUR each, 100 EUR or 5 payments since the last strong authentication) of the technical standards on strong
//! customer authentication (EU 2018/389). **A voice is not authentication**: what goes beyond is paid with the PIN.
//! The limits are in euros. Money of another currency has no rate here, so it always needs the PIN.

use super::{Order, Refusal};
use crate::{
    config::{Pay, PayMethod},
    intent::Currency,
};

/// The rules of one house. Amounts in minor units, times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How money moves.
    pub method: PayMethod,
    /// The most that is paid by voice alone, each time.
    pub by_voice: u64,
    /// The most that is paid by voice alone in sum since the last PIN.
    pub since_pin: u64,
    /// The most payments by voice alone since the last PIN.
    pub payments_since_pin: u32,
    /// The most that is paid with the PIN.
    pub with_pin: u64,
    /// How long after the read-back a "yes, pay" counts.
    pub confirm_ms: u64,
    /// How long the same payment again is asked about.
    pub again_ms: i64,
    /// Wrong PINs until it is locked.
    pub pin_tries: u32,
    /// How long it is locked.
    pub pin_lock_ms: i64,
    /// Whether a driver may pay.
    pub driving: bool,
}

impl Rules {
    /// Takes them out of the configuration.
    pub fn new(pay: &Pay) -> Self {
        let minor = |units: u32| u64::from(units) * 100;
        Self {
            method: pay.method,
            by_voice: minor(pay.by_voice),
            since_pin: minor(pay.since_pin),
            payments_since_pin: pay.payments_since_pin,
            with_pin: minor(pay.with_pin),
            confirm_ms: pay.confirm_ms.into(),
            again_ms: pay.again_ms.into(),
            pin_tries: pay.pin_tries,
            pin_lock_ms: pay.pin_lock_ms.into(),
            driving: pay.driving,
        }
    }
}

/// How an order came about, as only the conversation knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The car moves, or might.
    pub is_moving: bool,
    /// Herald or other media spoke while it was said.
    pub is_heard_over: bool,
    /// It is the owner of the device who speaks.
    pub is_owner: bool,
    /// Milliseconds of the audio clock from the end of the read-back to the "yes, pay"; `None` before that.
    pub answered_after_ms: Option<u64>,
    /// The person said yes to "again?".
    pub is_again_meant: bool,
}

/// What is known of the payee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayeeState {
    /// No contact.
    Unknown,
    /// Several people.
    Group,
    /// A person nobody has allowed.
    Untrusted,
    /// A trusted person, who has no address of the kind that is needed.
    WithoutAddress,
    /// A trusted person who can be paid.
    Ready,
}

/// Whether there is somebody who moves the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// There is, or none is needed.
    Ready,
    /// There is not.
    Missing,
}

/// Whether the PIN was entered for this very order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// It was not.
    Missing,
    /// It was.
    Given,
    /// It is locked.
    Locked,
}

/// Everything a judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// How the order came about.
    pub circumstances: Circumstances,
    /// Who gets it.
    pub payee: PayeeState,
    /// Who moves it.
    pub provider: Provider,
    /// The PIN.
    pub second_factor: SecondFactor,
    /// Paid by voice alone since the last PIN, in cents of euros.
    pub spent: u64,
    /// Payments by voice alone since the last PIN, of any currency.
    pub payments: u32,
    /// The same payee got the same amount a short time ago.
    pub is_repeated: bool,
}

/// Why the PIN is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is more than is paid by voice alone.
    AboveVoice,
    /// The sum since the last PIN would be too large.
    SumSincePin,
    /// There were enough payments since the last PIN.
    CountSincePin,
    /// The limits do not know this currency.
    OtherCurrency,
}

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be paid.
    Allowed,
    /// It was paid a short time ago: ask whether it is meant again.
    AskAgain,
    /// It may be paid with the PIN.
    NeedsPin(Why),
    /// It is not paid.
    Refused(Refusal),
}

/// Judges an order, before the read-back and again when it is paid.
pub fn judge(rules: &Rules, facts: &Facts, order: &Order) -> Verdict {
    if let Some(refusal) = refusal(rules, facts, order) {
        return Verdict::Refused(refusal);
    }
    if facts.second_factor != SecondFactor::Given
        && let Some(why) = needs_pin(rules, facts, order)
    {
        return Verdict::NeedsPin(why);
    }
    if facts.is_repeated && !facts.circumstances.is_again_meant { Verdict::AskAgain } else { Verdict::Allowed }
}

/// Judges a request for money: it moves none, so nobody has to be trusted and no PIN is needed.
pub fn judge_request(rules: &Rules, facts: &Facts, order: &Order) -> Option<Refusal> {
    how_it_was_said(rules, &facts.circumstances)
        .or_else(|| not_a_person(facts.payee))
        .or_else(|| (order.money.minor() > rules.with_pin).then_some(Refusal::AboveMaximum))
}

fn refusal(rules: &Rules, facts: &Facts, order: &Order) -> Option<Refusal> {
    let circumstances = &facts.circumstances;
    let is_in_euros = order.money.currency() == Currency::Eur;
    let is_late = circumstances.answered_after_ms.is_some_and(|after_ms| after_ms > rules.confirm_ms);
    how_it_was_said(rules, circumstances)
        .or_else(|| not_a_person(facts.payee))
        .or(match facts.payee {
            PayeeState::Untrusted => Some(Refusal::PayeeUntrusted),
            PayeeState::WithoutAddress => Some(Refusal::PayeeWithoutAddress),
            PayeeState::Unknown | PayeeState::Group | PayeeState::Ready => None,
        })
        .or_else(|| (facts.provider == Provider::Missing).then_some(Refusal::ProviderUnavailable))
        // A credit transfer of the SEPA is in euros.
        .or_else(|| (rules.method == PayMethod::Bank && !is_in_euros).then_some(Refusal::CurrencyUnsupported))
        .or_else(|| (order.money.minor() > rules.with_pin).then_some(Refusal::AboveMaximum))
        .or_else(|| (facts.second_factor == SecondFactor::Locked).then_some(Refusal::Locked))
        // Who entered the PIN has confirmed on the page, in their own time.
        .or_else(|| (is_late && facts.second_factor != SecondFactor::Given).then_some(Refusal::Late))
}

fn how_it_was_said(rules: &Rules, circumstances: &Circumstances) -> Option<Refusal> {
    if rules.method == PayMethod::Off {
        Some(Refusal::SwitchedOff)
    } else if !circumstances.is_owner {
        Some(Refusal::NotTheOwner)
    } else if circumstances.is_heard_over {
        Some(Refusal::HeardOver)
    } else {
        (circumstances.is_moving && !rules.driving).then_some(Refusal::Moving)
    }
}

const fn not_a_person(payee: PayeeState) -> Option<Refusal> {
    match payee {
        PayeeState::Unknown => Some(Refusal::PayeeUnknown),
        PayeeState::Group => Some(Refusal::PayeeIsGroup),
        PayeeState::Untrusted | PayeeState::WithoutAddress | PayeeState::Ready => None,
    }
}

fn needs_pin(rules: &Rules, facts: &Facts, order: &Order) -> Option<Why> {
    let minor = order.money.minor();
    if order.money.currency() != Currency::Eur {
        Some(Why::OtherCurrency)
    } else if minor > rules.by_voice {
        Some(Why::AboveVoice)
    } else if facts.spent.saturating_add(minor) > rules.since_pin {
        Some(Why::SumSincePin)
    } else {
        (facts.payments >= rules.payments_since_pin).then_some(Why::CountSincePin)
    }
}
