//! The companion page in a real browser: every way through it, by finger, by keyboard and with a voice beside.
//! Pictures of it are kept below the build's temporary directory, in `screenshots`.

use std::{fs, path::PathBuf};

use herald::config::PageFor;
use serde_json::json;

use crate::support::{browser::Browser, page::House, wait_until};

pub const PHONE: (u32, u32) = (390, 844);
pub const TABLET: (u32, u32) = (1024, 1366);

/// A browser that was let in.
pub(super) fn paired(house: &House, lang: &str, size: (u32, u32)) -> Option<Browser> {
    let browser = Browser::start(lang, size)?;
    browser.goto(&house.pairing_link());
    browser.find("[data-view=home]");
    Some(browser)
}

/// What stands in the browser's address behind the page's own.
fn fragment(browser: &Browser) -> String {
    browser.script("return location.hash").as_str().unwrap().to_owned()
}

fn sent(house: &House) -> Vec<String> {
    let (_, messages) = house.pair().get("/api/search?q=the");
    messages.as_array().unwrap().iter().map(|message| message["body"].as_str().unwrap().to_owned()).collect()
}

/// Something of Herald's that can be pressed at once was there for longer than a slip of the finger takes.
pub(super) fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(600));
}

#[test]
fn a_wrong_code_is_told_three_of_them_are_waited_for_and_the_right_one_lets_in() {
    let house = House::new();
    let Some(browser) = Browser::start("en", PHONE) else { return };
    browser.goto(&house.link);
    let code = house.code();
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..3 {
        browser.fill("#code", wrong);
        browser.click("#pair");
        browser.wait_for_text("not right");
    }
    browser.fill("#code", wrong);
    browser.click("#pair");
    wait_until(10, || browser.text(), || browser.text().contains("60") || browser.text().contains("59"));
    browser.keep_picture("pairing-locked");
    browser.goto("about:blank");
    browser.goto(&house.pairing_link());
    browser.find("[data-view=home]");
    assert!(!fragment(&browser).contains(&house.code()), "the code does not stay in the address");
    browser.reload();
    browser.find("[data-view=home]");
}

#[test]
fn a_browser_that_is_revoked_is_asked_to_pair_again() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    let other = house.pair();
    let devices = other.get("/api/devices").1;
    let phone = devices.as_array().unwrap().iter().find(|device| device["this"] == false).unwrap();
    assert_eq!(other.delete(&format!("/api/devices/{}", phone["id"].as_str().unwrap())).0, 204);
    browser.find("#code");
}

#[test]
fn what_was_said_is_confirmed_by_a_tap_and_what_was_typed_by_a_voice() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.say("message Marion that the train is late");
    browser.find("#yes");
    browser.wait_for_text("the train is late");
    settle();
    browser.keep_picture("proposed");
    browser.click("#change");
    browser.fill("#edit-words", "the train is on time");
    browser.click("#edit-done");
    browser.wait_for_text("the train is on time");
    settle();
    browser.click("#yes");
    wait_until(10, || "the message".to_owned(), || sent(&house) == ["the train is on time"]);

    browser.click("#tab-conversations");
    browser.click("a[href^='#/conversations/']");
    browser.fill("#write", "See you at the station");
    browser.click("#write-go");
    browser.find("#yes");
    house.say("yes");
    wait_until(10, || "the message".to_owned(), || sent(&house).len() == 2);
    wait_until(10, || browser.text(), || browser.count("#proposed:not([hidden])") == 0);
    browser.wait_for_text("See you at the station");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_link_that_somebody_sent_is_kept_by_a_tap_and_forgotten_by_another() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.receive("Marion", "Look at this: https://example.org/soup?a=1&b=<b>2</b>");
    browser.click(".chip .take");
    wait_until(10, || browser.text(), || !house.pair().get("/api/links").1.as_array().unwrap().is_empty());
    browser.click("#tab-settings");
    browser.click("#links-link");
    browser.find("#links a[href^='https://example.org/soup']");
    settle();
    browser.keep_picture("links");
    browser.click("#links button");
    wait_until(10, || browser.text(), || browser.count("#links li") == 0);
    assert_eq!(house.pair().get("/api/links").1, json!([]));
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn whoever_taps_after_somebody_said_yes_is_told_that_it_was_decided() {
    let house = House::new();
    let (Some(first), Some(second)) = (paired(&house, "en", PHONE), paired(&house, "en", PHONE)) else { return };
    house.say("message Marion that the door is open");
    for browser in [&first, &second] {
        browser.find("#yes");
    }
    settle();
    // Both tap what they see: one decides, the other one finds nothing to decide any more.
    first.click("#yes");
    second.script("document.getElementById('yes')?.click()");
    wait_until(10, || "the message".to_owned(), || sent(&house) == ["the door is open"]);
    for browser in [&first, &second] {
        wait_until(10, || browser.text(), || browser.count("#proposed:not([hidden])") == 0);
    }
    assert_eq!(sent(&house), ["the door is open"]);
}

