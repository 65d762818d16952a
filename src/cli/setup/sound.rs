//! Microphone and loudspeaker: which one, and whether it works.

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    sentences::{self as say, Sentence},
    talk::Talk,
};
use crate::{
    audio::{AudioError, Direction, FRAME_SAMPLES, Frame, Microphone, Source, devices},
    cli::{CommandError, Context, Kind, say::play},
    config::{self, Lang},
};

/// The microphone is listened to for three seconds.
const LISTENED_FRAMES: usize = 300;
/// The level is shown twenty times a second.
const SHOWN_FRAMES: usize = 5;
/// What the level is shown for, in decibels below full scale: the quietest and the loudest.
const QUIETEST_DB: f32 = -60.0;
/// A voice near any microphone is louder than this.
const VOICE_DB: f32 = -50.0;
/// A voice rises so far above what is between its words; fans and hum do not.
const RISE_DB: f32 = 12.0;

/// A device to choose: what the person reads, and what the configuration takes.
#[derive(Debug, PartialEq, Eq)]
struct Choice {
    label: String,
    value: String,
}

/// What to do after a device was tried.
enum Next {
    GoOn,
    Again,
    Another,
}

/// Asks for a microphone or loudspeaker and tries it, until it works or the person goes on.
///
/// # Errors
/// Kind `CannotWrite` when the terminal is gone.
pub(super) fn set_up(talk: &Talk, context: &mut Context, direction: Direction) -> Result<(), CommandError> {
    let (question, missing) = match direction {
        Direction::Input => (say::MICROPHONE, say::NO_MICROPHONE),
        Direction::Output => (say::LOUDSPEAKER, say::NO_LOUDSPEAKER),
    };
    let names = names(direction);
    if names.is_empty() {
        return talk.tell(missing);
    }
    loop {
        let present = device(&mut context.config.audio, direction);
        let (choices, preset) = choices(talk.lang(), &names, present);
        let labels: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
        let chosen = talk.choose(talk.text(question), &labels, preset)?;
        present.clone_from(&choices[chosen].value);
        loop {
            let next = match direction {
                Direction::Input => try_microphone(talk, &context.config.audio)?,
                Direction::Output => try_loudspeaker(talk, context)?,
            };
            match next {
                Next::GoOn => return Ok(()),
                Next::Again => {}
                Next::Another => break,
            }
        }
    }
}

fn device(audio: &mut config::Audio, direction: Direction) -> &mut String {
    match direction {
        Direction::Input => &mut audio.input_device,
        Direction::Output => &mut audio.output_device,
    }
}

/// A device's name, and whether it is the system's default.
type Name = (String, bool);

/// The devices of the best sound host, the system's default first, each name once.
fn names(direction: Direction) -> Vec<Name> {
    let devices: Vec<_> = devices().into_iter().filter(|device| device.direction == direction).collect();
    let host = devices.first().map(|device| device.host.clone()).unwrap_or_default();
    let mut names: Vec<Name> = Vec::new();
    for device in devices.into_iter().filter(|device| device.host == host) {
        match names.iter_mut().find(|(name, _)| *name == device.name) {
            Some((_, is_default)) => *is_default |= device.is_default,
            None => names.push((device.name, device.is_default)),
        }
    }
    names.sort_by_key(|(_, is_default)| !is_default);
    names
}

/// Returns what can be chosen, and the place of what the configuration names now.
fn choices(lang: Lang, names: &[Name], present: &str) -> (Vec<Choice>, usize) {
    let choice = |(name, is_default): &Name| match is_default {
        true => Choice { label: say::SYSTEM_DEFAULT.with(lang, &[name]), value: String::new() },
        false => Choice { label: name.clone(), value: name.clone() },
    };
    let mut choices: Vec<Choice> = names.iter().map(choice).collect();
    if !names.iter().any(|(_, is_default)| *is_default) {
        choices.push(Choice { label: say::THE_DEFAULT.of(lang).to_owned(), value: String::new() });
    }
    let is_part = |(name, _): &Name| name.to_lowercase().contains(&present.to_lowercase());
    let same = choices.iter().position(|choice| choice.value == present);
    let place = same.or_else(|| names.iter().position(is_part)).unwrap_or_else(|| {
        choices.push(Choice { label: say::NOT_THERE.with(lang, &[present]), value: String::new() });
        choices.len() - 1
    });
    // A part of a name stays as it was written.
    choices[place].value = present.to_owned();
    (choices, place)
}

fn try_microphone(talk: &Talk, audio: &config::Audio) -> Result<Next, CommandError> {
    match is_heard(talk, audio) {
        Ok(true) => {
            talk.tell(say::HEARD)?;
            return Ok(Next::GoOn);
        }
        Ok(false) => talk.tell(say::NOT_HEARD)?,
        Err(error) => talk.show(error)?,
    }
    ask_next(talk, talk.text(say::WHAT_NOW), say::GO_ON)
}

