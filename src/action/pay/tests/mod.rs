//! What paying promises, each promise with a test.

mod crash;
mod engine;
mod house;
mod kill;
mod ledger;
mod pin;
mod privacy;
mod rules;
mod trail;
