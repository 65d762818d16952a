//! The endpointer on made-up probabilities: one window is 32 ms.

use proptest::prelude::*;

use super::*;
use crate::config::{BargeIn, Listen, Wake};

fn config() -> Listen {
    Listen {
        wake: Wake::Button,
        preroll_ms: 320,
        onset_ms: 96,
        pause_ms: 192,
        hangover_yes_no_ms: 320,
        hangover_command_ms: 512,
        hangover_dictation_ms: 960,
        longest_utterance_ms: 9_600,
        barge_in: BargeIn::On,
        vad_threshold: 0.5,
    }
}

/// Judges windows whose samples are their own positions, so that an utterance shows where it came from.
fn feed(endpointer: &mut Endpointer, probabilities: &[f32]) -> Vec<ListenEvent> {
    let mut events = Vec::new();
    for probability in probabilities {
        let at = endpointer.clock();
        let window: Vec<f32> = (at..at + WINDOW).map(|position| position as f32).collect();
        endpointer.hear(&window);
        endpointer.judge(*probability, &mut events);
    }
    events
}

fn names(events: &[ListenEvent]) -> Vec<&'static str> {
    events
        .iter()
        .map(|event| match event {
            ListenEvent::SpeechStart { .. } => "start",
            ListenEvent::Pause(_) => "pause",
            ListenEvent::Resume => "resume",
            ListenEvent::SpeechEnd(_) => "end",
        })
        .collect()
}

fn last_utterance(events: &[ListenEvent]) -> &Utterance {
    match events.last() {
        Some(ListenEvent::SpeechEnd(utterance)) => utterance,
        other => panic!("no end of speech but {other:?}"),
    }
}

#[test]
fn a_sentence_starts_pauses_and_ends_with_preroll_voice_and_pause() {
    let mut endpointer = Endpointer::new(&config());
    let events = feed(&mut endpointer, &[[0.0; 20].as_slice(), &[0.9; 30], &[0.1; 20]].concat());
    assert_eq!(names(&events), ["start", "pause", "end"]);
    assert_eq!(events[0], ListenEvent::SpeechStart { voice_start_ms: 640 });
    let utterance = last_utterance(&events);
    assert_eq!((utterance.id, utterance.voice_start_ms, utterance.voice_end_ms), (1, 640, 1_600));
    assert_eq!(utterance.samples[0], ((640 - 320) * 16) as f32);
    assert_eq!(utterance.samples.len(), (320 + 960 + 192) * 16);
    assert_eq!(events[1], ListenEvent::Pause(utterance.clone()));
}

#[test]
fn a_click_shorter_than_the_onset_is_no_speech() {
    let mut endpointer = Endpointer::new(&config());
    let click = [[0.0; 5].as_slice(), &[0.9; 2], &[0.0; 5]].concat().repeat(20);
    assert!(feed(&mut endpointer, &click).is_empty());
    assert!(!endpointer.is_in_speech());
}

#[test]
fn a_voice_that_goes_on_after_a_pause_is_the_same_utterance() {
    let mut endpointer = Endpointer::new(&config());
    let events = feed(&mut endpointer, &[[0.9; 10].as_slice(), &[0.0; 10], &[0.9; 10], &[0.0; 30]].concat());
    assert_eq!(names(&events), ["start", "pause", "resume", "pause", "end"]);
    let utterance = last_utterance(&events);
    assert_eq!((utterance.id, utterance.voice_start_ms, utterance.voice_end_ms), (1, 0, 960));
}

#[test]
fn a_doubtful_window_keeps_a_voice_going_but_does_not_wake_it_again() {
    let mut endpointer = Endpointer::new(&config());
    assert_eq!(names(&feed(&mut endpointer, &[[0.9; 5].as_slice(), &[0.4; 50]].concat())), ["start"]);
    let events = feed(&mut endpointer, &[[0.1].as_slice(), &[0.4; 30]].concat());
    assert_eq!(names(&events), ["pause", "end"]);
}

