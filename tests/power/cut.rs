//! The power goes: after every write, sync, truncation and deletion of an import, a decision, an earning, a checkpoint.

use std::collections::BTreeSet;

use stillgood::{DecisionId, Pin};

use crate::disk::{Image, Left, Op};
use crate::inspect::{Found, Inspector, NONCE};
use crate::made::{Done, Said, Work};
use crate::support::draft;

/// How closely to look.
pub(crate) struct Look {
    /// Every so many operations, besides those around a sync, a truncation, a name or a promise.
    pub(crate) stride: usize,
    /// So many ways to keep parts, in each size of sector.
    pub(crate) seeds: u64,
}

/// Cuts a run everywhere, and compares what is left with what was promised. How many cuts; or the broken promises.
pub(crate) fn cut_everywhere(done: &Done, look: &Look) -> Result<usize, Vec<String>> {
    let Done { recording, said, trust } = done;
    let ops = &recording.ops;
    let dir = tempfile::tempdir().unwrap();
    let mut inspector = Inspector::new(trust);
    let whole = {
        let mut whole = None;
        recording.cuts(|at| at == ops.len(), |_| vec![Left::Everything], |_, _, image| whole = Some(image));
        revive(dir.path(), &whole.unwrap(), |path| inspector.look(path, None)).unwrap()
    };
    let first_writes = first_writes(ops, &whole.nonces);
    let promises = Promises::of(ops, said);
    let is_near = |at: usize| {
        let around = at.saturating_sub(2)..(at + 2).min(ops.len());
        ops[around].iter().any(|op| !matches!(op, Op::Write { .. }))
    };
    let lefts = |at: usize| {
        let seed = |n: u64| at as u64 * 1_000 + n;
        let parts = (0..look.seeds).flat_map(|n| [512, 4_096].map(|sector| Left::Parts { seed: seed(n), sector }));
        [Left::Nothing, Left::Everything].into_iter().chain(parts).collect()
    };
    let mut cuts = 0;
    let mut broken = vec![];
    // Between two syncs, nothing is always the same nothing.
    let mut last: Option<(Image, Option<usize>, Found)> = None;
    recording.cuts(
        |at| at.is_multiple_of(look.stride) || is_near(at),
        lefts,
        |at, left, image| {
            cuts += 1;
            let promise = &promises[at];
            let found = match &last {
                Some((known, pin, found)) if (known, *pin) == (&image, promise.pin) => Ok(found.clone()),
                _ => revive(dir.path(), &image, |path| inspector.look(path, promise.pin.map(|at| pin_of(&said[at])))),
            };
            let kept = found.and_then(|found| {
                promise.is_kept(&found, said, &first_writes, at)?;
                Ok(found)
            });
            match kept {
                Ok(found) if left == Left::Nothing => last = Some((image, promise.pin, found)),
                Ok(_) => {}
                Err(wrong) => broken.push(format!("{wrong}, after {at} of {} operations, {left:?} left", ops.len())),
            }
        },
    );
    if broken.is_empty() { Ok(cuts) } else { Err(broken) }
}

/// Every promise is kept.
fn survives(what: &str, done: &Done, look: &Look) {
    let cuts = cut_everywhere(done, look)
        .unwrap_or_else(|broken| panic!("{what}: {} broken promises, the first: {}", broken.len(), broken[0]));
    println!("{what}: {} operations, {cuts} cuts", done.recording.ops.len());
    assert!(cuts > 100);
}

/// What the caller was told before a cut, and what was under way.
struct Promise {
    /// Places in what was said: the last rows, the next ones, the furthest pin.
    rows: usize,
    next_rows: Option<usize>,
    pin: Option<usize>,
    decisions: BTreeSet<DecisionId>,
    all: BTreeSet<DecisionId>,
}

struct Promises;

impl Promises {
    /// One for each number of operations.
    fn of(ops: &[Op], said: &[Said]) -> Vec<Promise> {
        let rows: Vec<usize> =
            said.iter().zip(0..).filter(|(said, _)| matches!(said, Said::Rows(_))).map(|(_, place)| place).collect();
        let all: BTreeSet<DecisionId> = said.iter().filter_map(decision_of).collect();
        let mut promise = Promise { rows: 0, next_rows: None, pin: None, decisions: BTreeSet::new(), all };
        let mut promises = vec![];
        for done in 0..=ops.len() {
            if let Some(Op::Mark(place)) = done.checked_sub(1).map(|last| &ops[last]) {
                match &said[*place] {
                    Said::Rows(_) => promise.rows = *place,
                    Said::Decision(id) => drop(promise.decisions.insert(*id)),
                    Said::Pin(pin) => {
                        let before = promise.pin.map(|place| pin_of(&said[place]));
                        if before.is_none_or(|before| state(before) <= state(pin)) {
                            promise.pin = Some(*place);
                        }
                    }
                }
            }
            let next_rows = rows.iter().copied().find(|place| *place > promise.rows);
            promises.push(Promise {
                next_rows,
                decisions: promise.decisions.clone(),
                all: promise.all.clone(),
                ..promise
            });
        }
        promises
    }
}

impl Promise {
    fn is_kept(&self, found: &Found, said: &[Said], first_writes: &[usize], at: usize) -> Result<(), String> {
        let lost: Vec<_> = self.decisions.difference(&found.decisions).collect();
        if !lost.is_empty() {
            return Err(format!("decisions are lost: {lost:?}"));
        }
        let rows = |place: usize| matches!(&said[place], Said::Rows(rows) if *rows == found.rows);
        if !rows(self.rows) && !self.next_rows.is_some_and(rows) {
            return Err(format!("rows are neither as promised nor as under way: {:?}", found.rows));
        }
        if !found.decisions.is_subset(&self.all) {
            return Err("there is a decision that nobody made".into());
        }
        // Whoever copied the disk a moment before may hold all that was sealed until then.
        let used = first_writes.partition_point(|first| *first < at) as u64;
        if found.reserved < used {
            return Err(format!("{used} seals were used, and {} are reserved", found.reserved));
        }
        Ok(())
    }
}

