//! The best reading of a transcript, given what the dialogue expects.
//!
//! The templates decide where a whole sentence of theirs leaves nothing open, and where they find known names. All
//! else that may be a command is the trained tagger's.

use std::borrow::Cow;

use super::{
    Expected, Intent, IntentName, Names, SentenceError, Slot, Slots,
    language::{Language, Rule},
    matcher::{self, Match, Sentence},
    people::{Evidence, PeopleReader},
    repeated::Words,
    tagger::{FileError, Tagger},
    token::{self, Token},
};
use crate::config::Lang;

/// Score of a sentence without free words that matches word for word.
const CLOSED: f32 = 0.98;

/// Most that the tagger's word counts for: never as much as a whole sentence of the templates, or a known name.
const MOST_TAGGED: f32 = 0.95;

/// Score of an answer that is taken as it stands because nothing else fits ("Whom?" - anything).
const AS_IT_STANDS: f32 = 0.5;

/// Places a command may begin at that are tried; nobody says "please" more often.
const MOST_STARTS: usize = 12;

/// Longest politeness after a command, in words.
const LONGEST_ENDING: usize = 6;

/// Longest answer taken as a name as it stands, in words.
const LONGEST_ANSWER: usize = 5;

/// Longest text the tagger is asked about, in words.
const LONGEST_TAGGED: usize = 120;

/// How probable an intent must be before Herald acts on it, and before it answers or takes something back.
const ACTS_FROM: f32 = 0.35;
const ANSWERS_FROM: f32 = 0.3;

/// How sure the tagger must be to be believed where a template knows the whole sentence and says something else.
const CONTRADICTS_FROM: f32 = 0.9;

/// How sure the tagger must be of the slots where a template of the same intent has found some.
const LABELS_FROM: f32 = 0.45;

/// How sure the tagger must be that a text is not for Herald to overrule a template with free words.
const OVERRULES_FROM: f32 = 0.93;

/// Slots of free words.
const OPEN: [Slot; 4] = [Slot::Recipient, Slot::Sender, Slot::Group, Slot::Content];

/// Words after which nothing but the message comes, in both languages.
const SAYING: [&str; 3] = ["saying", "says", "disant"];

/// Slots of people.
const PEOPLE: [Slot; 3] = [Slot::Recipient, Slot::Sender, Slot::Group];

/// Words before who wrote something.
const FROM: [&str; 2] = ["from", "de"];

/// Words before what somebody reacts with.
const ARTICLES: [&str; 5] = ["a", "an", "the", "un", "une"];

/// Words for electronic mail.
const MAIL: [&str; 4] = ["email", "emails", "mail", "mails"];

/// What "'s" stands behind without saying whose something is.
const CONTRACTED: [&str; 13] =
    ["it", "that", "this", "what", "who", "where", "when", "how", "there", "here", "let", "he", "she"];

/// Understands transcripts by the sentence templates of both languages and the trained tagger.
///
/// Cheap to share between threads; holds no state between calls.
#[derive(Debug)]
pub struct Parser {
    pub(super) languages: Vec<Language>,
    tagger: Tagger,
}

