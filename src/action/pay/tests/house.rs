//! A house with three contacts, a clock set by hand, and a wallet whose memory outlives the process.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    fs,
    io::Write as _,
    panic,
    path::{Path, PathBuf},
    rc::Rc,
};

use tempfile::TempDir;

use crate::{
    action::{
        Clock,
        pay::{
            Circumstances, Known, Money, Order, Payee, Paying, Payment, Payments, Prepared, Rules, Settled, Standing,
            Verdict, Wallet, WalletAddress, WalletError, payees,
        },
        tests::bench::Time,
    },
    config::{self, PayMethod, Sources},
    intent::{Currency, contacts::ContactId},
    store::Store,
    telemetry::Redacted,
};

pub(super) const MARION: ContactId = ContactId(1);
pub(super) const PAUL: ContactId = ContactId(2);
pub(super) const FAMILY: ContactId = ContactId(3);
pub(super) const NOBODY: ContactId = ContactId(99);

pub(super) const IBAN: &str = "FR7630006000011234567890189";

/// The rules of `defaults.toml`.
pub(super) fn rules(method: PayMethod) -> Rules {
    let pay = config::load(&Sources::default()).unwrap().config.pay;
    Rules { method, ..Rules::new(&pay) }
}

/// Confirmed at once, by the owner, in a silent house.
pub(super) fn calm() -> Circumstances {
    Circumstances {
        is_moving: false,
        is_heard_over: false,
        is_owner: true,
        answered_after_ms: Some(1_000),
        is_again_meant: false,
    }
}

pub(super) fn euros(minor: u64) -> Money {
    Money::new(minor, Currency::Eur).unwrap()
}

pub(super) fn order(payee: ContactId, minor: u64) -> Order {
    Order::new(payee, euros(minor), "pizza")
}

pub(super) struct House {
    pub(super) dir: TempDir,
    pub(super) store: Rc<Store>,
    pub(super) time: Rc<Time>,
    pub(super) rules: Rules,
}

impl House {
    /// Marion may be paid in every way, Paul by nobody yet; the family is a group.
    pub(super) fn new(method: PayMethod) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Rc::new(Store::open(dir.path()).unwrap());
        furnish(&store);
        Self { dir, store, time: Rc::default(), rules: rules(method) }
    }

    pub(super) fn payments(&self) -> Payments {
        Payments::with_clock(Rc::clone(&self.store), self.rules, None, Box::new(Rc::clone(&self.time)))
    }

    /// Everything as a new process finds it.
    pub(super) fn restart(&mut self) -> Payments {
        self.store = Rc::new(Store::open(self.dir.path()).unwrap());
        self.payments()
    }

    pub(super) fn trust(&self, contact: ContactId) {
        trust(&self.store, contact);
    }
}

/// Writes down who there is.
pub(super) fn furnish(store: &Store) {
    store
        .connection()
        .execute_batch(
            "INSERT INTO contacts (id, name, given, family, kind) VALUES
             (1, 'Marion Petit', 'Marion', 'Petit', 'person'),
             (2, 'Paul Martin', 'Paul', 'Martin', 'person'),
             (3, 'Famille', 'Famille', '', 'group');",
        )
        .unwrap();
    trust(store, MARION);
}

fn trust(store: &Store, contact: ContactId) {
    let payee = Payee::typed(contact, "Marion Petit", IBAN, "$wallet.example/marion").unwrap();
    payees::keep(store.connection(), &payee).unwrap();
}

/// The payment an order became.
pub(super) fn done(paying: Paying) -> Payment {
    match paying {
        Paying::Done(payment) => *payment,
        Paying::Stopped(verdict) => panic!("it was stopped: {verdict:?}"),
    }
}

/// Why an order became none.
pub(super) fn stopped(paying: Paying) -> Verdict {
    match paying {
        Paying::Stopped(verdict) => verdict,
        Paying::Done(payment) => panic!("it was paid: {:?}", payment.standing),
    }
}

pub(super) fn pay(payments: &mut Payments, order: &Order) -> Paying {
    payments.pay(order, &calm(), None).unwrap()
}

/// How a call of the wallet goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Unreachable,
    /// The request arrives, the answer is lost.
    AnswerLost,
    /// The request is still on its way when the caller gives up, and arrives just after the next call was answered.
    Delayed,
    Refused,
    /// The process dies before the request leaves.
    DieBefore,
    /// The process dies after the wallet has acted.
    DieAfter,
}

/// The wallet's own memory, a file: what it paid, line by line.
#[derive(Debug, Clone)]
pub(super) struct Memory(PathBuf);

impl Memory {
    pub(super) fn at(dir: &Path) -> Self {
        Self(dir.join("wallet"))
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(&self.0).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    fn write(&self, line: &str) {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&self.0).unwrap();
        writeln!(file, "{line}").unwrap();
        file.sync_all().unwrap();
    }

