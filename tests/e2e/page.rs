//! The companion page's server: who is let in, what is answered, and what nobody can do to it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use herald::{companion, config::PageFor};
use serde_json::{Value, json};

use crate::support::page::House;

/// Every request but pairing: method, path, body.
const REQUESTS: &[(&str, &str)] = &[
    ("GET", "/api/live"),
    ("POST", "/api/touch"),
    ("GET", "/api/conversations"),
    ("GET", "/api/messages?conversation=local:1"),
    ("POST", "/api/conversations/local:1/read"),
    ("GET", "/api/search?q=a"),
    ("GET", "/api/outbox"),
    ("POST", "/api/outbox/01a20000-0000-7000-8000-000000000000/drop"),
    ("GET", "/api/contacts"),
    ("POST", "/api/contacts/1/nicknames"),
    ("POST", "/api/contacts/1/forget"),
    ("GET", "/api/settings"),
    ("POST", "/api/settings"),
    ("GET", "/api/why"),
    ("GET", "/api/links"),
    ("DELETE", "/api/links?link=x"),
    ("GET", "/api/figures"),
    ("GET", "/metrics"),
    ("GET", "/api/money"),
    ("POST", "/api/money/even"),
    ("POST", "/api/money/pin"),
    ("GET", "/api/money/payees"),
    ("POST", "/api/money/payees"),
    ("DELETE", "/api/money/payees/1"),
    ("GET", "/api/money/trail"),
    ("GET", "/api/money/trail.csv"),
    ("GET", "/api/money/01a20000-0000-7000-8000-000000000000/handoff"),
    ("GET", "/api/money/01a20000-0000-7000-8000-000000000000/qr.svg"),
    ("POST", "/api/money/01a20000-0000-7000-8000-000000000000/done"),
    ("POST", "/api/pin"),
    ("POST", "/api/erase"),
    ("GET", "/api/devices"),
    ("DELETE", "/api/devices/1"),
];

#[test]
fn without_a_token_nothing_is_read_and_nothing_is_changed() {
    let house = House::new();
    let port = house.port();
    for (method, path) in REQUESTS {
        for authorization in
            ["", "Authorization: Bearer \r\n", "Authorization: Bearer guess\r\n", "Authorization: Basic x\r\n"]
        {
            let body = r#"{"sure":"erase","act":"stop"}"#;
            let answer = house.raw(&format!(
                "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}Content-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            ));
            assert!(answer.starts_with("HTTP/1.1 401"), "{method} {path}: {answer}");
            assert!(!answer.contains("Marion"), "{answer}");
        }
    }
    assert_eq!(house.pair().get("/api/devices").1.as_array().unwrap().len(), 1);
}

#[test]
fn a_foreign_name_or_origin_is_refused_even_with_a_token() {
    let house = House::new();
    let (token, port) = (house.pair().token, house.port());
    let ask = |head: &str| {
        house.raw(&format!(
            "GET /api/contacts HTTP/1.1\r\n{head}Authorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        ))
    };
    for own in [
        format!("Host: 127.0.0.1:{port}\r\n"),
        format!("Host: localhost:{port}\r\n"),
        format!("Host: [::1]:{port}\r\n"),
    ] {
        assert!(ask(&own).contains("Marion Petit"), "{own}");
    }
    let own = format!("Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n");
    assert!(ask(&own).contains("Marion Petit"));
    for foreign in [
        "Host: evil.example\r\n".to_owned(),
        format!("Host: 127.0.0.1.evil.example:{port}\r\n"),
        format!("Host: localhost.evil.example:{port}\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nOrigin: null\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nOrigin: https://127.0.0.1:{port}\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: cross-site\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nSec-Fetch-Site: same-site\r\n"),
    ] {
        let answer = ask(&foreign);
        assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("Marion"), "{foreign}: {answer}");
    }
    let without = ask("");
    assert!(without.starts_with("HTTP/1.1 400") || without.starts_with("HTTP/1.1 403"), "{without}");
}

#[test]
fn a_form_of_another_site_and_a_body_that_is_no_json_do_nothing() {
    let house = House::new();
    let device = house.pair();
    let port = house.port();
    for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"] {
        let body = r#"{"sure":"erase"}"#;
        let answer = house.raw(&format!(
            "POST /api/erase HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            device.token,
            body.len()
        ));
        assert!(answer.starts_with("HTTP/1.1 400"), "{kind}: {answer}");
    }
    for body in ["", "{", "[]", "{\"act\":\"fly\"}", "{\"act\":\"choose\"}", "\u{0}"] {
        let answer = house.raw(&format!(
            "POST /api/touch HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            device.token,
            body.len()
        ));
        assert!(answer.starts_with("HTTP/1.1 400"), "{body:?}: {answer}");
    }
}

#[test]
fn too_much_is_refused_and_who_sends_slowly_is_not_waited_for() {
    let house = House::new();
    let device = house.pair();
    let (status, _) = device.post("/api/touch", &json!({"act": "edit", "body": "x".repeat(100_000)}));
    assert!(status == 400 || status == 413, "{status}");
    let port = house.port();
    // Some that never finish their headers, and one that never finishes its body.
    let mut slow: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nHost: 127").unwrap();
            stream
        })
        .collect();
    let mut half = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!(
        "POST /api/pair HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    );
    half.write_all(head.as_bytes()).unwrap();
    slow.push(half);
    assert_eq!(device.get("/api/contacts").0, 200, "others are served meanwhile");
    let begun = Instant::now();
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // An error is an end as well; only silence would be a timeout.
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        assert!(!ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "it is still open");
    }
    assert!(begun.elapsed() < Duration::from_secs(40));
}

