//! What is offered for which words, and what never is.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn suggester() -> &'static Suggester {
    static BUILT: std::sync::OnceLock<Suggester> = std::sync::OnceLock::new();
    BUILT.get_or_init(|| Suggester::new().unwrap())
}

const fn them(text: &str) -> Message<'_> {
    Message { from: From::Them, text }
}

const fn me(text: &str) -> Message<'_> {
    Message { from: From::Me, text }
}

fn offered(messages: &[Message<'_>]) -> Vec<Suggestion> {
    suggester().suggest(messages, &About::default())
}

fn in_a_group(text: &str) -> Vec<Suggestion> {
    suggester().suggest(&[them(text)], &About { circle: Circle::Group, ..About::default() })
}

fn kinds(suggestions: &[Suggestion]) -> Vec<&'static str> {
    suggestions.iter().map(|suggestion| suggestion.kind.name()).collect()
}

fn slot(text: &str, kind: Kind, slot: Slot) -> Vec<&str> {
    let circle = if kind == Kind::Poll { Circle::Group } else { Circle::Pair };
    let messages = [them(text)];
    let found = suggester().suggest(&messages, &About { circle, ..About::default() });
    let suggestion = found.iter().find(|suggestion| suggestion.kind == kind);
    let pieces = suggestion.and_then(|suggestion| suggestion.slots.get(&slot));
    pieces.into_iter().flatten().filter_map(|piece| text.get(piece.range.clone())).collect()
}

#[test]
fn each_kind_is_offered_in_both_languages() {
    for (text, wanted) in [
        ("where are you?", "share_location"),
        ("vous êtes où ?", "share_location"),
        ("you owe me 20 euros", "pay"),
        ("tu me dois 20 euros", "pay"),
        ("how much do I owe you?", "request_payment"),
        ("je te dois combien ?", "request_payment"),
        ("call me back please", "call"),
        ("rappelle-moi stp", "call"),
        ("let's meet at 7", "plan"),
        ("on se voit à 19h ?", "plan"),
        ("have a look https://news.example/bees", "save_link"),
        ("regarde ça https://info.example/abeilles", "save_link"),
        ("we got the flat!!", "react"),
        ("je t'aime", "react"),
        ("it's dad's birthday today", "birthday"),
        ("c'est l'anniversaire de papa aujourd'hui", "birthday"),
        ("did you lock the door?", "answer"),
        ("tu as fermé la porte ?", "answer"),
    ] {
        let offered = offered(&[them(text)]);
        assert!(kinds(&offered).contains(&wanted), "{text:?}: {:?}", kinds(&offered));
    }
}

#[test]
fn only_a_group_is_polled() {
    for text in ["pizza or sushi?", "qui vient dimanche ?"] {
        assert!(kinds(&in_a_group(text)).contains(&"poll"), "{text:?}");
        assert!(!kinds(&offered(&[them(text)])).contains(&"poll"), "{text:?}");
    }
}

#[test]
fn slots_are_pieces_of_the_message() {
    assert_eq!(slot("you owe me £15 for the taxi", Kind::Pay, Slot::Amount), ["£15"]);
    assert_eq!(slot("you owe me £15 for the taxi", Kind::Pay, Slot::Content), ["the taxi"]);
    assert_eq!(slot("tu me dois 12,50 € pour le resto", Kind::Pay, Slot::Amount), ["12,50 €"]);
    assert_eq!(slot("see you tomorrow at 8:30 at the station", Kind::Plan, Slot::Time), ["tomorrow at 8:30"]);
    assert_eq!(slot("see you tomorrow at 8:30 at the station", Kind::Plan, Slot::Location), ["the station"]);
    assert_eq!(slot("n'oublie pas le dentiste à 15h", Kind::Plan, Slot::Time), ["à 15h"]);
    assert_eq!(slot("n'oublie pas le dentiste à 15h", Kind::Plan, Slot::Content), ["le dentiste"]);
    assert_eq!(slot("please ring dad", Kind::Call, Slot::Recipient), ["dad"]);
    assert_eq!(slot("it's granny's birthday today", Kind::Birthday, Slot::Recipient), ["granny"]);
    assert_eq!(slot("train, bus or car?", Kind::Poll, Slot::Option), ["train", "bus", "car"]);
    let links = "two of them: https://a.example/1, www.b.example/2.";
    assert_eq!(slot(links, Kind::SaveLink, Slot::Link), ["https://a.example/1", "www.b.example/2"]);
}

