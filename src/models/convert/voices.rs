//! Joins style vectors, a file a voice, into one file; the format is described in `models::voices`.

use std::path::{Path, PathBuf};

use super::{
    ConvertError,
    copy::{Input, Output},
};
use crate::models::voices::{COLUMNS, MAGIC, NAME_BYTES, ROWS};

/// Writes the style vectors of `files` (`NAME.bin`, f32 little endian, `[510][256]`) to `out`, sorted by name.
pub(in crate::models) fn join_voices(files: &[PathBuf], out: &Path) -> Result<(), ConvertError> {
    let mut voices: Vec<(String, &Path)> =
        files.iter().map(|file| Ok((voice_name(file)?, file.as_path()))).collect::<Result<_, _>>()?;
    voices.sort();
    let mut output = Output::create(out)?;
    output.write(MAGIC)?;
    output.count(voices.len())?;
    output.u32(ROWS)?;
    output.u32(COLUMNS)?;
    for (name, _) in &voices {
        let mut field = [0; NAME_BYTES];
        field[..name.len()].copy_from_slice(name.as_bytes());
        output.write(&field)?;
    }
    let bytes = u64::from(ROWS * COLUMNS * 4);
    for (_, file) in voices {
        let mut input = Input::open(file)?;
        if input.len() != bytes {
            return Err(input.wrong(format!("has {} bytes instead of {bytes}", input.len())));
        }
        input.copy(bytes, &mut output)?;
    }
    output.finish()
}

fn voice_name(file: &Path) -> Result<String, ConvertError> {
    let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let fits = (1..=NAME_BYTES).contains(&name.len()) && name.is_ascii();
    if fits {
        Ok(name.to_owned())
    } else {
        Err(ConvertError::Format { path: file.to_owned(), what: "not a voice's name".to_owned() })
    }
}
