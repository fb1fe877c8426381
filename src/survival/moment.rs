//! A time on a curve: between two steps the chance falls evenly by the day, and is read to half a hundredth, so that a value stands for
//! a while and its end is known.

use super::DAY;
use crate::score::Score;
use crate::time::Span;

/// What a chance that is read is a multiple of, in millionths.
const LEVEL: i64 = 5_000;
/// A chance of 1, in millionths.
const MILLION: i64 = 1_000_000;

/// A day on every curve of the same steps.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    /// The last step that has begun.
    step: usize,
    /// The days since, and those from that step to the next: nothing of nothing after the last.
    passed: i64,
    of: i64,
}

impl Moment {
    /// So long after the first step; what lies before it counts as the first.
    pub(super) fn at(steps: &[Span], time: Span) -> Self {
        let day = time.millis().max(0) / DAY;
        let step = steps.partition_point(|begin| begin.millis() <= day * DAY).saturating_sub(1);
        let begins = |step: usize| steps.get(step).map(|begin| begin.millis() / DAY);
        let (begin, end) = (begins(step).unwrap_or(0), begins(step + 1));
        Moment { step, passed: day - begin, of: end.map_or(0, |end| end - begin) }
    }

    /// The chance there, as exact as the curve has it.
    pub(super) fn exact(self, curve: &[Score]) -> Score {
        score(self.millionths(curve, |chance| chance))
    }

    /// The chance there, to half a hundredth, halves up.
    #[inline]
    pub(super) fn level(self, curve: &[Score]) -> Score {
        self.level_of(curve, |chance| chance)
    }

    /// The same, with each chance of the curve changed.
    #[inline]
    pub(super) fn level_of(self, curve: &[Score], change: impl Fn(Score) -> Score) -> Score {
        score((self.millionths(curve, change) + LEVEL / 2) / LEVEL * LEVEL)
    }

    #[inline]
    fn millionths(self, curve: &[Score], change: impl Fn(Score) -> Score) -> i64 {
        let at = |step: usize| curve.get(step).map(|chance| i64::from(change(*chance).millionths()));
        let Some(now) = at(self.step) else { return 0 };
        if self.of == 0 {
            return now;
        }
        now - (now - at(self.step + 1).unwrap_or(now)) * self.passed / self.of
    }

    /// The day, counted from the first step, from which on the chance is read as less than so many millionths: this one where it
    /// is so already. `None` for never.
    pub(super) fn falls_below(self, millionths: i64, curve: &[Score], steps: &[Span]) -> Option<i64> {
        // The greatest chance that is read as less.
        let less = (millionths.clamp(0, MILLION) + LEVEL - 1) / LEVEL * LEVEL - LEVEL / 2 - 1;
        let day = |step: usize| steps.get(step).map(|begin| begin.millis() / DAY);
        if self.millionths(curve, |chance| chance) <= less {
            return Some(day(self.step)? + self.passed);
        }
        let millionths = |chance: &Score| i64::from(chance.millionths());
        // The first step that has fallen so far is after this one: here it has not.
        let next = curve.partition_point(|chance| millionths(chance) > less);
        let to = millionths(curve.get(next)?);
        let from = millionths(curve.get(next.checked_sub(1)?)?);
        let (begin, length) = (day(next - 1)?, day(next)? - day(next - 1)?);
        // The least number of days in which it falls so far, rounded up.
        let fall = from - to;
        Some(begin + ((from - less) * length + fall - 1) / fall)
    }
}

fn score(millionths: i64) -> Score {
    u32::try_from(millionths).ok().and_then(|chance| Score::from_millionths(chance).ok()).unwrap_or(Score::ZERO)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    fn days(days: &[i64]) -> Vec<Span> {
        days.iter().map(|days| Span::days(*days).unwrap()).collect()
    }

    fn scores(scores: &[&str]) -> Vec<Score> {
        scores.iter().map(|score| score.parse().unwrap()).collect()
    }

    #[test]
    fn between_steps_it_falls_evenly_by_the_day() {
        let (steps, curve) = (days(&[0, 10, 20]), scores(&["1", "0.9", "0.5"]));
        let exact = |time: Span| Moment::at(&steps, time).exact(&curve).to_string();
        let after = |days: i64| exact(Span::days(days).unwrap());
        assert_eq!([0, 1, 9, 10, 11, 20, 5_000].map(after), ["1", "0.99", "0.91", "0.9", "0.86", "0.5", "0.5"]);
        assert_eq!(exact(Span::from_millis(-1)), "1");
        assert_eq!(exact(Span::from_millis(2 * DAY - 1)), "0.99", "a day is whole");
    }

    #[test]
    fn it_is_read_to_half_a_hundredth() {
        let (steps, curve) = (days(&[0]), |chance: &str| scores(&[chance]));
        let level = |chance: &str| Moment::at(&steps, Span::ZERO).level(&curve(chance)).to_string();
        let read = ["1", "0.9975", "0.997499", "0.5025", "0.502499", "0.002499", "0"].map(level);
        assert_eq!(read, ["1", "1", "0.995", "0.505", "0.5", "0", "0"]);
    }

    /// On many random curves, day by day.
    #[test]
    fn it_falls_on_the_day_that_is_said_and_on_none_before() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..200 {
            let mut begins = vec![0];
            let mut chances = vec![1_000_000 - random(3_000) as u32];
            for _ in 0..random(6) {
                begins.push(begins.last().unwrap() + 1 + random(40) as i64);
                let last = u64::from(*chances.last().unwrap());
                chances.push(if random(3) == 0 { last as u32 } else { random(last + 1) as u32 });
            }
            let steps = days(&begins);
            let curve: Vec<Score> = chances.iter().map(|chance| Score::from_millionths(*chance).unwrap()).collect();
            let level = |day: i64| Moment::at(&steps, Span::days(day).unwrap()).level(&curve);
            let last = begins.last().unwrap() + 3;
            for day in 0..last {
                let moment = Moment::at(&steps, Span::days(day).unwrap());
                for below in [i64::from(level(day).millionths()), random(1_000_001) as i64] {
                    let falls = (day..=last).find(|later| i64::from(level(*later).millionths()) < below);
                    let said = moment.falls_below(below, &curve, &steps);
                    assert_eq!(said, falls, "{begins:?} {chances:?} on {day}, below {below}");
                }
            }
        }
    }
}
