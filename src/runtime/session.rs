//! Sound in, sound out: one frame and one block are one tick of the audio clock.

use std::{sync::Arc, time::Instant};

use super::{
    Conversation, LogEvent, RuntimeError, Said,
    barge_in::BargeIn,
    decoder::{Decoder, Finished},
    mouth::{Mouth, Spoke, Volume, at_volume},
    own_voice::{OwnVoice, Voice},
    wakes::Woken,
};
use crate::{
    asr::Recognizer,
    audio::{Block, EchoCanceller, FRAME_MS, Frame},
    companion::Microphone,
    config::{self, LangChoice},
    dialogue::Event,
    intent::SecondHearing,
    listen::{Completeness, ListenEvent, Listener, Utterance},
    speech::{Earcon, Voices},
};

/// A voice that stopped Herald is awaited this long before it counts as nothing, milliseconds.
const BENEFIT_MS: u64 = 800;

/// After this much silence Herald's voice begins anew, milliseconds: longer than the pauses between clauses.
const SILENCE_MS: u64 = 350;
/// From there on the echo canceller is not trusted for so long, milliseconds, and its delay: a voice over Herald's last
/// words has taught it wrong things. Measured on recorded commands: right again after 250 to 800 ms.
const UNTAUGHT_MS: u64 = 700;

/// An answer that is not heard after this long is announced by an earcon, milliseconds; and again each so often.
const THINKING_MS: u64 = 400;
const THINKING_EVERY_MS: u64 = 1_500;

/// How decoding and synthesis stand to the audio clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinking {
    /// Live: the clock goes on, results come when they come.
    TakesTime,
    /// Replay at the speed of time: decoding starts at the pause, a result applies when its hangover ends.
    TakesNoTime,
    /// Replay as fast as it can: as [`Self::TakesNoTime`], but nothing is decoded that may be thrown away.
    AtTheEnd,
}

/// A conversation with ears and a mouth.
pub struct Session {
    conversation: Conversation,
    listener: Listener,
    decoder: Decoder,
    /// What is being heard a second time.
    again: Option<(Said, SecondHearing)>,
    mouth: Mouth,
    echo: Option<EchoCanceller>,
    barge_in: BargeIn,
    own_voice: OwnVoice,
    thinking: Thinking,
    clock_ms: u64,
    started: Instant,
    in_speech: bool,
    /// The last pause.
    paused: Option<Utterance>,
    /// Pieces of a long utterance that are settled: its number, their sound.
    pieces: Vec<(u64, Arc<[f32]>)>,
    /// The utterance that waits for a judgement.
    due: Option<u64>,
    /// The dialogue knows that somebody speaks: it was told, because Herald was silent.
    dialogue_knows: bool,
    /// When Herald's voice began after a silence, and when it was last heard.
    voice_began_ms: Option<u64>,
    voiced_ms: u64,
    /// When a voice stopped Herald.
    stopped_ms: u64,
    /// Herald fell silent in the last tick.
    hush: bool,
    /// Since when an answer is due and nothing is heard.
    waits_since_ms: Option<u64>,
    ear_fault: bool,
}

/// The parts of a session that are loaded before it starts.
pub struct Senses {
    /// Finds speech.
    pub listener: Listener,
    /// Takes Herald's own voice out of what is heard; `None` where it does not come in, or something else does that.
    pub echo: Option<EchoCanceller>,
    /// How to take a voice that speaks over Herald.
    pub listen: config::Listen,
    /// Recognises it.
    pub recognizer: Box<dyn Recognizer>,
    /// Which language to recognise.
    pub lang: LangChoice,
    /// Speaks.
    pub voices: Voices,
}

impl Session {
    /// Starts the workers around a conversation.
    ///
    /// # Errors
    /// [`RuntimeError::Thread`] when a thread cannot be started.
    #[allow(clippy::disallowed_methods, reason = "the one wall clock of a session, for latency figures only")]
    pub fn start(conversation: Conversation, senses: Senses, thinking: Thinking) -> Result<Self, RuntimeError> {
        Ok(Self {
            conversation,
            listener: senses.listener.judged(),
            decoder: Decoder::start(senses.recognizer, senses.lang)?,
            again: None,
            mouth: Mouth::start(senses.voices)?,
            echo: senses.echo,
            barge_in: BargeIn::new(senses.listen.barge_in == config::BargeIn::On, senses.listen.vad_threshold),
            own_voice: OwnVoice::default(),
            thinking,
            clock_ms: 0,
            started: Instant::now(),
            in_speech: false,
            paused: None,
            pieces: Vec::new(),
            due: None,
            dialogue_knows: false,
            voice_began_ms: None,
            voiced_ms: 0,
            stopped_ms: 0,
            hush: false,
            waits_since_ms: None,
            ear_fault: false,
        })
    }

