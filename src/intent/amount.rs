//! What a spoken amount of money is worth: "twelve pounds fifty", "vingt euros", "12.50 €".
//!
//! Numbers in words are read by the `text2num` crate (MIT, maintained, English and French): compound numbers of two
//! languages, with the Belgian and Swiss tens, are more than a screen of rules.

use text2num::{Language, text2digits};

use crate::config::Lang;

/// Largest amount that is read, in minor units: no household pays more by voice.
const MOST: u64 = 100_000_000_000;

/// A currency that can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Currency {
    /// Euro.
    Eur,
    /// US dollar; dollars of other countries have to be said by their country elsewhere.
    Usd,
    /// Pound sterling.
    Gbp,
    /// Swiss franc.
    Chf,
}

impl Currency {
    /// Every currency that can be named.
    pub const ALL: [Self; 4] = [Self::Eur, Self::Usd, Self::Gbp, Self::Chf];

    /// Returns the ISO 4217 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
        }
    }

    /// Returns the currency of an ISO 4217 code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    /// In hundredths: cents, pence, centimes.
    pub minor: u64,
    /// `None` where none was said.
    pub currency: Option<Currency>,
}

/// A word of an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// A number in hundredths, and whether it was written or said with a fraction.
    Number(u64, bool),
    Unit(Currency),
    /// Cents of whatever currency, or of this one.
    Minor(Option<Currency>),
    Half,
}

impl Amount {
    /// Reads an amount; `None` for what is no exact one ("some money", "a few pounds").
    pub fn read(said: &str, lang: Lang) -> Option<Self> {
        use Piece::{Half, Minor, Number, Unit};
        let pieces = pieces(said, lang)?;
        let below_100 = |cents: u64| cents.is_multiple_of(100) && cents < 10_000;
        let (minor, currency) = match *pieces.as_slice() {
            [Number(n, _)] => (n, None),
            [Number(n, _), Unit(unit)] | [Unit(unit), Number(n, _)] => (n, Some(unit)),
            [Number(n, _), Minor(unit)] => (n / 100, unit),
            [Number(n, false), Half, Unit(unit)] | [Number(n, false), Unit(unit), Half] => (n + 50, Some(unit)),
            [Number(n, false), Half] => (n + 50, None),
            [Half, Unit(unit)] => (50, Some(unit)),
            [Number(n, false), Unit(unit), Number(cents, false)]
            | [Number(n, false), Unit(unit), Number(cents, false), Minor(_)]
            | [Unit(unit), Number(n, false), Number(cents, false)]
                if below_100(cents) =>
            {
                (n.checked_add(cents / 100)?, Some(unit))
            }
            // "twelve fifty"
            [Number(n, false), Number(cents, false)] if below_100(cents) && cents >= 1_000 && n < 10_000 => {
                (n + cents / 100, None)
            }
            [Number(n, false), Number(cents, false), Unit(unit)]
                if below_100(cents) && cents >= 1_000 && n < 10_000 =>
            {
                (n + cents / 100, Some(unit))
            }
            _ => return None,
        };
        (minor > 0 && minor <= MOST).then_some(Self { minor, currency })
    }
}

/// The numbers and units of an amount; `None` if a word is neither.
fn pieces(said: &str, lang: Lang) -> Option<Vec<Piece>> {
    let mut plain = String::new();
    for letter in said.chars().flat_map(char::to_lowercase) {
        match letter {
            '€' => plain.push_str(" euros "),
            '$' => plain.push_str(" dollars "),
            '£' => plain.push_str(" pounds "),
            '-' | '‐' | '\'' | '’' => plain.push(' '),
            '\u{a0}' | '\u{202f}' => plain.push('\u{a0}'),
            letter => plain.push(letter),
        }
    }
    let mut pieces = Vec::new();
    let mut number: Vec<&str> = Vec::new();
    let words: Vec<&str> =
        plain.split([' ', '\t']).map(|word| word.trim_matches(['.', ',', '?', '!', '\u{a0}'])).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    for (at, word) in words.iter().enumerate() {
        let after_unit = pieces.iter().any(|piece| matches!(piece, Piece::Unit(_)));
        let next = words.get(at + 1).copied().unwrap_or_default();
        if let Some(piece) =
            unit(word, lang, after_unit, !number.is_empty() && unit(next, lang, false, false).is_some())
        {
            flush(&mut number, &mut pieces, lang)?;
            pieces.push(piece);
        } else if matches!(*word, "and" | "et")
            && (number.is_empty() || matches!(next, "a" | "demi" | "demie" | "half"))
        {
            flush(&mut number, &mut pieces, lang)?;
        } else {
            number.push(word);
        }
    }
    flush(&mut number, &mut pieces, lang)?;
    (!pieces.is_empty()).then_some(pieces)
}