#[test]
fn replies_fit_and_differ() {
    for (text, class) in
        [("where are you?", "on_my_way"), ("merci beaucoup !", "welcome"), ("I got the job!!", "congrats")]
    {
        let offered = offered(&[them(text)]);
        let answer = offered.iter().find(|suggestion| suggestion.kind == Kind::Answer).unwrap();
        let classes: Vec<&str> = answer.replies.iter().map(|reply| reply.class.as_str()).collect();
        assert!(classes.contains(&class), "{text:?}: {classes:?}");
        assert_eq!(classes.iter().collect::<BTreeSet<_>>().len(), 3, "{text:?}: {classes:?}");
    }
}

#[test]
fn what_the_user_said_last_or_what_is_settled_offers_nothing() {
    for messages in [
        vec![them("where are you?"), me("on my way")],
        vec![me("t'es où ?")],
        vec![them("can you call?"), me("calling you"), them("no need, Paul just fixed it")],
        vec![them("tu viens ?"), me("non"), them("ok une prochaine fois")],
        Vec::new(),
    ] {
        assert_eq!(offered(&messages), [], "{messages:?}");
    }
}

#[test]
fn a_birthday_of_the_contact_book_is_offered_until_the_user_has_wished() {
    let day = |month, day| Some(DayOfYear { month, day });
    let about = About { today: day(9, 18), birthday: day(9, 18), ..About::default() };
    assert_eq!(kinds(&suggester().suggest(&[them("the parcel arrived")], &about)), ["birthday"]);
    let wished = [me("happy birthday!"), them("the parcel arrived")];
    assert_eq!(suggester().suggest(&wished, &about), []);
    let tomorrow = About { birthday: day(9, 19), ..about };
    assert_eq!(suggester().suggest(&[them("the parcel arrived")], &tomorrow), []);
    assert_eq!(suggester().suggest(&[them("grandpa died last night")], &about), []);
}

#[test]
fn a_letter_is_left_alone() {
    let letter = format!("{} he died. where are you?", "and then we went on ".repeat(40));
    assert_eq!(offered(&[them(&letter)]), []);
}

#[test]
fn machines_are_not_answered() {
    for text in [
        "Your parcel is out for delivery. Track it: https://track.example/p/1",
        "Reminder: appointment tomorrow at 9am, reply 1 to confirm",
        "Votre facture de 34,20 euros est disponible",
        "Paiement refusé, mettez à jour votre carte : https://abo.example/carte",
    ] {
        assert_eq!(offered(&[them(text)]), [], "{text:?}");
    }
}

#[test]
fn every_suggestion_names_a_rule_and_silence_its_reason() {
    let found = offered(&[them("you owe me 20 euros")]);
    assert_eq!(found.first().map(|suggestion| suggestion.rule.as_str()), Some("you owe me money"));
    let reason = suggester().silent_because(&[them("she passed away, call me")]);
    assert_eq!(reason, Some("death and mourning"));
}

#[test]
fn both_languages_know_all_kinds_and_the_same_replies() {
    for rules in &suggester().rules {
        let known: BTreeSet<Kind> = rules.rules.iter().map(|rule| rule.kind).collect();
        assert_eq!(known.len(), Kind::ALL.len(), "{}", rules.lang);
        let names: BTreeSet<&str> = rules.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names.len(), rules.rules.len(), "{}: two rules have one name", rules.lang);
    }
    assert_eq!(replies::class_names(Lang::En), replies::class_names(Lang::Fr));
}

#[test]
fn a_mistake_in_a_rule_file_is_told_with_its_line() {
    let text = include_str!("rules/en.toml");
    for mistake in ["\"(tell me\", ", "\"<nobody>\", ", "\"please?\", "] {
        let wrong = text.replacen("[slots]\ntime = [", &format!("[slots]\ntime = [{mistake}"), 1);
        let line = text.lines().position(|line| line == "[slots]").map(|at| at + 2);
        let told = Rules::compile(Lang::En, "en.toml", &wrong).err().map(|error| error.line);
        assert_eq!(told, line, "{mistake}");
    }
}

