//! Whether an utterance begins with "Herald", by transcript: used live where no wake word is enrolled.

use super::{sound, token};
use crate::config::Lang;

/// What recognisers write for "Herald", folded; French ones drop the h and add endings.
const SPELLINGS: [&str; 44] = [
    "herald", "heralds", "harald", "harold", "harolds", "herold", "herauld", "heralde", "heraud", "herault", "herod",
    "gerald", "geralds", "gerold", "jerald", "errol", "erald", "eralde", "ehrald", "errald", "erold", "erolde",
    "arald", "aerald", "hairald", "heraldo", "harrold", "harrald", "herrald", "herild", "herilde", "heralt", "herhald",
    "et rald", "et ralde", "he rald", "hey rald", "air ald", "eh ralde", "er ald", "her old", "her all", "hair old",
    "et roald",
];

/// Words that may come before it.
const CALLS: [&str; 12] = ["hey", "hi", "hello", "ok", "okay", "he", "eh", "bonjour", "salut", "allo", "dis", "yo"];

/// How alike the first words must sound, read in English and in French. Measured on transcripts of "Herald" by nine
/// synthetic voices: "arraled" 0.77 and "err old" 0.81 in English, "rale" 0.94 in French; "he called" has 0.76 and
/// "or all" 0.93.
const ALIKE: [(Lang, f32); 2] = [(Lang::En, 0.765), (Lang::Fr, 0.93)];

/// Returns what follows "Herald" (or something recognisers write for it) at the beginning, `None` if the
/// utterance does not begin with it. The rest is empty when nothing follows.
pub fn strip(text: &str) -> Option<&str> {
    after_name(text, |said| SPELLINGS.contains(&said))
}

/// As [`strip`], for words that only sound like it: weak evidence, worth something when a command follows.
pub fn alike(text: &str) -> Option<&str> {
    after_name(text, |said| {
        ALIKE.iter().any(|&(lang, least)| {
            let (said, name) = (sound::sounds(said, lang), sound::sounds("herald", lang));
            sound::likeness(said.as_bytes(), name.as_bytes(), least).is_some()
        })
    })
}

/// Returns what follows the first one or two words, a call word apart, if they are the name.
fn after_name(text: &str, is_name: impl Fn(&str) -> bool) -> Option<&str> {
    let tokens = token::tokens(text);
    let called = usize::from(tokens.first().is_some_and(|first| CALLS.contains(&first.fold.as_str())));
    // "he rald" begins with a call word, too: the longer reading first, without the call.
    [0, called].into_iter().find_map(|from| {
        [2, 1].into_iter().find_map(|length| {
            let words = tokens.get(from..from + length)?;
            let said = words.iter().map(|token| token.fold.as_str()).collect::<Vec<_>>().join(" ");
            if !is_name(&said) {
                return None;
            }
            let rest = text.get(words.last()?.end..)?;
            Some(rest.trim_start_matches(|c: char| !c.is_alphanumeric()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{alike, strip};

    #[test]
    fn herald_and_its_sound_alikes_wake() {
        for said in ["Herald, read my messages", "Hey Harold read my messages", "hérald. read my messages"] {
            assert_eq!(strip(said), Some("read my messages"), "{said}");
        }
        assert_eq!(strip("Et rald, lis mes messages"), Some("lis mes messages"));
        assert_eq!(strip("Gerald!"), Some(""));
    }

    #[test]
    fn what_only_sounds_like_herald_is_told_apart() {
        for said in ["Arraled message Marion", "Err old message Marion", "Rald message Marion", "Rale, message Marion"]
        {
            assert_eq!((strip(said), alike(said)), (None, Some("message Marion")), "{said}");
        }
        for said in ["Carried message Marion", "he called Marion", "hello there Marion", "or all of them", "her mother"]
        {
            assert_eq!(alike(said), None, "{said}");
        }
    }

    #[test]
    fn other_utterances_do_not() {
        for said in ["read the herald", "Hello there", "her mother called", "", "hey", "Geraldine called", "he called"]
        {
            assert_eq!(strip(said), None, "{said}");
        }
    }
}
