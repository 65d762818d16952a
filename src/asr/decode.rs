//! One pass of the Whisper model over one window: encode once, then take the likeliest token until the text ends.
//!
//! The engine is whisper.cpp through `whisper-rs`; the token loop is here instead of in `WhisperState::full`, because
//! then finding the language costs one decoder step and not a second encoder pass, a repetition is cut after a few
//! tokens and not at the limit, nothing is leaked per call (the string setters of `FullParams` do), and the
//! probability of "no speech" is read where the model was trained to give it, at the first step
//! (Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision", 2.3 and 4.5).

use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperState, WhisperTokenId,
};

use super::{Abort, AsrError, language, spelling::Spelling};
use crate::config::{Lang, LangChoice};

/// Characters of tokens that describe sound instead of spelling words: "[Music]", "(coughs)", "♪".
const NOISE_MARKS: &str = "\"#()*<=>@[\\]^_`{|}~「」『』♩♪♫♬♭♮♯;";
/// Most tokens the model was trained to write for one window.
const MOST_TOKENS: usize = 220;
/// A tail of identical blocks of tokens is a loop from this many tokens on ...
const LOOP_TOKENS: usize = 12;
/// ... if there are at least this many blocks.
const LOOP_BLOCKS: usize = 4;

/// How a decode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The model said that the text is complete.
    Complete,
    /// The model repeated itself or went on beyond any speaking rate.
    Runaway,
    /// The text was not wanted any more.
    Aborted,
}

/// What one pass over one window gave.
#[derive(Debug, Clone)]
pub(super) struct Decoded {
    /// The text as the model wrote it.
    pub(super) text: String,
    /// Language it was decoded in.
    pub(super) lang: Lang,
    /// Probability of every token, the end of the text included.
    pub(super) probabilities: Vec<f32>,
    /// Probability that the window holds no speech.
    pub(super) no_speech: f32,
    /// Probability, after the last word, of a mark that says that the sentence goes on.
    pub(super) goes_on: f32,
    /// How it ended.
    pub(super) ending: Ending,
}

/// The numbers of the tokens that steer the model, and which tokens may not be written.
pub(super) struct Vocabulary {
    start: WhisperTokenId,
    transcribe: WhisperTokenId,
    pub(super) no_timestamps: WhisperTokenId,
    no_speech: WhisperTokenId,
    end: WhisperTokenId,
    english: WhisperTokenId,
    french: WhisperTokenId,
    blank: Option<WhisperTokenId>,
    /// For each text token, whether it may be written.
    allowed: Vec<bool>,
    /// For each text token, whether it is a mark between or after words.
    marks: Vec<bool>,
    /// Marks that say that the sentence goes on.
    going_on: Vec<WhisperTokenId>,
}

impl Vocabulary {
    fn of(context: &WhisperContext) -> Self {
        let end = context.token_eot();
        let language = |code| context.token_lang(whisper_rs::get_lang_id(code).unwrap_or_default());
        let spelling = |token| context.token_to_bytes(token).unwrap_or_default();
        Self {
            start: context.token_sot(),
            transcribe: context.token_transcribe(),
            no_timestamps: context.token_not(),
            no_speech: context.token_nosp(),
            end,
            english: language("en"),
            french: language("fr"),
            blank: (0..end).find(|&token| spelling(token) == b" "),
            allowed: (0..end).map(|token| !is_noise(spelling(token))).collect(),
            marks: (0..end).map(|token| is_mark(spelling(token))).collect(),
            going_on: (0..end).filter(|&token| says_more(spelling(token))).collect(),
        }
    }

    fn language(&self, lang: Lang) -> WhisperTokenId {
        match lang {
            Lang::En => self.english,
            Lang::Fr => self.french,
        }
    }

    /// Returns the probability of a mark that says that the sentence goes on.
    fn goes_on(&self, logits: &[f32]) -> f32 {
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
        self.going_on.iter().map(|&token| (logits[index(token)] - highest).exp()).sum::<f32>() / sum
    }

    /// Returns the likeliest token that may be written, and its probability among those.
    fn likeliest(&self, logits: &[f32], first: bool) -> (WhisperTokenId, f32) {
        let end = index(self.end);
        let blank = self.blank.map(index);
        let mut best = (end, f32::NEG_INFINITY);
        for (token, &logit) in logits.iter().enumerate().take(end + 1) {
            let writable = if token == end { !first } else { self.allowed[token] && !(first && blank == Some(token)) };
            if writable && logit > best.1 {
                best = (token, logit);
            }
        }
        let sum: f32 = logits.iter().take(end + 1).map(|logit| (logit - best.1).exp()).sum();
        (WhisperTokenId::try_from(best.0).unwrap_or(self.end), sum.max(1.0).recip())
    }
}

/// The model and its working memory.
pub(super) struct Engine {
    context: WhisperContext,
    pub(super) state: WhisperState,
    pub(super) vocabulary: Vocabulary,
    /// Made when it is first asked for.
    spelling: Option<Spelling>,
    pub(super) threads: usize,
    /// Ends the decode in hand; looked at after the encoder and between the steps of the decoder, which is as often
    /// as the engine allows.
    pub(super) abort: Abort,
}

