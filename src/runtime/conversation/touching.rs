//! What is done on the companion page, and what the page shows. A touch becomes what the words would be: the dialogue
//! does not know whether it was spoken to.

use jiff::civil;

use super::{Conversation, house};
use crate::{
    action::{ConversationId, Counted, MessageId},
    companion::{Act, Microphone, Proposed, Setting, State, Touch},
    dialogue::{Asks, Event, Heard, LOUDEST, Proposal, Proposed as Proposes, ReplyId},
    intent::{
        Intent, IntentName, Mend, Slot, Slots,
        contacts::{Candidate, ContactId, Decision, Resolution, Via},
    },
    runtime::{Driving, LogEvent},
    store::StoreError,
};

/// Who was pointed at is meant by what is begun to be said within this time, milliseconds; the other way round
/// the question "for whom?" is open for longer.
const POINTED_MS: u64 = 3_000;
/// What waits is counted so often, milliseconds.
const COUNTED_EVERY_MS: u64 = 500;
/// No message that is typed is longer, characters.
const LONGEST_BODY: usize = 10_000;

/// Words that mean whoever is pointed at, folded.
const POINTING: &[&str] = &[
    "her",
    "him",
    "them",
    "she",
    "he",
    "they",
    "this one",
    "that one",
    "this person",
    "lui",
    "leur",
    "elle",
    "eux",
    "elles",
    "il",
    "ils",
    "la",
    "le",
    "les",
    "celle la",
    "celui la",
    "cette personne",
];

/// What the page knows of the conversation beside the dialogue.
#[derive(Debug, Default)]
pub(super) struct Shown {
    version: u64,
    proposal: Option<Proposal>,
    pub heard: Option<String>,
    pub saying: Option<String>,
    unread: u32,
    unsent: u32,
    news: i64,
    counted_ms: Option<u64>,
    pointed: Option<(ContactId, u64)>,
    /// Until when the last action can be stopped.
    pub undo_until_ms: u64,
}

/// Why a touch does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untouched {
    /// What was seen is not so any more: somebody was quicker.
    Stale,
    /// It means nothing, or nobody may do it now.
    Meaningless,
}

impl Conversation {
    /// Tells whether a touch would be taken: who answers must have seen what is asked now.
    ///
    /// # Errors
    /// [`Untouched`] says why not.
    pub fn takes(&self, touch: &Touch) -> Result<(), Untouched> {
        if self.is_moving() && !touch.act.is_for_drivers() {
            return Err(Untouched::Meaningless);
        }
        if touch.act.is_answer() && touch.version != Some(self.shown.version) {
            return Err(Untouched::Stale);
        }
        Ok(())
    }

    /// Does what was done on the page.
    ///
    /// # Errors
    /// [`Untouched`] says why not; nothing was done.
    pub fn touch(&mut self, touch: Touch) -> Result<(), Untouched> {
        self.takes(&touch)?;
        let name = touch.act.name();
        let heard = match touch.act {
            // Who touches "yes" has the payment before their eyes: the version of the page says so.
            Act::Yes => Heard { mend: self.pays().then_some(Mend::Pay), ..self.touched(IntentName::Confirm) },
            Act::No => self.touched(IntentName::Deny),
            Act::Stop => self.touched(IntentName::Cancel),
            Act::Undo => self.touched(IntentName::Undo),
            Act::Repeat => self.touched(IntentName::Repeat),
            Act::Listen => {
                self.open_ear();
                return Ok(());
            }
            Act::Choose { contact } => self.meaning(contact)?,
            Act::Edit { body } => self.rewritten(&body)?,
            Act::Point { contact } => match self.point(contact)? {
                Some(heard) => heard,
                None => return Ok(()),
            },
            Act::Chip { id } => match self.take_chip(&id)? {
                Some(heard) => heard,
                None => {
                    self.log(&LogEvent::Touch { act: name });
                    return Ok(());
                }
            },
            Act::Dismiss { id } => return self.dismiss_chip(&id),
            Act::Write { contact, body } => self.written(contact, &body)?,
        };
        self.log(&LogEvent::Touch { act: name });
        self.speaking.heard(self.now_ms);
        self.by = Counted::ByTouch;
        self.feed(Event::Heard(Box::new(heard)));
        Ok(())
    }

