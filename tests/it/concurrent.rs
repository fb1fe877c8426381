//! Many threads on one vault: nothing is lost, and nobody waits for ever.
//!
//! `STILLGOOD_SECONDS=180 cargo test --release --test it concurrent` runs it for longer than every test run can.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use stillgood::{Added, Gate, Request, SignedDecision, Span, Vault, Verdict};

use crate::support::{Home, draft, now, request};

const THREADS: usize = 16;

fn seconds() -> Duration {
    let seconds = std::env::var("STILLGOOD_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

/// What the threads were told, to be held against what the vault holds afterwards.
#[derive(Default)]
struct Told {
    decisions: BTreeMap<String, SignedDecision>,
    rows: BTreeSet<String>,
}

/// Decides over rows that come while it runs, each time at another time, so that each decision is a new one.
fn decide_until(stop: &AtomicBool, vault: &Vault, gate: &Gate, thread: usize) -> Told {
    let mut told = Told::default();
    let mut turn = 0;
    while !stop.load(Ordering::Relaxed) {
        let names = [format!("row-{}-0", turn % 50), format!("row-{turn}-1"), "first".to_owned()];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let at = now().plus(Span::from_millis((turn * THREADS + thread) as i64));
        let retrieval = vault.decide(gate, &Request { at, ..request(&names) }).unwrap();
        // A row is judged whole or unknown, never in between.
        for ruling in &retrieval.rulings {
            let whole = ruling.verdict == Verdict::Live && ruling.opened;
            let unknown = ruling.judged.is_none() && ruling.reasons[0].code == "unknown-row";
            assert!(whole || unknown, "{ruling:?}");
        }
        told.decisions.insert(retrieval.id.to_string(), retrieval.decision);
        turn += 1;
    }
    told
}

fn import_until(stop: &AtomicBool, vault: &Vault, home: &Home) -> Told {
    let mut told = Told::default();
    let mut batch = 0;
    while !stop.load(Ordering::Relaxed) {
        let names: Vec<String> = (0..20).map(|row| format!("row-{batch}-{row}")).collect();
        let drafts: Vec<_> = names.iter().map(|name| draft(name, name, 1)).collect();
        let added = vault.add(&home.device, &drafts, now(), &mut |_| ()).unwrap();
        assert_eq!(added, Added { new: 20, ..Added::default() });
        told.rows.extend(names);
        batch += 1;
    }
    told
}

/// Sixteen threads decide with `deciding`, one imports with `importing`.
fn storm(home: &Home, deciding: &Vault, importing: &Vault) {
    home.add(&[draft("first", "first", 1)]);
    let (stop, gate, begun) = (AtomicBool::new(false), home.gate(), Instant::now());
    let told: Vec<Told> = std::thread::scope(|threads| {
        let deciders: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (stop, gate) = (&stop, &gate);
                threads.spawn(move || decide_until(stop, deciding, gate, thread))
            })
            .collect();
        let importer = threads.spawn(|| import_until(&stop, importing, home));
        while begun.elapsed() < seconds() && !importer.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
        deciders.into_iter().chain([importer]).map(|thread| thread.join().unwrap()).collect()
    });
    let vault = home.reopen();
    let rows: BTreeSet<String> = vault.rows().unwrap().iter().map(ToString::to_string).collect();
    let imported = told[THREADS].rows.clone();
    assert_eq!(rows.len(), imported.len() + 1);
    assert!(imported.is_subset(&rows));
    let decisions: BTreeMap<_, _> = told.into_iter().flat_map(|told| told.decisions).collect();
    assert!(decisions.len() >= THREADS && !imported.is_empty());
    // Each decision once, and before the first of them the name of the policy set, once.
    assert_eq!(vault.pin().unwrap().log_size, decisions.len() as u64 + 1);
    for (id, decision) in &decisions {
        assert_eq!(vault.decision(id.parse().unwrap()).unwrap(), *decision);
    }
    let report = vault.verify().unwrap();
    assert!(report.findings.iter().all(|finding| finding.wrong.is_empty()), "{report:?}");
    println!("{} decisions by {THREADS} threads, {} rows imported", decisions.len(), rows.len() - 1);
}

#[test]
fn sixteen_threads_decide_while_one_imports() {
    let home = Home::new();
    storm(&home, &home.vault, &home.vault);
}

#[test]
fn another_process_imports_while_sixteen_threads_decide() {
    let home = Home::new();
    storm(&home, &home.vault, &home.reopen());
}
