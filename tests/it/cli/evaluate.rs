//! How good chances are on facts that are known; and files that say nothing of the kind.

use serde_json::Value as Json;

use super::desk::{Desk, Ran};

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

/// Succeeds, and says on standard error what it wrote, and nothing else.
fn writes(desk: &Desk, line: &str) -> Ran {
    let ran = desk.run(line);
    assert_eq!(ran.code, Some(0), "{line}: {}", ran.stderr);
    assert!(!ran.stderr.is_empty() && ran.stderr.lines().all(|line| line.starts_with("wrote ")), "{}", ran.stderr);
    ran
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
    let ran = writes(&desk, "evaluate facts.jsonl --write-table my.toml");
    assert_eq!(ran.stdout, desk.done("evaluate facts.jsonl").stdout, "the report is the same");
    let table = desk.text("my.toml");
    let attributes = table.matches("[[attribute]]").count();
    assert_eq!(
        ran.stderr,
        format!(
            "wrote my.toml: {attributes} attributes, 3 of them from this file, {} kB\n",
            table.len().div_ceil(1_000)
        )
    );
    assert!(stillgood::SurvivalTable::from_toml(&table).is_ok(), "{table}");
    assert!(table.contains("stillgood evaluate") && table.contains("facts.jsonl: 116 facts of 16 subjects"), "{table}");
    desk.answers("evaluate-table", "evaluate rows.jsonl --table my.toml");
    // Of one subject, too: nothing is learned.
    desk.put("one.jsonl", labelled(1));
    desk.answers("evaluate-one-subject", "evaluate one.jsonl --table my.toml");
    writes(&desk, "evaluate facts.jsonl --write-table my.toml");
    assert_eq!(desk.text("my.toml"), table, "the same again");
    // What cannot be measured can be learned from.
    let ran = desk.run("evaluate one.jsonl --write-table own.toml");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(
        ran.code == Some(2)
            && matches!(lines.as_slice(), [wrote, why, _] if wrote.starts_with("wrote own.toml: ") && why.contains("one fold")),
        "{}",
        ran.stderr
    );
    assert!(stillgood::SurvivalTable::from_toml(&desk.text("own.toml")).is_ok());
}

/// Whoever measures a table on what it was made from is told so.
#[test]
fn in_sample() {
    let desk = desk();
    writes(&desk, "evaluate facts.jsonl --write-table my.toml");
    desk.warns("evaluate-in-sample", "evaluate facts.jsonl --table my.toml");
    desk.done("evaluate rows.jsonl --table my.toml");
    // What comes by standard input has no name, and is known again by how much it is.
    assert_eq!(desk.run("cat facts.jsonl | evaluate - --write-table piped.toml").code, Some(0));
    let said = desk.run("cat facts.jsonl | evaluate - --table piped.toml").stderr;
    assert!(said.starts_with("warning: ") && said.contains("made from standard input"), "{said}");
    assert_eq!(desk.run("cat rows.jsonl | evaluate - --table piped.toml").stderr, "");
}

/// Rows whose attribute a table does not list are counted, and it is said what they are read from.
#[test]
fn attributes_that_a_table_does_not_list() {
    let desk = desk();
    writes(&desk, "evaluate facts.jsonl --write-table my.toml");
    let others = labelled(12).replace("\"s3\", \"attribute\": \"employer\"", "\"s3\", \"attribute\": \"shoe size\"");
    desk.put("others.jsonl", others);
    let line = "5 of 60 rows have an attribute that the table does not list, and are read ";
    let said = desk.done("evaluate others.jsonl --table my.toml").stdout;
    assert!(said.contains(&format!("\n{line}from `*`: `shoe size`\n")), "{said}");
    let json = desk.done("evaluate others.jsonl --table my.toml --json").json();
    assert_eq!(json["files"][0]["rows_not_listed"], 5);
    assert!(desk.done("evaluate others.jsonl --json").json()["files"][0]["rows_not_listed"].is_null());
    // Without `*`.
    let table = desk.text("my.toml");
    let any = table.find("\n[[attribute]]\nname = \"*\"").expect("it has one");
    let next = any + 1 + table[any + 1..].find("\n[[").expect("others follow");
    desk.put("my.toml", format!("{}{}", &table[..any], &table[next..]));
    let said = desk.done("evaluate others.jsonl --table my.toml").stdout;
    assert!(
        said.contains(&format!("\n{line}by kind and category, as rows without an attribute are: `shoe size`\n")),
        "{said}"
    );
    assert!(!desk.done("evaluate rows.jsonl --table my.toml").stdout.contains("does not list"));
}

/// Few rows or few subjects say little, and that is said.
#[test]
fn few_rows() {
    let desk = Desk::new();
    let of = |rows: usize, subjects: usize| {
        let line = |n: usize| {
            let (subject, held) = (n % subjects, n % 3 != 1);
            format!(
                "{{\"subject\": \"s{subject}\", \"attribute\": \"a\", \"stated\": \"2010\", \"asked\": \"2012\", \"held\": {held}}}\n"
            )
        };
        (0..rows).map(line).collect::<String>()
    };
    for (rows, subjects, few) in [(100, 20, false), (99, 20, true), (100, 19, true)] {
        desk.put("r.jsonl", of(rows, subjects));
        let said = desk.done("evaluate r.jsonl").stdout;
        assert_eq!(said.contains("\nfewer than 100 rows or 20 subjects: "), few, "{rows} {subjects}: {said}");
    }
}