/// Why Herald cannot understand anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParserError {
    /// A mistake in a sentence file.
    #[error(transparent)]
    Sentences(#[from] SentenceError),
    /// A trained file that does not fit.
    #[error(transparent)]
    Trained(#[from] FileError),
}

/// A reading and how well it fits.
struct Reading {
    intent: Intent,
    fit: f32,
    /// Nothing in it is open: every word is a template's, or the names are known.
    firm: bool,
}

/// What the templates of all languages make of a text.
struct ByTemplate {
    best: Option<Reading>,
    /// The language the text is in, and its words without fillers.
    lang: Lang,
    tokens: Vec<Token>,
}

impl Parser {
    /// Compiles the sentences that come with Herald, and reads the trained tagger.
    ///
    /// # Errors
    /// [`ParserError`] with file and line when somebody extended the sentences and made a mistake, or with the trained
    /// file that does not fit.
    pub fn new() -> Result<Self, ParserError> {
        let english = Language::compile(Lang::En, "en.toml", include_str!("sentences/en.toml"))?;
        let french = Language::compile(Lang::Fr, "fr.toml", include_str!("sentences/fr.toml"))?;
        Ok(Self { languages: vec![english, french], tagger: Tagger::built_in()? })
    }

    /// Understands one transcript.
    ///
    /// `lang` is the language of the text if it is known; `None` tries both and takes the better one. `expected`
    /// is what the dialogue waits for:
    ///
    /// - `Content`: everything is [`IntentName::SendMessage`] with only content, except whole sentences of cancel,
    ///   help, repeat and the like.
    /// - `Recipient`: a bare name is [`IntentName::SendMessage`] with only a recipient; commands are still commands.
    /// - `Choice`: a bare name is [`IntentName::Choose`] with a recipient, a place is one with an ordinal
    ///   (see [`Position`](super::Position)), "neither" is [`IntentName::Deny`].
    /// - `YesNo`, `Reading`: more words count as answers than in `Command`.
    /// - `Amount`: a bare amount is [`IntentName::Pay`]; `Payment`: one is [`IntentName::Edit`].
    ///
    /// Slot values are pieces of `text`. What is not for Herald is [`IntentName::Other`] without slots.
    pub fn parse(&self, text: &str, lang: Option<Lang>, expected: Expected, names: &dyn Names) -> Intent {
        if let Some(intent) = self.sum(text, lang, expected) {
            return intent;
        }
        let expected = expected.in_sentences();
        let ByTemplate { best, lang, tokens } = self.by_template(text, lang, expected, names);
        let free = matches!(expected, Expected::Command | Expected::Reading);
        let settled = best.as_ref().is_some_and(|reading| reading.firm && reading.intent.name != IntentName::Other);
        if !free || tokens.is_empty() || tokens.len() > LONGEST_TAGGED {
            return best.map_or_else(|| other(lang), |reading| reading.intent);
        }
        match best.map(|reading| reading.intent) {
            Some(intent) if settled && !self.contradicts(text, &tokens, lang, &intent) => intent,
            template => self.by_tagger(text, &tokens, lang, template),
        }
    }

    /// Whether the tagger is sure that a bare command is another one: "get my texts" begins like "get a text to ...";
    /// or that the thanks at its end are the message: "reply thank you". Writing and answering are next to the same, so
    /// one is never taken for the other. That somebody reacts, a template says for sure; with which words, the tagger.
    fn contradicts(&self, text: &str, tokens: &[Token], lang: Lang, template: &Intent) -> bool {
        let writes = |name| matches!(name, IntentName::SendMessage | IntentName::ReplyMessage);
        let open = OPEN.iter().any(|slot| template.slots.contains_key(slot));
        let reacts = template.name == IntentName::ReactMessage && template.slots.contains_key(&Slot::Reaction);
        let bare = !open && (writes(template.name) || template.name == IntentName::ReadMessages);
        if !reacts && !bare {
            return false;
        }
        let tagged = self.tagger.read(text, &Words::once(tokens).tokens, lang);
        if reacts {
            return tagged.intent == IntentName::ReactMessage;
        }
        let same = tagged.intent == template.name || writes(tagged.intent) && writes(template.name);
        let certain = if same {
            let says = tagged.slots.iter().any(|(slot, _)| *slot == Slot::Content);
            if says { tagged.slots_certain } else { 0.0 }
        } else {
            tagged.certain
        };
        tagged.intent != IntentName::Other && certain >= CONTRADICTS_FROM
    }

    fn by_template(&self, text: &str, lang: Option<Lang>, expected: Expected, names: &dyn Names) -> ByTemplate {
        let mut best: Option<Reading> = None;
        let mut found = ByTemplate { best: None, lang: lang.unwrap_or(Lang::En), tokens: Vec::new() };
        let mut evidence = f32::MIN;
        for language in self.languages.iter().filter(|language| lang.is_none_or(|lang| lang == language.lang)) {
            let tokens = language.tokens(text);
            let share = share_of_common(language, &tokens);
            let reading = read(language, text, &tokens, expected, names);
            if share > evidence {
                evidence = share;
                (found.lang, found.tokens) = (language.lang, tokens);
            }
            if let Some(mut reading) = reading {
                reading.fit += 3.0 * share;
                if best.as_ref().is_none_or(|best| best.fit < reading.fit) {
                    best = Some(reading);
                }
            }
        }
        found.best = best;
        found
    }

    /// What the tagger says, unless it is not sure enough.
    fn by_tagger(&self, text: &str, tokens: &[Token], lang: Lang, template: Option<Intent>) -> Intent {
        let words = Words::once(tokens);
        let tagged = self.tagger.read(text, &words.tokens, lang);
        let name = tagged.intent;
        let least = if name.acts() { ACTS_FROM } else { ANSWERS_FROM };
        // Answers are only ever a template's; what a template says is not for Herald is hardly read as anything else.
        let answers = matches!(name, IntentName::Confirm | IntentName::Deny);
        let vetoed = template.as_ref().is_some_and(|template| template.name == IntentName::Other);
        let barred = vetoed && tagged.certain < CONTRADICTS_FROM;
        let taken = name != IntentName::Other && !answers && tagged.certain >= least && !barred;
        let overruled = name == IntentName::Other && tagged.certain >= OVERRULES_FROM;
        if !taken {
            let unlikely = if name == IntentName::Other { tagged.certain } else { 1.0 - tagged.certain };
            let other = Intent { score: unlikely, ..other(lang) };
            return template.filter(|_| !overruled).unwrap_or(other);
        }
        let mut slots = Slots::new();
        for (slot, range) in &tagged.slots {
            let (from, end) = mended(text, tokens, *slot, words.place(range.start, range.end));
            if let Some(value) = value(text, tokens, *slot, from, end) {
                add(&mut slots, *slot, &value);
            }
        }
        // A template with free words is quick to find some; the tagger knows better which belong together. Only what
        // comes after "saying" is the message for sure.
        let lost = |template: &Intent| !slots.contains_key(&Slot::Content) && is_announced(text, template);
        let unsure = tagged.slots_certain < LABELS_FROM || template.as_ref().is_some_and(lost);
        let template = template.filter(|template| template.name == name);
        if let Some(template) = template.as_ref().filter(|_| unsure) {
            return template.clone();
        }
        // What kind of message it is, a template says by fixed words; and whose, where the tagger sees nobody.
        let nobody = PEOPLE.iter().all(|slot| !slots.contains_key(slot));
        let mut known = template.map(|template| template.slots).unwrap_or_default();
        let is_from = |said: &String| FROM.iter().any(|from| text.contains(&format!("{from} {said}")));
        let sender = known.remove_entry(&Slot::Sender).filter(|(_, said)| nobody && said.iter().all(is_from));
        for (slot, values) in known.remove_entry(&Slot::ContentType).into_iter().chain(sender) {
            slots.entry(slot).or_insert(values);
        }
        let score = self.tagger.score(&tagged).min(MOST_TAGGED);
        Intent { name, slots, score, lang }
    }
}

/// Whether the content stands after a word that announces it.
fn is_announced(text: &str, intent: &Intent) -> bool {
    let before = intent.slot(Slot::Content).and_then(|content| text.get(..text.rfind(content)?));
    let last = before.and_then(|before| token::tokens(before).pop());
    last.is_some_and(|token| SAYING.contains(&token.fold.as_str()))
}

fn add(slots: &mut Slots, slot: Slot, value: &str) {
    let values = slots.entry(slot).or_default();
    if !values.iter().any(|known| known == value) {
        values.push(value.to_owned());
    }
}

fn other(lang: Lang) -> Intent {
    Intent { name: IntentName::Other, slots: Slots::new(), score: 0.9, lang }
}

/// How much of the text is made of the language's frequent words, 0 to 1.
fn share_of_common(language: &Language, tokens: &[Token]) -> f32 {
    let common = tokens.iter().filter(|token| language.common.contains(&token.fold)).count();
    #[allow(clippy::cast_precision_loss, reason = "a count of words")]
    let share = common as f32 / tokens.len().max(1) as f32;
    share
}

fn read(language: &Language, text: &str, tokens: &[Token], expected: Expected, names: &dyn Names) -> Option<Reading> {
    let numbers = language.numbers(tokens);
    let sentence = prepared(language, (text, tokens, &numbers), names);
    by_rule(&sentence, expected).or_else(|| as_it_stands(&sentence, expected))
}

/// Makes a text and its words ready to be matched.
pub(super) fn prepared<'a>(
    language: &'a Language,
    (text, tokens, numbers): (&'a str, &'a [Token], &'a [u32]),
    names: &'a dyn Names,
) -> Sentence<'a> {
    let people = PeopleReader::new(text, tokens, language, names);
    let mut sentence = Sentence { text, tokens, numbers, people, language, polite_from: None };
    sentence.polite_from = polite_from(&sentence);
    sentence
}

