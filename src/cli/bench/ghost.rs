//! Words that nobody said: hours of noise, music and silence through listener, recogniser and conversation, with the
//! microphone open as after a button, which is the hardest case. The figures are the words transcribed and the actions
//! taken; beside them, what the same guards drop of recordings in which somebody does speak.

use super::{
    Bencher,
    ears::{Count, Ears, SILENT_VOICE, frame},
};
use crate::{
    asr::{Recognizer, Voice, Whisper, is_plausible},
    audio::{FRAME_SAMPLES, Frame},
    cli::{CommandError, Kind},
    config::{Lang, LangChoice},
    listen::{ListenEvent, Listener, Utterance},
    models,
    testing::{Ambience, Clip, NonSpeech, QuietNoise, mix},
};

const BENCH: &str = "ghost";
/// Scenes of 20 s in a minute.
const SCENES_A_MINUTE: u32 = 3;
/// Quiet before and after a recording, frames: a second.
const QUIET_FRAMES: usize = 100;
/// Speech is also judged in noise at this level, decibels.
const NOISE_DB: f32 = 10.0;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let mut noises = Vec::new();
    let mut murmurs = Vec::new();
    for clip in bencher.clips("noise").chain(bencher.clips("music")) {
        let kind = if clip.category == "babble" { &mut murmurs } else { &mut noises };
        kind.push(bencher.samples(clip)?);
    }
    let names = [models::default_asr(LangChoice::En), models::default_asr(LangChoice::Auto)];
    let names = bencher.model.map_or_else(|| names.to_vec(), |name| vec![name]);
    for name in names {
        let mut ears = Ears::open(bencher, name, SILENT_VOICE)?;
        let mut scenes = NonSpeech::new(&noises, 1);
        let mut counts = [Count::default(); Ambience::ALL.len()];
        for number in 0..bencher.minutes * SCENES_A_MINUTE {
            let kind = number as usize % Ambience::ALL.len();
            counts[kind] += ears.hear(&scenes.scene(Ambience::ALL[kind]))?;
        }
        for (scene, count) in Ambience::ALL.iter().zip(counts) {
            print(count, bencher, &format!("{name}/{scene}"))?;
        }
        let mut murmur = Count::default();
        for samples in &murmurs {
            murmur += ears.hear(samples)?;
        }
        print(murmur, bencher, &format!("{name}/murmur"))?;
        speech(bencher, name, &noises)?;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "small counts")]
fn print(count: Count, bencher: &Bencher<'_>, of: &str) -> Result<(), CommandError> {
    bencher.figure(BENCH, &format!("{of}/minutes"), f64::from(count.times) / f64::from(SCENES_A_MINUTE), "min")?;
    bencher.figure(BENCH, &format!("{of}/taken_for_speech"), f64::from(count.utterances), "times")?;
    bencher.figure(BENCH, &format!("{of}/words"), count.words as f64, "words")?;
    bencher.figure(BENCH, &format!("{of}/actions"), f64::from(count.actions), "actions")
}

/// Counts the recordings of people of which no word is left, alone and in noise.
fn speech(bencher: &Bencher<'_>, name: &str, noises: &[Vec<f32>]) -> Result<(), CommandError> {
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
        let (mut clips, mut lost) = (0, 0);
        for (number, clip) in spoken.iter().enumerate() {
            let mut samples = bencher.samples(clip)?;
            if let Some(noise) = noises.get(number % noises.len().max(1)).filter(|_| in_noise) {
                samples = mix(&samples, noise, NOISE_DB);
            }
            let mut words = false;
            for utterance in listen(&mut listener, &samples) {
                words |= has_words(&mut whisper, &utterance, clip.lang())?;
            }
            clips += 1;
            lost += i32::from(!words);
        }
        let of = if in_noise { "speech_in_noise" } else { "speech" };
        bencher.figure(BENCH, &format!("{name}/{of}/clips"), f64::from(clips), "clips")?;
        bencher.figure(BENCH, &format!("{name}/{of}/without_words"), f64::from(lost), "clips")?;
    }
    Ok(())
}

fn has_words(whisper: &mut Whisper, utterance: &Utterance, lang: Option<Lang>) -> Result<bool, CommandError> {
    let transcript = whisper.transcribe(&utterance.samples, LangChoice::Auto, lang)?;
    let extent_ms = utterance.voice_end_ms.saturating_sub(utterance.voice_start_ms);
    let voice = Voice { extent_ms, clear_ms: utterance.clear_ms };
    Ok(!transcript.text.is_empty() && is_plausible(&transcript, voice))
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
