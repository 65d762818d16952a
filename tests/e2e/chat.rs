//! Visitors of a shop's page: who is let in, what is kept, what the owner hears and says.

use std::{
    collections::HashSet,
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use herald::config::{Choice, Config};
use serde_json::{Value, json};

use crate::support::{page::House, program::herald, shop::Visitor, wait_until};

const ORIGIN: &str = "https://shop.example";

fn shop() -> House {
    House::with_shop("en", ORIGIN, |_| {})
}

fn visitor(house: &House, address: &str) -> Visitor {
    Visitor::begin(house.chat.as_ref().unwrap(), ORIGIN, address)
}

fn events(house: &House) -> String {
    String::from_utf8(house.events.0.lock().unwrap().clone()).unwrap()
}

fn wait_for_event(house: &House, text: &str, times: usize) {
    wait_until(20, || format!("{text} in {}", events(house)), || events(house).matches(text).count() >= times);
}

fn with_menu(config: &mut Config) {
    let choice = |label_en: &str, label_fr: &str, answer_en: &str, answer_fr: &str| Choice {
        label_en: label_en.to_owned(),
        label_fr: label_fr.to_owned(),
        answer_en: answer_en.to_owned(),
        answer_fr: answer_fr.to_owned(),
        person: answer_en.is_empty(),
    };
    config.chat.greeting_en = "Welcome!".to_owned();
    config.chat.greeting_fr = "Bienvenue !".to_owned();
    config.chat.menu = vec![
        choice("Opening hours", "Horaires", "From nine to six.", "De neuf à dix-huit heures."),
        choice("A person", "Une personne", "", ""),
    ];
}

// ── what the owner hears and says ───────────────────────────────────────────

#[test]
fn the_owner_hears_of_a_new_customer_and_answers_by_voice_or_by_name() {
    let house = shop();
    let (one, two) = (visitor(&house, "192.0.2.1"), visitor(&house, "192.0.2.2"));
    assert_eq!(one.write("a", "Do you have rye bread?").0, 200);
    wait_for_event(&house, "A new customer on the site.", 1);
    assert_eq!(one.write("b", "Two loaves.").0, 200);
    wait_for_event(&house, "New message from customer 1.", 1);
    assert_eq!(two.write("a", "Are you open on Sunday?").0, 200);
    wait_for_event(&house, "A new customer on the site.", 2);

    house.say("read my messages");
    wait_for_event(&house, "Do you have rye bread?", 2);
    house.say("reply yes we do");
    wait_for_event(&house, "\"readback\"", 1);
    house.say("yes");
    wait_until(10, || format!("{:?}", one.answers()), || one.answers().len() == 1);
    house.say("stop");
    house.say("tell customer 2 that we are closed");
    wait_for_event(&house, "To customer 2:", 1);
    house.say("yes");
    wait_until(10, || format!("{:?} {}", two.answers(), events(&house)), || two.answers().len() == 1);
    assert!(two.answers()[0].to_lowercase().contains("closed"), "{:?}", two.answers());
    assert_eq!(one.answers().len(), 1, "{:?}", one.answers());
}

#[test]
fn a_customer_who_is_asked_for_money_gets_a_link_that_pays_it() {
    let house = House::with_shop("en", ORIGIN, |config| {
        config.pay.holder = "The Bakery".to_owned();
        config.pay.iban = "FR76 3000 6000 0112 3456 7890 189".to_owned();
    });
    let one = visitor(&house, "192.0.2.1");
    assert_eq!(one.write("a", "Two loaves, please.").0, 200);
    wait_for_event(&house, "A new customer on the site.", 1);
    house.say("ask customer 1 for ten euros for the bread");
    wait_for_event(&house, "\"readback\"", 1);
    house.say("yes");
    wait_until(10, || format!("{:?} {}", one.answers(), events(&house)), || one.answers().len() == 2);
    let answers = one.answers();
    let (links, words): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.starts_with("payto://"));
    assert!(words[0].contains("10 euros for the bread"), "{answers:?}");
    let link = links[0];
    assert!(link.starts_with("payto://iban/FR7630006000011234567890189?amount=EUR:10.00&"), "{link}");
    assert!(link.contains("receiver-name=The%20Bakery"), "{link}");
}

