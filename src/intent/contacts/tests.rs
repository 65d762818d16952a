//! Who is meant by a name.

use super::{Book, Decision, ImportReport, Met, Surroundings, Via};
use crate::{config::Lang, store::Store};

const EXAMPLE: &str = include_str!("../../../tests/examples/contacts.vcf");

fn book(text: &str) -> (Store, Book, ImportReport) {
    let store = Store::in_memory().unwrap();
    let mut book = Book::open(&store).unwrap();
    let report = book.import(&store, text).unwrap();
    (store, book, report)
}

fn names(book: &Book, heard: &str, lang: Lang) -> (Decision, Vec<String>, Option<Via>) {
    let found = book.resolve(heard, Some(lang), Surroundings::default());
    let via = found.candidates.first().map(|candidate| candidate.via);
    (found.decision, found.candidates.into_iter().map(|candidate| candidate.name).collect(), via)
}

fn one(book: &Book, heard: &str, lang: Lang) -> String {
    let (decision, names, via) = names(book, heard, lang);
    assert_eq!(decision, Decision::One, "{heard} {lang} {names:?} {via:?}");
    names.first().cloned().unwrap()
}

#[test]
fn full_names_given_names_and_nicknames_name_one() {
    let (_store, book, report) = book(EXAMPLE);
    assert_eq!(report.skipped, []);
    for lang in Lang::ALL {
        assert_eq!(one(&book, "Marion Petit", lang), "Marion Petit");
        assert_eq!(one(&book, "marion", lang), "Marion Petit");
        assert_eq!(one(&book, "jean marc", lang), "Jean-Marc Dubois");
        assert_eq!(one(&book, "maman", lang), "Sophie Bernard");
        assert_eq!(one(&book, "my mother", lang), "Sophie Bernard");
        assert_eq!(one(&book, "ma mère", lang), "Sophie Bernard");
        assert_eq!(one(&book, "the family", lang), "Family");
        assert_eq!(one(&book, "la famille", lang), "Family");
    }
}

#[test]
fn two_of_a_name_are_several() {
    let (_store, book, _) = book(EXAMPLE);
    let (decision, names, via) = names(&book, "Marie", Lang::Fr);
    assert_eq!((decision, via), (Decision::Several, Some(Via::Prefix)));
    assert_eq!(names, ["Marie Lambert", "Marie Rousseau"]);
    assert_eq!(one(&book, "Marie Lambert", Lang::Fr), "Marie Lambert");
}

#[test]
fn names_are_found_by_sound_in_both_languages() {
    let (_store, book, _) = book(EXAMPLE);
    assert_eq!(one(&book, "Josslyn", Lang::En), "Josselin Caron");
    assert_eq!(one(&book, "Marillon", Lang::Fr), "Marion Petit");
    assert_eq!(one(&book, "Mary on", Lang::En), "Marion Petit");
    assert_eq!(one(&book, "Shivon", Lang::En), "Siobhan Murphy");
    assert_eq!(names(&book, "Shivon", Lang::En).2, Some(Via::Sound));
}

#[test]
fn a_name_that_is_only_close_is_asked_about_and_a_strange_one_is_nobody() {
    let (_store, book, _) = book(EXAMPLE);
    let (decision, names_, _) = names(&book, "Marianne", Lang::Fr);
    assert_eq!(decision, Decision::Several);
    assert!(names_.contains(&"Marion Petit".to_owned()));
    for stranger in ["Beatrice", "Wolfgang", "Christophe", "xyz", "", "Marion Durand"] {
        let (decision, names, _) = names(&book, stranger, Lang::En);
        assert_ne!(decision, Decision::One, "{stranger} {names:?}");
    }
    assert_eq!(names(&book, "Wolfgang", Lang::En).0, Decision::None);
}

#[test]
fn an_exact_name_with_a_close_neighbour_is_one_and_read_back() {
    let (_store, book, _) = book(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Marion Petit\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Marianne Roy\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Wolfgang Kern\nEND:VCARD\n",
    );
    let found = book.resolve("Marion", Some(Lang::Fr), Surroundings::default());
    assert_eq!((found.decision, found.near), (Decision::One, true));
    let found = book.resolve("Wolfgang", Some(Lang::Fr), Surroundings::default());
    assert_eq!((found.decision, found.near), (Decision::One, false));
}

#[test]
fn a_name_that_ran_together_with_its_neighbours_is_among_the_likeliest() {
    let (_store, book, _) = book(include_str!("../../../tests/examples/names/book.vcf"));
    for (heard, name) in [("MessageRushelle", "Rachelle"), ("Diya'iladaka-jai'ev", "Hilayda")] {
        let (decision, names, _) = names(&book, heard, Lang::En);
        assert_ne!(decision, Decision::One, "{names:?}");
        assert!(names.iter().take(3).any(|known| known == name), "{heard}: {names:?}");
    }
}

