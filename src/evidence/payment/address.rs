//! The address of an account on an Ethereum chain.

use std::fmt;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use super::super::keccak::keccak256;

/// The address of an account: the last 20 bytes of Keccak-256 of its public key. Its text is `0x` and 40 hexadecimal digits,
/// whose case is a checksum (EIP-55).
///
/// ```
/// use stillgood::payment::{Address, AddressError};
/// let address: Address = "0x000000000022d473030f116ddee9f6b43ac78ba3".parse()?;
/// assert_eq!(address.to_string(), "0x000000000022D473030F116dDEE9F6B43aC78BA3");
/// let other = "0x000000000022d473030F116dDEE9F6B43aC78BA3".parse::<Address>();
/// assert_eq!(other, Err(AddressError::WrongChecksum));
/// # Ok::<(), AddressError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address([u8; 20]);

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another form.
    #[error("expected `0x` and 40 hexadecimal digits")]
    NotAnAddress,
    /// Digits of both cases, which are not those of the checksum.
    #[error("the case of the address's digits is not its checksum")]
    WrongChecksum,
}

impl Address {
    /// From its bytes; every value is legal.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Address(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Of an uncompressed public key without its first byte: 64 bytes.
    pub(super) fn of_key(key: &[u8; 64]) -> Self {
        let hash = keccak256(&[key]);
        let (_, last) = hash.split_last_chunk().expect("32 bytes are more than 20");
        Address(*last)
    }

    /// The digits in the case of the checksum: a letter is a capital where the hash of the digits in lower case has a
    /// half byte of 8 or more.
    fn digits(&self) -> String {
        let digits = HEXLOWER.encode(&self.0);
        let hash = keccak256(&[digits.as_bytes()]);
        let halves = hash.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
        digits
            .chars()
            .zip(halves)
            .map(|(digit, half)| if half >= 8 { digit.to_ascii_uppercase() } else { digit })
            .collect()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Digits of one case have no checksum; those of both must have the right one.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40).ok_or(AddressError::NotAnAddress)?;
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| AddressError::NotAnAddress)?;
        let address = Address(bytes.try_into().map_err(|_| AddressError::NotAnAddress)?);
        let mixed = digits.contains(|digit: char| digit.is_ascii_lowercase())
            && digits.contains(|digit: char| digit.is_ascii_uppercase());
        if mixed && address.digits() != digits { Err(AddressError::WrongChecksum) } else { Ok(address) }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", self.digits())
    }
}
