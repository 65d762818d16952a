//! The reliability diagram: how often answers with a score are right.

use crate::cli::CommandError;

/// Bars of the diagram.
const BARS: usize = 10;

/// Answers with a score within one tenth.
#[derive(Default, Clone, Copy)]
struct Bar {
    answers: u32,
    scores: f64,
    right: u32,
}

/// Answers by their scores.
#[derive(Default)]
pub(super) struct Bars([Bar; BARS]);

impl Bars {
    /// Counts an answer; its score is 0 to 1.
    pub fn add(&mut self, score: f32, is_right: bool) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a score is 0 to 1")]
        let bar = (score * 10.0) as usize;
        if let Some(bar) = self.0.get_mut(bar.min(BARS - 1)) {
            bar.answers += 1;
            bar.scores += f64::from(score);
            bar.right += u32::from(is_right);
        }
    }

    /// Counts the answers of another diagram as well.
    pub fn extend(&mut self, others: &Self) {
        for (bar, other) in self.0.iter_mut().zip(others.0) {
            bar.answers += other.answers;
            bar.scores += other.scores;
            bar.right += other.right;
        }
    }

    /// Prints each bar, and by how much scores and shares differ on average (the expected calibration error).
    pub fn print(
        &self,
        figure: &dyn Fn(&str, f64, &'static str) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        let answers: u32 = self.0.iter().map(|bar| bar.answers).sum();
        let mut error = 0.0;
        for (at, bar) in self.0.iter().enumerate().filter(|(_, bar)| bar.answers > 0) {
            let count = f64::from(bar.answers);
            let (score, right) = (bar.scores / count, f64::from(bar.right) / count);
            error += (score - right).abs() * count / f64::from(answers.max(1));
            figure(&format!("score_from_0.{at}/answers"), count, "")?;
            figure(&format!("score_from_0.{at}/mean_score"), score, "")?;
            figure(&format!("score_from_0.{at}/share_right"), right, "")?;
        }
        figure("expected_calibration_error", error, "")
    }
}
