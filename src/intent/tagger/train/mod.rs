//! From annotated sentences to the trained files in `models/nlu/`.
//!
//! The same sentences give the same files, bit for bit, on one machine: one thread a language, seeded draws, sorted
//! tables.

mod counts;
mod data;
mod logistic;
mod own;

use std::{
    collections::BTreeSet,
    fs, io,
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
};

use crfsuite::{Algorithm, GraphicalModel, Trainer};

use super::{
    CLASSES, Intents, Tagger,
    calibration::{self, Calibration},
    classifier::Classifier,
    features::View,
    labeller::{Labeller, attributes},
};
use crate::{
    config::Lang,
    intent::{
        IntentName,
        token::{self, Token},
    },
};
use counts::Counts;
use data::Item;
use logistic::Example;
use own::{Fillings, Random};

/// Our own sentences: what the public data lack.
const OWN: [(Lang, &str); 2] = [
    (Lang::En, include_str!("../../../../models/nlu/own.en.toml")),
    (Lang::Fr, include_str!("../../../../models/nlu/own.fr.toml")),
];

/// How often a feature must occur to count for the intent.
const SEEN: u32 = 3;

/// One sentence of so many is held out to calibrate the scores.
const HELD_OUT: usize = 5;

/// Why training failed.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A line of the training data does not fit the schema.
    #[error("{path}:{line}: {error}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// Our own phrases hold a mistake.
    #[error("models/nlu/own.{0}.toml: {1}")]
    Phrases(Lang, String),
    /// The optimiser of the classifier gave up.
    #[error("the classifier cannot be trained on these sentences: {0}")]
    Optimiser(String),
    /// The labeller cannot be trained.
    #[error("the labeller cannot be trained on these sentences: {0}")]
    Labeller(#[from] crfsuite::CrfError),
}

/// How thoroughly to train.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds of the classifier's optimiser.
    pub intent_rounds: usize,
    /// Rounds of the labeller's optimiser, English and French: with many sentences it learns their mistakes early.
    pub slot_rounds: [usize; 2],
    /// L2 penalty of the classifier.
    pub penalty: f64,
    /// L1 and L2 penalty of the labeller.
    pub c: [f64; 2],
    /// Sentences drawn from each group of our own phrases, at most.
    pub phrases: usize,
}

impl Effort {
    /// Enough to learn how far scores are to be believed.
    fn part(self) -> Self {
        Self {
            intent_rounds: self.intent_rounds.div_ceil(2),
            slot_rounds: self.slot_rounds.map(|rounds| rounds.div_ceil(3)),
            ..self
        }
    }
}

impl Default for Effort {
    fn default() -> Self {
        Self { intent_rounds: 120, slot_rounds: [60, 120], penalty: 0.02, c: [0.1, 0.05], phrases: usize::MAX }
    }
}

/// Trains on `data/train.jsonl` and `data/first_names.tsv`, and writes `intents.bin`, `slots.en.crf` and
/// `slots.fr.crf` into `out`. `say` is told what is being done.
///
/// # Errors
/// [`TrainError`] with the file and line that cannot be used.
pub fn train(data: &Path, out: &Path, effort: Effort, say: &mut dyn FnMut(&str)) -> Result<(), TrainError> {
    let items = read_items(&data.join("train.jsonl"))?;
    let first_names = read_text(&data.join("first_names.tsv"))?;
    let (held, kept): (Vec<_>, Vec<_>) =
        items.iter().cloned().enumerate().partition(|(at, _)| at.is_multiple_of(HELD_OUT));
    let kept: Vec<Item> = kept.into_iter().map(|(_, item)| item).collect();
    say("on a part, to see how far its scores are to be believed");
    let trial = tagger(&kept, &first_names, out, effort.part())?;
    let calibration = calibrate(&trial, held.iter().map(|(_, item)| item))?;
    drop(trial);
    say("on everything");
    let mut trained = tagger(&items, &first_names, out, effort)?;
    trained.intents.calibration = calibration;
    let path = out.join("intents.bin");
    fs::write(&path, trained.intents.write()).map_err(|error| TrainError::File { path, error })
}

