//! What is being said: replies become sound on a thread of their own and leave here block by block.

use std::collections::VecDeque;

use super::{
    RuntimeError, Thinking,
    worker::{Dead, Worker},
};
use crate::{
    audio::{BLOCK_SAMPLES, Block},
    config::Lang,
    dialogue::{LOUDEST, Reply, ReplyId, ReplyKind},
    speech::{Clip, Earcon, Voices},
};

/// Silence between two replies, in blocks.
const GAP_BLOCKS: u32 = 20;
/// The last blocks before a stop may have waited in the loudspeaker's queue, where they are made silent.
const HUSHED_BLOCKS: usize = 10;

struct Request {
    id: ReplyId,
    /// Each in its language.
    parts: Vec<(Lang, String)>,
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
    /// It has ended, and some of it could not be made: nobody has heard all of it.
    Lost(ReplyId),
    /// A reply could not be made into sound; it still counts as begun and ended.
    Failed(String),
}

/// How loud Herald speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Volume {
    /// As it was made.
    Full,
    /// 12 dB quieter: somebody may be speaking.
    Ducked,
    /// Silent, and waiting: what is being said stops where it is.
    Stopped,
}

/// A quarter: 12 dB.
const DUCKED_GAIN: f32 = 0.251;
/// Change of the gain in one sample: silence is reached within 10 ms, without a click.
const FALL: f32 = 1.0 / BLOCK_SAMPLES as f32;
/// The way back is slower, as a speaker's would be: 80 ms.
const RISE: f32 = FALL / 8.0;

/// How much louder or quieter each volume is than the voice as it was made.
const GAINS: [f32; LOUDEST as usize] = [0.3, 0.5, 0.7, 1.0, 1.3, 1.6];

/// The same sound at a volume, 1 to [`LOUDEST`].
pub(super) fn at_volume(mut block: Block, volume: u8) -> Block {
    let gain = GAINS.get(usize::from(volume.saturating_sub(1))).copied().unwrap_or(1.0);
    if gain.to_bits() != 1.0_f32.to_bits() {
        block.0.iter_mut().for_each(|sample| *sample = (*sample * gain).clamp(-1.0, 1.0));
    }
    block
}

impl Volume {
    const fn gain(self) -> f32 {
        match self {
            Self::Full => 1.0,
            Self::Ducked => DUCKED_GAIN,
            Self::Stopped => 0.0,
        }
    }
}

/// The gain, which moves to where it shall be in a ramp.
#[derive(Debug)]
struct Fader {
    gain: f32,
}

impl Fader {
    fn apply(&mut self, block: &mut Block, towards: f32) {
        if self.gain.to_bits() == towards.to_bits() && towards.to_bits() == 1.0_f32.to_bits() {
            return;
        }
        for sample in &mut block.0 {
            self.gain = towards.clamp(self.gain - FALL, self.gain + RISE);
            *sample *= self.gain;
        }
    }
}

struct Saying {
    reply: Reply,
    /// What is still to be played, clause by clause; the first one is kept whole, to be said again.
    clauses: VecDeque<Vec<Block>>,
    /// Blocks of the first clause that were played.
    played: usize,
    /// Everything was synthesised.
    complete: bool,
    began: bool,
    fault: Option<String>,
    /// Some of it was not made.
    broken: bool,
}

impl Saying {
    const fn new(reply: Reply) -> Self {
        Self { reply, clauses: VecDeque::new(), played: 0, complete: false, began: false, fault: None, broken: false }
    }

    /// The next block, and whether it was the last that is there.
    fn next(&mut self) -> Option<Block> {
        let block = self.clauses.front()?.get(self.played).cloned();
        self.played += 1;
        if self.clauses.front().is_some_and(|clause| self.played >= clause.len()) {
            self.clauses.pop_front();
            self.played = 0;
        }
        block
    }

    /// Goes back to the beginning of the clause, unless only its pause is left that was not heard.
    fn rewind(&mut self) {
        let sounds = |block: &Block| block.0.iter().any(|sample| sample.abs() > 1e-3);
        let heard = self.played.saturating_sub(HUSHED_BLOCKS);
        let rest = self.clauses.front().and_then(|clause| clause.get(heard..)).unwrap_or_default();
        if rest.iter().any(sounds) {
            self.played = 0;
        }
    }
}

/// Speaks replies one after the other.
pub(super) struct Mouth {
    worker: Worker<Request, Answer>,
    queue: VecDeque<Saying>,
    gap: u32,
    volume: Volume,
    fader: Fader,
    /// The end of something that was cut, to fade out.
    cut_off: Option<Block>,
    /// The sounds of all earcons.
    earcons: Vec<(Earcon, Vec<Block>)>,
    /// What is left of earcons, over whatever else is heard.
    sounding: VecDeque<Block>,
}

