//! Two networks as one: the configured one, and the chat with visitors of a page beside it.
//!
//! A conversation's id names its network, and that decides where a message goes. Neither network waits for the other: one
//! that cannot be reached, or fails, holds up only its own messages.

use std::path::PathBuf;

use super::{Arrived, ConversationId, MessageId, Network, NetworkError, OutboxEntry, Reason, Receipt, Recording};

/// A main network, which gives the name, and another one beside it.
#[derive(Debug)]
pub struct Networks {
    main: Side,
    beside: Side,
}

#[derive(Debug)]
struct Side {
    network: Box<dyn Network>,
    /// Its last poll succeeded and was not acknowledged.
    polled: bool,
    /// How its last poll failed, where nobody was told.
    failure: Option<NetworkError>,
}

impl Side {
    fn new(network: Box<dyn Network>) -> Self {
        Self { network, polled: false, failure: None }
    }

    fn poll(&mut self) -> Vec<Arrived> {
        let polled = self.network.poll();
        self.polled = polled.is_ok();
        match polled {
            Ok(arrived) => arrived,
            Err(error) => {
                self.failure = Some(error);
                Vec::new()
            }
        }
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        if std::mem::take(&mut self.polled) { self.network.acknowledge() } else { Ok(()) }
    }
}

impl Networks {
    /// Puts one beside the other.
    pub fn new(main: Box<dyn Network>, beside: Box<dyn Network>) -> Self {
        Self { main: Side::new(main), beside: Side::new(beside) }
    }

    fn of(&self, network: &str) -> &dyn Network {
        if network == self.beside.network.name() { self.beside.network.as_ref() } else { self.main.network.as_ref() }
    }

    fn of_mut(&mut self, network: &str) -> &mut dyn Network {
        if network == self.beside.network.name() { self.beside.network.as_mut() } else { self.main.network.as_mut() }
    }
}

impl Network for Networks {
    fn name(&self) -> &'static str {
        self.main.network.name()
    }

    fn names(&self) -> Vec<&'static str> {
        vec![self.main.network.name(), self.beside.network.name()]
    }

    fn is_reachable(&self) -> bool {
        self.main.network.is_reachable()
    }

    fn can_reach(&self, network: &str) -> bool {
        self.of(network).is_reachable()
    }

    fn tells_read(&self) -> bool {
        self.main.network.tells_read()
    }

    fn record(&self, samples: &[f32]) -> Option<Recording> {
        self.main.network.record(samples)
    }

    fn takes_recordings(&self) -> bool {
        self.main.network.takes_recordings()
    }

    fn show_typing(&mut self, conversation: &ConversationId, is_typing: bool) {
        self.of_mut(conversation.network()).show_typing(conversation, is_typing);
    }

    fn send(&mut self, entry: &OutboxEntry) -> Result<Receipt, NetworkError> {
        let network = entry.conversation.network();
        if self.names().contains(&network) {
            self.of_mut(network).send(entry)
        } else {
            Err(NetworkError::Refused(Reason::UnknownRecipient))
        }
    }

    fn poll(&mut self) -> Result<Vec<Arrived>, NetworkError> {
        let mut arrived = self.main.poll();
        arrived.extend(self.beside.poll());
        // What arrived on one goes first; how the other failed is told when nothing did.
        if arrived.is_empty() {
            let failure = self.main.failure.take().or_else(|| self.beside.failure.take());
            return failure.map_or(Ok(arrived), Err);
        }
        Ok(arrived)
    }

    fn recordings(&mut self) -> Vec<(MessageId, PathBuf)> {
        self.main.network.recordings()
    }

    fn acknowledge(&mut self) -> Result<(), NetworkError> {
        let main = self.main.acknowledge();
        self.beside.acknowledge().and(main)
    }
}
