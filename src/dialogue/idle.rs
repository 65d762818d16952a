//! At rest: every utterance starts a task.

use crate::intent::{IntentName, Mend, Slot, contacts::Decision};

use super::{
    Dialogue, Effect, Event, Heard, Person, ReplyKind, SURE, State,
    draft::{Addressee, Answers, Draft, Edited, content},
    replies::Sentence,
    state::Withdrawal,
};

impl Dialogue {
    pub(super) fn idle(&mut self, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => return self.begin(&heard, out),
            Event::Arrived(person) => {
                self.hold(person);
                return self.rest(out);
            }
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SpeechStarted
            | Event::HeardNothing
            | Event::Spoken(_)
            | Event::Queued(_)
            | Event::NotQueued(_)
            | Event::TakenBack(_)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::TimerFired(_) => {}
        }
        State::Idle
    }

    /// Starts the task an utterance asks for, whatever went on before.
    pub(super) fn begin(&mut self, heard: &Heard, out: &mut Vec<Effect>) -> State {
        self.stop_timer(out);
        self.awaiting = None;
        if heard.intent.name != IntentName::Other {
            self.lang = heard.intent.lang;
        }
        if heard.mend == Some(Mend::Resume)
            && let Some(draft) = self.kept.take()
        {
            return self.proceed(draft, out);
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
                    self.say_text(said.kind, said.text, out);
                    self.rest(out)
                }
                None => self.answer(ReplyKind::Answer, &Sentence::new("nothing-to-repeat"), out),
            },
            IntentName::Help if self.kept.is_some() => self.answer(ReplyKind::Answer, &Sentence::new("help-kept"), out),
            IntentName::Help => self.answer(ReplyKind::Answer, &Sentence::new("help-idle"), out),
            IntentName::Call => self.answer(ReplyKind::Answer, &Sentence::new("cannot-call"), out),
            IntentName::Pay | IntentName::RequestPayment => {
                self.answer(ReplyKind::Answer, &Sentence::new("cannot-pay"), out)
            }
            IntentName::ReactMessage => self.answer(ReplyKind::Answer, &Sentence::new("cannot-react"), out),
            IntentName::ShareLocation => self.answer(ReplyKind::Answer, &Sentence::new("cannot-share-location"), out),
            IntentName::Spell => self.answer(ReplyKind::Answer, &Sentence::new("spell-later"), out),
            IntentName::Deny | IntentName::Choose | IntentName::Next | IntentName::Other => {
                self.answer(ReplyKind::Error, &Sentence::new("not-understood"), out)
            }
        }
    }

    fn withdraw(&mut self, said: Withdrawal, out: &mut Vec<Effect>) -> State {
        let turn = self.next_turn();
        out.push(Effect::TakeBack(turn));
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
        let draft = Draft {
            to: vec![Addressee { spoken: read.from.name.clone(), person: read.from, heard: None, score: 1.0 }],
            body: content(&heard.intent),
            answers: Some(Answers { message: read.id }),
            certain: heard.confidence >= SURE,
            ..Draft::default()
        };
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
