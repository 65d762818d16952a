//! Links by the name of their site, mail addresses, mentions, hashtags, long codes.

use super::{
    attachments,
    numerals::digits,
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// Longest name of a site that is read.
const HOST_CHARS: usize = 60;
/// Sites whose links are places.
const MAPS: [&str; 9] = [
    "maps.google.",
    "google.com/maps",
    "google.fr/maps",
    "goo.gl/maps",
    "maps.app.goo.gl",
    "openstreetmap.org",
    "osm.org",
    "maps.apple.com",
    "waze.com",
];
/// Ends of names of sites that are known without `https://` before them.
const DOMAINS: &str = "com|org|net|fr|uk|io|ch|de|eu|info|dev|app|ca|gov|edu|ly|es|it";

/// The rules of this file.
pub(super) fn rules(_: Lang) -> Vec<(String, Say)> {
    vec![
        (r"!?\[([^\[\]\n]*)\]\(([^\s()]+)\)".into(), say_titled),
        (r"(?i)\bdata:[a-z]+/[a-z0-9.+-]+[;,][^\s<>]*".into(), say_code),
        (r#"(?i)(?:[a-z][a-z0-9+.-]{0,15}://|www\.)[^\s<>"«»“”]*"#.into(), say_link),
        (r"(?i)(?:mailto:)?([a-z0-9._%+-]+)@((?:[a-z0-9-]+\.){1,6}[a-z]{2,24})".into(), say_mail),
        (r"tel:(\+?\d{5,})".into(), say_telephone),
        (format!(r"((?:[a-z0-9][a-z0-9-]*\.){{1,5}}(?:{DOMAINS}))(/[^\s<>]*)?"), say_site),
        (r"\.(com|org|net|fr|uk|io|eu)".into(), say_domain),
        (r"@([\p{L}][\p{L}\d_.-]*)(?::[a-z0-9.-]{3,80})?".into(), say_mention),
        (r"([CF])#".into(), say_sharp),
        (r"#([\p{L}_][\p{L}\d_]*)".into(), say_hashtag),
        (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}".into(), say_code),
        (r"[A-Za-z0-9+/=_-]{20,}".into(), say_code_like),
    ]
}

fn say_titled(found: &Found<'_>) -> Option<String> {
    let (title, link) = (found.group(1), found.group(2));
    Some(if title.is_empty() { link.to_owned() } else { format!("{title}, {link}") })
}

fn say_code(found: &Found<'_>) -> Option<String> {
    Some(found.say("a long code", "un long code"))
}

/// A word that is long and holds letters and several digits is no word.
fn say_code_like(found: &Found<'_>) -> Option<String> {
    let word = found.group(0);
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    (digits >= 4 && letters >= 4 && !word.contains('_')).then(|| found.say("a long code", "un long code"))
}

fn say_link(found: &Found<'_>) -> Option<String> {
    let all = found.group(0);
    let address =
        all.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '’', '*', '_', '~', '`', '|', '…']);
    let lower = address.to_lowercase();
    let behind = all.get(address.len()..).unwrap_or_default();
    let gap = if found.before.is_empty() || found.before.ends_with([' ', '\n', '(', '"', '“', '«', '<']) {
        ""
    } else {
        " "
    };
    if MAPS.iter().any(|map| lower.contains(map)) {
        return Some(format!("{gap}{}{behind}", attachments::place(found.lang)));
    }
    Some(format!("{gap}{}{behind}", link_to(site(&lower).as_deref(), found.lang)))
}

fn link_to(site: Option<&str>, lang: Lang) -> String {
    match site {
        Some(site) => format!("{} {}", in_lang(lang, "a link to", "un lien vers"), spoken_site(site, lang)),
        None => in_lang(lang, "a link", "un lien").to_owned(),
    }
}

/// Returns the name of the site a link leads to, if it can be said.
fn site(link: &str) -> Option<String> {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let sayable = host.chars().all(|symbol| symbol.is_alphanumeric() || symbol == '.' || symbol == '-')
        && host.chars().any(char::is_alphanumeric)
        && host.chars().count() <= HOST_CHARS
        && !host.contains("xn--")
        && !host.contains("http");
    sayable.then(|| host.to_owned())
}

/// "example dot org"; the numbers of an address digit by digit.
fn spoken_site(site: &str, lang: Lang) -> String {
    let parts: Vec<String> = site
        .split('.')
        .filter(|part| !part.is_empty())
        .map(
            |part| {
                if part.chars().all(|symbol| symbol.is_ascii_digit()) { digits(part, lang) } else { part.to_owned() }
            },
        )
        .collect();
    parts.join(in_lang(lang, " dot ", " point "))
}

fn say_site(found: &Found<'_>) -> Option<String> {
    if found.before.ends_with(['@', '.', '/', ':']) {
        return None;
    }
    let all = found.group(2);
    let path = all.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
    let behind = all.get(path.len()..).unwrap_or_default();
    let site = found.group(1);
    let said = if path.len() > 1 { link_to(Some(site), found.lang) } else { spoken_site(site, found.lang) };
    Some(format!("{said}{behind}"))
}

fn say_domain(found: &Found<'_>) -> Option<String> {
    let starts = found.before.is_empty() || found.before.ends_with([' ', '\n', '(']);
    starts.then(|| format!("{} {}", in_lang(found.lang, "dot", "point"), found.group(1)))
}

fn say_mail(found: &Found<'_>) -> Option<String> {
    let lang = found.lang;
    let name = found
        .group(1)
        .replace('.', in_lang(lang, " dot ", " point "))
        .replace('_', in_lang(lang, " underscore ", " tiret bas "))
        .replace('+', " plus ")
        .replace('%', in_lang(lang, " percent ", " pour cent "));
    Some(format!("{name} {} {}", in_lang(lang, "at", "arobase"), spoken_site(found.group(2), lang)))
}

fn say_telephone(found: &Found<'_>) -> Option<String> {
    Some(found.group(1).to_owned())
}

fn say_mention(found: &Found<'_>) -> Option<String> {
    let starts = found.before.is_empty() || found.before.ends_with([' ', '\n', '(', ',']);
    let all = found.group(1);
    let name = all.trim_end_matches(['.', '-', '_']);
    let behind = all.get(name.len()..).unwrap_or_default();
    starts.then(|| format!("{}{behind}", words_of(name)))
}

fn say_sharp(found: &Found<'_>) -> Option<String> {
    Some(format!("{} {}", found.group(1), in_lang(found.lang, "sharp", "dièse")))
}

fn say_hashtag(found: &Found<'_>) -> Option<String> {
    let comma = if found.after.starts_with(" #") { "," } else { "" };
    // `#JD0002345` is the number of a parcel.
    let name = found.group(1);
    let letters = name.chars().take_while(char::is_ascii_uppercase).count();
    let figures = name.chars().skip(letters).filter(char::is_ascii_digit).count();
    if (1..=4).contains(&letters) && figures > 2 && letters + figures == name.chars().count() {
        return Some(format!("{} {name}{comma}", in_lang(found.lang, "number", "numéro")));
    }
    Some(format!("hashtag {}{comma}", words_of(found.group(1))))
}

/// Takes `HappyBirthday2026` and `happy_birthday` apart.
fn words_of(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for symbol in name.chars() {
        let begins = symbol.is_uppercase() && before.is_lowercase()
            || symbol.is_ascii_digit() && before.is_alphabetic()
            || symbol.is_alphabetic() && before.is_ascii_digit();
        if begins {
            out.push(' ');
        }
        out.push(if symbol == '_' { ' ' } else { symbol });
        before = symbol;
    }
    out.trim().to_owned()
}
