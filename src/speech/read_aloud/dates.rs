//! Dates, days, years, in the order of the language: `12/03/2026` is December third in English, as Unicode CLDR has
//! it for the plain locale `en`, and "douze mars" in French. What can be a date in one order only is read in that one.

use super::{
    numerals::{cardinal, grouped_digits, ordinal, year},
    rule::{Found, Say, in_lang},
    times,
};
use crate::config::Lang;

const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const FR_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
/// A month in English, and in French, short or long.
const EN_MONTH: &str = "January|February|March|April|May|June|July|August|September|October|November|December|Jan|\
                        Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec";
const FR_MONTH: &str = "[Jj]anvier|[Ff]évrier|[Mm]ars|[Aa]vril|[Mm]ai|[Jj]uin|[Jj]uillet|[Aa]oût|[Ss]eptembre|\
                        [Oo]ctobre|[Nn]ovembre|[Dd]écembre|janv|févr|fév|avr|juil|sept|oct|nov|déc";
const EN_DAYS: [(&str, &str); 7] = [
    ("Mon", "Monday"),
    ("Tue", "Tuesday"),
    ("Wed", "Wednesday"),
    ("Thu", "Thursday"),
    ("Fri", "Friday"),
    ("Sat", "Saturday"),
    ("Sun", "Sunday"),
];
const FR_DAYS: [(&str, &str); 7] = [
    ("lun", "lundi"),
    ("mar", "mardi"),
    ("mer", "mercredi"),
    ("jeu", "jeudi"),
    ("ven", "vendredi"),
    ("sam", "samedi"),
    ("dim", "dimanche"),
];
/// What the day of a French date begins with, when it is said.
const FR_DAY_NUMBER: &str = "un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|\
                             vingt|trente|premier";
/// Words after which `3/4` is a day.
const DATE_WORDS: [&str; 16] = [
    "on",
    "by",
    "until",
    "till",
    "from",
    "before",
    "after",
    "since",
    "le",
    "du",
    "au",
    "avant",
    "jusqu’au",
    "jusqu'au",
    "dès",
    "depuis",
];
/// Words after which a number of four digits is a year.
const YEAR_WORDS: [&str; 30] = [
    "in",
    "since",
    "from",
    "until",
    "till",
    "of",
    "by",
    "before",
    "after",
    "year",
    "class",
    "summer",
    "winter",
    "spring",
    "autumn",
    "fall",
    "christmas",
    "season",
    "copyright",
    "circa",
    "around",
    "during",
    "to",
    "late",
    "early",
    "mid",
    "q1",
    "q2",
    "q3",
    "q4",
];

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let mut rules: Vec<(String, Say)> = vec![
        (r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?".into(), say_iso),
        (r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})".into(), say_numeric),
        (r"(\d{1,2})[.-](\d{1,2})[.-](\d{4})".into(), say_numeric),
        (r"(\d{1,2})/(\d{1,2})".into(), say_day_and_month),
    ];
    match lang {
        Lang::En => rules.extend(english_rules()),
        Lang::Fr => rules.extend(french_rules()),
    }
    rules
}

/// The rules for the names of months and days, which run when dates are said.
pub(super) fn name_rules(lang: Lang) -> Vec<(String, Say)> {
    match lang {
        Lang::En => vec![
            (r"(Jan|Feb|Apr|Aug|Sept|Sep|Oct|Nov|Dec)\.".into(), say_month),
            (
                r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,2}\.? ?[–-] ?(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,2}".into(),
                say_days,
            ),
            (r"(Mon|Tue|Wed|Thu|Fri)(?:rs|ds|r|s)?\.?".into(), say_day),
            (
                r"(Sat|Sun)\.?(?P<next> \d|,? (?:the|January|Febr|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec))"
                    .into(),
                say_weekend,
            ),
        ],
        // "Sept.", "mer." and "jeu." are words that end a sentence, unless a number follows.
        Lang::Fr => vec![
            (r"(janv|févr|fév|avr|juil|oct|nov|déc)\.".into(), say_month),
            (r"(lun|mar|mer|jeu|ven|sam|dim)\.? ?[–-] ?(lun|mar|mer|jeu|ven|sam|dim)".into(), say_days),
            (format!(r"(?i)(lun|mar|mer|jeu|ven|sam|dim)\.(?P<next> \d| au | (?:{FR_DAY_NUMBER}))"), say_day),
            (r"(?i)(lun|ven|dim)\.".into(), say_day),
        ],
    }
}

