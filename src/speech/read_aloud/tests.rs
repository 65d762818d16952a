use std::{fs, path::Path, time::Instant};

use proptest::prelude::*;

use super::*;

/// Lines that each language has at least.
const GOLDEN_LINES: usize = 1000;

/// Returns the written and spoken sides of all lines of a language, with the place of each.
fn golden(lang: Lang) -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples/read_aloud").join(lang.code());
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut lines = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let place = format!("{lang}/{name}:{}", number + 1);
            if !line.starts_with("# ") || line.contains('\t') {
                let (written, spoken) = line.split_once('\t').unwrap_or_else(|| panic!("{place} has no tab"));
                lines.push((place, unescaped(written), spoken.to_owned()));
            }
        }
    }
    lines
}

/// Reads `\n`, `\t` and `\u{7}` in a line of the data.
fn unescaped(written: &str) -> String {
    let mut out = String::new();
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = if let Some(after) = from.strip_prefix("\\n") {
            out.push('\n');
            after
        } else if let Some(after) = from.strip_prefix("\\t") {
            out.push('\t');
            after
        } else if let Some(after) = from.strip_prefix("\\\\") {
            out.push('\\');
            after
        } else if let Some((code, after)) = from.strip_prefix("\\u{").and_then(|code| code.split_once('}')) {
            out.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            after
        } else {
            out.push('\\');
            &from[1..]
        };
    }
    out + rest
}

fn assert_golden(lang: Lang) {
    let lines = golden(lang);
    assert!(lines.len() >= GOLDEN_LINES, "{lang} has {} lines", lines.len());
    let wrong: Vec<String> = lines
        .iter()
        .map(|(place, written, spoken)| (place, written, spoken, read_aloud(written, lang)))
        .filter(|(_, _, spoken, said)| said != *spoken)
        .map(|(place, written, spoken, said)| {
            format!("{place} {written:?}\n  should be {spoken:?}\n  but is    {said:?}")
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} lines are wrong:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

#[test]
fn english_is_read_as_a_good_reader_would() {
    assert_golden(Lang::En);
}

#[test]
fn french_is_read_as_a_good_reader_would() {
    assert_golden(Lang::Fr);
}

#[test]
fn no_rule_is_lost() {
    for lang in Lang::ALL {
        let reader = Reader::of(lang);
        let rules = reader.shapes.iter().flat_map(|(_, rules)| rules).chain(&reader.layout);
        assert!(rules.clone().count() > 80);
        for (number, rule) in rules.enumerate() {
            assert!(rule.regex().is_some(), "rule {number} of {lang}");
        }
    }
}

/// Fills the places of a sentence of the dialogue with a name, a number, or words.
fn filled(sentence: &str) -> String {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some((before, from)) = rest.split_once('{') {
        let (place, after) = from.split_once('}').unwrap_or((from, ""));
        out.push_str(before);
        out.push_str(match place.trim() {
            "$body" => "On se voit demain.",
            "$count" => "deux",
            "$number" => "secours",
            "$to" | "$from" | "$name" => "Marie-Claude O'Neill",
            _ => "Marion",
        });
        rest = after;
    }
    out + rest
}

#[test]
fn what_herald_says_itself_comes_through_word_for_word() {
    let sentences = [
        (Lang::En, include_str!("../../dialogue/replies/en.ftl")),
        (Lang::Fr, include_str!("../../dialogue/replies/fr.ftl")),
    ];
    for (lang, file) in sentences {
        let mut said = 0;
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            let variant =
                line.trim_start().trim_start_matches('*').strip_prefix('[').and_then(|rest| rest.split_once("] "));
            let Some((_, sentence)) = variant.or_else(|| line.split_once(" = ")) else { continue };
            if sentence.ends_with("->") {
                continue;
            }
            let sentence = filled(sentence);
            // A PIN is a word, and no letters.
            assert_eq!(read_aloud(&sentence, lang).replace("pin", "PIN"), sentence);
            said += 1;
        }
        assert!(said > 100, "only {said} sentences were read");
    }
}

/// Names keep their letters: what is not spelled is as it was.
#[test]
fn names_survive() {
    for name in
        ["Marie-Claude", "McDonald", "O'Neill", "d'Artagnan", "Jean-Noël", "Siân", "Nguyễn", "van der Berg", "JP"]
    {
        for lang in Lang::ALL {
            let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).collect::<String>();
            assert_eq!(letters(&read_aloud(name, lang)), letters(name));
        }
    }
}

