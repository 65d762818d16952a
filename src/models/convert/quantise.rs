//! Eight-bit quantisation of whisper.cpp models (`q8_0`).
//!
//! ggml's block format: 32 values become a half-precision scale `d` = largest magnitude / 127 and 32 signed bytes
//! round(value / d), ties away from zero. As in whisper.cpp's own tool, two-dimensional tensors are quantised, except
//! the convolution biases and the position tables; everything else is copied.

use std::path::Path;

use super::{
    ConvertError,
    copy::{Input, Output},
    ggml::{self, Header, TensorHead},
    half,
};

/// Values in a block.
const BLOCK: usize = 32;
/// Bytes of a quantised block.
const BLOCK_BYTES: usize = 2 + BLOCK;
/// Blocks read at once.
const BLOCKS: usize = 1024;
/// Longest token accepted; real ones have at most some hundred bytes.
const LONGEST_TOKEN: usize = 4096;
/// Two-dimensional, but not weights.
const KEPT: [&str; 4] =
    ["encoder.conv1.bias", "encoder.conv2.bias", "encoder.positional_embedding", "decoder.positional_embedding"];

/// Writes the quantised form of the half-precision ggml file `model` to `out`.
pub(in crate::models) fn quantise_q8_0(model: &Path, out: &Path) -> Result<(), ConvertError> {
    let mut input = Input::open(model)?;
    let header = Header::read(&mut input)?;
    if header.ftype != ggml::F16 {
        return Err(input.wrong("not a half-precision model"));
    }
    let mut output = Output::create(out)?;
    Header { ftype: ggml::FILE_Q8_0, ..header }.write(&mut output)?;
    copy_assets(&mut input, &mut output)?;
    let widened: Vec<f32> = (0..=u16::MAX).map(half::widen).collect();
    while let Some(head) = TensorHead::read(&mut input)? {
        let values = head.values().ok_or_else(|| input.wrong(format!("{} is too large", head.name)))?;
        if head.dims.len() == 2 && !KEPT.contains(&head.name.as_str()) {
            TensorHead { ftype: ggml::Q8_0, ..head.clone() }.write(&mut output)?;
            quantise_tensor(&mut input, &head, &widened, &mut output)?;
        } else {
            head.write(&mut output)?;
            let width = match head.ftype {
                ggml::F32 => 4,
                ggml::F16 => 2,
                other => return Err(input.wrong(format!("{} is of type {other}", head.name))),
            };
            input.copy(values.saturating_mul(width), &mut output)?;
        }
    }
    output.finish()
}

/// Copies mel filters and vocabulary.
fn copy_assets(input: &mut Input, output: &mut Output) -> Result<(), ConvertError> {
    let (bands, bins) = (input.u32()?, input.u32()?);
    output.u32(bands)?;
    output.u32(bins)?;
    input.copy((u64::from(bands) * u64::from(bins)).saturating_mul(4), output)?;
    let tokens = input.count()?;
    output.count(tokens)?;
    for _ in 0..tokens {
        let len = input.count()?;
        if len > LONGEST_TOKEN {
            return Err(input.wrong("a token's length is damaged"));
        }
        output.count(len)?;
        input.copy(len as u64, output)?;
    }
    Ok(())
}

fn quantise_tensor(
    input: &mut Input,
    head: &TensorHead,
    widened: &[f32],
    output: &mut Output,
) -> Result<(), ConvertError> {
    let row = head.dims.first().copied().unwrap_or(0) as usize;
    if head.ftype != ggml::F16 || !row.is_multiple_of(BLOCK) {
        return Err(input.wrong(format!("{} is not half precision in rows of blocks of {BLOCK}", head.name)));
    }
    let mut blocks = head.values().unwrap_or(0) / BLOCK as u64;
    let mut raw = vec![0; BLOCKS * BLOCK * 2];
    let mut packed = Vec::with_capacity(BLOCKS * BLOCK_BYTES);
    while blocks > 0 {
        let now = usize::try_from(blocks).map_or(BLOCKS, |blocks| blocks.min(BLOCKS));
        let raw = &mut raw[..now * BLOCK * 2];
        input.read(raw)?;
        packed.clear();
        for block in raw.chunks_exact(BLOCK * 2) {
            let mut values = [0.0; BLOCK];
            for (value, bytes) in values.iter_mut().zip(block.chunks_exact(2)) {
                *value = widened[usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))];
            }
            packed.extend_from_slice(&quantise_block(&values));
        }
        output.write(&packed)?;
        blocks -= now as u64;
    }
    Ok(())
}

/// Quantises one block: scale first, then the bytes.
fn quantise_block(values: &[f32; BLOCK]) -> [u8; BLOCK_BYTES] {
    let largest = values.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    let scale = largest / 127.0;
    // The inverse of the exact scale, not of its rounded form, as ggml's reference does.
    let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
    let mut packed = [0; BLOCK_BYTES];
    packed[..2].copy_from_slice(&half::narrow(scale).to_le_bytes());
    for (byte, value) in packed[2..].iter_mut().zip(values) {
        // Within -127 to 127 by the choice of the scale.
        *byte = ((value * inverse).round() as i8).cast_unsigned();
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(values: &[f32]) -> (f32, Vec<i8>) {
        let mut all = [0.0; BLOCK];
        all[..values.len()].copy_from_slice(values);
        let packed = quantise_block(&all);
        let scale = half::widen(u16::from_le_bytes([packed[0], packed[1]]));
        (scale, packed[2..2 + values.len()].iter().map(|byte| byte.cast_signed()).collect())
    }

    #[test]
    fn the_largest_magnitude_becomes_127() {
        assert_eq!(block(&[127.0, -64.0, 1.0, 0.0]), (1.0, vec![127, -64, 1, 0]));
        assert_eq!(block(&[-254.0, 2.0]), (2.0, vec![-127, 1]));
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(block(&[127.0, 0.5, -0.5, 1.5, -2.5]), (1.0, vec![127, 1, -1, 2, -3]));
    }

    #[test]
    fn silence_stays_silence() {
        assert_eq!(quantise_block(&[0.0; BLOCK]), [0; BLOCK_BYTES]);
    }

    #[test]
    fn the_bytes_come_from_the_exact_scale_and_the_file_holds_the_rounded_one() {
        // 1/127 is no half-precision number: the stored scale differs, 0.5 must still become 63.5 -> 64.
        let (scale, bytes) = block(&[1.0, 0.5]);
        assert_eq!(bytes, [127, 64]);
        assert_eq!(scale, half::widen(half::narrow(1.0 / 127.0)));
        assert_ne!(scale, 1.0 / 127.0);
    }
}
