//! A vault that can only be read, and a vault that somebody else is writing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use stillgood::{Durability, Earning, Occasion, Request, StoreError, Vault, VaultError, View};

use crate::support::{Home, draft, earn, now, request, row};

/// The vault closed, marked read-only under another name, and opened again.
fn read_only(home: &Home, name: &str) -> Vault {
    let path = home.dir.path().join(name);
    fs::copy(home.path(), &path).unwrap();
    mark(&path);
    Vault::open(&path, &home.owner_key(), &home.identity, None).unwrap()
}

fn mark(path: &Path) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions).unwrap();
}

/// Folds the log into the file, so that the file alone is the vault.
fn fold(home: &Home) {
    let fold = rusqlite::Connection::open(home.path()).unwrap();
    fold.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).unwrap();
}

fn is_read_only<T>(outcome: &Result<T, VaultError>) -> bool {
    matches!(outcome, Err(VaultError::Store(StoreError::ReadOnly)))
}

#[test]
fn a_vault_that_can_only_be_read_decides_unlogged_or_not_at_all() {
    let home = Home::new();
    home.add(&[draft("a", "said yesterday", 1)]);
    fold(&home);
    // A name that means something in a URI is only a name.
    for name in ["r.sgv", "100% ?mode=rwc#é.sgv"] {
        let vault = read_only(&home, name);
        let bytes = fs::read(home.dir.path().join(name)).unwrap();
        assert!(is_read_only(&vault.decide(&home.gate(), &request(&["a"]))), "{name}");
        let retrieval = vault.decide_unlogged(&home.gate(), &request(&["a"])).unwrap();
        assert_eq!(retrieval.live[0].body.as_ref().unwrap().text(), "said yesterday");
        let decision = retrieval.decision.verify(&home.device.verifier()).unwrap();
        assert_eq!(decision.header.durability, Durability::None);
        assert_eq!(decision.header.occasion, Occasion::Retrieval);
        assert!(matches!(decision.header.view, View::Pinned { sequence: 2, .. }));
        assert!(is_read_only(&vault.add(&home.device, &[draft("b", "new", 1)], now(), &mut |_| ())));
        drop(vault);
        // Not a byte changed, and nothing was left beside it.
        assert_eq!(fs::read(home.dir.path().join(name)).unwrap(), bytes);
        let names = fs::read_dir(home.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let beside = names.filter(|found| found.to_str().unwrap().starts_with(name)).count();
        assert_eq!(beside, 1, "{name}");
    }
}

#[test]
fn a_look_at_another_time_needs_no_writing() {
    let home = Home::new();
    home.add(&[draft("a", "said yesterday", 1)]);
    fold(&home);
    let what_if = Request { occasion: Occasion::WhatIf, ..request(&["a"]) };
    let vault = read_only(&home, "r.sgv");
    assert_eq!(vault.decide(&home.gate(), &what_if).unwrap().live.len(), 1);
    assert_eq!(vault.decide_unlogged(&home.gate(), &what_if).unwrap().live.len(), 1);
}

#[test]
fn a_reader_sees_what_a_writer_has_just_stored() {
    let home = Home::new();
    mark(&home.path());
    // The writer had it open before it was marked; its newest rows stand in the log beside the file.
    home.add(&[draft("a", "just now", 1)]);
    let reader = home.reopen();
    let seen = |id: &str| reader.decide_unlogged(&home.gate(), &request(&[id])).unwrap().live.len();
    assert_eq!(seen("a"), 1);
    home.add(&[draft("b", "and later", 1)]);
    assert_eq!(seen("b"), 1);
    assert_eq!(reader.row(&row("b")).unwrap().generation, 1);
}

/// How many rows of `a` are live by this handle.
fn live(home: &Home, vault: &Vault) -> usize {
    vault.decide_unlogged(&home.gate(), &request(&["a"])).unwrap().live.len()
}

#[test]
fn a_reader_of_a_file_that_nobody_had_open_sees_what_was_written_since() {
    let home = Home::new();
    home.add(&[draft("a", "text", 1)]);
    fold(&home);
    let open = |name| Vault::open(&home.dir.path().join(name), &home.owner_key(), &home.identity, None).unwrap();
    fs::copy(home.path(), home.dir.path().join("r.sgv")).unwrap();
    // A writer that knows the file by another name, so that its log does not lie beside the reader's.
    fs::hard_link(home.dir.path().join("r.sgv"), home.dir.path().join("w.sgv")).unwrap();
    let writer = open("w.sgv");
    mark(&home.dir.path().join("r.sgv"));
    let reader = open("r.sgv");
    assert_eq!(live(&home, &reader), 1);
    earn(&writer, &home.owner, &home.device, "a", Earning::Deny, now()).unwrap();
    // Who is the last to close it folds its log into the file.
    drop(writer);
    assert_eq!(live(&home, &reader), 0);
    assert!(reader.row(&row("a")).unwrap().denied);
}

#[test]
fn a_reader_sees_what_a_writer_stores_that_came_after_it() {
    let home = Home::new();
    home.add(&[draft("a", "text", 1)]);
    fold(&home);
    let reader = read_only(&home, "r.sgv");
    assert_eq!(live(&home, &reader), 1);
    let path = home.dir.path().join("r.sgv");
    fs::set_permissions(&path, fs::metadata(home.path()).unwrap().permissions()).unwrap();
    let writer = Vault::open(&path, &home.owner_key(), &home.identity, None).unwrap();
    earn(&writer, &home.owner, &home.device, "a", Earning::Deny, now()).unwrap();
    assert_eq!(live(&home, &reader), 0);
    earn(&writer, &home.owner, &home.device, "a", Earning::Confirm, now()).unwrap();
    assert_eq!(live(&home, &reader), 1);
    earn(&writer, &home.owner, &home.device, "a", Earning::Deny, now()).unwrap();
    drop(writer);
    assert_eq!(live(&home, &reader), 0);
}

#[test]
fn a_vault_that_can_be_written_stores_its_decisions() {
    let home = Home::new();
    home.add(&[draft("a", "text", 1)]);
    let outcome = home.vault.decide_unlogged(&home.gate(), &request(&["a"]));
    assert!(matches!(outcome, Err(VaultError::Logged)));
}

/// Another process that has begun to write.
fn writing(home: &Home) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(home.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

#[test]
fn who_finds_another_writer_waits_and_then_says_so() {
    let home = Home::new();
    home.add(&[draft("a", "text", 1)]);
    let size = home.vault.pin().unwrap().log_size;
    let other = writing(&home);
    let outcome = home.vault.decide(&home.gate(), &request(&["a"]));
    assert!(matches!(outcome, Err(VaultError::Store(StoreError::Busy))));
    drop(other);
    assert_eq!(home.vault.pin().unwrap().log_size, size);
    home.vault.decide(&home.gate(), &request(&["a"])).unwrap();
    // A writer that is done in time is waited for.
    let other = writing(&home);
    let later = Request::at(now());
    std::thread::scope(|threads| {
        let deciding = threads.spawn(|| home.vault.decide(&home.gate(), &later));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!deciding.is_finished());
        other.execute_batch("COMMIT").unwrap();
        deciding.join().unwrap().unwrap();
    });
    // Two decisions, and the name of the policy set before the first.
    assert_eq!(home.vault.pin().unwrap().log_size, size + 3);
}
