//! The words one says to the recipient instead of about them: "ask her if she is coming" becomes "Are you coming?".
//!
//! Rules, and only where they are sure; otherwise the words go as they were said. A person of the clause is turned
//! to "you" when the recipient is one person, when nobody else is named in the clause, and when the pronoun can be
//! theirs: it agrees with a recipient whose gender is known (a pronoun, a family word, a frequent first name). What
//! is told about somebody of unknown gender stays ("tell Siobhan that he is here"); what is asked is about who is
//! asked. The result is read back before anything is sent.

mod en;
mod fr;

use super::{Intent, IntentName, Known, Names, Slot, token};
use crate::config::Lang;

/// A list of words, as one text.
#[derive(Debug, Clone, Copy)]
struct Words(&'static str);

impl Words {
    fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.split(' ')
    }

    fn contains(self, word: &str) -> bool {
        self.iter().any(|known| known == word)
    }
}

/// A list of pairs, as one text: "went go, saw see".
#[derive(Debug, Clone, Copy)]
struct Pairs(&'static str);

impl Pairs {
    fn iter(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.split(", ").filter_map(|pair| pair.split_once(' '))
    }

    /// The second word of the pair with this first one.
    fn get(self, first: &str) -> Option<&'static str> {
        self.iter().find(|(known, _)| *known == first).map(|(_, second)| second)
    }

    /// Whether a pair has this second word.
    fn has(self, second: &str) -> bool {
        self.iter().any(|(_, known)| known == second)
    }
}

/// Frequent first names, folded; those that both genders have are left out.
const WOMEN: Words = Words(
    "marie marion anna anne lea julie emma sarah laura claire sophie alice charlotte camille chloe manon ines \
     lucie pauline juliette helene isabelle nathalie sylvie catherine christine francoise monique valerie \
     sandrine celine aurelie emilie elodie mary jane elizabeth jennifer susan jessica karen lisa nancy betty \
     sandra emily olivia sophia mia amelia lucy kate grace hannah rachel amy margaret linda maria eva",
);
const MEN: Words = Words(
    "paul pierre jean jacques michel marc luc louis hugo lucas theo thomas nicolas julien antoine alexandre \
     guillaume vincent olivier philippe laurent stephane christophe sebastien mathieu romain benoit francois \
     bernard alain josselin thibault karim mohamed david daniel john james robert william richard joseph charles \
     george peter tom jack harry oliver ben matthew andrew mark steve mike kevin brian adam henry simon",
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gender {
    Woman,
    Man,
}

/// How the words of the message hang on the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// "tell her that"
    Tell,
    /// "tell her to"
    TellTo,
    /// "ask her if"
    AskIf,
    /// "ask her to"
    AskTo,
    /// "ask her where ..."
    AskWhat,
}

/// Who the message is for, as far as the command says.
#[derive(Debug, Clone, Copy)]
struct Addressee {
    /// `None` where it is not known.
    gender: Option<Gender>,
    /// A pronoun that either gender has: "lui".
    any: bool,
}

/// A word of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// As it will be written.
    text: String,
    /// In lower case, with a straight apostrophe.
    low: String,
    /// Joined to the word before: "l'" and "aime".
    joined: bool,
    /// Marks after it.
    tail: String,
}

impl Word {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), low: lower(text), joined: false, tail: String::new() }
    }

    /// Puts another word in its place.
    fn turn_into(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.low = lower(text);
    }
}

/// A message in the making: its words, and what was found on the way.
#[derive(Debug, Clone)]
struct Clause {
    words: Vec<Word>,
    changed: bool,
    /// The genders of the pronouns that were turned.
    genders: Vec<Gender>,
    /// A pronoun was a subject.
    subject: bool,
}

impl Clause {
    fn low(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.low.as_str())
    }

    fn set(&mut self, at: usize, text: &str) {
        if let Some(word) = self.words.get_mut(at) {
            word.turn_into(text);
            self.changed = true;
        }
    }

    /// Whether all pronouns can mean the recipient.
    fn agrees(&self, to: Addressee) -> bool {
        let first = self.genders.first().copied();
        let of_one_kind = self.genders.iter().all(|gender| Some(*gender) == first);
        of_one_kind && (first.is_none() || to.gender.is_none() || to.gender == first)
    }
}

/// Returns the message in the words one says to its recipient; `None` where it stays as it was said.
///
/// `text` is the transcript that `intent` was understood from. Only what is told or asked is rephrased: "tell Marie
/// that I love her", "demande à Paul s'il vient".
pub fn rephrase(text: &str, intent: &Intent, names: &dyn Names) -> Option<String> {
    if !matches!(intent.name, IntentName::SendMessage | IntentName::ReplyMessage)
        || intent.slots.contains_key(&Slot::Group)
    {
        return None;
    }
    let [content] = intent.slots.get(&Slot::Content)?.as_slice() else { return None };
    let [recipient] = intent.slots.get(&Slot::Recipient)?.as_slice() else { return None };
    let before = text.get(..text.rfind(content.as_str())?)?;
    let at = place_of(recipient, before)?;
    let (command, marker) = (before.get(..at)?, before.get(at + recipient.len()..)?);
    if marker.contains(['"', '“', '«', ':']) {
        return None;
    }
    let (command, marker) = (folds(command), folds(marker));
    let form = match intent.lang {
        Lang::En => en::form(&command, &marker, content)?,
        Lang::Fr => fr::form(&command, &marker, content)?,
    };
    let to = addressee(&folds(recipient), intent.lang).filter(|_| !lower(recipient).contains("'s"))?;
    let clause = Clause { words: words(content)?, changed: false, genders: Vec::new(), subject: false };
    let others = Others { names, mixed_case: has_capitals(text) };
    let said = match intent.lang {
        Lang::En => en::rephrase(clause, form, to, &others)?,
        Lang::Fr => fr::rephrase(clause, form, to, &others)?,
    };
    let said = capitalised(&said);
    let is_loud = content.chars().any(char::is_uppercase) && !content.chars().any(char::is_lowercase);
    Some(if is_loud && content.chars().filter(|c| c.is_alphabetic()).count() > 1 { said.to_uppercase() } else { said })
}