/// A unit or "half"; `number_goes_on` tells "deux cents euros" from "deux cents".
fn unit(word: &str, lang: Lang, after_unit: bool, number_goes_on: bool) -> Option<Piece> {
    Some(match word {
        "euro" | "euros" | "eur" | "balles" | "balle" => Piece::Unit(Currency::Eur),
        "dollar" | "dollars" | "buck" | "bucks" | "usd" => Piece::Unit(Currency::Usd),
        "pound" | "pounds" | "quid" | "gbp" | "livre" | "livres" => Piece::Unit(Currency::Gbp),
        "franc" | "francs" | "chf" => Piece::Unit(Currency::Chf),
        "centime" | "centimes" => Piece::Minor(None),
        "pence" | "penny" | "p" => Piece::Minor(Some(Currency::Gbp)),
        "cent" | "cents" if lang == Lang::En || after_unit && !number_goes_on => Piece::Minor(None),
        "half" | "demi" | "demie" => Piece::Half,
        _ => return None,
    })
}

/// Turns the words of a number to one; several numbers in a row stay apart.
fn flush(words: &mut Vec<&str>, pieces: &mut Vec<Piece>, lang: Lang) -> Option<()> {
    let words = std::mem::take(words);
    let mut rest = words.as_slice();
    // "half a pound", "a half"
    if lang == Lang::En && rest == ["a"] && (pieces.is_empty() || pieces.last() == Some(&Piece::Half)) {
        if pieces.is_empty() {
            pieces.push(Piece::Number(100, false));
        }
        return Some(());
    }
    if rest == ["a"] {
        return Some(());
    }
    let mut before: Option<(Piece, bool)> = None;
    while !rest.is_empty() {
        let is_written = rest.first().is_some_and(|word| word.starts_with(|first: char| first.is_ascii_digit()));
        let (length, piece) =
            (1..=rest.len()).rev().find_map(|length| Some((length, number(rest.get(..length)?, lang)?)))?;
        rest = rest.get(length..)?;
        // Words beside digits are one number written twice, or nobody knows which of the two was said.
        let is_twice = before.as_ref().is_some_and(|(_, was_written)| *was_written != is_written);
        if is_twice && before.as_ref().is_none_or(|(same, _)| *same != piece) {
            return None;
        }
        if !is_twice {
            pieces.push(piece.clone());
        }
        before = Some((piece, is_written));
    }
    Some(())
}

fn number(words: &[&str], lang: Lang) -> Option<Piece> {
    if let [written] = words
        && written.starts_with(|first: char| first.is_ascii_digit())
    {
        return in_digits(written);
    }
    // "1 200"
    if words.len() > 1 && words.iter().all(|word| word.chars().all(|c| c.is_ascii_digit())) {
        let grouped = words.iter().skip(1).all(|word| word.len() == 3);
        return grouped.then(|| in_digits(&words.concat()))?;
    }
    let language = match lang {
        Lang::En => Language::english(),
        Lang::Fr => Language::french(),
    };
    let words: Vec<&str> = match (lang, words) {
        (Lang::En, ["a" | "an", rest @ ..]) => std::iter::once("one").chain(rest.iter().copied()).collect(),
        (Lang::En | Lang::Fr, words) => words.to_vec(),
    };
    if matches!(words.as_slice(), ["un" | "une"]) {
        return Some(Piece::Number(100, false));
    }
    in_digits(&text2digits(&words.join(" "), &language).ok()?)
}

