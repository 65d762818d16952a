//! A message in the making: whom it is for, what it says, and how a spoken edit changes it.

use crate::intent::{
    Intent, IntentName, Mend, Slot,
    contacts::{Candidate, Decision, Resolution, Via},
};

use super::{
    Action, Heard, Person, RecordingId, SURE,
    reaction::Reaction,
    words::{add_words, bare, replace_words, without_last_sentence},
};

/// A recipient, and what to call them aloud.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Addressee {
    pub person: Person,
    /// The name as said where it is certain, else the full name.
    pub spoken: String,
    /// What was heard where this person was meant, if it was found by its sound alone or by the user's correction:
    /// worth remembering once it is confirmed.
    pub heard: Option<String>,
    /// Probability that this person is meant.
    pub score: f32,
}

impl Addressee {
    /// Takes the only candidate of a resolution, unless it needs asking.
    fn of(resolution: &Resolution) -> Option<Self> {
        match (resolution.decision, resolution.candidates.first()) {
            (Decision::One, Some(candidate)) => Some(Self {
                person: person(candidate),
                spoken: spoken_name(&resolution.heard, candidate, resolution.near),
                heard: by_ear(&resolution.heard, candidate),
                score: candidate.score,
            }),
            (Decision::One | Decision::Several | Decision::None, _) => None,
        }
    }

    /// Takes a person who is known beyond doubt.
    pub fn certain(person: Person) -> Self {
        Self { spoken: person.name.clone(), person, heard: None, score: 1.0 }
    }

    /// Takes a candidate the user chose after `heard` could have been several: called by the name in the question from
    /// here on.
    pub fn chosen(heard: &str, candidate: &Candidate, spoken: String) -> Self {
        Self { person: person(candidate), spoken, heard: by_ear(heard, candidate), score: 1.0 }
    }

    /// How many people read what is sent to it.
    pub fn audience(&self) -> u32 {
        self.person.members.unwrap_or(1)
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
    /// A message that is sent as it was spoken: its sound, once it was. The body is what was recognised of it.
    Voice(Option<RecordingId>),
}

/// What was read back: to whom, by their numbers, and the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadBack {
    pub to: Vec<i64>,
    pub body: String,
    /// How often the words had been said anew.
    pub corrected: u32,
}

/// What a spoken edit came to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Edited {
    /// The draft after it.
    Changed(Box<Draft>),
    /// It names words the message does not have.
    NotFound,
    /// It says that something is to change, and not what.
    Open,
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
    /// How often a recipient was not found, or was somebody else.
    pub misheard: u32,
    /// How often its words were said anew because they were wrong.
    pub corrected: u32,
    /// What was read back of it, all in all: only what is different is read back next.
    pub read: Option<ReadBack>,
    /// The draft before its last change.
    pub before: Option<Box<Self>>,
}

impl Draft {
    /// Whether it is a reaction to a message.
    pub fn is_reaction(&self) -> bool {
        matches!(self.kind, DraftKind::Reaction(_))
    }

    /// The sound that is to be sent.
    pub const fn recording(&self) -> Option<RecordingId> {
        if let DraftKind::Voice(recording) = self.kind { recording } else { None }
    }

    /// Starts a draft from what was said.
    pub fn new(heard: &Heard) -> Self {
        if is_voice_message(heard) {
            let later = heard.intent.slot(Slot::Time).is_some();
            let mut draft = Self { kind: DraftKind::Voice(None), later, ..Self::default() };
            draft.address(&heard.recipients);
            return draft;
        }
        let said = content(&heard.intent);
        let mut draft = match &heard.rephrased {
            Some(rephrased) => Self { body: Some(rephrased.clone()), as_said: said, ..Self::default() },
            None => Self { body: said, ..Self::default() },
        };
        draft.later = heard.intent.slot(Slot::Time).is_some();
        draft.certain = heard.confidence >= SURE && heard.rephrased.is_none() && !draft.later;
        draft.address(&heard.recipients);
        draft
    }

    /// Replaces the recipients.
    pub fn address(&mut self, recipients: &[Resolution]) {
        self.to.clear();
        self.open.clear();
        self.address_also(recipients);
    }

