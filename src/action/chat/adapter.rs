//! Visitors as people of a network: `chat:ID`, called "customer 12" so that they can be named aloud.

use std::rc::Rc;

use jiff::Timestamp;

use super::visits::{Fetched, Visits};
use crate::{
    action::{
        Account, Arrived, ConversationId, EntryKind, IncomingMessage, Known, MessageId, Network, NetworkError,
        OutboxEntry, Person, Reason, Receipt,
    },
    config::{Lang, LangChoice},
    store::Store,
};

/// Lines one [`Network::poll`] returns at most; the rest comes with the next.
const LINES_PER_POLL: u32 = 1_000;

/// The visitors of the shop's page. It needs no server: what was answered waits in the window.
#[derive(Debug)]
pub struct Chat {
    visits: Visits,
    lang: LangChoice,
    /// What the last poll returned: messages, and whom nobody had met.
    polled: (Vec<MessageId>, Vec<String>),
}

impl Chat {
    /// Its name.
    pub const NAME: &'static str = "chat";

    /// Opens it; visitors are called something in the language of the house.
    pub const fn new(store: Rc<Store>, lang: LangChoice) -> Self {
        Self { visits: Visits::new(store), lang, polled: (Vec::new(), Vec::new()) }
    }

    /// "customer 12", and what else they are called where both languages are spoken.
    fn name(&self, number: i64) -> (String, Option<String>) {
        let (english, french) = (format!("customer {number}"), format!("client {number}"));
        match self.lang.fixed() {
            Some(Lang::En) => (english, None),
            Some(Lang::Fr) => (french, None),
            None => (english, Some(french)),
        }
    }

    fn arrived(&self, fetched: Fetched) -> Arrived {
        let from = Person { contact_id: None, name: self.name(fetched.number).0, address: fetched.visitor };
        let message = IncomingMessage {
            id: MessageId::from_network(fetched.id),
            kind: fetched.kind,
            conversation: ConversationId::between(Self::NAME, &Account::owner(), std::slice::from_ref(&from)),
            from,
            others: Vec::new(),
            body: fetched.body,
            in_reply_to: None,
            at: fetched.at,
        };
        if fetched.is_aside { Arrived::Aside { message, mine: !fetched.by_visitor } } else { Arrived::Message(message) }
    }
}

impl Network for Chat {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        // Nothing of these is seen in a window.
        if matches!(entry.kind, EntryKind::Read | EntryKind::Join) {
            return Ok(Receipt::Delivered);
        }
        let [Person { address: visitor, .. }] = entry.to.as_slice() else {
            return Err(NetworkError::Refused(Reason::UnknownRecipient));
        };
        let now_ms = Timestamp::now().as_millisecond();
        let (is_done, refused) = match (entry.kind, &entry.in_reply_to) {
            (EntryKind::Redact, Some(about)) => {
                (self.visits.take_back(visitor, entry, about.as_str(), now_ms)?, Reason::Refused)
            }
            _ => (self.visits.answer(visitor, entry, now_ms)?, Reason::UnknownRecipient),
        };
        // In the window, or waiting for it: that the visitor has seen it nobody knows.
        if is_done { Ok(Receipt::Accepted { network_id: None }) } else { Err(NetworkError::Refused(refused)) }
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        let lines = self.visits.unfetched(LINES_PER_POLL)?;
        let messages = lines.iter().map(|line| MessageId::from_network(line.id.clone())).collect();
        let mut met: Vec<String> = Vec::new();
        let mut people = Vec::new();
        for line in lines.iter().filter(|line| !line.is_met) {
            if !met.contains(&line.visitor) {
                let (name, nickname) = self.name(line.number);
                let address = line.visitor.clone();
                met.push(address.clone());
                people.push(Known { network: Self::NAME, name, nickname, address, is_group: false });
            }
        }
        self.polled = (messages, met);
        let people = (!people.is_empty()).then_some(Arrived::People(people));
        Ok(people.into_iter().chain(lines.into_iter().map(|line| self.arrived(line))).collect())
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        let (messages, met) = std::mem::take(&mut self.polled);
        // Asked all the time and nearly always empty: no write transaction for that.
        if messages.is_empty() {
            return Ok(());
        }
        Ok(self.visits.were_fetched(&messages, &met)?)
    }
}