#[test]
fn what_is_expected_decides_the_hangover_even_in_the_middle() {
    for (expect, windows) in [(Expect::YesNo, 10), (Expect::Command, 16), (Expect::Dictation, 30)] {
        let mut endpointer = Endpointer::new(&config());
        endpointer.expect(Expect::Command);
        feed(&mut endpointer, &[0.9; 10]);
        endpointer.expect(expect);
        assert_eq!(names(&feed(&mut endpointer, &vec![0.0; windows - 1])), ["pause"], "{expect:?}");
        assert_eq!(names(&feed(&mut endpointer, &[0.0])), ["end"], "{expect:?}");
    }
}

#[test]
fn the_longest_utterance_is_cut_and_the_rest_follows_without_a_gap() {
    let mut endpointer = Endpointer::new(&config());
    let events = feed(&mut endpointer, &[[0.9; 450].as_slice(), &[0.0; 20]].concat());
    assert_eq!(names(&events), ["start", "pause", "end", "start", "pause", "end"]);
    let (ListenEvent::SpeechEnd(first), ListenEvent::SpeechEnd(second)) = (&events[2], &events[5]) else {
        panic!("no two utterances");
    };
    assert_eq!(first.samples.len(), 9_600 * 16);
    assert_eq!(second.voice_start_ms, 9_600);
    assert_eq!(second.samples[0], 9_600.0 * 16.0);
}

#[test]
fn preroll_does_not_repeat_the_voice_before() {
    let mut endpointer = Endpointer::new(&Listen { preroll_ms: 800, ..config() });
    endpointer.expect(Expect::YesNo);
    feed(&mut endpointer, &[[0.9; 10].as_slice(), &[0.0; 10]].concat());
    let events = feed(&mut endpointer, &[[0.9; 5].as_slice(), &[0.0; 10]].concat());
    assert_eq!(last_utterance(&events).samples[0], (320 * 16) as f32);
}

#[test]
fn reset_forgets_the_utterance_but_not_the_time() {
    let mut endpointer = Endpointer::new(&config());
    feed(&mut endpointer, &[0.9; 10]);
    endpointer.reset();
    assert_eq!(endpointer.clock(), 10 * WINDOW);
    assert!(feed(&mut endpointer, &[0.0; 40]).is_empty());
    let events = feed(&mut endpointer, &[[0.9; 10].as_slice(), &[0.0; 20]].concat());
    assert_eq!(last_utterance(&events).voice_start_ms, 50 * 32);
}

#[test]
fn an_hour_of_silence_keeps_a_few_seconds() {
    let mut endpointer = Endpointer::new(&config());
    feed(&mut endpointer, &[0.0; 4_000]);
    assert!(endpointer.audio.len() < 40_000);
}

proptest! {
    #[test]
    fn any_probabilities_give_well_formed_utterances(
        runs in prop::collection::vec((0.0_f32..1.0, 1_usize..25), 1..60),
    ) {
        let probabilities: Vec<f32> = runs.iter().flat_map(|(p, len)| vec![*p; *len]).collect();
        let mut endpointer = Endpointer::new(&config());
        let mut events = feed(&mut endpointer, &probabilities);
        events.extend(feed(&mut endpointer, &[0.0; 40]));
        let mut open = false;
        let mut paused: Option<Utterance> = None;
        let mut last_end = 0;
        for event in events {
            match event {
                ListenEvent::SpeechStart { voice_start_ms } => {
                    prop_assert!(!open && voice_start_ms >= last_end);
                    open = true;
                }
                ListenEvent::Pause(utterance) => {
                    prop_assert!(open && paused.is_none());
                    prop_assert!(utterance.voice_start_ms < utterance.voice_end_ms);
                    let first = utterance.samples[0];
                    prop_assert!(first <= (utterance.voice_start_ms * 16) as f32);
                    prop_assert!(utterance.samples.windows(2).all(|pair| pair[1] - pair[0] == 1.0));
                    paused = Some(utterance);
                }
                ListenEvent::Resume => prop_assert!(open && paused.take().is_some()),
                ListenEvent::SpeechEnd(utterance) => {
                    prop_assert_eq!(Some(utterance.clone()), paused.take());
                    last_end = utterance.voice_end_ms;
                    open = false;
                }
            }
        }
        prop_assert!(!open, "speech never ended");
    }
}