#[test]
fn everything_is_sent_with_a_strict_policy_and_no_page_may_be_put_around_it() {
    let house = House::new();
    for path in ["/", "/page.js", "/page.css", "/icon.svg", "/nothing", "/api/contacts"] {
        let answer = house.agent.get(format!("{}{path}", house.link)).call().unwrap();
        let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("require-trusted-types-for 'script'"));
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            (header("x-content-type-options"), header("referrer-policy")),
            ("nosniff".into(), "no-referrer".into())
        );
    }
    // What the files themselves would need the policy to allow.
    let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/src/companion/assets");
    for file in std::fs::read_dir(assets).unwrap().flatten() {
        let text = std::fs::read_to_string(file.path()).unwrap();
        for unsafe_way in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=\"", "onclick="]
        {
            assert!(!text.contains(unsafe_way), "{}: {unsafe_way}", file.path().display());
        }
    }
}

#[test]
fn script_in_a_name_or_a_message_stays_text() {
    let house = House::new();
    let device = house.pair();
    let script = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
    let state = device.write(script);
    assert_eq!(state["proposed"]["body"], script);
    assert_eq!(device.post("/api/touch", &json!({"act": "yes", "version": state["version"]})).0, 200);
    let answer = house.agent.get(format!("{}/api/search?q=script", house.link));
    let answer = answer.header("Authorization", format!("Bearer {}", device.token)).call().unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
}

#[test]
fn a_wrong_code_is_refused_three_times_and_then_everybody_waits() {
    let house = House::new();
    let code = companion::invite(&house.store(), jiff::Timestamp::now().as_millisecond()).unwrap().code;
    let wrong = if code == "111111" { "222222" } else { "111111" };
    for _ in 0..3 {
        let (status, answer) = house.nobody().post("/api/pair", &json!({"code": wrong}));
        assert_eq!((status, &answer["error"]), (403, &json!("wrong_code")));
    }
    let (status, answer) = house.nobody().post("/api/pair", &json!({"code": code}));
    assert_eq!((status, &answer["error"]), (429, &json!("too_many")));
    assert!((50..=60).contains(&answer["retry_after_s"].as_u64().unwrap()));
}

#[test]
fn a_revoked_device_sees_nothing_more_and_its_live_line_ends() {
    let house = House::new();
    let (first, second) = (house.pair(), house.pair());
    let mut live = TcpStream::connect(("127.0.0.1", house.port())).unwrap();
    live.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head = format!(
        "GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        house.port(),
        second.token
    );
    live.write_all(head.as_bytes()).unwrap();
    let devices = first.get("/api/devices").1;
    let other = devices.as_array().unwrap().iter().find(|device| device["this"] == false).unwrap();
    assert_eq!(first.delete(&format!("/api/devices/{}", other["id"].as_str().unwrap())).0, 204);
    assert_eq!(second.get("/api/contacts").0, 401);
    let mut told = String::new();
    live.read_to_string(&mut told).unwrap();
    assert!(told.contains("event: state") && told.contains("\"version\":0"), "{told}");
    assert_eq!(first.get("/api/contacts").0, 200);
}

#[test]
fn a_draft_is_confirmed_once_and_whoever_comes_late_sees_what_is_true() {
    let house = House::new();
    let (phone, tablet) = (house.pair(), house.pair());
    let state = phone.write("See you at eight");
    let yes = json!({"act": "yes", "version": state["version"]});
    assert_eq!(phone.post("/api/touch", &yes).0, 200);
    let (status, answer) = tablet.post("/api/touch", &yes);
    assert_eq!((status, &answer["error"], &answer["state"]["proposed"]), (409, &json!("stale"), &Value::Null));
    let (_, conversations) = tablet.get("/api/conversations");
    assert_eq!(conversations[0]["name"], "Marion Petit");
    assert_eq!(
        conversations[0]["last"],
        json!({"body": "See you at eight", "mine": true, "at": conversations[0]["last"]["at"]})
    );
    let id = conversations[0]["id"].as_str().unwrap();
    let (_, messages) = tablet.get(&format!("/api/messages?conversation={id}"));
    assert_eq!((messages.as_array().unwrap().len(), &messages[0]["mine"]), (1, &json!(true)));
}

