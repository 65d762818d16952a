//! People who pause in the middle of a sentence: how often they are cut off, against how long they wait at the end,
//! for fixed hangovers and for ours.
//!
//! The material are read sentences as dictation, and commands: as they are for the delay, and with 0.4 to 1.2 s of
//! room tone put in where the voice detector finds a gap for the cut-offs. Time is that of the audio, so the figures
//! do not depend on the machine; each pause is decoded once.

use std::collections::HashMap;

use super::Bencher;
use crate::{
    asr::{Recognizer, Transcript, Whisper},
    audio::RATE_HZ,
    cli::{CommandError, Kind},
    config::{self, Lang, LangChoice},
    intent::{Expected, NoNames, Parser, SoFar},
    listen::{self, Completeness, Expect, Utterance, VOICE_WINDOW_SAMPLES, voice_probabilities},
    models,
    testing::QuietNoise,
};

const BENCH: &str = "cutoffs";
/// A window with this probability holds a voice.
const VOICE: f32 = 0.5;
/// Room tone put into a gap, milliseconds: one length after the other.
const SPLICES_MS: [usize; 5] = [400, 600, 800, 1_000, 1_200];
/// Quiet before and after each recording, milliseconds.
const BEFORE_MS: usize = 500;
const AFTER_MS: usize = 3_000;
/// An utterance that ends this much before the voice does was cut off, milliseconds.
const CUT_OFF_MS: u64 = 150;
/// Fixed hangovers, and bases of ours relative to the configured one, in percent.
const FIXED_MS: [u32; 10] = [300, 400, 500, 600, 700, 800, 1_000, 1_200, 1_500, 2_000];
const BASES: [u32; 6] = [60, 80, 100, 120, 150, 200];

/// One recording to be listened to.
struct Trial {
    /// Which one, for the texts that are known.
    number: usize,
    samples: Vec<f32>,
    probabilities: Vec<f32>,
    /// Counts for cut-offs, else for the delay; both where nothing was put in.
    is_spliced: bool,
}

/// Recordings of one kind.
struct Material {
    name: &'static str,
    expect: Expect,
    expected: Expected,
    trials: Vec<Trial>,
}

/// What came of one hangover.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    median_ms: f64,
    p95_ms: f64,
    cut_percent: f64,
}

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    if bencher.clips.is_empty() {
        bencher.note("no recordings: cut-offs are not measured (give --clips DIR)");
        return Ok(());
    }
    let name = bencher.model.unwrap_or_else(|| models::default_asr(bencher.context.config.general.lang));
    let path = models::find(&bencher.context.dirs.models, name)?;
    let fault = |error| CommandError::new(Kind::Unavailable, error);
    let mut judge = Judge {
        whisper: Whisper::load(name, &path, 1).map_err(fault)?,
        parser: Parser::new().map_err(|error| CommandError::new(Kind::Internal, error))?,
        texts: HashMap::new(),
    };
    let commands = commands(bencher)?;
    let mut dictation = dictation(bencher, judge.whisper.is_multilingual())?;
    let first = commands.trials.len();
    dictation.trials.iter_mut().for_each(|trial| trial.number += first);
    for material in [&commands, &dictation] {
        measure(bencher, name, material, &mut judge)?;
    }
    Ok(())
}

fn measure(bencher: &Bencher<'_>, model: &str, material: &Material, judge: &mut Judge) -> Result<(), CommandError> {
    let listen = &bencher.context.config.listen;
    let of = |metric: String| format!("{model}/{}/{metric}", material.name);
    let print = |metric: &str, point: Point| {
        bencher.figure(BENCH, &of(format!("{metric}/delay_median")), point.median_ms, "ms")?;
        bencher.figure(BENCH, &of(format!("{metric}/delay_p95")), point.p95_ms, "ms")?;
        bencher.figure(BENCH, &of(format!("{metric}/cut_off")), point.cut_percent, "%")
    };
    let counted = material.trials.iter().filter(|trial| trial.is_spliced || material.expect == Expect::Dictation);
    #[allow(clippy::cast_precision_loss, reason = "a small count")]
    bencher.figure(BENCH, &of("pauses".to_owned()), counted.count() as f64, "recordings")?;
    for hangover_ms in FIXED_MS {
        let point = material.point(&with_hangovers(listen, |_| hangover_ms), None)?;
        print(&format!("fixed_{hangover_ms}"), point)?;
    }
    for percent in BASES {
        let config = with_hangovers(listen, |base| base * percent / 100);
        let point = material.point(&config, Some(judge))?;
        print(&format!("ours_{percent}_percent"), point)?;
        if percent == 100 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
            let equal_ms = point.median_ms as u32;
            let fixed = material.point(&with_hangovers(listen, |_| equal_ms), None)?;
            bencher.figure(BENCH, &of("fixed_at_equal_median/cut_off".to_owned()), fixed.cut_percent, "%")?;
            let ratio = point.cut_percent / fixed.cut_percent;
            if ratio.is_finite() {
                bencher.figure(BENCH, &of("cut_off_of_fixed_at_equal_median".to_owned()), ratio, "ratio")?;
            }
        }
    }
    Ok(())
}

