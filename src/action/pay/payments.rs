//! The engine: judges an order, writes it down, makes it, and never makes it twice.
//!
//! Everything that belongs together is one transaction, on disk before anybody is told or asked. On the tab a payment is
//! posted with that. For the owner's bank it waits for what the owner says on the page. Of a wallet, see `reconcile.rs`.

use std::rc::Rc;

use rusqlite::{Connection, Transaction};

use super::{
    Approval, Circumstances, Handoff, Money, Order, PayError, PayEvent, Payment, PaymentId, PaymentKind, Prepared,
    Provider, Refusal, Rules, SecondFactor, Standing, TrailLine, Verdict, Wallet, book,
    ledger::{self, Account, Transfer, write},
    moment::Moment,
    payees, pin,
    rules::{Facts, judge},
    trail::{self, Entry},
};
use crate::{
    action::{Clock, SystemClock},
    config::PayMethod,
    store::Store,
    telemetry::Redacted,
};

/// Everything about money of one data directory. Lives on a thread of its own where there is a wallet: calls to it block.
#[derive(Debug)]
pub struct Payments {
    pub(super) store: Rc<Store>,
    pub(super) rules: Rules,
    pub(super) wallet: Option<Box<dyn Wallet>>,
    /// Somebody else makes what is written down here, by [`Payments::reconcile`] with the wallet.
    has_cashier: bool,
    clock: Box<dyn Clock>,
}

/// What came of an order or a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paying {
    /// Nothing was done; the verdict, which is never `Allowed`, says why.
    Stopped(Verdict),
    /// It was done: look where it stands. The same order again comes back here, unchanged.
    Done(Box<Payment>),
}

impl Payments {
    /// Opens the book. Call [`Payments::reconcile`] next: an earlier process may have died in the middle.
    pub fn open(store: Rc<Store>, rules: Rules, wallet: Option<Box<dyn Wallet>>) -> Self {
        Self::with_clock(store, rules, wallet, Box::new(SystemClock::new()))
    }

    /// The same by other clocks.
    pub fn with_clock(store: Rc<Store>, rules: Rules, wallet: Option<Box<dyn Wallet>>, clock: Box<dyn Clock>) -> Self {
        Self { store, rules, wallet, has_cashier: false, clock }
    }

    /// Payments by wallet are written down here as pending, and made elsewhere, from now on.
    pub const fn leave_to_cashier(&mut self, has_cashier: bool) {
        self.has_cashier = has_cashier;
    }

    // -- Paying ------------------------------------------------------------------------------------------------------

