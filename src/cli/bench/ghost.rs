//! Words that nobody said: hours of noise, music and silence through listener, recogniser and conversation, with the
//! microphone open as after a button, which is the hardest case. The figures are the words transcribed and the actions
//! taken. What the same guards drop of people who do speak is the bench `heard`.

use super::{
    Bencher,
    ears::{Count, Ears, SILENT_VOICE},
};
use crate::{
    cli::CommandError,
    testing::{Ambience, NonSpeech},
};

const BENCH: &str = "ghost";
/// Scenes of 20 s in a minute.
const SCENES_A_MINUTE: u32 = 3;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let [noises, murmurs] = bencher.noises()?;
    for name in bencher.recognisers() {
        let mut ears = Ears::open(bencher, name, SILENT_VOICE, None)?;
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
