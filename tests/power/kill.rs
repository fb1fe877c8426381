//! The program itself, killed at any moment of an import or a decision; and many of them at once.
//!
//! A kill loses nothing that was written, so this is about what the program writes in which order: rows, decision, pin,
//! saved bundle, answer.

#[path = "../it/cli/desk.rs"]
#[allow(dead_code, reason = "the tests of the command line need more of it")]
mod desk;

use std::collections::BTreeSet;
use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use stillgood::{DecisionId, Gate, Identity, Pin, PolicySet, Request, SignedDecision, Signer, Vault, Verifier};

use crate::inspect::{Found, Inspector, Trust};
use desk::Desk;

/// Every memory here holds this word; no message on standard error ever does.
const SECRET: &str = "Lisbon";
const ROWS: usize = 1_500;
const KILLS: u32 = 14;

fn export(rows: usize) -> String {
    let memory = |n: usize| {
        json!({"id": format!("r{n}"), "memory": format!("I was in Lisbon {n} times."), "categories": ["identity"],
               "type": "semantic", "created_at": "2000-01-01T00:00:00Z", "rerank_score": 0.9})
    };
    json!({"memories": (0..rows).map(memory).collect::<Vec<_>>()}).to_string()
}

/// Keys and an empty vault.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.done("keygen --name example.org/me --out keys");
    desk.done("init v.sgv --keys keys");
    desk.put("all.json", export(ROWS)).put("two.json", export(2));
    desk.put("some.json", r#"[{"id": "r0", "rerank_score": 0.9}, {"id": "r1", "rerank_score": 0.8}]"#);
    desk
}

fn trust(desk: &Desk) -> Trust {
    let key = |name: &str| desk.text(name).trim().parse::<Verifier>().unwrap();
    let identity = Identity::from_pem(&desk.text("keys/identity.pem")).unwrap();
    Trust { owner: key("keys/owner.vkey"), device: key("keys/device.vkey"), identity }
}

/// The one pin, as whoever opens the vault next finds it.
fn pin(desk: &Desk) -> Option<Pin> {
    let name = desk.names("keys").into_iter().find(|name| name.ends_with(".pin"))?;
    Some(desk.text(&format!("keys/{name}")).parse().expect("a pin is whole"))
}

/// Everything verifies, and the pin is not ahead.
fn look(desk: &Desk, inspector: &mut Inspector<'_>) -> Found {
    desk.done("verify v.sgv --keys keys");
    let pin = pin(desk).expect("init made a pin");
    inspector.look(&desk.path("v.sgv"), Some(&pin)).unwrap()
}

fn start(desk: &Desk, line: &str) -> Child {
    desk.program().args(line.split(' ')).spawn().unwrap()
}

/// Runs it once to the end, and once for each kill, later each time.
fn killed(desk: &Desk, took: Duration, line: &str, mut after: impl FnMut(u32, String)) {
    for kill in 0..KILLS {
        let mut child = start(desk, &line.replace('#', &kill.to_string()));
        std::thread::sleep(took * (2 * kill + 1) / (2 * KILLS));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        after(kill, String::from_utf8(output.stdout).unwrap());
    }
}

#[test]
fn an_import_that_was_killed_left_all_rows_or_none() {
    let desk = desk();
    let trust = trust(&desk);
    let kept =
        ["v.sgv".to_owned()].into_iter().chain(desk.names("keys").into_iter().map(|name| format!("keys/{name}")));
    let kept: Vec<(String, Vec<u8>)> = kept.map(|name| (name.clone(), desk.bytes(&name))).collect();
    let begun = Instant::now();
    desk.done("import v.sgv --keys keys all.json");
    let took = begun.elapsed();
    let empty = || {
        for name in desk.names(".").into_iter().filter(|name| name.starts_with("v.sgv")) {
            fs::remove_file(desk.path(&name)).unwrap();
        }
        for (name, bytes) in &kept {
            desk.put(name, bytes);
        }
    };
    empty();
    let (mut none, mut all) = (0, 0);
    killed(&desk, took, "import v.sgv --keys keys all.json", |kill, _| {
        let found = look(&desk, &mut Inspector::new(&trust));
        let again = match found.rows.len() {
            0 => format!("{ROWS} new, 0 changed, 0 with new labels, 0 as they were, 0 refused\n"),
            ROWS => format!("0 new, 0 changed, 0 with new labels, {ROWS} as they were, 0 refused\n"),
            some => panic!("{some} rows of {ROWS} after kill {kill}"),
        };
        *(if found.rows.is_empty() { &mut none } else { &mut all }) += 1;
        assert_eq!(desk.done("import v.sgv --keys keys all.json").stdout, again);
        empty();
    });
    println!("kills of an import: {none} before its commit, {all} after");
}

