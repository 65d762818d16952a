//! Markup, lists, tables, quotations, code: what the eye gets from layout, as words and pauses.

use super::{
    numerals::cardinal,
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

/// HTML elements that chat programs use.
const TAGS: &str = "a|abbr|b|big|blockquote|body|br|caption|center|code|dd|del|details|div|dl|dt|em|font|h[1-6]|\
                    head|hr|html|i|iframe|img|ins|kbd|li|link|meta|mx-reply|object|ol|p|pre|s|samp|script|small|\
                    span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|var|\
                    video";

/// Code in fences: said as such, not read. Runs before all others.
pub(super) fn code_rules(_: Lang) -> Vec<(String, Say)> {
    vec![(r"(?s)```[^\n`]*\n(.*?)\n?(?:```|$)".into(), say_code)]
}

/// The rules for marks inside a line.
pub(super) fn rules(_: Lang) -> Vec<(String, Say)> {
    vec![
        (r#"(?i)<a [^<>]*href="([^"<>]*)"[^<>]*>([^<>]*)</a>"#.into(), say_anchor),
        (format!(r"(?i)<(/?)({TAGS})(?:[ /][^<>]*)?>"), say_tag),
        (r"<!--[^<>]*-->".into(), say_blank),
        (r"`([^`\n]+)`".into(), say_content),
        (r"\*{1,3}([^\s*](?:[^*\n]*[^\s*])?)\*{1,3}".into(), say_emphasis),
        (r"~~([^~\n]+)~~".into(), say_content),
        (r"__([^_\n]+)__".into(), say_content),
        (r"(?i)^/me (?P<next>\S)".into(), say_nothing),
        (r"(?:-{1,2}|=)>".into(), say_arrow),
        (r"\.{2,}|\. \. \.".into(), say_ellipsis),
    ]
}

fn say_code(found: &Found<'_>) -> Option<String> {
    let lines = found.group(1).lines().filter(|line| !line.trim().is_empty()).count() as u64;
    let code = found.say("some code", "du code");
    Some(match (lines, found.lang) {
        (0 | 1, _) => code,
        (_, Lang::En) => format!("{code}, {} lines", cardinal(lines, Lang::En)),
        (_, Lang::Fr) => format!("{code}, {} lignes", cardinal(lines, Lang::Fr)),
    })
}

/// The address stands behind the words, for the rules of links.
fn say_anchor(found: &Found<'_>) -> Option<String> {
    Some(format!("{}, {}", found.group(2), found.group(1)))
}

fn say_tag(found: &Found<'_>) -> Option<String> {
    let (closes, name) = (!found.group(1).is_empty(), found.group(2).to_lowercase());
    let is_block = ["br", "li", "tr", "hr", "div", "p"].contains(&name.as_str());
    let breaks = is_block && (closes || name == "br" || name == "hr" || name == "li");
    Some(if breaks { "\n".to_owned() } else { String::new() })
}

fn say_blank(_: &Found<'_>) -> Option<String> {
    Some(" ".to_owned())
}

fn say_content(found: &Found<'_>) -> Option<String> {
    Some(found.group(1).to_owned())
}

fn say_nothing(_: &Found<'_>) -> Option<String> {
    Some(String::new())
}

fn say_arrow(_: &Found<'_>) -> Option<String> {
    Some(" → ".to_owned())
}

fn say_ellipsis(_: &Found<'_>) -> Option<String> {
    Some("…".to_owned())
}

/// `2*3*4` is no emphasis.
fn say_emphasis(found: &Found<'_>) -> Option<String> {
    let inside_number = found.before.ends_with(|symbol: char| symbol.is_ascii_digit());
    (!inside_number).then(|| found.group(1).to_owned())
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Plain,
    Item,
    Quote,
}

/// Joins lines by what they are: items with commas, others with full stops.
pub(super) fn join_lines(text: &str, lang: Lang) -> String {
    let mut out = String::new();
    let mut before = None;
    for line in text.lines() {
        let Some((kind, line)) = read_line(line, lang) else { continue };
        if let Some(before) = before {
            let open = !out.ends_with(['.', ',', ';', ':', '!', '?', '…']);
            out.push_str(match (before, kind) {
                _ if !open => " ",
                (Line::Item, Line::Item) => ", ",
                (_, Line::Item) => in_lang(lang, ": ", " : "),
                _ => ". ",
            });
        }
        if kind == Line::Quote && before != Some(Line::Quote) {
            out.push_str(in_lang(lang, "quote: ", "citation : "));
        }
        out.push_str(&line);
        before = Some(kind);
    }
    out
}

/// Returns what a line is and its words; nothing of a ruler.
fn read_line(line: &str, lang: Lang) -> Option<(Line, String)> {
    let line = line.trim();
    let words = line.chars().any(char::is_alphanumeric) || !line.is_ascii();
    if line.is_empty() || (!words && line.chars().all(|symbol| "-=_*|:+# ".contains(symbol))) {
        return None;
    }
    if let Some(quoted) =
        line.strip_prefix('>').filter(|quoted| !quoted.starts_with(['=', '>']) && begins_words(quoted))
    {
        return Some((Line::Quote, quoted.trim().to_owned()));
    }
    if let Some(cells) = line.strip_prefix('|').and_then(|cells| cells.strip_suffix('|')) {
        let cells: Vec<&str> = cells.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
        return Some((Line::Plain, cells.join(", ")));
    }
    let title = line.trim_start_matches('#');
    if title.len() < line.len() && title.starts_with(' ') {
        return Some((Line::Plain, title.trim().to_owned()));
    }
    for bullet in ["- ", "* ", "• ", "– ", "· ", "+ "] {
        if let Some(item) = line.strip_prefix(bullet) {
            return Some((Line::Item, ticked(item, lang)));
        }
    }
    if line.starts_with(['☑', '☐', '☒']) {
        return Some((Line::Item, ticked(line, lang)));
    }
    if let Some((number, item)) = numbered(line) {
        return Some((Line::Item, format!("{number}{} {item}", in_lang(lang, ":", " :"))));
    }
    Some((Line::Plain, line.to_owned()))
}

/// `> 5` compares, `> yes` quotes.
fn begins_words(quoted: &str) -> bool {
    quoted.trim_start().chars().next().is_some_and(|symbol| !symbol.is_ascii_digit())
}

/// Cuts `1. ` or `a) ` off.
fn numbered(line: &str) -> Option<(&str, &str)> {
    let (mark, item) = line.split_once(' ')?;
    let number = mark.strip_suffix([')', '.'])?;
    let is_number = !number.is_empty() && number.len() <= 2 && number.chars().all(|digit| digit.is_ascii_digit());
    let is_letter =
        mark.ends_with(')') && number.len() == 1 && number.chars().all(|letter| letter.is_ascii_lowercase());
    (is_number || is_letter).then_some((number, item))
}

/// Says whether an item of a checklist is done.
fn ticked(item: &str, lang: Lang) -> String {
    let done = in_lang(lang, "done: ", "fait : ");
    let open = in_lang(lang, "to do: ", "à faire : ");
    for (mark, said) in [("[x] ", done), ("[X] ", done), ("[ ] ", open), ("☑ ", done), ("☒ ", done), ("☐ ", open)]
    {
        if let Some(item) = item.strip_prefix(mark) {
            return format!("{said}{item}");
        }
    }
    item.to_owned()
}
