//! What an answer is known by: the digest of its text.

use std::fmt;
use std::str::FromStr;

use crate::id::{Digest, IdError};

/// SHA-256 of a text's bytes, without the white space (space, tab, line feed, form feed, carriage return) at its two ends:
/// whoever copies an answer loses or gains a line end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AnswerDigest(Digest);

/// Why bytes are no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Nothing but white space.
    #[error("the answer is empty")]
    Empty,
    /// More than 16 MiB.
    #[error("the answer is longer than 16 MiB")]
    TooLong,
}

impl AnswerDigest {
    /// An answer has at most so many bytes: 16 MiB.
    pub const MOST_BYTES: usize = 16 << 20;

    /// The digest of an answer of 1 to 16,777,216 bytes.
    ///
    /// # Errors
    /// [`AnswerError`] outside these sizes.
    pub fn of(answer: &[u8]) -> Result<Self, AnswerError> {
        match answer.trim_ascii() {
            [] => Err(AnswerError::Empty),
            text if text.len() > Self::MOST_BYTES => Err(AnswerError::TooLong),
            text => Ok(AnswerDigest(Digest::of(text))),
        }
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for AnswerDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AnswerDigest {
    type Err = IdError;

    /// 64 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(AnswerDigest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_at_the_ends_does_not_count() {
        let digest = AnswerDigest::of(b"an answer").unwrap();
        assert_eq!(AnswerDigest::of(b"\r\n an answer\t\x0c\n"), Ok(digest));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!(AnswerDigest::of(b"an  answer") != Ok(digest));
        assert_eq!(AnswerDigest::of(b" \n"), Err(AnswerError::Empty));
        assert_eq!(AnswerDigest::of(&vec![b'a'; AnswerDigest::MOST_BYTES + 1]), Err(AnswerError::TooLong));
    }
}
