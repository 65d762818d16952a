//! `herald stats`: a month of traffic, and the figures of it computed a second time, by other means.

use std::{collections::BTreeMap, fs, path::Path};

use herald::store::Store;
use serde_json::Value;

use crate::support::program::{Run, herald};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A message of the month: which conversation, whether the owner wrote it, when.
struct Line {
    conversation: u8,
    mine: bool,
    at_ms: i64,
}

/// Three busy days, a quiet one and what is too old to count, in the order of their times.
fn month(now_ms: i64) -> Vec<Line> {
    let mut random = fastrand::Rng::with_seed(8);
    let mut lines = Vec::new();
    for (days_ago, messages) in [(40, 30), (3, 90), (2, 60), (1, 4)] {
        let noon_ms = (now_ms / DAY_MS - days_ago) * DAY_MS + DAY_MS / 2;
        let mut at_ms = noon_ms;
        for _ in 0..messages {
            at_ms += random.i64(1_000..300_000);
            lines.push(Line { conversation: random.u8(0..9), mine: random.bool(), at_ms });
        }
    }
    lines
}

fn house(lines: &[Line], configuration: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("config.toml"), configuration).unwrap();
    let store = Store::open(dir.path()).unwrap();
    store
        .write(|transaction| {
            for conversation in 0..9 {
                transaction.execute("INSERT INTO conversations (id, network) VALUES (?1, 'local')", [format!("local:{conversation}")])?;
            }
            for (at, line) in lines.iter().enumerate() {
                let sender = (!line.mine).then_some("somebody");
                let status = if line.mine { "delivered" } else { "read" };
                let written = format!("{:.3}", jiff::Timestamp::from_millisecond(line.at_ms).unwrap());
                transaction.execute(
                    "INSERT INTO messages (id, conversation, kind, sender, body, at, status) VALUES (?1, ?2, 'send', ?3, 'words', ?4, ?5)",
                    (at.to_string(), format!("local:{}", line.conversation), sender, written, status),
                )?;
            }
            Ok(())
        })
        .unwrap();
    dir
}

fn stats(dir: &Path, arguments: &[&str]) -> Run {
    let config = dir.join("config.toml");
    herald(dir, &[&["--config", config.to_str().unwrap(), "stats"], arguments].concat())
}

/// What is told: nothing of fewer than five but not none.
fn told(count: usize) -> Value {
    if (1..5).contains(&count) { Value::Null } else { count.into() }
}

/// The seconds between a message and the answer to it, by conversation: the first of several unanswered messages counts.
fn responses(lines: &[&Line]) -> Vec<i64> {
    let mut found = Vec::new();
    for conversation in 0..9 {
        let mut asked = None;
        for line in lines.iter().filter(|line| line.conversation == conversation) {
            if line.mine {
                found.extend(asked.take().map(|asked_ms| line.at_ms - asked_ms));
            } else {
                asked = asked.or(Some(line.at_ms));
            }
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn the_figures_of_a_month_are_those_that_its_messages_give() {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let lines = month(now_ms);
    let dir = house(&lines, "[telemetry]\nstats = true\n");
    let run = stats(dir.path(), &["--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let found: BTreeMap<(String, String), Value> = run
        .json()
        .into_iter()
        .map(|line| {
            ((line["day"].as_str().unwrap().into(), line["metric"].as_str().unwrap().into()), line["value"].clone())
        })
        .collect();
    let recent: Vec<&Line> = lines.iter().filter(|line| line.at_ms > now_ms - 30 * DAY_MS).collect();
    let days: Vec<i64> = [3, 2, 1].map(|ago| now_ms / DAY_MS - ago).to_vec();
    for day in days.iter().map(Some).chain([None]) {
        let of_day: Vec<&Line> =
            recent.iter().copied().filter(|line| day.is_none_or(|day| line.at_ms / DAY_MS == *day)).collect();
        let name = day.map_or("30d".to_owned(), |day| {
            jiff::Timestamp::from_millisecond(day * DAY_MS).unwrap().to_string()[..10].to_owned()
        });
        let figure = |metric: &str| found[&(name.clone(), metric.to_owned())].clone();
        let conversations: std::collections::BTreeSet<u8> = of_day.iter().map(|line| line.conversation).collect();
        assert_eq!(figure("conversations"), told(conversations.len()), "{name}");
        assert_eq!(figure("sent"), told(of_day.iter().filter(|line| line.mine).count()), "{name}");
        assert_eq!(figure("received"), told(of_day.iter().filter(|line| !line.mine).count()), "{name}");
        assert_eq!(figure("by_voice"), told(0));
    }
    let all = responses(&recent);
    assert!(all.len() > 20);
    assert_eq!(found[&("30d".to_owned(), "response_median_s".to_owned())], all[all.len() / 2] / 1_000);
    assert_eq!(run.stdout.matches("words").count() + run.stdout.matches("somebody").count(), 0, "{}", run.stdout);

    let text = stats(dir.path(), &["--prometheus"]).stdout;
    let sent = recent.iter().filter(|line| line.mine).count();
    assert!(text.contains(&format!("\nherald_sent{{window=\"30d\"}} {sent}\n")), "{text}");
    assert!(text.lines().all(|line| line.starts_with("# TYPE herald_") || line.starts_with("herald_")), "{text}");
    assert!(stats(dir.path(), &[]).stdout.contains("<5"), "few are told as few");
}

#[test]
fn unless_the_owner_asks_there_are_no_figures() {
    let dir = house(&month(jiff::Timestamp::now().as_millisecond()), "");
    let run = stats(dir.path(), &["--json"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
    assert!(stats(dir.path(), &[]).stdout.contains("stats = true"));
    assert_eq!(herald(dir.path(), &["ask", "--yes", "help"]).code, Some(0));
    let store = Store::open(dir.path()).unwrap();
    let counted: u32 = store.connection().query_row("SELECT count(*) FROM figures", [], |row| row.get(0)).unwrap();
    assert_eq!(counted, 0);
}

#[test]
fn what_is_confirmed_and_what_is_offered_is_counted_by_how_it_came() {
    let dir = house(&[], "[telemetry]\nstats = true\n");
    let config = dir.path().join("config.toml");
    let cards = dir.path().join("cards.vcf");
    fs::write(&cards, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Marion Petit\r\nEND:VCARD\r\n").unwrap();
    assert_eq!(herald(dir.path(), &["contacts", "import", cards.to_str().unwrap()]).code, Some(0));
    for _ in 0..5 {
        let asked = ["--config", config.to_str().unwrap(), "ask", "--yes", "message Marion that dinner is ready"];
        assert_eq!(herald(dir.path(), &asked).code, Some(0));
    }
    let lines = stats(dir.path(), &["--json"]).json();
    let of = |metric: &str| {
        lines.iter().find(|line| line["metric"] == metric && line["day"] == "30d").unwrap()["value"].clone()
    };
    assert_eq!((of("by_typing"), of("by_voice"), of("sent")), (5.into(), 0.into(), 5.into()));
}