/// The configuration with other hangovers; a pause is never longer than they are.
fn with_hangovers(listen: &config::Listen, hangover_ms: impl Fn(u32) -> u32) -> config::Listen {
    let command = hangover_ms(listen.hangover_command_ms);
    config::Listen {
        hangover_command_ms: command,
        hangover_dictation_ms: hangover_ms(listen.hangover_dictation_ms),
        pause_ms: listen.pause_ms.min(command),
        ..listen.clone()
    }
}

impl Material {
    fn point(&self, config: &config::Listen, mut judge: Option<&mut Judge>) -> Result<Point, CommandError> {
        let (mut delays, mut cut, mut counted) = (Vec::new(), 0_u32, 0_u32);
        for trial in &self.trials {
            let end_ms = ms(trial.voice_end());
            let mut fault = None;
            let events = match judge.as_deref_mut() {
                None => listen::rehearse(config, self.expect, &trial.samples, &trial.probabilities, None),
                Some(judge) => {
                    let mut complete = |utterance: &Utterance| {
                        judge.complete(trial.number, utterance, self.expected).unwrap_or_else(|error| {
                            fault = Some(error);
                            Completeness::CERTAIN
                        })
                    };
                    listen::rehearse(config, self.expect, &trial.samples, &trial.probabilities, Some(&mut complete))
                }
            };
            if let Some(fault) = fault {
                return Err(fault);
            }
            let ends = events.into_iter().filter_map(|(heard, event)| Some((ms(heard), event.over()?.voice_end_ms)));
            let ends: Vec<(u64, u64)> = ends.collect();
            if trial.is_spliced || self.expect == Expect::Dictation {
                counted += 1;
                cut += u32::from(ends.iter().any(|(_, voice_end_ms)| voice_end_ms + CUT_OFF_MS < end_ms));
            }
            if let (false, Some((known_ms, _))) = (trial.is_spliced, ends.last()) {
                delays.push(known_ms.saturating_sub(end_ms));
            }
        }
        let cut_percent = 100.0 * f64::from(cut) / f64::from(counted.max(1));
        Ok(Point {
            median_ms: super::latency::quantile(&mut delays, 50),
            p95_ms: super::latency::quantile(&mut delays, 95),
            cut_percent,
        })
    }
}

impl Trial {
    /// End of the last window with a voice, in samples.
    fn voice_end(&self) -> usize {
        self.probabilities.iter().rposition(|probability| *probability >= VOICE).map_or(0, |last| last + 1)
            * VOICE_WINDOW_SAMPLES
    }
}

/// Says how complete utterances are; decodes each pause once.
struct Judge {
    whisper: Whisper,
    parser: Parser,
    texts: HashMap<(usize, u64, usize), Transcript>,
}

impl Judge {
    fn complete(&mut self, trial: usize, heard: &Utterance, expected: Expected) -> Result<Completeness, CommandError> {
        let key = (trial, heard.voice_end_ms, heard.samples.len());
        if !self.texts.contains_key(&key) {
            let lang = if self.whisper.is_multilingual() { LangChoice::Auto } else { LangChoice::En };
            let text = self.whisper.transcribe(&heard.samples, lang, None);
            self.texts.insert(key, text.map_err(|error| CommandError::new(Kind::Internal, error))?);
        }
        let Some(transcript) = self.texts.get(&key) else { return Ok(Completeness::CERTAIN) };
        let voice_ms = heard.voice_end_ms.saturating_sub(heard.voice_start_ms);
        Ok(self.parser.completeness(SoFar { transcript, voice_ms, expected }, &NoNames))
    }
}

/// Makes trials of recordings, counting up.
struct Maker<'a> {
    silero: std::path::PathBuf,
    tone: &'a [f32],
    trials: Vec<Trial>,
}

