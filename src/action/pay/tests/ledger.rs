//! The book: whatever happens, it adds up, and what is posted stays.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::house::{House, MARION, PAUL, calm, done, euros, order, pay};
use crate::{
    action::pay::{
        Closed, Debt, Debtor, Order, PayError, Paying, PaymentId, Payments, Standing,
        ledger::{Account, Transfer, end, record, standing, write},
    },
    config::PayMethod,
    intent::{Currency, contacts::ContactId},
    store::Store,
};

fn sum(store: &Store) -> i64 {
    store.connection().query_row("SELECT COALESCE(SUM(amount), 0) FROM postings", [], |row| row.get(0)).unwrap()
}

#[test]
fn the_same_transfer_again_changes_nothing_and_another_under_its_id_is_an_error() {
    let house = House::new(PayMethod::Tab);
    let id = PaymentId::new();
    let transfer =
        Transfer { id: id.as_str(), debit: Account::Mine, credit: Account::Tab(MARION), money: euros(2_000) };
    let again = |transfer: &Transfer<'_>| write(&house.store, |t| record(t, transfer, Standing::Pending));
    again(&transfer).unwrap();
    again(&transfer).unwrap();
    for other in [
        Transfer { money: euros(2_001), ..transfer },
        Transfer { credit: Account::Tab(PAUL), ..transfer },
        Transfer { debit: Account::Money, ..transfer },
    ] {
        assert!(matches!(again(&other), Err(PayError::Conflict)));
    }
    let count: i64 =
        house.store.connection().query_row("SELECT COUNT(*) FROM transfers", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_transfer_ends_once() {
    let house = House::new(PayMethod::Tab);
    let connection = house.store.connection();
    let id = PaymentId::new();
    assert!(matches!(end(connection, &id, Standing::Posted), Err(PayError::NoSuchPayment)));
    let transfer = Transfer { id: id.as_str(), debit: Account::Mine, credit: Account::Tab(MARION), money: euros(1) };
    record(connection, &transfer, Standing::Pending).unwrap();
    end(connection, &id, Standing::Voided).unwrap();
    end(connection, &id, Standing::Voided).unwrap();
    assert!(matches!(end(connection, &id, Standing::Posted), Err(PayError::Closed)));
    assert_eq!(standing(connection, &id).unwrap(), Some(Standing::Voided));
}

#[test]
fn what_is_written_down_cannot_be_changed_by_any_statement() {
    let house = House::new(PayMethod::Bank);
    let mut payments = house.payments();
    let posted = order(MARION, 100);
    pay(&mut payments, &posted);
    payments.done(&posted.id).unwrap();
    let pending = order(MARION, 200);
    pay(&mut payments, &pending);
    let voided = order(MARION, 300);
    pay(&mut payments, &voided);
    payments.not_done(&voided.id).unwrap();

    let connection = house.store.connection();
    for id in [&posted.id, &voided.id] {
        let id = id.as_str();
        for statement in [
            "UPDATE transfers SET amount = 1 WHERE id = ?1",
            "UPDATE transfers SET state = 'pending' WHERE id = ?1",
            "UPDATE transfers SET state = 'posted' WHERE id = ?1",
            "UPDATE transfers SET state = 'voided' WHERE id = ?1",
            "UPDATE transfers SET debit = credit, credit = debit WHERE id = ?1",
            "UPDATE transfers SET id = 'other' WHERE id = ?1",
            "DELETE FROM transfers WHERE id = ?1",
            "INSERT OR REPLACE INTO transfers SELECT id, debit, credit, 1, state FROM transfers WHERE id = ?1",
        ] {
            let refused = connection.execute(statement, [id]).unwrap_err().to_string();
            assert!(refused.contains("a transfer"), "{statement}: {refused}");
        }
    }
    let id = pending.id.as_str();
    connection.execute("INSERT INTO ledger_accounts VALUES ('money:USD', 'money', NULL, 'USD')", []).unwrap();
    for statement in [
        "UPDATE transfers SET amount = 1, state = 'posted' WHERE id = ?1",
        "UPDATE transfers SET amount = 1 WHERE id = ?1",
        "DELETE FROM transfers WHERE id = ?1",
        "UPDATE payments SET amount = 1 WHERE id = ?1",
        "UPDATE payments SET contact = 2 WHERE id = ?1",
        "UPDATE payments SET address = 'DE89370400440532013000' WHERE id = ?1",
        "DELETE FROM payments WHERE id = ?1",
        "UPDATE ledger_accounts SET currency = 'USD' WHERE ?1 <> ''",
        "DELETE FROM ledger_accounts WHERE ?1 <> ''",
        "INSERT OR REPLACE INTO ledger_accounts SELECT id, kind, 2, currency FROM ledger_accounts WHERE ?1 <> ''",
        "INSERT INTO transfers VALUES (?1 || 'x', 'money:EUR', 'money:EUR', 1, 'posted')",
        "INSERT INTO transfers VALUES (?1 || 'x', 'money:EUR', 'paid:1:EUR', 0, 'posted')",
        "INSERT INTO transfers VALUES (?1 || 'x', 'money:EUR', 'money:USD', 1, 'posted')",
    ] {
        assert!(connection.execute(statement, [id]).is_err(), "{statement}");
    }
    assert_eq!(sum(&house.store), 0);
}

/// One thing that happens in a household.
#[derive(Debug, Clone)]
enum Step {
    Pay(PayMethod, ContactId, u64),
    Request(ContactId, u64),
    /// The number of an earlier order.
    Done(usize),
    NotDone(usize),
    Close(usize, Closed),
    Even(ContactId),
    /// An earlier order comes again.
    Again(usize),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let contact = prop_oneof![Just(MARION), Just(PAUL)];
    let method = prop_oneof![Just(PayMethod::Tab), Just(PayMethod::Bank)];
    let (closed, number) = (prop_oneof![Just(Closed::Settled), Just(Closed::Withdrawn)], 0..20_usize);
    prop_oneof![
        4 => (method, contact.clone(), 1..5_000_u64).prop_map(|(method, to, minor)| Step::Pay(method, to, minor)),
        3 => (contact.clone(), 1..5_000_u64).prop_map(|(from, minor)| Step::Request(from, minor)),
        2 => number.clone().prop_map(Step::Done),
        1 => number.clone().prop_map(Step::NotDone),
        2 => (number.clone(), closed).prop_map(|(number, closed)| Step::Close(number, closed)),
        1 => contact.prop_map(Step::Even),
        1 => number.prop_map(Step::Again),
        1 => Just(Step::Restart),
    ]
}

/// The tab as one would keep it on paper: what each contact owes, below zero what is owed to them.
#[derive(Default)]
struct Paper {
    tab: BTreeMap<i64, i64>,
    orders: Vec<(Order, Kind)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Tab,
    BankWaits,
    BankEnded,
    Asked,
    AskedEnded,
}

impl Paper {
    fn add(&mut self, contact: ContactId, minor: i64) {
        *self.tab.entry(contact.0).or_default() += minor;
    }

    fn debts(&self) -> Vec<Debt> {
        let uneven = self.tab.iter().filter(|(_, balance)| **balance != 0);
        uneven
            .map(|(contact, balance)| Debt {
                contact: ContactId(*contact),
                debtor: if *balance > 0 { Debtor::Contact } else { Debtor::Owner },
                money: euros(balance.unsigned_abs()),
            })
            .collect()
    }
}

fn apply(house: &mut House, payments: &mut Payments, paper: &mut Paper, step: &Step) {
    let minor = |order: &Order| i64::try_from(order.money.minor()).unwrap();
    match *step {
        Step::Pay(method, to, amount) => {
            house.rules.method = method;
            *payments = house.payments();
            let order = order(to, amount);
            done(pay(payments, &order));
            if method == PayMethod::Tab {
                paper.add(to, -minor(&order));
            }
            paper.orders.push((order, if method == PayMethod::Tab { Kind::Tab } else { Kind::BankWaits }));
        }
        Step::Request(from, amount) => {
            let order = order(from, amount);
            done(payments.request(&order, &calm()).unwrap());
            paper.add(from, minor(&order));
            paper.orders.push((order, Kind::Asked));
        }
        Step::Done(number) => {
            let Some((order, kind)) = paper.orders.get(number).cloned() else { return };
            assert_eq!(payments.done(&order.id).is_ok(), kind == Kind::BankWaits);
            if kind == Kind::BankWaits {
                let owed = (-paper.tab.get(&order.payee.0).copied().unwrap_or_default()).max(0);
                paper.add(order.payee, owed.min(minor(&order)));
                paper.orders[number].1 = Kind::BankEnded;
            }
        }
        Step::NotDone(number) => {
            let Some((order, kind)) = paper.orders.get(number).cloned() else { return };
            assert_eq!(payments.not_done(&order.id).is_ok(), kind == Kind::BankWaits);
            if kind == Kind::BankWaits {
                paper.orders[number].1 = Kind::BankEnded;
            }
        }
        Step::Close(number, how) => {
            let Some((order, kind)) = paper.orders.get(number).cloned() else { return };
            let closed = payments.close_request(&order.id, how);
            if kind == Kind::Asked {
                assert_eq!(closed.unwrap().closed, Some(how));
                paper.add(order.payee, -minor(&order));
                paper.orders[number].1 = Kind::AskedEnded;
            }
        }
        Step::Even(contact) => {
            payments.make_even(contact, Currency::Eur).unwrap();
            paper.tab.remove(&contact.0);
        }
        Step::Again(number) => {
            let Some((order, kind)) = paper.orders.get(number).cloned() else { return };
            let again = match kind {
                Kind::Asked | Kind::AskedEnded => payments.request(&order, &calm()),
                Kind::Tab | Kind::BankWaits | Kind::BankEnded => payments.pay(&order, &calm(), None),
            };
            assert!(matches!(again.unwrap(), Paying::Done(_)));
        }
        Step::Restart => *payments = house.restart(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_book_adds_up_and_agrees_with_paper(steps in proptest::collection::vec(step(), 0..40)) {
        let mut house = House::new(PayMethod::Tab);
        house.trust(PAUL);
        // No limits: this is about the book.
        house.rules = crate::action::pay::Rules {
            by_voice: 100_000, since_pin: 100_000_000, payments_since_pin: 1_000, again_ms: -1, ..house.rules
        };
        let (mut payments, mut paper) = (house.payments(), Paper::default());
        for step in steps {
            apply(&mut house, &mut payments, &mut paper, &step);
            prop_assert_eq!(sum(&house.store), 0);
            prop_assert_eq!(payments.owed(None).unwrap(), paper.debts());
        }
        let posted: i64 = house.store.connection().query_row(
            "SELECT COUNT(*) FROM payments JOIN transfers ON transfers.id = payments.id", [], |row| row.get(0)).unwrap();
        prop_assert_eq!(usize::try_from(posted).unwrap(), paper.orders.len());
    }
}
