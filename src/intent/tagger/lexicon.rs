//! What kind of word a word is, as far as its being a name goes.

use super::{
    features::hash,
    file::{FileError, Reader, Writer},
};

/// What is known about a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ordinary word.
    Word,
    /// An ordinary word that is also a name: "will", "rose".
    Both,
    /// A first name, or a word that stood in names before.
    Name,
    /// Never seen: names of people are often such words.
    Rare,
    /// A number in digits.
    Number,
}

impl Kind {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Word => "w",
            Self::Both => "b",
            Self::Name => "n",
            Self::Rare => "r",
            Self::Number => "#",
        }
    }
}

/// Words and names, as sorted hashes.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Lexicon {
    names: Vec<u32>,
    words: Vec<u32>,
}

impl Lexicon {
    pub fn new(names: impl IntoIterator<Item = u32>, words: impl IntoIterator<Item = u32>) -> Self {
        let (mut names, mut words): (Vec<u32>, Vec<u32>) = (names.into_iter().collect(), words.into_iter().collect());
        names.sort_unstable();
        words.sort_unstable();
        Self { names, words }
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.numbers(&self.names);
        writer.numbers(&self.words);
    }

    pub fn read(reader: &mut Reader<'_>) -> Result<Self, FileError> {
        Ok(Self { names: reader.numbers()?, words: reader.numbers()? })
    }

    /// Returns what kind of word a folded word is.
    pub fn kind(&self, fold: &str) -> Kind {
        if fold.chars().any(|c| c.is_ascii_digit()) {
            return Kind::Number;
        }
        let number = number(fold);
        let listed = |list: &[u32]| list.binary_search(&number).is_ok();
        match (listed(&self.names), listed(&self.words)) {
            (false, true) => Kind::Word,
            (true, true) => Kind::Both,
            (true, false) => Kind::Name,
            (false, false) => Kind::Rare,
        }
    }
}

/// Returns the number a folded word has in a lexicon.
pub(super) fn number(fold: &str) -> u32 {
    hash("word", &[fold])
}
