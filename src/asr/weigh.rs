//! The second hearing: how much the sound speaks for each of some texts an utterance may begin with.
//!
//! Whisper writes a rare name as whatever is common and sounds alike, because its decoder is a language model as well.
//! What that model expects anyway is taken out: a text counts with its probability given the sound divided by its
//! probability given silence (McDermott, Sak and Variani, "A density ratio approach to language model fusion in
//! end-to-end automatic speech recognition", 2019; silence in place of the sound as in Meng et al., "Internal language
//! model estimation for domain-adaptive end-to-end speech recognition", 2021). Texts that begin alike are walked
//! together, one step of the decoder for each token.

use std::time::Instant;

use whisper_rs::{WhisperError, WhisperTokenId};

use super::{
    AsrError,
    decode::{Engine, fault, index},
    whisper::{SHORTEST, window},
};
use crate::{
    audio::RATE_HZ,
    config::{Lang, LangChoice},
};

/// Longest sound that is heard again, samples: a command names people early.
const LONGEST: usize = 8 * RATE_HZ as usize;
/// The encoder's window for silence, in steps of 20 ms.
const SILENT_WINDOW: i32 = 64;
/// Silence that is as good as any, samples.
static SILENCE: [f32; SHORTEST] = [0.0; SHORTEST];

/// What an utterance may begin with.
#[derive(Debug, Clone, PartialEq)]
pub struct Wordings {
    /// What may stand before the name: empty, or the beginnings of commands.
    pub beginnings: Vec<String>,
    /// Logarithm of the probability from which the likeliest of them may be there; below it nothing else is weighed.
    pub least_fit: f32,
    /// Names that may follow.
    pub names: Vec<String>,
}

impl Wordings {
    /// Whether there is anything to weigh.
    pub const fn is_a_choice(&self) -> bool {
        !self.names.is_empty() && !self.beginnings.is_empty()
    }
}

/// How much the sound speaks for each of some [`Wordings`]: natural logarithms of how much likelier the utterance begins
/// so with its sound than in silence.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The beginning that fits best.
    pub beginning: usize,
    /// For each name, after that beginning.
    pub names: Vec<f32>,
    /// What follows the name that has most.
    pub rest: String,
    /// Wall-clock time it took, milliseconds.
    pub took_ms: u64,
}

/// The tokens of a text, and its place among the texts.
type Numbered = (Vec<WhisperTokenId>, usize);

impl Engine {
    /// Hears again what an utterance of up to 28 s begins with; `None` if no beginning fits, or what followed ran away.
    ///
    /// # Errors
    /// [`AsrError::Decode`] when the engine fails.
    pub(super) fn weigh(
        &mut self,
        samples: &[f32],
        lang: Lang,
        wordings: &Wordings,
        most_tokens: usize,
    ) -> Result<Option<Weighed>, AsrError> {
        let start = Instant::now();
        let heard = samples.get(..LONGEST).unwrap_or(samples);
        self.listen_to(heard, lang)?;
        let beginnings = self.numbered(&wordings.beginnings);
        let fits = self.logarithms(&beginnings)?;
        let best =
            |values: &[f32]| values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |best| best.0);
        let beginning = best(&fits);
        if fits.get(beginning).is_none_or(|fit| *fit < wordings.least_fit) {
            return Ok(None);
        }
        let before = wordings.beginnings.get(beginning).map_or("", String::as_str);
        let named = wordings.names.iter().map(|name| format!("{before} {name}").trim_start().to_owned());
        let texts: Vec<String> = named.collect();
        let numbered = self.numbered(&texts);
        let with_sound = self.logarithms(&numbered)?;
        self.encode_prompted(&SILENCE, SILENT_WINDOW, lang)?;
        let without = self.logarithms(&numbered)?;
        let names: Vec<f32> = with_sound.into_iter().zip(without).map(|(with, without)| with - without).collect();
        self.listen_to(samples, lang)?;
        let named = texts.get(best(&names)).map_or("", String::as_str);
        let Some(rest) = self.follow(named, most_tokens)? else { return Ok(None) };
        let took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Some(Weighed { beginning, names, rest, took_ms }))
    }

    /// Returns the texts as tokens, in an order in which those that begin alike are neighbours.
    fn numbered(&mut self, texts: &[String]) -> Vec<Numbered> {
        let spelling = self.spelling();
        let spelled = |text: &String| if text.is_empty() { Vec::new() } else { spelling.tokens(&format!(" {text}")) };
        let mut tokens: Vec<Numbered> = texts.iter().zip(0..).map(|(text, at)| (spelled(text), at)).collect();
        tokens.sort();
        tokens
    }

    /// Encodes a sound and feeds the prompt but for its last token.
    fn listen_to(&mut self, samples: &[f32], lang: Lang) -> Result<(), AsrError> {
        self.encode_prompted(samples, window(samples.len()), lang)
    }

    fn encode_prompted(&mut self, samples: &[f32], window: i32, lang: Lang) -> Result<(), AsrError> {
        self.encode(samples, window).map_err(fault)?;
        self.prompt((LangChoice::from(lang), None)).map(|_| ()).map_err(fault)
    }

    /// Returns the logarithm of the probability of each text in what is listened to.
    fn logarithms(&mut self, texts: &[Numbered]) -> Result<Vec<f32>, AsrError> {
        let mut sums = vec![0.0; texts.len()];
        let root = Node { token: self.vocabulary.no_timestamps, past: self.prompt_length(), depth: 0, sum: 0.0 };
        self.walk(root, texts, &mut sums)?;
        Ok(sums)
    }

    /// Adds up what the texts that go on behind a node come to.
    fn walk(&mut self, node: Node, texts: &[Numbered], sums: &mut [f32]) -> Result<(), AsrError> {
        let ended = texts.iter().take_while(|(tokens, _)| tokens.len() == node.depth).count();
        let (ended, mut rest) = texts.split_at(ended);
        for (_, at) in ended {
            sums[*at] = node.sum;
        }
        if rest.is_empty() {
            return Ok(());
        }
        let logarithms = self.step(node, rest).map_err(fault)?;
        for (token, logarithm) in logarithms {
            let (these, others) =
                rest.split_at(rest.iter().take_while(|(tokens, _)| tokens[node.depth] == token).count());
            let next = Node { token, past: node.past + 1, depth: node.depth + 1, sum: node.sum + logarithm };
            self.walk(next, these, sums)?;
            rest = others;
        }
        Ok(())
    }

    /// Feeds the token of a node; returns the tokens the texts go on with and their logarithms.
    fn step(&mut self, node: Node, texts: &[Numbered]) -> Result<Vec<(WhisperTokenId, f32)>, WhisperError> {
        self.state.decode(&[node.token], node.past, self.threads)?;
        let logits = self.state.get_logits()?;
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let all = highest + logits.iter().map(|logit| (logit - highest).exp()).sum::<f32>().ln();
        let mut next: Vec<WhisperTokenId> = texts.iter().map(|(tokens, _)| tokens[node.depth]).collect();
        next.dedup();
        Ok(next.into_iter().map(|token| (token, logits[index(token)] - all)).collect())
    }
}

/// A place in the tree of texts.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The last token, which the decoder has not seen yet.
    token: WhisperTokenId,
    /// How many it has seen.
    past: usize,
    /// How many of them are of the texts, this one included.
    depth: usize,
    /// Logarithm of the probability of what leads here.
    sum: f32,
}
