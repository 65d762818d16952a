//! Which language a message is written in, so that it is read by the voice of that language.
//!
//! Each word votes. The commonest little words of either language, and those of texting ("slt", "thx"), are sure;
//! any other word is weighed by the crate `lingua` with the character n-grams of English and French, and its vote is
//! limited, so that one loan word ("the soirée was fun") cannot outvote the sentence. Names of people, numbers and
//! links do not vote. The language that was to be expected, usually the contact's, decides what the words leave open.
//!
//! Why `lingua` (Apache-2.0): of the maintained crates it is the best on short text, and the only one that tells how
//! likely a single word is; `whatlang` and `whichlang` are smaller and need a longer text. Its models stay in the
//! program file, from which the system reads the pages that are used.

use std::sync::LazyLock;

use lingua::{Language, LanguageDetector, LanguageDetectorBuilder};

use crate::config::Lang;

/// Log odds that a sure word is worth.
const SURE: f64 = 3.0;
/// The most that any other word may be worth: a sure word counts more.
const LIMIT: f64 = 2.5;
/// Log odds that the expected language is worth: less than half a sure word.
const PRIOR: f64 = 1.25;
/// Words that are looked at: who has not said by then which language it is will not.
const WORDS: usize = 60;

const FRENCH: &[&str] = &[
    "le", "la", "les", "un", "une", "des", "du", "de", "et", "est", "je", "tu", "il", "elle", "ils", "elles", "nous",
    "vous", "que", "qui", "quoi", "pas", "pour", "dans", "sur", "avec", "sans", "mon", "ma", "mes", "ta", "tes", "sa",
    "ses", "notre", "votre", "nos", "vos", "leur", "leurs", "au", "aux", "ce", "cet", "cette", "ces", "ça", "ca",
    "oui", "merci", "bonjour", "bonsoir", "salut", "coucou", "dis", "lis", "envoie", "suis", "ai", "où", "quand", "ne",
    "se", "te", "moi", "toi", "lui", "eux", "y", "en", "sont", "es", "était", "être", "avoir", "fait", "faire", "va",
    "vas", "vais", "allez", "vient", "viens", "aussi", "bien", "très", "trop", "tout", "tous", "toute", "toutes",
    "rien", "jamais", "toujours", "encore", "déjà", "mais", "donc", "alors", "puis", "comme", "comment", "pourquoi",
    "combien", "quel", "quelle", "chez", "vers", "entre", "avant", "après", "pendant", "depuis", "demain", "hier",
    "soir", "matin", "midi", "peux", "peut", "veux", "veut", "dois", "doit", "faut", "sais", "sait",
];
const FRENCH_TEXTING: &[&str] = &[
    "slt", "bjr", "bsr", "stp", "svp", "tkt", "bcp", "jsp", "mdr", "ptdr", "dsl", "pk", "pq", "pcq", "tjrs", "jtm",
    "jte", "jsuis", "jvais", "cv", "koi", "kesk", "keske", "ki", "ke", "ds", "pr", "tt", "tlm", "qd", "qqn", "qqch",
    "bisous", "bises", "biz", "ouais", "nan", "wesh", "vrmt", "dac", "rdv", "taf", "mtn",
];
const ENGLISH: &[&str] = &[
    "the", "an", "and", "is", "are", "am", "i", "you", "he", "she", "it", "we", "they", "that", "this", "these",
    "those", "to", "of", "in", "for", "with", "my", "your", "his", "her", "our", "their", "not", "yes", "no", "hello",
    "hi", "thanks", "thank", "what", "where", "when", "who", "why", "how", "which", "will", "would", "could", "should",
    "can", "be", "been", "have", "has", "had", "do", "does", "did", "let", "send", "tell", "read", "from", "at", "was",
    "were", "there", "here", "just", "up", "out", "off", "about", "some", "any", "all", "so", "if", "than", "then",
    "now", "today", "tomorrow", "tonight", "know", "think", "going", "get", "got", "go", "come", "see", "need", "want",
    "please", "sorry", "by", "c'mon", "y'all",
];
const ENGLISH_TEXTING: &[&str] = &[
    "u", "r", "ur", "thx", "pls", "plz", "omw", "idk", "brb", "btw", "omg", "imo", "tbh", "ngl", "ttyl", "rn", "tmrw",
    "tmr", "gonna", "wanna", "gotta", "dunno", "kinda", "lemme", "gimme", "cuz", "coz", "wat", "bk", "ya", "yeah",
    "yep", "nope", "hmu", "wyd", "ily", "dont", "cant", "wont", "im", "ive", "ill", "didnt", "doesnt", "isnt", "thats",
    "whats", "hows", "wheres", "lets",
];
/// Words of both languages, whatever the n-grams say.
const BOTH: &[&str] = &["a", "on", "me", "ok", "okay", "lol", "as", "or", "son", "ton", "car", "non", "plus", "six"];
/// French words before an apostrophe: "j'arrive", "qu'il", "aujourd'hui".
const FRENCH_ELISIONS: &[&str] =
    &["j", "l", "d", "qu", "n", "s", "c", "m", "t", "y", "jusqu", "lorsqu", "puisqu", "aujourd"];
