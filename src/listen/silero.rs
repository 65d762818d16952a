//! The neural voice detector: Silero VAD v6 (MIT) in `rten`, which decides what is voice.
//!
//! The graph takes 64 samples of context before 512 new ones and a state of `[2, 1, 128]` that is fed back
//! (facts from the `silero-vad` package's own wrapper). Both the graph for 8 and 16 kHz, which has a rate
//! input, and the ones for 16 kHz alone are accepted.

use std::path::Path;
use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::{NdTensor, NdTensorView};

use super::ListenError;
use crate::audio::RATE_HZ;

/// New samples that one probability is about: 32 ms.
pub(super) const WINDOW_SAMPLES: usize = 512;
const CONTEXT_SAMPLES: usize = 64;
const STATE_SHAPE: [usize; 3] = [2, 1, 128];
const STATE_LEN: usize = 256;

/// The detector with its memory of the last windows.
pub(super) struct Silero {
    model: Model,
    pool: Arc<ThreadPool>,
    input: NodeId,
    state_in: NodeId,
    rate: Option<NodeId>,
    probability: NodeId,
    state_out: NodeId,
    state: Vec<f32>,
    /// Context followed by the window.
    samples: Vec<f32>,
}

impl Silero {
    /// Loads the ONNX file.
    ///
    /// # Errors
    /// [`ListenError::Load`] when it is missing or not this model.
    pub(super) fn load(path: &Path) -> Result<Self, ListenError> {
        let refuse = |reason: String| ListenError::Load { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        let model = Model::load(bytes).map_err(|error| refuse(error.to_string()))?;
        let node = |name: &str| model.find_node(name).ok_or_else(|| refuse(format!("it has no node {name:?}")));
        let (input, state_in) = (node("input")?, node("state")?);
        let rate = model.find_node("sr").filter(|id| model.input_ids().contains(id));
        let &[probability, state_out] = model.output_ids() else {
            return Err(refuse(format!("it has {} outputs instead of 2", model.output_ids().len())));
        };
        let mut silero = Self {
            pool: Arc::new(ThreadPool::with_num_threads(1)),
            input,
            state_in,
            rate,
            probability,
            state_out,
            state: vec![0.0; STATE_LEN],
            samples: vec![0.0; CONTEXT_SAMPLES + WINDOW_SAMPLES],
            model,
        };
        silero.probability(&[0.0; WINDOW_SAMPLES]).map_err(refuse)?;
        silero.reset();
        Ok(silero)
    }

    /// The one-thread pool that the model runs on; calls made inside it need no change of thread.
    pub(super) fn pool(&self) -> Arc<ThreadPool> {
        Arc::clone(&self.pool)
    }

    /// Forgets what was heard.
    pub(super) fn reset(&mut self) {
        self.state.fill(0.0);
        self.samples.fill(0.0);
    }

    /// Returns the probability, 0 to 1, that the window following the last one holds a voice.
    ///
    /// The error says what the runtime objects to.
    pub(super) fn probability(&mut self, window: &[f32; WINDOW_SAMPLES]) -> Result<f32, String> {
        self.samples.copy_within(WINDOW_SAMPLES.., 0);
        self.samples[CONTEXT_SAMPLES..].copy_from_slice(window);
        let samples = NdTensorView::from_data([1, self.samples.len()], &self.samples[..]);
        let state = NdTensorView::from_data(STATE_SHAPE, &self.state[..]);
        let mut inputs: Vec<(NodeId, ValueOrView)> = vec![(self.input, samples.into()), (self.state_in, state.into())];
        if let Some(rate) = self.rate {
            inputs.push((rate, NdTensor::from_data([], vec![RATE_HZ.cast_signed()]).into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(self.pool()));
        let [probability, state] = self
            .model
            .run_n(inputs, [self.probability, self.state_out], Some(options))
            .map_err(|error| error.to_string())?;
        let state: NdTensor<f32, 3> = state.try_into().map_err(|_| "the state has another shape".to_owned())?;
        let state = state.into_data();
        if state.len() != STATE_LEN {
            return Err(format!("the state has {} values instead of {STATE_LEN}", state.len()));
        }
        self.state = state;
        probability
            .as_tensor_view::<f32>()
            .and_then(|view| view.iter().next().copied())
            .ok_or_else(|| "there is no probability".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_heard_with_the_end_of_the_one_before() {
        let models = std::env::var_os("HERALD_MODELS")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-models"), Into::into);
        let Ok(model) = crate::models::find(&models, "silero") else { return println!("skipped: no models") };
        let mut silero = Silero::load(&model).unwrap();
        let ramp: [f32; WINDOW_SAMPLES] = std::array::from_fn(|n| n as f32 / 1_000.0);
        silero.probability(&ramp).unwrap();
        let state = silero.state.clone();
        silero.probability(&[0.0; WINDOW_SAMPLES]).unwrap();
        assert_eq!(silero.samples[..CONTEXT_SAMPLES], ramp[WINDOW_SAMPLES - CONTEXT_SAMPLES..]);
        assert_ne!(silero.state, state, "the state is fed back");
        silero.reset();
        let first = silero.probability(&ramp).unwrap();
        silero.reset();
        assert_eq!(silero.probability(&ramp).unwrap(), first);
    }
}
