//! The endpointer on made-up probabilities: one window is 32 ms.

use proptest::prelude::*;

use super::*;
use crate::config::{Listen, Sources};

fn config() -> Listen {
    Listen {
        preroll_ms: 320,
        onset_ms: 96,
        pause_ms: 192,
        hangover_yes_no_ms: 320,
        hangover_command_ms: 512,
        hangover_dictation_ms: 960,
        longest_utterance_ms: 9_600,
        vad_threshold: 0.5,
        ..config::load(&Sources::default()).unwrap().config.listen
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
            ListenEvent::Due(_) => "due",
            ListenEvent::Resume => "resume",
            ListenEvent::Settled(_) => "settled",
            ListenEvent::SpeechEnd(_) => "end",
            ListenEvent::Wake { .. } => "wake",
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
    assert_eq!(names(&events), ["start", "pause", "due", "end"]);
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
    assert_eq!(names(&events), ["start", "pause", "resume", "pause", "due", "end"]);
    let utterance = last_utterance(&events);
    assert_eq!((utterance.id, utterance.voice_start_ms, utterance.voice_end_ms), (1, 0, 960));
}

#[test]
fn a_doubtful_window_keeps_a_voice_going_but_does_not_wake_it_again() {
    let mut endpointer = Endpointer::new(&config());
    assert_eq!(names(&feed(&mut endpointer, &[[0.9; 5].as_slice(), &[0.4; 9], &[0.9]].concat())), ["start"]);
    let events = feed(&mut endpointer, &[[0.4; 5].as_slice(), &[0.1], &[0.4; 30]].concat());
    assert_eq!(names(&events), ["pause", "due", "end"]);
    assert_eq!(last_utterance(&events).voice_end_ms, 15 * 32, "the voice ended where it was last sure");
}

#[test]
fn silence_counts_from_the_last_sure_window_and_doubt_does_not_last_for_ever() {
    let mut endpointer = Endpointer::new(&config());
    feed(&mut endpointer, &[0.9; 5]);
    // Six windows are the pause; the doubtful ones belong to it as soon as one is silent.
    assert!(feed(&mut endpointer, &[0.4; 7]).is_empty());
    assert_eq!(names(&feed(&mut endpointer, &[0.1])), ["pause"]);
    let mut endpointer = Endpointer::new(&config());
    assert_eq!(
        names(&feed(&mut endpointer, &[[0.9; 5].as_slice(), &[0.4; 20]].concat())),
        ["start", "pause", "due", "end"]
    );
}

#[test]
fn what_is_expected_decides_the_hangover_even_in_the_middle() {
    for (expect, windows) in [(Expect::YesNo, 10), (Expect::Command, 16), (Expect::Dictation, 30)] {
        let mut endpointer = Endpointer::new(&config());
        endpointer.expect(Expect::Command);
        feed(&mut endpointer, &[0.9; 10]);
        endpointer.expect(expect);
        let before = feed(&mut endpointer, &vec![0.0; windows - 1]);
        assert!(!names(&before).contains(&"end"), "{expect:?}");
        assert_eq!(names(&feed(&mut endpointer, &[0.0])).last(), Some(&"end"), "{expect:?}");
    }
}

#[test]
fn the_longest_utterance_is_cut_and_the_rest_follows_without_a_gap() {
    let mut endpointer = Endpointer::new(&config());
    let events = feed(&mut endpointer, &[[0.9; 450].as_slice(), &[0.0; 20]].concat());
    assert_eq!(names(&events), ["start", "pause", "end", "start", "pause", "due", "end"]);
    let (ListenEvent::SpeechEnd(first), ListenEvent::SpeechEnd(second)) = (&events[2], &events[6]) else {
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

/// Speech and then silence, until the end, with an answer to the first question.
fn end_after(endpointer: &mut Endpointer, completeness: Option<f32>) -> (usize, Vec<ListenEvent>) {
    let mut events = feed(endpointer, &[0.9; 20]);
    for windows in 1..200 {
        let heard = feed(endpointer, &[0.0]);
        let due = heard.iter().find_map(|event| if let ListenEvent::Due(id) = event { Some(*id) } else { None });
        events.extend(heard);
        if let (Some(id), Some(probability)) = (due, completeness) {
            endpointer.complete(id, Completeness::new(probability), &mut events);
        }
        if let Some(ListenEvent::SpeechEnd(_)) = events.last() {
            return (windows, events);
        }
    }
    panic!("it never ends");
}

#[test]
fn an_unfinished_sentence_is_waited_for_and_a_finished_one_is_not() {
    for expect in [Expect::Command, Expect::Dictation] {
        let windows = |completeness| {
            let mut endpointer = Endpointer::new(&config());
            endpointer.will_be_judged();
            endpointer.expect(expect);
            end_after(&mut endpointer, completeness).0
        };
        let base = if expect == Expect::Command { 16 } else { 30 };
        assert!(windows(Some(1.0)) <= base && windows(Some(0.0)) > base + 10, "{expect:?}");
        let unanswered = windows(None);
        assert!(unanswered > base + 40, "{expect:?}: it waits for the answer");
        assert!(unanswered < base + 60, "{expect:?}: but not for ever");
    }
}

#[test]
fn a_judgement_that_comes_late_ends_the_utterance_at_once() {
    let mut endpointer = Endpointer::new(&config());
    endpointer.will_be_judged();
    let events = feed(&mut endpointer, &[[0.9; 10].as_slice(), &[0.0; 30]].concat());
    assert_eq!(names(&events), ["start", "pause", "due"]);
    let mut late = Vec::new();
    endpointer.complete(7, Completeness::CERTAIN, &mut late);
    assert!(late.is_empty(), "about another utterance");
    endpointer.complete(1, Completeness::CERTAIN, &mut late);
    assert_eq!(names(&late), ["end"]);
    endpointer.complete(1, Completeness::CERTAIN, &mut late);
    assert_eq!(names(&late), ["end"], "an utterance ends once");
}

#[test]
fn a_judgement_is_about_one_pause_only() {
    let mut endpointer = Endpointer::new(&config());
    endpointer.will_be_judged();
    let mut events = feed(&mut endpointer, &[[0.9; 10].as_slice(), &[0.0; 8]].concat());
    endpointer.complete(1, Completeness::CERTAIN, &mut events);
    events.extend(feed(&mut endpointer, &[[0.9; 4].as_slice(), &[0.0; 20]].concat()));
    assert_eq!(names(&events), ["start", "pause", "resume", "pause", "due"], "the second pause is judged anew");
}

fn dictating() -> Endpointer {
    let mut endpointer = Endpointer::new(&Listen { longest_utterance_ms: 30_000, ..config() });
    endpointer.expect(Expect::Dictation);
    endpointer
}

#[test]
fn a_long_dictation_is_settled_at_its_pauses_and_nothing_is_lost() {
    let sentence = [[0.9; 200].as_slice(), &[0.0; 15]].concat();
    let mut endpointer = dictating();
    let mut events = feed(&mut endpointer, &sentence.repeat(6));
    events.extend(feed(&mut endpointer, &[0.0; 40]));
    let settled: Vec<&Utterance> = events
        .iter()
        .filter_map(|event| if let ListenEvent::Settled(piece) = event { Some(piece) } else { None })
        .collect();
    assert_eq!(settled.len(), 5, "{:?}", names(&events));
    assert_eq!(settled.iter().map(|piece| piece.piece).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    let last = last_utterance(&events);
    assert_eq!((last.piece, last.voice_start_ms), (5, 0), "one utterance");
    assert_eq!(names(&events).iter().filter(|name| **name == "end").count(), 1);
    // All voice is in some piece: each begins with the preroll before the sentence, and ends in the pause after it.
    let last = last.clone();
    for (number, piece) in settled.into_iter().chain([&last]).enumerate() {
        let (first, end) = (piece.samples[0], piece.samples[piece.samples.len() - 1]);
        let voice = number * 215 * 512..(number * 215 + 200) * 512;
        assert!(first <= voice.start as f32 && end >= voice.end as f32, "{number}: {first} to {end}");
    }
}

#[test]
fn a_dictation_without_a_pause_is_cut_before_the_recogniser_cannot_take_it() {
    let mut endpointer = dictating();
    let events = feed(&mut endpointer, &[0.9; 3_000]);
    let pieces: Vec<usize> = events
        .iter()
        .filter_map(|event| if let ListenEvent::Settled(piece) = event { Some(piece.samples.len()) } else { None })
        .collect();
    assert!(pieces.len() >= 3, "{pieces:?}");
    assert!(pieces.iter().all(|length| (14 * 16_000..=28 * 16_000 + 512).contains(length)), "{pieces:?}");
}

#[test]
fn a_dictation_ends_after_its_longest_and_memory_stays_small() {
    let mut endpointer = Endpointer::new(&Listen { longest_dictation_ms: 60_000, ..config() });
    endpointer.expect(Expect::Dictation);
    let events = feed(&mut endpointer, &[0.9; 1_880]);
    assert_eq!(names(&events).iter().filter(|name| **name == "end").count(), 1);
    assert!(endpointer.audio.len() < 31 * 16_000);
}

#[test]
fn somebody_who_was_cut_off_gets_more_time() {
    let mut endpointer = Endpointer::new(&config());
    endpointer.will_be_judged();
    let first = end_after(&mut endpointer, Some(0.5)).0;
    assert!(end_after(&mut endpointer, Some(0.5)).0 > first);
}

/// What may happen to an endpointer, as a test makes it up.
#[derive(Debug, Clone)]
enum Step {
    Hear(f32, usize),
    Expect(Expect),
    Complete(u64, f32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let expect = prop_oneof![Just(Expect::YesNo), Just(Expect::Command), Just(Expect::Dictation)];
    let step = prop_oneof![
        6 => (0.0_f32..1.0, 1_usize..25).prop_map(|(probability, windows)| Step::Hear(probability, windows)),
        2 => (0.6_f32..1.0, 100_usize..400).prop_map(|(probability, windows)| Step::Hear(probability, windows)),
        1 => expect.prop_map(Step::Expect),
        2 => (0_u64..6, -0.5_f32..1.5).prop_map(|(id, probability)| Step::Complete(id, probability)),
    ];
    prop::collection::vec(step, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_events_gives_well_formed_utterances_without_gaps(steps in steps(), judged in any::<bool>()) {
        let mut endpointer = Endpointer::new(&Listen { longest_utterance_ms: 30_000, ..config() });
        if judged {
            endpointer.will_be_judged();
        }
        let mut events = Vec::new();
        for step in steps {
            match step {
                Step::Hear(probability, windows) => events.extend(feed(&mut endpointer, &vec![probability; windows])),
                Step::Expect(expect) => endpointer.expect(expect),
                Step::Complete(id, probability) => {
                    endpointer.complete(id, Completeness::new(probability), &mut events);
                }
            }
        }
        events.extend(feed(&mut endpointer, &[0.0; 140]));
        well_formed(events)?;
    }
}

/// Starts and ends alternate; pauses are resumed, settled or ended, and the pieces follow each other to the sample.
fn well_formed(events: Vec<ListenEvent>) -> Result<(), TestCaseError> {
    let (mut open, mut last_end, mut last_id, mut piece) = (false, 0, 0, 0);
    let mut paused: Option<Utterance> = None;
    // Where the piece before ended, and whether with a pause: then the silence may be left out.
    let mut seam: Option<(f32, bool)> = None;
    for event in events {
        if let ListenEvent::Pause(utterance) | ListenEvent::Settled(utterance) = &event {
            prop_assert!(open && utterance.voice_start_ms < utterance.voice_end_ms);
            prop_assert_eq!((utterance.id, utterance.piece), (last_id + 1, piece));
            prop_assert!(utterance.samples.windows(2).all(|pair| pair[1] - pair[0] == 1.0));
            let first = utterance.samples[0];
            let follows = |(end, paused): (f32, bool)| if paused { first >= end } else { first == end };
            prop_assert!(seam.map_or(first <= (utterance.voice_start_ms * 16) as f32, follows));
        }
        match event {
            ListenEvent::SpeechStart { voice_start_ms } => {
                prop_assert!(!open && voice_start_ms >= last_end);
                (open, piece, seam) = (true, 0, None);
            }
            ListenEvent::Pause(utterance) => prop_assert!(paused.replace(utterance).is_none()),
            ListenEvent::Due(id) => prop_assert!(id == last_id + 1 && paused.is_some()),
            ListenEvent::Resume => prop_assert!(open && paused.take().is_some()),
            ListenEvent::Wake { .. } => prop_assert!(false, "no words to wake by"),
            ListenEvent::Settled(utterance) => {
                let pause = paused.take();
                seam = utterance.samples.last().map(|last| (last + 1.0, pause.is_some()));
                prop_assert!(pause.is_none_or(|paused| paused == utterance));
                piece += 1;
            }
            ListenEvent::SpeechEnd(utterance) => {
                let known = paused.take();
                prop_assert_eq!(Some(&utterance), known.as_ref());
                last_end = utterance.voice_end_ms;
                last_id = utterance.id;
                open = false;
            }
        }
    }
    prop_assert!(!open, "speech never ended");
    Ok(())
}
