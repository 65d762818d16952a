//! The book: kept in SQLite, loaded into memory once.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Transaction, params};

use super::{
    Contact, ContactId, ContactKind, DayOfYear, Handle, ImportReport, Met, Resolution, Surroundings, index::Index,
    resolve, spelled, vcard,
};
use crate::{
    config::Lang,
    intent::{Known, Names, token},
    store::{Store, StoreError},
};

/// The contact book.
///
/// Lookups are answered from memory; 10,000 contacts take about 10 MB and resolve in well under a millisecond.
#[derive(Debug, Default)]
pub struct Book {
    contacts: Vec<Contact>,
    index: Index,
}

impl Book {
    /// Loads the book.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        let contacts = load(store)?;
        let corrections = load_corrections(store)?;
        let index = Index::new(&contacts, corrections);
        Ok(Self { contacts, index })
    }

    /// Adds and renews the contacts of a vCard file, in one transaction; contacts that are not in the file stay.
    ///
    /// An entry is the one already in the book when the UIDs are the same or, where one of them has none, when
    /// the names are and an address is (or neither has an address).
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written; nothing is changed then. Broken entries are no error:
    /// they are in the report.
    pub fn import(&mut self, store: &Store, text: &str) -> Result<ImportReport, StoreError> {
        let (cards, skipped) = vcard::read(text);
        let mut report = ImportReport { skipped, ..ImportReport::default() };
        let mut known = Imported::new(&self.contacts);
        store.write(|transaction| {
            for card in &cards {
                match known.find(card) {
                    Some(old) if same(old, card) => report.unchanged += 1,
                    Some(old) => {
                        let id = old.id;
                        let uid = card.uid.clone().or_else(|| old.uid.clone());
                        let renewed = Contact { id, uid, ..card.clone() };
                        update(transaction, &renewed)?;
                        known.put(renewed);
                        report.imported += 1;
                    }
                    None => {
                        let id = insert(transaction, card)?;
                        known.put(Contact { id, ..card.clone() });
                        report.imported += 1;
                    }
                }
            }
            Ok(())
        })?;
        *self = Self::open(store)?;
        Ok(report)
    }

    /// Takes in people and groups met on a network. Who is known by the address stays as they are. Anybody else is
    /// somebody new, whatever they call themselves: a name proves nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written; nothing is changed then.
    pub fn meet<'a>(&mut self, store: &Store, met: impl Iterator<Item = Met<'a>>) -> Result<(), StoreError> {
        let is_known = |met: &Met<'_>| {
            let has = |handle: &Handle| handle.network == met.network && handle.address == met.address;
            self.contacts.iter().any(|contact| contact.handles.iter().any(has))
        };
        let strangers: Vec<Met<'a>> = met.filter(|met| !is_known(met)).collect();
        if strangers.is_empty() {
            return Ok(());
        }
        store.write(|transaction| {
            for met in &strangers {
                insert(transaction, &met.as_contact())?;
            }
            Ok(())
        })?;
        *self = Self::open(store)?;
        Ok(())
    }

    /// All contacts, in the order of their names.
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// Returns a contact by its number.
    pub fn contact(&self, id: ContactId) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.id == id)
    }

    /// Returns the members of a group that are in the book, in the order of its card; of a person, nobody.
    pub fn members(&self, group: &Contact) -> Vec<&Contact> {
        let is = |contact: &Contact, member: &str| {
            contact.uid.as_deref() == Some(member)
                || contact
                    .handles
                    .iter()
                    .any(|handle| member.split_once(':').is_some_and(|(_, address)| address == handle.address))
        };
        group.members.iter().filter_map(|member| self.contacts.iter().find(|contact| is(contact, member))).collect()
    }

    /// Says who is meant by a name as it was heard.
    ///
    /// `lang` is the language it was heard in; `None` tries both.
    pub fn resolve(&self, heard: &str, lang: Option<Lang>, surroundings: Surroundings<'_>) -> Resolution {
        resolve::resolve(&self.contacts, &self.index, heard, lang, surroundings)
    }

    /// As [`Book::resolve`], where the sound was heard again: for each name of [`Book::sounding_like`] the logarithm of how
    /// much likelier it is with the sound than in silence, and the words `among` which they were looked for.
    pub fn resolve_weighed<'a>(
        &self,
        heard: &str,
        (among, lang): (&[String], Lang),
        surroundings: Surroundings<'_>,
        weights: impl Iterator<Item = (&'a str, f32)>,
    ) -> Resolution {
        let weights = weights.collect();
        resolve::resolve_weighed(&self.contacts, &self.index, (heard, among, lang), surroundings, &weights)
    }

    /// Returns the names, nicknames and parts of names that sound most like each of some words.
    pub fn sounding_like(&self, words: &[String], lang: Lang, most: usize) -> BTreeSet<String> {
        resolve::sounding_like(&self.index, words, lang, most)
    }

    /// Says who is meant by a name that was spelled; its first letters are enough.
    pub fn spelled(&self, letters: &str) -> Resolution {
        spelled::resolve(&self.contacts, letters)
    }

    /// Remembers whom the user meant by a name ("not him, Jean-Marc").
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub fn learn(&mut self, store: &Store, said: &str, meant: ContactId) -> Result<(), StoreError> {
        let said = token::fold(said);
        if said.is_empty() {
            return Ok(());
        }
        store.write(|transaction| {
            transaction.execute(
                "INSERT INTO contact_corrections (said, contact) VALUES (?1, ?2)
                 ON CONFLICT (said) DO UPDATE SET contact = excluded.contact",
                params![said, meant.0],
            )?;
            Ok(())
        })?;
        self.index.correct(said, meant);
        Ok(())
    }
}