impl Engine {
    /// Loads a model file in whisper.cpp's format.
    ///
    /// OpenBLAS needs no setting of its own: before each multiplication ggml tells it the number of threads of the
    /// call, and `OPENBLAS_NUM_THREADS` was measured to change nothing.
    pub(super) fn load(path: &std::path::Path, threads: usize) -> Result<Self, WhisperError> {
        // With flash attention a result depends on the utterance before it, and it is slower on a processor.
        let mut parameters = WhisperContextParameters::default();
        parameters.use_gpu(false).flash_attn(false);
        let context = WhisperContext::new_with_params(path, parameters)?;
        let state = context.create_state()?;
        let vocabulary = Vocabulary::of(&context);
        Ok(Self { context, state, vocabulary, spelling: None, threads, abort: Abort::default() })
    }

    /// Returns whether the model knows more than English.
    pub(super) fn is_multilingual(&self) -> bool {
        self.context.is_multilingual()
    }

    /// Decodes up to 30 s of mono 16 kHz samples, looking at `audio_ctx` steps of 20 ms.
    ///
    /// # Errors
    /// [`AsrError::Aborted`] when the text was not wanted any more, [`AsrError::Decode`] when the engine fails.
    pub(super) fn decode(
        &mut self,
        samples: &[f32],
        audio_ctx: i32,
        most_tokens: usize,
        lang: (LangChoice, Option<Lang>),
    ) -> Result<Decoded, AsrError> {
        self.go_on()?;
        self.encode(samples, audio_ctx).map_err(fault)?;
        self.go_on()?;
        let (no_speech, lang) = self.prompt(lang).map_err(fault)?;
        let Written { tokens, probabilities, goes_on, ending } = self
            .write(self.vocabulary.no_timestamps, self.prompt_length(), most_tokens.min(MOST_TOKENS))
            .map_err(fault)?;
        self.go_on()?;
        Ok(Decoded { text: self.text(&tokens)?, lang, probabilities, no_speech, goes_on, ending })
    }

    /// Writes what follows a text that the utterance, which is encoded, is known to begin with; `None` if it ran away.
    pub(super) fn follow(&mut self, beginning: &str, most_tokens: usize) -> Result<Option<String>, AsrError> {
        let known = self.spelling().tokens(&format!(" {beginning}"));
        let known: Vec<_> = [self.vocabulary.no_timestamps].into_iter().chain(known).collect();
        let past = self.prompt_length();
        let Some((last, before)) = known.split_last() else { return Ok(None) };
        if !before.is_empty() {
            self.state.decode(before, past, self.threads).map_err(fault)?;
        }
        let written = self.write(*last, past + before.len(), most_tokens.min(MOST_TOKENS)).map_err(fault)?;
        let is_complete = written.ending == Ending::Complete;
        is_complete.then(|| self.text(&written.tokens)).transpose()
    }

