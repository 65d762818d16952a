//! Payments from a wallet, against a provider that checks every request with the standard's own OpenAPI and signature code.

use std::{os::unix::fs::PermissionsExt, path::Path, time::Duration};

use herald::{
    action::pay::{
        Known, Money, Refusal, Settled, WalletError,
        open_payments::{ConnectError, OpenPayments},
    },
    intent::{Amount, Currency},
};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{
    money::Lines,
    wallet::{Alice, PAGE, PAY, TWENTY, euros, open, query},
};

#[test]
fn the_wallet_pays_twelve_times_in_a_month_and_refuses_the_thirteenth() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    let start = std::time::Instant::now();
    for _ in 0..12 {
        alice.pay().unwrap();
    }
    println!("{} ms a payment, on loopback", start.elapsed().as_millis() / 12);
    let thirteenth = alice.quote();
    let refused = alice.submit(&thirteenth).unwrap_err();
    assert_eq!(refused, WalletError::GrantExhausted);
    assert_eq!(refused.to_string(), "the wallet's permission is used up; give it again on the touch page");
    assert_eq!(alice.paid(), [TWENTY; 12]);
    assert_eq!(alice.look_up(&thirteenth), Ok(Known::Open), "it could be paid as long as the quote is valid");
    let log = alice.provider.log();
    let signed = log.iter().filter(|line| line.contains("signature valid, schema ok")).count();
    println!("{} requests, {signed} of them signed", log.len());
    assert_eq!(log.iter().filter(|line| line.starts_with(PAY) && line.contains("201 signature valid")).count(), 12);
    assert_eq!(log.iter().filter(|line| line.starts_with(PAY) && line.contains("403 signature valid")).count(), 1);
    alice.assert_valid();

    // The next month, after which the token has long expired and Herald was started again.
    alice.provider.set(&json!({ "ahead_ms": 32_i64 * 24 * 60 * 60 * 1_000 }));
    let key = alice.wallet.public_key();
    alice.restart();
    assert_eq!(alice.wallet.public_key(), key);
    alice.pay().unwrap();
    assert_eq!(alice.paid().len(), 13);
    let renewals = |log: &[String]| log.iter().filter(|line| line.starts_with("POST /auth/token/")).count();
    assert_eq!(renewals(&alice.provider.log()), 1, "renewed once");
    alice.restart();
    alice.pay().unwrap();
    assert_eq!(renewals(&alice.provider.log()), 1, "and written down");
}

#[test]
fn an_answer_lost_after_the_payment_is_found_and_nothing_is_paid_twice() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    // More payments than a page of the provider's list has.
    for _ in 0..3 {
        alice.pay().unwrap();
    }
    let prepared = alice.quote();
    alice.provider.next(PAY, &json!("lose"));
    assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer));
    for _ in 0..7 {
        alice.pay().unwrap();
    }
    alice.restart();
    let Ok(Known::Paid(found)) = alice.look_up(&prepared) else { panic!("not found") };
    assert_eq!(alice.submit(&prepared), Ok(found.clone()), "the same reference pays once");
    assert_eq!(alice.submit(&prepared), Ok(found));
    assert_eq!(alice.paid(), [TWENTY; 11]);
    alice.assert_valid();
}

#[test]
fn a_wallet_that_dies_in_a_payment_is_asked_when_it_is_back() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    let prepared = alice.quote();
    alice.provider.next(PAY, &json!("die"));
    assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer));
    assert_eq!(alice.look_up(&prepared), Err(WalletError::Unreachable));
    assert_eq!(alice.prepare(euros(TWENTY), "bob"), Err(WalletError::Unreachable));
    alice.provider.restart();
    assert!(matches!(alice.look_up(&prepared), Ok(Known::Paid(_))));
    assert_eq!(alice.paid(), [TWENTY]);
}

