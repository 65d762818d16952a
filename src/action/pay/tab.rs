//! Who owes whom: requests for money, and the tab, which is a record of debts and no money.

use super::{
    Circumstances, Closed, Money, Order, PayError, PayEvent, Paying, Payment, PaymentId, PaymentKind, Payments,
    Refusal, SecondFactor, Standing, Verdict, book,
    ledger::{self, Account, Transfer, write},
    payees,
    rules::judge_request,
};
use crate::intent::{Currency, contacts::ContactId};

/// Who owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debtor {
    /// The contact owes the owner.
    Contact,
    /// The owner owes the contact.
    Owner,
}

/// A tab that is not even.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Debt {
    /// With whom.
    pub contact: ContactId,
    /// Who owes.
    pub debtor: Debtor,
    /// How much.
    pub money: Money,
}

impl Payments {
    /// Judges a request before it is read back: a refusal, if there is one.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn judge_request(&self, order: &Order, circumstances: &Circumstances) -> Result<Option<Refusal>, PayError> {
        let facts = self.facts(self.store.connection(), order, circumstances, SecondFactor::Missing)?;
        Ok(judge_request(&self.rules, &facts, order))
    }

    /// Asks a contact for money: it stands on the tab as theirs to give until it is settled or withdrawn. The message to
    /// them is the caller's (see [`super::request_message`]).
    ///
    /// # Errors
    /// [`PayError::Conflict`], [`PayError::Store`]; nothing was written down.
    pub fn request(&self, order: &Order, circumstances: &Circumstances) -> Result<Paying, PayError> {
        write(&self.store, |transaction| {
            if let Some(known) = book::find(transaction, &order.id)? {
                let is_same = known.kind == PaymentKind::Request && known.order() == *order;
                return if is_same { Ok(Paying::Done(Box::new(known))) } else { Err(PayError::Conflict) };
            }
            let facts = self.facts(transaction, order, circumstances, SecondFactor::Missing)?;
            if let Some(refusal) = judge_request(&self.rules, &facts, order) {
                return Ok(Paying::Stopped(Verdict::Refused(refusal)));
            }
            let payment = self.new_payment(transaction, PaymentKind::Request, order)?;
            let (debit, credit) = (Account::Tab(order.payee), Account::Mine);
            let transfer = Transfer { id: payment.id.as_str(), debit, credit, money: payment.money };
            ledger::record(transaction, &transfer, Standing::Posted)?;
            book::insert(transaction, &payment, false)?;
            self.trace(transaction, PayEvent::Asked, &payment)?;
            Ok(Paying::Done(Box::new(payment)))
        })
    }

    /// What was asked for was given, or is not wanted any more: it leaves the tab.
    ///
    /// # Errors
    /// [`PayError::NoSuchPayment`], [`PayError::Closed`] where it ended the other way, [`PayError::Store`].
    pub fn close_request(&self, id: &PaymentId, how: Closed) -> Result<Payment, PayError> {
        write(&self.store, |transaction| {
            let request = book::find(transaction, id)?.filter(|known| known.kind == PaymentKind::Request);
            let request = request.ok_or(PayError::NoSuchPayment)?;
            match request.closed {
                Some(before) if before == how => return Ok(()),
                Some(_) => return Err(PayError::Closed),
                None => {}
            }
            let back = format!("{}/closed", id.as_str());
            let (debit, credit) = (Account::Mine, Account::Tab(request.contact));
            let transfer = Transfer { id: &back, debit, credit, money: request.money };
            ledger::record(transaction, &transfer, Standing::Posted)?;
            book::close(transaction, id, how)?;
            let event = match how {
                Closed::Settled => PayEvent::Settled,
                Closed::Withdrawn => PayEvent::Withdrawn,
            };
            self.trace(transaction, event, &request)
        })?;
        self.payment(id)
    }

    /// Returns every tab that is not even, of one contact or of all.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn owed(&self, contact: Option<ContactId>) -> Result<Vec<Debt>, PayError> {
        let connection = self.store.connection();
        let mut select = connection.prepare_cached(
            "SELECT contact, currency FROM ledger_accounts WHERE kind = 'tab' AND contact = COALESCE(?1, contact)
             ORDER BY contact, currency",
        )?;
        let tabs = select.query_map([contact.map(|contact| contact.0)], |row| {
            Ok((ContactId(row.get(0)?), row.get::<_, String>(1)?))
        })?;
        let mut debts = Vec::new();
        for tab in tabs {
            let (contact, code) = tab?;
            let Some(currency) = Currency::from_code(&code) else { continue };
            let balance = ledger::balance(connection, Account::Tab(contact), currency)?;
            let debtor = if balance > 0 { Debtor::Contact } else { Debtor::Owner };
            debts.extend(Money::new(balance.unsigned_abs(), currency).map(|money| Debt { contact, debtor, money }));
        }
        Ok(debts)
    }

    /// The two are even, the owner says on the page: the tab of this currency is settled.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn make_even(&self, contact: ContactId, currency: Currency) -> Result<(), PayError> {
        write(&self.store, |transaction| {
            let tab = Account::Tab(contact);
            let balance = ledger::balance(transaction, tab, currency)?;
            let Some(money) = Money::new(balance.unsigned_abs(), currency) else { return Ok(()) };
            let (debit, credit) = if balance > 0 { (Account::Mine, tab) } else { (tab, Account::Mine) };
            let id = PaymentId::new();
            ledger::record(transaction, &Transfer { id: id.as_str(), debit, credit, money }, Standing::Posted)?;
            let name = payees::name(transaction, contact)?;
            self.append(transaction, PayEvent::Even, &name, Some((&id, money)))
        })
    }
}
