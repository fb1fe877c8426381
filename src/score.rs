//! Scores between 0 and 1, exact: fixed point in millionths, so that a decision never rests on a float.

use std::fmt;
use std::str::FromStr;

/// A score from 0 to 1 in millionths.
///
/// ```
/// use stillgood::Score;
/// let score: Score = "0.1234565".parse()?;
/// assert_eq!(score.millionths(), 123_456); // half to even
/// # Ok::<(), stillgood::ScoreError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Score(u32);

/// Why a text or number is no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Not a decimal number.
    #[error("expected a decimal number such as 0.25")]
    NotANumber,
    /// Below 0 or above 1.
    #[error("a score lies between 0 and 1")]
    OutOfRange,
}

const ONE: u32 = 1_000_000;

impl Score {
    /// The smallest score.
    pub const ZERO: Score = Score(0);
    /// The largest score.
    pub const ONE: Score = Score(ONE);

    /// From millionths.
    ///
    /// # Errors
    /// [`ScoreError::OutOfRange`] above 1,000,000.
    pub const fn from_millionths(millionths: u32) -> Result<Self, ScoreError> {
        if millionths > ONE { Err(ScoreError::OutOfRange) } else { Ok(Score(millionths)) }
    }

    /// In millionths, 0 to 1,000,000.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// One less this.
    #[must_use]
    pub const fn complement(self) -> Self {
        Score(ONE - self.0)
    }
}

impl FromStr for Score {
    type Err = ScoreError;

    /// A decimal number as JSON writes it, rounded to six places, half to even. The range is checked before rounding.
    fn from_str(text: &str) -> Result<Self, ScoreError> {
        let (sign, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| ScoreError::NotANumber)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || text.len() > 400 {
            return Err(ScoreError::NotANumber);
        }
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        // The value is 0.d₁d₂d₃… × 10^point.
        let point = i64::try_from(whole.len()).expect("at most 400 characters") + i64::from(exponent);
        round(&digits, point, sign)
    }
}

/// Rounds 0.d₁d₂… × 10^point to millionths, half to even.
fn round(digits: &[u8], point: i64, negative: bool) -> Result<Score, ScoreError> {
    let leading = digits.iter().take_while(|d| **d == 0).count();
    let digits = digits.get(leading..).unwrap_or_default();
    if digits.is_empty() {
        return Ok(Score::ZERO);
    }
    let point = point - i64::try_from(leading).expect("at most 400 digits");
    let is_one = point == 1 && digits.first() == Some(&1) && digits.iter().skip(1).all(|d| *d == 0);
    if negative || (point > 0 && !is_one) {
        return Err(ScoreError::OutOfRange);
    }
    let kept = point + 6; // how many digits stand before the rounding place
    if kept < 0 {
        return Ok(Score::ZERO);
    }
    let kept = usize::try_from(kept).expect("between 0 and 7");
    let mut value: u32 = 0;
    for place in 0..kept {
        value = value * 10 + u32::from(digits.get(place).copied().unwrap_or(0));
    }
    let next = digits.get(kept).copied().unwrap_or(0);
    let rest = digits.get(kept + 1..).is_some_and(|tail| tail.iter().any(|d| *d != 0));
    if next > 5 || (next == 5 && (rest || value % 2 == 1)) {
        value += 1;
    }
    Score::from_millionths(value)
}

impl fmt::Display for Score {
    /// Decimal, without zeros at the end: `0.25`, `1`, `0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:06}", self.0 / ONE, self.0 % ONE);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_text_is_rounded_half_to_even() {
        for (text, millionths) in [
            ("0", 0),
            ("1", 1_000_000),
            ("1.0", 1_000_000),
            ("0.5", 500_000),
            ("0.0000005", 0),
            ("0.0000015", 2),
            ("0.00000050001", 1),
            ("1e0", 1_000_000),
            ("5e-7", 0),
            ("5.1e-7", 1),
            ("12.5e-2", 125_000),
            ("0.9999999", 1_000_000),
            ("-0", 0),
            ("-0.0", 0),
            ("1e-400", 0),
            ("0.000001", 1),
            ("10e-1", 1_000_000),
            ("0.1234565", 123_456),
            ("0.1234575", 123_458),
        ] {
            assert_eq!(text.parse::<Score>().map(Score::millionths), Ok(millionths), "{text}");
        }
        for text in ["1.0000001", "2", "-0.1", "1e1", "-1e-9", "10"] {
            assert_eq!(text.parse::<Score>(), Err(ScoreError::OutOfRange), "{text}");
        }
        for text in ["", ".5", "5.", "NaN", "inf", "0x1", "1e", "--1", "1,0", "+1"] {
            assert_eq!(text.parse::<Score>(), Err(ScoreError::NotANumber), "{text}");
        }
    }

    #[test]
    fn a_score_prints_what_it_was_read_from() {
        for text in ["0", "1", "0.25", "0.000001", "0.9"] {
            assert_eq!(text.parse::<Score>().unwrap().to_string(), text);
        }
    }
}
