//! A word the user spoke a few times: its takes are compared with what is heard, without training.
//!
//! The embeddings of a take are aligned with the last ones heard by dynamic time warping, beginning and speed free
//! (subsequence DTW: M. Müller, Information Retrieval for Music and Motion, Springer 2007, 4.4; steps (1,1), (1,2),
//! (2,1) as in H. Sakoe and S. Chiba, IEEE Transactions on Acoustics 26, 1978). What two embeddings differ by is one
//! minus their cosine, after the mean of speech was taken away: without that, all speech is alike.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::features::{EMBEDDING_LEN, Embedding};

/// Distance at which a word whose takes are all alike counts as said, and how much of the distance between the takes
/// comes on top. Measured on ten voices saying four words, four takes each, the other takes of the same voice looked
/// for: with 0.36 to 0.48 in place of 0.44, 2 to 0 % are missed quiet (12 to 0 % for the voice worst off), 10 to 1 % in
/// noise at 10 dB; in 33 minutes of everything else 0 to 3 are found, mean of nine voices, which the transcript refuses.
const LEAST_LIMIT: f32 = 0.44;
const SPREAD_SHARE: f32 = 0.35;
/// The limit never goes beyond this, however different the takes are.
const MOST_LIMIT: f32 = 0.54;
/// Takes that have to agree: the nearest two, or the only one.
const NEAREST: usize = 2;
/// Longest take, in embeddings: 2.4 s. The history of the stage holds twice that.
pub(super) const LONGEST_TAKE: usize = 30;

/// Mean embedding of speech: 10,657 embeddings of 105 sentences read aloud by 42 people, English and French.
const MEAN: Embedding = [
    -10.88, 16.55, 5.13, 1.66, 3.84, 24.84, 10.60, -3.54, 9.86, 16.27, -14.92, -4.70, 7.57, -4.74, -3.77, 3.90, 2.15,
    -5.75, 3.69, -8.59, 6.22, 19.86, -11.21, 1.68, -3.64, 10.17, -18.93, 7.92, 8.88, 4.31, -18.05, 11.19, -23.97,
    -3.61, -7.03, 6.16, 25.95, 22.19, 0.84, 23.49, -4.58, 4.69, 46.05, -17.72, -7.38, -7.20, -13.56, 6.69, 15.20,
    -0.22, -12.18, 8.25, 6.33, -8.98, -13.52, -15.58, -6.53, 27.85, -16.51, -5.66, 3.92, 8.30, 1.80, -5.35, 23.87,
    13.74, -2.79, -8.30, -7.01, -6.86, -0.71, 16.09, 3.55, -13.24, 18.75, 0.41, -3.30, -6.82, -22.37, -30.20, 6.74,
    16.09, 16.48, -7.47, 12.06, 5.91, 4.09, -5.87, -0.20, 29.23, 1.10, 16.53, 19.31, -21.65, 6.62, 16.16,
];

/// An embedding as it is compared: without the mean of speech, of length one.
pub(super) fn centred(embedding: &Embedding) -> Embedding {
    let mut centred = *embedding;
    for (value, mean) in centred.iter_mut().zip(MEAN) {
        *value -= mean;
    }
    let norm = centred.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    centred.iter_mut().for_each(|value| *value /= norm);
    centred
}

/// One take of a word: its embeddings in order, as they are compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Template {
    embeddings: Vec<Vec<f32>>,
}

impl Template {
    pub(super) fn new(embeddings: &[Embedding]) -> Self {
        Self { embeddings: embeddings.iter().map(|embedding| embedding.to_vec()).collect() }
    }

    /// Tells whether it can be compared at all: what was stored may have been damaged.
    pub(super) fn is_sound(&self) -> bool {
        let lengths_fit = self.embeddings.iter().all(|embedding| embedding.len() == EMBEDDING_LEN);
        lengths_fit && !self.embeddings.is_empty() && self.embeddings.len() <= LONGEST_TAKE
    }