impl Met<'_> {
    fn as_contact(&self) -> Contact {
        let (given, family) = self.name.split_once(' ').unwrap_or((self.name, ""));
        Contact {
            id: ContactId(0),
            uid: None,
            name: self.name.to_owned(),
            given: given.to_owned(),
            family: family.to_owned(),
            nicknames: self.nickname.map(str::to_owned).into_iter().collect(),
            kind: if self.is_group { ContactKind::Group } else { ContactKind::Person },
            lang: None,
            birthday: None,
            handles: vec![Handle { network: self.network.to_owned(), address: self.address.to_owned() }],
            members: Vec::new(),
        }
    }
}

impl Names for Book {
    fn knows(&self, words: &str) -> Known {
        self.index.knows(words)
    }
}

/// The contacts met during an import.
struct Imported {
    by_id: HashMap<ContactId, usize>,
    by_uid: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
    all: Vec<Contact>,
}

impl Imported {
    fn new(contacts: &[Contact]) -> Self {
        let mut known =
            Self { by_id: HashMap::new(), by_uid: HashMap::new(), by_name: HashMap::new(), all: Vec::new() };
        contacts.iter().for_each(|contact| known.put(contact.clone()));
        known
    }

    fn put(&mut self, contact: Contact) {
        let at = *self.by_id.entry(contact.id).or_insert(self.all.len());
        if let Some(uid) = &contact.uid {
            self.by_uid.insert(uid.clone(), at);
        }
        let named = self.by_name.entry(token::fold(&contact.name)).or_default();
        if !named.contains(&at) {
            named.push(at);
        }
        match self.all.get_mut(at) {
            Some(known) => *known = contact,
            None => self.all.push(contact),
        }
    }

    fn find(&self, card: &Contact) -> Option<&Contact> {
        if let Some(at) = card.uid.as_ref().and_then(|uid| self.by_uid.get(uid)) {
            return self.all.get(*at);
        }
        let named = self.by_name.get(&token::fold(&card.name))?;
        named.iter().filter_map(|at| self.all.get(*at)).find(|known| {
            let differ = matches!((&known.uid, &card.uid), (Some(a), Some(b)) if a != b);
            let neither = known.handles.is_empty() && card.handles.is_empty();
            !differ && (neither || known.handles.iter().any(|handle| card.handles.contains(handle)))
        })
    }
}

/// Whether a card says nothing new.
fn same(known: &Contact, card: &Contact) -> bool {
    let uid = card.uid.clone().or_else(|| known.uid.clone());
    *known == Contact { id: known.id, uid, ..card.clone() }
}

fn insert(transaction: &Transaction<'_>, contact: &Contact) -> Result<ContactId, StoreError> {
    transaction.execute(
        "INSERT INTO contacts (uid, name, given, family, kind, lang, birthday) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            contact.uid,
            contact.name,
            contact.given,
            contact.family,
            kind_text(contact.kind),
            contact.lang.map(Lang::code),
            contact.birthday.map(|day| day.to_string())
        ],
    )?;
    let id = ContactId(transaction.last_insert_rowid());
    insert_lists(transaction, id, contact)?;
    Ok(id)
}

