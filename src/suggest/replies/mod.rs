//! Which reply texts fit a message: a small retriever, trained by `herald bench suggest-fit`.
//!
//! The texts stand in `en.tsv` and `fr.tsv`, the plainest of its class first; anybody can change the words. A message
//! and a class of replies become short vectors of numbers, and the classes whose vectors lie nearest are offered: the
//! dot product of two encoders over n-grams of Henderson et al., "Efficient Natural Language Response Suggestion for
//! Smart Reply" (2017, arXiv 1705.00652), with one layer instead of several, as there are thousands of examples less.
//! What the rules have found in the message counts like a word of it.
//!
//! The arithmetic is a few loops and the training a screen: no crate for learning is worth its weight here.

mod encoder;
mod features;
mod train;

pub use encoder::FileError;
pub use train::{Example, TrainError, train};

use self::encoder::Encoder;
use super::{About, Message, Reply, Suggestion, rules::Rules};
use crate::config::Lang;

/// Most replies that are offered.
const MOST: usize = 3;

/// What a class of replies is called, and its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Class {
    name: &'static str,
    texts: Vec<&'static str>,
}

/// Returns the classes of a language, in the order of the file.
fn classes(lang: Lang) -> Vec<Class> {
    let table = match lang {
        Lang::En => include_str!("en.tsv"),
        Lang::Fr => include_str!("fr.tsv"),
    };
    let mut classes: Vec<Class> = Vec::new();
    for (name, text) in table.lines().filter_map(|line| line.split_once('\t')) {
        match classes.iter_mut().find(|class| class.name == name) {
            Some(class) => class.texts.push(text),
            None => classes.push(Class { name, texts: vec![text] }),
        }
    }
    classes
}

/// A class of replies with its vector.
#[derive(Debug)]
struct Known {
    lang: Lang,
    class: Class,
    vector: Vec<f32>,
}

/// Ranks the classes of replies.
#[derive(Debug)]
pub(super) struct Ranker {
    encoder: Encoder,
    known: Vec<Known>,
}

impl Ranker {
    /// Reads the trained file that comes with Herald.
    pub fn built_in() -> Result<Self, FileError> {
        Ok(Self::new(Encoder::read(TRAINED)?))
    }

    fn new(encoder: Encoder) -> Self {
        let of_lang = |lang: Lang| classes(lang).into_iter().map(move |class| (lang, class));
        let known = |(lang, class): (Lang, Class)| {
            let vector = encoder.reply(&features::of_class(lang, &class));
            Known { lang, class, vector }
        };
        let known = Lang::ALL.into_iter().flat_map(of_lang).map(known).collect();
        Self { encoder, known }
    }

    /// Returns the best replies to the last message, the likeliest first; `offered` is what the rules found in it.
    pub fn rank(&self, rules: &Rules, messages: &[Message<'_>], about: &About, offered: &[Suggestion]) -> Vec<Reply> {
        let prompt = self.encoder.prompt(&features::of_prompt(rules, messages, about, offered));
        let of_lang = self.known.iter().filter(|known| known.lang == rules.lang);
        let mut scored: Vec<(f32, &Class)> =
            of_lang.map(|known| (encoder::dot(&prompt, &known.vector), &known.class)).collect();
        scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let best = scored.into_iter().take(MOST);
        best.filter_map(|(_, class)| {
            Some(Reply { class: class.name.to_owned(), text: (*class.texts.first()?).to_owned() })
        })
        .collect()
    }
}

/// The trained file.
static TRAINED: &[u8] = include_bytes!("../../../models/suggest/replies.bin");

/// Returns the bytes of the trained file.
pub const fn size() -> usize {
    TRAINED.len()
}

/// Returns the names of the classes of a language, in the order of its file.
#[cfg(test)]
pub(super) fn class_names(lang: Lang) -> Vec<&'static str> {
    classes(lang).into_iter().map(|class| class.name).collect()
}
