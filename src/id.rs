//! Names of things, each with one text form: rows, vaults, decisions, digests, keys.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::text::{hex, unhex};

/// Why a text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("an id or name must not be empty")]
    Empty,
    /// More than 128 bytes.
    #[error("an id or name has at most 128 bytes")]
    TooLong,
    /// A character that could hide or split the id in a signed line.
    #[error("an id or name holds no space, separator, control or invisible character")]
    Separator,
    /// A `+` in a key name.
    #[error("a name of a key holds no `+`")]
    Plus,
    /// Not the hexadecimal digits that were expected.
    #[error("expected {0} lower-case hexadecimal digits")]
    NotHex(usize),
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > 128 {
        return Err(IdError::TooLong);
    }
    // Almost every id is of these alone.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain && text.chars().any(is_hiding) {
        return Err(IdError::Separator);
    }
    Ok(())
}

/// Whether a text is a row's id.
pub(crate) fn is_row_id(text: &str) -> bool {
    check(text).is_ok()
}

/// The hiding characters of `docs/formats.md`: control, space, separator, invisible, and changing the direction of
/// writing. Listed, so that no version of Unicode changes what was signed.
fn is_hiding(c: char) -> bool {
    matches!(u32::from(c),
        0..=0x20 | 0x7F..=0xA0 | 0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x1680 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x2000..=0x200F | 0x2028..=0x202F | 0x205F..=0x206F | 0x2800 | 0x3000 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF
        | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// The id of a memory row: 1 to 128 bytes of UTF-8 without space, separator or control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RowId(Arc<str>);

/// The name of a signing key: as a row id, and without `+`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyName(Arc<str>);

impl RowId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RowId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check(text).map(|()| RowId(text.into()))
    }
}

impl FromStr for KeyName {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check(text)?;
        if text.contains('+') {
            return Err(IdError::Plus);
        }
        Ok(KeyName(text.into()))
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Fixed bytes whose text form is lower-case hexadecimal.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// From its bytes; every value is legal.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                $name(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                unhex(text).map($name).ok_or(IdError::NotHex($bytes * 2))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex(&self.0))
            }
        }
    };
}

hex_id!(
    /// A SHA-256 digest: 32 bytes, 64 hexadecimal digits.
    Digest,
    32
);
hex_id!(
    /// The id of a vault: 16 random bytes, 32 hexadecimal digits.
    VaultId,
    16
);
hex_id!(
    /// The id of a decision: 16 bytes, 32 hexadecimal digits. Equal ids mean the same decision.
    DecisionId,
    16
);

impl Digest {
    /// SHA-256 of the bytes (FIPS 180-4).
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_split_a_signed_line_are_refused() {
        for bad in [
            "",
            "a b",
            "a\nb",
            "a\tb",
            "a\u{2028}b",
            "a\u{a0}b",
            "a\u{85}b",
            "\u{7f}",
            "a\u{202e}b",
            "a\u{200b}b",
            "\u{feff}a",
            "a\u{34f}b",
            "a\u{3164}b",
            "a\u{fe0f}",
            "a\u{e0041}",
        ] {
            assert!(bad.parse::<RowId>().is_err(), "{bad:?}");
        }
        assert!("x".repeat(129).parse::<RowId>().is_err());
        assert!("x".repeat(128).parse::<RowId>().is_ok());
        assert!("a+b".parse::<RowId>().is_ok());
        assert_eq!("a+b".parse::<KeyName>(), Err(IdError::Plus));
    }

    #[test]
    fn digests_have_one_text_form() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!(digest.to_string().to_uppercase().parse::<Digest>().is_err());
    }
}
