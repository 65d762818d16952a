//! Text as it was written to text that can be read aloud, in English and French.
//!
//! Whatever comes in, no link, markup, control or invisible character reaches an engine; a text that is not empty
//! never becomes silence; what is too long is cut, and it is said that there is more. Numbers, dates and abbreviations
//! are put into words here, since the engines differ in them and err.
//!
//! It is a chain of rules over the text (`rule.rs`), each file with those of one concern, from what is most certain (a
//! link) to what is least (a lone number): a later rule sees what the earlier ones left. No crate does this for both
//! languages; numbers in words are `numerals.rs`, with the reason. What a good reader says for two thousand lines
//! stands in `tests/examples/read_aloud`.

mod amounts;
mod attachments;
mod caps;
mod clean;
mod dates;
mod emoji;
mod fractions;
mod links;
mod markup;
mod numbers;
mod numerals;
mod phones;
mod roman;
mod rule;
mod short;
mod short_en;
mod short_fr;
mod tidy;
mod times;
mod units;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use rule::{Rule, Say, in_lang};

use crate::config::Lang;

/// From this many characters on that cannot be seen, it is said that there were some.
const MANY_HIDDEN: usize = 20;

/// What a text must hold for rules to find anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Digits,
}

/// The rules of one language, by the step they belong to.
struct Reader {
    /// Before lines are joined.
    layout: Vec<Rule>,
    /// What is found by its shape, in order: links, numbers and the like.
    shapes: Vec<(Need, Vec<Rule>)>,
}

impl Reader {
    /// Returns the rules of a language, made by the first who asks.
    fn of(lang: Lang) -> &'static Self {
        static READERS: [OnceLock<Reader>; 2] = [OnceLock::new(), OnceLock::new()];
        let [en, fr] = &READERS;
        match lang {
            Lang::En => en,
            Lang::Fr => fr,
        }
        .get_or_init(|| Self::new(lang))
    }

    fn new(lang: Lang) -> Self {
        let layout = [
            markup::code_rules(lang),
            attachments::rules(lang),
            emoji::rules(lang),
            markup::rules(lang),
            links::rules(lang),
        ];
        let shapes = [
            (Need::Nothing, numbers::sign_rules(lang)),
            (Need::Digits, short::early_rules(lang)),
            (Need::Digits, phones::rules(lang)),
            (Need::Digits, dates::rules(lang)),
            (Need::Nothing, dates::name_rules(lang)),
            (Need::Digits, times::rules(lang)),
            (Need::Digits, amounts::rules(lang)),
            (Need::Digits, units::rules(lang)),
            (Need::Digits, fractions::rules(lang)),
            (Need::Digits, numbers::rules(lang)),
            (Need::Nothing, roman::rules(lang)),
            (Need::Nothing, short::rules(lang)),
            (Need::Digits, phones::mixed_rules(lang)),
            (Need::Digits, numbers::plain_rules(lang)),
        ];
        Self {
            layout: rules(layout.concat()),
            shapes: shapes.into_iter().map(|(need, shapes)| (need, rules(shapes))).collect(),
        }
    }
}

fn rules(rules: Vec<(String, Say)>) -> Vec<Rule> {
    rules.into_iter().map(|(pattern, say)| Rule::new(&pattern, say)).collect()
}

fn has_digits(text: &str) -> bool {
    text.contains(|symbol: char| symbol.is_ascii_digit() || "½¼¾⅓⅔²³√".contains(symbol))
}

/// Makes a text speakable; never empty for a text that is not empty.
pub fn read_aloud(text: &str, lang: Lang) -> String {
    if text.is_empty() {
        return String::new();
    }
    let reader = Reader::of(lang);
    let clean = clean::clean(text);
    let shouted = caps::is_shouted(&clean.text);
    let mut said = clean.text;
    for rule in &reader.layout {
        said = rule.apply(said, lang);
    }
    said = emoji::from_emoticons(&said);
    said = markup::join_lines(&said, lang);
    said = emoji::say(&said, lang);
    let digits = has_digits(&said);
    for (_, rules) in reader.shapes.iter().filter(|(need, _)| digits || *need == Need::Nothing) {
        for rule in rules {
            said = rule.apply(said, lang);
        }
    }
    said = caps::read(&said, shouted, lang);
    said = tidy::space(&tidy::name_symbols(&said, lang), lang);
    said = tidy::spell_protocol(&said);
    if !said.chars().any(char::is_alphanumeric) {
        said = in_lang(lang, "a message without words", "un message sans mots").to_owned();
    }
    if clean.hidden > MANY_HIDDEN {
        said.push_str(in_lang(lang, ", with hidden characters", ", avec des caractères cachés"));
    }
    tidy::shorten(said, clean.is_cut, lang)
}