fn try_loudspeaker(talk: &Talk, context: &Context) -> Result<Next, CommandError> {
    let sample = talk.text(say::SAMPLE);
    match play(context, sample, talk.lang()) {
        Ok(_) => ask_next(talk, &say::DID_YOU_HEAR.with(talk.lang(), &[sample]), say::YES_GO_ON),
        Err(error) => {
            talk.show(error)?;
            ask_next(talk, talk.text(say::WHAT_NOW), say::GO_ON)
        }
    }
}

fn ask_next(talk: &Talk, question: &str, go_on: Sentence) -> Result<Next, CommandError> {
    talk.forget_typed();
    let items = [go_on, say::TRY_AGAIN, say::ANOTHER].map(|item| talk.text(item));
    Ok(match talk.choose(question, &items, 0)? {
        0 => Next::GoOn,
        1 => Next::Again,
        _ => Next::Another,
    })
}

/// Listens to the microphone, showing its level; returns whether somebody spoke.
fn is_heard(talk: &Talk, audio: &config::Audio) -> Result<bool, CommandError> {
    let mut microphone = Microphone::open(audio)?;
    talk.tell(say::SPEAK)?;
    let style = ProgressStyle::with_template("  {bar:50}").map_err(|error| CommandError::new(Kind::Internal, error))?;
    // As many steps as decibels.
    let bar = ProgressBar::new(-QUIETEST_DB as u64).with_style(style);
    let levels = listen(&mut microphone, |level_db| bar.set_position((level_db - QUIETEST_DB).max(0.0) as u64))?;
    bar.finish_and_clear();
    talk.forget_typed();
    Ok(is_voice(levels))
}

/// Returns the level of each frame, and tells the loudest of a few as it goes.
fn listen(source: &mut dyn Source, mut show: impl FnMut(f32)) -> Result<Vec<f32>, AudioError> {
    let mut levels = Vec::with_capacity(LISTENED_FRAMES);
    while levels.len() < LISTENED_FRAMES {
        let Some(frame) = source.read()? else { break };
        levels.push(level_db(&frame));
        if levels.len() % SHOWN_FRAMES == 0 {
            show(levels.iter().rev().take(SHOWN_FRAMES).copied().fold(f32::MIN, f32::max));
        }
    }
    Ok(levels)
}

/// The level of a frame in decibels below full scale.
fn level_db(Frame(samples): &Frame) -> f32 {
    let energy = samples.iter().map(|sample| sample * sample).sum::<f32>() / FRAME_SAMPLES as f32;
    10.0 * energy.max(1e-12).log10()
}

/// Whether there is a voice: loud for a moment, and much quieter for another one.
fn is_voice(mut levels: Vec<f32>) -> bool {
    levels.sort_by(f32::total_cmp);
    let at = |percent: usize| levels.get(levels.len() * percent / 100).copied().unwrap_or(f32::MIN);
    let (quiet, loud) = (at(25), at(95));
    loud > VOICE_DB && loud > quiet + RISE_DB
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{audio::FileSource, testing::QuietNoise};

    #[test]
    fn enter_keeps_what_the_configuration_names_as_it_was_written() {
        let names = [("Built-in Audio".to_owned(), true), ("Jabra Speak 510".to_owned(), false)];
        for (present, place) in [("", 0), ("built-in", 0), ("Jabra Speak 510", 1), ("jabra", 1), ("Anker", 2)] {
            let (choices, preset) = choices(Lang::En, &names, present);
            assert_eq!((preset, choices[preset].value.as_str()), (place, present));
        }
        let (choices, _) = choices(Lang::En, &names, "jabra");
        assert_eq!((choices[0].value.as_str(), choices.len()), ("", 2));
    }

    #[test]
    fn a_sentence_is_a_voice_however_far_away() {
        for file in ["home-en-1.flac", "home-fr-1.flac"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples").join(file);
            let levels = listen(&mut FileSource::open(&path).unwrap(), |_| {}).unwrap();
            assert!(is_voice(levels.clone()), "{file}");
            assert!(is_voice(levels.iter().map(|level| level - 20.0).collect()), "{file}, a tenth as loud");
        }
    }

    #[test]
    fn silence_quiet_noise_and_a_steady_hum_are_not() {
        assert!(!is_voice(Vec::new()));
        assert!(!is_voice(vec![level_db(&Frame::SILENCE); LISTENED_FRAMES]));
        let mut noise = QuietNoise::new();
        assert!(!is_voice((0..LISTENED_FRAMES).map(|_| level_db(&noise.frame())).collect()));
        assert!(!is_voice(vec![-20.0; LISTENED_FRAMES]));
    }
}
