//! Hostile and untidy characters: what is read of a text, and in which characters.
//!
//! Everything here is linear in what is read, and no more than [`MOST_READ`] bytes are.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::emoji;

/// Bytes that are looked at: a run of one emoji is counted up to here.
const MOST_READ: usize = 1 << 20;
/// Bytes that are kept: more than is ever said.
const MOST_KEPT: usize = 32_000;
/// A letter or mark stands at most this often in a row.
const MOST_REPEATED: usize = 3;

/// HTML spellings of characters.
const ENTITIES: [(&str, char); 8] = [
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#39;", '\''),
    ("&apos;", '\''),
    ("&nbsp;", ' '),
    ("&eacute;", 'é'),
];

/// A text in speakable characters, line breaks and emoji; runs of one emoji are one with its count.
#[derive(Debug, Default)]
pub(super) struct Clean {
    /// The text.
    pub text: String,
    /// Whether there was more.
    pub is_cut: bool,
    /// How many characters were left out that cannot be seen.
    pub hidden: usize,
}

/// Takes out what nobody can see or say.
pub(super) fn clean(text: &str) -> Clean {
    let end = (0..=MOST_READ.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let read: String = text.get(..end).unwrap_or_default().nfc().collect();
    let mut clean = Clean { is_cut: end < text.len(), ..Clean::default() };
    let mut rest = read.as_str();
    let mut repeated = (' ', 0);
    while let Some(symbol) = rest.chars().next() {
        if clean.text.len() > MOST_KEPT {
            clean.is_cut = true;
            break;
        }
        if let Some((cluster, count, after)) = emoji::run(rest) {
            emoji::push_run(&mut clean.text, cluster, count);
            rest = after;
            continue;
        }
        let (symbol, after) = entity(rest).unwrap_or((symbol, rest.get(symbol.len_utf8()..).unwrap_or_default()));
        rest = if symbol == '\u{1b}' { without_escape(after) } else { after };
        repeated = if repeated.0 == symbol { (symbol, repeated.1 + 1) } else { (symbol, 1) };
        if repeated.1 <= MOST_REPEATED || !is_mark_or_letter(symbol) || is_invisible(symbol) {
            clean.push(symbol);
        }
    }
    clean
}

/// Whether a character is one that people draw out; digits and the stars of a review count.
const fn is_mark_or_letter(symbol: char) -> bool {
    symbol.is_ascii_punctuation() || symbol.is_ascii_alphabetic() || !symbol.is_ascii() && !matches!(symbol, '★' | '☆')
}

impl Clean {
    fn push(&mut self, symbol: char) {
        match symbol {
            '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => {
                self.text.truncate(self.text.trim_end_matches(' ').len());
                self.text.push('\n');
            }
            _ if symbol.is_whitespace() => {
                if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                    self.text.push(' ');
                }
            }
            '\u{fe00}'..='\u{fe0f}' | '\u{ad}' | '\u{feff}' | '\u{20e3}' => {}
            _ if is_invisible(symbol) || symbol.is_control() => self.hidden += 1,
            _ if is_combining_mark(symbol) && ('\u{300}'..='\u{36f}').contains(&symbol) => {}
            '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}' | '\u{fb00}'..='\u{fb06}' => {
                self.text.extend(std::iter::once(symbol).nfkc());
            }
            '’' | 'ʼ' => self.text.push('’'),
            '−' => self.text.push('-'),
            _ => self.text.push(symbol),
        }
    }
}

/// Characters that join or steer their neighbours, or have no agreed sign.
pub(super) const fn is_invisible(symbol: char) -> bool {
    matches!(
        symbol,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{1f3fb}'..='\u{1f3ff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}'
    )
}

fn entity(text: &str) -> Option<(char, &str)> {
    if !text.starts_with('&') {
        return None;
    }
    ENTITIES.iter().find_map(|(name, symbol)| text.strip_prefix(name).map(|after| (*symbol, after)))
}

/// Skips what follows an escape character to steer a terminal: `[31m`.
fn without_escape(text: &str) -> &str {
    let Some(sequence) = text.strip_prefix('[') else { return text };
    let end = sequence.find(|symbol: char| !symbol.is_ascii_digit() && symbol != ';').unwrap_or(sequence.len());
    let after = sequence.get(end..).unwrap_or_default();
    after.strip_prefix(|symbol: char| symbol.is_ascii_alphabetic()).unwrap_or(after)
}
