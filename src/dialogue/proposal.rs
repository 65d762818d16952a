//! Where the conversation stands, as somebody sees it who can touch it: what would be done, and what is asked.

use crate::intent::contacts::Candidate;

use super::{
    Dialogue, Person,
    draft::{Draft, DraftKind},
    order::OrderKind,
    paying::{Paying, Step},
    state::{Missing, State},
};

/// What would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposed {
    /// A new message.
    Send,
    /// An answer to a message that was read.
    Reply,
    /// A reaction to one; the body is the emoji.
    React,
    /// The place of the device.
    ShareLocation,
    /// A recording; the body is what was recognised of it.
    Voice,
    /// A payment; the body is the amount and what it is for.
    Pay,
    /// A request for one; the body likewise.
    RequestPayment,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Whether to do it.
    Confirm,
    /// For whom it is.
    Whom,
    /// What it says.
    What,
    /// Which of several people is meant.
    Which,
    /// What should be different.
    Change,
    /// How much.
    Amount,
    /// Whether the same is to be paid once more.
    Again,
    /// The PIN.
    Pin,
}

/// A draft that waits for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What would be done.
    pub kind: Proposed,
    /// For whom, as far as that is known.
    pub to: Vec<Person>,
    /// The words, as far as they are known.
    pub body: Option<String>,
    /// What is asked.
    pub asks: Asks,
    /// With [`Asks::Which`]: who may be meant.
    pub choices: Vec<Person>,
}

impl Dialogue {
    /// What waits for the user's decision, if anything does.
    pub fn proposal(&self) -> Option<Proposal> {
        self.proposed(&self.state)
    }

    fn proposed(&self, state: &State) -> Option<Proposal> {
        match state {
            State::Asking(asking) => Some(of(
                &asking.draft,
                match asking.missing {
                    Missing::Recipient | Missing::Letters => Asks::Whom,
                    Missing::Content => Asks::What,
                    Missing::Change => Asks::Change,
                },
            )),
            State::Choosing(choosing) => {
                let choices = choosing.open.candidates.iter().map(person).collect();
                Some(Proposal { choices, ..of(&choosing.draft, Asks::Which) })
            }
            State::Confirming(confirming) => Some(of(&confirming.draft, Asks::Confirm)),
            State::Paused(paused) => self.proposed(&paused.held),
            State::Paying(paying) => self.proposed_payment(paying),
            State::Idle
            | State::Acting(_)
            | State::Fetching
            | State::TakingBack(_)
            | State::Offering(_)
            | State::Reading(_) => None,
        }
    }

    fn proposed_payment(&self, paying: &Paying) -> Option<Proposal> {
        let (asks, choices) = match &paying.step {
            Step::Whom => (Asks::Whom, Vec::new()),
            Step::Which(open) => (Asks::Which, open.candidates.iter().map(person).collect()),
            Step::HowMuch => (Asks::Amount, Vec::new()),
            Step::Again(..) => (Asks::Again, Vec::new()),
            Step::Consent(_) => (Asks::Confirm, Vec::new()),
            Step::Pin(_) => (Asks::Pin, Vec::new()),
            Step::Checking(_) | Step::Requesting(_) | Step::Outcome => return None,
        };
        let order = &paying.order;
        let kind = match order.kind {
            OrderKind::Pay => Proposed::Pay,
            OrderKind::Request => Proposed::RequestPayment,
        };
        let body: Vec<String> =
            order.amount.map(|amount| self.amount(amount)).into_iter().chain(order.reason.clone()).collect();
        let body = (!body.is_empty()).then(|| body.join(", "));
        let to = order.payee.iter().map(|payee| payee.person.clone()).collect();
        Some(Proposal { kind, to, body, asks, choices })
    }
}

fn person(candidate: &Candidate) -> Person {
    Person { id: candidate.id.0, name: candidate.name.clone(), members: candidate.members }
}

fn of(draft: &Draft, asks: Asks) -> Proposal {
    let kind = match draft.kind {
        DraftKind::Message if draft.answers.is_some() => Proposed::Reply,
        DraftKind::Message => Proposed::Send,
        DraftKind::Reaction(_) => Proposed::React,
        DraftKind::Location => Proposed::ShareLocation,
        DraftKind::Voice(_) => Proposed::Voice,
    };
    let to = draft.to.iter().map(|addressee| addressee.person.clone()).collect();
    Proposal { kind, to, body: draft.body.clone(), asks, choices: Vec::new() }
}
