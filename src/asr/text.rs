//! Cleans what the model wrote: descriptions of noises, phrases invented on silence, loops, blanks.

use unicode_normalization::UnicodeNormalization;

/// What the sound itself says about the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    /// Mean probability of the tokens, 0 to 1.
    pub(super) confidence: f32,
    /// Probability that there was no speech, 0 to 1.
    pub(super) no_speech: f32,
}

impl Evidence {
    /// Weak enough that a usual invention is one.
    fn is_weak(self) -> bool {
        self.no_speech > 0.3 || self.confidence < 0.6
    }

    /// Too weak for a text of that many words. Measured on noises and on clear speech: one or two words have a
    /// confidence from 0.3 on, spoken sentences from 0.45 on, sentences invented on noise up to 0.4.
    fn is_absent(self, words: usize) -> bool {
        let least = if words >= SENTENCE_WORDS { 0.42 } else { 0.25 };
        self.confidence < least || self.no_speech > 0.6 && self.confidence < 0.6
    }
}

/// Credits and farewells of videos. Nobody dictates one of these as a whole sentence.
const CREDITS: [&str; 12] = [
    "amara org",
    "sous titrage",
    "sous titres realises",
    "sous titres par",
    "sous titres fait",
    "subtitles by",
    "subtitled by",
    "captions by",
    "transcribed by",
    "transcription by",
    "castingwords",
    "otter ai",
];

/// What the models write most often when there is nothing to hear, as whole texts; nobody says only that to a device.
const INVENTIONS: [&str; 34] = [
    "ah",
    "euh",
    "hm",
    "hmm",
    "i",
    "mm",
    "oh",
    "so",
    "uh",
    "um",
    "you",
    "bye",
    "bye bye",
    "thank you",
    "thank you very much",
    "thank you so much",
    "thank you for watching",
    "thank you so much for watching",
    "thanks for watching",
    "please subscribe",
    "please subscribe to my channel",
    "see you next time",
    "see you in the next video",
    "i'll see you next time",
    "the end",
    "merci",
    "merci beaucoup",
    "merci d'avoir regardé",
    "merci d'avoir regardé cette vidéo",
    "merci d'avoir regardé la vidéo",
    "abonnez vous",
    "n'oubliez pas de vous abonner",
    "à bientôt",
    "à la prochaine",
];

/// Brackets and marks that enclose a description of a noise.
const BRACKETS: [(char, char); 5] = [('[', ']'), ('(', ')'), ('{', '}'), ('*', '*'), ('♪', '♪')];
/// Words from which on a text is judged as a sentence.
const SENTENCE_WORDS: usize = 4;
/// Shortest sentence that counts when it comes twice, words.
const TWIN_WORDS: usize = 4;
/// A group of up to this many words ...
const LOOP_WORDS: usize = 8;
/// ... that comes this many times in a row is a loop ...
const LOOP_TIMES: usize = 4;
/// ... if it fills at least this many words: "no, no, no, no" is speech.
const LOOP_LENGTH: usize = 8;

/// Returns the words that were said; empty when nothing was.
pub(super) fn clean(raw: &str, evidence: Evidence) -> String {
    let text = without_noises(raw);
    let words = without_loops(text.split_whitespace().collect());
    let text = without_credits(&words.join(" "));
    let text = text.trim_start_matches(['-', '>', '.', ',', ' ', '–', '—', '…']);
    if !text.chars().any(char::is_alphanumeric)
        || evidence.is_absent(text.split_whitespace().count())
        || evidence.is_weak() && INVENTIONS.contains(&plain(text).as_str())
    {
        return String::new();
    }
    text.to_owned()
}

/// Removes "[Music]", "(coughs)", "*sighs*", "♪ la la ♪" and unpaired marks of that kind.
fn without_noises(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open, close)) =
        BRACKETS.iter().filter_map(|&(open, close)| rest.find(open).map(|at| (at, open, close))).min()
    {
        said.push_str(&rest[..at]);
        said.push(' ');
        let inside = &rest[at + open.len_utf8()..];
        rest = inside.find(close).map_or(inside, |end| &inside[end + close.len_utf8()..]);
    }
    said.push_str(rest);
    said.replace([']', ')', '}'], " ")
}

/// Keeps one of a group of words that is repeated over and over.
fn without_loops(mut words: Vec<&str>) -> Vec<&str> {
    let mut at = 0;
    while at < words.len() {
        for group in 1..=LOOP_WORDS.min(words.len() - at) {
            let times = repeats(&words[at..], group);
            if times >= LOOP_TIMES && times * group >= LOOP_LENGTH {
                words.drain(at + group..at + times * group);
            }
        }
        at += 1;
    }
    words
}

/// Returns whether a sentence comes twice in a row: what a window that is longer than the speech makes of its end. Some
/// people do say a thing twice, so this is a reason to look again and not to remove words.
pub(super) fn has_twins(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    (0..words.len()).any(|at| (TWIN_WORDS..=(words.len() - at) / 2).any(|group| repeats(&words[at..], group) > 1))
}

