//! Money in the units of a wallet, and back. A wallet says how many decimal places its asset has; Herald's money has two.

use open_payments::types::Amount;

use crate::{action::pay::Money, intent::Currency};

/// Decimal places of our money.
const PLACES: u8 = 2;

/// Writes money in the units of an asset; `None` where it is another currency, or cannot be written exactly.
pub(super) fn of_money(money: Money, code: &str, scale: u8) -> Option<Amount> {
    let units = if scale >= PLACES {
        money.minor().checked_mul(10_u64.checked_pow(u32::from(scale - PLACES))?)?
    } else {
        let unit = 10_u64.pow(u32::from(PLACES - scale));
        money.minor().is_multiple_of(unit).then(|| money.minor() / unit)?
    };
    (code == money.currency().code()).then(|| Amount {
        value: units.to_string(),
        asset_code: code.to_owned(),
        asset_scale: scale,
    })
}

/// Reads an amount of a currency, a fraction of a cent as a whole one; `None` where it is none.
pub(super) fn to_money(amount: &Amount, currency: Currency) -> Option<Money> {
    let units = value(amount)?;
    let minor = match amount.asset_scale.checked_sub(PLACES) {
        Some(more) => units.div_ceil(10_u64.checked_pow(u32::from(more))?),
        None => units.checked_mul(10_u64.pow(u32::from(PLACES - amount.asset_scale)))?,
    };
    (amount.asset_code == currency.code()).then(|| Money::new(minor, currency))?
}

/// Reads how many units an amount has; `None` where it is no number.
pub(super) fn value(amount: &Amount) -> Option<u64> {
    amount.value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(minor: u64) -> Money {
        Money::new(minor, Currency::Eur).unwrap()
    }

    #[test]
    fn money_has_the_decimal_places_of_the_wallet() {
        for (scale, value) in [(0, "20"), (1, "200"), (2, "2000"), (9, "20000000000")] {
            let amount = of_money(euros(2_000), "EUR", scale).unwrap();
            assert_eq!((amount.value.as_str(), amount.asset_code.as_str()), (value, "EUR"));
            assert_eq!(to_money(&amount, Currency::Eur), Some(euros(2_000)));
        }
    }

    #[test]
    fn what_cannot_be_written_exactly_is_not_written() {
        assert_eq!(of_money(euros(2_005), "EUR", 1), None);
        assert_eq!(of_money(euros(2_000), "EUR", 255), None);
        assert_eq!(of_money(euros(2_000), "USD", 2), None);
    }

    #[test]
    fn a_fraction_of_a_cent_counts_as_a_cent_and_no_number_as_nothing() {
        let amount =
            |value: &str, asset_scale| Amount { value: value.to_owned(), asset_code: "EUR".to_owned(), asset_scale };
        assert_eq!(to_money(&amount("20001", 3), Currency::Eur), Some(euros(2_001)));
        assert_eq!(to_money(&amount("20", 0), Currency::Usd), None);
        assert_eq!(to_money(&amount("-1", 2), Currency::Eur), None);
        assert_eq!(to_money(&amount("18446744073709551615", 0), Currency::Eur), None);
        assert_eq!(to_money(&amount("1", 255), Currency::Eur), None);
    }
}
