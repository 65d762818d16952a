//! The chat window in a real browser, on a page of another origin with a strict content policy.

use std::time::Instant;

use herald::config::{Choice, Config};
use serde_json::{Value, json};

use crate::{
    browser::{PHONE, TABLET, check, checker},
    support::{browser::Browser, page::House, shop::Shop, wait_until},
};

const DESKTOP: (u32, u32) = (1280, 900);

/// A shop whose owner has a Herald.
fn open(lang: &str, change: impl FnOnce(&mut Config) + Send + 'static) -> (House, Shop) {
    let mut shop = Shop::new();
    let house = House::with_shop(lang, &shop.origin, change);
    shop.show(house.chat.as_ref().unwrap(), lang);
    (house, shop)
}

/// Runs a script with the window's root at hand.
fn inside(browser: &Browser, script: &str) -> Value {
    browser.script(&format!("const root = document.getElementById('herald-chat')?.shadowRoot; {script}"))
}

fn words(browser: &Browser) -> String {
    let text = inside(browser, "return root ? root.querySelector('.window').innerText : ''");
    text.as_str().unwrap_or_default().to_owned()
}

fn wait_for(browser: &Browser, text: &str) {
    wait_until(20, || format!("{text:?} in {:?}", words(browser)), || words(browser).contains(text));
}

/// A visitor who has opened the window.
fn visitor(shop: &Shop, size: (u32, u32), scheme: &str, lang: &str) -> Option<Browser> {
    let browser = Browser::with(lang, size, scheme)?;
    browser.goto(&shop.origin);
    launch(&browser);
    Some(browser)
}

fn launch(browser: &Browser) {
    let is_there = || inside(browser, "return Boolean(root?.querySelector('.launch'))") == true;
    wait_until(20, || "the button".to_owned(), is_there);
    inside(browser, "if (root.querySelector('.window').hidden) root.querySelector('.launch').click()");
    let is_told = || inside(browser, "return !root.querySelector('.state').hidden") == true;
    wait_until(20, || words(browser), is_told);
}

fn say(browser: &Browser, body: &str) {
    let body = Value::from(body);
    inside(
        browser,
        &format!("root.querySelector('textarea').value = {body}; root.querySelector('form').requestSubmit()"),
    );
}

fn wait_for_conversations(house: &House, count: usize) -> Vec<Value> {
    let device = house.pair();
    let all = || device.get("/api/conversations").1.as_array().unwrap().clone();
    wait_until(20, || format!("{:?}", all()), || all().len() == count);
    all()
}

#[test]
fn three_visitors_at_once_are_answered_by_voice_and_by_touch_each_in_their_own_window() {
    let (house, shop) = open("en", |config| config.chat.name = "Petit".to_owned());
    let sizes = [("light", DESKTOP), ("light", PHONE), ("dark", TABLET)];
    let visitors: Vec<Browser> =
        sizes.into_iter().filter_map(|(scheme, size)| visitor(&shop, size, scheme, "en")).collect();
    let [one, two, three] = visitors.as_slice() else { return };
    for (browser, nth) in visitors.iter().zip(1..) {
        wait_for(browser, "We are here");
        say(browser, &format!("Question number {nth}"));
        wait_for(browser, "Sent");
        wait_for_conversations(&house, nth);
    }

    house.say("read my messages");
    house.say("reply the first answer");
    let device = house.pair();
    let (mut times, started) = (Vec::new(), Instant::now());
    house.say("yes");
    wait_for(one, "he first answer");
    println!("by voice, from the yes: {} ms", started.elapsed().as_millis());
    house.say("stop");
    let conversations = wait_for_conversations(&house, 3);
    for (browser, name, body) in [(two, "customer 2", "The second answer"), (three, "customer 3", "The third answer")] {
        let found = conversations.iter().find(|each| each["name"] == name).unwrap();
        let write = json!({"act": "write", "contact": found["contact"], "body": body});
        let (status, state) = device.post("/api/touch", &write);
        assert_eq!(status, 200, "{state}");
        let (status, answer) = device.post("/api/touch", &json!({"act": "yes", "version": state["version"]}));
        assert_eq!(status, 200, "{answer}");
        let accepted = Instant::now();
        wait_for(browser, body);
        times.push(accepted.elapsed().as_millis());
    }
    println!("by touch, from the outbox to the window: {times:?} ms");
    for (browser, own, others) in [
        (one, "first", ["second", "third"]),
        (two, "second", ["first", "third"]),
        (three, "third", ["first", "second"]),
    ] {
        let text = words(browser);
        assert!(text.contains(own) && others.iter().all(|other| !text.contains(&format!("{other} answer"))), "{text}");
    }
    one.keep_picture("chat-desktop");
    two.keep_picture("chat-phone");
    three.keep_picture("chat-tablet-dark");
    two.reload();
    launch(two);
    wait_for(two, "Question number 2");
    wait_for(two, "The second answer");
}