    /// Adds recipients.
    pub fn address_also(&mut self, recipients: &[Resolution]) {
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

    /// Takes what was said in answer to "what do you want to say?"
    pub fn answered(&mut self, heard: &Heard) {
        self.say(content(&heard.intent));
        if let DraftKind::Voice(recording) = &mut self.kind {
            *recording = heard.recording;
        }
    }

    /// Puts other words in place of those there were.
    pub fn say(&mut self, body: Option<String>) {
        self.body = body;
        self.as_said = None;
    }

    /// Applies a spoken edit. A recording cannot be changed: where its words shall be others, it is made anew.
    pub fn edited(&self, heard: &Heard) -> Edited {
        if self.is_reaction() {
            return Edited::NotFound;
        }
        let edited = self.edited_words(heard);
        if let (DraftKind::Voice(_), Edited::Changed(mut draft)) = (self.kind, edited.clone())
            && draft.body != self.body
        {
            if matches!(heard.mend, Some(Mend::Typed(_))) {
                draft.kind = DraftKind::Message;
                return Edited::Changed(draft);
            }
            draft.say(None);
            draft.kind = DraftKind::Voice(None);
            return Edited::Changed(draft);
        }
        edited
    }

    fn edited_words(&self, heard: &Heard) -> Edited {
        let mut draft = Self { certain: false, before: Some(Box::new(self.clone())), ..self.clone() };
        match &heard.mend {
            Some(Mend::Scratch) => return Edited::Changed(Box::new(self.scratched())),
            Some(Mend::LastSentence) => {
                draft.say(without_last_sentence(self.body.as_deref().unwrap_or_default()));
                return Edited::Changed(Box::new(draft));
            }
            Some(Mend::Whom) => {
                draft.address(&[]);
                draft.answers = None;
                return Edited::Changed(Box::new(draft));
            }
            Some(Mend::Letters(_)) => {
                draft.readdress(&heard.recipients, false);
                return Edited::Changed(Box::new(draft));
            }
            Some(Mend::Typed(text)) => {
                draft.say(Some(text.clone()));
                return Edited::Changed(Box::new(draft));
            }
            Some(Mend::Also | Mend::Pay) | None => {}
        }
        draft.readdress(&heard.recipients, heard.mend == Some(Mend::Also));
        let intent = &heard.intent;
        if intent.slot(Slot::Verbatim).is_some() {
            if draft.as_said.is_none() && heard.recipients.is_empty() {
                return Edited::Open;
            }
            draft.say_as_said();
            return Edited::Changed(Box::new(draft));
        }
        let body = self.body.as_deref().unwrap_or_default();
        match (intent.slot(Slot::Old), intent.slot(Slot::New), content(intent)) {
            (_, _, Some(content)) => {
                draft.say(Some(content));
                draft.corrected += 1;
            }
            (Some(old), new, None) => match replace_words(body, old, new.unwrap_or_default()) {
                Some(changed) => draft.say(Some(changed)),
                None if new.is_none() && draft.leave_out(old) => {}
                None => return Edited::NotFound,
            },
            (None, Some(new), None) => draft.say(Some(add_words(body, new))),
            (None, None, None) if heard.recipients.is_empty() => return Edited::Open,
            (None, None, None) => {}
        }
        Edited::Changed(Box::new(draft))
    }

    /// Takes the people an edit names in place of those there were, or beside them.
    fn readdress(&mut self, recipients: &[Resolution], also: bool) {
        if recipients.is_empty() {
            return;
        }
        let before = self.to.clone();
        if !also {
            self.to.clear();
            self.open.clear();
        }
        self.address_also(recipients);
        self.answers = None;
        // "No, to Jean-Marc": next time the same sound means him.
        if let ([mistaken], [meant]) = (before.as_slice(), self.to.as_mut_slice())
            && mistaken.person.id != meant.person.id
        {
            meant.heard.clone_from(&mistaken.heard);
        }
    }

    /// Leaves out a recipient, unless it is the only one.
    fn leave_out(&mut self, name: &str) -> bool {
        let said: Vec<String> = name.split_whitespace().map(bare).collect();
        let is_said = |addressee: &Addressee| {
            [&addressee.spoken, &addressee.person.name].into_iter().any(|name| {
                let words: Vec<String> = name.split_whitespace().map(bare).collect();
                words.starts_with(&said)
            })
        };
        let left: Vec<Addressee> = self.to.iter().filter(|addressee| !is_said(addressee)).cloned().collect();
        let found = !said.is_empty() && !left.is_empty() && left.len() < self.to.len();
        if found {
            self.to = left;
            self.answers = None;
        }
        found
    }

    /// Takes back what was said last: the last change, or, where there was none, the words.
    fn scratched(&self) -> Self {
        match self.reverted() {
            Some(before) => before,
            None => Self { body: None, as_said: None, certain: false, ..self.clone() },
        }
    }

    /// The draft before its last change, if it was changed; what was asked and read back stays so.
    pub fn reverted(&self) -> Option<Self> {
        let before = self.before.as_deref()?.clone();
        let Self { questions, misheard, corrected, read, .. } = self.clone();
        Some(Self { questions, misheard, corrected, read, certain: false, ..before })
    }

    /// Drops what belongs to one conversation only: what is left is kept for another.
    pub fn kept(self) -> Self {
        let kept = Self { certain: false, questions: 0, misheard: 0, corrected: 0, read: None, before: None, ..self };
        // A sound is not kept beyond its conversation.
        match kept.kind {
            DraftKind::Voice(_) => Self { kind: DraftKind::Voice(None), body: None, ..kept },
            DraftKind::Message | DraftKind::Reaction(_) | DraftKind::Location => kept,
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
            (Some(answers), [only]) if self.is_reaction() => {
                Some(Action::React { to: only.person.clone(), answers: answers.message.clone(), reaction: body })
            }
            (Some(answers), [only]) => {
                let (to, answers) = (only.person.clone(), answers.message.clone());
                Some(Action::Reply { to, answers, body, recording: self.recording() })
            }
            (Some(_) | None, to) => {
                let to = to.iter().map(|addressee| addressee.person.clone()).collect();
                Some(Action::Send { to, body, recording: self.recording() })
            }
        }
    }
}

/// The words of a message in an intent; nothing but blanks counts as none.
pub(super) fn content(intent: &Intent) -> Option<String> {
    intent.slot(Slot::Content).map(str::trim).filter(|content| !content.is_empty()).map(str::to_owned)
}

/// Whether a message is to be sent as it is spoken, where that can be done. Its words are said by themselves: the recipient
/// shall not hear the command.
pub(super) fn is_voice_message(heard: &Heard) -> bool {
    let is_message = matches!(heard.intent.name, IntentName::SendMessage | IntentName::ReplyMessage);
    let is_voice = |kind: &str| ["voice", "audio", "vocal", "vocale"].contains(&kind.to_lowercase().as_str());
    is_message && heard.recording.is_some() && heard.intent.slot(Slot::ContentType).is_some_and(is_voice)
}

/// A list as it is spoken: "a, b and c".
pub(super) fn spoken_list(names: &[&str], and: &str) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}
