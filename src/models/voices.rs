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
