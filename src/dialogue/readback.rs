//! What is read back of a draft: all of it the first time, afterwards only what is different. A "yes" means the whole
//! draft, every word and name of which was read back since it was begun.

use crate::intent::Expected;

use super::{
    Dialogue, Effect, ReplyKind, State,
    draft::{Draft, DraftKind, ReadBack, spoken_list},
    replies::{Sentence, as_sentence},
    state::Confirming,
    words::sentences,
};

/// Corrections after which spelling is offered beside the read-back.
const OFFER: u32 = 2;

/// What of a draft was not read back yet.
#[derive(Debug, PartialEq, Eq)]
enum Unread {
    /// Too much for less than the whole.
    All,
    /// These sentences.
    Words(String),
    /// That these sentences are gone.
    TakenOut(String),
    /// Another recipient in place of all others.
    Instead,
    /// That only these recipients are left.
    Only,
    /// These recipients beside the others.
    Also(Vec<String>),
}

impl Dialogue {
    /// Reads a complete draft back and asks for a yes, unless the profile lets it go without.
    pub(super) fn read_back(&mut self, mut draft: Draft, out: &mut Vec<Effect>) -> State {
        if self.policy.goes_unasked(&draft) {
            return self.act(draft, out);
        }
        let body = draft.body.clone().unwrap_or_default();
        let now = ReadBack {
            to: draft.to.iter().map(|addressee| addressee.person.id).collect(),
            body,
            corrected: draft.corrected,
        };
        let before = draft.read.replace(now.clone());
        let offers = draft.corrected == OFFER && before.as_ref().is_some_and(|before| before.corrected < OFFER);
        let sentence = match before.map_or(Unread::All, |before| unread(&before, &now, &draft)) {
            Unread::All => self.whole(&draft),
            Unread::Words(words) if offers => Sentence::new("read-back-offer").with("body", words),
            Unread::Words(words) => Sentence::new("read-back-words").with("body", words),
            Unread::TakenOut(words) => Sentence::new("read-back-without").with("body", words),
            Unread::Instead => Sentence::new("read-back-recipient").with("to", self.names(&draft)),
            Unread::Only => Sentence::new("read-back-only").with("to", self.names(&draft)),
            Unread::Also(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let and = self.replies.text(self.lang, &Sentence::new("and"));
                Sentence::new("read-back-also").with("to", spoken_list(&names, &and))
            }
        };
        let read_back = self.prompt(ReplyKind::Readback, &sentence, Expected::YesNo, out);
        State::Confirming(Confirming { draft, read_back, failures: 0 })
    }

    /// The whole draft: audience and words.
    fn whole(&self, draft: &Draft) -> Sentence {
        if let DraftKind::Reaction(reaction) = draft.kind {
            let reaction = self.replies.text(self.lang, &reaction.spoken());
            return Sentence::new("read-back-react").with("to", self.names(draft)).with("reaction", reaction);
        }
        let body = as_sentence(draft.body.as_deref().unwrap_or_default());
        let groups = draft.to.iter().any(|addressee| addressee.person.members.is_some());
        let sentence = match (draft.to.as_slice(), &draft.answers) {
            _ if draft.later => Sentence::new("read-back-now"),
            _ if draft.recording().is_some() => {
                return Sentence::new("read-back-voice").with("to", self.audience(draft)).with("body", body);
            }
            ([only], _) if groups => Sentence::new("read-back-group").count(only.audience()),
            (_, _) if groups => {
                return Sentence::new("read-back-audience").with("to", self.audience(draft)).with("body", body);
            }
            (_, Some(_)) => Sentence::new("read-back-reply"),
            (_, None) => Sentence::new("read-back"),
        };
        sentence.with("to", self.names(draft)).with("body", body)
    }

    /// "To Anna and to the 4 people of Family".
    fn audience(&self, draft: &Draft) -> String {
        let each: Vec<String> = draft
            .to
            .iter()
            .map(|addressee| {
                let sentence = match addressee.person.members {
                    Some(count) => Sentence::new("to-group").count(count),
                    None => Sentence::new("to-person"),
                };
                self.replies.text(self.lang, &sentence.with("to", addressee.spoken.as_str()))
            })
            .collect();
        let each: Vec<&str> = each.iter().map(String::as_str).collect();
        let list = spoken_list(&each, &self.replies.text(self.lang, &Sentence::new("and")));
        let mut letters = list.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }
}

/// What is different from what was read back before.
fn unread(before: &ReadBack, now: &ReadBack, draft: &Draft) -> Unread {
    match (before.to == now.to, before.body == now.body) {
        (true, true) | (false, false) => Unread::All,
        (true, false) => unread_words(&before.body, &now.body),
        (false, true) => unread_people(before, draft),
    }
}

fn unread_words(before: &str, now: &str) -> Unread {
    // A full stop that comes or goes with a neighbour is no change.
    let bare = |sentence: &str| sentence.trim_end_matches('.').to_owned();
    let missing = |from: &str, other: &str| {
        let mut other: Vec<String> = sentences(other).into_iter().map(bare).collect();
        let mut missing = Vec::new();
        for sentence in sentences(from) {
            match other.iter().position(|known| *known == bare(sentence)) {
                Some(at) => drop(other.swap_remove(at)),
                None => missing.push(sentence),
            }
        }
        missing.join(" ")
    };
    let (new, gone) = (missing(now, before), missing(before, now));
    match (new.is_empty(), gone.is_empty()) {
        (false, _) => Unread::Words(as_sentence(&new)),
        (true, false) => Unread::TakenOut(as_sentence(&gone)),
        (true, true) => Unread::All,
    }
}

/// Who is different; a group is always read with its audience.
fn unread_people(before: &ReadBack, draft: &Draft) -> Unread {
    let new: Vec<_> = draft.to.iter().filter(|addressee| !before.to.contains(&addressee.person.id)).collect();
    let kept = before.to.iter().filter(|id| draft.to.iter().any(|addressee| addressee.person.id == **id)).count();
    if draft.to.iter().any(|addressee| addressee.person.members.is_some()) {
        return Unread::All;
    }
    match (new.is_empty(), draft.to.len()) {
        (true, _) => Unread::Only,
        (false, _) if kept == before.to.len() => {
            Unread::Also(new.into_iter().map(|addressee| addressee.spoken.clone()).collect())
        }
        (false, 1) => Unread::Instead,
        (false, _) => Unread::All,
    }
}

#[cfg(test)]
mod tests {
    use super::{Unread, unread_words};

    #[test]
    fn only_the_sentences_that_changed_are_read_back() {
        let words = |words: &str| Unread::Words(words.to_owned());
        let table = [
            ("On Tuesday. Bring keys.", "On Thursday. Bring keys.", words("On Thursday.")),
            ("dinner is ready", "dinner is ready. Bring bread", words("Bring bread.")),
            ("A b. C d.", "A b.", Unread::TakenOut("C d.".to_owned())),
            ("Go. Go.", "Go.", Unread::TakenOut("Go.".to_owned())),
            ("A b. C d.", "C d. A b.", Unread::All),
            ("Are you there?", "Are you there", words("Are you there.")),
        ];
        for (before, now, unread) in table {
            assert_eq!(unread_words(before, now), unread, "{before} / {now}");
        }
    }
}
