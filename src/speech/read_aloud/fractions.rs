//! Fractions, marks out of ten, steps of a list, and the pairs of numbers that have a reading of their own.

use super::{
    numbers::say_number,
    numerals::{cardinal, ordinal},
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let step = in_lang(lang, "step|part|page|episode|day|slide", "étape|partie|page|épisode|jour");
    vec![
        (r"(24/7|50/50|20/20|9/11)".into(), say_known),
        (format!(r"(?i)({step}) (\d+)/(\d+)"), say_step),
        (r"(\d+) (\d)/(\d{1,2})".into(), say_mixed_fraction),
        (r"(\d*) ?([½¼¾⅓⅔])".into(), say_vulgar_fraction),
        (r"(\d+(?:[.,]\d)?)/(\d+)(e)?".into(), say_fraction),
    ]
}

fn say_known(found: &Found<'_>) -> Option<String> {
    Some(match (found.group(1), found.lang) {
        ("24/7", Lang::En) => "twenty-four seven".to_owned(),
        ("9/11", Lang::En) => "nine eleven".to_owned(),
        ("50/50", _) => found.say("fifty fifty", "cinquante cinquante"),
        ("20/20", Lang::En) => "twenty twenty".to_owned(),
        _ => return None,
    })
}

fn say_step(found: &Found<'_>) -> Option<String> {
    let (at, all) = (cardinal(found.number(2)?, found.lang), cardinal(found.number(3)?, found.lang));
    Some(format!("{} {at} {} {all}", found.group(1), in_lang(found.lang, "of", "sur")))
}

/// "three quarters".
pub(super) fn fraction(above: u64, below: u64, lang: Lang) -> Option<String> {
    if !(2..=100).contains(&below) {
        return None;
    }
    let many = above > 1;
    Some(match lang {
        Lang::En => {
            let name = match (below, many) {
                (2, false) => "half".to_owned(),
                (2, true) => "halves".to_owned(),
                (4, _) => format!("quarter{}", if many { "s" } else { "" }),
                _ => format!("{}{}", ordinal(below, lang), if many { "s" } else { "" }),
            };
            format!("{} {name}", cardinal(above, lang))
        }
        Lang::Fr => {
            let plural = if many { "s" } else { "" };
            let name = match below {
                2 => format!("demi{plural}"),
                3 => "tiers".to_owned(),
                4 => format!("quart{plural}"),
                _ => format!("{}{plural}", ordinal(below, lang)),
            };
            format!("{} {name}", cardinal(above, lang))
        }
    })
}

/// "two and a half", "deux et demi".
fn whole_and_fraction(whole: u64, above: u64, below: u64, lang: Lang) -> Option<String> {
    let said = cardinal(whole, lang);
    Some(match lang {
        Lang::En => {
            let part = fraction(above, below, lang)?;
            let part = part.strip_prefix("one ").map_or_else(|| part.clone(), |part| format!("a {part}"));
            format!("{said} and {part}")
        }
        Lang::Fr if (above, below) == (1, 2) => format!("{said} et demi"),
        Lang::Fr => format!("{said} {}", fraction(above, below, lang)?),
    })
}

fn say_mixed_fraction(found: &Found<'_>) -> Option<String> {
    let (above, below) = (found.number(2)?, found.number(3)?);
    (above < below).then(|| whole_and_fraction(found.number(1)?, above, below, found.lang)).flatten()
}

fn say_vulgar_fraction(found: &Found<'_>) -> Option<String> {
    let (above, below) = match found.group(2) {
        "½" => (1, 2),
        "¼" => (1, 4),
        "¾" => (3, 4),
        "⅓" => (1, 3),
        "⅔" => (2, 3),
        _ => return None,
    };
    match found.number(1) {
        Some(whole) => whole_and_fraction(whole, above, below, found.lang),
        None => fraction(above, below, found.lang),
    }
}

/// `3/4`, `8/10`.
fn say_fraction(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    if found.before.ends_with('/') || found.after.starts_with('/') {
        return None;
    }
    let below = found.number(2)?;
    let part = found.number(1).filter(|above| *above < below);
    let is_mark = matches!(below, 5 | 10 | 20 | 100);
    if let Some(said) =
        part.filter(|_| !is_mark || !found.group(3).is_empty()).and_then(|above| fraction(above, below, lang))
    {
        let quarter = lang == Lang::Fr && said == "un quart" && found.before.trim_end().ends_with(" et");
        return Some(if quarter { "quart".to_owned() } else { said });
    }
    let above = say_number(found.group(1), lang)?;
    // Of a blood pressure the second number is no whole.
    let over = found.number(1).is_some_and(|above| above > below) && below > 20 && below != 100;
    let of = if over { in_lang(lang, "over", "sur") } else { in_lang(lang, "out of", "sur") };
    Some(format!("{above} {of} {}", cardinal(below, lang)))
}
