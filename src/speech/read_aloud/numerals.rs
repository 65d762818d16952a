//! Numbers in words: cardinal, ordinal, digit by digit, as a year.
//!
//! Own code: the crate `num2words` (1.2) writes "quatre-vingtsième", "deux centsième" and "zéroième", says "point" for
//! the French decimal comma, sets the English "and" unevenly, and brings a big-number library along. French follows
//! the traditional spelling (blanks around "et" and "cent").

use crate::config::Lang;

/// Numbers from here on are said digit by digit.
const TOO_LARGE: u64 = 1_000_000_000_000_000;

const EN_SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const EN_TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const FR_SMALL: [&str; 20] = [
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
];
const FR_TENS: [&str; 10] =
    ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"];

/// Grammatical gender of what is counted; English does not care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gender {
    /// "un jour".
    Masculine,
    /// "une heure".
    Feminine,
}

/// Takes a word of a list of numbers.
fn word(list: &'static [&'static str], at: u64) -> &'static str {
    usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or_default()
}

/// Returns a whole number in words.
pub(super) fn cardinal(number: u64, lang: Lang) -> String {
    if number >= TOO_LARGE {
        return digits(&number.to_string(), lang);
    }
    match lang {
        Lang::En => english(number),
        Lang::Fr => french(number),
    }
}

/// Returns a whole number in words as it counts things: "vingt et une heures".
pub(super) fn count(number: u64, gender: Gender, lang: Lang) -> String {
    let said = cardinal(number, lang);
    let ends_in_one = number % 10 == 1 && number % 100 != 11 && number % 100 != 71 && number % 100 != 91;
    let feminine = lang == Lang::Fr && gender == Gender::Feminine && ends_in_one && number < TOO_LARGE;
    if feminine { format!("{said}e") } else { said }
}

fn english(number: u64) -> String {
    const SCALES: [(u64, &str); 4] =
        [(1_000_000_000_000, "trillion"), (1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand")];
    let mut parts = Vec::new();
    let mut rest = number;
    for (scale, name) in SCALES {
        if rest >= scale {
            parts.push(format!("{} {name}", english_below_thousand(rest / scale)));
            rest %= scale;
        }
    }
    if rest > 0 || parts.is_empty() {
        parts.push(english_below_thousand(rest));
    }
    parts.join(" ")
}

fn english_below_thousand(number: u64) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    match (hundreds, rest) {
        (0, _) => english_below_hundred(rest),
        (_, 0) => format!("{} hundred", word(&EN_SMALL, hundreds)),
        _ => format!("{} hundred {}", word(&EN_SMALL, hundreds), english_below_hundred(rest)),
    }
}

fn english_below_hundred(number: u64) -> String {
    match (number / 10, number % 10) {
        (0 | 1, _) => word(&EN_SMALL, number).to_owned(),
        (tens, 0) => word(&EN_TENS, tens).to_owned(),
        (tens, ones) => format!("{}-{}", word(&EN_TENS, tens), word(&EN_SMALL, ones)),
    }
}

fn french(number: u64) -> String {
    const SCALES: [(u64, &str); 3] =
        [(1_000_000_000_000, "billion"), (1_000_000_000, "milliard"), (1_000_000, "million")];
    let mut parts = Vec::new();
    let mut rest = number;
    for (scale, name) in SCALES {
        let many = rest / scale;
        if many > 0 {
            let plural = if many > 1 { "s" } else { "" };
            parts.push(format!("{} {name}{plural}", french_below_thousand(many, true)));
            rest %= scale;
        }
    }
    match rest / 1000 {
        0 => {}
        1 => parts.push("mille".to_owned()),
        many => parts.push(format!("{} mille", french_below_thousand(many, false))),
    }
    rest %= 1000;
    if rest > 0 || parts.is_empty() {
        parts.push(french_below_thousand(rest, true));
    }
    parts.join(" ")
}

/// `last`: nothing follows that takes the plural mark from "cents" and "quatre-vingts".
fn french_below_thousand(number: u64, last: bool) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    let hundred = match hundreds {
        0 => return french_below_hundred(rest, last),
        1 => "cent".to_owned(),
        _ => format!("{} cent", word(&FR_SMALL, hundreds)),
    };
    match rest {
        0 if last && hundreds > 1 => format!("{hundred}s"),
        0 => hundred,
        _ => format!("{hundred} {}", french_below_hundred(rest, last)),
    }
}

fn french_below_hundred(number: u64, last: bool) -> String {
    let tens = word(&FR_TENS, number / 10);
    match (number / 10, number % 10) {
        (0 | 1, _) => word(&FR_SMALL, number).to_owned(),
        (8, 0) if last => format!("{tens}s"),
        (7 | 9, ones) => {
            let joint = if number == 71 { " et " } else { "-" };
            format!("{tens}{joint}{}", word(&FR_SMALL, ones + 10))
        }
        (_, 0) => tens.to_owned(),
        (2..=6, 1) => format!("{tens} et un"),
        (_, ones) => format!("{tens}-{}", word(&FR_SMALL, ones)),
    }
}

/// Returns "first", "vingt et unième"; French "premier" only for 1.
pub(super) fn ordinal(number: u64, lang: Lang) -> String {
    let said = cardinal(number, lang);
    match lang {
        Lang::En => english_ordinal(&said),
        Lang::Fr if number == 1 => "premier".to_owned(),
        Lang::Fr => french_ordinal(&said),
    }
}

