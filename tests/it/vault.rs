//! The vault: what is read, what is kept, what an import may change, and what `verify` notices.

use stillgood::{
    Added, Answer, Decision, EarnError, Earning, LinkKind, OwnLink, PinError, Request, Retrieval, StoreError, Vault,
    VaultError, Verdict,
};

use crate::support::{Home, draft, earn, now, request, row, time};

fn verdicts(retrieval: &Retrieval) -> Vec<(String, Verdict, String)> {
    let ruling = |ruling: &stillgood::Ruling| (ruling.row.to_string(), ruling.verdict, ruling.reasons[0].to_string());
    retrieval.rulings.iter().map(ruling).collect()
}

fn decide(home: &Home, request: &Request) -> (Retrieval, Decision) {
    let retrieval = home.vault.decide(&home.gate(), request).unwrap();
    let decision = retrieval.decision.verify(&home.device.verifier()).unwrap();
    (retrieval, decision)
}

#[test]
fn exactly_the_bodies_of_live_background_and_damaged_rows_are_read() {
    let home = Home::new();
    home.add(&[
        draft("fresh", "a", 1),
        draft("fading", "b", 1_500),
        draft("faded", "c", 3_700),
        draft("broken", "d", 1),
        draft("lost", "e", 1),
    ]);
    home.sql("UPDATE bodies SET sealed = zeroblob(100) WHERE row = 'broken'");
    home.sql("DELETE FROM bodies WHERE row = 'lost'");
    let before = home.vault.bodies_read();
    let (retrieval, decision) =
        decide(&home, &request(&["fresh", "fading", "faded", "broken", "lost", "unknown", "fresh"]));
    let of = |id: &str| decision.rulings.iter().find(|ruling| ruling.row.as_str() == id).unwrap();
    assert_eq!(of("fresh").verdict, Verdict::Live);
    assert_eq!(of("fading").verdict, Verdict::Background);
    assert_eq!(of("faded").reasons[0].to_string(), "holds:faded=confirmation");
    assert_eq!(of("broken").reasons[0].to_string(), "stillgood:damaged=repair");
    assert_eq!(of("lost").reasons[0].to_string(), "stillgood:damaged=repair");
    assert_eq!(of("unknown").reasons[0].to_string(), "stillgood:unknown-row=nothing");
    let opened: Vec<bool> = decision.rulings.iter().map(|ruling| ruling.opened).collect();
    assert_eq!(opened, [true, true, false, false, false, false, true]);
    // fresh, fading, broken, lost: one each, though fresh was asked for twice.
    assert_eq!(home.vault.bodies_read() - before, 4);
    assert_eq!(retrieval.live.len(), 1);
    assert_eq!(retrieval.live[0].body.as_ref().unwrap().text(), "a");
    assert_eq!(retrieval.faults.len(), 2);
}

#[test]
fn a_decision_is_stored_before_it_is_returned_and_comes_back_the_same() {
    let home = Home::new();
    home.add(&[draft("a", "text", 1)]);
    let (retrieval, _) = decide(&home, &request(&["a"]));
    assert_eq!(home.reopen().decision(retrieval.id).unwrap(), retrieval.decision);
    // The same request again is the same decision, stored once.
    let size = home.vault.pin().unwrap().log_size;
    assert_eq!(decide(&home, &request(&["a"])).0.decision, retrieval.decision);
    assert_eq!(home.vault.pin().unwrap().log_size, size);
    // A look at another time is signed as such, and not stored.
    let what_if = Request { occasion: stillgood::Occasion::WhatIf, ..request(&["a"]) };
    let (looked, decision) = decide(&home, &what_if);
    assert_eq!(decision.header.occasion, stillgood::Occasion::WhatIf);
    assert!(matches!(home.vault.decision(looked.id), Err(VaultError::UnknownDecision(_))));
}

