//! Rewrites the `FusedMatMul` nodes of an ONNX graph as standard operators, so that any runtime runs it.
//!
//! `FusedMatMul` (domain `com.microsoft`) is `alpha * matmul(A', B')`, where `transA` and `transB` swap the last two
//! dimensions of A and B. It becomes `Transpose` + `MatMul` (+ `Mul` where alpha is not 1). Everything else in the file
//! is copied byte for byte. Field numbers are those of `onnx.proto`.

use std::path::Path;

use super::{
    ConvertError,
    copy::{Input, Output},
    protobuf::{Field, Value, next_field, put_bytes, put_four, put_head, put_number, text},
};

/// `ModelProto.graph`.
const MODEL_GRAPH: u64 = 7;
/// `GraphProto.node`, `.initializer`, `.input`, `.value_info`.
const GRAPH_NODE: u64 = 1;
const GRAPH_INITIALIZER: u64 = 5;
const GRAPH_INPUT: u64 = 11;
const GRAPH_VALUE_INFO: u64 = 13;
/// `NodeProto.input`, `.output`, `.name`, `.op_type`, `.attribute`.
const NODE_INPUT: u64 = 1;
const NODE_OUTPUT: u64 = 2;
const NODE_NAME: u64 = 3;
const NODE_OP_TYPE: u64 = 4;
const NODE_ATTRIBUTE: u64 = 5;
/// `AttributeProto.name`, `.f`, `.i`, `.ints`, `.type`, and the numbers of the types.
const ATTRIBUTE_NAME: u64 = 1;
const ATTRIBUTE_F: u64 = 2;
const ATTRIBUTE_I: u64 = 3;
const ATTRIBUTE_INTS: u64 = 8;
const ATTRIBUTE_TYPE: u64 = 20;
const TYPE_FLOAT: u64 = 1;
const TYPE_INTS: u64 = 7;
/// `ValueInfoProto.name`, `.type`; `TypeProto.tensor_type`; `.shape`; `.dim`.
const VALUE_NAME: u64 = 1;
const VALUE_TYPE: u64 = 2;
const TYPE_TENSOR: u64 = 1;
const TENSOR_SHAPE: u64 = 2;
const SHAPE_DIM: u64 = 1;
/// `TensorProto.dims`, `.name`.
const INITIALIZER_DIMS: u64 = 1;
const INITIALIZER_NAME: u64 = 8;

/// A node to be replaced.
#[derive(Debug)]
struct Fused {
    field: Field,
    name: String,
    inputs: [String; 2],
    output: String,
    alpha: f32,
    transposed: [bool; 2],
    /// Number of dimensions of each input that is transposed.
    ranks: [Option<usize>; 2],
}

/// Writes the graph of `model` without `FusedMatMul` to `out`.
pub(in crate::models) fn unfuse_matmul(model: &Path, out: &Path) -> Result<(), ConvertError> {
    let mut input = Input::open(model)?;
    let len = input.len();
    let (graph, place) = loop {
        match next_field(&mut input, len)? {
            Some(field) if field.number == MODEL_GRAPH => match field.value {
                Value::Bytes { place, .. } => break (field, place),
                Value::Number(_) | Value::Four(_) | Value::Eight => return Err(input.wrong("the graph is damaged")),
            },
            Some(_) => {}
            None => return Err(input.wrong("holds no graph")),
        }
    };
    let mut fused = find_fused(&mut input, place, graph.end)?;
    find_ranks(&mut input, place, graph.end, &mut fused)?;
    let nodes = fused
        .iter()
        .map(|node| Ok((node.field, node.replacement().ok_or_else(|| input.wrong(node.unknown_rank()))?)))
        .collect::<Result<Vec<_>, ConvertError>>()?;

    let removed: u64 = nodes.iter().map(|(field, _)| field.end - field.start).sum();
    let added: u64 = nodes.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let mut output = Output::create(out)?;
    input.seek(0)?;
    input.copy(graph.start, &mut output)?;
    output.write(&put_head(MODEL_GRAPH, graph.end - place - removed + added))?;
    let mut from = place;
    for (field, bytes) in nodes {
        input.seek(from)?;
        input.copy(field.start - from, &mut output)?;
        output.write(&bytes)?;
        from = field.end;
    }
    input.seek(from)?;
    input.copy(len - from, &mut output)?;
    output.finish()
}

