//! Names in spoken commands, from the sound to the person: neural voices say commands to people of the book, the
//! recogniser writes them down, and the book says who is meant, after a second hearing where that is in doubt. Beside it
//! stands what the first hearing alone and what taking the recognised word by edit distance would have come to, what the
//! words of the message lose, and whether sentences that name nobody are taken for commands.

use std::collections::{HashMap, hash_map::Entry};

use unicode_normalization::UnicodeNormalization;

use super::{
    Bencher,
    bars::Bars,
    generate::{ENGLISH_VOICES, FRENCH_VOICES, names_of, say, slot, speaker},
    pairs::is_for_tuning,
    read,
};
use crate::{
    asr::{Recognizer, Transcript, Whisper},
    cli::{CommandError, Kind},
    config::{Lang, LangChoice},
    intent::{
        Expected, HeardAgain, Parser, SecondHearing, Slot,
        contacts::{Book, Decision, Resolution, Surroundings},
    },
    models,
    speech::Voices,
};

const BENCH: &str = "names-spoken";
/// Commands and the words of their messages.
const ENGLISH: [(&str, &str); 4] = [
    ("Tell {} that the train is late.", "the train is late"),
    ("Send a message to {} saying dinner is ready.", "dinner is ready"),
    ("Text {} I will be there soon.", "I will be there soon"),
    ("Let {} know that we are home.", "we are home"),
];
const FRENCH: [(&str, &str); 4] = [
    ("Dis à {} que le train est en retard.", "le train est en retard"),
    ("Envoie un message à {} pour dire que le dîner est prêt.", "le dîner est prêt"),
    ("Écris à {} que nous sommes rentrés.", "nous sommes rentrés"),
    ("Préviens {} que je pars bientôt.", "je pars bientôt"),
];

/// Sentences that are no commands to anybody.
const ENGLISH_OTHERS: [&str; 12] = [
    "What's the weather like in Berlin tomorrow?",
    "Turn on the lights in the kitchen.",
    "Play some jazz in the living room.",
    "How far is it to the nearest station?",
    "Add milk and eggs to the shopping list.",
    "Set a timer for ten minutes.",
    "Who won the match last night?",
    "I think the soup needs more salt.",
    "Delta airlines is late again.",
    "The telephone is ringing next door.",
    "Tax returns are due next week.",
    "Lettuce and tomatoes are in the fridge.",
];
const FRENCH_OTHERS: [&str; 12] = [
    "Quel temps fera-t-il à Berlin demain ?",
    "Allume la lumière de la cuisine.",
    "Mets un peu de jazz dans le salon.",
    "À quelle distance est la gare la plus proche ?",
    "Ajoute du lait et des œufs à la liste de courses.",
    "Mets un minuteur de dix minutes.",
    "Qui a gagné le match hier soir ?",
    "Je crois que la soupe manque de sel.",
    "Il y a du monde à la piscine aujourd'hui.",
    "Dix assiettes sont sur la table.",
    "Le prix de l'essence a encore augmenté.",
    "La pelle est restée dans le jardin.",
];

/// What became of the commands.
#[derive(Default)]
struct Tally {
    commands: u32,
    again: u32,
    again_ms: u64,
    strangers: u32,
    strangers_taken: u32,
    strangers_asked: u32,
    others: u32,
    others_taken: u32,
    wrong_at_first: u32,
    wrong: u32,
    wrong_by_edit_distance: u32,
    wrong_single: u32,
    asked: u32,
    words: u32,
    wrong_words: u32,
    wrong_words_at_first: u32,
    wrong_words_with_the_name: u32,
    bars: Bars,
}

