//! The adapter over a homeserver in memory, which fails as it is told.

mod adapter;
mod chaos;
mod fake;
