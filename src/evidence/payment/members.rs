//! JSON objects whose members each stand once, read by name, and no further than they are asked for.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::address::{Address, AddressError};
use super::number::{NumberError, Uint256};

/// Longer texts are not read.
pub(super) const MOST_TEXT: usize = 2048;

/// Why a member is not what it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// It is not there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// It is there, and is no part of what is signed.
    #[error("a member beside `{0}` is not known here")]
    Unknown(&'static str),
    /// Not an object with each member once.
    #[error("`{0}` is not an object with each member once")]
    NotAnObject(&'static str),
    /// Not a text, or longer than any, or with control characters.
    #[error("`{0}` is not a text of at most {MOST_TEXT} bytes without control characters")]
    NotText(&'static str),
    /// Neither `true` nor `false`.
    #[error("`{0}` is neither true nor false")]
    NotTruth(&'static str),
    /// Not a whole number.
    #[error("`{0}` is not a whole number, without sign or leading zero")]
    NotANumber(&'static str),
    /// More than the number can be.
    #[error("`{0}` is larger than it can be")]
    TooLarge(&'static str),
    /// Not a decimal number.
    #[error("`{0}` is not a decimal number, as a text of at most 28 significant digits")]
    NotADecimal(&'static str),
    /// Not an address.
    #[error("`{0}` is not `0x` and 40 hexadecimal digits")]
    NotAnAddress(&'static str),
    /// An address whose checksum does not hold.
    #[error("`{0}` has digits whose case is not its checksum")]
    WrongChecksum(&'static str),
}

/// The members of an object that have not been taken yet.
pub(super) struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                }
                Ok(members)
            }
        }

        from.deserialize_map(Each).map(Members)
    }
}

impl<'a> Members<'a> {
    /// The members of an object, and nothing after it.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        serde_json::from_str(std::str::from_utf8(text).ok()?).ok()
    }

    /// A member that may be absent; `null` counts as absent.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<&'a RawValue> {
        self.0.remove(name).filter(|value| value.get() != "null")
    }

    /// A member that must be there.
    pub(super) fn value(&mut self, name: &'static str) -> Result<&'a RawValue, MemberError> {
        self.0.remove(name).ok_or(MemberError::Missing(name))
    }

    pub(super) fn object(&mut self, name: &'static str) -> Result<Members<'a>, MemberError> {
        let value = self.value(name)?;
        Members::read(value.get().as_bytes()).ok_or(MemberError::NotAnObject(name))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, MemberError> {
        as_text(name, self.value(name)?)
    }

    pub(super) fn address(&mut self, name: &'static str) -> Result<Address, MemberError> {
        let text = as_text(name, self.value(name)?).map_err(|_| MemberError::NotAnAddress(name))?;
        text.parse().map_err(|error| match error {
            AddressError::NotAnAddress => MemberError::NotAnAddress(name),
            AddressError::WrongChecksum => MemberError::WrongChecksum(name),
        })
    }

    /// A whole number of 256 bits: digits alone, or in quotes.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Uint256, MemberError> {
        as_number(name, self.value(name)?)
    }

    /// A whole number of 64 bits, never in quotes.
    pub(super) fn count(&mut self, name: &'static str) -> Result<u64, MemberError> {
        let value = self.value(name)?;
        let number = of_digits(name, value.get())?;
        number.to_u64().ok_or(MemberError::TooLarge(name))
    }

    pub(super) fn truth(&mut self, name: &'static str) -> Result<bool, MemberError> {
        match self.value(name)?.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(MemberError::NotTruth(name)),
        }
    }

    /// That nothing is left of what stood beside this member.
    pub(super) fn end(&self, beside: &'static str) -> Result<(), MemberError> {
        if self.0.is_empty() { Ok(()) } else { Err(MemberError::Unknown(beside)) }
    }
}

/// A text without control characters.
pub(super) fn as_text(name: &'static str, value: &RawValue) -> Result<String, MemberError> {
    let text: String = serde_json::from_str(value.get()).map_err(|_| MemberError::NotText(name))?;
    let legal = text.len() <= MOST_TEXT && !text.chars().any(char::is_control);
    legal.then_some(text).ok_or(MemberError::NotText(name))
}

/// A whole number: digits alone, or in quotes.
pub(super) fn as_number(name: &'static str, value: &RawValue) -> Result<Uint256, MemberError> {
    if value.get().starts_with('"') {
        let text = as_text(name, value).map_err(|_| MemberError::NotANumber(name))?;
        return of_digits(name, &text);
    }
    of_digits(name, value.get())
}

fn of_digits(name: &'static str, digits: &str) -> Result<Uint256, MemberError> {
    digits.parse().map_err(|error| match error {
        NumberError::NotANumber => MemberError::NotANumber(name),
        NumberError::TooLarge => MemberError::TooLarge(name),
    })
}
