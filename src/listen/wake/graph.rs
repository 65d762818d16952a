//! One ONNX graph with one input and one output, run on the listener's own thread.

use std::path::Path;
use std::sync::Arc;

use rten::{Dimension, Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::{NdTensorView, Tensor};

use crate::listen::ListenError;

/// A loaded graph.
pub(super) struct Graph {
    model: Model,
    pool: Arc<ThreadPool>,
    input: NodeId,
    output: NodeId,
}

impl Graph {
    /// Loads a file, to be run on `pool`.
    ///
    /// # Errors
    /// [`ListenError::LoadWake`] when it is missing, no ONNX graph, or not one of one input and one output.
    pub(super) fn load(path: &Path, pool: &Arc<ThreadPool>) -> Result<Self, ListenError> {
        let refuse = |reason: String| ListenError::LoadWake { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        let model = Model::load(bytes).map_err(|error| refuse(error.to_string()))?;
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            let (inputs, outputs) = (model.input_ids().len(), model.output_ids().len());
            return Err(refuse(format!("it has {inputs} inputs and {outputs} outputs instead of one of each")));
        };
        Ok(Self { input, output, pool: Arc::clone(pool), model })
    }

    /// Returns the size of a dimension of the input, where the graph fixes it.
    pub(super) fn input_size(&self, dimension: usize) -> Option<usize> {
        let shape = self.model.node_info(self.input)?.shape()?;
        match shape.get(dimension)? {
            Dimension::Fixed(size) => Some(*size),
            Dimension::Symbolic(_) => None,
        }
    }

    /// Runs it on `values`, laid out as `shape`, and returns all values of the output.
    ///
    /// The error says what the runtime objects to.
    pub(super) fn run<const N: usize>(&self, shape: [usize; N], values: &[f32]) -> Result<Vec<f32>, String> {
        let input = NdTensorView::from_data(shape, values);
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let [output] = self
            .model
            .run_n(vec![(self.input, input.into())], [self.output], Some(options))
            .map_err(|error| error.to_string())?;
        let output: Tensor<f32> = output.try_into().map_err(|_| "the output holds no numbers".to_owned())?;
        Ok(output.into_data())
    }
}
