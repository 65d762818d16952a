//! Whether an utterance begins with "Herald", by transcript: used live where no wake word is enrolled.

use super::token;

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

/// Returns what follows "Herald" (or something recognisers write for it) at the beginning, `None` if the
/// utterance does not begin with it. The rest is empty when nothing follows.
pub fn strip(text: &str) -> Option<&str> {
    let tokens = token::tokens(text);
    let called = usize::from(tokens.first().is_some_and(|first| CALLS.contains(&first.fold.as_str())));
    // "he rald" begins with a call word, too: the longer reading first, without the call.
    [0, called].into_iter().find_map(|from| {
        [2, 1].into_iter().find_map(|length| {
            let words = tokens.get(from..from + length)?;
            let said = words.iter().map(|token| token.fold.as_str()).collect::<Vec<_>>().join(" ");
            if !SPELLINGS.contains(&said.as_str()) {
                return None;
            }
            let rest = text.get(words.last()?.end..)?;
            Some(rest.trim_start_matches(|c: char| !c.is_alphanumeric()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn herald_and_its_sound_alikes_wake() {
        for said in ["Herald, read my messages", "Hey Harold read my messages", "hérald. read my messages"] {
            assert_eq!(strip(said), Some("read my messages"), "{said}");
        }
        assert_eq!(strip("Et rald, lis mes messages"), Some("lis mes messages"));
        assert_eq!(strip("Gerald!"), Some(""));
    }

    #[test]
    fn other_utterances_do_not() {
        for said in ["read the herald", "Hello there", "her mother called", "", "hey", "Geraldine called", "he called"]
        {
            assert_eq!(strip(said), None, "{said}");
        }
    }
}
