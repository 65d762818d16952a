//! What is said about the draft beside the intent: take back what I said, somebody else, a name by its letters. The
//! same words keep their meaning as an intent for whoever does not look here.

use super::{
    Expected,
    letters::{announced, letters},
    token::{self, Token},
};

/// What the user wants of the draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// "Scratch that": what was said last does not count.
    Scratch,
    /// "Remove the last sentence."
    LastSentence,
    /// "Wrong person": somebody else is meant, not yet said who.
    Whom,
    /// "Also to ...": the people named are to be added, not to take the place of others.
    Also,
    /// A name by its letters.
    Letters(String),
    /// The words themselves as somebody typed them; never said.
    Typed(String),
    /// "Yes, pay": the only words that are a yes to a payment.
    Pay,
}

/// Whole utterances, folded.
const SCRATCH: &[&str] = &[
    "scratch that",
    "scratch it",
    "strike that",
    "strike it",
    "raye ca",
    "raye le",
    "rayez ca",
    "efface ca",
    "effacez ca",
    "efface ce que j' ai dit",
    "efface ce que je viens de dire",
    "oublie ce que je viens de dire",
];
const WHOM: &[&str] = &[
    "wrong person",
    "wrong recipient",
    "wrong contact",
    "wrong name",
    "the wrong person",
    "thats the wrong person",
    "not the right person",
    "change the recipient",
    "change the person",
    "change the name",
    "somebody else",
    "someone else",
    "mauvaise personne",
    "mauvais destinataire",
    "mauvais contact",
    "c' est la mauvaise personne",
    "pas la bonne personne",
    "ce n' est pas la bonne personne",
    "change le destinataire",
    "change de destinataire",
    "change la personne",
    "change le nom",
    "quelqu'un d' autre",
    "quelqu' un d' autre",
];
/// What goes before "the last sentence".
const REMOVING: &[&str] = &[
    "remove",
    "delete",
    "erase",
    "drop",
    "cut",
    "take out",
    "leave out",
    "strike",
    "scratch",
    "enleve",
    "enlevez",
    "supprime",
    "supprimez",
    "efface",
    "effacez",
    "retire",
    "retirez",
    "raye",
];
const LAST_SENTENCE: &[&str] = &["the last sentence", "last sentence", "la derniere phrase", "ma derniere phrase"];
const ALSO_BEFORE: &[&str] =
    &["also to", "also for", "and to", "and also to", "aussi a", "et aussi a", "et a", "egalement a", "et egalement a"];
const ALSO_AFTER: &[&str] = &[" too", " as well", " also", " aussi", " egalement"];
/// What announces letters.
const SPELLING: &[&str] = &[
    "spell it out",
    "spell it",
    "spell that",
    "spell the name",
    "spell",
    "let me spell it",
    "let me spell that",
    "let me spell",
    "i will spell it",
    "ill spell it",
    "i spell it",
    "i spell",
    "its spelled",
    "it is spelled",
    "thats spelled",
    "spelled",
    "its written",
    "j' epelle",
    "je l' epelle",
    "je te l' epelle",
    "je vais l' epeler",
    "je vous l' epelle",
    "epelle le",
    "epelle",
    "epelez le",
    "epelez",
    "ca s' ecrit",
    "ca s' epelle",
    "il s' ecrit",
    "elle s' ecrit",
    "cela s' ecrit",
    "ecrit",
    "s' ecrit",
    "en lettres",
];
/// What says yes and what says pay: only both together pay, and nothing else may be said.
const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yes please",
    "yes go ahead and",
    "yes you can",
    "oui",
    "ouais",
    "oui vas y",
    "oui tu peux",
    "oui vous pouvez",
];
const PAY: &[&str] = &[
    "pay",
    "pay it",
    "pay now",
    "pay please",
    "please pay",
    "payer",
    "paye",
    "paie",
    "payez",
    "paies",
    "paye le",
    "paie le",
    "payer maintenant",
    "paie maintenant",
    "paye maintenant",
    "payer s' il te plait",
    "paie s' il te plait",
];
/// What may stand before and after any of these.
const BEFORE: &[&str] = &[
    "no", "yes", "ok", "okay", "oh", "so", "well", "please", "and then", "herald", "non", "oui", "bon", "ah", "allez",
    "alors", "euh", "um",
];
const AFTER: &[&str] = &["please", "herald", "s' il te plait", "s' il vous plait", "stp", "thanks", "merci"];

