//! Money by way of the companion page's requests: what stands open, the hand-over, the PIN, who may be paid, the trail.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use herald::config::PayMethod;
use serde_json::{Value, json};

use crate::support::{
    money::{IBAN, PIN, ask_for, contact, order, trust},
    page::{Device, House},
};

fn refused((status, answer): &(u16, Value)) -> (u16, String) {
    (*status, answer["error"].as_str().unwrap_or_default().to_owned())
}

fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn set_pin(device: &Device<'_>) {
    assert_eq!(device.post("/api/money/pin", &json!({"new": PIN})).0, 204);
}

#[test]
fn the_tab_is_told_with_the_plain_amounts_of_the_book_and_made_even() {
    let house = House::new();
    let device = house.pair();
    let nothing = json!({"method": "tab", "can_connect": cfg!(feature = "open-payments"), "has_pin": false, "debts": [], "waiting": [], "requests": [], "history": []});
    assert_eq!(device.get("/api/money"), (200, nothing));
    trust(&house, "Marion");
    let payment = order(&house, "Marion", 2_005, "the pizza");
    let marion = contact(&house, "Marion").0;
    let told = device.get("/api/money").1;
    let debt = json!({
        "contact": marion, "name": "Marion Petit", "debtor": "owner", "amount": "20.05", "currency": "EUR",
    });
    assert_eq!(told["debts"], json!([debt]));
    let done = &told["history"][0];
    assert_eq!(
        (&done["id"], &done["kind"], &done["standing"], &done["reason"]),
        (&json!(payment.as_str()), &json!("pay"), &json!("posted"), &json!("the pizza"))
    );
    assert_eq!(device.post("/api/money/even", &json!({"contact": marion, "currency": "XXX"})).0, 400);
    assert_eq!(device.post("/api/money/even", &json!({"contact": marion, "currency": "EUR"})).0, 204);
    assert_eq!(device.get("/api/money").1["debts"], json!([]));
}

#[test]
fn a_pin_has_digits_only_and_changing_it_takes_the_old_one() {
    let house = House::new();
    let device = house.pair();
    for wrong in ["", "123", "1234567890123", "12a4", "١٢٣٤"] {
        let answer = device.post("/api/money/pin", &json!({"new": wrong}));
        assert_eq!(refused(&answer), refusal(422, "not_a_pin"), "{wrong}");
    }
    set_pin(&device);
    assert_eq!(device.get("/api/money").1["has_pin"], true);
    assert_eq!(refused(&device.post("/api/money/pin", &json!({"new": "1357"}))), refusal(403, "wrong_pin"));
    assert_eq!(device.post("/api/money/pin", &json!({"old": PIN, "new": "1357"})).0, 204);
    assert_eq!(refused(&device.post("/api/money/pin", &json!({"old": PIN, "new": "1"}))), refusal(403, "wrong_pin"));
}

#[test]
fn three_wrong_pins_lock_it_for_all_and_over_a_restart() {
    let mut house = House::new();
    set_pin(&house.pair());
    let marion = contact(&house, "Marion").0;
    let body = |pin: &str| json!({"contact": marion, "pin": pin});
    for left in [2, 1] {
        let (status, answer) = house.pair().post("/api/money/payees", &body("9999"));
        assert_eq!((status, &answer["error"], &answer["left"]), (403, &json!("wrong_pin"), &json!(left)));
        house.restart();
    }
    for pin in ["9999", PIN] {
        let (status, answer) = house.pair().post("/api/money/payees", &body(pin));
        assert_eq!((status, &answer["error"]), (429, &json!("locked")), "{pin}");
        let wait = answer["retry_after_s"].as_u64().unwrap();
        assert!((600..=900).contains(&wait), "{wait}");
        house.restart();
    }
    let device = house.pair();
    assert_eq!(refused(&device.post("/api/money/pin", &json!({"old": PIN, "new": "1357"}))), refusal(429, "locked"));
    assert_eq!(device.get("/api/money/payees").1, json!([]));
}

