//! Programs against the interpreter: random policies on random rows, and the shipped policies on every row that matters.
//! Opinion, failure and the facts read must be the same.
//!
//! `STILLGOOD_PAIRS=10000000 cargo test --release --lib policy::differential -- --nocapture` compares that many pairs of a
//! policy and a row, and prints what was among them.

mod ageing;
mod bugs;
mod conditions;
mod grammar;
mod rows;
mod shipped;
mod statements;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use grammar::{CONSTRUCTS, Written};
use rhai::Engine;

use super::diagnostic::Severity;
use super::program::Program;
use super::program::{Frame, Machine};
use super::sandbox::{self, Failure, Params, Reading};
use super::set::Manifest;
use super::source::Given;
use super::{check, lower, syntax};
use crate::facts::{Facts, Schema};
use crate::verdict::Opinion;

/// Rows on which each random policy is asked.
const ROWS: u64 = 25;

/// Random numbers, the same for the same seed: SplitMix64.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.throw() % end as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.throw() % 100 < percent
    }

    fn of<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len())]
    }
}

/// What policies may name.
struct World {
    engine: Engine,
    schema: Arc<Schema>,
    params: Arc<Params>,
}

/// A policy in both forms.
struct Compiled {
    ast: rhai::AST,
    program: Program,
    tree: syntax::Policy,
    facts: BTreeSet<usize>,
    vouches: bool,
}

impl World {
    /// The schema, and parameters and request keys of every type.
    fn of(set: &str) -> Self {
        let set = Manifest::parse(set).unwrap();
        World {
            engine: sandbox::engine(),
            schema: Arc::new(Schema::with_keys(&set.keys)),
            params: Arc::new(set.params),
        }
    }

    /// `Err` with what the checker has against it.
    fn compile(&self, source: &str) -> Result<Compiled, String> {
        let mut problems = vec![];
        let first = |problems: &[super::Problem]| {
            let mut errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
            errors.next().map(|problem| format!("{problem:?}"))
        };
        let Some((tree, ast)) = syntax::parse(&self.engine, source, &mut problems) else {
            return Err(first(&problems).unwrap_or_default());
        };
        let names = self.params.keys().map(String::as_str).collect();
        let check::Learned { facts, vouches } = check::check(&tree, &self.schema, &names, &mut problems);
        let mut program = Program::default();
        lower::lower(&tree, &self.schema, &self.params, &mut problems, &mut program);
        first(&problems).map_or(Ok(Compiled { ast, program, tree, facts, vouches }), Err)
    }

    /// What program and interpreter say of a row, or on what they disagree.
    fn ask(&self, policy: &Compiled, facts: &Facts, frame: &mut Frame) -> Result<Said, String> {
        let given = Given { schema: &self.schema, facts };
        let mut machine = Machine::<_, true>::new(&policy.program, &given, frame);
        let said = machine.run(0).map(|opinion| opinion.cloned()).map_err(Failure::from);
        let read = machine.read();
        let reading = Reading::new(Arc::clone(&self.schema), facts.clone(), Arc::clone(&self.params));
        let expected = sandbox::run(&self.engine, &policy.ast, &reading);
        // Where nobody asks for how long it stands, it says the same.
        let untimed = Machine::<_, false>::new(&policy.program, &given, frame).run(0).map(|opinion| opinion.cloned());
        if said == expected && read == reading.read() && untimed.map_err(Failure::from) == expected {
            return Ok(said);
        }
        let names = |read: crate::facts::Read| -> Vec<String> {
            read.places().map(|place| self.schema.facts()[place].name.to_string()).collect()
        };
        let (reads, should) = (names(read), names(reading.read()));
        let row: String = (policy.facts.iter())
            .map(|place| (&self.schema.facts()[*place].name, facts.get(*place)))
            .map(|(name, value)| format!("  {name} = {value:?}\n"))
            .collect();
        Err(format!("row:\n{row}program: {said:?}, read {reads:?}\ninterpreter: {expected:?}, read {should:?}"))
    }
}

type Said = Result<Option<Opinion>, Failure>;

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
struct Tally {
    pairs: u64,
    policies: u64,
    /// Policies that the checker refused, and why the first ones were.
    refused: u64,
    refusals: Vec<String>,
    outcomes: BTreeMap<String, u64>,
    constructs: BTreeMap<&'static str, u64>,
    disagreements: Vec<String>,
}

impl Tally {
    /// Policies of these seeds, each on [`ROWS`] rows, up to so many disagreements.
    fn take(seeds: std::ops::Range<u64>, most: usize) -> Self {
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
            let mut dice = Dice(!seed);
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
