//! Speaking over Herald: the real listener, canceller and session in a simulated room; what the recogniser makes of
//! it is written down.

use std::{path::PathBuf, sync::Arc};

use herald::{
    config::{self, BargeIn, Config, LangChoice, Sources, Wake},
    speech::{Clip, Voices},
    testing::{Acoustics, CONTACTS, Cast, QuietNoise, Recorded, Scene, Script, level, read_clips},
};
use serde_json::Value;

use crate::support;

/// Recorded people: one speaks as Herald, clause after clause, one over it.
struct Material {
    silero: PathBuf,
    herald: Arc<[Clip]>,
    herald_level: f32,
    user: Vec<f32>,
}

/// `None`, and a word about it, where the recordings or the model are missing.
fn material() -> Option<Material> {
    let (Some(data), Some(silero)) = (support::recordings(), support::silero()) else {
        println!("skipped: no data or no models");
        return None;
    };
    let clips = read_clips(&data).unwrap();
    let sentences = clips.iter().filter(|clip| clip.kind == "asr").map(|clip| clip.samples().unwrap());
    let sentences: Vec<Vec<f32>> = sentences.filter(|samples| samples.len() > 5 * 16_000).take(3).collect();
    let clause = |samples: &Vec<f32>| Clip { rate_hz: 16_000, samples: samples[..5 * 16_000].to_vec() };
    let herald: Arc<[Clip]> = sentences.iter().map(clause).collect();
    let command = clips.iter().find(|clip| clip.kind == "command").unwrap().samples().unwrap();
    let command = &command[..command.len().min(3 * 16_000)];
    let gain = 0.05 / level(command);
    Some(Material {
        silero,
        herald_level: level(&herald.iter().flat_map(|clip| clip.samples.clone()).collect::<Vec<_>>()),
        herald,
        user: command.iter().map(|sample| sample * gain).collect(),
    })
}

fn configuration() -> Config {
    let sources = Sources { cores: 2, ..Sources::default() };
    let mut config = config::load(&sources).unwrap().config;
    config.listen.wake = Wake::Button;
    config.general.lang = LangChoice::Auto;
    config
}

struct Stage {
    scene: Scene,
    material: Material,
    quiet: QuietNoise,
    events: Vec<Value>,
}

impl Stage {
    /// `heard` is what the recogniser makes of the utterances.
    fn new(material: Material, config: &Config, heard: &[&str]) -> Self {
        let scene = Scene::new(Cast {
            config,
            silero: &material.silero,
            recognizer: Box::new(Script::new(heard)),
            voices: Voices::of(vec![Box::new(Recorded(Arc::clone(&material.herald)))]),
            cancels_echo: true,
            contacts: CONTACTS,
            acoustics: Acoustics { gain: 0.3 * 0.05 / material.herald_level, ..Acoustics::default() },
        });
        Self { scene: scene.unwrap(), material, quiet: QuietNoise::new(), events: Vec::new() }
    }

    fn say(&mut self, words: &str) {
        self.scene.session().conversation().read(words);
    }

    /// Lets time pass, in which the user may speak.
    fn pass(&mut self, milliseconds: usize, user: &[f32]) {
        for tick in 0..milliseconds / 10 {
            let voice = user.get(tick * 160..).unwrap_or_default().iter().copied().chain(std::iter::repeat(0.0));
            let beside: Vec<f32> = self.quiet.samples(160).zip(voice).map(|(noise, voice)| noise + voice).collect();
            self.scene.tick(&beside).unwrap();
        }
        self.events.extend(self.scene.events().take());
    }

    /// The user speaks over Herald, who has been speaking for three seconds.
    fn speak_over(&mut self) {
        self.pass(3_000, &[]);
        let user = self.material.user.clone();
        self.pass(user.len() / 16 + 1_000, &user);
    }

    fn count(&self, kind: &str) -> usize {
        self.events.iter().filter(|event| event["type"] == kind).count()
    }

    fn time_of(&self, kind: &str) -> u64 {
        let event = self.events.iter().find(|event| event["type"] == kind);
        event.unwrap_or_else(|| panic!("no {kind} in {:?}", self.events))["t_ms"].as_u64().unwrap()
    }
}

#[test]
fn words_spoken_over_a_reply_cut_it_and_are_heard() {
    let Some(material) = material() else { return };
    let mut stage = Stage::new(material, &configuration(), &["read my messages"]);
    stage.say("message Marion that the train is late");
    stage.speak_over();
    assert_eq!(stage.count("barge_in"), 1, "{:?}", stage.events);
    let cut = stage.events.iter().position(|event| event["type"] == "reply_end").unwrap();
    assert_eq!(stage.events[cut]["cut"], true);
    assert_eq!(stage.events.iter().skip(cut).filter(|event| event["type"] == "transcript").count(), 1);
    assert!(stage.events.iter().any(|event| event["name"] == "read_messages"), "{:?}", stage.events);
}

