//! Herald reads messages aloud that are made to provoke it, in a room with an echo; nobody else speaks.
//!
//! The messages are spoken by `espeak-ng`, which is fast enough for hundreds, every tenth by the best installed voice.

use super::Bencher;
use crate::{
    cli::{CommandError, Kind},
    config::{Lang, LangChoice, Wake},
    models,
    speech::Voices,
    testing::{Acoustics, CONTACTS, Cast, Provoked, Scene, level, provoke},
};

/// Messages with the echo canceller, and without.
const MESSAGES: [(bool, usize); 2] = [(true, 500), (false, 100)];
/// One in so many is spoken by the best voice.
const BEST_VOICE_EVERY: usize = 10;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let plain = Voices::open(
        &crate::config::Speech { engine: "espeak".to_owned(), ..bencher.context.config.speech.clone() },
        &bencher.context.dirs.models,
    );
    if plain.is_err() {
        bencher.note("self-trigger: skipped: no espeak-ng");
        return Ok(());
    }
    for (cancels_echo, messages) in MESSAGES {
        let mut all = Provoked::default();
        let best = messages / BEST_VOICE_EVERY;
        for (engine, messages) in [("auto", 0..best), ("espeak", best..messages)] {
            let provoked = campaign(bencher, engine, cancels_echo, messages)?;
            all.actions += provoked.actions;
            all.transcripts += provoked.transcripts;
            all.stops += provoked.stops;
        }
        let how = if cancels_echo { "echo cancelled" } else { "echo not cancelled" };
        #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
        for (what, count) in [("actions", all.actions), ("transcripts", all.transcripts), ("stops", all.stops)] {
            let metric = format!("{what} in {messages} messages, {how}");
            bencher.figure("self-trigger", &metric, count as f64, "")?;
        }
    }
    Ok(())
}

fn campaign(
    bencher: &Bencher<'_>,
    engine: &str,
    cancels_echo: bool,
    messages: std::ops::Range<usize>,
) -> Result<Provoked, CommandError> {
    let mut config = bencher.context.config.clone();
    config.listen.wake = Wake::Button;
    config.general.lang = LangChoice::Auto;
    // Nobody will answer: no need to wait for long.
    config.dialogue.answer_timeout_ms = 1_000;
    engine.clone_into(&mut config.speech.engine);
    let open = || {
        Voices::open(&config.speech, &bencher.context.dirs.models)
            .map_err(|error| CommandError::new(Kind::Unavailable, error))
    };
    let mut sample = Vec::new();
    open()?
        .speak("One, two, three.", Lang::En, &mut |clip| sample.extend(clip.samples))
        .map_err(|error| CommandError::new(Kind::Unavailable, error))?;
    let mut scene = Scene::new(Cast {
        config: &config,
        silero: &models::find(&bencher.context.dirs.models, "silero")?,
        recognizer: crate::cli::run::recognizer(bencher.context)?,
        voices: open()?,
        cancels_echo,
        contacts: CONTACTS,
        acoustics: Acoustics::default(),
    })?;
    Ok(provoke(&mut scene, messages, level(&sample))?)
}
