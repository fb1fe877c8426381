//! The vault with its log: deciding at two sizes beside a bare SQLite transaction of as many bytes, importing, checking
//! everything. `cargo bench --bench vault`.
#![allow(missing_docs, reason = "criterion's macros make public items")]

mod rows;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use stillgood::{PolicySet, Vault};

fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vault decide 100, stored and synced");
    let mut length = 0;
    for rows in [1_000, 100_000] {
        let home = rows::Home::new();
        let vault = home.vault(rows);
        let (gate, request) = (home.gate(PolicySet::builtin()), rows::request(100, rows));
        let mut shift = 0;
        group.bench_function(format!("of {rows} rows"), |bencher| {
            // A new time for each, so that each is a new decision and really stored.
            let next = || {
                shift += 1;
                rows::later(&request, shift)
            };
            let decide = |request| vault.decide(&gate, &request).expect("a decision").decision;
            bencher.iter_batched(next, decide, BatchSize::SmallInput);
        });
        let decision = vault.decide(&gate, &request).expect("a decision").decision;
        length = decision.unverified_leaves().iter().map(String::len).sum::<usize>() + decision.note().len();
    }
    // The same number of bytes, written and synced, and nothing else.
    let home = rows::Home::new();
    let bare = rusqlite::Connection::open(home.path()).expect("a new file");
    bare.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (bytes BLOB);")
        .expect("an empty database");
    group.bench_function(format!("a bare transaction of {length} bytes"), |bencher| {
        let bytes = vec![7_u8; length];
        bencher.iter(|| bare.execute("INSERT INTO bare VALUES (?1)", [&bytes]).expect("there is room"));
    });
    group.finish();
}

fn import(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vault");
    group.sample_size(10).throughput(Throughput::Elements(1_000));
    let drafts = rows::drafts(0..1_000);
    let new = || {
        let home = rows::Home::new();
        let vault = home.vault(0);
        (home, vault)
    };
    let add = |home: &rows::Home, vault: &Vault| vault.add(&home.device, &drafts, rows::now(), &mut |_| ());
    group.bench_function("import 1000 rows", |bencher| {
        bencher.iter_batched(new, |(home, vault)| add(&home, &vault).expect("new rows"), BatchSize::PerIteration);
    });
    let (home, vault) = new();
    add(&home, &vault).expect("new rows");
    group.bench_function("import 1000 rows again, unchanged", |bencher| {
        bencher.iter(|| add(&home, &vault).expect("the same rows"));
    });
    group.bench_function("verify a vault of 1000 rows", |bencher| {
        bencher.iter(|| vault.verify().expect("it can be read").holds());
    });
    group.finish();
}

criterion_group!(all, decide, import);
criterion_main!(all);
