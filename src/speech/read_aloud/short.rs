//! Abbreviations, titles, addresses, chat shorthand.

use super::{
    rule::{Found, Say},
    short_en, short_fr,
};
use crate::config::Lang;

/// Written and spoken.
pub(super) type Pairs = &'static [(&'static str, &'static str)];

/// What is said for a reference before a code, so that the rules of codes find the word; runs before them.
pub(super) fn early_rules(lang: Lang) -> Vec<(String, Say)> {
    let (numbered, ref_pattern): (Pairs, &str) = match lang {
        Lang::En => (short_en::NUMBERED, r"(?i)(?:booking )?ref(?:\.|:)?( )"),
        Lang::Fr => (short_fr::NUMBERED, r"(?i)réf(?:\.| :|:)( )"),
    };
    vec![(format!(r"(?i)(?:{}) ?", alternation(numbered)), say_numbered), (ref_pattern.into(), say_reference)]
}

/// The rules of this file.
pub(super) fn rules(lang: Lang) -> Vec<(String, Say)> {
    let mut rules: Vec<(String, Say)> = Vec::new();
    match lang {
        Lang::En => {
            rules.push((
                format!(r"([\p{{Lu}}][\p{{L}}'’]+) ({})\.?", alternation(short_en::STREETS)),
                say_english_street,
            ));
            rules.push((r"(St|Dr)\.? (?P<next>[\p{Lu}])".into(), say_english_title));
            rules.push((r"(?i)^re:".into(), say_regarding));
        }
        Lang::Fr => {
            let streets = alternation(short_fr::STREETS);
            rules.push((
                format!(r"({streets})(\.)? (?P<next>[\p{{Lu}}]|d['’]|de |du |des |la |les )"),
                say_french_street,
            ));
            rules.push((r"(M\.|Dr\.?|Pr|Me) (?P<next>[\p{Lu}]|l[ea] |l['’]|et (?:M\.|Mme))".into(), say_french_title));
            rules.push((r"(Ste?) (?P<next>[\p{Lu}])".into(), say_french_saint));
            rules.push((r"(ce|le|bon|du|au|Bon|Ce) (?:we|WE)".into(), say_weekend));
        }
    }
    rules.push((format!("(?i)(?:{})", alternation(exact(lang))), say_exact));
    rules.push((format!("(?i)(?:{})", alternation(any(lang))), say_any));
    rules.push((r"(?:[A-Z]\.-?){2,}".into(), say_initials));
    rules.push((r"( ,?)([xX]{1,3})$".into(), say_kisses));
    rules.push((r"(?i)(?:ha){4,}h?|(?:ah){4,}a?".into(), say_laughter));
    rules
}

const fn exact(lang: Lang) -> Pairs {
    match lang {
        Lang::En => short_en::EXACT,
        Lang::Fr => short_fr::EXACT,
    }
}

const fn any(lang: Lang) -> Pairs {
    match lang {
        Lang::En => short_en::ANY,
        Lang::Fr => short_fr::ANY,
    }
}

/// The written forms as a pattern, the longest first.
fn alternation(pairs: Pairs) -> String {
    let mut written: Vec<&str> = pairs.iter().map(|(written, _)| *written).collect();
    written.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let escaped: Vec<String> = written.into_iter().map(regex::escape).collect();
    escaped.join("|")
}

fn spoken(pairs: Pairs, written: &str) -> Option<&'static str> {
    pairs.iter().find(|(known, _)| *known == written).map(|(_, spoken)| *spoken)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|symbol: char| symbol.is_ascii_digit())
}

fn say_numbered(found: &Found<'_>) -> Option<String> {
    let pairs = if found.lang == Lang::En { short_en::NUMBERED } else { short_fr::NUMBERED };
    let written = found.group(0).trim_end();
    let spoken = spoken(pairs, &written.to_lowercase())?;
    // "C#2" and "2580#1" are no numbers of things; nor is "no 5" in "say no 5 times".
    let inside = written == "#" && found.before.ends_with(|symbol: char| symbol.is_alphanumeric());
    let plural = written.eq_ignore_ascii_case("nos.");
    let english_no = found.lang == Lang::En && written.eq_ignore_ascii_case("no");
    (starts_with_digit(found.after) && !inside && !english_no || plural && starts_with_digit(found.after))
        .then(|| format!("{spoken} "))
}

fn say_reference(found: &Found<'_>) -> Option<String> {
    let all = found.group(0);
    let colon = match (all.contains(':'), found.lang) {
        (true, Lang::En) => ":",
        (true, Lang::Fr) => " :",
        (false, _) => "",
    };
    let booking = if all.to_lowercase().starts_with("booking") { "booking " } else { "" };
    Some(format!("{booking}{}{colon} ", found.say("reference", "référence")))
}

