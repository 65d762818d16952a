//! The recogniser as the session sees it: a decode may start at a pause, before the utterance is surely over.
//!
//! One decode is in the worker's hands at a time; the others wait here, where those that became worthless are
//! dropped. One in hand that became worthless is given up at its next step. An utterance that names somebody in doubt is
//! heard a second time before what was said after it.

use std::{collections::VecDeque, sync::Arc};

use super::{
    RuntimeError, Thinking,
    worker::{Dead, Worker},
};
use crate::{
    asr::{Abort, AsrError, Recognizer, Transcript, Weighed, Wordings, join},
    config::{Lang, LangChoice},
    listen::Utterance,
};

enum Request {
    Transcribe { samples: Arc<[f32]>, lang: LangChoice, prior: Lang, abort: Abort },
    Weigh { samples: Arc<[f32]>, lang: Lang, wordings: Wordings },
}

enum Answer {
    Transcript(Result<Transcript, AsrError>),
    Weighed(Option<Weighed>),
}

/// Where the second hearing of an utterance stands.
enum Weighing {
    Waiting(Request),
    InHand,
    Done(Option<Weighed>),
}

/// A piece of an utterance and where its decode stands.
struct Piece {
    /// Number of the utterance.
    id: u64,
    /// Number in the utterance.
    number: u32,
    prior: Lang,
    /// The utterance may go on, and the piece with it.
    is_open: bool,
    state: State,
}

enum State {
    /// Nobody has asked for its text.
    Unasked(Arc<[f32]>),
    Waiting(Arc<[f32]>),
    Decoding(Abort),
    Decoded(Result<Transcript, String>),
}

impl Piece {
    fn ask(&mut self) {
        if let State::Unasked(samples) = &self.state {
            self.state = State::Waiting(Arc::clone(samples));
        }
    }

    const fn text(&self) -> Option<&Result<Transcript, String>> {
        if let State::Decoded(result) = &self.state { Some(result) } else { None }
    }
}

/// An utterance that is over, with what was recognised or why not.
pub(super) struct Finished {
    pub utterance: Utterance,
    pub result: Result<Transcript, String>,
}

/// Decodes utterances in order on a thread of its own.
pub(super) struct Decoder {
    worker: Worker<Request, Answer>,
    lang: LangChoice,
    /// In the order of the audio; only the last may be open.
    pieces: VecDeque<Piece>,
    /// The worker has a decode that nobody waits for.
    is_giving_up: bool,
    /// Utterances that are over and wait for their text.
    ended: VecDeque<Utterance>,
    /// What is heard a second time; nothing else is begun before it.
    weighing: Option<Weighing>,
}

impl Decoder {
    pub fn start(mut recognizer: Box<dyn Recognizer>, lang: LangChoice) -> Result<Self, RuntimeError> {
        let worker = Worker::start("decode", move || {
            move |request: Request, answer: &mut dyn FnMut(Answer)| {
                answer(match request {
                    Request::Transcribe { samples, lang, prior, abort } => {
                        Answer::Transcript(recognizer.transcribe_unless(&samples, lang, Some(prior), &abort))
                    }
                    // Where it fails, the first hearing stands.
                    Request::Weigh { samples, lang, wordings } => {
                        Answer::Weighed(recognizer.weigh(&samples, lang, &wordings).unwrap_or_default())
                    }
                });
            }
        });
        Ok(Self {
            worker: worker.map_err(RuntimeError::Thread)?,
            lang,
            pieces: VecDeque::new(),
            is_giving_up: false,
            ended: VecDeque::new(),
            weighing: None,
        })
    }

    /// The voice paused. The decode begins now, inside the hangover, unless nothing is to be decoded in vain.
    pub fn paused(&mut self, utterance: &Utterance, prior: Lang, thinking: Thinking) {
        let piece = self.piece(utterance, prior);
        if thinking != Thinking::AtTheEnd {
            piece.ask();
        }
        self.hand_over();
    }

