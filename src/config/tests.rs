//! The layers and their order; the samples of mistakes stand in `tests/e2e/config`.

use std::collections::HashSet;

use super::{layer::Reading, schema::Rule, *};

fn with_file(text: &str, sources: Sources) -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, text).unwrap();
    load(&Sources { file: Some(file), ..sources })
}

fn variable(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

fn problems(result: Result<Loaded, ConfigError>) -> Vec<Problem> {
    result.unwrap_err().problems
}

#[test]
fn the_defaults_alone_are_a_configuration() {
    let loaded = load(&Sources::default()).unwrap();
    assert_eq!(loaded.config.general.lang, LangChoice::Auto);
    assert_eq!(loaded.config.listen.hangover_command_ms, 500);
    assert_eq!(loaded.values.len(), schema::KEYS.len());
}

#[test]
fn the_defaults_name_every_key_once_and_in_the_order_of_the_schema() {
    let mut defaults = Reading::default();
    defaults.toml(Layer::Defaults, "defaults.toml", include_str!("defaults.toml"));
    assert_eq!(defaults.problems, []);
    let written: Vec<_> = defaults.settings.iter().map(|setting| setting.key).collect();
    let known: Vec<_> = schema::KEYS.iter().map(|(key, _)| *key).collect();
    assert_eq!(written, known);
}

#[test]
fn every_choice_of_the_schema_is_one_of_the_typed_tree() {
    for (key, rule) in schema::KEYS {
        let Rule::OneOf(words) = rule else { continue };
        for word in *words {
            let name = format!("HERALD_{}", key.replacen('.', "_", 1).to_ascii_uppercase());
            // What some choices need beside them.
            let words = variable("HERALD_LISTEN_WAKE_WORDS", "alexa, hey_jarvis");
            let program = variable("HERALD_SPEECH_COMMAND", "espeak-ng --stdin --stdout");
            let sources =
                Sources { environment: [variable(&name, word), words, program].concat(), ..Sources::default() };
            load(&sources).unwrap_or_else(|error| panic!("{name}={word}: {error}"));
        }
    }
}

#[test]
fn no_variable_of_the_environment_can_mean_two_keys() {
    let variables: HashSet<_> = schema::KEYS.iter().map(|(key, _)| key.replacen('.', "_", 1)).collect();
    assert_eq!(variables.len(), schema::KEYS.len());
    assert!(!variables.contains("models"), "HERALD_MODELS is the directory of the models");
}

#[test]
fn a_later_layer_wins_and_each_value_knows_its_origin() {
    let sources = |environment, model: Option<&str>| Sources {
        environment,
        profile: Some("car".to_owned()),
        model: model.map(str::to_owned),
        ..Sources::default()
    };
    let origin = |loaded: &Loaded, key: &str| {
        loaded.values.iter().find(|value| value.key == key).map(|value| value.origin.clone()).unwrap()
    };
    let text = "[general]\nboard = \"raspberry-pi-4\"\n[dialogue]\nprompt_words = 20\n";

    let loaded = with_file(text, sources(Vec::new(), None)).unwrap();
    assert_eq!((loaded.config.asr.threads, origin(&loaded, "asr.threads").layer), (3, Layer::Board));
    assert_eq!(
        (loaded.config.dialogue.read_chars, origin(&loaded, "dialogue.read_chars").layer),
        (120, Layer::Profile)
    );
    assert_eq!(
        (loaded.config.dialogue.prompt_words, origin(&loaded, "dialogue.prompt_words").layer),
        (20, Layer::File)
    );
    assert!(origin(&loaded, "dialogue.prompt_words").place.ends_with("config.toml:4:16"));
    assert_eq!(origin(&loaded, "speech.rate").layer, Layer::Defaults);

    let loaded = with_file(text, sources(variable("HERALD_ASR_MODEL", "base"), None)).unwrap();
    assert_eq!((loaded.config.asr.model.as_str(), origin(&loaded, "asr.model").layer), ("base", Layer::Environment));
    let loaded = with_file(text, sources(variable("HERALD_ASR_MODEL", "base"), Some("tiny.en"))).unwrap();
    assert_eq!((loaded.config.asr.model.as_str(), origin(&loaded, "asr.model").layer), ("tiny.en", Layer::Flag));
}

#[test]
fn a_variable_is_read_as_the_type_of_its_key() {
    let set = |name: &str, value: &str| load(&Sources { environment: variable(name, value), ..Sources::default() });
    assert_eq!(set("HERALD_DIALOGUE_READ_CHARS", "80").unwrap().config.dialogue.read_chars, 80);
    assert!((set("HERALD_SPEECH_RATE", "2").unwrap().config.speech.rate - 2.0).abs() < f32::EPSILON);
    assert_eq!(set("HERALD_GENERAL_OWNER", "42").unwrap().config.general.owner, "42");
    let problem = problems(set("HERALD_ASR_THREADS", "many")).remove(0);
    assert_eq!(
        problem.to_string(),
        "HERALD_ASR_THREADS: asr.threads: expected a whole number from 1 to 64, found text"
    );
}

#[test]
fn a_misspelt_variable_is_named_and_foreign_ones_are_left_alone() {
    let environment = ["HERALD_ASR_MODLE", "HERALD_ARS_MODEL", "HERALD_MODELS", "HERALD_EXAMPLES_FOLDER", "PATH"]
        .map(|name| (name.to_owned(), "x".to_owned()))
        .to_vec();
    let said: Vec<_> =
        problems(load(&Sources { environment, ..Sources::default() })).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "HERALD_ASR_MODLE: no such key; did you mean asr.model?",
            "HERALD_ARS_MODEL: no such key; did you mean HERALD_ASR_MODEL?"
        ]
    );
}