fn say_exact(found: &Found<'_>) -> Option<String> {
    let written = found.group(0);
    let word = written.trim_end_matches('.').to_lowercase();
    // "5 min." and "3 sem." are quantities, said before.
    let counted = ["min", "sem", "g", "ms", "k", "u"].contains(&word.as_str());
    if counted && found.before.trim_end().ends_with(|symbol: char| symbol.is_ascii_digit()) {
        return None;
    }
    let elided = written.len() <= 2 && found.before.ends_with(['\'', '’']);
    let joined = elided
        || found.before.ends_with(['-', '/', '.', '@', '#', '_'])
        || found.after.starts_with(['\'', '’', '/', '_']);
    let hyphened = found.after.starts_with('-') && !written.ends_with('-');
    let initial = found.after.starts_with('.') && written.len() == 1;
    if joined && written != "::" || hyphened || initial {
        return None;
    }
    let before = found.before.trim_end();
    let begins = before.is_empty() || before.ends_with(['.', '!', '?', '…', ',']);
    // "PS", "NB" and "k" stand at the beginning of a sentence.
    if ["PS", "NB", "k"].contains(&written) && !begins {
        return None;
    }
    let small = written.to_lowercase();
    let capital =
        written.starts_with(char::is_uppercase) && written.chars().skip(1).all(|letter| !letter.is_uppercase());
    // "Slt" opens a message; "Ty" and "Ms" are names and titles.
    let opens = begins && capital && !["ty", "ms", "ed.", "min.", "max."].contains(&small.as_str());
    spoken(exact(found.lang), written).map(str::to_owned).or_else(|| {
        opens.then(|| spoken(exact(found.lang), &small)).flatten().map(|spoken| with_case_of(written, spoken))
    })
}

fn say_any(found: &Found<'_>) -> Option<String> {
    let written = found.group(0);
    if found.before.ends_with(['-', '/', '\'', '’', '_']) || found.after.starts_with(['-', '/', '\'', '’', '_']) {
        return None;
    }
    let spoken = spoken(any(found.lang), &written.to_lowercase())?;
    Some(with_case_of(written, spoken))
}

/// "Thx" is "Thanks", "THX" is "thanks".
fn with_case_of(written: &str, spoken: &str) -> String {
    let mut letters = written.chars().filter(|letter| letter.is_alphabetic());
    let capital = letters.next().is_some_and(char::is_uppercase) && letters.any(char::is_lowercase);
    let mut rest = spoken.chars();
    match rest.next() {
        Some(first) if capital => first.to_uppercase().chain(rest).collect(),
        _ => spoken.to_owned(),
    }
}

fn say_english_street(found: &Found<'_>) -> Option<String> {
    let (name, written) = (found.group(1), found.group(2));
    // "Is Dr Brown in": a title follows a verb, a street follows its name.
    let title = found.after.starts_with(' ')
        && found.after.trim_start().starts_with(|next: char| next.is_uppercase())
        && ["St", "Dr"].contains(&written)
        // "Thanks Dr" is nobody's address.
        || written == "Dr" && !found.before.trim_end().ends_with(|symbol: char| symbol.is_ascii_digit());
    (!title).then(|| spoken(short_en::STREETS, written).map(|street| format!("{name} {street}"))).flatten()
}

fn say_english_title(found: &Found<'_>) -> Option<String> {
    let title = if found.group(1) == "St" { "Saint" } else { "Doctor" };
    Some(format!("{title} "))
}

fn say_regarding(found: &Found<'_>) -> Option<String> {
    Some(with_case_of(found.group(0), "regarding:"))
}

fn say_french_street(found: &Found<'_>) -> Option<String> {
    let (written, dot) = (found.group(1), found.group(2));
    let numbered = found.before.trim_end_matches([' ', ',']).ends_with(char::is_alphanumeric);
    // A lone "r" or "ch" needs its point.
    let named = found.after.starts_with(char::is_uppercase) || written == "rte" || written == "bd";
    let sure = !dot.is_empty() || written.len() > 1 && written != "ch" && named;
    let era = found.after.starts_with("J.-C");
    (sure && !era && (numbered || written.len() > 1))
        .then(|| spoken(short_fr::STREETS, written).map(|street| format!("{street} ")))
        .flatten()
}

fn say_french_title(found: &Found<'_>) -> Option<String> {
    let title = match found.group(1) {
        "M." => "monsieur",
        "Pr" => "professeur",
        "Me" => "maître",
        _ => "docteur",
    };
    Some(format!("{title} "))
}

fn say_french_saint(found: &Found<'_>) -> Option<String> {
    Some(if found.group(1) == "St" { "Saint " } else { "Sainte " }.to_owned())
}

fn say_weekend(found: &Found<'_>) -> Option<String> {
    Some(format!("{} week-end", found.group(1)))
}

/// `U.S.A.` letter by letter.
fn say_initials(found: &Found<'_>) -> Option<String> {
    let letters: Vec<String> =
        found.group(0).chars().filter(|letter| letter.is_alphabetic()).map(String::from).collect();
    Some(letters.join(" "))
}

/// `Mum xx`.
fn say_kisses(found: &Found<'_>) -> Option<String> {
    let words = found.before.chars().any(char::is_alphabetic) && found.group(2).starts_with('x');
    words.then(|| match (found.group(2).len(), found.lang) {
        (1, Lang::En) => ", kiss".to_owned(),
        (_, Lang::En) => ", kisses".to_owned(),
        (1, Lang::Fr) => ", bisou".to_owned(),
        (_, Lang::Fr) => ", bisous".to_owned(),
    })
}

fn say_laughter(found: &Found<'_>) -> Option<String> {
    let small = found.group(0).to_lowercase();
    Some(if small.starts_with('h') { "hahaha" } else { "ahahah" }.to_owned())
}
