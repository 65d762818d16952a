//! The last step: only what can be spoken is left, well spaced, and not too long.

use super::{clean::is_invisible, rule::in_lang};
use crate::config::Lang;

/// Characters after which a text is cut: longer than the longest dictation (five minutes), whose read-back must be whole.
pub(super) const LONGEST: usize = 8_000;
/// Marks that end a sentence or a clause.
const STOPS: [char; 4] = ['.', '!', '?', '…'];
const PAUSES: [char; 3] = [',', ';', ':'];

/// Names or drops every symbol that is neither letter, digit nor a mark of sentences.
pub(super) fn name_symbols(text: &str, lang: Lang) -> String {
    let mut out = String::with_capacity(text.len());
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        let next = symbols.peek().copied().unwrap_or(' ');
        let before = out.chars().next_back().unwrap_or(' ');
        match symbol {
            '\'' | '’' | '"' | '“' | '”' | '«' | '»' | '.' | ',' | ';' | ':' | '!' | '?' | '…' | '(' | ')' => {
                out.push(symbol)
            }
            '-' | '‐' | '‑' if before.is_alphanumeric() && next.is_alphanumeric() => out.push('-'),
            '–' | '—' | '―' | '|' => out.push_str(" , "),
            '-' if next == ' ' || next == '-' => out.push_str(" , "),
            '/' if before.is_alphanumeric() && next.is_alphanumeric() => out.push_str(" slash "),
            '@' if before == ' ' => out.push_str(in_lang(lang, " at ", " à ")),
            '#' if before.is_alphanumeric() => out.push_str(in_lang(lang, " hash ", " dièse ")),
            '[' => out.push('('),
            ']' => out.push(')'),
            _ if symbol.is_alphanumeric() => out.push(symbol),
            _ if is_invisible(symbol) || symbol.is_control() => {}
            _ => {
                out.push(' ');
                out.push_str(symbol_name(symbol, &out, lang));
                out.push(' ');
            }
        }
    }
    out
}

/// Returns what a symbol is called; nothing when it is not said, or was said just before.
fn symbol_name(symbol: char, before: &str, lang: Lang) -> &'static str {
    let (en, fr) = match symbol {
        '&' => ("and", "et"),
        '@' => ("at", "arobase"),
        '=' => ("equals", "égale"),
        '+' => ("plus", "plus"),
        '%' => ("percent", "pour cent"),
        '‰' => ("per thousand", "pour mille"),
        '€' => ("euros", "euros"),
        '$' => ("dollars", "dollars"),
        '£' => ("pounds", "livres"),
        '¥' => ("yen", "yens"),
        '°' => ("degrees", "degrés"),
        '→' | '➜' | '➔' | '➤' | '⇒' => ("to", "vers"),
        '←' => ("from", "de"),
        '×' => ("times", "fois"),
        '÷' => ("divided by", "divisé par"),
        '±' => ("plus or minus", "plus ou moins"),
        '≠' => ("is not", "différent de"),
        '∞' => ("infinity", "infini"),
        '§' => ("section", "paragraphe"),
        '©' => ("copyright", "copyright"),
        '½' => ("one half", "un demi"),
        _ => return "",
    };
    let name = in_lang(lang, en, fr);
    if before.trim_end().ends_with(name) { "" } else { name }
}