#[test]
fn an_init_that_was_killed_made_a_vault_or_can_be_done_again() {
    let desk = desk();
    let trust = trust(&desk);
    let begun = Instant::now();
    desk.done("init other.sgv --keys keys");
    let took = begun.elapsed();
    let mut made = 0;
    killed(&desk, took, "init k#.sgv --keys keys", |kill, _| {
        let vault = format!("k{kill}.sgv");
        if desk.path(&vault).exists() {
            made += 1;
        } else {
            desk.done(&format!("init {vault} --keys keys"));
        }
        desk.done(&format!("verify {vault} --keys keys"));
        let found = Inspector::new(&trust).look(&desk.path(&vault), None).unwrap();
        assert!(found.rows.is_empty());
    });
    println!("kills of an init: {made} after the vault had its name, of {KILLS}");
}

#[test]
fn beside_the_log_of_an_earlier_vault_init_says_what_to_do() {
    let desk = desk();
    desk.put("k.sgv-wal", "the log of a vault");
    let refused = desk.refuses("init k.sgv --keys keys").stderr;
    assert!(refused.starts_with("stillgood: `k.sgv-wal` exists already\nhint: "), "{refused}");
    assert_eq!(desk.text("k.sgv-wal"), "the log of a vault");
}

#[test]
fn a_decision_that_was_shown_or_saved_before_the_kill_is_in_the_vault() {
    let desk = desk();
    let trust = trust(&desk);
    desk.done("import v.sgv --keys keys two.json");
    let begun = Instant::now();
    desk.done("decide v.sgv --keys keys some.json");
    let took = begun.elapsed();
    let mut inspector = Inspector::new(&trust);
    let mut shown: BTreeSet<DecisionId> = BTreeSet::new();
    let (mut kept, mut saved) = (0, 0);
    killed(&desk, took, "decide v.sgv --keys keys --save d#.json some.json", |kill, stdout| {
        // Whatever can be read of the answer was decided.
        if let Ok(answer) = serde_json::from_str::<Json>(&stdout) {
            shown.insert(answer["decision"].as_str().unwrap().parse().unwrap());
        }
        let bundle = format!("d{kill}.json");
        if desk.path(&bundle).exists() {
            let signed = SignedDecision::from_json(&desk.bytes(&bundle)).expect("a bundle is whole or absent");
            shown.insert(signed.verify(&trust.device).unwrap().id);
            saved += 1;
        }
        let complete = desk.done("decide v.sgv --keys keys some.json").stdout;
        let complete: Json = serde_json::from_str(&complete).unwrap();
        shown.insert(complete["decision"].as_str().unwrap().parse().unwrap());
        let found = look(&desk, &mut inspector);
        assert!(shown.is_subset(&found.decisions), "shown, and not in the vault, after kill {kill}");
        kept = found.decisions.len();
    });
    println!("kills of a decision: {kept} decisions kept, {} known of, {saved} saved", shown.len());
}

/// Whoever was slower wrote an older pin over a newer one, and an older vault would not have been noticed.
#[test]
fn a_slow_process_never_puts_the_pin_back() {
    let desk = desk();
    let trust = trust(&desk);
    desk.done("import v.sgv --keys keys two.json");
    let vault = Vault::open(&desk.path("v.sgv"), &trust.owner, &trust.identity, None).unwrap();
    let pin_file = format!("keys/{}.pin", vault.id());
    // One process decides, and waits before it writes its pin.
    let waiting = |then: &dyn Fn()| {
        let lock = fs::File::create(desk.path(&format!("keys/{}.lock", vault.id()))).unwrap();
        lock.lock().unwrap();
        let before = vault.pin().unwrap().log_size;
        let mut child = start(&desk, "decide v.sgv --keys keys some.json");
        while vault.pin().unwrap().log_size == before {
            assert_eq!(child.try_wait().unwrap(), None, "it ended without a decision");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(child.try_wait().unwrap(), None, "it did not wait");
        then();
        lock.unlock().unwrap();
        child.wait_with_output().unwrap()
    };
    // Another decides meanwhile, and has written its pin.
    let output = waiting(&|| {
        let device = Signer::from_pem(&desk.text("keys/device.pem"), &trust.device).unwrap();
        // The device was listed when the vault was made, a moment ago.
        let request = Request::at(vault.ring().verifiers()[0].since);
        vault.decide(&Gate::new(PolicySet::builtin(), device), &request).unwrap();
        desk.put(&pin_file, vault.pin().unwrap().to_string());
    });
    assert!(output.status.success());
    assert_eq!(pin(&desk), Some(vault.pin().unwrap()));
    // Another has seen a later state than this vault is in: that stays known.
    let later = Pin { log_size: 1_000, ..vault.pin().unwrap() };
    let output = waiting(&|| fs::write(desk.path(&pin_file), later.to_string()).unwrap());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("older than seen"));
    assert_eq!(pin(&desk), Some(later));
}

