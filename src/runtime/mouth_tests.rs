//! How loud, and from where on, Herald speaks.

use std::sync::Arc;

use super::*;
use crate::speech::{SpeechError, Synthesizer};

/// Says two clauses of 200 ms: one at 0.5, one at -0.5.
struct TwoClauses(Arc<[Clip]>);

impl Synthesizer for TwoClauses {
    fn engine(&self) -> &'static str {
        "two"
    }

    fn voice(&self, _: Lang) -> String {
        "two".to_owned()
    }

    fn synthesize(&mut self, _: &str, _: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        self.0.iter().cloned().for_each(play);
        Ok(())
    }
}

fn mouth() -> Mouth {
    let clip = |value| Clip { rate_hz: 24_000, samples: vec![value; 4_800] };
    let voice = TwoClauses([clip(0.5), clip(-0.5)].into());
    let mut mouth = Mouth::start(Voices::of(vec![Box::new(voice)])).unwrap();
    mouth.say(Reply { id: ReplyId(1), text: "two".to_owned(), lang: Lang::En, kind: ReplyKind::Answer, quoted: None });
    mouth
}

fn play(mouth: &mut Mouth, blocks: usize) -> Vec<f32> {
    (0..blocks).flat_map(|_| mouth.tick(Thinking::AtTheEnd).0.0).collect()
}

fn largest_step(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

#[test]
fn ducking_is_twelve_decibels_within_ten_milliseconds_and_without_a_click() {
    let mut mouth = mouth();
    assert_eq!(play(&mut mouth, 5), [0.5; 1_200]);
    mouth.set_volume(Volume::Ducked);
    let ducked = play(&mut mouth, 5);
    assert!(ducked[240..].iter().all(|sample| (sample - 0.5 * DUCKED_GAIN).abs() < 1e-4));
    assert!(largest_step(&ducked) < 0.01);
    mouth.set_volume(Volume::Full);
    assert!((play(&mut mouth, 9)[2_159] - 0.5).abs() < 1e-4);
}

#[test]
fn a_stopped_reply_goes_on_from_the_clause_that_was_interrupted() {
    let mut mouth = mouth();
    play(&mut mouth, 30);
    mouth.set_volume(Volume::Stopped);
    let falling = play(&mut mouth, 1);
    assert!(largest_step(&falling) < 0.01 && falling[239].abs() < 0.01);
    assert!(play(&mut mouth, 100).iter().all(|sample| *sample == 0.0));
    assert!(mouth.is_heard(), "it is not over");
    mouth.set_volume(Volume::Full);
    let again = play(&mut mouth, 20);
    assert!(again.iter().all(|sample| *sample <= 0.0), "the first clause is not said again");
    assert!((again[4_799] + 0.5).abs() < 1e-4);
    assert!(mouth.is_silent(), "the whole second clause was said again, and no more");
}

#[test]
fn what_is_cut_fades_and_the_next_reply_is_as_loud_as_any() {
    let mut mouth = mouth();
    play(&mut mouth, 5);
    assert_eq!(mouth.cut(), [ReplyId(1)]);
    let end = play(&mut mouth, 2);
    assert!(largest_step(&end) < 0.01);
    assert!(end[240..].iter().all(|sample| *sample == 0.0));
    mouth.say(Reply { id: ReplyId(2), text: "two".to_owned(), lang: Lang::En, kind: ReplyKind::Answer, quoted: None });
    assert_eq!(play(&mut mouth, 1), [0.5; 240]);
}

/// Says a clip whose value is the language.
struct Polyglot;

impl Synthesizer for Polyglot {
    fn engine(&self) -> &'static str {
        "polyglot"
    }

    fn voice(&self, _: Lang) -> String {
        "polyglot".to_owned()
    }

    fn synthesize(&mut self, _: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        let value = if lang == Lang::Fr { 0.5 } else { 0.25 };
        play(Clip { rate_hz: 24_000, samples: vec![value; 240] });
        Ok(())
    }
}

#[test]
fn a_message_in_another_language_is_spoken_by_the_voice_of_that_language() {
    let mut mouth = Mouth::start(Voices::of(vec![Box::new(Polyglot)])).unwrap();
    let text = "Anna: bonjour. Next one?".to_owned();
    let quoted = Some((6..14, Lang::Fr));
    mouth.say(Reply { id: ReplyId(1), text, lang: Lang::En, kind: ReplyKind::Answer, quoted });
    let heard: Vec<f32> = play(&mut mouth, 3).chunks(240).map(|block| block[120]).collect();
    assert_eq!(heard, [0.25, 0.5, 0.25]);
    assert!(mouth.is_silent());
}

#[test]
fn an_earcon_sounds_in_the_next_block_whatever_is_said() {
    let mut mouth = mouth();
    play(&mut mouth, 5);
    mouth.sound(Earcon::Sent);
    let alone: Vec<f32> = Earcon::Sent.blocks().iter().flat_map(|block| block.0).collect();
    let heard = play(&mut mouth, 14);
    assert!(alone.iter().zip(&heard).all(|(earcon, heard)| (heard - 0.5 - earcon).abs() < 1e-4));
    assert!(!mouth.is_silent());
    play(&mut mouth, 100);
    mouth.sound(Earcon::Failed);
    assert!(mouth.is_silent() && !mouth.is_still(), "nothing waits for the end of an earcon");
    assert!(play(&mut mouth, 1).iter().any(|sample| sample.abs() > 0.05));
}
