//! Who of many is meant, or nobody: probabilities from evidence.
//!
//! A conditional logit with an outside option (McFadden, "Conditional logit analysis of qualitative choice behavior",
//! 1974): each candidate's evidence is weighed and summed, "nobody in the book" has a constant sum, and the
//! exponentials are shares of one. The weights are trained by `fit.rs`.

/// Kinds of evidence.
pub(super) const KINDS: usize = 6;

/// Evidence for one candidate: odds by its sound as read in the language heard, and by the best reading in any language;
/// the same two if it is a piece of what was heard; likeness of the letters, and how different the lengths are, 0 to 1.
pub(super) type Evidence = [f32; KINDS];

/// What a second hearing of the sound weighs beside the sum of the evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hearing {
    /// Weight of the sum.
    pub sum: f32,
    /// Weight of what the sound says for a name.
    pub weight: f32,
    /// Sum of "nobody in the book".
    pub nobody: f32,
}

/// What the kinds of evidence weigh.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// For each kind.
    pub weights: Evidence,
    /// Sum of "nobody in the book".
    pub nobody: f32,
}

impl Choice {
    /// Sums up the evidence for one candidate.
    pub fn sum(&self, evidence: &Evidence) -> f32 {
        self.weights.iter().zip(evidence).map(|(weight, evidence)| weight * evidence).sum()
    }

    /// Returns the probabilities of candidates with such sums; what is missing to 1 is nobody's.
    pub fn shares(&self, sums: &[f32]) -> Vec<f32> {
        shares(sums, self.nobody)
    }
}

/// Returns the probabilities of candidates with such sums, where "nobody" has a sum as well.
pub(super) fn shares(sums: &[f32], nobody: f32) -> Vec<f32> {
    let most = sums.iter().copied().fold(nobody, f32::max);
    let all: f32 = sums.iter().map(|sum| (sum - most).exp()).sum::<f32>() + (nobody - most).exp();
    sums.iter().map(|sum| (sum - most).exp() / all).collect()
}
