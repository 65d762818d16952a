//! English: pronouns of the third person to "you", the verb with them, and questions turned round.

use super::{Addressee, Clause, Form, Gender, Others, Pairs, Word, Words, statement, written};

/// Family words, by gender.
pub(super) const WOMEN: Words = Words(
    "mom mum mama mommy mummy mother wife sister daughter aunt auntie grandma grandmother granny nana niece \
     girlfriend her lady queen fiancee stepmother",
);
pub(super) const MEN: Words = Words(
    "dad papa daddy father husband brother son uncle grandpa grandfather grandad nephew boyfriend bro him pop \
     pops man stepfather fiance landlord king",
);
/// Recipients that another person or several people stand behind.
pub(super) const OF_ANOTHER: Words = Words(
    "his her their them they everyone everybody all both team family group of and parents kids children guys \
     friends us nobody anyone chat class brothers sisters",
);
/// Somebody else who may be meant by a pronoun.
const PEOPLE: Words = Words(
    "mom mum mother dad father sister brother wife husband daughter son aunt uncle cousin grandma grandpa \
     grandmother grandfather friend boyfriend girlfriend boss doctor teacher neighbour neighbor colleague manager \
     nurse plumber man woman boy girl guy baby dog cat person someone somebody driver landlord lawyer coach niece",
);
/// Written with a capital, and nobody.
const CAPITALS: Words = Words(
    "i im ill ive id monday tuesday wednesday thursday friday saturday sunday january february march april may \
     june july august september october november december christmas easter english french ok tv",
);
const ADVERBS: Words = Words(
    "still always really never also just probably already actually only even often usually definitely certainly \
     sometimes maybe currently now ever finally simply absolutely not",
);
/// What follows "her" where it is not "your".
const AFTER_OBJECT: Words = Words(
    "a an the some my this that these those to for from with at in on of by about into up back down off out over \
     away home here there soon later now today tonight tomorrow yesterday again always so very too much more as \
     and or but if when while before after because until every all next last right as asap anymore forever please \
     around",
);
/// After these, what follows "her" may be a verb or a thing of hers.
const EITHER: Words = Words(
    "hear heard see saw seen make made let help helped watch watched get got give gave buy bought want feel bring \
     brought",
);
const MODALS: Words = Words("can could will would should must may might shall");
const BE: Words = Words("am is are was were");
const NEGATED: Words = Words(
    "isn't aren't wasn't weren't can't couldn't won't wouldn't shouldn't don't doesn't didn't haven't hasn't \
     hadn't isnt arent wasnt werent cant couldnt dont doesnt havent",
);
const PARTICIPLES: Words = Words(
    "got been had seen done gone made left heard found taken eaten bought told said sent forgotten come met read \
     slept lost given written spoken paid kept brought thought chosen decided begun broken driven felt known put \
     become won finished",
);
/// Verbs with an irregular past, and their bases.
const PASTS: Pairs = Pairs(
    "got get, went go, saw see, had have, did do, made make, took take, came come, left leave, found find, bought \
     buy, told tell, said say, sent send, forgot forget, ate eat, paid pay, slept sleep, heard hear, gave give, \
     knew know, met meet, lost lose, kept keep, brought bring, felt feel, thought think, wrote write, spoke \
     speak, won win, drove drive, slipped slip, stopped stop, dropped drop, planned plan, shopped shop, used use, \
     moved move, closed close, saved save",
);
/// Verbs whose past is regular.
const REGULARS: Words = Words(
    "call receive like want need arrive book lock check talk walk enjoy watch feed start cook clean wash order \
     manage try finish look ask answer miss love work play wait help pick pack park post phone message text email \
     change remember decide open turn fix visit listen reply mention agree land borrow",
);
const SUBJECTS: Words = Words("you i we they it there this");
const DETERMINERS: Words = Words("the my your our their this that any");
const QUESTIONS: Words = Words("where when why how what which who whose");

