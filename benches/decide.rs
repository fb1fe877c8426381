//! The parts of a decision, without a store: opening, encoding and signing, all of it, and verifying.
//! `cargo bench --bench decide`.
#![allow(missing_docs, reason = "criterion's macros make public items")]

mod rows;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use stillgood::{PolicySet, SealedRow, View};

fn parts(criterion: &mut Criterion) {
    let home = rows::Home::new();
    let (keys, sealed) = home.sealed(1_000);
    let (row, SealedRow { head, body }) = sealed.iter().next().expect("a thousand rows");
    let opened = head.open(&keys, row).expect("our own row");
    criterion.bench_function("open a head", |bencher| bencher.iter(|| head.open(&keys, row)));
    let body = body.as_ref().expect("its body");
    criterion.bench_function("open a body", |bencher| bencher.iter(|| body.open(&keys, &opened)));

    // Of rows that nobody knows nothing is opened and nothing is asked: what remains is writing and signing.
    let nowhere = std::collections::HashMap::new();
    let (shut, request) = (home.gate(PolicySet::shut()), rows::request(100, 1_000));
    criterion.bench_function("encode and sign 100 rulings", |bencher| {
        bencher.iter(|| shut.decide(&keys, &request, &View::Unpinned, &nowhere).expect("a decision"));
    });

    let gate = home.gate(PolicySet::builtin());
    for (name, gate) in [("pure decide, no policy", &shut), ("pure decide, the shipped set", &gate)] {
        let mut group = criterion.benchmark_group(name);
        for candidates in [1, 10, 100, 1_000] {
            let request = rows::request(candidates, 1_000);
            group.throughput(Throughput::Elements(candidates as u64));
            group.bench_function(candidates.to_string(), |bencher| {
                bencher.iter(|| gate.decide(&keys, &request, &View::Unpinned, &sealed).expect("a decision"));
            });
        }
        group.finish();
    }

    let signed = gate.decide(&keys, &request, &View::Unpinned, &sealed).expect("a decision").decision;
    criterion.bench_function("verify a decision on 100", |bencher| {
        bencher.iter(|| signed.verify(gate.verifier()).expect("it verifies"));
    });
}

criterion_group!(all, parts);
criterion_main!(all);
