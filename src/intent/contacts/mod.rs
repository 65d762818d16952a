//! The contact book.
