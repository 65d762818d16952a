//! How probable it is that a whole reading is right: logistic regression over what is known about it.

use super::{
    Tagged,
    file::{FileError, Reader, Writer},
};

/// How many things are known about a reading.
pub(super) const FACTS: usize = 5;

/// Weights for what is known about a reading, in the order of [`facts`].
#[derive(Debug, Default, PartialEq)]
pub(super) struct Calibration(Vec<f32>);

impl Calibration {
    pub const fn new(weights: Vec<f32>) -> Self {
        Self(weights)
    }

    pub fn score(&self, tagged: &Tagged) -> f32 {
        let sum: f32 = facts(tagged).iter().zip(&self.0).map(|(fact, weight)| fact * weight).sum();
        1.0 / (1.0 + (-sum).exp())
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.numbers(&self.0.iter().map(|weight| weight.to_bits()).collect::<Vec<_>>());
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, FileError> {
        Ok(Self(reader.numbers()?.into_iter().map(f32::from_bits).collect()))
    }
}

/// What is known about a reading.
pub(super) fn facts(tagged: &Tagged) -> [f32; FACTS] {
    let (intent, slots) = (log_odds(tagged.certain), log_odds(tagged.slots_certain));
    let without = if tagged.slots.is_empty() { 1.0 } else { 0.0 };
    [1.0, intent, slots, without, intent.min(slots)]
}

fn log_odds(probability: f32) -> f32 {
    let probability = probability.clamp(0.001, 0.999);
    (probability / (1.0 - probability)).ln()
}
