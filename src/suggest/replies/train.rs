//! Trains the retriever: cross-entropy over the classes of the language, by AdaGrad (Duchi et al., 2011), one example
//! after the other. The order is fixed and the beginning drawn by a fixed seed, so that the same examples give the same
//! file.

use super::{
    Class, classes,
    encoder::{Encoder, WIDTH, dot, scale},
    features::{self, Features, PROMPT_ROWS, REPLY_ROWS},
};
use crate::{
    config::Lang,
    suggest::{About, Message, built_in_rules, offer, rules::Rules},
};

/// Passes over the examples.
const ROUNDS: usize = 40;

/// How far one example moves the vectors at first.
const RATE: f32 = 0.1;

/// Share of each number that is lost at a visit, so that what is rare stays small.
const DECAY: f32 = 0.0005;

/// One message and how it may be answered.
#[derive(Debug, Clone)]
pub struct Example<'a> {
    /// The end of the conversation.
    pub messages: Vec<Message<'a>>,
    /// What is known beside.
    pub about: About,
    /// Its language.
    pub lang: Lang,
    /// The classes that fit, the likeliest first.
    pub classes: Vec<&'a str>,
}

/// Why nothing was trained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// A mistake in a rule file.
    #[error(transparent)]
    Rules(#[from] crate::intent::SentenceError),
    /// A class that has no texts.
    #[error("there are no replies of the class {0:?}")]
    NoSuchClass(String),
}

/// What is learnt from one example.
struct Lesson {
    lang: Lang,
    prompt: Features,
    /// How likely each class of the language should be.
    target: Vec<f32>,
}

/// Returns the trained file.
///
/// # Errors
/// [`TrainError`] where an example or a rule file has a mistake.
pub fn train(examples: &[Example<'_>]) -> Result<Vec<u8>, TrainError> {
    let rules = built_in_rules()?;
    let mut lessons = Vec::new();
    for example in examples {
        lessons.extend(
            rules.iter().find(|rules| rules.lang == example.lang).map(|rules| lesson(rules, example)).transpose()?,
        );
    }
    Ok(fit(&lessons).write())
}

fn lesson(rules: &Rules, example: &Example<'_>) -> Result<Lesson, TrainError> {
    let offered = offer::suggestions(rules, &example.messages, &example.about);
    let prompt = features::of_prompt(rules, &example.messages, &example.about, &offered);
    let known = classes(rules.lang);
    let mut target = vec![0.0; known.len()];
    let mut weight = 1.0;
    for class in &example.classes {
        let at = known.iter().position(|known| known.name == *class);
        let at = at.and_then(|at| target.get_mut(at));
        *at.ok_or_else(|| TrainError::NoSuchClass((*class).to_owned()))? = weight;
        weight *= 0.8;
    }
    let total: f32 = target.iter().sum();
    target.iter_mut().for_each(|share| *share /= total.max(f32::MIN_POSITIVE));
    Ok(Lesson { lang: rules.lang, prompt, target })
}

/// A table and how much each number has moved.
struct Table {
    numbers: Vec<f32>,
    moved: Vec<f32>,
}

impl Table {
    fn new(rows: u32, seed: u64) -> Self {
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            #[allow(clippy::cast_precision_loss, reason = "24 bits fit")]
            let unit = (state >> 40) as f32 / (1_u32 << 24) as f32;
            (unit - 0.5) * 0.2
        };
        let count = rows as usize * WIDTH;
        Self { numbers: (0..count).map(|_| draw()).collect(), moved: vec![1e-3; count] }
    }

    /// Moves the vectors of some features against a gradient.
    fn learn(&mut self, features: &Features, gradient: &[f32]) {
        let scale = scale(features);
        for feature in features {
            let range = *feature as usize * WIDTH..(*feature as usize + 1) * WIDTH;
            let (Some(numbers), Some(moved)) = (self.numbers.get_mut(range.clone()), self.moved.get_mut(range)) else {
                continue;
            };
            for ((number, moved), gradient) in numbers.iter_mut().zip(moved).zip(gradient) {
                let step = gradient * scale;
                *moved += step * step;
                *number -= RATE * step / moved.sqrt() + DECAY * *number;
            }
        }
    }
}

fn fit(lessons: &[Lesson]) -> Encoder {
    let mut prompts = Table::new(PROMPT_ROWS, 1);
    let mut replies = Table::new(REPLY_ROWS, 2);
    let known = Lang::ALL.map(|lang| (lang, of_classes(lang)));
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    for round in 0..ROUNDS {
        // Another order each round, always the same ones.
        order.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.wrapping_add(round as u64 * 2)));
        for lesson in order.iter().filter_map(|at| lessons.get(*at)) {
            let classes = known.iter().find(|(lang, _)| *lang == lesson.lang).map(|(_, classes)| classes);
            visit(lesson, classes.map(Vec::as_slice).unwrap_or_default(), &mut prompts, &mut replies);
        }
    }
    Encoder { prompts: prompts.numbers, replies: replies.numbers }
}

fn of_classes(lang: Lang) -> Vec<Features> {
    classes(lang).iter().map(|class: &Class| features::of_class(lang, class)).collect()
}

fn visit(lesson: &Lesson, classes: &[Features], prompts: &mut Table, replies: &mut Table) {
    let encoder = |table: &Table, features: &Features| super::encoder::pooled(&table.numbers, features);
    let prompt = encoder(prompts, &lesson.prompt);
    let vectors: Vec<Vec<f32>> = classes.iter().map(|class| encoder(replies, class)).collect();
    let scores: Vec<f32> = vectors.iter().map(|vector| dot(&prompt, vector)).collect();
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let odds: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
    let total: f32 = odds.iter().sum();
    let mut gradient = vec![0.0; WIDTH];
    for (((odds, target), vector), class) in odds.iter().zip(&lesson.target).zip(&vectors).zip(classes) {
        let error = odds / total - target;
        for (gradient, number) in gradient.iter_mut().zip(vector) {
            *gradient += error * number;
        }
        let of_reply: Vec<f32> = prompt.iter().map(|number| error * number).collect();
        replies.learn(class, &of_reply);
    }
    prompts.learn(&lesson.prompt, &gradient);
}
