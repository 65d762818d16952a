//! Whisper weights from CTranslate2's file (half precision) to whisper.cpp's.
//!
//! Both hold the same numbers under other names: queries, keys and values lie in one matrix there and in three
//! here; one-dimensional tensors, convolution biases and position tables are single precision here. No number is
//! changed but by exact widening. The loader finds tensors by name, so their order is free; it is fixed here so that
//! the output has one hash.

use std::path::Path;

use super::{
    ConvertError, assets,
    copy::Output,
    ct2::{Model, Width},
    ggml::{self, Header, TensorHead},
};

/// Width of an attention head, the same in all Whisper models.
const HEAD: u32 = 64;
/// Embedding rows of the English-only models, whose vocabulary file lacks its last entry.
const ENGLISH_VOCAB: u32 = 51_864;
/// The entry it lacks.
const END_OF_TEXT: &[u8] = b"<|endoftext|>";

/// The files the conversion reads.
pub(in crate::models) struct WhisperInput<'a> {
    /// CTranslate2 `model.bin`.
    pub(in crate::models) model: &'a Path,
    /// `mel_filters.npz`.
    pub(in crate::models) mel: &'a Path,
    /// The `.tiktoken` file of the model's kind.
    pub(in crate::models) vocabulary: &'a Path,
}

/// Writes the ggml file of a Whisper model to `out`.
pub(in crate::models) fn ct2_to_ggml(input: &WhisperInput<'_>, out: &Path) -> Result<(), ConvertError> {
    let mut model = Model::open(input.model)?;
    let header = header(&model)?;
    let filters = assets::mel_filters(input.mel)?;
    let mut tokens = assets::vocabulary(input.vocabulary)?;
    if header.n_vocab == ENGLISH_VOCAB {
        tokens.push(END_OF_TEXT.to_vec());
    }

    let mut output = Output::create(out)?;
    header.write(&mut output)?;
    output.u32(assets::MEL_BANDS)?;
    output.u32(assets::MEL_BINS)?;
    output.write(&filters)?;
    output.count(tokens.len())?;
    for token in &tokens {
        output.count(token.len())?;
        output.write(token)?;
    }
    for tensor in tensors(&header) {
        tensor.write(&mut model, &mut output)?;
    }
    output.finish()
}

fn header(model: &Model) -> Result<Header, ConvertError> {
    let shape = |name: &str| match model.variable(name)?.dims[..] {
        [rows, columns] => Ok((rows, columns)),
        _ => Err(model.wrong(format!("{name} has not two dimensions"))),
    };
    let layers =
        |side: &str| (0..).take_while(|n| model.has(&format!("{side}/layer_{n}/ffn/layer_norm/gamma"))).count() as u32;
    let (n_audio_ctx, n_audio_state) = shape("encoder/position_encodings/encodings")?;
    let (n_text_ctx, n_text_state) = shape("decoder/position_encodings/encodings")?;
    let (n_vocab, _) = shape("decoder/embeddings/weight")?;
    let [_, n_mels, _] = model.variable("encoder/conv1/weight")?.dims[..] else {
        return Err(model.wrong("encoder/conv1/weight has not three dimensions"));
    };
    if n_mels != assets::MEL_BANDS {
        return Err(model.wrong(format!("wants {n_mels} mel bands, not {}", assets::MEL_BANDS)));
    }
    Ok(Header {
        n_vocab,
        n_audio_ctx,
        n_audio_state,
        n_audio_head: n_audio_state / HEAD,
        n_audio_layer: layers("encoder"),
        n_text_ctx,
        n_text_state,
        n_text_head: n_text_state / HEAD,
        n_text_layer: layers("decoder"),
        n_mels,
        ftype: ggml::F16,
    })
}

/// One tensor of the output and where its data comes from.
struct Tensor {
    name: String,
    variable: String,
    /// Which of equal parts of the variable's rows, and of how many.
    part: (u32, u32),
    /// Written as a column `[n, 1]`, as whisper.cpp wants convolution biases.
    column: bool,
    /// Single precision whatever the shape.
    single: bool,
    /// Nothing is written; the data must be zero.
    zero: bool,
}

impl Tensor {
    fn new(name: String, variable: String) -> Self {
        Self { name, variable, part: (0, 1), column: false, single: false, zero: false }
    }

