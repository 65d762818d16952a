//! Money in a house with a companion page: what the tests need to be there before they begin.

use std::{
    io,
    sync::{Arc, Mutex},
};

use herald::{
    action::pay::{Circumstances, Money, Order, Payee, PaymentId, Payments},
    intent::{
        Currency,
        contacts::{Book, ContactId, Surroundings},
    },
};

use super::page::House;

/// An account that nobody has: the example of the registry of IBANs.
pub const IBAN: &str = "FR7630006000011234567890189";
pub const PIN: &str = "246813";

/// Confirmed at once by the owner, in a quiet house that stands.
const CALM: Circumstances = Circumstances {
    is_moving: false,
    is_heard_over: false,
    is_owner: true,
    answered_after_ms: Some(0),
    is_again_meant: false,
};

pub fn contact(house: &House, name: &str) -> ContactId {
    Book::open(&house.store()).unwrap().resolve(name, None, Surroundings::default()).candidates[0].id
}

fn payments(house: &House) -> Payments {
    Payments::open(house.store(), house.rules(), None)
}

/// Lets somebody be paid. The PIN is [`PIN`] from then on.
pub fn trust(house: &House, name: &str) {
    let payments = payments(house);
    if !payments.has_pin().unwrap() {
        payments.set_pin(None, PIN).unwrap();
    }
    let payee = Payee::typed(contact(house, name), "Marion Petit", IBAN, "").unwrap();
    payments.trust(&payee, PIN).unwrap();
}

/// Has a payment made that was confirmed; cents of euros.
pub fn order(house: &House, name: &str, minor: u64, reason: &str) -> PaymentId {
    let order = Order::new(contact(house, name), Money::new(minor, Currency::Eur).unwrap(), reason);
    payments(house).pay(&order, &CALM, None).unwrap();
    payments(house).payment(&order.id).expect("it was allowed").id
}

/// Has somebody asked for money; cents of euros.
pub fn ask_for(house: &House, name: &str, minor: u64, reason: &str) -> PaymentId {
    let order = Order::new(contact(house, name), Money::new(minor, Currency::Eur).unwrap(), reason);
    payments(house).request(&order, &CALM).unwrap();
    payments(house).payment(&order.id).expect("it was allowed").id
}

/// What a program logs.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
