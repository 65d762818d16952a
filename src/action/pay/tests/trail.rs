//! The chain of hashes finds what was changed, removed or moved; the CSV reads back.

use std::{io::Write as _, process::Command};

use super::house::{House, MARION, PAUL, calm, done, order, pay};
use crate::{
    action::pay::{Chain, Closed, PayEvent, Payee, verify_trail},
    config::PayMethod,
    store::Store,
};

/// A house where something was done: seven rows.
fn busy() -> House {
    let house = House::new(PayMethod::Bank);
    do_things(&house);
    house
}

fn do_things(house: &House) {
    let mut payments = house.payments();
    payments.set_pin(None, "1234").unwrap();
    payments.trust(&Payee::typed(PAUL, "Paul", "DE89370400440532013000", "").unwrap(), "1234").unwrap();
    let paid = order(PAUL, 2_000);
    done(pay(&mut payments, &paid));
    payments.done(&paid.id).unwrap();
    let asked = order(MARION, 1_000);
    done(payments.request(&asked, &calm()).unwrap());
    payments.close_request(&asked.id, Closed::Settled).unwrap();
}

/// The second half of a chain is another's, whole in itself: only the link to the first half tells.
#[test]
fn a_chain_that_goes_on_with_the_rows_of_another_is_found() {
    let (house, other) = (busy(), House::new(PayMethod::Bank));
    other.time.pass(1);
    do_things(&other);
    tamper(&house.store, "DELETE FROM pay_trail WHERE seq > 3");
    let copy = other.dir.path().join(crate::store::FILE_NAME);
    let connection = house.store.connection();
    connection.execute("ATTACH ?1 AS other", [copy.to_string_lossy()]).unwrap();
    connection.execute("INSERT INTO main.pay_trail SELECT * FROM other.pay_trail WHERE seq > 3", []).unwrap();
    assert_eq!(verify_trail(&other.store).unwrap(), Chain::Whole(7));
    assert_eq!(verify_trail(&house.store).unwrap(), Chain::Broken(4));
}

/// What somebody does who gets at the file: the triggers are no hindrance.
fn tamper(store: &Store, statements: &str) {
    store
        .connection()
        .execute_batch(&format!(
            "DROP TRIGGER IF EXISTS pay_trail_stays; DROP TRIGGER IF EXISTS pay_trail_is_kept;
             DROP TRIGGER IF EXISTS pay_trail_is_not_replaced; {statements}"
        ))
        .unwrap();
}

#[test]
fn every_step_leaves_a_row_that_carries_the_hash_of_the_row_before() {
    let house = busy();
    let lines = house.payments().trail().unwrap();
    let events: Vec<_> = lines.iter().map(|line| line.event).collect();
    use PayEvent::{Asked, HandedOver, PayeeTrusted, PinGiven, PinSet, Posted, Settled};
    assert_eq!(events, [PinSet, PinGiven, PayeeTrusted, HandedOver, Posted, Asked, Settled]);
    assert_eq!(lines[0].before, "");
    for pair in lines.windows(2) {
        assert_eq!(pair[1].before, pair[0].hash);
        assert_eq!(pair[0].hash.len(), 64);
    }
    assert_eq!((lines[3].name.0.as_str(), lines[3].amount.0.as_str()), ("Paul Martin", "20.00"));
    assert_eq!(verify_trail(&house.store).unwrap(), Chain::Whole(7));
    assert_eq!(verify_trail(&Store::in_memory().unwrap()).unwrap(), Chain::Whole(0));
}

