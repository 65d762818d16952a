use std::{fs, path::Path};

use serde_json::Value;

use super::*;

const EXPECTED: f64 = 0.98;

#[test]
fn short_texts_get_their_language() {
    for (text, lang) in [
        ("Sent to Marion.", Lang::En),
        ("C'est envoyé à Marion.", Lang::Fr),
        ("J’arrive dans cinq minutes", Lang::Fr),
        ("I'm stuck in traffic", Lang::En),
        ("Oui", Lang::Fr),
        ("Yes", Lang::En),
        ("Le dîner est prêt", Lang::Fr),
        ("The café is closed", Lang::En),
        ("18h30 ?", Lang::Fr),
        ("Marion", Lang::En),
        ("", Lang::En),
        ("🎉", Lang::En),
        ("Добрый день", Lang::En),
    ] {
        assert_eq!(detect_lang(text, None), lang, "{text:?}");
    }
}

#[test]
fn the_expected_language_decides_what_the_words_leave_open_and_nothing_else() {
    for text in ["", "🎉🎉", "ok", "Marion", "12:30", "https://example.com/le/la/les", "lol ok", "Добрый день"]
    {
        for lang in Lang::ALL {
            assert_eq!(detect_lang(text, Some(lang)), lang, "{text:?}");
        }
    }
    assert_eq!(detect_lang("c'est ok", Some(Lang::En)), Lang::Fr);
    assert_eq!(detect_lang("it’s ok", Some(Lang::Fr)), Lang::En);
    assert_eq!(detect_lang("on se retrouve à la gare", Some(Lang::En)), Lang::Fr);
    assert_eq!(detect_lang("meet me at the station", Some(Lang::Fr)), Lang::En);
}

#[test]
fn names_and_links_have_no_say() {
    for (text, lang) in [
        ("I met Jean-Baptiste Villeneuve", Lang::En),
        ("on dîne avec Matthew Howe et Kirk", Lang::Fr),
        ("look https://example.com/le-journal-de-la-semaine", Lang::En),
        ("regarde https://example.com/what-to-do-this-weekend", Lang::Fr),
        ("see pierre@example.com", Lang::En),
    ] {
        assert_eq!(detect_lang(text, None), lang, "{text:?}");
    }
}

#[test]
fn a_loan_word_does_not_outvote_the_sentence() {
    for (text, lang) in [
        ("The soirée was fun", Lang::En),
        ("found a flat near République", Lang::En),
        ("le meeting du weekend est annulé", Lang::Fr),
        ("check le planning stp", Lang::Fr),
    ] {
        assert_eq!(detect_lang(text, None), lang, "{text:?}");
    }
}

/// How many messages are right, with no language expected, with their own and with the other one.
fn right(messages: &[(Lang, String)]) -> [usize; 3] {
    let other = |lang| if lang == Lang::En { Lang::Fr } else { Lang::En };
    let count = |prior: &dyn Fn(Lang) -> Option<Lang>| {
        messages.iter().filter(|(lang, text)| detect_lang(text, prior(*lang)) == *lang).count()
    };
    [count(&|_| None), count(&Some), count(&|lang| Some(other(lang)))]
}

fn check(what: &str, messages: &[(Lang, String)]) {
    let right = right(messages).map(|right| right as f64 / messages.len() as f64);
    let [alone, own, other] = right.map(|share| format!("{:.1} %", 100.0 * share));
    println!("{what}: {} messages, {alone} right; {own} where expected, {other} where the other is", messages.len());
    assert!(right[0] >= EXPECTED && right[1] >= EXPECTED, "{what}: {alone}, {own}");
}

#[test]
fn a_thousand_short_messages_get_their_language() {
    let mut messages = Vec::new();
    for lang in Lang::ALL {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/examples/lang/{lang}.txt"));
        messages.extend(fs::read_to_string(file).unwrap().lines().map(|line| (lang, line.to_owned())));
    }
    assert!(messages.iter().all(|(_, text)| text.split_whitespace().count() >= 3));
    assert_eq!(messages.len(), 1_000);
    check("our own", &messages);
}

/// Public messages of 3 to 8 words, the first 500 of each language; where the French ones run out, other French texts.
#[test]
fn a_thousand_public_texts_get_their_language() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/nlu");
    let (Ok(bodies), Ok(others)) =
        (fs::read_to_string(data.join("bodies.tsv")), fs::read_to_string(data.join("dev.jsonl")))
    else {
        println!("skipped: no data");
        return;
    };
    let items = others.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let others: Vec<_> = items.map(|item| (item["lang"].clone(), item["text"].as_str().unwrap().to_owned())).collect();
    let bodies = bodies.lines().skip(1).map(|line| {
        let mut fields = line.split('\t');
        (Value::from(fields.next().unwrap()), fields.nth(1).unwrap().to_owned())
    });
    let words = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    let texts: Vec<_> = bodies.chain(others).filter(|(_, text)| (3..=8).contains(&words(text))).collect();
    let of = |lang: Lang| {
        let mine = texts.iter().filter(move |(code, _)| code == lang.code());
        mine.take(500).map(move |(_, text)| (lang, text.clone()))
    };
    let messages: Vec<_> = Lang::ALL.into_iter().flat_map(of).collect();
    assert_eq!(messages.len(), 1_000);
    check("public", &messages);
}