pub(in crate::cli::bench) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let (_, (_store, book)) = read(bencher.heard_names)?;
    let parser = Parser::new().map_err(|error| CommandError::new(Kind::Internal, error))?;
    let model = bencher.model.unwrap_or("base-q8_0");
    let mut whisper = Whisper::load(model, &models::find(&bencher.context.dirs.models, model)?, bencher.threads())?;
    let mut of_all = Bars::default();
    for lang in Lang::ALL.into_iter().filter(|lang| bencher.wants(*lang)) {
        let (voices, sentences, others) = match lang {
            Lang::En => (ENGLISH_VOICES, ENGLISH, ENGLISH_OTHERS),
            Lang::Fr => (FRENCH_VOICES, FRENCH, FRENCH_OTHERS),
        };
        let (names, strangers) = names_of(bencher.first_names, lang)?;
        let held_out = |names: Vec<String>| names.into_iter().filter(|name| !is_for_tuning(name)).collect::<Vec<_>>();
        let (names, strangers) = (held_out(names), held_out(strangers));
        let mut speakers: HashMap<&str, Voices> = HashMap::new();
        let mut tally = Tally::default();
        let mut hear = |voice: &'static str, sentence: &str| {
            let speaker = match speakers.entry(voice) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(speaker(bencher, voice)?),
            };
            let samples = say(speaker, sentence, lang)?;
            Hearing::of(&mut whisper, (&parser, &book), &samples, lang)
        };
        for (at, name) in names.iter().cycle().take(bencher.commands / 2).enumerate() {
            // Whoever is named once more is named by another voice, in another sentence.
            let round = at / names.len();
            let voice = voices[(at + round) % voices.len()];
            let (sentence, content) = sentences[(at / 2 + round) % sentences.len()];
            let hearing = hear(voice, &sentence.replace("{}", name))?;
            tally.add((&parser, &book), &hearing, &Command { name, sentence, content });
            // A quarter of all commands is to somebody who is not in the book.
            if let Some(stranger) = strangers.iter().cycle().nth(at).filter(|_| at % 3 == 2) {
                tally.add_stranger((&parser, &book), &hear(voice, &sentence.replace("{}", stranger))?);
            }
        }
        for (at, sentence) in others.into_iter().take(bencher.commands / 8).enumerate() {
            tally.others += 1;
            tally.others_taken += u32::from(hear(voices[at % voices.len()], sentence)?.again.is_some());
        }
        tally.print(bencher, &format!("{model}/{lang}"))?;
        of_all.extend(&tally.bars);
    }
    of_all.print(&|metric, value, unit| bencher.figure(BENCH, &format!("{model}/all/{metric}"), value, unit))
}

/// What was heard, first and again.
pub(in crate::cli::bench) struct Hearing {
    pub text: String,
    pub lang: Lang,
    pub again: Option<HeardAgain>,
    /// What the second hearing took, milliseconds.
    took_ms: Option<u64>,
}

impl Hearing {
    pub fn of(
        whisper: &mut Whisper,
        mind: (&Parser, &Book),
        samples: &[f32],
        lang: Lang,
    ) -> Result<Self, CommandError> {
        let fault = |error| CommandError::new(Kind::Unavailable, error);
        let Transcript { text, lang, .. } = whisper.transcribe(samples, LangChoice::Auto, Some(lang)).map_err(fault)?;
        let second = SecondHearing::of(mind, &text, &text, lang, Expected::Command);
        let weigh = |second: &SecondHearing| whisper.weigh(samples, lang, &second.wordings);
        let weighed = second.as_ref().map(weigh).transpose().map_err(fault)?.flatten();
        let took_ms = weighed.as_ref().map(|weighed| weighed.took_ms);
        let again = second.zip(weighed);
        let again = again.and_then(|(second, weighed)| second.settle(&weighed, mind.1, Surroundings::default()));
        Ok(Self { text, lang, again, took_ms })
    }

    /// Who is meant by what was heard, with or without the second time.
    fn resolve(&self, (parser, book): (&Parser, &Book), again: Option<&HeardAgain>) -> Option<Resolution> {
        let text = again.map_or(&self.text, |again| &again.words);
        let intent = parser.parse(text, Some(self.lang), Expected::Command, book);
        let said = intent.slot(Slot::Recipient)?;
        let again = again.filter(|again| again.named == said).map(|again| again.resolution.clone());
        Some(again.unwrap_or_else(|| book.resolve(said, Some(self.lang), Surroundings::default())))
    }
}

/// A command as it was said.
struct Command<'a> {
    name: &'a str,
    sentence: &'a str,
    content: &'a str,
}

