//! `fit`: what it says, what it writes, and what `decide` and `policy check` make of that.

use std::fs;

use super::desk::Desk;
use crate::fit::prior;

/// Said so long ago that no chance falls any more.
fn export() -> String {
    let job = |number: usize| {
        format!(
            r#"{{"id": "job-{number}", "memory": "Guest {number} works in Lisbon.", "categories": ["career"], "type": "semantic",
                "created_at": "2001-01-01T00:00:00Z", "metadata": {{"attribute": "employer", "subject": "guest {number}"}}}}"#
        )
    };
    let rest = r#"{"id": "tea", "memory": "I drink tea in Lisbon.", "categories": ["identity"], "type": "semantic", "created_at": "2001-01-01T00:00:00Z"},
        {"id": "cat", "memory": "A cat was seen in Lisbon.", "categories": [], "type": "episodic", "created_at": "2001-01-01T00:00:00Z"},
        {"id": "dog", "memory": "I walk a dog in Lisbon.", "type": "semantic", "created_at": "2001-01-01T00:00:00Z", "metadata": {"attribute": "pet", "subject": "user"}}"#;
    format!("[{},\n{rest}]", (1..=4).map(job).collect::<Vec<_>>().join(",\n"))
}

fn desk() -> Desk {
    let desk = Desk::empty_vault();
    desk.put("rows.json", export()).put("house/survival.toml", prior());
    desk.put("house/set.toml", "name = \"house\"\nversion = 1\nbase = \"stillgood\"\n");
    desk.put("search.json", r#"[{"id": "job-4", "rerank_score": 0.9}]"#);
    desk.done("import v.sgv --keys keys rows.json");
    desk
}

fn answered() -> Desk {
    let desk = desk();
    for (row, word) in [
        ("job-1", "confirm"),
        ("job-2", "confirm"),
        ("job-3", "deny"),
        ("tea", "confirm"),
        ("cat", "deny"),
        ("dog", "deny"),
    ] {
        desk.done(&format!("earn v.sgv --keys keys --row {row} --{word}"));
    }
    desk
}

#[test]
fn fit() {
    let desk = answered();
    desk.answers("fit", "fit v.sgv --keys keys --policies house");
    assert_eq!(desk.names("house"), ["set.toml", "survival.toml"], "without --write nothing is written");
    desk.answers("fit-write", "fit v.sgv --keys keys --write house");
    assert_eq!(desk.names("house"), ["set.toml", "survival.note", "survival.toml"]);
    desk.answers("fit-policy-check", "policy check house");
    let json = desk.done("policy check house --json").json();
    let table = &json["personal_table"];
    assert_eq!((&table["confirmed"], &table["changed"]), (&3.into(), &3.into()));
    assert_eq!(table["unverified_signers"], serde_json::json!(["example.org/me/owner"]));
    let decided = desk.done("decide v.sgv --keys keys --policies house search.json").json();
    assert_eq!(decided["background"][0]["id"], "job-4", "{decided}");
    desk.done("verify v.sgv --keys keys");
}

#[test]
fn the_same_answers_give_the_same_table_however_often_it_is_fitted() {
    let desk = answered();
    let table = |desk: &Desk| {
        let note = desk.text("house/survival.note");
        note.lines().skip(3).take_while(|line| !line.starts_with('—')).map(str::to_owned).collect::<Vec<_>>()
    };
    let said = desk.done("fit v.sgv --keys keys --write house").stdout;
    let first = table(&desk);
    assert_eq!(desk.done("fit v.sgv --keys keys --write house").stdout, said);
    assert_eq!(table(&desk), first);
    // Nor does it matter what stood there before.
    desk.put("house/survival.note", "cut");
    desk.cannot("bad-fit-decide-cut-note", "decide v.sgv --keys keys --policies house search.json");
    desk.done("fit v.sgv --keys keys --write house");
    assert_eq!(table(&desk), first);
    assert_eq!(desk.names("house"), ["set.toml", "survival.note", "survival.toml"]);
}

#[test]
fn fit_into_a_new_folder() {
    let desk = answered();
    fs::create_dir(desk.path("empty")).expect("a folder");
    desk.cannot("bad-fit-no-parent", "fit v.sgv --keys keys --policies house --write far/away");
    desk.cannot("bad-fit-parent-file", "fit v.sgv --keys keys --policies house --write rows.json/away");
    assert!(!desk.path("far").exists());
    for folder in ["empty", "away"] {
        let json = desk.done(&format!("fit v.sgv --keys keys --policies house --write {folder} --json")).json();
        assert_eq!(json["written"], format!("{folder}/survival.note"));
        assert_eq!((&json["confirmed"], &json["changed"], &json["unopened"]), (&3.into(), &3.into(), &0.into()));
        assert_eq!(json["shifts"].as_array().map(Vec::len), Some(4), "{json}");
        assert_eq!(desk.names(folder), ["set.toml", "survival.note"]);
        assert_eq!(desk.text(&format!("{folder}/set.toml")), "name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n");
        desk.done(&format!("decide v.sgv --keys keys --policies {folder} search.json"));
    }
}

/// What does not move is not shown, and a verdict that does is counted.
#[test]
fn fit_counts_the_rows_that_are_decided_otherwise() {
    let desk = answered();
    let said = desk.done("fit v.sgv --keys keys --policies house").stdout;
    assert!(!said.contains("0.0 changes") && said.contains(" -> "), "{said}");
    let unmoved =
        said.lines().filter_map(|line| line.split_once(" days  ")?.1.split_once(" -> ")).filter(|(a, b)| a == b);
    assert_eq!(unmoved.count(), 0, "{said}");
    assert!(said.contains("\nasked for now, each of 7 rows of the vault is decided as by the table alone\n"), "{said}");
    // Between the chance of a job that nobody confirmed for long, and that by the fitted table.
    desk.put(
        "house/set.toml",
        "name = \"house\"\nversion = 1\nbase = \"stillgood\"\n\n[param.fades]\ntype = \"score\"\nvalue = 0.21\nmin = 0.0\nmax = 1.0\n\
         meaning = \"background from here on\"\n",
    );
    let log = desk.done("log v.sgv --keys keys").stdout;
    let said = desk.done("fit v.sgv --keys keys --policies house").stdout;
    let line =
        "asked for now, 1 of 7 rows of the vault is decided otherwise than by the table alone: 1 re-earn -> background";
    assert!(said.lines().any(|said| said == line), "{said}");
    let json = desk.done("fit v.sgv --keys keys --policies house --json").json();
    let moves = serde_json::json!([{"from": "re-earn", "to": "background", "rows": 1}]);
    assert_eq!((&json["decided_otherwise"]["rows"], &json["decided_otherwise"]["moves"]), (&7.into(), &moves));
    assert_eq!(desk.done("log v.sgv --keys keys").stdout, log, "nothing was stored");
    // So it is decided.
    let verdict = |desk: &Desk| {
        let decided = desk.done("decide v.sgv --keys keys --policies house job.json").json();
        ["memories", "background", "held"].map(|list| decided[list].as_array().map_or(0, Vec::len))
    };
    desk.put("job.json", r#"[{"id": "job-4", "rerank_score": 0.9}]"#);
    assert_eq!(verdict(&desk), [0, 0, 1]);
    desk.done("fit v.sgv --keys keys --write house");
    assert_eq!(verdict(&desk), [0, 1, 0]);
    // Without the key that decides nothing is counted, and the rest is the same.
    fs::remove_file(desk.path("keys/device.pem")).expect("it is there");
    let uncounted = desk.done("fit v.sgv --keys keys --policies house").stdout;
    assert_eq!(
        uncounted.replace("how many rows are decided otherwise by it is not known without device.pem", line),
        said
    );
}

/// A note goes on counting where survival.toml has changed since; `policy check` says so.
#[test]
fn a_table_that_was_fitted_to_another_survival_toml() {
    let desk = answered();
    desk.done("fit v.sgv --keys keys --write house");
    let check = |desk: &Desk| desk.done("policy check house --json").json();
    assert_eq!(check(&desk)["personal_table"]["fitted_from_this_table"], true);
    desk.put("house/survival.toml", format!("# a comment\n{}", prior()));
    assert_eq!(check(&desk)["personal_table"]["fitted_from_this_table"], true);
    desk.put("house/survival.toml", prior().replacen("0.45", "0.46", 1));
    assert_eq!(check(&desk)["personal_table"]["fitted_from_this_table"], false);
    desk.answers("fit-policy-check-outdated", "policy check house");
    let decided = desk.run("decide v.sgv --keys keys --policies house search.json");
    assert!(
        decided.code == Some(0)
            && decided.stderr.starts_with("warning: survival.note was fitted to another survival.toml"),
        "{}",
        decided.stderr
    );
    let files = check(&desk)["files"].clone();
    let note = files
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["file"] == "survival.note")
        .expect("it is there")
        .clone();
    assert_eq!(note["diagnostics"][0]["code"], "outdated");
    desk.done("fit v.sgv --keys keys --write house");
    assert_eq!(check(&desk)["personal_table"]["fitted_from_this_table"], true);
}

#[test]
fn fit_where_nothing_was_said() {
    let desk = desk();
    desk.put("house/survival.note", "what was there before");
    desk.says_no("fit-nothing", "fit v.sgv --keys keys --write house");
    assert_eq!(desk.text("house/survival.note"), "what was there before");
}

#[test]
fn fit_counts_what_does_not_open() {
    let desk = answered();
    let file = rusqlite::Connection::open(desk.path("v.sgv")).expect("a database");
    file.execute("UPDATE heads SET sealed = x'00' WHERE row = 'job-1'", []).expect("it writes");
    drop(file);
    let ran = desk.done("fit v.sgv --keys keys --policies house");
    let first = ran.stdout.lines().next().unwrap_or_default();
    assert!(first.ends_with("; 1 head does not open, and nothing is learned from it"), "{first}");
}

#[test]
fn a_table_is_of_one_vault_and_signed_by_its_owner() {
    let desk = answered();
    desk.done("fit v.sgv --keys keys --write house");
    desk.done("init w.sgv --keys keys");
    desk.put("one.json", export());
    desk.done("import w.sgv --keys keys one.json");
    desk.cannot("bad-fit-other-vault", "decide w.sgv --keys keys --policies house search.json");
    let log = desk.done("log v.sgv --keys keys").stdout;
    let note = desk.text("house/survival.note");
    let forged = note.replacen("\n3 3\n", "\n9 3\n", 1);
    desk.put("house/survival.note", &forged);
    desk.cannot("bad-fit-forged", "decide v.sgv --keys keys --policies house search.json");
    assert_eq!(desk.done("log v.sgv --keys keys").stdout, log, "nothing was decided");
}

#[test]
fn fit_in_vain() {
    let desk = answered();
    desk.put("full/letter.txt", "Dear Lisbon").put("file", "");
    desk.put("broken/set.toml", "name = 1\n");
    desk.cannot("bad-fit-no-set", "fit v.sgv --keys keys --write full");
    desk.cannot("bad-fit-file", "fit v.sgv --keys keys --write file");
    desk.cannot("bad-fit-broken-set", "fit v.sgv --keys keys --write broken");
    desk.cannot("bad-fit-no-policies", "fit v.sgv --keys keys --policies nowhere");
    desk.cannot("bad-fit-no-vault", "fit --keys keys");
    desk.cannot("bad-fit-other-keys", "fit v.sgv --keys other");
    fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    desk.cannot("bad-fit-no-owner", "fit v.sgv --keys keys --write house");
    desk.done("fit v.sgv --keys keys");
    assert_eq!(desk.names("house"), ["set.toml", "survival.toml"]);
    assert_eq!(desk.names("full"), ["letter.txt"]);
}
