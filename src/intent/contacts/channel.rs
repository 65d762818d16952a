//! How names are misheard: how much likelier what was heard is if a name was spoken than if anything else was.
//!
//! A noisy channel (Kernighan, Church and Gale, "A spelling correction program based on a noisy channel model", 1990)
//! with an edit distance whose costs are learned (Ristad and Yianilos, "Learning string-edit distance", 1998): each sound
//! of the name is heard as some sound or dropped, and sounds are added between them. The numbers are logarithms of odds
//! against the sounds of just any words, so that a long match counts more than a short one.

use crate::intent::sound;

/// Sounds the channel knows, in the alphabet of [`sound`]; all others share the last place.
const ALPHABET: &[u8; SOUNDS - 1] = b"pbtdkgfvszmnlrhwjSZCJTaeiou@N";

/// Number of sounds.
pub(super) const SOUNDS: usize = 30;

/// Longest heard piece that is compared, sounds.
const LONGEST: usize = 40;

/// What happens to sounds on the way from a mouth to a transcript, in natural logarithms.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Channel {
    /// `heard_as[spoken][heard]`: odds that a spoken sound is heard as another, against chance.
    pub heard_as: [[f32; SOUNDS]; SOUNDS],
    /// Probability that a spoken sound is not heard.
    pub dropped: [f32; SOUNDS],
    /// Odds that a sound is heard that was not spoken, against chance.
    pub added: [f32; SOUNDS],
}

/// Sounds by their place in the alphabet.
pub(super) type Places = Vec<u8>;

/// Returns how words sound, as the channel takes them.
pub(super) fn places(sounds: &str) -> Places {
    sounds.bytes().map(place).take(LONGEST).collect()
}

fn place(sound: u8) -> u8 {
    let known = ALPHABET.iter().position(|known| *known == sound).unwrap_or(SOUNDS - 1);
    u8::try_from(known).unwrap_or_default()
}

/// Returns the sound at a place; the last place is that of sounds without a letter of their own.
pub(super) fn sound_at(place: usize) -> u8 {
    ALPHABET.get(place).copied().unwrap_or(b'?')
}

/// Logarithms of odds that a name was spoken when something was heard, for the likeliest way it may have changed; 0 is no
/// evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Odds {
    /// If the name is all that was heard.
    pub whole: f32,
    /// If the name is a piece of what was heard, and what stands before and after it tells nothing: a recogniser runs
    /// names together with their neighbours ("message Rachelle" to "MessageRushelle").
    pub within: f32,
}

impl Odds {
    /// The better of each.
    pub const fn max(self, other: Self) -> Self {
        Self { whole: self.whole.max(other.whole), within: self.within.max(other.within) }
    }
}

impl Channel {
    /// Returns what speaks for `name` when `heard` was heard. A piece is found as a whole is, with free ends (Sellers, "The
    /// theory and computation of evolutionary distances: pattern recognition", 1980).
    pub fn odds(&self, heard: &[u8], name: &[u8]) -> Odds {
        let heard = heard.get(..LONGEST).unwrap_or(heard);
        let mut row = [(0.0_f32, 0.0_f32); LONGEST + 1];
        for (at, sound) in heard.iter().enumerate() {
            row[at + 1].0 = row[at].0 + self.added[usize::from(*sound)];
        }
        for spoken in name {
            let dropped = self.dropped[usize::from(*spoken)];
            let heard_as = &self.heard_as[usize::from(*spoken)];
            let mut diagonal = row[0];
            row[0] = (diagonal.0 + dropped, diagonal.1 + dropped);
            for (at, sound) in heard.iter().enumerate() {
                let (changed, added) = (heard_as[usize::from(*sound)], self.added[usize::from(*sound)]);
                let (above, left) = (row[at + 1], row[at]);
                row[at + 1] = (
                    (diagonal.0 + changed).max(above.0 + dropped).max(left.0 + added),
                    (diagonal.1 + changed).max(above.1 + dropped).max(left.1 + added),
                );
                diagonal = above;
            }
        }
        let ends = row.get(..=heard.len()).unwrap_or_default();
        Odds { whole: row[heard.len()].0, within: ends.iter().map(|end| end.1).fold(f32::MIN, f32::max) }
    }
}

/// The pairs of neighbouring sound classes in a word, by which the names worth comparing are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outline {
    pairs: u128,
    count: u32,
}

impl Outline {
    /// Takes the outline of some sounds.
    pub fn of(sounds: &[u8]) -> Self {
        let classes = sounds.iter().filter_map(|place| class(sound_at(usize::from(*place))));
        let mut before = 0;
        let mut pairs = 0_u128;
        for class in classes.chain([0]) {
            pairs |= 1 << (before * CLASSES + class);
            before = class;
        }
        Self { pairs, count: pairs.count_ones() }
    }

    /// How alike two outlines are, 0 to 1 (Dice's coefficient).
    #[allow(clippy::cast_precision_loss, reason = "at most 121")]
    pub fn overlap(self, other: Self) -> f32 {
        2.0 * (self.pairs & other.pairs).count_ones() as f32 / (self.count + other.count) as f32
    }
}

/// Number of sound classes, the edge of a name among them.
const CLASSES: u32 = 11;

/// Sounds that are easily taken for each other are of one class; weak ones have none.
fn class(sound: u8) -> Option<u32> {
    match sound {
        b'a' => Some(8),
        b'e' | b'i' => Some(9),
        b'o' | b'u' => Some(10),
        other => match sound::consonant_class(other)? {
            b'p' => Some(1),
            b't' => Some(2),
            b'k' => Some(3),
            b's' => Some(4),
            b'S' => Some(5),
            b'n' => Some(6),
            _ => Some(7),
        },
    }
}