/// Trains on these sentences and our own, both languages at once; the labellers' files are written into `out`.
fn tagger(items: &[Item], first_names: &str, out: &Path, effort: Effort) -> Result<Tagger, TrainError> {
    let (all, counts) = material(items, first_names, effort)?;
    let half = |lang: Lang| -> Result<(Classifier, Labeller), TrainError> {
        let examples = examples(&all, lang, &counts);
        let weights = logistic::train(&examples, CLASSES.len(), SEEN, effort.penalty, effort.intent_rounds)?;
        let path = out.join(format!("slots.{lang}.crf"));
        train_labeller(&all, lang, &counts, effort, &path)?;
        Ok((Classifier::from_weights(&weights), Labeller::open(&path).map_err(TrainError::Labeller)?))
    };
    let (english, french) = thread::scope(|scope| {
        let french = scope.spawn(|| half(Lang::Fr));
        (half(Lang::En), french.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let ((en, en_slots), (fr, fr_slots)) = (english?, french?);
    let intents = Intents { lexicon: counts.lexicon(), classifiers: [en, fr], ..Intents::default() };
    Ok(Tagger { intents, labellers: [en_slots, fr_slots] })
}

/// The sentences to learn from, with our own and those in which names were changed, and what they tell about words.
fn material(items: &[Item], first_names: &str, effort: Effort) -> Result<(Vec<Item>, Counts), TrainError> {
    let mut random = Random::new(1);
    let mut all = items.to_vec();
    let mut swapped = Vec::new();
    for (lang, phrases) in OWN {
        let fillings = fillings(items, lang);
        if lang == Lang::Fr {
            swapped = swap(items, &fillings, &mut random);
        }
        all.extend(own::sentences(lang, phrases, effort.phrases, &fillings, &mut random)?);
    }
    let counts = Counts::of(items, all.get(items.len()..).unwrap_or_default(), first_names);
    all.extend(swapped);
    Ok((all, counts))
}

/// Learns from sentences the tagger has not seen how probable it is that all of its answer is right.
fn calibrate<'a>(trial: &Tagger, held: impl Iterator<Item = &'a Item>) -> Result<Calibration, TrainError> {
    let mut answers = Vec::new();
    for item in held {
        for text in forms(&item.text) {
            let tokens = token::tokens(&text);
            let tagged = trial.read(&text, &tokens, item.lang);
            if tagged.intent != IntentName::Other {
                answers.push((calibration::facts(&tagged), item.is_right(&tagged, &tokens)));
            }
        }
    }
    logistic::fit(&answers).map(|weights| Calibration::new(weights.to_vec()))
}

fn read_text(path: &Path) -> Result<String, TrainError> {
    fs::read_to_string(path).map_err(|error| TrainError::File { path: path.to_owned(), error })
}

fn read_items(path: &Path) -> Result<Vec<Item>, TrainError> {
    let item = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| TrainError::Line { path: path.to_owned(), line: index + 1, error })
    };
    read_text(path)?.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(item).collect()
}

/// Names and messages out of the annotated sentences, to put into others.
fn fillings(items: &[Item], lang: Lang) -> Fillings {
    let of = |lang: Option<Lang>, names: &[&str]| -> Vec<String> {
        let items = items.iter().filter(|item| lang.is_none_or(|lang| item.lang == lang));
        let values: BTreeSet<String> = items
            .filter_map(|item| item.slots.as_ref())
            .flat_map(|slots| names.iter().filter_map(|name| slots.get(*name)).flatten())
            .filter(|value| value.split_whitespace().count() <= if names == ["content"] { 20 } else { 3 })
            .cloned()
            .collect();
        values.into_iter().collect()
    };
    Fillings {
        people: of(Some(lang), &["recipient"]),
        contents: of(Some(lang), &["content"]),
        groups: of(None, &["group"]),
    }
}

/// French sentences again with other people and messages in them: there are few.
fn swap(items: &[Item], fillings: &Fillings, random: &mut Random) -> Vec<Item> {
    let french = items.iter().filter(|item| item.lang == Lang::Fr && item.set == "core");
    french.filter_map(|item| data::swapped(item, fillings, random)).collect()
}

/// A sentence as written and as a recogniser without punctuation writes it, where that differs.
fn forms(text: &str) -> Vec<String> {
    let plain = data::plain(text);
    if plain == text { vec![plain] } else { vec![text.to_owned(), plain] }
}

