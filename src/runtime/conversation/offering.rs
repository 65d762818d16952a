//! What is offered because of what somebody wrote: aloud, or on the page as a chip. Taken, it becomes a draft that needs a yes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Conversation, Untouched};
use crate::{
    action::{Account, ConversationId, Counted, IncomingMessage, Links, MessageId, MessageLine, Person},
    companion::Chip,
    config::Lang,
    dialogue::{Heard, Offer, Offered, Use},
    intent::{
        self, IntentName, Slots,
        contacts::{Contact, ContactId, DayOfYear},
    },
    runtime::LogEvent,
    store::{Store, StoreError},
    suggest::{About, Circle, From, Kind, Message, Piece, Slot, Suggester, Suggestion},
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
    chips: Vec<Chipped>,
}

/// A chip, and what comes of it.
#[derive(Debug)]
struct Chipped {
    chip: Chip,
    kind: Kind,
    contact: ContactId,
    becomes: Becomes,
}

#[derive(Debug, Clone)]
enum Becomes {
    /// A message with these words.
    Words(String),
    /// What the words for it would be.
    Wish(IntentName, Slots),
    /// A link that is kept.
    Kept { link: String, from: String },
}

/// A suggestion with its words.
struct Suggested {
    kind: Kind,
    slots: BTreeMap<Slot, Vec<String>>,
    texts: Vec<String>,
}

impl Conversation {
    /// The chips that are shown.
    pub(super) fn chips(&self) -> Vec<Chip> {
        self.offers.chips.iter().map(|offer| offer.chip.clone()).collect()
    }

    /// Looks for something to offer after the newest message of the owner's conversations.
    pub(super) fn look_for_offers(&mut self) -> Result<(), StoreError> {
        self.offers.chips.clear();
        if !self.offers_suggestions {
            return Ok(());
        }
        let conversations = self.inbox.conversations(&Account::owner())?;
        let Some(newest) = conversations.first() else { return Ok(()) };
        let Some(contact) = self.counterpart(&newest.people) else { return Ok(()) };
        let lines = self.inbox.conversation(&newest.id, None, MESSAGES)?;
        let from = lines.last().map(|line| line.from.clone()).unwrap_or_default();
        let id = lines.last().map_or("", |line| line.id.as_str());
        let lang = self.lang();
        for suggested in self.suggested(&lines, &newest.people)? {
            for (label, becomes) in chips(&suggested, &from, lang) {
                let id = format!("{id}.{}", self.offers.chips.len());
                let chip = Chip { id, kind: suggested.kind.name(), label };
                self.offers.chips.push(Chipped { chip, kind: suggested.kind, contact, becomes });
            }
        }
        let shown: BTreeSet<Kind> = self.offers.chips.iter().map(|chipped| chipped.kind).collect();
        shown.into_iter().for_each(|_| self.tally(Counted::Shown));
        Ok(())
    }

    /// What could be said about a message that is read aloud, if it is the last of its conversation.
    pub(super) fn offer_about(&mut self, message: &IncomingMessage) -> Option<Offer> {
        let people: Vec<Person> = message.reply_to();
        let found = self.last_lines(&message.conversation, &message.id).and_then(|lines| match lines {
            Some(lines) => self.suggested(&lines, &people),
            None => Ok(Vec::new()),
        });
        let suggested = found.unwrap_or_else(|error| {
            self.fault("suggest", &error);
            Vec::new()
        });
        let lang = self.lang();
        suggested.into_iter().find_map(|suggested| offer(&suggested, lang, message.from.contact_id.is_some()))
    }

    fn last_lines(&self, id: &ConversationId, last: &MessageId) -> Result<Option<Vec<MessageLine>>, StoreError> {
        let lines = self.inbox.conversation(id, None, MESSAGES)?;
        let is_last = lines.last().is_some_and(|line| line.id == *last);
        Ok(is_last.then_some(lines))
    }

    /// Who of the contact book is meant by everybody else in a conversation: the one person, or the group of these people.
    fn counterpart(&self, people: &[Person]) -> Option<ContactId> {
        if let [only] = people {
            return only.contact_id.map(ContactId);
        }
        let mut ids: Vec<i64> = people.iter().map(|person| person.contact_id).collect::<Option<_>>()?;
        ids.sort_unstable();
        let is_theirs = |members: Vec<&Contact>| {
            let mut members: Vec<i64> = members.into_iter().map(|member| member.id.0).collect();
            members.sort_unstable();
            members == ids
        };
        let groups = self.book.contacts().iter().filter(|contact| !contact.members.is_empty());
        groups.into_iter().find(|group| is_theirs(self.book.members(group))).map(|group| group.id)
    }

