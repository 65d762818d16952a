//! Times of day and durations.

use super::{
    numerals::{Gender, cardinal, count},
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    match lang {
        Lang::En => english_rules(),
        Lang::Fr => french_rules(),
    }
}

fn english_rules() -> Vec<(String, Say)> {
    let time = r"(\d{1,2})(?:[:.](\d\d))?(?: ?([AaPp])\.?[Mm])?";
    vec![
        (r"(\d{1,2}):(\d\d):(\d\d)".into(), say_seconds),
        (format!(r"{time}\.? ?[–-] ?{time}\b"), say_range),
        (r"(\d{1,2})(?:[:.](\d\d))? ?([AaPp])\.?[Mm](\.?)".into(), say_half_day),
        (r"(\d{1,2}):(\d\d)(ish)?".into(), say_clock),
        (
            r"((?:at|from|until|till|til|by|before|after|At|the) )(\d{1,2})\.([0-5]\d)(?P<next>[,;!?]|$| [a-z]{2,})"
                .into(),
            say_dotted,
        ),
        (r"(\d{1,2})(ish)".into(), say_about),
        (r"(\d{1,3})[hH](\d\d)?(?:m|min)?".into(), say_duration),
        (r"(\d{1,2}) o['’]clock".into(), say_o_clock),
    ]
}

fn french_rules() -> Vec<(String, Say)> {
    let time = r"(\d{1,2})(?: ?[hH] ?(\d\d)?|:(\d\d))";
    vec![
        (r"(\d{1,2}):(\d\d):(\d\d)".into(), say_seconds),
        (format!("{time} ?[–-] ?{time}"), say_french_range),
        (r"(\d{1,2}) ?[–-] ?(\d{1,2}) ?h".into(), say_hours),
        (r"24 ?[hH]/24".into(), say_all_day),
        (r"7 ?[jJ]/7".into(), say_all_week),
        (r"(\d{1,3})(?:[hH](\d\d)?| [hH](?: (\d\d))?)(?: ?min| ?mn)?".into(), say_french),
        (r"(\d{1,2}):(\d\d)".into(), say_clock),
    ]
}

/// Says a time on the clock; `None` when there is no such time.
pub(super) fn clock(hour: u64, minute: u64, lang: Lang) -> Option<String> {
    if hour > 24 || minute > 59 {
        return None;
    }
    Some(match (lang, hour, minute) {
        (_, 0 | 24, 0) => in_lang(lang, "midnight", "minuit").to_owned(),
        (Lang::En, 0, _) => format!("twelve {} a m", english_minutes(minute)),
        (Lang::En, _, 0) => format!("{} o'clock", cardinal(hour, lang)),
        (Lang::En, _, _) => format!("{} {}", cardinal(hour, lang), english_minutes(minute)),
        (Lang::Fr, _, _) => french_time(hour, Some(minute)),
    })
}

fn english_minutes(minute: u64) -> String {
    let said = cardinal(minute, Lang::En);
    if minute < 10 { format!("oh {said}") } else { said }
}

fn french_time(hour: u64, minute: Option<u64>) -> String {
    let plural = if hour > 1 { "s" } else { "" };
    let hours = format!("{} heure{plural}", count(hour, Gender::Feminine, Lang::Fr));
    match minute {
        None | Some(0) => hours,
        Some(minute) => format!("{hours} {}", count(minute, Gender::Feminine, Lang::Fr)),
    }
}

/// `1:42:07` lasts that long.
fn say_seconds(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let (hour, minute, second) = (found.number(1)?, found.number(2)?, found.number(3)?);
    if minute > 59 || second > 59 {
        return None;
    }
    let unit = |number: u64, en: &str, fr: &str| {
        let plural = if number > 1 || number == 0 && lang == Lang::En { "s" } else { "" };
        format!("{} {}{plural}", count(number, Gender::Feminine, lang), in_lang(lang, en, fr))
    };
    let and = in_lang(lang, "and", "et");
    let seconds = unit(second, "second", "seconde");
    let hours = unit(hour, "hour", "heure");
    Some(match (lang, minute) {
        (_, 0) => format!("{hours} {and} {seconds}"),
        (Lang::En, _) => format!("{hours} {} {and} {seconds}", unit(minute, "minute", "minute")),
        (Lang::Fr, _) => format!("{hours} {} {and} {seconds}", count(minute, Gender::Feminine, lang)),
    })
}

