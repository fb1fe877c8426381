//! Programs against the interpreter: random policies on random rows, and the shipped policies on every row that matters.
//! Opinion, failure and the facts read must be the same.
//!
//! `STILLGOOD_PAIRS=10000000 cargo test --release --lib policy::differential -- --nocapture` compares that many pairs of a
//! policy and a row, and prints what was among them.

#[cfg(test)]
mod ageing;
#[cfg(test)]
mod bugs;
mod conditions;
mod grammar;
#[cfg(test)]
mod heads;
#[cfg(test)]
mod kept;
mod rows;
#[cfg(test)]
mod shipped;
mod statements;
#[cfg(test)]
mod tally;
mod values;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use grammar::Written;
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
#[cfg(test)]
const ROWS: u64 = 25;

/// What chance decides: the same for the same seed, or the same bytes.
struct Dice {
    /// What a fuzzer decides; where it ends, the seed goes on.
    bytes: std::collections::VecDeque<u8>,
    seed: u64,
}

impl Dice {
    #[cfg(test)]
    fn of_seed(seed: u64) -> Self {
        Dice { bytes: [].into(), seed }
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        Dice { bytes: bytes.to_vec().into(), seed: 0 }
    }

    fn throw(&mut self) -> u64 {
        if self.bytes.is_empty() { self.split_mix() } else { (0..8).fold(0, |all, _| all << 8 | self.small()) }
    }

    /// One byte of chance: a fuzzer that changes it changes one thing.
    fn small(&mut self) -> u64 {
        self.bytes.pop_front().map_or_else(|| self.split_mix(), u64::from)
    }

    /// SplitMix64.
    fn split_mix(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let thrown = if end <= 256 { self.small() } else { self.throw() };
        (thrown % end as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.small() % 100 < percent
    }

    fn of<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len())]
    }
}

/// Bytes as a policy and rows: programs and the interpreter say the same, or this panics. Whether the checker took the policy.
#[cfg(fuzzing)]
pub(crate) fn compared(bytes: &[u8]) -> bool {
    compare(bytes).unwrap_or_else(|what| panic!("{what}"))
}

/// Whether the checker took the policy; `Err` with what they disagree on.
fn compare(bytes: &[u8]) -> Result<bool, String> {
    const MOST_ROWS: usize = 4;
    static WORLD: LazyLock<World> = LazyLock::new(|| World::of(grammar::SET));
    let (written, mut dice) = Written::by(Dice::of_bytes(bytes), &WORLD.schema);
    let Ok(policy) = WORLD.compile(&written.source) else { return Ok(false) };
    let mut frame = Frame::default();
    for _ in 0..MOST_ROWS {
        let row = rows::random(&mut dice, &WORLD.schema, &policy.facts, &written);
        _ = WORLD.ask(&policy, &row, &mut frame).map_err(|what| format!("{}\n{what}", written.source))?;
    }
    Ok(true)
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
    #[cfg(test)]
    tree: syntax::Policy,
    facts: BTreeSet<usize>,
    #[cfg(test)]
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
        let learned = check::check(&tree, &self.schema, &names, &mut problems);
        let mut program = Program::default();
        lower::lower(&tree, &self.schema, &self.params, &mut problems, &mut program);
        let compiled = Compiled {
            ast,
            program,
            #[cfg(test)]
            tree,
            facts: learned.facts,
            #[cfg(test)]
            vouches: learned.vouches,
        };
        first(&problems).map_or(Ok(compiled), Err)
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