/// Tells how the message hangs on the command, by the words around the recipient.
pub(super) fn form(command: &[String], marker: &[String], content: &str) -> Option<Form> {
    let verb = command.iter().rev().map(String::as_str).find(|word| *word != "to")?;
    let marker: Vec<&str> = marker.iter().map(String::as_str).collect();
    let asks_what = || content.split_whitespace().next().is_some_and(|word| QUESTIONS.contains(&super::lower(word)));
    match (verb, marker.as_slice()) {
        ("tell" | "telling", [] | ["that"]) if !asks_what() => Some(Form::Tell),
        ("let", ["know"] | ["know", "that"]) if !asks_what() => Some(Form::Tell),
        ("inform" | "warn" | "notify" | "remind" | "message" | "text" | "write" | "email", ["that"]) => {
            Some(Form::Tell)
        }
        ("tell" | "remind", ["to"]) => Some(Form::TellTo),
        ("ask" | "asking", [.., "if" | "whether"]) => Some(Form::AskIf),
        ("ask" | "asking", ["to"]) => Some(Form::AskTo),
        ("ask" | "asking", []) if asks_what() => Some(Form::AskWhat),
        _ => None,
    }
}

pub(super) fn rephrase(mut clause: Clause, form: Form, to: Addressee, others: &Others<'_>) -> Option<String> {
    let begins_with_me = ["i", "i'm", "i'll", "i've", "i'd", "im", "ive", "we", "we're", "we'll", "we've", "we'd"]
        .contains(&clause.low(0));
    // "ask her if if she is coming"
    if form == Form::AskIf && matches!(clause.low(0), "if" | "whether") {
        clause.words.remove(0);
    }
    let plain = clause.clone();
    turn(&mut clause, form, others)?;
    if !clause.agrees(to) {
        return None;
    }
    let unknown = to.gender.is_none() && matches!(form, Form::Tell | Form::TellTo);
    if clause.changed && unknown && (clause.subject || !begins_with_me && form == Form::Tell) {
        return None;
    }
    for word in &mut clause.words {
        if word.low == "i" || word.low.starts_with("i'") {
            *word = Word { text: super::capitalised(&word.text), ..word.clone() };
        }
    }
    match form {
        Form::Tell | Form::TellTo => clause.changed.then(|| statement(&clause.words)),
        Form::AskTo => Some(format!("Can you {}", written(&clause.words, "?"))),
        Form::AskIf => Some(written(&turned_round(&clause, &plain, 0)?, "?")),
        Form::AskWhat => {
            let subject = (1..clause.words.len().min(4)).find(|at| {
                let low = clause.low(*at);
                SUBJECTS.contains(low) || DETERMINERS.contains(low) || low.starts_with("you'")
            })?;
            let mut asked: Vec<Word> = clause.words.get(..subject)?.to_vec();
            asked.extend(turned_round(&clause, &plain, subject)?);
            Some(written(&asked, "?"))
        }
    }
}

/// Turns "he", "her", "his" to "you" and "your"; `None` where that is not sure.
fn turn(clause: &mut Clause, form: Form, others: &Others<'_>) -> Option<()> {
    let said = clause.words.clone();
    let low = |at: usize| said.get(at).map_or("", |word| word.low.as_str());
    let third = |word: &str| gender(word).is_some();
    if !said.iter().any(|word| third(&word.low)) {
        return Some(());
    }
    let addresses = said.iter().any(|word| word.low == "you" || word.low == "your" || word.low.starts_with("you'"));
    let only = said.iter().filter(|word| third(&word.low)).count() == 1;
    // Who is asked, or told to do something, is who does it: "him" is then somebody else.
    let begins = low(0).starts_with("he") && low(0) != "her" && low(0) != "here" || low(0).starts_with("she");
    let acts = begins || matches!(form, Form::TellTo | Form::AskTo);
    let others_named = said.iter().enumerate().any(|(at, word)| {
        // "his sister" belongs to the recipient; "ask Paul if he called the doctor" asks about Paul.
        let own = at == 1 && matches!(low(0), "his" | "her") || begins && form == Form::AskIf;
        let described = PEOPLE.contains(word.low.trim_end_matches("'s")) && !(own && only);
        described || others.is_name(word, at == 0, CAPITALS)
    });
    if addresses || others_named {
        return None;
    }
    for at in 0..said.len() {
        let Some(gender) = gender(low(at)) else { continue };
        clause.genders.push(gender);
        match low(at) {
            "he" | "she" => subject(clause, at)?,
            "he's" | "she's" | "hes" | "shes" => contracted(clause, at)?,
            "he'll" | "she'll" => clause.set(at, "you'll"),
            "he'd" | "she'd" => clause.set(at, "you'd"),
            "him" if acts => return None,
            "him" => clause.set(at, "you"),
            "himself" | "herself" => clause.set(at, "yourself"),
            "hers" => clause.set(at, "yours"),
            "his" => clause.set(at, if at + 1 < said.len() { "your" } else { "yours" }),
            "her" => {
                let next = low(at + 1);
                let is_object = next.is_empty() || AFTER_OBJECT.contains(next) || !word_tail(&said, at).is_empty();
                if is_object && acts || !is_object && !acts && at > 0 && EITHER.contains(low(at - 1)) {
                    return None;
                }
                clause.set(at, if is_object { "you" } else { "your" });
            }
            _ => return None,
        }
        clause.subject |= low(at).starts_with("he") && !low(at).starts_with("her") || low(at).starts_with("she");
    }
    Some(())
}

