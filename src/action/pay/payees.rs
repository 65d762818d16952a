//! Who may be paid by voice, and where their money goes.
//!
//! IBANs are checked by the `iban_validate` crate (MIT or Apache-2.0, maintained): check digits of ISO 13616 and the
//! registry's lengths by country.

use iban::{Iban, IbanLike};
use rusqlite::{Connection, OptionalExtension};

use super::{PayError, PayeeState, WalletAddress, error::unknown_word};
use crate::{config::PayMethod, intent::contacts::ContactId, telemetry::Redacted};

/// Characters a bank takes as the name on an account (EPC069-12, AT-21).
pub(super) const HOLDER_CHARS: usize = 70;

/// Somebody who may be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    /// Who.
    pub contact: ContactId,
    /// The name on their account, as the bank writes it.
    pub holder: Redacted<String>,
    /// Their bank account, without blanks; `None`: not by bank.
    pub iban: Option<Redacted<String>>,
    /// Their wallet; `None`: not by wallet.
    pub wallet: Option<WalletAddress>,
}

impl Payee {
    /// Reads what somebody typed on the page; empty = none.
    ///
    /// # Errors
    /// [`PayError::NotAnIban`], [`PayError::NotAWalletAddress`]; [`PayError::NoHolder`] where there is an IBAN but no name.
    pub fn typed(contact: ContactId, holder: &str, iban: &str, wallet: &str) -> Result<Self, PayError> {
        let typed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let iban = typed(iban).map(|text| read_iban(&text)).transpose()?;
        let wallet = typed(wallet).map(|text| WalletAddress::parse(&text).ok_or(PayError::NotAWalletAddress));
        let holder: String = one_line(holder).chars().take(HOLDER_CHARS).collect();
        if iban.is_some() && holder.is_empty() {
            return Err(PayError::NoHolder);
        }
        Ok(Self { contact, holder: Redacted(holder), iban: iban.map(Redacted), wallet: wallet.transpose()? })
    }

    /// Where money goes by this method; `None` where it cannot. On the tab it goes nowhere.
    pub(super) fn address(&self, method: PayMethod) -> Option<&str> {
        match method {
            PayMethod::Off | PayMethod::Tab => Some(""),
            PayMethod::Bank => self.iban.as_ref().map(|iban| iban.0.as_str()),
            PayMethod::Wallet => self.wallet.as_ref().map(WalletAddress::as_str),
        }
    }
}

/// Returns an IBAN without blanks, in capitals.
fn read_iban(text: &str) -> Result<String, PayError> {
    let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let iban: Iban = plain.to_ascii_uppercase().parse().map_err(|_| PayError::NotAnIban)?;
    Ok(iban.electronic_str().to_owned())
}

