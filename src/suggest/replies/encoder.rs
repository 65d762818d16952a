//! The two encoders, and the file that holds them: a mark, what one unit is worth, then one byte a number.

use super::features::{Features, PROMPT_ROWS, REPLY_ROWS};

/// Numbers of a vector.
pub(super) const WIDTH: usize = 24;

/// What the file begins with: the name of the format and its version.
const MARK: &[u8; 8] = b"HERSUG\x00\x01";

/// A trained file that does not fit this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("models/suggest/replies.bin does not fit this program: {what}; make it again with `herald bench suggest-fit`")]
pub struct FileError {
    what: &'static str,
}

/// The tables of messages and replies: a vector for each feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Encoder {
    pub prompts: Vec<f32>,
    pub replies: Vec<f32>,
}

impl Encoder {
    /// Returns the vector of a message.
    pub fn prompt(&self, features: &Features) -> Vec<f32> {
        pooled(&self.prompts, features)
    }

    /// Returns the vector of a class of replies.
    pub fn reply(&self, features: &Features) -> Vec<f32> {
        pooled(&self.replies, features)
    }

    /// Writes the file.
    pub fn write(&self) -> Vec<u8> {
        let mut file = MARK.to_vec();
        for table in [&self.prompts, &self.replies] {
            let most = table.iter().fold(f32::MIN_POSITIVE, |most, number| most.max(number.abs()));
            let step = most / 127.0;
            file.extend(step.to_le_bytes());
            #[allow(clippy::cast_possible_truncation, reason = "the largest is 127")]
            file.extend(table.iter().flat_map(|number| ((number / step).round() as i8).to_le_bytes()));
        }
        file
    }

    /// Reads the file.
    pub fn read(file: &[u8]) -> Result<Self, FileError> {
        let mut rest = file.strip_prefix(MARK).ok_or(FileError { what: "it is of another version" })?;
        let mut table = |rows: u32| {
            let short = FileError { what: "it ends too early" };
            let (step, numbers) = rest.split_first_chunk::<4>().ok_or_else(|| short.clone())?;
            let step = f32::from_le_bytes(*step);
            let (numbers, after) = numbers.split_at_checked(rows as usize * WIDTH).ok_or(short)?;
            rest = after;
            Ok(numbers.iter().map(|byte| f32::from(i8::from_le_bytes([*byte])) * step).collect())
        };
        Ok(Self { prompts: table(PROMPT_ROWS)?, replies: table(REPLY_ROWS)? })
    }
}

/// The sum of the features' vectors over the root of their number.
pub(super) fn pooled(table: &[f32], features: &Features) -> Vec<f32> {
    let mut sum = vec![0.0; WIDTH];
    for feature in features {
        let from = *feature as usize * WIDTH;
        for (sum, number) in sum.iter_mut().zip(table.get(from..from + WIDTH).unwrap_or_default()) {
            *sum += number;
        }
    }
    let scale = scale(features);
    sum.iter_mut().for_each(|number| *number *= scale);
    sum
}

/// What each feature of so many counts.
pub(super) fn scale(features: &Features) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "a count of features")]
    let count = features.len().max(1) as f32;
    1.0 / count.sqrt()
}

/// The dot product.
pub(super) fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
