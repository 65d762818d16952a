//! The trained tagger: what free text means, where no template knows the sentence.
//!
//! | file | what it does |
//! |---|---|
//! | `features.rs` | what is looked at, in a sentence and at each word |
//! | `cues.rs` | the words by which the parts of a sentence are told apart |
//! | `lexicon.rs` | which words are names, which are ordinary |
//! | `classifier.rs` | which intent: logistic regression |
//! | `labeller.rs` | which words belong to which slot: a conditional random field |
//! | `calibration.rs` | how probable it is that all of it is right |
//! | `file.rs` | the layout of a trained file |
//! | [`train`] | `herald models train`: from annotated sentences to `models/nlu/` |
//!
//! The trained files are part of the program: they cannot be missing, and are always those it was built with.

mod calibration;
mod classifier;
mod cues;
mod features;
mod file;
mod labeller;
mod lexicon;
pub mod train;

pub use file::FileError;

use calibration::Calibration;
use classifier::Classifier;
use features::View;
use file::{Reader, Writer};
use labeller::{Labeller, Span};
use lexicon::Lexicon;

use super::{IntentName, Slot, token::Token};
use crate::config::Lang;

const INTENTS: &[u8] = include_bytes!("../../../models/nlu/intents.bin");
const SLOTS: [&[u8]; 2] =
    [include_bytes!("../../../models/nlu/slots.en.crf"), include_bytes!("../../../models/nlu/slots.fr.crf")];

/// What is told apart, and the intent it stands for. Several kinds of other text have a class of their own: each is
/// alike in itself, and all together are not.
const CLASSES: [(&str, IntentName); 19] = [
    ("other", IntentName::Other),
    ("call_control", IntentName::Other),
    ("ignore_message", IntentName::Other),
    ("reminder", IntentName::Other),
    ("post", IntentName::Other),
    ("money", IntentName::Other),
    ("query", IntentName::Other),
    ("send_message", IntentName::SendMessage),
    ("reply_message", IntentName::ReplyMessage),
    ("read_messages", IntentName::ReadMessages),
    ("react_message", IntentName::ReactMessage),
    ("call", IntentName::Call),
    ("cancel", IntentName::Cancel),
    ("confirm", IntentName::Confirm),
    ("deny", IntentName::Deny),
    ("repeat", IntentName::Repeat),
    ("pay", IntentName::Pay),
    ("request_payment", IntentName::RequestPayment),
    ("share_location", IntentName::ShareLocation),
];

/// Below this probability no intent is taken for meant.
const LEAST: f32 = 0.2;

/// The tagger for both languages.
#[derive(Debug)]
pub(super) struct Tagger {
    intents: Intents,
    labellers: [Labeller; 2],
}

/// What the intent and the score are told by.
#[derive(Debug, Default, PartialEq)]
struct Intents {
    lexicon: Lexicon,
    classifiers: [Classifier; 2],
    calibration: Calibration,
}

/// What the tagger makes of a sentence.
#[derive(Debug)]
pub(super) struct Tagged {
    pub intent: IntentName,
    /// How probable the intent is.
    pub certain: f32,
    /// How probable the slots are, if the intent is right.
    pub slots_certain: f32,
    pub slots: Vec<Span>,
}

impl Tagger {
    /// Returns the tagger that is part of the program.
    ///
    /// # Errors
    /// [`FileError`] if the program was built with files it cannot read.
    pub fn built_in() -> Result<Self, FileError> {
        Self::from_files(INTENTS, SLOTS)
    }