/// English words after an apostrophe: "Anna's", "don't".
const ENGLISH_CONTRACTIONS: &[&str] = &["s", "t", "m", "re", "ll", "ve", "d"];

static DETECTOR: LazyLock<LanguageDetector> =
    LazyLock::new(|| LanguageDetectorBuilder::from_languages(&[Language::English, Language::French]).build());

/// Returns the likelier language of a text; `prior` is the one to expect before a word is read. A text without any
/// sign of either language is in the expected one, or else in English.
pub fn detect_lang(text: &str, prior: Option<Lang>) -> Lang {
    let prior = prior.map_or(0.0, |lang| match lang {
        Lang::En => -PRIOR,
        Lang::Fr => PRIOR,
    });
    if prior + french_log_odds(text) > 0.0 { Lang::Fr } else { Lang::En }
}

fn french_log_odds(text: &str) -> f64 {
    let shouted = !text.contains(char::is_lowercase);
    let is_one_word = text.split_whitespace().nth(1).is_none();
    let mut may_be_name = is_one_word;
    let mut log_odds = 0.0;
    for piece in text.split_whitespace().filter(|piece| !is_link(piece)).take(WORDS) {
        for word in piece.split(|symbol: char| !symbol.is_alphanumeric() && !matches!(symbol, '\'' | '’')) {
            let is_name = may_be_name && !shouted && word.starts_with(char::is_uppercase);
            log_odds += vote(&word.to_lowercase().replace('’', "'"), is_name);
        }
        may_be_name = is_one_word || !piece.ends_with(['.', '!', '?', '…', ':']);
    }
    log_odds
}

fn is_link(piece: &str) -> bool {
    piece.contains("://") || piece.contains('@') || piece.starts_with("www.")
}

/// The vote of a word in lower case, as log odds of French.
fn vote(word: &str, is_name: bool) -> f64 {
    let word = word.trim_matches('\'');
    if FRENCH.contains(&word) || FRENCH_TEXTING.contains(&word) || is_french_hour(word) {
        return SURE;
    }
    if ENGLISH.contains(&word) || ENGLISH_TEXTING.contains(&word) {
        return -SURE;
    }
    if let Some((before, after)) = word.split_once('\'') {
        if FRENCH_ELISIONS.contains(&before) {
            return SURE;
        }
        if ENGLISH_CONTRACTIONS.contains(&after) {
            return -SURE;
        }
    }
    if is_name || BOTH.contains(&word) || word.starts_with(|symbol: char| symbol.is_ascii_digit()) {
        return 0.0;
    }
    ngram_log_odds(word).clamp(-LIMIT, LIMIT)
}

/// "18h", "8h30": English writes these another way.
fn is_french_hour(word: &str) -> bool {
    let is_number = |part: &str| part.len() <= 2 && part.chars().all(|symbol| symbol.is_ascii_digit());
    word.split_once('h').is_some_and(|(hour, minute)| !hour.is_empty() && is_number(hour) && is_number(minute))
}

fn ngram_log_odds(word: &str) -> f64 {
    let likely = DETECTOR.compute_language_confidence_values(word);
    let of = |wanted| likely.iter().find(|(language, _)| *language == wanted).map_or(0.0, |(_, value)| *value);
    // A word in letters of another alphabet is likely in neither.
    let (english, french) = (of(Language::English).max(f64::EPSILON), of(Language::French).max(f64::EPSILON));
    (french / english).ln()
}

#[cfg(test)]
#[path = "lang_tests.rs"]
mod tests;