    /// The voice went on: what was begun at the pause is worth nothing.
    pub fn resumed(&mut self) {
        if let Some(Piece { state: State::Decoding(abort), .. }) = self.pieces.pop_back_if(|piece| piece.is_open) {
            abort.set();
            self.is_giving_up = true;
        }
    }

    /// The utterance goes on, but this piece of it is final.
    pub fn settled(&mut self, utterance: &Utterance, prior: Lang) {
        let piece = self.piece(utterance, prior);
        piece.is_open = false;
        piece.ask();
        self.hand_over();
    }

    /// The utterance is over; its text comes out of [`Self::finished`]. It has the same samples as at the pause.
    pub fn ended(&mut self, utterance: Utterance, prior: Lang) {
        self.settled(&utterance, prior);
        self.ended.push_back(utterance);
    }

    /// Tells whether an utterance waits for its text.
    pub fn is_busy(&self) -> bool {
        !self.ended.is_empty() || self.weighing.is_some()
    }

    /// Hears an utterance again; what comes of it is in [`Self::weighed`].
    pub fn weigh(&mut self, utterance: &Utterance, lang: Lang, wordings: Wordings) {
        let request = Request::Weigh { samples: Arc::clone(&utterance.samples), lang, wordings };
        self.weighing = Some(Weighing::Waiting(request));
        self.hand_over();
    }

    /// Returns what came of a second hearing once it is there, waiting for it where thinking takes no audio time; inside,
    /// `None` where nothing could be weighed.
    pub fn weighed(&mut self, thinking: Thinking) -> Option<Option<Weighed>> {
        loop {
            if let Weighing::Done(weighed) = self.weighing.as_mut()? {
                let weighed = weighed.take();
                self.weighing = None;
                return Some(weighed);
            }
            if !self.receive(thinking) {
                return None;
            }
        }
    }

    /// Returns the text before the pause of an utterance once it is there, waiting for it where thinking takes no
    /// audio time; an error where there will be none.
    pub fn hypothesis(&mut self, id: u64, thinking: Thinking) -> Option<Result<&Transcript, ()>> {
        let open = |piece: &&mut Piece| piece.is_open && piece.id == id;
        let Some(piece) = self.pieces.back_mut().filter(open) else { return Some(Err(())) };
        piece.ask();
        self.hand_over();
        while self.pieces.back().is_some_and(|piece| piece.text().is_none()) && self.receive(thinking) {}
        self.pieces.back()?.text().map(|result| result.as_ref().map_err(|_| ()))
    }

    /// Returns the next utterance whose text is there, waiting for it where thinking takes no audio time.
    pub fn finished(&mut self, thinking: Thinking) -> Option<Finished> {
        let id = self.ended.front()?.id;
        loop {
            let mut own = self.pieces.iter().take_while(|piece| piece.id == id);
            if own.all(|piece| piece.text().is_some()) {
                break;
            }
            if !self.receive(thinking) {
                return None;
            }
        }
        let mut texts = Vec::new();
        while let Some(piece) = self.pieces.pop_front_if(|piece| piece.id == id) {
            if let State::Decoded(text) = piece.state {
                texts.push(text);
            }
        }
        let result = texts.into_iter().collect::<Result<Vec<_>, _>>().map(|parts| join(&parts));
        Some(Finished { utterance: self.ended.pop_front()?, result })
    }

    /// The piece of an utterance, which may be new.
    fn piece(&mut self, utterance: &Utterance, prior: Lang) -> &mut Piece {
        let known = self.pieces.back().is_some_and(|last| (last.id, last.number) == (utterance.id, utterance.piece));
        if !known {
            self.resumed();
            self.pieces.push_back(Piece {
                id: utterance.id,
                number: utterance.piece,
                prior,
                is_open: true,
                state: State::Unasked(Arc::clone(&utterance.samples)),
            });
        }
        let last = self.pieces.len() - 1;
        &mut self.pieces[last]
    }

