//! How well spoken commands are understood, beside the same sentences as text: the neural voices say sentences of the
//! annotated ones, and the recogniser writes them down. Which sentences and who says them is decided by a hash, so they
//! are the same every time. What is understood with a second hearing is measured beside it, with a contact book of all
//! names that the annotated sentences hold: people write to those they know.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{Item, Tally, items, name, percent};
use crate::{
    asr::Whisper,
    cli::{
        CommandError, Kind,
        bench::{
            Bencher,
            names::{
                self,
                generate::{ENGLISH_VOICES, FRENCH_VOICES, say, speaker},
                spoken::Hearing,
            },
        },
    },
    config::Lang,
    intent::{Expected, Names, NoNames, Parser},
    models,
};

const BENCH: &str = "nlu-spoken";
/// Sentences of each language.
const SENTENCES: usize = 200;
/// What stands before a word that is no name.
const DETERMINERS: [&str; 12] =
    ["my ", "our ", "the ", "his ", "her ", "mon ", "ma ", "mes ", "le ", "la ", "les ", "notre "];

pub(in crate::cli::bench) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let parser = Parser::new().map_err(|error| CommandError::new(Kind::Internal, error))?;
    let Some(items) = items(bencher) else { return Ok(()) };
    let model = bencher.model.unwrap_or("base-q8_0");
    let mut whisper = Whisper::load(model, &models::find(&bencher.context.dirs.models, model)?, bencher.threads())?;
    for lang in Lang::ALL.into_iter().filter(|lang| bencher.wants(*lang)) {
        let [mut text, mut known, mut first, mut again] = <[Tally; 4]>::default();
        let (_store, book) = names::open(&cards(&items, lang))?;
        for (voice, sentences) in choose(&items, lang) {
            let mut speaker = speaker(bencher, voice)?;
            for item in sentences {
                text.add(item, &parser, (&item.text, lang), &NoNames);
                known.add(item, &parser, (&item.text, lang), &book);
                let samples = say(&mut speaker, &item.text, lang)?;
                let heard = Hearing::of(&mut whisper, (&parser, &book), &samples, lang)?;
                first.add(item, &parser, (&heard.text, heard.lang), &NoNames);
                let words = heard.again.as_ref().map_or(&heard.text, |again| &again.words);
                again.add(item, &parser, (words, heard.lang), &book);
            }
        }
        let forms =
            [("text", &text), ("text, with a book", &known), ("spoken", &first), ("spoken, heard again", &again)];
        for (form, tally) in forms {
            let label = |metric: &str| format!("{model}/{lang} {form}: headline, {metric}");
            bencher.figure(BENCH, &label("intent right"), percent(tally.right, tally.all), "%")?;
            bencher.figure(BENCH, &label("acts wrongly"), percent(tally.acts, tally.all), "%")?;
        }
    }
    Ok(())
}

/// Chooses sentences, and who says each.
fn choose(items: &[Item], lang: Lang) -> BTreeMap<&'static str, Vec<&Item>> {
    let voices = if lang == Lang::En { ENGLISH_VOICES } else { FRENCH_VOICES };
    let dice = |item: &Item| Sha256::digest(&item.text);
    let mut all: Vec<&Item> = items.iter().filter(|item| item.lang == lang && item.row() == "headline").collect();
    all.sort_by_key(|item| dice(item));
    let mut by_voice: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for (item, voice) in all.into_iter().take(SENTENCES).zip(voices.into_iter().cycle()) {
        by_voice.entry(voice).or_default().push(item);
    }
    by_voice
}

/// Returns a contact for each name in the sentences, with or without a capital, but not for somebody's relative ("my
/// brother", "Mila 's mom").
fn cards(items: &[Item], lang: Lang) -> String {
    let slots = items.iter().filter(|item| item.lang == lang).filter_map(|item| item.slots.as_ref());
    let people = slots.flat_map(|slots| ["recipient", "sender"].into_iter().filter_map(|slot| slots.get(slot)));
    let is_name = |said: &&String| !said.contains('\'') && !DETERMINERS.iter().any(|word| said.starts_with(word));
    let known: BTreeSet<&String> = people.flatten().filter(is_name).collect();
    known.into_iter().map(|name| format!("BEGIN:VCARD\nVERSION:4.0\nFN:{name}\nEND:VCARD\n")).collect()
}

impl Tally {
    fn add(&mut self, item: &Item, parser: &Parser, (text, lang): (&str, Lang), names: &dyn Names) {
        let intent = parser.parse(text, Some(lang), Expected::Command, names);
        let right = item.accept.contains(&name(intent.name));
        self.all += 1;
        self.right += u32::from(right);
        self.acts += u32::from(!right && intent.name.acts());
    }
}