impl Maker<'_> {
    fn add(&mut self, recording: &[f32], is_spliced: bool) -> Result<(), CommandError> {
        let mut noise = QuietNoise::new();
        let mut samples: Vec<f32> = noise.samples(in_samples(BEFORE_MS)).collect();
        samples.extend_from_slice(recording);
        samples.extend(noise.samples(in_samples(AFTER_MS)));
        let probabilities = self.probabilities(&samples)?;
        self.trials.push(Trial { number: self.trials.len(), samples, probabilities, is_spliced });
        Ok(())
    }

    /// Adds the recording once for each gap in its voice, with room tone in it.
    fn splice(&mut self, recording: &[f32]) -> Result<(), CommandError> {
        for gap in gaps(&self.probabilities(recording)?) {
            let length_ms = SPLICES_MS[self.trials.len() % SPLICES_MS.len()];
            let at = (gap.0 + gap.1).div_ceil(2) * VOICE_WINDOW_SAMPLES;
            let (before, after) = recording.split_at(at.min(recording.len()));
            let around = &recording[gap.0 * VOICE_WINDOW_SAMPLES..(gap.1 * VOICE_WINDOW_SAMPLES).min(recording.len())];
            let gain = (rms(around) / rms(self.tone).max(f32::MIN_POSITIVE)).min(1.0);
            let tone = self.tone.iter().cycle().map(|sample| sample * gain).take(in_samples(length_ms));
            let spliced: Vec<f32> = before.iter().copied().chain(tone).chain(after.iter().copied()).collect();
            self.add(&spliced, true)?;
        }
        Ok(())
    }

    fn probabilities(&self, samples: &[f32]) -> Result<Vec<f32>, CommandError> {
        voice_probabilities(&self.silero, samples).map_err(|error| CommandError::new(Kind::Unavailable, error))
    }
}

fn commands(bencher: &Bencher<'_>) -> Result<Material, CommandError> {
    let tone = bencher.clips("noise").find(|clip| clip.category == "room tone");
    let tone =
        tone.map_or_else(|| Ok(QuietNoise::new().samples(in_samples(1_000)).collect()), |tone| bencher.samples(tone))?;
    let silero = models::find(&bencher.context.dirs.models, "silero")?;
    let mut maker = Maker { silero, tone: &tone, trials: Vec::new() };
    for clip in bencher.clips("command") {
        let samples = bencher.samples(clip)?;
        maker.add(&samples, false)?;
        maker.splice(&samples)?;
    }
    Ok(Material { name: "commands", expect: Expect::Command, expected: Expected::Command, trials: maker.trials })
}

fn dictation(bencher: &Bencher<'_>, french: bool) -> Result<Material, CommandError> {
    let silero = models::find(&bencher.context.dirs.models, "silero")?;
    let mut maker = Maker { silero, tone: &[], trials: Vec::new() };
    for lang in Lang::ALL.into_iter().filter(|lang| french || *lang == Lang::En) {
        for (clip, _) in bencher.sentences(lang) {
            maker.add(&bencher.samples(clip)?, false)?;
        }
    }
    Ok(Material { name: "dictation", expect: Expect::Dictation, expected: Expected::Content, trials: maker.trials })
}

/// Where the voice falls silent and comes back: first window and window after the last.
fn gaps(probabilities: &[f32]) -> Vec<(usize, usize)> {
    let is_voice = |probability: &f32| *probability >= VOICE;
    let Some(first) = probabilities.iter().position(is_voice) else { return Vec::new() };
    let last = probabilities.iter().rposition(is_voice).unwrap_or(first);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for number in (first..last).filter(|number| !probabilities.get(*number).is_some_and(is_voice)) {
        match found.last_mut() {
            Some((_, to)) if *to == number => *to += 1,
            _ => found.push((number, number + 1)),
        }
    }
    found
}

fn rms(samples: &[f32]) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "seconds of samples")]
    let count = samples.len().max(1) as f32;
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / count).sqrt()
}

const fn in_samples(ms: usize) -> usize {
    ms * RATE_HZ as usize / 1_000
}

fn ms(samples: usize) -> u64 {
    samples as u64 * 1_000 / u64::from(RATE_HZ)
}

#[cfg(test)]
mod tests {
    use super::gaps;

    #[test]
    fn gaps_lie_inside_the_voice() {
        assert_eq!(gaps(&[0.1, 0.9, 0.2, 0.3, 0.8, 0.4, 0.9, 0.1, 0.0]), [(2, 4), (5, 6)]);
        assert!(gaps(&[0.1, 0.2]).is_empty() && gaps(&[0.9]).is_empty());
    }
}
