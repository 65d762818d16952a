//! Chat with visitors of a shop's page: a script on the page opens a window, and each visit is a conversation like any
//! other, read aloud and answered by voice.
//!
//! ```text
//! page ──POST /chat/messages──▶ Site ──▶ chat_messages ──poll──▶ Chat (a Network) ──▶ Inbox ──▶ dialogue
//! page ◀──GET /chat/live─────── Site ◀── chat_messages ◀──send── Chat (a Network) ◀── Outbox ◀── dialogue
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `adapter.rs` | visitors as people of a [`Network`](super::Network) |
//! | `visits.rs` | the tables: visitors and what their windows show |
//! | `bot.rs` | greeting and menu: what is answered without anybody |
//! | `token.rs` | a visitor's token, signed |
//! | `limits.rs` | how often is too often |
//! | `site.rs` | the server: who is let in, who follows what |
//! | `api.rs` | the requests |
//! | `refusal.rs` | why a request was refused, in the language of whoever asks |
//! | `assets/chat.js` | the window, as it is sent: no build step |
//!
//! Server and network meet in the database alone: what a visitor wrote is on disk before the answer, and what the owner
//! answered is on disk before the outbox hears so. Either side may die at any point, and another process may write too.
//! SQLite's count of changes (`PRAGMA data_version`) tells the server that there is something new.
//!
//! A visitor is known by a token of the visit's id and its HMAC-SHA256 (RFC 2104; `hmac`, MIT or Apache-2.0, of the
//! `RustCrypto` project, compares in constant time). The window keeps it in the page's own storage and sends it as a header:
//! browsers refuse or wall off cookies of other sites, and a cookie would go along with requests of any page. The window
//! needs no more of the page's content policy than `script-src` and `connect-src` for this server: it is styled by a
//! constructed style sheet in a shadow root, and all that was written is put in as text.

mod adapter;
mod api;
mod bot;
mod limits;
mod refusal;
mod site;
mod token;
mod visits;

pub use adapter::Chat;
pub use site::{ChatError, Site, link};
pub(super) use visits::erase;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::visit;
