//! Times, by turns: in each round every engine decides about all rows, so that what slows one slows the others.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::rows::ROWS;

/// The median time of one row, in nanoseconds, for each engine.
pub(crate) fn nanoseconds_per_row(engines: &mut [Box<dyn Engine + '_>], rounds: usize) -> Vec<f64> {
    let mut times: Vec<Vec<Duration>> = vec![vec![]; engines.len()];
    for round in 0..rounds {
        for turn in 0..engines.len() {
            // Another begins each round.
            let place = (round + turn) % engines.len();
            times[place].push(all_rows(&mut *engines[place]));
        }
    }
    times.into_iter().map(|times| median(times).as_secs_f64() * 1e9 / ROWS as f64).collect()
}

/// Once unmeasured, so that the engine that was last does not leave it cold caches.
fn all_rows(engine: &mut dyn Engine) -> Duration {
    let mut took = Duration::ZERO;
    for _ in 0..2 {
        let begun = Instant::now();
        for row in 0..ROWS {
            black_box(engine.decide(black_box(row)));
        }
        took = begun.elapsed();
    }
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
