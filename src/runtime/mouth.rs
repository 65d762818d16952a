//! What is being said: replies become sound on a thread of their own and leave here block by block.

use std::collections::VecDeque;

use super::{
    RuntimeError, Thinking,
    worker::{Dead, Worker},
};
use crate::{
    audio::Block,
    config::Lang,
    dialogue::{Reply, ReplyId},
    speech::{Clip, Voices},
};

/// Silence between two replies, in blocks.
const GAP_BLOCKS: u32 = 20;

struct Request {
    id: ReplyId,
    text: String,
    lang: Lang,
}

enum Answer {
    Clip(ReplyId, Clip),
    End(ReplyId, Result<(), String>),
}

/// What came of one tick of speaking.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Spoke {
    /// The first block of a reply.
    Began(Reply),
    /// The reply is over.
    Ended(ReplyId),
    /// A reply could not be made into sound; it still counts as begun and ended.
    Failed(String),
}

struct Saying {
    reply: Reply,
    blocks: VecDeque<Block>,
    /// Everything was synthesised.
    complete: bool,
    began: bool,
    fault: Option<String>,
}

/// Speaks replies one after the other.
pub(super) struct Mouth {
    worker: Worker<Request, Answer>,
    queue: VecDeque<Saying>,
    gap: u32,
}

impl Mouth {
    pub fn start(mut voices: Voices) -> Result<Self, RuntimeError> {
        let worker = Worker::start("voice", move || {
            move |request: Request, answer: &mut dyn FnMut(Answer)| {
                let id = request.id;
                let result = voices.speak(&request.text, request.lang, &mut |clip| answer(Answer::Clip(id, clip)));
                answer(Answer::End(id, result.map(|_| ()).map_err(|error| error.to_string())));
            }
        });
        Ok(Self { worker: worker.map_err(RuntimeError::Thread)?, queue: VecDeque::new(), gap: 0 })
    }

    pub fn say(&mut self, reply: Reply) {
        // A dead worker is noticed where its answers are taken.
        let _ = self.worker.ask(Request { id: reply.id, text: reply.text.clone(), lang: reply.lang });
        self.queue.push_back(Saying { reply, blocks: VecDeque::new(), complete: false, began: false, fault: None });
    }

    /// Falls silent at once; returns the replies that were cut or dropped.
    pub fn cut(&mut self) -> Vec<ReplyId> {
        self.gap = 0;
        self.queue.drain(..).map(|saying| saying.reply.id).collect()
    }

    /// Tells whether there is nothing to say.
    pub fn is_silent(&self) -> bool {
        self.queue.is_empty()
    }

    /// Tells whether a reply can be heard right now.
    pub fn is_heard(&self) -> bool {
        self.queue.front().is_some_and(|saying| saying.began)
    }

    /// Returns the next 10 ms of sound, and what came of it.
    pub fn tick(&mut self, thinking: Thinking) -> (Block, Vec<Spoke>) {
        let mut spoke = Vec::new();
        if self.gap > 0 {
            self.gap -= 1;
            return (Block::SILENCE, spoke);
        }
        self.take_answers(thinking);
        let Some(saying) = self.queue.front_mut() else {
            return (Block::SILENCE, spoke);
        };
        if let Some(fault) = saying.fault.take() {
            spoke.push(Spoke::Failed(fault));
        }
        if !saying.complete && saying.blocks.is_empty() {
            return (Block::SILENCE, spoke);
        }
        if !saying.began {
            saying.began = true;
            spoke.push(Spoke::Began(saying.reply.clone()));
        }
        let block = saying.blocks.pop_front().unwrap_or(Block::SILENCE);
        if saying.complete && saying.blocks.is_empty() {
            spoke.push(Spoke::Ended(saying.reply.id));
            self.queue.pop_front();
            self.gap = if self.queue.is_empty() { 0 } else { GAP_BLOCKS };
        }
        (block, spoke)
    }

    /// Takes what the voice made; where thinking takes no audio time, waits until the reply at the front is whole.
    fn take_answers(&mut self, thinking: Thinking) {
        while let Some(front) = self.queue.front() {
            let answer = match thinking {
                Thinking::TakesTime => self.worker.poll(),
                Thinking::AtTheEnd | Thinking::TakesNoTime if front.complete => Ok(None),
                Thinking::AtTheEnd | Thinking::TakesNoTime => self.worker.wait().map(Some),
            };
            match answer {
                Ok(Some(answer)) => self.take(answer),
                Ok(None) => return,
                Err(Dead) => {
                    for saying in self.queue.iter_mut().filter(|saying| !saying.complete) {
                        saying.complete = true;
                        saying.fault = Some("the voice has stopped".to_owned());
                    }
                    return;
                }
            }
        }
    }

    fn take(&mut self, answer: Answer) {
        let (Answer::Clip(id, _) | Answer::End(id, _)) = &answer;
        // A reply that was cut is not in the queue any more: its sound is dropped.
        let Some(saying) = self.queue.iter_mut().find(|saying| saying.reply.id == *id) else { return };
        match answer {
            Answer::Clip(_, clip) => match clip.blocks() {
                Ok(blocks) => saying.blocks.extend(blocks),
                Err(error) => saying.fault = Some(error.to_string()),
            },
            Answer::End(_, result) => {
                saying.complete = true;
                saying.fault = result.err().or(saying.fault.take());
            }
        }
    }
}
