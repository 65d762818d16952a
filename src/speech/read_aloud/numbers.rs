//! Numbers that are no date, time, amount or quantity: ordinals, ranges, percentages, sums, comparisons, versions.

use super::{
    emoji::times,
    fractions::fraction,
    numerals::{Gender, Number, cardinal, digits, ordinal},
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// Endings of French words that are nearly always counted with "une".
const FEMININE_ENDINGS: [&str; 8] = ["tion", "tions", "sion", "sions", "ette", "ettes", "ance", "ances"];
/// French words that are counted with "une".
const FEMININE: &str = " personne personnes fois place places baguette baguettes bouteille bouteilles chambre \
                        chambres page pages semaine semaines année années heure heures minute minutes seconde \
                        secondes question questions nuit nuits pièce pièces photo photos vidéo vidéos tonne tonnes \
                        livre livres pomme pommes bière bières part parts table tables voiture voitures femme \
                        femmes fille filles chose choses réponse réponses vache vaches pizza pizzas journée \
                        journées soirée soirées réunion réunions étape étapes option options boîte boîtes tasse \
                        tasses cuillère cuillères carte cartes lettre lettres ligne lignes tarte tartes salade \
                        salades tomate tomates orange oranges banane bananes poire poires carotte carottes glace \
                        glaces crêpe crêpes course courses clé clés douche douches robe robes chemise chemises \
                        veste vestes paire paires douzaine douzaines dizaine dizaines centaine centaines classe \
                        classes école écoles équipe équipes adresse adresses fête fêtes fleur fleurs nouvelle \
                        nouvelles tente tentes couverture couvertures rue rues maison maisons porte portes valise \
                        valises idée idées erreur erreurs ";

/// The rules of this file that run before mixed words are said.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let number = number(lang);
    let scale = in_lang(lang, "k|M|bn", "k|M|Md");
    let ordinal_end = in_lang(lang, "st|nd|rd|th", "ers|ères|ère|er|re|èmes|ème|emes|eme|es|nde|nds|nd|è|e");
    let mut rules: Vec<(String, Say)> = vec![
        (r"(\d+) ?[x×]".into(), say_times),
        (format!(r"(\d{{1,3}}(?:,\d{{3}})+|\d+) ?({ordinal_end})"), say_ordinal),
        (format!(r"({number}) ?({scale})"), say_scale),
        (r"(\d{1,3}(?:\.\d{1,3}){3})".into(), say_address),
        (r"(v|V|version |Version )?(\d+(?:\.\d+){1,4})".into(), say_version),
        (r"(\d+):(\d+)".into(), say_ratio),
        (r"([²³])".into(), say_power),
        (r"√ ?(?P<next>\d)".into(), say_root),
        (r"(\d+)(?:-\d+){2,}".into(), say_dashes),
    ];
    if lang == Lang::Fr {
        rules.push((r"([JH]) ?([-+]) ?(\d+)".into(), say_countdown));
    }
    rules
}

/// The rules for what is calculated or compared; they run first, while all numbers stand in digits.
pub(super) fn sign_rules(lang: Lang) -> Vec<(String, Say)> {
    let number = number(lang);
    vec![
        (format!(r"{number}(?: ?[+*x×÷/–-] ?{number})+( ?= ?)"), say_sum),
        (r"(\d+) ?([x×*]) ?(\d+)".into(), say_by),
        (r"\^([23])".into(), say_power),
        (r"(<=|>=|!=|==|[<>≤≥≠])( ?)(?P<next>[\p{L}\d-])".into(), say_comparison),
        (r"[~≈±] ?(?P<next>[\d€$£-])".into(), say_bound),
    ]
}

/// The rules for plain numbers, the last to run.
pub(super) fn plain_rules(lang: Lang) -> Vec<(String, Say)> {
    let number = number(lang);
    vec![
        (format!(r"([-+])?({number}) ?[–-] ?({number})( ?%)?"), say_range),
        (format!(r"([-+])?({number}) ?%"), say_percent),
        (format!(r"([-+.#])?({number})"), say_plain),
    ]
}

/// The pattern of a number.
const fn number(lang: Lang) -> &'static str {
    match lang {
        Lang::En => r"(?:\d{1,3}(?:,\d{3})+\b|\d{1,3}(?: \d{3})+\b|\d+)(?:\.\d+)?",
        Lang::Fr => r"(?:\d{1,3}(?:[ .]\d{3})+\b|\d+)(?:[.,]\d+)?",
    }
}

/// Reads and says a number.
pub(super) fn say_number(text: &str, lang: Lang) -> Option<String> {
    Some(Number::read(text, lang)?.say(Gender::Masculine, lang))
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|symbol: char| symbol.is_ascii_digit())
}

