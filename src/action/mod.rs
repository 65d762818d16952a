//! What was confirmed: outbox, inbox, chat networks.
//!
//! ```text
//! dialogue ──queue──▶ Outbox ──tick──▶ Network ──receive──▶ Inbox ──announce──▶ dialogue
//!                     journal, order    adapter              journal, unread
//! ```
//!
//! Outbox and inbox are the two halves of one journal, the table `messages`. Nothing is sent that is not in the
//! journal, and nothing is announced that is not in it. A message keeps the [`MessageId`] it got when it was
//! confirmed: networks recognise a second sending by it, so that after a crash everything unanswered is simply
//! sent again.

mod audit;
mod clock;
mod figures;
mod inbox;
mod journal;
mod links;
mod local;
#[cfg(feature = "matrix")]
pub mod matrix;
mod network;
mod outbox;
mod words;

#[cfg(test)]
pub(super) mod tests;

pub use audit::{Audit, AuditLine};
pub use clock::{Clock, SystemClock, rfc3339};
pub use figures::{Counted, Day, FEW, Figures, prometheus};
pub use inbox::{ConversationLine, Inbox, News};
pub use links::{Link, Links};
pub use local::Local;
pub use network::{Arrived, IncomingMessage, Known, Network, NetworkError, Receipt, Retry, open};
pub use outbox::{Outbox, Undo, Waiting};
pub use words::{
    Account, ConversationId, Deed, EntryKind, Household, INVITATION, InvalidMessageId, MessageId, MessageLine,
    OutboxEntry, Outcome, Person, Reason, Recording, Status,
};
