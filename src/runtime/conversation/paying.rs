//! Money: what the dialogue wants paid, by the rules and the book of [`pay`](crate::action::pay); and the PIN from the page.
//!
//! The book is in the conversation's own database and answers at once. A wallet takes its time: its payments are written
//! down here as pending and made by the [`Cashier`], who tells how each came out.

use std::rc::Rc;

use super::Conversation;
use crate::{
    action::{
        Account, EntryKind,
        pay::{
            Approval, Circumstances, Closed, Debtor, Money, Order, PayError, Paying, Payment, PaymentId, PaymentKind,
            Payments, Refusal, Rules, Standing, Verdict as Judged, outcome_message, request_link,
        },
    },
    config::{Config, PayMethod},
    dialogue::{self, Debt, Event, Finding, LastPaid, PayRefusal, Payout, Person, Side, TurnId, Verdict},
    intent::{Amount, Currency, contacts::ContactId},
    runtime::{LogEvent, cashier::Cashier},
    store::Store,
};

/// The currency where none was said.
const USUAL: Currency = Currency::Eur;
/// After this long a payment by wallet of which nothing is known is told to be looked up, milliseconds.
const SOON_MS: u64 = 20_000;
/// So many payments are looked through for the last one that was made.
const LOOKED_THROUGH: u32 = 50;

/// The money side of a conversation.
#[derive(Debug)]
pub(super) struct Till {
    payments: Payments,
    /// The order that was judged last, under the nonce of its read-back.
    order: Option<(u64, Order)>,
    /// It was asked whether the order of this nonce is meant once more.
    again: Option<u64>,
    /// What the PIN was entered for.
    approval: Option<Approval>,
    /// The turn that waits for the PIN.
    asks_pin: Option<TurnId>,
    /// What the cashier has, since when.
    outstanding: Option<(TurnId, PaymentId, u64)>,
    cashier: Option<Cashier>,
    rules: Rules,
    /// Holder and IBAN of the owner's own account.
    account: (String, String),
}

/// Why a PIN was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinRefusal {
    /// It is wrong; so many tries are left.
    Wrong(u32),
    /// Too many were wrong; so many seconds to wait.
    Locked(u64),
    /// Nothing waits for one, or there is none.
    Meaningless,
}

impl Till {
    pub fn open(config: &Config, store: &Rc<Store>) -> Self {
        let rules = Rules::new(&config.pay);
        let payments = Payments::open(Rc::clone(store), rules, None);
        let mut till = Self {
            payments,
            order: None,
            again: None,
            approval: None,
            asks_pin: None,
            outstanding: None,
            cashier: None,
            rules,
            account: (config.pay.holder.clone(), config.pay.iban.clone()),
        };
        till.find_cashier(store);
        till
    }

    /// Has somebody make payments by wallet, as soon as there is a permission.
    fn find_cashier(&mut self, store: &Store) {
        if self.rules.method == PayMethod::Wallet && self.cashier.is_none() {
            self.cashier = Cashier::start(store.dir(), self.rules);
            self.payments.leave_to_cashier(self.cashier.is_some());
        }
    }

    /// The order of a payment; the same payment is the same order.
    fn order_of(&mut self, payment: &dialogue::Payment) -> Option<Order> {
        if let Some((_, order)) = self.order.as_ref().filter(|(nonce, _)| *nonce == payment.nonce) {
            return Some(order.clone());
        }
        let money = Money::said(payment.amount, USUAL)?;
        let order = Order::new(ContactId(payment.payee.id), money, payment.reason.clone().unwrap_or_default());
        self.order = Some((payment.nonce, order.clone()));
        self.approval = None;
        Some(order)
    }
}

