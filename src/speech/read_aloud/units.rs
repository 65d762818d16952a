//! Units behind numbers.

use super::{
    numerals::{Gender, Number, cardinal},
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// As written, one, many.
type Unit = (&'static str, &'static str, &'static str);

const EN: &[Unit] = &[
    ("km/h", "kilometer per hour", "kilometers per hour"),
    ("kph", "kilometer per hour", "kilometers per hour"),
    ("mph", "mile per hour", "miles per hour"),
    ("mpg", "mile per gallon", "miles per gallon"),
    ("m/s", "meter per second", "meters per second"),
    ("kg/m³", "kilogram per cubic meter", "kilograms per cubic meter"),
    ("km²", "square kilometer", "square kilometers"),
    ("km2", "square kilometer", "square kilometers"),
    ("m²", "square meter", "square meters"),
    ("m2", "square meter", "square meters"),
    ("m³", "cubic meter", "cubic meters"),
    ("m3", "cubic meter", "cubic meters"),
    ("sq ft", "square foot", "square feet"),
    ("km", "kilometer", "kilometers"),
    ("cm", "centimeter", "centimeters"),
    ("mm", "millimeter", "millimeters"),
    ("m", "meter", "meters"),
    ("ft", "foot", "feet"),
    ("mi", "mile", "miles"),
    ("yd", "yard", "yards"),
    ("kg", "kilogram", "kilograms"),
    ("kgs", "kilogram", "kilograms"),
    ("mg", "milligram", "milligrams"),
    ("g", "gram", "grams"),
    ("lb", "pound", "pounds"),
    ("lbs", "pound", "pounds"),
    ("oz", "ounce", "ounces"),
    ("L", "liter", "liters"),
    ("l", "liter", "liters"),
    ("cl", "centiliter", "centiliters"),
    ("ml", "milliliter", "milliliters"),
    ("mL", "milliliter", "milliliters"),
    ("tbsp", "tablespoon", "tablespoons"),
    ("tsp", "teaspoon", "teaspoons"),
    ("ha", "hectare", "hectares"),
    ("°C", "degree Celsius", "degrees Celsius"),
    ("°F", "degree Fahrenheit", "degrees Fahrenheit"),
    ("°", "degree", "degrees"),
    ("GB", "gigabyte", "gigabytes"),
    ("MB", "megabyte", "megabytes"),
    ("TB", "terabyte", "terabytes"),
    ("kB", "kilobyte", "kilobytes"),
    ("KB", "kilobyte", "kilobytes"),
    ("Mbps", "megabit per second", "megabits per second"),
    ("Gbps", "gigabit per second", "gigabits per second"),
    ("GHz", "gigahertz", "gigahertz"),
    ("MHz", "megahertz", "megahertz"),
    ("kHz", "kilohertz", "kilohertz"),
    ("Hz", "hertz", "hertz"),
    ("V", "volt", "volts"),
    ("kWh", "kilowatt hour", "kilowatt hours"),
    ("kW", "kilowatt", "kilowatts"),
    ("W", "watt", "watts"),
    ("mAh", "milliampere hour", "milliampere hours"),
    ("hPa", "hectopascal", "hectopascals"),
    ("kcal", "kilocalorie", "kilocalories"),
    ("dB", "decibel", "decibels"),
    ("psi", "P S I", "P S I"),
    ("bpm", "beat per minute", "beats per minute"),
    ("px", "pixel", "pixels"),
    ("MP", "megapixel", "megapixels"),
    ("hrs", "hour", "hours"),
    ("hr", "hour", "hours"),
    ("mins", "minute", "minutes"),
    ("min", "minute", "minutes"),
    ("secs", "second", "seconds"),
    ("sec", "second", "seconds"),
    ("s", "second", "seconds"),
    ("ms", "millisecond", "milliseconds"),
    ("yrs", "year", "years"),
    ("yr", "year", "years"),
    ("wks", "week", "weeks"),
    ("wk", "week", "weeks"),
    ("mos", "month", "months"),
];

const FR: &[Unit] = &[
    ("km/h", "kilomètre heure", "kilomètres heure"),
    ("kmh", "kilomètre heure", "kilomètres heure"),
    ("m/s", "mètre par seconde", "mètres par seconde"),
    ("l/100", "litre au cent", "litres au cent"),
    ("L/100", "litre au cent", "litres au cent"),
    ("l/100 km", "litre aux cent kilomètres", "litres aux cent kilomètres"),
    ("L/100 km", "litre aux cent kilomètres", "litres aux cent kilomètres"),
    ("g/l", "gramme par litre", "grammes par litre"),
    ("km²", "kilomètre carré", "kilomètres carrés"),
    ("km2", "kilomètre carré", "kilomètres carrés"),
    ("m²", "mètre carré", "mètres carrés"),
    ("m2", "mètre carré", "mètres carrés"),
    ("m³", "mètre cube", "mètres cubes"),
    ("m3", "mètre cube", "mètres cubes"),
    ("km", "kilomètre", "kilomètres"),
    ("cm", "centimètre", "centimètres"),
    ("mm", "millimètre", "millimètres"),
    ("m", "mètre", "mètres"),
    ("kg", "kilo", "kilos"),
    ("mg", "milligramme", "milligrammes"),
    ("g", "gramme", "grammes"),
    ("t", "tonne", "tonnes"),
    ("L", "litre", "litres"),
    ("l", "litre", "litres"),
    ("cl", "centilitre", "centilitres"),
    ("ml", "millilitre", "millilitres"),
    ("mL", "millilitre", "millilitres"),
    ("c. à s.", "cuillère à soupe", "cuillères à soupe"),
    ("c. à c.", "cuillère à café", "cuillères à café"),
    ("càs", "cuillère à soupe", "cuillères à soupe"),
    ("càc", "cuillère à café", "cuillères à café"),
    ("ha", "hectare", "hectares"),
    ("°C", "degré", "degrés"),
    ("°F", "degré Fahrenheit", "degrés Fahrenheit"),
    ("°", "degré", "degrés"),
    ("Go", "gigaoctet", "gigaoctets"),
    ("Mo", "mégaoctet", "mégaoctets"),
    ("To", "téraoctet", "téraoctets"),
    ("ko", "kilooctet", "kilooctets"),
    ("Mb/s", "mégabit par seconde", "mégabits par seconde"),
    ("GHz", "gigahertz", "gigahertz"),
    ("MHz", "mégahertz", "mégahertz"),
    ("kHz", "kilohertz", "kilohertz"),
    ("Hz", "hertz", "hertz"),
    ("V", "volt", "volts"),
    ("kWh", "kilowattheure", "kilowattheures"),
    ("kW", "kilowatt", "kilowatts"),
    ("W", "watt", "watts"),
    ("mAh", "milliampère-heure", "milliampères-heure"),
    ("hPa", "hectopascal", "hectopascals"),
    ("kcal", "kilocalorie", "kilocalories"),
    ("dB", "décibel", "décibels"),
    ("px", "pixel", "pixels"),
    ("ch", "cheval", "chevaux"),
    ("min", "minute", "minutes"),
    ("mn", "minute", "minutes"),
    ("sec", "seconde", "secondes"),
    ("s", "seconde", "secondes"),
    ("ms", "milliseconde", "millisecondes"),
    ("j", "jour", "jours"),
    ("sem.", "semaine", "semaines"),
    ("pers.", "personne", "personnes"),
    ("pers", "personne", "personnes"),
];

/// Beginnings of the French units that are feminine.
const FEMININE: [&str; 7] = ["minute", "seconde", "tonne", "cuillère", "semaine", "personne", "kilocalorie"];

const fn units(lang: Lang) -> &'static [Unit] {
    match lang {
        Lang::En => EN,
        Lang::Fr => FR,
    }
}

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let mut written: Vec<&str> = units(lang).iter().map(|(written, _, _)| *written).collect();
    written.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    let written: Vec<String> = written.into_iter().map(regex::escape).collect();
    let number = match lang {
        Lang::En => r"(?:\d{1,3}(?:,\d{3})+\b|\d+)(?:\.\d+)?",
        Lang::Fr => r"(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,]\d+)?",
    };
    let mut rules: Vec<(String, Say)> = vec![
        (r#"([4-7])['’′](\d{1,2})["”″]?"#.into(), say_height),
        (r#"(\d{1,3})["″](?P<next> \p{L}|[,.]|$)"#.into(), say_inches),
        (r"(\d)m(\d\d)".into(), say_meters),
        (r"(\d{1,3})°(\d)".into(), say_fever),
    ];
    if lang == Lang::En {
        rules.push((r"(\d+) ?ft (\d{1,2})(?: ?in)?".into(), say_feet));
        rules.push((r"(\d{1,3}\.\d)([CF])".into(), say_temperature));
    } else {
        rules.push((r"(\d+)kg(\d)".into(), say_kilos));
        rules.push((r"(\d) m (\d\d)".into(), say_meters));
        rules.push((r"(\d),(\d\d) ?m".into(), say_meters));
    }
    rules.push((format!(r"(-)?({number})(?: ?[–-] ?({number}))? ?({})", written.join("|")), say_quantity));
    rules
}

fn say_quantity(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let written = found.group(4);
    let inside = found.before.ends_with([',', '.'])
        && found.before.trim_end_matches([',', '.']).ends_with(|symbol: char| symbol.is_ascii_digit());
    let next = found.after.chars().next();
    // "5 s'il te plaît", "2 l'an": no unit but a word.
    if inside || next.is_some_and(|next| matches!(next, '\'' | '’')) || found.before.ends_with(['/', ':']) {
        return None;
    }
    let (_, one, many) = units(lang).iter().find(|(known, _, _)| *known == written)?;
    let first = Number::read(found.group(2), lang)?;
    let last = Some(found.group(3)).filter(|last| !last.is_empty()).and_then(|last| Number::read(last, lang));
    let feminine = FEMININE.iter().any(|start| one.starts_with(start));
    let gender = if feminine { Gender::Feminine } else { Gender::Masculine };
    let joined = found.before.ends_with(|symbol: char| symbol.is_alphanumeric());
    let minus = match found.group(1) {
        "" => "",
        _ if joined => return None,
        _ => in_lang(lang, "minus ", "moins "),
    };
    let name = if last.as_ref().unwrap_or(&first).is_singular(lang) { one } else { many };
    let number = match last {
        Some(last) => format!("{} {} {}", first.say(gender, lang), in_lang(lang, "to", "à"), last.say(gender, lang)),
        None => first.say(gender, lang),
    };
    Some(format!("{minus}{number} {name}"))
}

/// `6'2"`.
fn say_height(found: &Found<'_>) -> Option<String> {
    let (feet, inches) = (found.number(1)?, found.number(2).filter(|inches| *inches < 12)?);
    Some(match found.lang {
        Lang::En => format!("{} foot {}", cardinal(feet, Lang::En), cardinal(inches, Lang::En)),
        Lang::Fr => format!("{} pieds {}", cardinal(feet, Lang::Fr), cardinal(inches, Lang::Fr)),
    })
}

/// `27" screen`; in `"room 27"` the mark ends a quotation.
fn say_inches(found: &Found<'_>) -> Option<String> {
    let quoted = found.before.matches(['"', '″']).count() % 2 == 1;
    let inches = cardinal(found.number(1)?, found.lang);
    (!quoted).then(|| match found.lang {
        Lang::En => format!("{inches} inch"),
        Lang::Fr => format!("{inches} pouces"),
    })
}

/// `1m80`.
fn say_meters(found: &Found<'_>) -> Option<String> {
    let (meters, rest) = (found.number(1)?, found.number(2)?);
    let plural = if meters > 1 { "s" } else { "" };
    let unit = in_lang(found.lang, "meter", "mètre");
    let inside = found.before.ends_with([',', '.']);
    (!inside).then(|| format!("{} {unit}{plural} {}", cardinal(meters, found.lang), cardinal(rest, found.lang)))
}

/// `38°5`: one decimal.
fn say_fever(found: &Found<'_>) -> Option<String> {
    let (degrees, tenths) = (cardinal(found.number(1)?, found.lang), cardinal(found.number(2)?, found.lang));
    Some(format!("{degrees} {} {tenths}", in_lang(found.lang, "degrees", "degrés")))
}

/// `101.3F`.
fn say_temperature(found: &Found<'_>) -> Option<String> {
    let scale = if found.group(2) == "C" { "Celsius" } else { "Fahrenheit" };
    let number = Number::read(found.group(1), found.lang)?;
    Some(format!("{} degrees {scale}", number.say(Gender::Masculine, found.lang)))
}

/// `1kg5`.
fn say_kilos(found: &Found<'_>) -> Option<String> {
    let kilos = found.number(1)?;
    let plural = if kilos > 1 { "s" } else { "" };
    Some(format!("{} kilo{plural} {}", cardinal(kilos, Lang::Fr), cardinal(found.number(2)?, Lang::Fr)))
}

/// `6 ft 2`.
fn say_feet(found: &Found<'_>) -> Option<String> {
    let feet = found.number(1)?;
    let unit = if feet == 1 { "foot" } else { "feet" };
    Some(format!("{} {unit} {}", cardinal(feet, Lang::En), cardinal(found.number(2)?, Lang::En)))
}