fn word_tail(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.tail.as_str())
}

fn gender(low: &str) -> Option<Gender> {
    match low {
        "he" | "him" | "his" | "himself" | "he's" | "hes" | "he'll" | "he'd" => Some(Gender::Man),
        "she" | "her" | "hers" | "herself" | "she's" | "shes" | "she'll" | "she'd" => Some(Gender::Woman),
        _ => None,
    }
}

/// "he always comes": the verb goes with "you".
fn subject(clause: &mut Clause, at: usize) -> Option<()> {
    clause.set(at, "you");
    let verb = (at + 1..clause.words.len()).find(|at| !ADVERBS.contains(clause.low(*at)))?;
    let low = clause.low(verb).to_owned();
    if AFTER_OBJECT.contains(&low) || matches!(low.as_str(), "who" | "which") {
        return None;
    }
    // "he is late and needs to hurry": a second verb might have to change, too.
    let second = (verb + 1..clause.words.len()).any(|at| {
        matches!(clause.low(at), "and" | "but" | "or") && {
            let next = clause.low(at + 1);
            next.ends_with('s') && !next.ends_with("ss")
        }
    });
    if second {
        return None;
    }
    if let Some(verb_form) = with_you(&low) {
        clause.set(verb, &verb_form);
    }
    Some(())
}

/// "he's": "he is" or "he has".
fn contracted(clause: &mut Clause, at: usize) -> Option<()> {
    let next = (at + 1..clause.words.len()).map(|at| clause.low(at)).find(|word| !ADVERBS.contains(word))?;
    let you = match next {
        "got" | "been" | "had" | "seen" | "eaten" | "taken" | "heard" | "forgotten" => "you've",
        word if word.ends_with("ed")
            && !["tired", "excited", "worried", "bored", "invited", "scared"].contains(&word) =>
        {
            return None;
        }
        word if PARTICIPLES.contains(word) => return None,
        _ => "you're",
    };
    clause.set(at, you);
    Some(())
}

/// The form of a verb after "you" for that after "he"; `None` if it is the same.
fn with_you(low: &str) -> Option<String> {
    let special = match low {
        "is" => "are",
        "was" => "were",
        "has" => "have",
        "does" => "do",
        "isn't" | "isnt" => "aren't",
        "wasn't" | "wasnt" => "weren't",
        "hasn't" | "hasnt" => "haven't",
        "doesn't" | "doesnt" => "don't",
        _ => "",
    };
    if !special.is_empty() {
        return Some(special.to_owned());
    }
    let stem = low.strip_suffix('s').filter(|stem| !stem.ends_with('s') && stem.len() > 1)?;
    let Some(short) = stem.strip_suffix('e') else { return Some(stem.to_owned()) };
    if let Some(start) = short.strip_suffix('i').filter(|start| start.len() > 1) {
        return Some(format!("{start}y"));
    }
    let sibilant = ["ch", "sh", "ss", "x", "zz", "o"].iter().any(|end| short.ends_with(end));
    Some(if sibilant { short.to_owned() } else { stem.to_owned() })
}

