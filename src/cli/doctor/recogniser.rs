//! The best recogniser that this machine has the memory and the speed for.
//!
//! Each installed one that knows the configured language decodes four seconds once; the choice is kept in the data
//! directory, where `[asr] model = "auto"` looks for it.

use std::path::Path;

use super::{Check, Patient};
use crate::{
    asr::{Effort, Recognizer, Whisper},
    audio::RATE_HZ,
    cli::{bench, recogniser},
    config::{Lang, LangChoice},
    models::{self, Kind, Manifest, Model},
    store::Store,
    testing::QuietNoise,
};

/// From the most accurate on; of equals, the cheaper one first.
const BEST_FIRST: [&str; 4] = ["base-q8_0", "base", "tiny.en-q8_0", "tiny.en"];
/// Seconds that are decoded.
const SECONDS: usize = 4;
/// Longest time for that, milliseconds. A command is over after 500 ms of silence, its decode begins after 200, and
/// people feel answered up to about 750 ms after they stopped; the words, of which the test has none, take 150 more.
const LONGEST_MS: u64 = 600;
/// Memory that must be left beside the recogniser, MB: the rest of Herald and the system's caches.
const LEFT_MB: f64 = 150.0;

/// What a recogniser takes here.
struct Candidate {
    name: String,
    decode_ms: u64,
    memory_mb: f64,
}

impl Candidate {
    fn fits(&self, available_mb: f64) -> bool {
        self.is_fast() && self.has_room(available_mb)
    }

    fn is_fast(&self) -> bool {
        self.decode_ms <= LONGEST_MS
    }

    fn has_room(&self, available_mb: f64) -> bool {
        self.memory_mb + LEFT_MB <= available_mb
    }
}

/// Measures the installed recognisers, chooses one and keeps the choice.
pub(super) fn recogniser(patient: &Patient<'_>) -> Vec<Check> {
    let available_mb = bench::available_mb().unwrap_or(f64::INFINITY);
    let candidates = candidates(patient);
    let Some(best) = choose(&candidates, available_mb) else { return Vec::new() };
    let detail =
        format!("{}: {SECONDS} s in {} ms, {:.0} of {available_mb:.0} MB", best.name, best.decode_ms, best.memory_mb);
    if patient.config.asr.model == "auto" {
        let key = recogniser::key(patient.config.general.lang);
        if let Err(error) = Store::open(&patient.dirs.data).and_then(|store| store.set_setting(&key, &best.name)) {
            return vec![Check::bad("recogniser", error.to_string(), "mend the data directory first")];
        }
    }
    vec![if !best.has_room(available_mb) {
        Check::bad("recogniser", detail, "stop other programs, or use a machine with more memory")
    } else if best.is_fast() {
        Check::good("recogniser", detail)
    } else {
        let fix = "answers will be late: stop other programs, use a faster machine, or English only with a tiny model";
        Check::bad("recogniser", detail, fix)
    }]
}

/// The installed recognisers that know the language, measured; the configured one alone if there is one.
fn candidates(patient: &Patient<'_>) -> Vec<Candidate> {
    let Ok(manifest) = Manifest::embedded() else { return Vec::new() };
    let configured = patient.config.asr.model.as_str();
    let wanted = |model: &&Model| match configured {
        "auto" => model.kind == Kind::Recogniser && knows(model, patient.config.general.lang),
        name => model.name == name,
    };
    let threads = usize::try_from(patient.config.asr.threads).unwrap_or(1);
    let measure = |model: &Model| {
        let path = models::find(&patient.dirs.models, &model.name).ok()?;
        let decode_ms = decode_ms(&model.name, &path, threads)?;
        Some(Candidate { name: model.name.clone(), decode_ms, memory_mb: f64::from(model.memory_mb) })
    };
    manifest.models().iter().filter(wanted).filter_map(measure).collect()
}

fn knows(model: &Model, lang: LangChoice) -> bool {
    let needed = lang.fixed().map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    needed.iter().all(|lang| model.languages.contains(lang))
}

/// Wall-clock time of a decode, the second of two: the first brings the model into memory.
fn decode_ms(name: &str, path: &Path, threads: usize) -> Option<u64> {
    let mut whisper = Whisper::load(name, path, threads).ok()?;
    whisper.set_effort(Effort::Greedy);
    let samples: Vec<f32> = QuietNoise::new().samples(SECONDS * RATE_HZ as usize).collect();
    let mut decode = || Some(whisper.transcribe(&samples, LangChoice::Auto, None).ok()?.decode_ms);
    decode()?;
    decode()
}

/// The best that fits; if none does, the fastest of those for which there is room; else the smallest.
fn choose(candidates: &[Candidate], available_mb: f64) -> Option<&Candidate> {
    let rank = |candidate: &&Candidate| BEST_FIRST.iter().position(|name| *name == candidate.name);
    let fitting = candidates.iter().filter(|candidate| candidate.fits(available_mb)).min_by_key(rank);
    let with_room = candidates.iter().filter(|candidate| candidate.has_room(available_mb));
    fitting
        .or_else(|| with_room.min_by_key(|candidate| candidate.decode_ms))
        .or_else(|| candidates.iter().min_by(|one, other| one.memory_mb.total_cmp(&other.memory_mb)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, decode_ms: u64, memory_mb: f64) -> Candidate {
        Candidate { name: name.to_owned(), decode_ms, memory_mb }
    }

    fn choice(base_ms: u64, tiny_ms: u64, available_mb: f64) -> String {
        let candidates = [
            candidate("tiny.en-q8_0", tiny_ms, 120.0),
            candidate("base-q8_0", base_ms, 180.0),
            candidate("base", base_ms + 60, 241.0),
        ];
        choose(&candidates, available_mb).unwrap().name.clone()
    }

    #[test]
    fn the_best_that_memory_and_speed_allow_is_chosen() {
        assert_eq!(choice(450, 220, 4_000.0), "base-q8_0");
        assert_eq!(choice(1_500, 450, 4_000.0), "tiny.en-q8_0", "a slow board");
        assert_eq!(choice(450, 220, 300.0), "tiny.en-q8_0", "a small board");
        assert_eq!(choice(4_000, 1_400, 4_000.0), "tiny.en-q8_0", "too slow for all: the fastest");
        assert_eq!(choice(450, 220, 100.0), "tiny.en-q8_0", "too small for all: the smallest");
        assert!(choose(&[], 4_000.0).is_none());
    }

    #[test]
    fn every_recogniser_of_the_list_has_a_rank() {
        let recognisers = Manifest::embedded().unwrap().models().iter().filter(|model| model.kind == Kind::Recogniser);
        for model in recognisers {
            assert!(BEST_FIRST.contains(&model.name.as_str()), "{}", model.name);
        }
    }
}