    /// The audio clock, milliseconds.
    pub const fn clock_ms(&self) -> u64 {
        self.clock_ms
    }

    /// Wall-clock time since the start, milliseconds.
    pub fn wall_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The conversation.
    pub const fn conversation(&mut self) -> &mut Conversation {
        &mut self.conversation
    }

    /// Tells whether the next utterance may come: nothing is being said, heard or thought.
    pub fn is_waiting(&self) -> bool {
        let listens = self.conversation.is_idle() || self.conversation.awaits_answer();
        listens && !self.in_speech && !self.decoder.is_busy() && self.mouth.is_silent()
    }

    /// Tells whether nothing is left to do, in the dialogue or the outbox.
    pub fn is_settled(&self) -> bool {
        self.is_waiting() && self.mouth.is_still() && self.conversation.is_settled()
    }

    /// What the microphone and the one behind it are doing.
    pub(super) fn microphone(&self) -> Microphone {
        if self.conversation.is_muted() {
            Microphone::Muted
        } else if self.in_speech {
            Microphone::Hearing
        } else if self.mouth.is_heard() {
            Microphone::Speaking
        } else if self.decoder.is_busy() || self.mouth.is_preparing() {
            Microphone::Thinking
        } else if self.conversation.awaits_words() {
            Microphone::Listening
        } else {
            Microphone::Waiting
        }
    }

    /// Hears one frame, thinks, and returns the block to be played meanwhile.
    ///
    /// # Errors
    /// [`RuntimeError::Log`] when the event log cannot be written.
    pub fn tick(&mut self, frame: &Frame) -> Result<Block, RuntimeError> {
        self.clock_ms += FRAME_MS;
        let frame = if self.conversation.is_muted() { &Frame::SILENCE } else { frame };
        self.conversation.advance(self.clock_ms);
        let cleaned = self.echo.as_mut().map(|echo| echo.clean(frame));
        let cleaned = if self.is_untaught() { Some(Frame::SILENCE) } else { cleaned };
        let (expect, _) = self.conversation.expects();
        self.listener.expect(expect);
        self.listener.attend(self.mouth.is_heard());
        for event in self.listener.push(cleaned.as_ref().unwrap_or(frame)) {
            self.listened(event);
        }
        self.judge();
        self.barge_in.listen(cleaned.as_ref().unwrap_or(frame), self.mouth.is_heard());
        self.mind_voices();
        self.report_deafness();
        self.take_in();
        self.speak_up();
        self.bridge_the_wait();
        let (block, spoke) = self.mouth.tick(self.thinking);
        for spoke in spoke {
            self.spoke(spoke);
        }
        let block = at_volume(block, self.conversation.volume());
        self.played(&block);
        self.conversation.log_result()?;
        Ok(block)
    }

    /// Tells, once, that Herald fell silent with the last block: what a loudspeaker has queued shall not be heard.
    pub const fn take_hush(&mut self) -> bool {
        std::mem::replace(&mut self.hush, false)
    }

    /// Takes in what goes to the loudspeaker.
    fn played(&mut self, block: &Block) {
        if let Some(echo) = &mut self.echo {
            echo.played(block);
        }
        // An earcon is short, and nobody waits for its end before they speak.
        if self.mouth.is_heard() && block.0.iter().any(|sample| *sample != 0.0) {
            if self.voice_began_ms.is_none() || self.clock_ms > self.voiced_ms + SILENCE_MS {
                self.voice_began_ms = Some(self.clock_ms);
            }
            self.voiced_ms = self.clock_ms;
        }
    }

    /// Whether what the canceller leaves may be Herald's own first words. Who is speaking already is heard on.
    fn is_untaught(&self) -> bool {
        let (Some(echo), Some(began_ms)) = (&self.echo, self.voice_began_ms) else { return false };
        !self.in_speech && self.clock_ms < began_ms + UNTAUGHT_MS + echo.delay_ms()
    }

    /// Sounds an earcon where nothing is heard for a while and an answer is due.
    fn bridge_the_wait(&mut self) {
        let is_due = self.mouth.is_preparing() || self.decoder.is_busy() && self.conversation.awaits_words();
        if !is_due || self.mouth.is_heard() {
            self.waits_since_ms = None;
            return;
        }
        let since_ms = *self.waits_since_ms.get_or_insert(self.clock_ms);
        if self.clock_ms >= since_ms + THINKING_MS {
            self.conversation.sound(Earcon::Thinking);
            self.waits_since_ms = Some(self.clock_ms + THINKING_EVERY_MS - THINKING_MS);
        }
    }

