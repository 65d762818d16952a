//! An amount said by itself: the answer to "how much?", and "no, thirty" to a payment that was read back.

use std::borrow::Cow;

use super::{Amount, Expected, Intent, IntentName, Parser, Slot, Slots, parser::value, token::Token};
use crate::config::Lang;

/// Score of an amount beside which nothing else was said. Not that of a closed sentence: "twelve euros" may go on.
const SUM: f32 = 0.9;

/// Longest answer that is an amount, in words.
const LONGEST: usize = 16;

/// What may stand before it, folded.
const BEFORE: &[&str] = &[
    "no",
    "not",
    "wait",
    "sorry",
    "but",
    "oh",
    "make",
    "it",
    "that",
    "is",
    "its",
    "i",
    "said",
    "meant",
    "mean",
    "say",
    "rather",
    "actually",
    "only",
    "just",
    "pay",
    "send",
    "please",
    "change",
    "to",
    "about",
    "non",
    "attends",
    "pardon",
    "mais",
    "ah",
    "mets",
    "plutot",
    "j'",
    "ai",
    "dit",
    "je",
    "voulais",
    "veux",
    "dire",
    "dis",
    "c'",
    "est",
    "ca",
    "fait",
    "fais",
    "en",
    "seulement",
    "juste",
    "paie",
    "paye",
    "payer",
    "envoie",
    "demande",
    "change",
];

/// What may stand after it.
const AFTER: &[&str] = &[
    "please",
    "instead",
    "rather",
    "then",
    "only",
    "thanks",
    "exactly",
    "plutot",
    "s'",
    "il",
    "te",
    "vous",
    "plait",
    "merci",
    "seulement",
    "alors",
    "exactement",
];

/// What goes before an amount that is not meant.
const NOT: &[&str] = &["not", "pas"];

impl Parser {
    /// Reads an amount beside which nothing is said but what goes with it; `None` where no amount is expected.
    pub(super) fn sum(&self, text: &str, lang: Option<Lang>, expected: Expected) -> Option<Intent> {
        let name = match expected {
            Expected::Amount => IntentName::Pay,
            Expected::Payment => IntentName::Edit,
            Expected::Command
            | Expected::YesNo
            | Expected::Recipient
            | Expected::Content
            | Expected::Choice
            | Expected::Reading => return None,
        };
        self.languages.iter().filter(|language| lang.is_none_or(|lang| lang == language.lang)).find_map(|language| {
            let said = said(text, &language.tokens(text), language.lang)?;
            let slots = Slots::from([(Slot::Amount, vec![said.into_owned()])]);
            Some(Intent { name, slots, score: SUM, lang: language.lang })
        })
    }
}

/// The words of the amount, as said.
fn said<'a>(text: &'a str, tokens: &[Token], lang: Lang) -> Option<Cow<'a, str>> {
    if tokens.len() > LONGEST {
        return None;
    }
    let is = |list: &[&str], token: &Token| list.contains(&token.fold.as_str());
    let before = tokens.iter().take_while(|token| is(BEFORE, token)).count();
    // Of "not fifteen, fifty" nobody knows where the one ends and the other begins.
    let is_denied = tokens.get(..before)?.last().is_some_and(|token| is(NOT, token));
    let ends = (before + 1..=tokens.len()).rev().filter(|_| !is_denied);
    ends.filter(|end| {
        let after = tokens.get(*end..).unwrap_or_default();
        after.first().is_some_and(|token| is(NOT, token)) || after.iter().all(|token| is(AFTER, token))
    })
    .filter_map(|end| value(text, tokens, Slot::Amount, before, end))
    .find(|said| Amount::read(said, lang).is_some())
}

#[cfg(test)]
mod tests {
    use super::{super::NoNames, *};

    #[test]
    fn an_amount_by_itself_is_an_answer_and_a_correction_and_nothing_in_other_places() {
        let parser = Parser::new().unwrap();
        let table = [
            ("twenty euros", Lang::En, Some("twenty euros")),
            ("twenty", Lang::En, Some("twenty")),
            ("no, thirty", Lang::En, Some("thirty")),
            ("no, make it thirty euros please", Lang::En, Some("thirty euros")),
            ("no I said fifty, not fifteen", Lang::En, Some("fifty")),
            ("12,50 €", Lang::Fr, Some("12,50 €")),
            ("non, trente", Lang::Fr, Some("trente")),
            ("non, j'ai dit seize euros, pas treize", Lang::Fr, Some("seize euros")),
            ("quatre-vingts euros s'il te plaît", Lang::Fr, Some("quatre-vingts euros")),
            ("not fifteen, fifty", Lang::En, None),
            ("no, fifteen or fifty", Lang::En, None),
            ("no", Lang::En, None),
            ("yes, pay", Lang::En, None),
            ("pay Paul thirty euros", Lang::En, None),
        ];
        for (text, lang, amount) in table {
            for (expected, name) in [(Expected::Amount, IntentName::Pay), (Expected::Payment, IntentName::Edit)] {
                let intent = parser.parse(text, Some(lang), expected, &NoNames);
                let found = intent.slot(Slot::Amount).filter(|_| intent.name == name && intent.slots.len() == 1);
                assert_eq!(found, amount, "{text}: {intent:?}");
            }
            let intent = parser.parse(text, Some(lang), Expected::YesNo, &NoNames);
            assert_eq!(intent.slot(Slot::Amount).filter(|_| intent.name == IntentName::Edit), None, "{text}");
        }
    }
}
