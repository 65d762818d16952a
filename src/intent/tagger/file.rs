//! The layout of a trained file: a mark, then lists of bytes and numbers, each after its length. Little-endian.

/// What every file begins with: the name of the format and its version.
const MARK: &[u8; 8] = b"HERNLU\x00\x01";

/// A trained file that does not fit this program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the trained file {file} does not fit this program: {what}; train it again with `herald models train`")]
pub struct FileError {
    /// The file.
    pub file: &'static str,
    /// What is wrong with it.
    pub what: String,
}

/// Writes a file.
#[derive(Debug)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub fn new() -> Self {
        Self(MARK.to_vec())
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend(bytes);
    }

    pub fn numbers(&mut self, numbers: &[u32]) {
        self.bytes(&numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>());
    }

    pub fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a file.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    file: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(file: &'static str, bytes: &'a [u8]) -> Result<Self, FileError> {
        let rest = bytes.strip_prefix(MARK);
        let rest = rest.ok_or_else(|| FileError { file, what: "it is of another version".to_owned() })?;
        Ok(Self { file, rest })
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], FileError> {
        let short = || FileError { file: self.file, what: "it ends too early".to_owned() };
        let (length, rest) = self.rest.split_first_chunk::<4>().ok_or_else(short)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (bytes, rest) = rest.split_at_checked(length).ok_or_else(short)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub fn numbers(&mut self) -> Result<Vec<u32>, FileError> {
        let bytes = self.bytes()?;
        Ok(bytes.chunks_exact(4).filter_map(|four| four.try_into().ok().map(u32::from_le_bytes)).collect())
    }
}
