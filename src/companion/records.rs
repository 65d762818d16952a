//! Lists and changes that need no dialogue.

use std::{path::Path, rc::Rc};

use super::CompanionError;
use crate::{
    action::{
        self, Audit, Figures, Household, Inbox, Links, Outbox,
        pay::{Payments, Rules},
    },
    intent::contacts::{Book, edition},
    store::{Store, StoreError},
};

/// Requests that may wait.
const WAITING: usize = 64;

/// Everything that is looked up.
pub(super) struct Records {
    pub store: Rc<Store>,
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub audit: Audit,
    pub links: Links,
    pub figures: Figures,
    /// Without a wallet: money is moved elsewhere.
    pub payments: Payments,
    book: Book,
    edition: Option<String>,
}

impl Records {
    fn open(data_dir: &Path, household: &Household, rules: Rules) -> Result<Self, StoreError> {
        let store = Rc::new(Store::open(data_dir)?);
        Ok(Self {
            inbox: Inbox::new(Rc::clone(&store), household.clone()),
            outbox: Outbox::new(Rc::clone(&store))?,
            audit: Audit::new(Rc::clone(&store)),
            links: Links::new(Rc::clone(&store)),
            figures: Figures::new(Rc::clone(&store)),
            payments: Payments::open(Rc::clone(&store), rules, None),
            book: Book::open(&store)?,
            edition: edition(&store)?,
            store,
        })
    }

    /// The contact book as it is now.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn book(&mut self) -> Result<&mut Book, StoreError> {
        let now = edition(&self.store)?;
        if now != self.edition {
            self.book = Book::open(&self.store)?;
            self.edition = now;
        }
        Ok(&mut self.book)
    }
}

/// Whom to ask for records.
pub(super) type Desk = action::Desk<Records>;

/// Opens the records of a data directory.
///
/// # Errors
/// [`CompanionError`] when the database cannot be used, or there is no thread.
pub(super) fn desk(data_dir: &Path, household: &Household, rules: Rules) -> Result<Desk, CompanionError> {
    let (data_dir, household) = (data_dir.to_owned(), household.clone());
    Ok(Desk::open("herald-records", WAITING, move || Records::open(&data_dir, &household, rules))?)
}
