//! What was confirmed: outbox, inbox, chat networks.
