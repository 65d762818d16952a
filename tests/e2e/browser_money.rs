//! Money on the companion page in a real browser: who may be paid, the PIN, the code for the bank's app, the trail.

use std::process::Command;

use herald::config::{PageFor, PayMethod};
use serde_json::json;

use super::browser::{PHONE, TABLET, check, checker, paired, settle};
use crate::support::{
    browser::Browser,
    money::{IBAN, PIN, ask_for, contact, order, trust},
    page::House,
    wait_until,
};

/// Opens the view of money as a person does.
fn open_money(browser: &Browser) {
    browser.click("#tab-settings");
    browser.click("#money-link");
    browser.find("[data-view=money]");
}

fn history(house: &House) -> Vec<(String, String)> {
    let told = house.pair().get("/api/money").1;
    let row = |key: &str, at: usize| told["history"][at][key].as_str().unwrap().to_owned();
    (0..told["history"].as_array().unwrap().len()).map(|at| (row("amount", at), row("standing", at))).collect()
}

fn wait_until_paid(house: &House, amount: &str) {
    let wanted = (amount.to_owned(), "posted".to_owned());
    wait_until(20, || format!("{amount} in {:?}", history(house)), || history(house).contains(&wanted));
}

#[test]
fn the_code_on_the_screen_is_read_by_another_program_byte_for_byte() {
    let house = House::paying("en", PayMethod::Bank);
    trust(&house, "Marion");
    order(&house, "Marion", 2_000, "pizza & crêpes");
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    open_money(&browser);
    let is_drawn = "return document.querySelector('.code')?.naturalWidth > 0";
    wait_until(10, || browser.text(), || browser.script(is_drawn) == true);
    browser.wait_for_text("FR76 3000 6000 0112 3456 7890 189");
    let payto = browser.script("return document.querySelector('[id^=payto-]').href");
    assert!(payto.as_str().unwrap().starts_with(&format!("payto://iban/{IBAN}?amount=EUR:20.00&")), "{payto}");
    settle();
    browser.script("document.querySelector('.code').scrollIntoView({ block: 'center' })");
    let picture = browser.keep_picture("money-bank");
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw", "--oneshot", "-Sdisable", "-Sqrcode.enable", "-Sbinary"])
        .arg(picture)
        .output()
        .expect("zbarimg of the Debian package zbar-tools runs");
    let code = format!("BCD\n002\n1\nSCT\n\nMarion Petit\n{IBAN}\nEUR20.00\n\n\npizza & crêpes");
    assert_eq!(String::from_utf8_lossy(&read.stdout), code);

    browser.click("[id^=done-]");
    wait_until_paid(&house, "20.00");
    wait_until(10, || browser.text(), || browser.count("#waiting li") == 0);

    browser.click("#tab-home");
    house.say("pay Marion twelve euros");
    browser.find("#yes");
    settle();
    browser.click("#yes");
    browser.wait_for_text("1 payment waits for your bank");
    browser.click("#tile-money");
    browser.click("[id^=not-]");
    wait_until(10, || format!("{:?}", history(&house)), || history(&house)[0].1 == "voided");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_pin_is_set_somebody_is_trusted_with_it_and_every_mistake_is_told() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    open_money(&browser);
    browser.click("#payees-link");
    browser.find("[data-view=payees]");
    assert_eq!(browser.count("#payee-form:not([hidden])"), 0, "there is no PIN yet");
    browser.fill("#pin-new", "12");
    browser.click("#pin-form-go");
    browser.wait_for_text("4 to 12 digits and nothing else");
    browser.fill("#pin-new", PIN);
    browser.click("#pin-form-go");
    browser.find("#payee-form");
    let kept = browser.script("return document.querySelector('#pin-new').value");
    assert_eq!(kept, "", "the PIN does not stay on the page");

    let trust = |iban: &str, pin: &str| {
        browser.fill("#payee-iban", iban);
        browser.fill("#payee-pin", pin);
        browser.click("#payee-form-go");
    };
    browser.fill("#payee-find", "marion");
    browser.click("#payee-form .choice");
    browser.find("#payee-chosen");
    browser.fill("#payee-holder", "Marion Petit");
    trust("FR76 3000 6000 0112 3456 7890 188", PIN);
    browser.wait_for_text("This is not an IBAN");
    trust("FR76 3000 6000 0112 3456 7890 189", "9999");
    wait_until(10, || browser.text(), || browser.text().contains("Tries left: 2"));
    settle();
    browser.keep_picture("money-wrong-pin");
    trust("FR76 3000 6000 0112 3456 7890 189", PIN);
    browser.find("#payees li[data-contact]");
    browser.wait_for_text("FR76 3000 6000 0112 3456 7890 189");
    settle();
    browser.keep_picture("money-payees");
    assert_eq!(house.pair().get("/api/money/payees").1[0]["iban"], IBAN);
    browser.click("[id^=distrust-]");
    browser.click("#sure-yes");
    wait_until(10, || browser.text(), || house.pair().get("/api/money/payees").1 == json!([]));
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn debts_requests_and_the_trail_are_shown_closed_and_saved() {
    let house = House::new();
    trust(&house, "Marion");
    order(&house, "Marion", 2_000, "the pizza");
    ask_for(&house, "Paul", 1_050, "the taxi");
    let Some(browser) = paired(&house, "en", TABLET) else { return };
    open_money(&browser);
    browser.wait_for_text("record of debts, not money");
    browser.wait_for_text("€10.50");
    settle();
    browser.keep_picture("money-tab");
    browser.click("[id^=settled-]");
    wait_until(10, || browser.text(), || browser.count("#requests button") == 0);
    browser.click("[id^=even-]");
    browser.click("#sure-yes");
    wait_until(10, || browser.text(), || house.pair().get("/api/money").1["debts"] == json!([]));
    browser.click("#trail-link");
    browser.wait_for_text("The chain is whole");
    settle();
    browser.keep_picture("money-trail");
    browser.script(
        "window.saved = null; const make = URL.createObjectURL;
         URL.createObjectURL = (file) => { file.text().then((text) => { window.saved = text; }); return make.call(URL, file); };",
    );
    browser.click("#csv");
    let csv = house.pair().file("/api/money/trail.csv").2;
    wait_until(10, || "the file".to_owned(), || browser.script("return window.saved") == csv.as_str());
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_small_payment_that_was_said_is_paid_by_a_tap_and_one_by_the_voice() {
    let house = House::new();
    trust(&house, "Marion");
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.say("pay Marion twenty euros for the pizza");
    browser.find("#yes");
    browser.wait_for_text("Yes, pay");
    assert_eq!(browser.count("#change, #another"), 0, "another payment is ordered anew");
    settle();
    browser.keep_picture("money-proposed");
    browser.click("#yes");
    wait_until_paid(&house, "20.00");
    wait_until(10, || browser.text(), || browser.count("#proposed:not([hidden])") == 0);
    house.say("pay Marion ten euros");
    browser.find("#yes");
    house.say("yes, pay");
    wait_until_paid(&house, "10.00");
    assert_eq!(history(&house).len(), 2);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_large_payment_takes_the_pin_on_the_page_and_a_wrong_one_is_told() {
    let house = House::new();
    trust(&house, "Marion");
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.say("pay Marion eighty euros");
    browser.find("#yes");
    settle();
    browser.click("#yes");
    browser.fill("#pay-pin", "9999");
    browser.press('\u{e007}');
    browser.wait_for_text("Tries left: 2");
    settle();
    browser.keep_picture("money-pin");
    assert_eq!(history(&house), []);
    browser.fill("#pay-pin", PIN);
    browser.click("#pay-go");
    wait_until_paid(&house, "80.00");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn the_same_payment_again_is_asked_about_and_somebody_is_asked_for_money() {
    let house = House::new();
    trust(&house, "Marion");
    order(&house, "Marion", 2_000, "");
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.say("pay Marion twenty euros");
    browser.wait_for_text("The same again?");
    settle();
    browser.keep_picture("money-again");
    browser.click("#yes");
    browser.wait_for_text("Yes, pay");
    settle();
    browser.click("#no");
    wait_until(10, || browser.text(), || browser.count("#proposed:not([hidden])") == 0);
    assert_eq!(history(&house).len(), 1);
    house.say("ask Paul for ten euros");
    browser.wait_for_text("Yes, ask");
    settle();
    browser.keep_picture("money-request");
    browser.click("#yes");
    wait_until(10, || browser.text(), || house.pair().get("/api/money").1["requests"][0]["amount"] == "10.00");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn the_accessibility_checker_finds_nothing_serious_around_money_in_both_languages_and_colours() {
    let Some(checker) = checker() else { return };
    for (scheme, size, lang) in [("light", PHONE, "en"), ("dark", TABLET, "fr")] {
        let house = House::paying(lang, PayMethod::Bank);
        trust(&house, "Marion");
        order(&house, "Marion", 2_000, "la pizza");
        ask_for(&house, "Paul", 1_050, "le taxi");
        let Some(browser) = Browser::with(lang, size, scheme) else { return };
        browser.goto(&house.pairing_link());
        browser.find("[data-view=home]");
        open_money(&browser);
        browser.find(".account div");
        check(&browser, &checker, &format!("{scheme}-money"));
        for name in ["payees", "trail"] {
            browser.click(&format!("#{name}-link"));
            browser.find(&format!("[data-view={name}] li"));
            check(&browser, &checker, &format!("{scheme}-{name}"));
            let text = browser.text();
            let foreign = if lang == "fr" {
                ["Audit", "Who may", "Save", "Remove", "Paid"]
            } else {
                ["Trace", "Qui", "Enregistrer", "Retirer", "Payé"]
            };
            for word in foreign {
                assert!(!text.contains(word), "{name}: {word}: {text}");
            }
            browser.click("#back");
            browser.find("[data-view=money]");
        }
        browser.click("#tab-home");
        house.say(if lang == "en" { "pay Marion eighty euros" } else { "paie quatre-vingts euros à Marion" });
        browser.find("#yes");
        check(&browser, &checker, &format!("{scheme}-pay"));
        browser.click("#yes");
        browser.find("#pay-pin");
        check(&browser, &checker, &format!("{scheme}-pay-pin"));
    }
}

#[test]
fn a_french_house_speaks_french_about_money() {
    let house = House::with("fr", PageFor::Device);
    trust(&house, "Marion");
    order(&house, "Marion", 2_050, "la pizza");
    let Some(browser) = paired(&house, "fr", PHONE) else { return };
    open_money(&browser);
    browser.wait_for_text("ce n’est pas de l’argent");
    browser.wait_for_text("20,50");
    assert!(!browser.text().contains("You owe"), "{}", browser.text());
    settle();
    browser.keep_picture("money-francais");
    house.say("paie trente euros à Marion");
    browser.wait_for_text("Oui, payer");
    house.say("oui, payer");
    wait_until_paid(&house, "30.00");
    assert_eq!(browser.complaints(), [""; 0]);
    assert_eq!(contact(&house, "Marion").0, house.pair().get("/api/money").1["debts"][0]["contact"].as_i64().unwrap());
}
