//! A database for a web server: on a thread with a connection of its own, so that a long search holds up neither the
//! conversation nor the server.

use std::{
    fmt, io,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
};

use tokio::sync::oneshot;

use crate::store::StoreError;

type Job<R> = Box<dyn FnOnce(&mut R) + Send>;

/// Whom to ask for records of a kind.
pub struct Desk<R>(SyncSender<Job<R>>);

impl<R> Clone for Desk<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> fmt::Debug for Desk<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

/// Why there is no desk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread cannot be started.
    #[error("a thread cannot be started: {0}")]
    Thread(io::Error),
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// Too many ask.
    Busy,
    /// The database.
    Store(StoreError),
}

impl<R: 'static> Desk<R> {
    /// Opens records on a thread of this name. So many requests may wait; more are refused, so that nobody can fill the
    /// memory.
    ///
    /// # Errors
    /// [`DeskError`] when the database cannot be used, or there is no thread.
    pub fn open(
        name: &str,
        waiting: usize,
        open: impl FnOnce() -> Result<R, StoreError> + Send + 'static,
    ) -> Result<Self, DeskError> {
        let (sender, jobs) = sync_channel(waiting);
        let (opened, is_open) = sync_channel(1);
        let work = move || match open() {
            Ok(mut records) => {
                let _ = opened.send(Ok(()));
                serve(&mut records, &jobs);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(work).map_err(DeskError::Thread)?;
        match is_open.recv() {
            Ok(result) => result?,
            Err(_) => return Err(DeskError::Thread(io::Error::other("the thread ended"))),
        }
        Ok(Self(sender))
    }

    /// Has something looked up or changed.
    ///
    /// # Errors
    /// [`Unanswered`]; where the database failed, whatever the work says of it.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut R) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (answer, answered) = oneshot::channel();
        let job: Job<R> = Box::new(move |records| {
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

fn serve<R>(records: &mut R, jobs: &Receiver<Job<R>>) {
    for job in jobs {
        job(records);
    }
}
