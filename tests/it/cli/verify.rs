//! `verify`, of decisions and of vaults; and files that are no vault, or not the newest copy of it.

use std::fs;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::desk::Desk;

#[test]
fn verify_decision() {
    let (desk, id) = Desk::decided();
    let vkey = desk.text("keys/device.vkey").trim_end().to_owned();
    desk.answers("verify-with-file", "verify d.json --verifier keys/device.vkey");
    desk.answers("verify-with-line", &format!("verify d.json --verifier {vkey}"));
    desk.answers("verify-json", "verify d.json --verifier keys/device.vkey --json");
    desk.answers("verify-id", &format!("verify {id} --vault v.sgv --keys keys --verifier keys/device.vkey"));
    desk.put("windows.vkey", format!("{vkey}\r\n"));
    desk.done("verify d.json --verifier windows.vkey");

    desk.says_no("verify-other-key", "verify d.json --verifier other/device.vkey");
    desk.says_no("verify-owners-key", "verify d.json --verifier keys/owner.vkey");
    desk.cannot("verify-no-verifier", "verify d.json");
    desk.cannot("verify-verifier-is-a-word", "verify d.json --verifier me");
    desk.cannot("verify-verifier-is-a-secret", "verify d.json --verifier keys/device.pem");
    desk.cannot("verify-no-file", "verify nowhere.json --verifier keys/device.vkey");
    desk.put("shopping.txt", "Lisbon, tea, a lock\n").put("empty", "");
    desk.says_no("verify-garbage", "verify shopping.txt --verifier keys/device.vkey");
    desk.says_no("verify-empty", "verify empty --verifier keys/device.vkey");
    desk.refuses(&format!("verify {id} --verifier keys/device.vkey"));

    desk.says_no("verify-no-verifier-id-unknown", &format!("verify {} --vault v.sgv --keys keys", "0".repeat(32)));

    // The right key by another name. The hash covers the name, so it is another hash.
    let key = vkey.splitn(3, '+').nth(2).expect("name, hash and key");
    let key_bytes = BASE64.decode(key.as_bytes()).expect("base64");
    let name = "example.org/you/device";
    let hash = Sha256::digest([format!("{name}\n").as_bytes(), &key_bytes].concat());
    desk.put("renamed.vkey", format!("{name}+{}+{key}\n", HEXLOWER.encode(&hash[..4])));
    desk.says_no("verify-other-name", "verify d.json --verifier renamed.vkey");
    // Another name with the old hash is no vkey at all.
    desk.put("forged.vkey", vkey.replace("example.org/me", "example.org/you"));
    desk.cannot("verify-name-without-its-hash", "verify d.json --verifier forged.vkey");
}

/// What is not looked at must not seem to confirm anything.
#[test]
fn a_vault_that_is_not_asked_is_refused() {
    let (desk, id) = Desk::decided();
    desk.done("init other.sgv --keys other");
    for line in [
        "verify d.json --verifier keys/device.vkey --vault v.sgv --keys keys",
        "verify d.json --verifier keys/device.vkey --vault other.sgv --keys other",
        "verify d.json --vault other.sgv --keys other",
    ] {
        let ran = desk.refuses(line);
        assert!(ran.stderr.contains("`d.json` is no decision id, and --vault goes with one"), "{}", ran.stderr);
    }
    desk.cannot("verify-file-and-vault", "verify d.json --verifier keys/device.vkey --vault other.sgv --keys other");
    desk.cannot("show-file-and-other-vault", "show d.json --vault other.sgv --keys other");
    desk.cannot("verify-file-verifier-and-keys", "verify d.json --verifier keys/device.vkey --keys other");
    // A key folder alone says whose decision it should be.
    let with_file = desk.done("verify d.json --verifier keys/device.vkey").stdout;
    assert_eq!(desk.done("verify d.json --keys keys").stdout, with_file);
    assert_eq!(desk.done(&format!("verify {id} --vault v.sgv --keys keys")).stdout, with_file);
    assert_eq!(desk.done("cat d.json | verify - --keys keys").stdout, with_file);
    desk.says_no("verify-keys-of-others", "verify d.json --keys other");
    desk.reports_no("verify-keys-of-others-json", "verify d.json --keys other --json");
}

