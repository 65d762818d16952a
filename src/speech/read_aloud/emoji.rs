//! Emoji and emoticons by name, repeated ones counted.
//!
//! Names are CLDR's short names (`emoji.tsv`, both languages; the crate `emojis` has only the English ones), except
//! for the everyday ones, which people say more shortly.

use std::{collections::HashMap, sync::OnceLock};

use super::{
    numerals::{Gender, count},
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// What is said in place of CLDR's name: symbol, English, French.
const EVERYDAY: &[(&str, &str, &str)] = &[
    ("❤", "heart", "cœur"),
    ("♥", "heart", "cœur"),
    ("💔", "broken heart", "cœur brisé"),
    ("👍", "thumbs up", "pouce levé"),
    ("👎", "thumbs down", "pouce baissé"),
    ("👏", "applause", "applaudissements"),
    ("🙏", "folded hands", "mains jointes"),
    ("👋", "waving hand", "coucou de la main"),
    ("💪", "strong arm", "bras musclé"),
    ("👌", "okay sign", "signe d'accord"),
    ("🙌", "hooray", "hourra"),
    ("😀", "smile", "sourire"),
    ("😃", "smile", "sourire"),
    ("😊", "smile", "sourire"),
    ("🙂", "smile", "sourire"),
    ("😄", "big smile", "grand sourire"),
    ("😁", "big smile", "grand sourire"),
    ("😉", "wink", "clin d'œil"),
    ("😂", "tears of laughter", "mort de rire"),
    ("🤣", "tears of laughter", "mort de rire"),
    ("😅", "nervous laugh", "rire gêné"),
    ("😍", "heart eyes", "yeux en cœur"),
    ("🥰", "love", "amour"),
    ("😘", "kiss", "bisou"),
    ("😢", "sad face", "triste"),
    ("🙁", "sad face", "triste"),
    ("😭", "crying", "en larmes"),
    ("😡", "angry face", "en colère"),
    ("😱", "shocked face", "choqué"),
    ("😮", "surprised face", "surpris"),
    ("😕", "unsure face", "visage hésitant"),
    ("🤨", "puzzled face", "sourcil levé"),
    ("😛", "tongue out", "tire la langue"),
    ("🤔", "thinking face", "perplexe"),
    ("🙄", "rolling eyes", "yeux au ciel"),
    ("😴", "sleeping face", "endormi"),
    ("😎", "sunglasses", "lunettes de soleil"),
    ("😇", "halo", "auréole"),
    ("🤗", "hug", "câlin"),
    ("🥳", "partying face", "c'est la fête"),
    ("🤷", "shrug", "haussement d'épaules"),
    ("🤦", "facepalm", "main sur le visage"),
    ("🎉", "party popper", "cotillons"),
    ("🎂", "birthday cake", "gâteau d'anniversaire"),
    ("🔥", "fire", "feu"),
    ("💯", "one hundred points", "cent points"),
    ("✅", "check mark", "coché"),
    ("✓", "check mark", "coché"),
    ("✔", "check mark", "coché"),
    ("❌", "cross", "croix"),
    ("🌹", "rose", "rose"),
    ("☕", "coffee", "café"),
    ("🍺", "beer", "bière"),
    ("🐶", "dog", "chien"),
    ("🐱", "cat", "chat"),
    ("🌧", "rain", "pluie"),
    ("🚗", "car", "voiture"),
    ("☃", "snowman", "bonhomme de neige"),
    ("⛄", "snowman", "bonhomme de neige"),
    ("🏳\u{200d}🌈", "rainbow flag", "drapeau arc-en-ciel"),
    ("♪", "musical note", "note de musique"),
    ("♫", "musical note", "note de musique"),
    ("🎵", "musical note", "note de musique"),
    ("🔟", "ten", "dix"),
];

/// Emoticons and short names, and the emoji they stand for; one that begins another stands after it.
const EMOTICONS: &[(&str, &str)] = &[
    (r"¯\_(ツ)_/¯", "🤷"),
    (r"\o/", "🙌"),
    (":'-(", "😭"),
    (":'(", "😭"),
    (":-)", "🙂"),
    (":)", "🙂"),
    ("=)", "🙂"),
    (";-)", "😉"),
    (";)", "😉"),
    (":-(", "🙁"),
    (":(", "🙁"),
    (":-D", "😄"),
    (":D", "😄"),
    (":-P", "😛"),
    (":P", "😛"),
    (":-p", "😛"),
    (":p", "😛"),
    (":-/", "😕"),
    (":/", "😕"),
    (":-*", "😘"),
    (":*", "😘"),
    (":-o", "😮"),
    (":o", "😮"),
    (":O", "😮"),
    ("xD", "😂"),
    ("XD", "😂"),
    ("</3", "💔"),
    ("<3", "❤"),
    ("^^", "😊"),
    ("^_^", "😊"),
    ("o_O", "🤨"),
    ("O_o", "🤨"),
    (":wave:", "👋"),
    (":thumbsup:", "👍"),
    (":+1:", "👍"),
    (":heart:", "❤"),
    (":joy:", "😂"),
    (":smile:", "😊"),
    (":fire:", "🔥"),
    (":tada:", "🎉"),
    (":cry:", "😢"),
    (":pray:", "🙏"),
    (":clap:", "👏"),
    (":wink:", "😉"),
];

const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Stand around the count of a run inside Herald only: private characters of a text are taken out before.
const COUNT_STARTS: char = '\u{e000}';
const COUNT_ENDS: char = '\u{e001}';

fn is_base(symbol: char) -> bool {
    matches!(
        symbol,
        '\u{231a}' | '\u{231b}' | '\u{23e9}'..='\u{23ff}' | '\u{2600}'..='\u{2604}' | '\u{2607}'..='\u{27bf}'
            | '\u{2b05}'..='\u{2b07}' | '\u{2b1b}' | '\u{2b1c}' | '\u{2b50}' | '\u{2b55}' | '\u{3030}' | '\u{303d}'
            | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1faff}'
    ) && !matches!(symbol, '☐' | '☑' | '☒' | '➜' | '➔' | '➤')
}

