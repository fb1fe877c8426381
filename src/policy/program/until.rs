//! For how long what a program says stands: when, with nothing but time passing, a comparison comes out otherwise.

use super::{Fact, Operation, Sign};
use crate::facts::OverTime;

/// A value, and how it moves.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Value {
    pub(super) is: i64,
    pub(super) moves: Motion,
}

/// How much a value gains each millisecond; `None` where nobody worked it out.
pub(super) type Motion = Option<i64>;

/// What stays.
pub(super) const STILL: Motion = Some(0);

impl Value {
    pub(super) const fn still(is: i64) -> Self {
        Value { is, moves: STILL }
    }

    /// After how many milliseconds, if ever, it is no number any more; 0 where nobody worked it out.
    #[cold]
    pub(super) fn overflows_after(self) -> Option<i64> {
        let Some(slope) = self.moves else { return Some(0) };
        let end = if slope > 0 { i64::MAX } else { i64::MIN };
        let room = (i128::from(end) - i128::from(self.is)).checked_div(slope.into())?;
        i64::try_from(room + 1).ok()
    }
}

/// How a fact moves. A step is taken into account where it is read.
#[inline(always)]
pub(super) fn slope(fact: Fact) -> i64 {
    match fact.over_time {
        OverTime::Age => 1,
        OverTime::Left => -1,
        OverTime::Constant | OverTime::Step => 0,
    }
}

/// How that moves which is calculated from two values.
pub(super) fn motion(operation: Operation, a: Value, b: Value) -> Motion {
    match (operation, (a.moves?, b.moves?)) {
        (_, (0, 0)) => STILL,
        (Operation::Add, (a, b)) => a.checked_add(b),
        (Operation::Subtract, (a, b)) => a.checked_sub(b),
        (Operation::Multiply, (slope, 0)) => slope.checked_mul(b.is),
        (Operation::Multiply, (0, slope)) => slope.checked_mul(a.is),
        _ => None,
    }
}

impl Sign {
    /// After how many milliseconds, if ever, a comparison of two values comes out otherwise; 0 where nobody worked it out.
    pub(super) fn flips_after(self, a: Value, b: Value) -> Option<i64> {
        let (Some(fast), Some(slow)) = (a.moves, b.moves) else { return Some(0) };
        if fast == slow {
            return None;
        }
        let after = self.flips(i128::from(a.is) - i128::from(b.is), i128::from(fast) - i128::from(slow))?;
        i64::try_from(after).ok()
    }

    /// The same for two values, the first of which is `ahead` of the second, and gains `slope` on it each millisecond.
    fn flips(self, ahead: i128, slope: i128) -> Option<i128> {
        if slope == 0 {
            return None;
        }
        // Seen from the side that gains.
        let (ahead, slope, sign) = if slope > 0 { (ahead, slope, self) } else { (-ahead, -slope, self.mirrored()) };
        // Nearly always it gains a millisecond each millisecond.
        let reaches = |distance: i128| if slope == 1 { distance } else { (distance + slope - 1) / slope };
        match sign {
            // At −ahead it is level, after it greater.
            Sign::Less | Sign::AtLeast => (ahead < 0).then(|| reaches(-ahead)),
            Sign::AtMost | Sign::Greater => (ahead <= 0).then(|| reaches(1 - ahead)),
            Sign::Equal | Sign::Different if ahead == 0 => Some(1),
            Sign::Equal | Sign::Different => (ahead < 0 && -ahead % slope == 0).then(|| -ahead / slope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the plain way: looking at each millisecond.
    #[test]
    fn a_comparison_flips_when_it_says() {
        use Sign::{AtLeast, AtMost, Different, Equal, Greater, Less};
        for sign in [Equal, Different, Less, AtMost, Greater, AtLeast] {
            for ahead in -40..=40_i128 {
                for slope in -7..=7_i128 {
                    let holds = |after: i128| sign.holds((ahead + slope * after) as i64, 0);
                    let first = (1..=100).find(|after| holds(*after) != holds(0));
                    assert_eq!(sign.flips(ahead, slope), first, "{ahead} {sign:?} 0 at {slope} a millisecond");
                }
            }
        }
    }

    #[test]
    fn what_overflows_later_does_so_when_it_says() {
        for slope in [-5_000_000, -7, -1, 1, 3, 4_096, 4_000_000, i64::MAX, i64::MIN] {
            for is in [i64::MIN, i64::MIN + 1, -(1 << 62), -1, 0, 1, 1 << 61, i64::MAX - 8, i64::MAX] {
                let after = Value { is, moves: Some(slope) }.overflows_after();
                let at = |after: i64| i64::try_from(i128::from(is) + i128::from(slope) * i128::from(after)).is_ok();
                match after {
                    Some(after) => assert!(at(after - 1) && !at(after), "{is} at {slope}: {after}"),
                    None => assert!(at(i64::MAX), "{is} at {slope}"),
                }
            }
            assert_eq!(Value::still(slope).overflows_after(), None);
            assert_eq!(Value { is: slope, moves: None }.overflows_after(), Some(0));
        }
    }
}
