//! Amounts of money: "twelve euros fifty", "douze euros cinquante".

use super::{
    numerals::{Gender, Number, cardinal, count},
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// A currency: how it is written, what one and many are, what its hundredth is.
struct Currency {
    signs: &'static [&'static str],
    en: (&'static str, &'static str),
    fr: (&'static str, &'static str),
    gender: Gender,
    /// One and many hundredths, English, then French.
    cents: [&'static str; 4],
}

const CENTS: [&str; 4] = ["cent", "cents", "centime", "centimes"];
const FRENCH_CENTS: [&str; 4] = ["cent", "cents", "cent", "cents"];
const PENCE: [&str; 4] = ["penny", "pence", "penny", "pence"];

const CURRENCIES: &[Currency] = &[
    Currency {
        signs: &["€", "EUR"],
        en: ("euro", "euros"),
        fr: ("euro", "euros"),
        gender: Gender::Masculine,
        cents: CENTS,
    },
    Currency {
        signs: &["US$", "$US", "USD", "$"],
        en: ("dollar", "dollars"),
        fr: ("dollar", "dollars"),
        gender: Gender::Masculine,
        cents: FRENCH_CENTS,
    },
    Currency {
        signs: &["£", "GBP"],
        en: ("pound", "pounds"),
        fr: ("livre", "livres"),
        gender: Gender::Feminine,
        cents: PENCE,
    },
    Currency {
        signs: &["CHF"],
        en: ("Swiss franc", "Swiss francs"),
        fr: ("franc suisse", "francs suisses"),
        gender: Gender::Masculine,
        cents: CENTS,
    },
    Currency {
        signs: &["¥", "JPY"], en: ("yen", "yen"), fr: ("yen", "yens"), gender: Gender::Masculine, cents: CENTS
    },
    Currency {
        signs: &["₹", "INR"],
        en: ("rupee", "rupees"),
        fr: ("roupie", "roupies"),
        gender: Gender::Feminine,
        cents: CENTS,
    },
    Currency {
        signs: &["C$", "$CA", "CAD"],
        en: ("Canadian dollar", "Canadian dollars"),
        fr: ("dollar canadien", "dollars canadiens"),
        gender: Gender::Masculine,
        cents: FRENCH_CENTS,
    },
    Currency {
        signs: &["A$", "AUD"],
        en: ("Australian dollar", "Australian dollars"),
        fr: ("dollar australien", "dollars australiens"),
        gender: Gender::Masculine,
        cents: FRENCH_CENTS,
    },
    Currency {
        signs: &["R$", "BRL"],
        en: ("real", "reals"),
        fr: ("réal", "réaux"),
        gender: Gender::Masculine,
        cents: CENTS,
    },
    Currency {
        signs: &["₿", "BTC"],
        en: ("bitcoin", "bitcoins"),
        fr: ("bitcoin", "bitcoins"),
        gender: Gender::Masculine,
        cents: CENTS,
    },
];

/// What an amount may be divided by: as written, English, French.
const PER: &[(&str, &str, &str)] = &[
    ("month", "month", "mois"),
    ("mois", "month", "mois"),
    ("mo", "month", "mois"),
    ("hour", "hour", "heure"),
    ("heure", "hour", "heure"),
    ("hr", "hour", "heure"),
    ("h", "hour", "heure"),
    ("day", "day", "jour"),
    ("jour", "day", "jour"),
    ("j", "day", "jour"),
    ("week", "week", "semaine"),
    ("wk", "week", "semaine"),
    ("semaine", "week", "semaine"),
    ("year", "year", "an"),
    ("yr", "year", "an"),
    ("an", "year", "an"),
    ("kg", "kilogram", "kilo"),
    ("lb", "pound", "livre"),
    ("night", "night", "nuit"),
    ("nuit", "night", "nuit"),
    ("person", "person", "personne"),
    ("personne", "person", "personne"),
    ("pers", "person", "personne"),
    ("m²", "square meter", "mètre carré"),
    ("l", "liter", "litre"),
    ("L", "liter", "litre"),
];

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let mut signs: Vec<&str> = CURRENCIES.iter().flat_map(|currency| currency.signs).copied().collect();
    signs.sort_by_key(|sign| std::cmp::Reverse(sign.len()));
    let signs: Vec<String> = signs.into_iter().map(regex::escape).collect();
    let signs = signs.join("|");
    let per: Vec<&str> = PER.iter().map(|(written, _, _)| *written).collect();
    let per = format!(r"(?: ?/ ?({})\b)?", per.join("|"));
    let number = r"\d{1,3}(?:[ .,’]\d{3})+\b(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?";
    let scale = "k|K|M|m|bn|B|Md|million|billion|trillion|thousand|millions|milliards|milliard|mille";
    let mut rules: Vec<(String, Say)> = vec![
        (format!(r"(-)?({signs}) ?({number})(?: ?({scale})\b)?(?: ?[–-] ?({signs})?({number}))?{per}"), say_before),
        (format!(r"(-)?({number})(?: ?[–-] ?({number}))? ?(?:({scale}) ?)?({signs}){per}"), say_behind),
        (r"(\d+) ?(?:¢|cts?)".into(), say_cents),
    ];
    match lang {
        Lang::En => rules.push((r"(\d{1,2})p".into(), say_pence)),
        Lang::Fr => {
            rules.insert(0, (r"(\d+) ?€ ?(\d\d)".into(), say_euros_and_cents));
            rules.push((r"(\d+) F".into(), say_francs));
        }
    }
    rules
}