#[test]
fn a_request_that_never_arrived_may_be_made_again() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    let prepared = alice.quote();
    alice.provider.next(PAY, &json!("ignore"));
    assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer));
    assert_eq!(alice.look_up(&prepared), Ok(Known::Open));
    assert!(alice.paid().is_empty());
    let settled = alice.submit(&prepared).unwrap();
    assert_eq!(alice.look_up(&prepared), Ok(Known::Paid(settled)));
    assert_eq!(alice.paid(), [TWENTY]);
}

#[test]
fn a_wallet_that_is_slow_or_fails_is_looked_up() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    alice.wallet = OpenPayments::open(alice.dir.path(), Duration::from_millis(400)).unwrap();
    for trouble in [json!({ "slow_ms": 1_500 }), json!({ "status": 500 })] {
        let before = alice.paid().len();
        let prepared = alice.quote();
        alice.provider.next(PAY, &trouble);
        assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer), "{trouble}");
        assert!(matches!(alice.look_up(&prepared), Ok(Known::Paid(_))), "{trouble}");
        assert_eq!(alice.paid().len(), before + 1);
    }
}

#[test]
fn a_payment_that_has_not_arrived_is_neither_paid_nor_lost() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    alice.provider.set(&json!({ "settle_after": 3 }));
    alice.pay().unwrap();
    alice.provider.set(&json!({ "settle_after": 11 }));
    let prepared = alice.quote();
    assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer));
    assert_eq!(alice.look_up(&prepared), Ok(Known::Open));
    assert!(matches!(alice.submit(&prepared), Ok(Settled { .. })));
    assert_eq!(alice.paid(), [TWENTY; 2]);
    alice.provider.set(&json!({ "fail": true }));
    let prepared = alice.quote();
    assert_eq!(alice.submit(&prepared), Err(WalletError::Refused(Refusal::ProviderUnavailable)));
    assert_eq!(alice.look_up(&prepared), Ok(Known::Dead));
}

#[test]
fn a_quote_that_has_expired_can_never_be_paid() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    alice.provider.set(&json!({ "ahead_ms": -10 * 60 * 1_000 }));
    let expired = alice.quote();
    alice.provider.set(&json!({ "ahead_ms": 0 }));
    let valid = alice.quote();
    assert_eq!(alice.look_up(&expired), Ok(Known::Dead));
    assert_eq!(alice.look_up(&valid), Ok(Known::Open));
    assert_eq!(alice.submit(&expired), Err(WalletError::Refused(Refusal::ProviderUnavailable)));
    alice.provider.set(&json!({ "quotes": {} }));
    assert_eq!(alice.look_up(&valid), Ok(Known::Dead), "a quote the wallet has forgotten");
    assert!(alice.paid().is_empty());
}