fn assert_speakable(text: &str, lang: Lang) {
    let spoken = read_aloud(text, lang);
    assert_eq!(spoken.trim().is_empty(), text.is_empty(), "{text:?}");
    assert!(!spoken.to_lowercase().contains("http"), "{spoken:?}");
    assert!(!spoken.contains(char::is_control), "{spoken:?}");
    assert!(
        !spoken.contains(&['<', '>', '*', '_', '`', '#', '[', ']', '{', '}', '|', '\\', '~', '^'][..]),
        "{spoken:?}"
    );
    assert!(!spoken.contains(clean::is_invisible), "{spoken:?}");
    assert!(spoken.chars().count() <= tidy::LONGEST + 100, "{} characters", spoken.chars().count());
    if !text.is_empty() {
        assert!(spoken.contains(char::is_alphanumeric), "{spoken:?}");
    }
}

#[test]
fn hostile_text_is_shortened_and_announced() {
    let en = |text: &str| read_aloud(text, Lang::En);
    let fr = |text: &str| read_aloud(text, Lang::Fr);
    assert_eq!(en(&"🔥".repeat(10_000)), "fire, ten thousand times");
    assert_eq!(fr(&"🔥".repeat(10_000)), "feu, dix mille fois");
    assert_eq!(en(&"👍🏽 ".repeat(10_000)), "thumbs up, ten thousand times");
    assert_eq!(en(&format!("hi{}", "\u{200b}".repeat(5000))), "hi, with hidden characters");
    assert_eq!(fr(&"\u{202e}\u{200d}".repeat(1000)), "un message sans mots, avec des caractères cachés");
    assert_eq!(en(&format!("N{}", "o".repeat(100_000))), "Nooo");
    let long = en(&"One sentence. ".repeat(10_000));
    assert!(long.ends_with("One sentence. And more."), "{long:?}");
    assert!(fr(&"un mot, ".repeat(10_000)).ends_with(", et la suite."));
    assert!(en(&"😀🔥".repeat(10_000)).ends_with(", and more."));
    assert!(en(&format!("short {}", "\u{200b}".repeat(2 << 20))).ends_with("and more."));
}

#[test]
fn hostile_text_becomes_speakable() {
    for text in [
        "🦖".repeat(10_000),
        "😀🔥🦖".repeat(10_000),
        "https://".repeat(500),
        "hthttptp://x".into(),
        "<".repeat(2000),
        "[".repeat(2000),
        "**_".repeat(2000),
        "`".repeat(2001),
        "```\n".repeat(300),
        "1".repeat(5000),
        "1,".repeat(3000),
        "-1".repeat(3000),
        "\u{301}".repeat(5000),
        "é://é".into(),
        "&amp;lt;script&amp;gt;".into(),
        "ht\u{200b}tp".into(),
        "h\u{e000}ttp\u{e001}5\u{e001}".into(),
        "👍\u{e000}99999999999999999999999\u{e001}".into(),
        "99999999999999999999999999999 km".into(),
        "$99999999999999999999999999.99".into(),
    ] {
        for lang in Lang::ALL {
            assert_speakable(&text, lang);
        }
    }
}

/// The bound is far above what is measured: a second is what nobody would wait for.
#[test]
fn a_text_of_ten_megabytes_takes_no_longer_than_its_beginning() {
    read_aloud("warm", Lang::En);
    for piece in ["a word, ", "🔥", "\u{200b}", "1", "(((", "http://a.b ", "e\u{301}\u{302}"] {
        let text = piece.repeat((10 << 20) / piece.len());
        let begin = Instant::now();
        read_aloud(&text, Lang::En);
        assert!(begin.elapsed().as_secs() < 10, "{piece:?} took {:?}", begin.elapsed());
    }
}

proptest! {
    #[test]
    fn any_text_becomes_speakable(text in "\\PC{0,60}") {
        for lang in Lang::ALL {
            assert_speakable(&text, lang);
        }
    }

    #[test]
    fn any_mixture_of_what_is_special_becomes_speakable(
        text in "(https?://|www\\.|geo:|IMG_1|\\.jpg|1er|IV|[A-Z]{1,4}|18h30|```|- |> |[<>*_#~|^`{}\\[\\]a-zé.,:;]|\
                 [/'()&@%€$° 0-9\n\t\u{1b}\u{200b}\u{202e}\u{feff}❤👍🇫🇷½²]){0,30}"
    ) {
        for lang in Lang::ALL {
            assert_speakable(&text, lang);
        }
    }

    /// Numbers of any size and shape end in words.
    #[test]
    fn no_digit_is_left_of_a_number(number in "[0-9]{1,20}([.,][0-9]{1,6})?") {
        for lang in Lang::ALL {
            let spoken = read_aloud(&number, lang);
            prop_assert!(!spoken.contains(|symbol: char| symbol.is_ascii_digit()), "{}", spoken);
        }
    }
}