#[test]
fn all_problems_of_all_layers_are_reported_at_once() {
    let sources = Sources {
        environment: variable("HERALD_TELEMETRY_LEVEL", "loud"),
        profile: Some("cra".to_owned()),
        ..Sources::default()
    };
    let problems = problems(with_file("[asr]\nmodle = 1\nthreads = 0\n", sources));
    let places: Vec<_> = problems.iter().map(|problem| problem.place.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(places, ["--profile", "config.toml:2:1", "config.toml:3:11", "HERALD_TELEMETRY_LEVEL"]);
}

#[test]
fn more_threads_than_the_machine_can_use_are_refused() {
    let on = |cores| with_file("[asr]\nthreads = 4\n", Sources { cores, ..Sources::default() });
    assert_eq!(on(2).unwrap().config.asr.threads, 4);
    assert_eq!(problems(on(1))[0].key, "asr.threads");
}

#[test]
fn a_profile_named_in_the_file_is_looked_for_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[general]\nprofile = \"kitchen.toml\"\n").unwrap();
    std::fs::write(folder.path().join("kitchen.toml"), "[dialogue]\nannounce = \"hold\"\n").unwrap();
    let loaded = load(&Sources { file: Some(file), ..Sources::default() }).unwrap();
    assert_eq!(loaded.config.dialogue.announce, Announce::Hold);
}

#[test]
fn a_profile_cannot_choose_another_profile() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("loop.toml");
    std::fs::write(&profile, "[general]\nprofile = \"car\"\n").unwrap();
    let sources = Sources { profile: Some(profile.display().to_string()), ..Sources::default() };
    assert_eq!(problems(load(&sources))[0].fault, Fault::NotHere);
}

#[test]
fn a_contradiction_is_reported_where_somebody_set_something() {
    let problems = problems(with_file("[listen]\npause_ms = 400\n", Sources::default()));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].place.ends_with("config.toml:2:12"), "{}", problems[0]);
    assert_eq!(problems[0].key, "listen.pause_ms");
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_variable_panics(text in "[\\[\\]a-z_=\".0-9\n#{}, éà\u{feff}]{0,80}", name in "[A-Z_]{0,20}", value in ".{0,10}") {
        let mut reading = Reading::default();
        reading.toml(Layer::File, "f", &text);
        reading.environment(&[(format!("HERALD_{name}"), value)]);
    }

    #[test]
    fn what_is_in_force_can_be_written_down_and_read_again(threads in 1..8_i64, threshold in 0.0..1.0_f64, owner in "[^\\s][ -~é\"]{0,20}") {
        let environment = [
            variable("HERALD_ASR_THREADS", &threads.to_string()),
            variable("HERALD_LISTEN_VAD_THRESHOLD", &threshold.to_string()),
            variable("HERALD_GENERAL_OWNER", &owner),
        ].concat();
        let loaded = load(&Sources { environment, ..Sources::default() }).unwrap();
        let written: String = loaded.values.iter().map(|value| format!("{} = {}\n", value.key, value.value)).collect();
        proptest::prop_assert_eq!(with_file(&written, Sources::default()).unwrap().config, loaded.config);
    }
}