fn english_ordinal(said: &str) -> String {
    const IRREGULAR: [(&str, &str); 7] = [
        ("one", "first"),
        ("two", "second"),
        ("three", "third"),
        ("five", "fifth"),
        ("eight", "eighth"),
        ("nine", "ninth"),
        ("twelve", "twelfth"),
    ];
    for (cardinal, ordinal) in IRREGULAR {
        if let Some(stem) = said.strip_suffix(cardinal) {
            return format!("{stem}{ordinal}");
        }
    }
    said.strip_suffix('y').map_or_else(|| format!("{said}th"), |stem| format!("{stem}ieth"))
}

fn french_ordinal(said: &str) -> String {
    let plural = ["cents", "vingts", "millions", "milliards"].iter().any(|ending| said.ends_with(ending));
    let stem = if plural { said.strip_suffix('s').unwrap_or(said) } else { said };
    if let Some(stem) = stem.strip_suffix("cinq") {
        return format!("{stem}cinquième");
    }
    if let Some(stem) = stem.strip_suffix("neuf") {
        return format!("{stem}neuvième");
    }
    format!("{}ième", stem.strip_suffix('e').unwrap_or(stem))
}

/// Returns an English year: "nineteen eighty-four".
pub(super) fn year(number: u64) -> String {
    let (century, rest) = (number / 100, number % 100);
    match (century, rest) {
        (20, 0..=9) | (0..=9, _) => english(number),
        (10, 0) => "one thousand".to_owned(),
        (_, 0) => format!("{} hundred", english_below_hundred(century)),
        (_, 1..=9) => format!("{} oh {}", english_below_hundred(century), english_below_hundred(rest)),
        _ => format!("{} {}", english_below_hundred(century), english_below_hundred(rest)),
    }
}

/// Returns the digits of a text one by one.
pub(super) fn digits(text: &str, lang: Lang) -> String {
    let names = match lang {
        Lang::En => &EN_SMALL,
        Lang::Fr => &FR_SMALL,
    };
    let said: Vec<&str> =
        text.chars().filter_map(|digit| digit.to_digit(10)).map(|digit| word(names, u64::from(digit))).collect();
    said.join(" ")
}

/// Returns digits in groups that an ear can hold, with a pause after each.
pub(super) fn grouped_digits(text: &str, lang: Lang) -> String {
    let length = text.len();
    let size = if length == 16 { 4 } else { 3 };
    let mut groups = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        // No single digit is left over at the end.
        let take = match rest.len() {
            4 if size == 3 => 4,
            left if length <= 5 => left,
            left => left.min(size),
        };
        let Some((group, after)) = rest.split_at_checked(take) else { break };
        groups.push(digits(group, lang));
        rest = after;
    }
    groups.join(", ")
}

/// A decimal number as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// The part before the decimal mark.
    pub whole: u64,
    /// The digits after it.
    pub fraction: String,
}

impl Number {
    /// Reads `1,234.5` in English, `1 234,5` in French.
    pub fn read(text: &str, lang: Lang) -> Option<Self> {
        let is_group = |after: &str| {
            let group: Vec<char> = after.chars().take(4).collect();
            group.iter().take(3).filter(|digit| digit.is_ascii_digit()).count() == 3
                && !group.get(3).is_some_and(char::is_ascii_digit)
        };
        let mut whole = String::new();
        for (at, symbol) in text.char_indices() {
            let after = text.get(at + symbol.len_utf8()..).unwrap_or_default();
            match symbol {
                '0'..='9' => whole.push(symbol),
                ' ' => {}
                ',' if lang == Lang::En && is_group(after) => {}
                '.' if lang == Lang::Fr && is_group(after) => {}
                '.' | ',' if after.chars().all(|digit| digit.is_ascii_digit()) => {
                    return Some(Self { whole: parse(&whole)?, fraction: after.to_owned() });
                }
                _ => return None,
            }
        }
        Some(Self { whole: parse(&whole)?, fraction: String::new() })
    }

    /// Returns it in words.
    pub fn say(&self, gender: Gender, lang: Lang) -> String {
        if self.fraction.is_empty() {
            return count(self.whole, gender, lang);
        }
        let whole = cardinal(self.whole, lang);
        match lang {
            Lang::En => format!("{whole} point {}", digits(&self.fraction, lang)),
            Lang::Fr => format!("{whole} virgule {}", french_fraction(&self.fraction)),
        }
    }

    /// Whether what is counted stands in the singular.
    pub fn is_singular(&self, lang: Lang) -> bool {
        match lang {
            Lang::En => self.whole == 1 && self.fraction.is_empty(),
            Lang::Fr => self.whole < 2,
        }
    }
}

fn parse(whole: &str) -> Option<u64> {
    if whole.is_empty() { Some(0) } else { whole.parse().ok() }
}

fn french_fraction(fraction: &str) -> String {
    match fraction.parse() {
        Ok(number) if fraction.len() <= 2 && !fraction.starts_with('0') => french(number),
        _ => digits(fraction, Lang::Fr),
    }
}

/// Reads a Roman numeral up to 89.
pub(super) fn roman(text: &str) -> Option<u64> {
    let values: Vec<i64> = text
        .chars()
        .map(|letter| match letter {
            'I' => Some(1),
            'V' => Some(5),
            'X' => Some(10),
            'L' => Some(50),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let nexts = values.iter().skip(1).chain(std::iter::once(&0));
    let sum: i64 = values.iter().zip(nexts).map(|(value, next)| if next > value { -value } else { *value }).sum();
    u64::try_from(sum).ok().filter(|sum| *sum > 0)
}
