//! What the ggml files of whisper.cpp have in common: header, tensor heads, numbers of types.

use super::{
    ConvertError,
    copy::{Input, Output},
};

/// First four bytes of a file, `ggml` read as a little-endian number.
pub(super) const MAGIC: u32 = 0x6767_6d6c;
/// Type of a tensor of single-precision values, and of a file that holds only such.
pub(super) const F32: u32 = 0;
/// Type of a tensor of half-precision values, and of a file that mostly holds such.
pub(super) const F16: u32 = 1;
/// Type of a tensor in blocks of 32 eight-bit values.
pub(super) const Q8_0: u32 = 8;
/// Type of a file that mostly holds `Q8_0` tensors: ggml's file type 7, plus 1000 times version 2 of the
/// quantised formats, as whisper.cpp writes it.
pub(super) const FILE_Q8_0: u32 = 7 + 2 * 1000;
/// Longest tensor name accepted; real ones have some forty bytes.
const LONGEST_NAME: usize = 256;

/// The eleven numbers after the magic one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Tokens with a row in the embedding; more than the vocabulary lists.
    pub(super) n_vocab: u32,
    /// Positions of the encoder.
    pub(super) n_audio_ctx: u32,
    /// Width of the encoder.
    pub(super) n_audio_state: u32,
    /// Attention heads of the encoder.
    pub(super) n_audio_head: u32,
    /// Blocks of the encoder.
    pub(super) n_audio_layer: u32,
    /// Positions of the decoder.
    pub(super) n_text_ctx: u32,
    /// Width of the decoder.
    pub(super) n_text_state: u32,
    /// Attention heads of the decoder.
    pub(super) n_text_head: u32,
    /// Blocks of the decoder.
    pub(super) n_text_layer: u32,
    /// Mel bands.
    pub(super) n_mels: u32,
    /// Type of the file.
    pub(super) ftype: u32,
}

impl Header {
    /// Writes the magic number and the header.
    pub(super) fn write(&self, output: &mut Output) -> Result<(), ConvertError> {
        output.u32(MAGIC)?;
        let Self { n_vocab, n_audio_ctx, n_audio_state, n_audio_head, n_audio_layer, .. } = *self;
        let Self { n_text_ctx, n_text_state, n_text_head, n_text_layer, n_mels, ftype, .. } = *self;
        let audio = [n_vocab, n_audio_ctx, n_audio_state, n_audio_head, n_audio_layer];
        let text = [n_text_ctx, n_text_state, n_text_head, n_text_layer, n_mels, ftype];
        audio.into_iter().chain(text).try_for_each(|value| output.u32(value))
    }

    /// Reads the magic number and the header.
    pub(super) fn read(input: &mut Input) -> Result<Self, ConvertError> {
        if input.u32()? != MAGIC {
            return Err(input.wrong("not a ggml file"));
        }
        Ok(Self {
            n_vocab: input.u32()?,
            n_audio_ctx: input.u32()?,
            n_audio_state: input.u32()?,
            n_audio_head: input.u32()?,
            n_audio_layer: input.u32()?,
            n_text_ctx: input.u32()?,
            n_text_state: input.u32()?,
            n_text_head: input.u32()?,
            n_text_layer: input.u32()?,
            n_mels: input.u32()?,
            ftype: input.u32()?,
        })
    }
}

/// What stands before a tensor's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TensorHead {
    /// Name.
    pub(super) name: String,
    /// Dimensions in ggml's order, innermost first.
    pub(super) dims: Vec<u32>,
    /// Type of the values.
    pub(super) ftype: u32,
}

impl TensorHead {
    /// Writes the head.
    pub(super) fn write(&self, output: &mut Output) -> Result<(), ConvertError> {
        output.count(self.dims.len())?;
        output.count(self.name.len())?;
        output.u32(self.ftype)?;
        self.dims.iter().try_for_each(|&dim| output.u32(dim))?;
        output.write(self.name.as_bytes())
    }

    /// Reads the next head, or nothing at the end of the file.
    pub(super) fn read(input: &mut Input) -> Result<Option<Self>, ConvertError> {
        if input.place()? == input.len() {
            return Ok(None);
        }
        let (rank, name, ftype) = (input.count()?, input.count()?, input.u32()?);
        if rank == 0 || rank > 4 || name > LONGEST_NAME {
            return Err(input.wrong("a tensor's head is damaged"));
        }
        let dims = (0..rank).map(|_| input.u32()).collect::<Result<Vec<_>, _>>()?;
        let name = String::from_utf8(input.bytes(name)?).map_err(|_| input.wrong("a tensor's name is not UTF-8"))?;
        Ok(Some(Self { name, dims, ftype }))
    }

    /// Number of values, if it is a number a file can hold.
    pub(super) fn values(&self) -> Option<u64> {
        self.dims.iter().try_fold(1u64, |product, &dim| product.checked_mul(u64::from(dim)))
    }
}
