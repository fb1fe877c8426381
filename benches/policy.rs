//! What policies cost on a row: as programs, by Rhai's own interpreter, and written by hand in Rust.
//! `cargo bench --bench policy`.
//!
//! The set `six` is that of `benches/peers`, where other engines decide the same. All take turns over the same rows in one run;
//! the ratios of their medians are what counts. Every row is decided by all of them first, and they must agree.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark that panics has failed"
)]

mod rows;

use std::hint::black_box;
use std::time::Instant;

use stillgood::{PolicySet, SurvivalTable};

const ROWS: usize = 1_000;
const ROUNDS: usize = 40;

fn main() {
    let home = rows::Home::new();
    let (keys, sealed) = home.sealed(ROWS);
    let request = rows::request(ROWS, ROWS);
    let heads = rows::heads(&keys, &sealed, &request);
    println!("{:<22}{:>14}{:>14}{:>8}", "set", "programs", "interpreter", "ratio");
    for (name, set) in [("six", rows::six()), ("the shipped set", PolicySet::builtin())] {
        let interpreted = set.interpreted();
        let mut times = [vec![], vec![]];
        assert_eq!(rows::verdicts(&set, &heads, &request), rows::verdicts(&interpreted, &heads, &request), "{name}");
        for _ in 0..ROUNDS {
            for (times, set) in times.iter_mut().zip([&set, &interpreted]) {
                let begun = Instant::now();
                black_box(rows::verdicts(set, &heads, &request));
                times.push(begun.elapsed().as_nanos() as f64 / ROWS as f64);
            }
        }
        let [programs, interpreter] = times.map(median);
        println!("{name:<22}{programs:>11.0} ns{interpreter:>11.0} ns{:>8.1}", interpreter / programs);
    }
    for (of, attribute) in [("", None), (", of an attribute", Some("employer")), (", of another", Some("hobby"))] {
        let table = SurvivalTable::from_toml(include_str!("../policies/survival.toml")).unwrap();
        let mut heads = rows::heads(&keys, &sealed, &request);
        for head in &mut heads {
            head.traits.attribute = attribute.map(|name: &str| name.parse().unwrap());
        }
        let times = (0..ROUNDS).map(|_| {
            let begun = Instant::now();
            for head in &heads {
                black_box(table.survival(black_box(head), request.at));
            }
            begun.elapsed().as_nanos() as f64 / ROWS as f64
        });
        println!("the chance that a row still holds{of}: {:.1} ns", median(times.collect()));
    }
    let begun: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            black_box(PolicySet::builtin());
            begun.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    println!("loading and checking the shipped set: {:.1} ms", median(begun));
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
