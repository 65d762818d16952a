//! Telephone numbers and codes, digit by digit; plates and flights letter by letter.

use super::{
    numerals::{cardinal, digits, grouped_digits},
    rule::{Found, Say, in_lang, last_words},
};
use crate::config::Lang;

/// Country codes of two digits; `1` and `7` are alone, all others have three.
const TWO_DIGIT_COUNTRIES: &str = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 \
                                   60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";
/// Airlines as tickets write them before a flight's number.
const AIRLINES: &str = "AA|AC|AF|AY|AZ|BA|CX|DL|DY|EI|EK|EW|IB|JL|KL|LH|LX|NH|OS|QF|QR|SK|SN|SQ|TK|UA|VY|WN";
/// Most digits of a telephone number with its country.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let code = in_lang(
        lang,
        "code|pin|otp|password|passcode|zip code|order|order number|order #|booking|reference|ref|ticket|flight",
        "code|pin|digicode|mot de passe|code postal|commande|commande numéro|dossier|dossier numéro|billet|colis|référence",
    );
    let emergency = in_lang(lang, r"(?i)(call|dial|ring|phone) (112|911|999|101|111)", r"(le|au) (3[069]\d\d)");
    let mut rules: Vec<(String, Say)> = vec![
        (r"[A-Z]{2}\d\d(?: [0-9A-Z]{4}){3,8}(?: [0-9A-Z]{1,4})?".into(), say_account),
        (r"(?:\+|00)\d[\d .()/-]{6,24}\d".into(), say_international),
        (r"0[1-9](?:[ ./-]?\d\d){4}".into(), say_groups_of_two),
        (r"0 8\d\d(?: \d{2,3}){2,3}".into(), say_groups),
        (r"0\d{4} ?\d{6}".into(), say_british_mobile),
        (r"0\d{2,3} \d{3,4} \d{4}".into(), say_groups),
        (r"((?:1[ -])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?: ?(?:x|ext\.?) ?(\d{1,5}))?".into(), say_american),
        (r"\d{3}-\d{4}".into(), say_groups),
        (r"\d{4}(?: \d{4}){2,4}".into(), say_groups),
        (r"\d{3} \d{3} \d{3} \d{5}".into(), say_groups),
        (r"\d{4}-0\d{3}".into(), say_groups),
        (emergency.into(), say_service),
        (format!(r"(?i)({code})( is| est)?( ?[:#] ?| )(?:G-)?(\d{{4,8}}|\d{{3}} \d{{3}})"), say_code),
        (r"G-(\d{6})".into(), say_google),
        (r"(\d{4,8})( is your | est votre | est le | est ton )".into(), say_code_before),
        (format!(r"({AIRLINES}) (\d{{3,4}})"), say_flight),
        (r"([A-Z]{2}) (\d{5})".into(), say_flight),
        (r"([A-Z]{2})-(\d{3})-([A-Z]{2})".into(), say_plate),
        (r"\d+".into(), say_long),
    ];
    if lang == Lang::Fr {
        rules.insert(0, (r"(\d{5}) (?P<next>[\p{Lu}][\p{L}])".into(), say_postcode));
    }
    rules
}

/// The rules for words of letters and digits; they run when units and times are said.
pub(super) fn mixed_rules(_: Lang) -> Vec<(String, Say)> {
    vec![(r"[\p{L}\d]+(?:-[\p{L}\d]+)*".into(), say_mixed)]
}

/// Says the groups of digits of a text with a pause between.
fn groups(text: &str, lang: Lang) -> String {
    let parts = text.split(|symbol: char| !symbol.is_ascii_digit()).filter(|part| !part.is_empty());
    let parts: Vec<String> =
        parts.map(|part| if part.len() > 6 { grouped_digits(part, lang) } else { digits(part, lang) }).collect();
    parts.join(", ")
}

fn pairs(text: &str, lang: Lang) -> String {
    let figures: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let parts: Vec<String> = figures.chunks(2).map(|pair| digits(&pair.iter().collect::<String>(), lang)).collect();
    parts.join(", ")
}

fn say_groups(found: &Found<'_>) -> Option<String> {
    (!found.before.ends_with('-')).then(|| groups(found.group(0), found.lang))
}

fn say_groups_of_two(found: &Found<'_>) -> Option<String> {
    Some(pairs(found.group(0), found.lang))
}