#[test]
fn what_is_debited_is_what_was_read_back() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    let (debit, carol) = (euros(TWENTY), "carol");
    let received = |alice: &Alice, wallet: &str| {
        let state = alice.provider.state();
        let at = alice.provider.wallet(wallet);
        let of = |payment: &&Value| payment["walletAddress"] == at.as_str();
        let last = state["incoming"].as_object().unwrap().values().rfind(of).unwrap()["receivedAmount"].clone();
        (last["value"].as_str().unwrap().to_owned(), last["assetCode"].as_str().unwrap().to_owned())
    };
    // Costs are the payee's; another currency is theirs to receive.
    alice.provider.set(&json!({ "fee": 30 }));
    for (payee, currency) in [("bob", "EUR"), (carol, "USD")] {
        let prepared = alice.prepare(debit, payee).unwrap();
        assert_eq!(prepared.debit, debit);
        alice.submit(&prepared).unwrap();
        assert_eq!(received(&alice, payee), ("1970".to_owned(), currency.to_owned()));
    }
    // A wallet that wants more than was read back says so, for the rules to refuse it.
    alice.provider.set(&json!({ "fee": 0, "surcharge": 1 }));
    assert_eq!(alice.quote().debit, euros(TWENTY + 1));
    // A quote for somebody else is none.
    let other = format!("{}/incoming-payments/1", alice.provider.wallet("op"));
    alice.provider.set(&json!({ "receiver": other, "surcharge": 0 }));
    assert_eq!(alice.prepare(debit, "bob"), Err(WalletError::Refused(Refusal::ProviderUnavailable)));
    let said = Amount { minor: TWENTY, currency: Some(Currency::Usd) };
    let dollars = Money::said(said, Currency::Eur).unwrap();
    assert_eq!(alice.prepare(dollars, carol), Err(WalletError::Refused(Refusal::CurrencyUnsupported)));
    assert_eq!(alice.prepare(debit, "nobody"), Err(WalletError::Refused(Refusal::PayeeWithoutAddress)));
    alice.assert_valid();
    // Nothing is asked where others could read it, whatever a wallet says of its servers. This one would answer.
    let elsewhere = alice.provider.wallet("auth").replace("127.0.0.1", "0.0.0.0");
    alice.provider.set(&json!({ "authServer": elsewhere }));
    assert_eq!(alice.prepare(debit, "bob"), Err(WalletError::Unreachable));
    assert!(matches!(alice.ask(TWENTY), Err(ConnectError::Unreachable)));
}

#[test]
fn a_wallet_that_does_not_know_the_key_refuses() {
    let Some(mut alice) = Alice::unconnected() else { return };
    assert!(matches!(alice.ask(TWENTY), Err(ConnectError::KeyUnknown)));
    let mut key: Value = serde_json::from_str(&alice.wallet.public_key()).unwrap();
    let other = tempfile::tempdir().unwrap();
    let other: Value = serde_json::from_str(&open(other.path()).public_key()).unwrap();
    // The same name, another key.
    key["x"] = other["x"].clone();
    alice.provider.trust(&key.to_string());
    assert!(matches!(alice.ask(TWENTY), Err(ConnectError::KeyUnknown)));
    assert_eq!(alice.provider.log().iter().filter(|line| line.contains("401 signature invalid")).count(), 2);
    assert_eq!(alice.prepare(euros(TWENTY), "bob"), Err(WalletError::NotConnected));

    // A key that is taken away later pays nothing any more.
    let mut alice = Alice::with(12 * TWENTY).unwrap();
    let prepared = alice.quote();
    alice.provider.trust(&other.to_string());
    assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer), "and cannot even look");
    assert_eq!(alice.look_up(&prepared), Err(WalletError::GrantExhausted));
    assert!(alice.paid().is_empty());
}

#[test]
fn a_permission_needs_the_owners_consent_and_the_wallets_own_answer() {
    let Some(mut alice) = Alice::unconnected() else { return };
    assert!(matches!(alice.wallet.finish_grant("a", "b"), Err(ConnectError::NotAsked)));
    alice.provider.trust(&alice.wallet.public_key());
    let page = alice.ask(TWENTY).unwrap();
    assert_eq!(query(&alice.provider.consent(&page, "reject"))["result"], "grant_rejected");
    let page = alice.ask(TWENTY).unwrap();
    let back = query(&alice.provider.consent(&page, "accept"));
    let (reference, hash) = (&back["interact_ref"], &back["hash"]);
    assert!(matches!(alice.wallet.finish_grant(reference, "AAAA"), Err(ConnectError::NotAsked)));
    assert!(matches!(alice.wallet.finish_grant("another", hash), Err(ConnectError::NotAsked)));
    assert!(!alice.wallet.is_connected());
    // The owner takes their time, and Herald is started again meanwhile.
    alice.restart();
    alice.wallet.finish_grant(reference, hash).unwrap();
    assert!(matches!(alice.wallet.finish_grant(reference, hash), Err(ConnectError::NotAsked)), "used before");
    alice.restart();
    assert!(alice.wallet.is_connected());
    alice.pay().unwrap();

    let dollars = Money::new(TWENTY, Currency::Usd).unwrap();
    let (address, nobody) = (alice.address("alice"), alice.address("nobody"));
    assert!(matches!(alice.wallet.begin_grant(&address, dollars, PAGE, 0), Err(ConnectError::OtherCurrency)));
    assert!(matches!(alice.wallet.begin_grant(&nobody, euros(1), PAGE, 0), Err(ConnectError::NoWallet)));
    alice.wallet.withdraw_grant().unwrap();
    assert!(alice.provider.state()["tokens"].as_object().unwrap().values().all(|token| {
        let grant = token["grant"].as_str().unwrap();
        alice.provider.state()["grants"][grant]["access"][0]["type"] == "incoming-payment"
    }));
    assert_eq!(alice.prepare(euros(1), "bob"), Err(WalletError::NotConnected));
    alice.provider.down();
    assert!(matches!(alice.ask(TWENTY), Err(ConnectError::Unreachable)));
}

