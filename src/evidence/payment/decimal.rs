//! Decimal numbers, exact, with 28 significant digits: as many as the arithmetic has that costs are worked out in.

use std::fmt;

use k256::elliptic_curve::bigint::{NonZero, U256};

/// How many significant digits there are.
const DIGITS: u32 = 28;

/// 10 to that power: every coefficient is less.
const LIMIT: u128 = 10u128.pow(DIGITS);

/// A decimal number from 0 on, with at most 28 significant digits. Equal numbers are equal, however many zeros they end in.
///
/// ```
/// use stillgood::payment::Decimal;
/// assert_eq!(Decimal::parse("0.50"), Decimal::parse("0.5"));
/// assert_eq!(Decimal::parse("0.50").map(|half| half.to_string()).as_deref(), Some("0.5"));
/// assert_eq!(Decimal::parse("-0.5"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Decimal {
    /// Less than 10^28, and without a zero at its end unless it is 0.
    coefficient: u128,
    /// The number is the coefficient divided by 10 to this power.
    scale: i32,
}

impl Decimal {
    /// From digits with perhaps one point between them; `None` for anything else, and past 28 significant digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if text.len() > 128 || !digits(whole) || !digits(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let (coefficient, zeros) = match significant.trim_end_matches('0') {
            "" => (0, 0),
            digits if digits.len() > DIGITS as usize => return None,
            digits => (digits.parse().ok()?, significant.len() - digits.len()),
        };
        Decimal::normal(coefficient, i32::try_from(fraction.len()).ok()? - i32::try_from(zeros).ok()?)
    }

    /// This number divided by 10 to that power.
    pub(super) fn shifted(self, by: i32) -> Option<Self> {
        Decimal::normal(self.coefficient, self.scale.checked_add(by)?)
    }

    /// The product, rounded to 28 significant digits, half to even.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        let product = U256::from(self.coefficient).wrapping_mul(&U256::from(other.coefficient));
        let (mut power, mut cut) = (1u128, 0);
        let limit = U256::from(LIMIT);
        while divided(&product, power).0 >= limit {
            power = power.checked_mul(10)?;
            cut += 1;
        }
        let (mut kept, rest) = divided(&product, power);
        let twice = rest.wrapping_add(&rest);
        let half = U256::from(power);
        if cut > 0 && (twice > half || (twice == half && bool::from(kept.is_odd()))) {
            kept = kept.wrapping_add(&U256::ONE);
        }
        let coefficient = u128::from_be_bytes(*kept.to_be_bytes().as_ref().last_chunk()?);
        Decimal::normal(coefficient, self.scale.checked_add(other.scale)?.checked_sub(cut)?)
    }

    fn normal(mut coefficient: u128, mut scale: i32) -> Option<Self> {
        while coefficient != 0 && coefficient.is_multiple_of(10) {
            coefficient /= 10;
            scale = scale.checked_sub(1)?;
        }
        Some(Decimal { coefficient, scale: if coefficient == 0 { 0 } else { scale } })
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.coefficient == 0
    }
}

fn divided(number: &U256, by: u128) -> (U256, U256) {
    let by = NonZero::new(U256::from(by)).expect("a power of ten is not zero");
    number.div_rem_vartime(&by)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.coefficient.to_string();
        match usize::try_from(self.scale) {
            Ok(0) => f.write_str(&digits),
            Ok(scale) => {
                let digits = format!("{digits:0>width$}", width = scale + 1);
                let (whole, fraction) = digits.split_at(digits.len() - scale);
                write!(f, "{whole}.{fraction}")
            }
            Err(_) => write!(f, "{digits}{:0>width$}", "", width = self.scale.unsigned_abs() as usize),
        }
    }
}