/// Finds the nodes to be replaced between `place` and `end`.
fn find_fused(input: &mut Input, place: u64, end: u64) -> Result<Vec<Fused>, ConvertError> {
    let mut found = Vec::new();
    input.seek(place)?;
    while let Some(field) = next_field(input, end)? {
        if field.number == GRAPH_NODE
            && let Some(node) = read_fused(input, field)?
        {
            found.push(node);
        }
        input.seek(field.end)?;
    }
    Ok(found)
}

/// Calls `visit` with every field of the message in `field`.
fn each_field(
    input: &mut Input,
    field: &Field,
    mut visit: impl FnMut(&mut Input, Field) -> Result<(), ConvertError>,
) -> Result<(), ConvertError> {
    let Value::Bytes { place, .. } = field.value else {
        return Err(input.wrong("a message is damaged"));
    };
    input.seek(place)?;
    while let Some(inner) = next_field(input, field.end)? {
        visit(input, inner)?;
        input.seek(inner.end)?;
    }
    Ok(())
}

fn read_fused(input: &mut Input, field: Field) -> Result<Option<Fused>, ConvertError> {
    let mut is_fused = false;
    each_field(input, &field, |input, inner| {
        is_fused |= inner.number == NODE_OP_TYPE && text(input, &inner)? == "FusedMatMul";
        Ok(())
    })?;
    if !is_fused {
        return Ok(None);
    }
    let (mut name, mut inputs, mut outputs) = (String::new(), Vec::new(), Vec::new());
    let (mut alpha, mut transposed) = (1.0, [false; 2]);
    each_field(input, &field, |input, inner| {
        match inner.number {
            NODE_NAME => name = text(input, &inner)?,
            NODE_INPUT => inputs.push(text(input, &inner)?),
            NODE_OUTPUT => outputs.push(text(input, &inner)?),
            NODE_ATTRIBUTE => match read_attribute(input, &inner)? {
                (attribute, _, value) if attribute == "alpha" => alpha = value,
                (attribute, value, _) if attribute == "transA" => transposed[0] = value != 0,
                (attribute, value, _) if attribute == "transB" => transposed[1] = value != 0,
                (_, 0, _) => {}
                (attribute, ..) => {
                    return Err(input.wrong(format!("FusedMatMul {name}: attribute {attribute} is not understood")));
                }
            },
            _ => {}
        }
        Ok(())
    })?;
    match (<[String; 2]>::try_from(inputs), <[String; 1]>::try_from(outputs)) {
        (Ok(inputs), Ok([output])) => {
            Ok(Some(Fused { field, name, inputs, output, alpha, transposed, ranks: [None; 2] }))
        }
        _ => Err(input.wrong(format!("FusedMatMul {name} has not two inputs and one output"))),
    }
}

/// Reads name, whole number and real number of an attribute.
fn read_attribute(input: &mut Input, field: &Field) -> Result<(String, u64, f32), ConvertError> {
    let (mut name, mut whole, mut real) = (String::new(), 0, 0.0);
    each_field(input, field, |input, inner| {
        match (inner.number, inner.value) {
            (ATTRIBUTE_NAME, _) => name = text(input, &inner)?,
            (ATTRIBUTE_I, Value::Number(value)) => whole = value,
            (ATTRIBUTE_F, Value::Four(bytes)) => real = f32::from_le_bytes(bytes),
            _ => {}
        }
        Ok(())
    })?;
    Ok((name, whole, real))
}

/// Looks up how many dimensions the transposed inputs have: a permutation names all of them.
fn find_ranks(input: &mut Input, place: u64, end: u64, fused: &mut [Fused]) -> Result<(), ConvertError> {
    input.seek(place)?;
    while let Some(field) = next_field(input, end)? {
        let known = match field.number {
            GRAPH_INITIALIZER => Some(read_initializer(input, &field)?),
            GRAPH_INPUT | GRAPH_VALUE_INFO => read_value_info(input, &field)?,
            _ => None,
        };
        if let Some((name, rank)) = known {
            for node in fused.iter_mut() {
                for side in [0, 1] {
                    if node.inputs[side] == name {
                        node.ranks[side] = Some(rank);
                    }
                }
            }
        }
        input.seek(field.end)?;
    }
    Ok(())
}