fn by_rule(sentence: &Sentence<'_>, expected: Expected) -> Option<Reading> {
    let language = sentence.language;
    let ends = allowed_ends(sentence);
    let whole: Vec<bool> = (0..ends.len()).map(|at| at + 1 == ends.len()).collect();
    let mut best: Option<(&Rule, Match, f32)> = None;
    for from in starts(sentence) {
        let first = sentence.numbers.get(from).copied()?;
        for rule in language.rules_for(first).filter(|rule| rule.applies(expected)) {
            // "No, it's fine": a yes has all its words in its own templates.
            let is_yes = rule.intent == IntentName::Confirm;
            if is_yes && from > 0 {
                continue;
            }
            let ends = if is_yes { &whole } else { &ends };
            let Some(found) = matcher::best(sentence, &rule.steps, from, ends) else { continue };
            let fit = fit(rule, &found, from);
            if best.as_ref().is_none_or(|(_, _, best)| *best < fit) {
                best = Some((rule, found, fit));
            }
        }
    }
    let (rule, found, fit) = best?;
    if rule.intent == IntentName::Other {
        return Some(Reading { intent: other(language.lang), fit, firm: true });
    }
    let mut slots = Slots::new();
    for (slot, from, end) in &found.captures {
        if let Some(value) = value(sentence.text, sentence.tokens, *slot, *from, *end) {
            add(&mut slots, *slot, &value);
        }
    }
    let free = OPEN.iter().any(|slot| slots.contains_key(slot));
    // A recipient that is no name is a word of the template ("her", "lui"); an amount leaves little open, and so do the
    // words that say when to send.
    let named_by_word = slots.contains_key(&Slot::Recipient) && found.evidence.is_none();
    let firm = !free
        || rule.special
        || named_by_word
        || slots.contains_key(&Slot::Amount)
        || slots.contains_key(&Slot::Time) && rule.intent == IntentName::SendMessage
        || found.evidence >= Some(Evidence::Sound);
    let intent = Intent { name: rule.intent, slots, score: score(rule, &found), lang: language.lang };
    Some(Reading { intent, fit, firm })
}