    fn write(&self, model: &mut Model, output: &mut Output) -> Result<(), ConvertError> {
        let mut dims = model.variable(&self.variable)?.dims.clone();
        let (part, parts) = self.part;
        let rows = dims.first().map_or(0, |rows| rows / parts);
        if let Some(first) = dims.first_mut() {
            *first = rows;
        }
        let range = part * rows..(part + 1) * rows;
        if self.zero {
            return model.check_zero(&self.variable, range);
        }
        let width = if self.single || dims.len() == 1 { Width::F32 } else { Width::F16 };
        if self.column {
            dims.push(1);
        }
        dims.reverse();
        let ftype = match width {
            Width::F16 => ggml::F16,
            Width::F32 => ggml::F32,
        };
        TensorHead { name: self.name.clone(), dims, ftype }.write(output)?;
        model.copy_rows(&self.variable, range, width, output)
    }
}

/// Lists the tensors in the order in which they are written.
fn tensors(header: &Header) -> Vec<Tensor> {
    let mut list = Vec::new();
    for side in ["decoder", "encoder"] {
        let mut table =
            Tensor::new(format!("{side}.positional_embedding"), format!("{side}/position_encodings/encodings"));
        table.single = true;
        list.push(table);
    }
    list.push(Tensor::new("decoder.token_embedding.weight".to_owned(), "decoder/embeddings/weight".to_owned()));
    for n in 0..header.n_text_layer {
        block(&mut list, "decoder", n);
        norm(
            &mut list,
            &format!("decoder.blocks.{n}.cross_attn_ln"),
            &format!("decoder/layer_{n}/attention/layer_norm"),
        );
        cross_attention(&mut list, n);
    }
    norm(&mut list, "decoder.ln", "decoder/layer_norm");
    for conv in ["conv1", "conv2"] {
        list.push(Tensor::new(format!("encoder.{conv}.weight"), format!("encoder/{conv}/weight")));
        let mut bias = Tensor::new(format!("encoder.{conv}.bias"), format!("encoder/{conv}/bias"));
        bias.column = true;
        bias.single = true;
        list.push(bias);
    }
    for n in 0..header.n_audio_layer {
        block(&mut list, "encoder", n);
    }
    norm(&mut list, "encoder.ln_post", "encoder/layer_norm");
    list
}

/// Feed-forward part and self-attention of one block.
fn block(list: &mut Vec<Tensor>, side: &str, n: u32) {
    let (to, from) = (format!("{side}.blocks.{n}"), format!("{side}/layer_{n}"));
    norm(list, &format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"));
    linear(list, &format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"), (0, 1));
    linear(list, &format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"), (0, 1));
    norm(list, &format!("{to}.attn_ln"), &format!("{from}/self_attention/layer_norm"));
    let fused = format!("{from}/self_attention/linear_0");
    linear(list, &format!("{to}.attn.query"), &fused, (0, 3));
    key(list, &format!("{to}.attn.key"), &fused, (1, 3));
    linear(list, &format!("{to}.attn.value"), &fused, (2, 3));
    linear(list, &format!("{to}.attn.out"), &format!("{from}/self_attention/linear_1"), (0, 1));
}

/// The decoder's attention to the encoder's output.
fn cross_attention(list: &mut Vec<Tensor>, n: u32) {
    let (to, from) = (format!("decoder.blocks.{n}.cross_attn"), format!("decoder/layer_{n}/attention"));
    linear(list, &format!("{to}.query"), &format!("{from}/linear_0"), (0, 1));
    key(list, &format!("{to}.key"), &format!("{from}/linear_1"), (0, 2));
    linear(list, &format!("{to}.value"), &format!("{from}/linear_1"), (1, 2));
    linear(list, &format!("{to}.out"), &format!("{from}/linear_2"), (0, 1));
}

fn norm(list: &mut Vec<Tensor>, to: &str, from: &str) {
    list.push(Tensor::new(format!("{to}.weight"), format!("{from}/gamma")));
    list.push(Tensor::new(format!("{to}.bias"), format!("{from}/beta")));
}

fn linear(list: &mut Vec<Tensor>, to: &str, from: &str, part: (u32, u32)) {
    for kind in ["weight", "bias"] {
        let mut tensor = Tensor::new(format!("{to}.{kind}"), format!("{from}/{kind}"));
        tensor.part = part;
        list.push(tensor);
    }
}

/// Keys have no bias in Whisper; CTranslate2 stores zeros for it.
fn key(list: &mut Vec<Tensor>, to: &str, from: &str, part: (u32, u32)) {
    linear(list, to, from, part);
    if let Some(bias) = list.last_mut() {
        bias.zero = true;
    }
}

#[cfg(test)]
#[path = "whisper_tests.rs"]
mod tests;