#[test]
fn somebody_may_be_paid_by_touch_and_pin_alone() {
    let house = House::new();
    let device = house.pair();
    let marion = contact(&house, "Marion").0;
    let body = |iban: &str, pin: &str| json!({"contact": marion, "holder": "Marion Petit", "iban": iban, "pin": pin});
    assert_eq!(refused(&device.post("/api/money/payees", &body(IBAN, PIN))), refusal(409, "no_pin"));
    set_pin(&device);
    assert_eq!(device.post("/api/money/payees", &json!({"contact": marion, "holder": "", "iban": IBAN})).0, 400);
    // One wrong digit, and mistakes that take no try.
    for _ in 0..4 {
        let answer = device.post("/api/money/payees", &body("FR7630006000011234567890188", PIN));
        assert_eq!(refused(&answer), refusal(422, "not_an_iban"));
    }
    let nameless = json!({"contact": marion, "iban": IBAN, "pin": PIN});
    assert_eq!(refused(&device.post("/api/money/payees", &nameless)), refusal(422, "no_holder"));
    let nowhere = json!({"contact": marion, "wallet": "marion", "pin": PIN});
    assert_eq!(refused(&device.post("/api/money/payees", &nowhere)), refusal(422, "not_a_wallet"));
    let family = contact(&house, "Family").0;
    for nobody in [family, 4_711] {
        let answer = device.post("/api/money/payees", &json!({"contact": nobody, "pin": PIN}));
        assert_eq!(refused(&answer), refusal(422, "not_a_person"));
    }
    assert_eq!(refused(&device.post("/api/money/payees", &body(IBAN, "9999"))), refusal(403, "wrong_pin"));
    assert_eq!(device.get("/api/money/payees").1, json!([]));

    assert_eq!(device.post("/api/money/payees", &body("fr76 3000 6000 0112 3456 7890 189", PIN)).0, 204);
    let listed = json!([{
        "contact": marion, "name": "Marion Petit", "holder": "Marion Petit", "iban": IBAN, "wallet": null,
    }]);
    assert_eq!(device.get("/api/money/payees").1, listed);
    assert_eq!(device.delete(&format!("/api/money/payees/{marion}")).0, 204);
    assert_eq!(device.delete(&format!("/api/money/payees/{marion}")).0, 404);
    assert_eq!(device.get("/api/money/payees").1, json!([]));
}

#[test]
fn a_payment_is_handed_to_the_bank_and_ends_once_as_the_owner_says() {
    let house = House::paying("en", PayMethod::Bank);
    let device = house.pair();
    trust(&house, "Marion");
    let (paid, unpaid) = (order(&house, "Marion", 2_000, "pizza & wine"), order(&house, "Marion", 1_050, ""));
    let (paid, unpaid) = (format!("/api/money/{}", paid.as_str()), format!("/api/money/{}", unpaid.as_str()));
    let waiting = device.get("/api/money").1["waiting"].clone();
    assert_eq!((&waiting[0]["amount"], &waiting[1]["amount"]), (&json!("10.50"), &json!("20.00")));
    let payto = format!("payto://iban/{IBAN}?amount=EUR:20.00&receiver-name=Marion%20Petit&message=pizza%20%26%20wine");
    let account = json!({
        "iban": IBAN, "holder": "Marion Petit", "amount": "20.00", "currency": "EUR", "reason": "pizza & wine",
        "payto": payto,
    });
    assert_eq!(device.get(&format!("{paid}/handoff")), (200, account));
    let (status, kind, picture) = device.file(&format!("{paid}/qr.svg"));
    assert_eq!((status, kind.as_str()), (200, "image/svg+xml"));
    assert!(picture.starts_with("<svg "));

    assert_eq!(device.act(&format!("{paid}/done")).1["standing"], "posted");
    let ended = device.act(&format!("{unpaid}/not_done")).1;
    assert_eq!((&ended["standing"], &ended["refusal"]), (&json!("voided"), &json!("not_done")));
    for (path, act) in [(&paid, "done"), (&paid, "not_done"), (&unpaid, "done")] {
        assert_eq!(refused(&device.act(&format!("{path}/{act}"))), refusal(409, "closed"), "{act}");
    }
    assert_eq!(refused(&device.get(&format!("{paid}/handoff"))), refusal(409, "closed"));
    assert_eq!(device.get("/api/money").1["waiting"], json!([]));
    for missing in ["/api/money/x/done", "/api/money/01a20000-0000-7000-8000-000000000000/done"] {
        assert_eq!(refused(&device.act(missing)), refusal(404, "missing"));
    }
    assert_eq!(refused(&device.act(&format!("{paid}/fly"))), refusal(404, "missing"));
}

#[test]
fn a_request_stands_on_the_tab_until_it_is_settled_or_withdrawn() {
    let house = House::new();
    let device = house.pair();
    let (given, withdrawn) = (ask_for(&house, "Paul", 1_000, "the taxi"), ask_for(&house, "Paul", 300, ""));
    let told = device.get("/api/money").1;
    assert_eq!((&told["debts"][0]["debtor"], &told["debts"][0]["amount"]), (&json!("contact"), &json!("13.00")));
    assert_eq!(told["requests"].as_array().unwrap().len(), 2);
    let path = |id: &str, act: &str| format!("/api/money/{id}/{act}");
    assert_eq!(device.act(&path(given.as_str(), "settled")).1["closed"], "settled");
    assert_eq!(refused(&device.act(&path(given.as_str(), "withdrawn"))), refusal(409, "closed"));
    assert_eq!(device.act(&path(withdrawn.as_str(), "withdrawn")).1["closed"], "withdrawn");
    let told = device.get("/api/money").1;
    assert_eq!((&told["debts"], &told["requests"]), (&json!([]), &json!([])));
    assert_eq!(told["history"].as_array().unwrap().len(), 2);
}

/// What another program reads in a CSV file.
fn read_csv(text: &str) -> Value {
    let script = "import csv, io, json, sys; print(json.dumps(list(csv.DictReader(io.TextIOWrapper(sys.stdin.buffer, \
                  'utf-8', newline='')))))";
    let mut python =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let read = python.wait_with_output().unwrap();
    assert!(read.status.success());
    serde_json::from_slice(&read.stdout).unwrap()
}

