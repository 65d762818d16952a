//! At rest: every utterance starts a task.

use crate::intent::{IntentName, Slot, contacts::Decision};

use super::{
    Dialogue, Effect, Event, Heard, Person, ReplyKind, SURE, State, Withdrawal,
    draft::{Addressee, Answers, Draft, DraftKind, Edited, content, is_voice_message},
    paying::is_late_yes,
    reaction::Reaction,
    replies::Sentence,
};

impl Dialogue {
    pub(super) fn idle(&mut self, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => return self.begin(&heard, out),
            Event::Arrived(post) => {
                self.hold(post);
                return self.rest(out);
            }
            Event::Digest(posts) => {
                self.tell_digest(&posts, out);
                return self.rest(out);
            }
            Event::Told(told) => return self.told(State::Idle, told, out),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::SpeechStarted
            | Event::HeardNothing
            | Event::Spoken(_)
            | Event::Cut(_)
            | Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..)
            | Event::TimerFired(_) => {}
        }
        State::Idle
    }

    /// Starts the task an utterance asks for, whatever went on before.
    pub(super) fn begin(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        self.stop_timer(out);
        self.awaiting = None;
        if is_late_yes(heard) {
            return self.answer(ReplyKind::Answer, &Sentence::new("pay-late"), out);
        }
        if heard.intent.name != IntentName::Other {
            self.lang = heard.intent.lang;
        }
        match heard.intent.name {
            IntentName::SendMessage => self.proceed(Draft::new(heard), out),
            IntentName::ReplyMessage => self.begin_reply(heard, out),
            IntentName::ReadMessages => self.fetch(heard, out),
            IntentName::Undo => self.withdraw(Withdrawal::Undo, out),
            IntentName::Confirm => match self.kept.take() {
                Some(draft) => self.proceed(draft, out),
                None => self.answer(ReplyKind::Error, &Sentence::new("not-understood"), out),
            },
            IntentName::Edit => self.edit_kept(heard, out),
            IntentName::Cancel => match self.kept.take() {
                Some(_) => self.cancelled(out),
                None => self.withdraw(Withdrawal::Cancel, out),
            },
            IntentName::Repeat => match self.said.clone() {
                Some(said) => {
                    self.say_reply(said, out);
                    self.rest(out)
                }
                None => self.answer(ReplyKind::Answer, &Sentence::new("nothing-to-repeat"), out),
            },
            IntentName::Help if self.kept.is_some() => self.answer(ReplyKind::Answer, &Sentence::new("help-kept"), out),
            IntentName::Help => self.answer(ReplyKind::Answer, &Sentence::new("help-idle"), out),
            IntentName::Call => self.offer_to_write(heard, out),
            IntentName::Pay | IntentName::RequestPayment => self.begin_payment(heard, out),
            IntentName::ReactMessage => self.begin_reaction(heard, out),
            IntentName::ShareLocation => self.begin_location(heard, out),
            IntentName::Spell => self.answer(ReplyKind::Answer, &Sentence::new("spell-later"), out),
            IntentName::Deny | IntentName::Choose | IntentName::Next | IntentName::Other => {
                self.answer(ReplyKind::Error, &Sentence::new("not-understood"), out)
            }
        }
    }

    fn withdraw(&mut self, said: Withdrawal, out: &mut Vec<Effect>) -> State {
        if let Some(payee) = self.last_paid.clone() {
            return self.cannot_undo(&payee, out);
        }
        let turn = self.next_turn();
        out.push(Effect::TakeBack(turn, said));
        State::TakingBack(said)
    }

    /// Says one thing and rests.
    pub(super) fn answer(&mut self, kind: ReplyKind, sentence: &Sentence, out: &mut Vec<Effect>) -> State {
        self.say(kind, sentence, out);
        self.rest(out)
    }

    /// "Reply ..." means the message last read; "reply to Marion ..." is a message to Marion.
    pub(super) fn begin_reply(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if !heard.recipients.is_empty() {
            return self.proceed(Draft::new(heard), out);
        }
        let Some(read) = self.read.clone() else {
            return self.answer(ReplyKind::Error, &Sentence::new("nothing-to-reply"), out);
        };
        let mut draft = Draft {
            to: vec![Addressee::certain(read.from)],
            answers: Some(Answers { message: read.id }),
            ..Draft::default()
        };
        if is_voice_message(heard) {
            draft.kind = DraftKind::Voice(None);
        } else {
            draft.body = content(&heard.intent);
            draft.certain = heard.confidence >= SURE;
        }
        self.proceed(draft, out)
    }

    /// Herald places no calls; a message that asks for one is the next best thing.
    fn offer_to_write(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if heard.recipients.is_empty() {
            return self.answer(ReplyKind::Answer, &Sentence::new("cannot-call"), out);
        }
        self.say(ReplyKind::Answer, &Sentence::new("cannot-call-write"), out);
        let mut draft = Draft::new(heard);
        draft.say(Some(self.replies.text(self.lang, &Sentence::new("call-me"))));
        self.proceed(draft, out)
    }

    /// A reaction to the message last read.
    fn begin_reaction(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let Some(read) = self.read.clone() else {
            return self.answer(ReplyKind::Error, &Sentence::new("nothing-to-react"), out);
        };
        let Some(reaction) = heard.intent.slot(Slot::Reaction).and_then(Reaction::read) else {
            return self.answer(ReplyKind::Answer, &Sentence::new("which-reaction"), out);
        };
        let draft = Draft {
            to: vec![Addressee::certain(read.from)],
            kind: DraftKind::Reaction(reaction),
            body: Some(reaction.emoji().to_owned()),
            answers: Some(Answers { message: read.id }),
            ..Draft::default()
        };
        self.proceed(draft, out)
    }

    /// The place the owner configured, as a message.
    fn begin_location(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        self.propose_location(Draft::new(heard), out)
    }

    /// The same for somebody who asked.
    pub(super) fn begin_location_for(&mut self, person: &Person, out: &mut Vec<Effect>) -> State {
        self.propose_location(Draft { to: vec![Addressee::certain(person.clone())], ..Draft::default() }, out)
    }

    fn propose_location(&mut self, draft: Draft, out: &mut Vec<Effect>) -> State {
        if self.house.place.is_empty() {
            return self.answer(ReplyKind::Answer, &Sentence::new("cannot-share-location"), out);
        }
        let sentence = Sentence::new("i-am-here").with("place", self.house.place.clone());
        let mut draft = Draft { kind: DraftKind::Location, ..draft };
        draft.say(Some(self.replies.text(self.lang, &sentence)));
        self.proceed(draft, out)
    }

    fn fetch(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let from = match &heard.sender {
            None => None,
            Some(sender) => match (sender.decision, sender.candidates.first()) {
                (Decision::One, Some(only)) => {
                    Some(Person { id: only.id.0, name: only.name.clone(), members: only.members })
                }
                // Reading everything is a better answer than a question: nothing is sent by it.
                (Decision::One | Decision::Several, _) => None,
                (Decision::None, _) => {
                    let said = heard.intent.slot(Slot::Sender).unwrap_or_default();
                    return self.answer(ReplyKind::Error, &Sentence::new("unknown-sender").with("said", said), out);
                }
            },
        };
        self.fetching_from = from.clone();
        self.counting = false;
        let turn = self.next_turn();
        out.push(Effect::FetchUnread(turn, from));
        State::Fetching
    }

    fn edit_kept(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let Some(draft) = self.kept.take() else {
            return self.answer(ReplyKind::Error, &Sentence::new("nothing-to-change"), out);
        };
        match draft.edited(heard) {
            Edited::Changed(edited) => self.proceed(edited.kept(), out),
            Edited::Open => self.proceed(Draft { body: None, as_said: None, ..draft }, out),
            Edited::NotFound => {
                self.kept = Some(draft);
                self.answer(ReplyKind::Error, &Sentence::new("not-found-in-message"), out)
            }
        }
    }
}
