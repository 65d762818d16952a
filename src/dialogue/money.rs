//! Amounts aloud: as they are written, and digit by digit, so that fifteen and fifty, "treize" and "trente" are told apart.

use crate::{
    config::Lang,
    intent::{Amount, Currency},
};

use super::{
    Dialogue, Effect, ReplyKind,
    payment::{Debt, LastPaid, Side},
    replies::Sentence,
    state::State,
};

/// The currency where none is said: that of the rules for payments.
pub(super) const USUAL: Currency = Currency::Eur;

/// Debts told in one answer; more are too many to remember.
const TOLD: usize = 3;

impl Dialogue {
    /// "20 euros".
    pub(super) fn amount(&self, amount: Amount) -> String {
        let sentence = match amount.currency.unwrap_or(USUAL) {
            Currency::Eur => Sentence::new("euros"),
            Currency::Usd => Sentence::new("dollars"),
            Currency::Gbp => Sentence::new("pounds"),
            Currency::Chf => Sentence::new("francs"),
        };
        let count = if amount.minor == 100 { 1 } else { 2 };
        self.replies.text(self.lang, &sentence.with("amount", written(amount, self.lang)).count(count))
    }

    /// "Two zero" of 20, "one two point five zero" of 12.50; nothing of a single digit, which has no other way to be said.
    pub(super) fn digits(&self, amount: Amount) -> Option<String> {
        let names = self.replies.text(self.lang, &Sentence::new("digits"));
        let names: Vec<&str> = names.split_whitespace().collect();
        let point = self.replies.text(self.lang, &Sentence::new("decimal-point"));
        let written = written(amount, self.lang);
        let name = |c: char| match c.to_digit(10) {
            Some(digit) => usize::try_from(digit).ok().and_then(|digit| names.get(digit).copied()).unwrap_or_default(),
            None => point.as_str(),
        };
        let spoken: Vec<&str> = written.chars().map(name).collect();
        (spoken.len() > 1).then(|| spoken.join(" "))
    }

    /// "20 euros, two zero".
    pub(super) fn amount_apart(&self, amount: Amount) -> String {
        let said = self.amount(amount);
        self.digits(amount).map_or_else(|| said.clone(), |digits| format!("{said}, {digits}"))
    }

    /// Who owes whom.
    pub(super) fn tell_debts(&mut self, debts: &[Debt], out: &mut Vec<Effect>) -> State {
        if debts.is_empty() {
            return self.answer(ReplyKind::Answer, &Sentence::new("owed-nothing"), out);
        }
        let tell = |debt: &Debt| {
            let sentence = match debt.debtor {
                Side::User => Sentence::new("owed-by-you"),
                Side::Other => Sentence::new("owed-to-you"),
            };
            let sentence = sentence.with("name", debt.other.name.as_str()).with("amount", self.amount(debt.amount));
            self.replies.text(self.lang, &sentence)
        };
        let mut told: Vec<String> = debts.iter().take(TOLD).map(tell).collect();
        if debts.len() > TOLD {
            told.push(self.replies.text(self.lang, &Sentence::new("owed-more")));
        }
        self.say_text(ReplyKind::Answer, told.join(" "), out);
        self.rest(out)
    }

    /// Who paid last.
    pub(super) fn tell_last_paid(&mut self, paid: Option<&LastPaid>, out: &mut Vec<Effect>) -> State {
        let Some(paid) = paid else {
            return self.answer(ReplyKind::Answer, &Sentence::new("paid-nobody"), out);
        };
        let sentence = match (paid.payer, &paid.reason) {
            (Side::User, None) => Sentence::new("paid-by-you"),
            (Side::User, Some(reason)) => Sentence::new("paid-by-you-for").with("reason", reason.as_str()),
            (Side::Other, None) => Sentence::new("paid-to-you"),
            (Side::Other, Some(reason)) => Sentence::new("paid-to-you-for").with("reason", reason.as_str()),
        };
        let sentence = sentence.with("name", paid.other.name.as_str()).with("amount", self.amount(paid.amount));
        self.answer(ReplyKind::Answer, &sentence, out)
    }
}

/// "20", "12.50", "12,50".
fn written(amount: Amount, lang: Lang) -> String {
    let (whole, cents) = (amount.minor / 100, amount.minor % 100);
    match (cents, lang) {
        (0, _) => whole.to_string(),
        (_, Lang::En) => format!("{whole}.{cents:02}"),
        (_, Lang::Fr) => format!("{whole},{cents:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Confirm, dialogue::tests::policy};

    #[test]
    fn confusable_amounts_are_told_apart_by_their_digits() {
        let table = [
            (Lang::En, 1_500, "15 euros, one five"),
            (Lang::En, 5_000, "50 euros, five zero"),
            (Lang::En, 1_250, "12.50 euros, one two point five zero"),
            (Lang::En, 700, "7 euros"),
            (Lang::En, 100, "1 euro"),
            (Lang::En, 50, "0.50 euros, zero point five zero"),
            (Lang::Fr, 1_300, "13 euros, un trois"),
            (Lang::Fr, 3_000, "30 euros, trois zéro"),
            (Lang::Fr, 1_205, "12,05 euros, un deux virgule zéro cinq"),
        ];
        for (lang, minor, said) in table {
            let dialogue = Dialogue::new(policy(Confirm::Always), lang);
            assert_eq!(dialogue.amount_apart(Amount { minor, currency: None }), said);
        }
    }
}