#[test]
fn a_word_like_my_may_be_the_beginning_of_a_name() {
    let (_store, book, _) = book(include_str!("../../../tests/examples/names/book.vcf"));
    let (_, found, _) = names(&book, "sa bine", Lang::Fr);
    assert_eq!(found.first().map(String::as_str), Some("Sabine"), "{found:?}");
}

#[test]
fn the_next_likeliest_by_sound_stand_behind_those_in_question() {
    let (_store, many, _) = book(include_str!("../../../tests/examples/names/book.vcf"));
    let found = many.resolve("Linda", Some(Lang::En), Surroundings::default());
    assert_eq!(found.close().iter().map(|close| close.name.as_str()).collect::<Vec<_>>(), ["Lynda"]);
    assert!(found.candidates.len() > 1, "{found:?}");
    assert!(found.candidates.is_sorted_by(|one, next| one.score >= next.score), "{found:?}");
    let (_store, few, _) = book(EXAMPLE);
    let twins = few.resolve("Marie", Some(Lang::Fr), Surroundings::default());
    assert_eq!(twins.close().len(), twins.candidates.len(), "{twins:?}");
}

#[test]
fn names_that_sound_the_same_are_several() {
    let (_store, book, _) = book(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Sara Lind\nEND:VCARD\nBEGIN:VCARD\nVERSION:4.0\nFN:Sarah Moore\nEND:VCARD\n",
    );
    assert_eq!(names(&book, "Sarah", Lang::En).0, Decision::Several);
    assert_eq!(one(&book, "Sarah Moore", Lang::En), "Sarah Moore");
}

#[test]
fn a_correction_is_remembered_across_a_restart() {
    let (store, mut book, _) = book(EXAMPLE);
    let jean_marc = book.contacts().iter().find(|contact| contact.given == "Jean-Marc").unwrap().id;
    assert_ne!(names(&book, "chewing gum", Lang::En).0, Decision::One);
    book.learn(&store, "chewing gum", jean_marc).unwrap();
    assert_eq!(one(&book, "Chewing gum", Lang::En), "Jean-Marc Dubois");
    let again = Book::open(&store).unwrap();
    assert_eq!(names(&again, "chewing gum", Lang::En).2, Some(Via::Learned));
}

#[test]
fn a_correction_never_takes_a_name_from_those_who_have_it() {
    let (store, mut book, _) = book(EXAMPLE);
    let rousseau = book.contacts().iter().find(|contact| contact.family == "Rousseau").unwrap().id;
    book.learn(&store, "Marie", rousseau).unwrap();
    let (decision, names, _) = names(&book, "Marie", Lang::Fr);
    assert_eq!(decision, Decision::Several);
    assert!(names.contains(&"Marie Lambert".to_owned()), "{names:?}");
}

#[test]
fn scores_of_one_answer_are_shares_of_one() {
    let (_store, book, _) = book(EXAMPLE);
    for heard in ["Marie", "Mary", "Josslyn", "Wolfgang", "Marillon", "maman", "x"] {
        let found = book.resolve(heard, Some(Lang::En), Surroundings::default());
        let all: f32 = found.candidates.iter().map(|candidate| candidate.score).sum();
        assert!((0.0..=1.001).contains(&all), "{heard} {all}");
    }
}

#[test]
fn the_open_conversation_comes_first_but_does_not_decide() {
    let (_store, book, _) = book(EXAMPLE);
    let rousseau = book.contacts().iter().find(|contact| contact.family == "Rousseau").unwrap().id;
    let found = book.resolve("Marie", Some(Lang::Fr), Surroundings { recent: &[], open: Some(rousseau) });
    assert_eq!(found.decision, Decision::Several);
    assert_eq!(found.candidates.first().unwrap().id, rousseau);
}

#[test]
fn importing_twice_changes_nothing() {
    let (store, mut book, first) = book(EXAMPLE);
    let before = book.contacts().to_vec();
    let second = book.import(&store, EXAMPLE).unwrap();
    assert_eq!((second.imported, second.unchanged), (0, first.imported));
    assert_eq!(book.contacts(), before);
}

