//! Style vectors of the neural voice: one file with all voices.
//!
//! The file `kokoro-voices.bin`, little endian:
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `HVOICES1` |
//! | 4 | number of voices, u32 |
//! | 4 | rows of a voice, u32: 510, one for each number of phonemes |
//! | 4 | columns, u32: 256 |
//! | 16 each | names in ASCII, filled with zero bytes, sorted |
//! | rows x columns x 4 each | the vectors, f32, row major, in the order of the names |

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use thiserror::Error;

/// First bytes of the file.
pub(super) const MAGIC: &[u8; 8] = b"HVOICES1";
/// Rows of a voice.
pub(super) const ROWS: u32 = 510;
/// Numbers in a row.
pub(super) const COLUMNS: u32 = 256;
/// Bytes of a name.
pub(super) const NAME_BYTES: usize = 16;
/// More voices than there are; a larger number is damage.
const MOST_VOICES: u32 = 1000;

/// The file of style vectors is unusable; fetch it again.
#[derive(Debug, Error)]
#[error("{path}: {source}: run `herald models fetch kokoro-voices`")]
pub struct VoicesError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub source: io::Error,
}

/// An open file of style vectors; vectors are read when asked for.
#[derive(Debug)]
pub struct StyleVectors {
    file: BufReader<File>,
    path: PathBuf,
    names: Vec<String>,
    rows: u32,
    columns: u32,
}

impl StyleVectors {
    /// Opens the file and reads the names.
    ///
    /// # Errors
    /// If it cannot be read or is not such a file.
    pub fn open(path: &Path) -> Result<Self, VoicesError> {
        Self::read(path).map_err(|source| VoicesError { path: path.to_owned(), source })
    }

    fn read(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::new(File::open(path)?);
        let mut magic = [0; 8];
        file.read_exact(&mut magic)?;
        let [count, rows, columns] = [u32(&mut file)?, u32(&mut file)?, u32(&mut file)?];
        if &magic != MAGIC || count > MOST_VOICES || (rows, columns) != (ROWS, COLUMNS) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a file of style vectors"));
        }
        let mut names = Vec::new();
        for _ in 0..count {
            let mut field = [0; NAME_BYTES];
            file.read_exact(&mut field)?;
            names.push(String::from_utf8_lossy(&field).trim_end_matches('\0').to_owned());
        }
        Ok(Self { file, path: path.to_owned(), names, rows, columns })
    }

    /// Names of the voices, sorted; the first letter tells the language (`a`, `b` English, `f` French).
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the vectors of a voice, `[510][256]` row major: row n is for n phonemes. `None` if there is no such
    /// voice.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn voice(&mut self, name: &str) -> Result<Option<Vec<f32>>, VoicesError> {
        let Some(index) = self.names.iter().position(|known| known == name) else {
            return Ok(None);
        };
        self.vectors(index).map(Some).map_err(|source| VoicesError { path: self.path.clone(), source })
    }

    fn vectors(&mut self, index: usize) -> io::Result<Vec<f32>> {
        let bytes = (self.rows * self.columns * 4) as usize;
        let head = MAGIC.len() + 12 + self.names.len() * NAME_BYTES;
        self.file.seek(SeekFrom::Start((head + index * bytes) as u64))?;
        let mut data = vec![0; bytes];
        self.file.read_exact(&mut data)?;
        let (values, _) = data.as_chunks::<4>();
        Ok(values.iter().map(|value| f32::from_le_bytes(*value)).collect())
    }
}

fn u32(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::models::convert::join_voices;

    fn voice_file(dir: &Path, name: &str, first: f32) -> PathBuf {
        let values = (ROWS * COLUMNS) as usize;
        let data: Vec<u8> = (0..values).flat_map(|n| (first + n as f32).to_le_bytes()).collect();
        let path = dir.join(format!("{name}.bin"));
        fs::write(&path, data).unwrap();
        path
    }

    #[test]
    fn voices_joined_are_read_back_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let files = [voice_file(dir.path(), "ff_siwis", 0.5), voice_file(dir.path(), "af_heart", -7.0)];
        let out = dir.path().join("voices");
        join_voices(&files, &out).unwrap();
        let mut voices = StyleVectors::open(&out).unwrap();
        assert_eq!(voices.names(), ["af_heart", "ff_siwis"]);
        let vectors = voices.voice("ff_siwis").unwrap().unwrap();
        assert_eq!((vectors.len(), vectors[0], vectors[256]), (510 * 256, 0.5, 256.5));
        assert_eq!(voices.voice("af_heart").unwrap().unwrap()[0], -7.0);
        assert_eq!(voices.voice("nobody").unwrap(), None);
    }

    #[test]
    fn a_vector_file_of_the_wrong_size_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("af_heart.bin");
        fs::write(&path, [0; 1024]).unwrap();
        let error = join_voices(&[path], &dir.path().join("voices")).unwrap_err().to_string();
        assert!(error.contains("1024 bytes instead of 522240"), "{error}");
    }

    #[test]
    fn what_is_no_such_file_is_an_error_that_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("voices");
        for content in [&b""[..], b"HVOICES1", b"HVOICES1\xff\xff\xff\xff\x01\0\0\0\x01\0\0\0"] {
            fs::write(&path, content).unwrap();
            let error = StyleVectors::open(&path).unwrap_err().to_string();
            assert!(error.contains("herald models fetch kokoro-voices"), "{error}");
        }
    }
}
