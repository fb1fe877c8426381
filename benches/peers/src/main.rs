//! A table of policy engines: one policy, the same rows, one run.
//!
//! The policy is `six.rhai`. Each engine has it in the form that it decides fastest, compiled once, and the rows prepared as it
//! likes them; each module says what is left inside the timed loop. A verdict is all that is asked of them.
//!
//!     cargo run --release --manifest-path benches/peers/Cargo.toml
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a benchmark that panics has failed")]

mod by_hand;
mod cedar;
mod cel;
mod engine;
mod grain;
mod measure;
mod ours;
mod rego;
mod rows;
mod script;
mod versions;
mod walker;

use by_hand::{Branch, ByHand, branch};
use engine::Engine;
use rows::{ROWS, Row};
use stillgood::Verdict;
use versions::version_of;
use walker::Walker;

const ROUNDS: usize = 30;

fn main() {
    let rows = rows::rows();
    // No functions registered: the script needs none, and operators on built-in types are built in.
    let rhai = rhai::Engine::new_raw();
    let set = ours::set();
    let mut engines: Vec<Box<dyn Engine + '_>> = vec![
        Box::new(ByHand(&rows)),
        Box::new(Walker::new(&rhai, &rows)),
        Box::new(ours::Ours::new(&set, &rows)),
        Box::new(grain::Grain::new(&rhai, &rows)),
        Box::new(cel::Cel::new(&rows)),
        Box::new(rego::Machine::new(&rows)),
        Box::new(cedar::OneExpression::new(&rows)),
        Box::new(cedar::Policies::new(&rows)),
    ];
    agree(&rows, &mut engines);
    print_shares(&rows);
    let times = measure::nanoseconds_per_row(&mut engines, ROUNDS);
    print_table(&engines, &times);
}

fn print_table(engines: &[Box<dyn Engine + '_>], times: &[f64]) {
    let [by_hand, walker, ..] = times else { panic!("these two stand first") };
    println!("\nMedian of {ROUNDS} rounds over all rows, by turns.\n");
    println!("| engine | version | ns per row | by hand = 1 | tree walker = 1 |");
    println!("|---|---|--:|--:|--:|");
    for (engine, time) in engines.iter().zip(times) {
        let version = engine.package().map_or("", version_of);
        println!("| {} | {version} | {time:.0} | {:.1} | {:.2} |", engine.name(), time / by_hand, time / walker);
    }
}

fn print_shares(rows: &[Row]) {
    println!("{ROWS} rows, on which all engines agree. The branch that decides:\n");
    for wanted in Branch::ALL {
        let taken = rows.iter().filter(|row| branch(row) == wanted).count();
        println!("- {}: {taken}, {:.1} %", wanted.name(), taken as f64 * 100.0 / ROWS as f64);
    }
}

/// Stops unless every engine decides as the function does, row by row, and so does our script.
fn agree(rows: &[Row], engines: &mut [Box<dyn Engine + '_>]) {
    let expected: Vec<Verdict> = rows.iter().map(|row| branch(row).verdict()).collect();
    assert_eq!(script::verdicts(rows), expected, "six.rhai");
    for engine in engines {
        let said: Vec<Verdict> = (0..ROWS).map(|row| engine.decide(row)).collect();
        assert_eq!(said, expected, "{}", engine.name());
    }
}