    /// Returns the distance, 0 to 2, of the best alignment of the whole take that ends with the last of `heard`.
    pub(super) fn distance(&self, heard: &VecDeque<Embedding>) -> f32 {
        let width = heard.len().min(2 * self.embeddings.len());
        let heard: Vec<&Embedding> = heard.range(heard.len() - width..).collect();
        // Rows of costs: of this embedding and the two before; a row of distances: of this one and the one before.
        let mut costs = [vec![f32::INFINITY; width], vec![f32::INFINITY; width]];
        let mut before = vec![f32::INFINITY; width];
        for (row, embedding) in self.embeddings.iter().enumerate() {
            let apart: Vec<f32> = heard.iter().map(|heard| unlike(embedding, &heard[..])).collect();
            let cost = (0..width).map(|at| {
                if row == 0 {
                    return apart[at];
                }
                let back = |row: &[f32], by: usize| at.checked_sub(by).map_or(f32::INFINITY, |at| row[at]);
                let [last, last_but_one] = &costs;
                let slow = back(last_but_one, 1) + before[at];
                back(last, 1).min(back(last, 2)).min(slow) + apart[at]
            });
            let cost: Vec<f32> = cost.collect();
            let [last, _] = costs;
            costs = [cost, last];
            before = apart;
        }
        let end = costs[0].last().copied().unwrap_or(f32::INFINITY);
        end / f32::from(u16::try_from(self.embeddings.len()).unwrap_or(u16::MAX))
    }
}

fn unlike(a: &[f32], b: &[f32]) -> f32 {
    1.0 - a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>()
}

/// The sound of an enrolled word: its takes and how different they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Takes {
    pub(super) templates: Vec<Template>,
    /// Mean distance of a take from the others.
    pub(super) spread: f32,
}

impl Takes {
    /// How well the word matches what ends with the last of `heard`, 0 to 1: 0.5 where it counts as said.
    pub(super) fn score(&self, heard: &VecDeque<Embedding>) -> f32 {
        let mut distances: Vec<f32> = self.templates.iter().map(|take| take.distance(heard)).collect();
        distances.sort_by(f32::total_cmp);
        self.likeness(nearest(distances.into_iter()))
    }

    fn likeness(&self, distance: f32) -> f32 {
        let limit = (LEAST_LIMIT + SPREAD_SHARE * self.spread).min(MOST_LIMIT);
        (1.0 - distance / (2.0 * limit)).max(0.0)
    }
}

/// Mean of the two least distances, of those in order.
pub(super) fn nearest(distances: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = distances.take(NEAREST).fold((0.0, 0.0), |(sum, count), distance| (sum + distance, count + 1.0));
    if count == 0.0 { f32::INFINITY } else { sum / count }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made-up embeddings that turn steadily: one phrase, said at any speed.
    fn said(steps: usize, turn: f32) -> Vec<Embedding> {
        let at = |step: usize, place: usize| (step as f32 / (steps - 1) as f32 * turn + place as f32 * 0.7).sin();
        (0..steps).map(|step| centred(&std::array::from_fn(|place| MEAN[place] + at(step, place)))).collect()
    }

    fn takes(lengths: &[usize]) -> Takes {
        Takes { templates: lengths.iter().map(|steps| Template::new(&said(*steps, 6.0))).collect(), spread: 0.1 }
    }

    #[test]
    fn a_word_is_known_slower_and_faster_and_after_anything() {
        let takes = takes(&[10, 12]);
        for steps in [7, 10, 12, 18] {
            let heard: VecDeque<Embedding> = [said(9, -3.0), said(steps, 6.0)].concat().into();
            assert!(takes.score(&heard) > 0.8, "{steps}: {}", takes.score(&heard));
        }
    }

    #[test]
    fn half_a_word_the_word_backwards_and_silence_are_not_it() {
        let takes = takes(&[10, 12]);
        let backwards: Vec<Embedding> = said(10, 6.0).into_iter().rev().collect();
        for other in [said(12, 6.0)[..6].to_vec(), backwards, Vec::new(), vec![[0.0; EMBEDDING_LEN]; 20]] {
            let score = takes.score(&other.into());
            assert!(score < 0.5, "{score}");
        }
    }

    #[test]
    fn takes_that_differ_widen_the_limit_but_not_without_end() {
        let of = |spread| Takes { templates: Vec::new(), spread }.likeness(0.5);
        assert!(of(0.0) < of(0.2) && of(0.2) < of(0.3));
        assert!((of(0.3) - of(2.0)).abs() < 0.001);
    }
}