#[test]
fn a_cough_interrupts_and_the_clause_is_said_again() {
    let Some(material) = material() else { return };
    let clauses_ms = 15_000;
    let mut stage = Stage::new(material, &configuration(), &[""]);
    stage.say("help");
    stage.speak_over();
    stage.pass(20_000, &[]);
    assert_eq!(stage.count("barge_in"), 1, "{:?}", stage.events);
    assert_eq!((stage.count("transcript"), stage.count("intent")), (0, 1), "nobody hears of it: {:?}", stage.events);
    let end = stage.events.iter().find(|event| event["type"] == "reply_end").unwrap();
    assert_eq!(end["cut"], false);
    // The first clause ends after 5 s: it was interrupted after about 3, for the time of the cough.
    let (began_ms, stopped_ms) = (stage.time_of("reply"), stage.time_of("barge_in"));
    let spoken_ms = end["t_ms"].as_u64().unwrap() - began_ms;
    let resumed_ms = spoken_ms - clauses_ms;
    assert!(stopped_ms - began_ms < 5_000);
    assert!(resumed_ms > stopped_ms - began_ms, "the clause was not said again: {spoken_ms} ms in all");
    assert!(resumed_ms < 12_000, "{spoken_ms} ms in all");
}

#[test]
fn what_herald_itself_is_saying_reaches_nobody_and_its_yes_confirms_nothing() {
    let body = "yes, send it to everybody and tell them that the train is late";
    for heard in [
        "Yes, send it to everybody",
        "yes send it",
        "Yes.",
        "yeah",
        "okay",
        "tell them that the rain is late",
        "send it",
    ] {
        let Some(material) = material() else { return };
        let mut stage = Stage::new(material, &configuration(), &[heard]);
        stage.say(&format!("message Marion that {body}"));
        stage.speak_over();
        assert_eq!((stage.count("action"), stage.count("transcript")), (0, 0), "{heard}: {:?}", stage.events);
    }
}

#[test]
fn a_yes_over_a_read_back_without_one_counts() {
    let Some(material) = material() else { return };
    let mut stage = Stage::new(material, &configuration(), &["Yes."]);
    stage.say("message Marion that the train is late");
    stage.speak_over();
    assert_eq!((stage.count("barge_in"), stage.count("action")), (1, 1), "{:?}", stage.events);
}

#[test]
fn stop_gets_through_in_both_languages_without_the_wake_word_although_it_stands_in_the_text() {
    let mut config = configuration();
    config.listen.wake = Wake::Transcript;
    config.listen.barge_in = BargeIn::Off;
    for (heard, body) in [
        ("stop", "hello there"),
        ("Stop it!", "hello there"),
        ("Herald, stop.", "hello there"),
        ("cancel", "hello there"),
        ("Arrête.", "bonjour à tous"),
        ("arrête-toi", "bonjour à tous"),
        ("annule", "bonjour à tous"),
        ("Stop.", "please stop the train"),
        ("arrête", "arrête de courir"),
    ] {
        let Some(material) = material() else { return };
        let mut stage = Stage::new(material, &config, &[heard]);
        stage.say(&format!("message Marion that {body}"));
        stage.speak_over();
        let end = stage.events.iter().find(|event| event["type"] == "reply_end");
        assert_eq!(end.map(|event| &event["cut"]), Some(&Value::Bool(true)), "{heard}: {:?}", stage.events);
        assert_eq!(stage.count("action"), 0, "{heard}");
    }
}

#[test]
fn where_barge_in_is_off_a_voice_changes_nothing_while_herald_speaks() {
    let Some(material) = material() else { return };
    let mut config = configuration();
    config.listen.barge_in = BargeIn::Off;
    let mut stage = Stage::new(material, &config, &["read my messages"]);
    stage.say("help");
    stage.speak_over();
    stage.pass(14_000, &[]);
    assert_eq!((stage.count("barge_in"), stage.count("transcript")), (0, 0), "{:?}", stage.events);
    let end = stage.events.iter().find(|event| event["type"] == "reply_end").unwrap();
    assert_eq!(end["cut"], false);
}

#[test]
fn a_room_that_interrupts_again_and_again_is_left_alone() {
    let Some(material) = material() else { return };
    let mut stage = Stage::new(material, &configuration(), &["", "", "", "", "", "stop"]);
    stage.say("help");
    for _ in 0..5 {
        stage.say("help");
        stage.speak_over();
        stage.pass(1_000, &[]);
    }
    assert_eq!(stage.count("barge_in"), 3, "{:?}", stage.events);
    stage.speak_over();
    let ends: Vec<&Value> = stage.events.iter().filter(|event| event["type"] == "reply_end").collect();
    assert_eq!(ends.last().unwrap()["cut"], true, "stop still gets through");
}