/// Reads what an utterance says about the draft, if anything.
///
/// Where the words of a message are expected, only what nobody dictates counts.
pub fn mend(text: &str, expected: Expected) -> Option<Mend> {
    let tokens = token::tokens(text);
    if expected != Expected::Content
        && let Some(word) = spelled(text, &tokens, expected)
    {
        return Some(Mend::Letters(word));
    }
    let said = joined(&tokens);
    let words = bare(&said);
    let is = |list: &[&str]| list.contains(&words);
    if is(SCRATCH) {
        return Some(Mend::Scratch);
    }
    if expected == Expected::Content {
        return None;
    }
    if YES.iter().any(|yes| said.strip_prefix(yes).is_some_and(|pay| PAY.contains(&pay.trim_start()))) {
        return Some(Mend::Pay);
    }
    if is(WHOM) {
        return Some(Mend::Whom);
    }
    let removes = |end: &str| words.strip_suffix(end).is_some_and(|before| REMOVING.contains(&before.trim_end()));
    if LAST_SENTENCE.iter().any(|end| removes(end)) {
        return Some(Mend::LastSentence);
    }
    let adds = ALSO_BEFORE.iter().any(|also| words.strip_prefix(also).is_some_and(|rest| rest.starts_with(' ')))
        || ALSO_AFTER.iter().any(|also| words.ends_with(also));
    adds.then_some(Mend::Also)
}

/// Letters: after "spell it" anywhere, alone where a name is expected.
fn spelled(text: &str, tokens: &[Token], expected: Expected) -> Option<String> {
    let mut rest = tokens;
    while let [first, after @ ..] = rest
        && BEFORE.contains(&first.fold.as_str())
    {
        rest = after;
    }
    let longest = SPELLING
        .iter()
        .filter_map(|announcement| {
            let length = announcement.split(' ').count();
            let said = rest.get(..length)?;
            (joined(said) == *announcement).then_some(length)
        })
        .max();
    match longest {
        Some(length) => announced(rest.get(length..)?),
        None if matches!(expected, Expected::Recipient | Expected::Choice) => letters(text),
        None => None,
    }
}

fn joined(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.fold.as_str()).collect::<Vec<_>>().join(" ")
}

/// Drops what is said around a request.
fn bare(words: &str) -> &str {
    let mut words = words;
    while let Some(rest) = BEFORE.iter().find_map(|before| words.strip_prefix(before)?.strip_prefix(' ')) {
        words = rest;
    }
    while let Some(rest) = AFTER.iter().find_map(|after| words.strip_suffix(after)?.strip_suffix(' ')) {
        words = rest;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Expected, Mend, mend};

    #[test]
    fn what_is_said_about_the_conversation_is_told_from_messages_and_answers() {
        let letters = |word: &str| Some(Mend::Letters(word.to_owned()));
        let table = [
            ("wait, no", Expected::YesNo, None),
            ("no, wait", Expected::YesNo, None),
            ("wait for me at the station", Expected::Content, None),
            ("go on", Expected::Content, None),
            ("no, scratch that", Expected::YesNo, Some(Mend::Scratch)),
            ("Efface ce que j'ai dit", Expected::YesNo, Some(Mend::Scratch)),
            ("remove the last sentence", Expected::YesNo, Some(Mend::LastSentence)),
            ("Enlève la dernière phrase", Expected::YesNo, Some(Mend::LastSentence)),
            ("the last sentence", Expected::YesNo, None),
            ("no, wrong person", Expected::YesNo, Some(Mend::Whom)),
            ("also to Anna", Expected::YesNo, Some(Mend::Also)),
            ("à Anna aussi", Expected::YesNo, Some(Mend::Also)),
            ("yes", Expected::YesNo, None),
            ("spell it: M A R I O N", Expected::YesNo, letters("Marion")),
            ("no, I spell it M A R", Expected::YesNo, letters("Mar")),
            ("Non, j'épelle : A, deux N, A", Expected::YesNo, letters("Anna")),
            ("M A R I O N", Expected::Recipient, letters("Marion")),
            ("M A R I O N", Expected::YesNo, None),
            ("M A R I O N", Expected::Content, None),
            ("spell it", Expected::Recipient, None),
            ("Marion", Expected::Recipient, None),
            ("", Expected::Command, None),
            ("Yes, pay.", Expected::Payment, Some(Mend::Pay)),
            ("Oui, payer.", Expected::Payment, Some(Mend::Pay)),
            ("oui, paie", Expected::Payment, Some(Mend::Pay)),
            ("Oui, payez", Expected::Command, Some(Mend::Pay)),
            ("yes, pay", Expected::Content, None),
            ("yes", Expected::Payment, None),
            ("pay", Expected::Payment, None),
            ("no, pay", Expected::Payment, None),
            ("yes, pay Paul", Expected::Payment, None),
            ("yes but pay thirty", Expected::Payment, None),
            ("yes I already paid", Expected::Payment, None),
        ];
        for (text, expected, meaning) in table {
            assert_eq!(mend(text, expected), meaning, "{text:?}");
        }
    }
}
