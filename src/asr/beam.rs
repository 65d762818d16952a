//! Beam search: the second, dearer way to write down a window, with whisper.cpp's own search.
//!
//! The token loop of `decode.rs` cannot do it, because the engine gives a caller one sequence only. So the window is
//! encoded once more inside `WhisperState::full`, with the same limits: one segment, no timestamps, no tokens that
//! describe noises, no second temperature, no more tokens than anybody speaks.

use std::thread::LocalKey;

use whisper_rs::{FullParams, SamplingStrategy, WhisperError};

use super::decode::{Decoded, Ending, Engine, is_loop};
use crate::config::Lang;

/// Width of the beam, as in the paper's evaluation (Radford et al. 2022, 4.5).
const WIDTH: i32 = 5;

type Template = FullParams<'static, 'static>;

// The setter of the language leaks its string: once a thread instead of once a decode.
thread_local! {
    static ENGLISH: Template = template(Lang::En);
    static FRENCH: Template = template(Lang::Fr);
}

fn template(lang: Lang) -> Template {
    let mut parameters = FullParams::new(SamplingStrategy::BeamSearch { beam_size: WIDTH, patience: -1.0 });
    parameters.set_language(Some(lang.code()));
    parameters.set_no_context(true);
    parameters.set_no_timestamps(true);
    parameters.set_single_segment(true);
    parameters.set_suppress_nst(true);
    parameters.set_temperature_inc(0.0);
    parameters.set_print_progress(false);
    parameters
}

impl Engine {
    /// Decodes up to 30 s of mono 16 kHz samples in a known language, looking at `audio_ctx` steps of 20 ms.
    pub(super) fn search(
        &mut self,
        samples: &[f32],
        audio_ctx: i32,
        most_tokens: usize,
        lang: Lang,
    ) -> Result<Decoded, WhisperError> {
        let known: &'static LocalKey<Template> = match lang {
            Lang::En => &ENGLISH,
            Lang::Fr => &FRENCH,
        };
        let mut parameters = known.with(Clone::clone);
        parameters.set_n_threads(i32::try_from(self.threads).unwrap_or(1));
        parameters.set_audio_ctx(audio_ctx);
        parameters.set_max_tokens(i32::try_from(most_tokens).unwrap_or(i32::MAX));
        self.state.full(parameters, samples)?;

        let (mut bytes, mut tokens, mut probabilities) = (Vec::new(), Vec::new(), Vec::new());
        let mut no_speech = 1.0_f32;
        for segment in self.state.as_iter() {
            no_speech = no_speech.min(segment.no_speech_probability());
            bytes.extend_from_slice(segment.to_bytes()?);
            for token in (0..segment.n_tokens()).filter_map(|at| segment.get_token(at)) {
                tokens.push(token.token_id());
                probabilities.push(token.token_probability());
            }
        }
        let runaway = tokens.len() >= most_tokens || is_loop(&tokens);
        Ok(Decoded {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            lang,
            probabilities,
            no_speech,
            // The engine does not say.
            goes_on: 0.0,
            ending: if runaway { Ending::Runaway } else { Ending::Complete },
        })
    }
}