#[test]
fn tap_and_speech_mean_one_person_in_either_order() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    browser.click("#tab-contacts");
    browser.click("[id^=point-][data-contact]");
    browser.find("#hint .strong");
    let name = browser.script("return document.querySelector('#hint .strong').textContent");
    house.say("tell her the cake is ready");
    browser.find("#yes");
    let name = name.as_str().unwrap();
    assert!(browser.script("return document.querySelector('.recipients').innerText").as_str().unwrap().contains(name));
    settle();
    browser.click("#yes");
    wait_until(10, || "the message".to_owned(), || sent(&house).len() == 1);

    house.say("tell her the tea is ready");
    browser.find("#find-person");
    browser.click("[id^=point-][data-contact]");
    browser.find("#yes");
    settle();
    browser.click("#yes");
    wait_until(10, || "the message".to_owned(), || sent(&house).len() == 2);
}

#[test]
fn one_of_two_namesakes_is_chosen_by_a_tap() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.say("message Marie that the soup is hot");
    browser.find("#choices");
    settle();
    browser.keep_picture("which");
    browser.click("#choices li:nth-child(2) button");
    browser.find("#yes");
    settle();
    browser.click("#no");
    house.say("cancel");
    wait_until(10, || browser.text(), || browser.count("#proposed:not([hidden])") == 0);
}

#[test]
fn all_of_it_is_reached_with_the_keyboard_alone() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", TABLET) else { return };
    let (tab, enter) = ('\u{e004}', '\u{e007}');
    let focus = |browser: &Browser| {
        browser
            .script("const at = document.activeElement; return at.id || at.textContent.trim()")
            .as_str()
            .unwrap()
            .to_owned()
    };
    let reach = |id: &str| {
        for _ in 0..60 {
            browser.press(tab);
            if focus(&browser) == id {
                return;
            }
        }
        panic!("{id} is not reached");
    };
    for name in ["conversations", "outbox", "contacts", "settings"] {
        reach(&format!("tab-{name}"));
        browser.press(enter);
        browser.find(&format!("[data-view={name}]"));
        assert_eq!(focus(&browser), browser.script("return document.querySelector('h1').textContent.trim()"), "{name}");
    }
    for _ in 0..4 {
        browser.back();
    }
    browser.find("[data-view=home]");
    house.say("message Marion that the keyboard is enough");
    browser.find("#yes");
    settle();
    reach("yes");
    browser.press(enter);
    wait_until(10, || "the message".to_owned(), || sent(&house) == ["the keyboard is enough"]);
}

#[test]
fn offline_is_told_what_is_there_stays_and_the_page_comes_back_by_itself() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.say("message Marion that the light is on");
    browser.find("#yes");
    house.serve(false);
    wait_until(20, || browser.text(), || browser.count("body.offline") == 1);
    assert!(browser.text().contains("the light is on"), "it can still be read");
    browser.keep_picture("offline");
    house.serve(true);
    wait_until(40, || browser.text(), || browser.count("body.offline") == 0);
    settle();
    browser.click("#yes");
    wait_until(10, || "the message".to_owned(), || sent(&house) == ["the light is on"]);
}

#[test]
fn while_the_car_moves_there_are_large_buttons_and_nothing_to_read() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    house.say("message Marion that the road is free");
    browser.wait_for_text("the road is free");
    house.pair().post("/api/settings", &json!({"moving": true}));
    browser.find("[data-view=car]");
    let text = browser.text();
    assert!(!text.contains("the road is free") && !text.contains("Marion"), "{text}");
    browser.keep_picture("car");
    let smallest = browser.script(
        "return Math.min(...[...document.querySelectorAll('button')].map((button) => button.getBoundingClientRect().height))",
    );
    assert!(smallest.as_f64().unwrap() >= 88.0, "{smallest}");
    assert_eq!(browser.count("a[href], input, textarea"), 0, "nothing else is to be reached");
    settle();
    browser.click("#yes");
    house.pair().post("/api/settings", &json!({"moving": false}));
    browser.find("[data-view=home]");
    wait_until(10, || "the message".to_owned(), || sent(&house) == ["the road is free"]);
}