/// `7`, `7:05`, `7 pm`.
fn english_time(hour: &str, minute: &str, half: &str) -> Option<String> {
    let hour: u64 = hour.parse().ok()?;
    let minute: Option<u64> = minute.parse().ok();
    if half.is_empty() {
        return match minute {
            Some(minute) => clock(hour, minute, Lang::En),
            None => Some(cardinal(hour, Lang::En)),
        };
    }
    if hour > 12 || minute.is_some_and(|minute| minute > 59) {
        return None;
    }
    let half = half.to_lowercase();
    let hour = cardinal(hour, Lang::En);
    Some(match minute {
        Some(minute) if minute > 0 => format!("{hour} {} {half} m", english_minutes(minute)),
        Some(_) | None => format!("{hour} {half} m"),
    })
}

fn say_range(found: &Found<'_>) -> Option<String> {
    let has_colon = found.group(0).matches(':').count();
    let has_half = !found.group(3).is_empty() || !found.group(6).is_empty();
    // Without a sign of time it is a range of numbers.
    if !(has_half || has_colon == 2) || found.after.starts_with([':', '-']) || found.before.ends_with([':', '-', '.']) {
        return None;
    }
    let first = english_time(found.group(1), found.group(2), found.group(3))?;
    let last = english_time(found.group(4), found.group(5), found.group(6))?;
    Some(format!("{first} to {last}"))
}

fn say_half_day(found: &Found<'_>) -> Option<String> {
    let time = english_time(found.group(1), found.group(2), found.group(3))?;
    let ends = found.group(4) == "." && (found.after.trim().is_empty() || starts_sentence(found.after));
    Some(format!("{time}{}", if ends { "." } else { "" }))
}

fn starts_sentence(after: &str) -> bool {
    after.strip_prefix(' ').is_some_and(|after| after.starts_with(|first: char| first.is_uppercase()))
}

fn say_clock(found: &Found<'_>) -> Option<String> {
    if found.before.ends_with([':', '.']) || found.after.starts_with(':') {
        return None;
    }
    let (hour, minute) = (found.number(1)?, found.number(2)?);
    // `52:30` on a stopwatch.
    let watch = (25..100).contains(&hour) && minute < 60;
    let time = match watch {
        true if found.lang == Lang::En => format!("{} {}", cardinal(hour, Lang::En), english_minutes(minute)),
        true => {
            format!("{} minutes {}", count(hour, Gender::Feminine, Lang::Fr), count(minute, Gender::Feminine, Lang::Fr))
        }
        false => clock(hour, minute, found.lang)?,
    };
    let about = if found.group(0).ends_with("ish") { "-ish" } else { "" };
    Some(format!("{time}{about}"))
}

/// `at 3.15`: the British point; a percentage or a quantity follows with its sign.
fn say_dotted(found: &Found<'_>) -> Option<String> {
    let unit = ["percent", "million", "billion", "km", "kg", "miles", "per", "cm", "mm", "ml"];
    let next: String = found.after.trim_start().chars().take_while(|letter| letter.is_alphabetic()).collect();
    let hour = found.number(2).filter(|hour| (1..24).contains(hour))?;
    let the =
        found.group(1) == "the " && !["or", "and", "train", "bus", "showing", "one", "flight"].contains(&next.as_str());
    let time = clock(hour, found.number(3)?, Lang::En)?;
    (!unit.contains(&next.as_str()) && !the).then(|| format!("{}{time}", found.group(1)))
}

fn say_about(found: &Found<'_>) -> Option<String> {
    Some(format!("{}-ish", cardinal(found.number(1)?, Lang::En)))
}

fn say_duration(found: &Found<'_>) -> Option<String> {
    let hours = found.number(1)?;
    let plural = if hours == 1 { "" } else { "s" };
    let minutes = found.number(2).map(|minutes| format!(" {}", cardinal(minutes, Lang::En))).unwrap_or_default();
    Some(format!("{} hour{plural}{minutes}", cardinal(hours, Lang::En)))
}

fn say_o_clock(found: &Found<'_>) -> Option<String> {
    Some(format!("{} o'clock", cardinal(found.number(1)?, Lang::En)))
}

fn say_french(found: &Found<'_>) -> Option<String> {
    let minute = found.number(2).or_else(|| found.number(3));
    minute.is_none_or(|minute| minute < 60).then_some(())?;
    Some(french_time(found.number(1)?, minute))
}

fn say_french_range(found: &Found<'_>) -> Option<String> {
    let minute = |first, second| found.number(first).or_else(|| found.number(second));
    let first = french_time(found.number(1)?, minute(2, 3));
    let last = french_time(found.number(4)?, minute(5, 6));
    Some(format!("{first} à {last}"))
}

fn say_hours(found: &Found<'_>) -> Option<String> {
    Some(format!("{} à {}", cardinal(found.number(1)?, Lang::Fr), french_time(found.number(2)?, None)))
}

fn say_all_day(_: &Found<'_>) -> Option<String> {
    Some("vingt-quatre heures sur vingt-quatre".to_owned())
}

fn say_all_week(_: &Found<'_>) -> Option<String> {
    Some("sept jours sur sept".to_owned())
}
