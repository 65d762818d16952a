//! What words mean to the dialogue: intent, who is meant, words to the house.

use super::{Conversation, Said, voice_in};
use crate::{
    action::Account,
    asr::{Weighed, is_plausible},
    config::Lang,
    dialogue::{Event, Heard, Over, RecordingId, ReplyId},
    intent::{
        Control, Expected, HeardAgain, Instruction, IntentName, Mend, SecondHearing, Slot, Slots, before_spoken_end,
        contacts::{Decision, Resolution, Surroundings},
        mend, reason, rephrase,
    },
    runtime::LogEvent,
};

/// What stood around an utterance.
#[derive(Debug, Default)]
pub(super) struct Circumstances {
    /// The last reply that had begun before it.
    pub after: Option<ReplyId>,
    /// Its sound, where it may be sent.
    pub recording: Option<RecordingId>,
    /// Who was pointed at while it was said.
    pub pointed: Option<Resolution>,
    /// What else could be heard.
    pub over: Option<Over>,
    /// What came of a second hearing.
    pub again: Option<HeardAgain>,
}

impl Conversation {
    /// Says what in an utterance is worth a second hearing: whom it names, or whether it named somebody.
    pub(in crate::runtime) fn doubt(&self, said: &Said) -> Option<SecondHearing> {
        let Said { transcript, utterance, .. } = said;
        // The beginning of what was dictated in pieces is not heard again.
        let is_whole = utterance.piece == 0;
        let expects_names = matches!(self.expects.1, Expected::Command | Expected::Reading | Expected::Recipient);
        if !is_whole || !expects_names || !is_plausible(transcript, voice_in(utterance)) {
            return None;
        }
        let words = self.address(transcript, utterance)?.words;
        if self.instruction(&words, Some(transcript.lang)).is_some() {
            return None;
        }
        let mind = (&self.parser, &self.book);
        SecondHearing::of(mind, &transcript.text, &words, transcript.lang, self.expects.1)
    }

    /// Takes in an utterance that was heard a second time, where that was possible.
    pub(in crate::runtime) fn hear_again(&mut self, said: Said, second: SecondHearing, weighed: Option<&Weighed>) {
        let surroundings = Surroundings { recent: &self.recent, open: None };
        let again = weighed.and_then(|weighed| second.settle(weighed, &self.book, surroundings));
        self.hear_as(said, again);
    }

    /// Takes in words: an instruction to the house, or an intent for the dialogue.
    pub(super) fn understand(
        &mut self,
        text: &str,
        lang: Option<Lang>,
        confidence: f32,
        Circumstances { after, recording, pointed, over, again }: Circumstances,
    ) {
        self.speaking.heard(self.now_ms);
        let expected = self.expects.1;
        let text = before_spoken_end(text).filter(|_| expected == Expected::Content).unwrap_or(text);
        if let Some(instruction) = self.instruction(text, lang) {
            self.log(&LogEvent::Intent { name: IntentName::Other, slots: Slots::new(), score: 1.0 });
            return self.feed(Event::Told(instruction));
        }
        let mut intent = self.parser.parse(text, lang, expected, &self.book);
        self.log(&LogEvent::Intent { name: intent.name, slots: intent.slots.clone(), score: intent.score });
        let of = |slot: Slot| intent.slots.get(&slot).map(Vec::as_slice).unwrap_or_default();
        let surroundings = Surroundings { recent: &self.recent, open: None };
        let resolve = |said: &String| match &again {
            Some(again) if again.named == *said => again.resolution.clone(),
            _ => self.book.resolve(said, Some(intent.lang), surroundings),
        };
        let mend = mend(text, expected);
        let mut recipients: Vec<Resolution> = match &mend {
            Some(Mend::Letters(name)) => vec![self.book.spelled(name)],
            _ => of(Slot::Recipient).iter().chain(of(Slot::Group)).map(resolve).collect(),
        };
        let sender = of(Slot::Sender).first().map(resolve);
        if let Some(pointed) = pointed {
            Self::point_out(&intent, &mut recipients, pointed);
        }
        let rephrased = if self.rephrases { rephrase(text, &intent, &self.book) } else { None };
        if matches!(intent.name, IntentName::Pay | IntentName::RequestPayment) {
            let reason = reason(text, &intent);
            intent.slots.extend(reason.map(|reason| (Slot::Content, vec![reason])));
        }
        let heard = Heard { intent, mend, rephrased, confidence, recipients, sender, recording, after, over };
        self.feed(Event::Heard(Box::new(heard)));
    }

    /// What is said to the house; where both languages know a word, it is of the conversation's.
    fn instruction(&self, text: &str, lang: Option<Lang>) -> Option<Instruction> {
        let control = |lang| self.parser.control(text, lang, self.expects.1, &self.book);
        let mut found = control(lang.or(Some(self.lang()))).or_else(|| control(lang))?;
        if found.control == Control::Owed {
            found.who = found.said.as_ref().map(|said| self.resolved(said, found.lang));
        }
        // "Go on" and "continue" are answers to questions, unless something was left off.
        let is_meant = match found.control {
            Control::Resume => self.dialogue.has_left_off(),
            // "This is wonderful" names nobody.
            Control::Speaker => found.said.as_ref().is_some_and(|said| self.may_speak(said)),
            Control::CatchUp
            | Control::Waiting
            | Control::WhoFrom
            | Control::Skip
            | Control::Louder
            | Control::Quieter
            | Control::Mute
            | Control::Pause
            | Control::Why
            | Control::Forget
            | Control::Suggest
            | Control::Owed
            | Control::LastPaid
            | Control::Emergency => true,
        };
        is_meant.then_some(found)
    }

    fn resolved(&self, said: &str, lang: Lang) -> Resolution {
        self.book.resolve(said, Some(lang), Surroundings { recent: &self.recent, open: None })
    }

    /// Whether who is named may be somebody who shares the device, or is known at all.
    fn may_speak(&self, said: &str) -> bool {
        let is_known = || self.book.resolve(said, None, Surroundings::default()).decision != Decision::None;
        self.speaking.is_shared() && (self.speaking.named(said).is_some() || is_known())
    }

    /// Whose account is meant by a name: as it is spelled, or as the contact book understands what was heard.
    pub(super) fn account_named(&self, said: &str) -> Option<Account> {
        self.speaking.named(said).or_else(|| {
            let found = self.book.resolve(said, Some(self.lang()), Surroundings::default());
            let only = found.candidates.first().filter(|_| found.decision == Decision::One)?;
            self.speaking.named(&only.name)
        })
    }
}
