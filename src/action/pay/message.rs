//! What the other one reads in the chat: that they are asked for money, or that they got some.

use super::{Handoff, Money, Payment, PaymentKind, Standing};
use crate::{
    config::{Lang, PayMethod},
    intent::Currency,
};

/// Writes an amount as people do: "€20.00", "20,00 €".
pub fn written(money: Money, lang: Lang) -> String {
    let (symbol, number) = (symbol(money.currency()), money.decimal());
    match lang {
        Lang::En if symbol.len() == 3 && symbol.is_ascii() => format!("{symbol} {number}"),
        Lang::En => format!("{symbol}{number}"),
        Lang::Fr => format!("{}\u{a0}{symbol}", number.replace('.', ",")),
    }
}

const fn symbol(currency: Currency) -> &'static str {
    match currency {
        Currency::Eur => "€",
        Currency::Usd => "$",
        Currency::Gbp => "£",
        Currency::Chf => "CHF",
    }
}

/// Returns the message of a request.
pub fn request_message(money: Money, reason: &str, lang: Lang) -> String {
    with_reason(
        match lang {
            Lang::En => format!("Payment request: {}", written(money, lang)),
            Lang::Fr => format!("Demande de paiement : {}", written(money, lang)),
        },
        reason,
    )
}

/// Returns the link that pays a request to the owner's account, where a bank app opens `payto:` links (RFC 8905); only in
/// euros.
pub fn request_link(holder: &str, iban: &str, money: Money, reason: &str) -> Option<String> {
    let iban: String = iban.chars().filter(|c| !c.is_whitespace()).collect();
    let is_possible = !iban.is_empty() && money.currency() == Currency::Eur;
    is_possible.then(|| Handoff::new(holder, &iban, money, reason).payto())
}

/// Returns the message that tells the payee what became of a payment; `None` while nothing did, and for a request.
pub fn outcome_message(payment: &Payment, lang: Lang) -> Option<String> {
    if payment.kind == PaymentKind::Request || payment.standing != Standing::Posted {
        return None;
    }
    let amount = written(payment.money, lang);
    let text = match (payment.method, lang) {
        (PayMethod::Off | PayMethod::Tab, Lang::En) => format!("Noted on our tab: I owe you {amount}"),
        (PayMethod::Off | PayMethod::Tab, Lang::Fr) => format!("Noté sur notre ardoise : je te dois {amount}"),
        (PayMethod::Bank, Lang::En) => format!("Paid by bank transfer: {amount}"),
        (PayMethod::Bank, Lang::Fr) => format!("Payé par virement : {amount}"),
        (PayMethod::Wallet, Lang::En) => format!("Paid to your wallet: {amount}"),
        (PayMethod::Wallet, Lang::Fr) => format!("Payé sur ton portefeuille : {amount}"),
    };
    Some(with_reason(text, &payment.reason.0))
}

fn with_reason(text: String, reason: &str) -> String {
    if reason.is_empty() { text } else { format!("{text} ({reason})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_of_each_language_do() {
        let money = |currency| Money::new(1_250, currency).unwrap();
        for (currency, english, french) in [
            (Currency::Eur, "€12.50", "12,50\u{a0}€"),
            (Currency::Usd, "$12.50", "12,50\u{a0}$"),
            (Currency::Gbp, "£12.50", "12,50\u{a0}£"),
            (Currency::Chf, "CHF 12.50", "12,50\u{a0}CHF"),
        ] {
            assert_eq!(written(money(currency), Lang::En), english);
            assert_eq!(written(money(currency), Lang::Fr), french);
        }
    }

    #[test]
    fn a_request_says_how_much_and_what_for() {
        let money = Money::new(1_000, Currency::Eur).unwrap();
        assert_eq!(request_message(money, "the pizza", Lang::En), "Payment request: €10.00 (the pizza)");
        assert_eq!(request_message(money, "", Lang::Fr), "Demande de paiement : 10,00\u{a0}€");
    }
}