#[test]
fn what_decide_printed_is_not_the_decision() {
    let (desk, _) = Desk::decided();
    let answer = desk.done("decide v.sgv --keys keys two.json").stdout;
    desk.put("answer.json", answer);
    desk.cannot("show-answer-of-decide", "show answer.json");
    desk.says_no("verify-answer-of-decide", "verify answer.json --verifier keys/device.vkey");
    assert!(desk.run("verify answer.json --keys keys").stderr.contains("what --save writes"));
}

#[test]
fn verify_tampered_decision() {
    let (desk, _) = Desk::decided();
    let good: Json = serde_json::from_str(&desk.text("d.json")).expect("JSON");
    let tampered = |case: &str, tamper: &dyn Fn(&mut Json)| {
        let mut bad = good.clone();
        tamper(&mut bad);
        desk.put("d.json", bad.to_string());
        desk.says_no(&format!("verify-{case}"), "verify d.json --verifier keys/device.vkey");
    };
    let edit = |text: &mut Json, from: &str, to: &str| {
        let old = text.as_str().expect("text");
        assert!(old.contains(from), "{from} in {old}");
        *text = old.replacen(from, to, 1).into();
    };
    tampered("verdict-changed", &|bad| edit(&mut bad["leaves"][3], " re-earn ", " live "));
    tampered("row-changed", &|bad| edit(&mut bad["leaves"][3], " flu ", " birth "));
    tampered("time-changed", &|bad| edit(&mut bad["leaves"][0], "decision-header/v1 2", "decision-header/v1 3"));
    tampered("ruling-left-out", &|bad| _ = bad["leaves"].as_array_mut().expect("leaves").pop());
    tampered("rulings-swapped", &|bad| bad["leaves"].as_array_mut().expect("leaves").swap(1, 2));
    tampered("no-rulings", &|bad| bad["leaves"] = json!([]));
    tampered("name-changed", &|bad| edit(&mut bad["note"], "— example.org/me", "— example.org/you"));
    tampered("first-line-changed", &|bad| edit(&mut bad["note"], "/decision/v1/", "/decision/v2/"));
    tampered("member-added", &|bad| bad["verified"] = true.into());
    tampered("signature-changed", &|bad| {
        let note = bad["note"].as_str().expect("text");
        let (before, signature) = note.trim_end().rsplit_once(' ').expect("a signature");
        // Past the key hash, and not among the last bits.
        let (hash, rest) = signature.split_at(20);
        let other = if rest.starts_with('A') { "B" } else { "A" };
        bad["note"] = format!("{before} {hash}{other}{}\n", rest.get(1..).expect("base64")).into();
    });
}

#[test]
fn verify_vault() {
    let (desk, _) = Desk::decided();
    desk.answers("verify-vault-decided", "verify v.sgv --keys keys");
    desk.cannot("verify-vault-no-keys", "verify v.sgv");
    desk.cannot("verify-vault-other-keys", "verify v.sgv --keys other");
    desk.cannot("verify-vault-no-key-folder", "verify v.sgv --keys nowhere");
    desk.cannot("verify-no-vault", "verify nowhere.sgv --keys keys");
    let change = |file: &str, sql: &str| {
        desk.copy("v.sgv", file);
        let vault = rusqlite::Connection::open(desk.path(file)).expect("the vault");
        vault.execute_batch(sql).expect("a change");
    };
    change("body.sgv", "UPDATE bodies SET sealed = zeroblob(90) WHERE row = 'flu'");
    desk.reports_no("verify-vault-body-changed", "verify body.sgv --keys keys");
    desk.reports_no("verify-vault-body-changed-json", "verify body.sgv --keys keys --json");
    change("row.sgv", "DELETE FROM heads WHERE row = 'flu'");
    desk.reports_no("verify-vault-row-missing", "verify row.sgv --keys keys");
    change("log.sgv", "DELETE FROM decisions");
    desk.reports_no("verify-vault-decision-missing", "verify log.sgv --keys keys");
    desk.done("decide v.sgv --keys keys two.json");
    change("bodies.sgv", "UPDATE bodies SET sealed = zeroblob(90)");
    let ran = desk.reports_no("verify-vault-bodies-changed", "verify bodies.sgv --keys keys");
    assert_eq!(ran.stdout.matches(": damaged").count(), 5, "the others are counted");
    let all = desk.run("verify bodies.sgv --keys keys --json").json();
    assert_eq!(all["findings"][5]["wrong"].as_array().expect("a list").len(), 8, "{all}");
    change("version.sgv", "PRAGMA user_version = 2");
    desk.cannot("vault-of-another-version", "decide version.sgv --keys keys two.json");
}

