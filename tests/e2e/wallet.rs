//! The owner's wallet from the touch page to the spoken payment: the permission is asked for and given once, then five payments
//! are made by voice alone and the sixth with the PIN; each is checked by the standard's own code.

use herald::config::PayMethod;
use serde_json::{Value, json};

use crate::support::{
    money::{PIN, contact},
    page::{Device, House},
    wait_until,
    wallet::{PAY, Provider, query},
};

fn posted(device: &Device<'_>) -> Vec<Value> {
    let history = device.get("/api/money").1["history"].clone();
    history.as_array().unwrap().iter().filter(|payment| payment["standing"] == "posted").cloned().collect()
}

/// Has an amount paid to Marion by voice, up to the "yes, pay".
fn pay(house: &House, amount: &str) {
    let before = heard(house, "Say: yes, pay");
    house.say(&format!("pay Marion {amount} euros"));
    wait_until(20, || events(house), || heard(house, "Say: yes, pay") > before);
    house.say("yes, pay");
}

fn events(house: &House) -> String {
    String::from_utf8(house.events.0.lock().unwrap().clone()).unwrap()
}

/// How often Herald has said something.
fn heard(house: &House, words: &str) -> usize {
    events(house).matches(words).count()
}

#[test]
fn a_permission_given_once_on_the_page_lets_a_voice_pay_and_every_fifth_payment_needs_the_pin() {
    let Some(provider) = Provider::start() else { return };
    let house = House::paying("en", PayMethod::Wallet);
    let device = house.pair();
    let wallet = device.get("/api/money/wallet").1;
    assert_eq!(wallet["connected"], false);
    provider.trust(wallet["key"].as_str().unwrap());
    assert_eq!(device.post("/api/money/pin", &json!({"new": PIN})).0, 204);
    let marion = contact(&house, "Marion").0;
    let payee = json!({"contact": marion, "wallet": provider.wallet("bob"), "pin": PIN});
    assert_eq!(device.post("/api/money/payees", &payee).0, 204);

    let asked = json!({"address": provider.wallet("alice"), "monthly": 200, "currency": "EUR"});
    let (status, answer) = device.post("/api/money/wallet/begin", &asked);
    assert_eq!(status, 200, "{answer}");
    let back = query(&provider.consent(answer["link"].as_str().unwrap(), "accept"));
    let forged = json!({"hash": "forged", "interact_ref": back["interact_ref"]});
    assert_eq!(device.post("/api/money/wallet/finish", &forged).0, 502, "what the wallet did not sign gives nothing");
    assert_eq!(device.get("/api/money/wallet").1["connected"], false);
    let given = json!({"hash": back["hash"], "interact_ref": back["interact_ref"]});
    assert_eq!(device.post("/api/money/wallet/finish", &given).1["connected"], true);

    for (made, amount) in ["eleven", "twelve", "thirteen", "fourteen", "fifteen"].into_iter().enumerate() {
        pay(&house, amount);
        wait_until(30, || events(&house), || heard(&house, "Paid: ") == made + 1);
        assert_eq!(posted(&device).len(), made + 1);
    }
    pay(&house, "sixteen");
    wait_until(20, || events(&house), || heard(&house, "Enter your PIN") == 1);
    assert_eq!(posted(&device).len(), 5, "not without the PIN");
    assert_eq!(device.post("/api/pin", &json!({"pin": "1111"})).0, 403);
    assert_eq!(posted(&device).len(), 5, "not with a wrong one");
    wait_until(20, || events(&house), || heard(&house, "PIN is wrong") == 1);
    assert!(device.post("/api/pin", &json!({"pin": PIN})).0 < 300);
    wait_until(30, || events(&house), || heard(&house, "Paid: ") == 6);
    assert_eq!(posted(&device).len(), 6);
    let log = provider.log();
    let paid =
        log.iter().filter(|line| line.starts_with(PAY) && line.contains("201 signature valid, schema ok")).count();
    assert_eq!(paid, 6, "{log:#?}");
    assert_eq!(device.delete("/api/money/wallet").0, 200);
    assert_eq!(device.get("/api/money/wallet").1["connected"], false);
}