fn currency(sign: &str) -> Option<&'static Currency> {
    CURRENCIES.iter().find(|currency| currency.signs.contains(&sign))
}

impl Currency {
    fn name(&self, singular: bool, lang: Lang) -> &'static str {
        let (one, many) = match lang {
            Lang::En => self.en,
            Lang::Fr => self.fr,
        };
        if singular { one } else { many }
    }

    fn cent(&self, number: u64, lang: Lang) -> String {
        let name = match (lang, number) {
            (Lang::En, 1) => self.cents.first(),
            (Lang::En, _) => self.cents.get(1),
            (Lang::Fr, 0 | 1) => self.cents.get(2),
            (Lang::Fr, _) => self.cents.get(3),
        };
        format!("{} {}", cardinal(number, lang), name.copied().unwrap_or_default())
    }

    /// "three dollars ninety-nine".
    fn say(&self, number: &Number, scale: &str, lang: Lang) -> String {
        if let Some((scale, thousands)) = scale_name(scale, number, lang) {
            let of = match lang {
                Lang::Fr if !thousands && self.fr.0.starts_with('e') => "d'",
                Lang::Fr if !thousands => "de ",
                Lang::En | Lang::Fr => "",
            };
            let one = thousands && lang == Lang::Fr && number.whole == 1 && number.fraction.is_empty();
            let many = if one { String::new() } else { format!("{} ", number.say(Gender::Masculine, lang)) };
            return format!("{many}{scale} {of}{}", self.name(false, lang));
        }
        let cents = match number.fraction.len() {
            0 => Some(0),
            1 => number.fraction.parse::<u64>().ok().map(|tenths| tenths * 10),
            2 => number.fraction.parse().ok(),
            _ => None,
        };
        // A bitcoin has no cents.
        let Some(cents) = cents.filter(|cents| *cents == 0 || !self.signs.contains(&"BTC")) else {
            return format!("{} {}", number.say(self.gender, lang), self.name(number.is_singular(lang), lang));
        };
        if number.whole == 0 && cents > 0 {
            return self.cent(cents, lang);
        }
        let name = match lang {
            Lang::En => self.name(number.whole == 1, lang),
            Lang::Fr => self.name(number.whole < 2, lang),
        };
        let of = match lang {
            Lang::Fr if number.whole > 0 && number.whole.is_multiple_of(1_000_000) && name.starts_with('e') => " d'",
            Lang::Fr if number.whole > 0 && number.whole.is_multiple_of(1_000_000) => " de ",
            Lang::En | Lang::Fr => " ",
        };
        let whole = format!("{}{of}{name}", count(number.whole, self.gender, lang));
        if cents == 0 { whole } else { format!("{whole} {}", cardinal(cents, lang)) }
    }
}