    pub(super) fn has(&self, line: &str) -> bool {
        self.lines().iter().any(|known| known == line)
    }

    /// How often an order was paid, under whatever reference.
    pub(super) fn paid(&self, order: &Order) -> usize {
        let start = format!("paid {}", order.id.as_str());
        self.lines().iter().filter(|line| line.starts_with(&start)).count()
    }

    /// Pays a quote unless it was paid or has expired.
    fn pay(&self, reference: &str) {
        let line = format!("paid {reference}");
        if !self.has(&line) && !self.has(&format!("expired {reference}")) {
            self.write(&line);
        }
    }
}

/// A wallet that fails as told.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) memory: Memory,
    pub(super) faults: Rc<RefCell<VecDeque<Fault>>>,
    /// What it takes beside the amount.
    pub(super) costs: Rc<Cell<u64>>,
    in_flight: Rc<RefCell<Vec<String>>>,
}

impl Peer {
    pub(super) fn new(dir: &Path) -> Self {
        let (faults, costs, in_flight) = (Rc::default(), Rc::default(), Rc::default());
        Self { memory: Memory::at(dir), faults, costs, in_flight }
    }

    pub(super) fn fail_with(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.borrow_mut().extend(faults);
    }

    /// No quote of before can be paid any more.
    pub(super) fn expire(&self) {
        for line in self.memory.lines() {
            if let Some(reference) = line.strip_prefix("quote ") {
                self.memory.write(&format!("expired {reference}"));
            }
        }
    }

    fn call<T>(&self, act: impl FnOnce(Fault) -> T) -> Result<T, WalletError> {
        // What was on its way arrives, when it is too late for this answer.
        let late = self.in_flight.take();
        let fault = self.faults.borrow_mut().pop_front().unwrap_or(Fault::None);
        let answer = self.answer(fault, act);
        late.iter().for_each(|reference| self.memory.pay(reference));
        answer
    }

    fn answer<T>(&self, fault: Fault, act: impl FnOnce(Fault) -> T) -> Result<T, WalletError> {
        match fault {
            Fault::Unreachable => Err(WalletError::Unreachable),
            Fault::Refused => Err(WalletError::Refused(crate::action::pay::Refusal::InsufficientFunds)),
            Fault::DieBefore => die(),
            Fault::None => Ok(act(fault)),
            Fault::AnswerLost | Fault::Delayed => {
                act(fault);
                Err(WalletError::NoAnswer)
            }
            Fault::DieAfter => {
                act(fault);
                die()
            }
        }
    }
}

/// The process ends here. Unwinding without a message stands in for it.
fn die() -> ! {
    panic::resume_unwind(Box::new("death"))
}

impl Wallet for Peer {
    fn prepare(&mut self, order: &Order, _: &WalletAddress) -> Result<Prepared, WalletError> {
        self.call(|_| {
            let number = self.memory.lines().len();
            let reference = format!("{}#{number}", order.id.as_str());
            self.memory.write(&format!("quote {reference}"));
            let debit = Money::new(order.money.minor() + self.costs.get(), order.money.currency()).unwrap();
            Prepared { reference: Redacted(reference), details: Redacted("details".to_owned()), debit }
        })
    }

    fn submit(&mut self, prepared: &Prepared) -> Result<Settled, WalletError> {
        assert_eq!(prepared.details.0, "details", "what was prepared comes back");
        let reference = &prepared.reference.0;
        if self.memory.has(&format!("expired {reference}")) && !self.memory.has(&format!("paid {reference}")) {
            return Err(WalletError::Refused(crate::action::pay::Refusal::ProviderUnavailable));
        }
        self.call(|fault| {
            if fault == Fault::Delayed {
                self.in_flight.borrow_mut().push(reference.clone());
            } else {
                self.memory.pay(reference);
            }
            Settled { receipt: prepared.reference.clone() }
        })
    }

    fn look_up(&mut self, prepared: &Prepared) -> Result<Known, WalletError> {
        let reference = &prepared.reference.0;
        self.call(|_| {
            if self.memory.has(&format!("paid {reference}")) {
                Known::Paid(Settled { receipt: prepared.reference.clone() })
            } else if self.memory.has(&format!("expired {reference}")) {
                Known::Dead
            } else {
                Known::Open
            }
        })
    }
}

/// A house whose wallet is this one.
pub(super) fn with_wallet(house: &House, peer: &Peer) -> Payments {
    let clock: Box<dyn Clock> = Box::new(Rc::clone(&house.time));
    Payments::with_clock(Rc::clone(&house.store), house.rules, Some(Box::new(peer.clone())), clock)
}

pub(super) fn is_ended(payment: &Payment) -> bool {
    payment.standing != Standing::Pending
}