#[test]
fn a_permission_that_was_withdrawn_at_the_wallet_leaves_open_what_became_of_a_payment() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    let prepared = alice.quote();
    alice.provider.next(PAY, &json!("lose"));
    assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer));
    alice.provider.set(&json!({ "tokens": {} }));
    assert_eq!(alice.look_up(&prepared), Err(WalletError::GrantExhausted), "not: never paid");
    assert_eq!(alice.submit(&prepared), Err(WalletError::NoAnswer), "not: refused");
    assert_eq!(alice.prepare(euros(1), "bob"), Err(WalletError::GrantExhausted));
    // Given again, it tells.
    alice.connect(12 * TWENTY);
    assert!(matches!(alice.look_up(&prepared), Ok(Known::Paid(_))));
    assert_eq!(alice.paid(), [TWENTY]);
}

#[test]
fn the_log_tells_no_address_no_amount_and_no_token() {
    let Some(mut alice) = Alice::with(TWENTY) else { return };
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let of_herald = tracing_subscriber::filter::Targets::new().with_target("herald", tracing::Level::TRACE);
    tracing::subscriber::with_default(subscriber.with(of_herald), || {
        alice.pay().unwrap();
        alice.pay().unwrap_err();
        alice.provider.down();
        alice.prepare(euros(TWENTY), "bob").unwrap_err();
    });
    let log = lines.text();
    assert!(log.contains("status=403"), "{log}");
    let token = std::fs::read_to_string(alice.dir.path().join("wallet/grant.json")).unwrap();
    let token: Value = serde_json::from_str(&token).unwrap();
    for secret in ["127.0.0.1", "http", "2000", "20.00", "bob", "pizza", token["given"]["token"].as_str().unwrap()] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn the_key_and_the_permission_are_for_their_owner_alone_and_never_shown() {
    let Some(mut alice) = Alice::with(12 * TWENTY) else { return };
    let prepared = alice.quote();
    let settled = alice.submit(&prepared).unwrap();
    let folder = alice.dir.path().join("wallet");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let names = ["grant.json", "key.pem"];
    for name in names {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), names.len());
    let shown = format!("{:?} {prepared:?} {settled:?}", alice.wallet);
    for secret in ["127.0.0.1", "20", "quotes", "GNAP"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    std::fs::write(folder.join("grant.json"), "{\"given\":\"secret\"}").unwrap();
    let error = OpenPayments::open(alice.dir.path(), Duration::from_secs(1)).unwrap_err().to_string();
    assert!(error.contains("grant.json") && !error.contains("secret"), "{error}");
    std::fs::write(folder.join("key.pem"), "secret").unwrap();
    let error = OpenPayments::open(alice.dir.path(), Duration::from_secs(1)).unwrap_err().to_string();
    assert!(error.contains("key.pem") && !error.contains("secret"), "{error}");
}
