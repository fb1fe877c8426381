//! Random histories of a vault: imports, retrievals, uses, questions, earnings, links, forgettings and kills, through two handles
//! on one file. After each step the vault must be what a model says, `verify` must hold, and so must the invariants of DESIGN.
//!
//! `STILLGOOD_HISTORIES=10000 cargo test --release --test it -- histories` runs more of them than every test run can;
//! `STILLGOOD_SEED` begins elsewhere. What fails is shrunk, and printed as a story.

mod chance;
mod invariants;
mod model;
mod shrink;
mod step;
mod world;

use chance::Chance;
use model::Blind;
use step::{Said, Step};

/// The history of a number: always the same.
fn history(seed: u64) -> Vec<Step> {
    let mut chance = Chance::new(seed);
    let steps = 4 + chance.below(18);
    chance.history(steps)
}

/// The story of the first of these histories that fails, shrunk.
fn first_failure(seeds: impl IntoIterator<Item = u64>, blind: Blind) -> Option<(u64, String)> {
    seeds.into_iter().find_map(|seed| {
        let history = history(seed);
        let failed = shrink::failure(&history, blind)?;
        let (history, failed) = shrink::shrunk(history, failed, blind);
        Some((seed, shrink::story(&history, &failed)))
    })
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn every_history_keeps_the_invariants() {
    let (count, begin) = (number("STILLGOOD_HISTORIES", 60), number("STILLGOOD_SEED", 1));
    println!("histories {begin} to {}", begin + count - 1);
    let clock = std::time::Instant::now();
    // Two at a time: while one waits for the disk, the other computes.
    let failed = std::thread::scope(|threads| {
        let halves = [0, 1].map(|half| {
            threads.spawn(move || first_failure((begin..begin + count).skip(half).step_by(2), Blind::ToNothing))
        });
        halves.into_iter().filter_map(|half| half.join().unwrap()).min_by_key(|(seed, _)| *seed)
    });
    println!("{count} histories in {:?}", clock.elapsed());
    if let Some((seed, story)) = failed {
        panic!("history {seed}, shrunk:\n{story}");
    }
}

/// The checker is held against bugs that are known: each is found, and its story is short.
fn story_of(blind: Blind) -> String {
    let (seed, story) = first_failure(1..1_000, blind).expect("a bug is found");
    println!("history {seed}:\n{story}");
    story
}

#[test]
fn a_lost_confirmation_is_told_in_two_steps() {
    let story = story_of(Blind::ToConfirmations);
    let lines: Vec<&str> = story.lines().collect();
    assert_eq!(lines.len(), 3, "{story}");
    assert!(lines[0].starts_with("on day ") && lines[0].contains(": an import: m"), "{story}");
    assert!(lines[1].contains("the user confirms m"), "{story}");
    assert!(lines[2].contains("confirmations: found 1, expected 0"), "{story}");
}

#[test]
fn a_dependant_that_is_not_marked_is_told_in_few_steps() {
    let story = story_of(Blind::ToDependants);
    assert!(story.lines().count() <= 5 && story.contains("depends-on m"), "{story}");
}

#[test]
fn a_row_that_gets_fresher_is_told_in_few_steps() {
    let story = story_of(Blind::ToWhatEarningsAreFor);
    assert!(story.lines().count() <= 4, "{story}");
    assert!(story.lines().last().unwrap().starts_with("then: invariant 9: m"), "{story}");
}
