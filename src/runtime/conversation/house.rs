//! What the house is told and keeps: volume, microphone, driving; what is announced; the audit trail.

use jiff::{Timestamp, civil};

use super::Conversation;
use crate::{
    action::{Deed, EntryKind, IncomingMessage, MessageId, OutboxEntry, Status, Waiting},
    dialogue::{Event, Finding, LOUDEST, Look, News, Person, TurnId, USUAL_VOLUME, Why},
    intent::contacts::{self, Book},
    runtime::LogEvent,
    speech::Earcon,
    store::{Store, StoreError},
};

/// The settings key of the microphone: [`MUTED`] or anything else.
const MICROPHONE: &str = "house.microphone";
const MUTED: &str = "muted";
/// The settings key of the driving state, a [`Driving`].
const DRIVING: &str = "house.driving";
/// The settings key of the volume, 1 to [`LOUDEST`].
const VOLUME: &str = "house.volume";
/// The settings key of quiet hours that were set on the page: `22:00-07:00`.
const QUIET: &str = "house.quiet";
/// The settings key of the contacts who were told in this drive that the user drives, separated by blanks.
const ANSWERED: &str = "house.driving.answered";

/// Whether the car stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driving {
    /// It stands.
    Parked,
    /// It moves.
    Moving,
}

impl Driving {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Parked => "parked",
            Self::Moving => "moving",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Parked, Self::Moving].into_iter().find(|state| state.as_str() == word)
    }
}

/// Turns the microphone off or on, also for a Herald that runs.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn mute(store: &Store, muted: bool) -> Result<(), StoreError> {
    store.set_setting(MICROPHONE, if muted { MUTED } else { "on" })
}

/// Says whether the microphone is off.
///
/// # Errors
/// [`StoreError`] when the database cannot be read.
pub fn is_muted(store: &Store) -> Result<bool, StoreError> {
    Ok(store.setting(MICROPHONE)?.as_deref() == Some(MUTED))
}

/// Says whether the car moves. A drive begins when it did not move before: everybody is told of it anew.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn drive(store: &Store, driving: Driving) -> Result<(), StoreError> {
    if driving == Driving::Moving && driving_state(store)? == Some(Driving::Parked) {
        store.set_setting(ANSWERED, "")?;
    }
    store.set_setting(DRIVING, driving.as_str())
}

fn driving_state(store: &Store) -> Result<Option<Driving>, StoreError> {
    Ok(store.setting(DRIVING)?.as_deref().and_then(Driving::from_word))
}

/// Returns the volume that was asked for last.
pub(super) fn volume(store: &Store) -> Result<u8, StoreError> {
    let kept = store.setting(VOLUME)?.and_then(|text| text.parse().ok());
    Ok(kept.map_or(USUAL_VOLUME, |volume: u8| volume.clamp(1, LOUDEST)))
}

impl Conversation {
    /// Tells whether nothing is to be heard.
    pub const fn is_muted(&self) -> bool {
        self.muted
    }

    /// How loud Herald speaks, 1 to [`LOUDEST`].
    pub fn volume(&self) -> u8 {
        let is_night = self.night_volume > 0 && self.announcer.is_quiet();
        if is_night { self.volume.min(self.night_volume) } else { self.volume }
    }

    /// Returns the earcons that are to sound, once.
    pub fn take_earcons(&mut self) -> Vec<Earcon> {
        std::mem::take(&mut self.earcons)
    }

    /// Lets an earcon sound, unless the owner wants none.
    pub(in crate::runtime) fn sound(&mut self, earcon: Earcon) {
        if self.has_earcons {
            self.earcons.push(earcon);
            self.log(&LogEvent::Earcon { name: earcon.name() });
        }
    }

    /// Takes in what time it is: quiet hours and the times of a digest go by it.
    pub fn tell_time(&mut self, now: Timestamp) {
        self.announcer.tell_time(now);
        self.announce();
    }

    /// Tells whether the user drives: as it was said last, or as the profile takes it.
    pub(super) const fn is_moving(&self) -> bool {
        self.moving
    }