    /// What a word would be that was certainly heard, after everything that was said.
    pub(super) fn touched(&self, name: IntentName) -> Heard {
        let intent = Intent { name, slots: Slots::new(), score: 1.0, lang: self.lang() };
        let after = Some(ReplyId(u64::MAX));
        Heard {
            intent,
            mend: None,
            rephrased: None,
            confidence: 1.0,
            recipients: Vec::new(),
            sender: None,
            recording: None,
            after,
            over: None,
        }
    }

    /// Whether what the page shows is a payment that waits for its yes.
    fn pays(&self) -> bool {
        let is_payment = |proposal: &Proposal| proposal.kind == Proposes::Pay && proposal.asks == Asks::Confirm;
        self.shown.proposal.as_ref().is_some_and(is_payment)
    }

    fn meaning(&self, contact: i64) -> Result<Heard, Untouched> {
        let recipients = vec![self.pointed_at(ContactId(contact)).ok_or(Untouched::Meaningless)?];
        let has_recipient = |proposal: &Proposal| matches!(proposal.asks, Asks::Confirm | Asks::Change);
        let is_change = self.shown.proposal.as_ref().is_some_and(has_recipient);
        let name = if is_change { IntentName::Edit } else { IntentName::Other };
        Ok(Heard { recipients, ..self.touched(name) })
    }

    /// The contact itself, beyond doubt.
    pub(super) fn pointed_at(&self, id: ContactId) -> Option<Resolution> {
        let contact = self.book.contact(id)?;
        let members = self.book.members(contact).len();
        let members = (members > 0).then(|| u32::try_from(members).unwrap_or(u32::MAX));
        let name = contact.name.clone();
        let candidate = Candidate { id, name: name.clone(), score: 1.0, via: Via::Exact, members, apart: None };
        Some(Resolution { heard: name, decision: Decision::One, candidates: vec![candidate], close: 1, near: false })
    }

    fn rewritten(&self, body: &str) -> Result<Heard, Untouched> {
        let body = sendable(body).ok_or(Untouched::Meaningless)?;
        let asks_for_words = self.expects.1 == crate::intent::Expected::Content;
        Ok(if asks_for_words {
            self.saying_words(IntentName::SendMessage, body)
        } else {
            Heard { mend: Some(Mend::Typed(body)), ..self.touched(IntentName::Edit) }
        })
    }

    fn saying_words(&self, name: IntentName, body: String) -> Heard {
        let mut heard = self.touched(name);
        heard.intent.slots.insert(Slot::Content, vec![body]);
        heard
    }

    pub(super) fn written(&self, contact: i64, body: &str) -> Result<Heard, Untouched> {
        let body = sendable(body).ok_or(Untouched::Meaningless)?;
        let recipients = vec![self.pointed_at(ContactId(contact)).ok_or(Untouched::Meaningless)?];
        Ok(Heard { recipients, ..self.saying_words(IntentName::SendMessage, body) })
    }

    /// Somebody was pointed at: the answer to "for whom?", or whom the next "her" means.
    fn point(&mut self, contact: i64) -> Result<Option<Heard>, Untouched> {
        let heard = self.meaning(contact)?;
        let is_asked = self.expects.1 == crate::intent::Expected::Recipient && self.awaits_answer();
        if is_asked {
            return Ok(Some(heard));
        }
        self.shown.pointed = Some((ContactId(contact), self.now_ms));
        self.open_ear();
        Ok(None)
    }

    /// Whom "her" means in what began to be said at a time: used up by it.
    pub(super) fn pointed(&mut self, voice_start_ms: u64) -> Option<Resolution> {
        let (id, at_ms) = self.shown.pointed.take()?;
        self.pointed_at(id).filter(|_| voice_start_ms <= at_ms + POINTED_MS)
    }

    /// Puts who was pointed at in the place of "her", and where nobody is named.
    pub(super) fn point_out(intent: &Intent, recipients: &mut Vec<Resolution>, pointed: Resolution) {
        let takes_one = matches!(
            intent.name,
            IntentName::SendMessage
                | IntentName::Call
                | IntentName::Pay
                | IntentName::RequestPayment
                | IntentName::ShareLocation
        );
        let means_pointed = |said: &Resolution| POINTING.contains(&crate::intent::fold(&said.heard).as_str());
        if takes_one && recipients.iter().all(means_pointed) {
            *recipients = vec![pointed];
        }
    }

