//! Sound in, sound out: one frame and one block are one tick of the audio clock.

use std::time::Instant;

use super::{
    Conversation, LogEvent, RuntimeError, Said,
    decoder::{Decoder, Finished},
    mouth::{Mouth, Spoke},
};
use crate::{
    asr::Recognizer,
    audio::{Block, FRAME_MS, Frame},
    config::LangChoice,
    dialogue::Event,
    listen::{Completeness, ListenEvent, Listener, Utterance},
    speech::Voices,
};

/// After Herald's last sound, how long a half-duplex microphone stays deaf, milliseconds: the room rings on.
const RINGING_MS: u64 = 250;

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

/// Whether Herald listens while it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplex {
    /// The input does not carry Herald's own voice: the user may speak over it.
    Full,
    /// The microphone hears the loudspeaker: it is deaf while Herald speaks.
    Half,
}

/// A conversation with ears and a mouth.
pub struct Session {
    conversation: Conversation,
    listener: Listener,
    decoder: Decoder,
    mouth: Mouth,
    thinking: Thinking,
    duplex: Duplex,
    clock_ms: u64,
    started: Instant,
    in_speech: bool,
    /// The last pause.
    paused: Option<Utterance>,
    /// The utterance that waits for a judgement.
    due: Option<u64>,
    deaf_until_ms: u64,
    ear_fault: bool,
}

/// The parts of a session that are loaded before it starts.
pub struct Senses {
    /// Finds speech.
    pub listener: Listener,
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
    pub fn start(
        conversation: Conversation,
        senses: Senses,
        thinking: Thinking,
        duplex: Duplex,
    ) -> Result<Self, RuntimeError> {
        Ok(Self {
            conversation,
            listener: senses.listener.judged(),
            decoder: Decoder::start(senses.recognizer, senses.lang)?,
            mouth: Mouth::start(senses.voices)?,
            thinking,
            duplex,
            clock_ms: 0,
            started: Instant::now(),
            in_speech: false,
            paused: None,
            due: None,
            deaf_until_ms: 0,
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
        self.is_waiting() && self.conversation.is_settled()
    }

    /// Hears one frame, thinks, and returns the block to be played meanwhile.
    ///
    /// # Errors
    /// [`RuntimeError::Log`] when the event log cannot be written.
    pub fn tick(&mut self, frame: &Frame) -> Result<Block, RuntimeError> {
        self.clock_ms += FRAME_MS;
        self.conversation.advance(self.clock_ms);
        let deaf = self.duplex == Duplex::Half && (self.mouth.is_heard() || self.clock_ms < self.deaf_until_ms);
        let (expect, _) = self.conversation.expects();
        self.listener.expect(expect);
        for event in self.listener.push(if deaf { &Frame::SILENCE } else { frame }) {
            self.listened(event);
        }
        self.judge();
        self.report_deafness();
        while let Some(finished) = self.decoder.finished(self.thinking) {
            self.understood(finished);
        }
        self.speak_up();
        let (block, spoke) = self.mouth.tick(self.thinking);
        for spoke in spoke {
            self.spoke(spoke);
        }
        self.conversation.log_result()?;
        Ok(block)
    }

    /// Hands new replies to the mouth.
    fn speak_up(&mut self) {
        for reply in self.conversation.take_replies() {
            self.mouth.say(reply);
        }
    }

    fn hush(&mut self) {
        if self.mouth.is_heard() {
            self.conversation.log(&LogEvent::ReplyEnd { cut: true });
        }
        for id in self.mouth.cut() {
            self.conversation.feed(Event::Spoken(id));
        }
    }

    fn listened(&mut self, event: ListenEvent) {
        let prior = self.conversation.lang();
        match event {
            ListenEvent::SpeechStart { .. } => {
                self.in_speech = true;
                self.conversation.log(&LogEvent::SpeechStart);
                if self.mouth.is_heard() {
                    self.conversation.log(&LogEvent::BargeIn);
                    self.hush();
                }
                self.conversation.feed(Event::SpeechStarted);
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
                self.due = None;
            }
            ListenEvent::SpeechEnd(utterance) => {
                self.in_speech = false;
                self.due = None;
                self.conversation.log(&LogEvent::SpeechEnd { voice_end_ms: utterance.voice_end_ms });
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

    fn understood(&mut self, finished: Finished) {
        let Finished { utterance, result } = finished;
        match result {
            Ok(transcript) => {
                let latency_ms = self.latency_ms(&utterance, transcript.decode_ms);
                self.conversation.hear(Said { transcript, utterance, latency_ms });
            }
            Err(message) => {
                self.conversation.log(&LogEvent::Fault { stage: "asr", message });
                self.conversation.feed(Event::HeardNothing);
            }
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
            Spoke::Began(reply) => self.conversation.began(&reply),
            Spoke::Ended(id) => {
                self.deaf_until_ms = self.clock_ms + RINGING_MS;
                self.conversation.log(&LogEvent::ReplyEnd { cut: false });
                self.conversation.feed(Event::Spoken(id));
            }
            Spoke::Failed(message) => self.conversation.log(&LogEvent::Fault { stage: "speech", message }),
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
