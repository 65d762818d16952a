//! Multinomial logistic regression over sets of features, trained with L-BFGS.
//!
//! The optimiser is `liblbfgs` (MIT), a port of the library CRFsuite itself uses, whose Rust port trains the sequence
//! labeller; the objective is the log likelihood with an L2 penalty. As CRFsuite does, a feature has weights only for
//! the classes it was seen with: a fraction of the numbers, and next to no loss.

use std::collections::HashMap;

use liblbfgs::lbfgs;

use super::TrainError;
use crate::intent::tagger::{calibration::FACTS, features::Features};

/// One sentence to learn from.
#[derive(Debug)]
pub(super) struct Example {
    pub features: Features,
    pub class: usize,
    pub weight: f64,
}

/// A weight: its feature, its class and its value.
pub(super) type Weight = (u32, u8, f32);

/// Trains `classes` classes. `least` is how often a feature must occur, `penalty` the L2 penalty.
pub(super) fn train(
    examples: &[Example],
    classes: usize,
    least: u32,
    penalty: f64,
    rounds: usize,
) -> Result<Vec<Weight>, TrainError> {
    let table = Table::new(examples, classes, least);
    let mut weights = vec![0.0; table.pairs.len()];
    let objective = |weights: &[f64], gradient: &mut [f64]| Ok(table.evaluate(weights, gradient, classes, penalty));
    let result = lbfgs().with_max_iterations(rounds).with_epsilon(1e-4).minimize(&mut weights, objective, |_| false);
    result.map_err(|error| TrainError::Optimiser(error.to_string()))?;
    let all = table.pairs.iter().zip(&weights);
    #[allow(clippy::cast_possible_truncation, reason = "weights are kept short")]
    let kept = all.map(|((feature, class), weight)| (*feature, *class, *weight as f32));
    Ok(kept.collect())
}

/// Fits the weights of a few facts to whether answers were right: two classes, no penalty to speak of.
pub(super) fn fit(answers: &[([f32; FACTS], bool)]) -> Result<[f32; FACTS], TrainError> {
    let mut weights = [0.0_f64; FACTS];
    let objective = |weights: &[f64], gradient: &mut [f64]| {
        let mut loss = 0.0;
        for (gradient, weight) in gradient.iter_mut().zip(weights) {
            *gradient = 2.0 * weight;
            loss += weight * weight;
        }
        for (facts, right) in answers {
            let sum: f64 = facts.iter().zip(weights).map(|(fact, weight)| f64::from(*fact) * weight).sum();
            let sign = if *right { 1.0 } else { -1.0 };
            let wrong = 1.0 / (1.0 + (sign * sum).exp());
            loss -= (1.0 - wrong).max(f64::MIN_POSITIVE).ln();
            for (gradient, fact) in gradient.iter_mut().zip(facts) {
                *gradient -= sign * wrong * f64::from(*fact);
            }
        }
        Ok(loss)
    };
    // Close to the best weights rounding ends the search before its own test does; what it has by then is kept.
    let ended = lbfgs().with_max_iterations(100).with_epsilon(1e-4).minimize(&mut weights, objective, |_| false);
    if let Err(error) = ended
        && weights.iter().any(|weight| !weight.is_finite() || *weight == 0.0)
    {
        return Err(TrainError::Optimiser(error.to_string()));
    }
    #[allow(clippy::cast_possible_truncation, reason = "weights are kept short")]
    Ok(weights.map(|weight| weight as f32))
}

/// The training set, its features replaced by where their weights stand.
struct Table {
    pairs: Vec<(u32, u8)>,
    /// Where each known feature's pairs begin.
    starts: Vec<usize>,
    rows: Vec<Row>,
}

struct Row {
    features: Vec<u32>,
    class: usize,
    weight: f64,
}

impl Table {
    fn new(examples: &[Example], classes: usize, least: u32) -> Self {
        let mut seen: HashMap<u32, (u32, u64)> = HashMap::new();
        for example in examples {
            for feature in &example.features {
                let entry = seen.entry(*feature).or_default();
                entry.0 += 1;
                entry.1 |= 1 << example.class;
            }
        }
        let mut known: Vec<(u32, u64)> = seen
            .into_iter()
            .filter(|(_, (count, _))| *count >= least)
            .map(|(feature, (_, set))| (feature, set))
            .collect();
        known.sort_unstable();
        let (mut pairs, mut starts) = (Vec::new(), vec![0]);
        for (feature, set) in &known {
            pairs.extend(
                (0..classes)
                    .filter(|class| set >> class & 1 == 1)
                    .filter_map(|class| Some((*feature, u8::try_from(class).ok()?))),
            );
            starts.push(pairs.len());
        }
        let place = |feature: &u32| {
            let at = known.binary_search_by_key(feature, |(feature, _)| *feature).ok()?;
            u32::try_from(at).ok()
        };
        let rows = examples
            .iter()
            .map(|example| Row {
                features: example.features.iter().filter_map(place).collect(),
                class: example.class,
                weight: example.weight,
            })
            .collect();
        Self { pairs, starts, rows }
    }

    fn pairs_of(&self, feature: u32) -> std::ops::Range<usize> {
        let at = feature as usize;
        let start = self.starts.get(at).copied().unwrap_or_default();
        start..self.starts.get(at + 1).copied().unwrap_or(start)
    }

    /// Returns the penalised negative log likelihood and writes its gradient.
    fn evaluate(&self, weights: &[f64], gradient: &mut [f64], classes: usize, penalty: f64) -> f64 {
        let mut loss = 0.0;
        for (gradient, weight) in gradient.iter_mut().zip(weights) {
            *gradient = 2.0 * penalty * weight;
            loss += penalty * weight * weight;
        }
        let mut scores = vec![0.0; classes];
        for row in &self.rows {
            scores.fill(0.0);
            for feature in &row.features {
                for at in self.pairs_of(*feature) {
                    if let (Some((_, class)), Some(weight)) = (self.pairs.get(at), weights.get(at))
                        && let Some(score) = scores.get_mut(usize::from(*class))
                    {
                        *score += weight;
                    }
                }
            }
            let most = scores.iter().copied().fold(f64::MIN, f64::max);
            let total: f64 = scores.iter().map(|score| (score - most).exp()).sum();
            loss -= row.weight * (scores.get(row.class).copied().unwrap_or_default() - most - total.ln());
            for (class, score) in scores.iter_mut().enumerate() {
                let gold = if class == row.class { 1.0 } else { 0.0 };
                *score = row.weight * ((*score - most).exp() / total - gold);
            }
            for feature in &row.features {
                for at in self.pairs_of(*feature) {
                    if let (Some((_, class)), Some(gradient)) = (self.pairs.get(at), gradient.get_mut(at)) {
                        *gradient += scores.get(usize::from(*class)).copied().unwrap_or_default();
                    }
                }
            }
        }
        loss
    }
}