#[test]
fn vaults_that_are_none() {
    let desk = Desk::full_vault();
    desk.put(
        "diary.txt",
        "Dear diary, today I was in Lisbon again, and it rained all day long; so I stayed at home.\n".repeat(20),
    );
    let other = rusqlite::Connection::open(desk.path("other.db")).expect("a database");
    other.execute_batch("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('Lisbon')").expect("a table");
    other.close().expect("closed");
    desk.cannot("import-into-another-database", "import other.db --keys keys a.json");
    desk.cannot("decide-another-database", "decide other.db --keys keys two.json");
    desk.cannot("verify-another-database", "verify other.db --keys keys");
    desk.cannot("import-into-a-text", "import diary.txt --keys keys a.json");
    desk.cannot("decide-a-text", "decide diary.txt --keys keys two.json");
    // Shorter than the header of a database.
    desk.put("note.txt", "Lisbon\n");
    desk.cannot("decide-a-short-text", "decide note.txt --keys keys two.json");
}

/// With keys and no verifier, a vault was meant: a missing verifier is not what is wrong.
#[test]
fn verify_of_what_is_neither() {
    let desk = Desk::full_vault();
    desk.put("diary.txt", "Dear diary\n").put("empty", "");
    for file in ["diary.txt", "empty"] {
        let ran = desk.run(&format!("verify {file} --keys keys"));
        ran.failed(ran.code.expect("it ended by itself"));
        assert!(!ran.stderr.contains("--verifier is missing"), "{}", ran.stderr);
    }
}

/// Without a pin an older copy passes: so it is said that there is none, and none is made on the way.
#[test]
fn verify_says_that_a_pin_is_gone() {
    let (desk, _) = Desk::decided();
    assert!(desk.done("verify v.sgv --keys keys").stdout.contains("\npin           not older than seen\n"));
    let pins = || desk.names("keys").into_iter().filter(|name| name.ends_with(".pin")).collect::<Vec<_>>();
    for pin in pins() {
        fs::remove_file(desk.path(&format!("keys/{pin}"))).expect("it is there");
    }
    for _ in 0..2 {
        desk.answers("verify-vault-no-pin", "verify v.sgv --keys keys");
        assert_eq!(desk.done("verify v.sgv --keys keys --json").json()["pin"], false);
        assert_eq!(pins(), [""; 0]);
    }
}

/// The pin in the key folder remembers the newest state that was seen.
#[test]
fn an_older_copy_put_back() {
    let (desk, id) = Desk::decided();
    desk.copy("v.sgv", "old.sgv");
    desk.done("decide v.sgv --keys keys two.json");
    desk.copy("v.sgv", "new.sgv");
    desk.copy("old.sgv", "v.sgv");
    desk.cannot("older-copy-decide", "decide v.sgv --keys keys two.json");
    desk.cannot("older-copy-import", "import v.sgv --keys keys a.json");
    desk.says_no("older-copy-verify", "verify v.sgv --keys keys");
    desk.cannot("older-copy-show", &format!("show {id} --vault v.sgv --keys keys"));
    desk.copy("new.sgv", "v.sgv");
    desk.done("decide v.sgv --keys keys two.json");

    // Two copies went different ways.
    desk.copy("new.sgv", "v.sgv");
    let pins: Vec<String> = desk.names("keys").into_iter().filter(|name| name.ends_with(".pin")).collect();
    let [pin] = pins.as_slice() else { panic!("one pin, not {pins:?}") };
    fs::remove_file(desk.path(&format!("keys/{pin}"))).expect("it is there");
    desk.done("decide v.sgv --keys keys search.json");
    desk.done("decide v.sgv --keys keys search.json");
    desk.copy("v.sgv", "ours.sgv");
    desk.copy("new.sgv", "v.sgv");
    fs::rename(desk.path(&format!("keys/{pin}")), desk.path("our.pin")).expect("a pin");
    for _ in 0..3 {
        desk.done("decide v.sgv --keys keys two.json");
    }
    desk.copy("our.pin", &format!("keys/{pin}"));
    desk.cannot("forked-copy", "decide v.sgv --keys keys two.json");

    desk.put(&format!("keys/{pin}"), "not a pin\n");
    desk.copy("ours.sgv", "v.sgv");
    desk.cannot("broken-pin", "decide v.sgv --keys keys two.json");
}
