//! How good chances are on facts that are known; and files that say nothing of the kind.

use serde_json::Value as Json;

use super::desk::Desk;

/// Facts of sixteen subjects, as `tests/second/make_measure.py` made them up.
fn facts() -> String {
    let vectors: Json = serde_json::from_str(include_str!("../../vectors/measure.json")).expect("JSON");
    let lines: Vec<&str> = vectors["facts"].as_array().expect("a list").iter().filter_map(Json::as_str).collect();
    lines.join("\n") + "\n"
}

fn labelled(subjects: usize) -> String {
    let line = |number: usize| {
        let (subject, years) = (number % subjects, number % 7);
        let (held, changed) = (years * (subject % 3) < 6, subject % 5 == 4);
        format!(
            "{{\"subject\": \"s{subject}\", \"attribute\": \"employer\", \"stated\": \"20{:02}\", \"asked\": \"20{:02}-02-01\", \
             \"held\": {}, \"parent_changed\": {changed}}}\n",
            number % 10,
            number % 10 + years,
            held && !changed,
        )
    };
    (0..60).map(line).collect()
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("facts.jsonl", facts()).put("rows.jsonl", labelled(12));
    desk
}

#[test]
fn facts_and_rows_are_measured() {
    let desk = desk();
    let facts = desk.answers("evaluate-facts", "evaluate facts.jsonl");
    assert_eq!(desk.done("evaluate facts.jsonl").stdout, facts.stdout, "the same again");
    desk.answers("evaluate-rows", "evaluate rows.jsonl");
    desk.answers("evaluate-help", "evaluate --help");
    let piped = desk.done("cat facts.jsonl | evaluate -").stdout;
    assert_eq!(piped.replace("standard input", "`facts.jsonl`"), facts.stdout);
}

/// Everything that is printed is there in JSON too, with as many places as there are.
#[test]
fn everything_as_json() {
    let desk = desk();
    let text = desk.done("evaluate facts.jsonl rows.jsonl").stdout;
    let json: Json = serde_json::from_str(&desk.done("evaluate --json facts.jsonl rows.jsonl").stdout).expect("JSON");
    let files = json["files"].as_array().expect("two files");
    assert_eq!(files.len(), 2);
    for file in files {
        for method in file["methods"].as_array().expect("methods") {
            let name = method["name"].as_str().expect("a name");
            let line = text.lines().find(|line| line.starts_with(&format!("{name}  "))).expect("it is printed");
            assert!(line.contains("0."), "{line}");
            assert_eq!(method["curve"].as_array().map(Vec::len), Some(101));
            let rows: u64 =
                method["bins"].as_array().expect("bins").iter().filter_map(|bin| bin["rows"].as_u64()).sum();
            assert_eq!(Some(rows), file["rows"].as_u64(), "every row is in one bin");
        }
        assert_eq!(file["stillgood_same_when_retrievals_are_a_thousandfold"], true);
    }
    let auc = |file: &Json| file["methods"].as_array().expect("a list").last().expect("ours")["figures"]["auc"].clone();
    let shown = format!("{:.4}", auc(&files[0]).as_f64().expect("a number"));
    assert!(text.contains(&shown), "{shown}");
    // Ours, fitted on the facts of the one, is measured on the other.
    assert_eq!(files[1]["fitted_elsewhere"][0]["name"], "facts.jsonl");
    assert_eq!(files[0]["fitted_elsewhere"].as_array().map(Vec::len), Some(0), "labelled rows are no facts");
}

#[test]
fn a_table_is_written_read_again_and_measured() {
    let desk = desk();
    desk.done("evaluate facts.jsonl --write-table my.toml");
    let table = desk.text("my.toml");
    assert!(stillgood::SurvivalTable::from_toml(&table).is_ok(), "{table}");
    assert!(table.contains("stillgood evaluate") && table.contains("facts.jsonl: 116 facts of 16 subjects"), "{table}");
    desk.answers("evaluate-table", "evaluate rows.jsonl --table my.toml");
    // Of one subject, too: nothing is learned.
    desk.put("one.jsonl", labelled(1));
    desk.answers("evaluate-one-subject", "evaluate one.jsonl --table my.toml");
    desk.done("evaluate facts.jsonl --write-table my.toml");
    assert_eq!(desk.text("my.toml"), table, "the same again");
}