fn english_rules() -> Vec<(String, Say)> {
    let month = format!("({EN_MONTH})");
    let day = r"(\d{1,2})(?:st|nd|rd|th)?";
    vec![
        (format!(r"{day}(?: ?[–-] ?{day})? (of )?{month}\b\.?(?:,? (\d{{4}}))?"), say_day_month),
        (format!(r"{month}\.? {day}(?: ?[–-] ?{day})?(?:,? (\d{{4}}))?"), say_month_day),
        (format!(r"{month}\.? (\d{{4}})"), say_month_year),
        (r"(\d{4}) ?[–-] ?(\d{4})".into(), say_years),
        (r"(\d{4})/(\d{4})".into(), say_season),
        (r"(\d{3}0)['’]?s".into(), say_decade),
        (r"['’]?(\d0)['’]?s".into(), say_short_decade),
        (r"(\d{2,4}) ?(BC|AD|BCE|CE)".into(), say_era),
        (r"\d{4}".into(), say_year),
    ]
}

fn french_rules() -> Vec<(String, Say)> {
    let month = format!("({FR_MONTH})");
    let day = r"(\d{1,2})(?:er)?";
    vec![
        (format!(r"{day}(?: ?[–-] ?{day})? (){month}\b\.?(?: (\d{{4}}))?"), say_day_month),
        (r"(\d{4}) ?[–-] ?(\d{4})".into(), say_years),
        (r"(\d{4})/(\d{4})".into(), say_season),
        (r"(années )(\d0)".into(), say_french_decade),
    ]
}

fn month_name(month: u64, lang: Lang) -> Option<&'static str> {
    let at = usize::try_from(month.checked_sub(1)?).ok()?;
    in_months(lang).get(at).copied()
}

const fn in_months(lang: Lang) -> &'static [&'static str; 12] {
    match lang {
        Lang::En => &EN_MONTHS,
        Lang::Fr => &FR_MONTHS,
    }
}

/// Returns the month that a name or its beginning stands for.
fn month_named(name: &str, lang: Lang) -> Option<&'static str> {
    let name = name.to_lowercase();
    in_months(lang).iter().find(|month| month.to_lowercase().starts_with(&name)).copied()
}

fn said_year(number: u64, lang: Lang) -> String {
    match lang {
        Lang::En => year(number),
        Lang::Fr => cardinal(number, lang),
    }
}

/// "premier", "deux": only the first of a French month is an ordinal.
fn french_day(day: u64) -> String {
    if day == 1 { "premier".to_owned() } else { cardinal(day, Lang::Fr) }
}

