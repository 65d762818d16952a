//! Trains [`Channel`] and [`Choice`] from names as they were heard, and writes them as `trained.rs`.
//!
//! The channel: the likeliest way each name became what was heard is found by the channel so far, and counted; the counts
//! with hand-made costs as prior give the next channel (Viterbi training). The choice: the likelihood of who was meant is
//! climbed by gradient (Adam: Kingma and Ba 2014), with a pull towards small weights. Everything is added up in one
//! order, so the result is the same every time on one machine.

use std::fmt::Write;

use super::{
    channel::{self, Channel, SOUNDS},
    choice::{Choice, Evidence, KINDS},
    evidence::Spoken,
};
use crate::{config::Lang, intent::sound};

/// Rounds of counting.
const ROUNDS: usize = 6;
/// How many observations of a sound the hand-made costs weigh as much as.
const PRIOR: f32 = 12.0;
/// How quickly the prior probability of a change falls with its hand-made cost.
const STEEPNESS: f32 = 6.0;
/// Steps uphill, their size, and the pull towards small weights.
const STEPS: u16 = 400;
const STEP: f32 = 0.05;
const PULL: f32 = 0.002;
/// Orders of magnitude of the kinds of evidence, so that all weights are climbed equally.
const SCALES: Evidence = [5.0, 5.0, 5.0, 5.0, 0.3, 0.2];

/// A name that was spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example<'a> {
    /// What was heard.
    pub heard: &'a str,
    /// Language of the transcript.
    pub lang: Lang,
    /// The name that was spoken.
    pub meant: &'a str,
    /// The names of the book that are right: it and its homophones; none if it is not in the book.
    pub right: Vec<&'a str>,
}

/// Trains on examples and the names of the book they were spoken against, and the channel on `more` of names that are in
/// no book; returns the text of `trained.rs`.
pub fn fit(examples: &[Example<'_>], more: &[Example<'_>], book: &[&str]) -> String {
    let (channel, choice) = train(examples, more, book);
    written(&channel, &choice)
}

/// Trains both.
fn train(examples: &[Example<'_>], more: &[Example<'_>], book: &[&str]) -> (Channel, Choice) {
    let channel = fit_channel(examples.iter().chain(more));
    let heard: Vec<Spoken> = examples.iter().map(|example| Spoken::new(example.heard)).collect();
    let names: Vec<Spoken> = book.iter().map(|name| Spoken::new(name)).collect();
    // Where nothing was heard, nothing is compared either.
    let questions: Vec<Question> = examples
        .iter()
        .zip(&heard)
        .filter(|(_, heard)| !heard.letters.is_empty())
        .map(|(example, heard)| Question {
            evidence: names.iter().map(|name| heard.evidence(name, Some(example.lang), &channel)).collect(),
            right: book.iter().map(|name| example.right.contains(name)).collect(),
        })
        .collect();
    let choice = fit_choice(&questions);
    (channel, choice)
}

// -- The channel ---------------------------------------------------------------------------------------------------

/// How often what happened.
struct Counts {
    heard_as: [[f32; SOUNDS]; SOUNDS],
    dropped: [f32; SOUNDS],
    added: [f32; SOUNDS],
}

impl Counts {
    const fn none() -> Self {
        Self { heard_as: [[0.0; SOUNDS]; SOUNDS], dropped: [0.0; SOUNDS], added: [0.0; SOUNDS] }
    }