#[test]
fn the_same_text_never_moves_a_clock() {
    let home = Home::new();
    home.add(&[draft("a", "text", 400)]);
    let before = home.vault.row(&row("a")).unwrap();
    let mut again = draft("a", "text", 1);
    again.updated_at = Some(now());
    let added = home.vault.add(&home.device, &[again.clone()], now(), &mut |_| ()).unwrap();
    assert_eq!(added, Added { unchanged: 1, ..Added::default() });
    assert_eq!(home.vault.row(&row("a")).unwrap(), before);
    // Other labels: a new generation with the old clocks.
    again.traits.tags.insert("plan".parse().unwrap());
    let added = home.vault.add(&home.device, &[again], now(), &mut |_| ()).unwrap();
    assert_eq!(added, Added { relabelled: 1, ..Added::default() });
    let after = home.vault.row(&row("a")).unwrap();
    assert_eq!((after.generation, after.stated_at, after.body_generation), (2, before.stated_at, 1));
    assert!(home.vault.verify().unwrap().holds());
}

#[test]
fn a_changed_text_is_stated_when_its_record_changed_and_never_later_than_now() {
    let home = Home::new();
    home.add(&[draft("a", "old", 400), draft("b", "old", 400)]);
    let before = time("2025-12-01T00:00:00Z");
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, before).unwrap();
    earn(&home.vault, &home.owner, &home.device, "b", Earning::Deny, now()).unwrap();
    let changed = |id: &str, updated: &str| {
        let mut draft = draft(id, "new", 400);
        draft.updated_at = Some(time(updated));
        draft
    };
    home.add(&[changed("a", "2025-12-24T00:00:00Z"), changed("b", "2031-01-01T00:00:00Z")]);
    let [a, b] = ["a", "b"].map(|id| home.vault.row(&row(id)).unwrap());
    assert_eq!(a.stated_at, time("2025-12-24T00:00:00Z"));
    assert_eq!((a.confirmed_at, a.confirmations), (None, 0), "what was confirmed was the old text");
    assert_eq!(b.stated_at, now());
    assert!(b.denied, "a denial stays until the owner lifts it");
    assert!(home.vault.verify().unwrap().holds());
}

#[test]
fn only_an_earning_makes_a_row_fresher() {
    let home = Home::new();
    home.add(&[draft("a", "text", 3_700)]);
    let first = decide(&home, &request(&["a"])).0;
    assert_eq!(verdicts(&first), [("a".to_owned(), Verdict::ReEarn, "holds:faded=confirmation".to_owned())]);
    for n in 1..50 {
        let later = Request { at: now().plus(stillgood::Span::from_millis(n)), ..request(&["a"]) };
        assert_eq!(verdicts(&decide(&home, &later).0), verdicts(&first));
    }
    let stranger = stillgood::Signer::generate("test/owner".parse().unwrap());
    let refused = earn(&home.vault, &stranger, &home.device, "a", Earning::Confirm, now());
    assert!(matches!(refused, Err(VaultError::Earn(EarnError::UnknownKey { .. }))));
    let answer = Answer { decision: Some(first.id), ..Answer::to(row("a"), Earning::Confirm, now()) };
    home.vault.earn(&home.owner, &home.device, &answer, now()).unwrap();
    assert_eq!(verdicts(&decide(&home, &request(&["a"])).0)[0].1, Verdict::Live);
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Deny, now()).unwrap();
    assert_eq!(verdicts(&decide(&home, &request(&["a"])).0)[0].2, "denied:denied=nothing");
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, now()).unwrap();
    assert_eq!(verdicts(&decide(&home, &request(&["a"])).0)[0].1, Verdict::Live);
    assert!(home.vault.verify().unwrap().holds());
}