fn decision_of(said: &Said) -> Option<DecisionId> {
    match said {
        Said::Decision(id) => Some(*id),
        _ => None,
    }
}

fn pin_of(said: &Said) -> &Pin {
    match said {
        Said::Pin(pin) => pin,
        _ => unreachable!("only pins are remembered as pins"),
    }
}

fn state(pin: &Pin) -> (u64, u64) {
    (pin.sequence, pin.log_size)
}

/// For each sealed part, the operation that first wrote it; ascending.
fn first_writes(ops: &[Op], nonces: &BTreeSet<u64>) -> Vec<usize> {
    let mut left = nonces.clone();
    let mut first = vec![];
    for (place, op) in ops.iter().enumerate() {
        let Op::Write { bytes, .. } = op else { continue };
        for at in bytes.iter().zip(0..).filter(|(byte, _)| **byte == NONCE).map(|(_, at)| at + 1) {
            let Some(eight) = bytes.get(at..at + 8) else { continue };
            if left.remove(&u64::from_be_bytes(eight.try_into().unwrap())) {
                first.push(place);
            }
        }
    }
    assert!(left.is_empty(), "every sealed part was written under the recorder's eyes");
    first
}

/// Puts the files into an empty folder, and does something with the vault.
pub(crate) fn revive<T>(dir: &std::path::Path, image: &Image, then: impl FnOnce(&std::path::Path) -> T) -> T {
    let folder = tempfile::tempdir_in(dir).unwrap();
    for (name, bytes) in image {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    then(&folder.path().join("v.sgv"))
}

/// A few of everything: rows, decisions, an earning, a change, a checkpoint between, two closes.
pub(crate) fn a_day() -> Done {
    let mut work = Work::new();
    work.add(&[draft("a", "one", 10), draft("b", "two", 20), draft("c", "three", 30)]);
    work.decide(1, &["a", "b"]);
    work.decide(2, &["b", "c"]);
    work.confirm("b");
    let mut changed = draft("a", "another one", 10);
    changed.updated_at = Some(crate::support::now());
    work.add(&[changed, draft("d", "four", 40)]);
    work.decide(3, &["a", "d"]);
    checkpoint(&work);
    work.decide(4, &["a", "b", "c", "d"]);
    work.close();
    work.open();
    work.decide(5, &["d"]);
    work.add(&[draft("e", "five", 50)]);
    work.decide(6, &["e"]);
    work.done()
}

/// As another program with the file open might.
fn checkpoint(work: &Work) {
    let connection = rusqlite::Connection::open(work.dir.path().join("v.sgv")).unwrap();
    connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
}

/// Imports beyond a thousand pages, after which SQLite makes its checkpoint by itself and begins the WAL again.
fn large_imports() -> Done {
    let mut work = Work::new();
    let rows = |from: usize| -> Vec<_> {
        let text = |n: usize| format!("{n} {}", "said at length. ".repeat(30_000));
        (from..from + 9).map(|n| draft(&format!("r{n}"), &text(n), 1)).collect()
    };
    work.add(&rows(0));
    work.decide(1, &["r0", "r1"]);
    work.decide(2, &["r2"]);
    work.add(&rows(9));
    work.decide(3, &["r15"]);
    work.close();
    let done = work.done();
    let ops = &done.recording.ops;
    let promised = ops.iter().rposition(|op| matches!(op, Op::Mark(_))).unwrap();
    let vault = done.recording.before.keys().position(|name| name == "v.sgv").unwrap();
    let moved = ops[..promised].iter().filter(|op| matches!(op, Op::Write { file, .. } if *file == vault)).count();
    let begun = ops.iter().filter(|op| matches!(op, Op::Write { file, at: 0, .. } if *file != vault)).count();
    assert!(moved > 2_000 && begun >= 3, "{moved} pages were moved before the end, the log was begun {begun} times");
    done
}

/// Four threads decide while one imports.
fn many_at_once() -> Done {
    let work = Work::new();
    work.add(&[draft("a", "one", 10), draft("b", "two", 20)]);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let work = &work;
            scope.spawn(move || (0..4).for_each(|n| work.decide(100 * thread + n, &["a", "b"])));
        }
        for n in 0..4 {
            work.add(&[draft(&format!("r{n}"), "text", 1)]);
        }
    });
    work.done()
}

#[test]
fn a_day_survives_a_power_cut_at_every_write() {
    survives("a day", &a_day(), &Look { stride: 1, seeds: 3 });
}

#[test]
fn large_imports_and_checkpoints_survive_a_power_cut() {
    survives("large imports", &large_imports(), &Look { stride: 211, seeds: 1 });
}

#[test]
fn threads_that_decide_at_once_survive_a_power_cut_at_every_write() {
    survives("many at once", &many_at_once(), &Look { stride: 1, seeds: 2 });
}

#[test]
#[ignore = "takes minutes"]
fn a_day_survives_many_kinds_of_cut_at_every_write() {
    survives("a day, closely", &a_day(), &Look { stride: 1, seeds: 12 });
    survives("many at once, closely", &many_at_once(), &Look { stride: 1, seeds: 12 });
}

#[test]
#[ignore = "takes minutes"]
fn large_imports_and_checkpoints_survive_a_cut_at_every_fifth_write() {
    survives("large imports, closely", &large_imports(), &Look { stride: 5, seeds: 1 });
}