#[test]
fn in_a_french_house_customers_are_clients_and_are_told_by_name() {
    let house = House::with_shop("fr", ORIGIN, |_| {});
    let people: Vec<Visitor> = (1..=12).map(|nth| visitor(&house, &format!("192.0.2.{nth}"))).collect();
    for person in &people {
        assert_eq!(person.write("a", "Bonjour").0, 200);
    }
    wait_for_event(&house, "Un nouveau client sur le site.", 12);
    house.say("dis au client 12 que le pain est prêt");
    wait_for_event(&house, "À client 12", 1);
    house.say("oui");
    wait_until(10, || events(&house), || people[11].answers().len() == 1);
    assert!(people[..11].iter().all(|person| person.answers().is_empty()));
}

#[test]
fn what_the_bot_answers_is_not_announced_and_a_person_takes_over_for_good() {
    let house = House::with_shop("en", ORIGIN, with_menu);
    let guest = visitor(&house, "192.0.2.1");
    assert_eq!(guest.history().1[0]["body"], "Welcome!\n1. Opening hours\n2. A person");
    let (_, answer) = guest.write("a", "1");
    assert_eq!(answer["bot"], true);
    let (_, answer) = guest.write("b", "a person");
    assert_eq!(answer["bot"], false);
    assert_eq!(guest.write("c", "1").1["bot"], false, "the bot is silent from then on");
    wait_for_event(&house, "New message from customer 1.", 1);
    let told = events(&house);
    assert_eq!((told.matches("A new customer").count(), told.matches("\"incoming\"").count()), (1, 2), "{told}");
    let bodies: Vec<Value> = guest.history().1.as_array().unwrap().iter().map(|line| line["body"].clone()).collect();
    assert_eq!(bodies[1..], ["1", "From nine to six.", "a person", "Somebody will answer you here.", "1"]);
    let page = house.pair();
    let id = page.get("/api/conversations").1[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(page.get(&format!("/api/messages?conversation={id}")).1.as_array().unwrap().len(), 6);
}

#[test]
fn whoever_is_muted_or_outside_the_hours_is_not_there() {
    let house = shop();
    let guest = visitor(&house, "192.0.2.1");
    let mut live = guest.live();
    while live.next().unwrap()["there"] != true {}
    house.pair().post("/api/settings", &json!({"muted": true}));
    let state = live.next().unwrap();
    assert_eq!((&state["there"], &state["away"]), (&json!(false), &json!("")));
    assert_eq!(guest.write("a", "I leave a message.").0, 200);
    wait_for_event(&house, "I leave a message.", 1);
}

// ── who is let in ───────────────────────────────────────────────────────────

/// Every request of a visit but its beginning.
const REQUESTS: [(&str, &str); 3] = [("POST", "messages"), ("GET", "history"), ("GET", "live")];

fn request(guest: &Visitor, (method, path): (&str, &str), head: &str) -> String {
    let body = r#"{"nonce":"a","body":"hello"}"#;
    let length = body.len();
    guest.raw(&format!(
        "{method} /chat/{path} HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    ))
}

#[test]
fn without_a_token_of_ones_own_nothing_is_read_and_nothing_is_written() {
    let (house, other) = (shop(), shop());
    let guest = visitor(&house, "192.0.2.1");
    guest.write("a", "A secret of mine");
    let foreign = visitor(&other, "192.0.2.1").token;
    let (id, tag) = guest.token.split_at(30);
    let swapped = format!("{}{tag}", &visitor(&house, "192.0.2.2").token[..30]);
    let flipped = format!("{id}{}", tag.chars().rev().collect::<String>());
    for token in ["", "guess", id, &foreign, &swapped, &flipped] {
        for asked in REQUESTS {
            let head = format!("Host: {}\r\nOrigin: {ORIGIN}\r\nAuthorization: Bearer {token}\r\n", guest.host());
            let answer = request(&guest, asked, &head);
            assert!(answer.starts_with("HTTP/1.1 401"), "{asked:?} {token}: {answer}");
            assert!(!answer.contains("secret"), "{answer}");
        }
    }
    assert_eq!(guest.history().1.as_array().unwrap().len(), 1);
}

#[test]
fn a_foreign_page_or_name_is_refused_even_with_a_token_and_may_not_even_ask() {
    let house = shop();
    let guest = visitor(&house, "192.0.2.1");
    let host = guest.host();
    let bearer = format!("Authorization: Bearer {}\r\n", guest.token);
    let own = request(&guest, REQUESTS[1], &format!("Host: {host}\r\nOrigin: {ORIGIN}\r\n{bearer}"));
    assert!(
        own.starts_with("HTTP/1.1 200") && own.contains("access-control-allow-origin: https://shop.example"),
        "{own}"
    );
    assert!(own.to_lowercase().contains("vary: origin"), "{own}");
    for foreign in [
        format!("Host: {host}\r\n"),
        format!("Host: {host}\r\nOrigin: null\r\n"),
        format!("Host: {host}\r\nOrigin: https://evil.example\r\n"),
        format!("Host: {host}\r\nOrigin: http://shop.example\r\n"),
        format!("Host: {host}\r\nOrigin: https://shop.example.evil.example\r\n"),
        format!("Host: {host}\r\nOrigin: https://shop.example:8443\r\n"),
        format!("Host: evil.example\r\nOrigin: {ORIGIN}\r\n"),
    ] {
        for asked in REQUESTS {
            let answer = request(&guest, asked, &format!("{foreign}{bearer}"));
            assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("allow-origin"), "{foreign}: {answer}");
        }
    }
    let preflight = |origin: &str| {
        guest.raw(&format!(
            "OPTIONS /chat/messages HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: authorization,content-type\r\nConnection: close\r\n\r\n"
        ))
    };
    let allowed = preflight(ORIGIN).to_lowercase();
    assert!(
        allowed.starts_with("http/1.1 200") && allowed.contains("access-control-allow-headers: authorization"),
        "{allowed}"
    );
    let refused = preflight("https://evil.example");
    assert!(refused.starts_with("HTTP/1.1 403") && !refused.contains("access-control-allow"), "{refused}");
    let evil = guest.raw("GET /chat.js HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert!(evil.starts_with("HTTP/1.1 403"), "{evil}");
}

#[test]
fn too_much_and_too_often_is_refused_in_the_language_of_whoever_asks() {
    let house = shop();
    let guest = visitor(&house, "192.0.2.1");
    let (status, answer) = guest.write("a", &"é".repeat(2_001));
    assert_eq!((status, &answer["error"]), (413, &json!("too_long")));
    assert_eq!(guest.write("a", &"x".repeat(9_000)).0, 413);
    for (nonce, body) in [("", "hello"), ("a", " \n "), ("a b", "hello")] {
        assert_eq!(guest.write(nonce, body).0, 400, "{nonce:?} {body:?}");
    }
    assert_eq!(guest.write("long", &"é".repeat(2_000)).0, 200);
    let statuses: Vec<u16> = (0..40).map(|nth| guest.write(&nth.to_string(), "again").0).collect();
    let taken = statuses.iter().filter(|status| **status == 200).count();
    assert!((29..=31).contains(&taken), "{statuses:?}");
    let head = format!(
        "Host: {}\r\nOrigin: {ORIGIN}\r\nAuthorization: Bearer {}\r\nAccept-Language: fr\r\n",
        guest.host(),
        guest.token
    );
    let refused = request(&guest, REQUESTS[0], &head);
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("Trop à la fois"), "{refused}");

    let crowd: Vec<u16> = (0..25).map(|_| guest.visit("198.51.100.7").0).collect();
    let begun = crowd.iter().filter(|status| **status == 200).count();
    assert!((20..=21).contains(&begun), "{crowd:?}");
    assert_eq!(guest.visit("198.51.100.8").0, 200, "others are not held up");
    assert_eq!(guest.visit("203.0.113.5, 198.51.100.7").0, 429, "what the nearest server says counts");
}

#[test]
fn one_visitor_cannot_take_all_windows_and_who_sends_slowly_is_not_waited_for() {
    let house = shop();
    let guest = visitor(&house, "192.0.2.1");
    let open: Vec<_> = (0..8).map(|_| guest.live()).collect();
    let head = format!("Host: {}\r\nOrigin: {ORIGIN}\r\nAuthorization: Bearer {}\r\n", guest.host(), guest.token);
    let refused = request(&guest, REQUESTS[2], &head);
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(visitor(&house, "192.0.2.2").live().next().is_some(), "others get theirs");
    drop(open);

    let mut slow = TcpStream::connect(guest.host()).unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(35))).unwrap();
    let begun = format!(
        "POST /chat/messages HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{{"
    );
    slow.write_all(begun.as_bytes()).unwrap();
    let begun = Instant::now();
    let mut answer = Vec::new();
    let ended = slow.read_to_end(&mut answer);
    assert!(!ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "it is still open");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_visitor_reads_their_own_history_and_nobody_elses() {
    let house = shop();
    let (one, two) = (visitor(&house, "192.0.2.1"), visitor(&house, "192.0.2.2"));
    one.write("a", "<script>alert(1)</script>");
    two.write("a", "Something else");
    let mut live = two.live();
    assert_eq!(live.message().unwrap()["body"], "Something else");
    let (_, lines) = one.history();
    assert_eq!((lines.as_array().unwrap().len(), &lines[0]["body"]), (1, &json!("<script>alert(1)</script>")));
    assert_eq!(
        one.write("a", "<script>alert(1)</script>").1["message"]["id"],
        lines[0]["id"],
        "sent twice is sent once"
    );
    assert_eq!(one.history().1, lines);
    assert_eq!(two.history().1[0]["body"], "Something else");
}

#[test]
fn what_was_erased_is_gone_and_the_visitor_begins_anew() {
    let house = shop();
    let guest = visitor(&house, "192.0.2.1");
    guest.write("a", "A secret");
    assert_eq!(house.pair().post("/api/erase", &json!({"sure": "erase"})).0, 204);
    assert_eq!(guest.history().1, json!([]));
    assert_eq!(guest.write("b", "hello").0, 401);
}

// ── many at once ────────────────────────────────────────────────────────────

#[test]
fn forty_visitors_at_once_lose_nothing_and_get_nothing_twice() {
    const VISITORS: usize = 40;
    const MESSAGES: usize = 5;
    let house = House::with_shop("en", ORIGIN, |config| config.dialogue.announce = herald::config::Announce::Hold);
    let everybody: Vec<Visitor> = (0..VISITORS).map(|nth| visitor(&house, &format!("192.0.2.{nth}"))).collect();
    let write = |guest: &Visitor, nth: usize| {
        let guest = guest.clone();
        thread::Builder::new().name("visitor".to_owned()).spawn(move || {
            let mut live = guest.live();
            for number in 0..MESSAGES {
                let body = format!("{nth}-{number}");
                assert_eq!(guest.write(&body, &body).0, 200);
                assert_eq!(guest.write(&body, &body).0, 200, "the answer was lost, it thinks");
                thread::sleep(Duration::from_millis(200));
            }
            (0..MESSAGES).map(|_| live.message().unwrap()["body"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        })
    };
    let all: Vec<_> = everybody.iter().zip(0..).map(|(guest, nth)| write(guest, nth).unwrap()).collect();
    for (handle, nth) in all.into_iter().zip(0..) {
        let expected: Vec<String> = (0..MESSAGES).map(|number| format!("{nth}-{number}")).collect();
        assert_eq!(handle.join().unwrap(), expected);
    }
    let arrived = || {
        let run = herald(house.dir.path(), &["inbox", "--json"]);
        run.json().iter().map(|line| line["body"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    wait_until(20, || format!("{} messages", arrived().len()), || arrived().len() >= VISITORS * MESSAGES);
    let bodies = arrived();
    assert_eq!((bodies.len(), bodies.iter().collect::<HashSet<_>>().len()), (VISITORS * MESSAGES, VISITORS * MESSAGES));
}

// ── the command line ────────────────────────────────────────────────────────

#[test]
fn herald_chat_prints_the_line_for_the_page_and_doctor_knows_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let closed = herald(dir.path(), &["chat"]);
    assert!(
        closed.stdout.starts_with("<script src=\"http://127.0.0.1:8766/chat.js\" async></script>\nclosed"),
        "{closed:?}"
    );
    let file = dir.path().join("config.toml");
    let link = "https://chat.shop.example";
    std::fs::write(&file, format!("[chat]\nopen = true\norigins = [\"{ORIGIN}\"]\nlink = \"{link}\"\nport = 0\n"))
        .unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let open = herald(dir.path(), &[&config[..], &["chat", "--json"]].concat()).json();
    assert_eq!(open[0]["line"], format!("<script src=\"{link}/chat.js\" async></script>"));
    assert_eq!((&open[0]["open"], &open[0]["served"]), (&json!(true), &json!(false)));
    let checks = herald(dir.path(), &[&config[..], &["doctor", "--json"]].concat()).json();
    let check = checks.iter().find(|check| check["check"] == "visitors").unwrap();
    assert_eq!(check["ok"], true);
}
