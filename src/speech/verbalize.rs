//! Text as it was written to text that can be read aloud.
//!
//! Whatever comes in, no link, markup, control or invisible character reaches an engine, and a text that is not
//! empty never becomes silence. Numbers, dates and abbreviations are left to the engines.

use unicode_normalization::UnicodeNormalization;

use crate::config::Lang;

/// Emoji worth saying: symbol, English, French. All others are left out.
const EMOJI: &[(char, &str, &str)] = &[
    ('❤', "heart", "cœur"),
    ('💔', "broken heart", "cœur brisé"),
    ('👍', "thumbs up", "pouce levé"),
    ('👎', "thumbs down", "pouce baissé"),
    ('👏', "applause", "applaudissements"),
    ('🙏', "folded hands", "mains jointes"),
    ('👋', "waving hand", "coucou de la main"),
    ('💪', "strong arm", "bras musclé"),
    ('👌', "okay", "d'accord"),
    ('😀', "smile", "sourire"),
    ('😃', "smile", "sourire"),
    ('😊', "smile", "sourire"),
    ('🙂', "smile", "sourire"),
    ('😉', "wink", "clin d'œil"),
    ('😂', "tears of laughter", "mort de rire"),
    ('🤣', "tears of laughter", "mort de rire"),
    ('😍', "heart eyes", "yeux en cœur"),
    ('😘', "kiss", "bisou"),
    ('😢', "sad face", "triste"),
    ('😭', "crying", "en larmes"),
    ('😡', "angry face", "en colère"),
    ('😱', "shocked face", "choqué"),
    ('🎉', "party popper", "cotillons"),
    ('🎂', "birthday cake", "gâteau d'anniversaire"),
    ('🔥', "fire", "feu"),
    ('✅', "check mark", "coché"),
    ('❌', "cross", "croix"),
    ('🌹', "rose", "rose"),
];

/// HTML spellings of characters.
const ENTITIES: &[(&str, &str)] =
    &[("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")];
/// What a link begins with.
const LINK_STARTS: &[&str] = &["https://", "http://", "ftp://", "www."];
/// Longest name of a site that is read.
const HOST_CHARS: usize = 60;
/// Longest markup tag.
const TAG_CHARS: usize = 200;

/// Makes a text speakable; never empty for a text that is not empty.
pub fn verbalize(text: &str, lang: Lang) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut plain: String = text.nfc().collect();
    for (entity, symbol) in ENTITIES {
        plain = plain.replace(entity, symbol);
    }
    let linked = plain
        .lines()
        .map(|line| line.split_whitespace().map(|word| read_link(word, lang)).collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join("\n");
    let spoken = tidy(&spell_protocol(&read_symbols(&without_tags(&linked), lang)));
    if spoken.chars().any(char::is_alphanumeric) {
        return spoken;
    }
    match lang {
        Lang::En => "a message without words".into(),
        Lang::Fr => "un message sans mots".into(),
    }
}

/// Replaces the link in a word by the name of its site.
fn read_link(word: &str, lang: Lang) -> String {
    // ASCII lower case keeps every position.
    let lower = word.to_ascii_lowercase();
    let start = LINK_STARTS.iter().filter_map(|start| lower.find(start)).min().or_else(|| {
        let scheme_end = lower.find("://")?;
        let scheme = lower[..scheme_end].rfind(|symbol: char| !symbol.is_ascii_alphanumeric());
        Some(scheme.map_or(0, |at| at + lower[at..].chars().next().map_or(1, char::len_utf8)))
    });
    let Some(start) = start else { return word.to_owned() };
    let (before, link) = (&word[..start], &word[start..]);
    let address = link.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '\'', '»', '”']);
    let after = &link[address.len()..];
    let named = match (site(&lower[start..start + address.len()]), lang) {
        (Some(site), Lang::En) => format!("a link to {site}"),
        (Some(site), Lang::Fr) => format!("un lien vers {site}"),
        (None, Lang::En) => "a link".to_owned(),
        (None, Lang::Fr) => "un lien".to_owned(),
    };
    let gap = if before.is_empty() || before.ends_with('(') { "" } else { " " };
    format!("{before}{gap}{named}{after}")
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
        && !host.contains("http");
    sayable.then(|| host.to_owned())
}

/// Takes out `<tags>`; a lone `<` stays for the next step.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let opens = from[1..].starts_with(|symbol: char| symbol.is_ascii_alphabetic() || "/!?".contains(symbol));
        let end = from.char_indices().take(TAG_CHARS).find(|(_, symbol)| *symbol == '>').map(|(at, _)| at);
        out.push(' ');
        rest = match end {
            Some(end) if opens => &from[end + 1..],
            Some(_) | None => &from[1..],
        };
    }
    out.push_str(rest);
    out
}

/// Keeps letters, digits and the punctuation of sentences; names some symbols; leaves out the rest.
fn read_symbols(text: &str, lang: Lang) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last_emoji = None;
    for symbol in text.chars() {
        let emoji = EMOJI.iter().find(|(known, _, _)| *known == symbol);
        match (symbol, emoji) {
            (_, Some((_, en, fr))) => {
                if last_emoji != Some(symbol) {
                    out.push_str(", ");
                    out.push_str(match lang {
                        Lang::En => en,
                        Lang::Fr => fr,
                    });
                    out.push_str(", ");
                }
                last_emoji = Some(symbol);
                continue;
            }
            ('\n', None) => out.push('\n'),
            ('&', None) => out.push_str(if lang == Lang::En { " and " } else { " et " }),
            ('@', None) => out.push_str(if lang == Lang::En { " at " } else { " arobase " }),
            ('=', None) => out.push_str(if lang == Lang::En { " equals " } else { " égale " }),
            ('+', None) => out.push_str(" plus "),
            ('\'' | '’' | '"' | '“' | '”' | '«' | '»' | '.' | ',' | ';' | ':' | '!' | '?' | '…' | '(' | ')', None)
            | ('-' | '—' | '–' | '%' | '€' | '$' | '£' | '°', None) => out.push(symbol),
            (_, None) if symbol.is_alphanumeric() => out.push(symbol),
            (_, None) if is_invisible(symbol) => continue,
            (_, None) => out.push(' '),
        }
        if !symbol.is_whitespace() {
            last_emoji = None;
        }
    }
    out
}

