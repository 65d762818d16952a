//! What a payment is for: the words after "for", where they come after the amount and the name. They are no slot of the
//! outer contract.

use super::{Intent, Slot, token};

const FOR: [&str; 2] = ["for", "pour"];

/// What may be said after it.
const POLITE: &[&str] =
    &["please", "thanks", "thank you", "s'il te plaît", "s'il te plait", "s'il vous plaît", "stp", "svp", "merci"];

/// Whom it is for is no reason.
const NOBODY: [&str; 6] = ["me", "us", "now", "moi", "nous", "maintenant"];

/// Reads what a payment is for; `None` where that was not said.
pub fn reason(text: &str, intent: &Intent) -> Option<String> {
    let values = [Slot::Amount, Slot::Recipient].into_iter().filter_map(|slot| intent.slots.get(&slot)).flatten();
    let after = values.filter_map(|value| text.rfind(value.as_str()).map(|at| at + value.len())).max()?;
    let rest = text.get(after..)?;
    let tokens = token::tokens(rest);
    let first = tokens.first().filter(|token| FOR.contains(&token.fold.as_str()))?;
    let mut said = trim(rest.get(first.end..)?);
    while let Some(before) = POLITE.iter().find_map(|polite| said.strip_suffix(polite)) {
        said = trim(before);
    }
    (!said.is_empty() && !NOBODY.contains(&token::fold(said).as_str())).then(|| said.to_owned())
}

fn trim(said: &str) -> &str {
    said.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '!' | '?'))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Expected, NoNames, Parser},
        *,
    };

    #[test]
    fn what_a_payment_is_for_is_found_after_amount_and_name() {
        let parser = Parser::new().unwrap();
        let table = [
            ("pay Marion twenty euros for the pizza", Some("the pizza")),
            ("pay Marion twenty euros for the pizza, please.", Some("the pizza")),
            ("send 12 euros to Paul for the cinema on Friday", Some("the cinema on Friday")),
            ("ask Paul for ten euros", None),
            ("ask Paul for ten euros for the taxi", Some("the taxi")),
            ("pay Marion twenty euros for me", None),
            ("paie vingt euros à Marion pour la pizza", Some("la pizza")),
            ("demande dix euros à Paul pour le taxi s'il te plaît", Some("le taxi")),
            ("paie vingt euros à Marion", None),
        ];
        for (text, meant) in table {
            let intent = parser.parse(text, None, Expected::Command, &NoNames);
            assert_eq!(reason(text, &intent).as_deref(), meant, "{text}: {intent:?}");
        }
    }
}