/// Makes one line of a text: what parts lines becomes a blank.
pub(super) fn one_line(text: &str) -> String {
    let blank = |letter: char| if letter.is_control() || letter.is_whitespace() { ' ' } else { letter };
    text.chars().map(blank).collect::<String>().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What the contact book knows of a contact: the name, and whether it is one person.
pub(super) fn contact(connection: &Connection, id: ContactId) -> Result<Option<(String, bool)>, PayError> {
    let mut select = connection.prepare_cached("SELECT name, kind = 'person' FROM contacts WHERE id = ?1")?;
    Ok(select.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Returns the name of a contact; empty for one who is none any more.
pub(super) fn name(connection: &Connection, id: ContactId) -> Result<String, PayError> {
    Ok(contact(connection, id)?.map(|(name, _)| name).unwrap_or_default())
}

/// Returns a trusted payee.
pub(super) fn payee(connection: &Connection, id: ContactId) -> Result<Option<Payee>, PayError> {
    Ok(list(connection, "WHERE contact = ?1", [id.0])?.pop())
}

/// Returns all trusted payees.
pub(super) fn all(connection: &Connection) -> Result<Vec<Payee>, PayError> {
    list(connection, "ORDER BY contact", [])
}

fn list(connection: &Connection, rest: &str, parameters: impl rusqlite::Params) -> Result<Vec<Payee>, PayError> {
    let mut select = connection.prepare_cached(&format!("SELECT contact, holder, iban, wallet FROM payees {rest}"))?;
    let rows = select.query_map(parameters, |row| {
        Ok((ContactId(row.get(0)?), row.get(1)?, row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?))
    })?;
    rows.map(|row| {
        let (contact, holder, iban, wallet) = row?;
        let wallet = wallet.map(|text| WalletAddress::parse(&text).ok_or_else(|| unknown_word("wallet")));
        Ok(Payee { contact, holder: Redacted(holder), iban: iban.map(Redacted), wallet: wallet.transpose()? })
    })
    .collect()
}

/// Returns what is known of a contact as payee by a method.
pub(super) fn state(connection: &Connection, id: ContactId, method: PayMethod) -> Result<PayeeState, PayError> {
    Ok(match (contact(connection, id)?, payee(connection, id)?) {
        (None, _) => PayeeState::Unknown,
        (Some((_, false)), _) => PayeeState::Group,
        (Some(_), None) => PayeeState::Untrusted,
        (Some(_), Some(payee)) if payee.address(method).is_none() => PayeeState::WithoutAddress,
        (Some(_), Some(_)) => PayeeState::Ready,
    })
}

/// Keeps a payee in place of what was known of them.
pub(super) fn keep(connection: &Connection, payee: &Payee) -> Result<(), PayError> {
    connection.execute(
        "INSERT INTO payees (contact, holder, iban, wallet) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (contact) DO UPDATE SET holder = excluded.holder, iban = excluded.iban, wallet = excluded.wallet",
        (
            payee.contact.0,
            &payee.holder.0,
            payee.iban.as_ref().map(|iban| &iban.0),
            payee.wallet.as_ref().map(WalletAddress::as_str),
        ),
    )?;
    Ok(())
}

/// Removes a payee; returns whether they were one.
pub(super) fn remove(connection: &Connection, id: ContactId) -> Result<bool, PayError> {
    Ok(connection.execute("DELETE FROM payees WHERE contact = ?1", [id.0])? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARION: ContactId = ContactId(1);

    #[test]
    fn an_iban_is_read_as_it_is_printed_and_one_wrong_digit_is_refused() {
        let typed = |iban: &str| Payee::typed(MARION, "Marion Petit", iban, "");
        let right = "FR76 3000 6000 0112 3456 7890 189";
        assert_eq!(typed(right).unwrap().address(PayMethod::Bank), Some("FR7630006000011234567890189"));
        assert!(typed("fr7630006000011234567890189").is_ok());
        // Every single digit, changed to every other one.
        for (at, letter) in right.char_indices().filter(|(_, letter)| letter.is_ascii_digit()) {
            for other in ('0'..='9').filter(|other| *other != letter) {
                let mut wrong = right.to_owned();
                wrong.replace_range(at..=at, &other.to_string());
                assert!(matches!(typed(&wrong), Err(PayError::NotAnIban)), "{wrong}");
            }
        }
        for wrong in ["FR76", "XX00 1234", "12345678", "FR76 3000 6000 0112 3456 7890 18"] {
            assert!(matches!(typed(wrong), Err(PayError::NotAnIban)), "{wrong}");
        }
    }

    #[test]
    fn a_payee_needs_a_name_for_the_bank_and_no_address_for_the_tab() {
        let iban = "DE89370400440532013000";
        assert!(matches!(Payee::typed(MARION, " \n ", iban, ""), Err(PayError::NoHolder)));
        assert!(matches!(Payee::typed(MARION, "", "", "marion"), Err(PayError::NotAWalletAddress)));
        let tab = Payee::typed(MARION, "", "", "").unwrap();
        assert_eq!(tab.address(PayMethod::Tab), Some(""));
        assert_eq!((tab.address(PayMethod::Bank), tab.address(PayMethod::Wallet)), (None, None));
    }

    #[test]
    fn debug_and_errors_tell_neither_iban_nor_name() {
        let payee = Payee::typed(MARION, "Marion Petit", "DE89370400440532013000", "$wallet.example/marion").unwrap();
        let told = format!("{payee:?} {}", Payee::typed(MARION, "Marion", "DE00370400440532013000", "").unwrap_err());
        for secret in ["Marion", "marion", "3704"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}