/// Says a day by numbers: "March twelfth, twenty twenty-six".
fn say_date(day: u64, month: u64, year: Option<u64>, lang: Lang) -> Option<String> {
    const LENGTHS: [u64; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let name = month_name(month, lang)?;
    let length = LENGTHS.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    if day == 0 || day > *length {
        return None;
    }
    let year = year.map(|year| said_year(year, lang));
    Some(match (lang, year) {
        (Lang::En, None) => format!("{name} {}", ordinal(day, lang)),
        (Lang::En, Some(year)) => format!("{name} {}, {year}", ordinal(day, lang)),
        (Lang::Fr, None) => format!("{} {name}", french_day(day)),
        (Lang::Fr, Some(year)) => format!("{} {name} {year}", french_day(day)),
    })
}

fn say_iso(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let date = say_date(found.number(3)?, found.number(2)?, found.number(1), lang);
    let Some(date) = date else {
        let groups: Vec<String> = (1..=3).map(|group| grouped_digits(found.group(group), lang)).collect();
        return Some(groups.join(", "));
    };
    let time = found.number(4).zip(found.number(5)).and_then(|(hour, minute)| times::clock(hour, minute, lang));
    Some(time.map_or_else(|| date.clone(), |time| format!("{date}, {time}")))
}

/// Day and month of two numbers in the order of the language, or in the only one that is possible.
const fn ordered(first: u64, second: u64, lang: Lang) -> (u64, u64) {
    match lang {
        Lang::En if first <= 12 => (second, first),
        Lang::Fr if second > 12 => (second, first),
        Lang::En | Lang::Fr => (first, second),
    }
}

fn say_numeric(found: &Found<'_>) -> Option<String> {
    let year = found.number(3)?;
    let year = match found.group(3).len() {
        2 if year < 70 => 2000 + year,
        2 => 1900 + year,
        _ => year,
    };
    // The point and the dash are no American signs: the day comes first.
    let lang = found.lang;
    let order = if found.group(0).contains('/') { lang } else { Lang::Fr };
    let (day, month) = ordered(found.number(1)?, found.number(2)?, order);
    say_date(day, month, Some(year), lang)
}

/// `3/4` after "on", `07/04`, `12/31`: what is no fraction.
fn say_day_and_month(found: &Found<'_>) -> Option<String> {
    let (first, second) = (found.number(1)?, found.number(2)?);
    if found.after.starts_with('/') || found.before.ends_with('/') {
        return None;
    }
    let dated = DATE_WORDS.contains(&found.word_before().as_str());
    let padded = (1..=2).any(|group| found.group(group).starts_with('0'));
    let late = match found.lang {
        Lang::En => first <= 12 && (21..=31).contains(&second) || (21..=31).contains(&first) && second <= 12,
        Lang::Fr => (21..=31).contains(&first) && second <= 12,
    };
    let known = found.lang == Lang::En && matches!((first, second), (24, 7) | (9, 11));
    if !(dated || padded || late) || known {
        return None;
    }
    let (day, month) = ordered(first, second, found.lang);
    say_date(day, month, None, found.lang)
}

/// `3 May 2026`, `9-12 juin`.
fn say_day_month(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let (day, last) = (found.number(1)?, found.number(2));
    let month = month_named(found.group(4), lang)?;
    if !(1..=31).contains(&day) || found.before.ends_with(['.', ',', '/', ':']) {
        return None;
    }
    let year = found.number(5).map(|number| said_year(number, lang));
    Some(match lang {
        Lang::Fr => {
            let last = last.map(|last| format!(" à {}", french_day(last))).unwrap_or_default();
            let year = year.map(|year| format!(" {year}")).unwrap_or_default();
            format!("{}{last} {month}{year}", french_day(day))
        }
        Lang::En => {
            let the = if found.word_before() == "the" || !found.group(3).is_empty() { "" } else { "the " };
            let last = last.map(|last| format!(" to the {}", ordinal(last, lang))).unwrap_or_default();
            let year = year.map(|year| format!(", {year}")).unwrap_or_default();
            format!("{the}{}{last} of {month}{year}", ordinal(day, lang))
        }
    })
}

/// `May 3, 2026`, `Sept 9-12`.
fn say_month_day(found: &Found<'_>) -> Option<String> {
    let month = month_named(found.group(1), Lang::En)?;
    let day = found.number(2).filter(|day| (1..=31).contains(day))?;
    if found.after.starts_with([':', '%']) {
        return None;
    }
    let last = found.number(3).map(|last| format!(" to {}", ordinal(last, Lang::En))).unwrap_or_default();
    let year = found.number(4).map(|number| format!(", {}", year(number))).unwrap_or_default();
    Some(format!("{month} {}{last}{year}", ordinal(day, Lang::En)))
}

fn say_month_year(found: &Found<'_>) -> Option<String> {
    Some(format!("{} {}", month_named(found.group(1), Lang::En)?, year(found.number(2)?)))
}

fn say_month(found: &Found<'_>) -> Option<String> {
    month_named(found.group(1), found.lang).map(str::to_owned)
}

fn day_named(short: &str, lang: Lang) -> Option<&'static str> {
    let days = match lang {
        Lang::En => &EN_DAYS,
        Lang::Fr => &FR_DAYS,
    };
    days.iter().find(|(known, _)| known.eq_ignore_ascii_case(short)).map(|(_, day)| *day)
}