    /// Counts the likeliest way `name` became `heard`.
    fn add(&mut self, channel: &Channel, heard: &[u8], name: &[u8]) {
        let of = |place: u8| usize::from(place);
        let width = heard.len() + 1;
        let mut odds = vec![0.0_f32; width * (name.len() + 1)];
        for (at, sound) in heard.iter().enumerate() {
            odds[at + 1] = odds[at] + channel.added[of(*sound)];
        }
        for (row, spoken) in name.iter().enumerate() {
            let (here, above) = ((row + 1) * width, row * width);
            odds[here] = odds[above] + channel.dropped[of(*spoken)];
            for (at, sound) in heard.iter().enumerate() {
                odds[here + at + 1] = (odds[above + at] + channel.heard_as[of(*spoken)][of(*sound)])
                    .max(odds[above + at + 1] + channel.dropped[of(*spoken)])
                    .max(odds[here + at] + channel.added[of(*sound)]);
            }
        }
        let (mut row, mut at) = (name.len(), heard.len());
        while row > 0 || at > 0 {
            let best = odds[row * width + at];
            let spoken = row.checked_sub(1).map(|row| of(name[row]));
            let sound = at.checked_sub(1).map(|at| of(heard[at]));
            match (spoken, sound) {
                (Some(spoken), Some(sound))
                    if best <= odds[(row - 1) * width + at - 1] + channel.heard_as[spoken][sound] =>
                {
                    self.heard_as[spoken][sound] += 1.0;
                    row -= 1;
                    at -= 1;
                }
                (Some(spoken), sound)
                    if sound.is_none() || best <= odds[(row - 1) * width + at] + channel.dropped[spoken] =>
                {
                    self.dropped[spoken] += 1.0;
                    row -= 1;
                }
                (_, Some(sound)) => {
                    self.added[sound] += 1.0;
                    at -= 1;
                }
                (_, None) => return,
            }
        }
    }

    /// Turns counts, with the prior, into odds.
    fn channel(&self) -> Channel {
        let mut chance = [1.0_f32; SOUNDS];
        for (sound, chance) in chance.iter_mut().enumerate() {
            *chance += self.added[sound] + self.heard_as.iter().map(|heard_as| heard_as[sound]).sum::<f32>();
        }
        let all: f32 = chance.iter().sum();
        chance.iter_mut().for_each(|chance| *chance /= all);
        let mut channel = Channel { heard_as: [[0.0; SOUNDS]; SOUNDS], dropped: [0.0; SOUNDS], added: [0.0; SOUNDS] };
        for spoken in 0..SOUNDS {
            let (changes, dropped) = prior(spoken);
            let seen = self.dropped[spoken] + self.heard_as[spoken].iter().sum::<f32>();
            let share = |count: f32, prior: f32| (count + PRIOR * prior) / (seen + PRIOR);
            channel.dropped[spoken] = share(self.dropped[spoken], dropped).ln();
            for (sound, chance) in chance.into_iter().enumerate() {
                let heard_as = share(self.heard_as[spoken][sound], changes[sound]);
                channel.heard_as[spoken][sound] = (heard_as / chance).ln();
            }
        }
        let added: f32 = self.added.iter().sum();
        let spoken: f32 = self.dropped.iter().sum::<f32>() + self.heard_as.iter().flatten().sum::<f32>();
        let often = (added + 1.0) / (added + spoken + 20.0);
        for (sound, chance) in chance.into_iter().enumerate() {
            let of_added = (self.added[sound] + PRIOR * chance) / (added + PRIOR);
            channel.added[sound] = (often * of_added / chance).ln();
        }
        channel
    }
}

/// Probabilities of the changes of a sound, and of its loss, by the hand-made costs.
fn prior(spoken: usize) -> ([f32; SOUNDS], f32) {
    let sound = channel::sound_at(spoken);
    let dropped = 0.03 / sound::alone(sound).max(0.1);
    let mut changes = [0.0; SOUNDS];
    for (other, change) in changes.iter_mut().enumerate() {
        *change = (-STEEPNESS * sound::unlike(sound, channel::sound_at(other))).exp();
    }
    let all: f32 = changes.iter().sum();
    changes.iter_mut().for_each(|change| *change *= (1.0 - dropped) / all);
    (changes, dropped)
}

fn fit_channel<'a>(examples: impl Iterator<Item = &'a Example<'a>>) -> Channel {
    let spoken: Vec<(Lang, Spoken, Spoken)> =
        examples.map(|example| (example.lang, Spoken::new(example.heard), Spoken::new(example.meant))).collect();
    let mut channel = Counts::none().channel();
    for _ in 0..ROUNDS {
        let mut counts = Counts::none();
        for (lang, heard, meant) in &spoken {
            let Some(at) = Lang::ALL.iter().position(|known| known == lang) else { continue };
            let heard = &heard.readings[at];
            let odds = |name: &channel::Places| channel.odds(heard, name).whole;
            let best = meant.readings.iter().max_by(|a, b| odds(a).total_cmp(&odds(b)));
            // What has nothing of the name in it is no way to hear it.
            if let Some(name) = best.filter(|name| odds(name) > 0.0) {
                counts.add(&channel, heard, name);
            }
        }
        channel = counts.channel();
    }
    channel
}