fn examples(items: &[Item], lang: Lang, counts: &Counts) -> Vec<Example> {
    let (known, mut examples) = (counts.lexicon(), Vec::new());
    for item in items.iter().filter(|item| item.lang == lang) {
        let Some(class) = item.class() else { continue };
        let forms = forms(&item.text);
        let weight = if forms.len() > 1 { 0.5 } else { 1.0 };
        let lexicon = counts.to_learn(item, &known);
        for text in &forms {
            let tokens = token::tokens(text);
            examples.push(Example { features: View::new(text, &tokens, lang, &lexicon).sentence(), class, weight });
        }
    }
    examples
}

fn train_labeller(items: &[Item], lang: Lang, counts: &Counts, effort: Effort, path: &Path) -> Result<(), TrainError> {
    let known = counts.lexicon();
    let mut trainer = Trainer::new(false);
    trainer.select(Algorithm::LBFGS, GraphicalModel::CRF1D)?;
    let [c1, c2] = effort.c;
    trainer.set("c1", &c1.to_string())?;
    trainer.set("c2", &c2.to_string())?;
    let [en, fr] = effort.slot_rounds;
    let rounds = if lang == Lang::En { en } else { fr };
    trainer.set("max_iterations", &rounds.to_string())?;
    trainer.set("feature.minfreq", "2")?;
    for item in items.iter().filter(|item| item.lang == lang && item.teaches_slots()) {
        let Some((class, _)) = item.class().and_then(|class| CLASSES.get(class)) else { continue };
        let lexicon = counts.to_learn(item, &known);
        for text in forms(&item.text) {
            let tokens: Vec<Token> = token::tokens(&text);
            let Some(labels) = item.labels(&tokens).filter(|labels| !labels.is_empty()) else { continue };
            let words: Vec<_> =
                View::new(&text, &tokens, lang, &lexicon).labels(class).iter().map(attributes).collect();
            trainer.append(&words, &labels, 0)?;
        }
    }
    Ok(trainer.train(&path.to_string_lossy(), -1)?)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{Effort, TrainError, train};

    const SENTENCES: &str = r#"
{"set":"core","lang":"en","text":"Tell Anna I'm late","intent":"send_message","accept":["send_message"],"slots":{"recipient":["Anna"],"content":["I'm late"]}}
{"set":"core","lang":"en","text":"tell Paul we are home","intent":"send_message","accept":["send_message"],"slots":{"recipient":["Paul"],"content":["we are home"]}}
{"set":"core","lang":"en","text":"call Anna","intent":"call","accept":["call"],"slots":{"recipient":["Anna"]}}
{"set":"ood","lang":"en","text":"what is the weather","intent":"other","accept":["other"],"slots":{}}
{"set":"core","lang":"fr","text":"Dis à Anna que j'arrive","intent":"send_message","accept":["send_message"],"slots":{"recipient":["Anna"],"content":["j'arrive"]}}
{"set":"core","lang":"fr","text":"appelle Paul","intent":"call","accept":["call"],"slots":{"recipient":["Paul"]}}
{"set":"ood","lang":"fr","text":"quel temps fait-il","intent":"other","accept":["other"],"slots":{}}
"#;

    fn trained(data: &Path) -> Vec<Vec<u8>> {
        let out = tempfile::tempdir().unwrap();
        let effort = Effort { intent_rounds: 3, slot_rounds: [3, 3], phrases: 1, ..Effort::default() };
        train(data, out.path(), effort, &mut |_| ()).unwrap();
        ["intents.bin", "slots.en.crf", "slots.fr.crf"].map(|file| fs::read(out.path().join(file)).unwrap()).to_vec()
    }

    #[test]
    fn the_same_sentences_give_the_same_files() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("train.jsonl"), SENTENCES.trim_start()).unwrap();
        fs::write(data.path().join("first_names.tsv"), "name\tlocales\nAnna\tit_IT\n").unwrap();
        let first = trained(data.path());
        assert!(first.iter().all(|file| file.len() > 100));
        assert_eq!(first, trained(data.path()));
    }

    #[test]
    fn a_broken_line_is_named() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("train.jsonl"), "\n{\"text\":1}\n").unwrap();
        let error = train(data.path(), data.path(), Effort::default(), &mut |_| ()).unwrap_err();
        assert!(matches!(error, TrainError::Line { line: 2, .. }), "{error}");
    }
}