#[test]
fn the_chain_finds_whatever_was_done_to_it() {
    let cases = [
        ("UPDATE pay_trail SET amount = '2.00' WHERE seq = 4", 4),
        ("UPDATE pay_trail SET name = 'Eve' WHERE seq = 7", 7),
        ("UPDATE pay_trail SET at_ms = at_ms + 1 WHERE seq = 1", 1),
        ("UPDATE pay_trail SET event = 'voided' WHERE seq = 5", 5),
        ("UPDATE pay_trail SET currency = 'USD' WHERE seq = 4", 4),
        ("UPDATE pay_trail SET name = name || amount, amount = '' WHERE seq = 4", 4),
        ("UPDATE pay_trail SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("DELETE FROM pay_trail WHERE seq = 1", 1),
        ("DELETE FROM pay_trail WHERE seq = 4", 4),
        ("DELETE FROM pay_trail WHERE seq = 7", 7),
        ("DELETE FROM pay_trail", 1),
        (
            "UPDATE pay_trail SET seq = -1 WHERE seq = 4; UPDATE pay_trail SET seq = 4 WHERE seq = 5;
             UPDATE pay_trail SET seq = 5 WHERE seq = -1",
            4,
        ),
        (
            "INSERT INTO pay_trail SELECT 8, at_ms, event, payment, name, amount, currency, before, hash
             FROM pay_trail WHERE seq = 4",
            8,
        ),
    ];
    for (statements, broken) in cases {
        let house = busy();
        tamper(&house.store, statements);
        assert_eq!(verify_trail(&house.store).unwrap(), Chain::Broken(broken), "{statements}");
        // What comes after does not mend it.
        done(house.payments().request(&order(MARION, 1), &calm()).unwrap());
        assert!(matches!(verify_trail(&house.store).unwrap(), Chain::Broken(_)), "{statements}, and a row more");
    }
}

#[test]
fn no_statement_changes_the_trail() {
    let house = busy();
    for statement in [
        "UPDATE pay_trail SET name = '' WHERE seq = 1",
        "DELETE FROM pay_trail WHERE seq = 7",
        "INSERT OR REPLACE INTO pay_trail SELECT seq, 0, event, payment, name, amount, currency, before, hash
         FROM pay_trail WHERE seq = 7",
    ] {
        let refused = house.store.connection().execute(statement, []).unwrap_err().to_string();
        assert!(refused.contains("the trail"), "{refused}");
    }
    assert_eq!(verify_trail(&house.store).unwrap(), Chain::Whole(7));
}

#[test]
fn the_csv_is_read_by_another_reader_and_holds_no_formula() {
    let house = House::new(PayMethod::Tab);
    let names = ["=HYPERLINK(\"http://evil\")", "+1", "-1", "@SUM(A1)", "Anna, \"Nan\"\nKeller", "\t=1", "Élodie"];
    for name in names {
        house.store.connection().execute("UPDATE contacts SET name = ?1 WHERE id = 2", [name]).unwrap();
        done(house.payments().request(&order(PAUL, 1_250), &calm()).unwrap());
    }
    let csv = house.payments().trail_csv().unwrap();
    assert_eq!(csv.matches("\r\n").count(), names.len() + 1);
    let script = "import csv, io, json, sys\n\
                  text = sys.stdin.buffer.read().decode('utf-8')\n\
                  print(json.dumps(list(csv.DictReader(io.StringIO(text, newline=''), strict=True))))";
    let mut python = Command::new("python3")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(csv.as_bytes()).unwrap();
    let read = python.wait_with_output().unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&read.stdout).unwrap();
    let lines = house.payments().trail().unwrap();
    assert_eq!(rows.len(), lines.len());
    for ((row, line), name) in rows.iter().zip(&lines).zip(names) {
        let is_formula = name.starts_with(['=', '+', '-', '@', '\t']);
        assert_eq!(row["name"], if is_formula { format!("'{name}") } else { name.to_owned() });
        assert_eq!((row["amount"].as_str(), row["currency"].as_str()), (Some("12.50"), Some("EUR")));
        assert_eq!((row["hash"].as_str(), row["before"].as_str()), (Some(&*line.hash), Some(&*line.before)));
        assert_eq!((row["event"].as_str(), row["payment"].as_str()), (Some("asked"), Some(&*line.payment)));
    }
}
