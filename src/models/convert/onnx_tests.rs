//! Small graphs with one `FusedMatMul`, rewritten and run.

use std::fs;

use rten::{Model, ValueOrView};
use rten_tensor::{AsView, Layout, NdTensor, Tensor};

use super::*;

/// A graph `y = FusedMatMul(a, b)`.
struct Graph {
    a: [usize; 3],
    b: [usize; 3],
    y: [usize; 3],
    attributes: Vec<u8>,
}

fn whole(name: &str, value: u64) -> Vec<u8> {
    let body =
        [put_bytes(ATTRIBUTE_NAME, name.as_bytes()), put_number(ATTRIBUTE_I, value), put_number(ATTRIBUTE_TYPE, 2)];
    put_bytes(NODE_ATTRIBUTE, &body.concat())
}

fn real(name: &str, value: f32) -> Vec<u8> {
    let number = put_four(ATTRIBUTE_F, value.to_le_bytes());
    let body = [put_bytes(ATTRIBUTE_NAME, name.as_bytes()), number, put_number(ATTRIBUTE_TYPE, TYPE_FLOAT)];
    put_bytes(NODE_ATTRIBUTE, &body.concat())
}

fn value_info(field: u64, name: &str, dims: &[usize]) -> Vec<u8> {
    let shape: Vec<u8> = dims.iter().flat_map(|&dim| put_bytes(SHAPE_DIM, &put_number(1, dim as u64))).collect();
    let tensor = [put_number(1, 1), put_bytes(TENSOR_SHAPE, &shape)].concat();
    let kind = put_bytes(TYPE_TENSOR, &tensor);
    put_bytes(field, &[put_bytes(VALUE_NAME, name.as_bytes()), put_bytes(VALUE_TYPE, &kind)].concat())
}

impl Graph {
    fn bytes(&self) -> Vec<u8> {
        let node = [
            put_bytes(NODE_INPUT, b"a"),
            put_bytes(NODE_INPUT, b"b"),
            put_bytes(NODE_OUTPUT, b"y"),
            put_bytes(NODE_NAME, b"fused"),
            put_bytes(NODE_OP_TYPE, b"FusedMatMul"),
            self.attributes.clone(),
            put_bytes(7, b"com.microsoft"),
        ];
        let graph = [
            put_bytes(GRAPH_NODE, &node.concat()),
            put_bytes(2, b"graph"),
            value_info(GRAPH_INPUT, "a", &self.a),
            value_info(GRAPH_INPUT, "b", &self.b),
            value_info(12, "y", &self.y),
        ];
        let opset = put_bytes(8, &[put_bytes(1, b""), put_number(2, 17)].concat());
        [put_number(1, 8), put_bytes(2, b"test"), put_bytes(MODEL_GRAPH, &graph.concat()), opset].concat()
    }

    /// Rewrites the graph and runs it on a = b = 1, 2, 3, ...
    fn run(&self) -> Result<Vec<f32>, String> {
        let dir = tempfile::tempdir().unwrap();
        let (path, out) = (dir.path().join("in.onnx"), dir.path().join("out.onnx"));
        fs::write(&path, self.bytes()).unwrap();
        unfuse_matmul(&path, &out).map_err(|error| error.to_string())?;
        let model = Model::load(fs::read(out).unwrap()).map_err(|error| error.to_string())?;
        let counting = |dims: [usize; 3]| -> NdTensor<f32, 3> {
            NdTensor::from_data(dims, (1..=dims.iter().product::<usize>()).map(|n| n as f32).collect::<Vec<_>>())
        };
        let inputs: Vec<(_, ValueOrView)> = vec![
            (model.node_id("a").unwrap(), counting(self.a).into()),
            (model.node_id("b").unwrap(), counting(self.b).into()),
        ];
        let y = model.run(inputs, &[model.node_id("y").unwrap()], None).unwrap().remove(0);
        let y: Tensor<f32> = y.try_into().unwrap();
        assert_eq!(y.shape(), self.y);
        Ok(y.to_vec())
    }
}

#[test]
fn a_graph_without_the_operator_stays_as_it_is() {
    let plain = put_bytes(MODEL_GRAPH, &node("MatMul", &["a", "b"], "y", "plain", &[]));
    let dir = tempfile::tempdir().unwrap();
    let (path, out) = (dir.path().join("in.onnx"), dir.path().join("out.onnx"));
    fs::write(&path, &plain).unwrap();
    unfuse_matmul(&path, &out).unwrap();
    assert_eq!(fs::read(out).unwrap(), plain);
}

#[test]
fn a_transposed_first_input_is_multiplied_transposed() {
    // a is 3 x 2: [1 2; 3 4; 5 6], b the same: a' b = [35 44; 44 56].
    let attributes = [whole("transA", 1), whole("transB", 0), real("alpha", 1.0)].concat();
    let graph = Graph { a: [1, 3, 2], b: [1, 3, 2], y: [1, 2, 2], attributes };
    assert_eq!(graph.run().unwrap(), [35.0, 44.0, 44.0, 56.0]);
}

#[test]
fn a_transposed_second_input_and_a_factor_keep_their_meaning() {
    // a b' = [5 11 17; 11 25 39; 17 39 61], halved.
    let attributes = [whole("transB", 1), real("alpha", 0.5)].concat();
    let graph = Graph { a: [1, 3, 2], b: [1, 3, 2], y: [1, 3, 3], attributes };
    assert_eq!(graph.run().unwrap(), [2.5, 5.5, 8.5, 5.5, 12.5, 19.5, 8.5, 19.5, 30.5]);
}

#[test]
fn an_attribute_that_is_not_understood_is_refused() {
    let graph = Graph { a: [1, 3, 2], b: [1, 3, 2], y: [1, 2, 2], attributes: whole("transBatchA", 1) };
    assert!(graph.run().unwrap_err().contains("transBatchA"));
    let harmless = [whole("transBatchA", 0), whole("transA", 1)].concat();
    assert!(Graph { attributes: harmless, ..graph }.run().is_ok());
}

#[test]
fn damage_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (path, out) = (dir.path().join("in.onnx"), dir.path().join("out.onnx"));
    let whole = Graph { a: [1, 3, 2], b: [1, 3, 2], y: [1, 2, 2], attributes: whole("transA", 1) }.bytes();
    let graph_start = whole.len() / 8;
    for len in graph_start..whole.len() - 20 {
        fs::write(&path, &whole[..len]).unwrap();
        assert!(unfuse_matmul(&path, &out).is_err(), "cut at {len}");
    }
    fs::write(&path, b"<html>").unwrap();
    assert!(unfuse_matmul(&path, &out).is_err());
}
