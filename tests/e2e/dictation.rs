//! Long dictation: decoded by pauses, stitched without lost or doubled words.

use herald::{
    asr::{Recognizer, Transcript, Whisper, WordErrors, join, normalise, word_errors},
    config::{self, Lang, LangChoice, Listen, Sources},
    listen::{Completeness, Expect, ListenEvent, Utterance, rehearse, voice_probabilities},
    models,
    testing::{Clip, QuietNoise, read_clips},
};

use crate::support;

const MODEL: &str = "tiny.en-q8_0";
const SKIPPED: &str = "skipped: no data or no models";

/// The silences of the recordings follow each other, so the pauses between them are longer than people make.
fn settings() -> Listen {
    let defaults = config::load(&Sources::default()).unwrap().config.listen;
    Listen { hangover_dictation_ms: 3_000, ..defaults }
}

/// Ten recordings by different people, each under nine seconds, more than a minute together.
fn ten_clips() -> Option<Vec<Clip>> {
    let clips = read_clips(&support::recordings()?).unwrap();
    let mut speakers = Vec::new();
    let english = clips.into_iter().filter(|clip| clip.kind == "asr" && clip.lang() == Some(Lang::En));
    let mut chosen: Vec<Clip> = english
        .filter(|clip| clip.samples().unwrap().len() < 9 * 16_000)
        .filter(|clip| {
            let is_new = !speakers.contains(&clip.speaker);
            speakers.push(clip.speaker.clone());
            is_new
        })
        .collect();
    chosen.sort_by_key(|clip| std::cmp::Reverse(clip.samples().unwrap().len()));
    chosen.truncate(10);
    Some(chosen)
}

struct Ears {
    whisper: Whisper,
    silero: std::path::PathBuf,
}

fn ears() -> Option<Ears> {
    let path = models::find(&support::models_dir(), MODEL).ok()?;
    Some(Ears { whisper: Whisper::load(MODEL, &path, 1).unwrap(), silero: support::silero()? })
}

impl Ears {
    /// The utterances of some samples, each as its pieces.
    fn utterances(&self, samples: &[f32]) -> Vec<Vec<Utterance>> {
        let probabilities = voice_probabilities(&self.silero, samples).unwrap();
        let mut judge = |_: &Utterance| Completeness::new(0.0);
        let events = rehearse(&settings(), Expect::Dictation, samples, &probabilities, Some(&mut judge));
        let (mut found, mut pieces) = (Vec::new(), Vec::new());
        for (_, event) in events {
            match event {
                ListenEvent::Settled(piece) => pieces.push(piece),
                ListenEvent::SpeechEnd(last) => {
                    pieces.push(last);
                    found.push(std::mem::take(&mut pieces));
                }
                ListenEvent::Wake { .. }
                | ListenEvent::SpeechStart { .. }
                | ListenEvent::Pause(_)
                | ListenEvent::Due(_)
                | ListenEvent::Resume => {}
            }
        }
        found
    }

    fn text(&mut self, samples: &[f32]) -> Transcript {
        self.whisper.transcribe(samples, LangChoice::En, None).unwrap()
    }
}

#[test]
fn ten_joined_recordings_are_one_dictation_with_the_words_of_each() {
    let (Some(clips), Some(mut ears)) = (ten_clips(), ears()) else { return println!("{SKIPPED}") };
    let (mut joined, mut said, mut alone, mut alone_errors) =
        (Vec::new(), String::new(), String::new(), WordErrors::default());
    let mut noise = QuietNoise::new();
    for clip in &clips {
        let samples = clip.samples().unwrap();
        let transcript = clip.transcript.clone().unwrap();
        let text = ears.text(&samples).text;
        alone_errors += word_errors(&transcript, &text, Lang::En);
        said.push_str(&format!("{transcript} "));
        alone.push_str(&format!("{text} "));
        joined.extend(samples);
        joined.extend(noise.samples(4_800));
    }
    assert!(joined.len() > 60 * 16_000, "only {} s", joined.len() / 16_000);
    joined.extend(noise.samples(112_000));
    let utterances = ears.utterances(&joined);
    assert_eq!(utterances.len(), 1, "one dictation");
    let pieces = &utterances[0];
    assert!(pieces.len() >= 3 && pieces.iter().all(|piece| piece.samples.len() <= 30 * 16_000));
    let texts: Vec<Transcript> = pieces.iter().map(|piece| ears.text(&piece.samples)).collect();
    let stitched = join(&texts).text;
    let stitched_errors = word_errors(&said, &stitched, Lang::En);
    let words = |text: &str| normalise(text, Lang::En).len();
    for (piece, text) in pieces.iter().zip(&texts) {
        println!("{:5.1} s: {}", piece.samples.len() as f32 / 16_000.0, text.text);
    }
    println!(
        "{} pieces: {} word errors stitched, {} one by one; {} and {} words",
        pieces.len(),
        stitched_errors.errors,
        alone_errors.errors,
        words(&stitched),
        words(&alone)
    );
    // A lost or doubled word at each seam would be as many errors as there are seams; other words differ by chance.
    assert!(stitched_errors.errors <= alone_errors.errors + 4, "{stitched}\n{said}");
    assert!(words(&stitched).abs_diff(words(&alone)) <= 4, "{stitched}\n{alone}");
}