    /// What could be done after the last of some messages, without what the user has waved away.
    fn suggested(&mut self, lines: &[MessageLine], people: &[Person]) -> Result<Vec<Suggested>, StoreError> {
        let writer = lines.last().filter(|line| !line.mine).map(|line| line.from.as_str()).unwrap_or_default();
        let contact = people
            .iter()
            .find(|person| person.name == writer)
            .and_then(|person| self.book.contact(ContactId(person.contact_id?)));
        let about = About {
            circle: if people.len() > 1 { Circle::Group } else { Circle::Pair },
            lang: contact.and_then(|contact| contact.lang),
            today: self.announcer.today().map(day_of_year),
            birthday: contact.and_then(|contact| contact.birthday),
        };
        let from = |line: &MessageLine| if line.mine { From::Me } else { From::Them };
        let messages: Vec<Message<'_>> =
            lines.iter().map(|line| Message { from: from(line), text: &line.body }).collect();
        if self.offers.suggester.is_none() {
            match Suggester::new() {
                Ok(suggester) => self.offers.suggester = Some(suggester),
                Err(error) => self.fault("suggest", &error),
            }
        }
        let Some(suggester) = &self.offers.suggester else { return Ok(Vec::new()) };
        let mut wanted = Vec::new();
        for suggestion in suggester.suggest(&messages, &about) {
            if !is_muted(&self.store, suggestion.kind)? {
                wanted.push(with_words(suggestion, &messages));
            }
        }
        Ok(wanted)
    }

    /// A chip was taken: what its words would be, unless nobody else hears of it.
    pub(super) fn take_chip(&mut self, id: &str) -> Result<Option<Heard>, Untouched> {
        let at = self.offers.chips.iter().position(|offer| offer.chip.id == id).ok_or(Untouched::Stale)?;
        let chipped = self.offers.chips.remove(at);
        let heard = match chipped.becomes {
            Becomes::Words(words) => Some(self.written(chipped.contact.0, &words)?),
            Becomes::Wish(name, slots) => {
                let recipients = vec![self.pointed_at(chipped.contact).ok_or(Untouched::Meaningless)?];
                let mut heard = Heard { recipients, ..self.touched(name) };
                heard.intent.slots = slots;
                Some(heard)
            }
            Becomes::Kept { link, from } => {
                let now_ms = jiff::Timestamp::now().as_millisecond();
                if let Err(error) = Links::new(self.store.clone()).keep(&link, &from, now_ms) {
                    self.fault("links", &error);
                }
                None
            }
        };
        self.tally(Counted::Taken);
        if heard.is_some() {
            self.offers.chips.clear();
        }
        Ok(heard)
    }

    /// A chip was waved away.
    pub(super) fn dismiss_chip(&mut self, id: &str) -> Result<(), Untouched> {
        let at = self.offers.chips.iter().position(|offer| offer.chip.id == id).ok_or(Untouched::Stale)?;
        let kind = self.offers.chips[at].kind;
        self.offers.chips.retain(|offer| offer.kind != kind);
        self.log(&LogEvent::Touch { act: "dismiss" });
        self.came_of_suggestion(kind, Use::Dismissed);
        Ok(())
    }

    /// Takes in what became of something that was offered: who waves a kind away three times is not offered it for a week.
    pub(super) fn came_of_suggestion(&mut self, kind: Kind, came: Use) {
        self.tally(match came {
            Use::Shown => Counted::Shown,
            Use::Taken => Counted::Taken,
            Use::Dismissed => Counted::Dismissed,
        });
        if came == Use::Dismissed
            && let Err(error) = dismiss(&self.store, kind)
        {
            self.fault("settings", &error);
        }
    }
}

fn day_of_year(date: Date) -> DayOfYear {
    let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
    DayOfYear { month, day }
}

