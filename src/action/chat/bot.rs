//! Greeting and menu: what is answered without anybody. Numbered choices, so that they can be typed as a digit or tapped.
//! Whoever wants anything else gets a person, and from then on the bot is silent.

use crate::{
    config::{self, Choice, Lang},
    intent::fold,
};

/// What the owner configured.
#[derive(Debug, Clone)]
pub(super) struct Bot {
    greetings: [String; 2],
    menu: Vec<Choice>,
}

/// What becomes of a visitor's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The bot answers it.
    Says(String),
    /// A person is to answer; what the visitor is told until then.
    HandsOver(Option<String>),
}

impl Bot {
    pub fn new(config: &config::Chat) -> Self {
        let greetings = [config.greeting_en.clone(), config.greeting_fr.clone()];
        Self { greetings, menu: config.menu.clone() }
    }

    /// Whether there is anything that it can answer.
    pub const fn answers(&self) -> bool {
        !self.menu.is_empty()
    }

    /// What a visitor is told first: the greeting and the numbered choices.
    pub fn greeting(&self, lang: Lang) -> Option<String> {
        let greeting = match lang {
            Lang::En => &self.greetings[0],
            Lang::Fr => &self.greetings[1],
        };
        let choices = self.labels(lang).into_iter().zip(1..).map(|(label, number)| format!("{number}. {label}"));
        let lines: Vec<String> =
            Some(greeting.trim().to_owned()).filter(|text| !text.is_empty()).into_iter().chain(choices).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// What the choices are called.
    pub fn labels(&self, lang: Lang) -> Vec<&str> {
        self.menu.iter().map(|choice| label(choice, lang)).collect()
    }

    /// Takes in a message.
    pub fn hear(&self, lang: Lang, body: &str) -> Answer {
        let Some(choice) = self.chosen(lang, body) else { return Answer::HandsOver(None) };
        match (choice.person, lang) {
            (false, Lang::En) => Answer::Says(choice.answer_en.clone()),
            (false, Lang::Fr) => Answer::Says(choice.answer_fr.clone()),
            (true, Lang::En) => Answer::HandsOver(Some("Somebody will answer you here.".to_owned())),
            (true, Lang::Fr) => Answer::HandsOver(Some("Quelqu'un va vous répondre ici.".to_owned())),
        }
    }

    /// The choice of a number ("2", "2."), a label, or both.
    fn chosen(&self, lang: Lang, body: &str) -> Option<&Choice> {
        let words = body.trim();
        let digits = words.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(words.len());
        let (number, rest) = words.split_at_checked(digits)?;
        let rest = fold(rest);
        let numbered = number.parse::<usize>().ok().and_then(|number| self.menu.get(number.checked_sub(1)?));
        match numbered {
            Some(choice) if rest.is_empty() || rest == fold(label(choice, lang)) => Some(choice),
            Some(_) | None => self.menu.iter().find(|choice| fold(label(choice, lang)) == fold(words)),
        }
    }
}

fn label(choice: &Choice, lang: Lang) -> &str {
    match lang {
        Lang::En => &choice.label_en,
        Lang::Fr => &choice.label_fr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bot() -> Bot {
        let choice = |label: &str, answer: &str| Choice {
            label_en: label.to_owned(),
            label_fr: format!("{label} (fr)"),
            answer_en: answer.to_owned(),
            answer_fr: format!("{answer} (fr)"),
            person: answer.is_empty(),
        };
        let menu = vec![choice("Opening hours", "At nine."), choice("A person", "")];
        Bot { greetings: ["Hello!".to_owned(), "Bonjour !".to_owned()], menu }
    }

    #[test]
    fn a_choice_is_made_by_its_number_its_words_or_both() {
        let bot = bot();
        for chosen in ["1", " 1. ", "1)", "opening hours", "Opening Hours!", "1. Opening hours"] {
            assert_eq!(bot.hear(Lang::En, chosen), Answer::Says("At nine.".to_owned()), "{chosen}");
        }
        assert_eq!(bot.hear(Lang::Fr, "opening hours (fr)"), Answer::Says("At nine. (fr)".to_owned()));
    }

    #[test]
    fn anything_else_is_for_a_person() {
        let bot = bot();
        for other in ["0", "3", "99999999999999999999999", "1 kilo of bread", "hello", "", "１"] {
            assert_eq!(bot.hear(Lang::En, other), Answer::HandsOver(None), "{other}");
        }
        assert!(matches!(bot.hear(Lang::En, "a person"), Answer::HandsOver(Some(_))));
    }

    #[test]
    fn the_greeting_numbers_the_choices() {
        assert_eq!(bot().greeting(Lang::En).unwrap(), "Hello!\n1. Opening hours\n2. A person");
        assert!(bot().greeting(Lang::Fr).unwrap().starts_with("Bonjour !\n1. Opening hours (fr)"));
        let silent = Bot { greetings: [String::new(), String::new()], menu: Vec::new() };
        assert_eq!(silent.greeting(Lang::En), None);
    }
}