const fn is_regional(symbol: char) -> bool {
    matches!(symbol, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Signs that change the emoji before them and have no name: skin, presentation, keycap, tags.
const fn is_modifier(symbol: char) -> bool {
    matches!(symbol, '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// Cuts the emoji off that a text begins with.
fn cluster(text: &str) -> Option<(&str, &str)> {
    let mut symbols = text.char_indices().peekable();
    let (_, first) = symbols.next().filter(|(_, symbol)| is_base(*symbol))?;
    if is_regional(first) {
        symbols.next_if(|(_, symbol)| is_regional(*symbol));
    }
    loop {
        while symbols.next_if(|(_, symbol)| is_modifier(*symbol)).is_some() {}
        let joins = symbols.peek().is_some_and(|(at, symbol)| {
            let after = text.get(at + symbol.len_utf8()..).and_then(|after| after.chars().next());
            *symbol == ZERO_WIDTH_JOINER && after.is_some_and(is_base)
        });
        if !joins {
            break;
        }
        symbols.next();
        symbols.next();
    }
    let end = symbols.peek().map_or(text.len(), |(at, _)| *at);
    text.split_at_checked(end)
}

/// Cuts an emoji off that a text begins with, with those that follow and are the same: one of them, how many, the rest.
pub(super) fn run(text: &str) -> Option<(&str, usize, &str)> {
    let (first, mut rest) = cluster(text)?;
    let mut number = 1;
    if let Some((counted, after)) = rest.strip_prefix(COUNT_STARTS).and_then(|counted| counted.split_once(COUNT_ENDS)) {
        number = counted.parse().unwrap_or(1);
        rest = after;
    }
    while let Some((next, count, after)) = run_of_one(rest.strip_prefix(' ').unwrap_or(rest)) {
        if next != first && key(next) != key(first) {
            break;
        }
        number += count;
        rest = after;
    }
    Some((first, number, rest))
}

/// One emoji with its count, if it has one.
fn run_of_one(text: &str) -> Option<(&str, usize, &str)> {
    let (first, rest) = cluster(text)?;
    let counted = rest.strip_prefix(COUNT_STARTS).and_then(|counted| counted.split_once(COUNT_ENDS));
    Some(counted.map_or((first, 1, rest), |(count, after)| (first, count.parse().unwrap_or(1), after)))
}

/// Appends a run as one emoji and its count.
pub(super) fn push_run(out: &mut String, emoji: &str, count: usize) {
    out.push_str(emoji);
    if count > 1 {
        out.push(COUNT_STARTS);
        out.push_str(&count.to_string());
        out.push(COUNT_ENDS);
    }
}

/// The emoji without skin and presentation, as the tables have it.
fn key(emoji: &str) -> String {
    let is_tag = |symbol: &char| matches!(symbol, '\u{e0020}'..='\u{e007f}');
    emoji.chars().filter(|symbol| is_tag(symbol) || !is_modifier(*symbol)).collect()
}

type Names = HashMap<&'static str, (&'static str, &'static str)>;

/// CLDR's names, parsed once.
fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let rows = include_str!("emoji.tsv").lines().filter(|line| !line.starts_with('#'));
        rows.filter_map(|row| {
            let (emoji, names) = row.split_once('\t')?;
            Some((emoji, names.split_once('\t')?))
        })
        .collect()
    })
}

/// Returns an emoji's name; that of its first part when the whole has none.
fn name(emoji: &str, lang: Lang) -> Option<&'static str> {
    let key = key(emoji);
    let everyday = |key: &str| EVERYDAY.iter().find(|(known, _, _)| *known == key).map(|(_, en, fr)| (*en, *fr));
    let person = key.trim_end_matches(['♀', '♂']).trim_end_matches(ZERO_WIDTH_JOINER);
    let first = key.split(ZERO_WIDTH_JOINER).next().unwrap_or_default();
    let known = names();
    let (en, fr) = everyday(&key)
        .or_else(|| everyday(person))
        .or_else(|| known.get(key.as_str()).copied())
        .or_else(|| everyday(first))
        .or_else(|| known.get(first).copied())?;
    Some(in_lang(lang, en, fr))
}

