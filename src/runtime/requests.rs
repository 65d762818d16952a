//! What another process on this device asks of the daemon: through the database that both have open anyway, so that
//! there is no socket to guard and no port.

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use uuid::Uuid;

use crate::store::{Store, StoreError};

/// The settings key under which a request to listen lies: its value is new with every request.
const LISTEN: &str = "request.listen";

/// Asks the daemon on this database to take the next utterance as spoken to Herald, as pushing a button does.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn request_listening(store: &Store) -> Result<(), StoreError> {
    store.set_setting(LISTEN, &Uuid::now_v7().to_string())
}

/// The daemon's side.
pub struct Requests {
    store: Rc<Store>,
    /// SQLite's count of changes by other connections: looking at it costs nothing.
    version: i64,
    /// The last request to listen that was seen.
    listen: Option<String>,
    button: Arc<AtomicBool>,
    changed: bool,
}

impl Requests {
    /// Starts with all earlier requests as seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn new(store: Rc<Store>) -> Result<Self, StoreError> {
        let (version, listen) = (version(&store)?, store.setting(LISTEN)?);
        Ok(Self { store, version, listen, button: Arc::default(), changed: false })
    }

    /// A flag that asks Herald to listen when it is set: for a key of this process, or a signal.
    pub fn button(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.button)
    }

    /// Returns whether another process has written to the database, as far as [`Self::listening_wanted`] has looked.
    pub const fn take_changed(&mut self) -> bool {
        std::mem::replace(&mut self.changed, false)
    }

    /// Returns whether somebody asked Herald to listen since the last call.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn listening_wanted(&mut self) -> Result<bool, StoreError> {
        let is_pushed = self.button.swap(false, Ordering::Relaxed);
        let version = version(&self.store)?;
        if version == self.version {
            return Ok(is_pushed);
        }
        self.version = version;
        self.changed = true;
        let listen = self.store.setting(LISTEN)?;
        let is_new = listen != self.listen;
        self.listen = listen;
        Ok(is_pushed || is_new)
    }
}

fn version(store: &Store) -> Result<i64, StoreError> {
    let mut statement = store.connection().prepare_cached("PRAGMA data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_another_process_is_seen_once_and_an_old_one_never() {
        let dir = tempfile::tempdir().unwrap();
        let other = Store::open(dir.path()).unwrap();
        request_listening(&other).unwrap();
        let mut requests = Requests::new(Rc::new(Store::open(dir.path()).unwrap())).unwrap();
        assert!(!requests.listening_wanted().unwrap(), "an old request");
        request_listening(&other).unwrap();
        assert!(requests.listening_wanted().unwrap());
        assert!(!requests.listening_wanted().unwrap());
        other.set_setting("something else", "changes").unwrap();
        assert!(!requests.listening_wanted().unwrap());
        requests.button().store(true, Ordering::Relaxed);
        assert!(requests.listening_wanted().unwrap());
        assert!(!requests.listening_wanted().unwrap());
    }
}