/// One sentence of each sensitive subject.
const SENSITIVE: [&str; 24] = [
    "my grandmother died this morning",
    "the funeral is on thursday",
    "they found a tumour",
    "dad had a stroke",
    "I want a divorce",
    "he left me",
    "I hate you",
    "leave me alone",
    "the police came",
    "he hit me",
    "I can't go on",
    "I got fired",
    "ma grand-mère est décédée ce matin",
    "l'enterrement est jeudi",
    "ils ont trouvé une tumeur",
    "papa a fait un AVC",
    "je veux divorcer",
    "il m'a quittée",
    "je te déteste",
    "laisse-moi tranquille",
    "la police est venue",
    "il m'a frappée",
    "je n'en peux plus",
    "je me suis fait licencier",
];

/// Questions that would offer something alone.
const ASKED: [&str; 8] = [
    "call me back",
    "you owe me 20 euros",
    "where are you?",
    "can you come at 7?",
    "rappelle-moi",
    "tu me dois 20 euros",
    "t'es où ?",
    "tu peux venir à 19h ?",
];

#[test]
fn nothing_is_offered_on_a_sensitive_subject_whatever_is_asked_beside() {
    for sensitive in SENSITIVE {
        for asked in ASKED {
            for text in
                [format!("{sensitive}, {asked}"), format!("{asked} {sensitive}"), format!("{sensitive}... {asked}")]
            {
                assert_eq!(offered(&[them(&text)]), [], "{text:?}");
            }
        }
    }
}

/// What people write: words of the rules, numbers, links, signs.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(ASKED.to_vec()).prop_map(str::to_owned),
        prop::sample::select(vec![
            "you",
            "tu",
            "où",
            "at",
            "à",
            "7:30",
            "8h30",
            "£15",
            "25€",
            "12,50",
            "or",
            "ou",
            "?",
            "!!",
            "...",
            ",",
            "😂",
            "🎉🎉",
            "https://a.example/b",
            "www.a.example",
            "t'es",
            "don't",
            "ME",
            "s'il",
            "sooo",
            "🔗",
            "\u{301}",
            "’",
            "birthday",
            "anniversaire",
            "call",
            "appelle",
            "owe",
            "dois",
            "meet",
            "rdv",
            "tomorrow",
            "demain",
            "#",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

fn conversations() -> impl Strategy<Value = Vec<(bool, String)>> {
    prop::collection::vec((any::<bool>(), texts()), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_slots_are_words_of_it_and_replies_differ(written in conversations(), group in any::<bool>()) {
        let messages: Vec<Message<'_>> =
            written.iter().map(|(mine, text)| if *mine { me(text) } else { them(text) }).collect();
        let circle = if group { Circle::Group } else { Circle::Pair };
        let offered = suggester().suggest(&messages, &About { circle, ..About::default() });
        for suggestion in &offered {
            for piece in suggestion.slots.values().flatten() {
                let text = messages.get(piece.message).map(|message| message.text);
                let words = text.and_then(|text| text.get(piece.range.clone()));
                prop_assert!(words.is_some_and(|words| !words.is_empty()), "{suggestion:?}");
                prop_assert_eq!(Some(piece.of(&messages)), words);
            }
            let classes: BTreeSet<&str> = suggestion.replies.iter().map(|reply| reply.class.as_str()).collect();
            prop_assert_eq!(classes.len(), suggestion.replies.len());
            prop_assert_eq!(suggestion.replies.len(), if suggestion.kind == Kind::Answer { 3 } else { 0 });
            prop_assert_eq!(suggestion.reaction.is_some(), suggestion.kind == Kind::React);
        }
        let known: Vec<Kind> = offered.iter().map(|suggestion| suggestion.kind).collect();
        prop_assert!(known.is_sorted() && known.windows(2).all(|two| two.first() != two.last()), "{known:?}");
    }

    #[test]
    fn another_suggester_offers_the_same(text in texts()) {
        let messages = [them(&text)];
        let one = suggester().suggest(&messages, &About::default());
        static OTHER: std::sync::OnceLock<Suggester> = std::sync::OnceLock::new();
        let other = OTHER.get_or_init(|| Suggester::new().unwrap());
        prop_assert_eq!(one, other.suggest(&messages, &About::default()));
    }

    #[test]
    fn around_a_sensitive_sentence_nothing_is_offered(before in texts(), at in 0..SENSITIVE.len()) {
        let text = format!("{}. {before}", SENSITIVE.get(at).unwrap());
        prop_assert_eq!(offered(&[them(&text)]), []);
    }
}