    /// Changes the house as the page asks.
    ///
    /// # Errors
    /// The name of what is no such value; nothing was changed.
    pub fn set(&mut self, setting: &Setting) -> Result<(), &'static str> {
        let time = |text: &Option<String>, name: &'static str| match text.as_deref() {
            None => Ok(None),
            Some("") => Ok(Some(None)),
            Some(text) => civil::Time::strptime("%H:%M", text).map(|time| Some(Some(time))).map_err(|_| name),
        };
        let (from, to) = (time(&setting.quiet_from, "quiet_from")?, time(&setting.quiet_to, "quiet_to")?);
        if setting.volume.is_some_and(|volume| !(1..=LOUDEST).contains(&volume)) {
            return Err("volume");
        }
        if let Some(volume) = setting.volume {
            self.set_volume(volume);
        }
        let result = self.set_in_store(setting).and_then(|()| match (from, to) {
            (None, None) => Ok(()),
            (from, to) => self.set_quiet_hours(from, to),
        });
        if let Err(error) = result {
            self.fault("settings", &error);
        }
        Ok(())
    }

    fn set_in_store(&mut self, setting: &Setting) -> Result<(), StoreError> {
        if let Some(muted) = setting.muted {
            house::mute(&self.store, muted)?;
        }
        if let Some(moving) = setting.moving {
            house::drive(&self.store, if moving { Driving::Moving } else { Driving::Parked })?;
        }
        self.refresh()
    }

    /// What arrived in a conversation up to a message was read on the page.
    pub fn read_up_to(&mut self, conversation: &ConversationId, last: &MessageId) {
        match self.inbox.unread_up_to(conversation, last) {
            Ok(ids) if ids.is_empty() => {}
            Ok(ids) => self.mark_read(&ids),
            Err(error) => self.fault("inbox", &error),
        }
        self.shown.counted_ms = None;
    }

    // ── what the page shows ─────────────────────────────────────────────────

    /// Counts a change of what is proposed.
    pub(super) fn mark_proposal(&mut self) {
        let proposal = self.dialogue.proposal();
        if proposal != self.shown.proposal {
            self.shown.proposal = proposal;
            self.shown.version += 1;
        }
    }

    /// What the page shows now.
    pub fn state(&mut self, microphone: Microphone) -> State {
        if self.shown.counted_ms.is_none_or(|at_ms| self.now_ms >= at_ms + COUNTED_EVERY_MS) {
            self.shown.counted_ms = Some(self.now_ms);
            if let Err(error) = self.count() {
                self.fault("store", &error);
            }
        }
        let moving = self.is_moving();
        let told = |text: &Option<String>| text.clone().filter(|_| !moving);
        let proposed = self.shown.proposal.clone().map(|proposal| {
            let mut proposed = Proposed::from(proposal);
            proposed.body = proposed.body.filter(|_| !moving);
            proposed
        });
        let (quiet_from, quiet_to) = self.announcer.quiet_hours();
        let time = |time: Option<civil::Time>| time.map(|time| time.strftime("%H:%M").to_string()).unwrap_or_default();
        State {
            version: self.shown.version,
            lang: self.lang(),
            profile: self.profile.clone(),
            moving,
            muted: self.muted,
            microphone,
            heard: told(&self.shown.heard),
            saying: told(&self.shown.saying),
            proposed,
            unread: self.shown.unread,
            unsent: self.shown.unsent,
            news: self.shown.news,
            chips: if moving { Vec::new() } else { self.chips() },
            undo: !self.last_action.is_empty() && self.now_ms < self.shown.undo_until_ms,
            volume: self.volume,
            loudest: LOUDEST,
            quiet_from: time(quiet_from),
            quiet_to: time(quiet_to),
        }
    }

    fn count(&mut self) -> Result<(), StoreError> {
        self.shown.unread = self.inbox.count_unread(self.speaking.account())?;
        self.shown.unsent = self.unsent()?;
        let newest = self.inbox.newest()?;
        if newest != self.shown.news {
            self.shown.news = newest;
            self.look_for_offers()?;
        }
        Ok(())
    }
}

/// The words, if there are any and they can be sent.
fn sendable(body: &str) -> Option<String> {
    let body = body.trim();
    (!body.is_empty() && body.chars().count() <= LONGEST_BODY).then(|| body.to_owned())
}
