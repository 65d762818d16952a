//! One short offer after the last message that was read: an answer, wishes, where the user is. A yes makes a draft of it,
//! which is read back and confirmed like any other. What may be offered is found outside, by [`suggest`](crate::suggest).

use crate::{
    config::Offers,
    intent::{Expected, IntentName, Slot},
};

use super::{
    CERTAIN, Dialogue, Effect, Heard, ReplyKind, State, Use,
    event::{Offered, Unread},
    replies::{Sentence, as_sentence},
    state::Reading,
};

impl Dialogue {
    /// Offers something if the message was the last, all of it was read, and the profile offers unasked.
    pub(super) fn offer_unasked(&mut self, mut reading: Reading, out: &mut Vec<Effect>) -> State {
        if self.policy.offers == Offers::Spoken && reading.rest.is_none() && reading.queue.is_empty() {
            self.offer_answer(&mut reading, out);
        }
        State::Reading(reading)
    }

    /// "Any ideas?": the same about the message read last, whatever the profile says.
    pub(super) fn suggest(&mut self, state: State, out: &mut Vec<Effect>) -> State {
        let reading = match (state, self.read.clone()) {
            (State::Reading(reading), _) => Some(reading),
            (State::Idle, Some(current)) => Some(Reading::of(current)),
            (State::Idle, None) => None,
            (state, _) => {
                let prompt = self.said.clone();
                return self.take_up(state, prompt, out);
            }
        };
        match reading {
            Some(mut reading) if self.policy.offers != Offers::Off && reading.current.offer.is_some() => {
                self.offer_answer(&mut reading, out);
                State::Reading(reading)
            }
            Some(_) | None => self.answer(ReplyKind::Answer, &Sentence::new("no-offer"), out),
        }
    }

    fn offer_answer(&mut self, reading: &mut Reading, out: &mut Vec<Effect>) {
        let Some(offer) = &reading.current.offer else { return };
        let sentence = match &offer.what {
            Offered::Words(words) => Sentence::new("offer-words").with("body", as_sentence(words)),
            Offered::Place => Sentence::new("offer-place"),
        };
        out.push(Effect::Suggestion(offer.kind, Use::Shown));
        reading.offered = Some(self.prompt(ReplyKind::Question, &sentence, Expected::Reading, out));
    }

    /// An answer to an offer; `None` where it answers something else.
    pub(super) fn heard_after_suggestion(
        &mut self,
        reading: &Reading,
        heard: &Heard,
        out: &mut Vec<Effect>,
    ) -> Option<State> {
        let asked = reading.offered?;
        let offer = reading.current.offer.as_ref()?;
        match heard.intent.name {
            IntentName::Confirm if heard.after < Some(asked) => None,
            IntentName::Confirm if heard.confidence < CERTAIN => {
                self.say_again(Expected::Reading, out);
                Some(State::Reading(reading.clone()))
            }
            IntentName::Confirm => {
                out.push(Effect::Suggestion(offer.kind, Use::Taken));
                Some(self.take(&reading.current, &offer.what, heard, out))
            }
            IntentName::Deny | IntentName::Cancel => {
                out.push(Effect::Suggestion(offer.kind, Use::Dismissed));
                Some(self.rest(out))
            }
            IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Repeat
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Help
            | IntentName::Undo
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Next
            | IntentName::Spell
            | IntentName::Other => None,
        }
    }

    /// The draft of an offer that was taken.
    fn take(&mut self, about: &Unread, offered: &Offered, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let mut wish = heard.clone();
        match offered {
            Offered::Words(words) => {
                wish.intent.slots.insert(Slot::Content, vec![words.clone()]);
                // What a machine proposed is read back, whatever the profile asks for.
                wish.confidence = 0.0;
                self.begin_reply(&wish, out)
            }
            Offered::Place => self.begin_location_for(&about.from, out),
        }
    }
}