fn read_initializer(input: &mut Input, field: &Field) -> Result<(String, usize), ConvertError> {
    let (mut name, mut rank) = (String::new(), 0);
    each_field(input, field, |input, inner| {
        match (inner.number, inner.value) {
            (INITIALIZER_NAME, _) => name = text(input, &inner)?,
            (INITIALIZER_DIMS, Value::Number(_)) => rank += 1,
            // Packed dimensions: a byte without continuation bit ends each.
            (INITIALIZER_DIMS, Value::Bytes { place, len }) if len < 1024 => {
                input.seek(place)?;
                rank += input.bytes(len as usize)?.iter().filter(|&&byte| byte < 0x80).count();
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((name, rank))
}

fn read_value_info(input: &mut Input, field: &Field) -> Result<Option<(String, usize)>, ConvertError> {
    let (mut name, mut rank) = (String::new(), None);
    each_field(input, field, |input, inner| {
        match inner.number {
            VALUE_NAME => name = text(input, &inner)?,
            VALUE_TYPE => each_field(input, &inner, |input, kind| {
                if kind.number != TYPE_TENSOR {
                    return Ok(());
                }
                each_field(input, &kind, |input, part| {
                    if part.number == TENSOR_SHAPE {
                        let mut dims = 0;
                        each_field(input, &part, |_, dim| {
                            dims += usize::from(dim.number == SHAPE_DIM);
                            Ok(())
                        })?;
                        rank = Some(dims);
                    }
                    Ok(())
                })
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(rank.map(|rank| (name, rank)))
}

impl Fused {
    /// Returns the node fields that take this node's place, or nothing if a rank is unknown.
    fn replacement(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut inputs = self.inputs.clone();
        for (side, letter) in ["A", "B"].into_iter().enumerate() {
            if self.transposed[side] {
                let swapped = format!("{}/transposed{letter}", self.output);
                bytes.extend(transpose(&self.inputs[side], &swapped, self.ranks[side]?)?);
                inputs[side] = swapped;
            }
        }
        let inputs = [inputs[0].as_str(), inputs[1].as_str()];
        if self.alpha == 1.0 {
            bytes.extend(node("MatMul", &inputs, &self.output, &self.name, &[]));
        } else {
            let (product, scale) = (format!("{}/unscaled", self.output), format!("{}/alpha", self.output));
            let value = [
                put_bytes(ATTRIBUTE_NAME, b"value_float"),
                put_four(ATTRIBUTE_F, self.alpha.to_le_bytes()),
                put_number(ATTRIBUTE_TYPE, TYPE_FLOAT),
            ];
            bytes.extend(node("MatMul", &inputs, &product, &self.name, &[]));
            bytes.extend(node("Constant", &[], &scale, &scale, &value.concat()));
            bytes.extend(node("Mul", &[&product, &scale], &self.output, &format!("{}/scale", self.name), &[]));
        }
        Some(bytes)
    }

    fn unknown_rank(&self) -> String {
        format!("FusedMatMul {}: the dimensions of an input are not known", self.name)
    }
}

/// Returns a node that swaps the last two of `rank` dimensions.
fn transpose(input: &str, output: &str, rank: usize) -> Option<Vec<u8>> {
    let mut order: Vec<u64> = (0..rank as u64).collect();
    order.swap(rank.checked_sub(2)?, rank - 1);
    let mut attribute = put_bytes(ATTRIBUTE_NAME, b"perm");
    attribute.extend(order.into_iter().flat_map(|axis| put_number(ATTRIBUTE_INTS, axis)));
    attribute.extend(put_number(ATTRIBUTE_TYPE, TYPE_INTS));
    Some(node("Transpose", &[input], output, output, &attribute))
}

/// Returns a node field with at most one attribute.
fn node(op_type: &str, inputs: &[&str], output: &str, name: &str, attribute: &[u8]) -> Vec<u8> {
    let mut body: Vec<u8> = inputs.iter().flat_map(|input| put_bytes(NODE_INPUT, input.as_bytes())).collect();
    body.extend(put_bytes(NODE_OUTPUT, output.as_bytes()));
    body.extend(put_bytes(NODE_NAME, name.as_bytes()));
    body.extend(put_bytes(NODE_OP_TYPE, op_type.as_bytes()));
    if !attribute.is_empty() {
        body.extend(put_bytes(NODE_ATTRIBUTE, attribute));
    }
    put_bytes(GRAPH_NODE, &body)
}

#[cfg(test)]
#[path = "onnx_tests.rs"]
mod tests;
