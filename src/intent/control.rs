//! Words to the house rather than to somebody: louder, pause, what is waiting. They are no intents of the outer
//! contract, and nothing that any of them does reaches another person.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    Expected, Names, Parser,
    contacts::Resolution,
    matcher,
    parser::{allowed_ends, prepared, starts, value},
};
use crate::config::Lang;

/// What is asked of Herald itself; `sentences/*.toml` hold the words, under `[[control]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// "Catch me up": counts by person, then the messages if they are wanted.
    CatchUp,
    /// "What is waiting?"
    Waiting,
    /// "Who from?": who wrote the message last read.
    WhoFrom,
    /// "Skip it": the next message, whatever is left of this one.
    Skip,
    /// "Louder".
    Louder,
    /// "Quieter".
    Quieter,
    /// "Mute the microphone".
    Mute,
    /// "Wait", "pause": nothing is said or expected until "go on".
    Pause,
    /// "Go on", "resume".
    Resume,
    /// "Why did you do that?"
    Why,
    /// "Forget what you did".
    Forget,
    /// "Call an ambulance".
    Emergency,
    /// "This is Paul": who speaks.
    Speaker,
    /// "Any ideas?": what could be answered to the message read last.
    Suggest,
    /// "How much do I owe Marion?", "who owes whom?"
    Owed,
    /// "Who paid?": the last payment of the household.
    LastPaid,
}

/// A control as it was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// What is asked.
    pub control: Control,
    /// Language of the sentence.
    pub lang: Lang,
    /// The name in it, if it has one.
    pub said: Option<String>,
    /// Who is meant by it, where that matters; the parser knows nobody.
    pub who: Option<Resolution>,
}

impl Parser {
    /// Understands words to the house; `None` when they are none. Of what is dictated, only a pause is.
    pub fn control(
        &self,
        text: &str,
        lang: Option<Lang>,
        expected: Expected,
        names: &dyn Names,
    ) -> Option<Instruction> {
        let expected = expected.in_sentences();
        let mut best: Option<(f32, Instruction)> = None;
        for language in self.languages.iter().filter(|language| lang.is_none_or(|lang| lang == language.lang)) {
            let tokens = language.tokens(text);
            let numbers = language.numbers(&tokens);
            let sentence = prepared(language, (text, &tokens, &numbers), names);
            let ends = allowed_ends(&sentence);
            for from in starts(&sentence) {
                for (control, rule) in language.controls.iter().filter(|(_, rule)| rule.applies(expected)) {
                    let Some(found) = matcher::best(&sentence, &rule.steps, from, &ends) else { continue };
                    if best.as_ref().is_none_or(|(rank, _)| *rank < found.rank) {
                        let name = found.captures.first();
                        let said = name.and_then(|(slot, from, end)| value(text, &tokens, *slot, *from, *end));
                        let said = said.map(Cow::into_owned);
                        best =
                            Some((found.rank, Instruction { control: *control, lang: language.lang, said, who: None }));
                    }
                }
            }
        }
        best.map(|(_, instruction)| instruction)
    }
}
