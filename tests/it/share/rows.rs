//! Made-up rows to measure on, the same on every machine. Needs the library's public interface and nothing else.

use stillgood::{Category, Draft, Kind, Score, Span, Timestamp};

/// A row, and how well it fits the question.
pub(crate) struct Made {
    pub(crate) draft: Draft,
    pub(crate) relevance: Score,
}

/// The oldest row is younger than this: five years of 365 days, which is how `policies/survival.toml` counts them.
pub(crate) const OLDEST: Span = Span::from_millis(5 * 365 * 86_400_000);

/// So many rows as they are at this time: lasting facts and happenings in turn, each of one category, category, age and
/// relevance uniform, never confirmed, tied to nothing.
pub(crate) fn rows(seed: u64, count: usize, at: Timestamp) -> Vec<Made> {
    let mut random = SplitMix64(seed);
    let row = |number: usize| {
        let category = Category::ALL[random.below(Category::ALL.len() as u64) as usize];
        let age = Span::from_millis(random.below(OLDEST.millis() as u64) as i64);
        let kind = if number.is_multiple_of(2) { Kind::Semantic } else { Kind::Episodic };
        let id = format!("made-{number:06}").parse().expect("a legal id");
        let stated_at = at.plus(Span::from_millis(-age.millis()));
        let mut draft = Draft::new(id, format!("Made-up memory {number}."), stated_at, kind).expect("a short text");
        draft.traits.categories.insert(category);
        Made { draft, relevance: random.relevance() }
    };
    (0..count).map(row).collect()
}

/// A tiny generator whose numbers are the same everywhere: SplitMix64, from Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014, with the constants of Java's `SplittableRandom`.
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniform from 0 up to, not including, `end`: the upper half of a product, uneven by less than `end` in 2^64.
    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// Uniform from 0 to 1, both included, in millionths.
    pub(crate) fn relevance(&mut self) -> Score {
        Score::from_millionths(self.below(1_000_001) as u32).expect("at most one")
    }
}