    fn from_files(intents: &[u8], [en, fr]: [&'static [u8]; 2]) -> Result<Self, FileError> {
        let labellers = [Labeller::new("slots.en.crf", en)?, Labeller::new("slots.fr.crf", fr)?];
        Ok(Self { intents: Intents::read(intents)?, labellers })
    }

    /// Says what a sentence means. Its tokens come without fillers.
    pub fn read(&self, text: &str, tokens: &[Token], lang: Lang) -> Tagged {
        let view = View::new(text, tokens, lang, &self.intents.lexicon);
        let (class, intent, certain) = self.intents.decide(&view, lang);
        if certain < LEAST {
            return Tagged { intent: IntentName::Other, certain: 1.0 - certain, slots_certain: 1.0, slots: Vec::new() };
        }
        let [en, fr] = &self.labellers;
        let labeller = if lang == Lang::En { en } else { fr };
        let (slots, slots_certain) = labeller.slots(&view.labels(class));
        Tagged { intent, certain, slots_certain, slots: one_by_one(slots, tokens) }
    }

    /// Returns how probable it is that everything in `tagged` is right.
    pub fn score(&self, tagged: &Tagged) -> f32 {
        self.intents.calibration.score(tagged)
    }
}

impl Intents {
    fn read(bytes: &[u8]) -> Result<Self, FileError> {
        let mut reader = Reader::new("intents.bin", bytes)?;
        let lexicon = Lexicon::read(&mut reader)?;
        let classifiers = [Classifier::read(&mut reader)?, Classifier::read(&mut reader)?];
        Ok(Self { lexicon, classifiers, calibration: Calibration::read(&mut reader)? })
    }

    fn write(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.lexicon.write(&mut writer);
        self.classifiers.iter().for_each(|classifier| classifier.write(&mut writer));
        self.calibration.write(&mut writer);
        writer.done()
    }

    /// Returns the likeliest class that is for Herald, its intent, and how probable that intent is.
    fn decide(&self, view: &View<'_>, lang: Lang) -> (&'static str, IntentName, f32) {
        let [en, fr] = &self.classifiers;
        let classifier = if lang == Lang::En { en } else { fr };
        let found = classifier.probabilities(&view.sentence(), CLASSES.len());
        let of = |intent: IntentName| -> f32 {
            let classes = CLASSES.iter().zip(&found).filter(|((_, name), _)| *name == intent);
            classes.map(|(_, probability)| probability).sum()
        };
        let ours = CLASSES.iter().filter(|(_, intent)| *intent != IntentName::Other);
        let best = ours.max_by(|(_, a), (_, b)| of(*a).total_cmp(&of(*b)));
        best.map_or(("other", IntentName::Other, 0.0), |(class, intent)| (*class, *intent, of(*intent)))
    }
}

/// Where several people are named, a comma stands between two of them: "Marie, Paul and Léa".
fn one_by_one(slots: Vec<Span>, tokens: &[Token]) -> Vec<Span> {
    if slots.iter().filter(|(slot, _)| *slot == Slot::Recipient).count() < 2 {
        return slots;
    }
    let mut apart: Vec<Span> = Vec::new();
    for (slot, range) in slots {
        let mut from = range.start;
        let commas = range.clone().skip(1).filter(|at| tokens.get(*at).is_some_and(|token| token.broken));
        for comma in commas.filter(|_| slot == Slot::Recipient) {
            apart.push((slot, from..comma));
            from = comma;
        }
        apart.push((slot, from..range.end));
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::{INTENTS, Intents, Lexicon, SLOTS, Slot, Tagger, one_by_one};
    use crate::intent::token;

    #[test]
    fn the_trained_files_are_what_the_program_expects() {
        let tagger = Tagger::built_in().unwrap();
        assert_ne!(tagger.intents.lexicon, Lexicon::default());
    }

    #[test]
    fn a_comma_separates_people_only_where_there_are_several() {
        let spans = |text: &str, places: &[(usize, usize)]| -> Vec<(usize, usize)> {
            let slots = places.iter().map(|(from, end)| (Slot::Recipient, *from..*end)).collect();
            let apart = one_by_one(slots, &token::tokens(text));
            apart.into_iter().map(|(_, range)| (range.start, range.end)).collect()
        };
        assert_eq!(spans("call Marie, Paul and Léa", &[(1, 3), (4, 5)]), [(1, 2), (2, 3), (4, 5)]);
        assert_eq!(spans("call my uncle, Paul", &[(1, 4)]), [(1, 4)]);
    }

    #[test]
    fn a_file_that_does_not_fit_is_named_with_the_way_to_mend_it() {
        let error = Intents::read(b"something else").unwrap_err().to_string();
        assert!(error.contains("intents.bin") && error.contains("herald models train"), "{error}");
        let half = INTENTS.get(..INTENTS.len() / 2).unwrap();
        assert!(Intents::read(half).unwrap_err().to_string().contains("ends too early"));
        let [en, _] = SLOTS;
        let error = Tagger::from_files(INTENTS, [en, b"nothing"]).unwrap_err().to_string();
        assert!(error.contains("slots.fr.crf"), "{error}");
    }
}