/// What can keep a target from being written is found before anything is measured.
#[test]
fn targets_are_tried_first() {
    let desk = desk();
    desk.put("folder/facts-costs.svg/inside", "").put("text.txt", "mine");
    for (case, line) in [
        ("write-folder", "evaluate facts.jsonl --write-table folder"),
        ("write-other", "evaluate facts.jsonl --write-table text.txt"),
        ("write", "evaluate facts.jsonl --write-table nowhere/my.toml"),
        ("write-in-file", "evaluate facts.jsonl --write-table text.txt/my.toml"),
        ("svg", "evaluate facts.jsonl --svg facts.jsonl"),
        ("svg-nowhere", "evaluate facts.jsonl --svg nowhere/pictures"),
        ("svg-in-file", "evaluate facts.jsonl --svg text.txt/pictures"),
        ("svg-taken", "evaluate facts.jsonl --svg folder"),
    ] {
        desk.cannot(&format!("evaluate-bad-{case}"), line);
        // Not even what is measured is looked at.
        desk.put("bad.jsonl", "{}");
        let first = desk.refuses(&line.replace("facts.jsonl --", "bad.jsonl --"));
        assert!(first.stderr.contains("`bad.jsonl`") == (case == "svg-taken"), "{}", first.stderr);
    }
    assert_eq!(desk.names("."), ["bad.jsonl", "facts.jsonl", "folder", "rows.jsonl", "text.txt"]);
    writes(&desk, "evaluate facts.jsonl --svg new --write-table new/my.toml");
    assert_eq!(desk.names("new").len(), 4);
}

/// What was written before the report could not be printed is there, and that is said.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_printed() {
    let desk = desk();
    let ran = desk.shell("stillgood evaluate facts.jsonl --svg new --write-table my.toml > /dev/full");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert!(
        matches!(lines.as_slice(), [pictures, table, _, _] if pictures.starts_with("wrote new: 3 pictures, ") && table.starts_with("wrote my.toml: ")),
        "{}",
        ran.stderr
    );
    assert_eq!(
        lines[2..],
        ["stillgood: cannot write the output: the disk is full", "hint: `new` and `my.toml`: written all the same"]
    );
    assert!(desk.path("my.toml").exists());
}

/// The same facts twice would count twice.
#[test]
fn a_file_that_is_given_twice() {
    let desk = desk();
    desk.put("copy.jsonl", facts());
    desk.cannot("evaluate-bad-twice", "evaluate facts.jsonl rows.jsonl facts.jsonl");
    desk.cannot("evaluate-bad-copy", "evaluate facts.jsonl copy.jsonl");
    desk.cannot("evaluate-bad-dot", "evaluate facts.jsonl ./facts.jsonl --write-table my.toml");
    desk.cannot("evaluate-bad-twice-stdin", "evaluate - -");
    assert!(!desk.path("my.toml").exists());
}

#[test]
fn pictures_are_drawn() {
    let desk = desk();
    desk.put("other/facts.jsonl", facts() + &facts());
    let ran = writes(&desk, "evaluate facts.jsonl --svg pictures");
    assert!(ran.stderr.starts_with("wrote pictures: 3 pictures, ") && ran.stderr.ends_with(" kB\n"), "{}", ran.stderr);
    let names = ["facts-costs.svg", "facts-reliability-stillgood.svg", "facts-reliability-to-beat.svg"];
    assert_eq!(desk.names("pictures"), names);
    for name in names {
        let picture = desk.text(&format!("pictures/{name}"));
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
        assert!(!picture.contains("<script") && !picture.contains("url("), "{name}");
    }
    writes(&desk, "evaluate facts.jsonl other/facts.jsonl --svg both");
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
        ("list", format!("[{}]", fact.trim()).into()),
        ("byte-order-mark", format!("\u{feff}{fact}").into()),
        ("held-yes", format!("{}{}", row(true), row(true).replace("true", "\"yes\"")).into()),
        ("attribute-null", fact.replace("\"a\"", "null").into()),
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
    desk.cannot("evaluate-bad-both", "evaluate facts.jsonl --table my.toml --write-table my.toml");
    // Where all held, nothing can be ranked, and that is said.
    let all_held: String = (0..20).map(|n| row(true).replace("\"s\"", &format!("\"s{n}\""))).collect();
    desk.put("held.jsonl", all_held);
    desk.answers("evaluate-all-held", "evaluate held.jsonl");
}

#[test]
fn tables_that_are_none() {
    let desk = desk();
    writes(&desk, "evaluate facts.jsonl --write-table good.toml");
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
        ("rows", desk.bytes("rows.jsonl")),
        ("note", b"stillgood/survival/v1\n".into()),
        ("byte-order-mark", format!("\u{feff}{good}").into()),
        ("hidden", good.replacen("[made]", "[made] # \u{202e}", 1).into()),
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