/// "12.50", "12,5", "1,200" in hundredths.
fn in_digits(written: &str) -> Option<Piece> {
    let digits: String = written.chars().filter(|c| *c != '\u{a0}').collect();
    if !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let (whole, fraction) = match digits.rsplit_once(['.', ',']) {
        Some((whole, fraction)) if matches!(fraction.len(), 1 | 2) => (whole, fraction),
        Some((_, fraction)) if fraction.len() != 3 => return None,
        Some(_) | None => (digits.as_str(), ""),
    };
    let whole: u64 = whole.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()?;
    let cents: u64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<2}").parse().ok()? };
    Some(Piece::Number(whole.checked_mul(100)?.checked_add(cents)?, !fraction.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::{Amount, Currency};
    use crate::config::Lang;

    fn check(lang: Lang, table: &[(&str, u64, Option<Currency>)]) {
        for (said, minor, currency) in table {
            let should = Some(Amount { minor: *minor, currency: *currency });
            assert_eq!(Amount::read(said, lang), should, "{said:?}");
        }
    }

    #[test]
    fn english_amounts_are_read_in_words_and_digits() {
        let (eur, usd, gbp) = (Some(Currency::Eur), Some(Currency::Usd), Some(Currency::Gbp));
        check(
            Lang::En,
            &[
                ("twenty euros", 2_000, eur),
                ("12.50", 1_250, None),
                ("twelve pounds fifty", 1_250, gbp),
                ("twelve pounds and fifty pence", 1_250, gbp),
                ("$20", 2_000, usd),
                ("20 €", 2_000, eur),
                ("£12.50", 1_250, gbp),
                ("1,200 dollars", 120_000, usd),
                ("five hundred and twenty bucks", 52_000, usd),
                ("one thousand two hundred and ninety bucks", 129_000, usd),
                ("a hundred quid", 10_000, gbp),
                ("fifty cents", 50, None),
                ("fifty pence", 50, gbp),
                ("a dollar", 100, usd),
                ("two and a half euros", 250, eur),
                ("twelve fifty", 1_250, None),
                ("seven", 700, None),
                ("thirteen euros", 1_300, eur),
                ("thirty euros", 3_000, eur),
                ("fifteen 15 euros", 1_500, eur),
            ],
        );
    }

    #[test]
    fn french_amounts_are_read_in_words_and_digits() {
        let eur = Some(Currency::Eur);
        check(
            Lang::Fr,
            &[
                ("vingt euros", 2_000, eur),
                ("quinze balles", 1_500, eur),
                ("12,50 €", 1_250, eur),
                ("douze euros cinquante", 1_250, eur),
                ("deux euros et demi", 250, eur),
                ("deux cents euros", 20_000, eur),
                ("cent euros", 10_000, eur),
                ("mille deux cents euros", 120_000, eur),
                ("1 200 €", 120_000, eur),
                ("trois euros et vingt centimes", 320, eur),
                ("trois euros vingt cents", 320, eur),
                ("soixante-quinze euros", 7_500, eur),
                ("quatre-vingt-dix-neuf euros", 9_900, eur),
                ("vingt et un euros", 2_100, eur),
                ("treize euros", 1_300, eur),
                ("seize euros", 1_600, eur),
                ("trente euros", 3_000, eur),
                ("quatre-vingts euros", 8_000, eur),
                ("quatre vingt euros", 8_000, eur),
                ("quatre-vingt-un euros", 8_100, eur),
                ("soixante et onze euros", 7_100, eur),
                ("douze euros cinquante centimes", 1_250, eur),
                ("12,50", 1_250, None),
                ("cinquante centimes", 50, None),
                ("un euro", 100, eur),
                ("dix livres", 1_000, Some(Currency::Gbp)),
                ("30 francs", 3_000, Some(Currency::Chf)),
            ],
        );
    }

    #[test]
    fn what_is_no_exact_amount_is_none() {
        for said in [
            "some money",
            "a few pounds",
            "de l'argent",
            "",
            "euros",
            "zero euros",
            "Paul",
            "12.3456",
            "999999999999999999999",
            "une vingtaine d'euros",
            "fifteen 50 euros",
            "15 fifty euros",
            "treize 30 euros",
            "fifteen or fifty euros",
            "20 euros 30 euros",
        ] {
            for lang in Lang::ALL {
                assert_eq!(Amount::read(said, lang), None, "{said:?}");
            }
        }
    }
}
