//! A message in the making: whom it is for, what it says, and how a spoken edit changes it.

use crate::intent::{
    Intent, Slot,
    contacts::{Candidate, Decision, Resolution, Via},
};

use super::{Action, Heard, Person, reaction::Reaction};

/// A recipient, and what to call them aloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addressee {
    pub person: Person,
    /// The name as said where it is certain, else the full name.
    pub spoken: String,
    /// What was heard where this person was meant, if it was found by its sound alone or by the user's correction:
    /// worth remembering once it is confirmed.
    pub heard: Option<String>,
}

impl Addressee {
    /// Takes the only candidate of a resolution, unless it needs asking.
    fn of(resolution: &Resolution) -> Option<Self> {
        match (resolution.decision, resolution.candidates.first()) {
            (Decision::One, Some(candidate)) => Some(Self {
                person: person(candidate),
                spoken: spoken_name(&resolution.heard, candidate, resolution.near),
                heard: by_ear(&resolution.heard, candidate),
            }),
            (Decision::One | Decision::Several | Decision::None, _) => None,
        }
    }

    /// Takes a candidate the user chose after `heard` could have been several: called by the full name from here on.
    pub fn chosen(heard: &str, candidate: &Candidate) -> Self {
        Self { person: person(candidate), spoken: candidate.name.clone(), heard: by_ear(heard, candidate) }
    }
}

/// What was heard, if only its sound led to the candidate. A name that several have stays one to ask about.
fn by_ear(heard: &str, candidate: &Candidate) -> Option<String> {
    (candidate.via == Via::Sound).then(|| heard.to_owned())
}

fn person(candidate: &Candidate) -> Person {
    Person { id: candidate.id.0, name: candidate.name.clone(), members: candidate.members }
}

/// Says "Marion" for "marion" heard and Marion Petit meant; the full name wherever that could mislead.
fn spoken_name(heard: &str, candidate: &Candidate, near: bool) -> String {
    if near {
        return candidate.name.clone();
    }
    match candidate.via {
        Via::Exact | Via::Prefix => {
            let said = heard.split_whitespace().count();
            candidate.name.split_whitespace().take(said).collect::<Vec<_>>().join(" ")
        }
        Via::Nickname => heard.to_owned(),
        Via::Sound | Via::Learned => candidate.name.clone(),
    }
}

/// Which inbox message a draft answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answers {
    pub message: String,
}

/// What a draft will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum DraftKind {
    /// A message or a reply.
    #[default]
    Message,
    /// A reaction to the message it answers; its body is the emoji.
    Reaction(Reaction),
    /// The place of the device.
    Location,
}

/// A message in the making. Nothing in it was confirmed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Draft {
    pub to: Vec<Addressee>,
    pub kind: DraftKind,
    /// Names said that mean several people or nobody, in the order said.
    pub open: Vec<Resolution>,
    pub body: Option<String>,
    /// The words as they were said, where the body is rephrased.
    pub as_said: Option<String>,
    pub answers: Option<Answers>,
    /// A time was said at which it should go; there is only now.
    pub later: bool,
    /// Questions asked for this draft.
    pub questions: u32,
    /// All of it was said in one utterance that was recognised beyond doubt.
    pub certain: bool,
}

impl Draft {
    /// Starts a draft from what was said.
    pub fn new(heard: &Heard) -> Self {
        let said = content(&heard.intent);
        let mut draft = match &heard.rephrased {
            Some(rephrased) => Self { body: Some(rephrased.clone()), as_said: said, ..Self::default() },
            None => Self { body: said, ..Self::default() },
        };
        draft.later = heard.intent.slot(Slot::Time).is_some();
        draft.address(&heard.recipients);
        draft
    }

    /// Replaces the recipients.
    pub fn address(&mut self, recipients: &[Resolution]) {
        self.to.clear();
        self.open.clear();
        for resolution in recipients {
            match Addressee::of(resolution) {
                Some(addressee) => self.add(addressee),
                None => self.open.push(resolution.clone()),
            }
        }
    }

    /// Goes back to the words as they were said.
    fn say_as_said(&mut self) {
        if let Some(said) = self.as_said.take() {
            self.body = Some(said);
        }
    }

    /// Adds a recipient once.
    pub fn add(&mut self, addressee: Addressee) {
        if !self.to.iter().any(|known| known.person.id == addressee.person.id) {
            self.to.push(addressee);
        }
        let to_one = |to: &[Addressee]| matches!(to, [only] if only.person.members.is_none());
        if !to_one(&self.to) || !self.open.is_empty() {
            // "You" is said to one person.
            self.say_as_said();
        }
    }

    /// Puts other words in place of those there were.
    pub fn say(&mut self, body: Option<String>) {
        self.body = body;
        self.as_said = None;
    }