/// The last place of some whole words.
fn place_of(words: &str, text: &str) -> Option<usize> {
    let edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.rmatch_indices(words).map(|(at, _)| at).find(|at| {
        let (before, after) = (text.get(..*at).unwrap_or_default(), text.get(at + words.len()..).unwrap_or_default());
        edge(before.chars().next_back()) && edge(after.chars().next())
    })
}

/// Tells names of others in a clause.
struct Others<'a> {
    names: &'a dyn Names,
    mixed_case: bool,
}

impl Others<'_> {
    /// Whether a word names somebody: a contact, a frequent first name, or a capital where none is due.
    fn is_name(&self, word: &Word, first: bool, never: Words) -> bool {
        let fold = token::fold(&word.text);
        if never.contains(&fold) {
            return false;
        }
        let capital = self.mixed_case && !first && word.text.chars().next().is_some_and(char::is_uppercase);
        capital
            || WOMEN.contains(&fold)
            || MEN.contains(&fold)
            || fold.len() > 2 && self.names.knows(&word.text) == Known::Exact
    }
}

/// Who is written to; `None` for several, a group, or somebody described by another person ("his sister").
fn addressee(recipient: &[String], lang: Lang) -> Option<Addressee> {
    let of = |gender| Some(Addressee { gender: Some(gender), any: false });
    let (of_another, women, men): (Words, Words, Words) = match lang {
        Lang::En => (en::OF_ANOTHER, en::WOMEN, en::MEN),
        Lang::Fr => (fr::OF_ANOTHER, fr::WOMEN, fr::MEN),
    };
    let first = recipient.first()?.as_str();
    match (lang, first, recipient.len()) {
        (Lang::En, "her", 1) => return of(Gender::Woman),
        (Lang::En, "him", 1) => return of(Gender::Man),
        (Lang::Fr, "lui", 1) => return Some(Addressee { gender: None, any: true }),
        _ => {}
    }
    if recipient.iter().any(|word| of_another.contains(word)) {
        return None;
    }
    let has = |list: Words| recipient.iter().any(|word| list.contains(word));
    match (has(women) || WOMEN.contains(first), has(men) || MEN.contains(first)) {
        (true, false) => of(Gender::Woman),
        (false, true) => of(Gender::Man),
        (true, true) | (false, false) => Some(Addressee { gender: None, any: false }),
    }
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|c| if token::is_apostrophe(c) { '\'' } else { c }).collect()
}

fn folds(text: &str) -> Vec<String> {
    token::tokens(text).into_iter().map(|token| token.fold).collect()
}

fn has_capitals(text: &str) -> bool {
    let words = token::tokens(text);
    let capitals = words.iter().filter(|word| word.capital).count();
    capitals > 0 && capitals < words.len()
}

/// The words of one sentence; `None` when there are several.
fn words(content: &str) -> Option<Vec<Word>> {
    let mut words: Vec<Word> = Vec::new();
    for chunk in content.split_whitespace() {
        let core = chunk.trim_matches(|c: char| !c.is_alphanumeric() && !token::is_apostrophe(c));
        if core.is_empty() {
            continue;
        }
        let tail: String = chunk.chars().rev().take_while(|c| !c.is_alphanumeric()).collect();
        let tail: String =
            tail.chars().rev().filter(|c| matches!(c, ',' | '.' | '!' | '?' | ';' | ':' | '…')).collect();
        let mut pieces: Vec<Word> = Vec::new();
        let mut rest = core;
        while let Some((elided, after)) = elision(rest) {
            pieces.push(Word { joined: !pieces.is_empty(), ..Word::new(elided) });
            rest = after;
        }
        pieces.push(Word { joined: !pieces.is_empty(), tail, ..Word::new(rest) });
        // A word said twice.
        if let (Some(last), [only]) = (words.last(), pieces.as_slice())
            && last.low == only.low
        {
            words.pop();
        }
        words.extend(pieces);
    }
    let (_, inner) = words.split_last()?;
    inner.iter().all(|word| matches!(word.tail.as_str(), "" | ",")).then_some(words)
}

/// "l'aime" is "l'" and "aime"; an English contraction is one word.
fn elision(word: &str) -> Option<(&str, &str)> {
    let at = word.find(token::is_apostrophe)?;
    let end = at + word.get(at..)?.chars().next()?.len_utf8();
    let (elided, rest) = word.split_at_checked(end)?;
    let known = ["l", "j", "t", "m", "s", "n", "c", "d", "qu", "lorsqu", "jusqu", "puisqu"];
    (!rest.is_empty() && known.contains(&lower(word.get(..at)?).as_str())).then_some((elided, rest))
}

/// The words as a sentence, with a mark at its end.
fn written(words: &[Word], end: &str) -> String {
    let mut said = String::new();
    for (at, word) in words.iter().enumerate() {
        if at > 0 && !word.joined {
            said.push(' ');
        }
        said.push_str(&word.text);
        if at + 1 < words.len() {
            said.push_str(&word.tail);
        }
    }
    said.push_str(end);
    said
}

/// An exclamation mark is kept, a full stop is not needed.
fn statement(words: &[Word]) -> String {
    let exclaimed = words.last().is_some_and(|last| last.tail.contains('!'));
    written(words, if exclaimed { "!" } else { "" })
}

fn capitalised(said: &str) -> String {
    let mut letters = said.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
