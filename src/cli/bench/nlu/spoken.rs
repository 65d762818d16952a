//! How well spoken commands are understood, beside the same sentences as text: the neural voices say sentences of the
//! annotated ones, and the recogniser writes them down. Which sentences and who says them is decided by a hash, so they
//! are the same every time.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Item, Tally, items, name, percent};
use crate::{
    asr::{Recognizer, Whisper},
    cli::{
        CommandError, Kind,
        bench::{
            Bencher,
            names::generate::{ENGLISH_VOICES, FRENCH_VOICES, say, speaker},
        },
    },
    config::{Lang, LangChoice},
    intent::{Expected, NoNames, Parser},
    models,
    speech::Voices,
};

const BENCH: &str = "nlu-spoken";
/// Sentences of each language.
const SENTENCES: usize = 200;

pub(in crate::cli::bench) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let parser = Parser::new().map_err(|error| CommandError::new(Kind::Internal, error))?;
    let Some(items) = items(bencher) else { return Ok(()) };
    let model = bencher.model.unwrap_or("base-q8_0");
    let mut whisper = Whisper::load(model, &models::find(&bencher.context.dirs.models, model)?, bencher.threads())?;
    for lang in Lang::ALL.into_iter().filter(|lang| bencher.wants(*lang)) {
        let (mut text, mut spoken) = (Tally::default(), Tally::default());
        for (voice, sentences) in choose(&items, lang) {
            let mut speaker = speaker(bencher, voice)?;
            for item in sentences {
                text.add(item, &parser, (&item.text, lang));
                let (heard, heard_in) = hear(&mut speaker, &mut whisper, (&item.text, lang))?;
                spoken.add(item, &parser, (&heard, heard_in));
            }
        }
        for (form, tally) in [("text", &text), ("spoken", &spoken)] {
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

/// Returns what the recogniser writes down of a sentence, and the language it takes it for.
fn hear(
    speaker: &mut Voices,
    whisper: &mut Whisper,
    (text, lang): (&str, Lang),
) -> Result<(String, Lang), CommandError> {
    let samples = say(speaker, text, lang)?;
    let heard = whisper
        .transcribe(&samples, LangChoice::Auto, Some(lang))
        .map_err(|error| CommandError::new(Kind::Unavailable, error))?;
    Ok((heard.text, heard.lang))
}

impl Tally {
    fn add(&mut self, item: &Item, parser: &Parser, (text, lang): (&str, Lang)) {
        let intent = parser.parse(text, Some(lang), Expected::Command, &NoNames);
        let right = item.accept.contains(&name(intent.name));
        self.all += 1;
        self.right += u32::from(right);
        self.acts += u32::from(!right && intent.name.acts());
    }
}
