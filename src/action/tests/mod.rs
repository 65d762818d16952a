//! The contract of outbox and inbox, run against every store and every network.

pub(super) mod bench;
pub(super) mod chaos;
mod crash;
mod household;
mod inbox;
mod networks;
mod outbox;
mod size;
mod time;

use super::*;
use bench::{Bench, Fault, household, person};

/// Runs each function as a test of its own on every store with every network.
macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        contract!(@ file_local, File, Local, $($name),+);
        contract!(@ file_server, File, Server, $($name),+);
        contract!(@ memory_local, Memory, Local, $($name),+);
        contract!(@ memory_server, Memory, Server, $($name),+);
    };
    // What is about sending alone also runs with visitors of a page.
    (sending; $($name:ident),+ $(,)?) => {
        contract!($($name),+);
        contract!(@ file_chat, File, Chat, $($name),+);
        contract!(@ memory_chat, Memory, Chat, $($name),+);
    };
    (@ $module:ident, $store:ident, $network:ident, $($name:ident),+) => {
        mod $module {
            use crate::action::tests::bench::{Bench, Peer, Place};
            $(
                #[test]
                fn $name() {
                    super::$name(&mut Bench::new(Place::$store, Peer::$network));
                }
            )+
        }
    };
}
use contract;
