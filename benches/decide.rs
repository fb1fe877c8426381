//! How long a decision takes: the pure gate, and the vault with its log. `cargo bench --bench decide`.
#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::collections::HashMap;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use stillgood::{
    Candidate, Draft, Gate, Identity, Kind, PolicySet, Request, RowId, Score, SealedBody, SealedHead, SealedRow,
    Signer, Span, Timestamp, Vault, View,
};

struct Bench {
    _dir: tempfile::TempDir,
    vault: Vault,
    gate: Gate,
    keys: stillgood::Keys,
    rows: HashMap<RowId, SealedRow>,
    now: Timestamp,
}

impl Bench {
    fn new(rows: usize) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("v.sgv");
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
        let (owner, device) = (Signer::generate(name("bench/owner")), Signer::generate(name("bench/device")));
        let identity = Identity::generate();
        let begin = "2000-01-01T00:00:00Z".parse().expect("a time");
        let vault = Vault::create(&path, &owner, &identity, &device, begin).expect("a new vault");
        let drafts: Vec<Draft> = (0..rows).map(|n| draft(n, now)).collect();
        vault.add(&device, &drafts, now, &mut |_| ()).expect("new rows");
        let keys = vault.ring().unlock(&identity).expect("our identity");
        let rows = sealed(&path);
        Bench { _dir: dir, vault, gate: Gate::new(PolicySet::builtin(), device), keys, rows, now }
    }

    fn request(&self, candidates: usize, shift: i64) -> Request {
        let mut request = Request::at(self.now.plus(Span::from_millis(shift)));
        let step = self.rows.len() / candidates;
        request.candidates =
            (0..candidates).map(|n| Candidate { rerank: Some(score(n)), ..Candidate::of(id(n * step)) }).collect();
        request
    }
}

fn name(text: &str) -> stillgood::KeyName {
    text.parse().expect("a name")
}

fn id(n: usize) -> RowId {
    format!("mem_{n:06}").parse().expect("an id")
}

fn score(n: usize) -> Score {
    Score::from_millionths((n as u32 * 7_919) % 1_000_000).expect("below one")
}

/// Ages from 0 to 5 years, texts of about a hundred bytes.
fn draft(n: usize, now: Timestamp) -> Draft {
    let stated = now.plus(Span::days(-((n as i64 * 37) % 1_825)).expect("a few years"));
    let kind = if n.is_multiple_of(2) { Kind::Semantic } else { Kind::Episodic };
    Draft::new(id(n), format!("Row {n}: {}", "what somebody said of something. ".repeat(3)), stated, kind)
        .expect("a short text")
}

fn sealed(path: &std::path::Path) -> HashMap<RowId, SealedRow> {
    let connection = rusqlite::Connection::open(path).expect("the vault file");
    let mut statement = connection
        .prepare("SELECT h.row, h.sealed, b.sealed FROM heads h JOIN bodies b ON b.row = h.row")
        .expect("sql");
    let rows = statement
        .query_map([], |row| {
            let head = SealedHead::from_bytes(row.get(1)?);
            Ok((row.get::<_, String>(0)?, SealedRow { head, body: Some(SealedBody::from_bytes(row.get(2)?)) }))
        })
        .expect("rows");
    rows.map(|row| row.expect("a row")).map(|(id, row)| (id.parse().expect("an id"), row)).collect()
}

fn benches(criterion: &mut Criterion) {
    let bench = Bench::new(1_000);
    let mut group = criterion.benchmark_group("pure decide");
    for candidates in [1, 10, 100, 1_000] {
        let request = bench.request(candidates, 0);
        group.throughput(Throughput::Elements(candidates as u64));
        group.bench_function(candidates.to_string(), |bencher| {
            bencher
                .iter(|| bench.gate.decide(&bench.keys, &request, &View::Unpinned, &bench.rows).expect("a decision"));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("vault decide, stored and synced");
    let mut shift = 0;
    for candidates in [10, 100] {
        group.bench_function(candidates.to_string(), |bencher| {
            // A new time for each, so that each is a new decision and really stored.
            let next = || {
                shift += 1;
                bench.request(candidates, shift)
            };
            bencher.iter_batched(
                next,
                |request| bench.vault.decide(&bench.gate, &request).expect("a decision"),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();

    let request = bench.request(100, 0);
    let signed = bench.gate.decide(&bench.keys, &request, &View::Unpinned, &bench.rows).expect("a decision").decision;
    criterion.bench_function("verify 100", |bencher| {
        bencher.iter(|| signed.verify(bench.gate.verifier()).expect("it verifies"))
    });
}

criterion_group!(all, benches);
criterion_main!(all);