#[test]
fn nicknames_the_outbox_and_settings_are_kept() {
    let house = House::new();
    let Some(browser) = paired(&house, "en", PHONE) else { return };
    browser.click("#tab-contacts");
    browser.click("[id^=details-]");
    browser.fill("#nickname", "la patronne");
    browser.click("#add-nickname");
    browser.find("#nicknames li");
    assert_eq!(house.pair().get("/api/contacts?q=patronne").1.as_array().unwrap().len(), 1);
    browser.click("#tab-settings");
    browser.find("[data-view=settings]");
    browser.keep_picture("settings");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_french_house_has_a_french_page() {
    let house = House::with("fr", PageFor::Device);
    let Some(browser) = paired(&house, "fr", PHONE) else { return };
    assert_eq!(browser.script("return document.documentElement.lang"), "fr");
    house.say("envoie un message à Marion : je suis là");
    browser.wait_for_text("Oui");
    browser.keep_picture("francais");
    for name in ["conversations", "outbox", "contacts", "settings"] {
        browser.click(&format!("#tab-{name}"));
        browser.find(&format!("[data-view={name}]"));
        let text = browser.text();
        for english in ["Settings", "Contacts\n\nSearch", "Outbox", "Search ", "Nothing "] {
            assert!(!text.contains(english), "{name}: {english}: {text}");
        }
    }
}

/// The accessibility checker, where it was fetched.
pub fn checker() -> Option<String> {
    let Some(path) = std::env::var_os("HERALD_AXE").map(PathBuf::from) else {
        println!("skipped: HERALD_AXE names no axe.min.js");
        return None;
    };
    match fs::read_to_string(&path) {
        Ok(script) => Some(script),
        Err(error) => {
            println!("skipped: {}: {error}", path.display());
            None
        }
    }
}

#[test]
fn the_accessibility_checker_finds_nothing_serious_in_any_view_and_both_colours() {
    let Some(checker) = checker() else { return };
    for (scheme, size, lang) in [("light", PHONE, "en"), ("dark", TABLET, "fr")] {
        let house = House::with(lang, PageFor::Device);
        let Some(browser) = Browser::with(lang, size, scheme) else { return };
        browser.goto(&house.link);
        browser.find("#code");
        check(&browser, &checker, &format!("{scheme}-pairing"));
        browser.goto("about:blank");
        browser.goto(&house.pairing_link());
        browser.find("[data-view=home]");
        check(&browser, &checker, &format!("{scheme}-home"));
        house.say(if lang == "en" {
            "message Marion that the house is warm"
        } else {
            "envoie un message à Marion : la maison est chaude"
        });
        browser.find("#yes");
        check(&browser, &checker, &format!("{scheme}-proposed"));
        settle();
        browser.click("#yes");
        for name in ["conversations", "outbox", "contacts", "settings"] {
            browser.click(&format!("#tab-{name}"));
            browser.find(&format!("[data-view={name}]"));
            check(&browser, &checker, &format!("{scheme}-{name}"));
        }
        for name in ["why", "links", "figures"] {
            browser.click("#tab-settings");
            browser.click(&format!("#{name}-link"));
            browser.find(&format!("[data-view={name}]"));
            check(&browser, &checker, &format!("{scheme}-{name}"));
        }
        browser.click("#tab-conversations");
        browser.click("a[href^='#/conversations/']");
        browser.find("#write");
        check(&browser, &checker, &format!("{scheme}-conversation"));
    }
}

/// Fails on what the checker calls serious or critical; keeps a picture.
pub fn check(browser: &Browser, checker: &str, name: &str) {
    settle();
    browser.keep_picture(name);
    browser.script(checker);
    let found = browser.script_to_end(
        "const done = arguments[arguments.length - 1];
         axe.run().then(({ violations, passes }) => done({ passes: passes.length, found: violations
           .filter(({ impact }) => impact === 'serious' || impact === 'critical')
           .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`) }), (error) => done({ error: String(error) }));",
    );
    assert!(found["passes"].as_u64().is_some_and(|passes| passes > 5), "{name}: {found}");
    assert_eq!(found["found"], json!([]), "{name}");
}
