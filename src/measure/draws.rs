//! Numbers that are drawn: the same from the same words, on every machine.

use sha2::{Digest as _, Sha256};

/// The seed of every measurement, in code so that nobody can look for a kind one.
pub(super) const SEED: u64 = 1;

/// The first eight bytes of SHA-256 of `<seed>/<what>`, as a share of 2^64: at least 0, less than 1.
pub(super) fn share(what: &str) -> f64 {
    first_eight(&format!("{SEED}/{what}")) as f64 / TWO_TO_THE_64
}

const TWO_TO_THE_64: f64 = 18_446_744_073_709_551_616.0;

fn first_eight(text: &str) -> u64 {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A stream of numbers: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014), begun at the
/// first eight bytes of SHA-256 of `<seed>/<purpose>/<index>`.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn of(purpose: &str, index: usize) -> Self {
        Draws(first_eight(&format!("{SEED}/{purpose}/{index}")))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// At least 0, less than 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Less than `count`; 0 where that is 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.next()) * count as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// The time to the next event of a process with so many events per unit of time.
    pub(super) fn waiting(&mut self, rate: f64) -> f64 {
        -(1.0 - self.share()).ln() / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // The first numbers that SplitMix64 gives for this seed, as widely published.
        let mut draws = Draws(1_234_567);
        let first = [(); 3].map(|()| draws.next());
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn what_is_drawn_lies_within_its_range_and_depends_on_the_words() {
        // hashlib.sha256(b'1/0').digest()[:8], as a share.
        assert!((share("0") - 0.097_028_839_113_280_72).abs() < 1e-15);
        let mut draws = Draws::of("test", 0);
        let mut seen = [0_usize; 5];
        for _ in 0..1_000 {
            seen[draws.below(5)] += 1;
            assert!((0.0..1.0).contains(&draws.share()));
        }
        assert!(seen.iter().all(|seen| (150..250).contains(seen)), "{seen:?}");
        assert_eq!(draws.below(0), 0);
        let mean = (0..10_000).map(|_| draws.waiting(4.0)).sum::<f64>() / 10_000.0;
        assert!((mean - 0.25).abs() < 0.01, "{mean}");
        assert_ne!(Draws::of("test", 0).next(), Draws::of("test", 1).next());
        assert_ne!(Draws::of("test", 0).next(), Draws::of("other", 0).next());
    }
}
