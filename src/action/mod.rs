//! What was confirmed: outbox, inbox, chat networks; money stands apart, in [`pay`].
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
pub mod chat;
mod clock;
mod desk;
mod figures;
mod inbox;
mod journal;
mod links;
mod local;
#[cfg(feature = "matrix")]
pub mod matrix;
mod network;
mod networks;
mod outbox;
pub mod pay;
pub mod web;
mod words;

#[cfg(test)]
pub(super) mod tests;

pub use audit::{Audit, AuditLine};
pub use chat::Chat;
pub use clock::{Clock, SystemClock, rfc3339};
pub use desk::{Desk, DeskError, Unanswered};
pub use figures::{Counted, Day, FEW, Figures, prometheus};
pub use inbox::{ConversationLine, Inbox, News};
pub use links::{Link, Links};
pub use local::Local;
pub use network::{Arrived, IncomingMessage, Known, Network, NetworkError, Receipt, Retry, open};
pub use networks::Networks;
pub use outbox::{Outbox, Undo, Waiting};
pub use words::{
    Account, ConversationId, Deed, EntryKind, Household, INVITATION, InvalidMessageId, MessageId, MessageLine,
    OutboxEntry, Outcome, Person, Reason, Recording, Status,
};