#[test]
fn a_broken_entry_is_named_by_its_line_and_the_rest_is_imported() {
    let text = "BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nEND:VCARD\n\nBEGIN:VCARD\nVERSION:4.0\nthis is no property\nFN:Bo\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nTEL:12\nEND:VCARD\nBEGIN:VCARD\nFN:Cut\nBEGIN:VCARD\nVERSION:3.0\nFN:Dee\nEND:VCARD\nnoise\nnoise\nBEGIN:VCARD\nFN:End";
    let (_store, book, report) = book(text);
    assert_eq!(book.contacts().iter().map(|contact| contact.name.as_str()).collect::<Vec<_>>(), ["Ada", "Dee"]);
    assert_eq!(report.skipped.iter().map(|skipped| skipped.line).collect::<Vec<_>>(), [6, 11, 15, 21, 23]);
}

#[test]
fn a_broken_entry_does_not_touch_the_contact_it_names() {
    let (store, mut book, _) = book("BEGIN:VCARD\nVERSION:4.0\nUID:1\nFN:Ada\nTEL:1\nEND:VCARD\n");
    let report = book.import(&store, "BEGIN:VCARD\nVERSION:4.0\nUID:1\nTEL:2\nEND:VCARD\n").unwrap();
    assert_eq!(report.skipped.len(), 1);
    assert_eq!(book.contacts().first().unwrap().handles.first().unwrap().address, "1");
}

#[test]
fn a_renewed_card_keeps_its_number() {
    let (store, mut book, _) = book("BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:7\nFN:Ada King\nEND:VCARD\n");
    let id = book.contacts().first().unwrap().id;
    let report = book
        .import(&store, "BEGIN:VCARD\nVERSION:3.0\nUID:7\nFN:Ada Lovelace\nNICKNAME:Countess\nEND:VCARD\n")
        .unwrap();
    assert_eq!((report.imported, book.contacts().len()), (1, 1));
    assert_eq!(book.contacts().first().unwrap().id, id);
    assert_eq!(one(&book, "countess", Lang::En), "Ada Lovelace");
}

#[test]
fn cards_of_both_versions_are_read_in_full() {
    let (_store, book, _) = book(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Petit;Marion;;;\r\nFN:Marion\r\n  Petit\r\nTEL;TYPE=CELL:+33 1\r\nTEL;TYPE=CELL,PREF:+33 2\r\nEMAIL:m@x.org\r\nIMPP:matrix:@m:x.org\r\nX-MATRIX:@old:x.org\r\nNICKNAME:Mimi,La Petite\r\nLANG:fr-FR\r\nEND:VCARD\r\n",
    );
    let contact = book.contacts().first().unwrap();
    assert_eq!(
        (contact.name.as_str(), contact.given.as_str(), contact.family.as_str()),
        ("Marion Petit", "Marion", "Petit")
    );
    assert_eq!(contact.lang, Some(Lang::Fr));
    assert_eq!(contact.nicknames, ["Mimi", "La Petite"]);
    let handles: Vec<String> = contact.handles.iter().map(|h| format!("{} {}", h.network, h.address)).collect();
    assert_eq!(handles, ["tel +33 2", "tel +33 1", "email m@x.org", "matrix @m:x.org", "matrix @old:x.org"]);
}

#[test]
fn a_group_has_its_members() {
    let (_store, book, _) = book(EXAMPLE);
    let group = book.contacts().iter().find(|contact| contact.name == "Family").unwrap();
    assert_eq!(book.members(group).len(), 4);
}

#[test]
fn random_bytes_do_not_panic() {
    proptest::proptest!(|(text in "\\PC*", inside in "(BEGIN:VCARD\n|FN:[a-z]*\n|\\PC{0,9}\n|END:VCARD\n){0,12}")| {
        let (_store, found, _) = book(&inside);
        let _ = found.resolve(&text, None, Surroundings::default());
    });
}

#[test]
fn who_is_met_under_a_known_name_is_somebody_else_until_the_user_says_so() {
    let store = Store::in_memory().unwrap();
    let mut book = Book::open(&store).unwrap();
    book.import(&store, "BEGIN:VCARD\nVERSION:4.0\nFN:Marion Petit\nTEL:+33600000001\nEND:VCARD\n").unwrap();
    let met = |address| Met { name: "Marion Petit", nickname: None, network: "matrix", address, is_group: false };
    book.meet(&store, [met("@mallory:example.org")].into_iter()).unwrap();
    book.meet(&store, [met("@mallory:example.org")].into_iter()).unwrap();
    assert_eq!(book.contacts().len(), 2, "met twice is known once");
    let known = book.contacts().iter().find(|contact| contact.handles[0].network == "tel").unwrap();
    assert_eq!(known.handles.len(), 1, "nobody gave her a new address");
    let found = book.resolve("Marion Petit", Some(Lang::En), Surroundings::default());
    assert_eq!((found.decision, found.candidates.len()), (Decision::Several, 2));
}
