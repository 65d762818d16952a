//! Speaking over Herald in a simulated room: how fast it gives way to a voice, and how often to a noise.
//!
//! Herald reads aloud without end; recorded people speak over it, the echo of Herald 0 to 20 dB below their voices.
//! A voice begins where the offline detector first hears it in the clean recording.

use std::{path::PathBuf, sync::Arc};

use super::Bencher;
use crate::{
    audio::{Block, RATE_HZ},
    cli::{CommandError, Kind},
    config::{Config, Lang, LangChoice, Wake},
    listen::{VOICE_WINDOW_SAMPLES, voice_probabilities},
    models,
    runtime::RuntimeError,
    speech::{Clip, Voices},
    testing::{Acoustics, Cast, QuietNoise, Recorded, Scene, Script, level},
};

/// What Herald reads.
const READING: [(Lang, &str); 2] = [
    (
        Lang::En,
        "Message from Marion. I will be ten minutes late, the train is stuck again outside the station. Please start \
         without me, and tell Paul that the keys are under the blue pot. The weather should be fine, so bring the \
         children and something to eat.",
    ),
    (
        Lang::Fr,
        "Message de Josselin. J'ai une réunion jusqu'à six heures et le magasin ferme tôt aujourd'hui. Commencez sans \
         moi, et dis à Paul que les clés sont sous le pot bleu.",
    ),
];
/// Level of a voice at the microphone: -26 dBFS.
const VOICE_LEVEL: f32 = 0.05;
/// How far the echo is below the voice, dB.
const ECHOES_DB: [f32; 3] = [0.0, -10.0, -20.0];
/// Noise below Herald's echo, dB.
const NOISE_DB: f32 = -10.0;
/// Herald reads this long before somebody speaks, and a bit longer each time, milliseconds.
const BEFORE_MS: usize = 3_000;
/// Samples of a recording that are played.
const LONGEST_VOICE: usize = 3 * RATE_HZ as usize;
/// A quarter and a bit: 12 dB down.
const DUCKED: f32 = 0.26;
const SILENT: f32 = 0.01;
/// Power of a block's end below which nothing can be said about its gain.
const AUDIBLE: f32 = 1e-3;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let Some(stage) = Stage::new(bencher)? else { return Ok(()) };
    stage.voices(bencher)?;
    stage.noises(bencher)
}

struct Stage {
    config: Config,
    silero: PathBuf,
    clauses: Arc<[Clip]>,
    /// The clauses as they are played.
    blocks: Vec<Block>,
    level: f32,
}

impl Stage {
    fn new(bencher: &Bencher<'_>) -> Result<Option<Self>, CommandError> {
        if bencher.clips.is_empty() {
            bencher.note("barge-in: skipped: no data");
            return Ok(None);
        }
        let mut config = bencher.context.config.clone();
        config.listen.wake = Wake::Button;
        config.general.lang = LangChoice::En;
        let mut voices = crate::cli::voices(bencher.context, None)?;
        let mut clauses: Vec<Clip> = Vec::new();
        for (lang, text) in READING {
            voices
                .speak(text, lang, &mut |clip| clauses.push(clip))
                .map_err(|error| CommandError::new(Kind::Unavailable, error))?;
        }
        // A hiss at -55 dBFS, so that the gain can be told in pauses as well.
        let mut hiss = QuietNoise::new();
        for clip in &mut clauses {
            let length = clip.samples.len();
            clip.samples.iter_mut().zip(hiss.samples(length)).for_each(|(sample, hiss)| *sample += 6.0 * hiss);
        }
        let mut blocks = Vec::new();
        for clip in &clauses {
            blocks.extend(clip.blocks().map_err(|error| CommandError::new(Kind::Internal, error))?);
        }
        let samples: Vec<f32> = blocks.iter().flat_map(|block| block.0).collect();
        let silero = models::find(&bencher.context.dirs.models, "silero")?;
        Ok(Some(Self { config, silero, clauses: clauses.into(), level: level(&samples), blocks }))
    }

    fn scene(&self, said: &str, echo_db: f32) -> Result<Scene, RuntimeError> {
        Scene::new(Cast {
            config: &self.config,
            silero: &self.silero,
            recognizer: Box::new(Script::new(&[said])),
            voices: Voices::of(vec![Box::new(Recorded(Arc::clone(&self.clauses)))]),
            cancels_echo: true,
            contacts: "",
            acoustics: Acoustics {
                gain: 10_f32.powf(echo_db / 20.0) * VOICE_LEVEL / self.level,
                drift_ppm: 100.0,
                clip: 0.7,
                ..Acoustics::default()
            },
        })
    }

