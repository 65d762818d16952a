//! The recogniser as the session sees it: a decode may start at a pause, before the utterance is surely over.

use std::{collections::VecDeque, sync::Arc};

use super::{
    RuntimeError, Thinking,
    worker::{Dead, Worker},
};
use crate::{
    asr::{Recognizer, Transcript},
    config::{Lang, LangChoice},
    listen::Utterance,
};

struct Request {
    job: u64,
    samples: Arc<[f32]>,
    lang: LangChoice,
    prior: Lang,
}

struct Decoded {
    job: u64,
    result: Result<Transcript, String>,
}

/// An utterance that is over, with what was recognised or why not.
pub(super) struct Finished {
    pub utterance: Utterance,
    pub result: Result<Transcript, String>,
}

/// Decodes utterances in order on a thread of its own.
pub(super) struct Decoder {
    worker: Worker<Request, Decoded>,
    lang: LangChoice,
    last_job: u64,
    /// The decode that began at a pause of an utterance that may go on.
    early: Option<u64>,
    /// Utterances that are over and wait for their text.
    ended: VecDeque<(u64, Utterance)>,
    /// Answers that came before their utterance was over.
    answers: VecDeque<Decoded>,
}

impl Decoder {
    pub fn start(mut recognizer: Box<dyn Recognizer>, lang: LangChoice) -> Result<Self, RuntimeError> {
        let worker = Worker::start("decode", move || {
            move |request: Request, answer: &mut dyn FnMut(Decoded)| {
                let result = recognizer.transcribe(&request.samples, request.lang, Some(request.prior));
                answer(Decoded { job: request.job, result: result.map_err(|error| error.to_string()) });
            }
        });
        Ok(Self {
            worker: worker.map_err(RuntimeError::Thread)?,
            lang,
            last_job: 0,
            early: None,
            ended: VecDeque::new(),
            answers: VecDeque::new(),
        })
    }

    /// The voice paused. Where thinking takes time, the decode begins now, inside the hangover.
    pub fn paused(&mut self, utterance: &Utterance, prior: Lang, thinking: Thinking) {
        if thinking != Thinking::AtTheEnd {
            self.early = Some(self.ask(utterance, prior));
        }
    }

    /// The voice went on: what was begun is worth nothing.
    pub const fn resumed(&mut self) {
        self.early = None;
    }

    /// The utterance is over; its text comes out of [`Self::finished`]. It has the same samples as at the pause.
    pub fn ended(&mut self, utterance: Utterance, prior: Lang) {
        let job = self.early.take().unwrap_or_else(|| self.ask(&utterance, prior));
        self.ended.push_back((job, utterance));
    }

    /// Tells whether an utterance waits for its text.
    pub fn is_busy(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Returns the next utterance whose text is there, waiting for it where thinking takes no audio time.
    pub fn finished(&mut self, thinking: Thinking) -> Option<Finished> {
        let job = self.ended.front()?.0;
        loop {
            while let Some(decoded) = self.answers.pop_front() {
                if decoded.job == job {
                    let (_, utterance) = self.ended.pop_front()?;
                    return Some(Finished { utterance, result: decoded.result });
                }
            }
            let answer = match thinking {
                Thinking::TakesTime => self.worker.poll(),
                Thinking::AtTheEnd | Thinking::TakesNoTime => self.worker.wait().map(Some),
            };
            match answer {
                Ok(Some(decoded)) => self.answers.push_back(decoded),
                Ok(None) => return None,
                Err(Dead) => {
                    let (_, utterance) = self.ended.pop_front()?;
                    return Some(Finished { utterance, result: Err("the recogniser has stopped".to_owned()) });
                }
            }
        }
    }

    fn ask(&mut self, utterance: &Utterance, prior: Lang) -> u64 {
        self.last_job += 1;
        let request = Request { job: self.last_job, samples: Arc::clone(&utterance.samples), lang: self.lang, prior };
        // A dead worker is noticed where the answer is taken.
        let _ = self.worker.ask(request);
        self.last_job
    }
}