#[allow(clippy::cast_precision_loss, reason = "a count of words")]
fn fit(rule: &Rule, found: &Match, skipped: usize) -> f32 {
    let special = if rule.special { 3.0 } else { 0.0 };
    let closed = if rule.closed { 12.0 } else { 0.0 };
    let veto = if rule.intent == IntentName::Other { 10.0 } else { 0.0 };
    found.rank + special + closed + veto + 0.9 * skipped as f32
}

const fn score(rule: &Rule, found: &Match) -> f32 {
    if rule.closed {
        return CLOSED;
    }
    match found.evidence {
        Some(Evidence::Exact) => 0.96,
        None | Some(Evidence::Sound) => 0.85,
        Some(Evidence::Shaped) => 0.8,
        Some(Evidence::Bare) => 0.7,
        Some(Evidence::Loose) => 0.6,
    }
}

/// The place of a slot's words, put right where the labels are known to miss a word.
fn mended(text: &str, tokens: &[Token], slot: Slot, (mut from, mut end): (usize, usize)) -> (usize, usize) {
    let is = |at: usize, words: &[&str]| tokens.get(at).is_some_and(|token| words.contains(&token.fold.as_str()));
    // As "if" and "that", it stands before the words of the message.
    let whether = slot == Slot::Content && is(from, &["whether"]);
    let article = slot == Slot::Reaction && is(from, &ARTICLES);
    if (whether || article) && from + 1 < end {
        from += 1;
    }
    // Whom an e-mail is to is named without "my", as HWU64 has it, where the labels come from.
    let mails = || tokens.iter().any(|token| MAIL.contains(&token.fold.as_str()));
    if slot == Slot::Recipient && from + 1 < end && is(from, &["my"]) && mails() {
        from += 1;
    }
    if slot == Slot::Reaction && from > 0 && is(from - 1, &["big", "huge"]) {
        from -= 1;
    }
    if matches!(slot, Slot::Recipient | Slot::Sender) {
        // "Sam's mom" is not "mom".
        while from > 0 && is_owner(text, tokens, from - 1) {
            from -= 1;
        }
        if end == tokens.len() && from + 1 < end && is(end - 1, &["thanks", "merci"]) {
            end -= 1;
        }
    }
    (from, end)
}

/// Whether a word says whose the next one is: "Sam's".
fn is_owner(text: &str, tokens: &[Token], at: usize) -> bool {
    let (Some(token), Some(next)) = (tokens.get(at), tokens.get(at + 1)) else { return false };
    let word = text.get(token.start..token.end).unwrap_or_default();
    let owner = ["'s", "’s"].iter().find_map(|mark| word.strip_suffix(mark));
    !next.broken && owner.is_some_and(|owner| !CONTRACTED.contains(&token::fold(owner).as_str()))
}

