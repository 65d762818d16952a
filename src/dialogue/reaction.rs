//! Reactions: what is said, what is sent, what it is called in a read-back.

use super::replies::Sentence;

/// A reaction to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    Heart,
    ThumbsUp,
    ThumbsDown,
    Laugh,
    Smile,
    Sad,
    Angry,
    Wow,
}

/// Parts of the words of the `reaction` slot, most particular first: "thumbs down" is no "thumb".
const WORDS: &[(&str, Reaction)] = &[
    ("down", Reaction::ThumbsDown),
    ("dislike", Reaction::ThumbsDown),
    ("baissé", Reaction::ThumbsDown),
    ("vers le bas", Reaction::ThumbsDown),
    ("n'aime pas", Reaction::ThumbsDown),
    ("n’aime pas", Reaction::ThumbsDown),
    ("heart", Reaction::Heart),
    ("love", Reaction::Heart),
    ("coeur", Reaction::Heart),
    ("cœur", Reaction::Heart),
    ("adore", Reaction::Heart),
    ("bisou", Reaction::Heart),
    ("thumb", Reaction::ThumbsUp),
    ("like", Reaction::ThumbsUp),
    ("pouce", Reaction::ThumbsUp),
    ("aime", Reaction::ThumbsUp),
    ("laugh", Reaction::Laugh),
    ("haha", Reaction::Laugh),
    ("sourire", Reaction::Smile),
    ("rire", Reaction::Laugh),
    ("smil", Reaction::Smile),
    ("sad", Reaction::Sad),
    ("cry", Reaction::Sad),
    ("frown", Reaction::Sad),
    ("triste", Reaction::Sad),
    ("larmes", Reaction::Sad),
    ("pleurs", Reaction::Sad),
    ("angry", Reaction::Angry),
    ("mad", Reaction::Angry),
    ("colère", Reaction::Angry),
    ("fâché", Reaction::Angry),
    ("wow", Reaction::Wow),
    ("waouh", Reaction::Wow),
];

impl Reaction {
    /// Reads the words of the `reaction` slot.
    pub fn read(said: &str) -> Option<Self> {
        let said = said.to_lowercase();
        WORDS.iter().find(|(word, _)| said.contains(word)).map(|(_, reaction)| *reaction)
    }

    /// What is sent.
    pub const fn emoji(self) -> &'static str {
        match self {
            Self::Heart => "❤️",
            Self::ThumbsUp => "👍",
            Self::ThumbsDown => "👎",
            Self::Laugh => "😂",
            Self::Smile => "🙂",
            Self::Sad => "😢",
            Self::Angry => "😠",
            Self::Wow => "😮",
        }
    }

    /// What it is called aloud.
    pub const fn spoken(self) -> Sentence {
        match self {
            Self::Heart => Sentence::new("a-heart"),
            Self::ThumbsUp => Sentence::new("a-thumbs-up"),
            Self::ThumbsDown => Sentence::new("a-thumbs-down"),
            Self::Laugh => Sentence::new("a-laugh"),
            Self::Smile => Sentence::new("a-smile"),
            Self::Sad => Sentence::new("a-sad-face"),
            Self::Angry => Sentence::new("an-angry-face"),
            Self::Wow => Sentence::new("a-wow"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reaction;

    #[test]
    fn reactions_are_told_apart_in_both_languages() {
        for (said, reaction) in [
            ("thumbs down", Reaction::ThumbsDown),
            ("a thumbs up", Reaction::ThumbsUp),
            ("Un pouce", Reaction::ThumbsUp),
            ("pouce baissé", Reaction::ThumbsDown),
            ("je n'aime pas", Reaction::ThumbsDown),
            ("un cœur", Reaction::Heart),
            ("heart eyes", Reaction::Heart),
            ("sourire", Reaction::Smile),
            ("rire", Reaction::Laugh),
        ] {
            assert_eq!(Reaction::read(said), Some(reaction), "{said}");
        }
        assert_eq!(Reaction::read("a cake"), None);
    }
}
