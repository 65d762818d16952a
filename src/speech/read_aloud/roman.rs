//! Roman numerals, where nothing else can be meant.

use super::{
    numerals::{cardinal, ordinal, roman},
    rule::{Found, Say},
};
use crate::config::Lang;

/// Names of rulers, whose numeral is said as such; other words before a Roman numeral are in [`NUMBERED`].
const RULERS: &str = "Louis|Henry|Henri|Charles|George|Edward|Elizabeth|Elisabeth|William|James|Richard|François|\
                      Francis|Napoleon|Napoléon|Philip|Philippe|Catherine|Peter|Nicholas|Nicolas|Paul|John Paul|\
                      Jean-Paul|Pius|Pie|Benedict|Benoît|Leo|Léon|Alexander|Alexandre|Ferdinand|Frederick|Frédéric|\
                      Gregory|Grégoire|Innocent|Albert|Leopold|Léopold|Ramses|Ramsès";
/// Words that are followed by a number, which may be Roman.
const NUMBERED: &str = "[Cc]hapter|[Pp]art|[Aa]ct|[Vv]olume|[Bb]ook|[Ss]ection|[Pp]hase|[Ll]evel|[Ss]eason|[Ee]pisode|\
                        [Cc]hapitre|[Pp]artie|[Aa]cte|[Tt]ome|[Ll]ivre|[Ss]aison|[Ss]cène|World War|Super Bowl";

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let mut rules: Vec<(String, Say)> = vec![
        (format!(r"({RULERS}) ([IVXL]+)(er)?"), say_ruler),
        (format!(r"({NUMBERED}) ([IVXL]+)"), say_roman),
        (r"([\p{Lu}][\p{L}]+) ([IVX]*[IVX]{2})".into(), say_roman_title),
        (r"\bWW([12])".into(), say_world_war),
    ];
    if lang == Lang::Fr {
        rules.push((r"([IVX]+)(er|ère|re|ème|e)".into(), say_roman_ordinal));
        rules.push((r"(le )(XV)(?P<next> d)".into(), say_team));
    }
    rules
}

/// "Louis the fourteenth", "Louis quatorze", "François premier".
fn say_ruler(found: &Found<'_>) -> Option<String> {
    let number = roman(found.group(2))?;
    let name = found.group(1);
    match found.lang {
        Lang::Fr if !found.group(3).is_empty() => Some(format!("{name} premier")),
        Lang::Fr if number > 1 => Some(format!("{name} {}", cardinal(number, Lang::Fr))),
        Lang::En if number > 1 => Some(format!("{name} the {}", ordinal(number, Lang::En))),
        // "I told Paul I was late."
        Lang::En | Lang::Fr => None,
    }
}

fn say_roman(found: &Found<'_>) -> Option<String> {
    Some(format!("{} {}", found.group(1), cardinal(roman(found.group(2))?, found.lang)))
}

/// "Rocky IV".
fn say_roman_title(found: &Found<'_>) -> Option<String> {
    let (title, numeral) = (found.group(1), found.group(2));
    let shouted = title.chars().all(char::is_uppercase);
    (!shouted && numeral != "XX" && numeral != "XXX").then(|| say_roman(found)).flatten()
}

fn say_world_war(found: &Found<'_>) -> Option<String> {
    let number = cardinal(found.number(1)?, found.lang);
    Some(match found.lang {
        Lang::En => format!("World War {number}"),
        Lang::Fr => format!("guerre mondiale {number}"),
    })
}

/// "XXe": "vingtième".
fn say_roman_ordinal(found: &Found<'_>) -> Option<String> {
    let number = roman(found.group(1))?;
    let said = ordinal(number, Lang::Fr);
    Some(if number == 1 && found.group(2).ends_with("re") { "première".to_owned() } else { said })
}

fn say_team(found: &Found<'_>) -> Option<String> {
    Some(format!("{}quinze", found.group(1)))
}
