//! Reading and writing in pieces, with errors that say which side failed.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::ConvertError;

/// Bytes moved at once.
const PIECE: usize = 64 * 1024;

/// A file being read; its errors name it.
pub(super) struct Input {
    file: BufReader<File>,
    path: PathBuf,
    len: u64,
}

impl Input {
    /// Opens `path`.
    pub(super) fn open(path: &Path) -> Result<Self, ConvertError> {
        let read = |source| ConvertError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(read)?;
        let len = file.metadata().map_err(read)?.len();
        Ok(Self { file: BufReader::with_capacity(PIECE, file), path: path.to_owned(), len })
    }

    /// Length of the file in bytes.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Fills `buffer`; the end of the file before that is a format error.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<(), ConvertError> {
        self.file.read_exact(buffer).map_err(|source| {
            if source.kind() == io::ErrorKind::UnexpectedEof {
                self.wrong("the file ends too early")
            } else {
                ConvertError::Read { path: self.path.clone(), source }
            }
        })
    }

    /// Reads `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Result<Vec<u8>, ConvertError> {
        if count as u64 > self.len {
            return Err(self.wrong("a length points past the end of the file"));
        }
        let mut bytes = vec![0; count];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads one little-endian value of `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ConvertError> {
        let mut bytes = [0; N];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a little-endian `u32`.
    pub(super) fn u32(&mut self) -> Result<u32, ConvertError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Reads a little-endian `u32` used as a count or length.
    pub(super) fn count(&mut self) -> Result<usize, ConvertError> {
        Ok(self.u32()? as usize)
    }

    /// Returns the current place, bytes from the start.
    pub(super) fn place(&mut self) -> Result<u64, ConvertError> {
        self.file.stream_position().map_err(|source| ConvertError::Read { path: self.path.clone(), source })
    }

    /// Goes to `place`, bytes from the start; going a little way keeps what was already read.
    pub(super) fn seek(&mut self, place: u64) -> Result<(), ConvertError> {
        let here = self.place()?;
        let moved = match (i64::try_from(place), i64::try_from(here)) {
            (Ok(to), Ok(from)) => self.file.seek_relative(to - from),
            _ => self.file.seek(SeekFrom::Start(place)).map(drop),
        };
        moved.map_err(|source| ConvertError::Read { path: self.path.clone(), source })
    }

    /// Copies the next `count` bytes to `output`.
    pub(super) fn copy(&mut self, count: u64, output: &mut Output) -> Result<(), ConvertError> {
        let mut piece = vec![0; PIECE];
        let mut left = count;
        while left > 0 {
            let now = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            self.read(&mut piece[..now])?;
            output.write(&piece[..now])?;
            left -= now as u64;
        }
        Ok(())
    }

    /// Makes a format error about this file.
    pub(super) fn wrong(&self, what: impl Into<String>) -> ConvertError {
        ConvertError::Format { path: self.path.clone(), what: what.into() }
    }
}

/// A file being written; its errors name it.
pub(super) struct Output {
    file: BufWriter<File>,
    path: PathBuf,
}

impl Output {
    /// Creates `path`, or empties it.
    pub(super) fn create(path: &Path) -> Result<Self, ConvertError> {
        let file = File::create(path).map_err(|source| ConvertError::Write { path: path.to_owned(), source })?;
        Ok(Self { file: BufWriter::with_capacity(PIECE, file), path: path.to_owned() })
    }

    /// Appends `bytes`.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), ConvertError> {
        self.file.write_all(bytes).map_err(|source| ConvertError::Write { path: self.path.clone(), source })
    }

    /// Appends a little-endian `u32`.
    pub(super) fn u32(&mut self, value: u32) -> Result<(), ConvertError> {
        self.write(&value.to_le_bytes())
    }

    /// Appends a length or count as a little-endian `u32`.
    pub(super) fn count(&mut self, value: usize) -> Result<(), ConvertError> {
        let value = u32::try_from(value).map_err(|_| ConvertError::Format {
            path: self.path.clone(),
            what: format!("a count of {value} does not fit the format"),
        })?;
        self.u32(value)
    }

    /// Appends all that `reader` delivers; its errors are about `from`.
    pub(super) fn drain(&mut self, reader: &mut impl Read, from: &Path) -> Result<(), ConvertError> {
        let mut piece = vec![0; PIECE];
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(count) => self.write(&piece[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(ConvertError::Read { path: from.to_owned(), source }),
            }
        }
    }

    /// Writes out what is buffered.
    pub(super) fn finish(mut self) -> Result<(), ConvertError> {
        self.file.flush().map_err(|source| ConvertError::Write { path: self.path.clone(), source })
    }
}

/// Writes the files of `parts` one after the other to `out`.
pub(in crate::models) fn join(parts: &[PathBuf], out: &Path) -> Result<(), ConvertError> {
    let mut output = Output::create(out)?;
    for part in parts {
        let mut input = Input::open(part)?;
        let len = input.len();
        input.copy(len, &mut output)?;
    }
    output.finish()
}