    /// Takes up quiet hours that were set on the page.
    pub(super) fn take_up_quiet_hours(&mut self) -> Result<(), StoreError> {
        if let Some(kept) = self.store.setting(QUIET)? {
            let (from, to) = kept.split_once('-').unwrap_or_default();
            let time = |text: &str| civil::Time::strptime("%H:%M", text).ok();
            self.announcer.set_quiet_hours(time(from), time(to));
        }
        Ok(())
    }

    /// Has quiet hours at other times from now on, also after a restart; what is `None` stays.
    pub(super) fn set_quiet_hours(
        &mut self,
        from: Option<Option<civil::Time>>,
        to: Option<Option<civil::Time>>,
    ) -> Result<(), StoreError> {
        let (old_from, old_to) = self.announcer.quiet_hours();
        let (from, to) = (from.unwrap_or(old_from), to.unwrap_or(old_to));
        self.announcer.set_quiet_hours(from, to);
        let text = |time: Option<civil::Time>| time.map(|time| time.strftime("%H:%M").to_string()).unwrap_or_default();
        self.store.set_setting(QUIET, &format!("{}-{}", text(from), text(to)))
    }

    /// Takes in what another process may have changed: the microphone, the car, the contact book.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn refresh(&mut self) -> Result<(), StoreError> {
        let edition = contacts::edition(&self.store)?;
        if edition != self.edition {
            self.book = Book::open(&self.store)?;
            self.edition = edition;
        }
        self.moving = driving_state(&self.store)?.map_or(self.car.assume_moving, |state| state == Driving::Moving);
        let muted = is_muted(&self.store)?;
        if muted != self.muted {
            self.muted = muted;
            self.log(&LogEvent::Microphone { muted });
            self.sound(if muted { Earcon::Closed } else { Earcon::Opened });
        }
        Ok(())
    }

    /// Whether the owner would hear who writes now: neither muted nor in quiet hours.
    pub fn is_attended(&self) -> bool {
        !self.muted && !self.announcer.is_quiet()
    }

    pub(super) fn mute(&mut self) {
        if let Err(error) = mute(&self.store, true).and_then(|()| self.refresh()) {
            self.fault("settings", &error);
        }
    }

    pub(super) fn set_volume(&mut self, volume: u8) {
        self.volume = volume;
        self.log(&LogEvent::Volume { level: volume });
        if let Err(error) = self.store.set_setting(VOLUME, &volume.to_string()) {
            self.fault("settings", &error);
        }
    }

    // ── what is announced ───────────────────────────────────────────────────

    /// Tells what may be told now.
    pub(super) fn announce(&mut self) {
        let is_free = self.dialogue.is_idle();
        let news = self.announcer.take(is_free);
        let digest_changed = news.iter().any(|news| matches!(news, News::Held(_) | News::Quiet(_) | News::Digest(_)));
        for news in news {
            match news {
                News::Name(post) => {
                    self.remember(Deed::Told, &post.from.name);
                    self.handle(Event::Arrived(post));
                }
                News::Digest(posts) => {
                    if let Some(last) = posts.last() {
                        self.remember(Deed::Told, &last.from.name);
                    }
                    self.handle(Event::Digest(posts));
                }
                News::Chime => {
                    self.earcons.push(Earcon::News);
                    self.log(&LogEvent::Chime);
                }
                News::Held(person) => self.remember(Deed::Held, &person.name),
                News::Quiet(person) => self.remember(Deed::KeptQuiet, &person.name),
            }
        }
        if digest_changed {
            let kept: Vec<MessageId> = self.announcer.kept().filter_map(|id| MessageId::parse(id).ok()).collect();
            if let Err(error) = self.inbox.keep_for_digest(&kept) {
                self.fault("inbox", &error);
            }
        }
    }

    /// Takes up what an earlier run left for the digest.
    pub(super) fn take_up_digest(&mut self) -> Result<(), StoreError> {
        for message in self.inbox.kept_for_digest()? {
            self.announcer.keep(self.arrival(&message));
        }
        Ok(())
    }

    // ── driving ─────────────────────────────────────────────────────────────

    /// Tells who writes to a driver that an answer comes later, where the owner enabled it: once a drive, and never
    /// to a group.
    pub(super) fn answer_for_driver(&mut self, message: &IncomingMessage) {
        if let Err(error) = self.try_to_answer_for_driver(message) {
            self.fault("outbox", &error);
        }
    }

    fn try_to_answer_for_driver(&mut self, message: &IncomingMessage) -> Result<(), StoreError> {
        let answered = self.store.setting(ANSWERED)?.unwrap_or_default();
        let was_told = answered.split(' ').any(|address| address == message.from.address);
        if !self.car.auto_reply || !self.moving || was_told || !message.others.is_empty() {
            return Ok(());
        }
        let entry = OutboxEntry {
            kind: EntryKind::AutoReply,
            in_reply_to: Some(message.id.clone()),
            conversation: message.conversation.clone(),
            ..OutboxEntry::send(
                self.network.name(),
                &message.conversation.account(),
                vec![message.from.clone()],
                self.dialogue.driving_text(),
            )
        };
        // Before the message: after a crash between the two, nobody is told twice.
        self.store.set_setting(ANSWERED, format!("{answered} {}", message.from.address).trim())?;
        self.outbox.queue(&entry)?;
        self.remember(Deed::Driving, &message.from.name);
        let id = entry.id.as_str().to_owned();
        let to = vec![message.from.name.clone()];
        self.log(&LogEvent::Action { id: id.clone(), kind: entry.kind.as_str(), to, body: entry.body });
        self.log(&LogEvent::Outcome { id, status: Status::Queued.as_str().to_owned(), reason: None });
        Ok(())
    }

    // ── the audit trail ─────────────────────────────────────────────────────

    pub(super) fn remember(&mut self, deed: Deed, who: &str) {
        let account = (deed == Deed::Confirmed).then(|| self.speaking.account());
        if let Err(error) = self.audit.record(Timestamp::now().as_millisecond(), account, deed, who) {
            self.fault("audit", &error);
        }
    }

    /// Remembers a confirmed action.
    pub(super) fn remember_act<'a>(&mut self, to: impl Iterator<Item = &'a Person>) {
        let names: Vec<&str> = to.map(|person| person.name.as_str()).collect();
        self.remember(Deed::Confirmed, &names.join(", "));
    }

    pub(super) fn look(&mut self, turn: TurnId, look: Look) -> Event {
        let finding = self.find(look).unwrap_or_else(|error| {
            self.fault("store", &error);
            Finding::Why(None)
        });
        Event::Found(turn, finding)
    }

    /// Messages that the one who speaks has not read.
    fn unread(&self) -> Result<u32, StoreError> {
        self.inbox.count_unread(self.speaking.account())
    }

    /// Confirmed messages of the one who speaks that have not left.
    pub(super) fn unsent(&self) -> Result<u32, StoreError> {
        let leaves = |waiting: &&Waiting| {
            let is_own = waiting.entry.conversation.account() == *self.speaking.account();
            is_own && matches!(waiting.status, Status::Queued | Status::Sending)
        };
        Ok(u32::try_from(self.outbox.waiting()?.iter().filter(leaves).count()).unwrap_or(u32::MAX))
    }

    fn find(&mut self, look: Look) -> Result<Finding, StoreError> {
        Ok(match look {
            Look::Waiting => Finding::Waiting { unread: self.unread()?, unsent: self.unsent()? },
            Look::Why => {
                let last = self.audit.last(Timestamp::now().as_millisecond(), self.speaking.account())?;
                Finding::Why(last.map(|(deed, who)| match deed {
                    Deed::Confirmed => Why::Confirmed(who),
                    Deed::Told => Why::Told(who),
                    Deed::KeptQuiet => Why::QuietHours(who),
                    Deed::Held => Why::Held(who),
                    Deed::Driving => Why::Driving(who),
                }))
            }
            Look::Forget => {
                self.audit.forget()?;
                Finding::Forgotten
            }
            Look::Owed(person) => self.owed(person.as_ref()),
            Look::LastPaid => self.last_paid(),
            Look::Speaker(said) => match self.account_named(&said) {
                Some(account) => {
                    self.speaks(account);
                    Finding::Speaker { name: self.speaking.name().to_owned(), unread: self.unread()? }
                }
                None => Finding::NoAccount(said),
            },
        })
    }
}