    /// Judges an order before it is read back. [`Payments::pay`] judges again.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn judge(&self, order: &Order, circumstances: &Circumstances) -> Result<Verdict, PayError> {
        let facts = self.facts(self.store.connection(), order, circumstances, SecondFactor::Missing)?;
        Ok(judge(&self.rules, &facts, order))
    }

    /// Makes a payment that was confirmed by "yes, pay", or approved with the PIN. Blocks as long as the wallet does.
    ///
    /// # Errors
    /// [`PayError::Unconfirmed`], [`PayError::OtherPayment`], [`PayError::Conflict`]: nothing was paid.
    /// [`PayError::Store`]: what was not written down was not paid; [`Payments::reconcile`] finds out about the rest.
    pub fn pay(
        &mut self,
        order: &Order,
        circumstances: &Circumstances,
        approval: Option<&Approval>,
    ) -> Result<Paying, PayError> {
        if approval.is_none() && circumstances.answered_after_ms.is_none() {
            return Err(PayError::Unconfirmed);
        }
        if approval.is_some_and(|approval| !approval.is_for(order)) {
            return Err(PayError::OtherPayment);
        }
        let is_approved = approval.is_some();
        let begun = write(&self.store, |transaction| {
            if let Some(known) = book::find(transaction, &order.id)? {
                let is_same = known.kind == PaymentKind::Pay && known.order() == *order;
                return if is_same { Ok(Begun::Known(known)) } else { Err(PayError::Conflict) };
            }
            let factor = if is_approved { SecondFactor::Given } else { SecondFactor::Missing };
            let facts = self.facts(transaction, order, circumstances, factor)?;
            match judge(&self.rules, &facts, order) {
                Verdict::Allowed => self.begin(transaction, order, is_approved).map(Begun::New),
                verdict @ (Verdict::AskAgain | Verdict::NeedsPin(_) | Verdict::Refused(_)) => {
                    Ok(Begun::Stopped(verdict))
                }
            }
        })?;
        match begun {
            Begun::Stopped(verdict) => Ok(Paying::Stopped(verdict)),
            Begun::Known(payment) => Ok(Paying::Done(Box::new(payment))),
            Begun::New(payment) if payment.method == PayMethod::Wallet && !self.has_cashier => {
                self.advance(&payment)?;
                Ok(Paying::Done(Box::new(self.payment(&payment.id)?)))
            }
            Begun::New(payment) => Ok(Paying::Done(Box::new(payment))),
        }
    }

    /// Writes an allowed payment down.
    fn begin(&self, transaction: &Transaction<'_>, order: &Order, is_approved: bool) -> Result<Payment, PayError> {
        let method = self.rules.method;
        let payee = payees::payee(transaction, order.payee)?;
        let address = payee.as_ref().and_then(|payee| payee.address(method)).unwrap_or_default().to_owned();
        let holder = payee.map(|payee| payee.holder).unwrap_or_default();
        let (debit, credit, standing, event) = match method {
            PayMethod::Off | PayMethod::Tab => {
                (Account::Mine, Account::Tab(order.payee), Standing::Posted, PayEvent::Noted)
            }
            PayMethod::Bank => (Account::Paid(order.payee), Account::Money, Standing::Pending, PayEvent::HandedOver),
            PayMethod::Wallet => (Account::Paid(order.payee), Account::Money, Standing::Pending, PayEvent::Ordered),
        };
        let payment = Payment {
            holder: if method == PayMethod::Bank { holder } else { Redacted::default() },
            address: Redacted(address),
            ..self.new_payment(transaction, PaymentKind::Pay, order)?
        };
        let payment = Payment { method, standing, ..payment };
        let id = payment.id.as_str();
        ledger::record(transaction, &Transfer { id, debit, credit, money: payment.money }, standing)?;
        book::insert(transaction, &payment, is_approved)?;
        self.trace(transaction, event, &payment)?;
        Ok(payment)
    }

    pub(super) fn new_payment(
        &self,
        connection: &Connection,
        kind: PaymentKind,
        order: &Order,
    ) -> Result<Payment, PayError> {
        let name = payees::name(connection, order.payee)?;
        Ok(Payment {
            id: order.id.clone(),
            kind,
            contact: order.payee,
            name: Redacted(name),
            money: order.money,
            reason: order.reason.clone(),
            method: PayMethod::Tab,
            standing: Standing::Posted,
            refusal: None,
            closed: None,
            holder: Redacted::default(),
            address: Redacted::default(),
            made: self.now(),
            reference: None,
        })
    }

    /// Returns what the owner's bank app takes, as long as a payment waits for it.
    ///
    /// # Errors
    /// [`PayError::NoSuchPayment`], [`PayError::Closed`], [`PayError::Store`].
    pub fn handoff(&self, id: &PaymentId) -> Result<Handoff, PayError> {
        let payment = self.waiting_for_the_bank(self.store.connection(), id)?;
        Ok(Handoff::new(&payment.holder.0, &payment.address.0, payment.money, &payment.reason.0))
    }

    /// The owner says on the page that their bank has it.
    ///
    /// # Errors
    /// [`PayError::NoSuchPayment`], [`PayError::Closed`], [`PayError::Store`]; nothing changed.
    pub fn done(&self, id: &PaymentId) -> Result<Payment, PayError> {
        write(&self.store, |transaction| {
            let payment = self.waiting_for_the_bank(transaction, id)?;
            self.post(transaction, &payment, None)
        })?;
        self.payment(id)
    }

    /// The owner says on the page that they did not pay.
    ///
    /// # Errors
    /// As [`Payments::done`].
    pub fn not_done(&self, id: &PaymentId) -> Result<Payment, PayError> {
        write(&self.store, |transaction| {
            let payment = self.waiting_for_the_bank(transaction, id)?;
            self.void(transaction, &payment, Refusal::NotDone)
        })?;
        self.payment(id)
    }

    fn waiting_for_the_bank(&self, connection: &Connection, id: &PaymentId) -> Result<Payment, PayError> {
        let payment = book::find(connection, id)?.ok_or(PayError::NoSuchPayment)?;
        let is_waiting = payment.method == PayMethod::Bank && payment.standing == Standing::Pending;
        if is_waiting { Ok(payment) } else { Err(PayError::Closed) }
    }

    /// The money moved. What the owner owed the payee is settled by it, as far as it goes.
    pub(super) fn post(
        &self,
        transaction: &Transaction<'_>,
        payment: &Payment,
        receipt: Option<&str>,
    ) -> Result<(), PayError> {
        ledger::end(transaction, &payment.id, Standing::Posted)?;
        book::note_end(transaction, &payment.id, receipt, None)?;
        let tab = Account::Tab(payment.contact);
        let owed = ledger::balance(transaction, tab, payment.money.currency())?.min(0).unsigned_abs();
        if let Some(money) = Money::new(owed.min(payment.money.minor()), payment.money.currency()) {
            let id = format!("{}/tab", payment.id.as_str());
            let transfer = Transfer { id: &id, debit: tab, credit: Account::Paid(payment.contact), money };
            ledger::record(transaction, &transfer, Standing::Posted)?;
        }
        self.trace(transaction, PayEvent::Posted, payment)
    }

    /// No money moved and none will.
    pub(super) fn void(
        &self,
        transaction: &Transaction<'_>,
        payment: &Payment,
        refusal: Refusal,
    ) -> Result<(), PayError> {
        ledger::end(transaction, &payment.id, Standing::Voided)?;
        book::note_end(transaction, &payment.id, None, Some(refusal))?;
        self.trace(transaction, PayEvent::Voided, payment)
    }

    /// Writes down under which reference money may have moved.
    pub(super) fn journal(&self, payment: &Payment, prepared: &Prepared) -> Result<(), PayError> {
        write(&self.store, |transaction| {
            book::journal(transaction, &payment.id, prepared)?;
            self.trace(transaction, PayEvent::Submitted, payment)
        })
    }

    // -- What was done -----------------------------------------------------------------------------------------------

    /// Returns a payment or request.
    ///
    /// # Errors
    /// [`PayError::NoSuchPayment`], [`PayError::Store`].
    pub fn payment(&self, id: &PaymentId) -> Result<Payment, PayError> {
        book::find(self.store.connection(), id)?.ok_or(PayError::NoSuchPayment)
    }

    /// Returns the last payments and requests, newest first.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn history(&self, limit: u32) -> Result<Vec<Payment>, PayError> {
        book::list(self.store.connection(), "ORDER BY seq DESC LIMIT ?1", [limit])
    }

    /// Returns what waits for a word of the owner on the page, newest first: payments handed to the bank, open requests.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn waiting(&self) -> Result<Vec<Payment>, PayError> {
        book::list(
            self.store.connection(),
            "WHERE (kind = 'request' AND closed IS NULL) OR (kind = 'pay' AND method = 'bank' AND state = 'pending')
             ORDER BY seq DESC",
            [],
        )
    }

    /// Returns the audit trail, oldest first.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn trail(&self) -> Result<Vec<TrailLine>, PayError> {
        trail::lines(self.store.connection())
    }

    /// Returns the audit trail as CSV (RFC 4180, UTF-8).
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn trail_csv(&self) -> Result<String, PayError> {
        trail::csv(self.store.connection())
    }

    // -- Inside ------------------------------------------------------------------------------------------------------

    pub(super) fn facts(
        &self,
        connection: &Connection,
        order: &Order,
        circumstances: &Circumstances,
        factor: SecondFactor,
    ) -> Result<Facts, PayError> {
        let now = self.now();
        let (spent, payments) = book::since_pin(connection)?;
        let last = book::last_same(connection, order)?;
        let is_missing = self.rules.method == PayMethod::Wallet && self.wallet.is_none() && !self.has_cashier;
        let is_locked = pin::locked_ms(connection, &self.rules, &now)? > 0;
        Ok(Facts {
            circumstances: *circumstances,
            payee: payees::state(connection, order.payee, self.rules.method)?,
            provider: if is_missing { Provider::Missing } else { Provider::Ready },
            second_factor: if is_locked { SecondFactor::Locked } else { factor },
            spent,
            payments,
            is_repeated: last.is_some_and(|then| now.surely_since(&then) <= self.rules.again_ms),
        })
    }

    pub(super) fn now(&self) -> Moment {
        Moment::now(self.clock.as_ref())
    }

    pub(super) fn trace(&self, connection: &Connection, event: PayEvent, payment: &Payment) -> Result<(), PayError> {
        self.append(connection, event, &payment.name.0, Some((&payment.id, payment.money)))
    }

    /// Appends a row to the audit trail, as part of the transaction that does what it tells.
    pub(super) fn append(
        &self,
        connection: &Connection,
        event: PayEvent,
        name: &str,
        about: Option<(&PaymentId, Money)>,
    ) -> Result<(), PayError> {
        trail::append(connection, &Entry { at_ms: self.clock.wall_ms(), event, name, about })
    }
}

/// How far an order came in its first transaction.
enum Begun {
    New(Payment),
    Known(Payment),
    Stopped(Verdict),
}
