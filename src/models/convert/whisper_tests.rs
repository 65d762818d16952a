//! A model of one block each, built by hand, through conversion and quantisation.

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
};

use super::*;
use crate::models::convert::{copy::Input, half, quantise_q8_0};

const N: u32 = 64;
const VOCAB: u32 = 4;

/// A CTranslate2 file in the making.
#[derive(Default)]
struct Ct2 {
    variables: Vec<u8>,
    count: u32,
}

impl Ct2 {
    /// Adds a half-precision variable whose values count up from `first` in steps of one bit.
    fn add(&mut self, name: &str, dims: &[u32], first: u16) {
        let values: u32 = dims.iter().product();
        let data: Vec<u8> = (0..values).flat_map(|n| first.wrapping_add(n as u16 % 509).to_le_bytes()).collect();
        self.put(name, dims, &data);
    }

    fn put(&mut self, name: &str, dims: &[u32], data: &[u8]) {
        self.variables.extend(string(name));
        self.variables.push(dims.len() as u8);
        self.variables.extend(dims.iter().flat_map(|dim| dim.to_le_bytes()));
        self.variables.push(4);
        self.variables.extend((data.len() as u32).to_le_bytes());
        self.variables.extend(data);
        self.count += 1;
    }

    fn norm(&mut self, name: &str) {
        self.add(&format!("{name}/gamma"), &[N], 0x3c00);
        self.add(&format!("{name}/beta"), &[N], 0x2c00);
    }

    /// Adds a matrix of `parts` parts with their bias, of which part `zero` has none.
    fn linear(&mut self, name: &str, parts: u32, zero: Option<u32>, first: u16) {
        self.add(&format!("{name}/weight"), &[parts * N, N], first);
        let bias: Vec<u8> =
            (0..parts * N).flat_map(|n| if zero == Some(n / N) { [0, 0] } else { 0x3800u16.to_le_bytes() }).collect();
        self.put(&format!("{name}/bias"), &[parts * N], &bias);
    }

    fn finish(self) -> Vec<u8> {
        let mut bytes = 6u32.to_le_bytes().to_vec();
        bytes.extend(string("WhisperSpec"));
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(self.count.to_le_bytes());
        bytes.extend(self.variables);
        bytes.extend(0u32.to_le_bytes());
        bytes
    }
}

fn string(text: &str) -> Vec<u8> {
    let len = (text.len() as u16 + 1).to_le_bytes();
    [&len, text.as_bytes(), &[0]].concat()
}

/// Builds the model; `key_bias` gives the keys a bias, which no Whisper model has.
fn model(key_bias: bool) -> Vec<u8> {
    let mut ct2 = Ct2::default();
    let zero = |part| (!key_bias).then_some(part);
    ct2.add("encoder/position_encodings/encodings", &[3, N], 0x3400);
    ct2.add("decoder/position_encodings/encodings", &[2, N], 0x3400);
    ct2.add("decoder/embeddings/weight", &[VOCAB, N], 0x3000);
    for (conv, channels) in [("conv1", 80), ("conv2", N)] {
        ct2.add(&format!("encoder/{conv}/weight"), &[N, channels, 3], 0x3100);
        ct2.add(&format!("encoder/{conv}/bias"), &[N], 0x3200);
    }
    for side in ["encoder", "decoder"] {
        let layer = format!("{side}/layer_0");
        ct2.norm(&format!("{layer}/self_attention/layer_norm"));
        ct2.linear(&format!("{layer}/self_attention/linear_0"), 3, zero(1), 0x2800);
        ct2.linear(&format!("{layer}/self_attention/linear_1"), 1, None, 0x2900);
        ct2.norm(&format!("{layer}/ffn/layer_norm"));
        ct2.linear(&format!("{layer}/ffn/linear_0"), 1, None, 0x2a00);
        ct2.linear(&format!("{layer}/ffn/linear_1"), 1, None, 0x2b00);
        ct2.norm(&format!("{side}/layer_norm"));
    }
    ct2.norm("decoder/layer_0/attention/layer_norm");
    ct2.linear("decoder/layer_0/attention/linear_0", 1, None, 0x2c00);
    ct2.linear("decoder/layer_0/attention/linear_1", 2, zero(0), 0x2d00);
    ct2.linear("decoder/layer_0/attention/linear_2", 1, None, 0x2e00);
    ct2.finish()
}

struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    fn new(model: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("model.bin"), model).unwrap();
        fs::write(dir.path().join("v.tiktoken"), "IQ== 0\nIHRoZQ== 1\n").unwrap();
        let mut zip = zip::ZipWriter::new(File::create(dir.path().join("mel.npz")).unwrap());
        zip.start_file("mel_80.npy", zip::write::SimpleFileOptions::default()).unwrap();
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (80, 201), }\n";
        zip.write_all(b"\x93NUMPY\x01\x00").unwrap();
        zip.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
        zip.write_all(header.as_bytes()).unwrap();
        zip.write_all(&vec![0x11; 80 * 201 * 4]).unwrap();
        zip.finish().unwrap();
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn convert(&self) -> Result<PathBuf, ConvertError> {
        let (model, mel, vocabulary) = (self.path("model.bin"), self.path("mel.npz"), self.path("v.tiktoken"));
        let out = self.path("out.bin");
        ct2_to_ggml(&WhisperInput { model: &model, mel: &mel, vocabulary: &vocabulary }, &out).map(|()| out)
    }
}