fn say_british_mobile(found: &Found<'_>) -> Option<String> {
    let figures: String = found.group(0).chars().filter(char::is_ascii_digit).collect();
    let (area, own) = figures.split_at_checked(5)?;
    Some(format!("{}, {}", digits(area, found.lang), digits(own, found.lang)))
}

fn say_american(found: &Found<'_>) -> Option<String> {
    let number = groups(found.group(1), found.lang);
    Some(match found.number(2) {
        Some(own) => format!("{number} {} {}", in_lang(found.lang, "extension", "poste"), cardinal(own, found.lang)),
        None => number,
    })
}

fn say_international(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let all = found.group(0);
    let count = all.chars().filter(char::is_ascii_digit).count();
    if !PHONE_DIGITS.contains(&count) || all.starts_with("000") {
        return None;
    }
    let (plus, number) = all.strip_prefix('+').map_or(("", all), |number| ("plus ", number));
    let contiguous = number.chars().all(|symbol| symbol.is_ascii_digit());
    if !contiguous {
        return Some(format!("{plus}{}", groups(&number.replace(['(', ')'], ""), lang)));
    }
    let number = number.trim_start_matches("00");
    let two: String = number.chars().take(2).collect();
    let country = match number.chars().next() {
        Some('1' | '7') => 1,
        _ if TWO_DIGIT_COUNTRIES.contains(&format!(" {two} ")) => 2,
        _ => 3,
    };
    let (country, own) = number.split_at_checked(country)?;
    let own = match (lang, own.len(), own.split_at_checked(1)) {
        (Lang::Fr, 9, Some((first, rest))) if country == "33" => {
            format!("{}, {}", digits(first, lang), pairs(rest, lang))
        }
        _ => grouped_digits(own, lang),
    };
    Some(format!("{plus}{}, {own}", digits(country, lang)))
}

/// "FR76 3000 …".
fn say_account(found: &Found<'_>) -> Option<String> {
    let parts: Vec<String> = found.group(0).split(' ').map(|part| spell(part, found.lang)).collect();
    Some(parts.join(", "))
}

/// Letters and digits one by one.
fn spell(text: &str, lang: Lang) -> String {
    let parts: Vec<String> = text
        .chars()
        .map(|symbol| if symbol.is_ascii_digit() { digits(&symbol.to_string(), lang) } else { symbol.to_string() })
        .collect();
    parts.join(" ")
}

fn say_service(found: &Found<'_>) -> Option<String> {
    let (word, number) = (found.group(1), found.group(2));
    match found.lang {
        Lang::En => Some(format!("{word} {}", digits(number, Lang::En))),
        Lang::Fr if found.after.starts_with(" €") => None,
        Lang::Fr => {
            let (left, right) = number.split_at_checked(2)?;
            Some(format!(
                "{word} {} {}",
                cardinal(left.parse().ok()?, Lang::Fr),
                cardinal(right.parse().ok()?, Lang::Fr)
            ))
        }
    }
}

fn say_code(found: &Found<'_>) -> Option<String> {
    let (word, is, mark, number) = (found.group(1), found.group(2), found.group(3), found.group(4));
    let (word, mark) = match (word.strip_suffix("n°"), mark) {
        (Some(word), _) => (format!("{word}numéro"), " "),
        (None, ": ") => (word.to_owned(), ": "),
        (None, " : ") => (word.to_owned(), " : "),
        (None, _) if mark.contains('#') || word.ends_with('#') => {
            (format!("{} {}", word.trim_end_matches([' ', '#']), in_lang(found.lang, "number", "numéro")), " ")
        }
        (None, _) => (word.to_owned(), mark),
    };
    // A year, an amount, a time of day.
    if found.after.starts_with([':', '/', '€', '%', 'h']) || found.after.starts_with(" €") {
        return None;
    }
    Some(format!("{word}{is}{mark}{}", grouped_digits(&number.replace(' ', ""), found.lang)))
}

fn say_code_before(found: &Found<'_>) -> Option<String> {
    let code =
        ["code", "pin", "password", "mot de passe"].iter().any(|word| found.after.to_lowercase().starts_with(word));
    code.then(|| format!("{}{}", grouped_digits(found.group(1), found.lang), found.group(2)))
}

fn say_google(found: &Found<'_>) -> Option<String> {
    Some(format!("G, {}", grouped_digits(found.group(1), found.lang)))
}