fn say_days(found: &Found<'_>) -> Option<String> {
    let (first, last) = (day_named(found.group(1), found.lang)?, day_named(found.group(2), found.lang)?);
    Some(format!("{first} {} {last}", in_lang(found.lang, "to", "à")))
}

fn say_day(found: &Found<'_>) -> Option<String> {
    day_named(found.group(1), found.lang).map(str::to_owned)
}

fn say_weekend(found: &Found<'_>) -> Option<String> {
    day_named(found.group(1), Lang::En).map(str::to_owned)
}

fn is_year(number: u64) -> bool {
    (1000..2100).contains(&number)
}

fn say_years(found: &Found<'_>) -> Option<String> {
    let (first, last) = (found.number(1)?, found.number(2)?);
    let to = in_lang(found.lang, "to", "à");
    (is_year(first) && is_year(last))
        .then(|| format!("{} {to} {}", said_year(first, found.lang), said_year(last, found.lang)))
}

fn say_season(found: &Found<'_>) -> Option<String> {
    let (first, last) = (found.number(1)?, found.number(2)?);
    (is_year(first) && last == first + 1)
        .then(|| format!("{}, {}", said_year(first, found.lang), said_year(last, found.lang)))
}

/// "nineteen nineties".
fn say_decade(found: &Found<'_>) -> Option<String> {
    let said = year(found.number(1).filter(|number| is_year(*number))?);
    Some(said.strip_suffix('y').map_or_else(|| format!("{said}s"), |stem| format!("{stem}ies")))
}

fn say_short_decade(found: &Found<'_>) -> Option<String> {
    let said = cardinal(found.number(1).filter(|number| *number > 10)?, Lang::En);
    let stem = said.strip_suffix('y')?;
    (!found.before.ends_with([':', '.', ',', '$', '£', '€'])
        && (found.word_before().starts_with("the")
            || ["her", "his", "my", "their", "early", "late", "mid"].contains(&found.word_before().as_str())))
    .then(|| format!("{stem}ies"))
}

fn say_french_decade(found: &Found<'_>) -> Option<String> {
    Some(format!("{}{}", found.group(1), cardinal(found.number(2)?, Lang::Fr)))
}

fn say_era(found: &Found<'_>) -> Option<String> {
    let number = found.number(1)?;
    let said = if number < 1000 { cardinal(number, Lang::En) } else { year(number) };
    let era: Vec<String> = found.group(2).chars().map(String::from).collect();
    Some(format!("{said} {}", era.join(" ")))
}

/// A number of four digits is a year after a word of time, and from 1900 on unless it counts something.
fn say_year(found: &Found<'_>) -> Option<String> {
    let number = found.number(0).filter(|number| is_year(*number))?;
    let mark = found.before.chars().next_back().unwrap_or(' ');
    let open =
        found.after.strip_prefix(['.', ',']).is_some_and(|after| after.starts_with(|next: char| next.is_ascii_digit()));
    if open || !(mark.is_whitespace() || "(\"“'’–".contains(mark)) || found.after.starts_with(['%', '°', '/', '-', ':'])
    {
        return None;
    }
    let next = found.after.strip_prefix(' ').unwrap_or_default();
    let next: String = next.chars().take_while(|symbol| symbol.is_alphabetic()).collect();
    let counts = next.starts_with(|first: char| first.is_lowercase())
        && (next.ends_with('s') && !["is", "was", "has", "as"].contains(&next.as_str())
            || ["people", "men", "women", "children", "of", "and"].contains(&next.as_str()));
    let told = YEAR_WORDS.contains(&found.word_before().as_str()) && next.is_empty()
        || ["in", "since", "year", "summer", "of"].contains(&found.word_before().as_str());
    let named = ["no", "number", "room", "code", "flight", "version"].contains(&found.word_before().as_str());
    let likely = number >= 1900 && !counts && !named && number % 1000 != 0;
    (told && !counts || likely).then(|| year(number))
}