#[test]
fn links_stand_in_both_heads() {
    let home = Home::new();
    let mut new = draft("new", "I live in Porto", 1);
    new.links.insert((OwnLink::Supersedes, row("old")));
    let mut other = draft("other", "I live in Lisbon", 2);
    other.links.insert((OwnLink::Contradicts, row("new")));
    home.add(&[new, draft("old", "I live in Faro", 900), other]);
    let kinds = |id: &str| {
        home.vault.row(&row(id)).unwrap().links.iter().map(|(kind, to, _)| (kind, to.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(kinds("old"), [(LinkKind::SupersededBy, "new".to_owned())]);
    assert_eq!(kinds("new"), [(LinkKind::Supersedes, "old".to_owned()), (LinkKind::Contradicts, "other".to_owned())]);
    assert_eq!(kinds("other"), [(LinkKind::Contradicts, "new".to_owned())]);
    let mut dangling = draft("dangling", "x", 1);
    dangling.links.insert((OwnLink::DependsOn, row("nobody")));
    let refused = home.vault.add(&home.device, &[draft("bystander", "y", 1), dangling], now(), &mut |_| ());
    assert!(matches!(refused, Err(VaultError::Refused { .. })));
    assert!(matches!(home.vault.row(&row("bystander")), Err(VaultError::UnknownRow(_))), "all of an import or none");
}

#[test]
fn rows_dated_after_the_request_are_held() {
    let home = Home::new();
    home.add(&[draft("a", "text", 1)]);
    let earlier = Request { at: time("2026-02-01T00:00:00Z"), ..request(&["a"]) };
    assert_eq!(verdicts(&decide(&home, &earlier).0)[0].2, "stillgood:from-the-future=nothing");
}

#[test]
fn sixteen_threads_decide_while_one_imports() {
    let home = Home::new();
    home.add(&(0..50).map(|n| draft(&format!("r{n}"), "text", n)).collect::<Vec<_>>());
    let gate = home.gate();
    std::thread::scope(|scope| {
        for thread in 0..16_i64 {
            let (home, gate) = (&home, gate.clone());
            scope.spawn(move || {
                for n in 0..10 {
                    let ids: Vec<String> = (0..20).map(|k| format!("r{}", (k * 7 + thread) % 50)).collect();
                    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                    let at = now().plus(stillgood::Span::from_millis(thread * 1_000 + n));
                    let retrieval = home.vault.decide(&gate, &Request { at, ..request(&ids) }).unwrap();
                    assert_eq!(retrieval.rulings.len(), 20);
                    assert_eq!(home.vault.decision(retrieval.id).unwrap(), retrieval.decision);
                }
            });
        }
        for n in 50..80 {
            home.add(&[draft(&format!("r{n}"), "text", n)]);
        }
    });
    let report = home.vault.verify().unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(home.vault.rows().unwrap().len(), 80);
    // Each decision once, and before the first of them the name of the policy set, once.
    assert_eq!(home.vault.pin().unwrap().log_size, 161);
}

/// Each attack on the file, and the finding that names it.
#[test]
fn what_somebody_changed_in_the_file_is_found() {
    let attacks: [(&str, &[&str], &str); 9] = [
        (
            "older row under the newest vault head",
            &[
                "UPDATE heads SET generation = 1, sealed = (SELECT sealed FROM old_heads WHERE row = 'a') WHERE row = 'a'",
                "DELETE FROM old_heads",
            ],
            "row sum",
        ),
        ("row removed", &["DELETE FROM heads WHERE row = 'b'"], "row sum"),
        (
            "head of one row under the id of another",
            &["UPDATE heads SET sealed = (SELECT sealed FROM heads WHERE row = 'b') WHERE row = 'a'"],
            "heads",
        ),
        (
            "body of another row",
            &["UPDATE bodies SET sealed = (SELECT sealed FROM bodies WHERE row = 'b') WHERE row = 'a'"],
            "bodies",
        ),
        ("older head dropped", &["DELETE FROM old_heads WHERE row = 'a'"], "heads"),
        ("log entry dropped", &["DELETE FROM log_entries WHERE idx = 0"], "log"),
        ("log node altered", &["UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 1"], "log"),
        ("decision dropped", &["DELETE FROM decisions"], "decisions"),
        ("key ring history altered", &["INSERT INTO rings SELECT 0, note FROM rings"], "key rings"),
    ];
    for (attack, statements, check) in attacks {
        let home = Home::new();
        home.add(&[draft("a", "one", 10), draft("b", "two", 10)]);
        earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, now()).unwrap();
        decide(&home, &request(&["a", "b"]));
        assert!(home.vault.verify().unwrap().holds());
        for statement in statements {
            home.sql(statement);
        }
        let report = home.reopen().verify().unwrap();
        let wrong: Vec<&str> =
            report.findings.iter().filter(|finding| !finding.wrong.is_empty()).map(|finding| finding.check).collect();
        assert!(wrong.contains(&check), "{attack}: found {wrong:?}");
    }
}

#[test]
fn a_vault_head_by_nobody_or_with_another_sum_is_not_opened() {
    for attack in [
        "UPDATE vault_heads SET note = replace(note, '2026', '2027')",
        "UPDATE row_sum SET state = zeroblob(2048)",
        "UPDATE rings SET note = replace(note, 'writer', 'xriter')",
    ] {
        let home = Home::new();
        home.add(&[draft("a", "one", 10)]);
        home.sql(attack);
        assert!(Vault::open(&home.path(), &home.owner_key(), &home.identity, None).is_err(), "{attack}");
    }
}

#[test]
fn an_older_copy_is_refused_by_the_pin() {
    let home = Home::new();
    home.add(&[draft("a", "one", 10)]);
    let copy = home.dir.path().join("copy.sgv");
    home.sql(&format!("VACUUM INTO '{}'", copy.display()));
    rusqlite::Connection::open(&copy).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
    let open = |pin| Vault::open(&copy, &home.owner_key(), &home.identity, Some(&pin)).err();
    assert_eq!(open(home.vault.pin().unwrap()), None);
    decide(&home, &request(&["a"]));
    let after_decision = home.vault.pin().unwrap();
    assert!(matches!(
        open(after_decision),
        Some(VaultError::Pin(PinError::OlderThanSeen { what: "log", found: 0, seen: 2 }))
    ));
    home.add(&[draft("b", "two", 10)]);
    let pin = home.vault.pin().unwrap();
    assert_eq!(pin.to_string().parse(), Ok(pin.clone()));
    assert!(matches!(open(pin), Some(VaultError::Pin(PinError::OlderThanSeen { .. }))));
    let other = Home::new();
    assert!(matches!(open(other.vault.pin().unwrap()), Some(VaultError::Pin(PinError::OtherVault))));
}

#[test]
fn only_keys_of_the_ring_write_and_decide() {
    let home = Home::new();
    let stranger = stillgood::Signer::generate("test/device".parse().unwrap());
    let refused = home.vault.add(&stranger, &[draft("a", "one", 1)], now(), &mut |_| ());
    assert!(matches!(refused, Err(VaultError::NotAllowed { what: "write", .. })));
    let gate = stillgood::Gate::new(stillgood::PolicySet::builtin(), stranger);
    assert!(matches!(home.vault.decide(&gate, &request(&["a"])), Err(VaultError::NotAllowed { what: "decide", .. })));
    assert!(matches!(
        Vault::open(&home.path(), &home.device.verifier(), &home.identity, None),
        Err(VaultError::Ring(_))
    ));
    let other = stillgood::Identity::generate();
    assert!(matches!(Vault::open(&home.path(), &home.owner_key(), &other, None), Err(VaultError::Unlock(_))));
}

#[test]
fn a_file_that_is_no_vault_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v");
    let home = Home::new();
    let open = || Vault::open(&path, &home.owner_key(), &home.identity, None).err();
    assert!(matches!(open(), Some(VaultError::Store(StoreError::Missing(_)))));
    std::fs::write(&path, "not a database, but a text of some length").unwrap();
    assert!(matches!(open(), Some(VaultError::Store(StoreError::NotAVault(_)))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "not a database, but a text of some length");
    let made = Vault::create(&path, &home.owner, &home.identity, &home.device, now()).err();
    assert!(matches!(made, Some(VaultError::Store(StoreError::Exists(_)))));
    home.sql("PRAGMA user_version = 9");
    let newer = Vault::open(&home.path(), &home.owner_key(), &home.identity, None).err();
    assert!(matches!(newer, Some(VaultError::Store(StoreError::OtherVersion { found: 9, .. }))));
}

#[test]
fn evidence_on_a_text_that_stands_is_taken() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let mut again = draft("a", "text", 10);
    let finding = stillgood::Finding { state: stillgood::Found::Contradicted, as_of: None };
    again.boxes.payment = Some(stillgood::Attached { finding, detail: stillgood::PaymentRung::Queued });
    let added = home.vault.add(&home.device, &[again], now(), &mut |_| ()).unwrap();
    assert_eq!(added, Added { relabelled: 1, ..Added::default() });
    // A draft without evidence takes none away.
    home.add(&[draft("a", "text", 10)]);
    let head = home.vault.row(&row("a")).unwrap();
    assert!(head.boxes.payment.is_some());
    // An edit does: it was about the old text.
    home.add(&[draft("a", "other text", 10)]);
    let head = home.vault.row(&row("a")).unwrap();
    assert!(head.boxes.payment.is_none() && head.edited);
}

#[test]
fn a_row_that_nobody_could_read_again_is_not_written() {
    let home = Home::new();
    let mut illegal = draft("a", "text", 10);
    let finding = stillgood::Finding { state: stillgood::Found::Claimed, as_of: None };
    let detail = stillgood::Artifact { label: Some(String::new()), blob_id: None };
    illegal.boxes.artifact = Some(stillgood::Attached { finding, detail });
    let refused = home.vault.add(&home.device, &[illegal], now(), &mut |_| ());
    assert!(matches!(refused, Err(VaultError::Refused { .. })));
    assert!(home.vault.rows().unwrap().is_empty());
}

#[test]
fn a_forged_decision_in_the_log_is_found() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let (retrieval, _) = decide(&home, &request(&["a"]));
    let stranger = stillgood::Signer::generate("test/stranger".parse().unwrap());
    let note: stillgood::Note = retrieval.decision.note().parse().unwrap();
    let forged = stranger.sign(note.unverified_text()).unwrap().to_string();
    let connection = rusqlite::Connection::open(home.path()).unwrap();
    // Entry 0 names the policy set, entry 1 is the decision.
    let first: String =
        connection.query_row("SELECT entry FROM log_entries WHERE idx = 0", [], |row| row.get(0)).unwrap();
    connection.execute("UPDATE log_entries SET entry = ?1 WHERE idx = 1", [&forged]).unwrap();
    let hashes = [first, forged].map(|entry| stillgood::tree::leaf_hash(entry.as_bytes()));
    let root = stillgood::tree::node_hash(&hashes[0], &hashes[1]);
    for (level, index, hash) in [(0, 1, hashes[1]), (1, 0, root)] {
        let sql = "UPDATE log_nodes SET hash = ?1 WHERE level = ?2 AND idx = ?3";
        connection.execute(sql, rusqlite::params![hash.as_slice(), level, index]).unwrap();
    }
    let report = home.reopen().verify().unwrap();
    let wrong: Vec<&str> = report.findings.iter().filter(|f| !f.wrong.is_empty()).map(|f| f.check).collect();
    assert_eq!(wrong, ["decisions"]);
}