impl Conversation {
    /// Judges a payment before it is read back.
    pub(super) fn check_payment(&mut self, turn: TurnId, payment: &dialogue::Payment) -> Event {
        self.till.find_cashier(&self.store);
        let is_again_meant = self.till.again == Some(payment.nonce);
        let circumstances = Circumstances { is_again_meant, answered_after_ms: None, ..self.circumstances() };
        let Some(order) = self.till.order_of(payment) else {
            return Event::PaymentChecked(turn, Verdict::Refused(PayRefusal::AmountUnclear));
        };
        let judged = self.till.payments.judge(&order, &circumstances);
        let verdict = self.unless_failed(judged).map_or(Verdict::Refused(PayRefusal::NotSaved), verdict);
        if verdict == Verdict::AskAgain {
            self.till.again = Some(payment.nonce);
        }
        Event::PaymentChecked(turn, verdict)
    }

    /// Has the page ask for the PIN.
    pub(super) const fn ask_pin(&mut self, turn: TurnId) {
        self.till.asks_pin = Some(turn);
    }

    /// The PIN was entered on the page.
    ///
    /// # Errors
    /// [`PinRefusal`]; after the last try the payment is dropped.
    pub fn enter_pin(&mut self, pin: &str) -> Result<(), PinRefusal> {
        let turn = self.till.asks_pin.ok_or(PinRefusal::Meaningless)?;
        let (_, order) = self.till.order.clone().ok_or(PinRefusal::Meaningless)?;
        match self.till.payments.approve(&order, pin) {
            Ok(approval) => {
                self.till.asks_pin = None;
                self.till.approval = Some(approval);
                self.feed(Event::PinGiven(turn, true));
                Ok(())
            }
            Err(PayError::WrongPin { left }) => {
                self.till.asks_pin = None;
                self.feed(Event::PinGiven(turn, false));
                Err(PinRefusal::Wrong(left))
            }
            Err(PayError::PinLocked { seconds }) => {
                self.till.asks_pin = None;
                self.feed(Event::PinGiven(turn, false));
                Err(PinRefusal::Locked(seconds))
            }
            Err(error) => {
                self.fault("pay", &error);
                Err(PinRefusal::Meaningless)
            }
        }
    }

    /// Makes a payment that was confirmed as it was read back.
    pub(super) fn pay(&mut self, turn: TurnId, payment: &dialogue::Payment) -> Option<Event> {
        let is_again_meant = self.till.again == Some(payment.nonce);
        let circumstances = Circumstances { is_again_meant, ..self.circumstances() };
        // Only what was judged under this nonce was read back.
        let order = self.till.order.take().filter(|(nonce, _)| *nonce == payment.nonce);
        let Some((_, order)) = order else { return Some(Event::Paid(turn, Payout::Refused(PayRefusal::NotSaved))) };
        let approval = self.till.approval.take();
        let paid = self.till.payments.pay(&order, &circumstances, approval.as_ref());
        Some(match self.unless_failed(paid) {
            None => Event::Paid(turn, Payout::Refused(PayRefusal::NotSaved)),
            Some(Paying::Stopped(judged)) => Event::Paid(turn, Payout::Refused(stopped(judged))),
            Some(Paying::Done(made)) => {
                self.log(&LogEvent::Action {
                    id: made.id.as_str().to_owned(),
                    kind: "pay",
                    to: vec![payment.payee.name.clone()],
                    body: format!("{} {}", made.money.decimal(), made.money.currency().code()),
                });
                let is_pending = made.standing == Standing::Pending;
                if let (PayMethod::Wallet, true, Some(cashier)) = (made.method, is_pending, &self.till.cashier) {
                    cashier.nudge();
                    self.till.outstanding = Some((turn, made.id, self.now_ms));
                    return None;
                }
                Event::Paid(turn, self.ended(&made))
            }
        })
    }

