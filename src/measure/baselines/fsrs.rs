//! FSRS-6, the scheduler of flash cards, with its published default parameters. It models whether a person remembers, not
//! whether a fact still holds; memory systems use it all the same.
//!
//! Formulas and parameters: "The Algorithm" of the FSRS wiki (open-spaced-repetition), and `py-fsrs` 6.3.0, which has the same
//! defaults. Every review is a good one.

/// w₀ to w₂₀.
const W: [f64; 21] = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629,
    1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
];

/// The state of one card after its last review.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Memory {
    /// The days after which it is remembered with a chance of 0.9.
    stability: f64,
    /// From 1 to 10.
    difficulty: f64,
}

impl Memory {
    /// After a first review: S₀ = w₂, D₀ = w₄ − exp(2 w₅) + 1.
    pub(super) fn first() -> Self {
        Memory { stability: W[2], difficulty: initial_difficulty(3).clamp(1.0, 10.0) }
    }

    /// The chance to be remembered so many days after the last review: (1 + f t / S)^−w₂₀, with f so that it is 0.9 at t = S.
    pub(super) fn retrievability(self, days: f64) -> f64 {
        let factor = 0.9_f64.powf(-1.0 / W[20]) - 1.0;
        (1.0 + factor * days.max(0.0) / self.stability).powf(-W[20])
    }

    /// After one more review, so many days after the last.
    pub(super) fn reviewed(self, days: f64) -> Self {
        let Memory { stability: s, difficulty: d } = self;
        if days < 1.0 {
            return self.reviewed_again(1);
        }
        let forgotten = 1.0 - self.retrievability(days);
        let stability = s * (1.0 + W[8].exp() * (11.0 - d) * s.powf(-W[9]) * ((W[10] * forgotten).exp() - 1.0));
        Memory { stability: stability.clamp(0.001, 36_500.0), difficulty: easier(d, 1) }
    }

    /// After so many more reviews at once.
    pub(super) fn reviewed_again(self, times: u32) -> Self {
        let mut stability = self.stability;
        for _ in 0..times {
            // Within a day: S exp(w₁₇ (G − 3 + w₁₈)) S^−w₁₉, which a good review never lowers.
            let growth = (W[17] * W[18]).exp() * stability.powf(-W[19]);
            if growth <= 1.0 {
                break;
            }
            stability *= growth;
        }
        Memory { stability, difficulty: easier(self.difficulty, times) }
    }
}

/// A good review changes the difficulty by its way to that of an easy card alone, and each by the same part of what is left.
fn easier(difficulty: f64, times: u32) -> f64 {
    let easy = initial_difficulty(4);
    (easy + (difficulty - easy) * (1.0 - W[7]).powf(f64::from(times))).clamp(1.0, 10.0)
}

/// D₀ of a grade from 1 to 4.
fn initial_difficulty(grade: i32) -> f64 {
    W[4] - (W[5] * f64::from(grade - 1)).exp() + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6 * b.abs().max(1.0), "{a} is not {b}");
    }

    /// Days since the last review, then stability, difficulty, and the chance a year later: worked out apart from this code.
    #[test]
    fn reviews_are_those_of_the_published_formulas() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/measure.json")).unwrap();
        let reviews: Vec<[f64; 4]> = serde_json::from_value(vectors["reviews"].clone()).unwrap();
        assert_eq!(reviews.len(), 6);
        let mut memory = Memory::first();
        near(memory.stability, 2.3065);
        near(memory.retrievability(2.3065), 0.9);
        near(memory.retrievability(0.0), 1.0);
        for [days, stability, difficulty, after_a_year] in reviews {
            memory = memory.reviewed(days);
            near(memory.stability, stability);
            near(memory.difficulty, difficulty);
            near(memory.retrievability(365.0), after_a_year);
        }
    }

    #[test]
    fn many_reviews_at_once_are_as_many_one_by_one() {
        let start = Memory { stability: 0.5, difficulty: 7.0 };
        let mut one_by_one = start;
        for _ in 0..1_000 {
            one_by_one = one_by_one.reviewed(0.0);
        }
        let at_once = start.reviewed_again(1_000);
        near(at_once.stability, one_by_one.stability);
        near(at_once.difficulty, one_by_one.difficulty);
        assert!(at_once.stability > 2.0 && at_once.difficulty < 6.9);
    }
}