/// Characters that join or steer their neighbours without a sign of their own.
const fn is_invisible(symbol: char) -> bool {
    matches!(
        symbol,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e01ef}'
    )
}

/// One space between words, one sign where many stood, no comma before another sign or at the ends of a line.
fn tidy(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(tidy_line).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn tidy_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        let lone_comma = word.chars().all(|symbol| symbol == ',');
        if lone_comma && (out.is_empty() || out.ends_with([',', '.', '!', '?', ':', ';', '…'])) {
            continue;
        }
        if word.starts_with(['.', ',', '!', '?', '…']) && out.ends_with(',') {
            out.pop();
        }
        if !out.is_empty() && !word.starts_with([',', '.', '…']) {
            out.push(' ');
        }
        for symbol in word.chars() {
            let repeated =
                out.ends_with(symbol) && matches!(symbol, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '-' | '—');
            if !repeated {
                out.push(symbol);
            }
        }
    }
    out.truncate(out.trim_end_matches(',').len());
    out
}

/// Spells the name of the protocol where it is not part of a link.
fn spell_protocol(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.to_ascii_lowercase().find("http") {
        out.push_str(&rest[..at]);
        out.push_str("H T T P ");
        rest = &rest[at + "http".len()..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_read_as_a_person_would() {
        for (lang, text, spoken) in [
            (Lang::En, "I'll be ten minutes late.", "I'll be ten minutes late."),
            (Lang::Fr, "J’arrive à 18 h, d'accord ?", "J’arrive à 18 h, d'accord ?"),
            (Lang::En, "see https://www.example.org/a?b=1#c.", "see a link to example.org."),
            (Lang::Fr, "Regarde http://user:pw@example.org:80/x !", "Regarde un lien vers example.org !"),
            (Lang::En, "www.example.org", "a link to example.org"),
            (Lang::En, "HTTPS://EXAMPLE.ORG", "a link to example.org"),
            (Lang::En, "[my page](https://example.org)", "my page (a link to example.org)"),
            (Lang::Fr, "matrix://salon/1", "un lien vers salon"),
            (Lang::En, "https://", "a link"),
            (Lang::En, "http://http.example", "a link"),
            (Lang::En, "plain http is old", "plain H T T P is old"),
            (Lang::En, "**bold** _and_ `code` ~~gone~~ #tag", "bold and code gone tag"),
            (Lang::En, "<b>hi</b> 3 < 4", "hi 3 4"),
            (Lang::En, "Tom &amp; Ann", "Tom and Ann"),
            (Lang::Fr, "Tom & Anne", "Tom et Anne"),
            (Lang::En, "ann@example.org", "ann at example.org"),
            (Lang::En, "Well done 👍👍👍", "Well done, thumbs up"),
            (Lang::Fr, "Bravo 👍🏽 !", "Bravo, pouce levé !"),
            (Lang::En, "❤️", "heart"),
            (Lang::En, "ok 🦖", "ok"),
            (Lang::En, "🦖", "a message without words"),
            (Lang::Fr, "...", "un message sans mots"),
            (Lang::Fr, " \u{7}\n", "un message sans mots"),
            (Lang::En, "Nooo!!!!! Really????", "Nooo! Really?"),
            (Lang::En, "one\ttwo\u{1b}[31m three\u{0}", "one two 31m three"),
            (Lang::En, "a\u{200b}b\u{202e}c", "abc"),
            (Lang::Fr, "e\u{301}te\u{301}", "été"),
            (Lang::En, "Hello\n\n- one\n- two", "Hello\n- one\n- two"),
            (Lang::En, "", ""),
        ] {
            assert_eq!(verbalize(text, lang), spoken, "{text:?}");
        }
    }

    fn assert_speakable(text: &str, lang: Lang) {
        let spoken = verbalize(text, lang);
        assert_eq!(spoken.is_empty(), text.is_empty());
        assert!(!spoken.to_lowercase().contains("http"), "{spoken:?}");
        assert!(!spoken.contains(|symbol: char| symbol.is_control() && symbol != '\n'), "{spoken:?}");
        assert!(
            !spoken.contains(['<', '>', '*', '_', '`', '#', '[', ']', '{', '}', '|', '\\', '~', '^']),
            "{spoken:?}"
        );
        assert!(!spoken.contains(is_invisible), "{spoken:?}");
    }

    #[test]
    fn hostile_text_becomes_speakable() {
        for text in [
            "🦖".repeat(10_000),
            "\u{202e}\u{200d}".repeat(1000),
            "https://".repeat(500),
            "hthttptp://x".into(),
            "<".repeat(2000),
            "é://é".into(),
            "&amp;lt;script&amp;gt;".into(),
            "ht\u{200b}tp".into(),
        ] {
            for lang in Lang::ALL {
                assert_speakable(&text, lang);
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_speakable(text in "\\PC{0,40}|(https?://|www\\.|[<>*_a-zé.:/ \n\u{1b}\u{200b}❤👍]){0,20}") {
            for lang in Lang::ALL {
                assert_speakable(&text, lang);
            }
        }
    }
}
