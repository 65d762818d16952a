//! Wake words: how often they are missed, quiet and in noise, what else wakes, and what listening for them costs.

use std::collections::BTreeMap;

use cpu_time::ProcessTime;

use super::Bencher;
use crate::{
    audio::RATE_HZ,
    cli::{
        CommandError, Kind,
        finder::Finder,
        wake::{self, Chosen},
    },
    testing::{Clip, QuietNoise, mix},
};

const BENCH: &str = "wake";
/// The stock head with recordings to measure it by.
const WORD: &str = "alexa";
/// Ratio of speech to noise.
const SNR_DB: f32 = 10.0;
/// Seconds of sound that the cost is measured on.
const COST_SECONDS: usize = 60;
/// Hours of the mixed loop.
const LOOP_HOURS: usize = 3;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let chosen = wake::choose_in(bencher.context, &[WORD.to_owned()])?;
    let mut finder = Finder::load(bencher.context, Some(&chosen), false)?;
    cost(bencher, &chosen)?;
    missed(bencher, &mut finder)?;
    false_accepts(bencher, &mut finder)
}

/// The long part: everything else, over and over, in changing noise.
pub(super) fn run_loop(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let chosen = wake::choose_in(bencher.context, &[WORD.to_owned()])?;
    let mut finder = Finder::load(bencher.context, Some(&chosen), false)?;
    let noises = noises(bencher)?;
    let (mut heard, mut accepted, mut round) = (0, 0, 0);
    while heard < LOOP_HOURS * 3_600 * RATE_HZ as usize {
        let before = heard;
        for (at, clip) in others(bencher, WORD).enumerate() {
            let samples = bencher.samples(clip)?;
            // Quiet in the first round, then each time in another noise.
            let noisy = match noises.get((at + round) % noises.len().max(1)) {
                Some((_, noise)) if round > 0 => mix(&samples, noise, SNR_DB),
                _ => samples,
            };
            heard += noisy.len();
            accepted += finder.find(&noisy)?.wakes.len();
        }
        round += 1;
        if heard == before {
            bencher.note("no recordings: false accepts are not measured (give --clips DIR)");
            return Ok(());
        }
    }
    bencher.figure(BENCH, &format!("{WORD}/loop_hours"), seconds(heard) / 3_600.0, "h")?;
    bencher.figure(BENCH, &format!("{WORD}/loop_false_accepts"), count(accepted), "")
}

/// Sounds of one kind of noise after the other, by name.
fn noises(bencher: &Bencher<'_>) -> Result<Vec<(String, Vec<f32>)>, CommandError> {
    bencher.clips("noise").map(|clip| Ok((clip.id.clone(), bencher.samples(clip)?))).collect()
}

/// The recordings that hold anything but the word.
fn others<'a>(bencher: &'a Bencher<'_>, word: &'a str) -> impl Iterator<Item = &'a Clip> {
    bencher.clips.iter().filter(move |clip| {
        clip.phrase.as_deref() != Some(word) && !clip.not_negative_for.iter().any(|phrase| phrase == word)
    })
}

fn missed(bencher: &Bencher<'_>, finder: &mut Finder) -> Result<(), CommandError> {
    let clips: Vec<&Clip> = bencher.clips("wake").filter(|clip| clip.phrase.as_deref() == Some(WORD)).collect();
    if clips.is_empty() {
        bencher.note("no recordings: misses are not measured (give --clips DIR)");
        return Ok(());
    }
    let noises = noises(bencher)?;
    let mut quiet = 0;
    let mut noisy: BTreeMap<&str, usize> = noises.iter().map(|(noise, _)| (noise.as_str(), 0)).collect();
    for clip in &clips {
        let samples = bencher.samples(clip)?;
        quiet += usize::from(finder.find(&samples)?.wakes.is_empty());
        for (name, noise) in &noises {
            let missed = finder.find(&mix(&samples, noise, SNR_DB))?.wakes.is_empty();
            *noisy.entry(name).or_default() += usize::from(missed);
        }
    }
    let percent = |missed: usize, of: usize| 100.0 * count(missed) / count(of.max(1));
    bencher.figure(BENCH, &format!("{WORD}/clips"), count(clips.len()), "")?;
    bencher.figure(BENCH, &format!("{WORD}/missed_quiet"), count(quiet), "clips")?;
    for (noise, missed) in &noisy {
        bencher.figure(BENCH, &format!("{WORD}/missed_10_db/{noise}"), percent(*missed, clips.len()), "%")?;
    }
    let mean = percent(noisy.values().sum(), clips.len() * noisy.len());
    bencher.figure(BENCH, &format!("{WORD}/missed_10_db"), mean, "%")
}

fn false_accepts(bencher: &Bencher<'_>, finder: &mut Finder) -> Result<(), CommandError> {
    let (mut heard, mut accepted) = (0, 0);
    for clip in others(bencher, WORD) {
        let samples = bencher.samples(clip)?;
        heard += samples.len();
        let found = finder.find(&samples)?.wakes.len();
        if found > 0 {
            bencher.note(&format!("{} was taken for {WORD}", clip.id));
        }
        accepted += found;
    }
    bencher.figure(BENCH, &format!("{WORD}/false_accepts_minutes"), seconds(heard) / 60.0, "min")?;
    bencher.figure(BENCH, &format!("{WORD}/false_accepts"), count(accepted), "")
}

/// What listening costs with and without a wake word, as a share of one core.
fn cost(bencher: &Bencher<'_>, chosen: &Chosen) -> Result<(), CommandError> {
    let length = COST_SECONDS * RATE_HZ as usize;
    let speech: Vec<f32> = {
        let mut speech = Vec::new();
        for clip in bencher.clips("asr") {
            if speech.len() < length {
                speech.extend(bencher.samples(clip)?);
            }
        }
        speech
    };
    let noise = match bencher.clips("noise").max_by_key(|clip| clip.category == "kitchen") {
        Some(clip) => bencher.samples(clip)?.into_iter().cycle().take(length).collect(),
        None => Vec::new(),
    };
    let quiet = QuietNoise::new().samples(length).collect();
    for (place, samples) in [("quiet", quiet), ("noise", noise), ("speech", speech)] {
        if samples.is_empty() {
            continue;
        }
        let clock = |error| CommandError::new(Kind::Internal, error);
        for (with, words) in [("without", None), ("with", Some(chosen))] {
            let mut finder = Finder::load(bencher.context, words, false)?;
            let start = ProcessTime::try_now().map_err(clock)?;
            finder.find(&samples)?;
            let cpu = start.try_elapsed().map_err(clock)?;
            let share = 100.0 * cpu.as_secs_f64() / seconds(samples.len());
            bencher.figure(BENCH, &format!("cpu_{place}_{with}_wake"), share, "% of a core")?;
        }
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "small counts")]
fn count(count: usize) -> f64 {
    count as f64
}

fn seconds(samples: usize) -> f64 {
    count(samples) / f64::from(RATE_HZ)
}
