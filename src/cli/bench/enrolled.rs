//! Wake words by enrolment: four takes of a voice, then the rest of that voice, and everything else, with the
//! transcript check.

use super::Bencher;
use crate::{
    cli::{
        CommandError,
        finder::Finder,
        setup::Studio,
        wake::{self, Chosen},
    },
    config::Dirs,
    listen::EnrolledWord,
    testing::Clip,
};

const BENCH: &str = "wake";
/// Takes that a word is enrolled with; as many clips of the voice must be left.
const TAKES: usize = 4;

/// A voice that says a phrase often enough.
struct Voice<'a> {
    phrase: &'a str,
    speaker: &'a str,
    clips: Vec<&'a Clip>,
}

impl Voice<'_> {
    fn word(&self) -> String {
        crate::listen::word_name(&format!("{} {}", self.phrase, self.speaker))
    }
}

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let voices = voices(bencher);
    if voices.is_empty() {
        bencher.note("no recordings: enrolled words are not measured (give --clips DIR)");
        return Ok(());
    }
    let chosen = enrol(bencher, &voices)?;
    for (stage, confirm) in [("heard", false), ("confirmed", true)] {
        let mut finder = Finder::load(bencher.context, Some(&chosen), confirm)?;
        measure(bencher, &voices, &mut finder, stage)?;
    }
    Ok(())
}

fn voices<'a>(bencher: &'a Bencher<'_>) -> Vec<Voice<'a>> {
    let mut voices: Vec<Voice<'a>> = Vec::new();
    for clip in bencher.clips("wake") {
        let (Some(phrase), Some(speaker)) = (clip.phrase.as_deref(), clip.speaker.as_deref()) else { continue };
        match voices.iter_mut().find(|voice| (voice.phrase, voice.speaker) == (phrase, speaker)) {
            Some(voice) => voice.clips.push(clip),
            None => voices.push(Voice { phrase, speaker, clips: vec![clip] }),
        }
    }
    voices.retain(|voice| voice.speaker != "unknown" && voice.clips.len() > TAKES);
    voices
}

/// Enrols the first takes of each voice, each voice as a word of its own.
fn enrol(bencher: &Bencher<'_>, voices: &[Voice<'_>]) -> Result<Chosen, CommandError> {
    let mut studio = Studio::open(bencher.context)?;
    let mut words = Vec::new();
    for voice in voices {
        let takes = voice.clips.iter().take(TAKES).map(|clip| bencher.samples(clip)).collect::<Result<Vec<_>, _>>()?;
        match studio.enrol(&takes)? {
            Ok((takes, mut phrases)) => {
                phrases.push(voice.phrase.to_owned());
                words.push(EnrolledWord { name: voice.word(), phrases, takes });
            }
            Err((at, fault)) => bencher.note(&format!("{}: take {}: {fault}", voice.word(), at + 1)),
        }
    }
    let dirs: &Dirs = &bencher.context.dirs;
    let names: Vec<String> = words.iter().map(|word| word.name.clone()).collect();
    wake::choose(dirs, &words, &names)
}

/// Misses of each voice, and how often its word was found where the phrase is not.
fn measure(bencher: &Bencher<'_>, voices: &[Voice<'_>], finder: &mut Finder, stage: &str) -> Result<(), CommandError> {
    let mut missed = vec![0_u32; voices.len()];
    let mut accepted = vec![0_u32; voices.len()];
    for clip in &bencher.clips {
        let found = finder.find(&bencher.samples(clip)?)?;
        for (at, voice) in voices.iter().enumerate() {
            let wakes = found.wakes.iter().filter(|wake| wake.word == voice.word()).count();
            let is_said = clip.phrase.as_deref() == Some(voice.phrase)
                || clip.not_negative_for.iter().any(|phrase| phrase == voice.phrase);
            if !is_said {
                accepted[at] += u32::try_from(wakes).unwrap_or(u32::MAX);
                if wakes > 0 {
                    bencher.note(&format!("{stage}: {} was taken for {}", clip.id, voice.word()));
                }
            }
            let rest = voice.clips.iter().skip(TAKES).any(|rest| rest.id == clip.id);
            missed[at] += u32::from(rest && wakes == 0);
        }
    }
    let (mut all_missed, mut all) = (0, 0);
    for (at, voice) in voices.iter().enumerate() {
        let rest = u32::try_from(voice.clips.len() - TAKES).unwrap_or(u32::MAX);
        let percent = 100.0 * f64::from(missed[at]) / f64::from(rest);
        bencher.figure(BENCH, &format!("{}/{stage}_missed", voice.word()), percent, "%")?;
        bencher.figure(BENCH, &format!("{}/{stage}_false_accepts", voice.word()), accepted[at].into(), "")?;
        if voice.phrase != "amelia" {
            all_missed += missed[at];
            all += rest;
        }
    }
    let percent = 100.0 * f64::from(all_missed) / f64::from(all.max(1));
    bencher.figure(BENCH, &format!("enrolled/{stage}_missed_amelia_apart"), percent, "%")?;
    bencher.figure(BENCH, &format!("enrolled/{stage}_false_accepts"), accepted.iter().sum::<u32>().into(), "")
}
