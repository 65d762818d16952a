//! Lists and changes that need no dialogue, on a thread with a database connection of its own: a long search holds
//! up neither the conversation nor the server.

use std::{
    io,
    path::Path,
    rc::Rc,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
};

use tokio::sync::oneshot;

use super::CompanionError;
use crate::{
    action::{Audit, Figures, Household, Inbox, Links, Outbox},
    intent::contacts::{Book, edition},
    store::{Store, StoreError},
};

/// Requests that may wait; more are refused, so that nobody can fill the memory.
const WAITING: usize = 64;

/// Everything that is looked up.
pub(super) struct Records {
    pub store: Rc<Store>,
    pub inbox: Inbox,
    pub outbox: Outbox,
    pub audit: Audit,
    pub links: Links,
    pub figures: Figures,
    book: Book,
    edition: Option<String>,
}

impl Records {
    fn open(data_dir: &Path, household: &Household) -> Result<Self, StoreError> {
        let store = Rc::new(Store::open(data_dir)?);
        Ok(Self {
            inbox: Inbox::new(Rc::clone(&store), household.clone()),
            outbox: Outbox::new(Rc::clone(&store))?,
            audit: Audit::new(Rc::clone(&store)),
            links: Links::new(Rc::clone(&store)),
            figures: Figures::new(Rc::clone(&store)),
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

type Job = Box<dyn FnOnce(&mut Records) + Send>;

/// Whom to ask for records.
#[derive(Clone)]
pub(super) struct Desk(SyncSender<Job>);

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// Too many ask.
    Busy,
    /// The database.
    Store(StoreError),
}

impl Desk {
    /// Opens the records of a data directory on a thread of their own.
    ///
    /// # Errors
    /// [`CompanionError`] when the database cannot be used, or there is no thread.
    pub fn open(data_dir: &Path, household: &Household) -> Result<Self, CompanionError> {
        let (sender, jobs) = sync_channel(WAITING);
        let (opened, is_open) = sync_channel(1);
        let (data_dir, household) = (data_dir.to_owned(), household.clone());
        let work = move || match Records::open(&data_dir, &household) {
            Ok(mut records) => {
                let _ = opened.send(Ok(()));
                serve(&mut records, &jobs);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        thread::Builder::new().name("herald-records".to_owned()).spawn(work).map_err(CompanionError::Thread)?;
        match is_open.recv() {
            Ok(result) => result?,
            Err(_) => return Err(CompanionError::Thread(io::Error::other("the thread ended"))),
        }
        Ok(Self(sender))
    }

    /// Has something looked up or changed.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Records) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |records| {
            // Whoever asked may have gone.
            let _ = answer.send(work(records));
        });
        match self.0.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => return Err(Unanswered::Busy),
        }
        match answered.await {
            Ok(result) => result.map_err(Unanswered::Store),
            Err(_) => Err(Unanswered::Busy),
        }
    }
}

fn serve(records: &mut Records, jobs: &Receiver<Job>) {
    for job in jobs {
        job(records);
    }
}