/// Returns the name of a scale, and whether it is that of thousands.
fn scale_name(scale: &str, number: &Number, lang: Lang) -> Option<(String, bool)> {
    let (en, fr) = match scale {
        "k" | "K" | "thousand" | "mille" => return Some((in_lang(lang, "thousand", "mille").to_owned(), true)),
        "m" | "M" | "million" | "millions" => ("million", "million"),
        "bn" | "B" | "Md" | "billion" | "milliard" | "milliards" => ("billion", "milliard"),
        "trillion" => ("trillion", "billion"),
        _ => return None,
    };
    Some((
        match lang {
            Lang::En => en.to_owned(),
            Lang::Fr if number.is_singular(lang) => fr.to_owned(),
            Lang::Fr => format!("{fr}s"),
        },
        false,
    ))
}

/// Reads `1,234.56`, `1 234,56`, `1.000`, `12,50`.
fn read(text: &str, behind: bool, lang: Lang) -> Option<Number> {
    let text = text.replace('’', "");
    let cents_comma = text.len() > 2 && text.rfind(',').is_some_and(|at| text.len() - at <= 3);
    let thousands_point = text.rfind('.').is_some_and(|at| text.len() - at == 4);
    let european = lang == Lang::Fr || cents_comma || behind && thousands_point;
    let cents_point = text.rfind('.').is_some_and(|at| text.len() - at <= 3);
    if european && cents_point {
        return Number::read(&text.replace(',', " "), Lang::En);
    }
    Number::read(&text, if european { Lang::Fr } else { Lang::En })
}

fn per(found: &Found<'_>, group: usize) -> String {
    let written = found.group(group);
    PER.iter()
        .find(|(known, _, _)| *known == written)
        .map(|(_, en, fr)| format!(" {} {}", in_lang(found.lang, "per", "par"), in_lang(found.lang, en, fr)))
        .unwrap_or_default()
}

fn minus(found: &Found<'_>) -> Option<&'static str> {
    let signed = !found.group(1).is_empty();
    let joined = found.before.ends_with(|symbol: char| symbol.is_alphanumeric());
    (!(signed && joined)).then_some(match (signed, found.lang) {
        (false, _) => "",
        (true, Lang::En) => "minus ",
        (true, Lang::Fr) => "moins ",
    })
}

fn say_before(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let money = currency(found.group(2))?;
    let first = read(found.group(3), false, lang)?;
    let to = in_lang(lang, "to", "à");
    let amount = match read(found.group(6), false, lang).filter(|_| !found.group(6).is_empty()) {
        None => money.say(&first, found.group(4), lang),
        Some(last) if found.group(5).is_empty() => {
            format!("{} {to} {}", first.say(money.gender, lang), money.say(&last, "", lang))
        }
        Some(last) => format!("{} {to} {}", money.say(&first, "", lang), money.say(&last, "", lang)),
    };
    Some(format!("{}{amount}{}", minus(found)?, per(found, 7)))
}

fn say_behind(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let money = currency(found.group(5))?;
    // In "$5,$6" the second sign belongs to what follows it.
    if found.after.starts_with(|next: char| next.is_ascii_digit()) {
        return None;
    }
    let first = read(found.group(2), true, lang)?;
    let amount = match read(found.group(3), true, lang).filter(|_| !found.group(3).is_empty()) {
        Some(last) => {
            format!(
                "{} {} {}",
                first.say(money.gender, lang),
                in_lang(lang, "to", "à"),
                money.say(&last, found.group(4), lang)
            )
        }
        None => money.say(&first, found.group(4), lang),
    };
    Some(format!("{}{amount}{}", minus(found)?, per(found, 6)))
}

fn say_cents(found: &Found<'_>) -> Option<String> {
    let euro = currency("€")?;
    Some(euro.cent(found.number(1)?, found.lang))
}

fn say_pence(found: &Found<'_>) -> Option<String> {
    Some(currency("£")?.cent(found.number(1)?, found.lang))
}

fn say_euros_and_cents(found: &Found<'_>) -> Option<String> {
    let number = Number { whole: found.number(1)?, fraction: found.group(2).to_owned() };
    (!found.before.ends_with([',', '.'])).then(|| currency("€").map(|euro| euro.say(&number, "", found.lang))).flatten()
}

fn say_francs(found: &Found<'_>) -> Option<String> {
    let many = found.number(1)?;
    let plural = if many > 1 { "s" } else { "" };
    Some(format!("{} franc{plural}", cardinal(many, Lang::Fr)))
}
