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
use world::Tally;

/// The history of a number: always the same.
fn history(seed: u64) -> Vec<Step> {
    let mut chance = Chance::new(seed);
    let steps = 6 + chance.below(20);
    chance.history(steps)
}

/// Runs histories until one fails; the failure's number and story, shrunk, or how often what came up.
fn run(seeds: impl IntoIterator<Item = u64>, blind: Blind) -> Result<Tally, (u64, String)> {
    let mut tally = Tally::new();
    for seed in seeds {
        let history = history(seed);
        match shrink::outcome(&history, blind) {
            Ok(more) => more.into_iter().for_each(|(what, count)| *tally.entry(what).or_default() += count),
            Err(failed) => {
                let (history, failed) = shrink::shrunk(history, failed, blind);
                return Err((seed, shrink::story(&history, &failed)));
            }
        }
    }
    Ok(tally)
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// So many are run unless more are asked for.
const DEFAULT: u64 = 60;

#[test]
fn every_history_keeps_the_invariants() {
    let (count, begin) = (number("STILLGOOD_HISTORIES", DEFAULT), number("STILLGOOD_SEED", 1));
    println!("histories {begin} to {}", begin + count - 1);
    let clock = std::time::Instant::now();
    // Two at a time: while one waits for the disk, the other computes.
    let halves = std::thread::scope(|threads| {
        let half = |half| threads.spawn(move || run((begin..begin + count).skip(half).step_by(2), Blind::Nothing));
        [half(0), half(1)].map(|half| half.join().unwrap())
    });
    println!("{count} histories in {:?}", clock.elapsed());
    let failed = halves.iter().filter_map(|half| half.as_ref().err()).min();
    if let Some((seed, story)) = failed {
        panic!("history {seed}, shrunk:\n{story}");
    }
    let mut tally = Tally::new();
    for (what, more) in halves.into_iter().flatten().flatten() {
        *tally.entry(what).or_default() += more;
    }
    println!("{tally:#?}");
    let most = if count >= 1_000 { COMES_UP.len() } else { SOON };
    let missing: Vec<_> = COMES_UP[..most].iter().filter(|what| !tally.contains_key(**what)).collect();
    assert!(count < DEFAULT || missing.is_empty(), "{missing:?} never came up");
}

/// Few rows and few texts, so that each comes back often: in its own characters or in others, after corrections and without.
#[test]
fn what_is_said_again_is_no_fresher() {
    for seed in 1..=12 {
        let history = Chance::new(seed).swinging(30);
        if let Err(failed) = shrink::outcome(&history, Blind::Nothing) {
            let (history, failed) = shrink::shrunk(history, failed, Blind::Nothing);
            panic!("history {seed}, shrunk:\n{}", shrink::story(&history, &failed));
        }
    }
}

/// What a run must have seen to show anything: the first of these in each, all of them in a thousand histories.
const COMES_UP: [&str; 38] = [
    "an import",
    "an opening",
    "a forgetting",
    "a link",
    "a use",
    "questions",
    "somebody is asked",
    "ties are settled",
    "dependants are marked",
    "an earning: confirm",
    "an earning: correct",
    "an earning: deny",
    "an earning: later",
    "an earning: observe",
    "Earn: AnsweredAlready",
    "Earn: Expired",
    "Earn: NotAsked",
    "Earn: NotOwner",
    "Earn: Postdated",
    "Earn: TooEarly",
    "Earn: UnknownKey",
    "Forget: Already",
    "NotAllowed",
    "UnknownRow",
    "Use: OtherRow",
    "refused: a row has no link to itself",
    "refused: it has a link to a row that is not there",
    "an earning: dont-know",
    "Earn: OtherRow",
    "Earn: OtherText",
    "Earn: OwnWords",
    "Earn: SameText",
    "Forget: NotOwner",
    "Use: AnotherDecision",
    "Use: OtherRows",
    "Use: TooEarly",
    "refused: it has a link to a row that was forgotten",
    "refused: it was forgotten, and has no links",
];
const SOON: usize = 27;

/// The checker is held against bugs that are known: each is found, and its story is short.
fn story_of(blind: Blind) -> String {
    let (seed, story) = run(1..1_000, blind).expect_err("a bug is found");
    println!("history {seed}:\n{story}");
    story
}

#[test]
fn a_lost_confirmation_is_told_in_two_steps() {
    let story = story_of(Blind::Confirmations);
    let lines: Vec<&str> = story.lines().collect();
    assert_eq!(lines.len(), 3, "{story}");
    assert!(lines[0].starts_with("on day ") && lines[0].contains(": an import: m"), "{story}");
    assert!(lines[1].contains("the user confirms m"), "{story}");
    assert!(lines[2].contains("confirmations: found 1, expected 0"), "{story}");
}

#[test]
fn a_dependant_that_is_not_marked_is_told_in_few_steps() {
    let story = story_of(Blind::Dependants);
    assert!(story.lines().count() <= 5 && story.contains("depends-on m"), "{story}");
}

#[test]
fn a_row_that_gets_fresher_is_told_in_few_steps() {
    let story = story_of(Blind::Earnings);
    assert!(story.lines().count() <= 4, "{story}");
    assert!(story.lines().last().unwrap().starts_with("then: invariant 9: m"), "{story}");
}