    /// Applies a spoken edit; `None` when it names words the message does not have.
    pub fn edited(&self, intent: &Intent, recipients: &[Resolution]) -> Option<Self> {
        if matches!(self.kind, DraftKind::Reaction(_)) {
            // A reaction has no words, and belongs to one message.
            return None;
        }
        let mut draft = Self { certain: false, ..self.clone() };
        if !recipients.is_empty() {
            draft.address(recipients);
            draft.answers = None;
            // "No, to Jean-Marc": next time the same sound means him.
            if let ([mistaken], [meant]) = (self.to.as_slice(), draft.to.as_mut_slice())
                && mistaken.person.id != meant.person.id
            {
                meant.heard = mistaken.heard.clone();
            }
        }
        if intent.slot(Slot::Verbatim).is_some() {
            draft.say_as_said();
            return Some(draft);
        }
        let body = self.body.as_deref().unwrap_or_default();
        match (intent.slot(Slot::Old), intent.slot(Slot::New), content(intent)) {
            (_, _, Some(content)) => draft.say(Some(content)),
            (Some(old), new, None) => draft.say(Some(replace_words(body, old, new.unwrap_or_default())?)),
            (None, Some(new), None) => draft.say(Some(format!("{} {new}", trim_end(body)).trim().to_owned())),
            (None, None, None) => {}
        }
        Some(draft)
    }

    /// Names of all recipients, as they are called aloud.
    pub fn spoken_names(&self, and: &str) -> String {
        let names: Vec<&str> = self.to.iter().map(|addressee| addressee.spoken.as_str()).collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
        }
    }

    /// The action this draft stands for, if it is complete.
    pub fn action(&self) -> Option<Action> {
        let body = self.body.clone().filter(|body| !body.trim().is_empty())?;
        if !self.open.is_empty() {
            return None;
        }
        if let (DraftKind::Location, [_, ..]) = (self.kind, self.to.as_slice()) {
            let to = self.to.iter().map(|addressee| addressee.person.clone()).collect();
            return Some(Action::ShareLocation { to, body });
        }
        match (&self.answers, self.to.as_slice()) {
            (_, []) => None,
            (Some(answers), [only]) if matches!(self.kind, DraftKind::Reaction(_)) => {
                Some(Action::React { to: only.person.clone(), answers: answers.message.clone(), reaction: body })
            }
            (Some(answers), [only]) => {
                Some(Action::Reply { to: only.person.clone(), answers: answers.message.clone(), body })
            }
            (Some(_) | None, to) => {
                Some(Action::Send { to: to.iter().map(|addressee| addressee.person.clone()).collect(), body })
            }
        }
    }
}

/// The words of a message in an intent; nothing but blanks counts as none.
pub(super) fn content(intent: &Intent) -> Option<String> {
    intent.slot(Slot::Content).map(str::trim).filter(|content| !content.is_empty()).map(str::to_owned)
}

fn trim_end(text: &str) -> &str {
    text.trim_end().trim_end_matches(['.', ','])
}

/// Replaces the first run of whole words equal to `old` (case and edge punctuation apart) by `new`.
fn replace_words(body: &str, old: &str, new: &str) -> Option<String> {
    let words: Vec<&str> = body.split_whitespace().collect();
    let old: Vec<String> = old.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    if old.is_empty() || old.len() > words.len() {
        return None;
    }
    let at = (0..=words.len() - old.len())
        .find(|&start| words[start..start + old.len()].iter().zip(&old).all(|(word, old)| bare(word) == *old))?;
    let end = at + old.len();
    let tail = words[end - 1].rsplit(|c: char| c.is_alphanumeric()).next().unwrap_or_default();
    let new = if new.is_empty() { String::new() } else { format!("{}{tail}", trim_end(new)) };
    let parts = words[..at].iter().copied().chain(new.split_whitespace()).chain(words[end..].iter().copied());
    Some(parts.collect::<Vec<_>>().join(" "))
}

/// A word without the punctuation at its edges, in lower case.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::replace_words;

    #[test]
    fn replacing_takes_whole_words_and_keeps_the_punctuation_behind_them() {
        let body = "I'll be ten minutes late on Tuesday.";
        assert_eq!(replace_words(body, "ten", "fifteen").unwrap(), "I'll be fifteen minutes late on Tuesday.");
        assert_eq!(replace_words(body, "tuesday", "Thursday").unwrap(), "I'll be ten minutes late on Thursday.");
        assert_eq!(replace_words(body, "Ten minutes", "an hour").unwrap(), "I'll be an hour late on Tuesday.");
        assert_eq!(replace_words(body, "on Tuesday", "").unwrap(), "I'll be ten minutes late");
    }

    #[test]
    fn replacing_words_that_are_not_there_changes_nothing() {
        for old in ["te", "Wednesday", "", "?", "ten minutes late on Tuesday and Friday too"] {
            assert_eq!(replace_words("ten minutes late on Tuesday", old, "x"), None, "{old:?}");
        }
    }
}