    /// Gives the worker the first piece that waits, when it has nothing to do.
    fn hand_over(&mut self) {
        let is_decoding = self.pieces.iter().any(|piece| matches!(piece.state, State::Decoding(_)));
        if self.is_giving_up || is_decoding || matches!(self.weighing, Some(Weighing::InHand)) {
            return;
        }
        if let Some(waiting) = self.weighing.take_if(|weighing| matches!(weighing, Weighing::Waiting(_))) {
            self.weighing = Some(Weighing::InHand);
            if let Weighing::Waiting(request) = waiting {
                let _ = self.worker.ask(request);
            }
            return;
        }
        let Some(next) = self.pieces.iter().position(|piece| matches!(piece.state, State::Waiting(_))) else { return };
        // A dictation goes on in the language it has begun in.
        let before = next.checked_sub(1).and_then(|before| self.pieces.get(before));
        let before = before.filter(|before| before.id == self.pieces[next].id);
        let spoken = before.and_then(|before| before.text()?.as_ref().ok()).filter(|text| !text.text.is_empty());
        let prior = spoken.map_or(self.pieces[next].prior, |text| text.lang);
        let abort = Abort::default();
        let piece = &mut self.pieces[next];
        if let State::Waiting(samples) = std::mem::replace(&mut piece.state, State::Decoding(abort.clone())) {
            // A dead worker is noticed where the answer is taken.
            let _ = self.worker.ask(Request::Transcribe { samples, lang: self.lang, prior, abort });
        }
    }