#[test]
fn many_decisions_at_once_all_end_well() {
    let desk = desk();
    let trust = trust(&desk);
    desk.done("import v.sgv --keys keys two.json");
    for _ in 0..2 {
        let children: Vec<Child> = (0..8).map(|_| start(&desk, "decide v.sgv --keys keys some.json")).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let found = look(&desk, &mut Inspector::new(&trust));
        // Before the first decision the log names the policy set.
        assert_eq!(pin(&desk).unwrap().log_size, found.decisions.len() as u64 + 1, "the pin is of the newest state");
    }
}

/// An earning is stored whole or not at all, and what was said before it stays.
#[test]
fn an_earning_that_was_killed_is_there_whole_or_not_at_all() {
    let desk = desk();
    let trust = trust(&desk);
    desk.done("import v.sgv --keys keys two.json");
    let begun = Instant::now();
    desk.done("earn v.sgv --keys keys --row r1 --confirm");
    let took = begun.elapsed();
    let confirmations = || {
        let vault = Vault::open(&desk.path("v.sgv"), &trust.owner, &trust.identity, None).unwrap();
        vault.row(&"r0".parse().unwrap()).unwrap().confirmations
    };
    let (mut inspector, mut before, mut kept) = (Inspector::new(&trust), confirmations(), 0);
    killed(&desk, took, "earn v.sgv --keys keys --row r0 --confirm", |kill, stdout| {
        let after = confirmations();
        assert!((before..=before + 1).contains(&after), "{before}, then {after} after kill {kill}");
        assert!(after > before || stdout.is_empty(), "it was said to be done, and was not");
        kept += after - before;
        before = after;
        look(&desk, &mut inspector);
    });
    println!("kills of an earning: {kept} after its commit, of {KILLS}");
}

/// Wherever a forgetting is killed, the row is there or gone; forgotten again, no byte of it is left.
#[test]
fn a_forgetting_that_was_killed_can_be_done_again() {
    let desk = desk();
    let trust = trust(&desk);
    desk.done("import v.sgv --keys keys all.json");
    let begun = Instant::now();
    desk.done("forget v.sgv --keys keys --row r100");
    let took = begun.elapsed();
    let sealed = |row: &str| -> Vec<Vec<u8>> {
        let file = rusqlite::Connection::open(desk.path("v.sgv")).unwrap();
        let sql = "SELECT sealed FROM heads WHERE row = ?1 UNION ALL SELECT sealed FROM bodies WHERE row = ?1";
        let mut parts = file.prepare(sql).unwrap();
        let parts = parts.query_map([row], |part| part.get(0)).unwrap();
        parts.map(Result::unwrap).collect()
    };
    let rows: Vec<Vec<Vec<u8>>> = (0..KILLS).map(|kill| sealed(&format!("r{kill}"))).collect();
    let (mut inspector, mut gone) = (Inspector::new(&trust), 0);
    killed(&desk, took, "forget v.sgv --keys keys --row r#", |kill, _| {
        let found = look(&desk, &mut inspector);
        let row = format!("r{kill}");
        gone += u32::from(!found.rows.iter().any(|(id, _)| id.as_str() == row));
        // The second time it may be that there is nothing left to do: then it says so.
        let again = desk.run(&format!("forget v.sgv --keys keys --row {row}"));
        assert!(matches!(again.code, Some(0 | 1)), "{}", again.stderr);
        for file in desk.names(".").into_iter().filter(|name| name.starts_with("v.sgv")) {
            let bytes = desk.bytes(&file);
            for part in &rows[kill as usize] {
                let piece = &part[part.len() - 40..];
                assert!(!bytes.windows(40).any(|window| window == piece), "{file} after kill {kill}");
            }
        }
    });
    println!("kills of a forgetting: {gone} after its commit, of {KILLS}");
}