#[test]
fn pictures_are_drawn() {
    let desk = desk();
    desk.put("other/facts.jsonl", facts());
    desk.done("evaluate facts.jsonl --svg pictures");
    let names = ["facts-costs.svg", "facts-reliability-stillgood.svg", "facts-reliability-to-beat.svg"];
    assert_eq!(desk.names("pictures"), names);
    for name in names {
        let picture = desk.text(&format!("pictures/{name}"));
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
        assert!(!picture.contains("<script") && !picture.contains("url("), "{name}");
    }
    desk.done("evaluate facts.jsonl other/facts.jsonl --svg both");
    assert_eq!(desk.names("both").len(), 6, "one file's pictures do not replace the other's");
}

#[test]
fn files_that_cannot_be_measured() {
    let desk = desk();
    let fact = "{\"subject\": \"s\", \"attribute\": \"a\", \"start\": \"2000\", \"end\": \"2010\"}\n";
    let row = |held: bool| {
        format!(
            "{{\"subject\": \"s\", \"attribute\": \"a\", \"stated\": \"2000\", \"asked\": \"2010\", \"held\": {held}}}\n"
        )
    };
    let cases: &[(&str, Vec<u8>)] = &[
        ("empty", b"".into()),
        ("binary", b"\x7fELF\x02\xff\xfe\0".into()),
        ("no-facts", b"{}\n{}\n".into()),
        ("none-usable", fact.replace("2010", "1990").into()),
        ("one-subject", fact.repeat(3).into()),
        ("two-shapes", format!("{fact}{}", row(true)).into()),
        ("asked-before-stated", row(true).replace("2010", "1990").into()),
        ("unknown-key", row(true).replace("\"held\"", "\"weight\": 1, \"held\"").into()),
        ("day-that-is-none", fact.replace("2010", "2010-02-30").into()),
        ("brackets-100000", "[".repeat(100_000).into()),
        ("escape-sequence", fact.replace("2010", "\\u001b[2J").into()),
    ];
    for (case, content) in cases {
        desk.put("bad.jsonl", content);
        desk.cannot(&format!("evaluate-bad-{case}"), "evaluate bad.jsonl");
    }
    desk.cannot("evaluate-bad-folder", "evaluate .");
    desk.cannot("evaluate-bad-missing", "evaluate nowhere.jsonl");
    desk.cannot("evaluate-bad-svg", "evaluate facts.jsonl --svg facts.jsonl");
    desk.cannot("evaluate-bad-write", "evaluate facts.jsonl --write-table nowhere/my.toml");
    desk.cannot("evaluate-bad-both", "evaluate facts.jsonl --table my.toml --write-table my.toml");
    // Where all held, nothing can be ranked, and that is said.
    let all_held: String = (0..20).map(|n| row(true).replace("\"s\"", &format!("\"s{n}\""))).collect();
    desk.put("held.jsonl", all_held);
    desk.answers("evaluate-all-held", "evaluate held.jsonl");
}

#[test]
fn tables_that_are_none() {
    let desk = desk();
    desk.done("evaluate facts.jsonl --write-table good.toml");
    let good = desk.text("good.toml");
    let known = good.find("known = [[1").expect("a curve") + "known = [[".len();
    let end = known + good[known..].find(']').expect("its end");
    let curve = |chances: &str| format!("{}{chances}{}", &good[..known], &good[end..]);
    let many: String = (0..1_001)
        .map(|n| format!("[[attribute]]\nname = \"a{n}\"\nfacts = 0\nended = 0\nknown = []\nunknown = []\n"))
        .collect();
    let cases: &[(&str, Vec<u8>)] = &[
        ("empty", b"".into()),
        ("rises", curve(&good[known..end].replacen("1", "0.1", 1)).into()),
        ("negative", curve(&good[known..end].replacen("1", "-1", 1)).into()),
        ("no-chances", curve("").into()),
        ("many-attributes", format!("{good}{many}").into()),
        ("not-text", b"\xff\xfe".into()),
        ("long", format!("{good}# {}", "x".repeat(4 << 20)).into()),
        ("facts", desk.bytes("facts.jsonl")),
    ];
    for (case, content) in cases {
        desk.put("bad.toml", content);
        desk.cannot(&format!("evaluate-bad-table-{case}"), "evaluate facts.jsonl --table bad.toml");
    }
    desk.cannot("evaluate-bad-table-missing", "evaluate facts.jsonl --table nowhere.toml");
}

/// A pipe with a name is read like any other file, and what comes through it is the same.
#[cfg(unix)]
#[test]
fn facts_from_a_named_pipe() {
    let desk = desk();
    let ran = desk.shell(
        "mkfifo pipe && cat facts.jsonl > pipe & sleep 0.1; while ! [ -p pipe ]; do :; done; stillgood evaluate pipe",
    );
    assert_eq!(
        ran.stdout.replace("`pipe`", "`facts.jsonl`"),
        desk.done("evaluate facts.jsonl").stdout,
        "{}",
        ran.stderr
    );
}
