//! What the user changes in the book by hand: nicknames, and what Herald learned that was wrong.

use rusqlite::{Transaction, params};

use super::{Book, ContactId};
use crate::{
    intent::token,
    store::{Store, StoreError},
};

/// The settings key that is new whenever the book was changed by hand: who holds it in memory reads it anew.
const EDITION: &str = "contacts.edition";

/// Says which edition of the book the database holds.
///
/// # Errors
/// [`StoreError`] when the database cannot be read.
pub fn edition(store: &Store) -> Result<Option<String>, StoreError> {
    store.setting(EDITION)
}

/// Forgets who has one of these addresses on a network, and says so to all who hold the book.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn forget_addresses(transaction: &Transaction<'_>, network: &str, addresses: &[String]) -> Result<(), StoreError> {
    let mut delete = transaction.prepare_cached(
        "DELETE FROM contacts WHERE id IN (SELECT contact FROM contact_handles WHERE network = ?1 AND address = ?2)",
    )?;
    let mut forgotten = 0;
    for address in addresses {
        forgotten += delete.execute([network, address])?;
    }
    if forgotten > 0 {
        transaction.execute(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [EDITION, &uuid::Uuid::now_v7().to_string()],
        )?;
    }
    Ok(())
}

impl Book {
    /// Gives a contact one more name; returns whether the name is new and the contact is there.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written; the book is as it was.
    pub fn add_nickname(&mut self, store: &Store, id: ContactId, nickname: &str) -> Result<bool, StoreError> {
        let nickname = nickname.trim();
        let is_same = |known: &String| token::fold(known) == token::fold(nickname);
        let is_free = self.contact(id).is_some_and(|contact| !contact.nicknames.iter().any(is_same));
        if !is_free || token::fold(nickname).is_empty() {
            return Ok(false);
        }
        self.change(store, |store| {
            store.connection().execute(
                "INSERT INTO contact_nicknames (contact, position, nickname)
                 SELECT ?1, COALESCE(MAX(position) + 1, 0), ?2 FROM contact_nicknames WHERE contact = ?1",
                params![id.0, nickname],
            )
        })
    }

    /// Takes a nickname away; returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written; the book is as it was.
    pub fn remove_nickname(&mut self, store: &Store, id: ContactId, nickname: &str) -> Result<bool, StoreError> {
        self.change(store, |store| {
            store
                .connection()
                .execute("DELETE FROM contact_nicknames WHERE contact = ?1 AND nickname = ?2", params![id.0, nickname])
        })
    }

    /// Forgets that a contact was meant by what was heard; returns whether Herald had learned that.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written; the book is as it was.
    pub fn forget(&mut self, store: &Store, id: ContactId, heard: &str) -> Result<bool, StoreError> {
        self.change(store, |store| {
            store.connection().execute(
                "DELETE FROM contact_corrections WHERE contact = ?1 AND said = ?2",
                params![id.0, token::fold(heard)],
            )
        })
    }

    /// Forgets everything that was learned by corrections.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written; the book is as it was.
    pub fn forget_all(&mut self, store: &Store) -> Result<(), StoreError> {
        self.change(store, |store| store.connection().execute("DELETE FROM contact_corrections", [])).map(drop)
    }

    /// What Herald learned to be this contact, in the order of the letters.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn learned(&self, store: &Store, id: ContactId) -> Result<Vec<String>, StoreError> {
        let mut select = store
            .connection()
            .prepare_cached("SELECT said FROM contact_corrections WHERE contact = ?1 ORDER BY said")?;
        let rows = select.query_map([id.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Changes the database, says so to all who hold the book, and reads it anew; returns whether anything changed.
    fn change(
        &mut self,
        store: &Store,
        work: impl FnOnce(&Store) -> rusqlite::Result<usize>,
    ) -> Result<bool, StoreError> {
        let changed = work(store)? > 0;
        if changed {
            store.set_setting(EDITION, &uuid::Uuid::now_v7().to_string())?;
            *self = Self::open(store)?;
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::contacts::{Decision, Surroundings};

    fn book(store: &Store) -> (Book, ContactId) {
        let mut book = Book::open(store).unwrap();
        book.import(store, "BEGIN:VCARD\nVERSION:4.0\nFN:Marion Petit\nNICKNAME:Mimi\nEND:VCARD\n").unwrap();
        let id = book.contacts()[0].id;
        (book, id)
    }

    #[test]
    fn a_nickname_that_was_added_is_understood_and_one_that_was_removed_is_not() {
        let store = Store::in_memory().unwrap();
        let (mut book, id) = book(&store);
        let before = edition(&store).unwrap();
        assert!(book.add_nickname(&store, id, " la patronne ").unwrap());
        assert!(!book.add_nickname(&store, id, "La Patronne").unwrap(), "it is known");
        assert!(!book.add_nickname(&store, ContactId(99), "nobody").unwrap());
        assert!(!book.add_nickname(&store, id, " ").unwrap());
        let decision = |book: &Book| book.resolve("la patronne", None, Surroundings::default()).decision;
        assert_eq!((decision(&book), decision(&Book::open(&store).unwrap())), (Decision::One, Decision::One));
        assert_ne!(edition(&store).unwrap(), before, "others are told");
        assert!(book.remove_nickname(&store, id, "la patronne").unwrap());
        assert!(!book.remove_nickname(&store, id, "la patronne").unwrap());
        assert_eq!(decision(&book), Decision::None);
        assert_eq!(book.contact(id).unwrap().nicknames, ["Mimi"]);
    }

    #[test]
    fn what_was_learned_can_be_forgotten() {
        let store = Store::in_memory().unwrap();
        let (mut book, id) = book(&store);
        book.learn(&store, "Zebulon", id).unwrap();
        assert_eq!(book.learned(&store, id).unwrap(), ["zebulon"]);
        let decision = |book: &Book| book.resolve("Zebulon", None, Surroundings::default()).decision;
        assert_eq!(decision(&book), Decision::One);
        assert!(book.forget(&store, id, "zebulon").unwrap());
        assert_eq!(decision(&book), Decision::None);
        book.learn(&store, "Zebulon", id).unwrap();
        book.forget_all(&store).unwrap();
        assert_eq!(decision(&book), Decision::None);
    }
}