#[test]
fn conversations_are_paged_and_found_by_their_words() {
    let house = House::new();
    for number in 0..7 {
        house.receive("Anna Keller", &format!("Crème brûlée number {number}"));
    }
    let device = house.pair();
    crate::support::wait_until(
        10,
        || "the messages".to_owned(),
        || device.get("/api/conversations").1[0]["unread"] == 7,
    );
    let id = device.get("/api/conversations").1[0]["id"].as_str().unwrap().to_owned();
    let page = |before: &str| device.get(&format!("/api/messages?conversation={id}&limit=3{before}")).1;
    let last = page("");
    assert_eq!(last[2]["body"], "Crème brûlée number 6");
    let earlier = page(&format!("&before={}", last[0]["id"].as_str().unwrap()));
    assert_eq!((earlier.as_array().unwrap().len(), &earlier[2]["body"]), (3, &json!("Crème brûlée number 3")));
    let middle =
        device.get(&format!("/api/messages?conversation={id}&limit=4&around={}", last[0]["id"].as_str().unwrap()));
    assert_eq!(middle.1[2]["id"], last[0]["id"]);
    let (_, hits) = device.get("/api/search?q=brulee%205");
    assert_eq!((hits.as_array().unwrap().len(), &hits[0]["name"]), (1, &json!("Anna Keller")));
    let path = format!("/api/conversations/{id}/read");
    assert_eq!(device.post(&path, &json!({"upto": last[1]["id"]})).0, 204);
    assert_eq!(device.get("/api/conversations").1[0]["unread"], 1);
}

#[test]
fn nicknames_and_settings_are_changed_for_the_conversation_as_well() {
    let house = House::new();
    let device = house.pair();
    let (_, found) = device.get("/api/contacts?q=marion");
    let path = format!("/api/contacts/{}/nicknames", found[0]["id"]);
    assert_eq!(device.post(&path, &json!({"add": "la patronne"})).0, 204);
    assert_eq!(device.post(&path, &json!({"add": "La Patronne"})).0, 409);
    assert_eq!(device.get("/api/contacts?q=patronne").1[0]["name"], "Marion Petit");
    assert_eq!(device.post(&path, &json!({"remove": "la patronne"})).0, 204);
    let (status, state) =
        device.post("/api/settings", &json!({"volume": 2, "quiet_from": "22:00", "quiet_to": "07:00"}));
    assert_eq!((status, &state["volume"], &state["quiet_from"]), (200, &json!(2), &json!("22:00")));
    assert_eq!(device.state()["muted"], false);
    device.post("/api/settings", &json!({"muted": true}));
    crate::support::wait_until(5, || "the microphone".to_owned(), || device.state()["muted"] == true);
}

#[test]
fn while_the_car_moves_nothing_is_read_and_only_yes_no_and_stop_are_taken() {
    let house = House::new();
    let device = house.pair();
    let state = device.write("Call me at home");
    device.post("/api/settings", &json!({"moving": true}));
    crate::support::wait_until(5, || "the car".to_owned(), || device.state()["moving"] == true);
    for (method, path) in REQUESTS.iter().filter(|(method, _)| *method == "GET") {
        if ["/api/live", "/api/settings"].contains(path) {
            continue;
        }
        let (status, answer) = device.get(path);
        assert_eq!((status, &answer["error"]), (403, &json!("moving")), "{method} {path}");
    }
    let (status, _) = device.post("/api/touch", &json!({"act": "edit", "body": "x", "version": state["version"]}));
    assert_ne!(status, 200);
    let (status, after) = device.post("/api/touch", &json!({"act": "yes", "version": state["version"]}));
    assert_eq!(status, 200);
    assert!(!after.to_string().contains("Call me at home"), "{after}");
}

#[test]
fn erasing_leaves_contacts_and_nothing_that_was_said() {
    let house = House::new();
    let device = house.pair();
    let state = device.write("A secret");
    device.post("/api/touch", &json!({"act": "yes", "version": state["version"]}));
    assert_eq!(device.get("/api/why").1[0]["what"], "confirmed");
    assert_eq!(device.post("/api/erase", &json!({"sure": "perhaps"})).0, 400);
    assert_eq!(device.get("/api/conversations").1.as_array().unwrap().len(), 1);
    assert_eq!(device.post("/api/erase", &json!({"sure": "erase"})).0, 204);
    for path in ["/api/conversations", "/api/why", "/api/outbox", "/api/search?q=secret"] {
        assert_eq!(device.get(path).1, json!([]), "{path}");
    }
    assert!(!device.get("/api/contacts").1.as_array().unwrap().is_empty());
    let file = std::fs::read(house.dir.path().join("herald.db")).unwrap_or_default();
    assert!(!file.windows(8).any(|bytes| bytes == b"A secret"), "it is in the file");
}

#[test]
fn on_the_home_network_everything_is_encrypted_by_the_certificate_that_is_shown() {
    let house = House::with("en", PageFor::Home);
    assert!(house.link.starts_with("https://"), "{}", house.link);
    assert_eq!(house.pair().get("/api/contacts").0, 200);
    let answer = house.raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assert!(!answer.contains("<html"), "without encryption nobody is answered: {answer}");
}
