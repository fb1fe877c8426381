//! Methods that let a row live on because it was retrieved. How often a row is retrieved is made up, at a rate of its own that
//! has nothing to do with whether it holds.

use super::super::draws::Draws;
use super::super::protocol::{Row, Sample};
use super::Method;
use super::fsrs::Memory;

/// As how many retrievals each one counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::measure) enum Repeats {
    /// One.
    Once,
    /// A thousand at the same moment.
    Thousandfold,
}

impl Repeats {
    fn count(self) -> u32 {
        match self {
            Repeats::Once => 1,
            Repeats::Thousandfold => 1_000,
        }
    }
}

/// From once a year to once a day, each order of magnitude as likely as any other.
const RAREST: f64 = 1.0 / 365.0;

const DAY: f64 = 86_400_000.0;

/// Decay since the last retrieval, base-level activation, and FSRS-6 with every retrieval as a good review.
///
/// * Decay: 0.995^hours since the last retrieval, else the statement: the recency of Park et al., "Generative agents", 2023.
/// * Base-level activation: B = ln Σ t⁻ᵈ over the statement and every retrieval, t the days since, d = 0.5, and a chance of
///   1 / (1 + exp(−B / s)), s = 0.4: Anderson et al., "An integrated theory of the mind", 2004, with a threshold of 0. A day as
///   the unit is kinder to it than the second of the original.
pub(in crate::measure) fn methods(sample: &Sample, repeats: Repeats) -> [Method; 3] {
    let (mut decay, mut activation, mut reviewed) = (vec![], vec![], vec![]);
    for rows in sample.all_rows().chunk_by(|a, b| a.statement == b.statement) {
        let Some(first) = rows.first() else { continue };
        let line = sample.all_statements().get(first.statement).map_or(0, |one| one.line);
        let days = |row: &Row| row.gap().millis() as f64 / DAY;
        let times = retrievals(line, rows.iter().map(days).fold(0.0, f64::max));
        let (mut memory, mut last, mut reviews) = (Memory::first(), 0.0, times.iter().peekable());
        // From the first question to the last, so that nothing is reviewed twice.
        for row in rows {
            let asked = days(row);
            let before = times.get(..times.partition_point(|time| *time < asked)).unwrap_or_default();
            decay.push(0.995_f64.powf(24.0 * (asked - before.last().copied().unwrap_or(0.0))));
            activation.push(active(before, asked, repeats));
            while let Some(time) = reviews.next_if(|time| **time < asked) {
                memory = memory.reviewed(time - last).reviewed_again(repeats.count() - 1);
                last = *time;
            }
            reviewed.push(memory.retrievability(asked - last));
        }
    }
    [
        Method::new("0.995 per hour since retrieval", decay),
        Method::new("base-level activation", activation),
        Method::new("FSRS-6 on retrieval", reviewed),
    ]
}

/// The days after the statement at which it is retrieved, up to a limit.
fn retrievals(line: usize, limit: f64) -> Vec<f64> {
    let mut draws = Draws::of("retrievals", line);
    let rate = RAREST.powf(draws.share());
    let mut times = vec![];
    let mut time = draws.waiting(rate);
    while time < limit {
        times.push(time);
        time += draws.waiting(rate);
    }
    times
}

fn active(before: &[f64], asked: f64, repeats: Repeats) -> f64 {
    // Nothing is closer than a second.
    let trace = |time: f64| (asked - time).max(1.0 / 86_400.0).powf(-0.5);
    let retrieved: f64 = before.iter().map(|time| trace(*time)).sum();
    let activation = (trace(0.0) + f64::from(repeats.count()) * retrieved).ln();
    1.0 / (1.0 + (-activation / 0.4).exp())
}