    /// Notes that somebody is asked for money.
    pub(super) fn request_payment(&mut self, turn: TurnId, payment: &dialogue::Payment) -> Event {
        let circumstances = self.circumstances();
        let Some(order) = self.till.order_of(payment) else {
            return Event::Requested(turn, Err(PayRefusal::AmountUnclear));
        };
        let requested = self.till.payments.request(&order, &circumstances);
        Event::Requested(
            turn,
            match self.unless_failed(requested) {
                None => Err(PayRefusal::NotSaved),
                Some(Paying::Stopped(judged)) => Err(stopped(judged)),
                Some(Paying::Done(asked)) => {
                    self.link_to_pay(&asked);
                    Ok(())
                }
            },
        )
    }

    /// Takes in what became of payments by wallet.
    pub(super) fn hear_from_cashier(&mut self) {
        let ended = self.till.cashier.as_ref().map(Cashier::ended).unwrap_or_default();
        for payment in ended {
            let payout = self.ended(&payment);
            let waits = self.till.outstanding.take_if(|(_, id, _)| *id == payment.id);
            if let Some((turn, ..)) = waits {
                self.feed(Event::Paid(turn, payout));
            }
        }
        let is_late = |since_ms: u64| self.now_ms >= since_ms + SOON_MS;
        if let Some((turn, ..)) = self.till.outstanding.take_if(|(_, _, since_ms)| is_late(*since_ms)) {
            self.feed(Event::Paid(turn, Payout::Unknown));
        }
    }

    /// What is told of a payment; the payee reads about one that was made.
    fn ended(&mut self, payment: &Payment) -> Payout {
        let status = match payment.standing {
            Standing::Posted => "delivered",
            Standing::Pending => "unverified",
            Standing::Voided => "wedged",
        };
        let reason = payment.refusal.map(|refusal| refusal.as_str().to_owned());
        self.log(&LogEvent::Outcome { id: payment.id.as_str().to_owned(), status: status.to_owned(), reason });
        self.write_about(payment);
        match (payment.standing, payment.method) {
            (Standing::Posted, PayMethod::Off | PayMethod::Tab) => Payout::Noted,
            (Standing::Posted, PayMethod::Bank | PayMethod::Wallet) => Payout::Moved,
            (Standing::Pending, PayMethod::Bank) => Payout::HandedOver,
            (Standing::Pending, PayMethod::Off | PayMethod::Tab | PayMethod::Wallet) => Payout::Unknown,
            (Standing::Voided, _) => {
                Payout::Refused(payment.refusal.map_or(PayRefusal::ProviderUnavailable, pay_refusal))
            }
        }
    }

    /// Sends the link that pays what somebody is asked for, where the owner has told their account. It leaves with the request.
    fn link_to_pay(&mut self, asked: &Payment) {
        let (holder, iban) = &self.till.account;
        let Some(link) = request_link(holder, iban, asked.money, &asked.reason.0) else { return };
        self.write_to(asked.contact, &link);
    }

    /// Tells the payee in the chat that a payment was made.
    fn write_about(&mut self, payment: &Payment) {
        let Some(contact) = self.book.contact(payment.contact) else { return };
        let Some(body) = outcome_message(payment, contact.lang.unwrap_or(self.lang())) else { return };
        self.write_to(payment.contact, &body);
    }

    fn write_to(&mut self, contact: ContactId, body: &str) {
        let Some(person) = self.person(contact) else { return };
        for (_, entry) in self.entries(EntryKind::Send, std::slice::from_ref(&person), body) {
            if let Err(error) = self.outbox.queue(&entry) {
                self.fault("outbox", &error);
            }
        }
    }

    /// Who owes whom.
    pub(super) fn owed(&mut self, person: Option<&Person>) -> Finding {
        let debts = self.till.payments.owed(person.map(|person| ContactId(person.id)));
        let debts = self.unless_failed(debts).unwrap_or_default();
        let told = debts.into_iter().filter_map(|debt| {
            let debtor = match debt.debtor {
                Debtor::Owner => Side::User,
                Debtor::Contact => Side::Other,
            };
            Some(Debt { debtor, other: self.person(debt.contact)?, amount: amount(debt.money) })
        });
        Finding::Owed(told.collect())
    }