/// Puts emoji in the place of emoticons that stand apart from words.
pub(super) fn from_emoticons(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(symbol) = rest.chars().next() {
        let before = out.chars().next_back().unwrap_or(' ');
        let found = EMOTICONS.iter().find_map(|(emoticon, emoji)| {
            let after = rest.strip_prefix(emoticon)?;
            let next = after.chars().next().unwrap_or(' ');
            let starts =
                !before.is_alphanumeric() || before.is_alphabetic() && !symbol.is_alphanumeric() && symbol != '=';
            let ends = next.is_whitespace() || (!next.is_alphanumeric() && next != '/');
            (starts && ends).then_some((*emoji, after))
        });
        if let Some((emoji, after)) = found {
            out.push_str(emoji);
            rest = after;
        } else {
            out.push(symbol);
            rest = rest.get(symbol.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// Says emoji by name, between commas; what has no name is left out.
pub(super) fn say(text: &str, lang: Lang) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(symbol) = rest.chars().next() {
        if let Some((emoji, number, after)) = run(rest) {
            if let Some(name) = name(emoji, lang) {
                let ended = out.trim_end().ends_with(['.', '!', '?', '…']);
                out.push_str(", ");
                out.push_str(&spoken_name(name, lang));
                if number > 1 {
                    out.push_str(", ");
                    out.push_str(&times(number as u64, lang));
                }
                out.push_str(if opens_sentence(after) && ended { ". " } else { ", " });
            }
            rest = after;
        } else {
            out.push(symbol);
            rest = rest.get(symbol.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

fn opens_sentence(text: &str) -> bool {
    text.trim_start().starts_with(char::is_uppercase)
}

/// "flag: France" is said "flag of France"; who belongs to a family is left out.
fn spoken_name(name: &str, lang: Lang) -> String {
    if let Some((family, _)) = name.split_once(':').filter(|(family, _)| family.starts_with("famil")) {
        return family.trim().to_owned();
    }
    match lang {
        Lang::En => name.replace("flag: ", "flag of "),
        Lang::Fr => name.replace("drapeau\u{202f}: ", "drapeau "),
    }
    .replace("\u{202f}:", ":")
}

/// The rules of this file: marks of a review.
pub(super) fn rules(_: Lang) -> Vec<(String, Say)> {
    vec![(r"(★{0,5})(☆{0,5})".into(), say_stars)]
}

/// `★★★☆☆`: "three stars out of five".
fn say_stars(found: &Found<'_>) -> Option<String> {
    let (full, empty) = (found.group(1).chars().count() as u64, found.group(2).chars().count() as u64);
    let stars = |number: u64| {
        let plural = if number > 1 { "s" } else { "" };
        format!("{} {}{plural}", count(number, Gender::Feminine, found.lang), in_lang(found.lang, "star", "étoile"))
    };
    Some(if full + empty == 5 {
        format!(" {} {} ", stars(full), in_lang(found.lang, "out of five", "sur cinq"))
    } else {
        format!(" {} ", stars(full))
    })
}

/// "twice", "trois fois".
pub(super) fn times(number: u64, lang: Lang) -> String {
    match (lang, number) {
        (Lang::En, 2) => "twice".to_owned(),
        (Lang::En, _) => format!("{} times", count(number, Gender::Masculine, lang)),
        (Lang::Fr, _) => format!("{} fois", count(number, Gender::Feminine, lang)),
    }
}
