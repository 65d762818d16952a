//! What is offered on the page because of what somebody wrote: a chip, which becomes a draft when it is taken.

use super::{Conversation, Untouched};
use crate::{
    action::{Account, MessageLine},
    companion::Chip,
    config::Lang,
    dialogue::Heard,
    intent::{IntentName, contacts::ContactId},
    runtime::LogEvent,
    store::{Store, StoreError},
    suggest::{About, Circle, From, Kind, Message, Suggester, Suggestion},
};

/// So many messages of a conversation are looked at.
const MESSAGES: u32 = 6;
/// Dismissed so often, a kind is not offered for a while.
const DISMISSALS: u32 = 3;
/// How long, milliseconds.
const MUTED_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// What is offered now.
#[derive(Debug, Default)]
pub(super) struct Offers {
    suggester: Option<Suggester>,
    offered: Vec<Offer>,
}

/// A chip, and what comes of it.
#[derive(Debug)]
struct Offer {
    chip: Chip,
    kind: Kind,
    contact: ContactId,
    becomes: Becomes,
}

#[derive(Debug)]
enum Becomes {
    /// A message with these words.
    Words(String),
    /// What the words for it would be.
    Wish(IntentName),
}

impl Conversation {
    /// The chips that are shown.
    pub(super) fn chips(&self) -> Vec<Chip> {
        self.offers.offered.iter().map(|offer| offer.chip.clone()).collect()
    }

    /// Looks for something to offer after the newest message of the owner's conversations.
    pub(super) fn look_for_offers(&mut self) -> Result<(), StoreError> {
        self.offers.offered.clear();
        if !self.offers_suggestions {
            return Ok(());
        }
        let conversations = self.inbox.conversations(&Account::owner())?;
        let Some(newest) = conversations.first() else { return Ok(()) };
        let [person] = newest.people.as_slice() else { return Ok(()) };
        let Some(contact) = person.contact_id.map(ContactId) else { return Ok(()) };
        let lines = self.inbox.conversation(&newest.id, None, MESSAGES)?;
        let about = About {
            circle: Circle::Pair,
            lang: self.book.contact(contact).and_then(|contact| contact.lang),
            ..About::default()
        };
        let suggestions = self.suggestions(&lines, &about);
        let id = lines.last().map_or("", |line| line.id.as_str());
        let lang = self.lang();
        for suggestion in suggestions {
            if is_muted(&self.store, suggestion.kind)? {
                continue;
            }
            for (label, becomes) in offered(&suggestion, lang) {
                let id = format!("{id}.{}", self.offers.offered.len());
                let chip = Chip { id, kind: suggestion.kind.name(), label };
                self.offers.offered.push(Offer { chip, kind: suggestion.kind, contact, becomes });
            }
        }
        Ok(())
    }

    fn suggestions(&mut self, lines: &[MessageLine], about: &About) -> Vec<Suggestion> {
        let from = |line: &MessageLine| if line.mine { From::Me } else { From::Them };
        let messages: Vec<Message<'_>> =
            lines.iter().map(|line| Message { from: from(line), text: &line.body }).collect();
        if self.offers.suggester.is_none() {
            match Suggester::new() {
                Ok(suggester) => self.offers.suggester = Some(suggester),
                Err(error) => self.fault("suggest", &error),
            }
        }
        self.offers.suggester.as_ref().map_or_else(Vec::new, |suggester| suggester.suggest(&messages, about))
    }

    /// A chip was taken: what its words would be.
    pub(super) fn take_chip(&mut self, id: &str) -> Result<Heard, Untouched> {
        let at = self.offers.offered.iter().position(|offer| offer.chip.id == id).ok_or(Untouched::Stale)?;
        let offer = self.offers.offered.remove(at);
        self.offers.offered.clear();
        match offer.becomes {
            Becomes::Words(words) => self.written(offer.contact.0, &words),
            Becomes::Wish(name) => {
                let recipients = vec![self.pointed_at(offer.contact).ok_or(Untouched::Meaningless)?];
                Ok(Heard { recipients, ..self.touched(name) })
            }
        }
    }

    /// A chip was waved away; who does so three times is not offered its kind for a week.
    pub(super) fn dismiss_chip(&mut self, id: &str) -> Result<(), Untouched> {
        let at = self.offers.offered.iter().position(|offer| offer.chip.id == id).ok_or(Untouched::Stale)?;
        let kind = self.offers.offered[at].kind;
        self.offers.offered.retain(|offer| offer.kind != kind);
        self.log(&LogEvent::Touch { act: "dismiss" });
        if let Err(error) = dismiss(&self.store, kind) {
            self.fault("settings", &error);
        }
        Ok(())
    }
}

/// What is shown of a suggestion, and what each becomes. What Herald cannot do yet is not offered.
fn offered(suggestion: &Suggestion, lang: Lang) -> Vec<(String, Becomes)> {
    let wish = |en: &str, fr: &str, name| {
        let label = match lang {
            Lang::En => en,
            Lang::Fr => fr,
        };
        vec![(label.to_owned(), Becomes::Wish(name))]
    };
    match suggestion.kind {
        Kind::Answer => {
            suggestion.replies.iter().map(|reply| (reply.text.clone(), Becomes::Words(reply.text.clone()))).collect()
        }
        Kind::React => suggestion.reaction.iter().map(|sign| (sign.clone(), Becomes::Words(sign.clone()))).collect(),
        Kind::Birthday => {
            let wishes = match lang {
                Lang::En => "Happy birthday!",
                Lang::Fr => "Joyeux anniversaire !",
            };
            vec![(wishes.to_owned(), Becomes::Words(wishes.to_owned()))]
        }
        Kind::ShareLocation => wish("Share where I am", "Dire où je suis", IntentName::ShareLocation),
        Kind::Call => wish("Call back", "Rappeler", IntentName::Call),
        Kind::Pay | Kind::RequestPayment | Kind::Plan | Kind::Poll | Kind::SaveLink => Vec::new(),
    }
}

fn key(kind: Kind) -> String {
    format!("suggest.dismissed.{}", kind.name())
}

/// How often a kind was dismissed in a row, and when last.
fn dismissals(store: &Store, kind: Kind) -> Result<(u32, i64), StoreError> {
    let kept = store.setting(&key(kind))?.unwrap_or_default();
    let (count, at_ms) = kept.split_once(' ').unwrap_or_default();
    Ok((count.parse().unwrap_or(0), at_ms.parse().unwrap_or(0)))
}

fn dismiss(store: &Store, kind: Kind) -> Result<(), StoreError> {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let (count, at_ms) = dismissals(store, kind)?;
    let count = if now_ms - at_ms > MUTED_MS { 1 } else { count + 1 };
    store.set_setting(&key(kind), &format!("{count} {now_ms}"))
}

fn is_muted(store: &Store, kind: Kind) -> Result<bool, StoreError> {
    let (count, at_ms) = dismissals(store, kind)?;
    Ok(count >= DISMISSALS && jiff::Timestamp::now().as_millisecond() - at_ms < MUTED_MS)
}
