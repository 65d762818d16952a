//! What the retriever has to beat: the nearest lines by TF-IDF over words and cosine, and always the same three classes.

use std::collections::{BTreeMap, BTreeSet};

use super::labelled::{Line, Split};

/// Replies that are offered.
const MOST: usize = 3;

type Vector = BTreeMap<String, f64>;

/// The lines of the `dev` half that have answers.
pub(super) struct Yardstick {
    /// How rare each word is.
    weights: Vector,
    prompts: Vec<(Vector, Vec<String>)>,
    /// The best three classes for everything.
    always: Vec<String>,
}

impl Yardstick {
    pub fn new(lines: &[Line]) -> Self {
        let known: Vec<&Line> =
            lines.iter().filter(|line| line.split == Split::Dev && !line.replies.is_empty()).collect();
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for line in &known {
            words(line)
                .into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .for_each(|word| *seen.entry(word).or_default() += 1);
        }
        #[allow(clippy::cast_precision_loss, reason = "a count of lines")]
        let all = known.len() as f64;
        let weights: Vector =
            seen.into_iter().map(|(word, count)| (word, ((1.0 + all) / (1.0 + f64::from(count))).ln() + 1.0)).collect();
        let mut made = Self { weights, prompts: Vec::new(), always: always(&known) };
        made.prompts = known.iter().map(|line| (made.vector(line), line.replies.clone())).collect();
        made
    }

    /// The first class of each of the nearest lines, until there are three.
    pub fn nearest(&self, line: &Line) -> Vec<&str> {
        let vector = self.vector(line);
        let mut near: Vec<(f64, &str)> = self
            .prompts
            .iter()
            .filter_map(|(prompt, classes)| Some((cosine(&vector, prompt), classes.first()?.as_str())))
            .collect();
        near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let mut found: Vec<&str> = Vec::new();
        for (_, class) in near {
            if found.len() < MOST && !found.contains(&class) {
                found.push(class);
            }
        }
        found
    }

    /// The same three for everything.
    pub fn always(&self) -> Vec<&str> {
        self.always.iter().map(String::as_str).collect()
    }

    fn vector(&self, line: &Line) -> Vector {
        let mut vector = Vector::new();
        for word in words(line) {
            if let Some(weight) = self.weights.get(&word) {
                *vector.entry(word).or_default() += weight;
            }
        }
        vector
    }
}

fn words(line: &Line) -> Vec<String> {
    let last = line.messages.last().map(|message| message.text.to_lowercase()).unwrap_or_default();
    let words = last.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn cosine(one: &Vector, other: &Vector) -> f64 {
    let length = |vector: &Vector| vector.values().map(|weight| weight * weight).sum::<f64>().sqrt();
    let product: f64 = one.iter().filter_map(|(word, weight)| Some(weight * other.get(word)?)).sum();
    product / (length(one) * length(other)).max(f64::MIN_POSITIVE)
}

/// Three classes that together answer most lines, chosen one after the other.
fn always(lines: &[&Line]) -> Vec<String> {
    let mut left: Vec<&Line> = lines.to_vec();
    let mut chosen = Vec::new();
    while chosen.len() < MOST {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        left.iter().flat_map(|line| &line.replies).for_each(|class| *counts.entry(class).or_default() += 1);
        let Some((best, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else { break };
        let best = best.to_owned();
        left.retain(|line| !line.replies.contains(&best));
        chosen.push(best);
    }
    chosen
}
