//! Money: a whole number of the currency's smallest unit, never a fraction. `Debug` shows neither number nor currency.

use std::fmt;

use crate::intent::{Amount, Currency};

/// Largest amount that is booked, in minor units: what `intent` reads, so that a life of payments fits into 64 bits.
const MOST: u64 = 100_000_000_000;

/// An amount of a currency, more than nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

impl Money {
    /// Takes an amount in minor units (cents, pence, centimes); `None` where it is nothing or too large to be booked.
    pub const fn new(minor: u64, currency: Currency) -> Option<Self> {
        if minor == 0 || minor > MOST { None } else { Some(Self { minor, currency }) }
    }

    /// Takes what somebody said; where no currency was said, it is the one given.
    pub fn said(amount: Amount, currency: Currency) -> Option<Self> {
        Self::new(amount.minor, amount.currency.unwrap_or(currency))
    }

    /// Minor units: cents, pence, centimes.
    pub const fn minor(self) -> u64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Writes the amount as a decimal number with a point, as the formats of banks want it: `20.00`.
    pub fn decimal(self) -> String {
        decimal(self.minor)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<money>")
    }
}

/// Writes minor units as a decimal number; all currencies that can be named have hundredths.
pub(super) fn decimal(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_more_than_nothing_and_can_be_booked() {
        assert_eq!(Money::new(0, Currency::Eur), None);
        assert!(Money::new(1, Currency::Eur).is_some() && Money::new(MOST, Currency::Eur).is_some());
        assert_eq!(Money::new(MOST + 1, Currency::Eur), None);
        assert_eq!(Money::new(2_005, Currency::Eur).unwrap().decimal(), "20.05");
    }

    #[test]
    fn an_amount_without_a_currency_gets_the_one_of_the_house() {
        let said = Amount { minor: 500, currency: None };
        assert_eq!(Money::said(said, Currency::Chf), Money::new(500, Currency::Chf));
        let said = Amount { minor: 500, currency: Some(Currency::Gbp) };
        assert_eq!(Money::said(said, Currency::Eur), Money::new(500, Currency::Gbp));
    }

    #[test]
    fn debug_tells_no_amount() {
        assert_eq!(format!("{:?}", Money::new(4_711, Currency::Usd).unwrap()), "<money>");
    }
}