fn say_flight(found: &Found<'_>) -> Option<String> {
    Some(format!("{} {}", spell(found.group(1), found.lang), digits(found.group(2), found.lang)))
}

fn say_plate(found: &Found<'_>) -> Option<String> {
    let parts: Vec<String> = (1..=3).map(|group| spell(found.group(group), found.lang)).collect();
    Some(parts.join(", "))
}

/// "75011 Paris": a postcode is said as a number.
fn say_postcode(found: &Found<'_>) -> Option<String> {
    let code = found.group(1);
    let context = last_words(found.before, 2);
    if ["code", "n°", "numéro", "commande"].iter().any(|word| context.contains(word)) {
        return None;
    }
    let zero = if code.starts_with('0') { "zéro " } else { "" };
    Some(format!("{zero}{} ", cardinal(code.parse().ok()?, Lang::Fr)))
}

/// A number too long to be counted, or with zeros before it.
fn say_long(found: &Found<'_>) -> Option<String> {
    let number = found.group(0);
    let decimal = found.before.ends_with(['.', ','])
        && found.before.trim_end_matches(['.', ',']).ends_with(|symbol: char| symbol.is_ascii_digit());
    let dated = found.before.ends_with(['-', '/', ':', '.']) || found.after.starts_with(['-', '/', ':', 'h', '.', ',']);
    let leading_zero = number.len() > 1 && number.starts_with('0') && !dated;
    let long = number.len() >= 7 && !number.ends_with("000");
    let group = number.len() == 3
        && found.before.ends_with(' ')
        && found.before.trim_end().ends_with(|symbol: char| symbol.is_ascii_digit());
    if decimal || group || !(leading_zero || long) {
        return None;
    }
    Some(if number.len() < 6 { digits(number, found.lang) } else { grouped_digits(number, found.lang) })
}

/// A word that mixes letters and digits.
fn say_mixed(found: &Found<'_>) -> Option<String> {
    let all = found.group(0);
    let mixed =
        |part: &str| part.chars().any(|symbol| symbol.is_ascii_digit()) && part.chars().any(char::is_alphabetic);
    if !all.split('-').any(mixed) {
        return None;
    }
    let parts: Vec<String> =
        all.split('-').map(|part| if mixed(part) { say_runs(part, found.lang) } else { part.to_owned() }).collect();
    Some(parts.join("-"))
}

/// Says the runs of letters and of digits of a word one after the other.
fn say_runs(word: &str, lang: Lang) -> String {
    let mut runs: Vec<String> = Vec::new();
    for symbol in word.chars() {
        match runs.last_mut() {
            Some(run) if run.ends_with(|last: char| last.is_ascii_digit() == symbol.is_ascii_digit()) => {
                run.push(symbol)
            }
            _ => runs.push(symbol.to_string()),
        }
    }
    let is_first_number = runs.first().is_some_and(|run| run.starts_with(|symbol: char| symbol.is_ascii_digit()));
    let is_road = lang == Lang::Fr && runs.len() == 2 && runs.first().is_some_and(|run| run.chars().count() == 1);
    let is_highway = is_road && runs.first().is_some_and(|run| run == "D" || run == "N");
    let is_house = is_first_number && runs.len() == 2 && runs.last().is_some_and(|run| run.chars().count() == 1);
    let said: Vec<String> = runs
        .iter()
        .map(|run| match run.parse::<u64>() {
            Ok(number)
                if !run.starts_with('0')
                    && (run.len() <= 2 || run.len() == 3 && (is_road || is_house) || run.len() == 4 && is_highway) =>
            {
                cardinal(number, lang)
            }
            Ok(_) if run.len() > 6 => grouped_digits(run, lang),
            Ok(_) => digits(run, lang),
            Err(_) => letters(run, lang),
        })
        .collect();
    said.join(" ")
}

/// A run of letters: a word if it can be one, else letter by letter.
fn letters(run: &str, lang: Lang) -> String {
    let length = run.chars().count();
    let has_vowel = run.chars().any(|letter| "aeiouyàâéèêëîïôöùûüœAEIOUY".contains(letter));
    let is_capitals = run.chars().all(char::is_uppercase);
    let is_word = has_vowel && (length > 3 || length == 3 && !is_capitals);
    if is_word || run.chars().any(|letter| letter.is_ascii_digit()) { run.to_owned() } else { spell(run, lang) }
}