    /// Hands new replies to the mouth.
    fn speak_up(&mut self) {
        for reply in self.conversation.take_replies() {
            self.mouth.say(reply);
        }
        for earcon in self.conversation.take_earcons() {
            self.mouth.sound(earcon);
        }
    }

    /// Speaks more quietly or not at all while somebody speaks, and goes on when that was nothing.
    fn mind_voices(&mut self) {
        if !self.mouth.is_heard() {
            self.barge_in.reset();
            self.mouth.set_volume(Volume::Full);
            return;
        }
        let was_stopped = self.barge_in.is_stopped();
        let volume = self.barge_in.hear(self.listener.probabilities(), self.clock_ms);
        self.mouth.set_volume(volume);
        if self.barge_in.is_stopped() && !was_stopped {
            self.stopped_ms = self.clock_ms;
            self.hush = true;
            self.conversation.log(&LogEvent::BargeIn);
        }
        let undecided = self.in_speech || self.decoder.is_busy() || self.clock_ms < self.stopped_ms + BENEFIT_MS;
        if self.barge_in.is_stopped() && !undecided {
            self.disturbed();
            self.barge_in.reset();
            self.mouth.set_volume(Volume::Full);
        }
    }

    /// Nobody spoke, and Herald stopped or heard itself.
    fn disturbed(&mut self) {
        if self.barge_in.disturbed(self.clock_ms) {
            tracing::warn!("too much is heard while Herald speaks: for three minutes only \"stop\" interrupts it");
        }
    }

    /// Falls silent at once, whatever was to be said.
    pub(super) fn hush(&mut self) {
        if self.mouth.is_heard() {
            self.hush = true;
            self.conversation.log(&LogEvent::ReplyEnd { cut: true });
        }
        self.own_voice.ended(self.clock_ms);
        for id in self.mouth.cut() {
            self.conversation.feed(Event::Cut(id));
        }
        self.barge_in.reset();
        self.mouth.set_volume(Volume::Full);
    }

    fn listened(&mut self, event: ListenEvent) {
        let prior = self.conversation.lang();
        match event {
            ListenEvent::Wake { word, score, t_ms } => self.conversation.woken(Woken { word, score, t_ms }),
            ListenEvent::SpeechStart { .. } => {
                self.in_speech = true;
                self.conversation.log(&LogEvent::SpeechStart);
                // Over Herald's voice, nobody knows yet whether it is anybody.
                self.dialogue_knows = !self.mouth.is_heard();
                if self.dialogue_knows {
                    self.conversation.feed(Event::SpeechStarted);
                }
            }
            ListenEvent::Pause(utterance) => {
                self.decoder.paused(&utterance, prior, self.thinking);
                self.paused = Some(utterance);
            }
            ListenEvent::Due(id) => self.due = Some(id),
            ListenEvent::Resume => {
                self.decoder.resumed();
                self.due = None;
            }
            ListenEvent::Settled(utterance) => {
                self.decoder.settled(&utterance, prior);
                self.pieces.push((utterance.id, utterance.samples));
                self.due = None;
            }
            ListenEvent::SpeechEnd(utterance) => {
                self.in_speech = false;
                self.due = None;
                self.conversation.log(&LogEvent::SpeechEnd { voice_end_ms: utterance.voice_end_ms });
                if self.thinking == Thinking::TakesTime && self.conversation.awaits_words() && !self.mouth.is_heard() {
                    self.conversation.sound(Earcon::Heard);
                }
                self.decoder.ended(utterance, prior);
            }
        }
    }

    /// Says how complete the words before the pause are, once they are known: that decides how long the silence
    /// must last.
    fn judge(&mut self) {
        let Some((id, utterance)) = self.due.zip(self.paused.as_ref()) else { return };
        let Some(hypothesis) = self.decoder.hypothesis(id, self.thinking) else { return };
        // Where nothing can be recognised, nothing can be waited for.
        let completeness = hypothesis.map_or(Completeness::CERTAIN, |hypothesis| {
            self.conversation.completeness(hypothesis, utterance.voice_end_ms.saturating_sub(utterance.voice_start_ms))
        });
        self.due = None;
        for event in self.listener.complete(id, completeness) {
            self.listened(event);
        }
    }