/// One space between words, one mark where many stood, the spaces of the language before marks.
pub(super) fn space(text: &str, lang: Lang) -> String {
    let mut out = String::with_capacity(text.len());
    let mut symbols = text.chars().peekable();
    let (mut gap, mut open) = (false, 0_usize);
    while let Some(symbol) = symbols.next() {
        if symbol.is_whitespace() {
            gap = true;
            continue;
        }
        if symbol == ')' && out.ends_with(',') {
            out.pop();
        }
        open = match symbol {
            '(' => open + 1,
            // "1) keys 2) wallet": what was never opened only separates.
            ')' if open == 0 => {
                if !out.is_empty() && !out.ends_with([',', '.', '!', '?', ':', ';', '…']) {
                    out.push(',');
                }
                continue;
            }
            ')' => open - 1,
            _ => open,
        };
        let last = out.chars().next_back().unwrap_or(' ');
        let is_stop = STOPS.contains(&symbol) || PAUSES.contains(&symbol);
        if is_stop && !keeps_mark(&mut out, last, symbol) {
            continue;
        }
        let inside =
            matches!(symbol, '.' | ',' | ':') && !gap && symbols.peek().is_some_and(|next| next.is_alphanumeric());
        let last = out.chars().next_back().unwrap_or(' ');
        let spaced = match symbol {
            _ if out.is_empty() => false,
            _ if matches!(last, ',' | '…') && symbol.is_alphanumeric() => true,
            '.' | ',' | '…' | ')' | '”' => false,
            '!' | '?' if matches!(last, '!' | '?') => false,
            ':' if inside => false,
            '!' | '?' | ';' | ':' => lang == Lang::Fr,
            _ => gap && last != '(',
        };
        if spaced && !out.ends_with(' ') {
            out.push(' ');
        }
        out.push(symbol);
        gap = false;
    }
    let end = out.trim_end_matches([',', ';', ' ']).len();
    out.truncate(end);
    without_empty_brackets(&out)
}

/// Whether a mark is kept after what is there; a comma gives way to a stronger one.
fn keeps_mark(out: &mut String, last: char, symbol: char) -> bool {
    if out.is_empty() {
        return false;
    }
    let last_is_pause = PAUSES.contains(&last);
    let last_is_stop = STOPS.contains(&last);
    match symbol {
        ',' => !(last_is_pause || last_is_stop || last == '('),
        ';' | ':' if last == ',' => {
            out.pop();
            true
        }
        ';' | ':' => last != symbol,
        _ if last == ',' => {
            out.pop();
            true
        }
        '.' if last == '.' || last == '…' || last_is_stop => false,
        '!' | '?' | '…' => {
            let run: String = out.chars().rev().take_while(|mark| STOPS.contains(mark)).collect();
            !run.contains(symbol)
        }
        _ => true,
    }
}

fn without_empty_brackets(text: &str) -> String {
    if text.contains("()") || text.contains("( )") {
        let text = text.replace("( )", "").replace("()", "");
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    text.to_owned()
}

/// Spells the name of the protocol where it is not part of a link.
pub(super) fn spell_protocol(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.to_ascii_lowercase().find("http") {
        let (before, from) = rest.split_at(at);
        let after = from.get("http".len()..).unwrap_or_default();
        out.push_str(before);
        out.push_str("H T T P");
        if after.starts_with(char::is_alphanumeric) {
            out.push(' ');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Cuts a text that is too long at the end of a sentence, else of a clause, a word, anywhere; and says so.
pub(super) fn shorten(text: String, was_cut: bool, lang: Lang) -> String {
    let limit = text.char_indices().nth(LONGEST).map(|(at, _)| at);
    if limit.is_none() && !was_cut {
        return text;
    }
    let kept = text.get(..limit.unwrap_or(text.len())).unwrap_or_default();
    // An end in the first half would lose too much.
    let half = kept.len() / 2;
    let after = |marks: &[char]| kept.rfind(marks).filter(|at| *at > half);
    let end = match limit {
        None => kept.len(),
        Some(_) => after(&STOPS)
            .map(|at| at + kept.get(at..).and_then(|end| end.chars().next()).map_or(0, char::len_utf8))
            .or_else(|| after(&PAUSES))
            .or_else(|| after(&[' ']))
            .unwrap_or(kept.len()),
    };
    let kept = kept.get(..end).unwrap_or_default().trim_end();
    if kept.ends_with(STOPS) {
        return format!("{kept} {}.", in_lang(lang, "And more", "Et la suite"));
    }
    format!("{kept}, {}.", in_lang(lang, "and more", "et la suite"))
}