#[test]
fn a_process_that_decides_once_reserves_no_more_seals_than_it_uses() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let reserved = || {
        let connection = rusqlite::Connection::open(home.path()).unwrap();
        connection.query_row("SELECT sum(reserved) FROM seals", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let before = reserved();
    for n in 0..5 {
        let at = now().plus(stillgood::Span::from_millis(n));
        home.reopen().decide(&home.gate(), &Request { at, ..request(&["a"]) }).unwrap();
    }
    assert_eq!(reserved() - before, 5);
}

#[test]
fn debug_shows_no_word_of_a_memory() {
    let home = Home::new();
    let mut labelled = draft("a", "Marigold lives in Lisbon", 10);
    labelled.traits.subject = Some("Marigold".parse().unwrap());
    labelled.traits.tags.insert("marigold".parse().unwrap());
    assert!(!format!("{labelled:?}").to_lowercase().contains("marigold"));
    home.add(&[labelled]);
    let (retrieval, _) = decide(&home, &request(&["a"]));
    assert_eq!(retrieval.live.len(), 1);
    let shown = format!("{retrieval:?} {:?}", home.vault.row(&row("a")).unwrap());
    assert!(!shown.to_lowercase().contains("marigold"), "{shown}");
    let opening = retrieval.live[0].head.text.opening;
    assert!(!shown.contains(&format!("{opening:?}")));
}

#[test]
fn an_epoch_is_used_to_its_last_seal_and_no_further() {
    let home = Home::new();
    home.add(&[draft("a", "text", 1)]);
    let vault = home.reopen();
    let file = rusqlite::Connection::open(home.path()).unwrap();
    let reserved = || file.query_row("SELECT reserved FROM seals", [], |row| row.get::<_, i64>(0)).unwrap();
    let full = |outcome: Result<(), VaultError>| assert_eq!(outcome, Err(VaultError::EpochFull));
    let add = |vault: &Vault| vault.add(&home.device, &[draft("b", "two seals", 1)], now(), &mut |_| ()).map(drop);
    let decide = |vault: &Vault, n| {
        let request = Request { at: now().plus(stillgood::Span::from_millis(n)), ..request(&["a"]) };
        vault.decide(&home.gate(), &request).map(drop)
    };
    home.sql(&format!("UPDATE seals SET reserved = {}", (1 << 28) - 1));
    full(add(&vault));
    full(add(&vault));
    assert_eq!(reserved(), (1 << 28) - 1, "who is refused has reserved nothing");
    // Blocks grow with each attempt: the next one is of more than the one that is left.
    assert_eq!(decide(&vault, 4), Ok(()));
    assert_eq!(reserved(), 1 << 28);
    full(decide(&vault, 5));
    full(add(&vault));
    assert_eq!(reserved(), 1 << 28);
    assert!(vault.verify().unwrap().holds());
}

/// Whatever a shipped policy says a confirmation would clear, a confirmation clears, and the next import does not bring it back.
#[test]
fn what_needs_a_confirmation_is_cleared_by_one() {
    let home = Home::new();
    let days = |days| now().plus(stillgood::Span::days(days).unwrap());
    let mut ended = draft("ended", "I have the loan of a fondue set.", 200);
    ended.traits.valid_until = Some(days(-12));
    let mut derived = draft("derived", "I can afford a dinner of 40.", 20);
    derived.links.insert((stillgood::OwnLink::DependsOn, row("old")));
    let drafts = [draft("old", "My budget is 40.", 4_000), draft("other", "My budget is 50.", 30), ended, derived];
    home.add(&drafts);
    let tie = |one: &str, kind, other: &str| {
        home.vault.link(&home.device, &row(one), kind, &row(other), stillgood::MadeBy::Record, now()).unwrap();
    };
    tie("old", stillgood::OwnLink::Contradicts, "other");
    earn(&home.vault, &home.owner, &home.device, "old", Earning::Deny, now()).unwrap();
    tie("old", stillgood::OwnLink::Contradicts, "other");
    let rows = ["other", "ended", "derived"];
    let held = decide(&home, &request(&rows)).0;
    let reasons: Vec<String> = verdicts(&held).into_iter().map(|(_, _, reason)| reason).collect();
    assert_eq!(
        reasons,
        ["contradicted:unsettled=settle", "expired:ended=confirmation", "parents:parent-changed=confirmation"]
    );
    for (waiting, id) in home.vault.waiting(now()).unwrap().iter().zip(rows) {
        assert_eq!(waiting.row, row(id));
        let answer = Answer { decision: Some(waiting.decision), ..Answer::to(row(id), Earning::Confirm, now()) };
        home.vault.earn(&home.owner, &home.device, &answer, now()).unwrap();
    }
    for again in 0..2 {
        let live = decide(&home, &request(&rows)).0;
        assert!(verdicts(&live).iter().all(|(_, verdict, _)| *verdict == Verdict::Live), "{again}: {live:?}");
        home.add(&drafts);
    }
    assert!(home.vault.verify().unwrap().holds());
}

/// What the owner confirmed since is not replaced by what was said before.
#[test]
fn a_text_said_before_the_last_confirmation_changes_nothing() {
    let home = Home::new();
    home.add(&[draft("a", "I live in Porto.", 30)]);
    let ten_days_ago = now().plus(stillgood::Span::days(-10).unwrap());
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, ten_days_ago).unwrap();
    let mut record = draft("a", "I live in Lisbon.", 30);
    for (days, older) in [(-20, 1), (-5, 0)] {
        record.updated_at = Some(now().plus(stillgood::Span::days(days).unwrap()));
        let added = home.vault.add(&home.device, &[record.clone()], now(), &mut |_| ()).unwrap();
        assert_eq!((added.older, added.changed), (older, 1 - older), "updated {days} days ago");
    }
}