    fn text(&self, tokens: &[WhisperTokenId]) -> Result<String, AsrError> {
        let mut bytes = Vec::new();
        for token in tokens {
            bytes.extend_from_slice(self.context.token_to_bytes(*token).map_err(fault)?);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// How the model spells.
    pub(super) fn spelling(&mut self) -> &Spelling {
        self.spelling.get_or_insert_with(|| {
            let spelled = |token| Some((self.context.token_to_bytes(token).ok()?, token));
            Spelling::new((0..self.vocabulary.end).filter_map(spelled))
        })
    }

    fn go_on(&self) -> Result<(), AsrError> {
        if self.abort.is_set() { Err(AsrError::Aborted) } else { Ok(()) }
    }

    /// Runs the encoder.
    pub(super) fn encode(&mut self, samples: &[f32], audio_ctx: i32) -> Result<(), WhisperError> {
        // `full` is the only way to set the encoder's length. Told to look at 100 ms it computes the spectrogram of
        // all samples, keeps the length for the calls that follow, and finds that there is nothing left to decode.
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_n_threads(i32::try_from(self.threads).unwrap_or(1));
        parameters.set_audio_ctx(audio_ctx);
        parameters.set_duration_ms(100);
        self.state.full(parameters, samples)?;
        self.state.encode(0, self.threads)
    }

    /// Feeds the start of the prompt and returns the probability of "no speech" and the language, decided or given.
    pub(super) fn prompt(&mut self, (lang, prior): (LangChoice, Option<Lang>)) -> Result<(f32, Lang), WhisperError> {
        self.state.decode(&[self.vocabulary.start], 0, self.threads)?;
        let logits = self.state.get_logits()?;
        let no_speech = probability(logits, index(self.vocabulary.no_speech));
        if !self.is_multilingual() {
            return Ok((no_speech, Lang::En));
        }
        let logit = |lang| logits[index(self.vocabulary.language(lang))];
        let lang = lang.fixed().unwrap_or_else(|| language::choose(logit(Lang::En), logit(Lang::Fr), prior));
        let task = [self.vocabulary.language(lang), self.vocabulary.transcribe];
        self.state.decode(&task, 1, self.threads)?;
        Ok((no_speech, lang))
    }

    /// Tokens of the prompt before the one that ends it.
    pub(super) fn prompt_length(&self) -> usize {
        if self.is_multilingual() { 3 } else { 1 }
    }

    /// Writes tokens until the text ends; `next` is the last that is given, and the decoder has seen `past` before it.
    fn write(
        &mut self,
        mut next: WhisperTokenId,
        mut past: usize,
        most_tokens: usize,
    ) -> Result<Written, WhisperError> {
        let mut written =
            Written { tokens: Vec::new(), probabilities: Vec::new(), goes_on: 0.0, ending: Ending::Complete };
        // One token a step: the logits that can be read are those of a step's first token.
        let mut after_word = true;
        loop {
            self.state.decode(&[next], past, self.threads)?;
            past += 1;
            let logits = self.state.get_logits()?;
            if after_word {
                written.goes_on = self.vocabulary.goes_on(logits);
            }
            let (token, probability) = self.vocabulary.likeliest(logits, written.tokens.is_empty());
            written.probabilities.push(probability);
            if token == self.vocabulary.end {
                return Ok(written);
            }
            after_word = !self.vocabulary.marks[index(token)];
            written.tokens.push(token);
            if self.abort.is_set() {
                return Ok(Written { ending: Ending::Aborted, ..written });
            }
            if written.tokens.len() >= most_tokens || is_loop(&written.tokens) {
                return Ok(Written { ending: Ending::Runaway, ..written });
            }
            next = token;
        }
    }
}

/// What the decoder wrote.
struct Written {
    tokens: Vec<WhisperTokenId>,
    probabilities: Vec<f32>,
    goes_on: f32,
    ending: Ending,
}

pub(super) fn fault(error: WhisperError) -> AsrError {
    AsrError::Decode(error.to_string())
}

pub(super) fn index(token: WhisperTokenId) -> usize {
    usize::try_from(token).unwrap_or_default()
}

fn is_noise(spelling: &[u8]) -> bool {
    std::str::from_utf8(spelling).is_ok_and(|spelling| {
        let marks = spelling.trim_start();
        // A dash or quote may stand inside a word but opens a line of a subtitle when it stands alone.
        spelling == " -"
            || spelling == " '"
            || !marks.is_empty() && marks.chars().all(|mark| NOISE_MARKS.contains(mark))
    })
}

/// Whether a token is nothing but marks.
fn is_mark(spelling: &[u8]) -> bool {
    let Ok(spelling) = std::str::from_utf8(spelling) else { return false };
    let marks = spelling.trim();
    !marks.is_empty() && marks.chars().all(|mark| mark.is_ascii_punctuation() || "…–—«»“”’".contains(mark))
}

/// Whether a token is a mark that is followed by more of the sentence.
fn says_more(spelling: &[u8]) -> bool {
    std::str::from_utf8(spelling).is_ok_and(|spelling| matches!(spelling.trim(), "," | "..." | "…" | "-" | "–" | "—"))
}

/// Returns the softmax of `logits` at `token`.
fn probability(logits: &[f32], token: usize) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    (logits[token] - highest).exp() / sum
}

/// Returns whether the tail of the tokens is the same block over and over.
pub(super) fn is_loop(tokens: &[WhisperTokenId]) -> bool {
    (1..=tokens.len() / LOOP_BLOCKS).any(|block| {
        let length = (block * LOOP_BLOCKS).max(LOOP_TOKENS);
        let Some(tail) = tokens.len().checked_sub(length).map(|start| &tokens[start..]) else { return false };
        tail.iter().zip(&tail[block..]).all(|(earlier, later)| earlier == later)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_returns_four_times_is_a_loop() {
        assert!(is_loop(&[9, 8, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]));
        assert!(is_loop(&[7; 12]));
    }

    #[test]
    fn an_insisting_speaker_is_not_a_loop() {
        assert!(!is_loop(&[]));
        assert!(!is_loop(&[7; 11]), "eleven times no");
        assert!(!is_loop(&[1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5]), "three times the same sentence");
    }

    #[test]
    fn tokens_that_describe_noise_are_not_written() {
        for noise in [" (", "[", " ♪", "***", " -", " '"] {
            assert!(is_noise(noise.as_bytes()), "{noise:?}");
        }
        for word in [" yes", "-", "'", "é", ":", "%", "7", " &", ""] {
            assert!(!is_noise(word.as_bytes()), "{word:?}");
        }
    }

    #[test]
    fn marks_that_say_more_are_told_from_those_that_end() {
        for (spelling, mark, more) in [
            (",", true, true),
            ("...", true, true),
            (" -", true, true),
            (".", true, false),
            ("?", true, false),
            (" a", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_mark(spelling.as_bytes()), says_more(spelling.as_bytes())), (mark, more), "{spelling:?}");
        }
    }

    #[test]
    fn probability_is_the_softmax() {
        assert!((probability(&[0.0, 0.0, 0.0, 0.0], 2) - 0.25).abs() < 1e-6);
        assert!(probability(&[100.0, -100.0], 0) > 0.999);
    }
}
