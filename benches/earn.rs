//! Earning, linking, recording and forgetting in a large vault, beside a bare SQLite transaction; and the way back from an
//! answer among many. `cargo bench --bench earn`; `TMPDIR=/dev/shm` leaves the disk out of it.
#![allow(missing_docs, reason = "criterion's macros make public items")]

mod rows;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use stillgood::{Again, Answer, AnswerDigest, Earning, MadeBy, OwnLink, PolicySet, Span, Sweep, Timestamp, Vault};

/// Rows of the vault, and answers that are recorded in it.
const ROWS: usize = 100_000;
const ANSWERS: usize = 100_000;
/// Nearly as many as one head can hold.
const TIES: usize = 250;

/// Times that go up, so that no earning is dated before the one before it.
struct Clock(i64);

impl Clock {
    fn next(&mut self) -> Timestamp {
        self.0 += 1;
        rows::now().plus(Span::from_millis(self.0))
    }
}

fn earn(criterion: &mut Criterion) {
    let home = rows::Home::new();
    let vault = home.vault(ROWS);
    let mut clock = Clock(0);
    let mut group = criterion.benchmark_group(format!("in a vault of {ROWS} rows"));
    group.sample_size(20);
    let say = |row: usize, earning: Earning, at: Timestamp| {
        let answer = Answer::to(rows::id(row), earning, at);
        vault.earn(&home.owner, &home.device, &answer, at).expect("an earning")
    };
    let mut row = 1_000;
    group.bench_function("confirm a row", |bencher| {
        bencher.iter(|| {
            row += 1;
            say(row, Earning::Confirm, clock.next())
        });
    });
    group.bench_function("tie two rows", |bencher| {
        bencher.iter(|| {
            row = 1_000 + (row + 2) % 40_000;
            let at = clock.next();
            vault.link(&home.device, &rows::id(row), OwnLink::DependsOn, &rows::id(row - 1), MadeBy::Owner, at)
        });
    });
    for tied in 0..TIES {
        let at = clock.next();
        let (one, other) = (rows::id(90_000 + tied), rows::id(80_000));
        vault.link(&home.device, &one, OwnLink::Contradicts, &other, MadeBy::Owner, at).expect("a tie");
    }
    group.bench_function(format!("confirm a row, then one that contradicts it, beside {TIES} others"), |bencher| {
        let mut turn = 0;
        bencher.iter(|| {
            turn += 1;
            let row = if turn % 2 == 1 { 80_000 } else { 90_000 };
            say(row, Earning::Confirm, clock.next())
        });
    });
    for tied in 0..TIES {
        let at = clock.next();
        let (one, other) = (rows::id(70_000 + tied), rows::id(60_000));
        vault.link(&home.device, &one, OwnLink::DependsOn, &other, MadeBy::Owner, at).expect("a tie");
    }
    group.bench_function(format!("deny a row that {TIES} depend on"), |bencher| {
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                let begun = Instant::now();
                say(60_000, Earning::Deny, clock.next());
                spent += begun.elapsed();
                // As they were, and not measured.
                for tied in 0..TIES {
                    say(70_000 + tied, Earning::Confirm, clock.next());
                }
            }
            spent
        });
    });
    group.sample_size(10);
    group.bench_function("forget a row, up to the rewriting of the file", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| forget(&home, &vault, &mut row, clock.next()).0).sum());
    });
    group.bench_function("forget a row, all of it", |bencher| {
        bencher.iter_custom(|times| (0..times).map(|_| forget(&home, &vault, &mut row, clock.next()).1).sum());
    });
    group.finish();
}

/// How long until the file is rewritten, and how long in all.
fn forget(home: &rows::Home, vault: &Vault, row: &mut usize, at: Timestamp) -> (Duration, Duration) {
    *row += 1;
    let (begun, rewriting) = (Instant::now(), Mutex::new(None));
    let progress = |_: Sweep| {
        rewriting.lock().expect("no panic").get_or_insert_with(|| begun.elapsed());
    };
    vault.forget(&home.owner, &home.device, &rows::id(*row), at, &progress).expect("it is there");
    let first = rewriting.lock().expect("no panic").expect("it is rewritten");
    (first, begun.elapsed())
}

fn why(criterion: &mut Criterion) {
    let home = rows::Home::new();
    let vault = home.vault(1_000);
    let gate = home.gate(PolicySet::builtin());
    let answer = |n: usize| AnswerDigest::of(format!("answer {n}").as_bytes()).expect("an answer");
    let (mut decision, mut placed) = (None, vec![]);
    for n in 0..ANSWERS {
        let request = rows::later(&rows::request(100, 1_000), n as i64);
        if n % 100 == 0 {
            let retrieval = vault.decide(&gate, &request).expect("a decision");
            placed = retrieval.live.iter().take(10).map(|memory| memory.row.clone()).collect();
            decision = Some(retrieval.id);
        }
        let decision = decision.expect("the first was made");
        vault.used(&home.device, decision, &placed, &answer(n), request.at, Again::No).expect("a new answer");
    }
    let mut group = criterion.benchmark_group(format!("among {ANSWERS} recorded answers"));
    let mut n = 0;
    group.bench_function("why", |bencher| {
        bencher.iter(|| {
            n = (n + 7_919) % ANSWERS;
            assert_eq!(vault.why(&answer(n)).expect("it is recorded").len(), 1);
        });
    });
    group.bench_function("open the vault, and why", |bencher| {
        bencher.iter(|| {
            n = (n + 7_919) % ANSWERS;
            let owner = home.owner.verifier();
            let vault = Vault::open(&home.path(), &owner, &home.identity, None).expect("our vault");
            assert_eq!(vault.why(&answer(n)).expect("it is recorded").len(), 1);
        });
    });
    group.bench_function("an answer that nobody recorded", |bencher| {
        bencher.iter(|| assert!(vault.why(&answer(ANSWERS)).expect("none").is_empty()));
    });
    group.finish();
}

fn bare(criterion: &mut Criterion) {
    let home = rows::Home::new();
    let bare = rusqlite::Connection::open(home.path()).expect("a new file");
    bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (bytes BLOB);")
        .expect("an empty database");
    criterion.bench_function("a bare transaction of 4096 bytes", |bencher| {
        let bytes = vec![7_u8; 4_096];
        bencher.iter(|| bare.execute("INSERT INTO bare VALUES (?1)", [&bytes]).expect("there is room"));
    });
}

criterion_group!(all, bare, earn, why);
criterion_main!(all);