fn with_words(suggestion: Suggestion, messages: &[Message<'_>]) -> Suggested {
    let words = |pieces: &Vec<Piece>| pieces.iter().map(|piece| piece.of(messages).to_owned()).collect();
    let slots = suggestion.slots.iter().map(|(slot, pieces)| (*slot, words(pieces))).collect();
    let texts = suggestion.replies.into_iter().map(|reply| reply.text).chain(suggestion.reaction).collect();
    Suggested { kind: suggestion.kind, slots, texts }
}

impl Suggested {
    fn slot(&self, slot: Slot) -> Option<&str> {
        self.slots
            .get(&slot)
            .and_then(|values| values.first())
            .map(|words| words.trim())
            .filter(|words| !words.is_empty())
    }

    /// The words of the message that it becomes, where it becomes one.
    fn words(&self, lang: Lang) -> Vec<String> {
        let words = match (self.kind, lang) {
            (Kind::Answer | Kind::React, _) => return self.texts.clone(),
            (Kind::Birthday, Lang::En) => Some("Happy birthday!".to_owned()),
            (Kind::Birthday, Lang::Fr) => Some("Joyeux anniversaire !".to_owned()),
            (Kind::Plan, Lang::En) => self.slot(Slot::Time).map(|time| format!("{} works for me.", capital(time))),
            (Kind::Plan, Lang::Fr) => self.slot(Slot::Time).map(|time| format!("{}, ça me va.", capital(time))),
            (Kind::Poll, Lang::En) => self.choices().map(|list| format!("Let's vote: {list}. Answer with a number.")),
            (Kind::Poll, Lang::Fr) => self.choices().map(|list| format!("Votons : {list}. Répondez par un numéro.")),
            (Kind::ShareLocation | Kind::Call | Kind::Pay | Kind::RequestPayment | Kind::SaveLink, _) => None,
        };
        words.into_iter().collect()
    }

    /// "1. pizza, 2. sushi".
    fn choices(&self) -> Option<String> {
        let options = self.slots.get(&Slot::Option).filter(|options| options.len() > 1)?;
        let numbered = options.iter().enumerate().map(|(at, option)| format!("{}. {}", at + 1, option.trim()));
        Some(numbered.collect::<Vec<_>>().join(", "))
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What is shown of a suggestion, and what each becomes. What Herald cannot do is not offered.
fn chips(suggested: &Suggested, from: &str, lang: Lang) -> Vec<(String, Becomes)> {
    let called = |en: &str, fr: &str| match lang {
        Lang::En => en.to_owned(),
        Lang::Fr => fr.to_owned(),
    };
    let one = |label: String, becomes: Becomes| vec![(label, becomes)];
    match suggested.kind {
        Kind::ShareLocation => {
            one(called("Share where I am", "Dire où je suis"), Becomes::Wish(IntentName::ShareLocation, Slots::new()))
        }
        Kind::Call => one(called("Call back", "Rappeler"), Becomes::Wish(IntentName::Call, Slots::new())),
        Kind::SaveLink => suggested
            .slot(Slot::Link)
            .map(|link| {
                let kept = Becomes::Kept { link: link.to_owned(), from: from.to_owned() };
                (called("Keep the link", "Garder le lien"), kept)
            })
            .into_iter()
            .collect(),
        Kind::Answer | Kind::React | Kind::Birthday | Kind::Plan | Kind::Poll => {
            suggested.words(lang).into_iter().map(|words| (words.clone(), Becomes::Words(words))).collect()
        }
        Kind::Pay => money(suggested, IntentName::Pay, &called("Pay", "Payer")),
        Kind::RequestPayment => money(suggested, IntentName::RequestPayment, &called("Ask for", "Demander")),
    }
}

/// A payment with its amount, as it was written, and what it is for.
fn money(suggested: &Suggested, name: IntentName, verb: &str) -> Vec<(String, Becomes)> {
    let Some(amount) = suggested.slot(Slot::Amount) else { return Vec::new() };
    let mut slots = Slots::from([(intent::Slot::Amount, vec![amount.to_owned()])]);
    slots.extend(suggested.slot(Slot::Content).map(|reason| (intent::Slot::Content, vec![reason.to_owned()])));
    vec![(format!("{verb} {amount}"), Becomes::Wish(name, slots))]
}

/// What is said of a suggestion; `None` for what is no short sentence.
fn offer(suggested: &Suggested, lang: Lang, is_known: bool) -> Option<Offer> {
    let what = match suggested.kind {
        Kind::ShareLocation => is_known.then_some(Offered::Place)?,
        Kind::Answer | Kind::Birthday | Kind::Plan => Offered::Words(suggested.words(lang).into_iter().next()?),
        Kind::React | Kind::Call | Kind::Poll | Kind::Pay | Kind::RequestPayment | Kind::SaveLink => return None,
    };
    Some(Offer { kind: suggested.kind, what })
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
