//! The spoken end of a dictation: "send it", "c'est tout".

/// What ends a dictation as words of its own, after any mark.
const COMMANDS: [&str; 12] = [
    "send it",
    "send it now",
    "please send it",
    "send the message",
    "end of message",
    "envoie",
    "envoie le",
    "envoie le message",
    "envoyer",
    "envoyez",
    "fin du message",
    "tu peux envoyer",
];
/// What may belong to a message, and ends it only as a sentence of its own.
const SENTENCES: [&str; 10] = [
    "that's all",
    "that is all",
    "that's it",
    "i'm done",
    "c'est tout",
    "ce sera tout",
    "voilà c'est tout",
    "c'est bon",
    "j'ai fini",
    "c'est fini",
];

/// Returns what stands before the spoken end; `None` where there is none, or nothing before it.
///
/// The words count where a mark of the recogniser sets them off, since people pause there: "tell him to send it" is
/// a message.
pub fn spoken(text: &str) -> Option<&str> {
    let whole = text.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let mark = whole.rfind(['.', '!', '?', ',', ';', ':', '…', '—', '–'])?;
    let (before, last) = whole.split_at(mark);
    let is_sentence = matches!(last.chars().next(), Some('.' | '!' | '?' | '…'));
    let words = plain(last);
    let ends = COMMANDS.contains(&words.as_str()) || is_sentence && SENTENCES.contains(&words.as_str());
    // The mark belongs to the message, unless it is the comma before the end.
    let mark_length = last.chars().next().map_or(0, char::len_utf8);
    let message = if is_sentence { whole.get(..mark + mark_length).unwrap_or(before) } else { before };
    (ends && before.chars().any(char::is_alphanumeric)).then_some(message)
}

/// Lower case, apostrophes straight, marks to blanks.
fn plain(text: &str) -> String {
    let letters = text.chars().flat_map(char::to_lowercase).map(|letter| match letter {
        '’' | '\'' => '\'',
        letter if letter.is_alphanumeric() => letter,
        _ => ' ',
    });
    letters.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn the_end_is_taken_off_and_nothing_else() {
        let table = [
            ("I'm ten minutes late. Send it.", Some("I'm ten minutes late.")),
            ("I'm ten minutes late, send it", Some("I'm ten minutes late")),
            ("Are you there? That's all.", Some("Are you there?")),
            ("J'arrive. C'est tout.", Some("J'arrive.")),
            ("J’arrive. C’est bon !", Some("J’arrive.")),
            ("Je serai là vers six heures, envoie.", Some("Je serai là vers six heures")),
            ("Please tell him to send it.", None),
            ("I wanted to say hi, that's all.", None),
            ("Send it.", None),
            ("... send it", None),
            ("", None),
            ("Bonjour", None),
        ];
        for (text, message) in table {
            assert_eq!(spoken(text), message, "{text:?}");
        }
    }
}
