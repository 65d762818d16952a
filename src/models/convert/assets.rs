//! The two things a Whisper model needs beside its weights: mel filters and vocabulary.

use std::{fs, fs::File, io::Read, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::ConvertError;

/// Mel bands of the models Herald uses.
pub(super) const MEL_BANDS: u32 = 80;
/// Bins of a spectrum of 400 samples.
pub(super) const MEL_BINS: u32 = 201;
/// Magic and version of a NumPy array file, version 1.
const NPY_START: &[u8] = b"\x93NUMPY\x01\x00";

/// Reads the array `mel_80` of `mel_filters.npz` (a zip of NumPy array files): `[80][201]` f32, row major,
/// returned as the little-endian bytes of the file.
pub(super) fn mel_filters(path: &Path) -> Result<Vec<u8>, ConvertError> {
    let wrong = |what: &str| ConvertError::Format { path: path.to_owned(), what: what.to_owned() };
    let read = |source| ConvertError::Read { path: path.to_owned(), source };
    let mut zip = zip::ZipArchive::new(File::open(path).map_err(read)?).map_err(|_| wrong("not a zip file"))?;
    let entry = zip.by_name("mel_80.npy").map_err(|_| wrong("holds no mel_80.npy"))?;
    let mut array = Vec::new();
    // The array is 64 kB; what is far larger is not it.
    entry.take(1 << 20).read_to_end(&mut array).map_err(read)?;

    let rest = array.strip_prefix(NPY_START).ok_or_else(|| wrong("mel_80 is not a NumPy array of version 1"))?;
    let (len, rest) = rest.split_first_chunk().ok_or_else(|| wrong("mel_80 ends too early"))?;
    let (header, data) =
        rest.split_at_checked(usize::from(u16::from_le_bytes(*len))).ok_or_else(|| wrong("mel_80 ends too early"))?;
    let header = String::from_utf8_lossy(header);
    let expected = ["'descr': '<f4'", "'fortran_order': False", "'shape': (80, 201)"];
    if !expected.iter().all(|part| header.contains(part)) {
        return Err(wrong("mel_80 is not 80 x 201 f32 in row order"));
    }
    if data.len() != (MEL_BANDS * MEL_BINS * 4) as usize {
        return Err(wrong("mel_80 has the wrong length"));
    }
    Ok(data.to_vec())
}

/// Reads a `.tiktoken` vocabulary: a line a token, `BASE64 RANK`, ranks counting from 0. An empty token is
/// written `=`.
pub(super) fn vocabulary(path: &Path) -> Result<Vec<Vec<u8>>, ConvertError> {
    let text = fs::read_to_string(path).map_err(|source| ConvertError::Read { path: path.to_owned(), source })?;
    let mut tokens = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let token = line
            .split_once(' ')
            .filter(|(_, rank)| rank.parse() == Ok(tokens.len()))
            .and_then(|(token, _)| STANDARD_NO_PAD.decode(token.trim_end_matches('=')).ok());
        tokens.push(token.ok_or_else(|| ConvertError::Format {
            path: path.to_owned(),
            what: format!("line {} is not a token and its rank {}", number + 1, tokens.len()),
        })?);
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_in_rank_order_and_may_be_empty() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.tiktoken");
        fs::write(&path, "IQ== 0\nIHRoZQ== 1\n= 2\n").unwrap();
        assert_eq!(vocabulary(&path).unwrap(), [b"!".to_vec(), b" the".to_vec(), vec![]]);
    }

    #[test]
    fn a_wrong_rank_or_broken_base64_names_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("v.tiktoken");
        for bad in ["IQ== 0\nIg== 2\n", "IQ== 0\n*** 1\n", "IQ== 0\nIg==\n"] {
            fs::write(&path, bad).unwrap();
            assert!(vocabulary(&path).unwrap_err().to_string().contains("line 2"), "{bad:?}");
        }
    }
}