/// `2+2=4`: before a sign of equality every sign calculates.
fn say_sum(found: &Found<'_>) -> Option<String> {
    let sum = found.group(0).trim_end_matches([' ', '=']);
    let mut out = String::new();
    for symbol in sum.chars() {
        let (en, fr) = match symbol {
            '+' => (" plus ", " plus "),
            '-' | '–' => (" minus ", " moins "),
            '*' | 'x' | '×' => (" times ", " fois "),
            '/' | '÷' => (" divided by ", " divisé par "),
            other => {
                out.push(other);
                continue;
            }
        };
        out.push_str(in_lang(found.lang, en, fr));
    }
    Some(format!(
        "{} {} ",
        out.split_whitespace().collect::<Vec<_>>().join(" "),
        in_lang(found.lang, "equals", "égale")
    ))
}

/// `20x30`; the numbers are said by a later rule.
fn say_by(found: &Found<'_>) -> Option<String> {
    let (first, second) = (found.group(1), found.group(3));
    // "555-1234 x12" is an extension.
    if found.before.ends_with('-') {
        return None;
    }
    let calculates = found.group(2) == "*" || found.after.chars().take(12).any(|symbol| symbol == '=');
    Some(match found.lang {
        _ if calculates => format!("{first} {} {second}", in_lang(found.lang, "times", "fois")),
        Lang::Fr if (first, second) == ("4", "4") => "quatre quatre".to_owned(),
        Lang::Fr => format!("{first} sur {second}"),
        Lang::En => format!("{first} by {second}"),
    })
}

fn say_times(found: &Found<'_>) -> Option<String> {
    let number = found.number(1)?;
    (!found.before.ends_with(['.', ','])).then(|| match found.lang {
        Lang::En => format!("{} times", cardinal(number, Lang::En)),
        Lang::Fr => times(number, Lang::Fr),
    })
}

fn say_ordinal(found: &Found<'_>) -> Option<String> {
    let number: u64 = found.group(1).replace(',', "").parse().ok()?;
    let end = found.group(2);
    // "2 es" is "2" and a word.
    if found.lang == Lang::Fr && found.group(0).contains(' ') {
        return None;
    }
    let said = ordinal(number, found.lang);
    Some(match (found.lang, end) {
        (Lang::En, _) => said,
        (Lang::Fr, "re" | "ère") => "première".to_owned(),
        (Lang::Fr, "nd") if number == 2 => "second".to_owned(),
        (Lang::Fr, "nde") if number == 2 => "seconde".to_owned(),
        (Lang::Fr, "es" | "ers" | "èmes" | "emes" | "nds") => format!("{said}s"),
        (Lang::Fr, "ères") => "premières".to_owned(),
        (Lang::Fr, _) => said,
    })
}

/// `10k likes`.
fn say_scale(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let number = Number::read(found.group(1), lang)?;
    let said = number.say(Gender::Masculine, lang);
    let plural = if lang == Lang::Fr && !number.is_singular(lang) { "s" } else { "" };
    Some(match found.group(2) {
        "k" if lang == Lang::Fr && said == "un" => "mille".to_owned(),
        "k" => format!("{said} {}", in_lang(lang, "thousand", "mille")),
        "M" => format!("{said} million{plural}"),
        _ => format!("{said} {}{plural}", in_lang(lang, "billion", "milliard")),
    })
}

fn say_address(found: &Found<'_>) -> Option<String> {
    let parts: Vec<String> = found.group(1).split('.').map(|part| digits(part, found.lang)).collect();
    Some(parts.join(in_lang(found.lang, " dot ", " point ")))
}

/// `v2.0.1`, `version 3.10`, and everything with two points.
fn say_version(found: &Found<'_>) -> Option<String> {
    let (mark, number) = (found.group(1), found.group(2));
    let points = number.matches('.').count();
    let groups = number.split('.').skip(1).all(|part| part.len() == 3);
    if mark.is_empty() && (points < 2 || found.lang == Lang::Fr && groups)
        || ends_in_digit(found.before.trim_end_matches(','))
    {
        return None;
    }
    let parts: Option<Vec<String>> =
        number.split('.').map(|part| Some(cardinal(part.parse().ok()?, found.lang))).collect();
    let word = match mark {
        "" => "",
        "V" | "Version " => "Version ",
        _ => "version ",
    };
    Some(format!("{word}{}", parts?.join(" point ")))
}

/// `2:1`, `16:9`.
fn say_ratio(found: &Found<'_>) -> Option<String> {
    let (first, second) = (found.number(1)?, found.number(2)?);
    let open = found.before.ends_with(':') || found.after.starts_with(':');
    (!open).then(|| match found.lang {
        Lang::Fr if second > 2 => fraction(first, second, Lang::Fr),
        Lang::Fr => Some(format!("{} contre {}", cardinal(first, Lang::Fr), cardinal(second, Lang::Fr))),
        Lang::En => Some(format!("{} to {}", cardinal(first, Lang::En), cardinal(second, Lang::En))),
    })?
}

fn say_power(found: &Found<'_>) -> Option<String> {
    let power = match (found.group(1), found.lang) {
        ("²" | "2", Lang::En) => " squared",
        ("²" | "2", Lang::Fr) => " au carré",
        (_, Lang::En) => " cubed",
        (_, Lang::Fr) => " au cube",
    };
    found.before.ends_with(char::is_alphanumeric).then(|| power.to_owned())
}

