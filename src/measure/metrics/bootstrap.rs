//! Intervals by drawing subjects again: rows of one subject share a life, so they are drawn together.

use super::super::draws::Draws;
use super::ranking::{Bin, Ranking};
use super::{FIGURES, Figures};

/// So many times the subjects are drawn.
pub const RESAMPLES: usize = 200;

/// For each of [`FIGURES`], where the middle 95 in 100 resamples lie; `None` where the figure has no value.
pub type Intervals = [Option<[f64; 2]>; FIGURES.len()];

/// The subjects of every resample: how often each was drawn. All methods are measured on the same ones, so that their
/// differences are paired.
pub(in crate::measure) struct Resamples(Vec<Vec<u32>>);

impl Resamples {
    /// As many are drawn as there are, each as likely as any other, by `Draws` of `bootstrap` and the resample's number.
    pub(in crate::measure) fn of(subjects: usize) -> Self {
        let resample = |number: usize| {
            let mut draws = Draws::of("bootstrap", number);
            let mut often = vec![0_u32; subjects];
            for _ in 0..subjects {
                if let Some(often) = often.get_mut(draws.below(subjects)) {
                    *often += 1;
                }
            }
            often
        };
        Resamples((0..RESAMPLES).map(resample).collect())
    }

    /// The figures of a method in every resample.
    pub(in crate::measure) fn figures(&self, ranking: &Ranking) -> Vec<Figures> {
        self.0.iter().map(|often| ranking.weighed(|subject| weight(often, subject)).figures()).collect()
    }

    /// The interval of the share that held in each of these bins.
    pub(in crate::measure) fn of_bins(&self, ranking: &Ranking, bins: &[Bin]) -> Vec<Option<[f64; 2]>> {
        let shares: Vec<Vec<Option<f64>>> =
            self.0.iter().map(|often| ranking.held_in_bins(bins, |subject| weight(often, subject))).collect();
        (0..bins.len()).map(|bin| middle(shares.iter().filter_map(|all| *all.get(bin)?).collect())).collect()
    }
}

fn weight(often: &[u32], subject: usize) -> u64 {
    often.get(subject).copied().map_or(0, u64::from)
}

/// The intervals of figures that were measured in every resample.
pub(in crate::measure) fn intervals(drawn: &[Figures]) -> Intervals {
    let mut intervals = [None; FIGURES.len()];
    for (place, interval) in intervals.iter_mut().enumerate() {
        *interval = middle(drawn.iter().filter_map(|figures| *figures.get(place)?).collect());
    }
    intervals
}

/// The figures less those of another method, resample by resample.
pub(in crate::measure) fn less(drawn: &[Figures], other: &[Figures]) -> Vec<Figures> {
    let pairs = drawn.iter().zip(other);
    pairs.map(|(a, b)| difference(a, b)).collect()
}

/// One figure less the other.
pub(in crate::measure) fn difference(one: &Figures, other: &Figures) -> Figures {
    let mut difference = *one;
    for (one, other) in difference.iter_mut().zip(other) {
        *one = one.zip(*other).map(|(one, other)| one - other);
    }
    difference
}

/// From the 2.5th to the 97.5th of a hundred, each the value at that rank, rounded outwards.
fn middle(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let low = last * 25 / 1000;
    Some([*values.get(low)?, *values.get(last - low)?])
}
