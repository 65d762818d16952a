//! The companion page: the conversation as somebody sees it who can touch it, in a browser on the same device or, after
//! pairing, on the home network.
//!
//! ```text
//! runtime ──show(State)──▶ watch ──▶ /api/live          what is heard, said and proposed, as it changes
//! runtime ◀──Touched────── channel ◀── /api/touch       decided by the dialogue, in the order they come
//!            store ◀─────▶ records ◀── /api/...         lists: conversations, outbox, contacts, devices
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `state.rs` | what the page shows and what it can ask for, as JSON |
//! | `pairing.rs` | the six digits, the tokens, the paired devices |
//! | `records.rs` | lists and changes that need no dialogue |
//! | `server.rs` | who is let in, addresses, encryption, time limits |
//! | `api.rs` | the requests |
//! | `kept.rs` | the requests about kept links and figures |
//! | `money.rs` | the requests about money; the PIN |
//! | `wallet.rs` | the requests about the owner's wallet |
//! | `refusal.rs` | why a request was refused, in the language of whoever asks |
//! | `certificate.rs` | the certificate of this device |
//! | `assets/` | the page itself, as it is sent: no build step |
//!
//! There is one dialogue. A touch carries the version of what its sender saw: where somebody was quicker, by voice or on
//! another page, it is refused with what is true now, so that one decision is taken and all sides see which.
//!
//! Who may come in: nobody without a token, not even on this device, since any web page may try to reach its ports.
//! A token is random (256 bits), stored only as its hash, sent only in a header (so that no other site can send it along)
//! and revocable. Names that are no addresses of this device are refused against DNS rebinding, foreign origins too.
//!
//! The web server is that of [`action::web`](crate::action::web); `rcgen` (MIT, of the rustls project) makes the certificate.
//! Together they add about two megabytes to the program.

mod api;
mod certificate;
mod kept;
mod money;
mod pairing;
mod records;
mod refusal;
mod server;
mod state;
#[cfg(feature = "open-payments")]
mod wallet;

pub use pairing::{CODE_LIVES_MS, Invitation, invite, tell_where};
pub use server::{Answer, CompanionError, Page, Touched, Wish};
pub use state::{Act, Chip, Microphone, Named, Proposed, Setting, State, Touch};
