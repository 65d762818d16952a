//! From the true end of the voice to the text, by the clock on the wall, beside the stock way.
//!
//! A whole session listens at the speed of time, as `herald run --input FILE --realtime` does. The true end is the end
//! of the last window to which the voice detector alone, over the whole recording, gives a probability of 0.5. The
//! stock way is 700 ms of silence and then a decode with the engine's own defaults, same model, same run.
//!
//! Commands are the recorded ones whose voice lasts 1 to 6 s. There are no recorded answers: they are spoken by the
//! neural voices where those are installed.

use std::{
    io::{self, Write},
    path::Path,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;

use super::{Bencher, scratch::Scratch};
use crate::{
    asr::{Recognizer, Stock, Whisper},
    audio::{FRAME_MS, FRAME_SAMPLES, Frame, RATE_HZ, Resampler},
    cli::{CommandError, Kind},
    config::{Config, Lang, LangChoice, Wake},
    intent::contacts::Book,
    listen::{Listener, VOICE_WINDOW_SAMPLES, voice_probabilities},
    models,
    runtime::{Conversation, EventLog, Senses, Session, Thinking},
    speech::Voices,
    store::Store,
    testing::QuietNoise,
};

const BENCH: &str = "latency";
/// Voice extents of a command, milliseconds.
const COMMAND_MS: std::ops::RangeInclusive<u64> = 1_000..=6_000;
/// The silence that the stock way waits for, milliseconds.
const STOCK_HANGOVER_MS: u64 = 700;
/// Quiet before a recording and longest time after it, milliseconds.
const BEFORE_MS: u64 = 300;
const AFTER_MS: u64 = 4_000;
/// An utterance that ends this much before the voice does was cut off, milliseconds.
const CUT_OFF_MS: u64 = 150;
/// Who says the answers, and in which language.
const SPEAKERS: [(Lang, &str); 5] = [
    (Lang::En, "af_heart"),
    (Lang::En, "am_michael"),
    (Lang::En, "bf_emma"),
    (Lang::En, "bm_george"),
    (Lang::Fr, "ff_siwis"),
];
const ENGLISH_ANSWERS: [&str; 6] = ["Yes.", "No.", "Send it.", "Yeah.", "Cancel.", "Yes please."];
const FRENCH_ANSWERS: [&str; 6] = ["Oui.", "Non.", "Envoie.", "D'accord.", "Annule.", "Oui, vas-y."];
/// What is confirmed or not, by somebody who is in the contact book.
const QUESTION: &str = "message Marion that dinner is ready";
const CONTACT: &str = "BEGIN:VCARD\nVERSION:3.0\nFN:Marion Petit\nN:Petit;Marion;;;\nEND:VCARD\n";

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let name = bencher.model.unwrap_or_else(|| models::default_asr(bencher.context.config.general.lang));
    let path = models::find(&bencher.context.dirs.models, name)?;
    let silero = models::find(&bencher.context.dirs.models, "silero")?;
    let multilingual = load(name, &path)?.is_multilingual();
    let mut stock = Stock::load(name, &path, 1).map_err(unavailable)?;
    let scratch = Scratch::new(&bencher.context.dirs.data)?;
    let answers = answers(bencher, multilingual)?;
    if answers.is_empty() {
        bencher.note("the neural voices are not installed: answers are not measured");
    }
    for (kind, is_answer, recordings) in [("yes_no", true, answers), ("command", false, commands(bencher, &silero)?)] {
        let mut tally = Tally::default();
        for recording in recordings {
            if let Some(end) = true_end(&silero, &recording)? {
                // Each recording is somebody else, of whom nothing is known yet.
                let mut room = Room::open(bencher, load(name, &path)?, &silero, multilingual, &scratch)?;
                tally.add(room.hear(&recording, end, is_answer)?, stock_ms(&mut stock, &recording, end)?);
            }
        }
        tally.print(bencher, &format!("{name}/{kind}"))?;
    }
    Ok(())
}

fn load(name: &str, path: &Path) -> Result<Whisper, CommandError> {
    let mut whisper = Whisper::load(name, path, 1).map_err(unavailable)?;
    whisper.warm_up().map_err(unavailable)?;
    Ok(whisper)
}

/// The recorded commands of the right length.
fn commands(bencher: &Bencher<'_>, silero: &Path) -> Result<Vec<Vec<f32>>, CommandError> {
    let mut found = Vec::new();
    for clip in bencher.clips("command") {
        let samples = bencher.samples(clip)?;
        let probabilities = voice_probabilities(silero, &samples).map_err(unavailable)?;
        let voiced = |probability: &f32| *probability >= 0.5;
        let first = probabilities.iter().position(voiced).unwrap_or_default();
        let last = probabilities.iter().rposition(voiced).unwrap_or_default();
        if COMMAND_MS.contains(&ms((last + 1).saturating_sub(first) * VOICE_WINDOW_SAMPLES)) {
            found.push(samples);
        }
    }
    Ok(found)
}