    /// Takes an answer of the worker, waiting for it where thinking takes no audio time; returns whether it changed
    /// anything.
    fn receive(&mut self, thinking: Thinking) -> bool {
        let answer = match thinking {
            Thinking::TakesTime => self.worker.poll(),
            Thinking::AtTheEnd | Thinking::TakesNoTime => self.worker.wait().map(Some),
        };
        match answer {
            Ok(Some(Answer::Weighed(weighed))) => {
                self.weighing = Some(Weighing::Done(weighed));
                self.hand_over();
                true
            }
            Ok(Some(Answer::Transcript(answer))) => {
                let decoding = self.pieces.iter_mut().find(|piece| matches!(piece.state, State::Decoding(_)));
                if !std::mem::take(&mut self.is_giving_up)
                    && let Some(piece) = decoding
                {
                    piece.state = State::Decoded(answer.map_err(|error| error.to_string()));
                }
                self.hand_over();
                true
            }
            Ok(None) => false,
            Err(Dead) => {
                if self.weighing.is_some() {
                    self.weighing = Some(Weighing::Done(None));
                }
                for piece in self.pieces.iter_mut().filter(|piece| piece.text().is_none()) {
                    piece.state = State::Decoded(Err("the recogniser has stopped".to_owned()));
                }
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its text is the number of samples; one sample is never done unless it is given up.
    struct Counting;

    impl Recognizer for Counting {
        fn transcribe(
            &mut self,
            samples: &[f32],
            _lang: LangChoice,
            prior: Option<Lang>,
        ) -> Result<Transcript, AsrError> {
            let (text, lang) = (samples.len().to_string(), prior.unwrap_or(Lang::En));
            Ok(Transcript { text, lang, confidence: 0.9, no_speech: 0.0, decode_ms: 1, goes_on: 0.0 })
        }

        fn transcribe_unless(
            &mut self,
            samples: &[f32],
            lang: LangChoice,
            prior: Option<Lang>,
            abort: &Abort,
        ) -> Result<Transcript, AsrError> {
            while samples.len() == 1 && !abort.is_set() {
                std::thread::yield_now();
            }
            if abort.is_set() { Err(AsrError::Aborted) } else { self.transcribe(samples, lang, prior) }
        }

        fn weigh(&mut self, samples: &[f32], _lang: Lang, _: &Wordings) -> Result<Option<Weighed>, AsrError> {
            assert!(samples.len() != 13, "an engine that dies");
            if samples.len() == 14 {
                return Err(AsrError::Decode("an engine that fails".to_owned()));
            }
            let rest = samples.len().to_string();
            Ok(Some(Weighed { beginning: 0, names: vec![], rest, took_ms: 1 }))
        }
    }

    fn weighed(samples: usize, thinking: Thinking) -> Option<Weighed> {
        let mut decoder = decoder();
        let wordings = Wordings { beginnings: vec![], least_fit: 0.0, names: vec![] };
        decoder.weigh(&utterance(1, 0, samples), Lang::En, wordings);
        assert!(decoder.is_busy());
        decoder.ended(utterance(2, 0, 7), Lang::En);
        let weighed = decoder.weighed(thinking).unwrap();
        assert!(decoder.weighed(thinking).is_none(), "told once");
        if samples != 13 {
            assert_eq!(text(&mut decoder), "7");
        }
        weighed
    }

    #[test]
    fn what_is_heard_again_comes_before_what_is_said_next() {
        for thinking in [Thinking::TakesNoTime, Thinking::AtTheEnd] {
            assert_eq!(weighed(5, thinking).unwrap().rest, "5");
        }
    }

    #[test]
    fn where_hearing_again_fails_the_first_hearing_stands() {
        assert_eq!(weighed(14, Thinking::TakesNoTime), None, "the engine failed");
        assert_eq!(weighed(13, Thinking::TakesNoTime), None, "the engine died");
    }

    fn utterance(id: u64, piece: u32, samples: usize) -> Utterance {
        Utterance { id, piece, samples: vec![0.0; samples].into(), voice_start_ms: 0, voice_end_ms: 10, clear_ms: 10 }
    }

    fn decoder() -> Decoder {
        Decoder::start(Box::new(Counting), LangChoice::Auto).unwrap()
    }

    fn text(decoder: &mut Decoder) -> String {
        decoder.finished(Thinking::TakesNoTime).unwrap().result.unwrap().text
    }

    #[test]
    fn a_decode_is_given_up_when_the_voice_goes_on_and_what_follows_does_not_wait() {
        let mut decoder = decoder();
        decoder.paused(&utterance(1, 0, 1), Lang::En, Thinking::TakesTime);
        decoder.resumed();
        decoder.paused(&utterance(1, 0, 7), Lang::En, Thinking::TakesTime);
        assert_eq!(decoder.hypothesis(1, Thinking::TakesNoTime).unwrap().unwrap().text, "7");
        decoder.ended(utterance(1, 0, 7), Lang::En);
        assert_eq!(text(&mut decoder), "7");
        assert!(!decoder.is_busy());
    }

    #[test]
    fn pieces_of_a_dictation_are_joined_in_order_whether_decoded_early_or_at_the_end() {
        for thinking in [Thinking::TakesTime, Thinking::TakesNoTime, Thinking::AtTheEnd] {
            let mut decoder = decoder();
            for piece in 0..12 {
                let settled = utterance(1, piece, 10 + piece as usize);
                decoder.paused(&settled, Lang::Fr, thinking);
                decoder.settled(&settled, Lang::Fr);
            }
            decoder.paused(&utterance(1, 12, 99), Lang::Fr, thinking);
            decoder.resumed();
            decoder.ended(utterance(1, 12, 50), Lang::Fr);
            assert_eq!(text(&mut decoder), "10 11 12 13 14 15 16 17 18 19 20 21 50", "{thinking:?}");
        }
    }

    #[test]
    fn an_utterance_that_is_not_known_has_no_hypothesis_and_is_not_waited_for() {
        let mut decoder = decoder();
        assert_eq!(decoder.hypothesis(3, Thinking::TakesNoTime).unwrap().err(), Some(()));
        assert!(decoder.finished(Thinking::TakesNoTime).is_none());
    }

    #[test]
    fn two_utterances_in_a_row_are_told_in_order() {
        let mut decoder = decoder();
        decoder.ended(utterance(1, 0, 5), Lang::En);
        decoder.ended(utterance(2, 0, 6), Lang::En);
        assert_eq!((text(&mut decoder), text(&mut decoder)), ("5".to_owned(), "6".to_owned()));
    }
}
