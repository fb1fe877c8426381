//! Whole numbers of 256 bits, as a chain counts in.

use std::fmt;
use std::str::FromStr;

use k256::elliptic_curve::bigint::{NonZero, U256};

use crate::time::Timestamp;

/// A whole number from 0 to 2^256 − 1, Solidity's `uint256`. Its text is decimal, without sign or leading zero.
///
/// ```
/// use stillgood::payment::{NumberError, Uint256};
/// let most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
/// assert_eq!(most.parse::<Uint256>()?.to_string(), most);
/// assert_eq!("-1".parse::<Uint256>(), Err(NumberError::NotANumber));
/// assert!(Uint256::from(9) < Uint256::from(10));
/// # Ok::<(), NumberError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Uint256([u8; 32]);

/// Why a text is no such number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not digits alone, or with a leading zero.
    #[error("expected a whole number, without sign or leading zero")]
    NotANumber,
    /// 2^256 or more.
    #[error("the number has more than 256 bits")]
    TooLarge,
}

/// The digits of 2^256 − 1.
const MOST_DIGITS: usize = 78;

impl Uint256 {
    /// From 32 bytes, most significant first; every value is legal.
    pub const fn from_be_bytes(bytes: [u8; 32]) -> Self {
        Uint256(bytes)
    }

    /// 32 bytes, most significant first.
    pub const fn as_be_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The number where it has at most 64 bits.
    pub fn to_u64(&self) -> Option<u64> {
        let (high, low) = self.0.split_last_chunk()?;
        high.iter().all(|byte| *byte == 0).then(|| u64::from_be_bytes(*low))
    }

    /// As seconds since 1970; `None` past the year 9999.
    pub fn to_time(&self) -> Option<Timestamp> {
        let millis = i64::try_from(self.to_u64()?).ok()?.checked_mul(1000)?;
        Timestamp::from_millis(millis).ok()
    }
}

impl From<u64> for Uint256 {
    fn from(number: u64) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().skip(24).zip(number.to_be_bytes()) {
            *to = from;
        }
        Uint256(bytes)
    }
}

impl FromStr for Uint256 {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || text.is_empty() || (text.len() > 1 && text.starts_with('0')) {
            return Err(NumberError::NotANumber);
        }
        if text.len() > MOST_DIGITS {
            return Err(NumberError::TooLarge);
        }
        let number = U256::from_str_radix_vartime(text, 10).map_err(|_| NumberError::TooLarge)?;
        Ok(Uint256(number.to_be_bytes().into()))
    }
}

impl fmt::Display for Uint256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ten = NonZero::new(U256::from(10u8)).expect("ten is not zero");
        let mut rest = U256::from_be_slice(&self.0);
        let mut digits = Vec::with_capacity(MOST_DIGITS);
        loop {
            let (tenth, digit) = rest.div_rem_vartime(&ten);
            digits.push(char::from(b'0' + digit.to_le_bytes().as_ref().first().copied().unwrap_or_default()));
            rest = tenth;
            if rest == U256::ZERO {
                break;
            }
        }
        f.write_str(&digits.into_iter().rev().collect::<String>())
    }
}