/// The piece of the text a slot holds; content keeps a question or exclamation mark at its end. A name leaves out an "'s"
/// that stands alone, as in texts that were cut into words.
pub(super) fn value<'a>(text: &'a str, tokens: &[Token], slot: Slot, from: usize, end: usize) -> Option<Cow<'a, str>> {
    let tokens = tokens.get(from..end)?;
    // "Marion Marion" is a name said twice.
    let (first_half, second_half) = tokens.split_at(tokens.len() / 2);
    let twice = slot != Slot::Content
        && !first_half.is_empty()
        && first_half.iter().map(|token| &token.fold).eq(second_half.iter().map(|token| &token.fold));
    let tokens = if twice { second_half } else { tokens };
    let start = tokens.first()?.start;
    let mut stop = tokens.last()?.end;
    if matches!(slot, Slot::Recipient | Slot::Sender) {
        let parts: Vec<&str> = tokens
            .split(|token| token.fold == "s" && !token.capital)
            .filter_map(|part| text.get(part.first()?.start..part.last()?.end))
            .collect();
        return match parts.as_slice() {
            [] => text.get(start..stop).map(Cow::Borrowed),
            [words] => Some(words.strip_suffix("'s").or_else(|| words.strip_suffix("’s")).unwrap_or(words).into()),
            parts => Some(parts.join(" ").into()),
        };
    }
    if slot == Slot::Content {
        let rest = text.get(stop..)?;
        let kept: usize = rest
            .char_indices()
            .take_while(|(_, c)| matches!(c, '?' | '!' | ' ' | '\u{a0}' | '\u{202f}'))
            .filter(|(_, c)| matches!(c, '?' | '!'))
            .map(|(at, c)| at + c.len_utf8())
            .last()
            .unwrap_or_default();
        stop += kept;
    }
    text.get(start..stop).map(Cow::Borrowed)
}

/// Where a command may begin: at the first word, or after "Herald", "please", "can you".
pub(super) fn starts(sentence: &Sentence<'_>) -> Vec<usize> {
    let mut starts = vec![0];
    let mut next = 0;
    while let Some(from) = starts.get(next).copied() {
        next += 1;
        for end in sentence.language.leading.iter().flat_map(|steps| matcher::ends(sentence, steps, from)) {
            if end < sentence.tokens.len() && starts.len() < MOST_STARTS && !starts.contains(&end) {
                starts.push(end);
            }
        }
    }
    starts
}

/// Where a command may end: at the last word, or before "please".
pub(super) fn allowed_ends(sentence: &Sentence<'_>) -> Vec<bool> {
    let length = sentence.tokens.len();
    let mut allowed = vec![false; length + 1];
    if let Some(last) = allowed.last_mut() {
        *last = true;
    }
    let language = sentence.language;
    for from in (length.saturating_sub(LONGEST_ENDING).max(1)..length).rev() {
        let ends = language.polite.iter().chain(&language.trailing);
        let ends = ends.flat_map(|steps| matcher::ends(sentence, steps, from));
        if ends.into_iter().any(|end| allowed.get(end).copied().unwrap_or(false))
            && let Some(here) = allowed.get_mut(from)
        {
            *here = true;
        }
    }
    allowed
}

/// Where a "please" at the end begins.
fn polite_from(sentence: &Sentence<'_>) -> Option<usize> {
    let length = sentence.tokens.len();
    (length.saturating_sub(LONGEST_ENDING).max(1)..length).find(|from| {
        sentence.language.polite.iter().any(|steps| matcher::ends(sentence, steps, *from).contains(&length))
    })
}

/// What an answer means that no template knows: a message's words, or a name heard somehow.
fn as_it_stands(sentence: &Sentence<'_>, expected: Expected) -> Option<Reading> {
    let length = sentence.tokens.len();
    let (name, slot, from, score) = match expected {
        Expected::Content => (IntentName::SendMessage, Slot::Content, 0, 0.95),
        Expected::Recipient | Expected::Choice => {
            let from = starts(sentence).into_iter().max().unwrap_or_default();
            let name = if expected == Expected::Choice { IntentName::Choose } else { IntentName::SendMessage };
            if length - from.min(length) > LONGEST_ANSWER {
                return None;
            }
            (name, Slot::Recipient, from, AS_IT_STANDS)
        }
        Expected::Command | Expected::YesNo | Expected::Reading | Expected::Amount | Expected::Payment => return None,
    };
    let said = value(sentence.text, sentence.tokens, slot, from, length)?;
    let slots = Slots::from([(slot, vec![said.into_owned()])]);
    Some(Reading { intent: Intent { name, slots, score, lang: sentence.language.lang }, fit: 0.0, firm: true })
}