/// Returns how many times in a row the first `group` words come.
fn repeats(words: &[&str], group: usize) -> usize {
    let same = |block: &[&str]| block.iter().zip(words).all(|(one, other)| plain(one) == plain(other));
    words.chunks_exact(group).take_while(|block| same(block)).count()
}

/// Removes sentences that are credits of a video.
fn without_credits(text: &str) -> String {
    let sentences = text.split_inclusive(['.', '!', '?']);
    let plain_text = unaccented(text);
    if !CREDITS.iter().any(|credit| plain_text.contains(credit)) {
        return text.to_owned();
    }
    // "Amara.org" has a full stop inside: what follows a credit goes with it.
    let said = sentences.take_while(|sentence| {
        let sentence = unaccented(sentence);
        !CREDITS.iter().any(|credit| sentence.starts_with(credit)) && !sentence.contains("amara")
    });
    said.collect::<String>().trim_end().to_owned()
}

/// Lower case, punctuation to blanks, typographic apostrophes straight.
fn plain(text: &str) -> String {
    let letters = text.nfc().flat_map(char::to_lowercase).map(|letter| match letter {
        '’' | '\'' => '\'',
        letter if letter.is_alphanumeric() => letter,
        _ => ' ',
    });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As [`plain`], without accents.
fn unaccented(text: &str) -> String {
    plain(&text.nfd().filter(|letter| !('\u{300}'..='\u{36f}').contains(letter)).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAR: Evidence = Evidence { confidence: 0.9, no_speech: 0.02 };
    const WEAK: Evidence = Evidence { confidence: 0.5, no_speech: 0.5 };
    const GUESSED: Evidence = Evidence { confidence: 0.35, no_speech: 0.2 };
    const HUM: Evidence = Evidence { confidence: 0.52, no_speech: 0.84 };
    const ABSENT: Evidence = Evidence { confidence: 0.4, no_speech: 0.9 };

    #[test]
    fn a_sentence_that_comes_twice_is_noticed_and_a_word_or_two_are_not() {
        assert!(has_twins("Well. He tried another way to stop. He tried another way to stop."));
        assert!(has_twins("I am on my way, I am on my way,"));
        for text in ["no no no no", "very, very good", "come here, come here", "", "He tried another way to stop them"]
        {
            assert!(!has_twins(text), "{text}");
        }
    }

    #[test]
    fn the_text_is_what_was_said() {
        let table = [
            // raw, evidence, said
            (" Message Marion. ", CLEAR, "Message Marion."),
            ("", CLEAR, ""),
            (" .", CLEAR, ""),
            (" [Music]", CLEAR, ""),
            ("(coughs) Yes. *sighs*", CLEAR, "Yes."),
            ("♪ la la ♪ Stop.", CLEAR, "Stop."),
            ("[BLANK_AUDIO", CLEAR, "BLANK_AUDIO"),
            ("- Oui.", CLEAR, "Oui."),
            ("— Non, pas lui.", CLEAR, "Non, pas lui."),
            ("Thank you.", CLEAR, "Thank you."),
            ("Thank you.", WEAK, ""),
            ("Thanks for watching!", WEAK, ""),
            ("Thank you for watching the kids.", WEAK, "Thank you for watching the kids."),
            ("Tell Anna thanks for watching", WEAK, "Tell Anna thanks for watching"),
            ("Merci.", CLEAR, "Merci."),
            ("Merci.", WEAK, ""),
            ("Merci d’avoir regardé cette vidéo !", WEAK, ""),
            ("À bientôt.", WEAK, ""),
            ("So...", WEAK, ""),
            ("So...", CLEAR, "So..."),
            ("Oui.", WEAK, "Oui."),
            ("No.", WEAK, "No."),
            ("Sous-titres réalisés par la communauté d'Amara.org", CLEAR, ""),
            ("Sous-titres realises para la communaute d'Amara.org", CLEAR, ""),
            ("Sous-titrage Société Radio-Canada", CLEAR, ""),
            ("J'arrive. Sous-titrage ST' 501", CLEAR, "J'arrive."),
            ("I am late. Subtitles by the Amara.org community", CLEAR, "I am late."),
            (
                "Ask Anna whether she has the subtitles by tonight.",
                CLEAR,
                "Ask Anna whether she has the subtitles by tonight.",
            ),
            ("no, no, no, no", CLEAR, "no, no, no, no"),
            ("I am late I am late I am late I am late I am late I am late", CLEAR, "I am late"),
            ("and then the the the the the the the the the", CLEAR, "and then the"),
            ("whatever it was", ABSENT, ""),
            ("Okay.", HUM, ""),
            ("I'm going to put the other one in the middle.", GUESSED, ""),
            ("Oui, Marion.", GUESSED, "Oui, Marion."),
        ];
        for (raw, evidence, said) in table {
            assert_eq!(clean(raw, evidence), said, "{raw:?} with {evidence:?}");
        }
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for raw in ["(a) b [c] d", "- - Oui. *", "a a a a a a a a a a b", "Bonjour. Amara.org"] {
            let once = clean(raw, CLEAR);
            assert_eq!(clean(&once, CLEAR), once);
        }
    }
}
