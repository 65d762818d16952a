//! Which of Herald's languages an utterance is in.

use crate::config::Lang;

/// Log-odds that the language of the last turn adds: people rarely change it from one turn to the next.
const PRIOR_LOG_ODDS: f32 = 1.0;

/// Returns the likelier language from the model's logits for English and French, and the language of the last turn.
pub(super) fn choose(english: f32, french: f32, prior: Option<Lang>) -> Lang {
    let prior = match prior {
        Some(Lang::En) => PRIOR_LOG_ODDS,
        Some(Lang::Fr) => -PRIOR_LOG_ODDS,
        None => 0.0,
    };
    if english - french + prior >= 0.0 { Lang::En } else { Lang::Fr }
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
        assert_eq!(choose(3.0, 3.5, Some(Lang::En)), Lang::En);
        assert_eq!(choose(3.5, 3.0, Some(Lang::Fr)), Lang::Fr);
        assert_eq!(choose(1.0, 5.0, Some(Lang::En)), Lang::Fr);
        assert_eq!(choose(5.0, 1.0, Some(Lang::Fr)), Lang::En);
    }
}
