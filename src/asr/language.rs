//! Which of Herald's languages an utterance is in.
//!
//! The model leans to English: of twelve short answers and commands by the French voice, seven were taken for French by
//! its own odds. English words and sentences by people have log-odds of 3 to 9, by synthetic voices of 1 to 9; French
//! sentences are below -3, but short French words reach from -5 to 4.

use crate::config::Lang;

/// Log-odds for English that are no evidence: below, an utterance of unknown context is French.
const LEANING: f32 = 1.5;
/// Log-odds that the language of the last turn adds: people rarely change it from one turn to the next.
const PRIOR_LOG_ODDS: f32 = 1.5;

/// Returns the likelier language from the model's logits for English and French, and the language of the last turn.
pub(super) fn choose(english: f32, french: f32, prior: Option<Lang>) -> Lang {
    let prior = match prior {
        Some(Lang::En) => PRIOR_LOG_ODDS,
        Some(Lang::Fr) => -PRIOR_LOG_ODDS,
        None => 0.0,
    };
    if english - french + prior >= LEANING { Lang::En } else { Lang::Fr }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likelier_language_wins() {
        assert_eq!(choose(4.0, 2.0, None), Lang::En);
        assert_eq!(choose(2.0, 4.0, None), Lang::Fr);
    }

    #[test]
    fn the_last_turn_decides_only_what_is_close() {
        assert_eq!(choose(4.0, 3.5, Some(Lang::En)), Lang::En, "a short English word after English");
        assert_eq!(choose(4.0, 3.5, None), Lang::Fr);
        assert_eq!(choose(5.5, 3.0, Some(Lang::Fr)), Lang::Fr, "a short French word after French");
        assert_eq!(choose(5.5, 3.0, None), Lang::En);
        assert_eq!(choose(1.0, 5.0, Some(Lang::En)), Lang::Fr);
        assert_eq!(choose(6.0, 1.0, Some(Lang::Fr)), Lang::En);
    }
}
