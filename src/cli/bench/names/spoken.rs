//! Names in spoken commands, from the sound to the person: neural voices say commands to people of the book, the
//! recogniser writes them down, and the book says who is meant. Beside it stands what taking the recognised word by edit
//! distance would have come to, and what the words of the message lose.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::{
    Bencher,
    bars::Bars,
    generate::{ENGLISH_VOICES, FRENCH_VOICES, book_of, say, slot, speaker},
    pairs::is_for_tuning,
    read,
};
use crate::{
    asr::{Recognizer, Whisper},
    cli::{CommandError, Kind},
    config::{Lang, LangChoice},
    intent::{
        Expected, Parser, Slot,
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

/// What became of the commands.
#[derive(Default)]
struct Tally {
    commands: u32,
    wrong: u32,
    wrong_by_edit_distance: u32,
    wrong_single: u32,
    asked: u32,
    words: u32,
    wrong_words: u32,
    wrong_words_with_the_name: u32,
    bars: Bars,
}

pub(in crate::cli::bench) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let (_, (_store, book)) = read(bencher.heard_names)?;
    let parser = Parser::new().map_err(|error| CommandError::new(Kind::Internal, error))?;
    let model = bencher.model.unwrap_or("base-q8_0");
    let mut whisper = Whisper::load(model, &models::find(&bencher.context.dirs.models, model)?, bencher.threads())?;
    for lang in Lang::ALL.into_iter().filter(|lang| bencher.wants(*lang)) {
        let (voices, sentences) = match lang {
            Lang::En => (ENGLISH_VOICES, ENGLISH),
            Lang::Fr => (FRENCH_VOICES, FRENCH),
        };
        let names = book_of(bencher.first_names, lang)?.into_iter().filter(|name| !is_for_tuning(name));
        let mut speakers: HashMap<&str, Voices> = HashMap::new();
        let mut tally = Tally::default();
        for (at, name) in names.take(bencher.commands / 2).enumerate() {
            let (voice, (sentence, content)) = (voices[at % voices.len()], sentences[at / 2 % sentences.len()]);
            if !speakers.contains_key(voice) {
                speakers.insert(voice, speaker(bencher, voice)?);
            }
            let Some(speaker) = speakers.get_mut(voice) else { continue };
            let samples = say(speaker, &sentence.replace("{}", &name), lang)?;
            let heard = whisper
                .transcribe(&samples, LangChoice::Auto, Some(lang))
                .map_err(|error| CommandError::new(Kind::Unavailable, error))?;
            tally.add((&parser, &book), (&heard.text, heard.lang), &Command { name: &name, sentence, content });
        }
        tally.print(bencher, &format!("{model}/{lang}"))?;
    }
    Ok(())
}

/// A command as it was said.
struct Command<'a> {
    name: &'a str,
    sentence: &'a str,
    content: &'a str,
}

impl Tally {
    fn add(&mut self, (parser, book): (&Parser, &Book), (text, lang): (&str, Lang), command: &Command<'_>) {
        let parse = |text: &str| parser.parse(text, Some(lang), Expected::Command, book);
        let intent = parse(text);
        let found: Option<Resolution> =
            intent.slot(Slot::Recipient).map(|said| book.resolve(said, Some(lang), Surroundings::default()));
        let best = found.as_ref().and_then(|found| found.candidates.first());
        let is_right = best.is_some_and(|best| letters(&best.name) == letters(command.name));
        let decision = found.as_ref().map_or(Decision::None, |found| found.decision);
        let word = slot(text, command.sentence);
        self.commands += 1;
        self.wrong += u32::from(!is_right);
        self.wrong_single += u32::from(!is_right && decision == Decision::One);
        self.asked += u32::from(decision == Decision::Several);
        self.wrong_by_edit_distance += u32::from(nearest(book, &word).is_none_or(|name| name != letters(command.name)));
        if let Some(best) = best {
            self.bars.add(best.score, is_right);
        }
        let put_right = if word.is_empty() { text.to_owned() } else { text.replacen(&word, command.name, 1) };
        let wrong_words =
            |text: &str| wrong_words(parse(text).slot(Slot::Content).unwrap_or_default(), command.content);
        self.words += count(command.content.split_whitespace().count());
        self.wrong_words += wrong_words(text);
        self.wrong_words_with_the_name += wrong_words(&put_right);
    }

    fn print(&self, bencher: &Bencher<'_>, label: &str) -> Result<(), CommandError> {
        let figure = |metric: &str, value: f64, unit| bencher.figure(BENCH, &format!("{label}/{metric}"), value, unit);
        let share = |count: u32, of: u32| 100.0 * f64::from(count) / f64::from(of.max(1));
        figure("commands", f64::from(self.commands), "")?;
        figure("name_errors", share(self.wrong, self.commands), "%")?;
        figure("name_errors_by_edit_distance", share(self.wrong_by_edit_distance, self.commands), "%")?;
        figure("ratio", f64::from(self.wrong) / f64::from(self.wrong_by_edit_distance.max(1)), "")?;
        figure("wrong_single_answers", share(self.wrong_single, self.commands), "%")?;
        figure("asked", share(self.asked, self.commands), "%")?;
        figure("word_errors_of_the_messages", share(self.wrong_words, self.words), "%")?;
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
