//! Asking for what a draft lacks: whom, which of several people, what, or what to change.

use crate::intent::{
    Expected, IntentName, Mend, Position, Slot,
    contacts::{Apart, Candidate, Decision, Resolution},
};

use super::{
    CERTAIN, Dialogue, Effect, Event, Heard, PATIENCE, ReplyKind, State,
    draft::{Addressee, Draft, DraftKind, content, spoken_list},
    editing::is_edit,
    replies::Sentence,
    state::{Asking, Choosing, Missing},
};

/// Names spoken in one question; more are too many to remember.
const CHOICES: usize = 3;

impl Dialogue {
    /// Takes a draft to its next step: a question for what is missing, or the read-back.
    pub(super) fn proceed(&mut self, mut draft: Draft, out: &mut Vec<Effect>) -> State {
        if !draft.open.is_empty() {
            let open = draft.open.remove(0);
            return match open.decision {
                Decision::Several => self.ask_choice(draft, open, out),
                Decision::One | Decision::None => self.ask_whom(draft, Some(open.heard), out),
            };
        }
        if draft.to.is_empty() {
            return self.ask(draft, Missing::Recipient, &Sentence::new("ask-recipient"), out);
        }
        if draft.body.is_none() {
            let names = self.names(&draft);
            let sentence = match draft.answers {
                Some(_) => Sentence::new("ask-reply"),
                None => Sentence::new("ask-content"),
            };
            return self.ask(draft, Missing::Content, &sentence.with("to", names), out);
        }
        self.read_back(draft, out)
    }

    /// Names of the recipients as a phrase of the conversation's language.
    pub(super) fn names(&self, draft: &Draft) -> String {
        let names: Vec<&str> = draft.to.iter().map(|addressee| addressee.spoken.as_str()).collect();
        spoken_list(&names, &self.replies.text(self.lang, &Sentence::new("and")))
    }

    /// The name of a candidate, with what tells it from a namesake.
    pub(super) fn name_apart(&self, candidate: &Candidate) -> String {
        let sentence = match &candidate.apart {
            None => return candidate.name.clone(),
            Some(Apart::Nickname(nickname)) => Sentence::new("apart-nickname").with("hint", nickname.as_str()),
            Some(Apart::Number(digits)) => Sentence::new("apart-number").with("hint", digits.as_str()),
            Some(Apart::Address(address)) => Sentence::new("apart-address").with("hint", address.as_str()),
        };
        self.replies.text(self.lang, &sentence.with("name", candidate.name.as_str()))
    }

    /// Asks for somebody whom the contact book does not know, or who was not meant: the second time spelling is
    /// offered, the third time the draft is kept.
    fn ask_whom(&mut self, mut draft: Draft, said: Option<String>, out: &mut Vec<Effect>) -> State {
        draft.misheard += 1;
        let sentence = match (draft.misheard, said) {
            (0 | 1, Some(said)) => Sentence::new("ask-recipient-unknown").with("said", said),
            (0 | 1, None) => Sentence::new("ask-recipient"),
            (PATIENCE, Some(said)) => Sentence::new("ask-spelling").with("said", said),
            (PATIENCE, None) => Sentence::new("ask-recipient-again"),
            _ => return self.give_up(draft, out),
        };
        self.ask(draft, Missing::Recipient, &sentence, out)
    }

    /// Asks one question, unless the profile allows no more: then the draft is kept.
    pub(super) fn ask(
        &mut self,
        mut draft: Draft,
        missing: Missing,
        sentence: &Sentence,
        out: &mut Vec<Effect>,
    ) -> State {
        if !self.policy.may_ask(draft.questions) {
            return self.keep(draft, out);
        }
        draft.questions += 1;
        draft.certain = false;
        self.prompt(ReplyKind::Question, sentence, expected(missing), out);
        State::Asking(Asking { draft, missing, failures: 0 })
    }

    fn ask_choice(&mut self, mut draft: Draft, mut open: Resolution, out: &mut Vec<Effect>) -> State {
        if !self.policy.may_ask(draft.questions) {
            draft.open.insert(0, open);
            return self.keep(draft, out);
        }
        draft.questions += 1;
        draft.certain = false;
        let sentence = self.which(&mut open);
        self.prompt(ReplyKind::Question, &sentence, Expected::Choice, out);
        State::Choosing(Choosing { draft, open, failures: 0 })
    }

