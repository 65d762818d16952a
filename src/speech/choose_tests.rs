use super::*;

/// Speaks `sound` clauses, then fails.
struct Fake {
    name: &'static str,
    clauses: usize,
}

impl Synthesizer for Fake {
    fn engine(&self) -> &'static str {
        self.name
    }

    fn voice(&self, lang: Lang) -> String {
        format!("{}-{lang}", self.name)
    }

    fn synthesize(&mut self, text: &str, _: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        let clauses = clause::clauses(text);
        for clause in clauses.iter().take(self.clauses) {
            play(Clip { rate_hz: 1, samples: vec![0.0; clause.text.len()] });
        }
        if clauses.len() > self.clauses {
            return Err(SpeechError::Engine { engine: self.name, reason: "test".into() });
        }
        Ok(())
    }
}

fn voices(engines: &[(&'static str, usize)]) -> Voices {
    let fake = |(name, clauses): &(&'static str, usize)| -> Box<dyn Synthesizer> {
        Box::new(Fake { name, clauses: *clauses })
    };
    Voices::of(engines.iter().map(fake).collect())
}

const TEXT: &str = "The first clause. The second clause. The third clause.";

#[test]
fn the_next_engine_goes_on_with_the_clause_that_failed() {
    let mut lengths = Vec::new();
    let spoken = voices(&[("good", 1), ("plain", 9)])
        .speak(TEXT, Lang::En, &mut |clip| lengths.push(clip.samples.len()))
        .unwrap();
    assert_eq!(spoken, Spoken { engine: "plain", voice: "plain-en".into() });
    assert_eq!(lengths, ["The first clause.".len(), "The second clause.".len(), "The third clause.".len()]);
}

#[test]
fn when_all_engines_fail_the_last_one_says_why() {
    let error = voices(&[("good", 0), ("plain", 1)]).speak(TEXT, Lang::En, &mut |_| {}).unwrap_err();
    assert!(matches!(error, SpeechError::Engine { engine: "plain", .. }), "{error}");
}

#[test]
fn without_any_engine_the_error_says_what_to_install() {
    let error = voices(&[]).speak(TEXT, Lang::Fr, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("espeak-ng"), "{error}");
}

fn speech(engine: &str, voice: &str) -> config::Speech {
    config::Speech {
        engine: engine.into(),
        command: "cat".into(),
        voice_en: voice.into(),
        voice_fr: String::new(),
        rate: 1.0,
        earcons: true,
        night_volume: 0,
    }
}

/// The models of the tests, if both neural engines have what they need for English, and espeak-ng is there.
fn all_engines() -> Option<PathBuf> {
    let models = std::env::var_os("HERALD_MODELS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-models"), PathBuf::from);
    let there =
        [Maker::Kokoro, Maker::Piper, Maker::Espeak].iter().all(|maker| !maker.voices(&models, Lang::En).is_empty());
    if !there {
        println!("skipped: not all engines are installed");
    }
    there.then_some(models)
}

#[test]
fn without_models_the_engine_is_espeak_unless_another_is_forced() {
    if !espeak::installed() {
        println!("skipped: no espeak-ng");
        return;
    }
    let empty = tempfile::tempdir().unwrap();
    let open = |engine, voice| Voices::open(&speech(engine, voice), empty.path());
    let missing = |engine, voice| open(engine, voice).err().unwrap();
    let auto = open("auto", "").unwrap();
    assert_eq!(auto.speaker(Lang::Fr).unwrap(), Spoken { engine: "espeak", voice: "fr".into() });
    let british = open("espeak", "en-gb+f3").unwrap();
    assert_eq!(british.speaker(Lang::En).unwrap().voice, "en-gb+f3");
    for (engine, voice, absent) in [
        ("kokoro", "", "kokoro"),
        ("auto", "af_heart", "kokoro"),
        ("piper", "", "piper"),
        ("auto", "en_US-joe-medium", "piper"),
    ] {
        let error = missing(engine, voice);
        assert!(matches!(error, SpeechError::Missing { engine, .. } if engine == absent), "{error}");
        assert!(error.to_string().contains("models fetch"), "{error}");
    }
    let unknown = missing("auto", "nobody");
    assert!(matches!(unknown, SpeechError::UnknownVoice { ref known, .. } if known.contains(&"en-us".into())));
    assert!(matches!(missing("festival", ""), SpeechError::UnknownEngine(_)));
}

#[test]
fn the_program_of_the_configuration_speaks_every_language_until_it_fails() {
    if !espeak::installed() {
        println!("skipped: no espeak-ng");
        return;
    }
    let empty = tempfile::tempdir().unwrap();
    let mut voices = Voices::open(&speech("command", ""), empty.path()).unwrap();
    for lang in Lang::ALL {
        assert_eq!(voices.speaker(lang).unwrap(), Spoken { engine: "command", voice: "cat".into() });
        assert_eq!(voices.speak("Hello.", lang, &mut |_| {}).unwrap().engine, "espeak");
    }
}

#[test]
fn the_engine_of_a_configured_voice_speaks_first_in_its_language() {
    let Some(models) = all_engines() else { return };
    for (voice, engine) in [("en_US-joe-medium", "piper"), ("af_bella", "kokoro"), ("en-gb", "espeak")] {
        let voices = Voices::open(&speech("auto", voice), &models).unwrap();
        assert_eq!(voices.speaker(Lang::En).unwrap(), Spoken { engine, voice: voice.into() });
        assert_eq!(voices.speaker(Lang::Fr).unwrap().engine, "kokoro");
    }
}

#[test]
fn a_language_that_the_forced_engine_does_not_speak_is_spoken_by_the_best_other() {
    let Some(models) = all_engines() else { return };
    let voices = Voices::open(&speech("piper", ""), &models).unwrap();
    assert_eq!(voices.speaker(Lang::En).unwrap().engine, "piper");
    assert_eq!(voices.speaker(Lang::Fr).unwrap().engine, "kokoro");
}

#[test]
fn what_only_another_language_needs_is_loaded_when_it_is_spoken() {
    let Some(models) = all_engines() else { return };
    let mut voices = Voices::open_for(&[Lang::En], &speech("piper", ""), &models).unwrap();
    assert_eq!(voices.speaker(Lang::Fr), None, "loaded already");
    assert_eq!(voices.speak("Bonjour.", Lang::Fr, &mut |_| {}).unwrap().engine, "kokoro");
}