impl Mouth {
    pub fn start(mut voices: Voices) -> Result<Self, RuntimeError> {
        let worker = Worker::start("voice", move || {
            move |request: Request, answer: &mut dyn FnMut(Answer)| {
                let id = request.id;
                let mut speak = |(lang, text): &(Lang, String)| {
                    voices.speak(text, *lang, &mut |clip| answer(Answer::Clip(id, clip))).map(drop)
                };
                let result = request.parts.iter().try_for_each(&mut speak);
                answer(Answer::End(id, result.map_err(|error| error.to_string())));
            }
        });
        Ok(Self {
            worker: worker.map_err(RuntimeError::Thread)?,
            queue: VecDeque::new(),
            gap: 0,
            volume: Volume::Full,
            fader: Fader { gain: 1.0 },
            cut_off: None,
            earcons: Earcon::ALL.map(|earcon| (earcon, earcon.blocks())).into(),
            sounding: VecDeque::new(),
        })
    }

    pub fn say(&mut self, reply: Reply) {
        // A dead worker is noticed where its answers are taken.
        let parts = reply.parts().into_iter().map(|(lang, text)| (lang, text.to_owned())).collect();
        let _ = self.worker.ask(Request { id: reply.id, parts });
        self.queue.push_back(Saying::new(reply));
    }

    /// Sounds an earcon from the next block on, after those that sound already.
    pub fn sound(&mut self, earcon: Earcon) {
        let blocks = self.earcons.iter().find(|(known, _)| *known == earcon).map(|(_, blocks)| blocks.clone());
        self.sounding.extend(blocks.unwrap_or_default());
    }

    /// Speaks this loud from now on. After [`Volume::Stopped`], the clause that was interrupted is said again.
    pub fn set_volume(&mut self, volume: Volume) {
        if self.volume == Volume::Stopped
            && volume != Volume::Stopped
            && let Some(saying) = self.queue.front_mut()
        {
            saying.rewind();
        }
        self.volume = volume;
    }

    /// Falls silent at once; returns the replies that were cut or dropped.
    pub fn cut(&mut self) -> Vec<ReplyId> {
        self.gap = 0;
        if self.fader.gain > 0.0 {
            self.cut_off = self.queue.front_mut().filter(|saying| saying.began).and_then(Saying::next);
        }
        if self.cut_off.is_none() {
            self.fader.gain = 1.0;
        }
        self.queue.drain(..).map(|saying| saying.reply.id).collect()
    }

    /// Tells whether there is nothing to say.
    pub fn is_silent(&self) -> bool {
        self.queue.is_empty()
    }

    /// Tells whether no earcon sounds either.
    pub fn is_still(&self) -> bool {
        self.is_silent() && self.sounding.is_empty()
    }

    /// Tells whether there is an answer to say of which no sound is there yet.
    pub fn is_preparing(&self) -> bool {
        self.queue.front().is_some_and(|saying| !saying.began && saying.reply.kind != ReplyKind::Announce)
    }

    /// Tells whether a reply can be heard right now.
    pub fn is_heard(&self) -> bool {
        self.queue.front().is_some_and(|saying| saying.began)
    }

    /// Returns the next 10 ms of sound, and what came of it.
    pub fn tick(&mut self, thinking: Thinking) -> (Block, Vec<Spoke>) {
        let (mut block, spoke) = self.speech(thinking);
        if let Some(earcon) = self.sounding.pop_front() {
            block.0.iter_mut().zip(earcon.0).for_each(|(to, sample)| *to = (*to + sample).clamp(-1.0, 1.0));
        }
        (block, spoke)
    }

    fn speech(&mut self, thinking: Thinking) -> (Block, Vec<Spoke>) {
        if let Some(mut block) = self.cut_off.take() {
            self.fader.apply(&mut block, 0.0);
            self.fader.gain = self.volume.gain();
            return (block, Vec::new());
        }
        if self.gap > 0 {
            self.gap -= 1;
            return (Block::SILENCE, Vec::new());
        }
        self.take_answers(thinking);
        if self.volume == Volume::Stopped && self.fader.gain <= 0.0 && self.is_heard() {
            return (Block::SILENCE, Vec::new());
        }
        let (mut block, spoke) = self.next_block();
        self.fader.apply(&mut block, self.volume.gain());
        (block, spoke)
    }

    fn next_block(&mut self) -> (Block, Vec<Spoke>) {
        let mut spoke = Vec::new();
        let Some(saying) = self.queue.front_mut() else {
            return (Block::SILENCE, spoke);
        };
        if let Some(fault) = saying.fault.take() {
            saying.broken = true;
            spoke.push(Spoke::Failed(fault));
        }
        if !saying.complete && saying.clauses.is_empty() {
            return (Block::SILENCE, spoke);
        }
        if !saying.began {
            saying.began = true;
            spoke.push(Spoke::Began(saying.reply.clone()));
        }
        let block = saying.next().unwrap_or(Block::SILENCE);
        if saying.complete && saying.clauses.is_empty() {
            let (id, broken) = (saying.reply.id, saying.broken);
            spoke.push(if broken { Spoke::Lost(id) } else { Spoke::Ended(id) });
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
                Ok(blocks) if blocks.is_empty() => {}
                Ok(blocks) => saying.clauses.push_back(blocks),
                Err(error) => saying.fault = Some(error.to_string()),
            },
            Answer::End(_, result) => {
                saying.complete = true;
                saying.fault = result.err().or(saying.fault.take());
            }
        }
    }
}

#[cfg(test)]
#[path = "mouth_tests.rs"]
mod tests;