    /// Takes in what was recognised, in the order it was said.
    fn take_in(&mut self) {
        loop {
            if let Some((said, second)) = self.again.take() {
                let Some(weighed) = self.decoder.weighed(self.thinking) else {
                    self.again = Some((said, second));
                    return;
                };
                let decode_ms = said.transcript.decode_ms + weighed.as_ref().map_or(0, |weighed| weighed.took_ms);
                let latency_ms = self.latency_ms(&said.utterance, decode_ms);
                self.conversation.hear_again(Said { latency_ms, ..said }, second, weighed.as_ref());
            }
            let Some(finished) = self.decoder.finished(self.thinking) else { return };
            self.understood(finished);
        }
    }

    fn understood(&mut self, finished: Finished) {
        let Finished { utterance, result } = finished;
        let transcript = match result {
            Ok(transcript) => transcript,
            Err(message) => {
                self.conversation.log(&LogEvent::Fault { stage: "asr", message });
                return self.heard_nothing(&utterance);
            }
        };
        let voice = if self.own_voice.is_over(&utterance) {
            self.own_voice.judge(&transcript, &utterance, &self.conversation)
        } else {
            Voice::User
        };
        let latency_ms = self.latency_ms(&utterance, transcript.decode_ms);
        let sound = self.sound_of(&utterance);
        match voice {
            Voice::Stop { own } => {
                self.hush();
                if !own {
                    self.conversation.hear_stop(Said { transcript, utterance, latency_ms, sound });
                }
            }
            Voice::Own => {
                self.disturbed();
                self.heard_nothing(&utterance);
            }
            Voice::Nobody => self.heard_nothing(&utterance),
            Voice::User => {
                let is_over = self.mouth.is_heard() && self.own_voice.is_over(&utterance);
                // Where the room is bad, what began over Herald's voice may be anything.
                if is_over && !self.dialogue_knows && !self.barge_in.is_on(self.clock_ms) {
                    return;
                }
                if is_over && self.conversation.is_addressed(&transcript, &utterance) {
                    self.hush();
                }
                let said = Said { transcript, utterance, latency_ms, sound };
                match self.conversation.doubt(&said) {
                    Some(second) => {
                        self.decoder.weigh(&said.utterance, second.lang, second.wordings.clone());
                        self.again = Some((said, second));
                    }
                    None => self.conversation.hear(said),
                }
            }
        }
    }

    /// All the sound of an utterance that is over; that of older ones is forgotten.
    fn sound_of(&mut self, utterance: &Utterance) -> Vec<Arc<[f32]>> {
        self.pieces.retain(|(id, _)| *id >= utterance.id);
        let settled = self.pieces.extract_if(.., |(id, _)| *id == utterance.id).map(|(_, samples)| samples);
        settled.chain([Arc::clone(&utterance.samples)]).collect()
    }

    /// An utterance was nothing: the dialogue learns of it if it knew that somebody spoke.
    fn heard_nothing(&mut self, utterance: &Utterance) {
        let was_told = self.dialogue_knows || !self.own_voice.is_over(utterance);
        if was_told && !self.in_speech {
            self.conversation.feed(Event::HeardNothing);
        }
    }

    /// From the end of the voice until now, by the wall clock where audio time is real time.
    fn latency_ms(&self, utterance: &Utterance, decode_ms: u64) -> u64 {
        match self.thinking {
            Thinking::TakesTime | Thinking::TakesNoTime => self.wall_ms().saturating_sub(utterance.voice_end_ms),
            Thinking::AtTheEnd => self.clock_ms.saturating_sub(utterance.voice_end_ms) + decode_ms,
        }
    }

    fn spoke(&mut self, spoke: Spoke) {
        match spoke {
            Spoke::Began(reply) => {
                self.own_voice.began(&reply, self.clock_ms);
                self.conversation.began(&reply);
            }
            Spoke::Ended(id) => self.fell_silent(Event::Spoken(id)),
            Spoke::Lost(id) => self.fell_silent(Event::Cut(id)),
            Spoke::Failed(message) => self.conversation.log(&LogEvent::Fault { stage: "speech", message }),
        }
    }

    fn fell_silent(&mut self, event: Event) {
        self.own_voice.ended(self.clock_ms);
        self.conversation.log(&LogEvent::ReplyEnd { cut: false });
        self.conversation.feed(event);
        // Who speaks since before the end is waited for.
        if self.in_speech && !self.dialogue_knows {
            self.dialogue_knows = true;
            self.conversation.feed(Event::SpeechStarted);
        }
    }

    /// A detector that failed is told once: without it Herald hears nothing.
    fn report_deafness(&mut self) {
        if let Some(fault) = self.listener.fault().filter(|_| !self.ear_fault) {
            let message = fault.to_string();
            self.ear_fault = true;
            self.conversation.log(&LogEvent::Fault { stage: "listen", message });
        }
    }
}