/// "you are coming" as "are you coming", from a word on; `plain` holds the words before they were turned.
fn turned_round(clause: &Clause, plain: &Clause, from: usize) -> Option<Vec<Word>> {
    let mut words: Vec<Word> = clause.words.get(from..)?.to_vec();
    let low = |words: &[Word], at: usize| words.get(at).map(|word| word.low.clone()).unwrap_or_default();
    let mut length = 1;
    if let Some((subject, verb)) = uncontracted(&low(&words, 0), &low(&words, 1)) {
        words.first_mut()?.turn_into(subject);
        words.insert(1, Word::new(verb));
    } else if !SUBJECTS.contains(&low(&words, 0)) {
        length = noun_phrase(&words)?;
    }
    let adverbs = (length..words.len()).take_while(|at| ADVERBS.contains(&low(&words, *at))).count();
    let at = length + adverbs;
    let verb = low(&words, at);
    let after = (at + 1..words.len()).map(|at| low(&words, at)).find(|word| !ADVERBS.contains(word));
    let after = after.unwrap_or_default();
    let has_participle = PARTICIPLES.contains(&after) || after.ends_with("ed");
    let helps = match verb.as_str() {
        "have" | "has" | "had" => has_participle,
        "do" | "does" | "did" => false,
        verb => BE.contains(verb) || MODALS.contains(verb) || NEGATED.contains(verb),
    };
    if helps {
        let helper = words.remove(at);
        words.insert(0, helper);
        return Some(words);
    }
    let said = plain.low(from + at + plain.words.len() - clause.words.len());
    let (helper, base) = asked_with(&verb, said, &low(&words, 0))?;
    words.get_mut(at)?.turn_into(&base);
    words.insert(0, Word::new(helper));
    Some(words)
}

/// "Do" or "did", and the base of a verb; `None` where that is not sure.
fn asked_with(verb: &str, said: &str, subject: &str) -> Option<(&'static str, String)> {
    if let Some(base) = PASTS.get(verb) {
        return Some(("did", base.to_owned()));
    }
    if let Some(base) = REGULARS.iter().find(|base| is_past(verb, base)) {
        return Some(("did", (*base).to_owned()));
    }
    let does = !matches!(subject, "you" | "i" | "we" | "they");
    let base = if does { with_you(verb)? } else { verb.to_owned() };
    let is_verb = said != verb || does || REGULARS.contains(verb) || PASTS.has(verb);
    is_verb.then_some((if does { "does" } else { "do" }, base))
}

fn is_past(verb: &str, base: &str) -> bool {
    let Some(stem) = verb.strip_suffix("ed") else { return false };
    stem == base
        || Some(stem) == base.strip_suffix('e')
        || stem.strip_suffix('i') == base.strip_suffix('y') && stem.ends_with('i')
}

/// "you're" as subject and verb.
fn uncontracted(low: &str, next: &str) -> Option<(&'static str, &'static str)> {
    Some(match low {
        "you're" => ("you", "are"),
        "you'll" => ("you", "will"),
        "you've" => ("you", "have"),
        "you'd" if !next.ends_with("ed") && !PARTICIPLES.contains(next) && next != "better" => ("you", "would"),
        "i'm" => ("I", "am"),
        "i'll" => ("I", "will"),
        "we're" => ("we", "are"),
        "we'll" => ("we", "will"),
        "they're" => ("they", "are"),
        "they'll" => ("they", "will"),
        "it's" if !next.ends_with("ed") && next != "been" => ("it", "is"),
        "there's" => ("there", "is"),
        _ => return None,
    })
}

/// Length of "the shop", "dinner", "the front door" before a form of "be" or a modal.
fn noun_phrase(words: &[Word]) -> Option<usize> {
    let determined = usize::from(words.first().is_some_and(|word| DETERMINERS.contains(&word.low)));
    let end = (determined + 1..=determined + 2).find(|at| {
        words
            .get(*at)
            .is_some_and(|word| BE.contains(&word.low) || MODALS.contains(&word.low) || NEGATED.contains(&word.low))
    })?;
    let inner = words.get(determined..end)?;
    let plain = |word: &Word| !AFTER_OBJECT.contains(&word.low) && !QUESTIONS.contains(&word.low);
    (inner.iter().all(plain) && (determined == 1 || inner.len() == 1)).then_some(end)
}