fn update(transaction: &Transaction<'_>, contact: &Contact) -> Result<(), StoreError> {
    transaction.execute(
        "UPDATE contacts SET uid = ?2, name = ?3, given = ?4, family = ?5, kind = ?6, lang = ?7, birthday = ?8
         WHERE id = ?1",
        params![
            contact.id.0,
            contact.uid,
            contact.name,
            contact.given,
            contact.family,
            kind_text(contact.kind),
            contact.lang.map(Lang::code),
            contact.birthday.map(|day| day.to_string())
        ],
    )?;
    for table in ["contact_nicknames", "contact_handles", "contact_members"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE contact = ?1"), [contact.id.0])?;
    }
    insert_lists(transaction, contact.id, contact)
}

fn insert_lists(transaction: &Transaction<'_>, id: ContactId, contact: &Contact) -> Result<(), StoreError> {
    for (position, nickname) in contact.nicknames.iter().enumerate() {
        transaction
            .execute("INSERT INTO contact_nicknames VALUES (?1, ?2, ?3)", params![id.0, row(position), nickname])?;
    }
    for (position, handle) in contact.handles.iter().enumerate() {
        transaction.execute(
            "INSERT INTO contact_handles VALUES (?1, ?2, ?3, ?4)",
            params![id.0, row(position), handle.network, handle.address],
        )?;
    }
    for (position, member) in contact.members.iter().enumerate() {
        transaction.execute("INSERT INTO contact_members VALUES (?1, ?2, ?3)", params![id.0, row(position), member])?;
    }
    Ok(())
}

fn row(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

const fn kind_text(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Person => "person",
        ContactKind::Group => "group",
    }
}

fn load(store: &Store) -> Result<Vec<Contact>, StoreError> {
    let mut statement = store
        .connection()
        .prepare("SELECT id, uid, name, given, family, kind, lang, birthday FROM contacts ORDER BY name, id")?;
    let rows = statement.query_map([], |row| {
        let kind: String = row.get(5)?;
        let lang: Option<String> = row.get(6)?;
        let birthday: Option<String> = row.get(7)?;
        Ok(Contact {
            id: ContactId(row.get(0)?),
            uid: row.get(1)?,
            name: row.get(2)?,
            given: row.get(3)?,
            family: row.get(4)?,
            nicknames: Vec::new(),
            kind: if kind == "group" { ContactKind::Group } else { ContactKind::Person },
            lang: lang.and_then(|code| Lang::ALL.into_iter().find(|lang| lang.code() == code)),
            birthday: birthday.and_then(|day| DayOfYear::read(&day)),
            handles: Vec::new(),
            members: Vec::new(),
        })
    })?;
    let mut contacts = rows.collect::<Result<Vec<_>, _>>()?;
    let places: HashMap<i64, usize> = contacts.iter().enumerate().map(|(at, contact)| (contact.id.0, at)).collect();
    load_lists(
        store,
        "SELECT contact, nickname, '' FROM contact_nicknames ORDER BY contact, position",
        |id, text, _| {
            if let Some(contact) = places.get(&id).and_then(|at| contacts.get_mut(*at)) {
                contact.nicknames.push(text);
            }
        },
    )?;
    load_lists(
        store,
        "SELECT contact, network, address FROM contact_handles ORDER BY contact, position",
        |id, network, address| {
            if let Some(contact) = places.get(&id).and_then(|at| contacts.get_mut(*at)) {
                contact.handles.push(Handle { network, address });
            }
        },
    )?;
    load_lists(
        store,
        "SELECT contact, member, '' FROM contact_members ORDER BY contact, position",
        |id, member, _| {
            if let Some(contact) = places.get(&id).and_then(|at| contacts.get_mut(*at)) {
                contact.members.push(member);
            }
        },
    )?;
    Ok(contacts)
}

fn load_lists(store: &Store, query: &str, mut each: impl FnMut(i64, String, String)) -> Result<(), StoreError> {
    let mut statement = store.connection().prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get(1)?, row.get(2)?);
    }
    Ok(())
}

fn load_corrections(store: &Store) -> Result<HashMap<String, ContactId>, StoreError> {
    let mut corrections = HashMap::new();
    load_lists(store, "SELECT contact, said, '' FROM contact_corrections", |id, said, _| {
        corrections.insert(said, ContactId(id));
    })?;
    Ok(corrections)
}
