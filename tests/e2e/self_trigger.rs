//! Herald reads messages aloud that are made to provoke it, with its own echo in the microphone. The campaign of
//! hundreds is `herald bench self-trigger`.

use herald::{
    asr::Whisper,
    config::{self, LangChoice, Sources, Wake},
    models,
    speech::Voices,
    testing::{Acoustics, CONTACTS, Cast, Provoked, Scene, level, provoke},
};

use crate::support;

/// What comes of messages spoken by `espeak-ng`; `None` where something is not installed.
fn campaign(cancels_echo: bool, messages: std::ops::Range<usize>) -> Option<Provoked> {
    let models_dir = support::models_dir();
    let (Ok(recognizer), Some(silero)) = (models::find(&models_dir, "base-q8_0"), support::silero()) else {
        println!("skipped: no models in {}", models_dir.display());
        return None;
    };
    let mut config = config::load(&Sources { cores: 2, ..Sources::default() }).unwrap().config;
    config.listen.wake = Wake::Button;
    config.general.lang = LangChoice::Auto;
    config.dialogue.answer_timeout_ms = 1_000;
    config.speech.engine = "espeak".to_owned();
    let Ok(mut voices) = Voices::open(&config.speech, &models_dir) else {
        println!("skipped: no espeak-ng");
        return None;
    };
    let mut sample = Vec::new();
    voices.speak("One, two, three.", config::Lang::En, &mut |clip| sample.extend(clip.samples)).unwrap();
    let mut scene = Scene::new(Cast {
        config: &config,
        silero: &silero,
        recognizer: Box::new(Whisper::load("base-q8_0", &recognizer, 1).unwrap()),
        voices,
        cancels_echo,
        contacts: CONTACTS,
        acoustics: Acoustics::default(),
    });
    let provoked = provoke(scene.as_mut().unwrap(), messages, level(&sample)).unwrap();
    println!("{provoked:?}");
    Some(provoked)
}

#[test]
fn forty_messages_read_aloud_move_nothing() {
    if let Some(provoked) = campaign(true, 0..40) {
        assert_eq!(provoked.actions, 0);
    }
}

#[test]
fn without_the_canceller_what_herald_hears_of_itself_still_moves_nothing() {
    if let Some(provoked) = campaign(false, 40..50) {
        assert_eq!(provoked.actions, 0);
    }
}