/// Short answers by the installed voices.
fn answers(bencher: &Bencher<'_>, french: bool) -> Result<Vec<Vec<f32>>, CommandError> {
    let mut found = Vec::new();
    for (lang, voice) in SPEAKERS.into_iter().filter(|(lang, _)| french || *lang == Lang::En) {
        let mut speech = bencher.context.config.speech.clone();
        "kokoro".clone_into(&mut speech.engine);
        match lang {
            Lang::En => voice.clone_into(&mut speech.voice_en),
            Lang::Fr => voice.clone_into(&mut speech.voice_fr),
        }
        let Ok(mut voices) = Voices::open(&speech, &bencher.context.dirs.models) else { continue };
        let texts = if lang == Lang::En { ENGLISH_ANSWERS } else { FRENCH_ANSWERS };
        for text in texts {
            let (mut rate_hz, mut said) = (RATE_HZ, Vec::new());
            voices
                .speak(text, lang, &mut |clip| {
                    rate_hz = clip.rate_hz;
                    said.extend(clip.samples);
                })
                .map_err(unavailable)?;
            let mut samples = Vec::new();
            let mut resampler = Resampler::file(rate_hz, RATE_HZ).map_err(unavailable)?;
            resampler.push(&said, &mut samples).map_err(unavailable)?;
            resampler.finish(&mut samples).map_err(unavailable)?;
            found.push(samples);
        }
    }
    Ok(found)
}

/// End of the last window with a voice, in samples.
fn true_end(silero: &Path, recording: &[f32]) -> Result<Option<usize>, CommandError> {
    let mut noise = QuietNoise::new();
    let padded: Vec<f32> = recording.iter().copied().chain(noise.samples(RATE_HZ as usize)).collect();
    let probabilities = voice_probabilities(silero, &padded).map_err(unavailable)?;
    let last = probabilities.iter().rposition(|probability| *probability >= 0.5);
    Ok(last.map(|last| (last + 1) * VOICE_WINDOW_SAMPLES))
}

/// What the stock way takes, milliseconds: the silence, then the decode of all that was heard.
fn stock_ms(stock: &mut Stock, recording: &[f32], end: usize) -> Result<u64, CommandError> {
    let until = end + in_samples(STOCK_HANGOVER_MS);
    let mut noise = QuietNoise::new();
    let heard: Vec<f32> = recording.iter().copied().chain(noise.samples(until)).take(until).collect();
    let transcript = stock.transcribe(&heard, LangChoice::En, None).map_err(internal)?;
    Ok(STOCK_HANGOVER_MS + transcript.decode_ms)
}

/// What came of one recording.
#[derive(Clone, Copy)]
enum Outcome {
    /// Text was there this long after the voice, milliseconds.
    Text(u64),
    CutOff,
    Nothing,
}

/// A session that listens at the speed of time.
struct Room {
    session: Session,
    events: Events,
    noise: QuietNoise,
    /// When the recording began, on the wall and on the audio clock.
    began: Instant,
    began_ms: u64,
}

impl Room {
    #[allow(clippy::disallowed_methods, reason = "the wall clock is what is measured")]
    fn open(
        bencher: &Bencher<'_>,
        whisper: Whisper,
        silero: &Path,
        multilingual: bool,
        scratch: &Scratch,
    ) -> Result<Self, CommandError> {
        let mut config: Config = bencher.context.config.clone();
        config.listen.wake = Wake::Button;
        config.dialogue.undo_window_ms = 0;
        config.general.lang = if multilingual { LangChoice::Auto } else { LangChoice::En };
        let store = Rc::new(Store::open(scratch.path()).map_err(internal)?);
        Book::open(&store).and_then(|mut book| book.import(&store, CONTACT)).map_err(internal)?;
        let events = Events::default();
        let log = EventLog::none().to_writer(Box::new(events.clone()));
        let senses = Senses {
            listener: Listener::new(&config.listen, silero).map_err(unavailable)?,
            echo: None,
            listen: config.listen.clone(),
            recognizer: Box::new(whisper),
            lang: config.general.lang,
            voices: Voices::of(Vec::new()),
        };
        let conversation = Conversation::open(&config, store, log).map_err(internal)?;
        let session = Session::start(conversation, senses, Thinking::TakesNoTime).map_err(internal)?;
        Ok(Self { session, events, noise: QuietNoise::new(), began: Instant::now(), began_ms: 0 })
    }

