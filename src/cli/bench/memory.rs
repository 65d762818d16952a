//! Resident memory of a whole session, part by part, after ten turns; and, by name only, whether it grows with many.

use super::{
    Bencher,
    ears::{Ears, SILENT_VOICE},
    machine,
};
use crate::{
    asr::{Recognizer, Whisper},
    cli::{CommandError, wake},
    config::{Lang, LangChoice},
    models,
    speech::Voices,
    testing::babble,
};

const BENCH: &str = "memory";
const GROWTH: &str = "growth";
/// Turns after which everything that a conversation needs was used.
const TURNS: usize = 10;
/// Turns of a long life.
const MANY_TURNS: usize = 1_000;

/// What ten turns leave, then each addition on top.
pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let figure = |metric: &str| -> Result<(), CommandError> {
        let Some(used_mb) = machine::resident_mb() else { return Ok(()) };
        bencher.figure(BENCH, metric, used_mb, "MB")
    };
    let small = bencher.model.unwrap_or(models::default_asr(LangChoice::En));
    let large = models::default_asr(LangChoice::Auto);
    figure("at_the_start")?;
    let turns = turns(bencher)?;
    let wake = wake::some(bencher.context)?;
    let mut ears = Ears::open(bencher, small, SILENT_VOICE, wake.as_ref())?;
    let with = if wake.is_some() { "_wake_word" } else { "" };
    figure(&format!("with_{small}_silero_espeak{with}"))?;
    for turn in turns.iter().cycle().take(TURNS) {
        ears.hear(turn)?;
    }
    figure("after_10_turns")?;
    let mut whisper = Whisper::load(large, &models::find(&bencher.context.dirs.models, large)?, bencher.threads())?;
    whisper.transcribe(&babble(5), LangChoice::Auto, None)?;
    figure(&format!("and_{large}"))?;
    drop(whisper);
    let mut voices = Voices::open(&bencher.context.config.speech, &bencher.context.dirs.models)?;
    voices.speak("This is the voice.", Lang::En, &mut |_| ())?;
    figure("and_the_best_voice_instead")
}

/// Whether a thousand turns leave more than ten did.
pub(super) fn growth(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let small = bencher.model.unwrap_or(models::default_asr(LangChoice::En));
    let turns = turns(bencher)?;
    let mut ears = Ears::open(bencher, small, SILENT_VOICE, None)?;
    let mut before = None;
    for (number, turn) in turns.iter().cycle().take(MANY_TURNS).enumerate() {
        ears.hear(turn)?;
        if number + 1 == MANY_TURNS / 10 {
            before = machine::resident_mb();
        }
    }
    let (Some(before_mb), Some(after_mb)) = (before, machine::resident_mb()) else { return Ok(()) };
    bencher.figure(GROWTH, "after_100_turns", before_mb, "MB")?;
    bencher.figure(GROWTH, "after_1000_turns", after_mb, "MB")
}

/// What is said in the turns: wake phrases and words, which are short, else made-up sound.
fn turns(bencher: &Bencher<'_>) -> Result<Vec<Vec<f32>>, CommandError> {
    let said: Vec<Vec<f32>> =
        bencher.clips("wake").take(TURNS).map(|clip| bencher.samples(clip)).collect::<Result<_, _>>()?;
    Ok(if said.is_empty() { vec![babble(2)] } else { said })
}
