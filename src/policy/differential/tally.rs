//! Random policies by the thousand: the same from the same seeds, and what was among them.

use std::collections::BTreeMap;

use super::grammar::{self, CONSTRUCTS, Written};
use super::{Dice, ROWS, Said, World, rows};
use crate::policy::program::Frame;
use crate::policy::sandbox::Failure;

/// `none`, the name of an opinion, or a failure without its place.
fn outcome(said: &Said) -> &str {
    match said {
        Ok(None) => "none",
        Ok(Some(opinion)) => opinion.stance.name(),
        Err(Failure::Error(what)) => what.split(" at ").next().unwrap_or(what),
        Err(Failure::OverBudget) => "over budget",
    }
}

const OUTCOMES: [&str; 7] = ["none", "live", "background", "stale", "re_earn", "it overflows", "it divides by zero"];

/// What came of comparing many pairs.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) pairs: u64,
    policies: u64,
    /// Policies that the checker refused, and why the first ones were.
    refused: u64,
    refusals: Vec<String>,
    outcomes: BTreeMap<String, u64>,
    constructs: BTreeMap<&'static str, u64>,
    pub(super) disagreements: Vec<String>,
}

impl Tally {
    /// Policies of these seeds, each on [`ROWS`] rows, up to so many disagreements.
    pub(super) fn take(seeds: std::ops::Range<u64>, most: usize) -> Self {
        let world = World::of(grammar::SET);
        let (mut tally, mut frame) = (Tally::default(), Frame::default());
        for seed in seeds {
            let written = Written::from_seed(seed, &world.schema);
            let policy = match world.compile(&written.source) {
                Ok(policy) => policy,
                Err(why) => {
                    tally.refused += 1;
                    if tally.refusals.len() < 5 {
                        tally.refusals.push(format!("{}\n{why}", written.source));
                    }
                    continue;
                }
            };
            tally.policies += 1;
            let mut dice = Dice::of_seed(!seed);
            for _ in 0..ROWS {
                let row = rows::random(&mut dice, &world.schema, &policy.facts, &written);
                match world.ask(&policy, &row, &mut frame) {
                    Ok(said) => tally.count(&said),
                    Err(what) => {
                        tally.disagreements.push(format!("seed {seed}\n{}\n{what}", written.source));
                        break;
                    }
                }
            }
            if tally.disagreements.len() >= most {
                break;
            }
            for construct in written.constructs {
                *tally.constructs.entry(construct).or_default() += ROWS;
            }
        }
        tally
    }

    fn count(&mut self, said: &Said) {
        self.pairs += 1;
        let outcome = outcome(said);
        match self.outcomes.get_mut(outcome) {
            Some(count) => *count += 1,
            None => _ = self.outcomes.insert(outcome.to_owned(), 1),
        }
    }

    /// Each outcome and construct, and in how many pairs it was.
    fn shares(&self) -> impl Iterator<Item = (&str, u64)> {
        let outcomes = OUTCOMES.iter().map(|name| (*name, self.outcomes.get(*name).copied().unwrap_or(0)));
        let constructs = CONSTRUCTS.iter().map(|name| (*name, self.constructs.get(name).copied().unwrap_or(0)));
        outcomes.chain(constructs)
    }

    fn print(&self) {
        println!("{} policies, {} refused, {} pairs", self.policies, self.refused, self.pairs);
        for refusal in &self.refusals {
            println!("refused: {}", refusal.lines().last().unwrap_or_default());
        }
        for (name, pairs) in self.shares() {
            println!("{name:>40} {pairs:>10} {:>6.2} %", 100.0 * pairs as f64 / self.pairs as f64);
        }
    }
}

#[test]
fn programs_and_the_interpreter_agree_on_random_policies() {
    let pairs = std::env::var("STILLGOOD_PAIRS").ok().map(|pairs| pairs.parse::<u64>().unwrap());
    let mut tally = Tally::default();
    let wanted = pairs.unwrap_or(20_000);
    // A few more seeds stand in for the refused.
    for part in 0.. {
        let (from, size) = (part * 400, 400);
        let more = Tally::take(from..from + size, 5);
        tally.add(more);
        if tally.pairs >= wanted || !tally.disagreements.is_empty() {
            break;
        }
    }
    if pairs.is_some() {
        tally.print();
    }
    assert!(tally.disagreements.is_empty(), "{}", tally.disagreements.join("\n\n"));
    let refused = tally.refusals.join("\n\n");
    assert!(tally.refused * 5 < tally.policies, "{} of {} refused:\n{refused}", tally.refused, tally.policies);
    assert!(tally.outcomes.keys().all(|outcome| OUTCOMES.contains(&outcome.as_str())), "{:?}", tally.outcomes);
    for (name, share) in tally.shares() {
        assert!(share > 0 && (wanted < 1_000_000 || share * 100 >= tally.pairs), "{name}: {share} pairs");
    }
}

impl Tally {
    fn add(&mut self, more: Tally) {
        self.pairs += more.pairs;
        self.policies += more.policies;
        self.refused += more.refused;
        self.refusals.extend(more.refusals);
        self.refusals.truncate(5);
        self.disagreements.extend(more.disagreements);
        more.outcomes.into_iter().for_each(|(name, pairs)| *self.outcomes.entry(name).or_default() += pairs);
        more.constructs.into_iter().for_each(|(name, pairs)| *self.constructs.entry(name).or_default() += pairs);
    }
}