    /// Plays a recording whose voice ends at that sample.
    #[allow(clippy::disallowed_methods, reason = "the wall clock is what is measured")]
    fn hear(&mut self, recording: &[f32], end: usize, is_answer: bool) -> Result<Outcome, CommandError> {
        // Between two recordings the session stood still; its clock and that on the wall go on together from here.
        self.began = Instant::now();
        self.began_ms = self.session.clock_ms();
        self.quiet(BEFORE_MS)?;
        while !self.session.is_waiting() {
            self.quiet(FRAME_MS)?;
        }
        if !self.session.conversation().is_idle() {
            self.read("cancel");
        }
        if is_answer {
            self.read(QUESTION);
        }
        self.events.take();
        let end_ms = self.session.clock_ms() + ms(end);
        for chunk in recording.chunks(FRAME_SAMPLES) {
            let mut frame = self.noise.frame();
            frame.0[..chunk.len()].copy_from_slice(chunk);
            self.tick(&frame)?;
            if let Some(outcome) = self.outcome(end_ms) {
                return Ok(outcome);
            }
        }
        for _ in 0..AFTER_MS / FRAME_MS {
            let frame = self.noise.frame();
            self.tick(&frame)?;
            if let Some(outcome) = self.outcome(end_ms) {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Nothing)
    }

    fn read(&mut self, text: &str) {
        self.session.conversation().read(text);
        self.session.conversation().read_replies();
    }

    fn outcome(&mut self, end_ms: u64) -> Option<Outcome> {
        let lines = self.events.take();
        let cut = |line: &Line| line.voice_end_ms.is_some_and(|voice_end_ms| voice_end_ms + CUT_OFF_MS < end_ms);
        if lines.iter().any(cut) {
            return Some(Outcome::CutOff);
        }
        let heard = lines.iter().any(|line| line.kind == "transcript");
        heard.then(|| Outcome::Text(self.wall_ms().saturating_sub(end_ms)))
    }

    fn quiet(&mut self, quiet_ms: u64) -> Result<(), CommandError> {
        for _ in 0..quiet_ms.div_ceil(FRAME_MS) {
            let frame = self.noise.frame();
            self.tick(&frame)?;
        }
        Ok(())
    }

    /// Hears a frame when its time has come.
    #[allow(clippy::disallowed_methods, reason = "at the speed of time")]
    fn tick(&mut self, frame: &Frame) -> Result<(), CommandError> {
        self.session.tick(frame).map_err(internal)?;
        thread::sleep(Duration::from_millis(self.session.clock_ms().saturating_sub(self.wall_ms())));
        Ok(())
    }

    #[allow(clippy::disallowed_methods, reason = "the wall clock is what is measured")]
    fn wall_ms(&self) -> u64 {
        self.began_ms + u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Event lines as they are written.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<u8>>>);

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    voice_end_ms: Option<u64>,
}

impl Events {
    fn take(&self) -> Vec<Line> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }
}

impl Write for Events {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Figures of one kind of recordings.
#[derive(Default)]
struct Tally {
    ours: Vec<u64>,
    stock: Vec<u64>,
    cut: u32,
    nothing: u32,
}

impl Tally {
    fn add(&mut self, outcome: Outcome, stock_ms: u64) {
        match outcome {
            Outcome::Text(ms) => {
                self.ours.push(ms);
                self.stock.push(stock_ms);
            }
            Outcome::CutOff => self.cut += 1,
            Outcome::Nothing => self.nothing += 1,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "small counts")]
    fn print(mut self, bencher: &Bencher<'_>, of: &str) -> Result<(), CommandError> {
        let [ours, stock] = [&mut self.ours, &mut self.stock].map(|delays| quantile(delays, 50));
        let figures = [
            ("recordings", self.ours.len() as f64, ""),
            ("median", ours, "ms"),
            ("p95", quantile(&mut self.ours, 95), "ms"),
            ("cut_off", f64::from(self.cut), "recordings"),
            ("no_text", f64::from(self.nothing), "recordings"),
            ("median_stock", stock, "ms"),
            ("median_of_stock", ours / stock, "ratio"),
        ];
        if self.ours.is_empty() {
            return Ok(());
        }
        figures
            .into_iter()
            .try_for_each(|(metric, value, unit)| bencher.figure(BENCH, &format!("{of}/{metric}"), value, unit))
    }
}

/// The value that so many percent are not above; 0 of nothing.
#[allow(clippy::cast_precision_loss, reason = "milliseconds")]
pub(super) fn quantile(values: &mut [u64], percent: usize) -> f64 {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).max(1) - 1;
    values.get(rank).map_or(0.0, |value| *value as f64)
}

fn unavailable(error: impl std::error::Error) -> CommandError {
    CommandError::new(Kind::Unavailable, error)
}

fn internal(error: impl std::error::Error) -> CommandError {
    CommandError::new(Kind::Internal, error)
}

fn in_samples(ms: u64) -> usize {
    usize::try_from(ms * u64::from(RATE_HZ) / 1_000).unwrap_or(usize::MAX)
}

fn ms(samples: usize) -> u64 {
    samples as u64 * 1_000 / u64::from(RATE_HZ)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_values_that_occur() {
        let mut values: Vec<u64> = (1..=20).rev().collect();
        assert_eq!((quantile(&mut values, 50), quantile(&mut values, 95)), (10.0, 19.0));
        assert_eq!(quantile(&mut [], 95), 0.0);
    }
}