    /// The last payment that was made.
    pub(super) fn last_paid(&mut self) -> Finding {
        let history = self.till.payments.history(LOOKED_THROUGH);
        let history = self.unless_failed(history).unwrap_or_default();
        let found = history.into_iter().find_map(|payment| {
            let payer = match payment.kind {
                PaymentKind::Pay if payment.standing == Standing::Posted => Side::User,
                PaymentKind::Request if payment.closed == Some(Closed::Settled) => Side::Other,
                PaymentKind::Pay | PaymentKind::Request => return None,
            };
            let reason = Some(payment.reason.0.clone()).filter(|reason| !reason.is_empty());
            Some(LastPaid { payer, other: self.person(payment.contact)?, amount: amount(payment.money), reason })
        });
        Finding::LastPaid(found)
    }

    fn person(&self, id: ContactId) -> Option<Person> {
        let contact = self.book.contact(id)?;
        Some(Person { id: contact.id.0, name: contact.name.clone(), members: None })
    }

    /// How what was said last came about.
    fn circumstances(&self) -> Circumstances {
        Circumstances {
            is_moving: self.is_moving(),
            // The dialogue refuses what is heard over a voice; it knows over which.
            is_heard_over: false,
            is_owner: *self.speaking.account() == Account::owner(),
            answered_after_ms: Some(self.now_ms.saturating_sub(self.spoke_until_ms)),
            is_again_meant: false,
        }
    }

    /// A result, unless it could not be had, which is told.
    fn unless_failed<T>(&mut self, result: Result<T, PayError>) -> Option<T> {
        result.map_err(|error| self.fault("pay", &error)).ok()
    }
}

const fn amount(money: Money) -> Amount {
    Amount { minor: money.minor(), currency: Some(money.currency()) }
}

fn verdict(judged: Judged) -> Verdict {
    match judged {
        Judged::Allowed => Verdict::Allowed,
        Judged::AskAgain => Verdict::AskAgain,
        Judged::NeedsPin(_) => Verdict::NeedsPin,
        Judged::Refused(refusal) => Verdict::Refused(pay_refusal(refusal)),
    }
}

/// Why an order was stopped that had been allowed when it was read back: something has changed since.
const fn stopped(judged: Judged) -> PayRefusal {
    match judged {
        Judged::Refused(refusal) => pay_refusal(refusal),
        Judged::Allowed | Judged::AskAgain | Judged::NeedsPin(_) => PayRefusal::NotSaved,
    }
}

const fn pay_refusal(refusal: Refusal) -> PayRefusal {
    match refusal {
        Refusal::PayeeUnknown => PayRefusal::PayeeUnknown,
        Refusal::PayeeUntrusted => PayRefusal::PayeeUntrusted,
        Refusal::PayeeWithoutAddress => PayRefusal::PayeeWithoutAddress,
        Refusal::PayeeIsGroup => PayRefusal::Group,
        Refusal::BelowMinimum => PayRefusal::BelowMinimum,
        Refusal::AboveMaximum | Refusal::CostsMore => PayRefusal::AboveMaximum,
        Refusal::CurrencyUnsupported => PayRefusal::Currency,
        Refusal::InsufficientFunds => PayRefusal::InsufficientFunds,
        Refusal::GrantExhausted => PayRefusal::GrantExhausted,
        Refusal::Moving => PayRefusal::Moving,
        Refusal::HeardOver => PayRefusal::HeardOverHerald,
        Refusal::NotTheOwner => PayRefusal::NotTheOwner,
        Refusal::Late | Refusal::NotDone => PayRefusal::Late,
        Refusal::Locked => PayRefusal::PinLocked,
        Refusal::ProviderUnavailable => PayRefusal::ProviderUnavailable,
        Refusal::SwitchedOff => PayRefusal::SwitchedOff,
    }
}