#[test]
fn the_trail_is_whole_until_somebody_writes_in_it_and_another_program_reads_all_of_it() {
    let house = House::new();
    let device = house.pair();
    trust(&house, "Marion");
    order(&house, "Marion", 2_000, "the pizza, \"large\"");
    ask_for(&house, "Paul", 1_000, "");
    let told = device.get("/api/money/trail").1;
    assert_eq!((&told["broken"], &told["count"]), (&Value::Null, &json!(5)));
    let (status, kind, csv) = device.file("/api/money/trail.csv");
    assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
    let read = read_csv(&csv);
    let read = read.as_array().unwrap();
    let events: Vec<&str> = read.iter().map(|row| row["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["pin_set", "pin_given", "payee_trusted", "noted", "asked"]);
    assert_eq!((&read[3]["name"], &read[3]["amount"]), (&json!("Marion Petit"), &json!("20.00")));
    for (row, shown) in read.iter().zip(told["rows"].as_array().unwrap().iter().rev()) {
        assert_eq!(row["seq"], shown["seq"].to_string());
        for key in ["at", "event", "name", "amount", "currency"] {
            assert_eq!(row[key], shown[key], "{key}");
        }
        for key in ["before", "hash"] {
            assert!(row[key].as_str().unwrap().starts_with(shown[key].as_str().unwrap()), "{key}");
        }
    }
    for pair in read.windows(2) {
        assert_eq!(pair[1]["before"], pair[0]["hash"]);
    }

    let store = house.store();
    let forgery = "DROP TRIGGER pay_trail_stays; UPDATE pay_trail SET amount = '2.00' WHERE seq = 4";
    store.connection().execute_batch(forgery).unwrap();
    assert_eq!(device.get("/api/money/trail").1["broken"], 4);
}

#[test]
fn a_refusal_is_told_in_the_language_of_whoever_asks() {
    let house = House::new();
    let device = house.pair();
    let request = house.agent.post(format!("{}/api/money/pin", house.link)).header("Accept-Language", "fr-FR");
    let request = request.header("Authorization", format!("Bearer {}", device.token)).content_type("application/json");
    let answer = request.send(r#"{"new":"12"}"#).unwrap().body_mut().read_to_string().unwrap();
    assert!(answer.contains("de 4 à 12 chiffres"), "{answer}");
    let english = device.post("/api/money/pin", &json!({"new": "12"})).1;
    assert_eq!(english["message"], "A PIN has 4 to 12 digits and nothing else.");
}

#[test]
fn while_the_car_moves_nobody_pays_changes_a_pin_or_trusts_anybody() {
    let house = House::new();
    let device = house.pair();
    set_pin(&device);
    device.post("/api/settings", &json!({"moving": true}));
    crate::support::wait_until(5, || "the car".to_owned(), || device.state()["moving"] == true);
    let marion = contact(&house, "Marion").0;
    for (path, body) in [
        ("/api/pin", json!({"pin": PIN})),
        ("/api/money/pin", json!({"old": PIN, "new": "1357"})),
        ("/api/money/payees", json!({"contact": marion, "pin": PIN})),
        ("/api/money/even", json!({"contact": marion, "currency": "EUR"})),
    ] {
        assert_eq!(refused(&device.post(path, &body)), refusal(403, "moving"), "{path}");
    }
}

#[test]
fn a_pin_that_nothing_waits_for_does_nothing() {
    let house = House::new();
    let device = house.pair();
    set_pin(&device);
    assert_eq!(device.post("/api/pin", &json!({"pin": PIN})).0, 400);
    assert_eq!(device.post("/api/pin", &json!({"pin": "9999"})).0, 400);
    // Nor does it take a try.
    for left in [2, 1] {
        let answer = device.post("/api/money/pin", &json!({"old": "9999", "new": "1357"}));
        assert_eq!(answer.1["left"], left);
    }
}

#[test]
fn neither_pin_nor_account_nor_amount_nor_name_reaches_a_log() {
    let lines = crate::support::money::Lines::default();
    let writer = lines.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    tracing::info!("the log is read");
    let house = House::paying("en", PayMethod::Bank);
    let device = house.pair();
    set_pin(&device);
    let marion = contact(&house, "Marion").0;
    for (iban, pin) in [("FR7630006000011234567890188", PIN), (IBAN, "908172"), (IBAN, PIN)] {
        let body = json!({"contact": marion, "holder": "Marion Petit", "iban": iban, "pin": pin});
        device.post("/api/money/payees", &body);
    }
    let payment = order(&house, "Marion", 2_397, "the violin");
    device.get(&format!("/api/money/{}/handoff", payment.as_str()));
    device.act(&format!("/api/money/{}/done", payment.as_str()));
    device.get("/api/money");
    device.post("/api/pin", &json!({"pin": "908172"}));
    let told = lines.text();
    assert!(told.contains("the log is read"));
    for secret in [PIN, "908172", "FR76", "30006000", "Marion", "23.97", "violin"] {
        assert!(!told.contains(secret), "{secret}");
    }
}
