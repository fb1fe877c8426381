//! Files in the place of a vault: something else, another version, or a vault that lost a part.

use std::fs;

use super::desk::Desk;

/// What is said of such a file by the verbs that open one, and that none of them changes it.
fn opened(desk: &Desk, case: &str, vault: &str) {
    let before = fs::metadata(desk.path(vault)).is_ok_and(|known| known.is_file()).then(|| desk.bytes(vault));
    desk.cannot(&format!("bad-vault-{case}-import"), &format!("import {vault} --keys keys a.json"));
    desk.cannot(&format!("bad-vault-{case}-decide"), &format!("decide {vault} --keys keys --save d.json two.json"));
    let ran = desk.run(&format!("verify {vault} --keys keys"));
    ran.failed(ran.code.filter(|code| [1, 2].contains(code)).expect("1 or 2"));
    desk.golden(&format!("bad-vault-{case}-verify"), &ran);
    assert!(!desk.path("d.json").exists(), "{case}: nothing was saved");
    assert!(before.is_none_or(|before| before == desk.bytes(vault)), "{case}: the file is as it was");
}

#[test]
fn vaults_that_are_something_else() {
    let desk = Desk::full_vault();
    desk.put("empty", "").put("zeros", [0; 8_192]).put("text.txt", "Dear diary, Lisbon was wet.\n".repeat(100));
    let other = rusqlite::Connection::open(desk.path("other.db")).expect("a database");
    other.execute_batch("CREATE TABLE notes (text TEXT)").expect("a table");
    other.close().expect("closed");
    let unmarked = copy(&desk, "unmarked.sgv");
    unmarked.execute_batch("PRAGMA application_id = 5").expect("a change");
    unmarked.close().expect("closed");
    for (case, vault) in [
        ("empty", "empty"),
        ("zeros", "zeros"),
        ("text", "text.txt"),
        ("another-database", "other.db"),
        ("another-application", "unmarked.sgv"),
        ("folder", "keys"),
        ("device", "/dev/null"),
        ("below-a-file", "text.txt/v.sgv"),
        ("missing", "w.sgv"),
    ] {
        opened(&desk, case, vault);
    }
}

/// A copy of the vault, as a database that one can change.
fn copy(desk: &Desk, name: &str) -> rusqlite::Connection {
    desk.copy("v.sgv", name);
    rusqlite::Connection::open(desk.path(name)).expect("the vault")
}

#[test]
fn vaults_of_another_version() {
    let desk = Desk::full_vault();
    for (case, version) in [("newer", 2), ("much-newer", 2_000_000_000), ("older", 0), ("negative", -1)] {
        let vault = copy(&desk, "other.sgv");
        vault.execute_batch(&format!("PRAGMA user_version = {version}")).expect("a change");
        vault.close().expect("closed");
        opened(&desk, case, "other.sgv");
    }
}

#[test]
fn vaults_cut_short() {
    let desk = Desk::full_vault();
    let whole = desk.bytes("v.sgv");
    for (case, length) in
        [("cut-in-the-header", 90), ("cut-after-a-page", 4_096), ("cut-in-the-middle", whole.len() / 2)]
    {
        desk.put("cut.sgv", &whole[..length]);
        opened(&desk, case, "cut.sgv");
    }
    let mut page_size = whole.clone();
    page_size[16] = 7;
    desk.put("page.sgv", page_size);
    opened(&desk, "page-size", "page.sgv");
    for table in ["rings", "vault_heads", "row_sum", "heads"] {
        let vault = copy(&desk, "table.sgv");
        vault.execute_batch(&format!("DELETE FROM {table}")).expect("a change");
        vault.close().expect("closed");
        let ran = desk.run("verify table.sgv --keys keys");
        ran.failed(1);
        desk.golden(&format!("bad-vault-without-{}", table.replace('_', "-")), &ran);
    }
}

/// Wherever one byte changes, it is found: by the database, by a signature or digest, or it lies in no part of the vault.
#[test]
fn vaults_with_one_byte_changed() {
    let desk = Desk::full_vault();
    desk.done("decide v.sgv --keys keys two.json");
    let report = desk.done("verify v.sgv --keys keys").stdout;
    let whole = desk.bytes("v.sgv");
    let decided = desk.done("decide v.sgv --keys keys --at 2020-01-01T00:00:00Z two.json").json();
    let mut found = 0;
    for place in (100..whole.len()).step_by(whole.len() / 60) {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        desk.put("flip.sgv", changed);
        let ran = desk.run("verify flip.sgv --keys keys");
        match ran.code {
            Some(0) => assert_eq!(ran.stdout, report, "byte {place}"),
            code => {
                // 2 where the key ring does not show who signed it: of whom would one ask?
                ran.failed(code.filter(|code| [1, 2].contains(code)).expect("1 or 2"));
                found += 1;
            }
        }
        // Whatever is decided on it is what would be decided on the whole vault, or the row is held, or nothing is.
        let ran = desk.run("decide flip.sgv --keys keys --at 2020-01-01T00:00:00Z two.json");
        if ran.code == Some(0) {
            let answer = ran.json();
            for block in ["memories", "background"] {
                for memory in answer[block].as_array().expect("a list") {
                    assert!(decided[block].as_array().expect("a list").contains(memory), "byte {place}: {memory}");
                }
            }
        } else {
            ran.failed(2);
            assert_eq!(ran.stdout, "", "byte {place}");
        }
    }
    assert!(found > 5, "only {found} changes were found");
}

#[test]
fn places_for_a_new_vault() {
    let desk = Desk::empty_vault();
    desk.put("file", "a file\n");
    let before = desk.bytes("v.sgv");
    desk.cannot("bad-init-folder", "init keys --keys keys");
    desk.cannot("bad-init-device", "init /dev/null --keys keys");
    desk.cannot("bad-init-below-a-file", "init file/v.sgv --keys keys");
    desk.cannot("bad-init-folder-missing", "init nowhere/v.sgv --keys keys");
    desk.cannot("bad-init-empty-name", "init '' --keys keys");
    // The log of a vault that lay there once.
    desk.put("w.sgv-wal", "");
    desk.cannot("bad-init-beside-a-log", "init w.sgv --keys keys");
    assert_eq!(desk.names("."), ["file", "keys", "other", "v.sgv", "w.sgv-wal"], "nothing was made");
    assert_eq!(desk.bytes("v.sgv"), before);
}

/// One makes the vault, the others say that it is there or being made.
#[test]
fn two_inits_at_once() {
    let desk = Desk::new();
    desk.done("keygen --name me --out keys");
    for round in 0..5 {
        let vault = format!("v{round}.sgv");
        let children: Vec<_> = (0..4)
            .map(|_| desk.program().args(["init", &vault, "--keys", "keys"]).spawn().expect("it starts"))
            .collect();
        let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().expect("it ends")).collect();
        let made = outputs.iter().filter(|output| output.status.success()).count();
        assert_eq!(made, 1, "{outputs:?}");
        for output in outputs.iter().filter(|output| !output.status.success()) {
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            assert!(
                stderr.starts_with(&format!("stillgood: `{vault}")) && stderr.contains("exists already"),
                "{stderr}"
            );
        }
        assert!(desk.run(&format!("verify {vault} --keys keys")).code == Some(0));
        assert!(!desk.names(".").iter().any(|name| name.contains(".new")), "nothing is left");
    }
}