    /// From the onset of a voice until Herald is 12 dB quieter, and silent.
    fn voices(&self, bencher: &Bencher<'_>) -> Result<(), CommandError> {
        let (mut ducked, mut silent, mut missed) = (Vec::new(), Vec::new(), 0_u32);
        for echo_db in ECHOES_DB {
            let (mut ducked_here, mut silent_here) = (Vec::new(), Vec::new());
            let mut scene = self.scene("stop", echo_db)?;
            let clips = ["command", "asr", "wake"].into_iter().flat_map(|kind| bencher.clips(kind).step_by(4));
            for (number, clip) in clips.enumerate() {
                let samples = bencher.samples(clip)?;
                let voice = &samples[..samples.len().min(LONGEST_VOICE)];
                let heard = self.speak_over(&mut scene, voice, BEFORE_MS + number * 137 % 1_000)?;
                ducked_here.extend(heard.ducked_ms);
                silent_here.extend(heard.silent_ms);
                missed += u32::from(heard.silent_ms.is_none());
            }
            bencher.spread("barge-in", &format!("echo {echo_db} dB: ducked by 12 dB"), &mut ducked_here)?;
            bencher.spread("barge-in", &format!("echo {echo_db} dB: silent"), &mut silent_here)?;
            ducked.append(&mut ducked_here);
            silent.append(&mut silent_here);
        }
        bencher.spread("barge-in", "ducked by 12 dB", &mut ducked)?;
        bencher.spread("barge-in", "silent", &mut silent)?;
        bencher.figure("barge-in", "voices that did not stop Herald", f64::from(missed), "")
    }

    /// Lets Herald read, and a voice speak over it.
    fn speak_over(&self, scene: &mut Scene, voice: &[f32], before_ms: usize) -> Result<Heard, CommandError> {
        let probabilities =
            voice_probabilities(&self.silero, voice).map_err(|error| CommandError::new(Kind::Unavailable, error))?;
        let onset = probabilities.iter().position(|probability| *probability >= 0.5).unwrap_or_default();
        let onset_ms = onset * VOICE_WINDOW_SAMPLES / 16;
        let gain = VOICE_LEVEL / level(voice).max(f32::MIN_POSITIVE);
        scene.session().conversation().read("help");
        let mut at = None;
        let mut room = QuietNoise::new();
        let mut heard = Heard::default();
        // After the voice, until Herald has given up and rests.
        let ticks = before_ms / 10 + voice.len() / 160 + 200;
        for tick in 0..ticks {
            let from = (tick * 160).saturating_sub(before_ms * 16);
            let speaks = tick * 10 >= before_ms;
            let voice = voice.get(from..).filter(|_| speaks).unwrap_or_default();
            let silence: Vec<f32> = room.samples(160).collect();
            let beside: Vec<f32> =
                silence.iter().enumerate().map(|(n, noise)| noise + gain * voice.get(n).unwrap_or(&0.0)).collect();
            let block = scene.tick(&beside)?;
            if at.is_none() && power(&block) > AUDIBLE {
                at = self.blocks.iter().position(|block| power(block) > AUDIBLE);
            }
            let Some(original) = at.and_then(|at| self.blocks.get(at)) else { continue };
            at = at.map(|at| at + 1);
            let share = (power(original) > AUDIBLE).then(|| power(&block) / power(original));
            // What leaves now is at its new level when these 10 ms are over.
            let after_ms = (tick * 10 + 20).checked_sub(before_ms + onset_ms);
            if let (Some(share), Some(after_ms)) = (share, after_ms.filter(|_| speaks)) {
                #[allow(clippy::cast_precision_loss, reason = "a few seconds")]
                let after_ms = after_ms as f64;
                if share <= DUCKED {
                    heard.ducked_ms.get_or_insert(after_ms);
                }
                if share <= SILENT {
                    heard.silent_ms.get_or_insert(after_ms);
                }
            }
        }
        // The rest of what was to be said is gone: the next voice finds Herald at rest.
        while !scene.session().is_waiting() {
            scene.tick(&[])?;
        }
        Ok(heard)
    }

    /// How often a noise stops Herald.
    fn noises(&self, bencher: &Bencher<'_>) -> Result<(), CommandError> {
        let (mut stops, mut ticks) = (0_usize, 0_usize);
        for clip in bencher.clips("noise") {
            let noise = bencher.samples(clip)?;
            let gain = 10_f32.powf(NOISE_DB / 20.0) * VOICE_LEVEL / level(&noise).max(f32::MIN_POSITIVE);
            let mut scene = self.scene("", 0.0)?;
            let mut noise = noise.iter().map(|sample| sample * gain).cycle();
            // A device that was switched on a while ago knows the noise of its room.
            for tick in 0..BEFORE_MS / 10 + 3_000 {
                if tick >= BEFORE_MS / 10 && tick % 100 == 0 && scene.session().is_waiting() {
                    scene.session().conversation().read("help");
                }
                let beside: Vec<f32> = noise.by_ref().take(160).collect();
                scene.tick(&beside)?;
                ticks += usize::from(tick >= BEFORE_MS / 10);
            }
            let events = scene.events().take();
            let here = events.iter().filter(|event| event["type"] == "barge_in").count();
            if here > 0 {
                #[allow(clippy::cast_precision_loss, reason = "a few")]
                bencher.figure("barge-in", &format!("false stops in 30 s of {}", clip.id), here as f64, "")?;
            }
            stops += here;
        }
        #[allow(clippy::cast_precision_loss, reason = "minutes")]
        let minutes = ticks as f64 / 6_000.0;
        #[allow(clippy::cast_precision_loss, reason = "a few")]
        let rate = stops as f64 * 10.0 / minutes;
        bencher.figure("barge-in", "false stops in 10 minutes of noise", rate, "")
    }
}

/// After the onset of the voice.
#[derive(Debug, Default)]
struct Heard {
    ducked_ms: Option<f64>,
    silent_ms: Option<f64>,
}

/// How loud a block is at its end.
fn power(block: &Block) -> f32 {
    block.0[200..].iter().map(|sample| sample * sample).sum::<f32>().sqrt()
}
