//! A draft that was read back, changed as the user says.

use crate::intent::{Expected, IntentName, Mend};

use super::{
    Dialogue, Effect, Heard, PATIENCE, ReplyKind, State,
    draft::{Draft, Edited},
    replies::Sentence,
    state::{Asking, Confirming, Missing},
};

/// Whether an utterance changes the draft.
pub(super) fn is_edit(heard: &Heard) -> bool {
    match heard.mend {
        Some(Mend::Scratch | Mend::LastSentence | Mend::Whom | Mend::Letters(_) | Mend::Typed(_)) => true,
        Some(Mend::Also | Mend::Pay) | None => heard.intent.name == IntentName::Edit,
    }
}

impl Dialogue {
    /// Changes the draft as said and reads back what changed.
    pub(super) fn edit(&mut self, draft: Draft, heard: &Heard, out: &mut Vec<Effect>) -> State {
        match draft.edited(heard) {
            Edited::NotFound => {
                let sentence = Sentence::new("not-found-in-message");
                let read_back = self.prompt(ReplyKind::Error, &sentence, Expected::YesNo, out);
                State::Confirming(Confirming { draft, read_back, failures: 0 })
            }
            Edited::Open => {
                let names = self.names(&draft);
                self.ask(draft, Missing::Content, &Sentence::new("ask-content").with("to", names), out)
            }
            Edited::Changed(edited) if edited.corrected > PATIENCE => self.give_up(*edited, out),
            Edited::Changed(edited) => self.proceed(*edited, out),
        }
    }

    /// "Undo" before anything was sent: the last change is taken back, if there is one.
    pub(super) fn undo_change(&mut self, mut confirming: Confirming, out: &mut Vec<Effect>) -> State {
        match confirming.draft.reverted() {
            Some(before) => self.proceed(before, out),
            None => {
                let sentence = Sentence::new("not-sent-yet").with("to", self.names(&confirming.draft));
                confirming.read_back = self.prompt(ReplyKind::Question, &sentence, Expected::YesNo, out);
                State::Confirming(confirming)
            }
        }
    }

    /// Asks for the letters of the recipient's name. The user wanted it: it is no question of Herald's.
    pub(super) fn ask_letters(&mut self, draft: Draft, out: &mut Vec<Effect>) -> State {
        self.prompt(ReplyKind::Answer, &Sentence::new("spell-now"), Expected::Recipient, out);
        State::Asking(Asking { draft: Draft { certain: false, ..draft }, missing: Missing::Letters, failures: 0 })
    }
}
