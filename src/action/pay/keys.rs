//! What is done by touch and PIN: the PIN itself, approvals of one payment, who may be paid.

use super::{Approval, Order, PayError, PayEvent, Payee, Payments, ledger::write, payees, pin};
use crate::intent::contacts::ContactId;

impl Payments {
    /// Whether there is a PIN.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn has_pin(&self) -> Result<bool, PayError> {
        pin::is_set(self.store.connection())
    }

    /// Sets the PIN; where there is one, the old one is needed.
    ///
    /// # Errors
    /// [`PayError::NotAPin`], and those of [`Payments::approve`]; the PIN is as it was.
    pub fn set_pin(&self, old: Option<&str>, new: &str) -> Result<(), PayError> {
        if self.has_pin()? {
            self.check_pin(old.unwrap_or_default())?;
        }
        write(&self.store, |transaction| {
            pin::keep(transaction, new)?;
            self.append(transaction, PayEvent::PinSet, "", None)
        })
    }

    /// Takes the PIN for one order; it then goes to [`Payments::pay`]. The limits count anew from here.
    ///
    /// # Errors
    /// [`PayError::NoPin`], [`PayError::WrongPin`], [`PayError::PinLocked`], [`PayError::PinFailed`], [`PayError::Store`].
    pub fn approve(&self, order: &Order, pin: &str) -> Result<Approval, PayError> {
        self.check_pin(pin)?;
        Ok(Approval::of(order))
    }

    /// Lets somebody be paid by voice, or changes where their money goes.
    ///
    /// # Errors
    /// [`PayError::NotAPerson`], and those of [`Payments::approve`]; nothing changed.
    pub fn trust(&self, payee: &Payee, pin: &str) -> Result<(), PayError> {
        let person = payees::contact(self.store.connection(), payee.contact)?.filter(|(_, is_person)| *is_person);
        let (name, _) = person.ok_or(PayError::NotAPerson)?;
        self.check_pin(pin)?;
        write(&self.store, |transaction| {
            payees::keep(transaction, payee)?;
            self.append(transaction, PayEvent::PayeeTrusted, &name, None)
        })
    }

    /// Lets somebody not be paid any more; returns whether they could be.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn distrust(&self, contact: ContactId) -> Result<bool, PayError> {
        write(&self.store, |transaction| {
            let was_trusted = payees::remove(transaction, contact)?;
            if was_trusted {
                let name = payees::name(transaction, contact)?;
                self.append(transaction, PayEvent::PayeeRemoved, &name, None)?;
            }
            Ok(was_trusted)
        })
    }

    /// Returns everybody who may be paid.
    ///
    /// # Errors
    /// [`PayError::Store`].
    pub fn payees(&self) -> Result<Vec<Payee>, PayError> {
        payees::all(self.store.connection())
    }

    fn check_pin(&self, entered: &str) -> Result<(), PayError> {
        let now = self.now();
        let (hash, left) = write(&self.store, |transaction| pin::take_try(transaction, &self.rules, &now))?;
        // Outside of a transaction: it takes a moment.
        let checked = pin::check(entered, &hash, left, &self.rules);
        write(&self.store, |transaction| match &checked {
            Ok(()) => {
                pin::was_right(transaction)?;
                self.append(transaction, PayEvent::PinGiven, "", None)
            }
            Err(PayError::PinLocked { .. }) => self.append(transaction, PayEvent::PinLocked, "", None),
            Err(_) => Ok(()),
        })?;
        checked
    }
}
