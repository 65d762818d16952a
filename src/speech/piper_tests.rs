use std::{fs, path::PathBuf};

use super::*;
use crate::speech::espeak;

const JOE: &str = "en_US-joe-medium";

fn models_dir() -> PathBuf {
    std::env::var_os("HERALD_MODELS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-models"), PathBuf::from)
}

fn open(models_dir: &Path, lang: Lang) -> Option<Piper> {
    match Piper::open(models_dir, 1.0, &English::default(), &[(lang, "")]) {
        Ok(piper) => Some(piper),
        Err(error) => {
            println!("skipped: no models ({error})");
            None
        }
    }
}

/// A directory with the fetched voice under another name, as somebody's own voice of a language would be there.
fn own_voice(code: &str, espeak: &str) -> Option<tempfile::TempDir> {
    let (graph, settings) = (models_dir().join(format!("{JOE}.onnx")), models_dir().join(format!("{JOE}.onnx.json")));
    let Ok(text) = fs::read_to_string(settings) else {
        println!("skipped: no models");
        return None;
    };
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(fs::canonicalize(graph).unwrap(), dir.path().join("mine.onnx")).unwrap();
    let text = text.replace("en_US", code).replace("en-us", espeak);
    fs::write(dir.path().join("mine.onnx.json"), text).unwrap();
    Some(dir)
}

fn render(piper: &mut Piper, text: &str, lang: Lang) -> Vec<Clip> {
    let mut clips = Vec::new();
    piper.synthesize(text, lang, &mut |clip| clips.push(clip)).unwrap();
    clips
}

fn sounds_like_a_person(clips: &[Clip]) {
    assert_eq!(clips.len(), 3, "a clip a clause");
    let duration_ms: u64 = clips.iter().map(Clip::duration_ms).sum();
    assert!((2000..6000).contains(&duration_ms), "{duration_ms} ms");
    let peak = clips.iter().flat_map(|clip| &clip.samples).fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!((0.1..=1.0).contains(&peak), "{peak}");
}

#[test]
fn english_sounds_and_lasts_about_as_long_as_a_person() {
    let Some(mut piper) = open(&models_dir(), Lang::En) else { return };
    sounds_like_a_person(&render(&mut piper, "To Marion: I'll be ten minutes late. Send it?", Lang::En));
    assert_eq!(piper.voice(Lang::En), JOE);
    assert!(piper.synthesize("Bonjour.", Lang::Fr, &mut |_| {}).is_err());
}

#[test]
fn anybodys_voice_speaks_the_language_its_settings_name() {
    if !espeak::installed() {
        println!("skipped: no espeak-ng");
        return;
    }
    let Some(dir) = own_voice("fr_FR", "fr") else { return };
    assert_eq!(installed_voices(dir.path(), Lang::Fr), ["mine"]);
    assert!(installed_voices(dir.path(), Lang::En).is_empty());
    let Some(mut piper) = open(dir.path(), Lang::Fr) else { panic!("it does not open") };
    sounds_like_a_person(&render(&mut piper, "À Marion : j'aurai dix minutes de retard. J'envoie ?", Lang::Fr));
}

#[test]
fn the_same_text_gives_the_same_samples_on_any_number_of_threads() {
    let Some(mut piper) = open(&models_dir(), Lang::En) else { return };
    let first = render(&mut piper, "Sent to Paul.", Lang::En);
    render(&mut piper, "Yes.", Lang::En);
    assert!(first == render(&mut piper, "Sent to Paul.", Lang::En));
    piper.pool = Arc::new(ThreadPool::with_num_threads(1));
    assert!(first == render(&mut piper, "Sent to Paul.", Lang::En));
}

#[test]
fn hostile_text_is_spoken_or_refused_and_never_panics() {
    let Some(mut piper) = open(&models_dir(), Lang::En) else { return };
    for text in ["", "?!", "東京", "...a", "1/2 $ 9,99 €", "[a](/b/)", "a\u{301}\u{301}", "^_$", "2to3B4"] {
        let _ = piper.synthesize(text, Lang::En, &mut |_| {});
    }
}

#[test]
fn damaged_pairs_are_passed_over_or_refused_and_never_panic() {
    let dir = tempfile::tempdir().unwrap();
    let settings = r#"{"audio":{"sample_rate":22050},"espeak":{"voice":"fr"},"phoneme_id_map":{"a":[1]}}"#;
    for (name, text) in [
        ("none", None),
        ("empty", Some("")),
        ("list", Some("[]")),
        ("numbers", Some(r#"{"audio":{"sample_rate":"x"}}"#)),
        ("german", Some(r#"{"audio":{"sample_rate":22050},"espeak":{"voice":"de"},"phoneme_id_map":{}}"#)),
        (
            "pinyin",
            Some(
                r#"{"audio":{"sample_rate":22050},"espeak":{"voice":"fr"},"phoneme_type":"pinyin","phoneme_id_map":{}}"#,
            ),
        ),
        ("no-graph", Some(settings)),
    ] {
        fs::write(dir.path().join(format!("{name}.onnx")), "not a graph").unwrap();
        if let Some(text) = text {
            fs::write(dir.path().join(format!("{name}.onnx.json")), text).unwrap();
        }
    }
    // A fetched voice that is not what was fetched.
    fs::write(dir.path().join(format!("{JOE}.onnx")), "damaged").unwrap();
    fs::write(dir.path().join(format!("{JOE}.onnx.json")), settings.replace("\"fr\"", "\"en-us\"")).unwrap();
    assert_eq!(installed_voices(dir.path(), Lang::Fr), ["no-graph"]);
    assert!(installed_voices(dir.path(), Lang::En).is_empty());
    for lang in Lang::ALL {
        let error = Piper::open(dir.path(), 1.0, &English::default(), &[(lang, "")]).unwrap_err();
        assert!(matches!(error, SpeechError::Missing { .. }), "{error}");
    }
}