// -- The choice ----------------------------------------------------------------------------------------------------

/// One example against the whole book.
struct Question {
    evidence: Vec<Evidence>,
    right: Vec<bool>,
}

#[allow(clippy::cast_precision_loss, reason = "a small count")]
fn fit_choice(questions: &[Question]) -> Choice {
    let mut choice = Choice { weights: [0.2, 0.1, 0.0, 0.0, 1.0, 0.0], nobody: 2.0 };
    let (mut means, mut squares) = ([0.0_f32; KINDS + 1], [0.0_f32; KINDS + 1]);
    for step in 1..=STEPS {
        let slope = slope(&choice, questions);
        for (at, slope) in slope.into_iter().enumerate() {
            let (weight, scale) = match choice.weights.get_mut(at) {
                Some(weight) => (weight, SCALES[at]),
                None => (&mut choice.nobody, 1.0),
            };
            let pull = if at < KINDS { PULL * *weight * scale } else { 0.0 };
            let slope = slope / scale / questions.len().max(1) as f32 - pull;
            means[at] = 0.9 * means[at] + 0.1 * slope;
            squares[at] = 0.99 * squares[at] + 0.01 * slope * slope;
            let mean = means[at] / (1.0 - 0.9_f32.powi(i32::from(step)));
            let square = squares[at] / (1.0 - 0.99_f32.powi(i32::from(step)));
            *weight += STEP * mean / (square.sqrt() + 1e-6) / scale;
        }
    }
    choice
}

/// Which way the likelihood grows, for each weight and for "nobody".
fn slope(choice: &Choice, questions: &[Question]) -> [f32; KINDS + 1] {
    let mut slope = [0.0; KINDS + 1];
    for Question { evidence, right } in questions {
        let sums: Vec<f32> = evidence.iter().map(|evidence| choice.sum(evidence)).collect();
        let shares = choice.shares(&sums);
        let in_book = right.contains(&true);
        let of_right: f32 = shares.iter().zip(right).filter(|(_, right)| **right).map(|(share, _)| share).sum();
        for ((share, right), evidence) in shares.iter().zip(right).zip(evidence) {
            let wanted = if *right { share / of_right.max(1e-9) } else { 0.0 };
            for (slope, evidence) in slope.iter_mut().zip(evidence) {
                *slope += (wanted - share) * evidence;
            }
        }
        let nobody = 1.0 - shares.iter().sum::<f32>();
        slope[KINDS] += if in_book { -nobody } else { 1.0 - nobody };
    }
    slope
}

// -- The file ------------------------------------------------------------------------------------------------------

fn written(channel: &Channel, choice: &Choice) -> String {
    let mut text = String::from(
        "//! How names are misheard, and what the evidence for a name weighs: written by `herald bench names-fit`.\n\n\
         use super::{channel::Channel, choice::Choice};\n\n\
         /// Trained on one half of the names of `tests/examples/names/heard.tsv`, and on `to-learn.tsv` beside it.\n#[rustfmt::skip]\n\
         #[allow(clippy::approx_constant, reason = \"learned\")]\n\
         pub(super) static CHANNEL: Channel = Channel {\n    heard_as: [\n",
    );
    for heard_as in &channel.heard_as {
        let _ = writeln!(text, "        [{}],", row(heard_as));
    }
    let _ = writeln!(text, "    ],\n    dropped: [{}],", row(&channel.dropped));
    let _ = writeln!(text, "    added: [{}],\n}};\n", row(&channel.added));
    let _ = writeln!(text, "/// Trained on that half.\n#[rustfmt::skip]");
    let _ = writeln!(text, "pub(super) static CHOICE: Choice = Choice {{");
    let _ = writeln!(text, "    weights: [{}],\n    nobody: {:.2},\n}};", row(&choice.weights), choice.nobody);
    text
}

fn row(numbers: &[f32]) -> String {
    numbers.iter().map(|number| format!("{number:.2}")).collect::<Vec<_>>().join(", ")
}