fn say_root(found: &Found<'_>) -> Option<String> {
    Some(found.say("square root of ", "racine carrée de "))
}

/// `3 < 4`, and `>= 18` at the beginning.
fn say_comparison(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let sign = found.group(1);
    let left = found.before.trim_end().chars().next_back();
    let right = found.after.chars().next().unwrap_or(' ');
    let operand = left.is_some_and(|left| left.is_alphanumeric() || ")°%€$".contains(left));
    let starts = !operand || found.before.ends_with(' ') && found.group(2).is_empty();
    let said = match sign {
        "<" if starts => in_lang(lang, "less than", "moins de"),
        ">" if starts => in_lang(lang, "more than", "plus de"),
        "<=" | "≤" if starts => in_lang(lang, "at most", "au plus"),
        ">=" | "≥" if starts => in_lang(lang, "at least", "au moins"),
        "<" => in_lang(lang, "is less than", "est inférieur à"),
        ">" => in_lang(lang, "is more than", "est supérieur à"),
        "<=" | "≤" => in_lang(lang, "is at most", "est au plus"),
        ">=" | "≥" => in_lang(lang, "is at least", "est au moins"),
        "==" => in_lang(lang, "equals", "égale"),
        _ => in_lang(lang, "is not", "différent de"),
    };
    let equality = sign.contains(['=', '≠']) && !sign.starts_with(['<', '>']);
    // "see you <b" is no comparison.
    let compares = right.is_ascii_digit() || right == '-' || equality && !starts;
    compares.then(|| format!(" {said} "))
}

fn say_bound(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let said = if found.group(0).starts_with('±') {
        in_lang(lang, "plus or minus", "plus ou moins")
    } else {
        in_lang(lang, "about", "environ")
    };
    Some(format!(" {said} "))
}

/// `1-2-3`.
fn say_dashes(found: &Found<'_>) -> Option<String> {
    let parts: Vec<String> =
        found
            .group(0)
            .split('-')
            .map(|part| {
                if part.len() > 3 { digits(part, found.lang) } else { cardinal(part.parse().unwrap_or(0), found.lang) }
            })
            .collect();
    Some(parts.join(", "))
}

/// `J-3`.
fn say_countdown(found: &Found<'_>) -> Option<String> {
    let sign = if found.group(2) == "+" { "plus" } else { "moins" };
    Some(format!("{} {sign} {}", found.group(1), cardinal(found.number(3)?, Lang::Fr)))
}

/// "minus", "plus" or nothing; `None` when the sign is a hyphen.
fn sign(found: &Found<'_>) -> Option<&'static str> {
    let joined = found.before.ends_with(|symbol: char| symbol.is_alphanumeric() || symbol == ')');
    Some(match (found.group(1), found.lang) {
        ("", _) => "",
        ("+", _) if joined => " plus ",
        ("+", _) => "plus ",
        _ if joined => return None,
        (_, Lang::En) => "minus ",
        (_, Lang::Fr) => "moins ",
    })
}

fn say_range(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let sign = sign(found)?;
    let (first, last) = (say_number(found.group(2), lang)?, say_number(found.group(3), lang)?);
    let percent = if found.group(4).is_empty() { "" } else { in_lang(lang, " percent", " pour cent") };
    Some(format!("{sign}{first} {} {last}{percent}", in_lang(lang, "to", "à")))
}

fn say_percent(found: &Found<'_>) -> Option<String> {
    let percent = in_lang(found.lang, "percent", "pour cent");
    Some(format!("{}{} {percent}", sign(found)?, say_number(found.group(2), found.lang)?))
}

fn say_plain(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let text = found.group(2);
    match found.group(1) {
        "#" => return Some(format!("{} {}", in_lang(lang, "number", "numéro"), say_number(text, lang)?)),
        "." if found.before.is_empty() || found.before.ends_with([' ', '(']) => {
            let point = in_lang(lang, "point", "zéro virgule");
            return Some(format!("{point} {}", digits(text, lang)));
        }
        "." => return Some(format!(". {}", say_number(text, lang)?)),
        _ => {}
    }
    let Some(sign) = sign(found) else {
        // "COVID-19", "I-95": the hyphen is not heard; "2-for-1" stays one word.
        let said = say_number(text, lang)?;
        let small = text.len() <= 2 && found.before.ends_with(char::is_lowercase);
        return Some(format!("{}{said}", if small { "-" } else { " " }));
    };
    let number = Number::read(text, lang)?;
    let next: String =
        found.after.strip_prefix(' ').unwrap_or_default().chars().take_while(|c| c.is_alphabetic()).collect();
    let next = next.to_lowercase();
    let feminine = !next.is_empty()
        && (FEMININE.contains(&format!(" {next} ")) || FEMININE_ENDINGS.iter().any(|ending| next.ends_with(ending)));
    let gender = if feminine { Gender::Feminine } else { Gender::Masculine };
    Some(format!("{sign}{}", number.say(gender, lang)))
}
