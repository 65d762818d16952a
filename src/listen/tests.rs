//! The listener with its real model, where that is installed.

use proptest::prelude::*;

use super::*;

pub(super) fn config() -> config::Listen {
    let defaults = config::load(&config::Sources::default()).unwrap().config.listen;
    config::Listen { longest_utterance_ms: 28_000, ..defaults }
}

/// The installed model and one recorded sentence between two seconds of silence.
fn model_and_sentence() -> Option<(PathBuf, Vec<f32>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let models = std::env::var_os("HERALD_MODELS").map_or_else(|| root.join("target/test-models"), PathBuf::from);
    let model = crate::models::find(&models, "silero").ok()?;
    let clip = root.join("../shared/data/audio/clips/asr-en/lo-2414-128291-0000.flac");
    let mut file = crate::audio::read_file(&clip).ok()?;
    let mut sentence = vec![0.0; 32_000];
    while file.read(&mut sentence) {}
    sentence.extend([0.0; 32_000]);
    Some((model, sentence))
}

#[test]
fn a_model_that_is_not_there_or_not_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("silero.onnx");
    for content in [None, Some("no model"), Some("")] {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let error = Listener::new(&config(), &path).err().unwrap();
        assert!(matches!(&error, ListenError::Load { path: named, .. } if *named == path), "{error}");
    }
}

#[test]
fn a_listener_may_move_between_threads() {
    fn assert_send<T: Send>() {}
    assert_send::<Listener>();
}

#[test]
fn a_sentence_is_one_utterance_and_the_clock_counts_the_audio() {
    let Some((model, sentence)) = model_and_sentence() else { return println!("skipped: no models or no data") };
    let mut listener = Listener::new(&config(), &model).unwrap();
    let events = listener.push_samples(&sentence);
    let ends: Vec<&Utterance> = events
        .iter()
        .filter_map(|event| if let ListenEvent::SpeechEnd(utterance) = event { Some(utterance) } else { None })
        .collect();
    assert_eq!(ends.len(), 1, "{} events", events.len());
    assert!((1_990..2_600).contains(&ends[0].voice_start_ms), "{}", ends[0].voice_start_ms);
    assert_eq!(listener.clock_ms(), sentence.len() as u64 / 16);
    assert!(listener.fault().is_none());
}

#[test]
fn the_same_utterances_come_however_the_samples_are_cut_and_after_a_reset() {
    let Some((model, sentence)) = model_and_sentence() else { return println!("skipped: no models or no data") };
    let whole = Listener::new(&config(), &model).unwrap().push_samples(&sentence);
    assert!(!whole.is_empty());
    let runner = ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(runner, |(cuts in prop::collection::vec(1_usize..4_000, 1..40))| {
        let mut listener = Listener::new(&config(), &model).unwrap();
        let mut events = Vec::new();
        let mut rest = &sentence[..];
        for cut in cuts.iter().cycle() {
            let (piece, later) = rest.split_at((*cut).min(rest.len()));
            events.extend(listener.push_samples(piece));
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&events, &whole);
    });
}

#[test]
fn a_reset_in_the_middle_leaves_nothing_behind() {
    let Some((model, sentence)) = model_and_sentence() else { return println!("skipped: no models or no data") };
    let mut listener = Listener::new(&config(), &model).unwrap();
    let first = listener.push_samples(&sentence);
    listener.push_samples(&sentence[..48_000]);
    listener.reset();
    let again = listener.push_samples(&sentence);
    let audio = |events: &[ListenEvent]| {
        events
            .iter()
            .filter_map(|event| if let ListenEvent::SpeechEnd(u) = event { Some(u.samples.clone()) } else { None })
            .collect::<Vec<_>>()
    };
    assert_eq!(audio(&first), audio(&again));
}
