//! Reads CTranslate2 `model.bin` files.
//!
//! Little endian, version 6: u32 version; string specification; u32 revision; u32 number of variables; each
//! variable: string name, u8 rank, rank x u32 dimensions, u8 type, u32 bytes, data; then u32 number of aliases with
//! two strings each. A string is a u16 length (its closing zero counted) and its bytes.

use std::{collections::HashMap, path::Path};

use super::{
    ConvertError,
    copy::{Input, Output},
    half::widen,
};

/// The only version this reader knows.
const VERSION: u32 = 6;
/// CTranslate2's number for half precision.
const F16: u8 = 4;
/// More variables than any Whisper model has; a larger number is damage.
const MOST_VARIABLES: u32 = 10_000;

/// Where a variable lies and what shape it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    /// Dimensions, outermost first.
    pub(super) dims: Vec<u32>,
    dtype: u8,
    place: u64,
}

impl Variable {
    /// Values in one row: the product of all dimensions but the first.
    fn row(&self) -> u64 {
        self.dims.iter().skip(1).map(|&dim| u64::from(dim)).product()
    }
}

/// An open model: its variables by name, their data still on disk.
pub(super) struct Model {
    input: Input,
    variables: HashMap<String, Variable>,
}

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// As they are, half precision.
    F16,
    /// Widened to single precision.
    F32,
}

impl Model {
    /// Reads the table of variables of `path`.
    pub(super) fn open(path: &Path) -> Result<Self, ConvertError> {
        let mut input = Input::open(path)?;
        if input.u32()? != VERSION {
            return Err(input.wrong("not a CTranslate2 model of version 6"));
        }
        let specification = string(&mut input)?;
        if specification != "WhisperSpec" {
            return Err(input.wrong(format!("a model of kind {specification:?}, not WhisperSpec")));
        }
        input.u32()?;
        let count = input.u32()?;
        if count > MOST_VARIABLES {
            return Err(input.wrong(format!("claims {count} variables")));
        }
        let mut variables = HashMap::new();
        for _ in 0..count {
            let name = string(&mut input)?;
            let rank = input.array::<1>()?[0];
            let dims = (0..rank).map(|_| input.u32()).collect::<Result<Vec<_>, _>>()?;
            let dtype = input.array::<1>()?[0];
            let bytes = u64::from(input.u32()?);
            let place = input.place()?;
            let values = dims.iter().try_fold(1u64, |product, &dim| product.checked_mul(u64::from(dim)));
            if dtype == F16 && values.and_then(|values| values.checked_mul(2)) != Some(bytes) {
                return Err(input.wrong(format!("{name} has {bytes} bytes, which is not its shape")));
            }
            if place + bytes > input.len() {
                return Err(input.wrong("the file ends too early"));
            }
            input.seek(place + bytes)?;
            variables.insert(name, Variable { dims, dtype, place });
        }
        Ok(Self { input, variables })
    }

    /// Returns a half-precision variable.
    pub(super) fn variable(&self, name: &str) -> Result<&Variable, ConvertError> {
        let variable = self.variables.get(name).ok_or_else(|| self.input.wrong(format!("holds no {name}")))?;
        if variable.dtype != F16 {
            return Err(self.input.wrong(format!("{name} is not half precision")));
        }
        Ok(variable)
    }

    /// Tells whether there is a variable of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// Writes rows `first..first + rows` of a variable to `output`.
    pub(super) fn copy_rows(
        &mut self,
        name: &str,
        rows: std::ops::Range<u32>,
        width: Width,
        output: &mut Output,
    ) -> Result<(), ConvertError> {
        let variable = self.variable(name)?.clone();
        if rows.end > variable.dims.first().copied().unwrap_or(0) {
            return Err(self.input.wrong(format!("{name} has too few rows")));
        }
        self.input.seek(variable.place + u64::from(rows.start) * variable.row() * 2)?;
        let values = u64::from(rows.end - rows.start) * variable.row();
        match width {
            Width::F16 => self.input.copy(values * 2, output),
            Width::F32 => {
                for _ in 0..values {
                    let value = widen(u16::from_le_bytes(self.input.array()?));
                    output.write(&value.to_le_bytes())?;
                }
                Ok(())
            }
        }
    }

    /// Checks that rows of a one-dimensional variable are all zero.
    pub(super) fn check_zero(&mut self, name: &str, rows: std::ops::Range<u32>) -> Result<(), ConvertError> {
        let place = self.variable(name)?.place + u64::from(rows.start) * 2;
        self.input.seek(place)?;
        for _ in rows {
            if u16::from_le_bytes(self.input.array()?) & 0x7fff != 0 {
                return Err(self.input.wrong(format!("{name} has a bias where ggml knows none")));
            }
        }
        Ok(())
    }

    /// Makes a format error about this model.
    pub(super) fn wrong(&self, what: impl Into<String>) -> ConvertError {
        self.input.wrong(what)
    }
}

fn string(input: &mut Input) -> Result<String, ConvertError> {
    let len = u16::from_le_bytes(input.array()?);
    let bytes = input.bytes(usize::from(len))?;
    let text = bytes.strip_suffix(&[0]).unwrap_or(&bytes);
    String::from_utf8(text.to_vec()).map_err(|_| input.wrong("a name is not UTF-8"))
}