impl Tally {
    fn add(&mut self, (parser, book): (&Parser, &Book), hearing: &Hearing, command: &Command<'_>) {
        let Hearing { text, lang, again, took_ms } = hearing;
        let parse = |text: &str| parser.parse(text, Some(*lang), Expected::Command, book);
        let is_right = |found: Option<&Resolution>| {
            let best = found.and_then(|found| found.candidates.first());
            best.is_some_and(|best| letters(&best.name) == letters(command.name))
        };
        let words = again.as_ref().map_or(text, |again| &again.words);
        let found = hearing.resolve((parser, book), again.as_ref());
        let decision = found.as_ref().map_or(Decision::None, |found| found.decision);
        let right = is_right(found.as_ref());
        let word = slot(text, command.sentence);
        self.commands += 1;
        self.again += u32::from(took_ms.is_some());
        self.again_ms += took_ms.unwrap_or_default();
        self.wrong_at_first += u32::from(!is_right(hearing.resolve((parser, book), None).as_ref()));
        self.wrong += u32::from(!right);
        self.wrong_single += u32::from(!right && decision == Decision::One);
        self.asked += u32::from(decision == Decision::Several);
        self.wrong_by_edit_distance += u32::from(nearest(book, &word).is_none_or(|name| name != letters(command.name)));
        if let Some(best) = found.as_ref().and_then(|found| found.candidates.first()) {
            self.bars.add(best.score, right);
        }
        let put_right = if word.is_empty() { text.clone() } else { text.replacen(&word, command.name, 1) };
        let wrong_words =
            |text: &str| wrong_words(parse(text).slot(Slot::Content).unwrap_or_default(), command.content);
        self.words += count(command.content.split_whitespace().count());
        self.wrong_words_at_first += wrong_words(text);
        self.wrong_words += wrong_words(words);
        self.wrong_words_with_the_name += wrong_words(&put_right);
    }

    fn add_stranger(&mut self, mind: (&Parser, &Book), hearing: &Hearing) {
        let found = hearing.resolve(mind, hearing.again.as_ref());
        let decision = found.as_ref().map_or(Decision::None, |found| found.decision);
        self.strangers += 1;
        self.strangers_taken += u32::from(decision == Decision::One);
        self.strangers_asked += u32::from(decision == Decision::Several);
        if let Some(best) = found.as_ref().and_then(|found| found.candidates.first()) {
            self.bars.add(best.score, false);
        }
    }

    fn print(&self, bencher: &Bencher<'_>, label: &str) -> Result<(), CommandError> {
        let figure = |metric: &str, value: f64, unit| bencher.figure(BENCH, &format!("{label}/{metric}"), value, unit);
        let share = |count: u32, of: u32| 100.0 * f64::from(count) / f64::from(of.max(1));
        figure("commands", f64::from(self.commands), "")?;
        figure("name_errors", share(self.wrong, self.commands), "%")?;
        figure("name_errors_at_first_hearing", share(self.wrong_at_first, self.commands), "%")?;
        figure("heard_again", share(self.again, self.commands), "%")?;
        #[allow(clippy::cast_precision_loss, reason = "milliseconds of a bench")]
        figure("hearing_again_takes", self.again_ms as f64 / f64::from(self.again.max(1)), "ms")?;
        figure("name_errors_by_edit_distance", share(self.wrong_by_edit_distance, self.commands), "%")?;
        figure("ratio", f64::from(self.wrong) / f64::from(self.wrong_by_edit_distance.max(1)), "")?;
        figure("wrong_single_answers", share(self.wrong_single, self.commands), "%")?;
        figure("asked", share(self.asked, self.commands), "%")?;
        figure("strangers_taken_for_somebody", share(self.strangers_taken, self.strangers), "%")?;
        figure("strangers_asked_about", share(self.strangers_asked, self.strangers), "%")?;
        figure("word_errors_of_the_messages", share(self.wrong_words, self.words), "%")?;
        figure("word_errors_at_first_hearing", share(self.wrong_words_at_first, self.words), "%")?;
        figure("sentences_to_nobody_taken_for_commands", share(self.others_taken, self.others), "%")?;
        figure("word_errors_with_the_name_put_right", share(self.wrong_words_with_the_name, self.words), "%")?;
        self.bars.print(&figure)
    }
}

/// The name of the book that is spelled most like a word.
fn nearest(book: &Book, word: &str) -> Option<String> {
    let word = letters(word);
    let names = book.contacts().iter().map(|contact| letters(&contact.name));
    names.min_by_key(|name| strsim::levenshtein(name, &word)).filter(|_| !word.is_empty())
}

fn letters(text: &str) -> String {
    text.nfd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Words that were changed, lost or added.
fn wrong_words(heard: &str, said: &str) -> u32 {
    let words = |text: &str| -> Vec<String> { text.split_whitespace().map(letters).collect() };
    count(strsim::generic_levenshtein(&words(heard), &words(said)))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
