//! People who do speak: recordings of which the guards against words that nobody said leave no word, alone and in noise.

use super::{Bencher, ears::frame};
use crate::{
    asr::{Recognizer, Voice, Whisper, is_plausible, word_errors},
    audio::{FRAME_SAMPLES, Frame},
    cli::{CommandError, Kind},
    config::{Lang, LangChoice},
    listen::{ListenEvent, Listener, Utterance},
    models,
    testing::{Clip, QuietNoise, mix},
};

const BENCH: &str = "heard";
/// Quiet before and after a recording, frames: a second.
const QUIET_FRAMES: usize = 100;
/// How far the voice is above the noise, decibels.
const NOISE_DB: f32 = 10.0;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let [noises, _] = bencher.noises()?;
    bencher.recognisers().into_iter().try_for_each(|name| model(bencher, name, &noises))
}

fn model(bencher: &Bencher<'_>, name: &str, noises: &[Vec<f32>]) -> Result<(), CommandError> {
    let models_dir = &bencher.context.dirs.models;
    let unavailable = |error| CommandError::new(Kind::Unavailable, error);
    let silero = models::find(models_dir, "silero")?;
    let mut listener = Listener::new(&bencher.context.config.listen, &silero).map_err(unavailable)?;
    let mut whisper = Whisper::load(name, &models::find(models_dir, name)?, bencher.threads())?;
    let understands = |clip: &&Clip, multilingual| multilingual || clip.lang() != Some(Lang::Fr);
    let all = ["asr", "command", "wake", "word"].iter().flat_map(|kind| bencher.clips(kind));
    let multilingual = whisper.is_multilingual();
    let spoken: Vec<&Clip> = all.filter(|clip| understands(clip, multilingual)).collect();
    for in_noise in [false, true] {
        let (mut clips, mut without, mut dropped, mut dropped_right) = (0, 0, 0, 0);
        for (number, clip) in spoken.iter().enumerate() {
            let mut samples = bencher.samples(clip)?;
            if let Some(noise) = noises.get(number % noises.len().max(1)).filter(|_| in_noise) {
                samples = mix(&samples, noise, NOISE_DB);
            }
            let (mut kept, mut lost) = (false, String::new());
            for utterance in listen(&mut listener, &samples) {
                let (text, is_kept) = heard(&mut whisper, &utterance, clip.lang())?;
                kept |= is_kept;
                lost.push_str(&text);
            }
            let said = clip.transcript.as_deref().unwrap_or_default();
            let right = word_errors(said, &lost, clip.lang().unwrap_or(Lang::En)).errors == 0;
            clips += 1;
            without += i32::from(!kept);
            dropped += i32::from(!kept && !lost.is_empty());
            dropped_right += i32::from(!kept && !lost.is_empty() && right);
        }
        let of = if in_noise { "speech_in_noise" } else { "speech" };
        bencher.figure(BENCH, &format!("{name}/{of}/clips"), f64::from(clips), "clips")?;
        let figure = |metric: &str, clips: i32| {
            bencher.figure(BENCH, &format!("{name}/{of}/{metric}"), f64::from(clips), "clips")
        };
        figure("without_words", without)?;
        figure("dropped_as_implausible", dropped)?;
        figure("dropped_though_right", dropped_right)?;
    }
    Ok(())
}

/// Returns the words of an utterance and whether they are kept.
fn heard(whisper: &mut Whisper, utterance: &Utterance, lang: Option<Lang>) -> Result<(String, bool), CommandError> {
    let transcript = whisper.transcribe(&utterance.samples, LangChoice::Auto, lang)?;
    let extent_ms = utterance.voice_end_ms.saturating_sub(utterance.voice_start_ms);
    let voice = Voice { extent_ms, clear_ms: utterance.clear_ms };
    let is_kept = !transcript.text.is_empty() && is_plausible(&transcript, voice);
    Ok((transcript.text, is_kept))
}

/// Returns the utterances in a recording.
fn listen(listener: &mut Listener, samples: &[f32]) -> Vec<Utterance> {
    listener.reset();
    let mut quiet = QuietNoise::new();
    let mut events = Vec::new();
    let mut hear = |frame: &Frame| events.extend(listener.push(frame));
    (0..QUIET_FRAMES).for_each(|_| hear(&quiet.frame()));
    samples.chunks_exact(FRAME_SAMPLES).for_each(|chunk| hear(&frame(chunk)));
    (0..QUIET_FRAMES).for_each(|_| hear(&quiet.frame()));
    let ended = |event| if let ListenEvent::SpeechEnd(utterance) = event { Some(utterance) } else { None };
    events.into_iter().filter_map(ended).collect()
}