/// Reads header, tokens and all tensors with their data.
fn read(path: &Path, bytes_of: impl Fn(&TensorHead) -> usize) -> (Header, u32, Vec<(TensorHead, Vec<u8>)>) {
    let mut input = Input::open(path).unwrap();
    let header = Header::read(&mut input).unwrap();
    assert_eq!((input.u32().unwrap(), input.u32().unwrap()), (80, 201));
    assert_eq!(input.bytes(80 * 201 * 4).unwrap(), vec![0x11; 80 * 201 * 4]);
    let tokens = input.u32().unwrap();
    for _ in 0..tokens {
        let len = input.count().unwrap();
        input.bytes(len).unwrap();
    }
    let mut tensors = Vec::new();
    while let Some(head) = TensorHead::read(&mut input).unwrap() {
        let bytes = bytes_of(&head);
        tensors.push((head, input.bytes(bytes).unwrap()));
    }
    (header, tokens, tensors)
}

fn plain_bytes(head: &TensorHead) -> usize {
    head.values().unwrap() as usize * if head.ftype == ggml::F32 { 4 } else { 2 }
}

#[test]
fn every_tensor_has_its_ggml_name_shape_and_values() {
    let files = Files::new(&model(false));
    let (header, tokens, tensors) = read(&files.convert().unwrap(), plain_bytes);
    assert_eq!((header.n_vocab, header.n_audio_ctx, header.n_audio_state, header.n_audio_head), (VOCAB, 3, N, 1));
    assert_eq!((header.n_audio_layer, header.n_text_ctx, header.n_text_layer, header.n_mels), (1, 2, 1, 80));
    assert_eq!((header.ftype, tokens), (1, 2));
    // Per block 2 norms, 4 + 2 linear layers with weight and bias, one bias (of the keys) less: 15; with attention to
    // the encoder 9 more; 4 for the convolutions, 2 position tables, 2 final norms, the embedding.
    assert_eq!(tensors.len(), 15 + 9 + 15 + 4 + 2 + 4 + 1);

    let tensor = |name: &str| tensors.iter().find(|(head, _)| head.name == name).unwrap_or_else(|| panic!("{name}"));
    let first = |name: &str| u16::from_le_bytes(tensor(name).1[..2].try_into().unwrap());
    // Rows 0, 64 and 128 of the fused matrix, which counts through 509 values.
    for (part, row) in [("query", 0), ("key", 64), ("value", 128)] {
        assert_eq!(first(&format!("encoder.blocks.0.attn.{part}.weight")), 0x2800 + row * 64 % 509);
        assert_eq!(tensor(&format!("encoder.blocks.0.attn.{part}.weight")).0.dims, [N, N]);
    }
    assert!(!tensors.iter().any(|(head, _)| head.name.ends_with("key.bias")));
    assert_eq!(first("decoder.blocks.0.cross_attn.out.weight"), 0x2e00);
    let (head, data) = tensor("encoder.conv1.bias");
    assert_eq!((head.dims.as_slice(), head.ftype), (&[1, N][..], ggml::F32));
    assert_eq!(f32::from_le_bytes(data[4..8].try_into().unwrap()), half::widen(0x3201));
    let (head, _) = tensor("encoder.conv1.weight");
    assert_eq!((head.dims.as_slice(), head.ftype), (&[3, 80, N][..], ggml::F16));
    let (head, data) = tensor("decoder.positional_embedding");
    assert_eq!((head.dims.as_slice(), head.ftype), (&[N, 2][..], ggml::F32));
    assert_eq!(f32::from_le_bytes(data[..4].try_into().unwrap()), half::widen(0x3400));
}

#[test]
fn quantising_packs_the_matrices_and_keeps_the_rest() {
    let files = Files::new(&model(false));
    let out = files.path("q.bin");
    let plain_path = files.convert().unwrap();
    quantise_q8_0(&plain_path, &out).unwrap();
    let (_, _, plain) = read(&plain_path, plain_bytes);
    let (header, _, packed) = read(&out, |head| match head.ftype {
        ggml::Q8_0 => head.values().unwrap() as usize / 32 * 34,
        _ => plain_bytes(head),
    });
    assert_eq!(header.ftype, 2007);
    for ((plain, values), (head, bytes)) in plain.iter().zip(&packed) {
        assert_eq!((&plain.name, &plain.dims), (&head.name, &head.dims));
        let weight = plain.ftype == ggml::F16 && plain.dims.len() == 2;
        assert_eq!(head.ftype, if weight { ggml::Q8_0 } else { plain.ftype }, "{}", head.name);
        if weight {
            let scale = half::widen(u16::from_le_bytes(bytes[..2].try_into().unwrap()));
            for n in 0..32 {
                let value = half::widen(u16::from_le_bytes(values[2 * n..2 * n + 2].try_into().unwrap()));
                let back = f32::from(bytes[2 + n].cast_signed()) * scale;
                // Half a step, and what rounding the scale to 11 bits moves 127 steps.
                assert!((value - back).abs() <= scale * 0.57, "{} {n}: {value} {back}", head.name);
            }
        } else {
            assert_eq!(bytes, values, "{}", head.name);
        }
    }
}

#[test]
fn a_key_with_a_bias_is_refused() {
    let error = Files::new(&model(true)).convert().unwrap_err().to_string();
    assert!(error.contains("linear_0/bias") && error.contains("bias where ggml knows none"), "{error}");
}

#[test]
fn a_damaged_file_is_an_error_wherever_it_ends() {
    let whole = model(false);
    for len in (0..64).chain((64..whole.len() - 4).step_by(7919)) {
        assert!(Files::new(&whole[..len]).convert().is_err(), "cut at {len}");
    }
    let files = Files::new(b"<html>not a model</html>");
    assert!(files.convert().unwrap_err().to_string().contains("not a CTranslate2 model"));
    assert!(quantise_q8_0(&files.path("model.bin"), &files.path("q")).unwrap_err().to_string().contains("not a ggml"));
}