#[test]
fn script_in_a_message_is_text_on_both_sides() {
    let (house, shop) = open("en", |_| {});
    let Some(browser) = visitor(&shop, DESKTOP, "light", "en") else { return };
    let script = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>";
    say(&browser, script);
    wait_for(&browser, "Sent");
    let conversation = &wait_for_conversations(&house, 1)[0];
    let device = house.pair();
    let write = json!({"act": "write", "contact": conversation["contact"], "body": script});
    let (_, state) = device.post("/api/touch", &write);
    device.post("/api/touch", &json!({"act": "yes", "version": state["version"]}));
    let shown = || words(&browser).matches(script).count() == 2;
    wait_until(20, || words(&browser), shown);
    browser.reload();
    launch(&browser);
    wait_until(20, || words(&browser), shown);
    assert_eq!(browser.script("return window.hacked ?? null"), Value::Null);
    assert_eq!(inside(&browser, "return root.querySelectorAll('img, script').length"), 0);
}

#[test]
fn a_visitor_sees_that_nobody_is_there_and_leaves_a_message() {
    let (house, shop) = open("fr", |config| {
        config.chat.away_en = "Back at nine.".to_owned();
        config.chat.away_fr = "De retour à neuf heures.".to_owned();
    });
    let Some(browser) = visitor(&shop, PHONE, "light", "fr") else { return };
    wait_for(&browser, "Nous sommes là");
    house.pair().post("/api/settings", &json!({"muted": true}));
    wait_for(&browser, "De retour à neuf heures.");
    say(&browser, "Rappelez-moi demain.");
    wait_for(&browser, "Envoyé");
    browser.keep_picture("chat-absent");
    assert_eq!(wait_for_conversations(&house, 1)[0]["last"]["body"], "Rappelez-moi demain.");
}

fn with_menu(config: &mut Config) {
    config.chat.greeting_en = "Welcome!".to_owned();
    config.chat.greeting_fr = "Bienvenue !".to_owned();
    config.chat.menu = vec![
        Choice {
            label_en: "Opening hours".to_owned(),
            label_fr: "Horaires".to_owned(),
            answer_en: "From nine to six.".to_owned(),
            answer_fr: "De neuf à dix-huit heures.".to_owned(),
            person: false,
        },
        Choice {
            label_en: "A person".to_owned(),
            label_fr: "Une personne".to_owned(),
            answer_en: String::new(),
            answer_fr: String::new(),
            person: true,
        },
    ];
}

#[test]
fn all_of_the_window_is_reached_with_the_keyboard_and_the_checker_finds_nothing_serious() {
    for (scheme, size, lang) in [("light", PHONE, "en"), ("dark", TABLET, "fr")] {
        let (house, shop) = open(lang, with_menu);
        let Some(browser) = Browser::with(lang, size, scheme) else { return };
        browser.goto(&shop.origin);
        let focus = || inside(&browser, "return root?.activeElement?.className ?? ''").as_str().unwrap().to_owned();
        wait_until(20, || "the button".to_owned(), || inside(&browser, "return Boolean(root)") == true);
        browser.press('\u{e004}');
        assert_eq!(focus(), "launch");
        browser.press('\u{e007}');
        wait_for(&browser, if lang == "en" { "Welcome!" } else { "Bienvenue !" });
        wait_until(10, || words(&browser), || inside(&browser, "return !root.querySelector('.menu').hidden") == true);
        let at = || inside(&browser, "return root.activeElement?.localName ?? ''");
        assert_eq!(at(), "textarea");
        "hello".chars().for_each(|letter| browser.press(letter));
        browser.press('\u{e007}');
        wait_for(&browser, if lang == "en" { "Sent" } else { "Envoyé" });
        assert_eq!(inside(&browser, "return root.querySelector('.menu').hidden"), true, "a person has it now");
        if let Some(checker) = checker() {
            check(&browser, &checker, &format!("chat-{scheme}-{lang}"));
        }
        browser.press('\u{e00c}');
        assert_eq!(focus(), "launch", "closed, and back where one was");
        drop(house);
    }
}

#[test]
fn the_window_is_small_and_needs_nothing_but_its_server() {
    let script = include_str!("../../src/action/chat/assets/chat.js");
    assert!(script.len() < 20_000, "{} bytes", script.len());
    for unsafe_way in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "document.cookie", "style="]
    {
        assert!(!script.contains(unsafe_way), "{unsafe_way}");
    }
}