    /// The question which of several is meant; who is not named in it cannot be chosen.
    pub(super) fn which(&self, open: &mut Resolution) -> Sentence {
        open.candidates.truncate(open.close.min(CHOICES));
        let names: Vec<String> = open.candidates.iter().map(|candidate| self.name_apart(candidate)).collect();
        match names.as_slice() {
            [first, second, third, ..] => Sentence::new("ask-choice-three")
                .with("first", first.as_str())
                .with("second", second.as_str())
                .with("third", third.as_str()),
            [first, second] => {
                Sentence::new("ask-choice").with("first", first.as_str()).with("second", second.as_str())
            }
            [only] => Sentence::new("ask-meant").with("name", only.as_str()),
            [] => Sentence::new("ask-recipient-unknown").with("said", open.heard.as_str()),
        }
    }

    pub(super) fn asking(&mut self, asking: Asking, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.asked(asking, &heard, out);
            }
            Event::TimerFired(_) => return self.unanswered(asking, out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(self.policy.answer_timeout, out),
            Event::Spoken(reply) | Event::Cut(reply) => self.spoken(reply, self.policy.answer_timeout, out),
            Event::Told(told) => return self.told(State::Asking(asking), told, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Asking(asking)
    }

    fn asked(&mut self, asking: Asking, heard: &Heard, out: &mut Vec<Effect>) -> State {
        let missing = asking.missing;
        if missing == Missing::Change && is_edit(heard) {
            return self.edit(asking.draft, heard, out);
        }
        match (heard.intent.name, missing) {
            (IntentName::Cancel, _) | (IntentName::Deny, Missing::Change) => self.cancelled(out),
            // One of several nobody knows: the others may do.
            (IntentName::Deny, Missing::Recipient | Missing::Letters) if !asking.draft.to.is_empty() => {
                self.proceed(asking.draft, out)
            }
            (IntentName::Deny, Missing::Recipient | Missing::Letters) => self.cancelled(out),
            (IntentName::Repeat, _) => {
                self.say_again(expected(missing), out);
                State::Asking(asking)
            }
            (IntentName::Help, _) => self.help_asked(asking, out),
            (_, Missing::Recipient | Missing::Letters) if !heard.recipients.is_empty() => {
                self.addressed(asking.draft, heard, out)
            }
            (IntentName::Spell, Missing::Recipient) => self.ask_letters(asking.draft, out),
            (_, Missing::Content) if content(&heard.intent).is_some() && heard.mend != Some(Mend::Scratch) => {
                let mut draft = asking.draft;
                draft.answered(heard);
                self.proceed(draft, out)
            }
            (IntentName::Confirm, Missing::Change) => {
                let names = self.names(&asking.draft);
                self.ask(asking.draft, Missing::Content, &Sentence::new("ask-content").with("to", names), out)
            }
            (IntentName::SendMessage, Missing::Change) => self.edit(asking.draft, heard, out),
            (IntentName::Undo, Missing::Change) => match asking.draft.reverted() {
                Some(before) => self.proceed(before, out),
                None => self.misheard(asking, out),
            },
            (_, Missing::Recipient | Missing::Letters | Missing::Content | Missing::Change) => {
                self.misheard(asking, out)
            }
        }
    }

    /// The answer to "who is it for?", which may hold the words as well.
    fn addressed(&mut self, mut draft: Draft, heard: &Heard, out: &mut Vec<Effect>) -> State {
        draft.address_also(&heard.recipients);
        // Somebody who is named is written to; only the sender of a message can be answered.
        draft.answers = None;
        let takes_words = !matches!(draft.kind, DraftKind::Voice(_)) && !matches!(heard.mend, Some(Mend::Letters(_)));
        if draft.body.is_none() && takes_words {
            draft.say(content(&heard.intent));
        }
        self.proceed(draft, out)
    }

    fn help_asked(&mut self, asking: Asking, out: &mut Vec<Effect>) -> State {
        let sentence = match asking.missing {
            Missing::Recipient => Sentence::new("help-recipient"),
            Missing::Letters => Sentence::new("help-letters"),
            Missing::Content => Sentence::new("help-content"),
            Missing::Change => Sentence::new("help-confirm"),
        };
        self.prompt(ReplyKind::Answer, &sentence, expected(asking.missing), out);
        State::Asking(asking)
    }

    /// Silence: asks once more, then keeps the draft.
    fn unanswered(&mut self, mut asking: Asking, out: &mut Vec<Effect>) -> State {
        asking.failures += 1;
        if asking.failures >= PATIENCE {
            return self.keep(asking.draft, out);
        }
        self.say_again(expected(asking.missing), out);
        State::Asking(asking)
    }

    /// Words that do not answer: asks once more, then says what can be said, then keeps the draft.
    fn misheard(&mut self, mut asking: Asking, out: &mut Vec<Effect>) -> State {
        asking.failures += 1;
        match asking.failures {
            0 | 1 => {
                self.say_again(expected(asking.missing), out);
                State::Asking(asking)
            }
            PATIENCE => self.help_asked(asking, out),
            _ => self.give_up(asking.draft, out),
        }
    }

    pub(super) fn choosing(&mut self, choosing: Choosing, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.chosen(choosing, &heard, out);
            }
            Event::TimerFired(_) => return self.unchosen(choosing, out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(self.policy.answer_timeout, out),
            Event::Spoken(reply) | Event::Cut(reply) => self.spoken(reply, self.policy.answer_timeout, out),
            Event::Told(told) => return self.told(State::Choosing(choosing), told, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Choosing(choosing)
    }

    fn chosen(&mut self, mut choosing: Choosing, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if let Some(candidate) = picked(&choosing.open, heard) {
            let spoken = self.name_apart(candidate);
            let addressee = Addressee::chosen(&choosing.open.heard, candidate, spoken);
            choosing.draft.add(addressee);
            return self.proceed(choosing.draft, out);
        }
        // Somebody else, known beyond doubt, or by the letters of the name.
        let is_spelled = matches!(heard.mend, Some(Mend::Letters(_)));
        if heard.recipients.iter().any(|said| is_spelled || said.decision == Decision::One) {
            return self.addressed(choosing.draft, heard, out);
        }
        match heard.intent.name {
            IntentName::Cancel => self.cancelled(out),
            // The others of several are left; of one alone, somebody else is meant.
            IntentName::Deny if !choosing.draft.to.is_empty() || !choosing.draft.open.is_empty() => {
                self.proceed(choosing.draft, out)
            }
            IntentName::Deny => self.ask_whom(choosing.draft, None, out),
            IntentName::Repeat => {
                self.say_again(Expected::Choice, out);
                State::Choosing(choosing)
            }
            IntentName::Help => self.help_choosing(choosing, out),
            IntentName::Spell => self.ask_letters(choosing.draft, out),
            IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Confirm
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Undo
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Next
            | IntentName::Other => self.chosen_in_vain(choosing, out),
        }
    }

    fn help_choosing(&mut self, choosing: Choosing, out: &mut Vec<Effect>) -> State {
        self.prompt(ReplyKind::Answer, &Sentence::new("help-choice"), Expected::Choice, out);
        State::Choosing(choosing)
    }

    /// Silence: asks once more, then keeps the draft.
    fn unchosen(&mut self, mut choosing: Choosing, out: &mut Vec<Effect>) -> State {
        choosing.failures += 1;
        if choosing.failures >= PATIENCE {
            choosing.draft.open.insert(0, choosing.open);
            return self.keep(choosing.draft, out);
        }
        self.say_again(Expected::Choice, out);
        State::Choosing(choosing)
    }

    /// Words that choose nobody: asks once more, then says what can be said, then keeps the draft.
    fn chosen_in_vain(&mut self, mut choosing: Choosing, out: &mut Vec<Effect>) -> State {
        choosing.failures += 1;
        match choosing.failures {
            0 | 1 => {
                self.say_again(Expected::Choice, out);
                State::Choosing(choosing)
            }
            PATIENCE => self.help_choosing(choosing, out),
            _ => {
                choosing.draft.open.insert(0, choosing.open);
                self.give_up(choosing.draft, out)
            }
        }
    }
}

/// Who of several was picked: by place, by name, or by a yes to the only one.
pub(super) fn picked<'a>(open: &'a Resolution, heard: &Heard) -> Option<&'a Candidate> {
    let candidates = &open.candidates;
    let by_place = heard.intent.slot(Slot::Ordinal).and_then(Position::read).and_then(|position| match position {
        Position::Nth(place) => place.checked_sub(1),
        Position::Last => candidates.len().checked_sub(1),
        Position::All => None,
    });
    let by_name = || {
        let said = heard.recipients.first().filter(|said| said.decision != Decision::None)?;
        let mut both = candidates.iter().filter(|known| said.close().iter().any(|new| new.id == known.id));
        let only = both.next()?;
        both.next().is_none().then_some(only)
    };
    // "Do you mean Marion Petit?" is answered by a yes.
    let by_yes = || match candidates.as_slice() {
        [only] if heard.intent.name == IntentName::Confirm && heard.confidence >= CERTAIN => Some(only),
        _ => None,
    };
    let by_place = by_place.and_then(|place| candidates.get(place));
    by_place.or_else(by_name).or_else(by_yes)
}

/// What the parser is told to expect when this is asked for.
pub(super) const fn expected(missing: Missing) -> Expected {
    match missing {
        Missing::Recipient | Missing::Letters => Expected::Recipient,
        Missing::Content => Expected::Content,
        Missing::Change => Expected::YesNo,
    }
}
