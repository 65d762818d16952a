//! What a profile changes in the conversation.

use std::time::Duration;

use super::draft::Draft;
use crate::config::{self, Confirm, Offers};

/// The rules of a conversation; data from the profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// When a message must be confirmed.
    pub confirm: Confirm,
    /// With [`Confirm::Unsure`]: recipients less certain than this need a yes.
    pub confirm_recipient: f32,
    /// With [`Confirm::Unsure`]: a message to more people than this needs a yes.
    pub confirm_people: u32,
    /// With [`Confirm::Unsure`]: a message with a sum of money, a long number or a password needs a yes.
    pub confirm_risky: bool,
    /// How long an answer is waited for.
    pub answer_timeout: Duration,
    /// How long the "yes" to a payment is waited for, from the end of its read-back.
    pub payment_timeout: Duration,
    /// How long "wait" holds a question.
    pub pause_timeout: Duration,
    /// Questions in one task, if limited.
    pub questions: Option<u32>,
    /// When something is offered because of a message.
    pub offers: Offers,
    /// Characters of a message read before "continue?", if limited.
    pub read_chars: Option<usize>,
}

impl Policy {
    /// Takes the rules out of the configuration.
    pub fn new(config: &config::Dialogue) -> Self {
        Self {
            confirm: config.confirm,
            confirm_recipient: config.confirm_recipient,
            confirm_people: config.confirm_people,
            confirm_risky: config.confirm_risky,
            answer_timeout: Duration::from_millis(config.answer_timeout_ms.into()),
            payment_timeout: PAYMENT_TIMEOUT,
            pause_timeout: Duration::from_millis(config.pause_timeout_ms.into()),
            questions: (config.questions_per_task > 0).then_some(config.questions_per_task),
            offers: config.offers,
            read_chars: (config.read_chars > 0).then_some(config.read_chars as usize),
        }
    }

    /// Tells whether a task that asked `asked` questions may ask another.
    pub const fn may_ask(&self, asked: u32) -> bool {
        match self.questions {
            Some(most) => asked < most,
            None => true,
        }
    }

    /// Tells whether a complete draft may go without a yes: all of it was said at once and recognised beyond doubt,
    /// and the profile asks for none with such recipients, so many people and such words.
    pub(super) fn goes_unasked(&self, draft: &Draft) -> bool {
        // Who was found by the sound of a name alone is remembered once confirmed, so there must be a yes.
        let is_sure = draft.to.iter().all(|to| to.heard.is_none() && to.score >= self.confirm_recipient);
        let people: u32 = draft.to.iter().map(|addressee| addressee.audience()).fold(0, u32::saturating_add);
        let is_risky = self.confirm_risky && draft.body.as_deref().is_some_and(is_risky);
        self.confirm == Confirm::Unsure && draft.certain && is_sure && people <= self.confirm_people && !is_risky
    }
}

/// Who does not confirm a payment within this time is somewhere else with their thoughts.
const PAYMENT_TIMEOUT: Duration = Duration::from_secs(15);

/// Digits in a row from which a number may be a code, an account or a telephone number.
const LONG_NUMBER: usize = 4;

/// Money, and what opens doors.
const RISKY: &[&str] = &[
    "euro",
    "euros",
    "dollar",
    "dollars",
    "pound",
    "pounds",
    "francs",
    "balles",
    "bucks",
    "quid",
    "iban",
    "pin",
    "password",
    "passcode",
    "code",
    "codes",
    "mot de passe",
    "mots de passe",
    "identifiant",
    "account",
    "compte",
    "credit card",
    "carte bleue",
    "carte bancaire",
    "bank card",
    "virement",
    "transfer",
    "passport",
    "passeport",
];

/// Tells whether words sent to the wrong person, or heard wrongly, could cost money or open a door.
fn is_risky(body: &str) -> bool {
    let body = body.to_lowercase();
    let words = format!(" {} ", body.replace(|c: char| !c.is_alphanumeric(), " "));
    let (_, longest) = words.chars().filter(|c| *c != ' ').fold((0, 0), |(run, longest): (usize, usize), c| {
        let run = if c.is_ascii_digit() { run + 1 } else { 0 };
        (run, longest.max(run))
    });
    body.contains(['€', '$', '£'])
        || longest >= LONG_NUMBER
        || RISKY.iter().any(|word| words.contains(&format!(" {word} ")))
}

#[cfg(test)]
mod tests {
    use super::is_risky;

    #[test]
    fn money_codes_and_long_numbers_are_risky() {
        for body in ["it costs 20 €", "le code est 45 19", "my PIN", "le mot de passe", "call 06 12 34", "twenty euros"]
        {
            assert!(is_risky(body), "{body}");
        }
        for body in ["dinner is ready", "at 7:30", "j'arrive dans 10 minutes", "decode it", "line 12 at 9"] {
            assert!(!is_risky(body), "{body}");
        }
    }
}
