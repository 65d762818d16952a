//! A wrapper that keeps spoken words, names and tokens out of logs and error texts.

use std::fmt;

/// Holds something private; `Debug` and `Display` print only how long it is.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Redacted<T>(pub T);

impl<T: AsRef<str>> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} chars>", self.0.as_ref().chars().count())
    }
}

impl<T: AsRef<str>> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Redacted;

    #[test]
    fn neither_debug_nor_display_shows_the_content() {
        let secret = Redacted("Marion");
        assert_eq!(format!("{secret} {secret:?}"), "<6 chars> <6 chars>");
    }
}
