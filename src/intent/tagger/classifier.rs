//! Which intent a sentence has: multinomial logistic regression, the trained weights of one language.

use super::{
    features::Features,
    file::{FileError, Reader, Writer},
};

/// What one unit of a stored weight is worth.
const STEP: f32 = 1.0 / 1024.0;

/// Weights below this say nothing and are not kept.
const LEAST: f32 = 0.02;

/// The weights of each feature for the classes it was seen with.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Classifier {
    /// Known features, ascending.
    features: Vec<u32>,
    /// Where the weights of each begin, and of the last end.
    starts: Vec<u32>,
    classes: Vec<u8>,
    weights: Vec<i16>,
}

impl Classifier {
    /// Builds it from trained weights, sorted by feature.
    pub fn from_weights(trained: &[(u32, u8, f32)]) -> Self {
        let mut made = Self::default();
        for (feature, class, weight) in trained.iter().filter(|(_, _, weight)| weight.abs() >= LEAST) {
            if made.features.last() != Some(feature) {
                made.features.push(*feature);
                made.starts.push(u32::try_from(made.weights.len()).unwrap_or(u32::MAX));
            }
            made.classes.push(*class);
            #[allow(clippy::cast_possible_truncation, reason = "a float becomes the nearest number that fits")]
            made.weights.push((weight / STEP).round() as i16);
        }
        made.starts.push(u32::try_from(made.weights.len()).unwrap_or(u32::MAX));
        made
    }

    /// Returns the probability of each of `classes` classes.
    pub fn probabilities(&self, features: &Features, classes: usize) -> Vec<f32> {
        let mut scores = vec![0.0_f32; classes];
        for feature in features {
            let Ok(at) = self.features.binary_search(feature) else { continue };
            let (Some(from), Some(end)) = (self.starts.get(at), self.starts.get(at + 1)) else { continue };
            let range = *from as usize..*end as usize;
            let (Some(classes), Some(weights)) = (self.classes.get(range.clone()), self.weights.get(range)) else {
                continue;
            };
            for (class, weight) in classes.iter().zip(weights) {
                if let Some(score) = scores.get_mut(usize::from(*class)) {
                    *score += f32::from(*weight) * STEP;
                }
            }
        }
        let most = scores.iter().copied().fold(f32::MIN, f32::max);
        scores.iter_mut().for_each(|score| *score = (*score - most).exp());
        let total: f32 = scores.iter().sum();
        scores.iter_mut().for_each(|score| *score /= total);
        scores
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.numbers(&self.features);
        writer.numbers(&self.starts);
        writer.bytes(&self.classes);
        writer.bytes(&self.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect::<Vec<_>>());
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, FileError> {
        let (features, starts) = (reader.numbers()?, reader.numbers()?);
        let classes = reader.bytes()?.to_vec();
        let weights = reader.bytes()?.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(i16::from_le_bytes));
        Ok(Self { features, starts, classes, weights: weights.collect() })
    }
}
