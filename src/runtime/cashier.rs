//! Makes payments by way of the owner's wallet, on a thread of its own: a wallet takes its time, and the conversation goes on.
//!
//! What is to be paid is read from the book, never from a message: whatever happens to the thread, the next one finds it.

use std::{
    path::PathBuf,
    rc::Rc,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use crate::{
    action::pay::{Payment, Payments, Rules, Wallet},
    store::Store,
};

/// What nobody knows the end of is looked up so often.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Ends of payments that wait to be told.
const WAITING: usize = 64;

/// Whom to ask for payments.
#[derive(Debug)]
pub struct Cashier {
    nudges: SyncSender<()>,
    ended: Receiver<Payment>,
}

impl Cashier {
    /// Starts to work through the book of a data directory; `None` where there is no wallet.
    pub fn start(data_dir: Option<PathBuf>, rules: Rules) -> Option<Self> {
        let data_dir = data_dir?;
        let (nudges, nudged) = sync_channel(1);
        let (tell, ended) = sync_channel(WAITING);
        let (is_open, opened) = sync_channel(1);
        let work = move || {
            let payments = open(&data_dir, rules);
            let _ = is_open.send(payments.is_some());
            if let Some(mut payments) = payments {
                serve(&mut payments, &nudged, &tell);
            }
        };
        if let Err(error) = thread::Builder::new().name("herald-cashier".to_owned()).spawn(work) {
            tracing::warn!(%error, "there is nobody who makes payments");
            return None;
        }
        opened.recv().ok().filter(|is_open| *is_open)?;
        Some(Self { nudges, ended })
    }

    /// Something is to be paid.
    pub fn nudge(&self) {
        // One that waits already will do.
        let _ = self.nudges.try_send(());
    }

    /// Payments that came to an end since the last call.
    pub fn ended(&self) -> Vec<Payment> {
        self.ended.try_iter().collect()
    }
}

fn open(data_dir: &std::path::Path, rules: Rules) -> Option<Payments> {
    let wallet = wallet(data_dir)?;
    match Store::open(data_dir) {
        Ok(store) => Some(Payments::open(Rc::new(store), rules, Some(wallet))),
        Err(error) => {
            tracing::warn!(%error, "there is nobody who makes payments");
            None
        }
    }
}

#[cfg(feature = "open-payments")]
fn wallet(data_dir: &std::path::Path) -> Option<Box<dyn Wallet>> {
    use crate::action::pay::open_payments::{OpenPayments, TIMEOUT};
    match OpenPayments::open(data_dir, TIMEOUT) {
        Ok(wallet) if wallet.is_connected() => Some(Box::new(wallet)),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(%error, "the wallet cannot be used");
            None
        }
    }
}

#[cfg(not(feature = "open-payments"))]
const fn wallet(_data_dir: &std::path::Path) -> Option<Box<dyn Wallet>> {
    None
}

fn serve(payments: &mut Payments, nudged: &Receiver<()>, tell: &SyncSender<Payment>) {
    loop {
        match payments.reconcile() {
            Ok(ended) => {
                for payment in ended {
                    if tell.send(payment).is_err() {
                        return;
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "payments could not be looked up"),
        }
        match nudged.recv_timeout(LOOK_EVERY) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
